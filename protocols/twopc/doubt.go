package twopc

import "simrun/sim"

// wait sets the time after which a prepared transaction asks for the decision.
func (p *Participant) wait(env sim.Env, b *branch) {
	b.step++
	env.After(backOff(doubt, max(b.tries-1, 0)), overdue{b.tx, b.step})
}

// overdue ends a wait for a lock, or begins to ask for the decision. Before it has voted yes a participant may
// abort alone; afterwards it never decides alone.
func (p *Participant) overdue(env sim.Env, m overdue) {
	b := p.branch(m.Tx)
	switch {
	case m.Step != b.step:
	case b.state == Active && b.waiting != "":
		env.Note(Refused{b.tx, b.waiting, b.by})
		p.refuse(env, b)
	case b.state == Prepared && p.heuristic: // wrong: the others may have committed
		p.abort(env, b, true)
	case b.state == Prepared:
		p.ask(env, b)
	}
}

// ask asks for the decision: the transaction's coordinator, the peers if they cooperate (Bernstein, Hadzilacos and
// Goodman, 7.4, cooperative termination), and from the second time on the other coordinators if they can take over.
func (p *Participant) ask(env sim.Env, b *branch) {
	env.Note(Asked{b.tx})
	m := GetDecision{b.tx, b.presume, b.joined, b.client, b.peers}
	for i, c := range p.coordinators {
		if uint32(i+1) == b.tx.Coordinator || p.recovery && b.tries > 0 {
			env.Send(c, m)
		}
	}
	if p.cooperative {
		for _, id := range b.peers {
			if id != env.ID() {
				env.Send(id, m)
			}
		}
	}
	b.tries++
	p.wait(env, b)
}

// getDecision is asked how a transaction ended. One that has not voted yes here never will: it is aborted for
// good, and on record, before that is told.
func (p *Participant) getDecision(env sim.Env, from sim.NodeID, m GetDecision) {
	b := p.branch(m.Tx)
	if b.state < Prepared {
		if !p.abort(env, b, true) {
			return
		}
	}
	env.Send(from, Answer{m.Tx, b.state})
}

// answer is told how a transaction ended, by a coordinator or by a peer.
func (p *Participant) answer(env sim.Env, from sim.NodeID, m Answer) {
	b := p.branch(m.Tx)
	if b.state != Prepared || !m.State.Decided() {
		return
	}
	for _, id := range b.peers {
		if id == from {
			env.Note(Learned{b.tx, m.State == Committed, from})
		}
	}
	p.decide(env, b, m.State == Committed)
}

// fenceOff takes part in no lower attempt from now on. One that has not voted yes never will: it is aborted.
func (p *Participant) fenceOff(env sim.Env, from sim.NodeID, m Fence) {
	b := p.branch(m.Tx)
	if !b.state.Decided() {
		if m.Attempt.Less(b.joined) {
			env.Send(from, Stale{m.Tx, m.Attempt, b.joined})
			return
		}
		if !p.join(env, b, m.Attempt) {
			return
		}
	}
	at := b.fence
	if b.state.Decided() {
		at = b.at
	}
	if p.secure(env, at) {
		env.Send(from, Fenced{m.Tx, m.Attempt, b.state, at})
	}
}

// join makes an attempt the lowest that the participant takes part in, durably.
func (p *Participant) join(env sim.Env, b *branch, a Attempt) (ok bool) {
	if b.state != Prepared {
		b.joined = a
		return p.abort(env, b, true)
	}
	if b.joined == a {
		return true
	}
	b.joined = a
	b.fence, ok = p.write(env, &record{kind: joined, tx: b.tx, attempt: a}, true)
	return ok
}
