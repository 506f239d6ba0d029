package paxos

import (
	"encoding/binary"
	"strconv"
)

// A Slot numbers an instance of the protocol, from 0. Instances know nothing of one another.
type Slot uint32

// A Value is what is proposed and chosen. Paxos does not look into it; "" is no value.
type Value string

// A Ballot numbers a proposal (section 2.2: "different proposals have different numbers"). It is unique
// by construction: proposers have different numbers, lives of a proposer have different numbers, and
// within a life rounds only go up. The zero Ballot is below all others and is nobody's.
type Ballot struct {
	Round    uint32 // from 1
	Proposer uint32 // whose it is, from 1
	Life     uint32 // in which of its lives, from 1
}

// Less orders ballots by round, then by proposer, then by life.
func (b Ballot) Less(c Ballot) bool {
	if b.Round != c.Round {
		return b.Round < c.Round
	}
	if b.Proposer != c.Proposer {
		return b.Proposer < c.Proposer
	}
	return b.Life < c.Life
}

// None reports whether b is the zero Ballot.
func (b Ballot) None() bool { return b == Ballot{} }

// String prints round and proposer, and the life if it is not the first:
// "2.1" or "2.1/3"; "none" for the zero Ballot.
func (b Ballot) String() string {
	if b.None() {
		return "none"
	}
	s := strconv.Itoa(int(b.Round)) + "." + strconv.Itoa(int(b.Proposer))
	if b.Life != 1 {
		s += "/" + strconv.Itoa(int(b.Life))
	}
	return s
}

// append appends the ballot's encoding, in a record and in a hash alike.
func (b Ballot) append(p []byte) []byte {
	p = binary.AppendUvarint(p, uint64(b.Round))
	p = binary.AppendUvarint(p, uint64(b.Proposer))
	return binary.AppendUvarint(p, uint64(b.Life))
}

// upTo returns list with at least n places, the new ones zero. Where there is a second slot there will
// soon be many: so a list that grows for the second time has room for more than a hundred at once.
func upTo[T any](list []T, n int) []T {
	switch {
	case list == nil:
		list = make([]T, 0, n)
	case n > cap(list):
		list = append(make([]T, 0, max(n, 2*cap(list), 150)), list...)
	}
	for len(list) < n {
		var zero T
		list = append(list, zero)
	}
	return list
}

func appendSlot(p []byte, s Slot) []byte { return binary.AppendUvarint(p, uint64(s)) }

func appendValue(p []byte, v Value) []byte {
	p = binary.AppendUvarint(p, uint64(len(v)))
	return append(p, v...)
}
