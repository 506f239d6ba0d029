package threepc

import (
	"encoding/binary"
	"errors"
	"fmt"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// dtLog is the file with a site's distributed transaction log (DT log, in the words of the book).
const dtLog = "dt.log"

// A record is what a site knows of a transaction, as it stands in its log. The last record of a transaction counts.
type record struct {
	tx     Tx
	state  State
	served Site // the last leader whom it has answered
}

func (r record) append(b []byte) []byte {
	return append(r.tx.append(b), byte(r.state), byte(r.served))
}

// ended stands in the place of a state in a record that is not forced: the coordinator may forget the transaction.
const ended = Aborted + 1

var errRecord = errors.New("not a record of a transaction")

func parseRecord(b []byte) (record, error) {
	tx, size := binary.Uvarint(b)
	if size <= 0 || len(b) != size+2 || State(b[size]) > ended {
		return record{}, errRecord
	}
	return record{Tx(tx), State(b[size]), Site(b[size+1])}, nil
}

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct{ at int64 }

var errBacking = errors.New("the record says something else")

// check reads the record, and lets says judge it.
func (b backing) check(durable disk.View, tx Tx, what string, says func(record) bool) error {
	p, err := reclog.Peek(durable, dtLog, b.at)
	if err == nil {
		if r, bad := parseRecord(p); bad != nil || r.tx != tx || !says(r) {
			err = errBacking
		}
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
}

// Backed checks that the transaction is on record as begun.
func (m CanCommit) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its beginning", func(r record) bool { return r.state == Uncertain })
}

// Backed checks that the vote is durable: a yes as the state w, a no as the abort that it is.
func (m Vote) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its vote", func(r record) bool {
		return m.Yes && r.state == Uncertain || !m.Yes && r.state == Aborted
	})
}

// Backed checks that the leader itself is pre-committed.
func (m PreCommit) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its pre-commit", func(r record) bool {
		return r.state == PreCommitted && r.served == m.Leader
	})
}

// Backed checks that the pre-commit is durable.
func (m PreAck) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its pre-commit", func(r record) bool {
		return r.state == PreCommitted && r.served == m.Leader
	})
}

// Backed checks that the decision is durable.
func (m DoCommit) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its commit", func(r record) bool { return r.state == Committed })
}

// Backed checks that the decision is durable.
func (m DoAbort) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its abort", func(r record) bool { return r.state == Aborted })
}

// Backed checks that the decision is durable, so that its receiver may forget it.
func (m HaveCommitted) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its commit", func(r record) bool { return r.state == Committed })
}

// Backed checks that the backup has it on record that it leads.
func (m StateReq) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its election", func(r record) bool { return r.served == m.Leader })
}

// Backed checks that the state is durable and, unless that is a decision, whom it was told.
func (m Report) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its state", func(r record) bool {
		return r.state == m.State && (r.state.Decided() || r.served == m.Leader)
	})
}

// Backed checks that the log says what the question tells.
func (m Ask) Backed(durable disk.View) error {
	return m.check(durable, m.Tx, "its state", func(r record) bool { return r.state == m.State && r.served == m.Served })
}
