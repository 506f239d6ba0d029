package view

import (
	"cmp"
	"maps"
	"slices"

	"simrun/sim"
	"simrun/sim/fault"
)

// order returns the events worth telling, the most important first.
func (s *selection) order() []uint64 {
	class := make(map[uint64]int)
	for _, seq := range s.past {
		if c := s.class(seq); c > 0 {
			class[seq] = c
		}
	}
	for sent := range s.early { // they led to the end by what was lost
		if _, in := slices.BinarySearch(s.past, sent); in || s.lanesOf(sent) {
			class[sent], class[s.t.handled(sent)] = classLoss, classLoss
		}
	}
	for _, seq := range s.missed() {
		class[seq] = classPast
		if s.underway[seq] {
			class[seq] = classLoss
		}
	}
	if s.atEnd && s.end <= fullEnd {
		s.fill(class)
	}
	for _, r := range s.roots {
		class[r] = classRoot
	}
	s.refrains(class)
	order := make([]uint64, 0, len(class))
	for seq := range class {
		order = append(order, seq)
	}
	slices.SortFunc(order, func(a, b uint64) int { return cmp.Compare(b, a) })
	losses := 0
	for _, seq := range order {
		if class[seq] == classLoss {
			if losses++; losses > mostLosses {
				class[seq] = classPast
			}
		}
	}
	slices.SortFunc(order, func(a, b uint64) int {
		if a == s.end || b == s.end { // which is told whatever else is
			return cmp.Compare(b, a)
		}
		return cmp.Or(cmp.Compare(class[a], class[b]), cmp.Compare(b, a))
	})
	return order
}

// fullEnd is how long a run is at most of which all is told, as far as there is room, when it went wrong at its end: nobody knows what led there.
const fullEnd = 2000

// fill adds all that happened, as what is least important.
func (s *selection) fill(class map[uint64]int) {
	arrived, did := s.t.traffic(1, s.end)
	for seq := uint64(1); seq <= s.end; seq++ {
		if class[seq] > 0 || s.t.kind[seq-1] == sim.Started {
			continue
		}
		if s.happens(seq, arrived[seq], did[seq]) {
			class[seq] = classRest
			if s.t.kind[seq-1] == sim.Sent && s.early[seq] == "" {
				class[seq], s.underway[seq] = classLast, true
			}
		}
	}
}

// refrains leaves out what happens again and again and changes nothing that is told, but for the last time.
func (s *selection) refrains(class map[uint64]int) {
	type verse struct {
		kind       sim.Kind
		node, peer uint16
		text       uint32
	}
	last, times := make(map[verse]uint64), make(map[verse]int)
	for _, seq := range slices.Sorted(maps.Keys(class)) {
		i := seq - 1
		if len(s.turns[seq]) > 0 || s.early[seq] != "" {
			continue
		}
		switch s.t.kind[i] {
		case sim.TimerFired, sim.Delivered, sim.Dropped, sim.Noted:
		default:
			continue
		}
		v := verse{s.t.kind[i], s.t.node[i], s.t.peer[i], s.t.text[i]}
		before := last[v]
		last[v] = seq
		if times[v]++; times[v] > 1 {
			s.times[seq] = times[v]
			if class[before] != classRoot {
				delete(class, before)
			}
		}
	}
}

// missed returns the messages of the past that did not arrive, or not yet, though they took long or one sent later did: had they, there might be
// another story.
func (s *selection) missed() (seqs []uint64) {
	t := s.t
	type link struct{ from, to uint16 }
	sent, latest := make(map[uint64]bool), make(map[link]uint64)
	for seq := uint64(1); seq <= s.end; seq++ {
		i := seq - 1
		cause := uint64(t.cause[i])
		switch t.kind[i] {
		case sim.Sent:
			if _, in := slices.BinarySearch(s.past, cause); in {
				sent[seq] = true
			}
		case sim.Delivered:
			delete(sent, cause)
			l := link{t.peer[i], t.node[i]}
			latest[l] = max(latest[l], cause)
		case sim.Dropped:
			if sent[cause] {
				delete(sent, cause)
				seqs = append(seqs, seq)
			}
		}
	}
	for _, seq := range slices.Sorted(maps.Keys(sent)) {
		late := t.at[s.end-1].Sub(t.at[seq-1]) >= lingers
		if late || latest[link{t.node[seq-1], t.peer[seq-1]}] > seq {
			s.underway[seq] = true
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// mostLosses is how many events are told of what crashes have made nodes forget, where there is little room.
const mostLosses = 8

// handled goes back from an effect to what its node handled.
func (t *Trace) handled(seq uint64) uint64 {
	for node := t.node[seq-1]; t.cause[seq-1] > 0 && t.node[t.cause[seq-1]-1] == node; {
		if k := t.kind[seq-1]; k == sim.Delivered || k == sim.TimerFired || k == sim.Started {
			break
		}
		seq = uint64(t.cause[seq-1])
	}
	return seq
}

// lanesOf reports whether the past has events of a sender.
func (s *selection) lanesOf(sent uint64) bool {
	return slices.ContainsFunc(s.past, func(seq uint64) bool { return s.t.node[seq-1] == s.t.node[sent-1] })
}

// The classes of events, the most important first; 0 is bookkeeping.
const (
	classRoot = 1 + iota
	classNear // what led there just before, and panics
	classLoss // what a crash has made a node forget, and what it slept through
	classSpine
	classPast
	classLast
	classRest // whatever else happened
)

// class says how important an event is.
func (s *selection) class(seq uint64) int {
	t := s.t
	i := seq - 1
	way := s.spine[seq]
	switch t.kind[i] {
	case sim.Panicked:
		return classNear
	case sim.Crashed:
		if t.text[i] != 0 {
			return classLoss
		}
		return classPast
	case sim.Started:
		before := t.lastLife(seq)
		switch {
		case before > 0 && t.text[before] != 0 && len(s.forgets[seq]) > 0: // the crash is the event behind it
			return classLoss
		case t.texts[t.text[i]] != "life 1":
			return classPast
		}
	case sim.Delivered, sim.Noted:
		switch {
		case way > 0 && way <= near:
			return classNear
		case way > 0:
			return classSpine
		case t.kind[i] == sim.Noted, len(s.turns[seq]) > 0:
			return classPast
		}
		return classLast
	case sim.Faulted:
		if stands(t.texts[t.typ[i]]) {
			return classLoss
		}
		return classPast
	case sim.Settled:
		return classLast
	case sim.TimerFired:
		switch {
		case way > 0 && way <= near:
			return classNear
		case len(s.turns[seq]) > 0:
			return classLast
		}
	}
	return 0
}

// stands reports whether a fault makes a node or its clock stand still or go on: nothing in what the node does afterwards shows that it has slept.
func stands(verb string) bool {
	return slices.Contains([]string{fault.Pause.String(), fault.Resume.String(), fault.Freeze.String(), fault.Thaw.String()}, verb)
}
