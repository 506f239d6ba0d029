package sim

import "simrun/sim/clock"

// An item is what stands in the queue: an instant, a rank among the things of that instant, and the
// slot that says what is to happen.
type item struct {
	at  clock.Time
	ord uint64 // class, then order of pushing
	ref int32
}

// Things of one instant happen class by class: nodes that start, faults, the effects that handlers have set under way,
// arrivals.
const (
	classStart  uint64 = iota << 60
	classFault  uint64 = iota << 60
	classEffect uint64 = iota << 60
	classArrive uint64 = iota << 60
	classMask   uint64 = 3 << 60
)

// A queue is a heap of items with four children a node: half as deep as a binary one, and the children
// share a cache line or two.
type queue struct {
	items  []item
	pushed uint64
	tie    func(ref int32) uint32 // ranks starts and arrivals at one instant before their order of pushing does; nil if it alone decides
}

// before reports whether a happens before b.
func (q *queue) before(a, b *item) bool {
	return a.at < b.at || a.at == b.at && q.first(a, b)
}

// first orders two things of one instant.
func (q *queue) first(a, b *item) bool {
	if class := a.ord & classMask; q.tie != nil && class == b.ord&classMask && (class == classArrive || class == classStart) {
		if x, y := q.tie(a.ref), q.tie(b.ref); x != y {
			return x < y
		}
	}
	return a.ord < b.ord
}

func (q *queue) push(at clock.Time, class uint64, ref int32) {
	q.pushed++
	q.items = append(q.items, item{})
	q.up(len(q.items)-1, item{at, class | q.pushed, ref})
}

// up puts x where it belongs on the way from the hole i to the root.
func (q *queue) up(i int, x item) {
	s := q.items
	for i > 0 {
		parent := (i - 1) / 4
		if !q.before(&x, &s[parent]) {
			break
		}
		s[i] = s[parent]
		i = parent
	}
	s[i] = x
}

// pop removes the first item. The queue must not be empty.
func (q *queue) pop() item {
	s := q.items
	first := s[0]
	last := len(s) - 1
	x := s[last]
	q.items = s[:last]
	if last > 0 {
		q.down(0, x)
	}
	return first
}

// down puts x where it belongs on the way from the hole i to the leaves.
func (q *queue) down(i int, x item) {
	s := q.items
	for {
		child := 4*i + 1
		if child >= len(s) {
			break
		}
		least := q.least(s, child)
		if !q.before(&s[least], &x) {
			break
		}
		s[i] = s[least]
		i = least
	}
	s[i] = x
}

// least finds the first of up to four children. Which one it is cannot be predicted, so a full family is compared in
// a way that needs no jumps; that no two are due at the same instant can be.
func (q *queue) least(s []item, child int) int {
	if child+4 <= len(s) {
		f := s[child : child+4 : child+4]
		a, b, c, d := f[0].at, f[1].at, f[2].at, f[3].at
		i, j := child, child+2
		if b < a {
			i = child + 1
		}
		if d < c {
			j = child + 3
		}
		x, y := min(a, b), min(c, d)
		if a != b && c != d && x != y {
			if y < x {
				i = j
			}
			return i
		}
	}
	least := child
	for c := child + 1; c < min(child+4, len(s)); c++ {
		if q.before(&s[c], &s[least]) {
			least = c
		}
	}
	return least
}

// rebuild restores the order after items were changed in place.
func (q *queue) rebuild() {
	for i := (len(q.items) - 2) / 4; i >= 0 && len(q.items) > 1; i-- {
		q.down(i, q.items[i])
	}
}
