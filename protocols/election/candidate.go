package election

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

// How long things take, on a candidate's own clock.
const (
	margin = 5 * time.Millisecond  // by how much shorter a leader takes its term to be
	beat   = 20 * time.Millisecond // between two acts of office
	jitter = 8                     // paces within which candidates stand after a term, so that not all do at once
	pace   = 4 * time.Millisecond
)

// A Candidate stands in one epoch after the other, and rules where it is elected.
type Candidate struct {
	acceptors, others []sim.NodeID
	term              time.Duration
	contest           paxos.Contest
	name              paxos.Value // of this life
	halted            bool
	began             clock.Reading

	last   paxos.Chosen  // of the last epoch that it knows, Slot 0 if it knows none
	stands time.Duration // since began: when it stood for the epoch after that; 0 if it has not
	office Epoch         // in which it rules; 0 if it does not
	until  time.Duration // since began: when its term ends
}

// The timers of a candidate.
type (
	stand struct{ Epoch Epoch } // the term of the epoch before is over
	act   struct{ Epoch Epoch } // of office
)

// AppendHash appends the timer's content.
func (t stand) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(t.Epoch)) }

// AppendHash appends the timer's content.
func (t act) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(t.Epoch)) }

// String prints "stand{epoch 2}".
func (t stand) String() string { return fmt.Sprintf("stand{epoch %d}", t.Epoch) }

// String prints "act{epoch 2}".
func (t act) String() string { return fmt.Sprintf("act{epoch %d}", t.Epoch) }

// NewCandidate returns the candidate of that number, from 1, among all candidates. A term is how long a leader may rule.
func NewCandidate(number int, acceptors, candidates []sim.NodeID, term time.Duration) *Candidate {
	others := slices.Delete(slices.Clone(candidates), number-1, number)
	return &Candidate{acceptors: acceptors, others: others, term: term, contest: paxos.NewContest(number, acceptors)}
}

// Start implements sim.Node. The first to stand for epoch 1 need not wait for anything; who starts again asks how far the others are.
func (c *Candidate) Start(env sim.Env) {
	c.began = env.Now()
	if c.contest.Start(env) != nil {
		c.halted = true
		return
	}
	c.name = nameOf(env.ID(), c.contest.Life())
	c.inquire(env)
	env.After(pace*time.Duration(1+env.Pick("first", jitter)), stand{1})
}

// Handle implements sim.Node.
func (c *Candidate) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if c.halted {
		return
	}
	switch m := m.(type) {
	case stand:
		c.stand(env, m.Epoch)
	case act:
		c.act(env, m.Epoch)
	case paxos.Chosen:
		c.learn(env, m)
	case paxos.Ask:
		if c.last.Slot > 0 {
			env.Send(from, c.last)
		}
	default:
		c.elect(env, from, m)
	}
}

// elect goes on with the election, or hears of one that it did not know of.
func (c *Candidate) elect(env sim.Env, from sim.NodeID, m sim.Message) {
	if a, ok := m.(paxos.Accepted); ok && a.Slot == c.next() && c.stands == 0 {
		c.stand(env, a.Slot) // somebody has stood for it, who had waited: the term before is over
		return
	}
	chosen, ok := c.contest.Handle(env, from, m)
	if !ok {
		return
	}
	if c.learn(env, chosen); c.office == 0 { // perhaps it was elected long ago, and others are further
		c.tell(env)
		c.inquire(env)
	}
}

// next is the epoch whose leader is not known.
func (c *Candidate) next() Epoch { return c.last.Slot + 1 }

// stand proposes the candidate for an epoch, unless it has done so or knows who was elected.
func (c *Candidate) stand(env sim.Env, e Epoch) {
	if e != c.next() || c.stands > 0 {
		return
	}
	c.stands = max(1, c.now(env))
	env.Note(Stood{e, c.name})
	c.contest.Enter(env, e, c.name)
}

// learn takes notice of who leads in an epoch. If the candidate itself was elected, in this life, it rules from now on; else it waits for a term.
func (c *Candidate) learn(env sim.Env, m paxos.Chosen) {
	if m.Slot < c.next() {
		return
	}
	stood := c.stands
	if m.Slot > c.next() {
		stood = 0
	}
	c.contest.Leave()
	c.resign(env)
	c.last, c.stands = m, 0
	env.Note(Elected{m.Slot, m.Value})
	if m.Value == c.name && stood > 0 {
		c.office, c.until = m.Slot, stood+c.term-margin
		c.act(env, m.Slot)
	}
	env.After(c.term+pace*time.Duration(env.Pick("stand", jitter)), stand{c.next()})
}

// act is an act of office: it is done only while the term lasts, and tells the others who leads.
func (c *Candidate) act(env sim.Env, e Epoch) {
	if e != c.office {
		return
	}
	if c.now(env) >= c.until {
		c.resign(env)
		return
	}
	env.Note(Ruled{e, c.name})
	c.tell(env)
	env.After(beat, act{e})
}

// resign ends the term, if there is one.
func (c *Candidate) resign(env sim.Env) {
	if c.office > 0 {
		env.Note(Resigned{c.office})
		c.office = 0
	}
}

// tell tells the other candidates the last that it knows.
func (c *Candidate) tell(env sim.Env) {
	for _, id := range c.others {
		env.Send(id, c.last)
	}
}

// inquire asks the other candidates who leads, and the acceptors whether somebody has stood for the next epoch.
func (c *Candidate) inquire(env sim.Env) {
	m := paxos.Ask{Slot: c.next()}
	for _, id := range c.others {
		env.Send(id, m)
	}
	for _, id := range c.acceptors {
		env.Send(id, m)
	}
}

// now is the time since this life began, by the monotonic clock.
func (c *Candidate) now(env sim.Env) time.Duration { return env.Now().Sub(c.began) }

// Invariant checks that a candidate rules only in the last epoch that it knows, and only where it was elected.
func (c *Candidate) Invariant() error {
	if c.office > 0 && (c.office != c.last.Slot || c.last.Value != c.name) {
		return fmt.Errorf("rules in epoch %d, and knows that %s leads in epoch %d", c.office, c.last.Value, c.last.Slot)
	}
	return nil
}

// wait says what the candidate waits for.
func (c *Candidate) wait(self sim.NodeID) checkers.Wait {
	if c.stands > 0 {
		return c.contest.Wait(self)
	}
	return checkers.Wait{Node: self, State: fmt.Sprintf("has not stood for epoch %d", c.next())}
}
