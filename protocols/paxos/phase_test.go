package paxos

import "testing"

// Fails if an acceptor's phase is not that of the slot which the message names, or if looking makes a slot.
func TestAcceptorPhase(t *testing.T) {
	one, two := Ballot{Round: 1, Proposer: 1}, Ballot{Round: 2, Proposer: 1}
	a := &Acceptor{votes: []vote{{}, {promised: one}, {promised: one, accepted: one}, {promised: two, accepted: one}}}
	for slot, want := range []string{"new", "promised", "accepted", "outbid", "new"} {
		s := Slot(slot)
		for _, m := range []any{Prepare{Slot: s}, Accept{Slot: s}, Ask{Slot: s}} {
			if got := a.Phase(m); got != want {
				t.Errorf("%v: %s, want %s", m, got, want)
			}
		}
	}
	if got := a.Phase(nil); got != "new" {
		t.Errorf("about no message it is %s, and slot 0 is new", got)
	}
	if len(a.votes) != 4 {
		t.Error("a look has made a slot")
	}
	if a.halted = true; a.Phase(Prepare{}) != "halted" {
		t.Error("it is halted and does not say so")
	}
}

// Fails if a proposer says that it rests while it waits for answers, or the other way round, or goes on after the end.
func TestProposerPhase(t *testing.T) {
	b := Ballot{Round: 1, Proposer: 1}
	p := &Proposer{own: "A"}
	say := func(want string) {
		t.Helper()
		if got := p.Phase(nil); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	say("resting")
	p.attempt = Begin(0, b, "A", 1)
	say("preparing")
	p.attempt.Promise(0, Promise{Ballot: b})
	say("proposing")
	p.attempt.Accepted(0, Accepted{Ballot: b, Value: "A"})
	p.outcome = Chosen{Ballot: b, Value: "A"}
	say("done")
	p.outcome, p.attempt = Chosen{}, Attempt{}
	say("resting")
}

// Fails if a learner that has heard of one acceptance cannot be told from one that knows nothing, or all.
func TestLearnerPhase(t *testing.T) {
	l := new(Learner)
	for _, want := range []string{"new", "counting", "done"} {
		if got := l.Phase(nil); got != want {
			t.Errorf("%s, want %s", got, want)
		}
		l.learned = len(l.tally) > 0
		l.tally.add(0, Accepted{Ballot: Ballot{Round: 1, Proposer: 1}, Value: "A"})
	}
}
