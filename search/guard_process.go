package search

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"simrun/seedfile"
	"simrun/sim"
)

// A Process makes runs in another process: this program, started again with an order in its environment. A program that
// offers this asks [Ordered] first of all, and if so calls [Serve] and does nothing else.
//
// The other process has run nothing before, so it knows nothing of variables that outlive a run. Its environment can be
// another one: another time zone, language, home, user, number of processors and pace of the garbage collector, and none of
// the variables that a program can do without. A scenario must not notice.
type Process struct {
	Path string        // of the program
	Args []string      // all of them, the program's name first; nil: that name alone
	Env  []string      // variables to set there, as NAME=VALUE
	Most time.Duration // how long a run may take there; 0: five minutes
}

// Self is the process that this program would be with these arguments, which do not include its name.
func Self(args ...string) (*Process, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("search: cannot start this program again: %w", err)
	}
	return &Process{Path: path, Args: append([]string{os.Args[0]}, args...)}, nil
}

// errSlow is the end of a process that took too long.
var errSlow = errors.New("it took longer than its limit")

// orderVariable names the file with the order. The answer is written beside it.
const orderVariable = "SIM_GUARD"

// An order is what the other process is to do.
type order struct {
	Token       string // of the run
	Only        string
	CheckClones bool
	Times       int // how often, one run after the other
	Part        part
}

// Ordered reports whether this process was started by a [Process], and is to [Serve] it.
func Ordered() bool { return os.Getenv(orderVariable) != "" }

// Serve does what the process was started for, if it concerns one of these scenarios. Whoever has more than one place that
// knows scenarios calls it in each: one that does not know the scenario of the order does nothing.
func Serve(scenarios ...*sim.Scenario) error {
	// An interrupt from the keyboard reaches both processes. Whoever started this one ends it, and must not take its end for
	// a program that cannot do without the variables that it lacks.
	signal.Ignore(os.Interrupt)
	path := os.Getenv(orderVariable)
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("search: no order: %w", err)
	}
	var o order
	if err := json.Unmarshal(text, &o); err != nil {
		return fmt.Errorf("search: the order is not one: %w", err)
	}
	file, err := seedfile.ParseToken(o.Token)
	if err != nil {
		return fmt.Errorf("search: the order's run: %w", err)
	}
	for _, s := range scenarios {
		if s.Name != file.Scenario {
			continue
		}
		cfg, err := file.Config(s)
		if err != nil {
			return nil // a scenario of the same name with other options
		}
		cfg.Only, cfg.CheckClones = o.Only, o.CheckClones
		return answer(path, s, cfg, o)
	}
	return nil
}

// answer makes the runs and writes them down.
func answer(path string, s *sim.Scenario, cfg sim.Config, o order) error {
	runs := make([]recording, o.Times)
	for i := range runs {
		var err error
		if runs[i], err = record(context.Background(), s, cfg, o.Part); err != nil {
			return err
		}
	}
	text, err := json.Marshal(runs)
	if err == nil {
		err = os.WriteFile(path+".answer", text, 0o600)
	}
	return err
}

// make has runs made in another process, with these variables changed; the name alone removes one.
func (p *Process) make(ctx context.Context, s *sim.Scenario, cfg sim.Config, times int, of part, change []string) ([]recording, error) {
	run := seedfile.Of(s, cfg, sim.Verdict{})
	if cfg.Driver != nil && !run.Seedless {
		return nil, errors.New("search: a run that a driver decides cannot be made in another process")
	}
	dir, err := os.MkdirTemp("", "simguard")
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	defer os.RemoveAll(dir)
	o := order{run.Token(), cfg.Only, cfg.CheckClones, times, of}
	text, err := json.Marshal(o)
	path := filepath.Join(dir, "order")
	if err == nil {
		err = os.WriteFile(path, text, 0o600)
	}
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	said, err := p.start(ctx, slices.Concat(change, p.Env, []string{orderVariable + "=" + path, hurry()}))
	text, unread := os.ReadFile(path + ".answer")
	if unread != nil {
		if err == nil {
			err = errors.New("it has not come by the scenario")
		}
		return nil, fmt.Errorf("search: the other process made no run (%w)%s", err, gist(said))
	}
	var runs []recording
	if err := json.Unmarshal(text, &runs); err != nil || len(runs) != times {
		return nil, fmt.Errorf("search: the other process answers %d runs, not %d: %v", len(runs), times, err)
	}
	return runs, nil
}

// start runs the process to its end, and returns what it said.
func (p *Process) start(ctx context.Context, change []string) ([]byte, error) {
	most := p.Most
	if most == 0 {
		most = 5 * time.Minute
	}
	limit := fmt.Errorf("%w of %v", errSlow, most)
	ctx, stop := context.WithTimeoutCause(ctx, most, limit)
	defer stop()
	cmd := exec.CommandContext(ctx, p.Path)
	if p.Args != nil {
		cmd.Args = p.Args
	}
	cmd.Env = changed(os.Environ(), change)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx) // rather than that it was killed
	}
	return said.Bytes(), err
}

// gist is the line that says most of what a process said, behind a colon: what it panicked of, else the last one.
func gist(b []byte) string {
	text := strings.TrimSpace(string(b))
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	i := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, "panic: ") })
	if i < 0 {
		i = len(lines) - 1
	}
	return ": " + clip(lines[i], 200)
}

// changed is an environment with changes: NAME=VALUE sets a variable, NAME removes it.
func changed(env, changes []string) []string {
	for _, c := range changes {
		name, _, sets := strings.Cut(c, "=")
		env = slices.DeleteFunc(slices.Clone(env), func(v string) bool { n, _, _ := strings.Cut(v, "="); return n == name })
		if sets {
			env = append(env, c)
		}
	}
	return env
}

// needed are variables that a process may not start without, or that its tools need.
var needed = []string{"PATH", "SystemRoot", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "GOCOVERDIR", "GORACE", orderVariable}

// hurry is a variable that keeps a program built with the race detector from waiting for a second before it ends.
func hurry() string { return "GORACE=" + strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0") }

// perturbed has one run made in another environment, and returns the changes. A program may need variables to get as far as
// its scenarios, so if it makes no run without them it gets them back, and only the others are changed.
func (p *Process) perturbed(ctx context.Context, s *sim.Scenario, cfg sim.Config) (r recording, changes []string, err error) {
	changes = perturbation()
	runs, err := p.make(ctx, s, cfg, 1, part{}, changes)
	if err != nil && ctx.Err() == nil && !errors.Is(err, errSlow) {
		changes = slices.DeleteFunc(changes, func(c string) bool { return !strings.Contains(c, "=") })
		runs, err = p.make(ctx, s, cfg, 1, part{}, changes)
	}
	if err != nil {
		return r, nil, err
	}
	return runs[0], changes, nil
}

// perturbation lists the changes that make an environment as different as a program must bear.
func perturbation() []string {
	processors := 1
	if runtime.GOMAXPROCS(0) == 1 {
		processors = 2
	}
	list := []string{"TZ=Pacific/Chatham", "LANG=tr_TR.UTF-8", "LC_ALL=tr_TR.UTF-8", "HOME=/nonexistent", "USER=nobody", "LOGNAME=nobody",
		"HOSTNAME=elsewhere", fmt.Sprintf("GOMAXPROCS=%d", processors), "GOGC=13"}
	known := slices.Clone(needed)
	for _, c := range list {
		name, _, _ := strings.Cut(c, "=")
		known = append(known, name)
	}
	var gone []string
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); name != "" && !slices.Contains(known, name) {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return append(list, slices.Compact(gone)...)
}
