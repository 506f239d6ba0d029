package paxoskv

import (
	"slices"
	"strings"
	"testing"

	"simrun/sim"
)

// called makes a run and lists what its clients called, in order.
func called(t *testing.T, seed uint64, settings ...string) (calls []string, hash uint64) {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: seed, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		if f, ok := e.Data.(Called); ok && e.Kind == sim.Noted {
			c := command{client: e.Node, op: f.Op}
			calls = append(calls, string(c.append(nil)))
		}
	}
	return calls, w.Verdict().Hash
}

// A run whose operations are put into words is the same run. Fails if an operation is left out, is put into the mouth of another client, or is
// not what was drawn.
func TestSpeltOperationsMakeTheSameRun(t *testing.T) {
	for seed := range uint64(6) {
		settings := []string{"clients=2", "ops=7", "keys=2"}
		want, hash := called(t, seed, settings...)
		o, err := Scenario().ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		w, err := Scenario().World(sim.Config{Seed: seed, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		spelt := Scenario().Spelt(w)
		if len(spelt) != 2 || !strings.HasPrefix(spelt[0], "operations=c1: ") || spelt[1] != "ops" {
			t.Fatalf("seed %d: spelt %q", seed, spelt)
		}
		got, again := called(t, seed, "clients=2", "keys=2", spelt[0])
		if len(want) != 7 || !slices.Equal(got, want) || again != hash {
			t.Errorf("seed %d: spelt as %s it calls\n%q and not\n%q; the hash was %x and is %x", seed, spelt[0], got, want, hash, again)
		}
	}
}
