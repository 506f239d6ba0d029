package threepc

import (
	"encoding/binary"
	"fmt"
)

// CanCommit asks a participant for its vote. With it the coordinator is on record as having begun, so that after a
// restart it will not begin again.
type CanCommit struct {
	Tx Tx
	backing
}

// Vote answers [CanCommit]. A yes is a promise not to decide alone any more; with a no the participant has aborted.
type Vote struct {
	Tx  Tx
	Yes bool
	backing
}

// PreCommit says that all have voted yes. It moves a participant to p: when the coordinator sends it, and when a
// backup does that found somebody there already.
type PreCommit struct {
	Tx     Tx
	Leader Site // who sends it
	backing
}

// PreAck answers [PreCommit]: its sender is pre-committed.
type PreAck struct {
	Tx     Tx
	Leader Site // who has asked
	backing
}

// DoCommit tells that the transaction is committed.
type DoCommit struct {
	Tx Tx
	backing
}

// DoAbort tells that the transaction is aborted.
type DoAbort struct {
	Tx Tx
	backing
}

// HaveCommitted answers the [DoCommit] of the coordinator, which may then forget the transaction.
type HaveCommitted struct {
	Tx Tx
	backing
}

// Elect asks a participant to lead, since all before it have crashed (UR-ELECTED in the book). One that has decided answers with the decision.
type Elect struct{ Tx Tx }

// StateReq is a backup's question to the participants that are up. Its sender is on record as the leader.
type StateReq struct {
	Tx     Tx
	Leader Site
	backing
}

// Report answers [StateReq]. From then on its sender listens to nobody who would lead before that backup, and that it
// has answered is on record: see section "Total failure" of the package comment.
type Report struct {
	Tx     Tx
	Leader Site // who has asked
	State  State
	backing
}

// Ask is the question of a recovered site, repeated until it has an answer: how did the transaction end? It tells
// what the site has found in its log, for others that have recovered.
type Ask struct {
	Tx     Tx
	State  State
	Served Site // the last leader whom it has answered
	backing
}

// An overdue tells a site that it has waited long enough, unless it waits for something else by now.
type overdue struct {
	Tx   Tx
	Wait uint32 // the number of the wait
}

// A begin tells the coordinator to begin a transaction.
type begin struct{ Tx Tx }

// An unasked tells a participant that it should have been asked for its vote.
type unasked struct{ Tx Tx }

// AppendHash appends the message's content.
func (m CanCommit) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m Vote) AppendHash(b []byte) []byte { return appendBool(m.Tx.append(b), m.Yes) }

// AppendHash appends the message's content.
func (m PreCommit) AppendHash(b []byte) []byte { return append(m.Tx.append(b), byte(m.Leader)) }

// AppendHash appends the message's content.
func (m PreAck) AppendHash(b []byte) []byte { return append(m.Tx.append(b), byte(m.Leader)) }

// AppendHash appends the message's content.
func (m DoCommit) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m DoAbort) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m HaveCommitted) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m Elect) AppendHash(b []byte) []byte { return m.Tx.append(b) }

// AppendHash appends the message's content.
func (m StateReq) AppendHash(b []byte) []byte { return append(m.Tx.append(b), byte(m.Leader)) }

// AppendHash appends the message's content.
func (m Report) AppendHash(b []byte) []byte {
	return append(m.Tx.append(b), byte(m.Leader), byte(m.State))
}

// AppendHash appends the message's content.
func (m Ask) AppendHash(b []byte) []byte {
	return append(m.Tx.append(b), byte(m.State), byte(m.Served))
}

// AppendHash appends the timer's content.
func (t overdue) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(t.Tx.append(b), uint64(t.Wait))
}

// AppendHash appends the timer's content.
func (t begin) AppendHash(b []byte) []byte { return t.Tx.append(b) }

// AppendHash appends the timer's content.
func (t unasked) AppendHash(b []byte) []byte { return t.Tx.append(b) }

func appendBool(b []byte, v bool) []byte {
	if v {
		return append(b, 1)
	}
	return append(b, 0)
}

// String prints "CanCommit{T1}".
func (m CanCommit) String() string { return fmt.Sprintf("CanCommit{%v}", m.Tx) }

// String prints "Vote{T1 yes}".
func (m Vote) String() string { return fmt.Sprintf("Vote{%v %s}", m.Tx, yesNo(m.Yes)) }

// String prints "PreCommit{T1}", and of a backup "PreCommit{T1 by p1}".
func (m PreCommit) String() string { return fmt.Sprintf("PreCommit{%v%s}", m.Tx, by(m.Leader)) }

// String prints "PreAck{T1}", and to a backup "PreAck{T1 by p1}".
func (m PreAck) String() string { return fmt.Sprintf("PreAck{%v%s}", m.Tx, by(m.Leader)) }

// String prints "DoCommit{T1}".
func (m DoCommit) String() string { return fmt.Sprintf("DoCommit{%v}", m.Tx) }

// String prints "DoAbort{T1}".
func (m DoAbort) String() string { return fmt.Sprintf("DoAbort{%v}", m.Tx) }

// String prints "HaveCommitted{T1}".
func (m HaveCommitted) String() string { return fmt.Sprintf("HaveCommitted{%v}", m.Tx) }

// String prints "Elect{T1}".
func (m Elect) String() string { return fmt.Sprintf("Elect{%v}", m.Tx) }

// String prints "StateReq{T1 by p1}".
func (m StateReq) String() string { return fmt.Sprintf("StateReq{%v%s}", m.Tx, by(m.Leader)) }

// String prints "Report{T1 by p1, w}".
func (m Report) String() string { return fmt.Sprintf("Report{%v%s, %v}", m.Tx, by(m.Leader), m.State) }

// String prints "Ask{T1, has w}", and of a site that has answered a backup "Ask{T1, has w by p1}".
func (m Ask) String() string { return fmt.Sprintf("Ask{%v, has %v%s}", m.Tx, m.State, by(m.Served)) }

// String prints "overdue{T1 wait 2}".
func (t overdue) String() string { return fmt.Sprintf("overdue{%v wait %d}", t.Tx, t.Wait) }

// String prints "begin{T1}".
func (t begin) String() string { return fmt.Sprintf("begin{%v}", t.Tx) }

// String prints "unasked{T1}".
func (t unasked) String() string { return fmt.Sprintf("unasked{%v}", t.Tx) }

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

// by names a leader, unless it is the coordinator.
func by(s Site) string {
	if s == 0 {
		return ""
	}
	return fmt.Sprintf(" by p%d", s)
}
