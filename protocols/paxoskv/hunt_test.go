package paxoskv

import (
	"testing"

	"simrun/sim"
)

func TestScratch(t *testing.T) {
	s := Scenario()
	o, _ := s.ParseOptions(nil)
	counts := map[string]int{}
	for seed := uint64(0); seed < 2000; seed++ {
		w, err := s.World(sim.Config{Seed: seed, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		counts[v.Outcome.String()+" "+v.Property]++
		if v.Outcome != sim.OK && counts[v.Outcome.String()+" "+v.Property] < 4 {
			t.Logf("%d %v %v %v", seed, v.Outcome, v.Property, v.Why)
		}
		for _, s := range v.Sometimes {
			counts[s]++
		}
		for i, n := range v.Faults {
			if n > 0 {
				counts["F "+faultName(i)]++
			}
		}
		for _, t := range v.Tallies {
			counts["T "+t.Name] += int(t.N)
		}
		counts["events"] += int(v.Events)
		counts["sent"] += int(v.Sent)
		counts["virtual ms"] += int(v.Virtual.Milliseconds())
	}
	for k, n := range counts {
		t.Logf("%-30s %d %.3f", k, n, float64(n)/2000)
	}
}
