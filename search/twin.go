package search

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A Twin is the nearest run that passes: one thing is different, a fault, a pick, or the delay of one message, and of all such runs that were made it is
// one in which as few properties complain as can be had, the inner ones included, and among these the one that stays the same for longest.
type Twin struct {
	Case    Case
	Verdict sim.Verdict
	Differs string    // what is different: "without 12ms crash a2", "with delay a1>a2 Accept#3 2ms"
	At      [2]uint64 // the first event that is not the same, by its number in the failing run and in this one; 0: that run had ended
	Passes  bool      // as in Without; if not, no such run was found, and in this one at least the property holds that the case fails by
	Says    string    // what becomes of it, as in Without
}

// A variant is a case that has one thing that is otherwise.
type variant struct {
	Case
	differs string
	from    uint64  // it can differ from this event on only; 0: that is not known
	part    Without // what it is without, if it is without something
}

// batches hands out a list in parts, whose runs are made at once. A part is good until the next one.
func batches(list iter.Seq[variant]) iter.Seq[[]variant] {
	return func(yield func([]variant) bool) {
		some := make([]variant, 0, candidatesAhead)
		for v := range list {
			if some = append(some, v); len(some) < candidatesAhead {
				continue
			}
			if !yield(some) {
				return
			}
			some = some[:0]
		}
		if len(some) > 0 {
			yield(some)
		}
	}
}

// A nearest is the best twin so far.
type nearest struct {
	variant
	attempted
	parts uint64 // the first event that differs
	found bool
}

// offer takes a case that passes if it is nearer than the one so far.
func (n *nearest) offer(x *explainer, c variant, a attempted) {
	if !a.held() || n.found && n.before(a) > 0 {
		return
	}
	at := x.base.parts(c.Case)
	if !n.found || n.before(a) < 0 || at > n.parts {
		*n = nearest{c, a, at, true}
	}
}

// before compares the nearest with another by what does not hold: less than 0 if the other is better.
func (n *nearest) before(a attempted) int {
	if n.passes() != a.passes() {
		if a.passes() {
			return -1
		}
		return 1
	}
	return cmp.Compare(complaints(a.verdict), complaints(n.verdict))
}

// twin looks for the nearest run that passes: among those without something, which have been made, then among those with something milder or at another time, then
// among those in which one message is lost or late. These it asks from the last message to the first, and stops when no more can be nearer.
func (x *explainer) twin() {
	offer := func(v variant, a attempted) { x.near.offer(x, v, a) }
	x.look(x.otherwise(), offer)
	for some := range batches(x.base.oneMessage(x.now.Case)) {
		if x.near.found && complaints(x.near.verdict) == 0 && some[0].from <= x.near.parts {
			break
		}
		if x.over() {
			x.cut = true
			break
		}
		x.try(some, offer)
	}
	x.tell()
}

// tell puts into words what was found.
func (x *explainer) tell() {
	n := &x.near
	switch {
	case n.found:
		at := [2]uint64{n.parts, n.parts}
		for i, v := range []sim.Verdict{x.now.verdict, n.verdict} {
			if n.parts > v.Events {
				at[i] = 0
			}
		}
		x.found.Twin = &Twin{Case: n.Case, Verdict: n.verdict, Differs: n.differs, At: at, Passes: n.passes(), Says: x.says(n.attempted)}
	case x.ctx.Err() != nil:
		x.found.NoTwin = "it was interrupted before a run was found that passes"
	case x.cut || x.over():
		x.found.NoTwin = fmt.Sprintf("none of %d runs with one thing different passes, and there are more to try", x.runs.done)
	default:
		x.found.NoTwin = fmt.Sprintf("none of %d runs with one fault, one pick or one message different passes", x.runs.done)
	}
	if x.usual && !n.found {
		x.found.NoTwin += fmt.Sprintf("; this one was made to end after %v, which may be too short for that", x.Case.Config.For)
	}
}

// otherwise lists the cases in which one line is milder or at another time, or one pick has another outcome. Like parts it makes each when it is asked for.
func (x *explainer) otherwise() iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for i, l := range x.now.plan {
			for _, m := range append(nudged(l), milder(l)...) {
				p := slices.Clone(x.now.plan)
				p[i] = m
				if !yield(variant{Case: x.now.withPlan(p), differs: fmt.Sprintf("with %v in the place of %v", m, l)}) {
					return
				}
			}
		}
		for i, d := range x.now.Tape {
			for _, outcome := range []uint64{d.Outcome - 1, d.Outcome + 1, 1, d.Outcome / 2} {
				if outcome == d.Outcome || outcome == 0 { // it has been left out
					continue
				}
				tape := slices.Clone(x.now.Tape)
				tape[i] = chance.Decision{Key: d.Key, Outcome: outcome}
				if !yield(variant{Case: x.now.withTape(tape), differs: fmt.Sprintf("with %s = %d in the place of %d", d.Key, outcome, d.Outcome)}) {
					return
				}
			}
		}
	}
}

// nudged lists the line a little earlier and later, and for a little longer and shorter.
func nudged(l fault.Line) (list []fault.Line) {
	add := func(change func(*fault.Line)) {
		m := l
		change(&m)
		list = append(list, m)
	}
	for _, by := range []time.Duration{time.Millisecond / 2, 2 * time.Millisecond, 10 * time.Millisecond} {
		if l.Place() == fault.Timed {
			add(func(m *fault.Line) { m.At = l.At.Add(by) })
			if time.Duration(l.At) > by {
				add(func(m *fault.Line) { m.At = l.At.Add(-by) })
			}
		}
		if l.Time > by {
			add(func(m *fault.Line) { m.Time -= by })
		}
		if l.Time > 0 {
			add(func(m *fault.Line) { m.Time += by })
		}
	}
	if l.Effect > 0 {
		add(func(m *fault.Line) { m.Effect++ })
	}
	return list
}

// A beaten run is the failing run, as far as another is compared with it.
type beaten struct {
	marks    []uint64 // a hash of each event but the last
	arrivals []arrival
	handled  map[sim.NodeID][]turn
}

// An arrival is a message that was handled.
type arrival struct {
	from, to sim.NodeID
	stream   string
	n        uint64 // it was the n-th of its stream on its link
	seq      uint64
	at       clock.Time
	repeated bool // another copy of it was handled too
}

// A turn is an event in which a node handled something.
type turn struct {
	seq uint64
	at  clock.Time
}

// track makes the hashes of different processes differ: they are compared in one only.
var track = maphash.MakeSeed()

// beat makes the run of the case and writes down what another is compared with.
func beat(c Case) (*beaten, error) {
	w, err := c.World()
	if err != nil {
		return nil, err
	}
	b := &beaten{handled: make(map[sim.NodeID][]turn)}
	type link struct {
		from, to sim.NodeID
		stream   string
	}
	count, sent := map[link]uint64{}, map[uint64]int{} // by its Sent event: the place of the message in arrivals
	var buf []byte
	for e := range w.Events(0) {
		buf = appendEvent(buf[:0], e)
		b.marks = append(b.marks, maphash.Bytes(track, buf))
		switch e.Kind {
		case sim.Sent:
			l := link{e.Node, e.Peer, sim.StreamOf(e.Data)}
			count[l]++
			sent[e.Seq] = len(b.arrivals)
			b.arrivals = append(b.arrivals, arrival{from: e.Node, to: e.Peer, stream: l.stream, n: count[l]})
		case sim.Delivered:
			if i, ok := sent[e.Cause]; ok {
				b.arrivals[i].repeated = b.arrivals[i].seq > 0
				b.arrivals[i].seq, b.arrivals[i].at = e.Seq, e.At
			}
			b.handled[e.Node] = append(b.handled[e.Node], turn{e.Seq, e.At})
		case sim.TimerFired:
			b.handled[e.Node] = append(b.handled[e.Node], turn{e.Seq, e.At})
		}
	}
	b.arrivals = slices.DeleteFunc(b.arrivals, func(a arrival) bool { return a.seq == 0 || a.repeated })
	slices.SortFunc(b.arrivals, func(x, y arrival) int { return cmp.Compare(y.seq, x.seq) })
	return b, nil
}

// parts returns the first event in which the run of a case differs.
func (b *beaten) parts(c Case) uint64 {
	w, err := c.World()
	if err != nil {
		return 0
	}
	defer w.Close()
	var buf []byte
	n := uint64(0)
	for e := range w.Events(0) {
		buf = appendEvent(buf[:0], e)
		if n == uint64(len(b.marks)) || b.marks[n] != maphash.Bytes(track, buf) {
			break
		}
		n++
	}
	return n + 1
}

// oneMessage lists the cases in which one message is later than one or two things that its receiver handled after it, or later by a usual time, or lost; the last message
// first. Messages about which the plan has a line are left to the others. Like parts it makes each when it is asked for.
func (b *beaten) oneMessage(c Case) iter.Seq[variant] {
	return func(yield func(variant) bool) {
		for _, a := range b.arrivals {
			l := fault.Line{From: string(a.from), To: string(a.to), Stream: a.stream, N: a.n}
			if slices.ContainsFunc(*c.Config.Plan, func(m fault.Line) bool {
				return m.Place() == fault.Single && m.From == l.From && m.To == l.To && m.Stream == l.Stream && m.N == l.N
			}) {
				continue
			}
			add := func(m fault.Line) bool {
				return yield(variant{Case: c.withPlan(append(slices.Clone(*c.Config.Plan), m)), differs: "with " + m.String(), from: a.seq})
			}
			for _, by := range b.overtaken(a) {
				l.Verb, l.Time = fault.Delay, by
				if !add(l) {
					return
				}
			}
			l.Verb, l.Time = fault.Lose, 0
			if !add(l) {
				return
			}
		}
	}
}

// overtaken lists by how much a message must be later for one, two and three things to overtake it that its receiver handled after it, and some milliseconds.
func (b *beaten) overtaken(a arrival) (list []time.Duration) {
	turns := b.handled[a.to]
	i, _ := slices.BinarySearchFunc(turns, a.seq, func(t turn, seq uint64) int { return cmp.Compare(t.seq, seq) })
	add := func(d time.Duration) {
		if d > 0 && !slices.Contains(list, d) {
			list = append(list, d)
		}
	}
	for k := i + 1; k < len(turns) && k <= i+3; k++ {
		add((turns[k].at.Sub(a.at) + 100*time.Microsecond).Round(100 * time.Microsecond))
	}
	add(time.Millisecond)
	add(10 * time.Millisecond)
	slices.Sort(list) // of two that part at the same event the milder one is the nearer
	return list
}
