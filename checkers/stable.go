package checkers

import (
	"fmt"
	"slices"

	"simrun/sim"
	"simrun/sim/clock"
)

// A Global is a global state as a predicate sees it: what each process has told of its own state, and what is in the
// channels.
type Global struct {
	// Nodes are the processes that belong to it, in the order in which they were first heard of: those that have told of
	// their own state.
	Nodes []sim.NodeID
	// Local is what each of them said last, as the extractor returned it.
	Local map[sim.NodeID]any
	// Flying returns the bodies on the channel between two of them.
	Flying func(from, to sim.NodeID) []any
}

// Empty reports whether all channels are empty.
func (g *Global) Empty() bool {
	for _, from := range g.Nodes {
		for _, to := range g.Nodes {
			if from != to && len(g.Flying(from, to)) > 0 {
				return false
			}
		}
	}
	return true
}

// Terminated is the predicate of termination: every process has said that it is passive (its local state is true), and
// all channels are empty.
func Terminated(g *Global) bool {
	for _, id := range g.Nodes {
		if passive, _ := g.Local[id].(bool); !passive {
			return false
		}
	}
	return g.Empty()
}

// Deadlocked is the predicate of deadlock where a process waits for all that it has asked (Chandy, Misra, Haas, TOCS
// 1983): there is a cycle of processes of which each waits for the next (its local state, a []sim.NodeID, has it),
// with nothing on the way from the next to it that could be the answer.
func Deadlocked(g *Global) bool {
	waits := func(p, q sim.NodeID) bool {
		list, _ := g.Local[p].([]sim.NodeID)
		return slices.Contains(list, q) && len(g.Flying(q, p)) == 0
	}
	// Whoever waits for nobody that is left is no part of a cycle, and is taken away. What is left has one.
	left := slices.Clone(g.Nodes)
	for n := -1; n != len(left); {
		n = len(left)
		left = slices.DeleteFunc(left, func(p sim.NodeID) bool {
			return !slices.ContainsFunc(g.Nodes, func(q sim.NodeID) bool { return slices.Contains(left, q) && waits(p, q) })
		})
	}
	return len(left) > 0
}

// A stable is a property of global states that, once true, stays so.
type stable struct {
	cutJudge
	local    func(fact any) (state any, ok bool)
	holds    func(*Global) bool
	reported func(fact any) (snapshot any, holds, ok bool)

	now      map[sim.NodeID]any
	begun    map[*snapshot]*onset
	lasting  []*onset // what was true when a snapshot began, and has been since
	at       map[*recording]any
	found    bool // some snapshot has found it
	foundIn  any
	foundAt  clock.Time
	answered map[any]bool
}

// An onset is the beginning of a snapshot.
type onset struct {
	held bool // it was true then, and has been since
	at   clock.Time
}

// Stable returns an outer property of that name: snapshots detect what is true for ever once it is true, such as
// [Terminated] or [Deadlocked], as Chandy and Lamport promise (TOCS 1985, section 5). For a snapshot that is
// Complete,
//
//   - what it finds is true when it is complete, and stays true to the end of the run, or until somebody rolls back;
//   - it finds what was true when its first process recorded, and ever since: where a node is slow, a message has been
//     received before anybody can tell that it has woken the receiver, so that it looks as if it were over.
//
// What it finds is what holds of its recorded state: the local states that processes had told when they recorded,
// and the recorded channels. Where reported is not nil it is what the system says that it has found, and must be
// the same; then it is judged when that is noted.
//
// The extractor local reads the fact that the local state of a process is this from now on. It must come in the call
// that changes the state. A snapshot is a check. The truth is looked at after every event once something was found or
// is to be found, so it takes time where much goes on after that.
func Stable(name string, c Cutting, local func(fact any) (state any, ok bool), holds func(*Global) bool, reported func(fact any) (snapshot any, holds, ok bool)) sim.Property {
	if reported == nil {
		c.mustComplete("Stable")
	}
	s := &stable{
		cutJudge: c.judge(name), local: local, holds: holds, reported: reported,
		now: make(map[sim.NodeID]any), begun: make(map[*snapshot]*onset), at: make(map[*recording]any), answered: make(map[any]bool),
	}
	s.outer = true
	return s
}

// Observe keeps the local states, and judges what is found.
func (s *stable) Observe(e *sim.Event) error {
	if err := s.read(e); err != nil {
		return err
	}
	moved := s.moved
	if e.Kind == sim.Noted {
		if state, ok := s.local(e.Data); ok {
			s.now[e.Node] = state
			moved = true
		}
	}
	if s.rolled {
		s.found = false
		s.forget()
	}
	if moved && (s.found || len(s.lasting) > 0) && !s.truth() {
		if err := s.ended(e); err != nil {
			return err
		}
	}
	if r := s.recorded; r != nil {
		if state, told := s.now[e.Node]; told {
			s.at[r] = state
		}
		if len(r.of.recordings) == 1 {
			s.begins(r.of, e)
		}
	}
	if s.reported != nil {
		return s.report(e)
	}
	if s.completed != nil {
		return s.judged(s.completed, s.holds(s.recordedState(s.completed)), e)
	}
	return nil
}

// begins looks at the truth when a snapshot begins.
func (s *stable) begins(x *snapshot, e *sim.Event) {
	b := &onset{s.truth(), e.At}
	if s.begun[x] = b; b.held {
		s.lasting = append(s.lasting, b)
	}
}

// ended says that it is not true any more: nobody may have found it, and nobody needs to find it.
func (s *stable) ended(e *sim.Event) error {
	s.forget()
	if !s.found {
		return nil
	}
	s.found = false
	return fmt.Errorf("snapshot %s found %s at %v, but at %v it is not true any more", say(s.foundIn), s.name, s.foundAt, e.At)
}

// forget asks nothing of the snapshots that have begun.
func (s *stable) forget() {
	for _, b := range s.lasting {
		b.held = false
	}
	s.lasting = s.lasting[:0]
}

// report compares what the system says with its own snapshot, and with the truth.
func (s *stable) report(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	name, found, ok := s.reported(e.Data)
	if !ok || s.answered[name] {
		return nil
	}
	s.answered[name] = true
	x := s.snapshots[name]
	if x == nil {
		return nil // it was given up
	}
	if holds := s.holds(s.recordedState(x)); holds != found {
		s.checks++
		return fmt.Errorf("%s says of snapshot %s that %s is %v in it, but it is %v", e.Node, say(name), s.name, found, holds)
	}
	return s.judged(x, found, e)
}

// judged compares what a snapshot found with the truth, before it and now.
func (s *stable) judged(x *snapshot, found bool, e *sim.Event) error {
	s.checks++
	b := s.begun[x]
	s.lasting = slices.DeleteFunc(s.lasting, func(o *onset) bool { return o == b })
	switch {
	case found && !s.truth():
		return fmt.Errorf("snapshot %s found %s, but at %v, when it is complete, it is not true", say(x.name), s.name, e.At)
	case !found && b.held:
		return fmt.Errorf("snapshot %s did not find %s, though it was true when it began at %v", say(x.name), s.name, b.at)
	case found && !s.found:
		s.found, s.foundIn, s.foundAt = true, x.name, e.At
	}
	return nil
}

// truth asks the predicate of the state that the run is in.
func (s *stable) truth() bool {
	g := &Global{Local: s.now}
	for _, p := range s.processes {
		if _, told := s.now[p.id]; told {
			g.Nodes = append(g.Nodes, p.id)
		}
	}
	aloft := s.inTheAir()
	g.Flying = func(from, to sim.NodeID) (bodies []any) {
		for _, m := range aloft {
			if m.from.id == from && m.to.id == to {
				bodies = append(bodies, m.body)
			}
		}
		return bodies
	}
	return s.holds(g)
}

// recordedState is what a snapshot says.
func (s *stable) recordedState(x *snapshot) *Global {
	g := &Global{Local: make(map[sim.NodeID]any)}
	for _, r := range x.recordings {
		if state, told := s.at[r]; told {
			g.Nodes = append(g.Nodes, r.process.id)
			g.Local[r.process.id] = state
		}
	}
	g.Flying = func(from, to sim.NodeID) (bodies []any) {
		for _, c := range x.channels {
			if c.from.id == from && c.to.id == to {
				bodies = append(bodies, c.bodies...)
			}
		}
		return bodies
	}
	return g
}
