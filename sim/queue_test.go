package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"simrun/sim/clock"
)

// model keeps the same things as a queue in a sorted list.
type model struct {
	items []item
	tie   func(int32) uint32
}

// rank is what the order is made of: the instant, the class, the rank in a tie where the class has one, and then who was
// pushed first.
func (m *model) rank(x item) [4]uint64 {
	class := x.ord & classMask
	r := [4]uint64{uint64(x.at), class, 0, x.ord}
	if m.tie != nil && (class == classStart || class == classArrive) {
		r[2] = uint64(m.tie(x.ref))
	}
	return r
}

func (m *model) pop() item {
	slices.SortFunc(m.items, func(a, b item) int {
		x, y := m.rank(a), m.rank(b)
		return slices.Compare(x[:], y[:])
	})
	first := m.items[0]
	m.items = m.items[1:]
	return first
}

// Fails if the queue gives things in another order than a sorted list does: where many share an instant, a class or a
// rank in a tie, and after times were changed in place.
func TestQueueIsASortedList(t *testing.T) {
	classes := []uint64{classStart, classFault, classEffect, classArrive}
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 3))
		instants, ranks := 1+r.Int64N(1<<(seed%8)), 1+r.Uint32N(1+uint32(seed%5)*3)
		var q queue
		var m model
		if seed%3 > 0 {
			m.tie = func(ref int32) uint32 { return uint32(ref) * 2654435761 % ranks }
			q.tie = m.tie
		}
		for step := range 300 {
			switch n := len(q.items); {
			case n != len(m.items):
				t.Fatalf("seed %d, step %d: the queue holds %d, the list %d", seed, step, n, len(m.items))
			case n > 0 && r.IntN(5) < 2:
				if got, want := q.pop(), m.pop(); got != want {
					t.Fatalf("seed %d, step %d: got %v, want %v", seed, step, got, want)
				}
			case r.IntN(40) == 0:
				moveAll(&q, &m, func(at clock.Time) clock.Time { return (at*7 + clock.Time(step)) % clock.Time(instants) })
			default:
				at, ref := clock.Time(r.Int64N(instants)), r.Int32()
				q.push(at, classes[r.IntN(1+int(seed%4))], ref)
				m.items = append(m.items, item{at, q.items[indexOf(&q, ref)].ord, ref})
			}
		}
		for len(m.items) > 0 {
			if got, want := q.pop(), m.pop(); got != want {
				t.Fatalf("seed %d, at the end: got %v, want %v", seed, got, want)
			}
		}
	}
}

// moveAll changes all times in place, as the end of faults does.
func moveAll(q *queue, m *model, to func(clock.Time) clock.Time) {
	for i := range q.items {
		q.items[i].at = to(q.items[i].at)
	}
	q.rebuild()
	for i := range m.items {
		m.items[i].at = to(m.items[i].at)
	}
}

func indexOf(q *queue, ref int32) int {
	i := slices.IndexFunc(q.items, func(x item) bool { return x.ref == ref && x.ord&^classMask == q.pushed })
	if i < 0 {
		panic(fmt.Sprintf("what was pushed as %d is not in the queue", ref))
	}
	return i
}

// Fails if the first of a family is not the one that comes before all others, however instants, classes and orders of
// four children and fewer are mixed.
func TestLeastOfAFamily(t *testing.T) {
	var q queue
	for code := range 3 * 3 * 3 * 3 * 24 {
		s := make([]item, 5)
		orders := []uint64{1, 2, 3, 4}
		c := code
		for i := range orders { // a permutation
			j := i + c%(4-i)
			c /= 4 - i
			orders[i], orders[j] = orders[j], orders[i]
		}
		for i := range orders {
			s[i+1] = item{at: clock.Time(c % 3), ord: classArrive | orders[i]}
			c /= 3
		}
		for n := 2; n <= len(s); n++ {
			got := q.least(s[:n], 1)
			for i := 1; i < n; i++ {
				if i != got && !q.before(&s[got], &s[i]) {
					t.Fatalf("of %v: got %d, but %d is before it", s[1:n], got, i)
				}
			}
		}
	}
}
