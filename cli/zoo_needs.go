package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
	"simrun/zoo"
)

// Flags of zoo needs.
type needsFlags struct {
	faults  string
	hits    int
	times   int
	budget  uint64
	workers int
	json    bool
}

// zooNeeds makes the command that measures which faults bugs need.
func (c *command) zooNeeds() *cobra.Command {
	var f needsFlags
	cmd := &cobra.Command{
		Use:   "needs NAME ...",
		Short: "Measure which faults a bug needs, and compare that with what its header says",
		Long: "Tries a bug with all faults until some seeds have shown it, and then the same seeds and as many more as it takes without each group of faults. A bug needs a group\n" +
			"without which it does not show in many times the seeds, and a group helps or hinders it if it takes more seeds without, or fewer. What is told would come by\n" +
			"chance in less than one of " + fmt.Sprintf("%.0f", 1/zoo.ByChance) + " cases. The result is the same whatever the workers. Where the header says something else, the command ends with 1.",
		Example: "  " + c.name + " zoo needs paxos/promise-in-memory\n  " + c.name + " zoo needs paxos 2pc --json",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage("zoo needs takes the names of bugs, or folders; see: %s zoo list", c.name)
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return c.doNeeds(&f, args) },
	}
	cmd.Flags().StringVar(&f.faults, "faults", "", "the `profile` that draws all faults (default: what a bug's header names, else swarm)")
	completeProfile(cmd)
	cmd.Flags().IntVar(&f.hits, "hits", 10, "how many seeds that show a bug are enough, with all faults and without each group")
	cmd.Flags().IntVar(&f.times, "times", 30, "after how many times the seeds that one takes with all faults nothing that was seen is enough")
	cmd.Flags().Uint64Var(&f.budget, "budget", 20_000, "how many seeds are tried with all faults at most")
	cmd.Flags().IntVar(&f.workers, "workers", 0, "how many groups are tried at once (default: one a core)")
	cmd.Flags().BoolVar(&f.json, "json", false, "print one JSON object a bug")
	return cmd
}

// doNeeds measures bug by bug, and prints each when it is known.
func (c *command) doNeeds(f *needsFlags, args []string) error {
	if f.hits < 2 || f.times < 2 || f.budget < 1 || f.workers < 0 {
		return usage("--hits and --times are numbers from 2, --budget from 1, --workers from 0")
	}
	if f.faults != "" {
		p, err := fault.FindProfile(f.faults)
		if err != nil {
			return usage("%v", err)
		}
		f.faults = p.Name
	}
	z, b, err := c.openZoo()
	if err != nil {
		return err
	}
	campaign := zoo.Campaign{}
	if err := c.checkScore(&scoreFlags{bugs: args, runs: 1, budget: 1}, z, &campaign); err != nil {
		return err
	}
	s := &scorer{c: c, builder: b, programs: make(map[string]string)}
	differs := false
	for _, bug := range campaign.Bugs {
		n := zoo.Need{Bug: bug, Profile: f.faults, Hits: f.hits, Times: f.times, Budget: f.budget, Workers: f.workers, Try: s.try, Draws: c.drawsElse}
		if n.Workers == 0 {
			n.Workers = runtime.GOMAXPROCS(0)
		}
		if bug.Masked != "" {
			c.warn("%s is masked: nobody ever sees it, whatever the faults", bug.Name)
			continue
		}
		needs, err := n.Run(c.ctx)
		if errors.Is(err, context.Canceled) {
			return endAs(exitInterrupted)
		}
		if e := new(ending); err != nil && !errors.As(err, &e) {
			err = usage("%s: %v", bug.Name, err)
		}
		if err != nil {
			return err
		}
		differs = differs || len(needs.Differs) > 0
		c.tellNeeds(needs, f)
	}
	if differs {
		return endAs(exitFailed)
	}
	return nil
}

// plansCompared is how many seeds are looked at before it is said that two profiles draw the same.
const plansCompared = 300

// drawsElse reports whether two profiles draw another plan for some seed.
func (c *command) drawsElse(b *zoo.Bug, one, other string) (bool, error) {
	s, err := c.scenario(b.Scenario)
	if err != nil {
		return false, err
	}
	for seed := range uint64(plansCompared) {
		var plans [2]string
		for i, profile := range []string{one, other} {
			w := worldFlags{faults: profile, set: b.Set}
			cfg, err := w.config(s)
			if err != nil {
				return false, err
			}
			cfg.Seed = seed
			if plans[i], err = planOf(s, cfg); err != nil {
				return false, usage("%s: %v", b.Name, err)
			}
		}
		if plans[0] != plans[1] {
			return true, nil
		}
	}
	return false, nil
}

// planOf is the plan of a run that is not made.
func planOf(s *sim.Scenario, cfg sim.Config) (string, error) {
	w, err := s.World(cfg)
	if err != nil {
		return "", err
	}
	defer w.Close()
	return w.Plan().String(), nil
}

// tellNeeds prints what a bug needs.
func (c *command) tellNeeds(n *zoo.Needs, f *needsFlags) {
	if f.json {
		c.printJSON(recordOfNeeds(n, f))
		return
	}
	all := fmt.Sprintf("%d of %s seeds show it under %s", n.All.Hits, view.Number(n.All.Seeds), n.Profile)
	fmt.Fprint(c.out, view.Wrap(n.Bug.Name+"  ", all))
	if n.All.Hits == 0 {
		fmt.Fprint(c.out, "  so nothing can be told of what it needs\n")
		return
	}
	for i := range n.Parts {
		p := &n.Parts[i]
		fmt.Fprint(c.out, view.Wrap(fmt.Sprintf("  %-14s %-10s ", p.Group.Name, p.Finding), rateText(n, p)))
	}
	text := n.Bug.NeedsText()
	if len(n.Differs) == 0 {
		text += ", as measured"
	}
	fmt.Fprint(c.out, view.Wrap("  header         ", text))
	for _, d := range n.Differs {
		fmt.Fprint(c.out, view.Wrap("  differs        ", d))
	}
}

// rateText says how often seeds show a bug without a group of faults.
func rateText(n *zoo.Needs, p *zoo.Part) string {
	switch {
	case p.Finding == zoo.NotDrawn:
		return "never drawn for this system"
	case p.Hits == 0:
		return fmt.Sprintf("no seed of %s, %.0f times what one takes", view.Number(p.Seeds), float64(p.Seeds)/n.All.Each())
	}
	return fmt.Sprintf("%d of %s seeds, %.1f times as many for each", p.Hits, view.Number(p.Seeds), p.Each()/n.All.Each())
}

// A needsRecord is what a bug needs, as --json prints it.
type needsRecord struct {
	Bug     string       `json:"bug"`
	Profile string       `json:"profile"`
	Times   int          `json:"times"` // after so many times the seeds that one takes with all faults, nothing seen is enough
	All     zoo.Rate     `json:"all"`   // with all faults
	Header  []string     `json:"header"`
	Groups  []partRecord `json:"groups"`
	Differs []string     `json:"differs"` // where the header says something else
}

// A partRecord is a bug without a group of faults.
type partRecord struct {
	Group   string      `json:"group"`
	Profile string      `json:"profile"`
	Finding zoo.Finding `json:"finding"`
	zoo.Rate
	Ratio *float64 `json:"ratio"` // of the seeds that one takes to those that it takes with all faults; null: none showed it
}

func recordOfNeeds(n *zoo.Needs, f *needsFlags) needsRecord {
	r := needsRecord{n.Bug.Name, n.Profile, f.times, n.All, append([]string{}, n.Bug.Needs...), []partRecord{}, append([]string{}, n.Differs...)}
	for i := range n.Parts {
		p := &n.Parts[i]
		one := partRecord{Group: p.Group.Name, Profile: p.Profile, Finding: p.Finding, Rate: p.Rate}
		if p.Hits > 0 {
			one.Ratio = finite(p.Each() / n.All.Each())
		}
		r.Groups = append(r.Groups, one)
	}
	return r
}
