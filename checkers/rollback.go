package checkers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"simrun/sim"
)

// A noOrphans looks for receipts without sendings.
type noOrphans struct{ cutJudge }

// NoOrphans returns the inner property "no-orphans": after a rollback no process contains the receipt of a message
// whose sending is undone (an orphan: Koo and Toueg, TSE 1987), nor two receipts of what was sent once. It is
// judged at each Recovered, and at the end unless a rollback is under way: while some have gone back and others
// have not, there may be orphans. Each message that has been received then is a check.
func NoOrphans(c Cutting) sim.Property { return &noOrphans{c.judge("no-orphans")} }

// Observe judges when a rollback is over.
func (o *noOrphans) Observe(e *sim.Event) error {
	if err := o.read(e); err != nil || !o.recovered {
		return err
	}
	return o.look()
}

// End judges what has come after the last rollback.
func (o *noOrphans) End(w *sim.World) (sim.Result, error) {
	if o.underWay(w) {
		return sim.Holds, nil
	}
	for _, p := range o.processes {
		if w == nil || idle(w, p.id) {
			o.settle(p)
		}
	}
	return sim.Holds, o.look()
}

// idle reports whether a node has come to the end of its latest call, so that it has received what it was delivered.
func idle(w *sim.World, id sim.NodeID) bool { _, ok := w.Node(id); return ok }

// underWay reports whether at the end of a run a process is down or a rollback is not over.
func (h *chronicle) underWay(w *sim.World) bool {
	if h.Recovered != nil && h.open {
		return true
	}
	return w != nil && h.RolledBack != nil && slices.ContainsFunc(h.processes, func(p *process) bool { return !w.Up(p.id) })
}

func (o *noOrphans) look() error {
	for _, m := range o.letters {
		received := m.to.head.howMany(m.receipts)
		if received == 0 {
			continue
		}
		o.checks++
		sent := m.from.head.howMany(m.sendings)
		if received <= max(sent, 0) {
			continue
		}
		at := m.receipts[len(m.receipts)-1].at
		if sent == 0 {
			return fmt.Errorf("%s is an orphan: %s, received at %v, is part of the state of %s, and its sending at %v is undone",
				say(m.body), m, at, m.to.id, m.sentAt())
		}
		return fmt.Errorf("%s received %s from %s %d times, the last at %v, and %s has sent it once", m.to.id, say(m.body), m.from.id, received, at, m.from.id)
	}
	return nil
}

// A noLost looks for sendings without receipts.
type noLost struct{ cutJudge }

// NoLost returns the inner property "no-lost": at the end every message whose sending is part of the sender's state is
// part of the receiver's, or on its way, or was declared Lost. What is Held and has not been received has been dropped. It
// is not judged while a rollback is under way or a process is down. Each message that has been sent is a check.
//
// It accuses links that lose messages too, unless the system sends them again.
func NoLost(c Cutting) sim.Property { return &noLost{c.judge("no-lost")} }

// Observe only takes down.
func (l *noLost) Observe(e *sim.Event) error { return l.read(e) }

// End looks for what will never arrive.
func (l *noLost) End(w *sim.World) (sim.Result, error) {
	if l.underWay(w) {
		return sim.Holds, nil
	}
	for _, m := range l.letters {
		if !m.from.head.hasAny(m.sendings) {
			continue
		}
		l.checks++
		if m.forgotten || m.flying > 0 || m.to.hand == m || m.to.head.hasAny(m.receipts) {
			continue
		}
		switch {
		case len(m.receipts) > 0:
			return sim.Holds, fmt.Errorf("%s is lost: %s, sent at %v, was received at %v, but that is undone, and it is not on its way again",
				say(m.body), m, m.sentAt(), latestOf(m.receipts))
		case m.reached:
			return sim.Holds, fmt.Errorf("%s is lost: %s, sent at %v, reached %s, but was not received, and it is not on its way again", say(m.body), m, m.sentAt(), m.to.id)
		}
		return sim.Holds, fmt.Errorf("%s is lost: %s, sent at %v, did not arrive, and it is not on its way again", say(m.body), m, m.sentAt())
	}
	return sim.Holds, nil
}

// A permanentLine compares the permanent checkpoints of all processes.
type permanentLine struct{ cutJudge }

// PermanentLine returns the inner property "permanent-line": whenever no tentative checkpoint is undecided and no
// rollback under way, the latest Permanent checkpoints of all processes are a consistent cut, to which the system could go back: none contains
// a receipt of what the others do not contain (Koo and Toueg, TSE 1987, section 4). A process without one would
// go back to its initial state. Each such moment after a decision is a check.
//
// Where every checkpoint is permanent at once, as independent ones are, it is violated as soon as going back
// to the latest makes an orphan: the beginning of a domino effect.
func PermanentLine(c Cutting) sim.Property {
	if c.Permanent == nil {
		panic("checkers: PermanentLine needs Permanent")
	}
	return &permanentLine{c.judge("permanent-line")}
}

// Observe judges the line after each decision.
func (l *permanentLine) Observe(e *sim.Event) error {
	if err := l.read(e); err != nil || !l.decided || l.undecided > 0 || l.open && l.Recovered != nil {
		return err
	}
	l.checks++
	for _, p := range l.processes {
		if p.permanent == nil {
			continue
		}
		for d := p.permanent.head; d != nil; d = d.prev {
			m := d.of
			if d.sending || m.from.lineHead().hasAny(m.sendings) {
				continue
			}
			return fmt.Errorf("the permanent checkpoints are not consistent at %v: %s of %s, of %v, contains %s, received at %v, which %s sent at %v, after %s",
				e.At, say(p.permanent.snapshot), p.id, p.permanent.at, say(m.body), d.at, m.from.id, m.sentAt(), m.from.line())
		}
	}
	return nil
}

// lineHead is the latest step of what a process would go back to.
func (p *process) lineHead() *step {
	if p.permanent == nil {
		return nil
	}
	return p.permanent.head
}

// line tells what a process would go back to.
func (p *process) line() string {
	if p.permanent == nil {
		return "its initial state"
	}
	return fmt.Sprintf("its own, %s of %v", say(p.permanent.snapshot), p.permanent.at)
}

// An Ending is what a run has come to: the last value that each node noted of each thing.
type Ending []Final

// A Final is the last value that a node noted of something.
type Final struct {
	Node        sim.NodeID
	What, Value any
}

// EndOf drives a world to its end and returns what it has come to. The extractor says of which thing a fact
// tells, and what; values are compared with ==. The world's verdict is there afterwards.
func EndOf(w *sim.World, final func(fact any) (what, value any, ok bool)) Ending {
	type thing struct {
		node sim.NodeID
		what any
	}
	var end Ending
	known := make(map[thing]int)
	for e := range w.Events(0) {
		if e.Kind != sim.Noted {
			continue
		}
		what, value, ok := final(e.Data)
		if !ok {
			continue
		}
		mustCompare("an ending", what)
		mustCompare("an ending", value)
		i, again := known[thing{e.Node, what}]
		if !again {
			i = len(end)
			known[thing{e.Node, what}] = i
			end = append(end, Final{})
		}
		end[i] = Final{e.Node, what, value}
	}
	slices.SortStableFunc(end, func(a, b Final) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), cmp.Compare(say(a.What), say(b.What)))
	})
	return end
}

// SameEnd compares what a run has come to with what it should have: that of the same run without the failure, where
// logging or a rollback promises it. The error names the first difference.
func SameEnd(want, got Ending) error {
	if len(want) == 0 {
		return errors.New("nothing to compare: the run that should be reached has noted no final value")
	}
	for _, f := range want {
		i := slices.IndexFunc(got, func(g Final) bool { return g.Node == f.Node && g.What == f.What })
		if i < 0 {
			return fmt.Errorf("%s has no %s, which is %s without the failure", f.Node, say(f.What), say(f.Value))
		}
		if got[i].Value != f.Value {
			return fmt.Errorf("%s has %s as %s, which is %s without the failure", f.Node, say(f.What), say(got[i].Value), say(f.Value))
		}
	}
	for _, g := range got {
		if !slices.ContainsFunc(want, func(f Final) bool { return g.Node == f.Node && g.What == f.What }) {
			return fmt.Errorf("%s has %s as %s, which is not there without the failure", g.Node, say(g.What), say(g.Value))
		}
	}
	return nil
}
