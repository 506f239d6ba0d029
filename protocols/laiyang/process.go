package laiyang

import (
	"encoding"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// A Method is how it is known what the channels of a snapshot held.
type Method uint8

const (
	ByHistory  Method = iota // all that was sent, less all that was received (Lai and Yang)
	ByCounting               // late messages are sent on, and counted (Mattern)
)

var methodNames = [...]string{"history", "counting"}

// String returns "history" or "counting".
func (m Method) String() string { return methodNames[m] }

// A Place says where a process stands among the others, and what it does of its own accord.
type Place struct {
	All        []sim.NodeID  // every process
	Initiators []sim.NodeID  // those that may begin snapshots; the same list for all
	Method     Method        // the same for all
	Snapshots  int           // how many it begins, if it is one of the initiators
	First      time.Duration // when it begins the first; 0: drawn
	Every      time.Duration // after what time the next; 0: drawn
}

// A Process is a node of an application and, around it, the algorithm.
type Process struct {
	Place
	inner sim.Node // the application

	colour         Colour
	sent, received int      // messages of the application
	last           []uint32 // the number of the latest message to each of All
	history        History
	collections    []*collection

	told, passive bool // what was said last of the application's being passive, if anything
	env           inside
}

// Wrap returns a process that runs a node, and takes snapshots of it. A node whose recorded state is to be restored implements
// encoding.BinaryMarshaler, for its whole state but its timers. It may also say how much it holds of what is conserved, Amount() int64, and whether it
// sends nothing any more unless a message arrives, Passive() bool. What it sends to itself is a timer, no message of a channel; what it
// exchanges with nodes that are none of the processes is no part of a snapshot.
func Wrap(inner sim.Node, place Place) *Process {
	n := len(place.All)
	p := &Process{Place: place, inner: inner, colour: make(Colour, len(place.Initiators)), last: make([]uint32, n)}
	if place.Method == ByHistory {
		p.history = newHistory(n)
	}
	return p
}

// inside is the world as the application sees it.
type inside struct {
	sim.Env
	p *Process
}

// Send puts the colour and a number on the message. To a node that is none of the processes it goes as it is.
func (e *inside) Send(to sim.NodeID, m sim.Message) {
	p, i := e.p, slices.Index(e.p.All, to)
	switch {
	case to == e.ID(): // no channel, and the world makes a timer of it anyway
		e.After(0, m)
	case i < 0:
		e.Env.Send(to, m)
	default:
		p.sent++
		p.last[i]++
		if p.Method == ByHistory {
			p.history.Sent[i] = append(p.history.Sent[i], m)
		}
		e.Env.Send(to, App{p.colour, p.last[i], m})
	}
}

// After tells the application's timers from those of the algorithm.
func (e *inside) After(d time.Duration, m sim.Message) { e.Env.After(d, timer{m}) }

// SyncThen does so with what arrives when the sync is done.
func (e *inside) SyncThen(name string, done sim.Message) { e.Env.SyncThen(name, timer{done}) }

// call lets the application do something, and says so if it is passive or active from then on.
func (p *Process) call(env sim.Env, do func(env sim.Env)) {
	p.env = inside{env, p}
	do(&p.env)
	if x, ok := p.inner.(interface{ Passive() bool }); ok && (!p.told || x.Passive() != p.passive) {
		p.told, p.passive = true, x.Passive()
		env.Note(Turned{p.passive})
	}
}

// Start implements sim.Node.
func (p *Process) Start(env sim.Env) {
	p.call(env, p.inner.Start)
	p.next(env, 1)
}

// next sets the timer for the n-th snapshot, if there is to be one: within 32 ms, if nothing else is said.
func (p *Process) next(env sim.Env, n int) {
	if n > p.Snapshots || !slices.Contains(p.Initiators, env.ID()) {
		return
	}
	d := p.Every
	if n == 1 {
		d = p.First
	}
	if d == 0 {
		d = time.Millisecond * time.Duration(1+env.Pick("snapshot", 32))
	}
	env.After(d, begin{ID{uint32(n), env.ID()}})
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case App:
		p.receive(env, from, m)
	case Take:
		p.reach(env, slices.Index(p.Initiators, m.ID.Initiator), m.ID.N, false)
	case Report:
		p.report(env, m)
	case Late:
		p.late(env, from, m)
	case begin:
		p.begin(env, m.ID)
	case timer:
		p.deliver(env, env.ID(), m.Body)
	default: // from somebody who is none of the processes
		p.deliver(env, from, m)
	}
}

func (p *Process) deliver(env sim.Env, from sim.NodeID, body sim.Message) {
	p.call(env, func(env sim.Env) { p.inner.Handle(env, from, body) })
}

// begin begins a snapshot. The wish to have it spreads with the colour; who hears nothing is told.
func (p *Process) begin(env sim.Env, id ID) {
	env.Note(Began{id})
	p.collections = append(p.collections, newCollection(id, p.Place))
	p.record(env, id, false)
	for _, to := range p.All {
		if to != env.ID() {
			env.Send(to, Take{id})
		}
	}
	p.next(env, int(id.N)+1)
}

// receive hands a message of the application on: red ones not before the state is recorded. White ones that come after that belong to the channel.
func (p *Process) receive(env sim.Env, from sim.NodeID, m App) {
	for i, n := range m.Colour {
		p.reach(env, i, n, true)
	}
	// This process is at least as red as the message now. For each snapshot between the two it has recorded without it.
	for i, n := range m.Colour {
		for n++; n <= p.colour[i]; n++ {
			p.cameLate(env, ID{n, p.Initiators[i]}, from, m.Body)
		}
	}
	p.received++
	if p.Method == ByHistory {
		i := slices.Index(p.All, from)
		p.history.Received[i] = append(p.history.Received[i], m.N)
	}
	p.deliver(env, from, m.Body)
}

// reach records for the snapshots of an initiator up to the n-th, those for which it has not been done. Held says that there is a message in hand.
func (p *Process) reach(env sim.Env, initiator int, n uint32, held bool) {
	for p.colour[initiator] < n {
		p.record(env, ID{p.colour[initiator] + 1, p.Initiators[initiator]}, held)
	}
}

// record records the state, and makes the process red for the snapshot.
func (p *Process) record(env sim.Env, id ID, held bool) {
	part := p.state(env)
	// Red from here on: what the application sends next is not in the state.
	p.colour = p.colour.with(slices.Index(p.Initiators, id.Initiator), id.N)
	env.Note(Recorded{id, part, held})
	// The initiator reports to itself like the others. That is a timer of no time.
	env.Send(id.Initiator, Report{id, part})
}

// cameLate adds a message to its channel. By history there is nothing to do: the sender has it in its own, and this process has not.
func (p *Process) cameLate(env sim.Env, id ID, from sim.NodeID, body sim.Message) {
	env.Note(CameLate{id, from, body})
	if p.Method == ByCounting {
		env.Send(id.Initiator, Late{id, from, body})
	}
}

// state records the application as it is now.
func (p *Process) state(env sim.Env) Part {
	part := Part{Node: env.ID(), Text: fmt.Sprint(p.inner), Deficit: p.sent - p.received, History: p.history.shared()}
	if m, ok := p.inner.(encoding.BinaryMarshaler); ok {
		b, err := m.MarshalBinary()
		if err != nil {
			panic(fmt.Sprintf("laiyang: %s cannot be recorded: %v", env.ID(), err))
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

// Invariant is that of the application.
func (p *Process) Invariant() error {
	if x, ok := p.inner.(interface{ Invariant() error }); ok {
		return x.Invariant()
	}
	return nil
}

// Application returns the application's node, for observers.
func (p *Process) Application() sim.Node { return p.inner }
