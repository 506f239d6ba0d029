package twopc

import (
	"slices"

	"simrun/sim"
)

// This file is phase 2: the coordinator decides, and tells the participants until it need not remember.

// decide decides, and tells the participants. Commit is on record before anybody hears of it; an abort is where it is
// not presumed. Where every one may be taken over nothing binds before a participant holds it.
func (c *Coordinator) decide(env sim.Env, r *round, commit bool) {
	r.commit = commit
	// Where commit is presumed the record of who takes part says abort as long as there is no commit behind it, so the
	// abort itself need not be forced.
	if commit || r.presume != PresumedAbort {
		if !c.write(env, r, decided(commit), commit || r.presume == Basic) {
			return
		}
	}
	if !c.recovery {
		c.bind(env, r)
	}
	c.tell(env, r)
}

// bind notes that the decision binds, and tells the client.
func (c *Coordinator) bind(env sim.Env, r *round) {
	if r.binds {
		return
	}
	r.binds = true
	env.Note(Decided{r.tx, r.commit})
	if r.client != "" {
		env.Send(r.client, Outcome{r.tx, r.commit})
	}
}

// tell tells the decision to all who may not hold it, for the first time.
func (c *Coordinator) tell(env sim.Env, r *round) {
	c.enter(r, telling)
	held := decision(r.commit)
	for i, s := range r.states {
		if s == held {
			continue // it voted no, or said in an attempt that it knows
		}
		r.states[i] = Prepared
		env.Send(r.peers[i], r.decision())
	}
	c.acknowledged(env, r)
}

// decision is the message that tells it.
func (r *round) decision() Decision { return Decision{r.tx, r.attempt, r.commit, r.presume, r.at} }

// ack counts an acknowledgement.
func (c *Coordinator) ack(env sim.Env, from sim.NodeID, m Ack) {
	r := c.byTx[m.Tx]
	if r == nil || r.phase != telling || m.Commit != r.commit {
		return
	}
	if i := slices.Index(r.peers, from); i >= 0 && r.states[i] == Prepared {
		r.states[i] = decision(m.Commit)
		c.acknowledged(env, r)
	}
}

// acknowledged looks whether there is anything left to wait for. If not the transaction ends, and the next life will
// know nothing of it.
func (c *Coordinator) acknowledged(env sim.Env, r *round) {
	if c.recovery && slices.Contains(r.states, decision(r.commit)) {
		c.bind(env, r)
	}
	switch {
	case !c.forces(r.presume, r.commit):
		r.phase = over // who has not heard it will ask, and be told what is presumed
	case slices.Contains(r.states, Prepared):
		if r.tries == 0 {
			c.again(env, r)
		}
	case c.write(env, &round{tx: r.tx, attempt: r.attempt}, ended, false):
		r.phase = over
	}
}
