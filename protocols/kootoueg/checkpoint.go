package kootoueg

import (
	"slices"
	"time"

	"simrun/sim"
)

// begin begins a checkpoint, as the paper's daemon asks the initiator to.
func (p *Process) begin(env sim.Env) {
	if p.taken >= p.Checkpoints {
		return
	}
	if p.instance != nil || p.app == nil {
		p.tries++
		env.After(max(p.backoff(env), time.Millisecond), begin{})
		return
	}
	id := p.newID(env, false)
	cohort := p.dependsOn()
	if p.Everybody {
		cohort = slices.DeleteFunc(slices.Clone(p.All), func(id sim.NodeID) bool { return id == env.ID() })
	}
	p.take(env, id, "", cohort)
	p.limit(env, id)
}

// newID begins an instance.
func (p *Process) newID(env sim.Env, rollback bool) ID {
	p.n++
	id := ID{rollback, env.ID(), p.life, p.n}
	env.Note(Began{id})
	return id
}

// limit sets the timer after which the initiator gives up, unless all have answered already.
func (p *Process) limit(env sim.Env, id ID) {
	if in := p.instance; p.Patience > 0 && in != nil && in.ID == id && !p.halted {
		env.After(p.patience(), overdue{id})
	}
}

// patience is how long an initiator waits this time. It doubles with each attempt, until it is long enough for any: a short one must not be
// too short for ever.
func (p *Process) patience() time.Duration {
	d := p.Patience
	for n := 0; n < p.tries && d < time.Second; n++ {
		d *= 2
	}
	return d
}

// dependsOn is the paper's ckpt_cohort: those from which something was received since the last checkpoint.
func (p *Process) dependsOn() (cohort []sim.NodeID) {
	for i := range p.peers {
		if p.lastReceived(&p.peers[i]) > 0 {
			cohort = append(cohort, p.peers[i].id)
		}
	}
	return cohort
}

// take takes a tentative checkpoint, and asks the cohort for theirs.
func (p *Process) take(env sim.Env, id ID, parent sim.NodeID, cohort []sim.NodeID) {
	requests := make([]Request, len(cohort))
	for i, q := range cohort {
		requests[i] = Request{ID: id, All: p.Everybody}
		if pe := p.peer(q); pe != nil {
			requests[i].LastReceived = p.lastReceived(pe)
		}
	}
	c := p.snapshot(id)
	env.Note(Recorded{id, env.ID()})
	var ok bool
	if c.backing, ok = p.write(env, tentativeRecord, id, c.append(nil, p.Codec), p.Mistake != Unsynced); !ok {
		return
	}
	p.tentative = c
	p.join(env, id, parent, cohort)
	for i, q := range cohort {
		env.Send(q, requests[i])
	}
	p.progress(env)
}

// join makes the process take part in an instance.
func (p *Process) join(env sim.Env, id ID, parent sim.NodeID, cohort []sim.NodeID) {
	p.instance = &instance{ID: id, parent: parent, cohort: cohort, awaited: slices.Clone(cohort)}
	if parent != "" {
		env.After(inquiry, ask{id})
	}
}

// request: upon receiving "take a tentative checkpoint and last_rmsg".
func (p *Process) request(env sim.Env, from sim.NodeID, m Request) {
	if pe := p.peer(from); pe != nil {
		pe.asked, pe.lacks = m.ID, m.LastReceived
	}
	switch {
	case p.instance != nil && p.instance.ID == m.ID: // it has taken one for this already
		env.Send(from, Willing{m.ID, !p.instance.no, p.vouch()})
	case !p.free(env, m.ID):
		env.Send(from, Willing{ID: m.ID})
	case m.All || p.sentBefore(from, m.LastReceived):
		cohort := p.dependsOn()
		if m.All || p.Mistake == DirectCohort {
			cohort = nil
		}
		p.take(env, m.ID, from, cohort)
	default: // the last checkpoint has all that was received from here
		env.Send(from, Willing{ID: m.ID, Yes: true})
	}
}

// sentBefore is the paper's condition for a checkpoint: last_rmsg >= first_smsg > 0.
func (p *Process) sentBefore(from sim.NodeID, lastReceived uint64) bool {
	pe := p.peer(from)
	first := p.firstSent(pe)
	return lastReceived >= first && first > 0
}

// free reports whether the process can take part in another's instance: it has a state, and takes part in no other. An instance that is over is
// refused, and one of its own that an earlier life began: that is over too.
func (p *Process) free(env sim.Env, id ID) bool {
	if id.Initiator == env.ID() {
		return false
	}
	for _, x := range p.over {
		if x.Initiator == id.Initiator && !x.before(id) {
			return false
		}
	}
	switch {
	case p.instance != nil:
		env.Note(Refused{id, p.instance.ID})
		return false
	case p.app == nil && !id.Rollback:
		env.Note(Refused{ID: id})
		return false
	}
	return true
}

// vouch is the record of the tentative checkpoint.
func (p *Process) vouch() backing {
	if p.tentative == nil {
		return backing{}
	}
	return p.tentative.backing
}

// answer: upon receiving willing_to_ckpt, or ready_to_roll.
func (p *Process) answer(env sim.Env, from sim.NodeID, id ID, yes bool) {
	in := p.instance
	if in == nil || in.ID != id {
		return
	}
	i := slices.Index(in.awaited, from)
	if i < 0 {
		return
	}
	in.awaited = slices.Delete(in.awaited, i, i+1)
	in.no = in.no || !yes
	p.progress(env)
}

// progress answers who has asked, when all have said yes or one has said no; the initiator decides.
func (p *Process) progress(env sim.Env) {
	in := p.instance
	if in.answered || len(in.awaited) > 0 && !in.no {
		return
	}
	if in.parent == "" {
		p.decide(env, !in.no)
		return
	}
	in.answered = true
	if in.Rollback {
		env.Send(in.parent, Ready{in.ID, !in.no})
	} else {
		env.Send(in.parent, Willing{in.ID, !in.no, p.vouch()})
	}
}

// decide is the initiator's decision. Yes is on its disk before anybody is told.
func (p *Process) decide(env sim.Env, yes bool) {
	in := p.instance
	in.answered = true
	if p.tries++; yes {
		p.tries = 0
	}
	kind := byte(permanentRecord)
	if in.Rollback {
		kind = decidedRecord
	}
	if yes {
		// The record of a rollback reaches the disk with that of the new incarnation.
		record, ok := p.write(env, kind, in.ID, nil, !in.Rollback && p.Mistake != TellsFirst)
		if !ok {
			return
		}
		p.decided = append(p.decided, decision{in.ID, record})
	}
	env.Note(Decided{in.ID, yes})
	p.conclude(env, yes)
	if in.Rollback {
		return
	}
	if yes {
		if p.taken++; p.taken < p.Checkpoints {
			p.later(env, begin{}, p.Every)
		}
		return
	}
	env.After(p.backoff(env), begin{})
}

// told: upon receiving a decision.
func (p *Process) told(env sim.Env, id ID, yes bool) {
	if yes && !id.Rollback {
		p.trim(id)
	}
	if in := p.instance; in != nil && in.ID == id && (in.parent != "" || in.answered) {
		p.conclude(env, yes)
	}
}

// conclude does what was decided, and tells the cohort.
func (p *Process) conclude(env sim.Env, yes bool) {
	in := p.instance
	p.over = append(slices.DeleteFunc(p.over, func(x ID) bool { return x.Initiator == in.Initiator }), in.ID)
	ok := true
	switch {
	case in.Rollback && yes:
		ok = p.rollBack(env, in)
	case in.Rollback:
		p.tell(env, in, DoNotRollBack{in.ID})
	case yes:
		ok = p.makePermanent(env, in)
	default:
		if _, ok = p.write(env, undoneRecord, in.ID, nil, false); ok {
			p.tentative = nil
			env.Note(Undone{in.ID})
			p.tell(env, in, Undo{in.ID})
		}
	}
	if !ok {
		return
	}
	p.resume(env)
	if p.app == nil {
		p.retry(env)
	}
}

// tell tells a decision to all that this process has asked.
func (p *Process) tell(env sim.Env, in *instance, m sim.Message) {
	for _, q := range in.cohort {
		env.Send(q, m)
	}
}

// makePermanent puts the tentative checkpoint in the place of the permanent one, which is given up.
func (p *Process) makePermanent(env sim.Env, in *instance) bool {
	var record backing
	if in.Initiator == env.ID() {
		record = p.decided[len(p.decided)-1].backing
	} else {
		var ok bool
		if record, ok = p.write(env, permanentRecord, in.ID, nil, true); !ok {
			return false
		}
	}
	p.permanent, p.tentative = *p.tentative, nil
	env.Note(MadePermanent{in.ID})
	p.trim(in.ID)
	p.tell(env, in, MakePermanent{in.ID, record})
	return true
}

// inquired answers who waits for a decision. What was not decided with yes, and is not under way, was undone.
func (p *Process) inquired(env sim.Env, from sim.NodeID, id ID) {
	if p.instance != nil && p.instance.ID == id {
		return
	}
	for _, d := range p.decided {
		if d.ID != id {
			continue
		}
		if id.Rollback {
			env.Send(from, RollBack{id, d.backing})
		} else {
			env.Send(from, MakePermanent{id, d.backing})
		}
		return
	}
	if id.Rollback {
		env.Send(from, DoNotRollBack{id})
	} else {
		env.Send(from, Undo{id})
	}
}
