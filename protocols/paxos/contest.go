package paxos

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/sim"
)

// A Contest is what a [Proposer] does, for nodes that are more than a proposer and want something in one slot after the other: the two
// phases, and a rest before the next ballot when one fails. The node hands it what it receives. Make one with [NewContest]; each life needs
// a new one, and [Contest.Start] first.
type Contest struct {
	number    uint32 // of the proposer, from 1
	acceptors []sim.NodeID
	need      int // how many acceptors make a quorum

	life    Life
	slot    Slot
	own     Value // what is wanted there; "" while nothing is
	attempt Attempt
	round   uint32 // the highest seen in this slot
	tries   int    // ballots begun in this slot
}

// An again ends the rest before the next ballot in a slot.
type again struct {
	Slot  Slot
	Tries int
}

// A late tells that a ballot has taken long enough.
type late struct {
	Slot   Slot
	Ballot Ballot
}

// AppendHash appends the timer's content.
func (t again) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(appendSlot(b, t.Slot), uint64(t.Tries))
}

// AppendHash appends the timer's content.
func (t late) AppendHash(b []byte) []byte { return t.Ballot.append(appendSlot(b, t.Slot)) }

// String prints "again{slot 7, ballot 2}".
func (t again) String() string { return fmt.Sprintf("again{%sballot %d}", in(t.Slot), t.Tries+1) }

// String prints "late{slot 7, 2.1}".
func (t late) String() string { return fmt.Sprintf("late{%s%v}", in(t.Slot), t.Ballot) }

// NewContest returns the contest of the proposer of that number, from 1, before its life has begun. A quorum is a majority of the acceptors.
func NewContest(number int, acceptors []sim.NodeID) Contest {
	return Contest{number: uint32(number), acceptors: acceptors, need: Majority(len(acceptors))}
}

// Start takes a number for this life from the disk; it must be called before all else. After an error, which it notes as [Halted], the contest
// must not be used.
func (c *Contest) Start(env sim.Env) error {
	life, err := NewLife(env)
	if err != nil {
		env.Note(Halted{err.Error()})
		return err
	}
	c.life = life
	return nil
}

// Life is the number of this life, from 1. It is on the disk.
func (c *Contest) Life() uint32 { return c.life.number }

// Enter begins to propose a value, which is not "", in a slot. It ends when Handle has returned true, or with Leave. A slot that was left may
// be entered again, but none below it, since its ballots are forgotten.
func (c *Contest) Enter(env sim.Env, slot Slot, own Value) {
	if slot != c.slot {
		c.round, c.tries = 0, 0
	}
	c.slot, c.own = slot, own
	c.begin(env)
}

// Entered reports whether the contest is under way, and in which slot.
func (c *Contest) Entered() (Slot, bool) { return c.slot, c.own != "" }

// Leave ends the contest: what was chosen is known, or no longer of interest.
func (c *Contest) Leave() { c.own, c.attempt = "", Attempt{} }

// Attempt is the ballot under way; it is not [Attempt.Open] if there is none.
func (c *Contest) Attempt() *Attempt { return &c.attempt }

// Handle handles answers of acceptors and the contest's own timers; anything else it leaves alone. It returns true, once, with what was chosen in
// the slot that was entered. Only then is the contest over.
func (c *Contest) Handle(env sim.Env, from sim.NodeID, m sim.Message) (Chosen, bool) {
	i := slices.Index(c.acceptors, from)
	switch m := m.(type) {
	case Promise:
		if i >= 0 && c.attempt.Promise(i, m) {
			c.propose(env)
		}
	case Accepted:
		if i >= 0 && c.attempt.Accepted(i, m) {
			c.Leave()
			return Chosen{m.Slot, m.Ballot, m.Value}, true
		}
	case Refused:
		if c.under(m.Slot, m.Ballot) {
			c.round = max(c.round, m.Promised.Round)
			env.Note(Preempted{m.Slot, m.Ballot, m.Promised})
			c.rest(env)
		}
	case late:
		if c.under(m.Slot, m.Ballot) {
			c.rest(env)
		}
	case again:
		if c.own != "" && m.Slot == c.slot && m.Tries == c.tries {
			c.begin(env)
		}
	}
	return Chosen{}, false
}

// under reports whether this ballot is under way.
func (c *Contest) under(slot Slot, b Ballot) bool {
	return c.attempt.Open() && slot == c.attempt.Slot && b == c.attempt.Ballot
}

// begin opens a ballot above all that were seen in the slot (phase 1a).
func (c *Contest) begin(env sim.Env) {
	c.round++
	c.tries++
	m := c.life.Prepare(c.slot, c.round, c.number)
	c.attempt = Begin(c.slot, m.Ballot, c.own, c.need)
	c.toAcceptors(env, m)
	env.After(patience<<min(c.tries-1, 3), late{c.slot, m.Ballot})
}

// propose asks for the value that the promises allow (phase 2a).
func (c *Contest) propose(env sim.Env) {
	a := &c.attempt
	if a.Value != c.own {
		env.Note(Adopted{a.Slot, a.Ballot, a.From, a.Value})
	}
	c.toAcceptors(env, Accept{a.Slot, a.Ballot, a.Value})
}

// rest gives the ballot up and waits before the next, longer each time and not as long as others, as a [Proposer] does.
func (c *Contest) rest(env sim.Env) {
	c.attempt = Attempt{}
	span := 1 << min(c.tries, doubles)
	wait := int(c.number-1)*span/2 + env.Pick("rest", span)
	env.After(quantum*time.Duration(wait), again{c.slot, c.tries})
}

func (c *Contest) toAcceptors(env sim.Env, m sim.Message) {
	for _, a := range c.acceptors {
		env.Send(a, m)
	}
}

// Wait says of the node whose contest it is what it waits for, as [checkers.Explain] wants it.
func (c *Contest) Wait(self sim.NodeID) checkers.Wait {
	a := &c.attempt
	w := checkers.Wait{Node: self}
	switch {
	case c.own == "":
		w.State = "has nothing to propose"
		return w
	case !a.Open():
		w.State = fmt.Sprintf("has not begun its ballot number %d%s", c.tries+1, inSlot(c.slot))
		return w
	case a.Proposing():
		w.State = fmt.Sprintf("has proposed %s in ballot %v%s", a.Value, a.Ballot, inSlot(a.Slot))
	default:
		w.State = fmt.Sprintf("has asked for promises in ballot %v%s", a.Ballot, inSlot(a.Slot))
	}
	for i, id := range c.acceptors {
		if !a.Answered().Has(i) {
			w.For = append(w.For, id)
		}
	}
	return w
}
