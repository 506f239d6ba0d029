package e3pc

import (
	"fmt"
	"testing"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// endless is an effect that no run gets to.
const endless = 1000

// twoCrashes makes the run in which the coordinator dies for good after an effect, and a participant after one of
// its own, and returns how many of them have died.
func twoCrashes(t *testing.T, o sim.Options, memory *sim.Memory, c int, who string, p int) (v sim.Verdict, dead uint64) {
	t.Helper()
	plan, err := fault.Parse(fmt.Sprintf("always law constant 1ms\nalways ties ordered\nalways sync 100µs\n"+
		"crash c after effect %d for good\ncrash %s after effect %d for good\n", c, who, p))
	if err != nil {
		t.Fatal(err)
	}
	w, err := Scenario().World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: memory})
	if err != nil {
		t.Fatal(err)
	}
	v = w.Run(0)
	return v, v.Faults[fault.Crashes]
}

// The coordinator dies after each effect that it ever has, and with each of these a participant after each effect
// that it then has: so every broadcast is cut at every place. The two that are left are a quorum. Fails if they do
// not both decide, or not as the dead did; the numbers of runs change with the effects of the protocol.
func TestEveryCrashOfTwo(t *testing.T) {
	var memory sim.Memory
	for _, x := range []struct {
		votes, who        string
		runs, committable int
	}{{"yyy", "p1", 295, 82}, {"yyy", "p2", 205, 60}, {"yyn", "p1", 202, 0}, {"yyn", "p2", 159, 0}} {
		o, err := Scenario().ParseOptions([]string{"transactions=1", "votes=" + x.votes})
		if err != nil {
			t.Fatal(err)
		}
		runs, committable := 0, 0
		for c, some := 1, true; some; c++ {
			_, dead := twoCrashes(t, o, &memory, c, x.who, endless)
			some = dead > 0
			for p := 1; dead > 0; p++ {
				var v sim.Verdict
				if v, dead = twoCrashes(t, o, &memory, c, x.who, p); dead < 2 {
					break
				}
				if runs++; v.Outcome != sim.OK {
					t.Errorf("c dies after effect %d, %s after effect %d: %v %s: %s", c, x.who, p, v.Outcome, v.Property, v.Why)
				}
				for _, name := range v.Sometimes {
					if name == committableAttempt {
						committable++
					}
				}
			}
		}
		if runs != x.runs || committable != x.committable {
			t.Errorf("votes %s, %s dies: %d runs, in %d of them commit was attempted again; want %d and %d", x.votes, x.who, runs, committable, x.runs, x.committable)
		}
	}
}
