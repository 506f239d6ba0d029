package multipaxos

import (
	"errors"
	"fmt"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
	"simrun/workload"
)

// A backing says which record of votes bears a message out, and in which generation. It is no part of the message's content.
type backing struct{ at int64 }

// check reads the record and lets says judge it.
func (b backing) check(durable disk.View, what string, says func(kind byte, r *workload.Reader) bool) error {
	p, err := reclog.Peek(durable, votesFile, b.at)
	if err == nil && (len(p) == 0 || !says(p[0], workload.NewReader(string(p[1:])))) {
		err = errors.New("the record says something else")
	}
	if err != nil {
		return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
	}
	return nil
}

// Backed checks that the sender will not use the ballot again.
func (m Prepare) Backed(durable disk.View) error { return m.promised(durable, m.Ballot) }

// Backed checks that the promise is durable.
func (m Promise) Backed(durable disk.View) error { return m.promised(durable, m.Ballot) }

// promised checks that the record promises a ballot or a higher one, as an acceptance does too.
func (b backing) promised(durable disk.View, ballot Ballot) error {
	return b.check(durable, "its promise", func(kind byte, r *workload.Reader) bool {
		if kind == voteRecord {
			r.Uint()
		}
		return (kind == promiseRecord || kind == voteRecord) && !readBallot(r).Less(ballot)
	})
}

// Backed checks that the acceptance is durable, and what was accepted.
func (m Accepted) Backed(durable disk.View) error {
	return m.backing.check(durable, "its acceptance", func(kind byte, r *workload.Reader) bool {
		return kind == voteRecord && Slot(r.Uint()) == m.Slot && readBallot(r) == m.Ballot
	})
}
