package e3pc

import (
	"errors"
	"fmt"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct{ at int64 }

var errBacking = errors.New("the record says something else")

// check reads the record and lets says judge it. It costs the same however long the log is.
func (b backing) check(durable disk.View, tx Tx, what string, says func(stance) bool) error {
	p, err := reclog.Peek(durable, dtLog, b.at)
	if err == nil {
		var r record
		if r, err = parseRecord(p); err == nil && (r.tx != tx || !says(r.stance)) {
			err = errBacking
		}
	}
	if err != nil {
		return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
	}
	return nil
}

// Backed checks that the vote is durable: a yes as a state that waits, a no as the decision that it is.
func (m Vote) Backed(durable disk.View) error {
	says := aborted
	if m.Yes {
		says = wait
	}
	return m.check(durable, m.Tx, "its vote", func(s stance) bool { return s.state == says })
}

// Backed checks that the sender has moved itself, so that no later life of it asks for something else in the
// same election.
func (m PreCommit) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its move", func(s stance) bool { return s.state == preCommitted && s.attempt == m.Election })
}

// Backed checks that the sender has moved itself.
func (m PreAbort) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its move", func(s stance) bool { return s.state == preAborted && s.attempt == m.Election })
}

// Backed checks that the move is durable.
func (m PreAck) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its move", func(s stance) bool {
		return (s.state == preCommitted || s.state == preAborted) && s.attempt == m.Election
	})
}

// Backed checks that the decision is durable.
func (m DoCommit) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "the decision", func(s stance) bool { return s.state == committed })
}

// Backed checks that the decision is durable.
func (m DoAbort) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "the decision", func(s stance) bool { return s.state == aborted })
}

// Backed checks that the sender has joined the election, so that no later life of it leads the same again.
func (m Elect) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its election", func(s stance) bool { return s.elected == m.Election })
}

// Backed checks that the sender has joined the election, and stood where it says when it did.
func (m Standing) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its standing", func(s stance) bool {
		return s.elected == m.Election && s.state == m.State && s.attempt == m.Attempt
	})
}
