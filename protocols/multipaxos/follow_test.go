package multipaxos

import (
	"strings"
	"testing"
	"time"

	"simrun/workload"
)

func contains(s, part string) bool { return strings.Contains(s, part) }

// An acceptor promises no lower ballot, accepts in no lower one, and says what stands in the way. Fails if it goes back on a promise.
func TestAcceptor(t *testing.T) {
	a, b := batch([]workload.Command{put(1, "x", "a1")}), NoOp
	d := start(t, 3, three())
	d.goes(t, []step{
		{"s1", Prepare{Ballot: ballot(2, 1)}, "Promise{2.s1 by s3} s1"},
		{"s1", Prepare{Ballot: ballot(2, 1)}, "Promise{2.s1 by s3} s1"},
		{"s2", Prepare{Ballot: ballot(1, 2)}, "Refused{1.s2, promised 2.s1} s2"},
		{"s2", Accept{ballot(1, 2), 0, b, 0}, "Refused{1.s2, promised 2.s1} s2"},
		{"s1", Accept{ballot(2, 1), 1, a, 0}, "Accepted{2.s1 in 1 by s3} s1"},
		{"s2", Accept{ballot(3, 2), 1, b, 0}, "Accepted{3.s2 in 1 by s3} s2"}, // to accept is to promise
		{"s1", Accept{ballot(2, 1), 2, a, 0}, "Refused{2.s1, promised 3.s2} s1"},
		{"s1", Prepare{Ballot: ballot(4, 1)}, "Promise{4.s1 by s3, has 1: 3.s2 no-op} s1"},
		{"s1", Prepare{Ballot: ballot(4, 1), From: 2}, "Promise{4.s1 by s3} s1"},
	})
	d = d.again(t)
	d.goes(t, []step{
		{"s2", Prepare{Ballot: ballot(3, 2)}, "Refused{3.s2, promised 4.s1} s2"},
		{"s2", Prepare{Ballot: ballot(5, 2)}, "Promise{5.s2 by s3, has 1: 3.s2 no-op} s2"},
	})
}

// A follower believes "decided" only for what it has accepted in the very ballot of who says so; all else it asks for. Fails if it executes the value of an
// earlier ballot.
func TestFollowerKnowsValuesOfTheSameBallot(t *testing.T) {
	a, b := batch([]workload.Command{put(1, "x", "a1")}), batch([]workload.Command{put(1, "y", "b1")})
	d := start(t, 3, three())
	d.hears("s1", Accept{ballot(1, 1), 0, a, 0})
	d.hears("s2", Accept{ballot(2, 2), 1, b, 0})
	d.goes(t, []step{{"s2", Decided{ballot(2, 2), 2}, "Ask{from 0} s2"}})
	if d.next != 0 {
		t.Fatal("executed what an earlier ballot has left")
	}
	d.goes(t, []step{{"s2", Entries{0, []Value{b}}, ""}})
	if got := d.facts(); d.next != 2 || !contains(got, "executed 0: c1#1 put y b1") || !contains(got, "found c1#1 again in 1") {
		t.Errorf("%d executed; facts %q", d.next, got)
	}
}

// What was learnt is not overwritten by a late Accept of a leader of long ago. Fails if the acceptor takes the value in the place of the decided one, which
// it then executes, or tells others.
func TestLateAcceptDoesNotUndoADecision(t *testing.T) {
	a, b := batch([]workload.Command{put(1, "x", "a1")}), batch([]workload.Command{put(1, "y", "b1")})
	for _, at := range []Slot{0, 1} { // executed already, and not yet
		d := start(t, 3, three())
		d.hears("s1", Prepare{Ballot: ballot(4, 1)})
		d.hears("s2", Entries{at, []Value{b}})
		d.goes(t, []step{{"s1", Accept{ballot(4, 1), at, a, 0}, ""}, {"s1", Accept{ballot(4, 1), at, b, 0}, "Accepted{4.s1 in " + string('0'+rune(at)) + " by s3} s1"}})
		if c := d.known(at); c.value != b || !c.decided {
			t.Errorf("slot %d holds %v", at, c.value)
		}
	}
}

// A leader that proposes in a slot which an acceptor has forgotten is told the state. Fails if it is left to propose there for ever.
func TestForgottenSlot(t *testing.T) {
	set := three()
	set.Keep = 1
	d := start(t, 3, set)
	d.hears("s2", Entries{0, []Value{NoOp}})
	d.goes(t, []step{{"s1", Accept{ballot(5, 1), 0, NoOp, 0}, "Snapshot{below 1} s1"}, {"s1", Accept{ballot(5, 1), 1 << 30, NoOp, 0}, ""}})
}

// A follower waits for a leader as long as it has drawn, and each sign of life counts anew; that of a leader of long ago does not. Fails if it tries too early, never, or a
// refused leader keeps it from trying.
func TestPatience(t *testing.T) {
	d := start(t, 3, three())
	d.env.Clock = d.Patience - 1
	if got := d.hears("s1", Heartbeat{ballot(1, 1), 0, 1}); got != "Alive{1.s1 #1 by s3} s1" {
		t.Fatalf("sends %q", got)
	}
	d.env.Clock = d.Patience
	if got := d.hears("s3", wake{}); got != "" {
		t.Errorf("tries though it has just heard a leader: %q", got)
	}
	d.hears("s2", Prepare{Ballot: ballot(2, 2)})
	deadline := d.deadline
	d.env.Clock = deadline - time.Millisecond
	if got := d.hears("s1", Heartbeat{ballot(1, 1), 0, 2}); got != "Refused{1.s1, promised 2.s2} s1" || d.deadline != deadline {
		t.Errorf("sends %q, waits until %v", got, d.deadline)
	}
	d.env.Clock = deadline
	if got := d.hears("s3", wake{}); got != "Prepare{3.s3 from 0} s1 s2" {
		t.Errorf("sends %q", got)
	}
}

// All that a server does in time is in proportion to its patience, and at 150ms as it always was; but nothing is done again at once. Fails if a heartbeat comes too seldom for its
// followers to wait for it, or so often that a slow network is full of them.
func TestInProportionToPatience(t *testing.T) {
	for _, c := range []struct{ patience, beat, resend, ask, step time.Duration }{
		{150 * time.Millisecond, 20 * time.Millisecond, 60 * time.Millisecond, 100 * time.Millisecond, 10 * time.Millisecond},
		{15 * time.Millisecond, quickest, 6 * time.Millisecond, 10 * time.Millisecond, time.Millisecond},
		{leastPatience, quickest, quickest, leastPatience * 2 / 3, leastPatience / 15},
	} {
		set := &Settings{Patience: c.patience}
		if set.beatEvery() != c.beat || set.resendAfter() != c.resend || set.askEvery() != c.ask || set.patienceStep() != c.step {
			t.Errorf("patience %v: %v %v %v %v", c.patience, set.beatEvery(), set.resendAfter(), set.askEvery(), set.patienceStep())
		}
		if set.beatEvery() >= c.patience {
			t.Errorf("patience %v: a leader that lives is given up", c.patience)
		}
	}
}

// A ballot is on the disk before anybody hears of it. Fails if a candidate that starts again uses the same one: promises for the one could be taken for those for the other.
func TestBallotIsUsedOnce(t *testing.T) {
	d := start(t, 3, three())
	d.run(d.env)
	p := d.env.Sent[0].Message.(Prepare)
	if d.again(t).promised != p.Ballot {
		t.Errorf("%v was sent, and the disk knows of %v", p.Ballot, d.again(t).promised)
	}
}
