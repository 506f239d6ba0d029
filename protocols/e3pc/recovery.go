package e3pc

// A Recovery is the leader's side of one election: it counts standings and acknowledgements, and applies the decision rule. It has
// no effects, so that it can be reasoned about, and tested, without a world. Make one with [Recover].
type Recovery struct {
	Election Election
	State    State // pre-commit or pre-abort, once the rule has been applied; from then on fixed

	need        int
	heard       sites    // who has told its standing
	maxAttempt  Election // MaxAttempt: the latest that any of them has made
	committable bool     // IsMaxAttemptCommittable: all that made it are in pre-commit
	moved       sites    // who has moved to State
	done        bool
}

// Recover starts an election, which must never have been used before. Need is how many sites make a quorum, see [Majority].
func Recover(e Election, need int) Recovery { return Recovery{Election: e, need: need} }

// Open reports whether this election still waits for answers.
func (r *Recovery) Open() bool { return !r.Election.None() && !r.done }

// Attempting reports whether the rule has been applied: sites have been asked to move.
func (r *Recovery) Attempting() bool { return r.State != initial }

// Standing counts the standing of site i. It returns true once, when a quorum has answered: now State is what sites are to be asked to
// move to. A site that has decided, or may abort alone, gives no standing; it answers with the decision, which needs no quorum.
//
// This is the decision rule of the paper for undecided sites: pre-commit if all that made the latest attempt among them are in
// pre-commit, else pre-abort. Those that made an older attempt do not count, since the latest one could only be made after
// its leader had seen to it that theirs cannot succeed any more.
func (r *Recovery) Standing(i int, m Standing) bool {
	if m.Election != r.Election || r.Attempting() {
		return false
	}
	r.heard = r.heard.with(i)
	switch preCommit := m.State == preCommitted; {
	case r.maxAttempt.Less(m.Attempt):
		r.maxAttempt, r.committable = m.Attempt, preCommit
	case r.maxAttempt == m.Attempt && !m.Attempt.None():
		r.committable = r.committable && preCommit
	}
	if r.heard.count() < r.need {
		return false
	}
	if r.State = preAborted; r.committable {
		r.State = preCommitted
	}
	return true
}

// Moved counts the acknowledgement of site i. It returns true once, when a quorum has moved: State is to be decided.
func (r *Recovery) Moved(i int, m PreAck) bool {
	if m.Election != r.Election || !r.Attempting() || r.done {
		return false
	}
	r.moved = r.moved.with(i)
	r.done = r.moved.count() >= r.need
	return r.done
}
