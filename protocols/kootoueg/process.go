package kootoueg

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A Place says where a process stands among the others, and what it does of its own accord.
type Place struct {
	All         []sim.NodeID  // every process; only asked if Everybody
	In, Out     []sim.NodeID  // the neighbours: whom it may receive from, and whom it may send to
	Checkpoints int           // how many it begins that become permanent
	First       time.Duration // when it begins the first; 0: drawn
	Every       time.Duration // after what time the next; 0: drawn
	Patience    time.Duration // how long an initiator waits for answers the first time; twice as long each time after, up to some seconds; 0: for ever
	Stubborn    bool          // an initiator that was refused tries again at once, not after a random time
	Everybody   bool          // the initiator asks all processes for a checkpoint, as in the lecture, not those it depends on
	Codec       Codec         // of the application's messages
	Mistake     Mistake
}

// inquiry is how often a process that waits for a decision asks for it.
const inquiry = 100 * time.Millisecond

// quiet is after what time without a message or a timer an idle process says so.
const quiet = 50 * time.Millisecond

// A Process is a node of an application and, around it, the algorithm.
type Process struct {
	Place
	boot func() sim.Node
	app  sim.Node // the application; nil while there is no state

	peers     []peer
	permanent checkpoint
	tentative *checkpoint
	instance  *instance // the one that the process takes part in; nil if there is none

	log         *reclog.Log
	life, n     uint32 // of this process's instances
	incarnation uint32
	reborn      backing    // the record of the incarnation
	decided     []decision // this process's own instances that were decided with yes
	taken       int        // checkpoints of its own that became permanent
	tries       int        // instances of its own since the last that was decided with yes
	over        []ID       // the last instance of each initiator that is known to be over
	calls       uint64     // messages and timers handled
	resting     bool       // the timer rest is set
	retrying    bool       // the timer again is set
	halted      bool

	env inside
}

// A decision is one with yes.
type decision struct {
	ID
	backing
}

// An instance is one run of the checkpoint or of the rollback algorithm, as one process sees it.
type instance struct {
	ID
	parent   sim.NodeID   // who asked first; empty at the initiator
	cohort   []sim.NodeID // whom this process has asked
	awaited  []sim.NodeID // those that have not answered
	answered bool         // this process has answered the parent, or decided
	no       bool         // it has said no
}

// Wrap returns a process that runs the node which boot makes. The node implements encoding.BinaryMarshaler and
// encoding.BinaryUnmarshaler for its whole state but its timers, which Start sets: boot is called again for each rollback, and Start after the
// state has been put in. It must not use its disk, which is not rolled back.
//
// What the node exchanges with nodes that are no neighbours of the process passes through, and is no part of checkpoints.
func Wrap(boot func() sim.Node, place Place) *Process {
	p := &Process{Place: place, boot: boot, incarnation: 1}
	neighbours := slices.Clone(place.Out)
	for _, id := range place.In {
		if !slices.Contains(neighbours, id) {
			neighbours = append(neighbours, id)
		}
	}
	for _, id := range neighbours {
		p.peers = append(p.peers, peer{id: id, incarnation: 1, open: true})
	}
	return p
}

// inside is the world as the application sees it.
type inside struct {
	sim.Env
	p *Process
}

// Send puts a message on its channel.
func (e *inside) Send(to sim.NodeID, m sim.Message) {
	switch pe := e.p.peer(to); {
	case to == e.ID(): // no channel: it must not outlive the incarnation either
		e.After(0, m)
	case pe != nil:
		e.p.post(e.Env, pe, m)
	default:
		e.Env.Send(to, m)
	}
}

// After puts the incarnation on the timer.
func (e *inside) After(d time.Duration, m sim.Message) {
	e.Env.After(d, timer{e.p.incarnation, m})
}

// inside returns the application's Env, for the call that runs.
func (p *Process) inside(env sim.Env) sim.Env {
	p.env = inside{env, p}
	return &p.env
}

// Start implements sim.Node. In its first life the process begins with the initial state; in a later one it has none, and must roll back.
func (p *Process) Start(env sim.Env) {
	if !p.read(env) {
		return
	}
	if p.Checkpoints > p.taken {
		p.later(env, begin{}, p.First)
	}
	if p.life == 1 {
		p.app = p.boot()
		p.greetAll(env)
		p.app.Start(p.inside(env))
		return
	}
	found := Restarted{By: env.ID(), Permanent: p.permanent.id}
	if p.tentative != nil {
		found.Tentative = p.tentative.id
	}
	env.Note(found)
	p.recover(env)
}

// later sets a timer of this process: after d, or after a drawn time if that is 0.
func (p *Process) later(env sim.Env, m sim.Message, d time.Duration) {
	if d == 0 {
		d = time.Millisecond * time.Duration(1+env.Pick("checkpoint", 32))
	}
	env.After(d, m)
}

// backoff is how long the process waits before it begins again: what was refused, or could not be begun since it takes part in another instance.
func (p *Process) backoff(env sim.Env) time.Duration {
	if p.Stubborn {
		if p.instance != nil {
			return time.Millisecond
		}
		return 0
	}
	return time.Millisecond * time.Duration(1+env.Pick("backoff", 16<<min(p.tries, 5)))
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	if r, ok := m.(rest); ok {
		p.rest(env, r)
		return
	}
	p.handle(env, from, m)
	p.calls++
	if !p.resting && p.idle() {
		p.resting = true
		env.After(quiet, rest{p.calls})
	}
}

// idle reports whether there is nothing left to do, as far as the process knows.
func (p *Process) idle() bool {
	if p.instance != nil || p.app == nil || p.taken < p.Checkpoints {
		return false
	}
	a, ok := p.app.(interface{ Passive() bool })
	return !ok || a.Passive()
}

// rest notes that nothing has come for a while, and nothing is left to do.
func (p *Process) rest(env sim.Env, m rest) {
	switch {
	case !p.idle():
		p.resting = false
	case m.Calls == p.calls:
		p.resting = false
		env.Note(Rested{})
	default:
		env.After(quiet, rest{p.calls})
	}
}

// handle handles everything else.
func (p *Process) handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case App:
		p.receive(env, from, m)
	case timer:
		if m.Incarnation == p.incarnation && p.app != nil {
			p.app.Handle(p.inside(env), env.ID(), m.Body)
		}
	case Request:
		p.request(env, from, m)
	case Willing:
		p.answer(env, from, m.ID, m.Yes)
	case Prepare:
		p.prepare(env, from, m)
	case Ready:
		p.answer(env, from, m.ID, m.Yes)
	case MakePermanent:
		p.told(env, m.ID, true)
	case Undo:
		p.told(env, m.ID, false)
	case RollBack:
		p.told(env, m.ID, true)
	case DoNotRollBack:
		p.told(env, m.ID, false)
	case Inquire:
		p.inquired(env, from, m.ID)
	case Hello, Welcome:
		p.greeted(env, p.peer(from), m)
	case begin, again, overdue, ask:
		p.wake(env, m)
	default: // from somebody who is none of the processes
		if p.app != nil {
			p.app.Handle(p.inside(env), from, m)
		}
	}
}

// wake handles the timers of the algorithm.
func (p *Process) wake(env sim.Env, m sim.Message) {
	switch m := m.(type) {
	case begin:
		p.begin(env)
	case again:
		p.retrying = false
		p.recover(env)
	case overdue:
		if in := p.instance; in != nil && in.ID == m.ID && !in.answered {
			p.decide(env, false)
		}
	case ask:
		if in := p.instance; in != nil && in.ID == m.ID {
			env.Send(m.ID.Initiator, Inquire(m))
			env.After(inquiry, m)
		}
	}
}

// Invariant checks the labels: no checkpoint is ahead of the state that it was taken of, and the log reaches to the last message.
func (p *Process) Invariant() error {
	if p.app == nil {
		return nil
	}
	for i := range p.peers {
		pe := &p.peers[i]
		if c := p.permanent.link(pe.id); pe.sent < c.sent || uint64(len(pe.log)) > pe.sent {
			return fmt.Errorf("has sent #%d to %s, and its permanent checkpoint #%d; the log has %d", pe.sent, pe.id, c.sent, len(pe.log))
		}
	}
	if x, ok := p.app.(interface{ Invariant() error }); ok {
		return x.Invariant()
	}
	return nil
}

// Application returns the application's node, for observers; nil while there is no state.
func (p *Process) Application() sim.Node { return p.app }

// snapshot is the state of the process as a checkpoint.
func (p *Process) snapshot(id ID) *checkpoint {
	b, err := p.app.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(fmt.Sprintf("kootoueg: the state cannot be recorded: %v", err))
	}
	c := &checkpoint{id: id, state: b}
	for i := range p.peers {
		c.nodes = append(c.nodes, p.peers[i].id)
		c.links = append(c.links, p.peers[i].clone())
	}
	return c
}

// restore makes the permanent checkpoint the state. All channels are closed: the neighbours do not know this incarnation.
func (p *Process) restore(env sim.Env) {
	p.app = p.boot()
	if p.permanent.state != nil {
		if err := p.app.(encoding.BinaryUnmarshaler).UnmarshalBinary(p.permanent.state); err != nil {
			panic(fmt.Sprintf("kootoueg: the state cannot be restored: %v", err))
		}
	}
	for i := range p.peers {
		pe := &p.peers[i]
		pe.link, pe.open = p.permanent.link(pe.id).clone(), false
	}
	p.app.Start(p.inside(env))
}

// Waits says what the process waits for, "" if for nothing.
func (p *Process) Waits() string {
	in := p.instance
	switch {
	case p.halted:
		return "does not trust its disk"
	case in == nil && p.app == nil:
		return "waits to roll back"
	case in == nil:
		return ""
	case len(in.awaited) > 0 && !in.answered:
		return fmt.Sprintf("waits for %s to answer %v", list(in.awaited), in.ID)
	}
	return fmt.Sprintf("waits for the decision of %s on %v", in.Initiator, in.ID)
}

// waits says whom it waits for.
func (p *Process) waits(self sim.NodeID) []checkers.Wait {
	in := p.instance
	switch {
	case in == nil:
		return nil
	case len(in.awaited) > 0 && !in.answered:
		return []checkers.Wait{{Node: self, State: fmt.Sprintf("has asked for %v", in.ID), For: in.awaited}}
	}
	return []checkers.Wait{{Node: self, State: fmt.Sprintf("has no decision on %v", in.ID), For: []sim.NodeID{in.Initiator}}}
}

func list(ids []sim.NodeID) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	return strings.Join(names, ", ")
}
