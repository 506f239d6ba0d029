package cli

import (
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/seedfile"
	"simrun/view"
)

// Flags of shrink.
type shrinkFlags struct {
	runs     int
	workers  int
	property string
	stay     bool
	out      string
	test     string // the file of a Go test; "": none is wanted
	json     bool
	progress string
	color    string
}

// shrink makes the command that makes a failing run small.
func (c *command) shrink() *cobra.Command {
	var f shrinkFlags
	cmd := &cobra.Command{
		Use:   "shrink TOKEN|FILE.seed",
		Short: "Make a failing run as small as it can be and still fail the same way",
		Long: "Looks for the smallest run that fails in the same way as the given one, on all cores: fewer nodes, operations, faults and events.\n" +
			"It leaves out what it can from the run, and looks at other runs of the scenario too. The result is a seed file whose plan\n" +
			"is spelt out and which needs no seed; it is printed, or written with --out. Below it stands what happens without each of its parts,\n" +
			"and a twin: the nearest run that passes. An interrupt keeps the smallest run so far.",
		Example: c.examples("shrink SCENARIO.seed", "shrink SCENARIO.seed --out small.seed", "shrink SCENARIO.seed --test small_test.go"),
		Args: func(_ *cobra.Command, args []string) error {
			if len(f.takesTest(args)) != 1 {
				return usage("shrink takes one token or one seed file, and got %d", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.doShrink(f.takesTest(args)[0], &f) },
	}
	cmd.Flags().IntVar(&f.runs, "runs", 0, "how many runs are made at most, and as many more to explain the result (default: as many as some seconds allow)")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many runs are made at once (default: one a core); the result does not depend on it")
	cmd.Flags().StringVar(&f.property, "property", "", "the property that is to fail (default: the one that the verdict is named after)")
	cmd.Flags().BoolVar(&f.stay, "stay", false, "only leave things out of the given run; do not look at others that fail the same way")
	cmd.Flags().StringVar(&f.out, "out", "", "write the seed file there, in the place of printing it")
	f.addTest(cmd)
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	addColour(cmd, &f.color)
	return cmd
}

// doShrink finds the mistakes of the command line, shrinks, and shows what it came to.
func (c *command) doShrink(arg string, f *shrinkFlags) error {
	if f.runs < 0 || f.workers < 0 {
		return usage("--runs and --workers are numbers from 0")
	}
	colour, err := wantColour(f.color, c.outFile)
	if err != nil {
		return err
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return err
	}
	if f.out != "" {
		if err := checkOut("out", f.out); err != nil {
			return err
		}
	}
	r, err := c.load(arg)
	if err != nil {
		return err
	}
	if err := f.checkTest(r.scenario); err != nil {
		return err
	}
	r.config.Only = f.property
	given, v, err := search.Explicit(r.scenario, r.config)
	switch {
	case err != nil && v.Events > 0:
		return &ending{exitDiverged, fmt.Sprintf("%s: %v", r.what(), err)}
	case err != nil:
		return usage("%s: %v", r.what(), err)
	case !search.Judge(v, f.property).Failed():
		return usage("%s does not fail: %s; there is nothing to shrink", r.what(), seedfile.Expected(v))
	}
	s, err := search.Shrink{Case: given, Property: f.property, Runs: f.runs, Workers: f.workers, Stay: f.stay, Progress: meter.showShrunk}.Run(c.ctx)
	meter.end()
	if err != nil {
		return &ending{exitUnknown, err.Error()}
	}
	if err := c.tellShrunk(&s, f, colour); err != nil {
		return err
	}
	if c.ctx.Err() != nil {
		c.warn("interrupted after %d runs: this is the smallest so far", s.Runs)
		return endAs(exitInterrupted)
	}
	return nil
}

// tellShrunk writes the seed file, and prints the run.
func (c *command) tellShrunk(s *search.Shrunk, f *shrinkFlags, colour bool) error {
	file := s.File()
	file.Comment = oneLine(s.Verdict.Why)
	again := file.Token()
	if f.out != "" {
		text := func(w io.Writer) error { _, err := io.WriteString(w, file.String()); return err }
		if _, err := view.WriteFile(f.out, text); err != nil {
			return &ending{exitUnknown, fmt.Sprintf("cannot write the seed file: %v", err)}
		}
		again = quoted(f.out)
	}
	source, run, err := c.printTest(s, f)
	if err != nil || f.test == toStdout && !f.json {
		return err
	}
	why, err := c.explain(s.Case, f.property, f.runs)
	if err != nil {
		return err
	}
	if f.json {
		c.printJSON(shrunkRecord{
			Explained: explainedRecordOf(why), Scenario: file.Scenario, Verdict: s.Verdict.Outcome.String(), Property: s.Verdict.Property, Why: s.Verdict.Why,
			Before: sizeOf(s.Before), After: sizeOf(s.After), Runs: s.Runs, Spent: s.Spent, Seconds: s.Elapsed.Seconds(), Seed: file.String(), Token: file.Token(), Test: source})
		return nil
	}
	cfg, err := file.Config(s.Case.Scenario)
	if err != nil {
		return err
	}
	m, err := c.stubborn().once(s.Case.Scenario, cfg, nil)
	if err != nil {
		return err
	}
	page := m.page(s.Case.Scenario, cfg)
	page.Replay, page.Colour = c.replayLine(again, false), colour
	if err := view.Report(c.out, page); err != nil {
		return err
	}
	fmt.Fprint(c.out, view.Wrap("  it was      ", s.Before.String()))
	fmt.Fprint(c.out, view.Wrap("  and is      ", s.After.String()))
	more := ""
	switch {
	case c.ctx.Err() != nil:
		more = "; it was interrupted, so there may be something smaller"
	case s.Spent:
		more = "; the budget was spent, so there may be something smaller"
	}
	fmt.Fprint(c.out, view.Wrap("  after       ", fmt.Sprintf("%s runs in %v%s", view.Number(uint64(s.Runs)), s.Elapsed.Round(100*time.Millisecond), more)))
	if why != nil {
		if err := c.tellExplained(s.Case, why); err != nil {
			return err
		}
	}
	if run != "" {
		fmt.Fprintf(c.out, "  test        %s\n", run)
	}
	if f.out == "" {
		fmt.Fprintf(c.out, "\n%s", file)
	}
	return nil
}

// A shrunkRecord is what shrink --json prints.
type shrunkRecord struct {
	Scenario string     `json:"scenario"`
	Verdict  string     `json:"verdict"`
	Property string     `json:"property"`
	Why      string     `json:"why"`
	Before   sizeRecord `json:"before"`
	After    sizeRecord `json:"after"`
	Runs     int        `json:"runs"`
	Spent    bool       `json:"spent"` // there may be something smaller
	Seconds  float64    `json:"elapsed_s"`
	Seed     string     `json:"seed_file"` // its text
	Token    string     `json:"token"`
	Test     string     `json:"test,omitempty"` // the source of a Go test, with --test

	Explained *explainedRecord `json:"explained,omitempty"` // not if it was interrupted
}

// A sizeRecord is how much there is to a run.
type sizeRecord struct {
	Faults int    `json:"faults"`
	Picks  int    `json:"picks"`
	Nodes  int    `json:"nodes"`
	Sent   uint64 `json:"sent"`
	Events uint64 `json:"events"`
	SimNS  int64  `json:"sim_ns"`
}

func sizeOf(s search.Size) sizeRecord {
	return sizeRecord{s.Faults, s.Picks, s.Nodes, s.Sent, s.Events, int64(s.Virtual)}
}

// showShrunk is called by a shrink that is under way.
func (m *meter) showShrunk(s search.Shrunk) {
	text := fmt.Sprintf("%s runs  %s: %v", view.Number(uint64(s.Runs)), s.Doing, s.After)
	switch {
	case s.Doing == "": // it has ended
	case m.style == "tty":
		fmt.Fprintf(m.w, "\r\x1b[K%s", shorten(text, m.width-1))
		m.drawn = true
	case m.style == "plain" && s.Elapsed-m.shown >= plainEvery:
		m.shown = s.Elapsed
		fmt.Fprintln(m.w, text)
	case m.style == "json" && s.Elapsed-m.shown >= jsonEvery:
		m.shown = s.Elapsed
		m.print(shrinkProgress{s.Runs, s.Doing, sizeOf(s.After), s.Elapsed.Seconds()})
	}
}

// A shrinkProgress is a line of --progress=json.
type shrinkProgress struct {
	Runs    int        `json:"runs"`
	Doing   string     `json:"doing"`
	Size    sizeRecord `json:"size"` // of the smallest run so far
	Seconds float64    `json:"elapsed_s"`
}
