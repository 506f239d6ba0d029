package kootoueg

import (
	"fmt"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/fault"
)

// sweep runs a seed again and again, each time with one more crash: of each process after each of its effects, until there are no more. It returns
// how many runs that were, and how many of them rolled back.
func sweep(t *testing.T, base string, set ...string) (runs, back int) {
	t.Helper()
	o := settings(t, set...)
	var memory sim.Memory
	quiet := world(t, sim.Config{Seed: 7, Options: o, Plan: trial.Plan(t, base)}).Run(0)
	if quiet.Outcome != sim.OK || trial.Tally(quiet, "checkpoints") == 0 {
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
			back += b2i(trial.Tally(v, "rollbacks") > trial.Tally(quiet, "rollbacks"))
			if v.Outcome != sim.OK {
				t.Errorf("%v %s: %v %s: %s", set, text, v.Outcome, v.Property, v.Why)
			}
		}
	}
	return runs, back
}

// Whenever a process crashes, in the middle of a checkpoint, of a rollback or of the start, the permanent checkpoints are consistent, the system
// comes back, and the application comes to the right answer. Fails if some instant of the algorithm cannot bear a crash. The plans with a crash
// of their own make the other one fall into the rollback that follows too.
func TestCrashAfterEveryEffect(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	const law = "always law uniform 500us 5ms; always ties ordered; always sync 100us"
	total, all := 0, 0
	for _, c := range []struct {
		base string
		set  []string
	}{
		{law + "; always unsynced lose", []string{"app=wordcount", "nodes=3"}},
		{law + "; always unsynced mix", []string{"app=bank", "nodes=3", "topology=clique"}},
		{law + "; always unsynced lose; 28ms crash p2; 31ms restart p2", []string{"app=wordcount", "nodes=3"}},
		{law + "; always unsynced lose; 28ms crash p1; 31ms restart p1", []string{"app=bank", "nodes=3"}},
		{law + "; always unsynced lose; 28ms crash p2; 31ms restart p2", []string{"app=mesh", "nodes=3", "topology=ring"}},
		{law + "; always unsynced lose; 28ms crash p2; 31ms restart p2", []string{"app=ring", "nodes=3", "topology=ring"}},
		{law + "; always unsynced lose; 28ms crash p3; 31ms restart p3", []string{"app=wordcount", "nodes=4", "topology=star"}},
	} {
		runs, back := sweep(t, c.base, append(c.set, "work=8", "initiators=2")...)
		t.Logf("%v, %q: %d crash points, %d with one more rollback", c.set, c.base, runs, back)
		total, all = total+runs, all+back
	}
	t.Logf("%d crash points in all, %d with one more rollback", total, all)
	if total < 1000 || all < total/2 {
		t.Errorf("%d crash points, %d with one more rollback: the scope is too small to mean much", total, all)
	}
}
