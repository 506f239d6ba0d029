package main

import (
	"testing"

	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/multicast"
	"simrun/protocols/multipaxos"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
	"simrun/sim/fault"
)

// aimed are the scenarios whose nodes note facts worth aiming at.
func aimed() []*sim.Scenario {
	return []*sim.Scenario{paxos.Scenario(), paxoskv.Scenario(), twopc.Scenario(), twopc.Bank(), threepc.Scenario(), e3pc.Scenario(), kootoueg.Scenario(),
		chandylamport.Scenario(), independent.Scenario(), multipaxos.Scenario(), election.Scenario(), multicast.Scenario()}
}

// It fails if a scenario names no targets, or one at which a line aimed in the midst of other faults never strikes.
func TestTargets(t *testing.T) {
	for _, s := range aimed() {
		if len(s.Targets) < 3 {
			t.Errorf("%s has targets %q", s.Name, s.Targets)
		}
		for _, target := range s.Targets {
			struck := uint64(0)
			for seed := uint64(0); seed < 200 && struck < 3; seed++ {
				drawn := run(t, s, sim.Config{Seed: seed})
				plan := append(fault.Plan{}, drawn.Plan()...)
				plan = append(plan, fault.Line{Verb: fault.Crash, Node: "@" + target, After: fault.Trigger{What: target, N: 1 + seed%2}})
				struck += run(t, s, sim.Config{Seed: seed, Plan: &plan}).Verdict().Faults[fault.AimedFaults]
			}
			if struck < 3 {
				t.Errorf("%s: what was aimed at %s struck %d times in 200 seeds", s.Name, target, struck)
			}
		}
	}
}

func run(t *testing.T, s *sim.Scenario, cfg sim.Config) *sim.World {
	t.Helper()
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Run(0)
	return w
}
