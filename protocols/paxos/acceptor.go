package paxos

import (
	"fmt"

	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// An Acceptor answers [Prepare] and [Accept] for any number of slots (section
// 2.2). It is a node of its own; a node that is more than an acceptor may
// also hold one and call its methods: Start first, then Prepare and Accept.
type Acceptor struct {
	durable  bool
	learners []sim.NodeID
	log      *reclog.Log
	votes    []vote // by slot
	buf      []byte // for records to be written
	last     Slot   // written last
	halted   bool
}

// A vote is all that an acceptor knows of one slot. The zero vote has promised nothing.
type vote struct {
	promised Ballot // it takes part in nothing below this
	accepted Ballot // never above promised
	value    Value
	at       int64 // of its record
}

// NewAcceptor returns an acceptor that tells each acceptance to the proposer and to the learners. If it
// is not durable it answers without waiting for its disk, which is wrong.
func NewAcceptor(durable bool, learners ...sim.NodeID) *Acceptor {
	return &Acceptor{durable: durable, learners: learners}
}

// Start implements sim.Node: it reads again what earlier lives have promised.
func (a *Acceptor) Start(env sim.Env) {
	log, records, err := reclog.Open(env.Disk(), acceptorLog)
	for _, rec := range records {
		r, bad := parseRecord(rec.Payload)
		if bad != nil {
			err = bad
			break
		}
		*a.vote(r.slot) = vote{r.promised, r.accepted, Value(r.value), rec.At}
	}
	if err != nil {
		a.halt(env, err)
		return
	}
	a.log = log
	promises := 0
	for i := range a.votes {
		if !a.votes[i].promised.None() {
			promises++
		}
	}
	if promises > 0 {
		env.Note(Recovered{promises})
	}
}

// Handle implements sim.Node.
func (a *Acceptor) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Prepare:
		if p, ok := a.Prepare(env, m); ok {
			env.Send(from, p)
		} else {
			a.refuse(env, from, m.Slot, m.Ballot)
		}
	case Accept:
		if acc, ok := a.Accept(env, m); ok {
			a.tell(env, from, acc)
		} else {
			a.refuse(env, from, m.Slot, m.Ballot)
		}
	case Ask:
		if v := a.vote(m.Slot); !v.accepted.None() && !a.halted {
			env.Send(from, Accepted{m.Slot, v.accepted, v.value, backing{at: v.at, again: true}})
		}
	}
}

// Prepare gives a promise, which is on disk when it returns, or returns false. A promise is given if no
// higher one stands; given again for the same ballot, it costs nothing.
func (a *Acceptor) Prepare(env sim.Env, m Prepare) (Promise, bool) {
	v := a.vote(m.Slot)
	if a.halted || m.Ballot.Less(v.promised) {
		return Promise{}, false
	}
	if v.promised.Less(m.Ballot) && !a.write(env, m.Slot, vote{promised: m.Ballot, accepted: v.accepted, value: v.value}) {
		return Promise{}, false
	}
	return Promise{m.Slot, m.Ballot, v.accepted, v.value, backing{at: v.at}}, true
}

// Accept accepts a proposal, durably when it returns, or returns false: "an acceptor can accept a
// proposal numbered n iff it has not responded to a prepare request having a number greater than n"
// (section 2.2, P1a). To accept is also to promise.
func (a *Acceptor) Accept(env sim.Env, m Accept) (Accepted, bool) {
	v := a.vote(m.Slot)
	if a.halted || m.Ballot.Less(v.promised) {
		return Accepted{}, false
	}
	if v.accepted != m.Ballot && !a.write(env, m.Slot, vote{promised: m.Ballot, accepted: m.Ballot, value: m.Value}) {
		return Accepted{}, false
	}
	return Accepted{m.Slot, v.accepted, v.value, backing{at: v.at}}, true
}

// Refusal is the answer when Prepare or Accept has returned false; there is none, and false, if that was
// for the disk's sake.
func (a *Acceptor) Refusal(slot Slot, ballot Ballot) (Refused, bool) {
	return Refused{slot, ballot, a.vote(slot).promised}, !a.halted
}

// Halted reports whether the acceptor has fallen silent, since it cannot trust its disk. A node that holds one should do likewise.
func (a *Acceptor) Halted() bool { return a.halted }

// Promised returns the highest ballot that the acceptor has promised for a slot.
func (a *Acceptor) Promised(slot Slot) Ballot { return a.vote(slot).promised }

func (a *Acceptor) refuse(env sim.Env, to sim.NodeID, slot Slot, ballot Ballot) {
	if r, ok := a.Refusal(slot, ballot); ok {
		env.Send(to, r)
	}
}

// tell sends an acceptance to the proposer and to all learners (section 2.3).
func (a *Acceptor) tell(env sim.Env, proposer sim.NodeID, m sim.Message) {
	env.Send(proposer, m)
	for _, l := range a.learners {
		env.Send(l, m)
	}
}

// write makes v the vote in a slot: first on disk, then in memory. It
// returns false if the disk does not do as it is told.
func (a *Acceptor) write(env sim.Env, slot Slot, v vote) bool {
	a.buf = appendRecord(a.buf[:0], slot, &v)
	var err error
	if v.at, err = a.log.Append(a.buf); err == nil && a.durable {
		err = a.log.Sync()
	}
	if err != nil {
		a.halt(env, err)
		return false
	}
	*a.vote(slot), a.last = v, slot
	return true
}

func (a *Acceptor) halt(env sim.Env, err error) {
	a.halted = true
	env.Note(Halted{err.Error()})
}

// vote returns the vote in a slot, which may be one that was never heard of.
func (a *Acceptor) vote(slot Slot) *vote {
	if int(slot) >= len(a.votes) {
		a.votes = upTo(a.votes, int(slot)+1)
	}
	return &a.votes[slot]
}

// Invariant checks that the acceptance written last is not above the promise.
func (a *Acceptor) Invariant() error {
	if int(a.last) >= len(a.votes) {
		return nil
	}
	if v := &a.votes[a.last]; v.promised.Less(v.accepted) {
		return fmt.Errorf("slot %d: accepted %v, which is above the promise %v", a.last, v.accepted, v.promised)
	}
	return nil
}
