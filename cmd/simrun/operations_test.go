package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/view"
)

// named returns a scenario of the command.
func named(t *testing.T, name string) *sim.Scenario {
	t.Helper()
	all := scenarios()
	i := slices.IndexFunc(all, func(s *sim.Scenario) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %s", name)
	}
	return all[i]
}

// It fails if a picture of a scenario has no history of operations beside the lanes, or one in which a calm run leaves something unfinished, or calls it
// something that says nothing.
func TestOperations(t *testing.T) {
	for _, x := range []struct {
		scenario string
		faults   string // "none", but where operations are what follows a fault
		first    string // the first operation
	}{
		{"broadcast", "none", `p1 p1#1: broadcasts A true`},
		{"chandy-lamport", "none", `p2 snapshot p2#1 true`},
		{"3pc-quorum", "none", `c T1 committed true`},
		{"election", "none", `c2 c2 leads in epoch 1 true`},
		{"independent", "crash", `p1 rollback to [1 1 3 2] true`},
		{"koo-toueg", "none", `p1 decided p1 C1.1 yes true`},
		{"lai-yang", "none", `p2 snapshot p2#1 true`},
		{"multicast", "none", `p3 delivered 1: p3#1 true`},
		{"multipaxos", "none", `c3 c3#1 append x c1 → ok true`},
		{"paxos", "none", `p1 B chosen in 2.1 true`},
		{"paxos-kv", "none", `c1 c1#1 get -> "" true`},
		{"3pc", "none", `c T1 committed true`},
		{"2pc", "none", `c T2 ended committed true`},
		{"bank", "none", `k1 T1 paid 13 from a2 to a3 true`},
	} {
		trace, err := view.Record(context.Background(), named(t, x.scenario), sim.Config{Seed: 1, Faults: x.faults}, view.Window{From: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		if len(trace.History) == 0 {
			t.Errorf("%s: no operations", x.scenario)
			continue
		}
		first := trace.History[0]
		if got := fmt.Sprintf("%s %s %v", first.Client, first.Text, first.Done); got != x.first {
			t.Errorf("%s: the first operation is %q, want %q", x.scenario, got, x.first)
		}
		for _, o := range trace.History {
			if o.Ret < o.Call || strings.TrimSpace(o.Text) == "" {
				t.Errorf("%s: operation %+v", x.scenario, o)
			}
		}
	}
}
