package paxoskv

import (
	"testing"

	"simrun/sim"
)

func TestScratchKinds(t *testing.T) {
	s := Scenario()
	counts := map[string]int{}
	for seed := uint64(0); seed < 300; seed++ {
		w, _ := s.World(sim.Config{Seed: seed})
		for e := range w.Events(0) {
			k := e.Kind.String()
			if e.Kind != sim.DiskDone && e.Data != nil {
				k += " " + typeName(e.Data)
			}
			counts[k]++
		}
		w.Close()
	}
	for k, n := range counts {
		t.Logf("%-30s %.3f", k, float64(n)/300)
	}
}
