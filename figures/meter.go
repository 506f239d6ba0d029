package figures

import (
	"fmt"
	"reflect"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A Meter holds the figures of one run. It is a property without a name: verdicts do not list it.
type Meter struct {
	service *sim.Service
	kinds   []calls
	open    map[key]call
	under   int        // operations that were neither answered nor given up
	first   clock.Time // when the first operation was called
	last    clock.Time // when the latest one ended
	ended   clock.Time // when the run did

	leader  sim.NodeID // "": nobody
	since   clock.Time // when that began
	elected int
	gaps    []time.Duration // how long nobody led, each time

	blows []blow
	mends int // so many of them, the first, have recovered

	sent map[reflect.Type]uint64 // nil: messages are not counted
}

// Calls are the operations of one kind.
type calls struct {
	kind  string
	asked uint64
	took  []time.Duration // those that were answered
}

// A key names an operation.
type key struct {
	client sim.NodeID
	n      uint64
}

// A call is an operation that was not answered yet.
type call struct {
	kind    int
	at      clock.Time
	seq     uint64
	givenUp bool
}

// A blow is a fault that happened at some moment.
type blow struct {
	at       clock.Time
	seq      uint64
	node     sim.NodeID    // whom it happened to; "" for the network
	line     any           // the fault.Line; nil for a crash
	served   time.Duration // until an operation that was called later was answered; 0: none was
	felled   bool          // it was a crash of the leader
	replaced time.Duration // until somebody led again; 0: nobody did
}

// rounded is an instant to the millisecond.
func rounded(t clock.Time) clock.Time { return clock.Time(time.Duration(t).Round(time.Millisecond)) }

// String prints it as a plan would: "300ms crash s1".
func (b *blow) String() string {
	l, ok := b.line.(fault.Line)
	if !ok {
		return fmt.Sprintf("%v crash %s", rounded(b.at), b.node)
	}
	l.At, l.After = rounded(b.at), fault.Trigger{}
	return l.String()
}

// Watch returns the scenario with a meter in its next run: for each run there must be another. The figures are there when the run is over. With messages it counts what is sent
// too, which costs more. The meter is nil if the scenario does not say what its service is.
func Watch(s *sim.Scenario, messages bool) (*sim.Scenario, *Meter) {
	if s.Service == nil {
		return s, nil
	}
	m := &Meter{open: make(map[key]call)}
	if messages {
		m.sent = make(map[reflect.Type]uint64)
	}
	measured := *s
	measured.Properties = func(o sim.Options) []sim.Property {
		m.service = s.Service(o)
		all := []sim.Property{m}
		if s.Properties != nil {
			all = append(all, s.Properties(o)...)
		}
		return all
	}
	return &measured, m
}

// Name returns "".
func (m *Meter) Name() string { return "" }

// Checks returns 0: it judges nothing.
func (m *Meter) Checks() uint64 { return 0 }

// Watches lists what it wants to see.
func (m *Meter) Watches() []sim.Kind {
	kinds := []sim.Kind{sim.Noted, sim.Crashed, sim.Faulted}
	if m.sent != nil {
		kinds = append(kinds, sim.Sent)
	}
	return kinds
}

// Observe takes in an event, and never complains.
func (m *Meter) Observe(e *sim.Event) error {
	switch e.Kind {
	case sim.Sent:
		m.sent[reflect.TypeOf(e.Data)]++
	case sim.Noted:
		m.note(e)
	case sim.Crashed:
		m.blows = append(m.blows, blow{at: e.At, seq: e.Seq, node: e.Node, felled: e.Node == m.leader})
		m.deposed(e)
	case sim.Faulted:
		if l, ok := e.Data.(fault.Line); ok && strikes(&l) {
			m.blows = append(m.blows, blow{at: e.At, seq: e.Seq, node: e.Node, line: e.Data})
		}
	}
	return nil
}

// End closes the figures.
func (m *Meter) End(w *sim.World) (sim.Result, error) {
	m.close(w.Now())
	return sim.Holds, nil
}

// close takes in that the run is over.
func (m *Meter) close(at clock.Time) {
	m.ended = at
	if m.leader == "" && m.service.Leads != nil {
		m.gaps = append(m.gaps, m.ended.Sub(m.since))
	}
}

// strikes reports whether a line is a fault from which a system can recover: it happens at a moment, and is nothing that mends or is right again.
func strikes(l *fault.Line) bool {
	switch l.Verb {
	case fault.Heal, fault.Resume, fault.Thaw, fault.Restart, fault.Omit, fault.Betray:
		return false
	case fault.Slow:
		return l.Amount > 1
	}
	return l.Verb < fault.Law && l.Place() != fault.Single
}

// note takes in a fact.
func (m *Meter) note(e *sim.Event) {
	if op, ok := m.service.Called(e.Data); ok {
		m.called(e, op)
		return
	}
	if op, answered, ok := m.service.Returned(e.Data); ok {
		m.returned(e, key{op.Client, op.N}, answered)
		return
	}
	if m.service.Leads == nil {
		return
	}
	if leads, ok := m.service.Leads(e.Data); ok {
		if leads {
			m.led(e)
		} else {
			m.deposed(e)
		}
	}
}

func (m *Meter) called(e *sim.Event, op sim.Asked) {
	if len(m.kinds) == 0 {
		m.first = e.At
	}
	i := slices.IndexFunc(m.kinds, func(c calls) bool { return c.kind == op.Kind })
	if i < 0 {
		i, m.kinds = len(m.kinds), append(m.kinds, calls{kind: op.Kind})
	}
	m.kinds[i].asked++
	m.open[key{op.Client, op.N}] = call{kind: i, at: e.At, seq: e.Seq}
	m.under++
}

func (m *Meter) returned(e *sim.Event, id key, answered bool) {
	c, ok := m.open[id]
	if !ok {
		return
	}
	m.last = e.At
	if !c.givenUp {
		m.under--
	}
	if !answered {
		c.givenUp = true
		m.open[id] = c
		return
	}
	delete(m.open, id)
	k := &m.kinds[c.kind]
	k.took = append(k.took, e.At.Sub(c.at))
	for ; m.mends < len(m.blows) && m.blows[m.mends].seq < c.seq; m.mends++ {
		b := &m.blows[m.mends]
		b.served = e.At.Sub(b.at)
	}
}

// led takes in that a node leads from now on.
func (m *Meter) led(e *sim.Event) {
	m.elected++
	if m.leader == "" {
		m.gaps = append(m.gaps, e.At.Sub(m.since))
		for i := len(m.blows) - 1; i >= 0 && m.blows[i].at >= m.since; i-- {
			if b := &m.blows[i]; b.felled && b.replaced == 0 {
				b.replaced = e.At.Sub(b.at)
			}
		}
	}
	m.leader = e.Node
}

// deposed takes in that a node leads no longer.
func (m *Meter) deposed(e *sim.Event) {
	if e.Node == m.leader {
		m.leader, m.since = "", e.At
	}
}

// Span is the time from the first call until the last operation had ended, or until the run did if some were still under way.
func (m *Meter) Span() time.Duration {
	if m.under > 0 {
		return m.ended.Sub(m.first)
	}
	return m.last.Sub(m.first)
}
