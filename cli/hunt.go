package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"simrun/search"
	"simrun/sim"
)

// A hunt goes in four steps. All mistakes of the command line are found before the first run, the last
// of them by making a world that is thrown away: a hunt over night must not end in the morning with a
// misspelt property. Then package search makes the runs, and a meter shows on standard error how far
// they have come. Then what was found is printed, the same way whether the hunt came to its end, was
// interrupted, or met a run that could not be made. Last comes the exit code, where a hunt that tested
// nothing must not look like one that found nothing.

// Flags of hunt.
type huntFlags struct {
	worldFlags
	seeds     string
	length    time.Duration
	workers   int
	stopAfter int
	shard     string
	property  string
	json      bool
	progress  string
	color     string
	verify    int
	shrink    shrinkBudget
	save      string
	coverage  bool
}

// hunt makes the command that makes many runs.
func (c *command) hunt() *cobra.Command {
	var f huntFlags
	cmd := &cobra.Command{
		Use:   "hunt SCENARIO",
		Short: "Make many runs on all cores and report each distinct failure once",
		Long: "Makes the runs of a range of seeds and reports each distinct failure once, by its lowest seed, with the command that replays it.\n" +
			"Each is made small first, as by shrink, and told by the small run. The summary says what was tested: which faults happened, which properties judged, which states were reached.\n" +
			"The result does not depend on the number of workers. An interrupt ends the hunt and prints what was found.",
		Example: c.examples("hunt SCENARIO --seeds 0:20000", "hunt SCENARIO --stop-after 1 --save seeds", "hunt SCENARIO --for 10m --shard 2/4 --json"),
		Args:    oneScenario,
		RunE:    func(cmd *cobra.Command, args []string) error { return c.doHunt(cmd, args[0], &f) },
	}
	f.add(c, cmd)
	cmd.Flags().StringVar(&f.seeds, "seeds", "0:10000", "the seeds from A up to and without B, as `A:B`")
	cmd.Flags().DurationVar(&f.length, "for", 0, "stop after this much real time; without --seeds that alone is the limit")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many runs are made at once (default: one a core)")
	cmd.Flags().IntVar(&f.stopAfter, "stop-after", 0, "stop at the `K`-th failing seed (default: never)")
	cmd.Flags().StringVar(&f.shard, "shard", "", "make only part i of n of the seeds, as `i/n` from 1/n to n/n")
	cmd.Flags().StringVar(&f.property, "property", "", "count, stop at and tell apart failures of this property alone")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a distinct failure, and a last one that sums up")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	cmd.Flags().IntVar(&f.verify, "verify", 0, "make the run of one seed in `N` again, here and in another process, and see that it is the same")
	cmd.Flags().Var(&f.shrink, "shrink", "make each distinct failure small, in at most `N` runs each (default: some seconds each); 0 or false: do not")
	cmd.Flags().StringVar(&f.save, "save", "", "write a seed file of each distinct failure, made small, into the folder of the scenario in `DIR`")
	cmd.Flags().BoolVar(&f.coverage, "coverage", false, "list all that was reached: in which phases nodes handled which messages, and what never happened")
	addColour(cmd, &f.color)
	complete(cmd, "property", func(args []string) (names []string) {
		if s, err := c.scenario(args[0]); err == nil {
			for _, p := range properties(s) {
				names = append(names, p.Name)
			}
		}
		return names
	})
	return cmd
}

// doHunt finds all mistakes of the command line before the first run, hunts, and prints what was found
// whatever ended the hunt.
func (c *command) doHunt(cmd *cobra.Command, name string, f *huntFlags) error {
	s, err := c.scenario(name)
	if err != nil {
		return err
	}
	h, err := f.hunt(cmd, s)
	if err != nil {
		return err
	}
	colour, err := wantColour(f.color, c.outFile)
	if err != nil {
		return err
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return err
	}
	if err := tryWorld(s, h); err != nil {
		return err
	}
	if err := prepareSave(f.save, s.Name); err != nil {
		return err
	}
	h.Progress, h.Process = meter.show, c.self
	sum, err := h.Run(c.ctx)
	meter.end()
	all := c.makeSmall(&h, &sum, f.shrink, meter)
	unsaved := c.save(f.save, s.Name, all)
	if f.json {
		c.printHunt(&h, &sum, all)
	} else {
		c.tellHunt(&h, &sum, all, colour)
		c.tellCoverage(sum.Coverage, f.coverage)
	}
	if err != nil {
		c.warn("%v", err)
		return endAs(exitUnknown)
	}
	if unsaved != nil {
		return unsaved
	}
	return c.endHunt(&h, &sum)
}

// hunt turns the flags into a hunt.
func (f *huntFlags) hunt(cmd *cobra.Command, s *sim.Scenario) (h search.Hunt, err error) {
	h = search.Hunt{Scenario: s, For: f.length, Workers: f.workers, Property: f.property, StopAfter: f.stopAfter, Guard: f.verify, Cover: true}
	if h.Config, err = f.config(s); err != nil {
		return h, err
	}
	if err := f.checkPlan(s, h.Config); err != nil {
		return h, err
	}
	if err := positive(cmd, "for", f.length); err != nil {
		return h, err
	}
	if f.workers < 0 || f.stopAfter < 0 || f.verify < 0 {
		return h, usage("--workers, --stop-after and --verify are numbers from 0")
	}
	if h.From, h.To, err = parseSeeds(f.seeds); err != nil {
		return h, err
	}
	if f.length > 0 && !cmd.Flags().Changed("seeds") {
		h.From, h.To = 0, timedSeeds
	}
	sh, err := parseShard(f.shard)
	if err != nil {
		return h, err
	}
	h.From, h.To = sh.of(h.From, h.To)
	if h.From == h.To {
		return h, usage("--shard %s has no seeds: there are fewer seeds than shards", f.shard)
	}
	return h, nil
}

// timedSeeds is where a hunt ends that is limited by time: beyond what any will reach.
const timedSeeds = 1<<64 - 1

// tryWorld finds out whether the configuration makes a world that has the property, before many workers
// find out that it does not.
func tryWorld(s *sim.Scenario, h search.Hunt) error {
	h.Config.Seed, h.Config.Only = h.From, h.Property
	w, err := s.World(h.Config)
	if err != nil {
		return usage("%v", err)
	}
	w.Close()
	return nil
}

// endHunt ends as what was found asks for, and says on standard error what would otherwise look green.
func (c *command) endHunt(h *search.Hunt, sum *search.Summary) error {
	// From the least to the gravest: what comes later has the last word.
	code := exitOK
	if sum.Unknown > 0 {
		code = exitUnknown
	}
	for _, k := range sum.NeverFired() {
		c.warn("%v was possible in %d runs and never happened: the hunt did not test it", k, sum.Enabled[k])
		code = exitUnknown
	}
	judged := uint64(0)
	for _, check := range sum.Checks {
		judged += check.Checks
		if check.Name == h.Property && check.Checks == 0 {
			c.warn("%s never judged: the hunt did not test it", check.Name)
			code = exitUnknown
		}
	}
	if judged == 0 {
		c.warn("no property judged anything in %d runs: the hunt tested nothing", sum.Runs)
		code = exitUnknown
	}
	if sum.NotElsewhere != nil {
		c.warn("no run was made in another process: %v", sum.NotElsewhere)
	}
	if sum.Violated+sum.Stalled > 0 {
		code = exitFailed
	}
	if len(sum.Diverged) > 0 {
		c.warn("the same run made twice differs: %v%s", sum.Diverged[0], more(len(sum.Diverged)-1))
		code = exitDiverged
	}
	if sum.Interrupted {
		c.warn("interrupted after %d runs", sum.Runs)
		code = exitInterrupted
	} else if c.ctx.Err() != nil {
		c.warn("interrupted while failures were made small")
		code = exitInterrupted
	}
	return endAs(code)
}

// more ends a sentence that names one seed of several.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; and %d more seeds", n)
}
