package twopc

import (
	"encoding/binary"
	"errors"
	"fmt"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// The files in which nodes keep what must survive: one log each.
const (
	participantLog = "participant.log"
	coordinatorLog = "coordinator.log"
)

// A recordKind says what a record of a log is about.
type recordKind byte

const (
	noRecord      recordKind = iota
	lived                    // the node began another life
	initiated                // a coordinator begins an attempt: who takes part
	prepared                 // a participant is ready to commit: what it will install, and which locks it holds
	joined                   // a participant has joined an attempt
	commitDecided            // the transaction is committed
	abortDecided             // the transaction is aborted
	ended                    // a coordinator has all the acknowledgements it needs, and forgets the transaction
)

// A write is a value that a transaction will give to a key.
type write struct{ key, value string }

// A record is what stands in a log. Of the fields after attempt, a record has those that are needed to go on after a
// crash.
type record struct {
	kind    recordKind
	tx      Tx // of a lived record: the life, in Life
	attempt Attempt
	presume Presume
	client  sim.NodeID
	peers   []sim.NodeID
	age     uint64
	reads   []string
	writes  []write
}

// append appends the record's encoding.
func (r *record) append(b []byte) []byte {
	b = r.attempt.append(r.tx.append(append(b, byte(r.kind))))
	b = appendNodes(appendText(append(b, byte(r.presume)), string(r.client)), r.peers)
	b = binary.AppendUvarint(binary.AppendUvarint(b, r.age), uint64(len(r.reads)))
	for _, key := range r.reads {
		b = appendText(b, key)
	}
	b = binary.AppendUvarint(b, uint64(len(r.writes)))
	for _, w := range r.writes {
		b = appendText(appendText(b, w.key), w.value)
	}
	return b
}

var errRecord = errors.New("not a record of two-phase commit")

// A reader takes an encoding to pieces. After an error it returns zeros.
type reader struct {
	b   []byte
	err error
}

func (r *reader) byte() byte {
	if r.err != nil || len(r.b) == 0 {
		r.err = errRecord
		return 0
	}
	x := r.b[0]
	r.b = r.b[1:]
	return x
}

func (r *reader) number() uint64 {
	x, n := binary.Uvarint(r.b)
	if r.err != nil || n <= 0 {
		r.err = errRecord
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) text() string {
	n := r.number()
	if r.err != nil || n > uint64(len(r.b)) {
		r.err = errRecord
		return ""
	}
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

// header reads what all records begin with.
func (r *reader) header() (x record) {
	x.kind = recordKind(r.byte())
	x.tx = Tx{uint32(r.number()), uint32(r.number()), uint32(r.number())}
	x.attempt = Attempt{uint32(r.number()), uint32(r.number()), uint32(r.number())}
	if x.kind == noRecord || x.kind > ended {
		r.err = errRecord
	}
	return x
}

// parseRecord reads a record. It shares no memory with b.
func parseRecord(b []byte) (record, error) {
	r := &reader{b: b}
	x := r.header()
	x.presume, x.client = Presume(r.byte()), sim.NodeID(r.text())
	for n := r.number(); n > 0 && r.err == nil; n-- {
		x.peers = append(x.peers, sim.NodeID(r.text()))
	}
	x.age = r.number()
	for n := r.number(); n > 0 && r.err == nil; n-- {
		x.reads = append(x.reads, r.text())
	}
	for n := r.number(); n > 0 && r.err == nil; n-- {
		x.writes = append(x.writes, write{r.text(), r.text()})
	}
	if len(r.b) > 0 || x.presume > PresumedCommit {
		r.err = errRecord
	}
	return x, r.err
}

// A journal is a node's log, and how much of it is durable.
type journal struct {
	log    *reclog.Log
	unsafe bool // it never syncs, which is wrong
	forced backing
	last   backing
	life   uint32
	begun  backing // the record of this life
	buf    []byte
}

// open reads the log of earlier lives and begins another life, durably.
func (j *journal) open(env sim.Env, name string) ([]record, []backing, error) {
	log, found, err := reclog.Open(env.Disk(), name)
	if err != nil {
		return nil, nil, err
	}
	j.log = log
	var records []record
	var places []backing
	for _, f := range found {
		r, err := parseRecord(f.Payload)
		if err != nil {
			return nil, nil, err
		}
		if r.kind == lived {
			j.life = r.tx.Life
			continue
		}
		records, places = append(records, r), append(places, backing{f.At + 1})
	}
	j.life++
	if j.begun, err = j.write(&record{kind: lived, tx: Tx{Life: j.life}}, false); err == nil {
		err = log.Sync() // even if nothing else is: two lives of one number would be two nodes of one name
	}
	j.forced = j.last
	return records, places, err
}

// write appends a record, and forces the log if it must.
func (j *journal) write(r *record, force bool) (backing, error) {
	j.buf = r.append(j.buf[:0])
	at, err := j.log.Append(j.buf)
	if err != nil {
		return backing{}, err
	}
	j.last = backing{at + 1}
	if force {
		err = j.force()
	}
	return j.last, err
}

// force makes all that was written durable.
func (j *journal) force() error {
	if j.unsafe {
		return nil
	}
	if err := j.log.Sync(); err != nil {
		return err
	}
	j.forced = j.last
	return nil
}

// durable reports whether a record is known to be durable.
func (j *journal) durable(b backing) bool { return b.after <= j.forced.after }

// A backing says which record bears a message out. It is no part of the message's content. The zero backing
// is none.
type backing struct {
	after int64 // the offset in the log of the byte after the record's first
}

// check reads the record in a log and lets says judge it.
func (b backing) check(durable disk.View, name, what string, says func(record) bool) error {
	err := errBacking
	if b.after > 0 {
		var p []byte
		if p, err = reclog.Peek(durable, name, b.after-1); err == nil {
			r := &reader{b: p}
			if x := r.header(); r.err != nil || !says(x) {
				err = errBacking
			}
		}
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("it needs %s, which would not survive a crash: %w", what, err)
}

var errBacking = errors.New("there is no such record")

// Backed checks that no later life of the coordinator will give the same transaction.
func (m Begun) Backed(durable disk.View) error {
	return m.backing.check(durable, coordinatorLog, "the record of its sender's life", func(r record) bool {
		return r.kind == lived && r.tx.Life == m.Tx.Life
	})
}

// Backed checks, where commit is presumed, that who takes part is durable: else a coordinator that has
// forgotten would presume the commit of a transaction that is not decided.
func (m CanCommit) Backed(durable disk.View) error {
	if m.Presume != PresumedCommit {
		return nil
	}
	return m.backing.check(durable, coordinatorLog, "the record of who takes part", func(r record) bool {
		return r.kind == initiated && r.tx == m.Tx
	})
}

// Backed checks that a participant which votes yes will be able to commit.
func (m Vote) Backed(durable disk.View) error {
	if !m.Yes {
		return nil
	}
	return m.backing.check(durable, participantLog, "the record that the transaction is prepared", func(r record) bool {
		return r.kind == prepared && r.tx == m.Tx && r.attempt == m.Attempt
	})
}

// Backed checks that the coordinator will not decide otherwise after a crash: a commit needs its record, and
// an abort needs one unless it is presumed; where commit is presumed the record of who takes part will do.
func (m Decision) Backed(durable disk.View) error {
	if !m.Commit && m.Presume == PresumedAbort {
		return nil
	}
	return m.backing.check(durable, coordinatorLog, "the record of the decision", func(r record) bool {
		right := r.kind == abortDecided || m.Presume == PresumedCommit && r.kind == initiated
		if m.Commit {
			right = r.kind == commitDecided
		}
		return right && r.tx == m.Tx && r.attempt == m.Attempt
	})
}

// Backed checks that the participant holds the decision durably.
func (m Ack) Backed(durable disk.View) error {
	return m.backing.check(durable, participantLog, "the record of the decision", func(r record) bool {
		return r.tx == m.Tx && r.kind == decided(m.Commit)
	})
}

// Backed checks that the participant will refuse lower attempts after a crash, or that the transaction is
// decided there.
func (m Fenced) Backed(durable disk.View) error {
	return m.backing.check(durable, participantLog, "the record that its sender has joined the attempt", func(r record) bool {
		if m.State.Decided() {
			return r.tx == m.Tx && r.kind == decided(m.State == Committed)
		}
		return r.tx == m.Tx && r.attempt == m.Attempt
	})
}

// decided returns the kind of record that says so.
func decided(commit bool) recordKind {
	if commit {
		return commitDecided
	}
	return abortDecided
}
