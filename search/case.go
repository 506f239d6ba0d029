package search

import (
	"errors"
	"fmt"
	"slices"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A Case is a run of which all that decides it is spelt out: the plan in the place of a profile, and in the place of a seed the picks that are not 0. So
// each part of it can be left out or made milder by itself.
type Case struct {
	Scenario *sim.Scenario
	Config   sim.Config        // its Plan is not nil; Seed, Driver and Faults decide nothing
	Tape     []chance.Decision // all other picks are 0
}

// Explicit makes the run of cfg and spells it out: the case makes the same run, event by event. An error says that the configuration is refused, or that the
// run is not the same when it is made again.
func Explicit(s *sim.Scenario, cfg sim.Config) (Case, sim.Verdict, error) {
	options, err := s.ParseOptions(cfg.Options.Given())
	if err != nil {
		return Case{}, sim.Verdict{}, err
	}
	cfg.Options = options // also where none were stated
	first, plan, err := wholeRun(s, cfg)
	if err != nil {
		return Case{}, first, err
	}
	record := &chance.Recorder{Base: cfg.Driver}
	if cfg.Driver == nil {
		record.Base = chance.Seed(cfg.Seed)
	}
	c := Case{Scenario: s, Config: cfg}
	c.Config.Plan, c.Config.Driver, c.Config.Reuse = &plan, record, nil
	again, _, err := wholeRun(s, c.Config)
	if err != nil {
		return Case{}, first, err
	}
	if !alike(first, again) {
		return Case{}, first, errors.New("search: the run is not the same when it is made again: it depends on what is not in its seed")
	}
	c.Config.Driver, c.Tape = nil, record.Tape
	return c, first, nil
}

// wholeRun makes a run and returns its plan with the verdict.
func wholeRun(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
	w, err := s.World(cfg)
	if err != nil {
		return sim.Verdict{}, nil, err
	}
	v := w.Run(0)
	return v, slices.Clone(w.Plan()), nil
}

// Ready is the configuration that makes the run of the case, for those who make runs themselves.
func (c Case) Ready() sim.Config {
	cfg := c.Config
	switch {
	case cfg.Plan == nil: // it is still to be spelt out
	case len(c.Tape) == 0:
		cfg.Driver = chance.Benign{} // which is faster
	default:
		cfg.Driver = chance.NewOverrides(nil, c.Tape)
	}
	return cfg
}

// World builds the world of the case.
func (c Case) World() (*sim.World, error) {
	w, err := c.Scenario.World(c.Ready())
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	return w, nil
}

// File writes the case down, with the verdict of its run: a file that needs no seed.
func (c Case) File(v sim.Verdict) seedfile.File {
	cfg := c.Config
	cfg.Driver, cfg.Faults = chance.NewOverrides(nil, c.Tape), ""
	f := seedfile.Of(c.Scenario, cfg, v)
	f.Expect = seedfile.Expected(v)
	return f
}
