package acceptor

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// A Ballot numbers an attempt to have a value chosen. No two proposers ever use the same. The zero
// Ballot is below all others and is nobody's.
type Ballot struct {
	Round    uint32 // from 1
	Proposer uint32 // whose it is, from 1
}

// Less reports whether b is older than c: rounds are compared first, then proposers.
func (b Ballot) Less(c Ballot) bool {
	return b.Round < c.Round || b.Round == c.Round && b.Proposer < c.Proposer
}

// None reports whether b is the zero Ballot.
func (b Ballot) None() bool { return b == Ballot{} }

// String prints round and proposer, "2.1"; "none" for the zero Ballot.
func (b Ballot) String() string {
	if b.None() {
		return "none"
	}
	return fmt.Sprintf("%d.%d", b.Round, b.Proposer)
}

// A Value is what is proposed and chosen; "" is no value.
type Value string

// The messages. The proposer that asks is the one that Handle says the message is from, and the answer
// goes there.
type (
	// Prepare asks an acceptor to promise that it will take part in nothing older than Ballot.
	Prepare struct{ Ballot Ballot }

	// Promise gives that promise. It says what the acceptor has accepted last, in which ballot: none and "" if nothing.
	Promise struct {
		Ballot   Ballot // the one that was asked for
		Accepted Ballot
		Value    Value
	}

	// Accept asks an acceptor to accept a value in a ballot.
	Accept struct {
		Ballot Ballot
		Value  Value
	}

	// Accepted says that the acceptor has done so.
	Accepted struct {
		Ballot Ballot
		Value  Value
	}

	// Refused says that the acceptor has promised a ballot above the one asked for. To keep silent is right too, but
	// then the proposer waits before it tries a higher one.
	Refused struct {
		Ballot   Ballot // the one that was asked for
		Promised Ballot // the one that is in its way
	}
)

// String prints "Prepare{2.1}".
func (m Prepare) String() string { return fmt.Sprintf("Prepare{%v}", m.Ballot) }

// String prints "Promise{2.1}", and what was accepted: "Promise{2.1, has 1.2 B}".
func (m Promise) String() string {
	if m.Accepted.None() && m.Value == "" {
		return fmt.Sprintf("Promise{%v}", m.Ballot)
	}
	return fmt.Sprintf("Promise{%v, has %v %s}", m.Ballot, m.Accepted, m.Value)
}

// String prints "Accept{2.1 A}".
func (m Accept) String() string { return fmt.Sprintf("Accept{%v %s}", m.Ballot, m.Value) }

// String prints "Accepted{2.1 A}".
func (m Accepted) String() string { return fmt.Sprintf("Accepted{%v %s}", m.Ballot, m.Value) }

// String prints "Refused{1.2, promised 2.1}".
func (m Refused) String() string {
	return fmt.Sprintf("Refused{%v, promised %v}", m.Ballot, m.Promised)
}

// A Vote is all that an acceptor knows. The zero Vote has promised nothing and accepted nothing.
type Vote struct {
	Promised Ballot // it takes part in nothing older
	Accepted Ballot // in which it accepted last, none if it has not
	Value    Value  // that it accepted then
}

// Bytes is the vote as a record for the disk.
func (v Vote) Bytes() []byte {
	var b []byte
	for _, n := range []uint32{v.Promised.Round, v.Promised.Proposer, v.Accepted.Round, v.Accepted.Proposer} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, v.Value...)
}

// ReadVote reads what Bytes has written. The error says that b is nothing of that kind.
func ReadVote(b []byte) (v Vote, err error) {
	for _, field := range []*uint32{&v.Promised.Round, &v.Promised.Proposer, &v.Accepted.Round, &v.Accepted.Proposer} {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > 1<<32-1 {
			return Vote{}, errors.New("not the record of a vote")
		}
		*field, b = uint32(n), b[size:]
	}
	v.Value = Value(b)
	return v, nil
}
