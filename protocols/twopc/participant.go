package twopc

import (
	"fmt"
	"slices"

	"simrun/sim"
)

// A Locking says how a participant uses locks.
type Locking uint8

// The ways to use locks.
const (
	Strict Locking = iota // they are held until the decision is carried out
	Early                 // they are given up with the vote, which is wrong
	None                  // there are none, which is wrong
)

// A Participant holds a part of the data, and votes on the transactions that touch it. It never forgets how one
// ended, since its peers may ask.
type Participant struct {
	setup
	number  int // from 1
	votes   votes
	locking Locking
	journal journal
	store   store
	locks   lockTable
	byTx    map[Tx]*branch
	inDoubt []*branch // the prepared ones, in the order in which they voted
	halted  bool
}

// A setup is what all nodes of a system know of it from the start.
type setup struct {
	coordinators []sim.NodeID // by number, from 1
	recovery     bool         // each can take over another's transactions
	cooperative  bool         // participants ask their peers
	heuristic    bool         // a prepared participant decides alone in the end, which is wrong
	durable      bool         // logs are forced where they must be; false is wrong
}

// A branch is a participant's part of one transaction.
type branch struct {
	tx      Tx
	state   State
	at      backing // the record of the state
	joined  Attempt // it takes part in nothing below this
	fence   backing // the record of having joined
	presume Presume
	client  sim.NodeID
	age     uint64
	peers   []sim.NodeID

	ops     []Op // the work, as far as it is known
	next    int  // the first operation that is not done
	asked   bool // for its vote, when the work is done
	voted   bool // the vote was noted in this life
	yes     bool // the vote was yes, in whichever life
	waiting string
	by      Tx // the holder that it waits for
	last    Done
	reads   []string
	writes  []write

	step  uint32 // what an overdue timer is about
	tries int    // how often it has asked for the decision in this life
}

// NewParticipant returns the participant of that number, from 1.
func newParticipant(s setup, number int, v votes, l Locking) *Participant {
	p := &Participant{setup: s, number: number, votes: v, locking: l, byTx: make(map[Tx]*branch)}
	p.journal.unsafe = !s.durable
	return p
}

// branch returns the branch of a transaction, which may be one that was never heard of.
func (p *Participant) branch(tx Tx) *branch {
	b := p.byTx[tx]
	if b == nil {
		b = &branch{tx: tx}
		p.byTx[tx] = b
	}
	return b
}

// Start implements sim.Node: it reads again what earlier lives have prepared and learned. What was not
// prepared is forgotten, and its life with it: no vote in this life is a yes to what was done in another.
func (p *Participant) Start(env sim.Env) {
	records, places, err := p.journal.open(env, participantLog)
	if err != nil {
		p.halt(env, err)
		return
	}
	for i := range records {
		p.replay(env, &records[i], places[i])
	}
	if p.journal.life > 1 {
		for _, c := range p.coordinators {
			env.Send(c, Alive{p.journal.life})
		}
	}
	if len(p.inDoubt) == 0 {
		return
	}
	env.Note(Recovered{len(p.inDoubt)})
	for _, b := range p.inDoubt {
		p.relock(b)
		p.ask(env, b)
	}
}

// replay does once more what a record says.
func (p *Participant) replay(env sim.Env, r *record, at backing) {
	b := p.branch(r.tx)
	if b.joined.Less(r.attempt) {
		b.joined, b.fence = r.attempt, at
	}
	switch r.kind {
	case prepared:
		b.at = at
		p.prepare(b)
		b.presume, b.client, b.age, b.peers, b.reads, b.writes = r.presume, r.client, r.age, r.peers, r.reads, r.writes
		b.voted, b.yes = true, true
		env.Note(Voted{b.tx, true}) // the crash may have come before that was noted
	case commitDecided:
		p.settle(env, b, true, at, true)
	case abortDecided:
		p.settle(env, b, false, at, true)
	}
}

// prepare makes a branch one whose transaction is in doubt.
func (p *Participant) prepare(b *branch) {
	b.state = Prepared
	p.inDoubt = append(p.inDoubt, b)
}

// settle ends a branch by a decision that is on record. The abort of work for which no vote was asked is none unless the record
// was forced: a crash may take it with the work, and the work may be done again in the next life.
func (p *Participant) settle(env sim.Env, b *branch, commit bool, at backing, forced bool) {
	unasked := b.state < Prepared && !b.asked
	if b.state == Prepared {
		p.inDoubt = slices.DeleteFunc(p.inDoubt, func(x *branch) bool { return x == b })
	}
	b.state, b.at = decision(commit), at
	if commit {
		p.install(env, b)
	}
	if !unasked || forced {
		env.Note(Decided{b.tx, commit})
	}
	p.locks.release(b.tx)
}

// Handle implements sim.Node.
func (p *Participant) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	switch m := m.(type) {
	case Do:
		p.do(env, from, m)
	case Abandon:
		if b := p.branch(m.Tx); b.state == Active && !b.asked {
			p.abort(env, b, false)
		}
	case CanCommit:
		p.canCommit(env, from, m)
	case Decision:
		p.decision(env, from, m)
	case GetDecision:
		p.getDecision(env, from, m)
	case Answer:
		p.answer(env, from, m)
	case Fence:
		p.fenceOff(env, from, m)
	case overdue:
		p.overdue(env, m)
	case idle:
		p.idle(env, m)
	}
	p.carryOut(env)
}

// canCommit is asked for a vote. A vote that was given is given again; one that was yes, and to which the decision is
// known, is answered by that.
func (p *Participant) canCommit(env sim.Env, from sim.NodeID, m CanCommit) {
	b := p.branch(m.Tx)
	switch {
	case b.state.Decided() && b.yes:
		env.Send(from, Answer{m.Tx, b.state})
	case b.state == Aborted:
		b.presume = m.Presume
		p.voteNo(env, b, from, m.Attempt)
	case m.Attempt.Less(b.joined):
		env.Send(from, Stale{m.Tx, m.Attempt, b.joined})
	case b.state == Prepared:
		env.Send(from, Vote{m.Tx, m.Attempt, true, p.journal.life, b.at})
	case b.asked:
		// It works, or waits for a lock.
	default:
		b.asked, b.presume, b.client, b.age, b.peers, b.joined = true, m.Presume, m.Client, m.Age, m.Peers, m.Attempt
		// A vote is on the work that was done in this life, once and as a whole: either with Do or with this message.
		switch worked := b.state == Active; {
		case m.Life != p.journal.life, worked == (len(m.Ops) > 0), worked && b.waiting != "":
			p.refuse(env, b)
		case worked:
			p.vote(env, b)
		default:
			b.state, b.ops = Active, m.Ops
			p.work(env, b)
		}
	}
}

// vote is called when the work is done. A yes is given when all that commit needs is durable.
func (p *Participant) vote(env sim.Env, b *branch) {
	if !p.votes.yes(env, p.number, b.tx) {
		p.refuse(env, b)
		return
	}
	r := record{prepared, b.tx, b.joined, b.presume, b.client, b.peers, b.age, b.reads, b.writes}
	at, ok := p.write(env, &r, true)
	if !ok {
		return
	}
	// From here on nothing but a decision ends it.
	b.at, b.fence, b.voted, b.yes = at, at, true, true
	p.prepare(b)
	if p.locking == Early {
		p.locks.release(b.tx)
	}
	env.Note(Voted{b.tx, true})
	env.Send(p.coordinator(b), Vote{b.tx, b.joined, true, p.journal.life, at})
	p.wait(env, b)
}

// refuse aborts a transaction that was not prepared, and says so to whoever waits for it.
func (p *Participant) refuse(env sim.Env, b *branch) {
	if !p.abort(env, b, b.asked && p.forces(b.presume, false)) {
		return
	}
	if b.asked {
		p.voteNo(env, b, p.coordinator(b), b.joined)
	} else {
		b.last.Refused = true
		env.Send(b.client, b.last)
	}
}

// voteNo votes no on a transaction that is aborted here. Where aborts are not presumed nobody will tell it again, so it
// must not be forgotten.
func (p *Participant) voteNo(env sim.Env, b *branch, to sim.NodeID, a Attempt) {
	if p.forces(b.presume, false) && !p.secure(env, b.at) {
		return
	}
	if !b.voted {
		b.voted = true
		env.Note(Voted{b.tx, false})
	}
	env.Send(to, Vote{Tx: b.tx, Attempt: a, Life: p.journal.life})
}

// coordinator is who put the branch's transaction to the vote.
func (p *Participant) coordinator(b *branch) sim.NodeID {
	return p.coordinators[b.joined.Coordinator-1]
}

// forces reports whether the decision is forced and acknowledged. Where there is a recovery coordinator every
// one is: what a participant holds is what binds.
func (s *setup) forces(presume Presume, commit bool) bool {
	return s.recovery || presume.forces(commit)
}

// decision is told what was decided, and carries it out. One that contradicts what it holds is of an attempt that was
// fenced off: its sender learns what binds.
func (p *Participant) decision(env sim.Env, from sim.NodeID, m Decision) {
	b := p.branch(m.Tx)
	switch {
	case b.state.Decided() && b.state != decision(m.Commit):
		env.Send(from, Answer{m.Tx, b.state})
		return
	case b.state.Decided():
	case m.Attempt.Less(b.joined):
		env.Send(from, Stale{m.Tx, m.Attempt, b.joined})
		return
	case m.Commit && b.state != Prepared:
		return // nobody can have decided that: this one has not voted yes, or its log has lost a forced record
	default:
		// It may never have heard of the transaction. Then the record bars a CanCommit that is still on its way.
		b.presume = m.Presume
		if b.joined.Less(m.Attempt) {
			b.joined = m.Attempt
		}
		if !p.decide(env, b, m.Commit) {
			return
		}
	}
	if p.forces(m.Presume, m.Commit) {
		p.acknowledge(env, b, from)
	}
}

// acknowledge says that a decision is durable, and sees to it that it is.
func (p *Participant) acknowledge(env sim.Env, b *branch, to sim.NodeID) {
	if p.secure(env, b.at) {
		env.Send(to, Ack{b.tx, b.state == Committed, b.at})
	}
}

// secure makes a record durable that may not be. It returns false if the disk fails.
func (p *Participant) secure(env sim.Env, at backing) bool {
	if p.journal.durable(at) {
		return true
	}
	err := p.journal.force()
	if err != nil {
		p.halt(env, err)
	}
	return err == nil
}

// decide carries out a decision: on record first, then in the store, and then the locks are free. It returns
// false if the disk fails.
func (p *Participant) decide(env sim.Env, b *branch, commit bool) bool {
	return p.conclude(env, b, commit, p.forces(b.presume, commit))
}

// abort aborts a transaction, of which nothing is in the store yet.
func (p *Participant) abort(env sim.Env, b *branch, force bool) bool {
	return p.conclude(env, b, false, force)
}

func (p *Participant) conclude(env sim.Env, b *branch, commit, force bool) bool {
	at, ok := p.write(env, &record{kind: decided(commit), tx: b.tx, attempt: b.joined}, force)
	if ok {
		p.settle(env, b, commit, at, force)
	}
	return ok
}

// write writes a record. It returns false if the disk does not do as it is told.
func (p *Participant) write(env sim.Env, r *record, force bool) (backing, bool) {
	at, err := p.journal.write(r, force)
	if err != nil {
		p.halt(env, err)
	}
	return at, err == nil
}

func (p *Participant) halt(env sim.Env, err error) {
	p.halted = true
	env.Note(Halted{err.Error()})
}

// Invariant checks that each prepared transaction holds its locks: until it is decided nobody may see what it
// wrote, nor change what it read.
func (p *Participant) Invariant() error {
	if p.locking == None || p.halted {
		return nil
	}
	for _, b := range p.inDoubt {
		for _, w := range b.writes {
			if !p.locks.holds(b.tx, w.key, exclusive) {
				return fmt.Errorf("%v is prepared and does not hold %s, which it writes", b.tx, w.key)
			}
		}
		for _, key := range b.reads {
			if !p.locks.holds(b.tx, key, shared) {
				return fmt.Errorf("%v is prepared and does not hold %s, which it read", b.tx, key)
			}
		}
	}
	return nil
}
