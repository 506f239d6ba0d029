package checkers

import (
	"fmt"
	"maps"
	"slices"

	"simrun/sim"
	"simrun/sim/clock"
)

// A chronicle is what the judges of one run know together.
type chronicle struct {
	Cutting
	seq       uint64 // of the latest event that was read
	processes []*process
	byNode    map[sim.NodeID]*process
	steps     []*step // all, in the order of the run
	sent      map[uint64]*letter
	byID      map[any]*letter
	letters   []*letter // all
	aloft     []*letter // those that may be on their way
	snapshots map[any]*snapshot
	undecided int  // tentative checkpoints
	open      bool // some process has rolled back since the latest Recovered

	// What the latest event was.
	recorded  *recording
	completed *snapshot
	decided   bool // a checkpoint became permanent or was undone
	recovered bool
	rolled    bool  // a process went back
	moved     bool  // messages or local states are not what they were
	wrong     error // a fact that cannot be
}

func newChronicle(c Cutting) *chronicle {
	if c.App == nil || c.Recorded == nil {
		panic("checkers: a Cutting needs App and Recorded")
	}
	return &chronicle{
		Cutting: c, byNode: make(map[sim.NodeID]*process), sent: make(map[uint64]*letter), byID: make(map[any]*letter), snapshots: make(map[any]*snapshot),
	}
}

// read takes an event in, unless another judge has shown it before. The error is that of a fact that cannot be.
func (h *chronicle) read(e *sim.Event) error {
	if e.Seq == h.seq {
		return h.wrong
	}
	h.seq = e.Seq
	h.recorded, h.completed, h.decided, h.recovered, h.rolled, h.moved, h.wrong = nil, nil, false, false, false, false, nil
	switch e.Kind {
	case sim.Started:
		h.started(h.process(e.Node))
	case sim.Sent:
		h.send(e)
	case sim.Dropped:
		h.dropped(e)
	case sim.Delivered:
		h.deliver(e)
	case sim.Noted:
		h.note(e)
	}
	return h.wrong
}

func (h *chronicle) process(id sim.NodeID) *process {
	p := h.byNode[id]
	if p == nil {
		p = &process{id: id, index: len(h.processes), from: make(map[any]*recording), tentative: make(map[any]bool)}
		h.byNode[id] = p
		h.processes = append(h.processes, p)
	}
	return p
}

// started begins a life. What the last one had in its hands is gone with its state, if that is.
func (h *chronicle) started(p *process) {
	if h.RolledBack == nil {
		h.settle(p)
	}
	p.hand, p.held = nil, nil
	if p.lives++; p.lives > 1 && h.RolledBack != nil {
		if p.crashed == nil {
			p.crashed = p.head
		}
		h.back(p, nil)
	}
}

// back gives a process the state of a recording, the initial one for nil.
func (h *chronicle) back(p *process, to *recording) {
	h.open, h.rolled, h.moved = true, true, true
	h.aloft = append(h.aloft[:0], h.letters...) // what was received may not have been
	p.head, p.fork, p.clock = nil, true, nil
	if to != nil {
		p.head, p.clock = to.head, slices.Clone(to.clock)
	}
}

// send makes a sending of a message the latest step of its process, unless its state has it already.
func (h *chronicle) send(e *sim.Event) {
	body, ok := h.App(e.Data)
	if !ok {
		return
	}
	p := h.process(e.Node)
	h.settle(p)
	m := h.letter(e, body, p)
	m.flying++
	m.lost = false
	h.moved = true
	if len(m.sendings) == 0 || !slices.Contains(h.aloft, m) {
		h.aloft = append(h.aloft, m)
	}
	if m.id != nil && len(m.sendings) > 0 && content(body) != content(m.body) {
		h.wrong = fmt.Errorf("the run cannot be judged: two messages have the name %s: %s, and %s, sent at %v", say(m.id), m, say(body), e.At)
		return
	}
	if p != m.from || p.head.hasAny(m.sendings) {
		return // a copy, and no step
	}
	m.sendings = append(m.sendings, h.step(p, m, true, e.At))
	m.clock = slices.Clone(p.clock)
}

// letter finds a message that is sent again, or makes a new one.
func (h *chronicle) letter(e *sim.Event, body any, from *process) *letter {
	var id any
	if h.ID != nil {
		id = h.ID(e.Data)
		mustCompare("a cut", id)
	}
	m := h.byID[id]
	if id == nil || m == nil {
		m = &letter{id: id, body: body, from: from, to: h.process(e.Peer)}
		h.letters = append(h.letters, m)
		if id != nil {
			h.byID[id] = m
		}
	}
	h.sent[e.Seq] = m
	return m
}

// step adds a step to what a process contains.
func (h *chronicle) step(p *process, m *letter, sending bool, at clock.Time) *step {
	p.n++
	d := &step{process: p, prev: p.head, n: p.n, sending: sending, of: m, at: at}
	if p.head != nil {
		d.sent, d.received, d.branch = p.head.sent, p.head.received, p.head.branch
	}
	if p.fork || d.branch == nil {
		d.branch = &branch{parent: p.head, first: p.n}
		p.fork = false
	}
	if sending {
		d.sent++
	} else {
		d.received++
	}
	p.head = d
	p.clock = p.clock.with(p.index, p.n)
	h.steps = append(h.steps, d)
	return d
}

func (h *chronicle) dropped(e *sim.Event) {
	if m := h.sent[e.Cause]; m != nil {
		m.flying = max(m.flying-1, 0)
		m.lost = m.flying == 0 && !m.reached
		h.moved = true
	}
}

func (h *chronicle) deliver(e *sim.Event) {
	p := h.process(e.Node)
	h.settle(p)
	if m := h.sent[e.Cause]; m != nil {
		m.flying = max(m.flying-1, 0)
		m.reached = true
		p.hand, p.since = m, e.At
		h.moved = true
	}
}

// settle lets a process receive the message in its hand: nothing has come between.
func (h *chronicle) settle(p *process) {
	if m := p.hand; m != nil {
		if p.hand = nil; p.held == m {
			p.held = nil
		}
		h.receive(p, m, p.since)
	}
}

func (h *chronicle) receive(p *process, m *letter, at clock.Time) {
	p.clock = p.clock.merged(m.clock)
	m.receipts = append(m.receipts, h.step(p, m, false, at))
	h.moved = true
}

// note reads a fact, which may mean several things at once, in this order.
func (h *chronicle) note(e *sim.Event) {
	p := h.process(e.Node)
	held := p.hand != nil && h.Held != nil && h.Held(e.Data)
	if held {
		p.held, p.hand = p.hand, nil
	}
	h.settle(p)
	if h.Received != nil {
		if id, ok := h.Received(e.Data); ok {
			h.handed(p, id, e)
		}
	}
	if s, ok := h.Recorded(e.Data); ok {
		h.record(p, s, e)
	}
	h.noteSnapshot(p, e)
	h.noteRollback(p, e)
	if held && h.Received == nil {
		p.hand = p.held
	}
}

// inTheAir returns the messages that the run has in its channels: sent, not received, and not lost.
func (h *chronicle) inTheAir() (list []*letter) {
	h.aloft = slices.DeleteFunc(h.aloft, func(m *letter) bool {
		return m.lost || !m.from.head.hasAny(m.sendings) || m.to.head.hasAny(m.receipts)
	})
	for _, m := range h.aloft {
		if m.to.hand != m || m.to.held == m {
			list = append(list, m)
		}
	}
	return list
}

// handed lets the application receive a message that was held or logged.
func (h *chronicle) handed(p *process, id any, e *sim.Event) {
	m := p.held
	if id != nil {
		m = h.byID[id]
	}
	if m == p.held {
		p.held = nil
	}
	if m == nil {
		h.wrong = fmt.Errorf("%s received message %s at %v, but nobody had sent it", p.id, say(id), e.At)
		return
	}
	h.receive(p, m, e.At)
}

// record writes down what a process contains.
func (h *chronicle) record(p *process, name any, e *sim.Event) {
	mustCompare("a cut", name)
	s := h.snapshot(name)
	r := &recording{process: p, of: s, head: p.head, clock: slices.Clone(p.clock), at: e.At, snapshot: name}
	s.recordings = slices.DeleteFunc(s.recordings, func(old *recording) bool { return old.process == p })
	s.recordings = append(s.recordings, r)
	for len(s.byIndex) <= p.index {
		s.byIndex = append(s.byIndex, nil)
	}
	s.byIndex[p.index] = r
	p.from[name] = r
	h.recorded = r
	if h.Counts != nil {
		r.counts[0], r.counts[1], r.counted = h.Counts(e.Data)
	}
	if h.Permanent != nil && !p.tentative[name] {
		p.tentative[name] = true
		h.undecided++
	}
}

func (h *chronicle) snapshot(name any) *snapshot {
	s := h.snapshots[name]
	if s == nil {
		s = &snapshot{name: name}
		h.snapshots[name] = s
	}
	return s
}

// noteSnapshot reads what else is said of a snapshot.
func (h *chronicle) noteSnapshot(p *process, e *sim.Event) {
	if h.Amount != nil {
		if name, amount, ok := h.Amount(e.Data); ok {
			if r := h.snapshot(name).of(p); r != nil {
				r.amount = amount
			}
		}
	}
	if h.Channel != nil {
		if name, from, bodies, ok := h.Channel(e.Data); ok {
			to := p
			if h.To != nil {
				to = h.process(h.To(e.Data))
			}
			s := h.snapshot(name)
			s.channels = append(s.channels, &channel{h.process(from), to, bodies})
		}
	}
	if h.Complete != nil {
		if name, ok := h.Complete(e.Data); ok {
			if s := h.snapshot(name); !s.complete && len(s.recordings) > 0 {
				s.complete = true
				h.completed = s
			}
		}
	}
}

// noteRollback reads what is said of checkpoints and rollbacks.
func (h *chronicle) noteRollback(p *process, e *sim.Event) {
	if h.Lost != nil {
		if id, ok := h.Lost(e.Data); ok && h.byID[id] != nil {
			h.byID[id].forgotten = true
		}
	}
	if h.Permanent != nil {
		if name, ok := h.Permanent(e.Data); ok {
			p.permanent = p.from[name]
			h.decide(p, name)
		}
	}
	if h.Undone != nil {
		if name, ok := h.Undone(e.Data); ok {
			h.decide(p, name)
		}
	}
	if h.RolledBack != nil {
		if name, ok := h.RolledBack(e.Data); ok {
			h.rollBack(p, name, e)
		}
	}
	if h.Recovered != nil && h.Recovered(e.Data) {
		h.recovered, h.open = true, false
	}
}

func (h *chronicle) decide(p *process, name any) {
	if p.tentative[name] {
		delete(p.tentative, name)
		h.undecided--
	}
	h.decided = true
}

// rollBack takes a process back, and gives up the snapshots that are not complete.
func (h *chronicle) rollBack(p *process, name any, e *sim.Event) {
	var to *recording
	if name != nil {
		if to = p.from[name]; to == nil {
			h.wrong = fmt.Errorf("%s rolled back to %s at %v, but it had not recorded it", p.id, say(name), e.At)
			return
		}
	}
	h.back(p, to)
	p.crashed = nil
	p.permanent = to // what was recorded later is not part of the run any more
	maps.DeleteFunc(h.snapshots, func(_ any, s *snapshot) bool { return !s.complete })
}
