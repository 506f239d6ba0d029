package kootoueg

import (
	"encoding/binary"
	"fmt"

	"simrun/protocols/apps"
	"simrun/sim"
)

// App is a message of the application. Its fate and its size are those of its body.
type App struct {
	Name        Name
	Incarnation uint32 // of the sender
	Knows       uint32 // the receiver's incarnation that it is meant for: that of another is dropped
	Body        sim.Message
}

// A Name tells messages of the application apart. One that is sent again keeps its name.
type Name struct {
	From, To    sim.NodeID
	Incarnation uint32 // of the sender, when it sent the message first
	Label       uint64 // among those that the sender's state has sent to the receiver, from 1
}

// An ID names one instance of the checkpoint algorithm, or of the rollback algorithm.
type ID struct {
	Rollback  bool
	Initiator sim.NodeID
	Life, N   uint32 // the initiator's life, and which of its instances in that life, from 1
}

// Request is the paper's "take a tentative checkpoint and last_rmsg(q)".
type Request struct {
	ID           ID
	LastReceived uint64 // the label of the last message received from the process asked since the asker's last checkpoint
	All          bool   // take one whatever the label says: the lecture's variant, which asks everybody
}

// Willing answers a [Request]: the paper's willing_to_ckpt.
type Willing struct {
	ID  ID
	Yes bool
	backing
}

// MakePermanent is the decision that tentative checkpoints become permanent.
type MakePermanent struct {
	ID ID
	backing
}

// Undo is the decision that tentative checkpoints are given up. Nothing backs it: an instance that nobody has decided is undone.
type Undo struct{ ID ID }

// Prepare is the paper's "prepare to roll back and last_smsg(q)".
type Prepare struct {
	ID       ID
	LastSent uint64 // the label of the last message sent to the process asked before the asker's permanent checkpoint, 0 if none
}

// Ready answers a [Prepare]: the paper's ready_to_roll.
type Ready struct {
	ID  ID
	Yes bool
}

// RollBack is the decision that those who are prepared go back to their permanent checkpoints.
type RollBack struct {
	ID ID
	backing
}

// DoNotRollBack is the decision that those who are prepared go on.
type DoNotRollBack struct{ ID ID }

// Inquire asks the initiator of an instance what it has decided. It is answered by the decision, once there is one.
type Inquire struct{ ID ID }

// Hello tells a neighbour that its sender has rolled back, and opens their channels anew. It is answered by [Welcome].
type Hello struct{ session }

// Welcome answers a [Hello].
type Welcome struct {
	To uint32 // the incarnation that said hello
	session
}

// A session says how the channels between two processes go on after a rollback of one of them.
type session struct {
	Incarnation uint32 // of the sender
	Got         uint64 // the label of the last message that it has received: those after it are sent again
	backing
}

// A timer is one of the application. It does not outlive the incarnation.
type timer struct {
	Incarnation uint32
	Body        sim.Message
}

// A begin makes an initiator begin its next checkpoint.
type begin struct{}

// An again makes a process that has no state try to roll back again.
type again struct{}

// An overdue makes the initiator give up an instance that has not been answered by all.
type overdue struct{ ID ID }

// An ask makes a process that waits for a decision ask for it.
type ask struct{ ID ID }

// A rest makes an idle process say so, if it has handled nothing since.
type rest struct{ Calls uint64 }

// Stream names the body's stream: a message has the same fate with the middleware and without.
func (m App) Stream() string { return sim.StreamOf(m.Body) }

// Size is the body's.
func (m App) Size() int {
	if s, ok := m.Body.(interface{ Size() int }); ok {
		return s.Size()
	}
	return 100
}

// Stream names the body's stream.
func (t timer) Stream() string { return sim.StreamOf(t.Body) }

// before reports whether an instance is an earlier one of the same initiator.
func (id ID) before(x ID) bool { return id.Life < x.Life || id.Life == x.Life && id.N < x.N }

// The content of messages, for the hash of the run.

func appendBody(b []byte, m sim.Message) []byte {
	b = appendText(b, sim.StreamOf(m))
	if h, ok := m.(interface{ AppendHash([]byte) []byte }); ok {
		return h.AppendHash(b)
	}
	return sim.AppendContent(b, m)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendBool(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}

func (n Name) append(b []byte) []byte {
	b = appendText(appendText(b, string(n.From)), string(n.To))
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(n.Incarnation)), n.Label)
}

func (id ID) append(b []byte) []byte {
	b = appendText(appendBool(b, id.Rollback), string(id.Initiator))
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(id.Life)), uint64(id.N))
}

func (s session) append(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(s.Incarnation)), s.Got)
}

// AppendHash appends the message's content, that of its body included.
func (m App) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(m.Name.append(b), uint64(m.Incarnation))
	return appendBody(binary.AppendUvarint(b, uint64(m.Knows)), m.Body)
}

// AppendHash appends the message's content.
func (m Request) AppendHash(b []byte) []byte {
	return appendBool(binary.AppendUvarint(m.ID.append(b), m.LastReceived), m.All)
}

// AppendHash appends the message's content.
func (m Willing) AppendHash(b []byte) []byte { return appendBool(m.ID.append(b), m.Yes) }

// AppendHash appends the message's content.
func (m MakePermanent) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Undo) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Prepare) AppendHash(b []byte) []byte { return binary.AppendUvarint(m.ID.append(b), m.LastSent) }

// AppendHash appends the message's content.
func (m Ready) AppendHash(b []byte) []byte { return appendBool(m.ID.append(b), m.Yes) }

// AppendHash appends the message's content.
func (m RollBack) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m DoNotRollBack) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Inquire) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Hello) AppendHash(b []byte) []byte { return m.session.append(b) }

// AppendHash appends the message's content.
func (m Welcome) AppendHash(b []byte) []byte {
	return m.session.append(binary.AppendUvarint(b, uint64(m.To)))
}

// AppendHash appends the timer's content.
func (t timer) AppendHash(b []byte) []byte {
	return appendBody(binary.AppendUvarint(b, uint64(t.Incarnation)), t.Body)
}

// AppendHash appends the timer's content: it has none.
func (begin) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content: it has none.
func (again) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content.
func (t overdue) AppendHash(b []byte) []byte { return t.ID.append(b) }

// AppendHash appends the timer's content.
func (t ask) AppendHash(b []byte) []byte { return t.ID.append(b) }

// AppendHash appends the timer's content.
func (t rest) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, t.Calls) }

// String prints "p1 C2.1": the first checkpoint that p1 began in its second life; R stands for a rollback.
func (id ID) String() string {
	if id == (ID{}) {
		return "the initial state"
	}
	kind := 'C'
	if id.Rollback {
		kind = 'R'
	}
	return fmt.Sprintf("%s %c%d.%d", id.Initiator, kind, id.Life, id.N)
}

// String prints "p1>p2 #3", and the incarnation if it is not the first.
func (n Name) String() string {
	if n.Incarnation > 1 {
		return fmt.Sprintf("%s>%s #%d/%d", n.From, n.To, n.Label, n.Incarnation)
	}
	return fmt.Sprintf("%s>%s #%d", n.From, n.To, n.Label)
}

// String prints "Transfer{7} #3".
func (m App) String() string {
	s := fmt.Sprintf("%v #%d", m.Body, m.Name.Label)
	if m.Incarnation > 1 || m.Knows > 1 {
		s += fmt.Sprintf(" (%d>%d)", m.Incarnation, m.Knows)
	}
	return s
}

// String prints "Request{p1 C1.1, received #3}".
func (m Request) String() string {
	if m.All {
		return fmt.Sprintf("Request{%v, all}", m.ID)
	}
	return fmt.Sprintf("Request{%v, received #%d}", m.ID, m.LastReceived)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// String prints "Willing{p1 C1.1 yes}".
func (m Willing) String() string { return fmt.Sprintf("Willing{%v %s}", m.ID, yes(m.Yes)) }

// String prints "MakePermanent{p1 C1.1}".
func (m MakePermanent) String() string { return fmt.Sprintf("MakePermanent{%v}", m.ID) }

// String prints "Undo{p1 C1.1}".
func (m Undo) String() string { return fmt.Sprintf("Undo{%v}", m.ID) }

// String prints "Prepare{p1 R2.1, sent #3}".
func (m Prepare) String() string { return fmt.Sprintf("Prepare{%v, sent #%d}", m.ID, m.LastSent) }

// String prints "Ready{p1 R2.1 yes}".
func (m Ready) String() string { return fmt.Sprintf("Ready{%v %s}", m.ID, yes(m.Yes)) }

// String prints "RollBack{p1 R2.1}".
func (m RollBack) String() string { return fmt.Sprintf("RollBack{%v}", m.ID) }

// String prints "DoNotRollBack{p1 R2.1}".
func (m DoNotRollBack) String() string { return fmt.Sprintf("DoNotRollBack{%v}", m.ID) }

// String prints "Inquire{p1 C1.1}".
func (m Inquire) String() string { return fmt.Sprintf("Inquire{%v}", m.ID) }

func (s session) String() string {
	return fmt.Sprintf("incarnation %d, received #%d", s.Incarnation, s.Got)
}

// String prints "Hello{incarnation 2, received #3}".
func (m Hello) String() string { return fmt.Sprintf("Hello{%v}", m.session) }

// String prints "Welcome{incarnation 1, received #3}".
func (m Welcome) String() string { return fmt.Sprintf("Welcome{%v}", m.session) }

// String prints what the application sent itself: whoever draws a timer says that it is one.
func (t timer) String() string { return fmt.Sprint(t.Body) }

// String prints "begin".
func (begin) String() string { return "begin" }

// String prints "again".
func (again) String() string { return "again" }

// String prints "overdue p1 C1.1".
func (t overdue) String() string { return fmt.Sprintf("overdue %v", t.ID) }

// String prints "rest".
func (rest) String() string { return "rest" }

// String prints "ask p1 C1.1".
func (t ask) String() string { return fmt.Sprintf("ask %v", t.ID) }

// Alter returns a message whose body a liar has changed, if it can be.
func (m App) Alter(pick func(n int) int) sim.Message {
	m.Body = apps.Altered(m.Body, pick)
	return m
}
