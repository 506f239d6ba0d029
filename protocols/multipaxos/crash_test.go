package multipaxos

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A server may crash after any effect: in every phase of a small run, each of the three, for a while or for good. What
// clients see stays right, and all operations end. Fails with the plan of a run that violates a property or stalls.
func TestCrashAfterEachEffect(t *testing.T) {
	s := Scenario()
	for _, shape := range [][]string{{"snapshot=2"}, {"snapshot=2", "read=index", "batch=2"}, {"spares=1", "moves=1", "window=2"}} {
		o, err := s.ParseOptions(append([]string{"clients=2", "ops=6"}, shape...))
		if err != nil {
			t.Fatal(err)
		}
		var memory sim.Memory
		made := 0
		for _, node := range []string{"s1", "s2", "s3"} {
			for _, how := range []string{"for 30ms", "for good"} {
				for effect, struck := 1, true; struck; effect++ {
					if testing.Short() && effect%8 != 0 {
						continue
					}
					plan, err := fault.Parse(fmt.Sprintf("always law constant 1ms\nalways sync 500µs\nalways unsynced lose\nalways start s2 5ms\nalways start s3 9ms\ncrash %s after effect %d %s\n", node, effect, how))
					if err != nil {
						t.Fatal(err)
					}
					w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: &memory})
					if err != nil {
						t.Fatal(err)
					}
					v := w.Run(0)
					made++
					struck = v.Faults[fault.Crashes] > 0 && effect < 400
					if v.Outcome != sim.OK {
						t.Errorf("%s: %s after effect %d %s: %v %s: %s", strings.Join(shape, " "), node, effect, how, v.Outcome, v.Property, v.Why)
					}
				}
			}
		}
		t.Logf("%v: %d runs", shape, made)
	}
}
