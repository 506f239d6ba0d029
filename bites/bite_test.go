package bites

import (
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// A bite is a fault and a mistake that it exposes.
type bite struct {
	fault   string // the name of an entry of the catalogue
	mistake string // what the wrong node does, in one sentence
	base    string // lines of the plan that are no faults or not this one: they hold in all runs
	plan    string // the fault
	seeds   uint64 // within how many seeds the wrong node must be caught; 1 if 0
	catches string // the property that complains; any, if empty
	build   func(wrong bool) *sim.Scenario
}

// bites are those of all files.
func bites() (all []bite) {
	for _, list := range [][]bite{
		messageBites, linkBites, wireBites, shapeBites, electionBites,
		processBites, identityBites, omissionBites, byzantineBites,
		clockBites, leaseBites,
		diskBites, slowDiskBites,
		zoneBites, aimBites,
	} {
		all = append(all, list...)
	}
	return all
}

// Fails if a wrong node is not caught under its fault or is caught without it, if a right one is not ok under the fault, or if the fault never happened.
func TestBites(t *testing.T) {
	kinds := map[string]fault.Kind{}
	for _, e := range fault.Catalogue() {
		kinds[e.Name] = e.Kind
	}
	for _, b := range bites() {
		t.Run(b.fault, func(t *testing.T) {
			kind, known := kinds[b.fault]
			if !known {
				t.Fatalf("no fault %s in the catalogue", b.fault)
			}
			b.seeds = max(b.seeds, 1)
			base, plan := parse(t, b.base), parse(t, b.base+b.plan)
			caught, fired := b.seeds, uint64(0)
			for seed := range b.seeds {
				if v := run(t, b.build(true), seed, plan); v.Outcome != sim.OK && (b.catches == "" || b.catches == v.Property) {
					caught = min(caught, seed)
				} else if v.Outcome != sim.OK {
					t.Errorf("seed %d: caught by %s, want %s: %s", seed, v.Property, b.catches, v.Why)
				}
				if v := run(t, b.build(true), seed, base); v.Outcome != sim.OK {
					t.Errorf("seed %d: without the fault the wrong node is %v %s: %s", seed, v.Outcome, v.Property, v.Why)
				}
				v := run(t, b.build(false), seed, plan)
				if v.Outcome != sim.OK {
					t.Errorf("seed %d: the right node is %v %s: %s", seed, v.Outcome, v.Property, v.Why)
				}
				fired += v.Faults[kind]
				judged(t, v)
			}
			if caught == b.seeds {
				t.Errorf("not caught in %d seeds: %s", b.seeds, b.mistake)
			}
			if fired == 0 {
				t.Errorf("no %v happened to the right node", kind)
			}
			t.Logf("seed %d of %d catches: %s", caught, b.seeds, b.mistake)
		})
	}
}

// judged fails the test if nothing judged the run.
func judged(t *testing.T, v sim.Verdict) {
	for _, c := range v.Checks {
		if c.Checks > 0 {
			return
		}
	}
	t.Error("nothing judged the right node")
}

func parse(t *testing.T, text string) fault.Plan {
	t.Helper()
	p, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return append(fault.Plan{}, p...)
}

func run(t *testing.T, s *sim.Scenario, seed uint64, plan fault.Plan) sim.Verdict {
	t.Helper()
	w, err := s.World(sim.Config{Seed: seed, Plan: &plan})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// Fails if there is a fault that nothing shows to bite.
func TestEveryFaultBites(t *testing.T) {
	bitten := map[string]bool{}
	for _, b := range bites() {
		bitten[b.fault] = true
	}
	for _, e := range fault.Catalogue() {
		if !bitten[e.Name] {
			t.Errorf("nothing shows that %s bites", e.Name)
		}
	}
}
