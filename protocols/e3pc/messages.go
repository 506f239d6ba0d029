package e3pc

import "fmt"

// CanCommit asks a site for its vote: the coordinator's first phase.
type CanCommit struct{ Tx Tx }

// Vote answers [CanCommit]. Who votes yes gives up the right to abort alone; who votes no has aborted.
type Vote struct {
	Tx  Tx
	Yes bool
	backing
}

// PreCommit asks a site to move to the state before commit, in an election. The coordinator asks it in the
// first one when all have voted yes; a leader asks it in its own if what was attempted last can still be
// committed. Whoever asks has moved there itself.
type PreCommit struct {
	Tx       Tx
	Election Election
	backing
}

// PreAbort asks a site to move to the state before abort, in an election.
type PreAbort struct {
	Tx       Tx
	Election Election
	backing
}

// PreAck answers [PreCommit] or [PreAbort]: its sender has moved, and has made this election its last attempt.
type PreAck struct {
	Tx       Tx
	Election Election
	backing
}

// DoCommit tells that the transaction is committed. Its sender has it on disk.
type DoCommit struct {
	Tx Tx
	backing
}

// DoAbort tells that the transaction is aborted. Its sender has it on disk.
type DoAbort struct {
	Tx Tx
	backing
}

// Elect asks a site to join an election, and so to have nothing more to do with older ones. Its sender has joined.
type Elect struct {
	Tx       Tx
	Election Election
	backing
}

// Standing answers [Elect]: its sender has joined, and tells where it stands.
type Standing struct {
	Tx       Tx
	Election Election // that it has joined
	State    State    // undecided: who knows the decision answers with that
	Attempt  Election // the last one in which it moved to pre-commit or pre-abort, if any
	backing
}

// Refused answers what belongs to an older election than its sender has joined.
type Refused struct {
	Tx       Tx
	Election Election // that was refused
	Elected  Election // that stands in its way
}

func appendElection(b []byte, tx Tx, e Election) []byte { return e.append(tx.append(b)) }

// AppendHash appends the message's content.
func (m CanCommit) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m Vote) AppendHash(b []byte) []byte { return appendBool(m.Tx.append(b), m.Yes) }

// AppendHash appends the message's content.
func (m PreCommit) AppendHash(b []byte) []byte { return appendElection(b, m.Tx, m.Election) }

// AppendHash appends the message's content.
func (m PreAbort) AppendHash(b []byte) []byte { return appendElection(b, m.Tx, m.Election) }

// AppendHash appends the message's content.
func (m PreAck) AppendHash(b []byte) []byte { return appendElection(b, m.Tx, m.Election) }

// AppendHash appends the message's content.
func (m DoCommit) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m DoAbort) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m Elect) AppendHash(b []byte) []byte { return appendElection(b, m.Tx, m.Election) }

// AppendHash appends the message's content.
func (m Standing) AppendHash(b []byte) []byte {
	return m.Attempt.append(append(appendElection(b, m.Tx, m.Election), byte(m.State)))
}

// AppendHash appends the message's content.
func (m Refused) AppendHash(b []byte) []byte {
	return m.Elected.append(appendElection(b, m.Tx, m.Election))
}

// String prints "CanCommit{T1}".
func (m CanCommit) String() string { return fmt.Sprintf("CanCommit{%v}", m.Tx) }

// String prints "Vote{T1 yes}".
func (m Vote) String() string { return fmt.Sprintf("Vote{%v %s}", m.Tx, yesNo(m.Yes)) }

// String prints "PreCommit{T1 in 1.c}".
func (m PreCommit) String() string { return fmt.Sprintf("PreCommit{%v in %v}", m.Tx, m.Election) }

// String prints "PreAbort{T1 in 2.p1}".
func (m PreAbort) String() string { return fmt.Sprintf("PreAbort{%v in %v}", m.Tx, m.Election) }

// String prints "PreAck{T1 in 2.p1}".
func (m PreAck) String() string { return fmt.Sprintf("PreAck{%v in %v}", m.Tx, m.Election) }

// String prints "DoCommit{T1}".
func (m DoCommit) String() string { return fmt.Sprintf("DoCommit{%v}", m.Tx) }

// String prints "DoAbort{T1}".
func (m DoAbort) String() string { return fmt.Sprintf("DoAbort{%v}", m.Tx) }

// String prints "Elect{T1 in 2.p1}".
func (m Elect) String() string { return fmt.Sprintf("Elect{%v in %v}", m.Tx, m.Election) }

// String prints "Standing{T1 in 2.p1: wait}", and the last attempt: "Standing{T1 in 2.p1: pre-commit in 1.c}".
func (m Standing) String() string {
	return fmt.Sprintf("Standing{%v in %v: %s}", m.Tx, m.Election, standing(m.State, m.Attempt))
}

// String prints "Refused{T1 in 1.c, elected 2.p1}".
func (m Refused) String() string {
	return fmt.Sprintf("Refused{%v in %v, elected %v}", m.Tx, m.Election, m.Elected)
}

// standing prints "wait", or "pre-commit in 1.c" if there was an attempt.
func standing(s State, in Election) string {
	if in.None() {
		return s.String()
	}
	return fmt.Sprintf("%v in %v", s, in)
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func appendBool(b []byte, x bool) []byte {
	if x {
		return append(b, 1)
	}
	return append(b, 0)
}
