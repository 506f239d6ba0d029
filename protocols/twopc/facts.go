package twopc

import (
	"encoding/binary"
	"fmt"
	"strings"

	"simrun/sim"
)

// Opened is the fact that a coordinator puts a transaction to the vote of these participants.
type Opened struct {
	Tx           Tx
	Participants []sim.NodeID
}

// Voted is the fact that a participant votes. A yes is noted when the transaction is prepared, before the vote is sent.
type Voted struct {
	Tx  Tx
	Yes bool
}

// Decided is the fact that a node decides a transaction or learns how it was decided. It is noted again by a node that
// finds the decision in its log when it starts again.
type Decided struct {
	Tx     Tx
	Commit bool
}

// Refused is the fact that a transaction died for the sake of a lock: it was younger than By, who holds the key.
type Refused struct {
	Tx  Tx
	Key string
	By  Tx
}

// Waited is the fact that a transaction waits for a lock that a younger one, By, holds.
type Waited struct {
	Tx  Tx
	Key string
	By  Tx
}

// Saw is the fact that a transaction read a key, as Version left it: the zero Tx for the first version.
type Saw struct {
	Tx      Tx
	Key     string
	Version Tx
	Value   string
}

// Appended is the fact that a transaction appends an element to a list, which comes to something if it commits.
type Appended struct {
	Tx           Tx
	Key, Element string
}

// Installed is the fact that a participant made a transaction's value the latest of a key. It is noted again by one
// that reads its log again.
type Installed struct {
	Tx    Tx
	Key   string
	Value string
}

// Ended is the fact that a client was told how its transaction ended.
type Ended struct {
	Tx     Tx
	Commit bool
}

// Recovered is the fact that a node found transactions in its log that are still to be ended: prepared ones of a
// participant, a coordinator's without an end.
type Recovered struct{ Transactions int }

// Asked is the fact that a prepared participant, having waited long enough, asks for the decision.
type Asked struct{ Tx Tx }

// Learned is the fact that a prepared participant was told the decision by a peer.
type Learned struct {
	Tx     Tx
	Commit bool
	From   sim.NodeID
}

// Presumed is the fact that a coordinator which knows nothing of a transaction answered what is presumed.
type Presumed struct {
	Tx     Tx
	Commit bool
}

// TookOver is the fact that a coordinator begins an attempt of its own at a transaction that is not decided
// yet, as far as it knows.
type TookOver struct {
	Tx      Tx
	Attempt Attempt
}

// Outdone is the fact that a coordinator gives up an attempt for the sake of a higher one.
type Outdone struct {
	Tx          Tx
	Attempt, By Attempt
}

// Halted is the fact that a node does not trust its disk any more and falls silent: after a failed write
// or sync nobody knows what is durable. A restart reads the disk again.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Opened) AppendHash(b []byte) []byte { return appendNodes(f.Tx.append(b), f.Participants) }

// AppendHash appends the fact's content.
func (f Voted) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Yes) }

// AppendHash appends the fact's content.
func (f Decided) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Commit) }

// AppendHash appends the fact's content.
func (f Refused) AppendHash(b []byte) []byte { return f.By.append(appendText(f.Tx.append(b), f.Key)) }

// AppendHash appends the fact's content.
func (f Waited) AppendHash(b []byte) []byte { return f.By.append(appendText(f.Tx.append(b), f.Key)) }

// AppendHash appends the fact's content.
func (f Saw) AppendHash(b []byte) []byte {
	return appendText(f.Version.append(appendText(f.Tx.append(b), f.Key)), f.Value)
}

// AppendHash appends the fact's content.
func (f Appended) AppendHash(b []byte) []byte {
	return appendText(appendText(f.Tx.append(b), f.Key), f.Element)
}

// AppendHash appends the fact's content.
func (f Installed) AppendHash(b []byte) []byte {
	return appendText(appendText(f.Tx.append(b), f.Key), f.Value)
}

// AppendHash appends the fact's content.
func (f Ended) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Commit) }

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(b, uint64(f.Transactions))
}

// AppendHash appends the fact's content.
func (f Asked) AppendHash(b []byte) []byte { return f.Tx.append(b) }

// AppendHash appends the fact's content.
func (f Learned) AppendHash(b []byte) []byte {
	return appendText(appendBool(f.Tx.append(b), f.Commit), string(f.From))
}

// AppendHash appends the fact's content.
func (f Presumed) AppendHash(b []byte) []byte { return appendBool(f.Tx.append(b), f.Commit) }

// AppendHash appends the fact's content.
func (f TookOver) AppendHash(b []byte) []byte { return f.Attempt.append(f.Tx.append(b)) }

// AppendHash appends the fact's content.
func (f Outdone) AppendHash(b []byte) []byte { return f.By.append(f.Attempt.append(f.Tx.append(b))) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return appendText(b, f.Why) }

// String prints "T1 put to the vote of p1, p2".
func (f Opened) String() string {
	names := make([]string, len(f.Participants))
	for i, id := range f.Participants {
		names[i] = string(id)
	}
	return fmt.Sprintf("%v put to the vote of %s", f.Tx, strings.Join(names, ", "))
}

// String prints "T1 voted yes".
func (f Voted) String() string { return fmt.Sprintf("%v voted %s", f.Tx, yesNo(f.Yes)) }

// String prints "T1 committed".
func (f Decided) String() string { return fmt.Sprintf("%v %v", f.Tx, decision(f.Commit)) }

// String prints "T2 refused x, which T1 holds".
func (f Refused) String() string {
	return fmt.Sprintf("%v refused %s, which %v holds", f.Tx, f.Key, f.By)
}

// String prints "T1 waits for x, which T2 holds".
func (f Waited) String() string {
	return fmt.Sprintf("%v waits for %s, which %v holds", f.Tx, f.Key, f.By)
}

// String prints "T2 read x of T1: 7", or "T2 read x: " for the first version.
func (f Saw) String() string {
	if f.Version.None() {
		return fmt.Sprintf("%v read %s: %s", f.Tx, f.Key, f.Value)
	}
	return fmt.Sprintf("%v read %s of %v: %s", f.Tx, f.Key, f.Version, f.Value)
}

// String prints "T1 appends T1 to x".
func (f Appended) String() string { return fmt.Sprintf("%v appends %s to %s", f.Tx, f.Element, f.Key) }

// String prints "T1 wrote x: 7".
func (f Installed) String() string { return fmt.Sprintf("%v wrote %s: %s", f.Tx, f.Key, f.Value) }

// String prints "T1 ended committed".
func (f Ended) String() string { return fmt.Sprintf("%v ended %v", f.Tx, decision(f.Commit)) }

// String prints "recovered 1 transaction".
func (f Recovered) String() string {
	if f.Transactions == 1 {
		return "recovered 1 transaction"
	}
	return fmt.Sprintf("recovered %d transactions", f.Transactions)
}

// String prints "T1 in doubt".
func (f Asked) String() string { return fmt.Sprintf("%v in doubt", f.Tx) }

// String prints "T1 committed, says p2".
func (f Learned) String() string {
	return fmt.Sprintf("%v %v, says %s", f.Tx, decision(f.Commit), f.From)
}

// String prints "T1 presumed aborted".
func (f Presumed) String() string { return fmt.Sprintf("%v presumed %v", f.Tx, decision(f.Commit)) }

// String prints "T1 taken over in 2.2".
func (f TookOver) String() string { return fmt.Sprintf("%v taken over in %v", f.Tx, f.Attempt) }

// String prints "T1: 2.1 outdone by 2.2".
func (f Outdone) String() string { return fmt.Sprintf("%v: %v outdone by %v", f.Tx, f.Attempt, f.By) }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
