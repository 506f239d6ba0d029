package search

import (
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// narrow makes each line of the plan milder as long as the run fails likewise, and joins what one line can say.
func (x *shrinker) narrow() {
	for i := 0; i < len(x.now.plan) && !x.over(); {
		p := x.now.plan
		var plans []fault.Plan
		if j := x.startedAgain(i); j > 0 {
			joined := slices.Clone(p)
			joined[i].Time = p[j].At.Sub(p[i].At)
			plans = append(plans, slices.Delete(joined, j, j+1))
		}
		for _, l := range milder(p[i]) {
			q := slices.Clone(p)
			q[i] = l
			plans = append(plans, q)
		}
		if x.first(len(plans), func(k int) Case { return x.now.withPlan(plans[k]) }, x.noHeavier) < 0 {
			i++
		}
	}
}

// startedAgain returns the line by which the node of line i, a crash at a time, starts again; 0 if there is none.
func (x *shrinker) startedAgain(i int) int {
	p := x.now.plan
	l := p[i]
	if l.Verb != fault.Crash || l.Place() != fault.Timed || l.Time != 0 || l.Good {
		return 0
	}
	for j := range p {
		if p[j].Verb == fault.Restart && p[j].Node == l.Node && p[j].Place() == fault.Timed && p[j].At > l.At {
			return j
		}
	}
	return 0
}

// milder lists lines that say less than l: earlier, shorter, rounder, weaker, about fewer nodes. Each is smaller by some measure, so that no
// chain of them goes on for ever.
func milder(l fault.Line) (list []fault.Line) {
	add := func(change func(*fault.Line)) {
		m := l
		change(&m)
		list = append(list, m)
	}
	for side := range l.Sides {
		for i := range l.Sides[side] {
			if len(l.Sides[side]) > 1 {
				add(func(m *fault.Line) { m.Sides[side] = slices.Delete(slices.Clone(l.Sides[side]), i, i+1) })
			}
		}
	}
	if l.N > 1 {
		for _, n := range []uint64{1, l.N / 2, l.N - 1} {
			add(func(m *fault.Line) { m.N = n })
		}
	}
	if l.Effect > 1 {
		for _, n := range []uint64{1, l.Effect / 2, l.Effect - 1} {
			add(func(m *fault.Line) { m.Effect = n })
		}
	}
	for _, t := range rounder(time.Duration(l.At)) {
		if t > 0 || l.Place() != fault.Timed {
			add(func(m *fault.Line) { m.At = clock.Time(t) })
		}
	}
	for _, t := range rounder(l.Time) {
		add(func(m *fault.Line) { m.Time = t })
	}
	if l.Verb == fault.Law && l.Law.Kind != net.Constant {
		add(func(m *fault.Line) { m.Law = net.Law{Least: time.Millisecond} })
	}
	if l.Amount > 1 || l.Amount < -1 {
		add(func(m *fault.Line) { m.Amount /= 2 })
	}
	return list
}

// rounder lists times with fewer digits than d, and half of it.
func rounder(d time.Duration) (list []time.Duration) {
	sign := time.Duration(1)
	if d < 0 {
		sign, d = -1, -d
	}
	add := func(t time.Duration) {
		if t > 0 && t < d && !slices.Contains(list, sign*t) {
			list = append(list, sign*t)
		}
	}
	if d > time.Millisecond {
		add(d / 2 / digit(d/2) * digit(d/2))
	}
	unit := digit(d)
	add(d / unit * unit)
	if unit >= 10 {
		add(d / (unit / 10) * (unit / 10))
	}
	return list
}

// digit is the value of the first digit of d: 10ms for 70ms.
func digit(d time.Duration) time.Duration {
	unit := time.Duration(1)
	for unit <= d/10 {
		unit *= 10
	}
	return unit
}

// narrowPicks makes outcomes smaller: 1, or half.
func (x *shrinker) narrowPicks() {
	for i := 0; i < len(x.now.Tape) && !x.over(); {
		had := x.now.Tape[i].Outcome
		if had < 2 {
			i++
			continue
		}
		less := []uint64{1, had / 2}
		k := x.first(2, func(k int) Case {
			tape := slices.Clone(x.now.Tape)
			tape[i] = chance.Decision{Key: tape[i].Key, Outcome: less[k]}
			return x.now.withTape(tape)
		}, nil)
		if k < 0 || less[k] == 1 {
			i++
		}
	}
}

// shorten makes the time shorter in which something must have happened, where it is not the violation that ends a run; and lets a run take
// its usual time where it is. A stall keeps its time: whoever is given too little of it has not stalled.
func (x *shrinker) shorten() {
	if Judge(x.now.verdict, x.Property).Outcome == sim.Stalled {
		return
	}
	another := func(d time.Duration) func(int) Case {
		return func(int) Case {
			c := x.now.Case
			c.Config.For = d
			return c
		}
	}
	for d := x.now.verdict.Virtual / 2; d > time.Millisecond && !x.over(); d = x.now.verdict.Virtual / 2 {
		lasts := func(s Size) bool { return s.Virtual <= x.now.size.Virtual*3/4 && x.noHeavier(s) }
		if x.first(1, another(rounder(2 * d)[0]), lasts) < 0 {
			break
		}
	}
	if x.now.Config.For > 0 {
		x.first(1, another(0), func(s Size) bool { return s.weight() == x.now.size.weight() })
	}
}
