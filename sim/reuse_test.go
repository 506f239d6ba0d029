package sim_test

import (
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a run in used memory differs from one in new memory, whatever the run before was and however it ended.
func TestReusedMemory(t *testing.T) {
	var m sim.Memory
	scenarios := []*sim.Scenario{village(), pair(nil), crashing(), stage(tells("a", scriptThatBreaks), worker("b")), settling(stage(worker("a", "b"), worker("b")), []sim.NodeID{"a", "b"})}
	scenarios[1].Run = 3 * ms
	scenarios[4].Run = 150 * ms
	for seed := range uint64(120) {
		s := scenarios[seed%7%uint64(len(scenarios))]
		cfg := sim.Config{Seed: seed, Faults: fault.Profiles()[seed%5].Name}
		want := world(t, s, cfg).Run(0)
		cfg.Reuse = &m
		w := world(t, s, cfg)
		if seed%6 == 5 { // left in the middle
			for e := range w.Events(0) {
				if e.Seq > seed {
					break
				}
			}
			continue
		}
		if got := w.Run(0); got.Hash != want.Hash || got.Outcome != want.Outcome || got.Why != want.Why || got.Faults != want.Faults {
			t.Fatalf("seed %d of %s: %x in used memory, %x in new: %v %s", seed, s.Name, got.Hash, want.Hash, got.Outcome, got.Why)
		}
	}
}
