package fault

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

// A drawer draws one plan. Every pick has a stream named for what it decides, and a number that counts
// the faults of that stream.
type drawer struct {
	profile *Profile
	knobs   *knobs
	model   Model // what the plan stays inside
	c       *chance.Source
	space   Space
	names   []chance.Word // of space.Nodes
	mortal  []int         // the nodes that may crash
	areas   []Area        // the zones
	spent   []int         // of each group: how many of those that it can spare are broken by the plan

	kind    kind
	later   bool // with the families that came later
	harm    bool // with damaged disks, if the model has them
	on      familySet
	horizon int64 // faults begin before it
	spread  bool  // evenly, and the horizon is the end of faults

	reels []reel // room for the next ones

	whole, timed, aimed, after, single Plan // the lines by their places, in the order in which they stand in the plan
}

// A kind is what a seed is like, of a profile that leaves that to chance. Seeds of the others are mixes.
type kind uint8

const (
	mix   kind = iota // moderate rates
	swarm             // families are on or off, and weak or strong, by lot
	flood             // all that is usual comes at once
)

// kinds are drawn from evenly. The benign answer is the first.
var kinds = [...]kind{mix, swarm, flood, flood}

var (
	wordProfile = chance.NewWord("profile")
	wordNone    = chance.NewWord("")
)

// A reel is a stream of picks about one thing.
type reel struct {
	c *chance.Source
	s chance.Stream
}

// reel returns the picks about what, of the run as a whole.
func (d *drawer) reel(what chance.Word) *reel { return d.of(wordNone, what) }

// of returns the picks about what, of one node.
func (d *drawer) of(node, what chance.Word) *reel {
	if len(d.reels) == cap(d.reels) {
		d.reels = make([]reel, 0, 64) // one allocation for many: a plan is drawn for every run
	}
	d.reels = append(d.reels, reel{d.c, chance.Combine(wordProfile, node, wordNone, what)})
	return &d.reels[len(d.reels)-1]
}

// The picks of a reel: a number below a bound, a coin, an outcome of a distribution.

func (r *reel) below(n, bound uint64) uint64 { return r.c.Below(&r.s, n, bound) }

func (r *reel) chance(n uint64, ppm uint32) bool { return r.c.Chance(&r.s, n, ppm) }

func (r *reel) draw(n uint64, dist chance.Dist) uint64 { return r.c.Draw(&r.s, n, dist) }

// within draws from a span, every octave as likely; evenly, if it starts at 0. Outcome 0 is the least.
func (r *reel) within(n uint64, s span) int64 {
	if s.most <= s.least {
		return s.least
	}
	if s.least <= 0 {
		return int64(r.below(n, uint64(s.most)+1))
	}
	const fraction = 16 // bits
	octaves := uint64(bits.Len64(uint64((s.most - 1) / s.least)))
	x := r.below(n, octaves<<fraction) // one pick says which octave, and where in it
	low := s.least << (x >> fraction)
	high := min(2*low, s.most)
	return low + (high-low)*int64(x&(1<<fraction-1))>>fraction
}

// lasts draws a length of time from a span.
func (r *reel) lasts(n uint64, s span) time.Duration { return tidy(r.within(n, s)) }

// signed draws from a span, and whether it counts forwards or backwards.
func (r *reel) signed(n uint64, s span) int64 {
	v := r.within(2*n, s)
	if r.below(2*n+1, 2) == 1 {
		return -v
	}
	return v
}

// tidy keeps three digits of a time, down to microseconds, since people read plans.
func tidy(ns int64) time.Duration {
	unit := us
	for ns/unit >= 1000 || ns/unit <= -1000 {
		unit *= 10
	}
	return time.Duration(ns - ns%unit)
}

var wordHalf, wordHorizon = chance.NewWord("half"), chance.NewWord("horizon")

// harmed is the share of the seeds in which disks may be damaged.
const harmed = uint32(250_000)

// newDrawer sees who may crash and draws what a plan is made of: which families of faults, and how far they reach.
func newDrawer(p *Profile, c *chance.Source, s Space) *drawer {
	s.Until = min(s.Until, clock.Time(longestTime))
	d := &drawer{profile: p, knobs: p.knobs, model: p.within(s.Model), c: c, space: s}
	d.names = make([]chance.Word, 0, len(s.Nodes))
	d.whole, d.timed = make(Plan, 0, 12), make(Plan, 0, 32)
	d.spent = make([]int, len(s.Groups))
	for i, n := range s.Nodes {
		d.names = append(d.names, chance.NewWord(n))
		if slices.ContainsFunc(s.Groups, func(g Group) bool { return slices.Contains(g.Nodes, n) }) {
			d.mortal = append(d.mortal, i)
		}
	}
	half := d.reel(wordHalf)
	if p.chaotic != 0 && !p.even {
		d.kind = kinds[half.below(0, uint64(len(kinds)))]
	}
	d.later, d.harm = half.below(1, 2) == 1, half.chance(2, harmed)
	allowed := d.model.allows() & (p.chaotic | p.plain)
	for f := range families {
		if allowed.has(f) {
			if c.Chance(&familyStreams[f], 0, d.share(f)) {
				d.on |= 1 << f
			}
		}
	}
	reach := d.reel(wordHorizon)
	s.Until = max(s.Until, 0)
	within := d.much(whenHorizon)
	if within.most == 0 || within.most > int64(s.Until) {
		within.most = int64(s.Until)
	}
	d.horizon = min(reach.within(0, within), int64(s.Until))
	if d.spread = d.evenly(reach); d.spread {
		d.horizon = int64(s.Until)
	}
	return d
}

// evenly draws whether faults are spread evenly over the time in this seed: in all floods, and in a share of the others. What is set goes before that: a share
// holds in all seeds, and a horizon without one too.
func (d *drawer) evenly(r *reel) bool {
	horizon, even := &d.knobs.dials[whenHorizon], &d.knobs.dials[whenEven]
	switch {
	case even.set:
	case horizon.set:
		return false
	case d.kind == flood:
		return true
	}
	return r.chance(1, d.odds(whenEven))
}

// share is in how many seeds a family is on. What a profile has that is no swarm is on as often as there, whatever it is composed with.
func (d *drawer) share(f family) (ppm uint32) {
	on := d.knobs.on[f]
	if d.profile.chaotic.has(f) {
		if ppm = on.mix; d.kind == swarm {
			ppm = on.swarm
		}
		if on == familyTable[f].on { // nobody has set it
			ppm = d.usually(f, ppm)
		}
	}
	if d.profile.plain.has(f) {
		ppm = max(ppm, on.plain)
	}
	return ppm
}

// usually is what a share comes to that nobody has set. A flood has all that are usual. Half of the other seeds have none of the later families that every model may
// have, and the other half have each twice as often: with so many of them hardly a seed would be left in which little goes wrong. Disks are damaged in some seeds
// alone, since a node whose disk is falls silent, and little can be learnt from it.
func (d *drawer) usually(f family, ppm uint32) uint32 {
	switch {
	case d.kind == flood && ordinary.has(f):
		return certain
	case later.has(f) && d.later:
		return min(2*ppm, certain)
	case later.has(f), ills.has(f) && !d.harm:
		return 0
	}
	return ppm
}

// has reports whether the seed has a family of faults: the profile has it, the model allows it, and it was drawn.
func (d *drawer) has(f family) bool { return d.on.has(f) }

// much is from what a dial draws in this seed.
func (d *drawer) much(x dialID) span {
	if d.kind == swarm {
		return d.knobs.dials[x].wild
	}
	return d.knobs.dials[x].mild
}

// odds is a dial's share of seeds or of faults.
func (d *drawer) odds(x dialID) uint32 { return uint32(d.knobs.dials[x].mild.least) }

// number draws how many a dial says, as pick n of a reel.
func (d *drawer) number(r *reel, n uint64, x dialID) uint64 {
	dial := &d.knobs.dials[x]
	if dial.many != nil {
		return r.draw(n, dial.many[d.intensity(dial.family, x)])
	}
	s := d.much(x)
	return uint64(s.least) + r.below(n, uint64(s.most-s.least)+1)
}

// rounded draws a number from a dial and rounds it, since people read plans.
func (d *drawer) rounded(r *reel, n uint64, x dialID, to int64) int64 {
	s := d.much(x)
	v := r.within(n, s)
	return max(v-v%to, s.least)
}

// How many faults of a family a seed has: the places in the weights of a dial.
const few, some, many = 0, 1, 2

// intensity is how many faults of a family a seed has. A swarm draws it, a fixed mix has some. So has a flood, but for its crashes: nodes crash in
// storms rather than each by itself, since what several have forgotten together nobody is left to remember. There are no storms where nodes crash for good.
func (d *drawer) intensity(f family, x dialID) int {
	switch {
	case d.kind == swarm:
		return int(d.c.Below(&familyStreams[f], 1, 3))
	case d.kind != flood || d.model.Crash == FailStop:
		return some
	case x == crashTimes:
		return few
	case x == crashStorms:
		return many
	}
	return some
}

// instant draws when fault n happens, before the horizon: half of them evenly spread and half over octaves, unless all are evenly spread in this
// seed.
func (d *drawer) instant(r *reel, n uint64) clock.Time {
	if !d.spread && r.below(2*n, 2) == 0 {
		return clock.Time(tidy(min(r.within(2*n+1, span{d.much(whenEarliest).least, d.horizon}), d.horizon-1)))
	}
	return clock.Time(tidy(int64(r.below(2*n+1, uint64(d.horizon)))))
}

// at adds a line at an instant, unless faults have ended by then. What could hold from the start on is put behind it.
func (d *drawer) at(t clock.Time, l Line) {
	if t == 0 && forms[l.Verb].always {
		t = clock.Time(us)
	}
	if t < d.space.Until {
		l.At = t
		d.timed = append(d.timed, l)
	}
}

// add adds a line for the whole run.
func (d *drawer) add(l Line) { d.whole = append(d.whole, l) }

// byLot returns the numbers of all nodes in an order that is drawn. Each node draws a lot of its own, so that one
// that is added does not change the order of the others.
func (d *drawer) byLot(what chance.Word, n uint64) []int {
	order := make([]int, len(d.names))
	lots := make([]uint64, len(d.names))
	for i, name := range d.names {
		r := d.of(name, what)
		order[i], lots[i] = i, r.below(n, 1<<32)
	}
	// Equal lots, as a driver may give them, leave the order in which the nodes were added.
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(lots[a], lots[b]), a-b) })
	return order
}

// finish puts the lines in their order. Those at the same instant stay in the order in which they were drawn, which
// is the order in which they will happen.
func (d *drawer) finish() Plan {
	// Sorting pairs of numbers is much cheaper than sorting lines, which are large.
	type place struct {
		at clock.Time
		i  int
	}
	order := make([]place, len(d.timed))
	for i := range d.timed {
		order[i] = place{d.timed[i].At, i}
	}
	slices.SortFunc(order, func(a, b place) int { return cmp.Or(cmp.Compare(a.at, b.at), a.i-b.i) })
	p := make(Plan, 0, len(d.whole)+len(d.timed)+len(d.aimed)+len(d.after)+len(d.single))
	p = append(p, d.whole...)
	for _, o := range order {
		p = append(p, d.timed[o.i])
	}
	return append(append(append(p, d.aimed...), d.after...), d.single...)
}
