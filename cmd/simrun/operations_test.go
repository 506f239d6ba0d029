package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/multicast"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
	"simrun/view"
)

// It fails if a picture of a scenario has no history of operations beside the lanes, or one in which a calm run leaves something unfinished, or calls it
// something that says nothing.
func TestOperations(t *testing.T) {
	for _, x := range []struct {
		scenario *sim.Scenario
		faults   string // "none", but where operations are what follows a fault
		first    string // the first operation
	}{
		{bracha.Scenario(), "none", `p1 p1#1: broadcasts A true`},
		{chandylamport.Scenario(), "none", `p2 snapshot p2#1 true`},
		{e3pc.Scenario(), "none", `c T1 committed true`},
		{election.Scenario(), "none", `c2 c2 leads in epoch 1 true`},
		{independent.Scenario(), "crash", `p1 rollback to [1 1 3 2] true`},
		{kootoueg.Scenario(), "none", `p1 decided p1 C1.1 yes true`},
		{laiyang.Scenario(), "none", `p2 snapshot p2#1 true`},
		{multicast.Scenario(), "none", `p3 delivered 1: p3#1 true`},
		{paxos.Scenario(), "none", `p1 B chosen in 2.1 true`},
		{paxoskv.Scenario(), "none", `c1 c1#1 get -> "" true`},
		{threepc.Scenario(), "none", `c T1 committed true`},
		{twopc.Scenario(), "none", `c T2 ended committed true`},
		{twopc.Bank(), "none", `k1 T1 paid 13 from a2 to a3 true`},
	} {
		trace, err := view.Record(context.Background(), x.scenario, sim.Config{Seed: 1, Faults: x.faults}, view.Window{From: 1 << 30})
		if err != nil {
			t.Fatal(err)
		}
		if len(trace.History) == 0 {
			t.Errorf("%s: no operations", x.scenario.Name)
			continue
		}
		first := trace.History[0]
		if got := fmt.Sprintf("%s %s %v", first.Client, first.Text, first.Done); got != x.first {
			t.Errorf("%s: the first operation is %q, want %q", x.scenario.Name, got, x.first)
		}
		for _, o := range trace.History {
			if o.Ret < o.Call || strings.TrimSpace(o.Text) == "" {
				t.Errorf("%s: operation %+v", x.scenario.Name, o)
			}
		}
	}
}
