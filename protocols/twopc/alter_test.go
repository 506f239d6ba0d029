package twopc

import (
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a lie says the same as the truth, or something that nobody could have said.
func TestAlter(t *testing.T) {
	tx := Tx{1, 1, 1}
	for _, c := range []struct{ m, want sim.Message }{
		{Vote{Tx: tx, Yes: true, Life: 2}, Vote{Tx: tx, Life: 2}}, {Vote{Tx: tx}, Vote{Tx: tx, Yes: true}},
		{Decision{Tx: tx, Commit: true}, Decision{Tx: tx}}, {Decision{Tx: tx}, Decision{Tx: tx, Commit: true}},
		{Answer{tx, Committed}, Answer{tx, Aborted}}, {Answer{tx, Aborted}, Answer{tx, Committed}}, {Answer{tx, Prepared}, Answer{tx, Prepared}},
	} {
		if got := c.m.(interface {
			Alter(func(int) int) sim.Message
		}).Alter(nil); got != c.want {
			t.Errorf("%v became %v, want %v", c.m, got, c.want)
		}
	}
}

// A coordinator with two faces must be enough for two decisions: two-phase commit is not built for it. Fails if it does no harm, or is called inside the model.
func TestTwoFacedCoordinator(t *testing.T) {
	p, err := fault.Parse("always betray c equivocate 100%\n")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]int{}
	var memory sim.Memory
	for seed := range uint64(60) {
		w, err := Scenario().World(sim.Config{Seed: seed, Plan: &p, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if found[v.Property]++; len(v.Outside) != 1 {
			t.Fatalf("seed %d: outside of the model: %v", seed, v.Outside)
		}
	}
	if found["ac1-agreement"] == 0 || found["panic"] > 0 {
		t.Errorf("60 seeds: %v", found)
	}
}
