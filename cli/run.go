package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/view"
)

// Flags of run.
type runFlags struct {
	worldFlags
	seed     string
	length   time.Duration
	events   bool
	json     bool
	color    string
	clones   bool
	corpus   bool
	verify   bool
	seedsDir string
	drawn    bool
	record   string
	html     string
	compare  string
	seeds    string
	files    map[string]*[]string // by flag, of scenarios that read files
}

// run makes the command that makes one run.
func (c *command) run() *cobra.Command {
	var f runFlags
	cmd := &cobra.Command{
		Use:     "run SCENARIO",
		Short:   "Make one run and report on it",
		Example: c.examples("run SCENARIO --seed 0x2a", "run SCENARIO --faults crash --events"),
		Args:    oneScenario,
		RunE:    func(cmd *cobra.Command, args []string) error { return c.doRun(cmd, args[0], &f) },
	}
	f.add(c, cmd)
	cmd.Flags().StringVar(&f.seed, "seed", "0", "the `number` that decides the run, decimal or 0x")
	cmd.Flags().DurationVar(&f.length, "for", 0, "how much virtual time the run takes (default: the scenario's own)")
	cmd.Flags().BoolVar(&f.events, "events", false, "print every event, one a line, before the report")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a line")
	addClones(cmd, &f.clones)
	addPlanAndRecord(cmd, &f.drawn, &f.record)
	cmd.Flags().StringVar(&f.html, "html", "", "draw the run into a `file` for a browser")
	cmd.Flags().BoolVar(&f.corpus, "corpus", false, "make the runs of the scenario's seed files instead, and see that each is as expected")
	cmd.Flags().StringVar(&f.seedsDir, "seeds-dir", "seeds", "where --corpus finds SCENARIO/*.seed")
	cmd.Flags().BoolVar(&f.verify, "verify", false, "then make the run again, here and in another process, and see that it is the same")
	addCompare(cmd, &f)
	addColour(cmd, &f.color)
	c.addFiles(cmd, &f)
	return cmd
}

// doRun reads the flags and makes the run, or those of the corpus.
func (c *command) doRun(cmd *cobra.Command, name string, f *runFlags) error {
	s, err := c.scenario(name)
	if err != nil {
		return err
	}
	if cmd.Flags().Changed("compare") {
		return c.doCompare(cmd, s, f)
	}
	if cmd.Flags().Changed("seeds") {
		return usage("--seeds is for --compare, or for hunt: a run has one --seed")
	}
	if f.corpus {
		return c.doCorpus(cmd, s, f)
	}
	cfg, err := f.config(s)
	if err != nil {
		return err
	}
	if cfg.Seed, err = parseSeed(f.seed); err != nil {
		return err
	}
	bare, err := f.readFiles(cmd, s, &cfg)
	if err != nil {
		return err
	}
	if err := positive(cmd, "for", f.length); err != nil {
		return err
	}
	if f.html != "" {
		if err := checkOut("html", f.html); err != nil {
			return err
		}
	}
	cfg.For, cfg.CheckClones = f.length, f.clones
	if err := f.checkPlan(s, cfg); err != nil {
		return err
	}
	if f.drawn {
		return c.printPlan(cmd, s, cfg)
	}
	if err := c.report(s, cfg, bare, f); err != nil && (!f.verify || !judged(err)) {
		return err
	} else if f.verify {
		return c.verified(s, cfg, f.json, err)
	}
	return nil
}

// report makes a run, prints it and ends as its verdict says. Bare is to print no more than the accounts of a run that is ok.
func (c *command) report(s *sim.Scenario, cfg sim.Config, bare bool, f *runFlags) error {
	colour, err := wantColour(f.color, c.outFile)
	if err != nil {
		return err
	}
	m, err := c.once(s, cfg, c.logger(f.events, f.json))
	if err != nil {
		return err
	}
	if err := c.record(f.record, s, cfg, &m); err != nil {
		return err
	}
	c.endEvents(f.events && !f.json, m.plan)
	token := seedfile.Of(s, cfg, m.verdict).Token()
	if f.html != "" && m.diverged == nil {
		if err := c.draw(s, cfg, &m, picture{replay: c.replayLine(token, cfg.CheckClones)}, formats[0], f.html); err != nil {
			return err
		}
	}
	switch {
	case f.json:
		c.printJSON(recordOf(s, cfg, &m, token))
	case bare && m.verdict.Outcome == sim.OK:
		c.printAccounts(m.verdict)
	default:
		page := m.page(s, cfg)
		page.Replay, page.Colour = c.replayLine(token, cfg.CheckClones), colour
		err = view.Report(c.out, page)
	}
	if err != nil {
		return err
	}
	if m.diverged != nil {
		c.tellDivergence(m.diverged, f.json)
		return diverged(m.diverged)
	}
	return endAs(codeOf(m.verdict.Outcome))
}

// logger returns what prints each event, or nil.
func (c *command) logger(events, asJSON bool) func(*sim.Event) {
	switch {
	case !events:
		return nil
	case asJSON:
		return func(e *sim.Event) { c.printJSON(eventRecordOf(e)) }
	}
	return func(e *sim.Event) { fmt.Fprintln(c.out, view.EventLine(e)) }
}

// replayLine is the command that makes a run again. A token says what happened in a run, not how closely
// it was looked at: that has a flag.
func (c *command) replayLine(token string, clones bool) string {
	line := c.program + " replay " + token
	if clones {
		line += " --" + clonesFlag
	}
	return line
}

// clonesFlag is the name of a flag that run and replay have in common.
const clonesFlag = "check-clones"

// addClones declares it.
func addClones(cmd *cobra.Command, clones *bool) {
	cmd.Flags().BoolVar(clones, clonesFlag, false, "copy nodes before each call and check that the copies share nothing")
}

// diverged is the ending of a command that made the same run twice and saw two runs.
func diverged(d *search.Divergence) error {
	if d.Within() {
		return &ending{exitDiverged, fmt.Sprintf("nodes share memory: %v", d)}
	}
	return &ending{exitDiverged, fmt.Sprintf("the same run made twice differs: %v", d)}
}
