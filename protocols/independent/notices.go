package independent

import (
	"fmt"

	"simrun/sim"
)

// Undone tells the others that a process has undone its intervals from one on, and how many messages of the receiver it still has. It is all there is to
// recovery=notices: whoever needs what is undone rolls back too, and tells the others. Nobody stops, and nobody computes a line.
//
// This is the lecture's way into livelock. Two processes that have received from each other roll back in turn: the message that one had sent
// before it rolled back is still on its way, arrives after the other has rolled back, and makes it roll back again; and what that one has sent
// meanwhile does the same to the first (Koo, Toueg 1987, section 4). Messages that carry their epoch are recognised, and it ends. It takes links that keep
// order; among more than two processes it may undo more than a line would.
type Undone struct {
	Epoch Round
	From  int
	Has   int
}

// AppendHash appends the message's content.
func (m Undone) AppendHash(b []byte) []byte { return appendInts(m.Epoch.append(b), m.From, m.Has) }

// String prints "Undone{from 2}".
func (m Undone) String() string { return fmt.Sprintf("Undone{from %d}", m.From) }

// failed goes on after a failure: it begins an epoch, and tells the others what it has lost.
func (p *Process) failed(env sim.Env, from int) {
	p.round++
	p.epoch = Round{p.round, p.cfg.Self}
	if p.append(env, p.epoch.append([]byte{roundRecord})) && p.sync(env) {
		p.tell(env, from)
	}
}

// tell tells all others what is undone.
func (p *Process) tell(env sim.Env, from int) {
	p.fresh = false
	for j, id := range p.cfg.Nodes {
		if j != p.cfg.Self {
			env.Send(id, Undone{p.epoch, from, p.in[j]})
		}
	}
	p.catchUp(env)
	p.rest(env)
}

// undone rolls back to before the first interval that needs what a process has undone.
func (p *Process) undone(env sim.Env, by int, m Undone) {
	if p.epoch.Less(m.Epoch) {
		p.epoch, p.early = m.Epoch, nil
		p.round = max(p.round, m.Epoch.N)
		p.catchUp(env)
	}
	line := make([]int, len(p.cfg.Nodes))
	for j := range line {
		line[j] = p.interval + 1
	}
	line[by] = m.From
	for i := range line { // what others have undone is not known here
		if i != by && i != p.cfg.Self {
			line[i] = 1 << 30
		}
	}
	if s, ok := orphan(Dependencies{p.interval + 1, p.needs}, line, p.cfg.Self); ok {
		p.promised = p.epoch
		if !p.rollTo(env, s.Undone) {
			return
		}
		p.tell(env, s.Undone)
	}
	p.resend(env, by, m.Has)
	waiting := p.deferred
	p.deferred = nil
	for _, a := range waiting {
		p.Handle(env, a.from, a.m)
	}
}
