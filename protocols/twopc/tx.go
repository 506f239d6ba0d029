package twopc

import (
	"encoding/binary"
	"strconv"

	"simrun/sim"
)

// A Tx names a transaction. It is given by a coordinator and never given again: lives of a coordinator have
// different numbers, and within a life the numbers only go up.
type Tx struct {
	Coordinator uint32 // who gave it, from 1
	Life        uint32 // in which of its lives, from 1
	N           uint32 // within the life, from 1
}

// None reports whether t is the zero Tx, which is nobody's: that of a key's first version.
func (t Tx) None() bool { return t == Tx{} }

// First is the attempt in which the transaction's own coordinator puts it to the vote.
func (t Tx) First() Attempt { return Attempt{1, t.Coordinator, t.Life} }

// String prints "T3", or "none" for the zero Tx, with the coordinator if it is not the first and the life if it is not the first:
// "T2:3/2" is the third transaction of coordinator 2 in its second life.
func (t Tx) String() string {
	if t.None() {
		return "none"
	}
	b := append(make([]byte, 0, 8), 'T')
	if t.Coordinator != 1 {
		b = append(strconv.AppendUint(b, uint64(t.Coordinator), 10), ':')
	}
	b = strconv.AppendUint(b, uint64(t.N), 10)
	if t.Life != 1 {
		b = strconv.AppendUint(append(b, '/'), uint64(t.Life), 10)
	}
	return string(b)
}

// append appends the transaction's encoding, in a record and in a hash alike.
func (t Tx) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(t.Coordinator))
	b = binary.AppendUvarint(b, uint64(t.Life))
	return binary.AppendUvarint(b, uint64(t.N))
}

// An Attempt numbers one try of one coordinator to decide a transaction. Attempts of different coordinators, and of
// different lives of one, differ; whoever begins one later makes it higher than all it knows of. The zero
// Attempt is below all others.
type Attempt struct {
	Round       uint32 // from 1
	Coordinator uint32 // whose it is, from 1
	Life        uint32 // in which of its lives, from 1
}

// Less orders attempts by round, then by coordinator, then by life.
func (a Attempt) Less(b Attempt) bool {
	if a.Round != b.Round {
		return a.Round < b.Round
	}
	if a.Coordinator != b.Coordinator {
		return a.Coordinator < b.Coordinator
	}
	return a.Life < b.Life
}

// String prints round and coordinator, and the life if it is not the first: "2.1" or "2.1/3".
func (a Attempt) String() string {
	b := strconv.AppendUint(make([]byte, 0, 8), uint64(a.Round), 10)
	b = strconv.AppendUint(append(b, '.'), uint64(a.Coordinator), 10)
	if a.Life != 1 {
		b = strconv.AppendUint(append(b, '/'), uint64(a.Life), 10)
	}
	return string(b)
}

// append appends the attempt's encoding, in a record and in a hash alike.
func (a Attempt) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(a.Round))
	b = binary.AppendUvarint(b, uint64(a.Coordinator))
	return binary.AppendUvarint(b, uint64(a.Life))
}

// A Presume says what a coordinator that knows nothing of a transaction answers to those that ask, and with it
// what must be forced and acknowledged (Mohan, Lindsay and Obermarck 1986).
type Presume uint8

// The variants of the protocol.
const (
	Basic          Presume = iota // aborted, and aborts are forced and acknowledged all the same
	PresumedAbort                 // aborted: aborts need neither force nor acknowledgement
	PresumedCommit                // committed: commits need neither, but who takes part is on record before they are asked
)

// String prints "basic", "presumed-abort" or "presumed-commit".
func (p Presume) String() string {
	return [...]string{"basic", "presumed-abort", "presumed-commit"}[p]
}

// presumes is what a coordinator answers that knows nothing.
func (p Presume) presumes() State {
	if p == PresumedCommit {
		return Committed
	}
	return Aborted
}

// forces reports whether the decision is forced by a participant and acknowledged: all but the one that is
// presumed.
func (p Presume) forces(commit bool) bool {
	return p == Basic || commit != (p == PresumedCommit)
}

// A State is how far a participant is with a transaction.
type State uint8

// The states, in the order in which a transaction goes through them.
const (
	Unknown   State = iota // never heard of
	Active                 // at work, and not yet asked to vote, or waiting for a lock before it votes
	Prepared               // has voted yes and must not decide alone
	Committed              // knows the decision
	Aborted                // knows the decision, or aborted before it voted yes
)

// String prints "unknown", "active", "prepared", "committed" or "aborted".
func (s State) String() string {
	return [...]string{"unknown", "active", "prepared", "committed", "aborted"}[s]
}

// Decided reports whether a decision is known in the state.
func (s State) Decided() bool { return s >= Committed }

// decision returns the state that a decision leads to.
func decision(commit bool) State {
	if commit {
		return Committed
	}
	return Aborted
}

// An OpKind says what an operation does.
type OpKind uint8

// The kinds of operations.
const (
	Read   OpKind = iota // reads a key under a shared lock
	Write                // gives a key a value, under an exclusive lock
	Append               // appends an element to the list that a key holds, under an exclusive lock
)

// An Op is one operation of a transaction on a key of one participant. A list is text: its elements with commas between
// them.
type Op struct {
	Kind  OpKind
	Key   string
	Value string // written, or the element; of a read it is ""
}

// String prints "read x", "write x 3" or "append x T1".
func (o Op) String() string {
	switch o.Kind {
	case Write:
		return "write " + o.Key + " " + o.Value
	case Append:
		return "append " + o.Key + " " + o.Value
	}
	return "read " + o.Key
}

// append appends the operation's encoding.
func (o Op) append(b []byte) []byte {
	return appendText(appendText(append(b, byte(o.Kind)), o.Key), o.Value)
}

// A Part is one participant's share of a transaction.
type Part struct {
	Node sim.NodeID
	Life uint32 // the participant's life in which the work was done, 0 for work that comes with Ops
	Ops  []Op   // the work, if it was not done before
}

// append appends the part's encoding.
func (p Part) append(b []byte) []byte {
	b = binary.AppendUvarint(appendText(b, string(p.Node)), uint64(p.Life))
	return appendOps(b, p.Ops)
}

func appendOps(b []byte, ops []Op) []byte {
	b = binary.AppendUvarint(b, uint64(len(ops)))
	for _, o := range ops {
		b = o.append(b)
	}
	return b
}

func appendNodes(b []byte, ids []sim.NodeID) []byte {
	b = binary.AppendUvarint(b, uint64(len(ids)))
	for _, id := range ids {
		b = appendText(b, string(id))
	}
	return b
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}
