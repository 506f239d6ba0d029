package paxoskv

import (
	"fmt"

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

// decisions are those of a run, by slot. Agreement and same-state share
// them; whichever sees an event first enters it.
type decisions struct {
	slots []decision
	seq   uint64   // of the event entered last
	slot  int      // that it is about, or -1
	now   decision // what it says
	again bool     // the slot had been decided before
}

// enter takes notice of an event, once, and reports whether there is something to compare: now, with the
// slot's first decision.
func (d *decisions) enter(e *sim.Event) bool {
	if e.Seq == d.seq {
		return d.again
	}
	d.seq, d.again = e.Seq, false
	switch f := e.Data.(type) {
	case Executed:
		d.slot, d.now = int(f.Slot), decision{f.Command, true, f.Output, e.Node, e.At}
	case Suppressed:
		d.slot, d.now = int(f.Slot), decision{command: f.Command, by: e.Node, at: e.At}
	default:
		return false
	}
	if d.slots == nil {
		d.slots = make([]decision, 0, 128)
	}
	for d.slot >= len(d.slots) {
		d.slots = append(d.slots, decision{})
	}
	if first := &d.slots[d.slot]; first.command == "" {
		*first = d.now
	} else {
		d.again = true
	}
	return d.again
}

// agreement returns the outer property that no two servers find different commands in a slot.
func (d *decisions) agreement() sim.Property {
	agree := checkers.Always("agreement", false, noted, func(e *sim.Event) (bool, error) {
		if !d.enter(e) {
			return false, nil
		}
		if first, now := &d.slots[d.slot], &d.now; first.command != now.command {
			return true, fmt.Errorf("in slot %d %s found %s at %v, but %s found %s at %v", d.slot, now.by, now.command, now.at, first.by, first.command, first.at)
		}
		return true, nil
	})
	return checkers.Tallied(agree, func(add func(string, uint64)) { add("slots", uint64(len(d.slots))) })
}

// sameState returns the inner property that servers do the same with the command of a slot: execute it
// with the same result, or suppress it.
func (d *decisions) sameState() sim.Property {
	return checkers.Always("same-state", true, noted, func(e *sim.Event) (bool, error) {
		if !d.enter(e) || d.slots[d.slot].command != d.now.command {
			return false, nil
		}
		if first, now := &d.slots[d.slot], &d.now; first.executed != now.executed || first.output != now.output {
			return true, fmt.Errorf("of %s in slot %d %s made %s, but %s made %s", now.command, d.slot, now.by, now.did(), first.by, first.did())
		}
		return true, nil
	})
}

// did says what became of a command.
func (d decision) did() string {
	if !d.executed {
		return "a repetition"
	}
	return say(d.output)
}

// look says who waits for whom at the end of a run, and whether a client has come to the end of its operations.
func look(w *sim.World) (waits []checkers.Wait, done bool) {
	var servers []checkers.Wait
	for _, id := range w.Nodes() {
		n, _ := w.Node(id)
		if x, ok := n.(interface {
			waits(self sim.NodeID) []checkers.Wait
		}); ok {
			if c, is := n.(*Client); is {
				waits = append(waits, x.waits(id)...)
				done = done || !c.busy && int(c.now.n) == c.ops
			} else {
				servers = append(servers, x.waits(id)...)
			}
		}
	}
	return append(waits, servers...), done
}

// duels is how hot a run gets by ballots that preempt one another: until the next slot has a command.
func duels() checkers.Temperature {
	var next paxos.Slot
	return checkers.Temperature{
		Kinds: []sim.Kind{sim.Sent, sim.Noted},
		Began: paxos.Begins(),
		Decided: func(e *sim.Event) bool {
			var slot paxos.Slot
			switch f := e.Data.(type) {
			case Executed:
				slot = f.Slot
			case Suppressed:
				slot = f.Slot
			default:
				return false
			}
			first := slot >= next // of those who say so
			next = max(next, slot+1)
			return first
		},
		Round: "ballot", Goal: "decision",
	}
}

// service says how well the clients are served. Nobody leads.
func service(sim.Options) *sim.Service {
	return &sim.Service{
		Called: func(fact any) (sim.Asked, bool) {
			f, ok := fact.(Called)
			if !ok {
				return sim.Asked{}, false
			}
			kind := "writes"
			if f.Op.ReadOnly() {
				kind = "reads"
			}
			return sim.Asked{Client: f.ID.Client, N: f.ID.N, Kind: kind}, true
		},
		Returned: func(fact any) (sim.Asked, bool, bool) {
			f, ok := fact.(Returned)
			return sim.Asked{Client: f.ID.Client, N: f.ID.N}, !f.Unknown, ok
		},
	}
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
