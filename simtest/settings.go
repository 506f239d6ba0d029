package simtest

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"time"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// Settings are what the options of a test say. They are exported for packages that offer other tests of
// a scenario, such as rapidtest.
type Settings struct {
	Runs     int      // how many seeds; 0: 200
	Faults   string   // the name of a fault.Profile; "": the default one
	Plan     string   // the plan of every run, in the place of what the profile draws; "": none
	Set      []string // the scenario's options, as name=value
	Seeds    []string // folders that hold <scenario>/*.seed; nil: seeds here and in the root of the module
	Property string   // fail by this property alone; "": by each
	Command  string   // what starts a command made with cli.Main that has the scenario; "": not known
}

// An Option changes what a test does.
type Option func(*Settings)

// Runs says how many seeds a test tries, unless a flag does.
func Runs(n int) Option { return func(x *Settings) { x.Runs = n } }

// Faults names the profile that draws the faults: see fault.Profiles. A flag wins over it.
func Faults(profile string) Option { return func(x *Settings) { x.Faults = profile } }

// Plan gives every run this plan of faults, in the place of what a profile draws: see package fault for
// its lines. Seeds decide all else that is open.
func Plan(text string) Option { return func(x *Settings) { x.Plan = text } }

// Set sets options of the scenario, each as name=value. It adds to what earlier ones set.
func Set(settings ...string) Option {
	return func(x *Settings) { x.Set = append(x.Set, settings...) }
}

// Seeds names the folders in which a folder named after the scenario holds seed files, relative to the
// package. It is an error if there are none. Without any folder, Seeds() means that no seed file is run.
func Seeds(folders ...string) Option {
	return func(x *Settings) { x.Seeds = append([]string{}, folders...) }
}

// Property lets the test fail by one property alone. Seed files are still judged by what they expect.
func Property(name string) Option { return func(x *Settings) { x.Property = name } }

// Command says what starts a command, made with cli.Main, that has the scenario: "go run ./cmd/counter".
// A failure then ends with commands of it that can be pasted; without it they are of go test.
func Command(line string) Option { return func(x *Settings) { x.Command = line } }

// Gather returns what all the options say together.
func Gather(opts ...Option) Settings {
	var x Settings
	for _, o := range opts {
		o(&x)
	}
	return x
}

// Config returns the configuration of a run of s, without a seed. The error says which setting s does
// not take, or that it has no such property, and what would be right.
func (x *Settings) Config(s *sim.Scenario) (sim.Config, error) {
	o, err := s.ParseOptions(x.Set)
	if err != nil {
		return sim.Config{}, err
	}
	if x.Faults != "" {
		p, err := fault.FindProfile(x.Faults)
		if err != nil {
			return sim.Config{}, err
		}
		x.Faults = p.Name
	}
	cfg := sim.Config{Options: o, Faults: x.Faults}
	if x.Plan != "" {
		plan, err := fault.Parse(x.Plan)
		if err != nil {
			return sim.Config{}, fmt.Errorf("simtest: Plan: %w", err)
		}
		cfg.Plan = &plan
	}
	if x.Property == "" && cfg.Plan == nil {
		return cfg, nil
	}
	// A test by a property that nobody judges would be green whatever happens. A world knows its properties.
	w, err := s.World(sim.Config{Options: o, Plan: cfg.Plan, Only: x.Property})
	if err != nil {
		return sim.Config{}, err
	}
	w.Close()
	return cfg, nil
}

// Replay returns the command that makes the run of a token again, as far as it is known.
func (x *Settings) Replay(token string) string {
	if x.Command == "" {
		return token + " (for the replay command of any program made with cli.Main)"
	}
	return x.Command + " replay " + token
}

// orders are what flags and the environment say.
type orders struct {
	base   uint64
	random bool // base was drawn
	runs   int  // 0: not said
	length time.Duration
	faults string
	trace  bool
	loud   bool
	verify int // one seed in so many is guarded; -1: not said
	shrink int // failing runs are made small in so many runs; 0: they are not; -1: not said
	again  *written
	html   string // the file to draw into
	test   string // the file to write a test into
}

func init() {
	flag.String("sim.seed", "", "sim: the first `seed`, decimal or 0x, or random (default 0)")
	flag.String("sim.runs", "", "sim: how `many` seeds (default 200, or what the test asks for; a fifth with -short)")
	flag.String("sim.for", "", "sim: go on with seeds for that much real `time`")
	flag.String("sim.faults", "", "sim: the `profile` that draws the faults")
	flag.String("sim.verify", "", "sim: let the guard check one seed in `N` (0: none)")
	flag.String("sim.shrink", "", "sim: make failing runs small in at most `N` runs each (default: as many as some seconds allow; 0: do not)")
	flag.String("sim.replay", "", "sim: make the run of a `token or seed file`, and no other")
	flag.String("sim.html", "", "sim: draw the first run that is shown into a `file` for a browser")
	flag.String("sim.test", "", "sim: write the first failing run that is shown down as a Go test, into a new `file` that ends in _test.go")
	flag.Bool("sim.trace", false, "sim: list all events of each run that is shown")
	flag.Bool("sim.v", false, "sim: tell more of each run that is shown, and of all together")
}

// readOrders reads flags and environment. It must be called within a test: go test notes which variables
// a test reads, and does not serve a cached pass when one of them has changed.
func readOrders() (o orders, err error) {
	given := make(map[string]bool)
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	read := func(name string, parse func(string) error) {
		text, source := flag.Lookup("sim."+name).Value.String(), "-sim."+name
		if twin := "SIM_" + strings.ToUpper(name); !given["sim."+name] {
			text, source = os.Getenv(twin), twin
		}
		if text == "" || err != nil {
			return
		}
		if e := parse(text); e != nil {
			err = fmt.Errorf("%s=%s: %w", source, text, e)
		}
	}
	read("seed", o.readSeed)
	read("runs", func(s string) (e error) { o.runs, e = parseCount(s); return e })
	read("for", func(s string) (e error) { o.length, e = parseLength(s); return e })
	read("faults", func(s string) error { o.faults = s; _, e := fault.FindProfile(s); return e })
	o.verify, o.shrink = -1, -1
	read("verify", func(s string) (e error) { o.verify, e = parseFromZero(s); return e })
	read("shrink", func(s string) (e error) { o.shrink, e = parseFromZero(s); return e })
	read("replay", func(s string) (e error) { o.again, e = readWritten(s); return e })
	read("html", func(s string) error { o.html = s; return view.CheckFile(s) })
	read("test", func(s string) error { o.test = s; return checkTest(s) })
	read("trace", func(s string) (e error) { o.trace, e = parseYes(s); return e })
	read("v", func(s string) (e error) { o.loud, e = parseYes(s); return e })
	return o, err
}

func (o *orders) readSeed(text string) (err error) {
	if text == "random" {
		o.random, o.base = true, rand.Uint64()>>32 // short to type, and room for a long campaign
		return nil
	}
	if o.base, err = seedfile.ParseSeed(text); err != nil {
		err = errors.New(err.Error() + ", or random")
	}
	return err
}

func parseFromZero(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, errors.New("want a whole number from 0")
	}
	return n, nil
}

func parseCount(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("want a whole number from 1")
	}
	return n, nil
}

func parseLength(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return 0, errors.New("want a duration such as 30s")
	}
	return d, nil
}

func parseYes(text string) (bool, error) {
	if yes, err := strconv.ParseBool(text); err == nil {
		return yes, nil
	}
	return false, errors.New("want true or false")
}

// flagsAgain are the flags that a command needs to make the same run as this one, and to tell the same of it.
func (o *orders) flagsAgain() (list []string) {
	if o.faults != "" {
		list = append(list, "-sim.faults="+o.faults)
	}
	if o.shrink >= 0 {
		list = append(list, fmt.Sprintf("-sim.shrink=%d", o.shrink))
	}
	return list
}
