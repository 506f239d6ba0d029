package checkers

import (
	"fmt"

	"simrun/sim"
)

// A consistentCut compares the recordings of a snapshot with one another.
type consistentCut struct{ cutJudge }

// ConsistentCut returns the inner property "consistent-cut": no recorded state of a snapshot contains the receipt of a
// message whose sending, or what led to it, the others do not contain (C2 of Chandy and Lamport, TOCS 1985). It is
// judged by vector clocks over the application's messages, as Mattern does (1989): what a state knows of another
// process must be part of what that process recorded. So it may be found before all have recorded.
//
// A state that is compared with others is a check.
func ConsistentCut(c Cutting) sim.Property { return &consistentCut{c.judge("consistent-cut")} }

// Observe compares a state that was just recorded with those recorded before.
func (c *consistentCut) Observe(e *sim.Event) error {
	if err := c.read(e); err != nil || c.recorded == nil {
		return err
	}
	compared := false
	for _, r := range c.recorded.of.recordings {
		if r == c.recorded {
			continue
		}
		compared = true
		if err := r.agree(c.recorded); err != nil {
			c.checks++
			return err
		}
	}
	if compared {
		c.checks++
	}
	return nil
}

// agree reports whether neither of two states knows more of the other's process than that state contains.
func (r *recording) agree(s *recording) error {
	if err := r.knows(s); err != nil {
		return err
	}
	return s.knows(r)
}

// knows complains if r depends on what the process of s did after s.
func (r *recording) knows(s *recording) error {
	n := r.clock.at(s.process.index)
	if n == 0 || s.head.hasNumber(n) {
		return nil
	}
	of := "snapshot " + say(r.snapshot)
	for d := r.head; d != nil; d = d.prev {
		if m := d.of; !d.sending && m.from == s.process && !s.head.hasAny(m.sendings) {
			return fmt.Errorf("%s recorded %s at %v with %s, received from %s at %v, but %s sent it at %v and had recorded at %v without it",
				r.process.id, of, r.at, say(m.body), m.from.id, d.at, m.from.id, m.sentAt(), s.at)
		}
	}
	return fmt.Errorf("%s recorded %s at %v, which depends, by way of others, on what %s did after it had recorded at %v",
		r.process.id, of, r.at, s.process.id, s.at)
}

// A stronglyConsistent looks for messages that cross a cut.
type stronglyConsistent struct{ cutJudge }

// StronglyConsistentCut returns the inner property "strongly-consistent-cut": the states of a snapshot that is Complete
// contain the receipt of exactly the messages that they contain the sending of, so that all channels are empty. It is
// what a system must do that saves no channels. A snapshot is a check.
func StronglyConsistentCut(c Cutting) sim.Property {
	c.mustComplete("StronglyConsistentCut")
	return &stronglyConsistent{c.judge("strongly-consistent-cut")}
}

// mustComplete panics where a judge would wait for ever.
func (c *Cutting) mustComplete(who string) {
	if c.Complete == nil {
		panic("checkers: " + who + " needs Complete")
	}
}

// Observe judges a snapshot when it is complete.
func (c *stronglyConsistent) Observe(e *sim.Event) error {
	if err := c.read(e); err != nil || c.completed == nil {
		return err
	}
	c.checks++
	s := c.completed
	for _, m := range c.letters {
		from, to := s.of(m.from), s.of(m.to)
		if from == nil || to == nil {
			continue
		}
		switch sent, received := from.head.hasAny(m.sendings), to.head.hasAny(m.receipts); {
		case sent && !received:
			return fmt.Errorf("snapshot %s has %s on the way from %s, which recorded at %v, to %s, which recorded at %v",
				say(s.name), say(m.body), m.from.id, from.at, m.to.id, to.at)
		case received && !sent:
			return to.knows(from)
		}
	}
	return nil
}
