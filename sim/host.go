package sim

import (
	"fmt"
	"reflect"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// A host is a node's place in the world: it is the node's Env, and keeps what the node does not see.
type host struct {
	w     *World
	index int
	id    NodeID
	word  chance.Word
	boot  func() Node

	node      Node
	script    *scripted                      // the node, if it is a script
	invariant interface{ Invariant() error } // the node, if it has one
	shadow    Node                           // with CheckClones, the node before its latest call
	life      uint64
	up        bool
	inert     bool // nothing the node does has an effect any more: it has crashed, or will before the next effect
	paused    bool
	treason   *treason // of a Byzantine node: its Env
	lying     bool     // it is sending what it was made to say
	broken    bool     // broken for good: by a line of the plan, or left so when faults ended
	hurt      bool     // its disk was damaged, so that it need not come back
	slow      uint64

	clock   clock.Clock
	keeping keeping
	frozen  []int32 // timers that wait for the clock to thaw

	suspended     bool       // paused, and its clock with it
	stood         bool       // when it was suspended its clock stood already
	asleep        clock.Time // when it was suspended
	held          []overdue  // what came due since then
	begins        clock.Time // when it starts first
	omitsSent     uint32     // the share of its messages that it does not send, in parts per million
	omitsReceived uint32     // and of those to it that it does not receive

	disk        *disk.Disk
	files       files
	syncing     []operation   // syncs under way that do not hold the node up, oldest first
	ops         []operation   // those of the effects that are pending, oldest first
	firstOp     int           // of ops
	sync        time.Duration // how long a sync takes on average
	read, write time.Duration // how long the other operations take
	diskFree    clock.Time    // when the disk has done all it was asked to
	ailment     ailment
	crashes     uint64

	asker      *host         // whose message is handled
	latest     *host         // to whom a message was sent that was no answer
	cause      uint64        // what leads to the effects of the running call; byDisk after a disk operation that takes time
	lastDisk   uint64        // the latest disk event
	busy       clock.Time    // when the effects of past calls will all have happened
	effects    uint64        // issued so far, over all lives
	crashAfter []doom        // crashes after an effect, by effect
	down       time.Duration // how long the crash that comes next lasts, 0 if it is not known
	doomed     bool          // the crash that comes next is for good
	since      clock.Time    // when it crashed last
	pending    []effect      // issued, and still to happen
	first      int           // of pending

	stale  []int32 // messages that are held back until the node starts
	inbox  []int32 // arrivals that wait for the node to be free
	oldest int     // of inbox
	awake  bool    // a wake-up is in the queue

	posture posture // with Config.Situations

	self   *flow     // for what has no message
	flows  [][]*flow // by receiver
	picks  []pick
	timers uint64
}

// A doom is a crash after an effect, and its place in the plan.
type doom struct {
	fault.Line
	place int
}

// byDisk stands for "the disk event before it" as a cause.
const byDisk = ^uint64(0)

// A flow is the messages of one stream from one node to another, or those of one type to itself.
type flow struct {
	info     *typeInfo
	stream   string
	word     chance.Word // the stream's name, or that of the type
	net      *net.Flow
	from, to *host
}

type pick struct {
	what   string
	n      uint64
	stream chance.Stream
}

// An effect is something that a node has done and that has yet to happen.
type effect struct {
	kind    Kind // Sent, TimerSet, DiskDone, Noted, or Crashed for a crash after the effect before it
	at      clock.Time
	cause   uint64
	flow    *flow
	info    *typeInfo
	data    any
	content uint64
	delay   time.Duration
}

// An operation is one of a disk's that has been issued and has yet to happen.
type operation struct {
	op     disk.Op
	sum    uint64 // of the bytes written
	issued uint64
	begun  clock.Time // when the disk gets to it
}

var errCrashed = fmt.Errorf("sim: the node has crashed")

func (h *host) ID() NodeID { return h.id }

// here is the instant at which what the node does next takes place.
func (h *host) here() clock.Time { return max(h.w.now, h.busy) }

func (h *host) Now() clock.Reading {
	r := h.clock.Read(h.here())
	if h.keeping.broken {
		h.doubted(r)
	}
	return r
}

func (h *host) Disk() disk.FS { return &h.files }

func (h *host) Pick(what string, n int) int {
	if n < 1 {
		panic(fmt.Sprintf("sim: Pick(%q, %d): want at least 1", what, n))
	}
	for i := range h.picks {
		p := &h.picks[i]
		if p.what == what {
			p.n++
			return int(h.w.chance.Below(&p.stream, p.n, uint64(n)))
		}
	}
	words := what
	if h.life > 1 {
		words = fmt.Sprintf("%s/%d", what, h.life)
	}
	h.picks = append(h.picks, pick{what, 1, chance.Combine(wordPick, h.word, chance.Word{}, chance.NewWord(words))})
	return int(h.w.chance.Below(&h.picks[len(h.picks)-1].stream, 1, uint64(n)))
}

var (
	wordPick = chance.NewWord("pick")
	wordTie  = chance.NewWord("tie")
	wordSync = chance.NewWord("sync")
)

func (h *host) Send(to NodeID, m Message) {
	if h.inert {
		return
	}
	peer := h.asker
	if peer == nil || peer.id != to { // most messages are answers, or go where the one before went
		if peer = h.latest; peer == nil || peer.id != to {
			peer = h.w.host(to)
			h.latest = peer
		}
	}
	if peer == nil {
		panic(fmt.Sprintf("sim: %s sends %T to %q: there is no such node", h.id, m, to))
	}
	if peer == h {
		h.After(0, m)
		return
	}
	f := h.flow(peer, m)
	c := h.w.content(f.info, m)
	h.issue(Sent, f.info.hash^c, peer.word.Hash())
	if h.w.cfg.Issued != nil {
		h.told(Sent, to, m, 0)
	}
	if h.busy > h.w.now {
		h.pend(effect{kind: Sent, flow: f, info: f.info, data: m, content: c})
		return
	}
	h.w.leave(h, f, m, c, h.cause)
	h.placed()
}

// flow finds the flow that a message to a peer, or to the node itself, belongs to.
func (h *host) flow(peer *host, m Message) *flow {
	if h.flows == nil {
		h.flows = make([][]*flow, len(h.w.hosts))
	}
	t := reflect.TypeOf(m)
	known := h.flows[peer.index]
	for i, f := range known {
		if f.info.typ == t && (!f.info.streamer || f.stream == m.(streamer).Stream()) {
			if i > 0 { // what is often asked for moves to the front
				known[i], known[i-1] = known[i-1], f
			}
			return f
		}
	}
	return h.newFlow(peer, h.w.typeOf(m), m)
}

func (h *host) newFlow(peer *host, info *typeInfo, m Message) *flow {
	f := &flow{info: info, from: h, to: peer}
	word := info.word
	if info.streamer {
		f.stream = m.(streamer).Stream()
		word = chance.NewWord(f.stream)
	}
	if peer != h {
		for _, x := range h.flows[peer.index] {
			if x.word == word { // of another type: they are one stream
				f.net = x.net
			}
		}
		if f.net == nil {
			f.net = h.w.net.Flow(h.index, peer.index, word)
		}
	}
	f.word = word
	h.flows[peer.index] = append(h.flows[peer.index], f)
	return f
}

func (h *host) After(d time.Duration, m Message) {
	if h.inert {
		return
	}
	if d < 0 {
		panic(fmt.Sprintf("sim: %s sets a timer of %v: want 0 or more", h.id, d))
	}
	f := h.flow(h, m)
	c := h.w.content(f.info, m)
	h.issue(TimerSet, f.info.hash^c, uint64(d))
	if h.w.cfg.Issued != nil {
		h.told(TimerSet, "", m, d)
	}
	if h.busy > h.w.now {
		h.pend(effect{kind: TimerSet, flow: f, info: f.info, data: m, content: c, delay: d})
		return
	}
	h.w.setTimer(h, f, d, m, c, h.cause)
	h.placed()
}

func (h *host) Note(fact any) {
	if h.inert {
		return
	}
	info := h.w.typeOf(fact)
	c := h.w.content(info, fact)
	h.issue(Noted, info.hash^c, 0)
	if h.w.cfg.Issued != nil {
		h.told(Noted, "", fact, 0)
	}
	if h.busy > h.w.now {
		h.pend(effect{kind: Noted, info: info, data: fact, content: c})
		return
	}
	h.w.note(h, info, fact, c, h.cause)
	h.placed()
}

// pend puts an effect behind those that the node waits for. It happens when the node is no longer busy.
func (h *host) pend(e effect) {
	e.at = h.busy
	e.cause = h.cause
	if e.kind == DiskDone {
		h.cause = byDisk
	}
	h.queueEffect(e)
	h.counted()
}

// counted counts an effect that has yet to happen, and puts a crash behind it if the plan says so.
func (h *host) counted() {
	h.effects++
	if h.crashIsNext() {
		h.queueEffect(effect{kind: Crashed, at: h.busy})
		h.inert = true
	}
}

func (h *host) queueEffect(e effect) {
	if n := len(h.pending); n == h.first || h.pending[n-1].at != e.at {
		ref := h.w.slot()
		s := &h.w.slots[ref]
		s.kind, s.flow, s.n = dueEffects, h.self, h.life<<32
		h.w.queue.push(e.at, classEffect, ref)
	}
	h.pending = append(h.pending, e)
}

// placed counts an effect that has just happened, and crashes the node if the plan says so.
func (h *host) placed() {
	h.effects++
	if len(h.crashAfter) > 0 && h.crashIsNext() {
		h.w.crash(h, 0)
	}
}

func (h *host) crashIsNext() bool {
	for len(h.crashAfter) > 0 && h.crashAfter[0].Effect <= h.effects {
		l := h.crashAfter[0]
		h.crashAfter = h.crashAfter[1:]
		if l.Effect == h.effects && h.up && !h.w.settled && h.w.affordsDown(h) {
			h.down, h.doomed = l.Time, l.Good
			if h.w.cfg.Plan != nil { // else nobody asks
				h.w.felled = append(h.w.felled, l.place)
			}
			return true
		}
	}
	return false
}

// happen makes the effects happen whose instant has come.
func (h *host) happen() {
	w := h.w
	life := h.life
	for h.first < len(h.pending) && h.pending[h.first].at <= w.now {
		e := h.pending[h.first]
		if h.first++; h.first == len(h.pending) {
			clear(h.pending)
			h.pending, h.first = h.pending[:0], 0
		}
		if e.cause == byDisk {
			e.cause = h.lastDisk
		}
		switch e.kind {
		case Sent:
			w.leave(h, e.flow, e.data, e.content, e.cause)
		case TimerSet:
			w.setTimer(h, e.flow, e.delay, e.data, e.content, e.cause)
		case Noted:
			w.unchanged(h, e.info, e.data, e.content, "noted")
			w.note(h, e.info, e.data, e.content, e.cause)
		case DiskDone:
			x := &h.ops[h.firstOp]
			if h.firstOp++; h.firstOp == len(h.ops) {
				h.ops, h.firstOp = h.ops[:0], 0
			}
			h.disk.Happened(x.issued)
			w.diskDone(h, &x.op, x.sum, e.cause)
		case Crashed:
			w.crash(h, h.lastDisk)
		}
		if h.life != life || !h.up || h.suspended {
			return
		}
	}
}

// forget drops all that a life leaves unfinished.
func (h *host) forget() {
	for ; h.oldest < len(h.inbox); h.oldest++ {
		h.w.drop(h.inbox[h.oldest], "crash")
	}
	h.inbox, h.oldest = h.inbox[:0], 0
	for _, ref := range h.frozen {
		h.w.release(ref)
	}
	clear(h.pending)
	for _, x := range h.held {
		h.w.release(x.ref)
	}
	h.frozen, h.held, h.pending, h.first, h.syncing = h.frozen[:0], h.held[:0], h.pending[:0], 0, nil
	h.ops, h.firstOp = h.ops[:0], 0
	h.busy, h.diskFree, h.paused, h.awake = 0, 0, false, false
}

func (h *host) cost(d time.Duration) time.Duration { return d * time.Duration(max(h.slow, 1)) }
