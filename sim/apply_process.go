package sim

import (
	"fmt"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// What a plan does to nodes. What is already so stays so:
//
//	             up                  paused          down                       not started yet
//	crash, loop  it crashes          it crashes      stays down, also for good  starts late, or never
//	restart      -                   -               it starts                  -
//	pause        it stands still     -, or the clock -                          -
//	resume       -                   it goes on      -                          -
//	wipe         it crashes          it crashes      stays down                 starts late
//	swap         it crashes          it crashes      stays down                 starts late, with the other disk
//	omit, slow   from now on, over all lives

// processFault changes how a node goes on, at the start or at a time.
func (w *World) processFault(h *host, l *fault.Line) bool {
	switch l.Verb {
	case fault.Crash:
		w.fell(h, l.Time, l.Good)
		return false
	case fault.Loop:
		if h.broken {
			return false
		}
		w.crashAgain(&round{line: *l, host: h, left: l.Amount})
	case fault.Restart:
		if !h.up && !h.broken && h.life > 0 {
			w.faults[fault.Restarts]++
			w.start(h, 0)
		}
		return false
	case fault.Pause:
		if !h.up {
			return false
		}
		w.pause(h, l)
	case fault.Resume:
		if !h.up {
			return false
		}
		w.resume(h)
	case fault.Wipe:
		w.wipe(h)
	case fault.Swap:
		return w.swap(h, l)
	case fault.Betray:
		h.betray(l.Mode, l.Amount)
	default:
		h.weaken(l)
	}
	return true
}

// weaken changes what a node is like from now on, in this life and all others.
func (h *host) weaken(l *fault.Line) {
	switch l.Verb {
	case fault.Slow:
		if l.Amount > 1 {
			h.w.faults[fault.Slowness]++
		}
		h.slow = uint64(l.Amount)
	case fault.Omit:
		if l.Mode == "send" {
			h.omitsSent = uint32(l.Amount)
		} else {
			h.omitsReceived = uint32(l.Amount)
		}
	}
}

// fell makes a node crash, for a while, for good, or until it is restarted if down is 0.
func (w *World) fell(h *host, down time.Duration, good bool) {
	if h.up {
		h.down, h.doomed = down, good
		w.crash(h, 0)
	} else if good { // it is down already, and stays so
		h.broken = true
	}
}

// crashAgain is one round of a crash loop. A node that is down when its turn comes, for some other reason, is left alone.
func (w *World) crashAgain(r *round) {
	h, l := r.host, &r.line
	if h.broken {
		return
	}
	if h.up && (r.left == l.Amount || w.affordsDown(h)) {
		if !r.out {
			w.faults[fault.Loops]++
		}
		r.out = true
		w.fell(h, l.Time, false)
	}
	if r.left--; r.left > 0 {
		w.again(r, 2*l.Time)
	}
}

// wipe replaces a node's disk by an empty one. It stays down until it is restarted.
func (w *World) wipe(h *host) {
	w.fell(h, 0, false)
	w.faults[fault.Wipes]++
	h.spin()
	h.disk.Wipe()
	h.hurt = true
}

// spin sees to it that there is a disk: a node that has not started yet may have none.
func (h *host) spin() {
	if h.disk == nil {
		h.disk = disk.New()
	}
}

// swap exchanges the disks of two nodes, which stay down until they are restarted. Each crash costs what was not synced.
func (w *World) swap(h *host, l *fault.Line) bool {
	others := w.meant(l.Other)
	if len(others) != 1 || others[0] == h {
		return false
	}
	o := others[0]
	w.fell(h, 0, false)
	w.fell(o, 0, false)
	w.faults[fault.Swaps]++
	h.spin()
	o.spin()
	h.disk.Swap(o.disk)
	h.hurt, o.hurt = true, true
	return true
}

// postponeStarts finds out which nodes start late.
func (w *World) postponeStarts() {
	for i := range w.plan {
		if l := &w.plan[i]; l.Verb == fault.Start {
			for _, h := range w.meant(l.Node) {
				h.begins = clock.Time(l.Time)
			}
		}
	}
}

// An omission is decided by a pick that is keyed by the node, the other end, the stream and the number of the message in it;
// for a second copy it is another one. What is omitted is lost at the very end it is omitted at, so that all other messages
// fare as they do without: on its way it took its place in the line.

// omitsToSend decides whether a node forgets to send a message, and if so the message is lost.
func (w *World) omitsToSend(h *host, f *flow, m Message, content, cause uint64) bool {
	w.stream = chance.Combine(wordOmitSend, h.word, f.to.word, f.word)
	if !w.chance.Chance(&w.stream, f.net.Sent(), h.omitsSent) {
		return false
	}
	w.faults[fault.SendOmissions]++
	w.emit(Dropped, f.to, h, m, f.info.hash^content, cause, "omitted")
	return true
}

// omitsToReceive decides whether a node that is up forgets to receive a message, and if so the message is lost.
func (w *World) omitsToReceive(h *host, s *slot, ref int32) bool {
	w.stream = chance.Combine(wordOmitReceive, h.word, s.flow.from.word, s.flow.word)
	if !h.up || !w.chance.Chance(&w.stream, s.n, h.omitsReceived) {
		return false
	}
	w.faults[fault.ReceiveOmissions]++
	w.drop(ref, "omitted")
	return true
}

var (
	wordOmitSend    = chance.NewWord("omit-send")
	wordOmitReceive = chance.NewWord("omit-receive")
)

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
	if h.suspended = false; !h.keeping.stands { // the machine that boots next is not suspended
		h.clock.Thaw(w.now)
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
	h.spin()
	if h.script != nil {
		h.script.unwind()
	}
	if h.life++; h.life == 1 && w.now > 0 {
		w.faults[fault.LateStarts]++
	}
	w.bootClock(h)
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
	if w.cfg.Situations != nil {
		w.cfg.Situations.born(h)
	}
	w.returnStale(h)
	h.cause = w.emit(Started, h, nil, h.life, h.life, cause, "")
	w.call(h, nil, nil)
}
