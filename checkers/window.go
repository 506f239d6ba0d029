package checkers

import (
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
