package chandylamport

import (
	"encoding/binary"
	"errors"
	"fmt"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// recoveryLog is the file in which a process keeps what must survive: a record for each incarnation that it has heard of, and one for each
// complete snapshot that it has begun. Only the last of each counts after a crash. The others are never taken away: the file grows by a snapshot for
// each that the process begins, as it must not in a system that is to run for long.
const recoveryLog = "recovery.log"

// The first byte of a record says what it is about.
const (
	incarnationRecord = 'i'
	snapshotRecord    = 's'
)

// A backing says which record bears a message out. It is no part of the message's content.
type backing struct{ at int64 }

// read reads the log at the start of a life: the last incarnation that the process knows of, and the last snapshot that it holds.
func (p *Process) read(env sim.Env) bool {
	log, records, err := reclog.Open(env.Disk(), recoveryLog)
	for _, rec := range records {
		if bad := p.reread(rec); bad != nil {
			err = bad
		}
	}
	p.log = log
	return p.trust(env, err)
}

func (p *Process) reread(rec reclog.Record) error {
	n, s, err := parseRecord(p.Stable, rec.Payload)
	switch {
	case err != nil:
		return err
	case s == nil:
		p.incarnation, p.current = n, backing{rec.At}
	case p.latest.ID.Before(s.ID):
		p.latest, p.holds = *s, backing{rec.At}
	}
	return nil
}

// parseRecord reads a record: an incarnation, or a snapshot.
func parseRecord(c *Codec, b []byte) (incarnation uint32, s *Snapshot, err error) {
	if len(b) == 0 {
		return 0, nil, errEncoding
	}
	if b[0] == snapshotRecord {
		x, err := c.decode(b[1:])
		return 0, &x, err
	}
	n, size := binary.Uvarint(b[1:])
	if b[0] != incarnationRecord || size <= 0 || size != len(b)-1 {
		return 0, nil, errEncoding
	}
	return uint32(n), nil, nil
}

// remember writes down that there is an incarnation, durably.
func (p *Process) remember(env sim.Env, n uint32) bool {
	at, ok := p.write(env, appendNumber([]byte{incarnationRecord}, n))
	p.current = backing{at}
	return ok
}

// store writes down a complete snapshot, durably. From then on it is the one to go back to.
func (p *Process) store(env sim.Env, s Snapshot) bool {
	at, ok := p.write(env, p.Stable.encode([]byte{snapshotRecord}, &s))
	if ok && p.latest.ID.Before(s.ID) {
		p.latest, p.holds = s, backing{at}
	}
	return ok
}

// write forces a record to disk.
func (p *Process) write(env sim.Env, record []byte) (at int64, ok bool) {
	at, err := p.log.Append(record)
	if err == nil {
		err = p.log.Sync()
	}
	return at, p.trust(env, err)
}

// trust falls silent after an error of the disk: nobody knows what is durable.
func (p *Process) trust(env sim.Env, err error) bool {
	if err == nil {
		return true
	}
	p.halted = true
	env.Note(Halted{err.Error()})
	return false
}

// check reads the record and compares what it says.
func (b backing) check(durable disk.View, what string, says func(record []byte) bool) error {
	record, err := reclog.Peek(durable, recoveryLog, b.at)
	if err == nil && !says(record) {
		err = errors.New("the record says something else")
	}
	if err != nil {
		return fmt.Errorf("it needs the record of %s, which would not survive a crash: %w", what, err)
	}
	return nil
}

// incarnation checks that the incarnation is on record.
func (b backing) incarnation(durable disk.View, n uint32) error {
	return b.check(durable, "the incarnation", func(record []byte) bool {
		return string(record) == string(appendNumber([]byte{incarnationRecord}, n))
	})
}

// Backed checks that the leader has the incarnation on record: it will not use the number again.
func (m Stop) Backed(durable disk.View) error { return m.incarnation(durable, m.Incarnation) }

// Backed checks that the process has the incarnation on record, and the snapshot that it says it holds.
func (m Stopped) Backed(durable disk.View) error {
	if err := m.incarnation(durable, m.Incarnation); err != nil || m.Latest.ID == (ID{}) {
		return err
	}
	return m.snapshot.check(durable, "the snapshot", func(record []byte) bool {
		r := reader{b: record[1:]}
		return record[0] == snapshotRecord && r.id() == m.Latest.ID && !r.bad
	})
}
