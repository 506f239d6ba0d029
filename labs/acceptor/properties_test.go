package acceptor

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// The properties are judged here by events that no world has made, so that each is as it must be.

// at is an event that happens so many milliseconds after the start.
func at(ms int, kind sim.Kind, node, peer sim.NodeID, data any) sim.Event {
	return sim.Event{At: clock.Time(time.Duration(ms) * time.Millisecond), Kind: kind, Node: node, Peer: peer, Data: data}
}

// complaint shows events to all properties, and returns the first complaint with the name of who complains.
func complaint(t *testing.T, events ...sim.Event) string {
	t.Helper()
	options, err := Scenario().ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	all := properties(options)
	for i := range events {
		events[i].Seq = uint64(i + 1)
		for _, p := range all {
			if err := p.Observe(&events[i]); err != nil {
				return p.Name() + ": " + err.Error()
			}
		}
	}
	return ""
}

// An acceptor that crashes owes nothing for what it was asked before, and all for what it is asked then. Fails if a crash pays no debts, if it pays those of
// others or of what comes after it, or if a fault that cannot make an answer late is an excuse for one.
func TestWhoOwesAnAnswer(t *testing.T) {
	asks := func(ms int, round uint32) sim.Event {
		return at(ms, sim.Delivered, "a1", "p1", Prepare{Ballot{round, 1}})
	}
	faulted := func(v fault.Verb) sim.Event { return at(2, sim.Faulted, "a1", "", fault.Line{Verb: v}) }
	crash := func(ms int, id sim.NodeID) sim.Event { return at(ms, sim.Crashed, id, "", nil) }
	const silent = "promise: p1 asked a1 at "
	for _, x := range []struct {
		name   string
		events []sim.Event
		want   string // how the complaint begins
	}{
		{"comes back after silence", []sim.Event{asks(1, 1), asks(50, 2)}, silent + "1ms to promise 1.1"},
		{"comes back soon", []sim.Event{asks(1, 1), asks(20, 2)}, ""},
		{"comes back just in time", []sim.Event{asks(1, 1), asks(21, 2)}, silent + "1ms"},
		{"it crashed meanwhile", []sim.Event{asks(1, 1), crash(2, "a1"), at(5, sim.Started, "a1", "", uint64(2)), asks(50, 2)}, ""},
		{"it crashed, and is silent still", []sim.Event{asks(1, 1), crash(2, "a1"), at(5, sim.Started, "a1", "", uint64(2)), asks(50, 2), asks(100, 3)}, silent + "50ms to promise 2.1"},
		{"another one crashed", []sim.Event{asks(1, 1), crash(2, "a2"), asks(50, 2)}, silent + "1ms"},
		{"another proposer comes", []sim.Event{asks(1, 1), at(50, sim.Delivered, "a1", "p2", Prepare{Ballot{1, 2}})}, ""},
		{"it has answered", []sim.Event{asks(1, 1), at(3, sim.Sent, "a1", "p1", Promise{Ballot: Ballot{1, 1}}), asks(50, 2)}, ""},
		{"it was asked about something older", []sim.Event{asks(1, 2), at(3, sim.Sent, "a1", "p1", Promise{Ballot: Ballot{2, 1}}), asks(5, 1), asks(50, 3)}, ""},
		{"it is slow", []sim.Event{asks(1, 1), faulted(fault.Slow), asks(50, 2)}, ""},
		{"links are cut", []sim.Event{asks(1, 1), faulted(fault.Cut), asks(50, 2)}, silent + "1ms"},
		{"nodes crash in a loop", []sim.Event{asks(1, 1), faulted(fault.Loop), asks(50, 2)}, silent + "1ms"},
	} {
		if got := complaint(t, x.events...); !strings.HasPrefix(got, x.want) || (got == "") != (x.want == "") {
			t.Errorf("%s: it is said %q, want %q", x.name, got, x.want)
		}
	}
}
