package checkers

import (
	"fmt"
	"slices"

	"simrun/sim"
)

// A reachable runs the permuted computation of a snapshot.
type reachable struct{ cutJudge }

// Reachable returns the inner property "reachable": the global state that a snapshot recorded lies between the states
// in which it began and in which it was Complete. As in the proof of Chandy and Lamport (TOCS 1985, section 4) the
// steps of the run are put into another order, those before a process's recording first and those after it behind
// them, each in the order of the run:
//
//	run:         a1  b1 [a]  a2  b2 [b]  a3
//	permuted:    a1  b1  b2 [the state]  a2  a3
//
// and then done again on channels of their own. That is a legal computation if every message that is received is
// on its channel (its oldest, where channels are FIFO); the snapshot is its state in the middle if the channels
// then hold what was recorded. With Counts, the recorded states must say that they have done as many steps.
//
// A process that has crashed since it recorded, and not rolled back yet, goes as far as it came before it crashed:
// that is what the others have seen of it.
//
// It says in another way what [ConsistentCut] and [ChannelStates] say together, and that links kept their order. A
// snapshot is a check.
func Reachable(c Cutting) sim.Property {
	c.mustComplete("Reachable")
	return &reachable{c.judge("reachable")}
}

// A computation is what channels hold while steps are done again.
type computation struct {
	fifo     bool
	of       *snapshot
	channels []*queue
}

// A queue is a channel of a computation.
type queue struct {
	from, to *process
	messages []*letter
}

// Observe does the permuted computation of a snapshot that is complete.
func (r *reachable) Observe(e *sim.Event) error {
	if err := r.read(e); err != nil || r.completed == nil {
		return err
	}
	r.checks++
	s := r.completed
	if err := s.count(); err != nil {
		return err
	}
	x := computation{fifo: r.FIFO, of: s}
	before, after := r.permuted(s)
	for _, d := range before {
		if err := x.do(d); err != nil {
			return err
		}
	}
	for _, l := range r.meet(s, &x) {
		if err := l.compare(say(s.name), r.FIFO); err != nil {
			return err
		}
	}
	for _, d := range after {
		if err := x.do(d); err != nil {
			return err
		}
	}
	return nil
}

// count compares what states say of themselves with what the processes had done.
func (s *snapshot) count() error {
	for _, r := range s.recordings {
		var sent, received int
		if r.head != nil {
			sent, received = int(r.head.sent), int(r.head.received)
		}
		if r.counted && (r.counts[0] != sent || r.counts[1] != received) {
			return fmt.Errorf("%s recorded for snapshot %s a state with %d sent and %d received, but at %v it had sent %d and received %d",
				r.process.id, say(s.name), r.counts[0], r.counts[1], r.at, sent, received)
		}
	}
	return nil
}

// permuted returns the steps of the processes that have recorded, as far as they were not undone by a rollback.
func (h *chronicle) permuted(s *snapshot) (before, after []*step) {
	for _, d := range h.steps {
		switch r := s.of(d.process); {
		case r == nil:
		case r.head.has(d):
			before = append(before, d)
		case d.process.last().has(d):
			after = append(after, d)
		}
	}
	return before, after
}

// last is the latest step that the others can have seen the consequences of.
func (p *process) last() *step {
	if p.crashed != nil {
		return p.crashed
	}
	return p.head
}

// do does a step again.
func (x *computation) do(d *step) error {
	m := d.of
	if x.of.of(m.from) == nil || x.of.of(m.to) == nil {
		return nil
	}
	q := x.queue(m.from, m.to)
	if d.sending {
		q.messages = append(q.messages, m)
		return nil
	}
	at := slices.Index(q.messages, m)
	switch {
	case at < 0:
		return fmt.Errorf("snapshot %s is no state that the run could have been in: with what comes before it done first, %s is not on the channel from %s when %s receives it",
			say(x.of.name), say(m.body), m.from.id, m.to.id)
	case at > 0 && x.fifo:
		return fmt.Errorf("snapshot %s is no state that the run could have been in: with what comes before it done first, %s receives %s from %s, but %s was sent before it",
			say(x.of.name), m.to.id, say(m.body), m.from.id, say(q.messages[0].body))
	}
	q.messages = slices.Delete(q.messages, at, at+1)
	return nil
}

func (x *computation) queue(from, to *process) *queue {
	for _, q := range x.channels {
		if q.from == from && q.to == to {
			return q
		}
	}
	q := &queue{from: from, to: to}
	x.channels = append(x.channels, q)
	return q
}

// meet puts what the computation holds in the middle beside what was recorded. What the network has lost since is
// taken off: nobody can record it.
func (h *chronicle) meet(s *snapshot, x *computation) (all []*passage) {
	for _, c := range s.channels {
		x.queue(c.from, c.to)
	}
	for _, q := range x.channels {
		q.messages = slices.DeleteFunc(q.messages, func(m *letter) bool { return m.lost })
		l := &passage{from: s.of(q.from), to: s.of(q.to), crossing: q.messages}
		for _, c := range s.channels {
			if c.from == q.from && c.to == q.to {
				l.recorded = append(l.recorded, c.bodies...)
			}
		}
		if l.from != nil && l.to != nil {
			all = append(all, l)
		}
	}
	return all
}
