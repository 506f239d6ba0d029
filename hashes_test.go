package simrun

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"simrun/sim"
)

// A handful of seeds, pinned: a change that gives them another hash gives every seed of every user another meaning. If it is meant, raise
// sim.Version after a release, and rewrite the file with -update.
func TestGoldenHashes(t *testing.T) {
	const golden = "testdata/hashes.golden"
	var got strings.Builder
	for _, s := range scenarios() {
		for _, faults := range []string{"none", "crash", "partition", "async", "swarm"} {
			for _, seed := range []uint64{0, 7, 42, 0xfeed_beef_cafe_f00d} {
				w, err := s.World(sim.Config{Seed: seed, Faults: faults})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				fmt.Fprintf(&got, "%-11s%-10s%#-19x%016x after %d events: %v\n", s.Name, faults, seed, v.Hash, v.Events, v.Outcome)
			}
		}
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s says\n%sbut the runs are\n%s(go test -run Golden . -update rewrites it)", golden, want, got.String())
	}
}
