package sim

import (
	"fmt"
	"runtime/debug"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// A slot is something that will happen at the instant of its item in the queue.
type slot struct {
	kind    due
	tied    bool // tie is known
	tie     uint32
	next    int32 // of the free slots
	line    int32 // dueFault: of World.timed
	host    *host
	from    *host
	flow    *flow
	info    *typeInfo
	msg     Message
	n       uint64 // dueMessage: its number in the flow; dueTimer: its number among the host's
	content uint64
	cause   uint64
	life    uint64
	sent    clock.Time
	mono    time.Duration // dueTimer: what the clock must show
	op      disk.Op       // dueSync
	issued  uint64        // dueSync
}

// slot returns a free slot.
func (w *World) slot() int32 {
	if w.spare < 0 {
		w.slots = append(w.slots, slot{})
		return int32(len(w.slots) - 1)
	}
	ref := w.spare
	w.spare = w.slots[ref].next
	return ref
}

// release frees a slot.
func (w *World) release(ref int32) {
	s := &w.slots[ref]
	s.kind, s.tied, s.msg, s.next = dueFree, false, nil, w.spare
	w.spare = ref
}

// drive runs the world until d, until nothing is left to do, or until the judge has seen enough.
func (w *World) drive(d time.Duration, yield func(*Event) bool) {
	if w.verdict != nil || w.stopped {
		panic("sim: the world has already run: make a new one")
	}
	if d > 0 {
		w.end = clock.Time(d)
	}
	w.yield = yield
	defer w.Close()
	for !w.loop() {
	}
	w.yield = nil
	w.conclude()
}

// loop makes things happen until the run is over, and then returns true; false after a node's panic.
func (w *World) loop() (over bool) {
	defer func() {
		if w.running == nil || w.watching {
			return // not a node's panic: let it pass
		}
		if v := recover(); v != nil {
			w.panicked(v, string(debug.Stack()))
		}
	}()
	for !w.stopped && len(w.queue.items) > 0 && w.queue.items[0].at <= w.end {
		it := w.queue.pop()
		w.now = it.at
		w.step(it.ref)
	}
	if !w.stopped {
		w.now = w.end
	}
	return true
}

func (w *World) step(ref int32) {
	s := &w.slots[ref]
	h := s.host
	switch s.kind {
	case dueMessage:
		if s.flow.net.Link().Cut() {
			w.faults[fault.CutOff]++
			w.drop(ref, "cut")
			return
		}
		w.arrive(h, ref)
	case dueTimer:
		w.ring(h, ref)
	case dueEffects:
		live := s.life == h.life && h.up
		w.release(ref)
		if live {
			h.happen()
		}
	case dueSync:
		w.synced(h, ref)
	case dueWake:
		live := s.life == h.life && h.up
		w.release(ref)
		if live {
			w.wake(h)
		}
	case dueStart:
		w.release(ref)
		w.start(h, 0)
	case dueFault:
		line := w.timed[s.line]
		w.release(ref)
		w.apply(line)
	case dueSettle:
		w.release(ref)
		w.settleDown()
	}
}

// emit records that something happened: in the hash, to the properties and to whoever drives the run.
func (w *World) emit(k Kind, h *host, peer *host, data any, body uint64, cause uint64, reason string) uint64 {
	w.seq++
	var node, other uint64
	if h != nil {
		node = h.word.Hash()
	}
	if peer != nil {
		other = peer.word.Hash()
	}
	w.hash = chance.Mix(w.hash^body, uint64(w.now)<<4|uint64(k), node^cause*0x9e3779b97f4a7c15^other<<17^other>>47)
	watchers := w.judge.watchers[k]
	if len(watchers) == 0 && w.yield == nil {
		return w.seq
	}
	e := &w.event
	e.Seq, e.Cause, e.At, e.Kind, e.Data, e.Reason, e.Node, e.Peer = w.seq, cause, w.now, k, data, reason, "", ""
	if h != nil {
		e.Node = h.id
	}
	if peer != nil {
		e.Peer = peer.id
	}
	seq := w.seq
	w.watching = true
	w.judge.observe(watchers, e)
	if w.yield != nil && !w.stopped && !w.yield(e) {
		w.yield = nil
		w.stopped = true
	}
	w.watching = false
	return seq
}

// leave lets a message go: from here on it is the network's.
func (w *World) leave(h *host, f *flow, m Message, content, cause uint64) {
	w.sent++
	seq := w.emit(Sent, h, f.to, m, f.info.hash^content, cause, "")
	if f.info.backed {
		w.judge.backed(h, f.info, m.(Backed), seq)
	}
	size := 100
	if f.info.sizer {
		size = m.(sizer).Size()
	}
	fate := f.net.Send(&w.chance, w.now, size)
	if fate.Why != net.Arrived {
		w.lost(h, f, m, content, seq, fate.Why)
		return
	}
	if fate.Lingers {
		w.faults[fault.Lingering]++
	}
	if fate.Overtook {
		w.faults[fault.Reorders]++
	}
	w.carry(h, f, m, content, seq, fate.At, f.net.Sent())
	if fate.Again != 0 {
		w.faults[fault.Duplicates]++
		w.carry(h, f, m, content, seq, fate.Again, f.net.Sent()|1<<63)
	}
}

func (w *World) carry(h *host, f *flow, m Message, content, cause uint64, at clock.Time, n uint64) {
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.host, s.from, s.flow, s.info, s.msg = dueMessage, f.to, h, f, f.info, m
	s.n, s.content, s.cause, s.sent = n, content, cause, w.now
	w.queue.push(at, classArrive, ref)
}

func (w *World) lost(h *host, f *flow, m Message, content, cause uint64, why net.Why) {
	reason := "loss"
	switch why {
	case net.Cut:
		reason = "cut"
		w.faults[fault.CutOff]++
	case net.Planned:
		reason = "planned"
		w.faults[fault.Losses]++
	default:
		w.faults[fault.Losses]++
	}
	w.emit(Dropped, f.to, h, m, f.info.hash^content, cause, reason)
}

// drop ends the way of a message that does not arrive.
func (w *World) drop(ref int32, reason string) {
	s := &w.slots[ref]
	if s.kind == dueMessage {
		h, from, m, body, cause := s.host, s.from, s.msg, s.info.hash^s.content, s.cause
		w.release(ref)
		w.emit(Dropped, h, from, m, body, cause, reason)
		return
	}
	w.release(ref)
}

// arrive handles a message or a timer, or lets it wait until the node is free.
func (w *World) arrive(h *host, ref int32) {
	if !h.up {
		w.drop(ref, "down")
		return
	}
	if h.busy > w.now || h.paused || h.oldest < len(h.inbox) {
		h.inbox = append(h.inbox, ref)
		w.wakeLater(h)
		return
	}
	w.handle(h, ref)
}

// wakeLater puts a wake-up into the queue for when the node is free, unless there is one.
func (w *World) wakeLater(h *host) {
	if h.awake || h.paused || h.oldest == len(h.inbox) {
		return
	}
	h.awake = true
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.host, s.life = dueWake, h, h.life
	w.queue.push(max(h.busy, w.now), classArrive, ref)
}

// wake handles the oldest arrival that waits.
func (w *World) wake(h *host) {
	h.awake = false
	if h.busy <= w.now && !h.paused && h.oldest < len(h.inbox) {
		ref := h.inbox[h.oldest]
		if h.oldest++; h.oldest == len(h.inbox) {
			h.inbox, h.oldest = h.inbox[:0], 0
		}
		w.handle(h, ref)
	}
	if h.up {
		w.wakeLater(h)
	}
}

// handle gives a message or a timer to its node.
func (w *World) handle(h *host, ref int32) {
	s := &w.slots[ref]
	m, from, kind, sent := s.msg, h, TimerFired, w.now
	body := s.info.hash ^ s.content
	if s.kind == dueMessage {
		from, kind, sent = s.from, Delivered, s.sent
	}
	w.unchanged(from, s.info, m, s.content, "sent")
	cause := s.cause
	w.release(ref)
	peer := from
	if kind == TimerFired {
		peer = nil
	}
	life := h.life
	h.cause = w.emit(kind, h, peer, m, body, cause, "")
	if h.life != life || !h.up {
		return
	}
	w.call(h, from, m)
	if max(h.busy, w.now).Sub(sent) > fault.Bound {
		w.late++
	}
}

// call runs the node's code: Start if m is nil.
func (w *World) call(h *host, from *host, m Message) {
	if h.slow > 1 {
		h.busy = w.now.Add(h.cost(handlerTime))
		h.diskFree = max(h.diskFree, h.busy)
	}
	if w.cfg.CheckClones {
		w.judge.copied(h)
	}
	w.running = h
	if m == nil {
		h.node.Start(h)
	} else {
		h.node.Handle(h, from.id, m)
	}
	w.running = nil
	if h.inert {
		return
	}
	if h.script != nil && h.script.finished && !h.script.told {
		h.script.told = true
		w.emit(Exited, h, nil, nil, 0, h.cause, "")
	}
	if w.cfg.CheckClones {
		w.judge.uncopied(h)
	}
	if h.invariant != nil {
		w.judge.invariant(h)
	}
}

// handlerTime is what a handler of a slow node takes, times its factor. Nodes that are not slow handle messages in no time.
const handlerTime = 20 * time.Microsecond

// unchanged panics if what was sent or noted is no longer what it was.
func (w *World) unchanged(h *host, info *typeInfo, v any, content uint64, verb string) {
	if w.content(info, v) != content {
		w.judge.changed(h, fmt.Sprintf("%s changed a %s after it had been %s: %v", h.id, info.word, verb, v))
	}
}

// setTimer sends a message to the node's future self.
func (w *World) setTimer(h *host, info *typeInfo, d time.Duration, m Message, content, cause uint64) {
	seq := w.emit(TimerSet, h, nil, m, info.hash^content, cause, "")
	if !h.up {
		return
	}
	h.timers++
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.host, s.info, s.msg, s.n, s.content, s.cause, s.life = dueTimer, h, info, m, h.timers, content, seq, h.life
	s.mono = h.clock.Deadline(w.now, d)
	w.await(h, ref)
}

// await queues a timer for when the node's clock will show its time.
func (w *World) await(h *host, ref int32) {
	at := h.clock.When(w.now, w.slots[ref].mono)
	if at == clock.Never {
		h.frozen = append(h.frozen, ref)
		return
	}
	w.queue.push(at, classArrive, ref)
}

// ring lets a timer go off, if its life goes on and its clock agrees.
func (w *World) ring(h *host, ref int32) {
	s := &w.slots[ref]
	if s.life != h.life || !h.up {
		w.release(ref)
		return
	}
	if h.clock.When(w.now, s.mono) > w.now {
		w.await(h, ref)
		return
	}
	w.arrive(h, ref)
}

// synced ends a sync that did not hold the node up.
func (w *World) synced(h *host, ref int32) {
	s := &w.slots[ref]
	if s.life != h.life || !h.up {
		w.release(ref)
		return
	}
	h.disk.Happened(s.issued)
	w.diskDone(h, &s.op, 0, s.cause)
	s = &w.slots[ref]
	if s.op.Err != nil || s.life != h.life || !h.up {
		w.release(ref)
		return
	}
	s.kind, s.cause, s.mono = dueTimer, h.lastDisk, 0
	w.arrive(h, ref)
}

// note tells a fact to the observers.
func (w *World) note(h *host, info *typeInfo, fact any, content, cause uint64) {
	if info.sometimes >= 0 {
		w.reached |= 1 << info.sometimes
	}
	w.emit(Noted, h, nil, fact, info.hash^content, cause, "")
	w.judge.finish()
}

// diskDone records an operation of the node's disk.
func (w *World) diskDone(h *host, op *disk.Op, sum, cause uint64) {
	body := chance.Mix(uint64(op.Kind)^sum, uint64(op.Off), uint64(op.Len))
	if op.Err != nil {
		body++
	}
	w.op = *op // one for all, so that none escapes
	h.lastDisk = w.emit(DiskDone, h, nil, &w.op, body, cause, "")
}
