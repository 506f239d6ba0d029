package threepc

import (
	"time"

	"simrun/sim"
)

// A Participant votes and follows its leader: the coordinator, or when that has crashed the first participant that
// has not. When it is the first itself it leads.
type Participant struct {
	site
	votes   string // of every participant: y or n; those after the end are drawn
	no      int    // percent of drawn votes that are no
	stagger time.Duration
	acks    bool // tell the coordinator of a commit
	rule    func(states) Rule
}

// Start implements sim.Node.
func (p *Participant) Start(env sim.Env) {
	if !p.open(env) {
		return
	}
	for i := range p.txs {
		switch t := &p.txs[i]; {
		case i == 0:
		case t.recovered:
			p.ask(env, t)
		case t.state == Initial:
			env.After(startsLate(time.Duration(i-1)*p.stagger), unasked{t.id})
		}
	}
}

// Handle implements sim.Node.
func (p *Participant) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	switch m := m.(type) {
	case CanCommit:
		p.canCommit(env, from, p.tx(m.Tx))
	case PreCommit:
		p.preCommit(env, from, p.tx(m.Tx), m)
	case DoCommit:
		p.doCommit(env, from, p.tx(m.Tx))
	case DoAbort:
		p.doAbort(env, p.tx(m.Tx))
	case Elect:
		p.elect(env, from, p.tx(m.Tx))
	case StateReq:
		p.stateReq(env, from, p.tx(m.Tx), m)
	case Report:
		p.report(env, from, p.tx(m.Tx), m)
	case PreAck:
		p.preAck(env, from, p.tx(m.Tx), m)
	case Ask:
		p.abortAlone(env, p.tx(m.Tx))
		p.asked(env, from, p.tx(m.Tx), m)
	case unasked:
		p.abortAlone(env, p.tx(m.Tx))
	case overdue:
		if t := p.tx(m.Tx); m.Wait == t.wait {
			p.overdue(env, t)
		}
	}
}

// canCommit votes. After a yes the participant is uncertain and decides nothing alone. Who has aborted already, because
// it was asked too late, says no.
func (p *Participant) canCommit(env sim.Env, from sim.NodeID, t *tx) {
	switch t.state {
	case Initial:
		if !p.agrees(env) {
			if p.force(env, t, Aborted, 0) {
				env.Note(Voted{t.id, false})
				env.Note(Decided{t.id, false})
				env.Send(from, Vote{t.id, false, backing{t.at}})
			}
			return
		}
		if p.force(env, t, Uncertain, 0) {
			env.Note(Voted{t.id, true})
			env.Send(from, Vote{t.id, true, backing{t.at}})
			t.follow(env, 0, patience)
		}
	case Aborted:
		env.Send(from, Vote{t.id, false, backing{t.at}})
	}
}

// agrees finds the participant's vote.
func (p *Participant) agrees(env sim.Env) bool {
	if i := int(p.me) - 1; i < len(p.votes) {
		return p.votes[i] == 'y'
	}
	return env.Pick("vote", 100) < 100-p.no
}

// abortAlone aborts what the participant has not voted on: nobody can have committed it, and now nobody will.
func (p *Participant) abortAlone(env sim.Env, t *tx) {
	if t.state == Initial {
		p.decide(env, t, Aborted)
	}
}

// preCommit moves the participant to p, or confirms that it is there, for a new leader.
func (p *Participant) preCommit(env sim.Env, from sim.NodeID, t *tx, m PreCommit) {
	if t.state.Decided() {
		env.Send(from, t.decision())
		return
	}
	if t.state == Initial || t.recovered || m.Leader < t.served {
		return
	}
	if t.state == Uncertain || m.Leader > t.served {
		if !p.force(env, t, PreCommitted, m.Leader) {
			return
		}
		env.Note(Prepared{t.id, m.Leader})
	}
	env.Send(from, PreAck{t.id, m.Leader, backing{t.at}})
	t.follow(env, m.Leader, patience)
}

// doCommit commits. If the coordinator says so it gets an answer, also from one that has learnt it from another before.
func (p *Participant) doCommit(env sim.Env, from sim.NodeID, t *tx) {
	if t.state == Initial {
		return // it has not voted, so somebody errs
	}
	p.learn(env, t, Committed)
	if t.state == Committed && p.acks && from == p.members[0] {
		env.Send(from, HaveCommitted{t.id, backing{t.at}})
	}
}

// doAbort aborts.
func (p *Participant) doAbort(env sim.Env, t *tx) { p.learn(env, t, Aborted) }

// learn takes a decision that somebody else has made. A backup that learns one among the answers tells the others, who
// wait for it.
func (p *Participant) learn(env sim.Env, t *tx, outcome State) {
	leads := t.phase == collecting || t.phase == moving
	if p.decide(env, t, outcome) && leads {
		p.toUp(env, t, t.decision())
	}
}
