package threepc

import "simrun/sim"

// The termination protocol (Skeen 1981; Bernstein, Hadzilacos and Goodman 7.5). It begins at a participant that has
// waited for its leader in vain, and is led by the first participant that has been up without interruption.

// overdue is what a participant does when it has waited long enough.
func (p *Participant) overdue(env sim.Env, t *tx) {
	switch t.phase {
	case following: // the leader has crashed, and the first of the others leads
		t.up &^= upTo(t.leader)
		if next := t.up.lowest(); next != p.me {
			env.Send(p.members[next], Elect{t.id})
			t.follow(env, next, roundTrip)
		} else {
			p.lead(env, t)
		}
	case collecting: // who is silent has crashed
		t.up &= t.heard
		p.terminate(env, t)
	case moving:
		t.up &= t.heard
		p.conclude(env, t, Committed)
	case recovering:
		p.ask(env, t)
	}
}

// elect makes a participant the backup, because another one, still up, has found all before it crashed. Who
// has recovered does not take part.
func (p *Participant) elect(env sim.Env, from sim.NodeID, t *tx) {
	p.abortAlone(env, t)
	switch {
	case t.state.Decided():
		env.Send(from, t.decision())
	case !t.recovered && t.served < p.me:
		p.lead(env, t)
	}
}

// lead asks all that are up for their states. It is on record first: whoever recovers must know that there may have been a
// decision after all those before it had crashed.
func (p *Participant) lead(env sim.Env, t *tx) {
	if !p.force(env, t, t.state, p.me) {
		return
	}
	env.Note(Elected{t.id})
	t.up &^= below(p.me)
	p.toUp(env, t, StateReq{t.id, p.me, backing{t.at}})
	t.heard, t.found = only(p.me), 0
	t.found.add(t.state)
	t.await(env, collecting, roundTrip)
	p.collected(env, t)
}

// stateReq tells a backup the state, and follows it. Who has not voted aborts, so that what it tells remains true.
func (p *Participant) stateReq(env sim.Env, from sim.NodeID, t *tx, m StateReq) {
	p.abortAlone(env, t)
	if !t.state.Decided() {
		if t.recovered || m.Leader < t.served || m.Leader > t.served && !p.force(env, t, t.state, m.Leader) {
			return
		}
		t.follow(env, m.Leader, patience)
	}
	env.Send(from, Report{t.id, m.Leader, t.state, backing{t.at}})
}

// report collects the states of those that are up.
func (p *Participant) report(env sim.Env, from sim.NodeID, t *tx, m Report) {
	if t.phase != collecting || m.Leader != p.me {
		return
	}
	t.heard |= only(p.siteOf(from))
	t.found.add(m.State)
	p.collected(env, t)
}

func (p *Participant) collected(env sim.Env, t *tx) {
	if t.up.within(t.heard) {
		p.terminate(env, t)
	}
}

// terminate applies the rules to the states of all that are up.
func (p *Participant) terminate(env sim.Env, t *tx) {
	rule := p.rule(t.found)
	env.Note(Terminated{t.id, rule})
	switch rule {
	case SomeCommitted:
		p.conclude(env, t, Committed)
	case SomePreCommitted:
		p.move(env, t)
	default:
		p.conclude(env, t, Aborted)
	}
}
