package search

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim/chance"
	"simrun/sim/fault"
)

// shrink goes down from other runs and from the case, and keeps the smallest. It looks at other runs first: those in the smallest settings are short, and
// cost little.
func (x *shrinker) shrink() {
	given := x.now
	if !x.Stay {
		x.within(2, x.elsewhere)
	}
	x.now = given
	x.within(2, x.descend)
	x.settle()
	if !x.Stay {
		x.within(2, x.elsewhere)
	}
	x.now = x.best
	x.shake()
	if !x.Stay {
		x.further()
	}
}

// settle keeps what it has gone down to, if that is the smallest so far.
func (x *shrinker) settle() {
	if x.now.size.weight() < x.best.size.weight() {
		x.best = x.now
	}
}

// descend goes through all ways to make a case smaller, until none helps any more.
func (x *shrinker) descend() {
	for !x.over() {
		before := x.now.print()
		for _, pass := range []struct {
			doing string
			run   func()
		}{
			{"leaving out settings", x.settings},
			{"leaving out faults", x.lines},
			{"leaving out picks", x.picks},
			{"spelling out", x.spellOut},
			{"making faults milder", x.narrow},
			{"making picks milder", x.narrowPicks},
			{"shortening", x.shorten},
			{"leaving out pairs", x.pairs},
			{"leaving out settings", x.tidy},
		} {
			x.doing = pass.doing
			pass.run()
		}
		if x.now.print() == before {
			return
		}
	}
}

// print is the case as text: what must change for another round to be worth it.
func (h *held) print() string {
	var b strings.Builder
	fmt.Fprintln(&b, h.plan, h.Config.Options.Given(), h.Config.For)
	for _, d := range h.Tape {
		fmt.Fprintln(&b, d.Key, d.Outcome)
	}
	return b.String()
}

// reduce leaves out of a list all that it can: large pieces first, then smaller ones, then one at a time until none can go. It is
// delta debugging (Zeller and Hildebrandt, TSE 28(2), 2002) by complements.
func reduce[T any](x *shrinker, items []T, with func([]T) Case) []T {
	without := func(at, size int) []T {
		return append(append(make([]T, 0, len(items)), items[:at]...), items[min(at+size, len(items)):]...)
	}
	for size := len(items); size >= 1 && !x.over(); {
		gone := false
		for at := 0; at < len(items) && !x.over(); {
			pieces := (len(items) - at + size - 1) / size
			i := x.first(pieces, func(i int) Case { return with(without(at+i*size, size)) }, nil)
			if i < 0 {
				break
			}
			at += i * size
			items, gone = without(at, size), true
		}
		if size > 1 {
			size = (size + 1) / 2
		} else if !gone {
			break
		}
	}
	return items
}

// lines leaves out lines of the plan.
func (x *shrinker) lines() {
	reduce(x, x.now.plan, func(p []fault.Line) Case { return x.now.withPlan(p) })
}

// picks leaves out picks: whole streams of them, and then one by one.
func (x *shrinker) picks() {
	var streams [][]chance.Decision
	at := map[string]int{}
	for _, d := range x.now.Tape {
		s := streamOf(d.Key)
		i, known := at[s]
		if !known {
			i = len(streams)
			at[s] = i
			streams = append(streams, nil)
		}
		streams[i] = append(streams[i], d)
	}
	reduce(x, streams, func(some [][]chance.Decision) Case { return x.now.withTape(slices.Concat(some...)) })
	reduce(x, x.now.Tape, func(tape []chance.Decision) Case { return x.now.withTape(tape) })
}

// mostPairs is how many things there may be for all pairs of them to be tried.
const mostPairs = 24

// pairs leaves out two things at once, of which neither can go alone: a crash and what another does while the node is down, or a line and a
// pick.
func (x *shrinker) pairs() {
	for x.len() <= mostPairs && !x.over() {
		var both [][2]int
		for i := range x.len() {
			for j := range i {
				both = append(both, [2]int{j, i})
			}
		}
		if x.first(len(both), func(k int) Case { return x.now.without(both[k][0], both[k][1]) }, x.lighter) < 0 {
			return
		}
	}
}

// len is how many lines and picks there are.
func (x *shrinker) len() int { return len(x.now.plan) + len(x.now.Tape) }

// without leaves out lines and picks by number, in rising order: the lines come first.
func (h *held) without(gone ...int) Case {
	p, tape := slices.Clone(h.plan), slices.Clone(h.Tape)
	for _, i := range slices.Backward(gone) {
		if i < len(h.plan) {
			p = slices.Delete(p, i, i+1)
		} else {
			tape = slices.Delete(tape, i-len(h.plan), i-len(h.plan)+1)
		}
	}
	return h.withPlan(p).withTape(tape)
}

// lighter reports whether a size is less than that of the case.
func (x *shrinker) lighter(s Size) bool { return s.weight() < x.now.size.weight() }

// noHeavier reports whether a size is no more than that of the case.
func (x *shrinker) noHeavier(s Size) bool { return s.weight() <= x.now.size.weight() }

// withPlan is the case with another plan.
func (c Case) withPlan(p fault.Plan) Case {
	c.Config.Plan = &p
	return c
}

// withTape is the case with other picks.
func (c Case) withTape(tape []chance.Decision) Case {
	c.Tape = tape
	return c
}

// streamOf is the stream that a pick belongs to: its key without the number.
func streamOf(key string) string {
	return key[:max(strings.LastIndexByte(key, '#'), 0)]
}
