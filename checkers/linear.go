package checkers

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"

	"simrun/sim"
)

// defaultSteps is the budget for a key, in steps of the model, unless a History says otherwise.
const defaultSteps = 1_000_000

// handled is noted, and the events in which a message is handled.
var handled = []sim.Kind{sim.Noted, sim.Delivered, sim.TimerFired}

// linearizable writes the history down and judges it while the run goes on.
type linearizable struct {
	History
	model    porcupine.Model
	kinds    []sim.Kind
	record   *record
	search   *search
	checks   uint64
	follower follower
	err      error      // the violation
	found    *window    // what is wrong, if something is
	now      uint64     // the number of the event that Taken is asked about
	takes    func(OpID) // what it calls: made once
}

// Linearizable returns the outer property "linearizability": some order of the operations explains every
// output that clients saw, and puts each operation between its call and its return (Herlihy and Wing 1990).
// It is judged while the run goes on, each key by itself: the run is violated as soon as the operations have ended that were called before
// the first return which nothing explains. Each key has a budget in steps of the model, so that the answer is the same everywhere. If it is spent, or a
// client changes its mind about an operation that was unknown, the key is judged at the end by one call of Porcupine with as large a budget, which tries one order after
// the other and so may be lucky. When that is spent too, and no other key is wrong, the answer is unknown.
//
// Operations that failed are left out. Operations of unknown outcome have no end, and may take effect at
// any time after their call or never: for them the model's Step is called with a nil output, must return
// the state after the operation, and if it refuses, the operation has no effect there. Model.Partition is
// not used.
//
// Each key with operations is a check. The property tallies the operations by outcome, and the most clients
// that waited for an operation at the same time.
func Linearizable(model porcupine.Model, h History) sim.Property {
	if h.Call == nil || h.Return == nil {
		panic("checkers: Linearizable needs History.Call and History.Return")
	}
	if h.Steps == 0 {
		h.Steps = defaultSteps
	}
	kinds := noted
	if h.Reached != nil {
		kinds = handled
	}
	l := &linearizable{History: h, model: model, kinds: kinds, record: newRecord(h.Total), search: newSearch(model)}
	l.record.taken, l.record.blind = h.Taken != nil, h.Taken == nil && h.Reached == nil
	l.follower = follower{model: l.plain(), record: l.record}
	l.follower.seen.equal, l.follower.next.equal = model.Equal, model.Equal
	l.record.newPrefix = func() *prefix { return l.follower.newPrefix(h.Steps) }
	l.takes = func(id OpID) { l.record.take(l.now, id) }
	return l
}

func (l *linearizable) Name() string        { return "linearizability" }
func (l *linearizable) Inner() bool         { return false }
func (l *linearizable) Watches() []sim.Kind { return l.kinds }
func (l *linearizable) Checks() uint64      { return l.checks }
func (l *linearizable) Finished() bool      { return l.Total > 0 && l.record.returned >= l.Total }

// Reached names what the run saw of what this property can see: see the constant.
func (l *linearizable) Reached() []string {
	if l.record.late > 0 {
		return []string{TookEffectLater}
	}
	return nil
}

// Observe is called for most events of a run, so what concerns no operation costs two type switches and no
// memory.
func (l *linearizable) Observe(e *sim.Event) error {
	switch e.Kind {
	case sim.Noted:
		return l.note(e)
	case sim.Delivered, sim.TimerFired:
		if l.History.Reached == nil {
			return nil
		}
		if id, ok := l.History.Reached(e.Data); ok {
			l.record.arrive(e.Seq, id)
		}
	}
	return nil
}

// note reads a fact, which may mean several things at once.
func (l *linearizable) note(e *sim.Event) error {
	if id, key, input, ok := l.Call(e.Data); ok {
		if err := l.record.call(e, id, key, input); err != nil {
			return err
		}
	}
	if l.Taken != nil {
		l.now = e.Seq
		l.Taken(e.Data, l.takes)
	}
	if l.Effect != nil {
		if id, ok := l.Effect(e.Data); ok {
			l.record.effect(e.Seq, id)
		}
	}
	if id, output, outcome, ok := l.Return(e.Data); ok {
		if err := l.record.end(e, id, output, outcome); err != nil {
			return err
		}
	}
	return l.goOn()
}

// goOn judges what has become known.
func (l *linearizable) goOn() error {
	for _, key := range l.record.touched {
		if l.err == nil && !l.follower.over && l.follower.along(l.record.prefixes[key]) >= 0 {
			l.checks++
			l.err = l.explain(l.record.keys[key], l.parts()[key])
		}
	}
	l.record.touched = l.record.touched[:0]
	return l.err
}

// plain is the model without words.
func (l *linearizable) plain() model { return model{l.model.Init, l.model.Step, l.model.Equal} }

// Tally counts the operations by what became of them. Those that never returned are unknown.
func (l *linearizable) Tally(add func(name string, n uint64)) {
	var n [Unknown + 1]uint64
	var unreached, untaken uint64
	for i := range l.record.ops {
		op := &l.record.ops[i]
		if op.open() {
			n[Unknown]++
			if l.unreached(op) {
				unreached++
			} else if op.from == 0 {
				untaken++
			}
			continue
		}
		n[op.outcome]++
	}
	add("operations", uint64(len(l.record.ops)))
	add("operations done", n[Done])
	add("operations failed", n[Failed])
	add("operations unknown", n[Unknown])
	add("operations that reached no node", unreached)
	if l.Taken != nil {
		add("operations that nobody took up", untaken)
	}
	add("operations that took effect later", l.record.late)
	add("clients overlapped", uint64(l.record.most))
	add("model steps", l.follower.steps)
	if l.search.calls > 0 {
		add("porcupine calls", l.search.calls)
		add("porcupine steps", l.search.steps)
	}
}

// unreached reports whether no node can have heard of the operation.
func (l *linearizable) unreached(op *operation) bool {
	return l.History.Reached != nil && !op.reached
}

// counts reports whether the operation has a part in the history. What is left out is what can explain
// nothing: what certainly had no effect, what reached no node or was taken up by none, and reads of which nobody knows the result.
// Each open operation that is kept can double the search, so this is what keeps bad histories affordable.
func (l *linearizable) counts(op *operation) bool {
	if !op.open() {
		return op.outcome == Done
	}
	if r, ok := op.input.(interface{ ReadOnly() bool }); ok && r.ReadOnly() {
		return false
	}
	return op.from > 0 || l.record.blind
}

// End judges what is left, key by key, and stops at the first that is wrong. What has not returned never will. It goes on after a spent
// budget: a later key may be certainly wrong, and that is worth more than not knowing.
func (l *linearizable) End(*sim.World) (sim.Result, error) {
	if l.err != nil {
		return sim.Holds, l.err
	}
	l.follower.over = true
	parts := l.parts()
	var unknown error
	for _, key := range l.sorted() {
		part := parts[key]
		if len(part) == 0 {
			continue
		}
		l.checks++
		switch l.judge(l.record.prefixes[key], part) {
		case illegal:
			l.err = l.explain(l.record.keys[key], part)
			return sim.Holds, l.err
		case spent:
			if unknown == nil {
				unknown = fmt.Errorf("on key %q: no answer within %d steps for %d operations", l.record.keys[key], l.Steps, len(part))
			}
		}
	}
	if unknown != nil {
		return sim.Unknown, unknown
	}
	return sim.Holds, nil
}

// judge judges the rest of a key's history, or all of it where its prefix was given up.
func (l *linearizable) judge(k *prefix, part []*operation) answer {
	wrong := l.follower.along(k)
	switch {
	case k.lost:
		return l.search.check(l.history(part, math.MaxUint64), l.Steps)
	case wrong >= 0:
		return illegal
	}
	return legal
}

// sorted returns the numbers of the keys in the order of their names.
func (l *linearizable) sorted() []int {
	order := make([]int, len(l.record.keys))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(l.record.keys[a], l.record.keys[b]) })
	return order
}

// parts returns the operations that count, for each key, in the order of their calls.
func (l *linearizable) parts() [][]*operation {
	sizes := make([]int, len(l.record.keys))
	for i := range l.record.ops {
		sizes[l.record.ops[i].key]++
	}
	all, parts := make([]*operation, len(l.record.ops)), make([][]*operation, len(sizes))
	for key, n := range sizes {
		parts[key], all = all[:0:n], all[n:]
	}
	for i := range l.record.ops {
		if op := &l.record.ops[i]; l.counts(op) {
			parts[op.key] = append(parts[op.key], op)
		}
	}
	return parts
}

// history writes operations for Porcupine as they stood after event number at: what had not returned is
// open. An open operation ends after everything else, since Porcupine takes a call without a return for
// wrong. Times are numbers of events. Porcupine's intervals are closed: two operations that meet in one
// event overlap.
func (l *linearizable) history(ops []*operation, at uint64) []porcupine.Operation {
	h := make([]porcupine.Operation, 0, len(ops))
	for _, op := range ops {
		switch {
		case op.since() > at:
		case op.open() || op.ret > at:
			h = append(h, porcupine.Operation{ClientId: int(op.client), Input: op.input, Call: int64(op.since()), Output: anything{}, Return: math.MaxInt64})
		default:
			h = append(h, porcupine.Operation{ClientId: int(op.client), Input: op.input, Call: int64(op.call), Output: op.output, Return: int64(op.ret)})
		}
	}
	return h
}
