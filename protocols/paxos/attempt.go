package paxos

// An Attempt is the proposer's side of one ballot in one slot: it counts the answers and decides what
// may be proposed. It has no effects, so that it can be reasoned about, and tested, without a world.
// Make one with [Begin].
type Attempt struct {
	Slot   Slot
	Ballot Ballot
	Value  Value  // one's own until a quorum has promised; from then on what this ballot proposes, for ever
	From   Ballot // the ballot that the value was adopted from; none if it is one's own

	need               int
	promised, accepted Votes
	proposing, chosen  bool
}

// Begin starts a ballot, which must never have been used before, for a value of one's own. Need is how
// many acceptors make a quorum, see [Majority].
func Begin(slot Slot, ballot Ballot, own Value, need int) Attempt {
	return Attempt{Slot: slot, Ballot: ballot, Value: own, need: need}
}

// Open reports whether this ballot still waits for answers.
func (a *Attempt) Open() bool { return !a.Ballot.None() && !a.chosen }

// Answered returns the acceptors that have given what this ballot asks of them now: promises, or once it is proposing acceptances.
func (a *Attempt) Answered() Votes {
	if a.proposing {
		return a.accepted
	}
	return a.promised
}

// Proposing reports whether phase 1 is over: the value is fixed, and acceptors have been asked to accept it.
func (a *Attempt) Proposing() bool { return a.proposing }

// Promise counts the promise of acceptor i. It returns true once, when a quorum has promised: now Value
// is to be proposed to all acceptors. Promises for other ballots count for nothing, and one that is late
// no longer changes the value, since a ballot has one value.
func (a *Attempt) Promise(i int, m Promise) bool {
	if m.Slot != a.Slot || m.Ballot != a.Ballot || a.proposing {
		return false
	}
	a.promised = a.promised.With(i)
	if a.From.Less(m.Accepted) { // section 2.2, P2c: the highest-numbered proposal among those reported
		a.From, a.Value = m.Accepted, m.Value
	}
	a.proposing = a.promised.Count() >= a.need
	return a.proposing
}

// Accepted counts the acceptance by acceptor i. It returns true once, when a quorum has accepted in this
// ballot: Value is chosen.
func (a *Attempt) Accepted(i int, m Accepted) bool {
	if m.Slot != a.Slot || m.Ballot != a.Ballot || !a.proposing || a.chosen {
		return false
	}
	a.accepted = a.accepted.With(i)
	a.chosen = a.accepted.Count() >= a.need
	return a.chosen
}
