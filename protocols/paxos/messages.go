package paxos

import (
	"fmt"
	"strings"
)

// Prepare asks an acceptor for a promise (phase 1a). It is backed by the record of the proposer's life.
type Prepare struct {
	Slot   Slot
	Ballot Ballot
	backing
}

// Promise answers [Prepare] (phase 1b): its sender will accept nothing below Ballot any more. It tells
// the proposal that the acceptor has accepted with the highest ballot, if any.
type Promise struct {
	Slot     Slot
	Ballot   Ballot
	Accepted Ballot // none: nothing accepted so far
	Value    Value  // of the proposal accepted in that ballot
	backing
}

// Refused answers a [Prepare] or [Accept] whose ballot is too low, with the ballot that stands in its
// way (section 2.5: a proposer "should probably" be told, so that it can abandon its ballot).
type Refused struct {
	Slot     Slot
	Ballot   Ballot // that was refused
	Promised Ballot // the highest that the acceptor has seen
}

// Accept asks an acceptor to accept a proposal (phase 2a).
type Accept struct {
	Slot   Slot
	Ballot Ballot
	Value  Value
}

// Accepted says that its sender has accepted a proposal (phase 2b).
type Accepted struct {
	Slot   Slot
	Ballot Ballot
	Value  Value
	backing
}

// Ask asks what is known of a slot: an acceptor answers with its last [Accepted], a proposer with
// [Chosen], if they know anything.
type Ask struct{ Slot Slot }

// Chosen says that a majority has accepted the value in that ballot. As a message it tells a learner; as
// a fact it is noted by the proposer that counted the majority.
type Chosen struct {
	Slot   Slot
	Ballot Ballot
	Value  Value
}

// AppendHash appends the message's content.
func (m Prepare) AppendHash(b []byte) []byte { return m.Ballot.append(appendSlot(b, m.Slot)) }

// AppendHash appends the message's content.
func (m Promise) AppendHash(b []byte) []byte {
	return appendValue(m.Accepted.append(m.Ballot.append(appendSlot(b, m.Slot))), m.Value)
}

// AppendHash appends the message's content.
func (m Refused) AppendHash(b []byte) []byte {
	return m.Promised.append(m.Ballot.append(appendSlot(b, m.Slot)))
}

// AppendHash appends the message's content.
func (m Accept) AppendHash(b []byte) []byte {
	return appendValue(m.Ballot.append(appendSlot(b, m.Slot)), m.Value)
}

// AppendHash appends the message's content.
func (m Accepted) AppendHash(b []byte) []byte {
	return appendValue(m.Ballot.append(appendSlot(b, m.Slot)), m.Value)
}

// AppendHash appends the message's content.
func (m Ask) AppendHash(b []byte) []byte { return appendSlot(b, m.Slot) }

// AppendHash appends the message's content.
func (m Chosen) AppendHash(b []byte) []byte {
	return appendValue(m.Ballot.append(appendSlot(b, m.Slot)), m.Value)
}

// String prints "Prepare{2.1}"; slots other than 0 are named first, as in
// all messages: "Prepare{slot 7, 2.1}".
func (m Prepare) String() string { return fmt.Sprintf("Prepare{%s%v}", in(m.Slot), m.Ballot) }

// String prints "Promise{2.1}", and what was accepted: "Promise{2.1, has 1.2 x}".
func (m Promise) String() string {
	if m.Accepted.None() {
		return fmt.Sprintf("Promise{%s%v}", in(m.Slot), m.Ballot)
	}
	return fmt.Sprintf("Promise{%s%v, has %v %s}", in(m.Slot), m.Ballot, m.Accepted, m.Value)
}

// String prints "Refused{1.2, promised 2.1}".
func (m Refused) String() string {
	return fmt.Sprintf("Refused{%s%v, promised %v}", in(m.Slot), m.Ballot, m.Promised)
}

// String prints "Accept{2.1 x}".
func (m Accept) String() string { return fmt.Sprintf("Accept{%s%v %s}", in(m.Slot), m.Ballot, m.Value) }

// String prints "Accepted{2.1 x}".
func (m Accepted) String() string {
	return fmt.Sprintf("Accepted{%s%v %s}", in(m.Slot), m.Ballot, m.Value)
}

// String prints "Ask{}", "Ask{slot 7}".
func (m Ask) String() string { return fmt.Sprintf("Ask{%s}", strings.TrimSuffix(in(m.Slot), ", ")) }

// String prints "Chosen{2.1 x}".
func (m Chosen) String() string { return fmt.Sprintf("Chosen{%s%v %s}", in(m.Slot), m.Ballot, m.Value) }

// in names a slot, unless it is the first.
func in(s Slot) string {
	if s == 0 {
		return ""
	}
	return fmt.Sprintf("slot %d, ", s)
}
