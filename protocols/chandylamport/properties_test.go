package chandylamport

import (
	"strings"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Fails if a snapshot that has cost a marker too few or too many passes, or if those of another count for it.
func TestMarkersComplains(t *testing.T) {
	one, other := ID{N: 1, Initiator: "p1"}, ID{N: 1, Initiator: "p2"}
	for sent, right := range map[string]bool{"": false, "1": false, "11": true, "111": false, "12": false, "1212": true} {
		p := markers(2)
		for _, c := range sent {
			id := one
			if c == '2' {
				id = other
			}
			if err := p.Observe(&sim.Event{Kind: sim.Sent, Data: Marker{id}}); err != nil {
				t.Fatal(err)
			}
		}
		err := p.Observe(&sim.Event{Kind: sim.Noted, Data: Complete{Snapshot{ID: one}}})
		if (err == nil) != right {
			t.Errorf("markers %q over 2 channels: %v", sent, err)
		}
	}
}

// Fails if going back to a snapshot that is not the last passes.
func TestLastSnapshotComplains(t *testing.T) {
	for to, right := range map[ID]bool{{1, 2, "p1"}: true, {1, 1, "p2"}: false, {}: false} {
		p := lastSnapshot()
		for _, n := range []uint32{1, 2} {
			if err := p.Observe(&sim.Event{Kind: sim.Noted, Data: Complete{Snapshot{ID: ID{1, n, "p1"}}}}); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Observe(&sim.Event{Kind: sim.Noted, Data: RolledBack{2, to}}); (err == nil) != right {
			t.Errorf("back to %v: %v", to, err)
		}
	}
}

// Fails if a system that is taken for terminated while a token is on its way is let off.
func TestTerminatedComplains(t *testing.T) {
	o := settings(t, "app=ring", "nodes=2", "topology=line", "work=2", "first=5500us", "mistake=no-channels")
	v := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, steady), Only: "terminated"}).Run(0)
	if v.Outcome != sim.Violated || !strings.Contains(v.Why, "found terminated") {
		t.Errorf("%v: %s", v.Outcome, v.Why)
	}
}

// Fails if a run that does not come to its end counts as ended, or the reason does not say who waits for what. Without restore=true a crash is
// outside the model; with it, one that is for good is.
func TestEndingComplains(t *testing.T) {
	for _, c := range []struct{ set, plan, why string }{
		{"", "; 5ms crash p2 for good", "p2 is down or busy. p1 has begun p1#1 and waits for p2, which crashed at 5ms, and for p4, which, like p1, has recorded for p1#1, but not all channels, and waits for p2, which crashed at 5ms"},
		{"nodes=2 work=1 topology=line", "; 4ms crash p2; 5ms restart p2", "states together amount to"},
		{"restore=true", "; 30ms crash p1 for good; 31ms crash p2; 32ms restart p2", "p1 is down or busy"},
		{"restore=true", "; 1ms crash p4 for good", "p1 has no state. p2 and p3 have stopped for incarnation 1 and wait for p1, which has told all to stop for incarnation 1 and waits for p4, which crashed at 1ms"},
		{"snapshots=2 app=ring nodes=2 topology=line work=1", "; lose p1>p2 Marker#1", "3 of 4 snapshots are complete, 4 were begun. p2 has recorded for p2#1, but not all channels, and waits for p1, which is up and says nothing"},
		{"snapshots=1 initiators=1 app=ring nodes=2 topology=line work=1", "; lose p2>p1 Report#1", "0 of 1 snapshots are complete, 1 were begun. p1 has begun p1#1 and waits for p2, which is up and says nothing"},
		{"restore=true", "; lose p2>p1 Restored#1", "p1 has no state. p1 has given all their states for incarnation 1 and waits for p2, which, like p3 and p4, has gone back for incarnation 1 and waits for p1, which waits for p2 in turn"},
		{"restore=true", "; lose p1>p2 Restore#1", "which has stopped for incarnation 1 and waits for p1, which waits for p2 in turn"},
	} {
		v := world(t, sim.Config{Seed: 1, Options: settings(t, strings.Fields(c.set)...), Plan: trial.Plan(t, steady+c.plan), Only: "ending"}).Run(0)
		if v.Outcome < sim.Stalled || v.Property != "ending" || !strings.Contains(v.Why, c.why) || len(v.Outside) == 0 {
			t.Errorf("%s %s: %v %s: %s, want %s; outside %v", c.set, c.plan, v.Outcome, v.Property, v.Why, c.why, v.Outside)
		}
	}
}

// Fails if settings pass that mean nothing together, or what they need.
func TestCheck(t *testing.T) {
	for set, ok := range map[string]bool{
		"initiators=5": false, "initiators=5 nodes=5": true, "mistake=one-phase": false, "mistake=no-incarnation": false, "mistake=one-phase restore=true": true,
		"links=reorder restore=true": false, "links=reorder": true, "topology=ring graph=2": false, "mistake=no-ids": true,
		"snapshots=0 first=1ms": false, "snapshots=1 every=1ms": false, "snapshots=0": true, "initiators=0 snapshots=3": false, "initiators=0": true, "initiators=0 first=5ms": false,
		"snapshots=125": true, "snapshots=126": false, "snapshots=1000 every=4ms first=4ms": true, "snapshots=1000 every=5ms": false, "first=4s": false, "snapshots=1 first=4s": true,
		"app=ring work=128": true, "app=ring work=129": false, "app=bank work=1000": true,
	} {
		if _, err := Scenario().ParseOptions(strings.Fields(set)); (err == nil) != ok {
			t.Errorf("%s: %v", set, err)
		}
	}
}
