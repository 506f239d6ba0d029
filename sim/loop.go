package sim

import (
	"fmt"
	"math"
	"math/bits"
	"runtime/debug"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// A slot is something that will happen at the instant of its item in the queue. It fills one line of the cache, since a
// busy world holds many.
type slot struct {
	flow    *flow // whose message; of all but messages, the host's flow to itself with the right type
	msg     Message
	n       uint64 // of a message, its number in its flow; of the others life<<32, and of timers their number too
	content uint64
	cause   uint64
	when    int64  // of a message, when it was sent; of a timer, what the clock must show
	link    uint32 // of a free slot, the next free one; of a fault, its place in World.timed; else the rank in a tie, if tied
	kind    due
	tied    bool
	odd     oddity // of a message
}

// life is the life of the host that all but messages belong to.
func (s *slot) life() uint64 { return s.n >> 32 }

// slot returns a free slot.
func (w *World) slot() int32 {
	if w.spare < 0 {
		w.slots = append(w.slots, slot{})
		return int32(len(w.slots) - 1)
	}
	ref := w.spare
	w.spare = int32(w.slots[ref].link)
	return ref
}

// release frees a slot.
func (w *World) release(ref int32) {
	s := &w.slots[ref]
	s.kind, s.tied, s.odd, s.msg, s.link = dueFree, false, 0, nil, uint32(w.spare)
	w.spare = ref
}

// drive runs the world until d, until nothing is left to do, or until the judge has seen enough.
func (w *World) drive(d time.Duration, yield func(*Event) bool) {
	if w.driven || w.verdict != nil || w.stopped {
		panic("sim: the world has already run: make a new one")
	}
	w.driven = true
	if d > 0 {
		w.end = clock.Time(d)
	}
	w.yield = yield
	defer w.Close()
	for !w.loop() {
	}
	w.yield = nil
	w.Verdict()
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
		if it.at > w.now {
			w.now, w.still = it.at, 0
		} else if w.still++; w.still > mostAtOnce {
			w.judge.stoodStill()
			break
		}
		w.step(it.ref)
		if w.keeper != nil && len(w.keeper.kept) > 0 {
			w.reconsider()
		}
	}
	if !w.stopped {
		w.now = w.end
	}
	return true
}

// mostAtOnce is how many things may happen at one instant before the run is taken for one that will never get on.
const mostAtOnce = 1_000_000

func (w *World) step(ref int32) {
	s := &w.slots[ref]
	switch s.kind {
	case dueMessage:
		if s.odd&withheld != 0 {
			w.keeper.forget(ref)
		}
		if l, sent := s.flow.net.Link(), clock.Time(s.when); l.Stops(sent) {
			w.drop(ref, w.count(l.Why(sent)))
			return
		}
		if h := s.flow.to; h.omitsReceived > 0 && w.omitsToReceive(h, s, ref) {
			return
		}
		w.arrive(s.flow.to, ref)
	case dueFault:
		line, place := w.timed[s.link], int(s.n)-1
		w.release(ref)
		w.strike(line, place)
	case dueSettle:
		w.release(ref)
		w.settleDown()
	case dueTick:
		w.release(ref)
		w.tick()
	case dueOutage:
		i := int(s.link)
		w.release(ref)
		w.swing(i)
	case dueStart:
		h := s.flow.to
		if w.release(ref); h.life == 0 && !h.broken {
			w.start(h, 0)
		}
	case dueRound:
		r := w.rounds[s.link-1]
		w.release(ref)
		w.turn(r)
	default:
		h := s.flow.to
		if s.life() != h.life || !h.up { // of an earlier life
			w.release(ref)
			return
		}
		w.stepHost(h, s.kind, ref)
	}
}

func (w *World) stepHost(h *host, kind due, ref int32) {
	if h.suspended && (kind == dueEffects || kind == dueSync) {
		h.held = append(h.held, overdue{ref, w.now})
		return
	}
	switch kind {
	case dueTimer:
		w.ring(h, ref)
	case dueEffects:
		w.release(ref)
		h.happen()
	case dueSync:
		w.synced(h, ref)
	case dueWake:
		w.release(ref)
		w.wake(h)
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
	if !w.cfg.Unguarded {
		w.hash = chance.Fold(chance.Fold(w.hash^body, uint64(w.now)<<4|uint64(k)), node^cause^bits.RotateLeft64(other, 17))
		if w.seq == w.guard.next {
			w.guard.mark(w.hash)
		}
	}
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
	if w.yield != nil && !w.yield(e) {
		w.yield = nil
		w.stopped = true
	}
	w.watching = false
	return seq
}

// leave lets a message go: from here on it is the network's.
func (w *World) leave(h *host, f *flow, m Message, content, cause uint64) {
	w.sent++
	seq := w.emit(Sent, h, f.to, m, f.info.hash^content, cause, h.mark())
	if f.info.backed && h.treason == nil {
		w.judge.backed(h, f.info, m.(Backed), seq)
	}
	if w.ticks != nil && w.hold(f, m, content, seq) {
		return
	}
	size := 100
	if f.info.sizer {
		size = m.(sizer).Size()
	}
	fate := f.net.Send(&w.chance, w.now, size)
	if h.omitsSent > 0 && w.omitsToSend(h, f, m, content, seq) {
		return
	}
	if fate.Why != net.Arrived {
		w.lost(h, f, m, content, seq, fate.Why)
		return
	}
	counts := !w.cfg.Unguarded
	if fate.Lingers && counts {
		w.faults[fault.Lingering]++
	}
	if fate.Overtook && counts {
		w.faults[fault.Reorders]++
	}
	if fate.Garbled || fate.Stale {
		w.mar(f, m, content, seq, &fate)
	} else {
		w.carry(f, m, content, seq, fate.At, f.net.Sent())
	}
	if fate.Again != 0 {
		w.faults[fault.Duplicates]++
		w.carry(f, m, content, seq, fate.Again, f.net.Sent()|1<<63)
	}
}

// carry puts a message under way.
func (w *World) carry(f *flow, m Message, content, cause uint64, at clock.Time, n uint64) {
	w.queue.push(at, classArrive, w.launch(f, m, content, cause, n))
}

// launch returns a slot with a message that is sent now.
func (w *World) launch(f *flow, m Message, content, cause uint64, n uint64) int32 {
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.flow, s.msg, s.n, s.content, s.cause, s.when = dueMessage, f, m, n, content, cause, int64(w.now)
	return ref
}

func (w *World) lost(h *host, f *flow, m Message, content, cause uint64, why net.Why) {
	w.emit(Dropped, f.to, h, m, f.info.hash^content, cause, w.count(why))
}

// losses are what the loss of a message counts as, and the reason that its event gives.
var losses = [...]struct {
	kind   fault.Kind
	reason string
}{
	net.Lost:      {fault.Losses, "loss"},
	net.Cut:       {fault.CutOff, "cut"},
	net.Planned:   {fault.Losses, "planned"},
	net.Corrupted: {fault.Corruptions, "corrupt"},
	net.Overflow:  {fault.Overflows, "overflow"},
	net.Broken:    {fault.Breaks, "broken"},
}

// count counts a message that is lost, and returns the reason.
func (w *World) count(why net.Why) (reason string) {
	w.faults[losses[why].kind]++
	return losses[why].reason
}

// drop ends the way of a message that does not arrive.
func (w *World) drop(ref int32, reason string) {
	s := &w.slots[ref]
	if s.kind == dueMessage {
		f, m, body, cause := s.flow, s.msg, s.flow.info.hash^s.content, s.cause
		w.release(ref)
		w.emit(Dropped, f.to, f.from, m, body, cause, reason)
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
	w.slots[ref].kind, w.slots[ref].flow, w.slots[ref].n = dueWake, h.self, h.life<<32
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
	if w.keeper != nil && s.kind == dueMessage && w.keeps(ref) {
		return
	}
	f, m, cause, body := s.flow, s.msg, s.cause, s.flow.info.hash^s.content
	kind, peer, sent := TimerFired, (*host)(nil), w.now
	if s.kind == dueMessage {
		kind, peer, sent = Delivered, f.from, clock.Time(s.when)
	}
	w.unchanged(f.from, f.info, m, s.content, "sent")
	reason := ""
	if s.odd != 0 {
		reason = w.arrived(s.odd)
	}
	w.release(ref)
	h.cause = w.emit(kind, h, peer, m, body, cause, reason)
	if w.cfg.Situations != nil {
		w.cfg.Situations.enter(h, f.info, m)
	}
	w.call(h, f.from, m)
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
	w.running, h.asker = h, from
	if h.treason != nil {
		h.treason.call(h.node, h, nameOf(from), m)
	} else if m == nil {
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
	if h.invariant != nil && h.treason == nil {
		w.judge.invariant(h)
	}
}

// handlerTime is what a handler of a slow node takes, times its factor. Nodes that are not slow handle messages in no
// time.
const handlerTime = 20 * time.Microsecond

// unchanged panics if what was sent or noted is no longer what it was.
func (w *World) unchanged(h *host, info *typeInfo, v any, content uint64, verb string) {
	if info.shared && w.content(info, v) != content {
		w.judge.changed(h, fmt.Sprintf("%s changed a %s after it had been %s: %v", h.id, info.word, verb, v))
	}
}

// setTimer sends a message to the node's future self.
func (w *World) setTimer(h *host, f *flow, d time.Duration, m Message, content, cause uint64) {
	seq := w.emit(TimerSet, h, nil, m, f.info.hash^content, cause, "")
	h.timers++
	ref := w.slot()
	s := &w.slots[ref]
	s.kind, s.flow, s.msg, s.n, s.content, s.cause = dueTimer, f, m, h.life<<32|h.timers&math.MaxUint32, content, seq
	s.when = int64(h.clock.Deadline(w.now, d))
	w.await(h, ref)
}

// await queues a timer for when the node's clock will show its time.
func (w *World) await(h *host, ref int32) {
	at := h.clock.When(w.now, time.Duration(w.slots[ref].when))
	if at == clock.Never {
		h.frozen = append(h.frozen, ref)
		return
	}
	w.queue.push(at, classArrive, ref)
}

// ring lets a timer go off, if the node's clock agrees.
func (w *World) ring(h *host, ref int32) {
	if h.clock.When(w.now, time.Duration(w.slots[ref].when)) > w.now {
		w.await(h, ref)
		return
	}
	w.arrive(h, ref)
}

// synced ends the oldest sync that did not hold the node up.
func (w *World) synced(h *host, ref int32) {
	x := h.syncing[0]
	h.syncing = h.syncing[1:]
	h.disk.Happened(x.issued)
	cause := w.slots[ref].cause
	if cause == byDisk {
		cause = h.lastDisk
	}
	w.diskDone(h, &x.op, 0, cause)
	if x.op.Err != nil {
		w.release(ref)
		return
	}
	w.slots[ref].kind, w.slots[ref].cause = dueTimer, h.lastDisk
	w.arrive(h, ref)
}

// note tells a fact to the observers.
func (w *World) note(h *host, info *typeInfo, fact any, content, cause uint64) {
	if h.treason != nil {
		w.rumour(h, fact, info.hash^content, cause)
		w.noted(h, info)
		return
	}
	if info.sometimes >= 0 {
		w.reached |= 1 << info.sometimes
	}
	w.emit(Noted, h, nil, fact, info.hash^content, cause, "")
	w.judge.finish()
	w.noted(h, info)
}

// diskDone records an operation of the node's disk.
func (w *World) diskDone(h *host, op *disk.Op, sum, cause uint64) {
	body := chance.Mix(uint64(op.Kind)^sum, uint64(op.Off), uint64(op.Len))
	if op.Err != nil {
		body++
	}
	w.op = *op // one for all, so that none escapes
	h.lastDisk = w.emit(DiskDone, h, nil, &w.op, body, cause, "")
	w.op.Bytes = nil
	if w.aims.any {
		w.operated(h, op.Kind)
	}
}
