package twopc

import (
	"strings"
	"testing"

	"simrun/sim"
)

// A run whose orders are put into words is the same run. Fails if an order is left out, is put into the mouth of another teller, or is not what was
// drawn.
func TestSpeltOrdersMakeTheSameRun(t *testing.T) {
	run := func(seed uint64, settings ...string) *sim.World {
		o, err := Bank().ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Bank().World(sim.Config{Seed: seed, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	audits := 0
	for seed := range uint64(12) {
		settings := []string{"clients=2", "transactions=5", "accounts=3"}
		want := run(seed, settings...).Run(0)
		spelt := Bank().Spelt(run(seed, settings...))
		if len(spelt) != 2 || !strings.HasPrefix(spelt[0], "orders=k1: ") || spelt[1] != "transactions" || strings.Count(spelt[0], ";") != 4 {
			t.Fatalf("seed %d: spelt %q", seed, spelt)
		}
		audits += strings.Count(spelt[0], "audit")
		if got := run(seed, "clients=2", "accounts=3", spelt[0]).Run(0); got.Hash != want.Hash || got.Events != want.Events {
			t.Errorf("seed %d: spelt as %s it has %d events with the hash %x, and had %d with %x", seed, spelt[0], got.Events, got.Hash, want.Events, want.Hash)
		}
	}
	if audits == 0 {
		t.Error("no order was an audit: take more seeds")
	}
}
