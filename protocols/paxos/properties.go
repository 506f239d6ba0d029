package paxos

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
)

// left are the events in which something leaves a node: the observers' view of the protocol.
var left = []sim.Kind{sim.Sent, sim.Noted}

// InnerProperties returns what must be true of proposers and acceptors in every slot, for one run:
//
//   - one-value-per-ballot: no two proposals of a ballot differ;
//   - safe-at: a proposal is safe at its ballot when it is sent (section 2.2, P2c);
//   - promise-monotone: no acceptor promises or accepts in a ballot, or refuses one for the sake of
//     it, after it has promised a higher one, in whichever of its lives.
//
// They read the messages as they are sent. An acceptor that answers itself must note its [Promise] or
// [Accepted] as a fact.
func InnerProperties(acceptors []sim.NodeID) []sim.Property {
	return (&ledger{acceptors: acceptors}).innerProperties()
}

func (l *ledger) innerProperties() []sim.Property {
	return []sim.Property{
		checkers.Always("one-value-per-ballot", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isProposal, l.conflict
		}),
		checkers.Always("safe-at", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isProposal, l.unsafety
		}),
		checkers.Always("promise-monotone", true, left, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.isVote, l.lowered
		}),
	}
}

// decided reads a fact by which a node says what was decided, there being one slot only.
func decided(fact any) (instance, value any, ok bool) {
	switch f := fact.(type) {
	case Chosen:
		return nil, f.Value, true
	case Learned:
		return nil, f.Value, true
	}
	return nil, nil, false
}

func proposed(fact any) (instance, value any, ok bool) {
	f, ok := fact.(Proposed)
	return nil, f.Value, ok
}

// integrity returns the outer property that whoever says what was decided says what a quorum had
// accepted in one ballot, and that a learner learns once a life.
func (l *ledger) integrity() sim.Property {
	learned := make(map[sim.NodeID]bool) // in this life
	return checkers.Always("integrity", false, []sim.Kind{sim.Started, sim.Sent, sim.Noted}, func(e *sim.Event) (bool, error) {
		if e.Kind == sim.Started {
			delete(learned, e.Node)
			return false, nil
		}
		l.enter(e)
		_, v, ok := decided(e.Data)
		if !ok || e.Kind != sim.Noted {
			return false, nil
		}
		if !l.chosen(0, v.(Value)) {
			return true, fmt.Errorf("%s says that %s was chosen, but no quorum has accepted it in one ballot", e.Node, v)
		}
		if learned[e.Node] {
			return true, fmt.Errorf("%s learned for the second time in one life", e.Node)
		}
		learned[e.Node] = true
		return true, nil
	})
}

// termination returns the liveness property that all proposers and learners know in the end, save those
// that are broken for good.
func termination(waiters []sim.NodeID) sim.Property {
	know := make(map[sim.NodeID]bool) // in this life
	observe := func(e *sim.Event) bool {
		if e.Kind == sim.Crashed {
			delete(know, e.Node)
			return false
		}
		if _, _, ok := decided(e.Data); !ok {
			return false
		}
		know[e.Node] = true
		return len(know) == len(waiters)
	}
	waiting := func(w *sim.World) error {
		var waits []checkers.Wait
		for _, id := range waiters {
			if w.Healed(id) && !know[id] {
				n, _ := w.Node(id)
				waits = append(waits, waitOf(id, n))
			}
		}
		if err := checkers.Explain(w, waits); err != nil {
			return fmt.Errorf("not everybody knows what was chosen: %w", err)
		}
		return nil
	}
	return checkers.Tempered(checkers.Eventually("termination", []sim.Kind{sim.Crashed, sim.Noted}, observe, waiting), duels())
}

// duels is how hot a run gets by ballots that preempt one another.
func duels() checkers.Temperature {
	return checkers.Temperature{
		Kinds: []sim.Kind{sim.Sent, sim.Noted},
		Began: Begins(),
		Decided: func(e *sim.Event) bool {
			_, ok := e.Data.(Chosen)
			return ok && e.Kind == sim.Noted
		},
		Round: "ballot", Goal: "decision",
	}
}

// Begins returns a function that reports, for one run, whether a node begins a ballot with an event: it sends a [Prepare] of a ballot of which it has sent none.
func Begins() func(*sim.Event) bool {
	var latest []Prepare // of each proposer
	return func(e *sim.Event) bool {
		m, ok := e.Data.(Prepare)
		if !ok || e.Kind != sim.Sent {
			return false
		}
		for i := range latest {
			if x := &latest[i]; x.Ballot.Proposer == m.Ballot.Proposer {
				begins := x.Ballot != m.Ballot || x.Slot != m.Slot
				*x = m
				return begins
			}
		}
		latest = append(latest, m)
		return true
	}
}

// waitOf says what keeps a node from knowing, if that can be seen; one that is wrong on purpose hands the question on.
func waitOf(id sim.NodeID, n sim.Node) checkers.Wait {
	if x, ok := n.(interface {
		waits(self sim.NodeID) checkers.Wait
	}); ok {
		return x.waits(id)
	}
	return checkers.Wait{Node: id, State: "has learnt nothing"}
}

// waits says what keeps a learner from knowing.
func (l *Learner) waits(self sim.NodeID) checkers.Wait {
	return checkers.Wait{Node: self, State: "has learnt nothing", For: l.proposers}
}

// waits says what keeps a proposer from knowing.
func (p *Proposer) waits(self sim.NodeID) checkers.Wait {
	switch {
	case !p.attempt.Open():
		return checkers.Wait{Node: self, State: fmt.Sprintf("has not begun its ballot number %d", p.tries+1)}
	case p.attempt.Proposing():
		return checkers.Wait{Node: self, State: fmt.Sprintf("has proposed %s in ballot %v", p.attempt.Value, p.attempt.Ballot), For: p.silent()}
	}
	return checkers.Wait{Node: self, State: fmt.Sprintf("has asked for promises in ballot %v", p.attempt.Ballot), For: p.silent()}
}

// silent lists the acceptors that have not answered.
func (p *Proposer) silent() []sim.NodeID {
	rest := slices.Clone(p.acceptors)
	for i := len(rest) - 1; i >= 0; i-- {
		if p.attempt.Answered().Has(i) {
			rest = slices.Delete(rest, i, i+1)
		}
	}
	return rest
}
