package chandylamport

import (
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// waits says whom a process waits for when a run is over: for a recovery, or for markers and parts of the oldest snapshots.
func (p *Process) waits(self sim.NodeID) (list []checkers.Wait) {
	add := func(whom []sim.NodeID, format string, args ...any) {
		if len(whom) > 0 {
			list = append(list, checkers.Wait{Node: self, State: fmt.Sprintf(format, args...), For: whom})
		}
	}
	if p.halted {
		return nil
	}
	if p.Stable != nil && p.phase != running {
		p.waitsForRecovery(self, add)
		return list
	}
	for _, r := range p.open[:min(1, len(p.open))] {
		var whom []sim.NodeID
		for _, c := range r.channels {
			if !c.closed {
				whom = append(whom, c.From)
			}
		}
		add(whom, "has recorded for %v, but not all channels,", r.id)
	}
	for _, c := range p.collections[:min(1, len(p.collections))] {
		var whom []sim.NodeID
		for i, part := range c.parts {
			if part.Node == "" && p.All[i] != self {
				whom = append(whom, p.All[i])
			}
		}
		add(whom, "has begun %v", c.id)
	}
	return list
}

// waitsForRecovery says whom a process without a state waits for.
func (p *Process) waitsForRecovery(self sim.NodeID, add func(whom []sim.NodeID, format string, args ...any)) {
	leader := p.All[:1]
	switch l := p.leads; {
	case l != nil && !all(l.stopped):
		add(missing(p.All, l.stopped), "has told all to stop for incarnation %d", p.incarnation)
	case l != nil:
		add(missing(p.All, l.restored), "has given all their states for incarnation %d", p.incarnation)
	case self == leader[0]: // it hears of itself soon
	case p.phase == lost:
		add(leader, "has no state")
	case p.phase == stopped:
		add(leader, "has stopped for incarnation %d", p.incarnation)
	default:
		add(leader, "has gone back for incarnation %d", p.incarnation)
	}
}

func missing(ids []sim.NodeID, answers []bool) (list []sim.NodeID) {
	for i, id := range ids {
		if !answers[i] {
			list = append(list, id)
		}
	}
	return list
}
