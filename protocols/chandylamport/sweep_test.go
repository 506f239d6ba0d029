package chandylamport

import (
	"fmt"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/fault"
)

// sweep runs a seed again and again, each time with one more crash: of each process after each of its effects, until there are no more. It returns how many
// runs that were.
func sweep(t *testing.T, base string, set ...string) (runs int) {
	t.Helper()
	o := settings(t, set...)
	var memory sim.Memory
	quiet := world(t, sim.Config{Seed: 7, Options: o, Plan: trial.Plan(t, base)}).Run(0)
	if quiet.Outcome != sim.OK {
		t.Fatalf("%v without the crash: %v %s: %s", set, quiet.Outcome, quiet.Property, quiet.Why)
	}
	for i := range o.Int("nodes") {
		for effect := 1; ; effect++ {
			text := fmt.Sprintf("%s; crash p%d after effect %d for 2ms", base, i+1, effect)
			v := world(t, sim.Config{Seed: 7, Options: o, Plan: trial.Plan(t, text), Reuse: &memory}).Run(0)
			if v.Faults[fault.Crashes] == quiet.Faults[fault.Crashes] {
				break // it does not come to that effect
			}
			runs++
			if v.Outcome != sim.OK {
				t.Errorf("%v %s: %v %s: %s", set, text, v.Outcome, v.Property, v.Why)
			}
		}
	}
	return runs
}

// Whenever a process crashes, in the middle of a snapshot, of a recovery or of the start, the system comes back, takes its snapshots and comes
// to the right answer: no transfer is lost, every word is counted once. Fails if some instant of the algorithm cannot bear a crash. The second plan
// has a crash in it already, so that the other falls into the recovery from that too.
func TestCrashAfterEveryEffect(t *testing.T) {
	const law = "always law uniform 500us 5ms; always ties ordered; always sync 100us; always unsynced lose"
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	total := 0
	for _, c := range []struct {
		base string
		set  []string
	}{
		{law, []string{"app=wordcount", "nodes=3"}},
		{law + "; 28ms crash p2; 31ms restart p2", []string{"app=wordcount", "nodes=3"}},
		{law + "; 28ms crash p1; 31ms restart p1", []string{"app=bank", "nodes=3"}},
		{law + "; 28ms crash p2; 31ms restart p2", []string{"app=mesh", "nodes=3", "topology=ring"}},
		{law + "; 28ms crash p2; 31ms restart p2", []string{"app=ring", "nodes=3", "topology=ring"}},
		{law + "; 28ms crash p3; 31ms restart p3", []string{"app=wordcount", "nodes=4", "topology=star"}},
		{law + "; always law p3>* uniform 10ms 15ms; 28ms crash p1; 31ms restart p1", []string{"app=bank", "nodes=3", "topology=clique"}},
	} {
		runs := sweep(t, c.base, append(c.set, "restore=true", "work=4")...)
		t.Logf("%v, %q: %d crash points", c.set, c.base, runs)
		total += runs
	}
	t.Logf("%d crash points in all", total)
	if total < 1000 {
		t.Errorf("only %d crash points: the scope is too small to mean much", total)
	}
}
