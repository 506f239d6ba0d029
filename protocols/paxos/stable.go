package paxos

import (
	"encoding/binary"
	"errors"
	"fmt"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// The files in which nodes keep what must survive.
const (
	acceptorLog = "acceptor.log" // a record for each promise and acceptance: all that is known of the slot
	proposerLog = "proposer.log" // a record for each life
)

// A record is the state of one slot as it stands in acceptor.log. The last record of a slot counts.
type record struct {
	slot               Slot
	promised, accepted Ballot
	value              []byte
}

func appendRecord(b []byte, slot Slot, v *vote) []byte {
	b = v.promised.append(appendSlot(b, slot))
	return append(v.accepted.append(b), v.value...)
}

var errRecord = errors.New("not a record of an acceptor")

// parseRecord reads a record; its value shares memory with b.
func parseRecord(b []byte) (r record, err error) {
	var n [7]uint64
	for i := range n {
		x, size := binary.Uvarint(b)
		if size <= 0 {
			return record{}, errRecord
		}
		n[i], b = x, b[size:]
	}
	return record{
		slot:     Slot(n[0]),
		promised: Ballot{uint32(n[1]), uint32(n[2]), uint32(n[3])},
		accepted: Ballot{uint32(n[4]), uint32(n[5]), uint32(n[6])},
		value:    b,
	}, nil
}

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct {
	at    int64 // the record's offset in the log
	again bool  // of an acceptance: told to somebody who asked, which is no vote
}

// read reads the record. It costs the same however long the log is.
func (b backing) read(durable disk.View, name string) ([]byte, error) {
	return reclog.Peek(durable, name, b.at)
}

// check reads the record in acceptor.log and lets says judge it.
func (b backing) check(durable disk.View, says func(record) bool) error {
	p, err := b.read(durable, acceptorLog)
	if err != nil {
		return err
	}
	if r, err := parseRecord(p); err != nil || !says(r) {
		return errBacking
	}
	return nil
}

var errBacking = errors.New("the record says something else")

// Backed checks that the promise, and the acceptance that it reports, are durable.
func (m Promise) Backed(durable disk.View) error {
	err := m.backing.check(durable, func(r record) bool {
		return r.slot == m.Slot && !r.promised.Less(m.Ballot) && r.accepted == m.Accepted && string(r.value) == string(m.Value)
	})
	return unbacked("it needs the record of its promise", err)
}

// Backed checks that the acceptance is durable.
func (m Accepted) Backed(durable disk.View) error {
	err := m.backing.check(durable, func(r record) bool {
		return r.slot == m.Slot && r.accepted == m.Ballot && string(r.value) == string(m.Value)
	})
	return unbacked("it needs the record of its acceptance", err)
}

// Backed checks that the life in which the ballot is used is on record, so that no later life will use it.
func (m Prepare) Backed(durable disk.View) error {
	p, err := m.backing.read(durable, proposerLog)
	if err == nil {
		if life, size := binary.Uvarint(p); size <= 0 || uint32(life) != m.Ballot.Life {
			err = errBacking
		}
	}
	return unbacked("it needs the record of its sender's life", err)
}

// unbacked says in words of the protocol why a message must not leave yet, unless err is nil.
func unbacked(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s, which would not survive a crash: %w", what, err)
}

// A Life is one life of a proposer. Ballots of different lives differ.
type Life struct {
	number uint32
	backing
}

// NewLife takes the next number and syncs it, before the first ballot of
// this life. After an error no ballot may be used.
func NewLife(env sim.Env) (Life, error) {
	log, lives, err := reclog.Open(env.Disk(), proposerLog)
	if err != nil {
		return Life{}, err
	}
	l := Life{number: uint32(len(lives)) + 1}
	if l.at, err = log.Append(binary.AppendUvarint(nil, uint64(l.number))); err != nil {
		return Life{}, err
	}
	return l, log.Sync()
}

// Prepare makes the message that opens a ballot of this life, the
// Proposer being the number of the proposer, from 1.
func (l Life) Prepare(slot Slot, round, proposer uint32) Prepare {
	return Prepare{slot, Ballot{round, proposer, l.number}, l.backing}
}
