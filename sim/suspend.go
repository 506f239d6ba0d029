package sim

import (
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A node that is paused handles nothing, as in a long garbage collection of a runtime that stops what waits for its turn: its clock goes
// on, timers that come due wait in line with what others send, and what it had set under way happens.
//
// A node that is suspended is a virtual machine that its host has stopped between two instructions: its clock stands, and so does
// all that it had set under way, which happens that much later when it is resumed. What arrives meanwhile waits.

// An overdue is something that a node had set under way, and that came due while the node was suspended.
type overdue struct {
	ref int32
	at  clock.Time
}

// pause stops a node, or also the clock of one that is paused already.
func (w *World) pause(h *host, l *fault.Line) {
	if l.Mode != "" && !h.suspended {
		w.faults[fault.Suspensions]++
		h.suspended, h.asleep, h.stood = true, w.now, h.keeping.stands
		if !h.stood {
			h.clock.Freeze(w.now)
		}
		if w.running == h { // by a line that was aimed: what its code does next is under way already
			h.busy = max(h.busy, w.now+1)
		}
	} else if !h.paused {
		w.faults[fault.Pauses]++
	}
	h.paused = true
}

// resume lets a node go on that was paused or suspended.
func (w *World) resume(h *host) {
	if h.suspended {
		w.awaken(h)
	}
	h.paused = false
	w.wakeLater(h)
}

// awaken ends a suspension: the clock goes on unless a line stopped it, and all that the node had set under way is late.
func (w *World) awaken(h *host) {
	late := w.now.Sub(h.asleep)
	moved := func(t *clock.Time) {
		if *t >= h.asleep {
			*t = t.Add(late)
		}
	}
	for i := range w.queue.items {
		it := &w.queue.items[i]
		if s := &w.slots[it.ref]; (s.kind == dueEffects || s.kind == dueSync) && s.flow.to == h && s.life() == h.life {
			moved(&it.at)
		}
	}
	w.queue.rebuild()
	for _, x := range h.held {
		w.queue.push(x.at.Add(late), classEffect, x.ref)
	}
	h.held = h.held[:0]
	for i := h.first; i < len(h.pending); i++ {
		moved(&h.pending[i].at)
	}
	for _, list := range [...][]operation{h.ops[h.firstOp:], h.syncing} {
		for i := range list {
			moved(&list[i].begun)
		}
	}
	if h.first < len(h.pending) { // the first of them may have lost its place in the queue, when a line was aimed between two
		ref := w.slot()
		s := &w.slots[ref]
		s.kind, s.flow, s.n = dueEffects, h.self, h.life<<32
		w.queue.push(h.pending[h.first].at, classEffect, ref)
	}
	moved(&h.busy)
	moved(&h.diskFree)
	w.wind(h)
}

// wind lets the clock of a host that is no longer suspended go on, or stand where a line has stopped it meanwhile.
func (w *World) wind(h *host) {
	h.suspended = false
	if !h.stood || !h.keeping.stands {
		h.clock.Thaw(w.now)
	}
	if !h.stood && h.keeping.stands { // what the node has read of it for what it does stays true
		h.clock.Freeze(h.here())
	}
	w.rouse(h)
}
