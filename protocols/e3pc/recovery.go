package e3pc

// A Recovery is the leader's side of one election: it counts standings and acknowledgements, and applies the
// decision rule. It has no effects, so that it can be reasoned about, and tested, without a world. Make one
// with [Recover].
type Recovery struct {
	Election Election
	State    State // pre-commit or pre-abort, once the rule has been applied; from then on fixed

	need        int
	rule        rule
	own         State              // the leader's, before it moves
	heard       sites              // who has told its standing
	in          [aborted + 1]uint8 // how many of them are in each state
	maxAttempt  Election           // MaxAttempt: the latest that any of them has made
	committable bool               // IsMaxAttemptCommittable: all that made it are in pre-commit
	moved       sites              // who has moved to State
	done        bool
}

// A rule says from the standings of undecided sites what to attempt; initial means neither, for want of a quorum.
type rule func(*Recovery) State

// The rules that the option rule names.
const (
	byAttempts = "e3pc"
	byStates   = "skeen"
)

// e3pc is the decision rule of the paper: pre-commit if all that made the latest attempt among a quorum are in
// pre-commit, else pre-abort. Those that made an older attempt do not count, since the latest one could only be
// made after its leader had seen to it that theirs cannot succeed any more.
func e3pc(r *Recovery) State {
	switch {
	case r.heard.count() < r.need:
		return initial
	case r.committable:
		return preCommitted
	}
	return preAborted
}

// skeen is the rule of the older protocol, which knows no attempts. There a site never goes from pre-commit to
// pre-abort or back, so a side needs a quorum of sites that are not on the other; and a leader leaves the side
// that it is not on itself to other leaders.
func skeen(r *Recovery) State {
	n := uint8(r.heard.count())
	switch need := uint8(r.need); {
	case r.in[preCommitted] > 0 && n-r.in[preAborted] >= need && r.own != preAborted:
		return preCommitted
	case n-r.in[preCommitted] >= need && r.own != preCommitted:
		return preAborted
	}
	return initial
}

// Recover starts an election, which must never have been used before, led by a site in this state. Need is how
// many sites make a quorum, see [Majority].
func Recover(e Election, own State, need int, by rule) Recovery {
	return Recovery{Election: e, own: own, need: need, rule: by}
}

// Open reports whether this election still waits for answers.
func (r *Recovery) Open() bool { return !r.Election.None() && !r.done }

// Attempting reports whether the rule has spoken: sites have been asked to move.
func (r *Recovery) Attempting() bool { return r.State != initial }

// Standing counts the standing of site i. It returns true once, when the rule has spoken: now State is what
// sites are to be asked to move to, and later standings change nothing. A site that has decided, or may abort
// alone, gives no standing; it answers with the decision, which needs no quorum.
func (r *Recovery) Standing(i int, m Standing) bool {
	if m.Election != r.Election || r.Attempting() || r.heard.has(i) {
		return false
	}
	r.heard = r.heard.with(i)
	r.in[m.State]++
	switch preCommit := m.State == preCommitted; {
	case r.maxAttempt.Less(m.Attempt):
		r.maxAttempt, r.committable = m.Attempt, preCommit
	case r.maxAttempt == m.Attempt && !m.Attempt.None():
		r.committable = r.committable && preCommit
	}
	r.State = r.rule(r)
	return r.Attempting()
}

// Moved counts the acknowledgement of site i. It returns true once, when a quorum has moved: State is to be
// decided.
func (r *Recovery) Moved(i int, m PreAck) bool {
	if m.Election != r.Election || !r.Attempting() || r.done {
		return false
	}
	r.moved = r.moved.with(i)
	r.done = r.moved.count() >= r.need
	return r.done
}
