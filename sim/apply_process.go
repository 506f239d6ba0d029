package sim

import (
	"fmt"

	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

var unbuiltProcess = []fault.Verb{fault.Loop, fault.Wipe, fault.Swap, fault.Omit, fault.Start}

// processFault changes how a node goes on, at the start or at a time.
func (w *World) processFault(h *host, l *fault.Line) bool {
	switch l.Verb {
	case fault.Crash:
		if h.up {
			h.down, h.doomed = l.Time, l.Good
			w.crash(h, 0)
		} else if l.Good { // it is down already, and stays so
			h.broken = true
		}
		return false
	case fault.Restart:
		if !h.up && !h.broken {
			w.faults[fault.Restarts]++
			w.start(h, 0)
		}
		return false
	case fault.Slow:
		if l.Amount > 1 {
			w.faults[fault.Slowness]++
		}
		h.slow = uint64(l.Amount)
		return true
	case fault.Betray:
		h.betray(l.Mode, l.Amount)
		return true
	case fault.Pause:
		if !h.up {
			return false
		}
		if !h.paused {
			w.faults[fault.Pauses]++
		}
		h.paused = true
	case fault.Resume:
		if !h.up {
			return false
		}
		h.paused = false
		w.wakeLater(h)
	}
	return true
}

// crash ends a life at once: what the node had set under way and had not happened never does, and its disk forgets.
func (w *World) crash(h *host, cause uint64) {
	w.faults[fault.Crashes]++
	h.up, h.inert, h.since = false, true, w.now
	h.crashes++
	if back := w.now.Add(h.down); h.down > 0 && back < w.settle && !h.doomed {
		w.later(fault.Line{Verb: fault.Restart, At: back, Node: string(h.id)})
	}
	h.broken = h.broken || h.doomed
	h.down, h.doomed = 0, false
	h.underWay()
	loss := h.disk.Crash(&w.chance, h.word, h.crashes, unsyncedModes[w.unsynced])
	if loss.Bytes > 0 {
		w.faults[fault.LostBytes]++
	}
	if loss.Torn > 0 {
		w.faults[fault.TornWrites]++
	}
	w.emit(Crashed, h, nil, &loss, chance.Mix(uint64(loss.Bytes), uint64(loss.Torn), uint64(loss.Names)), cause, "")
	h.forget()
	if h.script != nil && w.running != h {
		h.script.unwind()
	}
	if w.running != h {
		h.node, h.script, h.invariant, h.shadow = nil, nil, nil, nil
	}
}

var unsyncedModes = map[string]disk.Mode{"keep": disk.Keep, "lose": disk.Lose, "mix": disk.Mix}

// start begins a life.
func (w *World) start(h *host, cause uint64) {
	if h.disk == nil {
		h.disk = disk.New()
	}
	if h.script != nil {
		h.script.unwind()
	}
	h.life++
	h.up, h.inert, h.picks = true, false, h.picks[:0]
	w.running = h // a panic in there is the node's
	h.node = h.boot()
	w.running = nil
	if h.node == nil {
		panic(fmt.Sprintf("sim: the boot function of %s returned nil", h.id))
	}
	if x, ok := h.node.(*turncoat); ok {
		h.node, h.treason = x.node, x.treason
	}
	h.script, _ = h.node.(*scripted)
	h.invariant, _ = h.node.(interface{ Invariant() error })
	h.cause = w.emit(Started, h, nil, h.life, h.life, cause, "")
	w.call(h, nil, nil)
}
