package paxoskv

import (
	"fmt"
	"strings"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

var noted = []sim.Kind{sim.Noted}

// A decision is what was first said of a slot.
type decision struct {
	command  paxos.Value
	executed bool
	output   checkers.KVOutput
	by       sim.NodeID
	at       clock.Time
}

// decisions are those of a run, by slot, kept by each property for itself.
type decisions []decision

// first returns the first decision about the slot of a fact, and the fact's own; ok is false if there is nothing to compare.
func (d *decisions) first(e *sim.Event) (first, now decision, slot paxos.Slot, ok bool) {
	switch f := e.Data.(type) {
	case Executed:
		slot, now = f.Slot, decision{f.Command, true, f.Output, e.Node, e.At}
	case Suppressed:
		slot, now = f.Slot, decision{command: f.Command, by: e.Node, at: e.At}
	default:
		return first, now, 0, false
	}
	for int(slot) >= len(*d) {
		*d = append(*d, decision{})
	}
	if p := &(*d)[slot]; p.command == "" {
		*p = now
		return first, now, slot, false
	}
	return (*d)[slot], now, slot, true
}

// agreement returns the outer property that no two servers find different commands in a slot.
func agreement() sim.Property {
	var d decisions
	return checkers.Always("agreement", false, noted, func(e *sim.Event) (bool, error) {
		first, now, slot, ok := d.first(e)
		if ok && first.command != now.command {
			return true, fmt.Errorf("in slot %d %s found %s at %v, but %s found %s at %v", slot, now.by, now.command, now.at, first.by, first.command, first.at)
		}
		return ok, nil
	})
}

// sameState returns the inner property that servers do the same with the command of a slot: execute it with the same result, or suppress it.
func sameState() sim.Property {
	var d decisions
	return checkers.Always("same-state", true, noted, func(e *sim.Event) (bool, error) {
		first, now, slot, ok := d.first(e)
		if !ok || first.command != now.command {
			return false, nil
		}
		if first.executed != now.executed || first.output != now.output {
			return true, fmt.Errorf("of %s in slot %d %s made %s, but %s made %s", now.command, slot, now.by, now.did(), first.by, first.did())
		}
		return true, nil
	})
}

func (d decision) did() string {
	if !d.executed {
		return "a repetition"
	}
	return say(d.output)
}

// progress returns the liveness property that all operations end, answered or given up.
func progress(clients []sim.NodeID, ops int) sim.Property {
	ended := 0
	observe := func(e *sim.Event) bool {
		if _, ok := e.Data.(Returned); ok {
			ended++
		}
		return ended >= ops
	}
	waiting := func(w *sim.World) error {
		var say []string
		for _, id := range clients {
			n, _ := w.Node(id)
			if c, ok := n.(*Client); ok && c.waits() != "" {
				say = append(say, c.waits())
			}
		}
		return fmt.Errorf("%d of %d operations have ended: %s", ended, ops, strings.Join(say, "; "))
	}
	return checkers.Eventually("progress", noted, observe, waiting)
}

// history tells the judge of linearizability how to read a run.
func history(ops int) checkers.History {
	return checkers.History{
		Call: func(fact any) (checkers.OpID, string, any, bool) {
			if f, ok := fact.(Called); ok {
				return f.ID, f.Op.Key, f.Op, true
			}
			return checkers.OpID{}, "", nil, false
		},
		Return: func(fact any) (checkers.OpID, any, checkers.Outcome, bool) {
			f, ok := fact.(Returned)
			switch {
			case !ok:
				return checkers.OpID{}, nil, 0, false
			case f.Unknown:
				return f.ID, nil, checkers.Unknown, true
			}
			return f.ID, f.Output, checkers.Done, true
		},
		Reached: func(m sim.Message) (checkers.OpID, bool) {
			r, ok := m.(Request)
			return r.ID, ok
		},
		Effect: func(fact any) (checkers.OpID, bool) {
			f, ok := fact.(Executed)
			return f.ID, ok
		},
		Total: ops,
	}
}
