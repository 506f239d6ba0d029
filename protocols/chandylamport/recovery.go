package chandylamport

import (
	"encoding"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// patience is after what time a process that has no state asks for one again.
const patience = 20 * time.Millisecond

// A phase says how far a process is on its way back.
type phase uint8

const (
	lost     phase = iota // it has started without a state, and waits for the next recovery
	stopped               // it has said what it holds, and waits for its part
	restored              // it has its part, and waits until everybody has
	running
)

// A recovery is what a process keeps for the way back.
type recovery struct {
	phase   phase
	log     *reclog.Log
	current backing // the record of the incarnation
	latest  Snapshot
	holds   backing    // the record of latest
	again   []Outgoing // what was in the channels
	halted  bool

	leads *leadership // of the leader, while there is no state to go on from
}

// awake begins a life of a process with stable storage. It has no state: as far as it knows it has crashed. The first process, which leads, sees
// to it at once; the others give it time to start, if they have never heard of an incarnation.
func (p *Process) awake(env sim.Env) {
	if !p.read(env) {
		return
	}
	if env.ID() == p.All[0] {
		p.lead(env)
		return
	}
	wait := time.Duration(0)
	if p.incarnation == 0 {
		wait = patience / 2
	}
	env.After(wait, ask{p.incarnation})
}

// recover deals with the messages of recoveries, and drops what is of another incarnation. It reports whether that was all.
func (p *Process) recover(env sim.Env, from sim.NodeID, m sim.Message) bool {
	if p.Stable == nil {
		return false
	}
	switch m := m.(type) {
	case ask:
		if p.phase == lost && m.Incarnation == p.incarnation {
			env.Send(p.All[0], Rejoin{p.incarnation})
			env.After(patience, m)
		}
	case Rejoin:
		p.rejoin(env, from, m)
	case Stop:
		p.stop(env, from, m)
	case Stopped:
		p.stopped(env, from, m)
	case Restore:
		p.restore(env, from, m)
	case Restored:
		p.restored(env, from, m)
	case Go:
		p.goOn(env, m.Incarnation)
	default:
		return p.stale(env, m)
	}
	return true
}

// stale reports whether a message is of an incarnation that is not, or not yet, the process's own. Where it has only to go on, a message of the
// others who have gone on tells it so.
func (p *Process) stale(env sim.Env, m sim.Message) bool {
	n := p.incarnation
	switch m := m.(type) {
	case App:
		n = m.Incarnation
	case Marker:
		n = m.ID.Incarnation
	case Report:
		n = m.ID.Incarnation
	case timer:
		n = m.Incarnation
	case begin:
		n = m.ID.Incarnation
	}
	p.goOn(env, n)
	if n == p.incarnation && p.phase == running {
		return false
	}
	if app, ok := m.(App); ok {
		env.Note(Discarded{app})
	}
	return true
}

// stop forgets the state: the incarnation that it belongs to is over. On disk the process knows that, before it says so.
func (p *Process) stop(env sim.Env, from sim.NodeID, m Stop) {
	switch {
	case m.Incarnation > p.incarnation:
		if !p.enter(env, m.Incarnation) {
			return
		}
	case m.Incarnation < p.incarnation || p.phase != stopped:
		return
	}
	env.Send(from, Stopped{m.Incarnation, p.latest, p.current, p.holds})
}

// enter takes the process to another incarnation, where it has no state yet.
func (p *Process) enter(env sim.Env, n uint32) bool {
	if !p.remember(env, n) {
		return false
	}
	p.incarnation, p.phase, p.inner, p.sent, p.told = n, stopped, nil, 0, false
	p.open, p.known, p.collections = nil, nil, nil
	return true
}

// restore goes back to a snapshot, or to the start, and waits there.
func (p *Process) restore(env sim.Env, from sim.NodeID, m Restore) {
	if m.Incarnation != p.incarnation || p.phase != stopped {
		return
	}
	p.phase, p.inner, p.again = restored, p.boot(), m.Channels
	if m.To != (ID{}) {
		if err := p.inner.(encoding.BinaryUnmarshaler).UnmarshalBinary(m.State); err != nil {
			panic(fmt.Sprintf("chandylamport: %s cannot be restored: %v", env.ID(), err))
		}
	}
	env.Note(RolledBack{m.Incarnation, m.To})
	env.Send(from, Restored{m.Incarnation})
}

// goOn ends the recovery for a process that has its state: it sends again what was in its channels, and starts the application.
func (p *Process) goOn(env sim.Env, n uint32) {
	if n != p.incarnation || p.phase != restored {
		return
	}
	p.phase = running
	for _, c := range p.again {
		for _, m := range c.Messages {
			env.Send(c.To, App{n, m.Name, m.Body})
		}
	}
	p.again = nil
	p.run(env)
}

// A leadership is a recovery as its leader sees it.
type leadership struct {
	stopped  []bool // who has said so, by process
	restored []bool
	last     Snapshot // of those that the processes hold
}

// lead begins a recovery. The leader knows on disk of the incarnation before anybody else does.
func (p *Process) lead(env sim.Env) {
	if !p.enter(env, p.incarnation+1) {
		return
	}
	p.leads = &leadership{stopped: make([]bool, len(p.All)), restored: make([]bool, len(p.All))}
	env.Note(Recovering{p.incarnation})
	for _, id := range p.All {
		env.Send(id, Stop{p.incarnation, p.current})
	}
}

// rejoin answers a process that has no state. If it has taken part in the last recovery there must be another; if the last has still to hear
// of it, it was down when it was told to stop.
func (p *Process) rejoin(env sim.Env, from sim.NodeID, m Rejoin) {
	switch {
	case m.Incarnation == p.incarnation:
		p.lead(env)
	case p.leads != nil && !p.leads.stopped[slices.Index(p.All, from)]:
		env.Send(from, Stop{p.incarnation, p.current})
	}
}

// stopped ends the first phase when everybody has stopped: it gives each process its part of the last snapshot.
func (p *Process) stopped(env sim.Env, from sim.NodeID, m Stopped) {
	l := p.leads
	if l == nil || m.Incarnation != p.incarnation {
		return
	}
	if l.last.ID.Before(m.Latest.ID) {
		l.last = m.Latest
	}
	if !complete(l.stopped, slices.Index(p.All, from)) {
		return
	}
	for i, id := range p.All {
		env.Send(id, l.part(p.incarnation, i, id))
	}
}

// part returns what a process needs to go back.
func (l *leadership) part(incarnation uint32, i int, id sim.NodeID) Restore {
	m := Restore{Incarnation: incarnation, To: l.last.ID}
	if l.last.Parts == nil {
		return m
	}
	m.State = l.last.Parts[i].State
	for _, part := range l.last.Parts {
		for _, c := range part.Channels {
			if c.From == id && len(c.Messages) > 0 {
				m.Channels = append(m.Channels, Outgoing{part.Node, c.Messages})
			}
		}
	}
	return m
}

// restored ends the second phase when everybody has the state: all go on.
func (p *Process) restored(env sim.Env, from sim.NodeID, m Restored) {
	if p.leads == nil || m.Incarnation != p.incarnation || !complete(p.leads.restored, slices.Index(p.All, from)) {
		return
	}
	p.leads = nil
	env.Note(Recovered{p.incarnation})
	for _, id := range p.All {
		env.Send(id, Go{p.incarnation})
	}
}

// complete enters the answer of a process, and reports whether it was the last that was missing.
func complete(answers []bool, i int) bool {
	if answers[i] {
		return false
	}
	answers[i] = true
	return all(answers)
}

// all reports whether everybody has answered.
func all(answers []bool) bool { return !slices.Contains(answers, false) }
