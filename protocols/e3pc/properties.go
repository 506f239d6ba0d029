package e3pc

import (
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// left are the events in which something leaves a node: the observers' view of the protocol.
var left = []sim.Kind{sim.Sent, sim.Noted}

// committableAttempt is reached when a leader finds that the last attempt can be committed: most recoveries abort.
const committableAttempt = "committable-attempt"

// innerProperties returns what must be true inside, for one run:
//
//   - one-leader: no election is led twice, by whomever in whichever life;
//   - elections-rise: no site stands by an election, or an attempt, below one that it stood by before, in
//     whichever of its lives;
//   - attempt-safe: when a leader has moved to pre-commit or pre-abort, no older attempt at the opposite can
//     succeed any more;
//   - decision-safe: whoever decides first has the right to. A quorum has moved there in one election; or, for
//     abort, it is a site that has not voted yes, or a coordinator that has asked nobody to pre-commit.
//
// They read messages as they are sent, and the facts that leaders note of themselves.
func (l *ledger) innerProperties() []sim.Property {
	return []sim.Property{
		checkers.Always("one-leader", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isLead, l.second
		}),
		checkers.Always("elections-rise", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isStanding, l.lowered
		}),
		&attemptSafe{checkers.Always("attempt-safe", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isAttempt, l.unsafe
		}), l},
		checkers.Always("decision-safe", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isDecision, l.groundless
		}),
	}
}

// attemptSafe is a property that also says what it has seen reached.
type attemptSafe struct {
	sim.Property
	*ledger
}

func (attemptSafe) Inner() bool         { return true }
func (attemptSafe) Watches() []sim.Kind { return left }

// Reached reports whether a recovery has gone for commit.
func (p attemptSafe) Reached() []string {
	if p.recommitted {
		return []string{committableAttempt}
	}
	return nil
}

// waits lists, at the end of a run, who waits for whom.
func (l *ledger) waits(w *sim.World) (list []checkers.Wait) {
	for _, id := range l.sites {
		n, ok := w.Node(id)
		s, is := n.(interface {
			waits(id sim.NodeID) []waiting
		})
		if !ok || !is || !w.Healed(id) {
			continue
		}
		for _, x := range s.waits(id) {
			x.Knows = l.knows(x.tx)
			list = append(list, x.Wait)
		}
	}
	return list
}

// A waiting is a wait for the outcome of a transaction.
type waiting struct {
	tx Tx
	checkers.Wait
}

// waits lists the transactions that a site has voted for and does not know the end of.
func (s *Site) waits(id sim.NodeID) (list []waiting) {
	for i := range s.branches {
		b := &s.branches[i]
		if b.state == initial || b.state.final() {
			continue
		}
		w := waiting{tx: Tx(i + 1)}
		w.Node = id
		switch r := &b.recovery; {
		case r.Attempting():
			w.State = fmt.Sprintf("is in %v of %v without a quorum (%d needed, moved %s only)", b.state, w.tx, s.need, s.names(r.moved))
			w.For = s.except(r.moved)
		case r.heard.count() >= s.need: // which only the older rule lets happen
			w.State = fmt.Sprintf("is in %v of %v where neither side has a quorum (%d needed, heard %s only)", b.state, w.tx, s.need, s.names(r.heard))
			w.For = s.except(r.heard)
		case r.Open():
			w.State = fmt.Sprintf("is in %v of %v without a quorum (%d needed, heard %s only)", b.state, w.tx, s.need, s.names(r.heard))
			w.For = s.except(r.heard)
		default:
			w.State = fmt.Sprintf("is in %v of %v in election %v", b.state, w.tx, b.elected)
			w.For = []sim.NodeID{s.leader(b.elected)}
		}
		list = append(list, w)
	}
	return list
}

// leader returns who leads an election.
func (s *Site) leader(e Election) sim.NodeID {
	if e.Leader == 0 {
		return s.coordinator
	}
	return s.sites[e.Leader-1]
}

// except returns the sites that are not in a set, nor the site itself.
func (s *Site) except(set sites) (ids []sim.NodeID) {
	for i, id := range s.sites {
		if !set.has(i) && i != int(s.number)-1 {
			ids = append(ids, id)
		}
	}
	return ids
}

// names lists the sites of a set.
func (s *Site) names(set sites) string {
	var ids []string
	for i, id := range s.sites {
		if set.has(i) {
			ids = append(ids, string(id))
		}
	}
	return strings.Join(ids, ", ")
}
