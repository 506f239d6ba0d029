package checkers

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// The smallest illegal window of a history. Porcupine says that there is no order; which operations are to blame is found here, by going through one
// key's history event by event with all the states that the object can be in (Lowe, "Testing for linearizability", CCPE 29(4), 2017). So it is known
// what the state can have been before any operation, and a long history need not be looked at again.
//
// To leave operations out is not enough: without the write of a value every read of it is wrong. So an operation that is not in the window
// may take effect at any time, before its call too, or never. If there is still no order, the operations of the window exclude one another,
// whatever the others did.

const (
	windowTail  = 60        // how many operations before the wrong one are looked at
	tailSteps   = 20_000    // the budget to try one smaller window, in steps of the model
	narrowSteps = 300_000   // the budget for all of them together
	windowSteps = 1_000_000 // the budget to go through the whole history
)

// A window is what is wrong with one key's operations.
type window struct {
	ops    []*operation // by their calls
	wrong  *operation   // the one among them whose return no order explains
	others int          // how many others on this key were called until then
	from   *operation   // before its call no operation was looked at, but only what they made of the object; nil if all were
	states []spot       // what it can have been then
	spent  bool         // the budget was spent: there may be a smaller one
	rough  bool         // and these are but the last
}

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

// narrow finds the smallest illegal window of a key's operations, of which it is known that no order explains them. Nil: that took too long.
func narrow(m model, ops []*operation) *window {
	then, wrong := firstWrong(m, ops)
	if wrong == nil {
		return nil
	}
	begins := tailBegins(then)
	if begins < 0 {
		return nil
	}
	left := narrowSteps
	best := windowFrom(m, then, begins, wrong, &left)
	// Where it takes many to say how the object came to what it held, it is shorter to say what it held.
	for k := 1; k <= longWindow && best != nil && best.cost() > longWindow && len(then)-k > begins; k++ {
		if w := windowFrom(m, then, len(then)-k, wrong, &left); w != nil && w.cost() < best.cost() {
			best = w
		}
	}
	if best == nil {
		return nil
	}
	for _, op := range ops {
		if op.call <= wrong.ret {
			best.others++
		}
	}
	if o := origin(m, then, best); o != nil {
		best.ops = append([]*operation{o}, best.ops...)
	}
	best.others -= len(best.ops)
	for i, op := range best.ops { // as they became, and not as they stood
		best.ops[i] = ops[slices.IndexFunc(ops, func(o *operation) bool { return o.id == op.id })]
	}
	return best
}

// origin returns the last operation before the window that made of the object what the wrong one read, if it did so whatever the object was; else nil.
func origin(m model, ops []*operation, w *window) (found *operation) {
	if _, reads := kindOf(w.wrong); w.from == nil || !reads {
		return nil
	}
	for _, op := range ops {
		if overwrites, _ := kindOf(op); !overwrites || op.call >= w.from.call || slices.Contains(w.ops, op) {
			continue
		}
		if _, state := m.step(m.init(), op.input, nil); state != nil {
			if ok, _ := m.step(state, w.wrong.input, w.wrong.output); ok {
				found = op
			}
		}
	}
	return found
}

// longWindow is how many operations are too many to read.
const longWindow = 6

// cost is how much there is to read.
func (w *window) cost() int {
	if w.from == nil {
		return len(w.ops)
	}
	return len(w.ops) + 1 + len(w.states)
}

// windowFrom finds the smallest window among the operations from one on, and those that are open when it is called. Nil: that took too long.
func windowFrom(m model, ops []*operation, first int, wrong *operation, left *int) *window {
	n := narrower{model: m, wrong: wrong, left: *left}
	if !n.start(ops, ops[first].call) {
		return nil
	}
	n.minimise()
	*left = n.left
	found := &window{wrong: wrong, spent: n.spent}
	for i, op := range n.tail {
		if n.strict[i] {
			found.ops = append(found.ops, op)
		}
	}
	if first > 0 {
		found.from = ops[first]
		states := newSpots(m.equal)
		for _, x := range n.begin {
			states.add(spot{0, x.state})
		}
		found.states = states.all
	}
	return found
}

// mostReturns is how many returns are tried as the first that is wrong.
const mostReturns = 64

// firstWrong returns the first operation whose return no order of the operations until then explains, and these as they stood then: an output that was still to come
// explains nothing and is not asked for. Nil: that took too long.
func firstWrong(m model, ops []*operation) (then []*operation, wrong *operation) {
	// With all outputs known no way may be left a little earlier.
	w := unrolling{model: m, left: windowSteps, now: []spot{{0, m.init()}}}
	early, ok := w.through(turns(ops), math.MaxUint64, w.anywhere)
	if !ok || early == nil {
		return nil, nil
	}
	tries := 0
	for _, t := range turns(ops) {
		if !t.back || t.seq < early.ret {
			continue
		}
		if tries++; tries > mostReturns {
			break
		}
		then = asOf(ops, t.seq)
		w = unrolling{model: m, left: w.left, now: []spot{{0, m.init()}}}
		switch stuck, ok := w.through(turns(then), math.MaxUint64, w.anywhere); {
		case !ok:
			return nil, nil
		case stuck != nil: // there, but not before it was known what this one returns
			return then, t.op
		}
	}
	return nil, nil
}

// asOf returns operations as they stood after an event. Those that were still open and change nothing constrain nothing, and are left out.
func asOf(ops []*operation, at uint64) (then []*operation) {
	for _, op := range ops {
		switch _, reads := kindOf(op); {
		case op.since() > at:
		case op.open() || op.ret <= at:
			then = append(then, op)
		case !reads:
			open := *op
			open.ret, open.output, open.from = 0, nil, 0
			then = append(then, &open)
		}
	}
	return then
}

// tailBegins returns the place of the first operation such that no more than windowTail are open at its call or called after it; -1 if too many are never
// closed.
func tailBegins(ops []*operation) int {
	for i := max(0, len(ops)-windowTail); i < len(ops); i++ {
		n := len(ops) - i
		for _, op := range ops[:i] {
			if op.open() || op.ret >= ops[i].call {
				n++
			}
		}
		if n <= windowTail {
			return i
		}
	}
	return -1
}

// A narrower makes a window smaller.
type narrower struct {
	model
	wrong  *operation
	tail   []*operation // the last operations
	strict []bool       // those that are in the window
	begin  []spot       // how things can stand when the tail begins, the places being those in the tail
	left   int
	spent  bool
}

// start takes the tail of operations that begins at an event, and finds out how things can stand then. It is false if that takes too long.
func (n *narrower) start(ops []*operation, since uint64) bool {
	w := unrolling{model: n.model, left: windowSteps, now: []spot{{0, n.init()}}}
	if _, ok := w.through(turns(ops), since, w.anywhere); !ok {
		return false
	}
	n.tail = slices.DeleteFunc(slices.Clone(ops), func(op *operation) bool { return !op.open() && op.ret < since })
	n.strict = slices.Repeat([]bool{true}, len(n.tail))
	for _, x := range w.now {
		y := spot{0, x.state}
		for rest := x.done; rest != 0; rest &= rest - 1 {
			y.done |= 1 << slices.Index(n.tail, w.at[bits.TrailingZeros64(rest)])
		}
		n.begin = append(n.begin, y)
	}
	return true
}

// minimise takes operations out of the window: reads before the others, which say more, and the oldest first, so that what stays is near the wrong one. What could not
// go once cannot go later, when there are fewer: so one round is enough.
func (n *narrower) minimise() {
	for _, round := range []bool{true, false} {
		for i, op := range n.tail {
			if _, reads := kindOf(op); reads != round || op == n.wrong {
				continue
			}
			if n.strict[i] = false; !n.excluded() {
				n.strict[i] = true
			}
		}
	}
}

// excluded reports whether it is certain that no order explains the operations in the window, whatever the others did.
func (n *narrower) excluded() bool {
	budget := min(n.left, tailSteps)
	w := unrolling{model: n.model, left: budget}
	var in []*operation
	var places uint64
	for i, op := range n.tail {
		overwrites, reads := kindOf(op)
		switch {
		case n.strict[i]:
			in = append(in, op)
			places |= 1 << i
		case reads:
		case overwrites:
			w.free = append(w.free, freed{op, 0})
		default:
			w.free = append(w.free, freed{op, 1 << i})
			places |= 1 << i
		}
	}
	begin := newSpots(n.equal)
	for _, x := range n.begin {
		begin.add(spot{x.done & places, x.state})
	}
	w.now = begin.all
	wrong, ok := w.through(turns(in), math.MaxUint64, func(op *operation) int { return slices.Index(n.tail, op) })
	n.left -= budget - max(w.left, 0)
	n.spent = n.spent || !ok
	return ok && wrong != nil
}

// kindOf asks an operation whether what it makes of the object depends on nothing, and whether it changes nothing.
func kindOf(op *operation) (overwrites, reads bool) {
	if o, ok := op.input.(interface{ Overwrites() bool }); ok {
		overwrites = o.Overwrites()
	}
	if r, ok := op.input.(interface{ ReadOnly() bool }); ok {
		reads = r.ReadOnly()
	}
	return overwrites, reads
}
