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

// waits says what a participant waits for: one that is in doubt, for a coordinator.
func (p *Participant) waits(id sim.NodeID, knows func(Tx) []sim.NodeID) (all []checkers.Wait) {
	for _, b := range p.inDoubt {
		x := checkers.Wait{Node: id, State: fmt.Sprintf("is prepared in %v", b.tx), For: p.coordinators}
		if !p.recovery {
			x.For = p.coordinators[b.tx.Coordinator-1 : b.tx.Coordinator]
		}
		for _, k := range knows(b.tx) {
			if k != id && !slices.Contains(x.For, k) {
				x.Knows = append(x.Knows, k)
			}
		}
		all = append(all, x)
	}
	return all
}

// waits says what a coordinator waits for: those that have neither voted nor joined.
func (c *Coordinator) waits(id sim.NodeID, _ func(Tx) []sim.NodeID) (all []checkers.Wait) {
	for _, r := range c.order {
		x := checkers.Wait{Node: id}
		switch r.phase {
		case voting:
			x.State = fmt.Sprintf("has put %v to the vote", r.tx)
		case fencing:
			x.State = fmt.Sprintf("has taken %v over", r.tx)
		default:
			continue
		}
		for i, s := range r.states {
			if s == Unknown {
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
