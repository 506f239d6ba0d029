package checkers

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"simrun/sim"
)

// A Guarantee is what a store can promise to a session, which here is a client (Terry et al., "Session guarantees for weakly consistent replicated data", PDIS 1994).
type Guarantee uint8

// The guarantees. What a read returned is always explained by some of the operations that were called before the read returned, in some order; each guarantee says which
// must be among them, or in which order.
const (
	ReadYourWrites    Guarantee = iota // all that its client has done to this key before
	MonotonicReads                     // all that explained the client's earlier reads of this key, in that order
	MonotonicWrites                    // before each operation all that the same client had done to this key before
	WritesFollowReads                  // before each operation those that explain what its client had read of this key before
)

var guaranteeNames = [...]string{"read-your-writes", "monotonic-reads", "monotonic-writes", "writes-follow-reads"}

// String returns "read-your-writes" and so on: the name of the property.
func (g Guarantee) String() string { return guaranteeNames[g] }

// weaker judges a history at the end by a promise that is weaker than linearizability.
type weaker struct {
	name  string
	l     *linearizable // writes the history down
	judge func(w *weaker) (answer, error)
	steps uint64
}

// newWeaker makes such a judge.
func newWeaker(name string, m porcupine.Model, h History, judge func(*weaker) (answer, error)) *weaker {
	l := Linearizable(m, h).(*linearizable)
	l.record.newPrefix = func() *prefix { return &prefix{lost: true} }
	return &weaker{name: name, l: l, judge: judge}
}

func (w *weaker) Name() string               { return w.name }
func (w *weaker) Inner() bool                { return false }
func (w *weaker) Watches() []sim.Kind        { return w.l.kinds }
func (w *weaker) Finished() bool             { return w.l.Finished() }
func (w *weaker) Observe(e *sim.Event) error { return w.l.Observe(e) }
func (w *weaker) Checks() uint64             { return w.l.checks }

// Reached says whether an operation took effect after its client had given it up.
func (w *weaker) Reached() []string { return w.l.Reached() }

// Tally counts the steps of the model.
func (w *weaker) Tally(add func(name string, n uint64)) {
	add(w.name+" steps", w.steps+w.l.search.steps)
}

// End judges the history.
func (w *weaker) End(*sim.World) (sim.Result, error) {
	w.l.follower.over = true
	switch a, err := w.judge(w); a {
	case illegal:
		return sim.Holds, err
	case spent:
		return sim.Unknown, err
	}
	return sim.Holds, nil
}

// search looks for an order within the budget.
func (w *weaker) search(ops []placed, parts int) answer {
	o := order{model: w.l.plain(), ops: ops, left: w.l.Steps}
	for range parts {
		o.states = append(o.states, o.init())
	}
	w.l.checks++
	a := o.find()
	w.steps += uint64(w.l.Steps - max(o.left, 0))
	return a
}

// SequentiallyConsistent returns the outer property "sequential-consistency": some order of all operations, on all keys together, explains every output, and has the operations of each client in the
// order in which it called them (Lamport 1979). It may have nothing to do with when they were called: a client may see what is long past, but not go back. It is judged at the end, within
// History.Steps for the whole history, and unknown beyond. Operations that failed or are unknown are treated as by [Linearizable]; an unknown one comes after what its client had called before, or never.
func SequentiallyConsistent(m porcupine.Model, h History) sim.Property {
	return newWeaker("sequential-consistency", m, h, func(w *weaker) (answer, error) {
		var ops []placed
		last := map[int32]int32{} // of each client, what has certainly had an effect
		for i := range w.l.record.ops {
			op := &w.l.record.ops[i]
			if !w.l.counts(op) {
				continue
			}
			p := placed{operation: op, part: int(op.key), must: !op.open()}
			if before, ok := last[op.client]; ok {
				p.before = []int32{before}
			}
			if p.must {
				last[op.client] = int32(len(ops))
			}
			ops = append(ops, p)
		}
		if len(ops) == 0 {
			return legal, nil
		}
		switch a := w.search(ops, len(w.l.record.keys)); a {
		case illegal:
			return a, fmt.Errorf("no order of the %d operations that has each client's in the order of their calls explains all that they returned", len(ops))
		case spent:
			return a, fmt.Errorf("no answer within %d steps for %d operations", w.l.Steps, len(ops))
		}
		return legal, nil
	})
}

// Session returns the outer property that a store keeps a [Guarantee], to all clients and for each key by itself; it is named after it. Operations whose input is ReadOnly are reads: what others return is
// not looked at. It is judged at the end, read by read, each within History.Steps, and unknown beyond. Each search is a check.
func Session(g Guarantee, m porcupine.Model, h History) sim.Property {
	return newWeaker(g.String(), m, h, func(w *weaker) (answer, error) {
		var unknown error
		parts := w.l.parts()
		for _, key := range w.l.sorted() {
			for _, read := range parts[key] {
				if _, reads := kindOf(read); !reads {
					continue
				}
				switch w.search(g.view(parts[key], read), 1) {
				case illegal:
					return illegal, fmt.Errorf("on key %q, %v %s at %v is explained by no operations that %s allows",
						w.l.record.keys[key], read.id, w.l.describe(read), read.retAt, g)
				case spent:
					unknown = fmt.Errorf("on key %q: no answer within %d steps for %v", w.l.record.keys[key], w.l.Steps, read.id)
				}
			}
		}
		if unknown != nil {
			return spent, unknown
		}
		return legal, nil
	})
}

// view lists what can explain a read of a key, and what must come before what.
func (g Guarantee) view(ops []*operation, read *operation) (view []placed) {
	for _, op := range ops {
		_, reads := kindOf(op)
		mine := reads && (op == read || op.client == read.client && g == MonotonicReads && op.call < read.call)
		theirs := reads && g == WritesFollowReads && op.ret < read.ret
		if reads && !mine && !theirs || op.since() > read.ret {
			continue
		}
		must := mine || g == ReadYourWrites && !reads && !op.open() && op.client == read.client && op.call < read.call
		view = append(view, placed{operation: op, blind: !reads, must: must})
	}
	for i := range view {
		for j := range view {
			if g.orders(&view[j], &view[i], read) {
				view[i].before = append(view[i].before, int32(j))
			}
		}
	}
	return view
}

// orders reports whether a must come before b where b explains a read.
func (g Guarantee) orders(a, b *placed, read *operation) bool {
	earlier := a.client == b.client && a.call < b.call
	switch g {
	case ReadYourWrites: // the read comes last
		return b.operation == read && a.must && a.operation != read
	case MonotonicReads: // and nobody sees what was called only later
		return earlier && !a.blind && !b.blind || !a.blind && b.blind && b.since() > a.ret
	case MonotonicWrites:
		return earlier && a.blind && b.blind && !a.open()
	}
	return earlier && !a.blind && b.blind
}

// Stale returns the outer property "staleness": reads may be old, but not older than a bound. It is [Linearizable] where an operation whose input is ReadOnly may take effect up to so much
// earlier than it was called (Golab, Li and Shah call that Δ-atomicity, PODC 2011). Times are true ones, at which clients called and heard. With a bound of 0 it is linearizability.
// It is judged at the end, key by key, each by one call of Porcupine.
func Stale(bound time.Duration, m porcupine.Model, h History) sim.Property {
	if bound < 0 {
		panic(fmt.Sprintf("checkers: Stale: a bound of %v", bound))
	}
	return newWeaker("staleness", m, h, func(w *weaker) (answer, error) {
		var unknown error
		parts := w.l.parts()
		for _, key := range w.l.sorted() {
			if len(parts[key]) == 0 {
				continue
			}
			w.l.checks++
			switch w.l.search.check(w.l.aged(parts[key], bound, math.MaxUint64), w.l.Steps) {
			case illegal:
				wrong := w.l.firstAged(parts[key], bound)
				return illegal, fmt.Errorf("on key %q, %v %s at %v is explained by no order, even if reads may be %v old",
					w.l.record.keys[key], wrong.id, w.l.describe(wrong), wrong.retAt, bound)
			case spent:
				unknown = fmt.Errorf("on key %q: no answer within %d steps for %d operations", w.l.record.keys[key], w.l.Steps, len(parts[key]))
			}
		}
		if unknown != nil {
			return spent, unknown
		}
		return legal, nil
	})
}

// aged writes operations for Porcupine as history does, but reads begin earlier: before the first return that is not that old.
func (l *linearizable) aged(ops []*operation, bound time.Duration, at uint64) []porcupine.Operation {
	ends := slices.DeleteFunc(slices.Clone(ops), func(op *operation) bool { return op.open() })
	slices.SortFunc(ends, func(a, b *operation) int { return int(int64(a.ret) - int64(b.ret)) })
	young := make([]*operation, len(ops))
	for i, op := range ops {
		young[i] = op
		if _, reads := kindOf(op); !reads || op.open() {
			continue
		}
		for _, e := range ends {
			if e.retAt.Sub(op.callAt) >= -bound {
				older := *op
				older.call = min(op.call, e.ret)
				young[i] = &older
				break
			}
		}
	}
	return l.history(young, at)
}

// firstAged finds the first return with which the history is wrong.
func (l *linearizable) firstAged(ops []*operation, bound time.Duration) *operation {
	ends := slices.DeleteFunc(slices.Clone(ops), func(op *operation) bool { return op.open() })
	slices.SortFunc(ends, func(a, b *operation) int { return int(int64(a.ret) - int64(b.ret)) })
	n, _ := slices.BinarySearchFunc(ends[:len(ends)-1], true, func(e *operation, _ bool) int {
		if l.search.check(l.aged(ops, bound, e.ret), min(l.Steps, explainSteps)) == illegal {
			return 0
		}
		return -1
	})
	return ends[n]
}
