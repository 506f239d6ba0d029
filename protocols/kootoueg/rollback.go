package kootoueg

import (
	"encoding/binary"

	"simrun/sim"
)

// recover begins a rollback, at the start of a life and again after each attempt that failed. A tentative checkpoint that is not decided comes
// first: nobody knows what to go back to before. The process's own was not decided, since it is not on record, and is undone; about
// another's its initiator is asked.
func (p *Process) recover(env sim.Env) {
	if p.app != nil {
		return
	}
	if p.instance != nil { // it has joined the rollback of another
		p.retry(env)
		return
	}
	if t := p.tentative; t != nil && t.id.Initiator != env.ID() {
		p.join(env, t.id, t.id.Initiator, nil)
		p.instance.answered = true
		env.Send(t.id.Initiator, Inquire{t.id})
		return
	} else if t != nil {
		if _, ok := p.write(env, undoneRecord, t.id, nil, false); !ok {
			return
		}
		p.tentative = nil
		env.Note(Undone{t.id})
	}
	id := p.newID(env, true)
	p.stop(env, id, "")
	p.limit(env, id)
}

// retry lets the process try again after a while, once.
func (p *Process) retry(env sim.Env) {
	if !p.retrying {
		p.retrying = true
		env.After(p.backoff(env), again{})
	}
}

// stop makes the process wait for the decision of a rollback, and asks all that it can send to: without its state it does not know to whom it has sent.
func (p *Process) stop(env sim.Env, id ID, parent sim.NodeID) {
	p.join(env, id, parent, p.Out)
	env.Note(Prepared{id})
	for _, q := range p.Out {
		env.Send(q, Prepare{id, p.lastSent(q)})
	}
	p.progress(env)
}

// prepare: upon receiving "prepare to roll back and last_smsg". The process must roll back if it has received, since its last
// checkpoint, what the asker's checkpoint has not sent: last_rmsg > last_smsg. One that has no state must in any case.
func (p *Process) prepare(env sim.Env, from sim.NodeID, m Prepare) {
	switch {
	case p.instance != nil && p.instance.ID == m.ID:
		env.Send(from, Ready{m.ID, !p.instance.no})
	case !p.free(env, m.ID):
		env.Send(from, Ready{ID: m.ID})
	case p.app == nil || p.lastReceived(p.peer(from)) > m.LastSent:
		p.stop(env, m.ID, from)
	default:
		env.Send(from, Ready{m.ID, true})
	}
}

// rollBack goes back to the permanent checkpoint, in a new incarnation.
func (p *Process) rollBack(env sim.Env, in *instance) bool {
	next := p.incarnation + 1
	record, ok := p.write(env, rolledBackRecord, in.ID, binary.AppendUvarint(nil, uint64(next)), true)
	if !ok {
		return false
	}
	p.incarnation, p.reborn = next, record
	p.tell(env, in, RollBack{in.ID, record})
	env.Note(RolledBack{in.ID, p.permanent.id, next})
	p.restore(env)
	p.greetAll(env)
	return true
}
