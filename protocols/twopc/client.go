package twopc

import (
	"fmt"
	"slices"

	"simrun/sim"
)

// A Client puts transactions to the vote, one after the other, each with its work: it appends the transaction's name to
// a list of every participant, and reads another list there; where it only reads, it reads that one alone. It does not crash.
type Client struct {
	setup
	participants []sim.NodeID
	total        int // of its transactions
	variant      variant
	readers      int // at how many participants of a hundred it only reads

	request uint32 // the number of the transaction under way, from 1
	tx      Tx     // which it is, as soon as that is known
	commit  Commit
	home    int  // who answered last, by its place among the coordinators
	ended   bool // all of them
	tries   int  // how often it has asked since it heard something
	step    uint32
}

// A variant says which protocol transactions follow.
type variant struct {
	presume Presume
	mixed   bool   // each its own
	each    uint32 // so many of each, one variant after the other; 0: as above
}

// draw returns what is presumed of the n-th transaction of a client, from 1.
func (v variant) draw(env sim.Env, n uint32) Presume {
	switch {
	case v.each > 0:
		return Presume((n - 1) / v.each % 3)
	case v.mixed:
		return [3]Presume{PresumedAbort, PresumedCommit, Basic}[env.Pick("variant", 3)]
	}
	return v.presume
}

// keys are the lists of each participant, to whose names its number is added.
var keys = [2]string{"x", "y"}

// Start implements sim.Node.
func (c *Client) Start(env sim.Env) {
	if c.total > 0 {
		c.begin(env)
	}
}

// Handle implements sim.Node.
func (c *Client) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Begun:
		if m.Request == c.request && c.tx.None() {
			c.tx, c.tries = m.Tx, 0
			c.commit = c.work(env)
			c.ask(env)
		}
	case Outcome:
		if m.Tx == c.tx && !c.ended {
			env.Note(Ended{m.Tx, m.Committed})
			c.tx, c.tries, c.home = Tx{}, 0, slices.Index(c.coordinators, from)
			if c.ended = int(c.request) == c.total; !c.ended {
				c.begin(env)
			}
		}
	case overdue:
		if m.Step == c.step && !c.ended {
			c.ask(env)
		}
	}
}

// begin asks for the next transaction.
func (c *Client) begin(env sim.Env) {
	c.request++
	c.ask(env)
}

// ask asks for a transaction who told the last outcome, or its coordinator for that of the one under way; and where others
// can take over these too, in turn, once it has waited for a while.
func (c *Client) ask(env sim.Env) {
	home := c.home
	if !c.tx.None() {
		home = int(c.tx.Coordinator) - 1
	}
	if c.recovery && c.tries > 1 {
		home += c.tries - 1
	}
	to := c.coordinators[home%len(c.coordinators)]
	if c.tx.None() {
		env.Send(to, Begin{c.request})
	} else {
		env.Send(to, c.commit)
	}
	c.step++
	env.After(backOff(clientAgain, c.tries), overdue{c.tx, c.step})
	c.tries++
}

// work makes the transaction: what is done at each participant, in an order of which the choice of lists is drawn.
func (c *Client) work(env sim.Env) Commit {
	n := len(c.participants)
	presume := c.variant.draw(env, c.request)
	name := c.tx.String()
	drawn := env.Pick("lists", 1<<n)
	parts, ops := make([]Part, n), make([]Op, 0, 2*n)
	for i, id := range c.participants {
		appended, read := drawn>>i&1, 1-drawn>>i&1
		first := len(ops)
		// Any two that append somewhere are in each other's way there. Only who does not append can be late for a lock that
		// was given up too early.
		if c.readers == 0 || env.Pick("reader", 100) < 100-c.readers {
			ops = append(ops, Op{Append, listOf(appended, i), name})
		}
		ops = append(ops, Op{Read, listOf(read, i), ""})
		parts[i] = Part{Node: id, Ops: ops[first:len(ops):len(ops)]}
	}
	return Commit{c.tx, uint64(c.request), presume, parts}
}

// lists are the names of the lists of the first participants.
var lists = func() (l [maxParticipants][len(keys)]string) {
	for i := range l {
		for k, key := range keys {
			l[i][k] = fmt.Sprintf("%s%d", key, i+1)
		}
	}
	return l
}()

// listOf is the name of one of the lists of a participant.
func listOf(k, participant int) string { return lists[participant][k] }
