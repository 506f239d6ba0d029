package e3pc

import (
	"encoding/binary"
	"fmt"
	"math/bits"
)

// A Tx numbers a transaction, from 1.
type Tx uint32

// String prints "T1".
func (tx Tx) String() string { return fmt.Sprintf("T%d", uint32(tx)) }

func (tx Tx) append(b []byte) []byte { return binary.AppendUvarint(b, uint64(tx)) }

// An Election numbers an attempt to terminate a transaction. It is unique by construction: sites have different
// numbers, and a site has written an election down before it leads it, so that no later life leads it again.
// The paper takes one more than the highest number in a connected component; two components can come to the
// same one, and what keeps them apart there is that a site belongs to one component at a time. Messages know no
// components.
//
// The zero Election is the paper's 0: no attempt so far.
type Election struct {
	Round  uint32 // from 1
	Leader uint32 // the number of the site that leads it, from 1; 0 is the coordinator
}

// first is the election that the coordinator leads without having been elected: the paper's 1, in which all
// sites are from the start.
var first = Election{Round: 1}

// Less orders elections by round, then by leader.
func (e Election) Less(f Election) bool {
	if e.Round != f.Round {
		return e.Round < f.Round
	}
	return e.Leader < f.Leader
}

// None reports whether e is the zero Election.
func (e Election) None() bool { return e == Election{} }

// String prints the round and who leads: "1.c", "2.p3"; "none" for the zero Election.
func (e Election) String() string {
	switch {
	case e.None():
		return "none"
	case e.Leader == 0:
		return fmt.Sprintf("%d.c", e.Round)
	}
	return fmt.Sprintf("%d.p%d", e.Round, e.Leader)
}

// append appends the election's encoding, in a record and in a hash alike.
func (e Election) append(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(e.Round)), uint64(e.Leader))
}

// MaxSites is how many sites there can be.
const MaxSites = 9

// sites is a set of sites, named by their place in the list of all. Being a set, it does not count twice
// who answers twice.
type sites uint16

func (s sites) with(i int) sites { return s | 1<<i }
func (s sites) has(i int) bool   { return s&(1<<i) != 0 }
func (s sites) count() int       { return bits.OnesCount16(uint16(s)) }

// Majority returns the least number such that any two sets of that many among n sites have one in common.
func Majority(n int) int { return n/2 + 1 }
