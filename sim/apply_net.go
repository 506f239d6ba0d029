package sim

import (
	"simrun/sim/fault"
	"simrun/sim/net"
)

var unbuiltNet = []fault.Verb{fault.Queue, fault.Corrupt, fault.Garble, fault.Stale, fault.Partition, fault.Flap, fault.Break}

// network puts a line about the network into force, at the start or at its time.
func (w *World) network(l *fault.Line) {
	switch l.Verb {
	case fault.Cut, fault.Heal:
		w.reconnect(l)
	default:
		for _, link := range w.links(l.From, l.To) {
			setLink(link, l)
		}
	}
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
	}
}

// fix decides the fate of one message.
func (w *World) fix(l *fault.Line) {
	f := net.Fix{From: w.must(NodeID(l.From)).index, To: w.must(NodeID(l.To)).index, Stream: l.Stream, N: l.N, Lose: l.Verb == fault.Lose}
	switch l.Verb {
	case fault.Delay:
		f.Late = l.Time
	case fault.Repeat:
		f.Repeat = l.Time
	}
	w.net.Fix(f)
}

// reconnect cuts and heals.
func (w *World) reconnect(l *fault.Line) {
	a, b := w.sides(l)
	switch {
	case l.Verb == fault.Cut:
		w.faults[fault.Cuts]++
		w.countCut(l)
		w.net.Cut(a, b, l.OneWay)
		if l.Good {
			w.severed = append(w.severed, *l)
		}
		return
	case len(a) == 0:
		w.net.MendAll()
	default:
		w.net.Mend(a, b, l.OneWay)
	}
	w.sever()
}

// sever cuts again what was cut for good.
func (w *World) sever() {
	for i := range w.severed {
		a, b := w.sides(&w.severed[i])
		w.net.Cut(a, b, w.severed[i].OneWay)
	}
}
