package acceptor

import (
	"context"
	"fmt"
	"strings"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// A Mark is what an acceptor has earned in a stage. It is a function of the acceptor: neither the machine
// nor the number of its cores has a say.
type Mark struct {
	Stage  Stage
	Passed bool
	Points int // 0, or those of the stage

	// Where it is not passed: the property that tells it best, why, and the first run that shows it, if there is one.
	Property, Why string
	Inside        string // what an observer inside has seen first in that run, if it is something else
	Shown         bool
	Seed          uint64
	File          seedfile.File
}

// enoughFailures is how many failing runs of a stage are enough to know how it fails.
const enoughFailures = 40

// sane are what the world asks of every node: a run in which one of them fails has judged nothing else.
var sane = []string{"panic", "time-passes"}

// Try makes the runs of a stage with the acceptors of a scenario, one after the other: an acceptor that
// keeps something in a variable of the program would not fail the same way twice otherwise. The error
// says that the runs cannot be made.
func (s Stage) Try(ctx context.Context, scenario *sim.Scenario) (Mark, error) {
	m := Mark{Stage: s}
	cfg, err := s.config(scenario)
	if err != nil {
		return m, err
	}
	hunt := search.Hunt{Scenario: scenario, Config: cfg, To: 1, Workers: 1, StopAfter: enoughFailures, Verify: 20}
	sum, err := hunt.Run(ctx)
	if err == nil && s.insane(&sum) == "" && len(sum.Diverged) == 0 { // else hundreds of runs take too long, or show nothing
		hunt.To = uint64(s.Runs)
		sum, err = hunt.Run(ctx)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return m, err
	}
	if len(sum.Diverged) > 0 {
		d := &sum.Diverged[0]
		m.Property, m.Why = "not deterministic", fmt.Sprintf("two runs of seed %#x differ: what an acceptor does must follow from its messages, its disk and nothing else", d.Seed)
		return m, nil
	}
	if m.Property = s.worst(&sum); m.Property == "" {
		m.Passed, m.Points = true, s.Points
		return m, nil
	}
	hunt.Property, hunt.StopAfter = m.Property, 1
	if sum, err = hunt.Run(ctx); err != nil {
		return m, err
	}
	if m.Why = "no run came to the point where it could show"; len(sum.Failures) > 0 {
		f := sum.Failures[0]
		m.Why, _, _ = strings.Cut(f.Why, "\n")
		m.Shown, m.Seed, m.File = true, f.Seed, f.File
		if first := f.Verdict.Violations; len(first) > 0 && first[0].Inner && first[0].Property != m.Property {
			m.Inside = first[0].Property + ": " + first[0].Why
		}
	}
	return m, nil
}

// worst returns the property that tells best what is wrong, "" if nothing is. Agreement decides few
// stages, but where it is lost that is the better story: it is what a mistake leads to.
func (s Stage) worst(sum *search.Summary) string {
	if name := s.insane(sum); name != "" {
		return name
	}
	failed, silent := "", ""
	for _, name := range s.Properties {
		switch c := of(sum, name); {
		case c.Failed > 0 && failed == "":
			failed = name
		case c.Checks == 0 && silent == "":
			silent = name
		}
	}
	switch {
	case failed == "":
		return silent
	case (failed == PromiseKept || failed == Reports) && of(sum, Agreement).Failed > 0:
		return Agreement
	}
	return failed
}

// insane returns what of the things that the world asks of every node has failed, "" if all is well.
func (s Stage) insane(sum *search.Summary) string {
	for _, name := range sane {
		if of(sum, name).Failed > 0 {
			return name
		}
	}
	return ""
}

// of returns how a property fared.
func of(sum *search.Summary, name string) search.CheckSum {
	for _, c := range sum.Checks {
		if c.Name == name {
			return c
		}
	}
	return search.CheckSum{}
}

// config returns the configuration of the stage's runs, but for their seeds.
func (s Stage) config(scenario *sim.Scenario) (cfg sim.Config, err error) {
	if cfg.Options, err = scenario.ParseOptions(s.Set); err != nil {
		return cfg, err
	}
	cfg.Faults = s.Faults
	if s.Plan != "" {
		plan, err := fault.Parse(s.Plan)
		if err != nil {
			return cfg, err
		}
		cfg.Plan = &plan
	}
	return cfg, nil
}

// Marks tries all stages. Whoever has not passed the first two earns nothing in the others: an acceptor
// that says nothing breaks no promise.
func Marks(ctx context.Context, scenario *sim.Scenario) (marks []Mark, err error) {
	talks := true
	for i, s := range Stages() {
		m, err := s.Try(ctx, scenario)
		if err != nil {
			return nil, err
		}
		if i < 2 {
			talks = talks && m.Passed
		} else if !talks {
			m.Points = 0
		}
		marks = append(marks, m)
	}
	return marks, nil
}
