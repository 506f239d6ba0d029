package checkers

import (
	"math/bits"
	"reflect"
)

// A history is judged while the run goes on. What the object can be, and which of the operations under way have taken effect, is carried from one return to the next, as Lowe
// does ("Testing for linearizability", CCPE 29(4), 2017): an operation takes effect just before the first return that needs it. So nothing is judged twice, memory is what can still
// matter and not the whole history, and a run ends soon after the first answer that nothing explains.
//
// Two things keep the ways few in which things can stand. An operation of unknown outcome may always have had no effect: so of two ways that differ in
// nothing but such operations, and of which one has used up a part of those of the other, the other is forgotten. And of several such
// operations with the same input the first is taken first.

// mostWays is how many ways are carried along at most.
const mostWays = 1 << 14

// A prefix is what is known of the history of one key so far, and what of it was judged.
type prefix struct {
	queue []mark // what was not gone through yet, from head on
	head  int
	at    []int32 // the operations under way, by their places
	busy  uint64  // the places of those that will return
	open  uint64  // and of those that never will
	now   []spot
	left  int  // steps of the model that may still be taken
	lost  bool // that was too much, or the past has changed
}

// A mark is where an operation begins, can have had an effect first, or ends.
type mark struct {
	op   int32
	what markKind
}

type markKind uint8

const (
	calls markKind = iota
	arrives
	returns
)

// A follower goes along prefixes: it has what those of all keys share.
type follower struct {
	model
	record *record
	over   bool // the run: what has not returned never will
	seen   ways
	next   ways
	steps  uint64 // in all
}

// ways is a set of ways in which things can stand, without those that others are as good as.
type ways struct {
	all   []spot
	index map[spot][]int32 // by known operations and, if == compares it, the state; nil while there are few
	equal func(a, b any) bool
	open  uint64 // the places of operations that may have had no effect
}

// fewWays is up to how many are looked at one by one.
const fewWays = 12

// clear empties the set.
func (w *ways) clear(open uint64) { w.all, w.index, w.open = w.all[:0], nil, open }

// add puts a way into the set, unless one is there that can do all that this one can.
func (w *ways) add(x spot) {
	key := spot{done: x.done &^ w.open}
	if w.equal == nil {
		key.state = x.state
	}
	if w.index == nil && len(w.all) <= fewWays {
		for i := range w.all {
			if w.covers(&w.all[i], x) {
				return
			}
		}
		w.all = append(w.all, x)
		return
	}
	if w.index == nil {
		w.index = make(map[spot][]int32)
		for i, y := range w.all {
			k := spot{done: y.done &^ w.open}
			if w.equal == nil {
				k.state = y.state
			}
			w.index[k] = append(w.index[k], int32(i))
		}
	}
	for _, i := range w.index[key] {
		if w.covers(&w.all[i], x) {
			return
		}
	}
	w.index[key] = append(w.index[key], int32(len(w.all)))
	w.all = append(w.all, x)
}

// covers reports whether y can do all that x can: the same operations have taken effect, but for some of unknown outcome that y may still use.
func (w *ways) covers(y *spot, x spot) bool {
	if y.done&^x.done != 0 || (x.done&^y.done)&^w.open != 0 {
		return false
	}
	if w.equal != nil {
		return w.equal(y.state, x.state)
	}
	return y.state == x.state
}

// newPrefix begins where nothing has happened yet.
func (w *follower) newPrefix(steps int) *prefix {
	return &prefix{now: []spot{{0, w.init()}}, left: steps}
}

// push adds what happens now.
func (k *prefix) push(op int32, what markKind) {
	if k.lost {
		return
	}
	if k.head > 0 && k.head == len(k.queue) {
		k.queue, k.head = k.queue[:0], 0
	}
	k.queue = append(k.queue, mark{op, what})
}

// lose gives the prefix up, and its memory with it.
func (k *prefix) lose() { *k = prefix{lost: true} }

// along goes on up to the first operation of which it is not known yet what will become of it, and returns the one whose return nothing explains, or -1.
func (w *follower) along(k *prefix) (wrong int32) {
	for ; k.head < len(k.queue); k.head++ {
		m := k.queue[k.head]
		op := &w.record.ops[m.op]
		if op.ret == 0 && !w.over {
			return -1
		}
		switch done := !op.open() && op.outcome == Done; {
		case m.what == calls && done:
			k.place(m.op, &k.busy)
		case (m.what == arrives && !w.record.blind || m.what == calls && w.record.blind) && op.open():
			if _, reads := kindOf(op); !reads {
				k.place(m.op, &k.open)
			}
		case m.what == returns && done:
			if w.comes(k, m.op); !k.lost && len(k.now) == 0 {
				return m.op
			}
		}
		if k.lost {
			return -1
		}
	}
	return -1
}

// place gives an operation a place among those under way.
func (k *prefix) place(op int32, among *uint64) {
	i := bits.TrailingZeros64(^(k.busy | k.open))
	switch {
	case i == 64:
		k.lose()
		return
	case i == len(k.at):
		k.at = append(k.at, op)
	default:
		k.at[i] = op
	}
	*among |= 1 << i
}

// comes lets an operation return: it must have taken effect, after others that are under way, or before them.
func (w *follower) comes(k *prefix, op int32) {
	place := uint64(0)
	for rest := k.busy; place == 0; rest &= rest - 1 {
		if k.at[bits.TrailingZeros64(rest)] == op {
			place = rest & -rest
		}
	}
	w.seen.clear(k.open)
	w.next.clear(k.open)
	w.seen.all = append(w.seen.all, k.now...) // none of them covers another
	if len(w.seen.all) > fewWays {
		w.seen.all = w.seen.all[:0]
		for _, x := range k.now {
			w.seen.add(x)
		}
	}
	before := k.left
	for i := 0; i < len(w.seen.all) && !k.lost; i++ {
		x := w.seen.all[i]
		if x.done&place != 0 {
			w.next.add(spot{x.done &^ place, x.state})
			continue
		}
		for rest := (k.busy | k.open) &^ x.done; rest != 0 && !k.lost; rest &= rest - 1 {
			w.try(k, x, rest&-rest)
		}
	}
	w.steps += uint64(before - k.left)
	if k.lost {
		k.lose()
		return
	}
	k.busy &^= place
	k.now = append(k.now[:0], w.next.all...)
	k.retire()
}

// try lets one more operation take effect.
func (w *follower) try(k *prefix, x spot, place uint64) {
	op := &w.record.ops[k.at[bits.TrailingZeros64(place)]]
	output := op.output
	if k.open&place != 0 {
		if output = nil; w.twin(k, x, place) {
			return
		}
	}
	if k.left--; k.left < 0 || len(w.seen.all) >= mostWays {
		k.left = max(k.left, 0)
		k.lost = true
		return
	}
	if ok, state := w.step(x.state, op.input, output); ok {
		w.seen.add(spot{x.done | place, state})
	}
}

// twin reports whether an operation of unknown outcome with the same input stands before this one and has had no effect: then that one goes first.
func (w *follower) twin(k *prefix, x spot, place uint64) bool {
	input := w.record.ops[k.at[bits.TrailingZeros64(place)]].input
	for rest := k.open &^ x.done & (place - 1); rest != 0; rest &= rest - 1 {
		other := w.record.ops[k.at[bits.TrailingZeros64(rest)]].input
		if t := reflect.TypeOf(input); t == reflect.TypeOf(other) && t.Comparable() && input == other {
			return true
		}
	}
	return false
}

// retire frees the places of operations that have taken effect however things stand.
func (k *prefix) retire() {
	if k.open == 0 || len(k.now) == 0 {
		return
	}
	all := k.open
	for _, x := range k.now {
		all &= x.done
	}
	if all == 0 {
		return
	}
	k.open &^= all
	for i := range k.now {
		k.now[i].done &^= all
	}
}
