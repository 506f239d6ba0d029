package fault

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// A model says what a system needs of its world, and each of its fields forbids some lines of a plan:
//
//	NoCrash   crash
//	FailStop  restart, and, as far as a profile sees to it, more crashes in a group than it can spare
//	Bounded   what is late or lost: long laws, rate, delay, loss; pause, slow; freeze, step, more drift than MaxDrift; a long sync
//	FIFO      loss, lose, repeat
//	NoLoss    loss, lose
//	NoDup     repeat
//	NoCut     cut

// Outside says what of a plan the model does not allow, each in a short phrase; nothing, if the plan stays inside. How
// many nodes of a group crash is not looked at, since a model knows no groups.
func (m Model) Outside(p Plan) []string {
	var o outside
	for i := range p {
		m.timed(&p[i], &o)
		m.message(&p[i], &o)
		m.always(&p[i], &o)
	}
	if late := latest(p); m.Bounded && late > NetBound {
		o.add("delays: up to %v, the model needs at most %v", late, NetBound)
	}
	return o
}

// Bounded reports whether a run with this plan keeps the promise of [Bound]: nothing is lost but by a cut or a crash,
// messages, disks and inboxes are within their bounds, and clocks drift at most MaxDrift and are not stepped.
func (p Plan) Bounded() bool { return len(Model{Bounded: true}.Outside(p)) == 0 }

// outside is a list of phrases without repetitions.
type outside []string

func (o *outside) add(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	for _, old := range *o {
		if old == s {
			return
		}
	}
	*o = append(*o, s)
}

// lossless reports whether links lose nothing until they are cut: an ordered link does not, and what is lost is late
// for ever.
func (m Model) lossless() bool { return m.NoLoss || m.FIFO || m.Bounded }

// single reports whether nothing may arrive twice.
func (m Model) single() bool { return m.NoDup || m.FIFO }

// timed judges the lines at an instant. Lines that end something (resume, heal, thaw) are always inside.
func (m Model) timed(l *Line, o *outside) {
	switch l.Verb {
	case Crash:
		if m.Crash == NoCrash {
			o.add("crash: the model has no crashes")
		}
		if m.Crash == FailStop && l.Time > 0 {
			o.add("restart: the model is fail-stop")
		}
	case Restart:
		if m.Crash == FailStop {
			o.add("restart: the model is fail-stop")
		}
	case Cut:
		if m.NoCut {
			o.add("cut: the model needs every pair of nodes connected")
		}
	case Slow:
		if l.Amount > 1 {
			m.unbounded(o, "slow", "a node takes %d times as long", l.Amount)
		}
	case Pause:
		m.unbounded(o, "pause", "a node stands still")
	case Step:
		if l.Time != 0 {
			m.unbounded(o, "step", "a clock jumps")
		}
	case Freeze:
		m.unbounded(o, "freeze", "a clock stands still")
	}
}

// unbounded notes what breaks the bounds that the model needs. A pause or a slow node does so however short it is:
// nobody knows how many messages wait behind it.
func (m Model) unbounded(o *outside, what, why string, args ...any) {
	if m.Bounded {
		o.add("%s: %s, the model needs bounds", what, fmt.Sprintf(why, args...))
	}
}

// message judges the lines for one message; how late they make it is for latest.
func (m Model) message(l *Line, o *outside) {
	switch l.Verb {
	case Lose:
		m.loss(o)
	case Repeat:
		if l.Time > 0 {
			m.repeat(o)
		}
	}
}

// loss notes that something is lost where nothing may be.
func (m Model) loss(o *outside) {
	if m.lossless() {
		o.add("loss: the model's links lose nothing")
	}
}

// repeat notes that something arrives twice where nothing may.
func (m Model) repeat(o *outside) {
	if m.single() {
		o.add("repeat: the model's links repeat nothing")
	}
}

// always judges the lines for the whole run. A wall clock that is offset is inside every model: the bound is on how
// fast clocks drift apart, not on how far apart they are.
func (m Model) always(l *Line, o *outside) {
	switch l.Verb {
	case Loss:
		if l.Amount > 0 {
			m.loss(o)
		}
	case Repeats:
		if l.Amount > 0 {
			m.repeat(o)
		}
	case Rate:
		m.unbounded(o, "rate", "messages wait for the wire")
	case Drift:
		if l.Amount > MaxDrift || l.Amount < -MaxDrift {
			m.unbounded(o, "drift", "%dppm is more than %dppm", l.Amount, MaxDrift)
		}
	case Sync, Read, Write:
		if l.Time > SyncBound {
			m.unbounded(o, "sync", "%v is more than %v", l.Time, SyncBound)
		}
	}
}

// latest returns the longest that a message may be under way: the slowest law, and on top of it the latest of the
// messages that are late or repeated by plan.
func latest(p Plan) time.Duration {
	var law, extra time.Duration
	for i := range p {
		switch l := &p[i]; l.Verb {
		case Law:
			law = max(law, l.Law.Longest())
		case Delay, Repeat:
			extra = max(extra, l.Time)
		}
	}
	return law + extra
}

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
		if l := &p[i]; l.Verb == Crash && !l.Good && l.Node == node && (l.Effect > 0 || l.At <= by) {
			return true
		}
	}
	return false
}

// An overview is what the lines of a plan mean for one another.
type overview struct {
	crash    bool
	unsynced string // the mode; "" if nothing is said, which means keep
	laws     bool   // there is a line with a law of delays
	overtake bool   // some law lets a message overtake one that is late
}

// survey looks at the whole plan once.
func survey(p Plan) overview {
	var x overview
	for i := range p {
		switch l := &p[i]; l.Verb {
		case Crash:
			x.crash = true
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
	switch l.Verb {
	case Crash:
		s.Add(Crashes)
		s.addIf(l.Time > 0, Restarts)
	case Pause:
		s.Add(Pauses)
	case Cut:
		s.Add(Cuts)
		s.Add(CutOff)
	case Slow:
		s.addIf(l.Amount > 1, Slowness)
	case Step:
		s.addIf(l.Time != 0, Steps)
	case Freeze:
		s.Add(Freezes)
	case Drift:
		s.addIf(l.Amount != 0, Drifts)
	case Offset:
		s.addIf(l.Time != 0, Offsets)
	case Sync, Read, Write:
		s.addIf(l.Time > SyncBound, SlowDisks)
	default:
		l.enableMessages(s, x, fifo)
	}
}

// enableMessages adds what one line may do to messages. On links that keep order (fifo) the network ignores the
// rates, and holds a message back behind one that is late; what a plan says of one message is done on them too.
func (l *Line) enableMessages(s *Set, x overview, fifo bool) {
	switch l.Verb {
	case Lose:
		s.Add(Losses)
	case Delay:
		s.addIf(l.Time > 0, Lingering)
		s.addIf(l.Time > 0 && !fifo && x.overtake, Reorders)
	case Repeat:
		s.addIf(l.Time > 0, Duplicates)
	case Loss:
		s.addIf(l.Amount > 0 && !fifo, Losses)
	case Repeats:
		s.addIf(l.Amount > 0 && !fifo, Duplicates)
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

// Lost returns those of the nodes that the plan may crash for good, in their order.
func (p Plan) Lost(nodes []string) (lost []string) {
	for _, n := range nodes {
		if slices.ContainsFunc(p, func(l Line) bool { return l.Verb == Crash && l.Good && l.Node == n }) {
			lost = append(lost, n)
		}
	}
	return lost
}
