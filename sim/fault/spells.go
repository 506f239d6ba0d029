package fault

import (
	"simrun/sim/chance"
	"simrun/sim/clock"
)

// A happening is something that befalls a node at an instant. Some are spells, which end after a while.
type happening struct {
	family   family
	at       chance.Word // of the picks that say when
	times    dialID
	from, to Verb // how it begins; and how it ends, or the same if nothing ends it
	lasts    dialID
	mortal   bool // it befalls only nodes that may crash
}

var happenings = [...]happening{
	{pauses, chance.NewWord("pause at"), pauseTimes, Pause, Resume, pauseFor, false},
	{slows, chance.NewWord("slow at"), slowTimes, Slow, Slow, slowFor, false},
	{steps, chance.NewWord("step at"), stepTimes, Step, Step, numDials, false},
	{freezes, chance.NewWord("freeze at"), freezeTimes, Freeze, Thaw, freezeFor, false},
	{loops, chance.NewWord("loop at"), loopTimes, Loop, Loop, numDials, true},
	{suspends, chance.NewWord("suspend at"), suspendTimes, Pause, Resume, suspendFor, false},
	{omits, chance.NewWord("omit at"), omitTimes, Omit, Omit, omitFor, false},
	{strobes, chance.NewWord("strobe at"), strobeTimes, Strobe, Strobe, numDials, false},
	{smears, chance.NewWord("smear at"), smearTimes, Smear, Smear, numDials, false},
	{stalls, chance.NewWord("stall at"), stallTimes, Stall, Stall, numDials, false},
	{throttles, chance.NewWord("throttle at"), throttleTimes, Throttle, Throttle, throttleFor, false},
	{busies, chance.NewWord("busy at"), busyTimes, Sync, Sync, busyFor, false},
}

// happenings draws what befalls nodes: pauses, slowness, clocks that stand still or jump, disks that do. Most befalls any node, also
// those that may not crash. Spells of one node may overlap: the first to end ends them all.
func (d *drawer) happenings() {
	for i := range happenings {
		h := &happenings[i]
		if !d.has(h.family) {
			continue
		}
		for i, name := range d.names {
			if h.mortal && !d.isMortal(i) {
				continue
			}
			count := d.of(name, familyWords[h.family])
			many := d.number(count, 0, h.times)
			if many == 0 {
				continue
			}
			at := d.of(name, h.at)
			for n := range many {
				d.happening(h, d.space.Nodes[i], d.instant(at, n), count, n)
			}
		}
	}
}

// isMortal reports whether a node may crash.
func (d *drawer) isMortal(i int) bool {
	for _, m := range d.mortal {
		if m == i {
			return true
		}
	}
	return false
}

// happening adds one of them. Its length and size are picks of the reel, behind the one that counts.
func (d *drawer) happening(h *happening, node string, t clock.Time, r *reel, n uint64) {
	begin, end := Line{Verb: h.from, Node: node}, Line{Verb: h.to, Node: node}
	switch h.family {
	case steps:
		begin.Time = tidy(r.signed(2*n+2, d.much(stepBy)))
	case slows:
		begin.Amount, end.Amount = r.within(4*n+4, d.much(slowBy)), 1
	case suspends:
		begin.Mode = "clock"
	case omits:
		begin.Mode = Omit.modes()[r.below(8*n+8, 2)]
		begin.Amount, end.Mode = d.rounded(r, 8*n+9, omitShare, 1000), begin.Mode
	case loops:
		begin.Time, begin.Amount = r.lasts(8*n+8, d.much(loopFor)), r.within(8*n+9, d.much(loopRounds))
	default:
		d.clockOrDisk(h, &begin, &end, r, n)
	}
	if h.family == smears && begin.Time == 0 {
		return // too little time to gain anything within the bound
	}
	d.at(t, begin)
	if h.lasts != numDials {
		d.at(max(t, clock.Time(us)).Add(r.lasts(4*n+5, d.much(h.lasts))), end)
	}
}

// clockOrDisk says how large a happening to a clock or to a disk is.
func (d *drawer) clockOrDisk(h *happening, begin, end *Line, r *reel, n uint64) {
	switch h.family {
	case strobes:
		begin.Time, begin.Span = tidy(r.signed(4*n+8, d.much(strobeBy))), r.lasts(8*n+10, d.much(strobeEvery))
		begin.Amount = r.within(8*n+11, d.much(strobeRounds))
	case smears:
		begin.Span = r.lasts(8*n+10, d.much(smearOver))
		by := d.much(smearBy)
		if d.model.Bounded {
			by = by.upTo(int64(begin.Span) * MaxDrift / certain / 2)
		}
		begin.Time = tidy(r.signed(4*n+8, by))
	case stalls:
		length := d.much(stallFor)
		if d.model.Bounded {
			length = length.upTo(int64(SyncBound))
		}
		begin.Time = r.lasts(8*n+8, length)
	case throttles:
		begin.Amount = d.rounded(r, 8*n+8, throttleBytes, 1000)
	case busies:
		begin.Time, end.Time = r.lasts(8*n+8, d.much(busyTime)), d.usualSync(begin.Node)
	}
}
