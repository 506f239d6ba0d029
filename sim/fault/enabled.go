package fault

import (
	"slices"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// Enabled returns the kinds of faults that the plan may make happen, where links are as the zero Model has them.
func (p Plan) Enabled() Set { return Model{}.Enabled(p) }

// Enabled returns the kinds of faults that the plan may make happen in a world of this model. They may happen, but
// need not: a crash may come when nothing is unsynced. Links that keep order neither lose nor repeat nor reorder by
// chance. TornWrites is never among them: whether a write can tear is up to its length, of which a plan knows
// nothing.
func (m Model) Enabled(p Plan) Set {
	var s Set
	x := survey(p)
	for i := range p {
		if l := &p[i]; l.Verb == Restart {
			s.addIf(p.crashed(l.Node, l.At), Restarts)
		} else {
			l.enable(&s, x, m.FIFO)
		}
	}
	if x.crash {
		s.addIf(x.unsynced == "lose" || x.unsynced == "mix", LostBytes)
	}
	return s
}

// crashed reports whether the plan may make the node crash by then, and not for good.
func (p Plan) crashed(node string, by clock.Time) bool {
	for i := range p {
		if l := &p[i]; (l.Verb == Crash || l.Verb == Wipe || l.Verb == Swap) && !l.Good && (l.Node == node || l.Other == node) && (l.Place() != Timed || l.At <= by) {
			return true
		}
	}
	return false
}

// An overview is what the lines of a plan mean for one another.
type overview struct {
	crash    bool
	late     bool   // some node starts later than the others
	unsynced string // the mode; "" if nothing is said, which means keep
	laws     bool   // there is a line with a law of delays
	overtake bool   // some law lets a message overtake one that is late
	rates    bool   // there is a line that limits a rate
	zones    []string
}

// zone reports whether one of the names is that of a zone or a region.
func (x *overview) zone(names ...string) bool {
	return len(x.zones) > 0 && slices.ContainsFunc(names, func(n string) bool { return slices.Contains(x.zones, n) })
}

// survey looks at the whole plan once.
func survey(p Plan) overview {
	var x overview
	for i := range p {
		switch l := &p[i]; l.Verb {
		case Crash, Loop, Wipe, Swap:
			x.crash = true
		case Start:
			x.late = x.late || l.Time > 0
		case Zone, Region:
			x.zones = append(x.zones, l.Node)
		case Rate:
			x.rates = x.rates || l.Amount > 0
		case Unsynced:
			x.unsynced = l.Mode
		case Law:
			x.laws = true
			x.overtake = x.overtake || l.Law.Kind != net.InOrder
		}
	}
	x.overtake = x.overtake || !x.laws
	return x
}

// addIf adds a kind that can really happen.
func (s *Set) addIf(really bool, k Kind) {
	if really {
		s.Add(k)
	}
}

// enable adds what one line may make happen.
func (l *Line) enable(s *Set, x overview, fifo bool) {
	s.addIf(l.Place() == Aimed, AimedFaults)
	switch l.Verb {
	case Crash:
		s.Add(Crashes)
		s.addIf(l.Time > 0, Restarts)
		s.addIf(x.zone(l.Node), ZonePower)
	case Pause:
		s.addIf(l.Mode == "", Pauses)
		s.addIf(l.Mode != "", Suspensions)
	case Slow:
		s.addIf(l.Amount > 1, Slowness)
	case Loop:
		s.Add(Loops)
		s.Add(Crashes)
		s.Add(Restarts)
	case Wipe:
		s.Add(Wipes)
		s.Add(Crashes)
	case Swap:
		s.Add(Swaps)
		s.Add(Crashes)
	case Omit:
		s.addIf(l.Amount > 0 && l.Mode == "send", SendOmissions)
		s.addIf(l.Amount > 0 && l.Mode == "receive", ReceiveOmissions)
	case Betray:
		s.addIf(l.Amount > 0, Betrayals)
	case Start:
		s.addIf(l.Time > 0, LateStarts)
	default:
		l.enableClocks(s, x)
		l.enableDisks(s)
		l.enableMessages(s, x, fifo)
	}
}

// enableClocks adds what one line may do to clocks.
func (l *Line) enableClocks(s *Set, x overview) {
	switch l.Verb {
	case Step:
		s.addIf(l.Time != 0, Steps)
	case Strobe:
		s.addIf(l.Time != 0, Strobes)
	case Smear:
		s.addIf(l.Time != 0, Smears)
	case Reset:
		s.addIf(x.crash || x.late, Resets)
	case Freeze:
		s.Add(Freezes)
	case Drift:
		s.addIf(l.Amount != 0, Drifts)
	case Offset:
		s.addIf(l.Time != 0, Offsets)
	case Uncertainty:
		s.addIf(l.Mode != "", BrokenBounds)
	}
}

// enableDisks adds what one line may do to disks.
func (l *Line) enableDisks(s *Set) {
	some := l.Amount > 0 || l.N > 0
	switch l.Verb {
	case Sync, Read, Write:
		s.addIf(l.Time > SyncBound, SlowDisks)
	case Stall:
		s.Add(DiskStalls)
	case Throttle:
		s.addIf(some, Throttles)
	case Rot:
		s.Add(BitRot)
	case Latent:
		s.Add(LatentSectors)
	case Fail:
		s.addIf(some && l.Stream == "sync", FailedSyncs)
		s.addIf(some && l.Stream != "sync", IOErrors)
	case Capacity:
		s.addIf(some, FullDisks)
	case Phantom:
		s.addIf(some, PhantomWrites)
	case Misdirect:
		s.addIf(some, Misdirections)
	case Outdated:
		s.addIf(some, OutdatedReads)
	}
}

// enableMessages adds what one line may do to messages. On links that keep order (fifo) the network ignores the
// rates, and holds a message back behind one that is late; what a plan says of one message is done on them too.
func (l *Line) enableMessages(s *Set, x overview, fifo bool) {
	some := l.N > 0 || l.Amount > 0 && !fifo
	switch l.Verb {
	case Cut:
		s.Add(Cuts)
		s.Add(CutOff)
		s.addIf(x.zone(l.Sides[0]...) || x.zone(l.Sides[1]...), ZoneNetwork)
	case Partition:
		s.Add(Partitions)
		s.Add(CutOff)
	case Flap:
		s.Add(Flaps)
		s.Add(CutOff)
	case Break:
		s.Add(Breaks)
	case Lose:
		s.Add(Losses)
	case Delay:
		s.addIf(l.Time > 0, Lingering)
		s.addIf(l.Time > 0 && !fifo && x.overtake, Reorders)
	case Repeat:
		s.addIf(l.Time > 0, Duplicates)
	case Loss:
		s.addIf(some, Losses)
	case Repeats:
		s.addIf(some, Duplicates)
	case Corrupt:
		s.addIf(some, Corruptions)
	case Garble:
		s.addIf(l.N > 0 || l.Amount > 0, Garbled) // what keeps order need not keep what is said
	case Stale:
		s.addIf(some, StaleMessages)
	case Rate:
		s.addIf(l.Amount > 0, Lingering)
	case Withhold:
		s.Add(Withheld)
	case Queue:
		s.addIf(some && x.rates, Overflows)
	case Law:
		s.addIf(lingers(l.Law), Lingering)
		s.addIf(reorders(l.Law) && !fifo, Reorders)
	}
}

// lingers reports whether messages under the law can be late beyond the ordinary. Where that begins is the network's
// to say: at four times the mean of an exponential law, and at eight times the median of a long tail.
func lingers(l net.Law) bool {
	switch l.Kind {
	case net.Exponential:
		return l.Least > 0 && l.Most > 4*l.Least
	case net.LongTail:
		return l.Least > 0 && l.Most > 8*l.Least
	case net.NewestFirst:
		return l.Share > 0 && l.Most > l.Least
	}
	return false
}

// reorders reports whether a message under the law can overtake another of its link.
func reorders(l net.Law) bool {
	switch l.Kind {
	case net.Constant, net.InOrder:
		return false
	case net.Uniform:
		return l.Most > l.Least
	}
	return l.Most > 0 && (l.Least > 0 || l.Kind == net.NewestFirst)
}
