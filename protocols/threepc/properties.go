package threepc

import (
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// innerProperties are the two halves of the nonblocking theorem (Skeen 1981), as they hold at every instant of those
// that have been up without interruption. What a site was in when it crashed is history, since it takes no part in the
// transaction any more.
//
//   - "no-mixed-states": nobody is pre-committed while somebody has aborted;
//   - "all-prepared": nobody commits while somebody is uncertain.
func (l *ledger) innerProperties() []sim.Property {
	return []sim.Property{
		checkers.Always("no-mixed-states", true, seen, func(e *sim.Event) (bool, error) {
			l.read(e)
			return l.isMove, l.mixed
		}),
		checkers.Always("all-prepared", true, seen, func(e *sim.Event) (bool, error) {
			l.read(e)
			return l.isCommit, l.unprepared
		}),
	}
}

// commitment says how the facts are read.
func commitment(members []sim.NodeID) checkers.Commitment {
	return checkers.Commitment{
		Begun: func(fact any) (any, []sim.NodeID, bool) {
			f, ok := fact.(Begun)
			return f.Tx, members[1:], ok
		},
		Voted: func(fact any) (any, bool, bool) {
			f, ok := fact.(Voted)
			return f.Tx, f.Yes, ok
		},
		Decided: func(fact any) (any, bool, bool) {
			f, ok := fact.(Decided)
			return f.Tx, f.Commit, ok
		},
		Joined: func(fact any) (any, bool) { // the coordinator has no vote, but it must know in the end what it has begun
			f, ok := fact.(Begun)
			return f.Tx, ok
		},
		Ended: func(fact any) (any, bool) { // the first decision; then those who have voted yes must follow
			f, ok := fact.(Decided)
			return f.Tx, ok
		},
	}
}

// nonBlocking is the liveness property "non-blocking": a site that has been up without interruption since the transaction
// began has decided within a bound after the latest crash, see soonest. It holds as long as there is one such site: that
// is what three phases are for. Each decision of one is a check, and each that is missing at
// the end. A run in which one came too late goes on to its end, and is stalled.
type nonBlocking struct {
	*ledger
	checks uint64
}

func (n *nonBlocking) Name() string        { return "non-blocking" }
func (n *nonBlocking) Watches() []sim.Kind { return seen }
func (n *nonBlocking) Checks() uint64      { return n.checks }

// Finished keeps the run from ending early where there is something to complain about.
func (n *nonBlocking) Finished() bool { return n.late == nil }

// Observe counts the decisions that matter.
func (n *nonBlocking) Observe(e *sim.Event) error {
	if n.read(e); n.isPrompt {
		n.checks++
	}
	return nil
}

// End looks for sites that have not decided though they should have.
func (n *nonBlocking) End(w *sim.World) (sim.Result, error) {
	if n.late != nil {
		return sim.Open, n.late
	}
	for i := range n.cases {
		blocked := n.blocked(&n.cases[i], w.Now())
		if blocked == 0 {
			continue
		}
		n.checks++
		err := fmt.Errorf("%s, up since %v began, %s undecided", n.names(blocked), Tx(i), blocked.is())
		if why := checkers.Explain(w, n.waits(w)); why != nil {
			err = fmt.Errorf("%w: %w", err, why)
		}
		return sim.Open, err
	}
	return sim.Holds, nil
}

// waits lists who waits for whom when a run is over.
func (l *ledger) waits(w *sim.World) (waits []checkers.Wait) {
	for _, id := range l.members {
		n, _ := w.Node(id)
		if s, ok := n.(interface{ waits() []wait }); ok {
			for _, x := range s.waits() {
				c := &l.cases[x.tx]
				knows := c.decided &^ x.sites
				waits = append(waits, checkers.Wait{Node: id, State: x.state, For: l.ids(x.sites), Knows: l.ids(knows)})
			}
		}
	}
	return waits
}

// A wait is that a site waits for others in a transaction.
type wait struct {
	tx    Tx
	state string
	sites set
}

// waits lists what the site waits for.
func (s *site) waits() (waits []wait) {
	for i := range s.txs {
		if t := &s.txs[i]; t.phase != idle {
			x := wait{t.id, fmt.Sprintf("is %v in %v", stateWords[t.state], t.id), t.up &^ t.heard}
			switch t.phase {
			case following:
				x.sites = only(t.leader)
			case recovering:
				x.state = fmt.Sprintf("has recovered, %v in %v", stateWords[t.state], t.id)
				x.sites = s.missing(t)
			}
			waits = append(waits, x)
		}
	}
	return waits
}

var stateWords = [...]string{"not asked", "uncertain", "pre-committed", "committed", "aborted"}
