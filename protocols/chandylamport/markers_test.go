package chandylamport

import (
	"fmt"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// A snapshot costs one marker a channel, whatever the topology, and as many reports as there are others. Fails if a process sends a marker twice, or
// forgets a channel.
func TestMarkersAreChannels(t *testing.T) {
	var memory sim.Memory
	for _, kind := range apps.TopologyKinds() {
		for _, n := range []int{2, 3, 5, 8, 16, 32, 64} {
			for graph := range 3 {
				if graph > 0 && kind != "random" {
					continue
				}
				set := []string{"app=ring", "work=0", "topology=" + kind, fmt.Sprintf("nodes=%d", n), "initiators=1", "snapshots=1", "first=1ms"}
				if kind == "random" {
					set = append(set, fmt.Sprintf("graph=%d", graph))
				}
				o := settings(t, set...)
				w := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, steady), Reuse: &memory})
				markers, reports, last := 0, 0, sim.Event{}
				for e := range w.Events(0) {
					switch e.Data.(type) {
					case Marker:
						if e.Kind == sim.Sent {
							markers++
						}
					case Report:
						if e.Kind == sim.Sent {
							reports++
						}
					case Complete:
						last = *e
					}
				}
				channels := apps.FromOptions(o).Topology.Channels()
				v := w.Verdict()
				if v.Outcome != sim.OK || markers != channels || reports != n-1 {
					t.Errorf("%s of %d: %d markers over %d channels, %d reports; %v %s", kind, n, markers, channels, reports, v.Outcome, v.Why)
				}
				if n == 64 {
					t.Logf("%-7s of %d: %4d channels, %4d markers, complete %v after it began", kind, n, channels, markers, last.At.Sub(1_000_000))
				}
			}
		}
	}
}
