package search

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"simrun/search/internal/leaks"
	"simrun/sim"
)

// TestMain makes this test binary the other process of a guard.
func TestMain(m *testing.M) {
	if Ordered() {
		var list []*sim.Scenario
		for _, l := range leaks.All() {
			list = append(list, l.Scenario)
		}
		if err := Serve(append(list, beacons, pair)...); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func self(t *testing.T) *Process {
	t.Helper()
	p, err := Self()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fails if the guard misses one of the planted leaks, names another handler or another cause, gives no evidence, or complains
// of the system that does not leak.
func TestGuardFindsPlantedLeaks(t *testing.T) {
	for _, l := range leaks.All() {
		t.Run(l.Scenario.Name, func(t *testing.T) {
			d, err := Guard{Scenario: l.Scenario, Process: self(t)}.Check(t.Context(), sim.Config{Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if l.Cause == "" {
				if d != nil {
					t.Fatalf("nothing leaks here, and yet:\n%s", d.Report())
				}
				return
			}
			if d == nil {
				t.Fatal("not found")
			}
			t.Logf("\n%s\n%s", d, d.Report())
			if string(d.Cause) != l.Cause || d.Handler.Func != l.Handler || d.Node != "a" || len(d.Evidence) == 0 {
				t.Errorf("node %s, handler %s, cause %q with evidence %q: want a, %s, %q", d.Node, d.Handler.Func, d.Cause, d.Evidence, l.Handler, l.Cause)
			}
			if !strings.HasSuffix(d.Handler.File, "leaks.go") || d.Handler.Line == 0 || d.Place.Line == 0 {
				t.Errorf("no place: %v, %v", d.Handler, d.Place)
			}
		})
	}
}
