package fault

import (
	"cmp"
	"math/bits"
	"slices"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/net"
)

// A drawer draws one plan. Every pick has a stream named for what it decides, and a number that counts
// the faults of that stream.
type drawer struct {
	profile Profile
	model   Model // what the plan stays inside
	c       *chance.Source
	space   Space
	names   []chance.Word // of space.Nodes
	mortal  []int         // the nodes that may crash

	swarm   bool   // else a fixed mix
	on      uint32 // the families
	horizon int64  // faults begin before it

	reels []reel // room for the next ones

	whole, timed, after Plan // the lines: for the whole run, at an instant, after an effect
}

// words hashes the words of picks.
func words(ss ...string) []chance.Word {
	var ws []chance.Word
	for _, s := range ss {
		ws = append(ws, chance.NewWord(s))
	}
	return ws
}

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

// within draws from a span, every octave as likely. Outcome 0 is the least.
func (r *reel) within(n uint64, s span) int64 {
	if s.most <= s.least {
		return s.least
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

// newDrawer sees who may crash and draws what a plan is made of: which families of faults, and how far they reach.
func newDrawer(p Profile, c *chance.Source, s Space) *drawer {
	s.Until = min(s.Until, clock.Time(longestTime))
	d := &drawer{profile: p, model: p.within(s.Model), c: c, space: s}
	d.names = make([]chance.Word, 0, len(s.Nodes))
	d.whole, d.timed = make(Plan, 0, 12), make(Plan, 0, 48)
	for i, n := range s.Nodes {
		d.names = append(d.names, chance.NewWord(n))
		if slices.ContainsFunc(s.Groups, func(g Group) bool { return slices.Contains(g.Nodes, n) }) {
			d.mortal = append(d.mortal, i)
		}
	}
	half := d.reel(wordHalf)
	d.swarm = p.chaotic && half.below(0, 2) == 0
	dial := &plainOn
	if d.swarm {
		dial = &swarmOn
	} else if p.chaotic {
		dial = &mixOn
	}
	allowed := d.model.allows() & p.families
	for f := range families {
		if allowed&(1<<f) != 0 {
			if r := d.reel(familyWords[f]); r.chance(0, dial[f]) {
				d.on |= 1 << f
			}
		}
	}
	reach := d.reel(wordHorizon)
	d.horizon = min(reach.within(0, span{horizons.least, int64(s.Until)}), int64(s.Until))
	return d
}

// has reports whether the seed has a family of faults: the profile has it, the model allows it, and it was drawn.
func (d *drawer) has(f family) bool { return d.on&(1<<f) != 0 }

// intensity is how many faults of a family a seed has: 0 few, 1 some, 2 many. A fixed mix has some.
func (d *drawer) intensity(f family) int {
	if !d.swarm {
		return 1
	}
	r := d.reel(familyWords[f])
	return int(r.below(1, 3))
}

// instant draws when fault n happens, before the horizon: half of them evenly spread and half over octaves.
func (d *drawer) instant(r *reel, n uint64) clock.Time {
	if r.below(2*n, 2) == 0 {
		return clock.Time(tidy(min(r.within(2*n+1, span{earliest, d.horizon}), d.horizon-1)))
	}
	return clock.Time(tidy(int64(r.below(2*n+1, uint64(d.horizon)))))
}

// at adds a line at an instant, unless faults have ended by then.
func (d *drawer) at(t clock.Time, l Line) {
	if t < d.space.Until {
		l.At = t
		d.timed = append(d.timed, l)
	}
}

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
	p := make(Plan, 0, len(d.whole)+len(d.timed)+len(d.after))
	p = append(p, d.whole...)
	for _, o := range order {
		p = append(p, d.timed[o.i])
	}
	return append(p, d.after...)
}

// law draws the law of delays of kind by the dials; within the bound, if the model needs it. Its picks are numbered
// from 1, since pick 0 of the reel was the kind.
func (d *drawer) law(r *reel, kind net.LawKind) net.Law {
	dial := &lawDials[kind]
	l := net.Law{Kind: kind, Least: r.lasts(1, dial.least)}
	if kind != net.Constant {
		l.Most = max(r.lasts(2, dial.most), l.Least)
	}
	if kind == net.NewestFirst {
		l.Share = uint32(r.within(3, dial.share) / 1000 * 1000)
	}
	return d.bound(l)
}

// bound keeps a law within the bound, if the model needs it.
func (d *drawer) bound(l net.Law) net.Law {
	if d.model.Bounded {
		l.Least, l.Most = min(l.Least, NetBound), min(l.Most, NetBound)
	}
	return l
}
