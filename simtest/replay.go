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

	"simrun/seedfile"
	"simrun/sim/chance"
	"simrun/view"
)

// A test can make one run again, draw it and write it down, as the command does, for modules that have no such command.

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

// drawn are the files that runs were drawn into: a file has room for one.
var drawn sync.Map

// draw draws a run that is shown, if -sim.html asks for it and no other was drawn.
func (c *check) draw(t *testing.T, r *run) {
	if c.orders.html == "" {
		return
	}
	if _, other := drawn.LoadOrStore(c.orders.html, t.Name()); other {
		return
	}
	trace, err := c.record(t, r)
	var size int64
	if err == nil {
		page := view.Page{Replay: c.commands(r)[0].line}
		size, err = view.WriteFile(c.orders.html, func(w io.Writer) error { return view.HTML(w, trace, page) })
	}
	if err != nil {
		fail(t, fmt.Sprintf("-sim.html: cannot draw the run: %v", err))
		return
	}
	name := c.orders.html
	if full, err := filepath.Abs(name); err == nil {
		name = full
	}
	fmt.Fprintf(t.Output(), "drawn:   %s (%s events, %s bytes)\n", name, view.Number(r.verdict.Events), view.Number(uint64(size)))
}

// A pasted is a command that can be pasted, under a word for what it is good for.
type pasted struct{ what, line string }

// commands are what to do with a run that was shown: those of the command that has the scenario, or of go test.
func (c *check) commands(r *run) []pasted {
	token := c.token(r)
	if c.settings.Command != "" {
		return []pasted{
			{"replay", c.settings.Command + " replay " + token},
			{"look", c.settings.Command + " show " + token + " --out run.html"},
		}
	}
	again := c.goTest("^"+regexp.QuoteMeta(c.t.Name())+"$") + " -sim.replay=" + token
	return []pasted{{"replay", again}, {"look", again + " -sim.html=run.html"}}
}

// tellCommands writes them down.
func (c *check) tellCommands(w io.Writer, r *run) {
	for _, p := range c.commands(r) {
		fmt.Fprintf(w, "%-8s %s\n", p.what+":", p.line)
	}
}

// goTest is the command that runs what a pattern matches: the package first, flags of this package last.
func (c *check) goTest(pattern string) string {
	return "go test " + testedPackage() + " -run '" + strings.ReplaceAll(pattern, "'", `'\''`) + "'"
}
