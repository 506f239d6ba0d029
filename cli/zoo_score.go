package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
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
	runs     int
	budget   uint64
	workers  int
	log      string
	markdown string
	svg      string
	json     bool
	progress string
	shrink   bool
	without  []string
}

// zooScore makes the command that measures how soon bugs are found.
func (c *command) zooScore() *cobra.Command {
	var f scoreFlags
	cmd := &cobra.Command{
		Use:   "score",
		Short: "Measure how many seeds it takes to find each bug",
		Long: "Tries each bug in several ranges of seeds that do not overlap. A range ends when the bug is seen from outside. Printed are the median of seeds until an inner property\n" +
			"complains and until an outer one does, with an interval that holds the true one nine times in ten, and what nine ranges in ten need.\n" +
			fmt.Sprintf("A bug that takes more than a fifth of the budget is tried in %d ranges and marked with a star. The result is the same whatever the workers.\n", zoo.Few) +
			"With --log, what was done is kept as it is done: an interrupted score goes on where it was, as long as the program is the same.\n" +
			"Inner none means that a user sees the bug first. A patch that is said to be masked and is found ends the command with 1.",
		Example: "  " + c.name + " zoo score --runs 5 --bugs paxos\n  " + c.name + " zoo score --log score.jsonl --markdown score.md --svg score.svg",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return c.doScore(&f) },
	}
	cmd.Flags().StringSliceVar(&f.bugs, "bugs", nil, "the bugs, by `name` or folder, with commas between them (default: all)")
	cmd.Flags().StringSliceVar(&f.profiles, "profiles", nil, "the `profiles` that draw the faults, with commas between them; each is compared with the first (default: what a bug's header names, else swarm)")
	cmd.Flags().IntVar(&f.runs, "runs", 20, "in how many ranges of seeds each bug is tried")
	cmd.Flags().Uint64Var(&f.budget, "budget", 100_000, "how many seeds a range has")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many ranges are tried at once (default: one a core)")
	cmd.Flags().StringVar(&f.log, "log", "", "keep results in a `file`, and do not try again what is in it")
	cmd.Flags().StringVar(&f.markdown, "markdown", "", "write the table into a `file`, in Markdown; if it is there and has a line <!-- score -->, between that and <!-- /score -->")
	cmd.Flags().StringVar(&f.svg, "svg", "", "draw the scores into a `file`, as SVG")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a bug and profile")
	cmd.Flags().StringVar(&f.progress, "progress", "auto", "progress on standard error: auto, tty, plain, json or none")
	cmd.Flags().BoolVar(&f.shrink, "shrink", true, "make the first failure of each bug small")
	addWithout(cmd, &f.without)
	return cmd
}

// doScore finds what is wrong with the command line, compiles the bugs, and measures.
func (c *command) doScore(f *scoreFlags) error {
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	campaign := zoo.Campaign{Profiles: f.profiles, Ranges: f.runs, Budget: f.budget, Workers: f.workers, Key: b.Key}
	if campaign.Workers <= 0 {
		campaign.Workers = runtime.GOMAXPROCS(0)
	}
	if err := c.checkScore(f, z, &campaign); err != nil {
		return err
	}
	if campaign.Without, err = c.unheard(f.without, campaign.Bugs); err != nil {
		return err
	}
	log, err := openLog(f.log, &campaign)
	if err != nil {
		return err
	}
	meter, err := newMeter(f.progress, c.err)
	if err != nil {
		return err
	}
	s := &scorer{c: c, builder: b, programs: make(map[string]string)}
	campaign.Try = s.try
	if f.shrink && len(f.without) == 0 { // a run is made small by what all properties say of it
		campaign.Shrink = s.shrink
	}
	campaign.Done = log.add
	began := time.Now()
	campaign.Progress = func(done, total int, r *zoo.Result) { meter.showScore(done, total, time.Since(began), r) }
	scores, err := campaign.Run(c.ctx)
	meter.end()
	if e := log.close(); e != nil && err == nil {
		err = &ending{exitUnknown, e.Error()}
	}
	if e := c.tellScores(scores, f); e != nil && err == nil {
		err = e
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
	for flag, file := range map[string]string{"markdown": f.markdown, "svg": f.svg} {
		if file != "" {
			if err := checkOut(flag, file); err != nil {
				return err
			}
		}
	}
	wanted := func(b *zoo.Bug) bool { return len(f.bugs) == 0 }
	if len(f.bugs) > 0 {
		names := make(map[string]bool)
		for _, name := range f.bugs {
			found := 0
			for _, b := range z {
				if in, _, _ := strings.Cut(b.Name, "/"); in == name {
					names[b.Name] = true
					found++
				}
			}
			if found > 0 {
				continue
			}
			b, err := c.findBug(z, name)
			if err != nil {
				return err
			}
			names[b.Name] = true
		}
		wanted = func(b *zoo.Bug) bool { return names[b.Name] }
	}
	for _, b := range z {
		if !wanted(b) {
			continue
		}
		if _, err := c.scenario(b.Scenario); err != nil {
			return usage("the bug %s is shown by scenario %q, which this program does not have", b.Name, b.Scenario)
		}
		campaign.Bugs = append(campaign.Bugs, b)
	}
	if len(campaign.Bugs) == 0 {
		_, err := c.findBug(z, "")
		return err
	}
	return nil
}

// tellScores prints the scores and writes the files.
func (c *command) tellScores(scores []zoo.Score, f *scoreFlags) error {
	if len(scores) == 0 {
		return nil
	}
	if f.json {
		for i := range scores {
			c.printJSON(recordOfScore(&scores[i]))
		}
	} else {
		if err := zoo.Table(c.out, scores, f.budget); err != nil {
			return err
		}
		c.tellComparisons(scores, f.budget)
	}
	for file, write := range map[string]func(io.Writer) error{
		f.markdown: func(w io.Writer) error {
			return intoPage(w, f.markdown, "score", func(w io.Writer) error { return zoo.Markdown(w, scores, f.budget) })
		},
		f.svg: func(w io.Writer) error { return zoo.Plot(w, scores, f.budget) },
	} {
		if file == "" {
			continue
		}
		if _, err := view.WriteFile(file, write); err != nil {
			return &ending{exitUnknown, fmt.Sprintf("cannot write %s: %v", file, err)}
		}
	}
	return nil
}

// tellComparisons prints how many bugs were found, and how profiles compare.
func (c *command) tellComparisons(scores []zoo.Score, budget uint64) {
	all, found, hard := 0, 0, false
	for i := range scores {
		hard = hard || scores[i].Hard
		if scores[i].Bug.Masked == "" && scores[i].Profile == scores[0].Profile {
			all++
			if scores[i].Found() {
				found++
			}
		}
	}
	fmt.Fprintf(c.out, "\n%d of %d bugs found in half of their ranges or more, of %s seeds each\n", found, all, view.Number(budget))
	if hard {
		fmt.Fprintf(c.out, "* takes long, so fewer ranges were tried\n")
	}
	for _, x := range zoo.Compare(scores, budget) {
		mark := ""
		switch {
		case x.AtLeast && x.AtMost:
			mark = "about "
		case x.AtLeast:
			mark = "at least "
		case x.AtMost:
			mark = "at most "
		}
		fmt.Fprintf(c.out, "%s takes %s%.2f times the seeds of %s, in the geometric mean of %d bugs\n", x.Second, mark, x.Ratio, x.First, x.Bugs)
	}
}

// intoPage writes a page: the old one with another text in a section, if it has the section, else the text alone.
func intoPage(w io.Writer, file, section string, write func(io.Writer) error) error {
	var text strings.Builder
	if err := write(&text); err != nil {
		return err
	}
	page := text.String()
	if old, err := os.ReadFile(file); err == nil {
		if whole, ok := zoo.Replace(string(old), section, page); ok {
			page = whole
		}
	}
	_, err := io.WriteString(w, page)
	return err
}
