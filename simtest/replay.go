package simtest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unicode"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/steps"
	"simrun/view"
)

// A test can make one run again, draw it for a browser and write it down as a test of its own: for modules that have no command with the scenario.

// A written is a run as -sim.replay says it.
type written struct {
	name string // as it was said
	path string // of a file; "" for a token
	file seedfile.File
}

// readWritten reads a token, or a seed file if there is one of that name.
func readWritten(text string) (*written, error) {
	r := &written{name: text}
	raw, err := os.ReadFile(text)
	switch {
	case err == nil:
		if r.path, err = filepath.Abs(text); err == nil {
			r.file, err = seedfile.Parse(string(raw))
		}
	case strings.HasSuffix(text, ".seed") || strings.ContainsRune(text, filepath.Separator):
		err = errors.Unwrap(err)
	default:
		r.file, err = seedfile.ParseToken(text)
	}
	return r, err
}

// replay makes the run that was written down and nothing else. It is shown as it is, unless -sim.shrink asks for a small one, and the test fails
// if the run does. What a test of another scenario is told concerns another test.
func (c *check) replay(again *written) {
	t := c.t
	if again.file.Scenario != c.scenario.Name {
		fmt.Fprintf(t.Output(), "-sim.replay is a run of scenario %s, and this is a test of %s: it makes no run\n", again.file.Scenario, c.scenario.Name)
		return
	}
	cfg, err := again.file.Config(c.scenario)
	if err != nil {
		t.Fatal(err)
	}
	if c.orders.shrink < 0 {
		c.orders.shrink = 0
	}
	r, err := c.make(cfg)
	if err == nil && again.file.Recorded() && again.file.Hash != r.verdict.Hash {
		cfg.Driver = chance.NewOverrides(nil, again.file.Tape)
		r, err = c.make(cfg)
		r.tape = again.path
	}
	if err != nil {
		t.Fatal(err)
	}
	switch was := again.file.Hash; was {
	case 0:
	case r.verdict.Hash:
		fmt.Fprintln(t.Output(), "exact: every event as it was")
	default:
		why := ""
		if again.file.Changed() {
			why = ": the file was changed or cut short since it was written"
		}
		fmt.Fprintf(t.Output(), "NOT the same run: its hash was %016x and is %016x%s\n", was, r.verdict.Hash, why)
	}
	c.reportSeed(t, &r, nil)
}

// taken are the files that runs were written into: a file has room for one.
var taken sync.Map

// take reports whether a file is wanted, and is not taken yet by another run.
func take(t *testing.T, file string) bool {
	if file == "" {
		return false
	}
	_, other := taken.LoadOrStore(file, t.Name())
	return !other
}

// tellFile says where a file was written: go test runs tests in the folder of their package.
func tellFile(t *testing.T, what, name string) {
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	fmt.Fprintf(t.Output(), "%-8s %s\n", what+":", name)
}

// draw draws a run that is shown, if -sim.html asks for it and no other was drawn.
func (c *check) draw(t *testing.T, r *run) {
	if !take(t, c.orders.html) {
		return
	}
	trace, err := c.record(t, r)
	var page view.Page
	if err == nil {
		page, err = c.page(t, r)
	}
	if err == nil {
		_, err = view.WriteFile(c.orders.html, func(w io.Writer) error { return view.HTML(w, trace, page) })
	}
	if err != nil {
		fail(t, fmt.Sprintf("-sim.html: cannot draw the run: %v", err))
		return
	}
	tellFile(t, "drawn", c.orders.html)
}

// mostBeside is how many events a run may have of which a page shows what it needs in order to fail, and a twin.
const mostBeside = 20_000

// page is what a page says of a run beside the run: of a failing one what it needs, and the nearest that passes.
func (c *check) page(t *testing.T, r *run) (page view.Page, err error) {
	page.Replay = c.commands(r)[0].line
	if r.needs == nil && r.verdict.Events <= mostBeside && search.Judge(r.verdict, c.settings.Property).Failed() {
		// A run that cannot be spelt out is drawn all the same.
		if k, _, err := search.Explicit(c.scenario, r.config); err == nil {
			needs, err := k.Explain(t.Context(), c.settings.Property, 0)
			if err != nil {
				return page, err
			}
			r.needs = &needs
		}
	}
	if r.needs == nil {
		return page, nil
	}
	for _, w := range r.needs.Without {
		page.Without = append(page.Without, view.Without{What: w.Changed(), Says: w.Says, Needs: w.Needed})
	}
	if twin := r.needs.Twin; twin != nil && twin.Verdict.Events <= 2*mostBeside {
		page.Differs = twin.Differs
		if !twin.Passes || twin.Verdict.Outcome != sim.OK {
			page.Differs += " (" + twin.Says + ")"
		}
		page.Twin, err = view.Record(t.Context(), twin.Case.Scenario, twin.Case.Ready(), view.Window{})
	}
	return page, err
}

// checkTest refuses a file that can be no new test, before there is a run to write into it.
func checkTest(file string) error {
	if _, err := steps.PackageOf(file); err != nil {
		return err
	}
	if _, err := os.Lstat(file); err == nil {
		return errors.New("there is such a file: want the name of a new one")
	}
	return view.CheckFile(file)
}

// writeTest writes a failing run that is shown down as a Go test, if -sim.test asks for it and no other was.
func (c *check) writeTest(t *testing.T, r *run) {
	if !search.Judge(r.verdict, c.settings.Property).Failed() || r.differs != nil || !take(t, c.orders.test) {
		return
	}
	source, err := c.source(r)
	if err == nil {
		_, err = view.WriteFile(c.orders.test, func(w io.Writer) error { _, err := io.WriteString(w, source); return err })
	}
	if err != nil {
		fail(t, fmt.Sprintf("-sim.test: cannot write the test: %v", err))
		return
	}
	tellFile(t, "written", c.orders.test)
}

// source is the source of a test that fails as the run does.
func (c *check) source(r *run) (string, error) {
	cfg := r.config
	cfg.Only = c.settings.Property // what is judged may be seen before the run ends
	k, _, err := search.Explicit(c.scenario, cfg)
	if err != nil {
		return "", err
	}
	pkg, err := steps.PackageOf(c.orders.test)
	if err != nil {
		return "", err
	}
	return steps.Test{Case: k, Property: c.settings.Property, Package: pkg, Name: steps.NameOf(c.orders.test)}.Source()
}

// A pasted is a command that can be pasted, under a word for what it is good for.
type pasted struct{ what, line string }

// commands are what to do with a run that was shown: those of the command that has the scenario, or of go test.
func (c *check) commands(r *run) []pasted {
	token := c.token(r)
	again := c.goTest(anchored(c.t.Name())) + " -sim.replay=" + token
	list := []pasted{{"replay", again}, {"look", again + " -sim.html=run.html"}}
	if c.settings.Command != "" {
		list = []pasted{
			{"replay", c.settings.Command + " replay " + token},
			{"look", c.settings.Command + " show " + token + " --out run.html"},
		}
	}
	if c.fuzzing { // a test that takes no flags
		list[0].line = c.settings.Replay(token)
		if c.settings.Command == "" {
			list = list[:1]
		}
		return list
	}
	j := search.Judge(r.verdict, c.settings.Property)
	if _, err := steps.Expression(c.scenario); err == nil && j.Failed() && r.tape == "" {
		list = append(list, pasted{"test", again + " -sim.test=" + testFile(c.scenario.Name, j.Property)})
	}
	return list
}

// anchored is the pattern of -run for a test of that name and no other.
func anchored(test string) string {
	var names []string
	for _, name := range strings.Split(test, "/") {
		names = append(names, "^"+regexp.QuoteMeta(name)+"$")
	}
	return strings.Join(names, "/")
}

// testFile is a name for a file with a test of a run in which the property fails.
func testFile(scenario, property string) string {
	word := func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return '_'
	}
	return strings.Map(word, scenario+"_"+property) + "_fails_test.go"
}

// tellCommands writes them down.
func (c *check) tellCommands(w io.Writer, r *run) {
	for _, p := range c.commands(r) {
		fmt.Fprintf(w, "%-8s %s\n", p.what+":", p.line)
	}
}

// goTest is the command that runs what a pattern matches: the package first, flags of this package last.
func (c *check) goTest(pattern string) string {
	return "go test " + buildTags() + testedPackage() + " -run '" + strings.ReplaceAll(pattern, "'", `'\''`) + "'"
}
