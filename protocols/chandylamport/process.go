package chandylamport

import (
	"encoding"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// A Place says where a process stands among the others, and what it does of its own accord.
type Place struct {
	All       []sim.NodeID    // every process; the first leads recoveries
	In, Out   []sim.NodeID    // the other ends of its channels
	Snapshots int             // how many it begins, in each incarnation
	First     time.Duration   // when it begins the first; 0: drawn
	Every     time.Duration   // after what time the next; 0: drawn
	At        []time.Duration // after what time since its start it begins each, in the place of First and Every, if not nil
	Stable    *Codec          // keep complete snapshots on disk, and roll back after a crash; nil: neither
}

// A Process is a node of an application and, around it, the algorithm.
type Process struct {
	Place
	boot  func() sim.Node
	inner sim.Node // the application; nil while there is no state

	incarnation uint32
	sent        uint32       // messages of the application, in this incarnation
	open        []*recording // for which channels are still recorded
	known       []ID         // of all snapshots that were recorded for
	told        bool         // whether the application is passive
	passive     bool         // it is, as was told last
	collections []*collection

	recovery
	env inside
}

// Wrap returns a process that runs the node which boot makes, and takes snapshots of it. A node that is to be restored implements
// encoding.BinaryMarshaler and encoding.BinaryUnmarshaler, for its whole state but its timers, which Start sets. It may also say how much it
// holds of what is conserved, Amount() int64, and whether it sends nothing any more unless a message arrives, Passive() bool. What it sends
// to itself is no message of a channel, but a timer; what it exchanges with nodes that are none of the processes is no part of a snapshot.
//
// With stable storage, boot is called again for each rollback, and the node must not use its disk: that would not be rolled back.
func Wrap(boot func() sim.Node, place Place) *Process {
	return &Process{Place: place, boot: boot}
}

// inside is the world as the application sees it.
type inside struct {
	sim.Env
	p *Process
}

// Send puts the incarnation on the message. To a node that is none of the processes it goes as it is.
func (e *inside) Send(to sim.NodeID, m sim.Message) {
	if !slices.Contains(e.p.All, to) {
		e.Env.Send(to, m)
		return
	}
	n := e.p.incarnation
	e.p.sent++
	e.Env.Send(to, App{n, Name{n, e.p.sent, e.ID()}, m})
}

// After puts the incarnation on the timer.
func (e *inside) After(d time.Duration, m sim.Message) {
	e.Env.After(d, timer{e.p.incarnation, m})
}

// SyncThen puts the incarnation on what arrives when the sync is done.
func (e *inside) SyncThen(name string, done sim.Message) {
	e.Env.SyncThen(name, timer{e.p.incarnation, done})
}

// inside returns the application's Env, for the call that runs.
func (p *Process) inside(env sim.Env) sim.Env {
	p.env = inside{env, p}
	return &p.env
}

// Start implements sim.Node.
func (p *Process) Start(env sim.Env) {
	if p.Stable != nil {
		p.awake(env)
		return
	}
	p.inner = p.boot()
	p.run(env)
	p.tell(env)
}

// tell notes whether the application is passive, if that has changed.
func (p *Process) tell(env sim.Env) {
	x, ok := p.inner.(interface{ Passive() bool })
	if now := ok && x.Passive(); ok && (!p.told || now != p.passive) {
		p.told, p.passive = true, now
		env.Note(Turned{now})
	}
}

// run starts the application, and the clock of the snapshots to come.
func (p *Process) run(env sim.Env) {
	p.inner.Start(p.inside(env))
	p.next(env, 1)
}

// next sets the timer for the n-th snapshot, if there is to be one.
func (p *Process) next(env sim.Env, n int) {
	if n > p.Snapshots {
		return
	}
	d := p.Every
	if n == 1 {
		d = p.First
	}
	switch {
	case p.At != nil && n > 1:
		d = p.At[n-1] - p.At[n-2]
	case p.At != nil:
		d = p.At[0]
	case d == 0:
		d = time.Millisecond * time.Duration(1+env.Pick("snapshot", int(drawn/time.Millisecond)))
	}
	env.After(d, begin{ID{p.incarnation, uint32(n), env.ID()}})
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	if !p.recover(env, from, m) {
		p.handle(env, from, m)
	}
	p.tell(env)
}

func (p *Process) handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case App:
		p.receive(env, from, m)
	case Marker:
		p.mark(env, from, m.ID)
	case Report:
		p.collect(env, m.ID, m.Part)
	case timer:
		p.inner.Handle(p.inside(env), env.ID(), m.Body)
	case begin:
		p.begin(env, m.ID)
	default: // from somebody who is none of the processes
		p.inner.Handle(p.inside(env), from, m)
	}
}

// begin begins a snapshot, and sets the timer for the next.
func (p *Process) begin(env sim.Env, id ID) {
	env.Note(Began{id})
	p.collections = append(p.collections, &collection{id: id, parts: make([]Part, len(p.All))})
	p.record(env, id)
	p.next(env, int(id.N)+1)
}

// receive hands a message of the application on. Until the marker has come it is also part of the channel's state.
func (p *Process) receive(env sim.Env, from sim.NodeID, m App) {
	for _, r := range p.open {
		if c := r.channel(from); c != nil && !c.closed {
			c.Messages = append(c.Messages, m)
		}
	}
	p.inner.Handle(p.inside(env), from, m.Body)
}

// mark is the paper's Marker-Receiving Rule: if the process has not recorded its state it does so now, and the channel is empty; else the
// channel's state is what came over it since.
func (p *Process) mark(env sim.Env, from sim.NodeID, id ID) {
	if !slices.Contains(p.known, id) {
		p.record(env, id)
	}
	for _, r := range p.open {
		if r.id == id {
			p.close(env, r, from)
			return
		}
	}
}

// record is the paper's Marker-Sending Rule: the process records its state, and sends a marker on each outgoing channel before it sends
// anything else there.
func (p *Process) record(env sim.Env, id ID) {
	r := &recording{id: id, part: p.state(env), channels: make([]channel, len(p.In)), left: len(p.In)}
	for i, from := range p.In {
		r.channels[i].From = from
	}
	env.Note(Recorded{id, r.part})
	if len(p.open) > 0 {
		env.Note(Overlapped{id, p.open[0].id})
	}
	p.known, p.open = append(p.known, id), append(p.open, r)
	for _, to := range p.Out {
		env.Send(to, Marker{id})
	}
	if r.left == 0 {
		p.done(env, r)
	}
}

// state records the application as it is now.
func (p *Process) state(env sim.Env) Part {
	part := Part{Node: env.ID(), Text: fmt.Sprint(p.inner)}
	if m, ok := p.inner.(encoding.BinaryMarshaler); ok {
		b, err := m.MarshalBinary()
		if err != nil {
			panic(fmt.Sprintf("chandylamport: %s cannot be recorded: %v", env.ID(), err))
		}
		part.State = b
	}
	if x, ok := p.inner.(interface{ Passive() bool }); ok {
		part.Passive = x.Passive()
	}
	if x, ok := p.inner.(interface{ Amount() int64 }); ok {
		part.Amount = x.Amount()
	}
	return part
}

// A recording is a snapshot as one process takes it.
type recording struct {
	id       ID
	part     Part
	channels []channel
	left     int // channels whose marker has not come
}

// A channel is one that is recorded, until its marker has come.
type channel struct {
	Channel
	closed bool
}

func (r *recording) channel(from sim.NodeID) *channel {
	for i := range r.channels {
		if r.channels[i].From == from {
			return &r.channels[i]
		}
	}
	return nil
}

// close ends the recording of a channel, and the whole recording if it was the last.
func (p *Process) close(env sim.Env, r *recording, from sim.NodeID) {
	c := r.channel(from)
	if c == nil || c.closed {
		return
	}
	c.closed = true
	env.Note(ChannelRecorded{r.id, c.Channel})
	if r.left--; r.left == 0 {
		p.done(env, r)
	}
}

// done sends what was recorded to the initiator.
func (p *Process) done(env sim.Env, r *recording) {
	p.open = slices.DeleteFunc(p.open, func(x *recording) bool { return x == r })
	for _, c := range r.channels {
		r.part.Channels = append(r.part.Channels, c.Channel)
	}
	if r.id.Initiator == env.ID() {
		p.collect(env, r.id, r.part)
	} else {
		env.Send(r.id.Initiator, Report{r.id, r.part})
	}
}

// A collection is a snapshot as its initiator puts it together.
type collection struct {
	id    ID
	parts []Part
	have  int
}

// collect adds a part to a snapshot that this process has begun.
func (p *Process) collect(env sim.Env, id ID, part Part) {
	i := slices.IndexFunc(p.collections, func(c *collection) bool { return c.id == id })
	if i < 0 {
		return
	}
	c := p.collections[i]
	c.parts[slices.Index(p.All, part.Node)] = part
	if c.have++; c.have < len(c.parts) {
		return
	}
	p.collections = slices.Delete(p.collections, i, i+1)
	s := Snapshot{id, c.parts}
	if p.Stable == nil || p.store(env, s) {
		env.Note(Complete{s})
	}
}

// Invariant is that of the application.
func (p *Process) Invariant() error {
	if x, ok := p.inner.(interface{ Invariant() error }); ok {
		return x.Invariant()
	}
	return nil
}

// Application returns the application's node, for observers; nil while it does not run.
func (p *Process) Application() sim.Node {
	if p.Stable != nil && (p.phase != running || p.halted) {
		return nil
	}
	return p.inner
}
