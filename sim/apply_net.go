package sim

import (
	"simrun/sim/fault"
	"simrun/sim/net"
)

// network puts a line about the network into force, at the start or at its time. It reports false if there is no link that
// the line means: its names may all turn out to be of one node.
func (w *World) network(l *fault.Line) bool {
	switch l.Verb {
	case fault.Cut, fault.Heal:
		return w.reconnect(l)
	case fault.Partition:
		return w.partition(l)
	case fault.Flap, fault.Break:
		return w.fallOut(l)
	case fault.Withhold:
		w.withhold(l.Time)
		return true
	}
	links := w.links(l.From, l.To)
	for _, link := range links {
		setLink(link, l)
	}
	return len(links) > 0 || l.From == ""
}

// setLink changes what a link is like.
func setLink(link *net.Link, l *fault.Line) {
	switch l.Verb {
	case fault.Law:
		link.Law = l.Law
	case fault.Loss:
		link.Loss = uint32(l.Amount)
	case fault.Repeats:
		link.Repeat = uint32(l.Amount)
	case fault.Rate:
		link.Rate = uint64(l.Amount)
	case fault.Queue:
		link.Queue = uint64(l.Amount)
	case fault.Corrupt:
		link.Corrupt = uint32(l.Amount)
	case fault.Garble:
		link.Garble = uint32(l.Amount)
	case fault.Stale:
		link.Stale = uint32(l.Amount)
	}
}

// calm leaves a link with nothing but a law.
func calm(l *net.Link, law net.Law) {
	l.Law, l.Loss, l.Repeat, l.Rate, l.Queue, l.Corrupt, l.Garble, l.Stale = law, 0, 0, 0, 0, 0, 0, 0
}

// fix decides the fate of one message.
func (w *World) fix(l *fault.Line) {
	f := net.Fix{From: w.must(NodeID(l.From)).index, To: w.must(NodeID(l.To)).index, Stream: l.Stream, N: l.N, Lose: l.Verb == fault.Lose}
	switch l.Verb {
	case fault.Corrupt:
		f.Corrupt = true
	case fault.Garble:
		f.Garble = true
	case fault.Stale:
		f.Stale = true
	case fault.Delay:
		f.Late = l.Time
	case fault.Repeat:
		f.Repeat = l.Time
	}
	w.net.Fix(f)
}

// reconnect cuts and heals.
func (w *World) reconnect(l *fault.Line) bool {
	a, b := w.sides(l)
	switch {
	case l.Verb == fault.Cut:
		if len(pairs(a, b)) == 0 {
			return false
		}
		w.faults[fault.Cuts]++
		w.countCut(l)
		w.net.Cut(a, b, l.OneWay)
		if l.Good {
			w.severed = append(w.severed, *l)
		}
		return true
	case len(l.Sides[0]) == 0:
		w.net.MendAll()
	default:
		w.net.Mend(a, b, l.OneWay)
	}
	w.sever()
	return true
}

// sever cuts again what was cut for good.
func (w *World) sever() {
	for i := range w.severed {
		a, b := w.sides(&w.severed[i])
		w.net.Cut(a, b, w.severed[i].OneWay)
	}
}

// partition cuts all pairs of nodes that do not see each other in a shape that has a name.
func (w *World) partition(l *fault.Line) bool {
	apart := w.apart(l)
	if len(apart) == 0 {
		return false
	}
	w.faults[fault.Partitions]++
	for _, p := range apart {
		w.net.Cut(p[:1], p[1:], false)
	}
	return true
}

// apart returns the pairs of nodes that a partition keeps apart.
func (w *World) apart(l *fault.Line) [][2]int {
	shape, err := net.ParseShape(l.Mode)
	if err != nil {
		panic("sim: " + err.Error()) // the parser knows the shapes
	}
	nodes := w.indexes(l.Nodes)
	pairs := shape.Apart(len(nodes))
	for i, p := range pairs {
		pairs[i] = [2]int{nodes[p[0]], nodes[p[1]]}
	}
	return pairs
}

// An outage is what keeps links down for a time: a broken connection, or a link that flaps, which is down again and again.
type outage struct {
	line   fault.Line // what made it; of one that flaps, Amount is how often it is still to go down
	links  []*net.Link
	mended []uint64 // how often each of them had been mended when it began
	down   bool
	turned bool // it has had a turn
}

// fallOut breaks links, or makes them flap.
func (w *World) fallOut(l *fault.Line) bool {
	o := outage{line: *l}
	a, b := w.sides(l)
	w.net.Each(a, b, l.OneWay, func(link *net.Link) {
		o.links, o.mended = append(o.links, link), append(o.mended, link.Mended())
	})
	if len(o.links) == 0 {
		return false
	}
	w.outages = append(w.outages, o)
	w.swing(len(w.outages) - 1)
	return true
}

// swing takes the links of an outage down, or up again, and queues its next turn. Those that have been mended since it
// began are no part of it any more.
func (w *World) swing(i int) {
	o := &w.outages[i]
	if !o.lasts() {
		o.links = nil
		return
	}
	if o.turned && !o.down && !w.affords(&o.line) { // no room for this turn in the budget
		if o.line.Amount--; o.line.Amount > 0 {
			w.due(dueOutage, w.now.Add(2*o.line.Time), classFault, nil).link = uint32(i)
		}
		return
	}
	if o.down = !o.down; o.down {
		o.line.Amount--
	}
	until := w.now.Add(o.line.Time)
	for k, l := range o.links {
		if l.Mended() != o.mended[k] {
			continue
		}
		switch {
		case !o.down:
			l.Up(w.now)
		case o.line.Verb == fault.Break:
			l.Break(w.now, until)
		default:
			l.Down(until)
		}
	}
	if !o.down && o.line.Amount <= 0 {
		o.links = nil
		return
	}
	if o.down && o.line.Verb == fault.Flap {
		w.faults[fault.Flaps]++
		if o.turned { // the first time has the event of the line itself
			l := o.line
			l.At, l.Amount = w.now, l.Amount+1
			w.emit(Faulted, nil, nil, l, hashLine(&l), 0, "")
		}
	}
	o.turned = true
	w.due(dueOutage, until, classFault, nil).link = uint32(i)
}

// lasts reports whether some link of an outage has not been mended since it began.
func (o *outage) lasts() bool {
	for k, l := range o.links {
		if l.Mended() == o.mended[k] {
			return true
		}
	}
	return false
}
