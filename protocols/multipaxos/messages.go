package multipaxos

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// Prepare asks for a promise for all slots from one on (phase 1a, once for them all). Its sender has promised the ballot itself, or a later life of it
// might use it again.
type Prepare struct {
	Ballot Ballot
	From   Slot
	backing
}

// Promise answers [Prepare] (phase 1b): its sender accepts nothing below the ballot any more, in any slot. It tells what it has accepted in the slots
// asked for. Of those below Base it tells nothing, since it has forgotten them: they are decided, and in its snapshot.
type Promise struct {
	Ballot Ballot
	By     Member
	Base   Slot
	Votes  []Vote // ascending; not to be changed
	backing
}

// Refused answers a message whose ballot is too low, with the one that stands in its way.
type Refused struct {
	Ballot   Ballot // that was refused
	Promised Ballot
}

// Accept asks to accept a value in a slot (phase 2a), and tells up to where slots are decided.
type Accept struct {
	Ballot Ballot
	Slot   Slot
	Value  Value
	Commit Slot // all below are decided
}

// Accepted says that its sender has accepted the value of that ballot (phase 2b).
type Accepted struct {
	Ballot Ballot
	Slot   Slot
	By     Member
	backing
}

// Decided tells that all slots below Commit are decided. Where an acceptor has accepted in this very ballot, it knows with what.
type Decided struct {
	Ballot Ballot
	Commit Slot
}

// Heartbeat says that the leader lives, and what [Decided] says.
type Heartbeat struct {
	Ballot Ballot
	Commit Slot
	N      uint64 // counted in the ballot: what comes later has the higher number
}

// Alive answers a [Heartbeat]: when it left, its sender had promised no higher ballot.
type Alive struct {
	Ballot Ballot
	By     Member
	N      uint64
}

// Ask asks for what was decided from a slot on, or if Lost for the state: the disk has lost the asker's own.
type Ask struct {
	From Slot
	Lost bool
}

// Entries answers [Ask] with decided values.
type Entries struct {
	From   Slot
	Values []Value // not to be changed
}

// Snapshot answers [Ask] where the slots asked for are forgotten: the state when all slots below Next have been executed.
type Snapshot struct {
	Next  Slot
	State string
}

// Identify asks the operator who its sender is: it has found no mark on its disk.
type Identify struct{ Life Life }

// A Life tells the answer for one life of a server from one that another life had asked for: what its clock showed as it started, and since
// clocks may show that twice, a number that was drawn.
type Life struct {
	When  int64
	Drawn uint32
}

// Identity answers [Identify], and says who votes in the first slot.
type Identity struct {
	Life   Life
	Member Member
	First  Config
}

// Formatted tells the operator that the mark is on the disk.
type Formatted struct{ Member Member }

// Confirmed answers [Formatted]: the operator will not give this identity to another disk, so it may be used.
type Confirmed struct{ Member Member }

// Reconfigure asks for a change of those who vote from a slot on. If that is not the latest change any more the wish is out of date.
type Reconfigure struct {
	Change Change
	Of     Slot
}

// Reconfigured says who votes, as far as its sender knows, and from which slot on.
type Reconfigured struct {
	Config Config
	From   Slot
}

// AppendHash appends the message's content.
func (m Prepare) AppendHash(b []byte) []byte { return m.From.append(m.Ballot.append(b)) }

// AppendHash appends the message's content.
func (m Promise) AppendHash(b []byte) []byte {
	b = m.Base.append(m.By.append(m.Ballot.append(b)))
	b = binary.AppendUvarint(b, uint64(len(m.Votes)))
	for _, v := range m.Votes {
		b = v.append(b)
	}
	return b
}

// AppendHash appends the message's content.
func (m Refused) AppendHash(b []byte) []byte { return m.Promised.append(m.Ballot.append(b)) }

// AppendHash appends the message's content.
func (m Accept) AppendHash(b []byte) []byte {
	return m.Commit.append(m.Value.append(m.Slot.append(m.Ballot.append(b))))
}

// AppendHash appends the message's content.
func (m Accepted) AppendHash(b []byte) []byte {
	return m.By.append(m.Slot.append(m.Ballot.append(b)))
}

// AppendHash appends the message's content.
func (m Decided) AppendHash(b []byte) []byte { return m.Commit.append(m.Ballot.append(b)) }

// AppendHash appends the message's content.
func (m Heartbeat) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(m.Commit.append(m.Ballot.append(b)), m.N)
}

// AppendHash appends the message's content.
func (m Alive) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(m.By.append(m.Ballot.append(b)), m.N)
}

// AppendHash appends the message's content.
func (m Ask) AppendHash(b []byte) []byte {
	if m.Lost {
		b = append(b, 1)
	}
	return m.From.append(b)
}

// AppendHash appends the message's content.
func (m Entries) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(m.From.append(b), uint64(len(m.Values)))
	for _, v := range m.Values {
		b = v.append(b)
	}
	return b
}

// AppendHash appends the message's content.
func (m Snapshot) AppendHash(b []byte) []byte {
	return append(binary.AppendUvarint(m.Next.append(b), uint64(len(m.State))), m.State...)
}

// AppendHash appends the message's content.
func (m Identify) AppendHash(b []byte) []byte { return m.Life.append(b) }

func (l Life) append(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendVarint(b, l.When), uint64(l.Drawn))
}

// AppendHash appends the message's content.
func (m Identity) AppendHash(b []byte) []byte {
	return m.First.append(m.Member.append(m.Life.append(b)))
}

// AppendHash appends the message's content.
func (m Formatted) AppendHash(b []byte) []byte { return m.Member.append(b) }

// AppendHash appends the message's content.
func (m Confirmed) AppendHash(b []byte) []byte { return m.Member.append(b) }

// AppendHash appends the message's content.
func (m Reconfigure) AppendHash(b []byte) []byte { return append(m.Of.append(b), m.Change.value()...) }

// AppendHash appends the message's content.
func (m Reconfigured) AppendHash(b []byte) []byte { return m.From.append(m.Config.append(b)) }

func (c Config) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(c)))
	for _, m := range c {
		b = m.append(b)
	}
	return b
}

// String prints "Prepare{3.s1 from 7}".
func (m Prepare) String() string { return fmt.Sprintf("Prepare{%v from %d}", m.Ballot, m.From) }

// String prints "Promise{3.s1 by s2}", and what was accepted: "Promise{3.s1 by s2, has 7: 2.s3 c1#1 put x 1}".
func (m Promise) String() string {
	s := fmt.Sprintf("Promise{%v by %v", m.Ballot, m.By)
	if m.Base > 0 {
		s += fmt.Sprintf(", base %d", m.Base)
	}
	var votes []string
	for _, v := range m.Votes {
		votes = append(votes, v.String())
	}
	if len(votes) > 0 {
		s += ", has " + strings.Join(votes, "; ")
	}
	return s + "}"
}

// String prints "Refused{3.s1, promised 4.s2}".
func (m Refused) String() string {
	return fmt.Sprintf("Refused{%v, promised %v}", m.Ballot, m.Promised)
}

// String prints "Accept{3.s1 in 7: c1#1 put x 1}".
func (m Accept) String() string {
	return fmt.Sprintf("Accept{%v in %d: %v}", m.Ballot, m.Slot, m.Value)
}

// String prints "Accepted{3.s1 in 7 by s2}".
func (m Accepted) String() string {
	return fmt.Sprintf("Accepted{%v in %d by %v}", m.Ballot, m.Slot, m.By)
}

// String prints "Decided{3.s1 below 8}".
func (m Decided) String() string { return fmt.Sprintf("Decided{%v below %d}", m.Ballot, m.Commit) }

// String prints "Heartbeat{3.s1 #12, decided below 8}".
func (m Heartbeat) String() string {
	return fmt.Sprintf("Heartbeat{%v #%d, decided below %d}", m.Ballot, m.N, m.Commit)
}

// String prints "Alive{3.s1 #12 by s2}".
func (m Alive) String() string { return fmt.Sprintf("Alive{%v #%d by %v}", m.Ballot, m.N, m.By) }

// String prints "Ask{from 7}".
func (m Ask) String() string { return fmt.Sprintf("Ask{from %d}", m.From) }

// String prints "Entries{7 to 9}".
func (m Entries) String() string {
	return fmt.Sprintf("Entries{%d to %d}", m.From, int(m.From)+len(m.Values)-1)
}

// String prints "Snapshot{below 20}".
func (m Snapshot) String() string { return fmt.Sprintf("Snapshot{below %d}", m.Next) }

// String prints "Identify{}".
func (m Identify) String() string { return "Identify{}" }

// String prints "Identity{s1/2}".
func (m Identity) String() string { return fmt.Sprintf("Identity{%v}", m.Member) }

// String prints "Formatted{s1}".
func (m Formatted) String() string { return fmt.Sprintf("Formatted{%v}", m.Member) }

// String prints "Confirmed{s1}".
func (m Confirmed) String() string { return fmt.Sprintf("Confirmed{%v}", m.Member) }

// String prints "Reconfigure{+s4}".
func (m Reconfigure) String() string { return fmt.Sprintf("Reconfigure{%v of %d}", m.Change, m.Of) }

// String prints "Reconfigured{s1 s2 s3 from 12}".
func (m Reconfigured) String() string {
	return fmt.Sprintf("Reconfigured{%v from %d}", m.Config, m.From)
}
