package search

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A Fork is a place in the run of a case where something may go otherwise: right after an event. Each of its methods returns a case whose run is the same up to
// there and then another one. What is different stands in its plan, so that it can be written down like any other. An error says why there is none.
type Fork struct {
	Case  Case
	After uint64 // the event; 0 is before the first

	beaten  *beaten
	event   sim.Event             // that event, without what it is about
	posts   []post                // the messages of the run, in the order in which they were sent
	of      map[uint64]int        // by event of a message: its place in posts
	effects map[sim.NodeID]uint64 // by node: how many it has had so far
}

// A post is a message on its way, and what a line of a plan calls it.
type post struct {
	from, to   sim.NodeID
	stream     string
	n          uint64
	sent, came uint64     // the events; came is 0 if it never arrived, and was not lost either
	at         clock.Time // when it came
	lost       bool
}

// String names the message as a plan does: "a1>a2 Accept#3".
func (p *post) String() string { return fmt.Sprintf("%s>%s %s#%d", p.from, p.to, p.stream, p.n) }

// line returns a line of a plan about the message.
func (p *post) line(v fault.Verb, t time.Duration) fault.Line {
	return fault.Line{Verb: v, From: string(p.from), To: string(p.to), Stream: p.stream, N: p.n, Time: t}
}

// Fork makes the run of a case to find out what there is at a place of it.
func (c Case) Fork(after uint64) (*Fork, error) {
	if c.Scenario == nil || c.Config.Plan == nil {
		return nil, errors.New("search: a fork needs a Case: see Explicit")
	}
	b, err := beat(c)
	if err != nil {
		return nil, err
	}
	if most := uint64(len(b.marks)); after > most {
		return nil, fmt.Errorf("there is no event %d: the run has events 1 to %d", after, most)
	}
	w, err := c.World()
	if err != nil {
		return nil, err
	}
	f := &Fork{Case: c, After: after, beaten: b, of: make(map[uint64]int), effects: make(map[sim.NodeID]uint64)}
	count := make(map[post]uint64)
	for e := range w.Events(0) {
		f.see(e, count)
	}
	return f, nil
}

// see takes an event of the run. Messages are counted by link and stream.
func (f *Fork) see(e *sim.Event, count map[post]uint64) {
	if e.Seq == f.After {
		f.event = *e
		f.event.Data = nil
	}
	switch e.Kind {
	case sim.Sent:
		p := post{from: e.Node, to: e.Peer, stream: sim.StreamOf(e.Data)}
		count[p]++
		p.n, p.sent = count[p], e.Seq
		f.of[e.Seq] = len(f.posts)
		f.posts = append(f.posts, p)
	case sim.Delivered, sim.Dropped:
		i, known := f.of[e.Cause]
		if !known {
			break
		}
		f.of[e.Seq] = i
		if p := &f.posts[i]; p.came == 0 {
			p.came, p.at, p.lost = e.Seq, e.At, e.Kind == sim.Dropped
		}
	}
	if e.Seq <= f.After && isEffect(e.Kind) {
		f.effects[e.Node]++
	}
}

// isEffect reports whether such events are effects of a node, as "crash NODE after effect N" counts them.
func isEffect(k sim.Kind) bool {
	return k == sim.Sent || k == sim.TimerSet || k == sim.DiskDone || k == sim.Noted
}

// Lose returns the case in which the message of an event, its sending or its arrival, is lost. A message is lost when it is sent: the runs part there, though no node
// can tell before it would have arrived.
func (f *Fork) Lose(message uint64) (Case, error) {
	p, err := f.underWay(message)
	switch {
	case err != nil:
		return Case{}, err
	case p.lost:
		return Case{}, fmt.Errorf("%v is lost as it is, at event %d", p, p.came)
	}
	return f.take(p.sent, f.about(p, p.line(fault.Lose, 0)))
}

// Delay returns the case in which the message of an event arrives that much later.
func (f *Fork) Delay(message uint64, by time.Duration) (Case, error) {
	p, err := f.underWay(message)
	switch {
	case err != nil:
		return Case{}, err
	case by <= 0:
		return Case{}, fmt.Errorf("a delay of %v: want one above 0, such as 5ms", by)
	}
	return f.take(f.After, f.later(f.Case, p, by))
}

// First returns the case in which the message of an event is the first of those under way that its receiver handles: those that would have come before it come
// later.
func (f *Fork) First(message uint64) (Case, error) {
	p, err := f.underWay(message)
	if err != nil {
		return Case{}, err
	}
	c := f.sooner(p)
	for range mostOvertaken {
		next, err := c.Fork(f.After)
		if err != nil {
			return Case{}, err
		}
		before, q := next.ahead(p)
		switch {
		case q == nil || q.lost || q.came <= f.After:
			return Case{}, fmt.Errorf("%v cannot be the first", p)
		case len(before) == 0:
			return f.take(f.After, c)
		}
		first := slices.MinFunc(before, func(a, b *post) int { return int(int64(a.at) - int64(b.at)) })
		for _, b := range before { // by the same, so that their order stays
			c = f.later(c, b, q.at.Sub(first.at)+time.Microsecond)
		}
	}
	return Case{}, fmt.Errorf("%v is overtaken again and again: its link keeps messages in order, or others are sent before it can arrive", p)
}

// mostOvertaken is how often it is tried to put off what comes before a message.
const mostOvertaken = 8

// sooner returns the case in which a message is not late by a line or a pick of its own, if it is late and can be in time.
func (f *Fork) sooner(p *post) Case {
	c := f.Case
	plan := slices.DeleteFunc(slices.Clone(*c.Config.Plan), func(l fault.Line) bool { return l.Verb == fault.Delay && p.names(&l) })
	tape := slices.DeleteFunc(slices.Clone(c.Tape), func(d chance.Decision) bool { return d.Key == "delay "+p.String() })
	if len(plan) == len(*c.Config.Plan) && len(tape) == len(c.Tape) {
		return c
	}
	if d := c.withPlan(plan).withTape(tape); f.beaten.parts(d) > f.After {
		return d
	}
	return c
}

// names reports whether a line is about the message alone.
func (p *post) names(l *fault.Line) bool {
	return l.Place() == fault.Single && l.From == string(p.from) && l.To == string(p.to) && l.Stream == p.stream && l.N == p.n
}

// ahead returns the messages that the receiver of a message handles after the fork and before it, and the message in this run; nil if it is not there.
func (f *Fork) ahead(p *post) (before []*post, q *post) {
	for i := range f.posts {
		if x := &f.posts[i]; x.String() == p.String() {
			q = x
		}
	}
	if q == nil {
		return nil, nil
	}
	for i := range f.posts {
		if x := &f.posts[i]; x.to == q.to && !x.lost && x.came > f.After && x.came < q.came {
			before = append(before, x)
		}
	}
	return before, q
}

// Crash returns the case in which a node crashes right after the event: after its last effect, if the event is one of its effects, else when what happens at that instant has
// happened.
func (f *Fork) Crash(node string) (Case, error) {
	if isEffect(f.event.Kind) && string(f.event.Node) == node {
		c, err := f.take(f.After, f.with(fault.Line{Verb: fault.Crash, Node: node, Effect: f.effects[f.event.Node]}))
		if err == nil && f.beaten.parts(c) == f.After+1 {
			return c, nil
		}
	}
	return f.Add(fault.Line{Verb: fault.Crash, Node: node, At: f.event.At + 1})
}

// Next is the first instant after the event at which a line of a plan can make something happen.
func (f *Fork) Next() clock.Time { return f.event.At + 1 }

// Add returns the case with a line more in its plan.
func (f *Fork) Add(l fault.Line) (Case, error) { return f.take(f.After, f.with(l)) }

// Without returns the case without a line of its plan, by its place there from 0. It may be about what was before the event.
func (f *Fork) Without(i int) (Case, error) {
	p := slices.Clone(*f.Case.Config.Plan)
	if i < 0 || i >= len(p) {
		return Case{}, fmt.Errorf("there is no line %d in the plan: it has %d", i+1, len(p))
	}
	return f.take(0, f.Case.withPlan(slices.Delete(p, i, i+1)))
}

// Parts returns the first event in which the run of another case differs.
func (f *Fork) Parts(c Case) uint64 { return f.beaten.parts(c) }

// underWay finds the message of an event, which must not have arrived yet.
func (f *Fork) underWay(message uint64) (*post, error) {
	i, known := f.of[message]
	if !known {
		return nil, fmt.Errorf("event %d is no message: want the number of a sending, or of an arrival", message)
	}
	p := &f.posts[i]
	switch {
	case p.sent > f.After:
		return nil, fmt.Errorf("%v is not sent before event %d: go there first", p, p.sent)
	case p.came > 0 && p.came <= f.After && p.lost:
		return nil, fmt.Errorf("%v was lost at event %d", p, p.came)
	case p.came > 0 && p.came <= f.After:
		return nil, fmt.Errorf("%v has arrived at event %d: go back to before it", p, p.came)
	}
	return p, nil
}

// with returns the case with a line more.
func (f *Fork) with(l fault.Line) Case {
	return f.Case.withPlan(append(slices.Clone(*f.Case.Config.Plan), l))
}

// about returns the case with a line about a message in the place of those that are about it already.
func (f *Fork) about(p *post, l fault.Line) Case {
	plan := slices.DeleteFunc(slices.Clone(*f.Case.Config.Plan), func(x fault.Line) bool { return p.names(&x) })
	return f.Case.withPlan(append(plan, l))
}

// later returns a case in which a message is later than in c.
func (f *Fork) later(c Case, p *post, by time.Duration) Case {
	plan := slices.Clone(*c.Config.Plan)
	for i := range plan {
		if plan[i].Verb == fault.Delay && p.names(&plan[i]) {
			plan[i].Time += by
			return c.withPlan(plan)
		}
	}
	return c.withPlan(append(plan, p.line(fault.Delay, by)))
}

// take returns a case if there is a run of it, and that is the same up to an event and not the same for ever.
func (f *Fork) take(same uint64, c Case) (Case, error) {
	w, err := c.World()
	if err != nil {
		return Case{}, errors.New(strings.TrimPrefix(err.Error(), "search: "))
	}
	if _, err := fault.Parse(c.Config.Plan.String()); err != nil { // then it could not be written down either
		return Case{}, fmt.Errorf("no plan can say that: %w", err)
	}
	events := w.Run(0).Events
	at, last := f.beaten.parts(c), uint64(len(f.beaten.marks))
	switch {
	case at <= same:
		return Case{}, fmt.Errorf("that would make another run from event %d on, which has happened: go back to before it", at)
	case at > last && events == last:
		return Case{}, errors.New("that changes nothing")
	}
	return c, nil
}
