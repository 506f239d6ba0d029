package checkers

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const (
	windowOps    = 12      // how many operations an explanation shows
	explainSteps = 100_000 // the budget of each search on the way to it
	windowStates = 3       // how many states it tells
	beforeOps    = 4       // how many operations before one that is wrong by itself
)

// explain says why a key's operations are not linearizable: the first return that no order explains, in one
// line, and in the lines that follow the smallest window of operations that exclude one another.
func (l *linearizable) explain(key string, ops []*operation) error {
	l.found = narrow(l.plain(), ops)
	if l.found == nil {
		l.found = l.lastOf(ops, l.culprit(ops))
	}
	w := l.found
	last := w.wrong
	var b strings.Builder
	fmt.Fprintf(&b, "on key %q, %v %s at %v is explained by no order of the operations until then", key, last.id, l.describe(last), last.retAt)
	from := w.from
	for _, op := range w.ops[max(0, len(w.ops)-windowOps):] {
		if from != nil && op.call >= from.call {
			fmt.Fprintf(&b, "\n  (when %v was called at %v, it held %s)", from.id, from.callAt, l.held(w))
			from = nil
		}
		fmt.Fprintf(&b, "\n  %v %s, from %v to %s", op.id, l.describe(op), op.callAt, ends(op))
	}
	b.WriteString(w.rest())
	l.before(&b, ops, w)
	return errors.New(b.String())
}

// before lists the last operations that changed something before the wrong one, if that is wrong by itself: what it saw is told by none of them.
func (l *linearizable) before(b *strings.Builder, ops []*operation, w *window) {
	if len(w.ops) > 1 {
		return
	}
	ops = slices.DeleteFunc(slices.Clone(ops), func(op *operation) bool {
		_, reads := kindOf(op)
		return reads || op == w.wrong || op.call > w.wrong.ret
	})
	for _, op := range ops[max(0, len(ops)-beforeOps):] {
		fmt.Fprintf(b, "\n  before: %v %s, from %v to %s", op.id, l.describe(op), op.callAt, ends(op))
	}
}

// ends is when an operation returned.
func ends(op *operation) string {
	if op.open() {
		return "?"
	}
	return op.retAt.String()
}

// held tells what the object can have been when the window begins.
func (l *linearizable) held(w *window) string {
	var says []string
	for i, x := range w.states {
		switch {
		case i == windowStates:
			return strings.Join(says, " or ") + " or another value"
		case l.model.DescribeState != nil:
			says = append(says, l.model.DescribeState(x.state))
		default:
			says = append(says, say(x.state))
		}
	}
	return strings.Join(says, " or ")
}

// rest says what is with the operations that are not shown.
func (w *window) rest() (s string) {
	if n := len(w.ops) - windowOps; n > 0 {
		s = fmt.Sprintf("\n  (and %d called before these)", n)
	}
	spent := ""
	if w.spent {
		spent = "; the budget was spent, so fewer may be enough"
	}
	switch {
	case w.rough:
		s += fmt.Sprintf("\n  (%d earlier operations on this key are left out; the budget to find those that matter was spent)", w.others)
	case w.others == 0:
	case w.from != nil:
		s += fmt.Sprintf("\n  (whatever the others on this key did from then on%s)", spent)
	case w.others == 1:
		s += fmt.Sprintf("\n  (whatever the other one on this key did%s)", spent)
	default:
		s += fmt.Sprintf("\n  (whatever the %d others on this key did%s)", w.others, spent)
	}
	return s
}

// culprit finds the first return that no order explains. Each prefix of a linearizable history is
// linearizable, so bisection finds it. Where a search on the way runs out of its budget, a later one may be
// found, at which the history is certainly wrong.
func (l *linearizable) culprit(ops []*operation) *operation {
	var ends []*operation // those that returned, by their return
	for _, op := range ops {
		if !op.open() {
			ends = append(ends, op)
		}
	}
	slices.SortFunc(ends, func(a, b *operation) int { return cmp.Compare(a.ret, b.ret) })
	// The history until ends[high] is illegal: at first because all of it is, and open operations cannot be
	// wrong by themselves.
	low, high := 0, len(ends)-1
	for low < high {
		mid := (low + high) / 2
		if l.search.check(l.history(ops, ends[mid].ret), min(l.Steps, explainSteps)) == illegal {
			high = mid
		} else {
			low = mid + 1
		}
	}
	return ends[high]
}

// lastOf is the window where none can be found: the last operations called before one returned.
func (l *linearizable) lastOf(ops []*operation, last *operation) *window {
	n := 0
	for n < len(ops) && ops[n].call < last.ret {
		n++
	}
	first := max(0, n-windowOps)
	return &window{ops: ops[first:n], wrong: last, others: first, spent: true, rough: true}
}

// describe prints an operation in the model's words, or failing those in Go's.
func (l *linearizable) describe(op *operation) string {
	output := op.output
	if op.open() {
		output = nil
	}
	if l.model.DescribeOperation != nil {
		return l.model.DescribeOperation(op.input, output)
	}
	if output == nil {
		return say(op.input) + " -> ?"
	}
	return say(op.input) + " -> " + say(output)
}
