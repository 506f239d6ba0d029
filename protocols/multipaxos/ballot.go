package multipaxos

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A Slot is a place in the log, from 0.
type Slot uint64

// A Member is a server with one disk. One that has lost its disk is another member, with a higher mark: it has promised nothing, and what its
// predecessor promised nobody can know.
type Member struct {
	Server uint32 // from 1: s1, s2, ...
	Mark   uint32 // from 1, counted by the operator
}

// None reports whether it is nobody.
func (m Member) None() bool { return m.Server == 0 }

// ID is the node.
func (m Member) ID() sim.NodeID { return sim.NodeID(fmt.Sprintf("s%d", m.Server)) }

// String prints "s1", or "s1/2" for the second of that name.
func (m Member) String() string {
	if m.Mark <= 1 {
		return fmt.Sprintf("s%d", m.Server)
	}
	return fmt.Sprintf("s%d/%d", m.Server, m.Mark)
}

func (m Member) less(n Member) bool {
	return m.Server < n.Server || m.Server == n.Server && m.Mark < n.Mark
}

// A Ballot is a member's try to lead. Higher rounds are higher ballots; members break ties, and no two use the same.
type Ballot struct {
	Round  uint64
	Leader Member
}

// None reports whether it is below all ballots.
func (b Ballot) None() bool { return b == Ballot{} }

// Less reports whether b is the lower ballot.
func (b Ballot) Less(c Ballot) bool {
	if b.Round != c.Round {
		return b.Round < c.Round
	}
	return b.Leader.less(c.Leader)
}

// String prints "3.s1", and "none".
func (b Ballot) String() string {
	if b.None() {
		return "none"
	}
	return fmt.Sprintf("%d.%v", b.Round, b.Leader)
}

// A Config is who votes, ascending. It is never changed, but copied.
type Config []Member

// Has reports whether a member votes.
func (c Config) Has(m Member) bool { return slices.Contains(c, m) }

// Quorum is how many are a majority.
func (c Config) Quorum() int { return len(c)/2 + 1 }

// count is how many of these members vote.
func (c Config) count(who []Member) (n int) {
	for _, m := range c {
		if slices.Contains(who, m) {
			n++
		}
	}
	return n
}

// With returns the configuration with a member more.
func (c Config) With(m Member) Config {
	if c.Has(m) {
		return c
	}
	d := append(slices.Clone(c), m)
	slices.SortFunc(d, func(a, b Member) int {
		if a.less(b) {
			return -1
		}
		return 1
	})
	return d
}

// Without returns the configuration without a member.
func (c Config) Without(m Member) Config {
	return slices.DeleteFunc(slices.Clone(c), func(x Member) bool { return x == m })
}

// String prints "s1 s2 s3".
func (c Config) String() string {
	s := make([]string, len(c))
	for i, m := range c {
		s[i] = m.String()
	}
	return strings.Join(s, " ")
}

func (m Member) append(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(m.Server)), uint64(m.Mark))
}

func (b Ballot) append(p []byte) []byte {
	return b.Leader.append(binary.AppendUvarint(p, b.Round))
}

func (s Slot) append(b []byte) []byte { return binary.AppendUvarint(b, uint64(s)) }
