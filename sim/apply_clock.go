package sim

import (
	"time"

	"simrun/sim/clock"
	"simrun/sim/fault"
)

// What a plan does to clocks. A clock is a part of the machine: what befalls it befalls it while its node is down too,
// and only a boot tells the node. All of it ends when faults end: what a clock is wrong by then it stays wrong by.
//
// Two things stop a clock: a line, until the clock is thawed, and that its node is suspended, until it is resumed. It goes
// on when neither holds.

// A keeping is what the world knows of a host's clock that the clock does not.
type keeping struct {
	began  time.Duration // what the wall clock showed at the start of the run
	dead   bool          // the battery: every boot sets the wall clock back to that
	stands bool          // a line stopped it
	doubt  time.Duration // its uncertainty
	broken bool          // its interval need not contain true time
	strobe *round        // the strobe that is on

	hurried bool // its rate has changed, and its timers stand in the queue as before
}

// defaultUncertainty is how wrong a clock says that it may be, where the plan says nothing: about what Spanner's clocks
// had on average in 2012.
const defaultUncertainty = 4 * time.Millisecond

// keepTime gives a new host a clock that is right, and says that it may not be.
func (h *host) keepTime() {
	h.keeping.doubt = defaultUncertainty
	h.clock.SetUncertainty(defaultUncertainty, false)
}

// clockFault changes how a node's clock goes on, at the start or at a time. A node that is busy has read its clock for
// what it does until then, so whatever must not make the clock go back begins when the node is free.
func (w *World) clockFault(h *host, l *fault.Line) bool {
	k := &h.keeping
	switch l.Verb {
	case fault.Drift:
		if h.clock.SetDrift(h.here(), l.Amount); l.Amount != 0 {
			w.faults[fault.Drifts]++
		}
		k.hurried = true
		w.rouse(h)
	case fault.Offset:
		h.clock.Step(l.Time)
		if k.began += l.Time; l.Time != 0 {
			w.faults[fault.Offsets]++
		}
	case fault.Step:
		if h.clock.Step(l.Time); l.Time != 0 {
			w.faults[fault.Steps]++
		}
	case fault.Strobe:
		w.strobe(h, l)
	case fault.Smear:
		if h.clock.Smear(h.here(), l.Time, l.Span); l.Time != 0 {
			w.faults[fault.Smears]++
		}
	case fault.Freeze:
		w.faults[fault.Freezes]++
		if k.stands = true; !h.suspended {
			h.clock.Freeze(h.here())
		}
	case fault.Thaw:
		if k.stands = false; !h.suspended {
			w.thaw(h)
		}
	case fault.Reset:
		k.dead = true
	case fault.Uncertainty:
		k.doubt, k.broken = l.Time, l.Mode != ""
		h.clock.SetUncertainty(k.doubt, k.broken)
	}
	return true
}

func (w *World) thaw(h *host) {
	h.clock.Thaw(w.now)
	w.rouse(h)
}

// rouse puts the timers of a clock that goes on where they belong.
func (w *World) rouse(h *host) {
	if k := &h.keeping; k.hurried && !k.stands && !h.suspended {
		k.hurried = false
		w.retime(h)
	}
	waiting := h.frozen
	h.frozen = nil
	for _, ref := range waiting {
		w.await(h, ref)
	}
}

// retime puts the timers of a host where they belong after its clock has changed its rate. Those that are too early now
// would be put off when they ring; those that are too late would stay so.
func (w *World) retime(h *host) {
	moved := false
	for i := range w.queue.items {
		it := &w.queue.items[i]
		s := &w.slots[it.ref]
		if s.kind != dueTimer || s.flow.to != h || s.life() != h.life {
			continue
		}
		if at := h.clock.When(w.now, time.Duration(s.when)); at < it.at {
			it.at, moved = at, true
		}
	}
	if moved {
		w.queue.rebuild()
	}
}

// bootClock is what a clock does when its node starts.
func (w *World) bootClock(h *host) {
	h.clock.Boot(w.now)
	k := &h.keeping
	if !k.dead || w.now == 0 {
		return
	}
	if k.strobe != nil {
		k.strobe.out = false // the jump that is to be taken back is gone
	}
	w.faults[fault.Resets]++
	h.clock.Reset(w.now, k.began)
	l := fault.Line{Verb: fault.Reset, Node: string(h.id)}
	w.emit(Faulted, h, nil, l, hashLine(&l), 0, "")
}

// doubted counts a reading whose interval does not contain true time.
func (h *host) doubted(r clock.Reading) {
	truth := time.Duration(h.here())
	if earliest, latest := r.Interval(); truth < earliest || truth > latest {
		h.w.faults[fault.BrokenBounds]++
	}
}

// A round is a fault that comes again and again.
type round struct {
	line fault.Line
	host *host
	left int64  // how many times it is still to come
	out  bool   // strobe: the wall clock has jumped, and not back; loop: the node has crashed by it
	link uint32 // its place in World.rounds, from 1
}

// again lets a round go on after a while, unless faults have ended by then.
func (w *World) again(r *round, after time.Duration) {
	at := w.now.Add(after)
	if at >= w.settle {
		return
	}
	if r.link == 0 {
		w.rounds = append(w.rounds, r)
		r.link = uint32(len(w.rounds))
	}
	w.due(dueRound, at, classFault, nil).link = r.link
}

// turn is when a round comes again.
func (w *World) turn(r *round) {
	if r.line.Verb == fault.Strobe {
		w.jump(r)
		return
	}
	w.crashAgain(r)
}

// strobe begins to strobe a clock. A strobe takes the place of one that is on.
func (w *World) strobe(h *host, l *fault.Line) {
	w.endStrobe(h)
	if l.Time == 0 {
		return
	}
	w.faults[fault.Strobes]++
	h.keeping.strobe = &round{line: *l, host: h, left: l.Amount}
	w.jump(h.keeping.strobe)
}

// jump lets a strobed wall clock jump, and back the next time.
func (w *World) jump(r *round) {
	if r.host.keeping.strobe != r {
		return
	}
	if r.out {
		r.out = false
		r.left--
		r.host.clock.Step(-r.line.Time)
		if r.left == 0 {
			return
		}
	} else {
		r.out = true
		r.host.clock.Step(r.line.Time)
	}
	w.again(r, r.line.Span)
}

// endStrobe ends a strobe, and takes its latest jump back.
func (w *World) endStrobe(h *host) {
	if r := h.keeping.strobe; r != nil && r.out {
		h.clock.Step(-r.line.Time)
	}
	h.keeping.strobe = nil
}

// calmClock ends what is under way with a clock when faults end. It does not set it right: what it is wrong by stays.
func (w *World) calmClock(h *host) {
	w.endStrobe(h)
	h.clock.EndSmear(h.here())
	h.keeping.dead, h.keeping.broken = false, false
	h.clock.SetUncertainty(h.keeping.doubt, false)
}
