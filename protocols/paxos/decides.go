package paxos

import (
	"slices"

	"simrun/sim"
)

// decides says which messages decide: an [Accept] that would complete a quorum of acceptances in its ballot. A value is chosen then, whether or not
// anybody ever learns it, so it is too late to withhold what comes after.
func decides(o sim.Options) sim.Deciding {
	acceptors, need := names("a", o.Int("acceptors")), quorum(o)
	return func(w *sim.World, to sim.NodeID, m sim.Message) bool {
		accept, ok := m.(Accept)
		if !ok || !slices.Contains(acceptors, to) {
			return false
		}
		n := 0
		for _, id := range acceptors {
			node, _ := w.Node(id)
			x, ok := node.(interface {
				stands(Slot) (promised, accepted Ballot, halted bool)
			})
			if !ok { // busy or down: it may have accepted
				n++
				continue
			}
			promised, accepted, halted := x.stands(accept.Slot)
			if id == to && (halted || accept.Ballot.Less(promised) || accept.Ballot == accepted) {
				return false // it says nothing or refuses, or has accepted before
			}
			// Whoever has accepted in a higher ballot may have accepted in this one before.
			if id == to || !accepted.Less(accept.Ballot) {
				n++
			}
		}
		return n >= need
	}
}

// stands returns what the acceptor has promised and accepted last, and whether it has fallen silent.
func (a *Acceptor) stands(slot Slot) (promised, accepted Ballot, halted bool) {
	v := a.vote(slot)
	return v.promised, v.accepted, a.halted
}
