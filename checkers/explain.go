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
)

// explain says why a key's operations are not linearizable: the first return that no order explains, in one
// line, and in the lines that follow the operations called before it.
func (l *linearizable) explain(key string, ops []*operation) error {
	last := l.culprit(ops)
	var b strings.Builder
	fmt.Fprintf(&b, "on key %q, %v %s at %v is explained by no order of the operations until then", key, last.id, l.describe(last), last.retAt)
	l.window(&b, ops, last)
	return errors.New(b.String())
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

// window lists the operations called before an operation returned, by their calls: the last of them, and
// how many it leaves out. Ends that were still to come are shown too.
func (l *linearizable) window(b *strings.Builder, ops []*operation, last *operation) {
	n := 0
	for n < len(ops) && ops[n].call < last.ret {
		n++
	}
	first := max(0, n-windowOps)
	if first > 0 {
		fmt.Fprintf(b, "\n  (%d earlier operations on this key are left out)", first)
	}
	for _, op := range ops[first:n] {
		end := "?"
		if !op.open() {
			end = op.retAt.String()
		}
		fmt.Fprintf(b, "\n  %v %s, from %v to %s", op.id, l.describe(op), op.callAt, end)
	}
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
