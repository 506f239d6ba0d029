package laiyang

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/clock"
)

// A snapshot costs a Take and a Report for each of the others, whatever the topology and the method; by counting also a Late for each message that others
// receive late. The property control says the same of every run; here it is counted once more, and its formula checked to bite.
func TestControlMessages(t *testing.T) {
	var memory sim.Memory
	for _, kind := range apps.TopologyKinds() {
		for _, n := range []int{2, 3, 8, 64} {
			for _, method := range methodNames {
				o := settings(t, "app=mesh", "work=2", "topology="+kind, fmt.Sprintf("nodes=%d", n), "initiators=1", "snapshots=1", "first=5ms", "method="+method)
				w := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, "always law uniform 1ms 20ms"), Reuse: &memory})
				takes, reports, lates, late := 0, 0, 0, 0
				for e := range w.Events(0) {
					switch {
					case e.Kind == sim.Sent:
						switch e.Data.(type) {
						case Take:
							takes++
						case Report:
							reports++
						case Late:
							lates++
						}
					case e.Kind == sim.Noted && e.Node != "p1":
						if _, ok := e.Data.(CameLate); ok {
							late++
						}
					}
				}
				want := 0
				if method == "counting" {
					want = late
				}
				if v := w.Verdict(); v.Outcome != sim.OK || takes != n-1 || reports != n-1 || lates != want || late == 0 && n > 3 && kind != "star" {
					t.Errorf("%s of %d by %s: %d takes, %d reports, %d lates for %d late messages; %v %s", kind, n, method, takes, reports, lates, late, v.Outcome, v.Why)
				}
				if n == 64 {
					t.Logf("%-7s of %d by %-8s: %d + %d + %d control messages, %d bytes of history", kind, n, method, takes, reports, lates, trial.Tally(w.Verdict(), "bytes of history"))
				}
			}
		}
	}
}

// The bill of a snapshot by hand. Fails if a Take too few, a Report too many or a message that was not sent on would pass.
func TestControlBites(t *testing.T) {
	s := Snapshot{ID: ID{1, "p1"}, Channels: []Channel{{"p1", "p2", []sim.Message{letter{"a"}}}, {"p2", "p1", []sim.Message{letter{"b"}}}}}
	take, report, late := Take{s.ID}, Report{ID: s.ID}, Late{ID: s.ID}
	for _, c := range []struct {
		method Method
		sent   []sim.Message
		right  bool
	}{
		{ByHistory, []sim.Message{take, report}, true},
		{ByCounting, []sim.Message{take, report, late}, true},
		{ByHistory, []sim.Message{take, report, late}, false},
		{ByCounting, []sim.Message{take, report}, false},
		{ByHistory, []sim.Message{take, take, report}, false},
		{ByHistory, []sim.Message{take}, false},
		{ByHistory, []sim.Message{take, report, Take{ID{2, "p1"}}}, true}, // of another
	} {
		p := control(2, c.method)
		for _, m := range c.sent {
			if err := p.Observe(&sim.Event{Kind: sim.Sent, Data: m}); err != nil {
				t.Error(err)
			}
		}
		if err := p.Observe(&sim.Event{Kind: sim.Noted, Data: Complete{s}}); (err == nil) != c.right || p.Checks() != 1 {
			t.Errorf("by %v, %v: %v, %d checks", c.method, c.sent, err, p.Checks())
		}
	}
}

// A trace is the run of an application as it sees it: who sent and received what, and when.
type trace []string

func watch(t *testing.T, seed uint64, set ...string) (x trace, complete uint64) {
	t.Helper()
	w := world(t, sim.Config{Seed: seed, Options: settings(t, set...), Plan: trial.Plan(t, "always law uniform 1ms 30ms; always sync 100us")})
	for e := range w.Events(0) {
		if m, ok := e.Data.(App); ok {
			x = append(x, fmt.Sprint(e.Kind, e.At, e.Node, e.Peer, m.N, m.Body))
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK {
		t.Errorf("%v seed %d: %v %s: %s", set, seed, v.Outcome, v.Property, v.Why)
	}
	return x, trial.Tally(w.Verdict(), "snapshots complete")
}

// The application does the same at the same instants whether snapshots are taken or not: they add no message of its own, and hold none up. Fails if the layer
// would change the fate of a message, send one more, or let one wait.
func TestApplicationDoesNotNotice(t *testing.T) {
	for _, app := range apps.Names() {
		for _, method := range methodNames {
			for seed := range uint64(10) {
				without, _ := watch(t, seed, "app="+app, "method="+method, "snapshots=0")
				with, complete := watch(t, seed, "app="+app, "method="+method, "snapshots=5")
				if complete != 10 || len(without) == 0 {
					t.Errorf("%s by %s seed %d: %d snapshots, %d events", app, method, seed, complete, len(without))
				}
				// A run ends when the last snapshot shows that there is nothing left to do, and without any at its bound.
				if !slices.Equal(with, without) {
					t.Errorf("%s by %s seed %d: the run is another: %d and %d events", app, method, seed, len(with), len(without))
				}
			}
		}
	}
}

// What the methods cost beside each other: the history grows with all that was sent, and is complete without the latest message; counting keeps nothing, and waits
// for that. Fails if either gains what the other pays for.
func TestHistoryOrWait(t *testing.T) {
	run := func(method string, work int) (at clock.Time, bytes uint64) {
		o := settings(t, "app=mesh", "topology=clique", "nodes=3", "initiators=1", "snapshots=1", "first=400ms", "method="+method, fmt.Sprint("work=", work))
		w := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, steady+"; delay p2>p3 Ping#2 500ms")})
		for e := range w.Events(0) {
			if _, ok := e.Data.(Complete); ok {
				at = e.At
			}
		}
		if v := w.Verdict(); v.Outcome != sim.OK || trial.Tally(v, "messages in channels") != 1 {
			t.Errorf("by %s: %v %s %v", method, v.Outcome, v.Why, v.Tallies)
		}
		return at, trial.Tally(w.Verdict(), "bytes of history")
	}
	bySubtracting, kilobytes := run("history", 60)
	_, few := run("history", 12)
	byCounting, none := run("counting", 60)
	t.Logf("by history: complete at %v with %d bytes, of a fifth of the work %d; by counting: at %v with %d bytes", bySubtracting, kilobytes, few, byCounting, none)
	if bySubtracting > clock.Time(410*time.Millisecond) || byCounting < clock.Time(500*time.Millisecond) {
		t.Errorf("complete at %v by history and %v by counting, while a message is late until 500ms", bySubtracting, byCounting)
	}
	if kilobytes < 4*few || none > 0 {
		t.Errorf("%d bytes for five times the work of %d, by counting %d", kilobytes, few, none)
	}
}
