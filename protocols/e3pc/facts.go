package e3pc

import (
	"fmt"

	"simrun/sim"
)

// Begun is the fact that the coordinator asks these sites for their votes. A later life that finds nothing of the
// transaction in its log asks again.
type Begun struct {
	Tx    Tx
	Sites []sim.NodeID
}

// Voted is the fact that a site's vote is durable. A site notes it again when it finds it in its log and no
// decision.
type Voted struct {
	Tx  Tx
	Yes bool
}

// Elected is the fact that a site leads an election, which it has joined, durably. It stands in the place of the
// [Standing] that it does not send to itself.
type Elected struct {
	Tx       Tx
	Election Election
	State    State
	Attempt  Election
}

// Attempted is the fact that a leader has applied the decision rule to the standings of a quorum and has moved
// to pre-commit or pre-abort itself, durably.
type Attempted struct {
	Tx       Tx
	Election Election
	State    State
}

// Blocked is the fact that a leader gives its election up: nobody who answered knows the decision, and no quorum
// has answered. By Skeen's rule it may have: then neither side has one.
type Blocked struct {
	Tx       Tx
	Election Election
	Heard    int // sites, itself included
	Need     int
}

// Fenced is the fact that a site refuses what belongs to an older election than it has joined.
type Fenced struct {
	Tx                Tx
	Election, Elected Election
}

// Decided is the fact that a node has decided, or has learnt the decision, or has found it in its log. It is
// durable.
type Decided struct {
	Tx     Tx
	Commit bool
}

// Recovered is the fact that a site started again and found transactions in its log that it has not decided: so
// many.
type Recovered struct{ Undecided int }

// Halted is the fact that a node does not trust its disk any more and falls silent: after a failed write or
// sync nobody knows what is durable. A restart reads the disk again.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Begun) AppendHash(b []byte) []byte {
	b = f.Tx.append(b)
	for _, id := range f.Sites {
		b = append(append(b, id...), ',')
	}
	return b
}

// AppendHash appends the fact's content.
func (f Voted) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Yes) }

// AppendHash appends the fact's content.
func (f Elected) AppendHash(b []byte) []byte {
	return f.Attempt.append(append(appendElection(b, f.Tx, f.Election), byte(f.State)))
}

// AppendHash appends the fact's content.
func (f Attempted) AppendHash(b []byte) []byte {
	return append(appendElection(b, f.Tx, f.Election), byte(f.State))
}

// AppendHash appends the fact's content.
func (f Blocked) AppendHash(b []byte) []byte {
	return append(appendElection(b, f.Tx, f.Election), byte(f.Heard), byte(f.Need))
}

// AppendHash appends the fact's content.
func (f Fenced) AppendHash(b []byte) []byte {
	return f.Elected.append(appendElection(b, f.Tx, f.Election))
}

// AppendHash appends the fact's content.
func (f Decided) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Commit) }

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte { return Tx(f.Undecided).append(b) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return append(b, f.Why...) }

// String prints "T1 begun".
func (f Begun) String() string { return fmt.Sprintf("%v begun", f.Tx) }

// String prints "voted yes on T1".
func (f Voted) String() string { return fmt.Sprintf("voted %s on %v", yesNo(f.Yes), f.Tx) }

// String prints "leads 2.p1 of T1: wait", and its last attempt: "leads 2.p1 of T1: pre-commit in 1.c".
func (f Elected) String() string {
	return fmt.Sprintf("leads %v of %v: %s", f.Election, f.Tx, standing(f.State, f.Attempt))
}

// String prints "attempted pre-abort of T1 in 2.p1".
func (f Attempted) String() string {
	return fmt.Sprintf("attempted %v of %v in %v", f.State, f.Tx, f.Election)
}

// String prints "2.p1 of T1 blocked: heard 1 of 2".
func (f Blocked) String() string {
	return fmt.Sprintf("%v of %v blocked: heard %d of %d", f.Election, f.Tx, f.Heard, f.Need)
}

// String prints "T1 in 1.c fenced by 2.p1".
func (f Fenced) String() string {
	return fmt.Sprintf("%v in %v fenced by %v", f.Tx, f.Election, f.Elected)
}

// String prints "T1 committed" or "T1 aborted".
func (f Decided) String() string {
	if f.Commit {
		return fmt.Sprintf("%v committed", f.Tx)
	}
	return fmt.Sprintf("%v aborted", f.Tx)
}

// String prints "recovered 1 undecided".
func (f Recovered) String() string { return fmt.Sprintf("recovered %d undecided", f.Undecided) }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
