package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"simrun/sim/fault"
	"simrun/view"
	"simrun/zoo"
)

// A score is made by programs with bugs, one process a range of seeds, so that all cores are used and a program of one bug knows nothing of another. What a process
// does is the hidden command zoo trial. This process decides what is tried, and adds up.

// Flags of zoo score.
type scoreFlags struct {
	bugs     []string
	profiles []string
	strategy []string
	from     string
	save     string
	runs     int
	budget   uint64
	workers  int
	log      string
	markdown string
	svg      string
	json     bool
	progress string
	shrink   bool
	judging  judgingFlags
	coverage bool
}

// zooScore makes the command that measures how soon bugs are found.
func (c *command) zooScore() *cobra.Command {
	var f scoreFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Measure how many seeds it takes to find each bug",
		Long: "Tries each bug in several ranges of seeds that do not overlap. A range ends when the bug is seen from outside. Printed are the median of seeds until an inner property\n" +
			"complains and until an outer one does, with an interval that holds the true one nine times in ten, and what nine ranges in ten need. Inner none means that a user\n" +
			fmt.Sprintf("sees the bug first in half of the ranges at least. A bug that takes more than a fifth of the budget is tried in %d ranges, and no more once it is missed in %d of these; it is marked with a star.\n", zoo.Few, zoo.Few/2+1) +
			fmt.Sprintf("The first profile is the measure. Others are tried in %d of the same ranges, and in each no further than %d times its median: what takes more counts as that.\n", zoo.Few, zoo.Far) +
			"The result is the same whatever the workers, but for times. With --log, what was done is kept as it is done: an interrupted score goes on where it was, as long as\n" +
			"the program is the same. A patch that is said to be masked and is found ends the command with 1.",
		Example: "  " + c.name + " zoo score --runs 5 --bugs paxos\n  " + c.name + " zoo score --profiles swarm,uniform --log score.jsonl --save " + zoo.PublishedFile + "\n  " +
			c.name + " zoo score --from " + zoo.PublishedFile + " --svg score.svg",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := notEmpty(cmd, "bugs", "profiles", "strategy", "without", "weaken", "log", "from", "save", "markdown", "svg"); err != nil {
				return err
			}
			return c.doScore(&f, cmd.Flags().Changed)
		},
	}
	cmd.Flags().StringSliceVar(&f.bugs, "bugs", nil, "the bugs, by `name` or folder, with commas between them (default: all)")
	cmd.Flags().StringSliceVar(&f.profiles, "profiles", nil, "the `profiles` that draw the faults, with commas between them; each is compared with the first (default: what a bug's header names, else swarm)")
	cmd.Flags().StringSliceVar(&f.strategy, "strategy", nil, "`strategies` in the place of profiles, or beside those that are given, such as flp:20ms; see: "+c.name+" hunt --help")
	cmd.Flags().IntVar(&f.runs, "runs", 20, "in how many ranges of seeds each bug is tried")
	cmd.Flags().Uint64Var(&f.budget, "budget", 100_000, "how many seeds a range has")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many ranges are tried at once (default: one a core)")
	cmd.Flags().StringVar(&f.log, "log", "", "keep results in a `file`, and do not try again what is in it")
	cmd.Flags().StringVar(&f.from, "from", "", "try nothing: tell what is in a `file` that was written by --save")
	cmd.Flags().StringVar(&f.save, "save", "", "write the scores into a `file`, from which pages are made; what is there of other bugs stays. Of an interrupted score it is what was tried in enough ranges, and takes the place of nothing longer")
	cmd.Flags().StringVar(&f.markdown, "markdown", "", "write the table into a `file`, in Markdown; if it is there and has a line <!-- score -->, between that and <!-- /score -->")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw the scores into a `file`, as SVG")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a bug and profile")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	cmd.Flags().BoolVar(&f.shrink, "shrink", true, "make the first failure of each bug small")
	cmd.Flags().BoolVar(&f.coverage, "coverage", false, "also tell of each bug how much of the system's behaviour its runs reached")
	f.judging.add(cmd)
	return cmd
}

// notEmpty refuses flags that were given with nothing, as by a variable that is not set. To take that for the default would measure for hours what nobody has asked for.
func notEmpty(cmd *cobra.Command, flags ...string) error {
	for _, name := range flags {
		if x := cmd.Flags().Lookup(name); x.Changed && (x.Value.String() == "" || x.Value.String() == "[]") {
			return usage("--%s has no value: give one, or leave it out", name)
		}
	}
	return nil
}

// doScore finds what is wrong with the command line, compiles the bugs, measures, and tells.
func (c *command) doScore(f *scoreFlags, changed func(string) bool) error {
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	if f.from != "" {
		return c.scoreFrom(f, z, changed)
	}
	campaign := zoo.Campaign{Profiles: f.profiles, Ranges: f.runs, Budget: f.budget, Workers: f.workers}
	if campaign.Workers <= 0 {
		campaign.Workers = runtime.GOMAXPROCS(0)
	}
	if err := c.checkScore(f, z, &campaign); err != nil {
		return err
	}
	if !f.judging.whole() && f.save != "" {
		return usage("--save keeps what all properties say, and --without and --weaken are about what they are worth: give one of them")
	}
	s := &scorer{c: c, builder: b, programs: make(map[string]string)}
	if err := c.judging(&f.judging, s, &campaign); err != nil {
		return err
	}
	before, err := f.saved()
	if err != nil {
		return err
	}
	scores, err := c.measure(f, &campaign, s)
	about := zoo.Publish(scores, f.budget, f.runs, commitOf(b.Root))
	if e := c.tellScores(scores, about.About(), f); e != nil && err == nil {
		err = e
	}
	if f.save != "" && len(scores) > 0 && (err == nil || errors.Is(err, context.Canceled)) {
		if e := c.keep(f, before, about); e != nil {
			err = e
		}
	}
	if errors.Is(err, context.Canceled) {
		c.warn("interrupted: bugs that were not tried in all ranges have fewer")
		return endAs(exitInterrupted)
	}
	for i := range scores {
		if seen := scores[i].Unmasked(); seen != nil {
			c.warn("%s is said to be masked, and is not: %s complains of %s", scores[i].Bug.Name, seen.Property, seen.Token)
			if err == nil {
				err = endAs(exitFailed)
			}
		}
	}
	return err
}

// measure makes the trials.
func (c *command) measure(f *scoreFlags, campaign *zoo.Campaign, s *scorer) ([]zoo.Score, error) {
	log, err := openLog(f.log, campaign)
	if err != nil {
		return nil, err
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return nil, err
	}
	campaign.Try = s.try
	if f.shrink && f.judging.whole() { // a run is made small by what all properties say of it
		campaign.Shrink = s.shrink
	}
	campaign.Done = log.add
	began := time.Now()
	campaign.Progress = func(p zoo.Progress) { meter.showScore(p, time.Since(began)) }
	scores, err := campaign.Run(c.ctx)
	meter.end()
	if e := log.close(); e != nil && err == nil {
		err = &ending{exitUnknown, e.Error()}
	}
	return scores, err
}

// checkScore finds the bugs and checks numbers, profiles and files.
func (c *command) checkScore(f *scoreFlags, z zoo.Zoo, campaign *zoo.Campaign) error {
	if f.runs < 1 || f.budget < 1 || f.workers < 0 {
		return usage("--runs and --budget are numbers from 1, --workers from 0")
	}
	for _, p := range f.profiles {
		if _, err := fault.FindProfile(p); err != nil {
			return usage("%v", err)
		}
	}
	for _, strategy := range f.strategy {
		if _, err := (&worldFlags{strategy: strategy}).readStrategy(); err != nil {
			return err
		}
		campaign.Profiles = append(campaign.Profiles, zoo.Strategy+strategy)
	}
	if i := repeated(campaign.Profiles); i >= 0 {
		return usage("the profile %s is given twice", campaign.Profiles[i])
	}
	if err := f.checkFiles(); err != nil {
		return err
	}
	var err error
	if campaign.Bugs, err = c.wantedBugs(f.bugs, z); err != nil {
		return err
	}
	for _, b := range campaign.Bugs {
		if err := c.checkShown(b, f.strategy); err != nil {
			return err
		}
	}
	return nil
}

// repeated returns the index of the first word that stands before, or -1.
func repeated(words []string) int {
	for i, w := range words {
		if slices.Contains(words[:i], w) {
			return i
		}
	}
	return -1
}

// checkFiles finds out whether files can be written.
func (f *scoreFlags) checkFiles() error {
	for _, x := range [][2]string{{"markdown", f.markdown}, {"svg", f.svg}, {"save", f.save}} {
		if x[1] != "" {
			if err := checkOut(x[0], x[1]); err != nil {
				return err
			}
		}
	}
	return nil
}

// wantedBugs finds bugs by names and folders; without any it is all.
func (c *command) wantedBugs(names []string, z zoo.Zoo) (bugs []*zoo.Bug, err error) {
	wanted := make(map[string]bool)
	for _, name := range names {
		found := false
		for _, b := range z {
			if in, _, _ := strings.Cut(b.Name, "/"); in == name {
				wanted[b.Name], found = true, true
			}
		}
		if found {
			continue
		}
		b, err := c.findBug(z, name)
		if err != nil {
			return nil, err
		}
		wanted[b.Name] = true
	}
	for _, b := range z {
		if len(names) == 0 || wanted[b.Name] {
			bugs = append(bugs, b)
		}
	}
	if len(bugs) == 0 {
		_, err = c.findBug(z, "")
	}
	return bugs, err
}

// checkShown finds out whether this program has the scenario of a bug, and whether the strategies can be used with it.
func (c *command) checkShown(b *zoo.Bug, strategies []string) error {
	s, err := c.scenario(b.Scenario)
	if err != nil {
		return usage("the bug %s is shown by scenario %q, which this program does not have", b.Name, b.Scenario)
	}
	for _, strategy := range strategies {
		cfg, err := (&worldFlags{strategy: strategy, set: b.Set}).config(s)
		if err != nil {
			return err
		}
		w, err := s.World(cfg)
		if err != nil {
			return usage("--strategy %s with the bug %s: %v", strategy, b.Name, err)
		}
		w.Close()
	}
	return nil
}

// tellScores prints the scores and writes the files. About says of what they are.
func (c *command) tellScores(scores []zoo.Score, about string, f *scoreFlags) error {
	if len(scores) == 0 {
		return nil
	}
	if f.json {
		c.printScores(scores)
	} else {
		if err := zoo.Table(c.out, scores); err != nil {
			return err
		}
		fmt.Fprintln(c.out)
		for _, note := range zoo.Notes(scores) {
			fmt.Fprint(c.out, view.Wrap("", note))
		}
		c.tellReached(scores, f.coverage)
	}
	if f.markdown != "" {
		err := writeOut(f.markdown, func(w io.Writer) error {
			return intoPage(w, f.markdown, "score", func(w io.Writer) error { return zoo.Board(w, scores, about) })
		})
		if err != nil {
			return err
		}
	}
	if f.svg == "" {
		return nil
	}
	return writeOut(f.svg, func(w io.Writer) error { return zoo.Plot(w, scores) })
}

// writeOut writes a file; that it cannot be is how the command ends.
func writeOut(file string, write func(io.Writer) error) error {
	if _, err := view.WriteFile(file, write); err != nil {
		return &ending{exitUnknown, fmt.Sprintf("cannot write %s: %v", file, err)}
	}
	return nil
}
