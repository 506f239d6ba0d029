package fault

import (
	"fmt"
	"slices"
	"time"
)

// A model says what a system needs of its world, and each of its fields forbids some lines of a plan:
//
//	NoCrash   crash, loop
//	FailStop  restart, loop, and, as far as a profile sees to it, more crashes in a group than it can spare
//	Bounded   what is late or lost: long laws, rate, delay, loss, withhold; pause, slow, stall; freeze, step, strobe, reset, more drift than MaxDrift; a long sync
//	FIFO      loss, lose, corrupt, stale, omit, repeat, withhold
//	NoLoss    loss, lose, corrupt, stale, omit, queue
//	NoDup     repeat
//	NoCut     cut, partition, flap, break
//	Sound     fail, latent, capacity, and what Failing forbids
//	Failing   rot, and what Rotting forbids
//	Rotting   wipe, swap, phantom, misdirect, outdated
//	TrueTime  uncertainty broken
//	Steady    freeze, pause with clock, more drift than MaxDrift
//
// Only systems that say so cope with betray (Byzantine), garble (Garbled) and, unless their disks may lie anyway, wipe (Losable).

// Outside says what of a plan the model does not allow, each in a short phrase; nothing, if the plan stays inside. How
// many nodes of a group crash is not looked at, since a model knows no groups.
func (m Model) Outside(p Plan) []string {
	var o outside
	for i := range p {
		l := &p[i]
		m.process(l, &o)
		m.network(l, &o)
		m.clock(l, &o)
		m.disk(l, &o)
	}
	if late := latest(p); m.Bounded && late > NetBound {
		o.add("delays: up to %v, the model needs at most %v", late, NetBound)
	}
	return o
}

// Bounded reports whether a run with this plan keeps the promise of [Bound]: nothing is lost but by a cut or a crash,
// messages, disks and inboxes are within their bounds, and clocks drift at most MaxDrift and are not stepped.
func (p Plan) Bounded() bool { return len(Model{Bounded: true}.Outside(p)) == 0 }

// Assumptions says in short phrases what the model needs of its world and what it copes with, for those who list scenarios.
func (m Model) Assumptions() []string {
	list := []string{[...]string{
		CrashRecovery: "nodes crash and start again with their disk", FailStop: "nodes crash for good", NoCrash: "nodes do not crash"}[m.Crash]}
	say := func(really bool, what string) {
		if really {
			list = append(list, what)
		}
	}
	say(m.Bounded, fmt.Sprintf("delays up to %v, syncs up to %v, clocks that drift up to %dppm", NetBound, SyncBound, MaxDrift))
	say(!m.Bounded && !m.Steady, "no bound on delays, and clocks may say anything")
	say(!m.Bounded && m.Steady, fmt.Sprintf("no bound on delays, but monotonic clocks that drift up to %dppm", MaxDrift))
	say(m.FIFO, "links keep order and lose nothing until they are cut")
	say(m.NoLoss && !m.FIFO, "links lose nothing until they are cut")
	say(!m.lossless(), "links may lose messages")
	say(m.NoDup && !m.FIFO, "links repeat nothing")
	say(!m.single(), "links may repeat messages")
	say(m.NoCut, "all nodes that are up are connected")
	say(!m.NoCut, "the network may be cut")
	list = append(list, [...]string{Sound: "disks keep what is synced and never fail", Failing: "operations of disks may fail openly",
		Rotting: "operations of disks may fail, and what is at rest may rot", Lying: "disks may fail, rot, lie and be lost"}[m.Disk])
	say(m.Losable, "as many disks as a group can spare may be lost")
	say(m.Byzantine, "as many nodes as a group can spare may be Byzantine")
	say(m.Garbled, "messages may be changed on the way")
	say(m.TrueTime, "clocks know by how much they may be wrong")
	return list
}

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

// process judges what befalls nodes. Lines that end something (resume) are always inside.
func (m Model) process(l *Line, o *outside) {
	switch l.Verb {
	case Crash, Loop:
		if m.Crash == NoCrash {
			o.add("crash: the model has no crashes")
		}
		if m.Crash == FailStop && (l.Time > 0 || l.Verb == Loop) {
			o.add("restart: the model is fail-stop")
		}
	case Restart:
		if m.Crash == FailStop {
			o.add("restart: the model is fail-stop")
		}
	case Wipe:
		if !m.Losable {
			m.needs(Lying, l, o)
		}
	case Swap:
		m.needs(Lying, l, o)
	case Pause:
		m.unbounded(o, "pause", "a node stands still")
		if l.Mode != "" {
			m.unsteady(o, "pause", "a clock stands still")
		}
	case Slow:
		if l.Amount > 1 {
			m.unbounded(o, "slow", "a node takes %d times as long", l.Amount)
		}
	case Omit:
		if l.Amount > 0 && m.lossless() {
			o.add("omit: the model's nodes send and receive all that they should")
		}
	case Betray:
		if l.Amount > 0 && !m.Byzantine {
			o.add("betray: the model's nodes are honest")
		}
	case Start:
		if l.Time > 0 && m.Crash != CrashRecovery && m.lossless() {
			o.add("start: what is sent to a node that has not started is lost, and the model's links lose nothing")
		}
	}
}

// clock judges what befalls clocks. A wall clock that is offset is inside every model: the bound is on how fast clocks
// drift apart, not on how far apart they are.
func (m Model) clock(l *Line, o *outside) {
	switch l.Verb {
	case Step:
		if l.Time != 0 {
			m.unbounded(o, "step", "a clock jumps")
		}
	case Strobe:
		m.unbounded(o, "strobe", "a clock jumps")
	case Reset:
		m.unbounded(o, "reset", "a clock starts anew")
	case Freeze:
		m.unbounded(o, "freeze", "a clock stands still")
		m.unsteady(o, "freeze", "a clock stands still")
	case Smear:
		if ppm := l.Time.Abs() / (l.Span/1_000_000 + 1); ppm > MaxDrift {
			m.unbounded(o, "smear", "%dppm is more than %dppm", ppm, MaxDrift)
		}
	case Drift:
		if l.Amount > MaxDrift || l.Amount < -MaxDrift {
			m.unbounded(o, "drift", "%dppm is more than %dppm", l.Amount, MaxDrift)
			m.unsteady(o, "drift", "%dppm is more than %dppm", l.Amount, MaxDrift)
		}
	case Uncertainty:
		if m.TrueTime && l.Mode != "" {
			o.add("uncertainty: the model needs the bounds of clocks to hold")
		}
	}
}

// disk judges what befalls disks.
func (m Model) disk(l *Line, o *outside) {
	switch l.Verb {
	case Sync, Read, Write:
		if l.Time > SyncBound {
			m.unbounded(o, "sync", "%v is more than %v", l.Time, SyncBound)
		}
	case Stall:
		if l.Time > SyncBound {
			m.unbounded(o, "stall", "%v is more than %v", l.Time, SyncBound)
		}
	case Throttle:
		if l.Amount > 0 {
			m.unbounded(o, "throttle", "operations wait for the disk")
		}
	case Latent:
		m.needs(Failing, l, o)
	case Rot:
		m.needs(Rotting, l, o)
	case Fail, Capacity:
		if l.Amount > 0 || l.N > 0 {
			m.needs(Failing, l, o)
		}
	case Phantom, Misdirect, Outdated:
		if l.Amount > 0 || l.N > 0 {
			m.needs(Lying, l, o)
		}
	}
}

// needs notes a fault of a disk that the model does not know.
func (m Model) needs(d DiskModel, l *Line, o *outside) {
	if m.Disk < d {
		o.add("%s: the model's disks %s", l.Verb, [...]string{Failing: "do not fail", Rotting: "keep what is at rest", Lying: "do what they say and are not lost"}[d])
	}
}

// unbounded notes what breaks the bounds that the model needs. A pause or a slow node does so however short it is:
// nobody knows how many messages wait behind it.
func (m Model) unbounded(o *outside, what, why string, args ...any) {
	if m.Bounded {
		o.add("%s: %s, the model needs bounds", what, fmt.Sprintf(why, args...))
	}
}

// network judges what befalls messages; how late they are is for latest.
func (m Model) network(l *Line, o *outside) {
	some := l.Amount > 0 || l.N > 0
	switch l.Verb {
	case Cut:
		m.apart("cut", o)
	case Partition, Flap, Break:
		m.apart(l.Verb.String(), o)
	case Lose:
		m.loss(o)
	case Repeat:
		if l.Time > 0 {
			m.repeat(o)
		}
	case Loss, Corrupt, Queue:
		if some {
			m.loss(o)
		}
	case Stale:
		if some && m.lossless() {
			o.add("stale: the model's links hold nothing back")
		}
	case Repeats:
		if some {
			m.repeat(o)
		}
	case Garble:
		if some && !m.Garbled {
			o.add("garble: the model's links change nothing")
		}
	case Rate:
		if some {
			m.unbounded(o, "rate", "messages wait for the wire")
		}
	case Withhold:
		if l.Time == 0 || l.Time > NetBound {
			m.unbounded(o, "withhold", "messages are kept from their receivers for longer than %v", NetBound)
		}
		if m.FIFO {
			o.add("withhold: the model's links keep order")
		}
	}
}

// apart notes that nodes cannot reach one another where they must.
func (m Model) apart(what string, o *outside) {
	if m.NoCut {
		o.add("%s: the model needs every pair of nodes connected", what)
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

// Lost returns those of the nodes that the plan may crash for good, in their order.
func (p Plan) Lost(nodes []string) (lost []string) {
	for _, n := range nodes {
		if slices.ContainsFunc(p, func(l Line) bool { return l.Verb == Crash && l.Good && l.Node == n }) {
			lost = append(lost, n)
		}
	}
	return lost
}

// unsteady notes what makes a monotonic clock worse than the model needs. A model that needs bounds has said so already.
func (m Model) unsteady(o *outside, what, why string, args ...any) {
	if m.Steady && !m.Bounded {
		o.add("%s: %s, the model needs steady clocks", what, fmt.Sprintf(why, args...))
	}
}
