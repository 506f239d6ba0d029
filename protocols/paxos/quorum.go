package paxos

import "math/bits"

// MaxAcceptors is how many acceptors there can be.
const MaxAcceptors = 64

// Votes is a set of acceptors, named by their place in the list of all acceptors. Being a set, it does
// not count twice who answers twice.
type Votes uint64

// With returns the set with acceptor i in it, which must be below [MaxAcceptors].
func (v Votes) With(i int) Votes { return v | 1<<i }

// Has reports whether acceptor i is in the set.
func (v Votes) Has(i int) bool { return v&(1<<i) != 0 }

// Count returns how many acceptors are in the set.
func (v Votes) Count() int { return bits.OnesCount64(uint64(v)) }

// Majority returns the least number such that any two sets of that many among n acceptors have one in
// common. Half of them is one too few if n is even.
func Majority(n int) int { return n/2 + 1 }
