package main

import (
	"context"
	"math/rand/v2"
	"testing"

	"simrun/sim"
	"simrun/view"
)

// Fails if a film, which makes the run again, shows other states than a recording of the whole: for each scenario, with faults.
func TestFilmsOfAllScenarios(t *testing.T) {
	if testing.Short() {
		t.Skip("short: whole runs are recorded with all states")
	}
	ctx := context.Background()
	for _, s := range scenarios() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			looked := 0
			for seed := range uint64(1) {
				cfg := sim.Config{Seed: seed}
				whole, err := view.Record(ctx, s, cfg, view.Window{})
				if err != nil {
					t.Fatal(err)
				}
				bare, err := view.Record(ctx, s, cfg, view.Window{From: uint64(whole.Len()) + 2})
				if err != nil {
					t.Fatal(err)
				}
				f := view.NewFilm(s, cfg, bare)
				defer f.Close()
				r := rand.New(rand.NewPCG(seed, 1))
				for range 25 {
					seq := 1 + r.Uint64N(uint64(whole.Len()))
					for _, id := range whole.Nodes {
						got, err := f.State(ctx, id, seq)
						if err != nil {
							t.Fatal(err)
						}
						lines := make(map[string]string)
						for _, l := range got {
							lines[l.Path] = l.Value
						}
						want := whole.State(id, seq)
						for _, l := range want {
							if lines[l.Path] != l.Value {
								t.Fatalf("seed %d: after event %d of %d %s of %s is %q, want %q", seed, seq, whole.Len(), l.Path, id, lines[l.Path], l.Value)
							}
						}
						if len(want) != len(got) {
							t.Fatalf("seed %d: after event %d %s has %d lines, want %d", seed, seq, id, len(got), len(want))
						}
						looked += len(got)
					}
				}
			}
			if looked == 0 {
				t.Error("no state was seen")
			}
		})
	}
}
