package paxoskv

import (
	"testing"

	"simrun/sim"
)

// It fails if a run counts in which little was done or nobody judged.
func TestCounts(t *testing.T) {
	full := func() *sim.Verdict {
		return &sim.Verdict{
			Tallies: []sim.Tally{{Name: "operations", N: 100}, {Name: "clients overlapped", N: 3}},
			Checks:  []sim.Check{{Property: "linearizability", Checks: 5}},
		}
	}
	if !counts(full()) {
		t.Error("a full run does not count")
	}
	for name, change := range map[string]func(*sim.Verdict){
		"99 operations": func(v *sim.Verdict) { v.Tallies[0].N = 99 },
		"two clients":   func(v *sim.Verdict) { v.Tallies[1].N = 2 },
		"nobody judged": func(v *sim.Verdict) { v.Checks[0].Checks = 0 },
		"no figures":    func(v *sim.Verdict) { v.Tallies = nil },
	} {
		v := full()
		change(v)
		if counts(v) {
			t.Errorf("%s: the run counts", name)
		}
	}
}

// It fails if the default runs do not do what the scenario is for.
func TestDefaultRunsCount(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	counted := 0
	for seed := range uint64(20) {
		w, err := s.World(sim.Config{Seed: seed, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		if v := w.Run(0); counts(&v) {
			counted++
		}
	}
	if counted < 18 {
		t.Errorf("%d of 20 runs count", counted)
	}
}
