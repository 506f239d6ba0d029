package twopc

import (
	"encoding/binary"
	"fmt"

	"simrun/sim"
)

// Begin asks a coordinator for a transaction. The same request is answered with the same transaction as long
// as the coordinator lives.
type Begin struct{ Request uint32 } // numbers the client's transactions, from 1

// Begun answers [Begin]. It is backed by the record of the coordinator's life, so that no later life gives
// the same transaction.
type Begun struct {
	Request uint32
	Tx      Tx
	backing
}

// Do asks a participant to do a piece of work before there is a vote.
type Do struct {
	Tx  Tx
	Age uint64 // of the transaction, for wait-die: the smaller the older
	Seq uint32 // numbers the transaction's operations at this participant, from 1
	Op  Op
}

// Done answers [Do], maybe not before a lock is free. A transaction that was refused a lock has been aborted
// there.
type Done struct {
	Tx      Tx
	Seq     uint32
	Life    uint32 // of the participant: work is forgotten in a crash
	Value   string // read or written
	Version Tx     // of a read: who wrote the value
	Refused bool   // the transaction can do no more here
}

// Abandon tells a participant that the client gives up a transaction that was not put to the vote.
type Abandon struct{ Tx Tx }

// Commit asks a coordinator to put a transaction to the vote, or once more how it ended.
type Commit struct {
	Tx      Tx
	Age     uint64
	Presume Presume
	Parts   []Part
}

// Outcome tells a client how its transaction ended.
type Outcome struct {
	Tx        Tx
	Committed bool
}

// CanCommit asks a participant for its vote (prepare, in most papers). If it brings work, the work is done
// first.
type CanCommit struct {
	Tx      Tx
	Attempt Attempt
	Client  sim.NodeID
	Age     uint64
	Presume Presume
	Life    uint32 // the vote is no in any other life of the participant; see Part
	Peers   []sim.NodeID
	Ops     []Op
	backing
}

// Vote answers [CanCommit]. A yes is backed by the record that the transaction is prepared.
type Vote struct {
	Tx      Tx
	Attempt Attempt
	Yes     bool
	Life    uint32 // the participant's
	backing
}

// Decision tells a participant what was decided. It is backed by whatever the coordinator must find again after
// a crash: see [Presume].
type Decision struct {
	Tx      Tx
	Attempt Attempt
	Commit  bool
	Presume Presume
	backing
}

// Ack answers [Decision] where that is due: its sender holds the decision, durably.
type Ack struct {
	Tx     Tx
	Commit bool
	backing
}

// GetDecision asks for the decision: a prepared participant asks a coordinator or its peers, a coordinator
// that has forgotten asks the participants.
type GetDecision struct {
	Tx      Tx
	Presume Presume
	Joined  Attempt // the highest that the asking participant knows of
	Client  sim.NodeID
	Peers   []sim.NodeID
}

// Answer answers [GetDecision], or a message that comes too late. A state that is not decided says that its
// sender does not know.
type Answer struct {
	Tx    Tx
	State State
}

// Fence asks a participant to take part in no lower attempt any more, and for its state: an attempt of a recovery
// coordinator begins so.
type Fence struct {
	Tx      Tx
	Attempt Attempt
	Presume Presume
}

// Fenced answers [Fence]. It is backed by the record that the participant has joined the attempt.
type Fenced struct {
	Tx      Tx
	Attempt Attempt
	State   State // Prepared, Committed or Aborted
	backing
}

// Stale refuses a message of an attempt because its receiver has joined a higher one.
type Stale struct {
	Tx      Tx
	Attempt Attempt // that was refused
	Joined  Attempt
}

// Alive tells the coordinators that a participant has begun another life than its first, so that they do not
// put work to it in an earlier one.
type Alive struct{ Life uint32 }

// AppendHash appends the message's content.
func (m Begin) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(m.Request)) }

// AppendHash appends the message's content.
func (m Begun) AppendHash(b []byte) []byte {
	return m.Tx.append(binary.AppendUvarint(b, uint64(m.Request)))
}

// AppendHash appends the message's content.
func (m Do) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(m.Tx.append(b), m.Age)
	return m.Op.append(binary.AppendUvarint(b, uint64(m.Seq)))
}

// AppendHash appends the message's content.
func (m Done) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(m.Tx.append(b), uint64(m.Seq))
	b = binary.AppendUvarint(b, uint64(m.Life))
	return appendBool(m.Version.append(appendText(b, m.Value)), m.Refused)
}

// AppendHash appends the message's content.
func (m Abandon) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m Commit) AppendHash(b []byte) []byte {
	b = append(binary.AppendUvarint(m.Tx.append(b), m.Age), byte(m.Presume))
	for i := range m.Parts {
		b = m.Parts[i].append(b)
	}
	return b
}

// AppendHash appends the message's content.
func (m Outcome) AppendHash(b []byte) []byte { return appendBool(m.Tx.append(b), m.Committed) }

// AppendHash appends the message's content.
func (m CanCommit) AppendHash(b []byte) []byte {
	b = appendText(m.Attempt.append(m.Tx.append(b)), string(m.Client))
	b = append(binary.AppendUvarint(b, m.Age), byte(m.Presume))
	b = binary.AppendUvarint(b, uint64(m.Life))
	return appendOps(appendNodes(b, m.Peers), m.Ops)
}

// AppendHash appends the message's content.
func (m Vote) AppendHash(b []byte) []byte {
	return appendBool(binary.AppendUvarint(m.Attempt.append(m.Tx.append(b)), uint64(m.Life)), m.Yes)
}

// AppendHash appends the message's content.
func (m Decision) AppendHash(b []byte) []byte {
	return append(appendBool(m.Attempt.append(m.Tx.append(b)), m.Commit), byte(m.Presume))
}

// AppendHash appends the message's content.
func (m Ack) AppendHash(b []byte) []byte { return appendBool(m.Tx.append(b), m.Commit) }

// AppendHash appends the message's content.
func (m GetDecision) AppendHash(b []byte) []byte {
	b = m.Joined.append(append(m.Tx.append(b), byte(m.Presume)))
	return appendNodes(appendText(b, string(m.Client)), m.Peers)
}

// AppendHash appends the message's content.
func (m Answer) AppendHash(b []byte) []byte { return append(m.Tx.append(b), byte(m.State)) }

// AppendHash appends the message's content.
func (m Fence) AppendHash(b []byte) []byte {
	return append(m.Attempt.append(m.Tx.append(b)), byte(m.Presume))
}

// AppendHash appends the message's content.
func (m Fenced) AppendHash(b []byte) []byte {
	return append(m.Attempt.append(m.Tx.append(b)), byte(m.State))
}

// AppendHash appends the message's content.
func (m Stale) AppendHash(b []byte) []byte { return m.Joined.append(m.Attempt.append(m.Tx.append(b))) }

// AppendHash appends the message's content.
func (m Alive) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(m.Life)) }

// String prints "Begin{1}".
func (m Begin) String() string { return fmt.Sprintf("Begin{%d}", m.Request) }

// String prints "Begun{1, T3}".
func (m Begun) String() string { return fmt.Sprintf("Begun{%d, %v}", m.Request, m.Tx) }

// String prints "Do{T3 #2 write x 7}".
func (m Do) String() string { return fmt.Sprintf("Do{%v #%d %v}", m.Tx, m.Seq, m.Op) }

// String prints "Done{T3 #1 7 of T1}", "Done{T3 #2}" or "Done{T3 #2 refused}".
func (m Done) String() string {
	switch {
	case m.Refused:
		return fmt.Sprintf("Done{%v #%d refused}", m.Tx, m.Seq)
	case m.Version.None():
		return fmt.Sprintf("Done{%v #%d %s}", m.Tx, m.Seq, m.Value)
	}
	return fmt.Sprintf("Done{%v #%d %s of %v}", m.Tx, m.Seq, m.Value, m.Version)
}

// String prints "Abandon{T3}".
func (m Abandon) String() string { return fmt.Sprintf("Abandon{%v}", m.Tx) }

// String prints "Commit{T3}".
func (m Commit) String() string { return fmt.Sprintf("Commit{%v}", m.Tx) }

// String prints "Outcome{T3 committed}".
func (m Outcome) String() string { return fmt.Sprintf("Outcome{%v %v}", m.Tx, decision(m.Committed)) }

// String prints "CanCommit{T3}"; attempts other than the first are named, as in all messages: "CanCommit{T3, 2.2}".
func (m CanCommit) String() string { return fmt.Sprintf("CanCommit{%v%s}", m.Tx, in(m.Tx, m.Attempt)) }

// String prints "Vote{T3 yes}".
func (m Vote) String() string {
	return fmt.Sprintf("Vote{%v %s%s}", m.Tx, yesNo(m.Yes), in(m.Tx, m.Attempt))
}

// String prints "Decision{T3 commit}".
func (m Decision) String() string {
	return fmt.Sprintf("Decision{%v %s%s}", m.Tx, commitAbort(m.Commit), in(m.Tx, m.Attempt))
}

// String prints "Ack{T3 commit}".
func (m Ack) String() string { return fmt.Sprintf("Ack{%v %s}", m.Tx, commitAbort(m.Commit)) }

// String prints "GetDecision{T3}".
func (m GetDecision) String() string { return fmt.Sprintf("GetDecision{%v}", m.Tx) }

// String prints "Answer{T3 committed}".
func (m Answer) String() string { return fmt.Sprintf("Answer{%v %v}", m.Tx, m.State) }

// String prints "Fence{T3, 2.2}".
func (m Fence) String() string { return fmt.Sprintf("Fence{%v, %v}", m.Tx, m.Attempt) }

// String prints "Fenced{T3 prepared, 2.2}".
func (m Fenced) String() string { return fmt.Sprintf("Fenced{%v %v, %v}", m.Tx, m.State, m.Attempt) }

// String prints "Stale{T3, 1.1, joined 2.2}".
func (m Stale) String() string {
	return fmt.Sprintf("Stale{%v, %v, joined %v}", m.Tx, m.Attempt, m.Joined)
}

// String prints "Alive{life 2}".
func (m Alive) String() string { return fmt.Sprintf("Alive{life %d}", m.Life) }

// in names an attempt, unless it is the transaction's first.
func in(t Tx, a Attempt) string {
	if a == t.First() {
		return ""
	}
	return ", " + a.String()
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func commitAbort(commit bool) string {
	if commit {
		return "commit"
	}
	return "abort"
}
