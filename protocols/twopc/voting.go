package twopc

import (
	"slices"

	"simrun/sim"
)

// This file is phase 1: the coordinator asks for votes and counts them.

// putToVote begins the vote, once. A transaction of an earlier life is never put to the vote again: if nothing
// is known of it it may have been decided and forgotten.
func (c *Coordinator) putToVote(env sim.Env, from sim.NodeID, m Commit) {
	r := c.round(m.Tx)
	if r.client == "" {
		r.client, r.age, r.presume, r.parts = from, m.Age, m.Presume, m.Parts
		r.peers = make([]sim.NodeID, len(m.Parts))
		for i := range m.Parts {
			r.peers[i] = m.Parts[i].Node
		}
	}
	switch {
	case r.binds:
		env.Send(from, Outcome{r.tx, r.commit})
	case r.phase != idling:
	case m.Tx.Coordinator == c.number && m.Tx.Life == c.journal.life && r.attempt == Attempt{}:
		c.open(env, r)
	case c.recovery:
		c.takeOver(env, r, Attempt{})
	default:
		c.inquire(env, r)
	}
}

// open asks for the votes. Where commit is presumed, who takes part must be on record before.
func (c *Coordinator) open(env sim.Env, r *round) {
	// The life is fixed now. Asked again a participant that has crashed since votes no: it may have voted no before, and
	// have forgotten it.
	r.parts = slices.Clone(r.parts)
	for i := range r.parts {
		if p := &r.parts[i]; len(p.Ops) > 0 {
			p.Life = c.lifeOf(p.Node)
		}
	}
	r.attempt = r.tx.First()
	if !c.initiate(env, r) {
		return
	}
	env.Note(Opened{r.tx, r.peers})
	c.enter(r, voting)
	c.canCommit(env, r)
}

// initiate begins an attempt. It returns false if the disk fails.
func (c *Coordinator) initiate(env sim.Env, r *round) bool {
	r.states = make([]State, len(r.peers))
	return r.presume != PresumedCommit || c.write(env, r, initiated, true)
}

// enter begins a phase.
func (c *Coordinator) enter(r *round, p phase) { r.phase, r.tries = p, 0 }

// canCommit asks those for their votes who have not voted.
func (c *Coordinator) canCommit(env sim.Env, r *round) {
	for i, id := range r.peers {
		if r.states[i] == Unknown {
			p := &r.parts[i]
			env.Send(id, CanCommit{r.tx, r.attempt, r.client, r.age, r.presume, p.Life, r.peers, p.Ops, r.at})
		}
	}
	c.again(env, r)
}

// vote counts a vote of this transaction, in this attempt.
func (c *Coordinator) vote(env sim.Env, from sim.NodeID, m Vote) {
	r := c.byTx[m.Tx]
	if r == nil || r.phase != voting || m.Attempt != r.attempt {
		return
	}
	said := Aborted
	if m.Yes {
		said = Prepared
	}
	c.count(env, r, from, said)
}

// count counts what a participant has said: of each one thing. When all have said something it is decided.
func (c *Coordinator) count(env sim.Env, r *round, from sim.NodeID, said State) {
	i := slices.Index(r.peers, from)
	if i < 0 {
		return
	}
	r.states[i] = said
	if !slices.Contains(r.states, Unknown) {
		c.decide(env, r, !slices.Contains(r.states, Aborted))
	}
}
