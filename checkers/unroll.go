package checkers

import (
	"cmp"
	"math/bits"
	"slices"
)

// How a history is gone through with all states that the object can be in: for the search of a window.

// A spot is one way in which things can stand: the state of the object, and which operations that have not returned have taken effect, by their places.
type spot struct {
	done  uint64
	state any
}

// spots is a set of them, in the order in which they were found.
type spots struct {
	all   []spot
	known map[spot]bool
	equal func(a, b any) bool // nil: states are compared with ==
	done  map[uint64][]any    // the states by what has taken effect, where == cannot compare them
}

func newSpots(equal func(a, b any) bool) *spots {
	if equal != nil {
		return &spots{equal: equal, done: make(map[uint64][]any)}
	}
	return &spots{known: make(map[spot]bool)}
}

// add puts one into the set.
func (s *spots) add(x spot) {
	if s.equal == nil {
		if !s.known[x] {
			s.known[x] = true
			s.all = append(s.all, x)
		}
		return
	}
	if !slices.ContainsFunc(s.done[x.done], func(state any) bool { return s.equal(state, x.state) }) {
		s.done[x.done] = append(s.done[x.done], x.state)
		s.all = append(s.all, x)
	}
}

// A model is what an unrolling asks of Porcupine's.
type model struct {
	init  func() any
	step  func(state, input, output any) (bool, any)
	equal func(a, b any) bool // nil: ==
}

// An unrolling goes through operations of one key in the order of their events.
type unrolling struct {
	model
	left  int // steps of it that may still be taken
	at    [64]*operation
	taken uint64 // places of operations that have been called and have not returned
	free  []freed
	now   []spot
}

// A freed operation is not in the window: it may take effect at any time.
type freed struct {
	op    *operation
	place uint64 // a bit; 0 if it may do so again and again, since its effect does not depend on the state
}

// A turn is a call or a return.
type turn struct {
	op   *operation
	seq  uint64
	back bool
}

// turns lists calls and returns in order. Intervals are closed: of one event the calls come first.
func turns(ops []*operation) []turn {
	all := make([]turn, 0, 2*len(ops))
	for _, op := range ops {
		all = append(all, turn{op, op.since(), false})
	}
	for _, op := range ops {
		if !op.open() {
			all = append(all, turn{op, op.ret, true})
		}
	}
	slices.SortStableFunc(all, func(a, b turn) int { return cmp.Compare(a.seq, b.seq) })
	return all
}

// through goes through turns until an event, and gives each operation a place. It returns the operation whose return no way explains, nil if there is none; ok is
// false if the budget was spent, or more operations are open at once than there are places.
func (w *unrolling) through(all []turn, until uint64, place func(*operation) int) (wrong *operation, ok bool) {
	for _, t := range all {
		if t.seq >= until {
			break
		}
		if !t.back {
			i := place(t.op)
			if i == len(w.at) {
				return nil, false
			}
			w.at[i] = t.op
			w.taken |= 1 << i
			continue
		}
		if !w.comes(t.op) {
			return nil, false
		}
		if len(w.now) == 0 {
			return t.op, true
		}
	}
	return nil, true
}

// anywhere is the first place that is free.
func (w *unrolling) anywhere(*operation) int { return bits.TrailingZeros64(^w.taken) }

// comes lets an operation return: it must have taken effect, after others that are open, or not.
func (w *unrolling) comes(op *operation) bool {
	place := uint64(1) << slices.Index(w.at[:], op)
	seen, next := newSpots(w.equal), newSpots(w.equal)
	for _, x := range w.now {
		seen.add(x)
	}
	for i := 0; i < len(seen.all); i++ {
		x := seen.all[i]
		if x.done&place != 0 {
			next.add(spot{x.done &^ place, x.state})
			continue
		}
		for rest := w.taken &^ x.done; rest != 0; rest &= rest - 1 {
			if !w.try(seen, x, w.at[bits.TrailingZeros64(rest)], rest&-rest, true) {
				return false
			}
		}
		for _, f := range w.free {
			if (f.place == 0 || x.done&f.place == 0) && !w.try(seen, x, f.op, f.place, false) {
				return false
			}
		}
	}
	w.taken &^= place
	w.at[bits.TrailingZeros64(place)] = nil
	w.now = next.all
	return true
}

// try lets one more operation take effect. It is false if the budget is spent.
func (w *unrolling) try(seen *spots, x spot, op *operation, place uint64, known bool) bool {
	if w.left--; w.left < 0 {
		return false
	}
	output := op.output
	if op.open() || !known {
		output = nil
	}
	ok, state := w.step(x.state, op.input, output)
	switch {
	case ok:
		seen.add(spot{x.done | place, state})
	case op.open() && known: // it has no effect there
		seen.add(spot{x.done | place, x.state})
	}
	return true
}
