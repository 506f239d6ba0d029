package search

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim/chance"
)

// How far is looked elsewhere.
const (
	seedsElsewhere = 800 // runs in one setting
	startsMost     = 3   // failing runs to go down from, in one setting
)

// elsewhere goes down from other runs of the scenario: a small step seldom leads from one way to fail to a shorter one. It tries the
// smallest settings first, and is content with the first in which there is something smaller.
func (x *shrinker) elsewhere() {
	for !x.over() {
		weight := x.best.size.weight()
		for _, setting := range append(x.smaller(), x.best.bare()) {
			if given := strings.Join(setting.Config.Options.Given(), " "); !slices.Contains(x.tried, given) {
				x.tried = append(x.tried, given)
				x.within(2, func() { x.from(setting) })
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

// from goes down from failing runs in the setting of a case, each with the faults that its profile draws: first those that need no
// other pick.
func (x *shrinker) from(c Case) {
	for _, driver := range []func(uint64) chance.Driver{
		func(seed uint64) chance.Driver { return drawn{chance.Seed(seed)} },
		func(seed uint64) chance.Driver { return chance.Seed(seed) },
	} {
		for seed, starts := 0, 0; seed < seedsElsewhere && starts < startsMost && !x.over(); starts++ {
			x.doing = "trying other runs"
			x.now = x.best
			i := x.first(seedsElsewhere-seed, func(i int) Case {
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

// smaller lists settings in which there is less of everything, the smallest first: the numbers at their least, a little above, and half of what
// they are.
func (x *shrinker) smaller() (list []Case) {
	add := func(size func(least, now int) int) {
		c := x.best.Case.bare()
		for i := range x.Case.Scenario.Options {
			o := &x.Case.Scenario.Options[i]
			if _, number := o.Default.(int); !number {
				continue
			}
			now := c.Config.Options.Int(o.Name)
			for n := min(size(o.Min, now), now); n < now; n++ { // what goes with the other settings
				if less := c.with(fmt.Sprintf("%s=%d", o.Name, n)); less.Scenario != nil {
					c = less
					break
				}
			}
		}
		list = append(list, c)
	}
	for more := range 3 {
		add(func(least, _ int) int { return least + more })
	}
	add(func(least, now int) int { return least + (now-least)/2 })
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
