package paxos

import (
	"encoding/binary"
	"fmt"
)

// Proposed is the fact that a proposer wants this value chosen. It is
// noted once a life, before the first ballot.
type Proposed struct {
	Slot  Slot
	Value Value
}

// Adopted is the fact that a proposer gave up its own value for one that
// an acceptor reported: that of the ballot From.
type Adopted struct {
	Slot         Slot
	Ballot, From Ballot
	Value        Value
}

// Preempted is the fact that a proposer gave up a ballot because an
// acceptor had promised a higher one to somebody else.
type Preempted struct {
	Slot       Slot
	Ballot, By Ballot
}

// Recovered is the fact that an acceptor started again and found promises on its disk: for that many slots.
type Recovered struct{ Promises int }

// Learned is the fact that a learner knows what was chosen.
type Learned struct {
	Slot  Slot
	Value Value
}

// Halted is the fact that a node does not trust its disk any more and falls silent: after a failed write
// or sync nobody knows what is durable. A restart reads the disk again.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Proposed) AppendHash(b []byte) []byte { return appendValue(appendSlot(b, f.Slot), f.Value) }

// AppendHash appends the fact's content.
func (f Adopted) AppendHash(b []byte) []byte {
	return appendValue(f.From.append(f.Ballot.append(appendSlot(b, f.Slot))), f.Value)
}

// AppendHash appends the fact's content.
func (f Preempted) AppendHash(b []byte) []byte {
	return f.By.append(f.Ballot.append(appendSlot(b, f.Slot)))
}

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(f.Promises)) }

// AppendHash appends the fact's content.
func (f Learned) AppendHash(b []byte) []byte { return appendValue(appendSlot(b, f.Slot), f.Value) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return appendValue(b, Value(f.Why)) }

// String prints "proposed x".
func (f Proposed) String() string { return fmt.Sprintf("%sproposed %s", in(f.Slot), f.Value) }

// String prints "2.1 adopted x of 1.2".
func (f Adopted) String() string {
	return fmt.Sprintf("%s%v adopted %s of %v", in(f.Slot), f.Ballot, f.Value, f.From)
}

// String prints "1.2 preempted by 2.1".
func (f Preempted) String() string {
	return fmt.Sprintf("%s%v preempted by %v", in(f.Slot), f.Ballot, f.By)
}

// String prints "recovered 1 promise".
func (f Recovered) String() string {
	if f.Promises == 1 {
		return "recovered 1 promise"
	}
	return fmt.Sprintf("recovered %d promises", f.Promises)
}

// String prints "learned x".
func (f Learned) String() string { return fmt.Sprintf("%slearned %s", in(f.Slot), f.Value) }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
