package paxos

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A ledger is what an observer who misses nothing knows: every promise,
// proposal and acceptance that ever left a node, in all slots. The
// properties of a run share one; whichever sees an event first enters it.
//
// An acceptor that answers its own proposer sends nothing; it notes the
// answer as a fact, which is taken for sent.
type ledger struct {
	acceptors []sim.NodeID
	need      int      // how many of them choose a value, as the system has it
	seq       uint64   // of the event entered last
	first     []int32  // by slot: its first entry, as a place in entries plus 1; 0 is none
	entries   []entry  // the proposals of all slots, chained by next
	promised  []Ballot // by slot and acceptor: the highest ballot promised; to accept is to promise

	// What is to be said of the event entered last.
	isProposal, isVote          bool
	conflict, unsafety, lowered error
}

// An entry is a proposal, and who has accepted it.
type entry struct {
	proposal
	sent bool // some proposer has proposed it; else it is only known from acceptors
	next int32
}

// enter takes notice of an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.isProposal, l.isVote = e.Seq, false, false
	l.conflict, l.unsafety, l.lowered = nil, nil, nil
	switch m := e.Data.(type) {
	case Accept:
		if e.Kind == sim.Sent {
			l.propose(e, m)
		}
	case Promise:
		l.vote(e, m.Slot, m.Ballot)
		if !m.Accepted.None() {
			l.accept(e, m.Slot, m.Accepted, m.Value)
		}
	case Accepted:
		// An acceptance can be told for the first time long after it was made, if its acceptor crashed
		// between the sync and the answer.
		if l.accept(e, m.Slot, m.Ballot, m.Value) && !m.again {
			l.vote(e, m.Slot, m.Ballot)
		}
	case Refused:
		l.vote(e, m.Slot, m.Promised)
	}
}

// propose judges a proposal when it is sent for the first time.
func (l *ledger) propose(e *sim.Event, m Accept) {
	p := l.entry(m.Slot, m.Ballot, m.Value)
	if p.sent {
		return
	}
	p.sent, l.isProposal = true, true
	l.each(m.Slot, func(q *entry) {
		if q.sent && q.ballot == m.Ballot && q.value != m.Value {
			l.conflict = fmt.Errorf("%s proposes %s in ballot %v%s, in which %s was proposed before", e.Node, m.Value, m.Ballot, inSlot(m.Slot), q.value)
		}
	})
	if !l.safeAt(m) {
		l.unsafety = fmt.Errorf("%s proposes %s in ballot %v%s, which no majority makes safe: %s", e.Node, m.Value, m.Ballot, inSlot(m.Slot), l.standing(m))
	}
}

// safeAt is the predicate of Lamport's proof (section 2.2, P2c): there is a majority of which each
// acceptor has promised the ballot by now, and either none of them has accepted anything below it, or
// the value is that of the highest proposal below it that any of them has accepted.
func (l *ledger) safeAt(m Accept) bool {
	if l.agreeing(m, Ballot{}) {
		return true
	}
	safe := false
	l.each(m.Slot, func(p *entry) {
		safe = safe || p.value == m.Value && p.ballot.Less(m.Ballot) && p.accepted != 0 && l.agreeing(m, p.ballot)
	})
	return safe
}

// agreeing reports whether a majority has promised the ballot of m, in which limit is the highest ballot
// below that of m in which any of them has accepted something.
func (l *ledger) agreeing(m Accept, limit Ballot) bool {
	n, met := 0, limit.None()
	for i := range l.acceptors {
		if l.promise(m.Slot, i).Less(m.Ballot) {
			continue
		}
		p := l.highest(m.Slot, i, m.Ballot)
		if p == nil || !limit.Less(p.ballot) {
			n++
			met = met || p != nil && p.ballot == limit
		}
	}
	return met && 2*n > len(l.acceptors) // counted here, and not by Majority: the judge must not be wrong along with the judged
}

// highest returns the highest proposal below a ballot that acceptor i ever accepted, or nil.
func (l *ledger) highest(slot Slot, i int, below Ballot) (best *entry) {
	l.each(slot, func(p *entry) {
		if p.accepted.Has(i) && p.ballot.Less(below) && (best == nil || best.ballot.Less(p.ballot)) {
			best = p
		}
	})
	return best
}

// vote enters that an acceptor has promised at least this ballot, and says so by its answer.
func (l *ledger) vote(e *sim.Event, slot Slot, b Ballot) {
	i := slices.Index(l.acceptors, e.Node)
	if i < 0 {
		return
	}
	l.isVote = true
	if p := l.promise(slot, i); b.Less(*p) {
		l.lowered = fmt.Errorf("%s stands by ballot %v%s after it has promised %v", e.Node, b, inSlot(slot), *p)
	} else {
		*p = b
	}
}

// accept enters that an acceptor has accepted a proposal. It returns false if that was known: to tell it
// again, when asked, is no vote.
func (l *ledger) accept(e *sim.Event, slot Slot, b Ballot, v Value) bool {
	i := slices.Index(l.acceptors, e.Node)
	if i < 0 {
		return false
	}
	p := l.entry(slot, b, v)
	known := p.accepted.Has(i)
	p.accepted = p.accepted.With(i)
	return !known
}

// chosen reports whether a quorum has accepted the value in one and the same ballot.
func (l *ledger) chosen(slot Slot, v Value) (yes bool) {
	l.each(slot, func(p *entry) {
		yes = yes || p.value == v && p.accepted.Count() >= l.need
	})
	return yes
}

func (l *ledger) promise(slot Slot, i int) *Ballot {
	at := int(slot)*len(l.acceptors) + i
	if at >= len(l.promised) {
		l.promised = upTo(l.promised, (int(slot)+1)*len(l.acceptors))
	}
	return &l.promised[at]
}

func (l *ledger) each(slot Slot, do func(*entry)) {
	if int(slot) >= len(l.first) {
		return
	}
	for at := l.first[slot]; at != 0; at = l.entries[at-1].next {
		do(&l.entries[at-1])
	}
}

// entry returns the entry of a proposal, a new one if need be. The pointer is good until the next call.
func (l *ledger) entry(slot Slot, b Ballot, v Value) *entry {
	if int(slot) >= len(l.first) {
		l.first = upTo(l.first, int(slot)+1)
	}
	for at := l.first[slot]; at != 0; at = l.entries[at-1].next {
		if p := &l.entries[at-1]; p.ballot == b && p.value == v {
			return p
		}
	}
	l.entries = append(l.entries, entry{proposal: proposal{ballot: b, value: v}, next: l.first[slot]})
	l.first[slot] = int32(len(l.entries))
	return &l.entries[len(l.entries)-1]
}

// standing tells what acceptors have promised and accepted, as far as it matters to a proposal.
func (l *ledger) standing(m Accept) string {
	var say []string
	for i, id := range l.acceptors {
		switch p := l.highest(m.Slot, i, m.Ballot); {
		case l.promise(m.Slot, i).Less(m.Ballot):
			say = append(say, fmt.Sprintf("%s has not promised it", id))
		case p != nil:
			say = append(say, fmt.Sprintf("%s has accepted %v", id, p.proposal))
		default:
			say = append(say, fmt.Sprintf("%s has accepted nothing below it", id))
		}
	}
	return strings.Join(say, ", ")
}

func inSlot(s Slot) string {
	if s == 0 {
		return ""
	}
	return fmt.Sprintf(" of slot %d", s)
}
