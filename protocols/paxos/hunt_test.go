package paxos

import (
	"testing"

	"simrun/sim"
)

func TestScratch(t *testing.T) {
	s := Scenario()
	o, _ := s.ParseOptions([]string{"durable=false"})
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
		counts["events"] += int(v.Events)
	}
	t.Log(counts)
}
