package multipaxos

import (
	"testing"

	"simrun/sim"
	"simrun/workload"
)

// The way of two commands through a leader: phase 1 once for all slots, then one round trip each, the decision riding along. Fails if a second Prepare is
// sent, a slot waits for the one before, or an answer leaves before a majority has accepted.
func TestLeaderDecides(t *testing.T) {
	d := start(t, 1, three())
	d.goes(t, []step{
		{"c1", workload.Request{Command: put(1, "x", "a1")}, "Elsewhere{c1#1 } c1"},
	})
	d.run(d.env)
	if got := d.hears("s2", Promise{Ballot: ballot(1, 1), By: member(2)}); got != "Prepare{1.s1 from 0} s2 s3; Heartbeat{1.s1 #1, decided below 0} s2 s3" {
		t.Errorf("sends %q", got)
	}
	d.goes(t, []step{
		{"s3", Promise{Ballot: ballot(1, 1), By: member(3)}, ""},
		{"c1", workload.Request{Command: put(1, "x", "a1")}, "Accept{1.s1 in 0: c1#1 put x a1} s2 s3"},
		{"c1", workload.Request{Command: put(1, "x", "a1")}, ""}, // it is under way
		{"c1", workload.Request{Command: put(2, "x", "a2")}, "Accept{1.s1 in 1: c1#2 put x a2} s2 s3"},
		{"s2", Accepted{Ballot: ballot(1, 1), Slot: 1, By: member(2)}, ""}, // chosen, but executed in order
		{"s2", Accepted{Ballot: ballot(9, 1), Slot: 0, By: member(2)}, ""}, // of another ballot
		{"s2", Accepted{Ballot: ballot(1, 1), Slot: 0, By: member(2)}, "Reply{c1#1 ok} c1; Reply{c1#2 ok} c1"},
		{"s3", Accepted{Ballot: ballot(1, 1), Slot: 0, By: member(3)}, ""},
		{"c1", workload.Request{Command: put(2, "x", "a2")}, "Reply{c1#2 ok} c1"},
		{"c1", workload.Request{Command: get(3, "x")}, "Accept{1.s1 in 2: c1#3 get x} s2 s3"},
		{"s3", Accepted{Ballot: ballot(1, 1), Slot: 2, By: member(3)}, "Reply{c1#3 a2} c1"},
	})
}

// An acceptance that comes twice is one. Fails if a member makes a majority alone.
func TestAcceptancesAreASet(t *testing.T) {
	set := three()
	set.Servers = names("s", 5)
	d := start(t, 1, set)
	d.configs[0].who = first(5)
	d.run(d.env)
	for _, n := range []int{2, 2, 3} {
		if d.role == leader {
			t.Fatal("leads with two promises of five")
		}
		d.hears(set.Servers[n-1], Promise{Ballot: ballot(1, 1), By: member(n)})
	}
	d.hears("c1", workload.Request{Command: put(1, "x", "a1")})
	for _, n := range []int{2, 2, 3} {
		if d.next != 0 {
			t.Fatal("executed with two acceptances of five")
		}
		d.hears(set.Servers[n-1], Accepted{Ballot: ballot(1, 1), By: member(n)})
	}
	if d.next != 1 {
		t.Error("three acceptances of five decide nothing")
	}
}

// No more slots are under way than the window has room for. Fails if the fourth command is proposed before the first is decided, or then is not.
func TestWindow(t *testing.T) {
	d := start(t, 1, three())
	d.leads(t)
	for n := range uint64(5) {
		d.hears("c1", workload.Request{Command: put(n+1, "x", "a")})
	}
	if d.leading.issue != 3 || len(d.leading.queue) != 2 {
		t.Errorf("%d slots issued, %d commands wait", d.leading.issue, len(d.leading.queue))
	}
	d.goes(t, []step{{"s2", Accepted{Ballot: ballot(1, 1), Slot: 0, By: member(2)}, "Reply{c1#1 ok} c1; Accept{1.s1 in 3: c1#4 put x a} s2 s3"}})
}

// Commands share a slot if the batch has room: the slot waits for a full batch or for the time to gather. Fails if a batch leaves too early, or never.
func TestBatch(t *testing.T) {
	set := three()
	set.Batch = 2
	d := start(t, 1, set)
	d.leads(t)
	d.goes(t, []step{
		{"c1", workload.Request{Command: put(1, "x", "a1")}, ""},
		{"c1", workload.Request{Command: put(2, "x", "a2")}, "Accept{1.s1 in 0: c1#1 put x a1, c1#2 put x a2} s2 s3"},
		{"c1", workload.Request{Command: put(3, "x", "a3")}, ""},
		{"s1", gather{ballot(1, 1)}, "Accept{1.s1 in 1: c1#3 put x a3} s2 s3"},
		{"s2", Accepted{Ballot: ballot(1, 1), Slot: 0, By: member(2)}, "Reply{c1#1 ok} c1; Reply{c1#2 ok} c1"},
	})
}

// What promisers have accepted must be proposed again, that of the highest ballot; what none of them has, below something that one has, is a gap. Fails if a value is
// made up, lost or taken from a lower ballot, or the gap is not closed.
func TestNewLeaderAdopts(t *testing.T) {
	a, b := batch([]workload.Command{put(1, "x", "a1")}), batch([]workload.Command{put(1, "y", "b1")})
	d := start(t, 1, three())
	if err := d.give(ballot(4, 2)); err != nil {
		t.Fatal(err)
	}
	if err := d.accept(0, ballot(3, 3), a); err != nil {
		t.Fatal(err)
	}
	d.run(d.env)
	got := d.hears("s2", Promise{Ballot: ballot(5, 1), By: member(2), Votes: []Vote{{Slot: 0, Ballot: ballot(4, 2), Value: b}, {Slot: 2, Ballot: ballot(2, 2), Value: a}}})
	want := "Prepare{5.s1 from 0} s2 s3; Accept{5.s1 in 0: c1#1 put y b1} s2 s3; Accept{5.s1 in 1: no-op} s2 s3; Accept{5.s1 in 2: c1#1 put x a1} s2 s3; Heartbeat{5.s1 #1, decided below 0} s2 s3"
	if got != want {
		t.Errorf("sends\n%s, want\n%s", got, want)
	}
	if got, want := d.facts(), "filled the gap 1"; !contains(got, want) || !contains(got, "adopted in 0 what 4.s2 left: c1#1 put y b1") {
		t.Errorf("facts %q", got)
	}
}

// A promiser whose disk has lost a value counts for nothing in that slot, unless another knows a value of the same or a higher ballot. Fails if the gap is filled over
// what may be chosen, or the leader waits although it knows enough.
func TestMissingValue(t *testing.T) {
	a := batch([]workload.Command{put(1, "x", "a1")})
	d := start(t, 1, three())
	d.run(d.env)
	lost := Promise{Ballot: ballot(1, 1), By: member(2), Votes: []Vote{{Slot: 0, Ballot: Ballot{0, member(3)}, Missing: true}}}
	d.goes(t, []step{
		{"s2", lost, "Prepare{1.s1 from 0} s2 s3; Heartbeat{1.s1 #1, decided below 0} s2 s3"}, // leads, and proposes nothing
		{"c1", workload.Request{Command: put(1, "y", "b1")}, ""},
		{"s3", Promise{Ballot: ballot(1, 1), By: member(3), Votes: []Vote{{Slot: 0, Ballot: Ballot{0, member(3)}, Value: a}}},
			"Accept{1.s1 in 0: c1#1 put x a1} s2 s3; Accept{1.s1 in 1: c1#1 put y b1} s2 s3"},
	})
}

// A promiser that has forgotten slots says that they are decided: the leader asks what was, and meanwhile neither proposes there nor reads. Fails if it fills
// those slots, or takes itself for up to date.
func TestPromiserHasForgotten(t *testing.T) {
	set := three()
	set.Reads = "index"
	d := start(t, 1, set)
	d.run(d.env)
	d.goes(t, []step{
		{"s2", Promise{Ballot: ballot(1, 1), By: member(2), Base: 30}, "Prepare{1.s1 from 0} s2 s3; Ask{from 0} s2; Heartbeat{1.s1 #1, decided below 0} s2 s3"},
		{"c1", workload.Request{Command: get(1, "x")}, "Heartbeat{1.s1 #2, decided below 0} s2 s3"},
		{"s2", Alive{ballot(1, 1), member(2), 2}, ""},
	})
	other := start(t, 2, set)
	other.store.Apply(&workload.Command{ID: put(1, "x", "b9").ID, Session: 1, Op: put(1, "x", "b9").Op})
	other.next = 30
	d.goes(t, []step{{"s2", Snapshot{30, other.encode()}, "Reply{c1#1 b9} c1"}})
}

// A leader has learnt what its promisers had forgotten, as a state or as values, and must now propose anew what stands behind it: else it waits until somebody writes, and
// answers no read. Fails if it does not go on at once.
func TestLeaderGoesOnWhenItHasLearnt(t *testing.T) {
	a := batch([]workload.Command{put(1, "x", "a1")})
	other := start(t, 2, three())
	other.next = 2
	for _, learnt := range []sim.Message{Snapshot{2, other.encode()}, Entries{0, []Value{NoOp, NoOp}}} {
		d := start(t, 1, three())
		d.run(d.env)
		d.hears("s2", Promise{Ballot: ballot(1, 1), By: member(2), Base: 2, Votes: []Vote{{Slot: 3, Ballot: Ballot{0, member(3)}, Value: a}}})
		d.goes(t, []step{{"s2", learnt, "Accept{1.s1 in 2: no-op} s2 s3; Accept{1.s1 in 3: c1#1 put x a1} s2 s3"}})
	}
}

// A leader that lacks what its promisers have forgotten asks one after the other. Fails if it asks the same again and again: that one may be gone for good, while another
// would answer.
func TestAsksAllWhoKnow(t *testing.T) {
	d := start(t, 1, three())
	d.run(d.env)
	for _, by := range []int{2, 3} {
		d.hears(d.Servers[by-1], Promise{Ballot: ballot(1, 1), By: member(by), Base: 30})
	}
	asked := make(map[sim.NodeID]int)
	for range 6 {
		d.env.Clock += d.beatEvery()
		d.Handle(d.env, "s1", beat{ballot(1, 1)})
		for _, sent := range d.env.Take() {
			if _, ok := sent.Message.(Ask); ok {
				asked[sent.To]++
			}
		}
	}
	if asked["s2"] < 2 || asked["s3"] < 2 {
		t.Errorf("asked %v", asked)
	}
}

// A leader that is refused with a higher ballot steps down, and sends away whoever waits. Fails if it goes on, or minds a refusal of another ballot.
func TestStepsDown(t *testing.T) {
	d := start(t, 1, three())
	d.leads(t)
	for n := range uint64(4) {
		d.hears("c1", workload.Request{Command: put(n+1, "x", "a")})
	}
	d.goes(t, []step{
		{"s2", Refused{ballot(7, 1), ballot(8, 2)}, ""},
		{"s2", Refused{ballot(1, 1), ballot(2, 2)}, "Elsewhere{c1#4 s2} c1"},
		{"s2", Accepted{Ballot: ballot(1, 1), Slot: 0, By: member(2)}, ""},
		{"c1", workload.Request{Command: put(5, "x", "a")}, "Elsewhere{c1#5 s2} c1"},
	})
}

// What is not answered is sent again with a heartbeat, to those alone who have not accepted it; and who has not promised is asked again.
func TestBeatSendsAgain(t *testing.T) {
	d := start(t, 1, three())
	d.leads(t)
	d.hears("c1", workload.Request{Command: put(1, "x", "a")})
	if got, want := d.hears("s1", beat{ballot(1, 1)}), "Heartbeat{1.s1 #2, decided below 0} s2 s3; Prepare{1.s1 from 0} s3"; got != want {
		t.Errorf("sends %q, want %q", got, want)
	}
	d.env.Clock += d.resendAfter()
	if got, want := d.hears("s1", beat{ballot(1, 1)}), "Heartbeat{1.s1 #3, decided below 0} s2 s3; Prepare{1.s1 from 0} s3; Accept{1.s1 in 0: c1#1 put x a} s2 s3"; got != want {
		t.Errorf("sends %q, want %q", got, want)
	}
	if got := d.hears("s1", beat{ballot(3, 1)}); got != "" {
		t.Errorf("a heartbeat of another ballot: %q", got)
	}
}
