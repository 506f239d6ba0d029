package sim_test

import (
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if faults of disks count as possible in a run in which nobody used a disk, so that a hunt would miss them for ever; or if they
// do not in one in which somebody did.
func TestNoOccasion(t *testing.T) {
	lines := "always unsynced lose\nalways fail a append 0.0001%\nalways fail a sync 0.0001%\nalways capacity a 1000000\nalways outdated a 0.0001%\nalways throttle a 1000000\n10ms crash a\n20ms restart a\n"
	uses := func(env sim.Env) {
		if err := env.Disk().Append("log", []byte("x")); err != nil {
			t.Error(err)
		}
	}
	for _, test := range []struct {
		start func(sim.Env)
		want  bool
	}{{nil, false}, {uses, true}} {
		s := stage(plays("a", test.start, nil))
		v := world(t, s, sim.Config{Plan: plan(t, lines)}).Run(0)
		for _, k := range []fault.Kind{fault.LostBytes, fault.IOErrors, fault.FailedSyncs, fault.FullDisks, fault.OutdatedReads, fault.Throttles} {
			if v.Enabled.Has(k) != test.want {
				t.Errorf("with a disk used: %v; %v is possible: %v", test.want, k, v.Enabled.Has(k))
			}
		}
		if !v.Enabled.Has(fault.Crashes) {
			t.Error("a crash that happened was not possible")
		}
	}
}
