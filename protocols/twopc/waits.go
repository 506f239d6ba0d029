package twopc

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
)

// A waiter says what it waits for when a run is over; knows lists the nodes that know how a transaction ended.
type waiter interface {
	waits(id sim.NodeID, knows func(Tx) []sim.NodeID) []checkers.Wait
}

// waits says what a participant waits for: one that is in doubt, for a coordinator, and if participants cooperate for each
// peer that might know. Meanwhile it keeps its locks.
func (p *Participant) waits(id sim.NodeID, knows func(Tx) []sim.NodeID) (all []checkers.Wait) {
	for _, b := range p.inDoubt {
		x := checkers.Wait{Node: id, State: fmt.Sprintf("is prepared in %v", b.tx), For: slices.Clone(p.coordinators), Locks: p.locks.heldBy(b.tx)}
		if !p.recovery {
			x.For = x.For[b.tx.Coordinator-1 : b.tx.Coordinator]
		}
		for _, k := range knows(b.tx) {
			if k != id && !slices.Contains(x.For, k) {
				x.Knows = append(x.Knows, k)
			}
		}
		for _, k := range b.peers {
			if p.cooperative && k != id && !slices.Contains(x.Knows, k) {
				x.For = append(x.For, k)
			}
		}
		all = append(all, x)
	}
	return all
}

// doubts reports whether the participant is in doubt about a transaction, whatever it knew in an earlier life.
func (p *Participant) doubts(tx Tx) bool {
	return slices.ContainsFunc(p.inDoubt, func(b *branch) bool { return b.tx == tx })
}

// waits says what a coordinator waits for: those that have neither voted nor joined, or that should hold a decision so
// that it binds, or that must know how a transaction ended of which it has no record.
func (c *Coordinator) waits(id sim.NodeID, _ func(Tx) []sim.NodeID) (all []checkers.Wait) {
	for _, r := range c.order {
		x, silent := checkers.Wait{Node: id}, Unknown
		switch {
		case r.phase == voting:
			x.State = fmt.Sprintf("has put %v to the vote", r.tx)
		case r.phase == fencing:
			x.State = fmt.Sprintf("has taken %v over", r.tx)
		case r.phase == telling && !r.binds:
			x.State, silent = fmt.Sprintf("has told a decision on %v that nobody holds yet", r.tx), Prepared
		case (r.phase == inquiring || r.phase == idling) && !c.recovery && r.client != "":
			x.State, x.For = fmt.Sprintf("has no record of %v", r.tx), r.peers
		default:
			continue
		}
		for i, s := range r.states {
			if s == silent {
				x.For = append(x.For, r.peers[i])
			}
		}
		all = append(all, x)
	}
	return all
}

// waits says what the client waits for.
func (c *Client) waits(id sim.NodeID, _ func(Tx) []sim.NodeID) []checkers.Wait {
	switch {
	case c.ended || c.total == 0:
		return nil
	case c.tx.None():
		return []checkers.Wait{{Node: id, State: "has asked for a transaction", For: c.coordinators}}
	}
	x := checkers.Wait{Node: id, State: fmt.Sprintf("has put %v to the vote", c.tx), For: c.coordinators}
	if !c.recovery {
		x.For = c.coordinators[c.tx.Coordinator-1 : c.tx.Coordinator]
	}
	return []checkers.Wait{x}
}
