package sim_test

import (
	"testing"

	"simrun/sim"
)

// Fails if the crash of a suspended node leaves something of a write that its disk had not begun when it was suspended: what it waited for, a sync, had
// not happened either, and a log could not tell that from damage.
func TestSuspendedDiskBeginsNothing(t *testing.T) {
	lives := 0
	start := func(env sim.Env) {
		var b [2]byte
		if n, _ := env.Disk().ReadAt("log", b[:], 0); n == 2 && b[0] == 0 {
			t.Errorf("the second byte was kept and the first was not: %q", b[:])
		}
		if lives++; lives%2 == 0 {
			return
		}
		env.Disk().Append("log", []byte("x"))
		env.Disk().SyncDir()
		env.Disk().Sync("log")
		env.Disk().Append("log", []byte("y"))
		env.Disk().Sync("log")
	}
	s := stage(plays("a", start, nil))
	for seed := range uint64(100) {
		lives = 0
		p := plan(t, "always unsynced mix\nalways sync a 10ms\n12ms pause a with clock\n90ms crash a\n95ms restart a\n")
		world(t, s, sim.Config{Seed: seed, Plan: p}).Run(0)
		if lives != 2 {
			t.Fatalf("%d lives", lives)
		}
	}
}
