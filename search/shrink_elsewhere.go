package search

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/sim/chance"
	"simrun/sim/fault"
)

// How far is looked elsewhere.
const (
	seedsElsewhere = 800  // runs in one setting
	seedsFurther   = 4000 // if much is left then
	muchLeft       = 3    // faults and picks together, above which more is tried
	startsMost     = 3    // failing runs to go down from, in one setting
)

// elsewhere goes down from other runs of the scenario: a small step seldom leads from one way to fail to a shorter one. It tries the
// smallest settings first, and is content with the first in which there is something smaller.
func (x *shrinker) elsewhere() {
	for !x.over() {
		weight := x.best.size.weight()
		for _, setting := range append(x.smaller(), x.best.bare()) {
			if given := strings.Join(setting.Config.Options.Given(), " "); !slices.Contains(x.tried, given) {
				x.tried = append(x.tried, given)
				x.within(2, func() {
					x.alone(setting)
					x.from(setting)
				})
			}
			if x.best.size.weight() < weight {
				break
			}
		}
		if x.best.size.weight() >= weight {
			return
		}
	}
}

// further looks elsewhere once more, at more seeds, if what is left is still much: some mistakes show in one run of thousands.
func (x *shrinker) further() {
	if x.best.size.Faults+x.best.size.Picks <= muchLeft {
		return
	}
	x.tried, x.seeds = nil, seedsFurther
	x.elsewhere()
	x.now = x.best
	x.shake()
}

// mostAlone is how many lines are tried alone, in one setting.
const mostAlone = 500

// alone tries all plans of one crash, with what was not on disk lost or kept, and of one message lost or late, where all else is benign: what
// one fault can do is seldom drawn with nothing beside it.
func (x *shrinker) alone(c Case) {
	if c.Scenario == nil || x.runs.left(1) < candidatesAhead {
		return
	}
	c = c.withPlan(fault.Plan{})
	s := survey(c)
	if s == nil {
		return
	}
	plans := s.oneFault()
	x.doing = "trying one fault alone"
	x.now = x.best
	if x.first(len(plans), func(i int) Case { return c.withPlan(plans[i]) }, nil) >= 0 {
		x.within(2, x.descend)
		x.settle()
	}
}

// oneFault lists these plans, as many as are tried, the one without a fault first.
func (s *seen) oneFault() []fault.Plan {
	plans := []fault.Plan{{}}
	add := func(one, other fault.Plan) (more bool) {
		plans = append(plans, one, other)
		return len(plans) < mostAlone
	}
	for _, id := range s.nodes {
		for n := range s.effects[id] {
			l := fault.Line{Verb: fault.Crash, Node: id, Effect: n + 1, Time: time.Millisecond}
			if !add(fault.Plan{l}, fault.Plan{{Verb: fault.Unsynced, Mode: "lose"}, l}) {
				return plans[:mostAlone]
			}
		}
	}
	for i := range s.messages {
		if m := &s.messages[i]; !add(fault.Plan{m.lost()}, fault.Plan{m.late(5 * time.Millisecond)}) {
			return plans[:mostAlone]
		}
	}
	return plans
}

// from goes down from failing runs in the setting of a case, each with the faults that its profile draws: first those that need no
// other pick.
func (x *shrinker) from(c Case) {
	for _, driver := range []func(uint64) chance.Driver{
		func(seed uint64) chance.Driver { return drawn{chance.Seed(seed)} },
		func(seed uint64) chance.Driver { return chance.Seed(seed) },
	} {
		for seed, starts := 0, 0; seed < x.seeds && starts < startsMost && !x.over(); starts++ {
			x.doing = "trying other runs"
			x.now = x.best
			i := x.first(x.seeds-seed, func(i int) Case {
				c.Config.Seed = uint64(seed + i)
				c.Config.Driver = driver(c.Config.Seed)
				return c
			}, nil)
			if i < 0 {
				break
			}
			seed += i + 1
			x.within(2, x.descend)
			x.settle()
		}
	}
}

// smaller lists settings in which there is less of everything, the smallest first: the numbers at their least, one of them a little above, all of them, and half of what
// they are.
func (x *shrinker) smaller() (list []Case) {
	options := x.Case.Scenario.Options
	add := func(size func(i, least, now int) int) {
		c := x.best.Case.bare()
		for i := range options {
			o := &options[i]
			if _, number := o.Default.(int); !number {
				continue
			}
			now := c.Config.Options.Int(o.Name)
			for n := min(size(i, o.Min, now), now); n < now; n++ { // what goes with the other settings
				if less := c.with(fmt.Sprintf("%s=%d", o.Name, n)); less.Scenario != nil {
					c = less
					break
				}
			}
		}
		list = append(list, c)
	}
	add(func(_, least, _ int) int { return least })
	for more := range 2 {
		for k := range options {
			if _, number := options[k].Default.(int); number && options[k].Min+more < x.best.Config.Options.Int(options[k].Name) {
				add(func(i, least, _ int) int {
					if i == k {
						return least + more + 1
					}
					return least
				})
			}
		}
		add(func(_, least, _ int) int { return least + more + 1 })
	}
	add(func(_, least, now int) int { return least + (now-least)/2 })
	return list
}

// bare is the case without its plan, so that a profile draws another.
func (c Case) bare() Case {
	c.Config.Plan, c.Tape, c.Config.For = nil, nil, 0
	return c
}

// A drawn decides faults by a seed, and all else benignly.
type drawn struct{ seed chance.Seed }

// Draw implements [chance.Driver].
func (d drawn) Draw(s *chance.Stream, n uint64, dist chance.Dist) uint64 {
	if strings.HasPrefix(s.String(), "profile") {
		return d.seed.Draw(s, n, dist)
	}
	return 0
}
