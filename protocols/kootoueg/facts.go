package kootoueg

import (
	"encoding/binary"
	"fmt"

	"simrun/sim"
)

// Began is the fact that a process has begun an instance.
type Began struct{ ID ID }

// Recorded is the fact that a process records its state as a tentative checkpoint, here and now. It reaches the disk right after.
type Recorded struct {
	ID ID
	By sim.NodeID
}

// Prepared is the fact that a process stops until it is decided whether it is to roll back.
type Prepared struct{ ID ID }

// Refused is the fact that a process has said no, because it takes part in another instance or has no state.
type Refused struct {
	ID   ID
	Busy ID // what it takes part in; the zero ID if it has no state
}

// Decided is the fact that the initiator has decided an instance.
type Decided struct {
	ID  ID
	Yes bool
}

// MadePermanent is the fact that a process's tentative checkpoint has become its permanent one.
type MadePermanent struct{ ID ID }

// Undone is the fact that a process has given up its tentative checkpoint.
type Undone struct{ ID ID }

// RolledBack is the fact that a process has gone back to its permanent checkpoint To, the zero ID being the initial state.
type RolledBack struct {
	ID, To      ID
	Incarnation uint32
}

// Restarted is the fact that a process has started without a state, and what it found on disk.
type Restarted struct {
	By        sim.NodeID
	Permanent ID // the zero ID: the initial state
	Tentative ID // a tentative checkpoint that is not decided; the zero ID if there is none
}

// Discarded is the fact that a process drops the message of the application that has just been delivered: it has no state, or the
// message is of another incarnation, and will be sent again if it is still true.
type Discarded struct{ Name Name }

// Resent is the fact that a process sends a neighbour that many messages again.
type Resent struct {
	To       sim.NodeID
	Messages int
}

// Rested is the fact that a process has nothing left to do, and has handled nothing for a while.
type Rested struct{}

// Halted is the fact that a process does not trust its disk any more and falls silent. A restart reads the disk again.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Began) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f Recorded) AppendHash(b []byte) []byte { return appendText(f.ID.append(b), string(f.By)) }

// AppendHash appends the fact's content.
func (f Prepared) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f Refused) AppendHash(b []byte) []byte { return f.Busy.append(f.ID.append(b)) }

// AppendHash appends the fact's content.
func (f Decided) AppendHash(b []byte) []byte { return appendBool(f.ID.append(b), f.Yes) }

// AppendHash appends the fact's content.
func (f MadePermanent) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f Undone) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f RolledBack) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(f.To.append(f.ID.append(b)), uint64(f.Incarnation))
}

// AppendHash appends the fact's content.
func (f Restarted) AppendHash(b []byte) []byte {
	return f.Tentative.append(f.Permanent.append(appendText(b, string(f.By))))
}

// AppendHash appends the fact's content.
func (f Discarded) AppendHash(b []byte) []byte { return f.Name.append(b) }

// AppendHash appends the fact's content.
func (f Resent) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(appendText(b, string(f.To)), uint64(f.Messages))
}

// AppendHash appends the fact's content: it has none.
func (Rested) AppendHash(b []byte) []byte { return b }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return appendText(b, f.Why) }

// String prints "began p1 C1.1".
func (f Began) String() string { return fmt.Sprintf("began %v", f.ID) }

// String prints "recorded for p1 C1.1".
func (f Recorded) String() string { return fmt.Sprintf("recorded for %v", f.ID) }

// String prints "prepared for p1 R2.1".
func (f Prepared) String() string { return fmt.Sprintf("prepared for %v", f.ID) }

// String prints "refused p1 C1.1, busy with p2 C1.1".
func (f Refused) String() string {
	if f.Busy == (ID{}) {
		return fmt.Sprintf("refused %v, without a state", f.ID)
	}
	return fmt.Sprintf("refused %v, busy with %v", f.ID, f.Busy)
}

// String prints "decided p1 C1.1 yes".
func (f Decided) String() string { return fmt.Sprintf("decided %v %s", f.ID, yes(f.Yes)) }

// String prints "made p1 C1.1 permanent".
func (f MadePermanent) String() string { return fmt.Sprintf("made %v permanent", f.ID) }

// String prints "undid p1 C1.1".
func (f Undone) String() string { return fmt.Sprintf("undid %v", f.ID) }

// String prints "rolled back to p1 C1.1 by p2 R2.1, incarnation 2".
func (f RolledBack) String() string {
	return fmt.Sprintf("rolled back to %v by %v, incarnation %d", f.To, f.ID, f.Incarnation)
}

// String prints "restarted, permanent p1 C1.1, tentative p2 C1.1".
func (f Restarted) String() string {
	if f.Tentative == (ID{}) {
		return fmt.Sprintf("restarted, permanent %v", f.Permanent)
	}
	return fmt.Sprintf("restarted, permanent %v, tentative %v", f.Permanent, f.Tentative)
}

// String prints "discarded p1>p2 #3".
func (f Discarded) String() string { return fmt.Sprintf("discarded %v", f.Name) }

// String prints "resends 2 messages to p1".
func (f Resent) String() string { return fmt.Sprintf("resent %d messages to %s", f.Messages, f.To) }

// String prints "rested".
func (Rested) String() string { return "rested" }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
