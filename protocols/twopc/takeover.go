package twopc

import (
	"time"

	"simrun/sim"
)

// This file is what a coordinator does about transactions that it did not put to the vote in this life: those
// that it has forgotten, and those of another coordinator.

// getDecision is asked how a transaction ended. One that is not decided yet is not answered. Of what it knows
// nothing it answers what is presumed; where coordinators can take over nothing is presumed, and it takes over.
func (c *Coordinator) getDecision(env sim.Env, from sim.NodeID, m GetDecision) {
	r := c.byTx[m.Tx]
	switch {
	case r != nil && r.phase == telling:
		env.Send(from, r.decision())
	case r != nil && r.binds:
		env.Send(from, Answer{m.Tx, decision(r.commit)})
	case c.recovery:
		if r = c.round(m.Tx); r.phase == idling {
			if r.peers == nil {
				r.client, r.presume, r.peers = m.Client, m.Presume, m.Peers
			}
			c.takeOver(env, r, m.Joined)
		}
	case r == nil || r.phase == idling || r.phase == inquiring:
		env.Note(Presumed{m.Tx, m.Presume.presumes() == Committed})
		env.Send(from, Answer{m.Tx, m.Presume.presumes()})
	}
}

// inquire asks the participants, who never forget, on behalf of a client whose transaction was put to the vote in
// an earlier life, if at all.
func (c *Coordinator) inquire(env sim.Env, r *round) {
	c.enter(r, inquiring)
	for _, id := range r.peers {
		env.Send(id, GetDecision{r.tx, r.presume, Attempt{}, r.client, r.peers})
	}
	c.again(env, r)
}

// answer is told by a participant how a transaction ended. One answer is enough for who inquires: whoever is
// prepared is prepared in a transaction of which the coordinator has no record any more, or never had one. That is what
// is presumed of it.
func (c *Coordinator) answer(env sim.Env, from sim.NodeID, m Answer) {
	r := c.byTx[m.Tx]
	switch {
	case r == nil || r.binds:
	case r.phase == inquiring && m.State.Decided():
		c.learn(env, r, m.State == Committed)
	case r.phase == inquiring:
		c.learn(env, r, r.presume.presumes() == Committed)
	case c.recovery && m.State.Decided():
		c.learn(env, r, m.State == Committed)
	case r.phase == voting && m.State == Aborted:
		c.count(env, r, from, Aborted) // a peer has aborted it and said so: that is as good as a no
	}
}

// learn ends a transaction whose outcome is known from others.
func (c *Coordinator) learn(env sim.Env, r *round, commit bool) {
	r.commit, r.phase = commit, over
	c.bind(env, r)
}

// takeOver begins an attempt that is higher than all that are known. It must hear from all participants before
// it decides: whoever is not heard may have carried out a lower attempt's decision, or have voted no.
func (c *Coordinator) takeOver(env sim.Env, r *round, known Attempt) {
	r.attempt = Attempt{max(r.attempt.Round, known.Round, 1) + 1, c.number, c.journal.life}
	if !c.initiate(env, r) {
		return
	}
	env.Note(TookOver{r.tx, r.attempt})
	c.enter(r, fencing)
	c.fence(env, r)
}

// fence asks those who have not answered yet.
func (c *Coordinator) fence(env sim.Env, r *round) {
	for i, id := range r.peers {
		if r.states[i] == Unknown {
			env.Send(id, Fence{r.tx, r.attempt, r.presume})
		}
	}
	c.again(env, r)
}

// fenced hears from a participant. If any holds a decision, that is it; if any has aborted, or had not voted
// and now never will, it is aborted; and if all are prepared nobody can have decided, nor ever will in a lower
// attempt, and it is committed.
func (c *Coordinator) fenced(env sim.Env, from sim.NodeID, m Fenced) {
	if r := c.byTx[m.Tx]; r != nil && r.phase == fencing && m.Attempt == r.attempt {
		c.count(env, r, from, m.State)
	}
}

// stale gives an attempt up for the sake of a higher one, and keeps quiet for a while: if that one fails too
// somebody will ask again. A decision that binds is none of an attempt any more, and whoever refused it as such is
// told what it is.
func (c *Coordinator) stale(env sim.Env, from sim.NodeID, m Stale) {
	r := c.byTx[m.Tx]
	if r != nil && r.binds {
		env.Send(from, Answer{r.tx, decision(r.commit)})
		return
	}
	if r == nil || m.Attempt != r.attempt || r.phase == quieted || r.phase == idling {
		return
	}
	env.Note(Outdone{r.tx, m.Attempt, m.Joined})
	c.enter(r, quieted)
	// Two that ask each other's participants in turn could outdo each other for ever; so each waits a time of its own, and
	// longer each time.
	r.attempt.Round = max(r.attempt.Round, m.Joined.Round)
	r.step++
	r.duels++
	span := 4 << min(r.duels, 4)
	env.After(quiet+quietQuantum*time.Duration(env.Pick("quiet", span)), overdue{r.tx, r.step})
}
