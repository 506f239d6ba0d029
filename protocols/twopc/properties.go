package twopc

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
)

func properties(o sim.Options) []sim.Property {
	l := newLedger()
	c := commitmentOf()
	recovery := setupOf(o).recovery
	all := append(checkers.Atomicity(c),
		checkers.Decision(c, workOf(o).transactions, l.waiting),
		checkers.Termination("told", l.untold),
		checkers.SerializableLists(listsOf()))
	if o.Bool("costs") {
		all = append(all, costs(o.Int("participants"), recovery))
	}
	return append(all, l.innerProperties(recovery)...)
}

// A ledger is what an observer knows of each transaction who misses nothing. The properties of a run share one;
// whichever sees an event first enters it.
type ledger struct {
	byTx map[Tx]*entry
	last *entry // the one looked up last: events of a transaction come in bursts
	seq  uint64 // of the event entered last

	// What is to be said of that event.
	isDecision, isYes, isTakeover bool
	conflict, broken, unsafe      error
}

// An entry is one transaction.
type entry struct {
	tx           Tx
	participants []sim.NodeID
	knows        []sim.NodeID // the nodes that know the decision, or knew it before they crashed
	yes          []sim.NodeID // those that have voted yes
	barred       []sim.NodeID // those that have said no, or that it is aborted, and had not voted yes
	told         []told
	fenced       []fencedOff
}

// told is a decision that left a coordinator.
type told struct {
	attempt Attempt
	commit  bool
}

// fencedOff is a participant that has answered a fence.
type fencedOff struct {
	node    sim.NodeID
	attempt Attempt
}

func newLedger() *ledger { return &ledger{byTx: make(map[Tx]*entry)} }

// of finds a transaction's entry.
func (l *ledger) of(tx Tx) *entry {
	if l.last != nil && l.last.tx == tx {
		return l.last
	}
	x := l.byTx[tx]
	if x == nil {
		x = &entry{tx: tx}
		l.byTx[tx] = x
	}
	l.last = x
	return x
}

// enter takes notice of an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.isDecision, l.isYes, l.isTakeover = e.Seq, false, false, false
	l.conflict, l.broken, l.unsafe = nil, nil, nil
	switch m := e.Data.(type) {
	case Opened:
		l.of(m.Tx).participants = m.Participants
	case Voted:
		if x := l.of(m.Tx); m.Yes && !slices.Contains(x.yes, e.Node) {
			x.yes = append(x.yes, e.Node) // though a crash may keep it from saying so
		}
	case Decided:
		if x := l.of(m.Tx); !slices.Contains(x.knows, e.Node) {
			x.knows = append(x.knows, e.Node)
		}
	case Vote:
		if e.Kind == sim.Sent {
			l.vote(e.Node, m)
		}
	case Answer:
		if e.Kind == sim.Sent && m.State == Aborted {
			l.of(m.Tx).bar(e.Node)
		}
	case Fenced:
		if e.Kind == sim.Sent {
			x := l.of(m.Tx)
			x.fenced = append(x.fenced, fencedOff{e.Node, m.Attempt})
			if m.State == Aborted {
				x.bar(e.Node)
			}
		}
	case Decision:
		if e.Kind == sim.Sent {
			l.decision(e.Node, m)
		}
	}
}

// bar notes that a node has said that there will be no commit. One that had voted yes has it from others, and may forget
// it again.
func (x *entry) bar(id sim.NodeID) {
	if !slices.Contains(x.barred, id) && !slices.Contains(x.yes, id) {
		x.barred = append(x.barred, id)
	}
}

// vote judges a vote by what its sender has said before.
func (l *ledger) vote(from sim.NodeID, m Vote) {
	x := l.of(m.Tx)
	if !m.Yes {
		x.bar(from)
		return
	}
	l.isYes = true
	if slices.Contains(x.barred, from) {
		l.broken = fmt.Errorf("%s votes yes on %v, which it has said to be aborted before", from, m.Tx)
	}
	for _, f := range x.fenced {
		if f.node == from && m.Attempt.Less(f.attempt) {
			l.broken = fmt.Errorf("%s votes on %v in attempt %v, and has joined %v", from, m.Tx, m.Attempt, f.attempt)
		}
	}
}

// decision judges a decision when it is told for the first time in its attempt.
func (l *ledger) decision(from sim.NodeID, m Decision) {
	x := l.of(m.Tx)
	for _, t := range x.told {
		if t.attempt == m.Attempt {
			if l.isDecision = true; t.commit != m.Commit {
				l.conflict = fmt.Errorf("%s tells the decision to %s %v, and told the other one before", from, commitAbort(m.Commit), m.Tx)
			}
			return
		}
	}
	x.told = append(x.told, told{m.Attempt, m.Commit})
	if m.Attempt == m.Tx.First() || x.participants == nil {
		return
	}
	l.isTakeover = true
	for _, id := range x.participants {
		if !slices.Contains(x.fenced, fencedOff{id, m.Attempt}) {
			l.unsafe = fmt.Errorf("%s decides to %s %v in attempt %v, which %s has not joined", from, commitAbort(m.Commit), m.Tx, m.Attempt, id)
			return
		}
	}
}

// innerProperties returns what is true inside two-phase commit:
//
//   - one-decision: no two decisions of one attempt differ;
//   - word-kept: who has said that a transaction is aborted before it had voted yes, or has joined a higher attempt, votes
//     yes no more, in whichever of its lives;
//   - all-fenced: who takes a transaction over decides when every participant has joined the attempt, and not only those
//     that can be reached.
func (l *ledger) innerProperties(recovery bool) []sim.Property {
	noticed := []sim.Kind{sim.Sent, sim.Noted}
	inner := []sim.Property{
		checkers.Always("one-decision", true, noticed, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isDecision, l.conflict
		}),
		checkers.Always("word-kept", true, noticed, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isYes, l.broken
		}),
	}
	if recovery {
		inner = append(inner, checkers.Always("all-fenced", true, noticed, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isTakeover, l.unsafe
		}))
	}
	return inner
}

// waiting lists who waits for whom when a run is over.
func (l *ledger) waiting(w *sim.World) []checkers.Wait {
	var all []checkers.Wait
	knows := func(tx Tx) []sim.NodeID {
		return slices.DeleteFunc(slices.Clone(l.of(tx).knows), func(id sim.NodeID) bool {
			n, _ := w.Node(id)
			p, is := n.(*Participant)
			return is && p.doubts(tx) // a crash has taken it
		})
	}
	for _, id := range w.Nodes() {
		n, ok := w.Node(id)
		if x, is := n.(waiter); ok && is {
			all = append(all, x.waits(id, knows)...)
		}
	}
	return all
}

// untold is who still waits for an outcome.
func (l *ledger) untold(w *sim.World) error {
	all := l.waiting(w)
	if slices.ContainsFunc(all, func(x checkers.Wait) bool { n, _ := w.Node(x.Node); _, is := n.(*Client); return is }) {
		return checkers.Explain(w, all)
	}
	return nil
}
