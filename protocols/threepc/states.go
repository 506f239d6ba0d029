package threepc

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

// A Tx names a transaction: their numbers begin at 1.
type Tx uint32

// String prints "T1".
func (t Tx) String() string { return fmt.Sprintf("T%d", uint32(t)) }

func (t Tx) append(b []byte) []byte { return binary.AppendUvarint(b, uint64(t)) }

// A State is how far a site has got with a transaction (Skeen 1981).
type State uint8

// The states. A site moves down this list, to one of the last two in the end.
const (
	Initial      State = iota // q: it has not voted
	Uncertain                 // w: it has voted yes, or as the coordinator waits for votes
	PreCommitted              // p: it knows that all have voted yes
	Committed                 // c
	Aborted                   // a
)

// String prints Skeen's letter.
func (s State) String() string { return "qwpca"[s : s+1] }

// Decided reports whether the state is final.
func (s State) Decided() bool { return s >= Committed }

// A Site is a place in the order in which sites lead: 0 is the coordinator, i the participant pi.
type Site uint8

// A set is a set of sites.
type set uint32

func only(s Site) set { return 1 << s }

// is is the verb for the members of a set that is not empty.
func (x set) is() string {
	if x&(x-1) == 0 {
		return "is"
	}
	return "are"
}

// below is the set of all sites that would lead before s.
func below(s Site) set { return only(s) - 1 }

// upTo is the set of all sites from the coordinator to s.
func upTo(s Site) set { return only(s+1) - 1 }

func (x set) has(s Site) bool { return x&only(s) != 0 }

// within reports whether y has all members of x.
func (x set) within(y set) bool { return x&^y == 0 }

// lowest returns the first to lead of a set that is not empty.
func (x set) lowest() Site { return Site(bits.TrailingZeros32(uint32(x))) }

// A Rule is one of the four rules by which a backup ends a transaction, in the order in which it tries them (Skeen
// 1981). The book has them as TR1 to TR4 in another order: as nobody commits what somebody aborts, only the last two
// need theirs.
type Rule uint8

// The rules. The third moves all that are up to p before it commits.
const (
	SomeCommitted    Rule = iota + 1 // some site has committed: commit
	SomeAborted                      // some site has aborted: abort
	SomePreCommitted                 // some site is pre-committed: move all there, then commit
	AllUncertain                     // else: abort
)

var ruleWords = [...]string{"no rule", "some have committed", "some have aborted", "some are pre-committed", "all are uncertain"}

// String prints what is so: "some are pre-committed".
func (r Rule) String() string { return ruleWords[r] }

// ruleOf finds the rule for the states of some sites, each a bit of found.
func ruleOf(found states) Rule {
	switch {
	case found.has(Committed):
		return SomeCommitted
	case found.has(Aborted):
		return SomeAborted
	case found.has(PreCommitted):
		return SomePreCommitted
	}
	return AllUncertain
}

// states is a set of states: which of them were found.
type states uint8

func (x *states) add(s State)     { *x |= 1 << s }
func (x states) has(s State) bool { return x&(1<<s) != 0 }

// String lists the states: "wp".
func (x states) String() string {
	var b strings.Builder
	for s := Initial; s <= Aborted; s++ {
		if x.has(s) {
			b.WriteString(s.String())
		}
	}
	return b.String()
}
