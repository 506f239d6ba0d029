package sim

import (
	"fmt"
	"time"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// Tick is how long a tick takes in tick mode: at true time t the whole number of the time is t/Tick.
const Tick = time.Millisecond

// Ticks puts the network into tick mode, in which time is a whole number and messages arrive at ticks only, by the
// rules of [net.Ticker]; all else of the world is as ever. What nodes do between two ticks happens at the whole number of
// the tick before, in the order of true time, so that timers of n*Tick plus a few nanoseconds put a script into a fixed
// order after the arrivals of tick n.
//
// Of the i-th message sent, from 0, delays[i] says how many ticks it is late, from 0 to net.MostTicks; the seed picks
// those that are not in the list. Messages of which aside says so, if it is not nil, are no part of all that: they arrive at once
// and take no delay of the list. The run ends at tick last, unless Config.For says otherwise.
//
// There are no faults in tick mode, and disks take no time: World refuses a plan, and a profile other than "none". Ticks
// panics outside of a scenario's Build.
func (w *World) Ticks(last int64, delays []uint8, aside func(Message) bool) {
	if w.net != nil {
		panic("sim: Ticks after the world was built: only a scenario's Build chooses tick mode")
	}
	for i, d := range delays {
		if d > net.MostTicks {
			panic(fmt.Sprintf("sim: Ticks: delay %d of message %d: want 0 to %d", d, i, net.MostTicks))
		}
	}
	w.ticks = &ticking{delays: delays, aside: aside}
	w.settle = clock.Never
	if w.cfg.For == 0 {
		w.end = clock.Time(0).Add(time.Duration(last) * Tick)
	}
}

// ticking is what a world in tick mode has beside the others.
type ticking struct {
	delays []uint8
	aside  func(Message) bool
	ticker *net.Ticker
	latest int64 // the latest tick there was
	next   int64 // the tick that is queued, if it is after the latest
}

// benign says why a run in tick mode cannot have the faults that it was given.
func (w *World) benign() error {
	if p := w.cfg.Plan; p != nil && len(*p) > 0 {
		return fmt.Errorf("a plan of faults does not apply to a network in tick mode, in which nothing goes wrong: leave it out")
	}
	if f := w.cfg.Faults; f != "" && f != "none" {
		return fmt.Errorf("fault profile %q does not apply to a network in tick mode, in which nothing goes wrong: leave it out", f)
	}
	return nil
}

// startTicks makes the network of tick mode. Disks take no time there, since a busy node would keep messages waiting
// beyond their tick.
func (w *World) startTicks(names []string) {
	w.ticks.ticker = net.NewTicker(names, w.ticks.delays)
	for _, h := range w.hosts {
		h.sync = 0
	}
	for _, l := range w.links("", "") {
		l.Law = net.Law{}
	}
}

// hold hands a message to the network of tick mode, unless it goes aside.
func (w *World) hold(f *flow, m Message, content, cause uint64) bool {
	if w.ticks.aside != nil && w.ticks.aside(m) {
		return false
	}
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.flow, s.msg, s.n, s.content, s.cause, s.when = dueMessage, f, m, f.net.Sent()+1, content, cause, int64(w.now)
	due, first := w.ticks.ticker.Send(&w.chance, f.net, f.from.index, f.to.index, int64(w.now)/int64(Tick), ref)
	if first {
		w.tickAt(due)
	}
	return true
}

// tickAt sees to it that there is a tick at this time. Those at which nothing can arrive are left out.
func (w *World) tickAt(at int64) {
	if w.ticks.next > w.ticks.latest && w.ticks.next <= at {
		return // before it there is one, which sees to the next
	}
	w.ticks.next = at
	w.due(dueTick, clock.Time(0).Add(time.Duration(at)*Tick), classEffect, nil)
}

// tick lets arrive what is due. It comes before all else of its instant, so that a timer of that instant, however early
// it was set, finds what has arrived.
func (w *World) tick() {
	now := int64(w.now) / int64(Tick)
	if now == w.ticks.latest {
		return // queued before an earlier one was, and again after that
	}
	w.ticks.latest = now
	w.ticks.ticker.Tick(now, func(ref int32) { w.queue.push(w.now, classEffect, ref) })
	if at, ok := w.ticks.ticker.Next(now); ok {
		w.tickAt(at)
	}
}
