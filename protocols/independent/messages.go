package independent

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"

	"simrun/sim"
)

// A Round is an attempt at a recovery, and names the epoch that begins with it. Rounds are ordered; the first epoch has the zero Round.
type Round struct {
	N  int // above all that its initiator had heard of
	By int // the initiator, as a place in the list of processes
}

// Less orders rounds.
func (r Round) Less(s Round) bool { return r.N < s.N || r.N == s.N && r.By < s.By }

// String prints "2.1": the second round, by the first process.
func (r Round) String() string { return fmt.Sprintf("%d.%d", r.N, r.By+1) }

func (r Round) append(b []byte) []byte { return appendInts(b, r.N, r.By) }

func appendInts(b []byte, list ...int) []byte {
	for _, n := range list {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

// appendBody appends the type and the content of something that the application has sent.
func appendBody(b []byte, body sim.Message) []byte {
	b = append(append(b, reflect.TypeOf(body).Name()...), 0)
	if h, ok := body.(interface{ AppendHash([]byte) []byte }); ok {
		return h.AppendHash(b)
	}
	return sim.AppendContent(b, body)
}

// An App carries a message of the application. What is piggybacked depends on the kind of logging: the interval of the sender, or a vector of
// the intervals of everybody that the message depends on.
type App struct {
	Epoch    Round // in which it is sent, or sent again: the incarnation
	Born     Round // in which it was sent first
	Interval int   // of the sender, in which it was sent first
	Vector   []int // with optimistic logging: the last interval of each process that the sender depended on; else nil
	N        int   // on its channel, from 1
	Body     sim.Message
	backing
}

// A Timer carries a timer of the application. One that was set before a rollback is void.
type Timer struct {
	Life int
	Body sim.Message
}

// Request tells all to stop, and to say what their states depend on (Bhargava, Lian 1988). Sent by a process that has failed.
type Request struct{ Round Round }

// Report answers [Request]. The sender has stopped.
type Report struct {
	Round Round
	Life  int // of the sender
	Start int // the interval that its last checkpoint begins
	Dependencies
}

// Refused answers a request or a line of a round that has been outdone by another.
type Refused struct{ Round, Promised Round }

// Rollback tells the recovery line: each process undoes its intervals from that one on.
type Rollback struct {
	Round Round
	Line  []int
	Lives []int // of the processes that have reported: who has failed since must report again
}

// Rolled answers [Rollback]: it is done, durably.
type Rolled struct {
	Round Round
	backing
}

// Resume lets a process go on: all have rolled back.
type Resume struct{ Round Round }

// Have tells a process how many of its messages the sender has received, so that it sends the others again.
type Have struct {
	Epoch Round
	N     int
}

// Missing asks for a [Have]: the sender has lost track of what has arrived.
type Missing struct{}

// Gone says that messages up to that number, if they have not arrived, never will. Who gives them up depends on their having been sent, as if it
// had received them: if they are undone, the numbers will be given to others.
type Gone struct {
	Epoch    Round
	N        int
	Interval int // of the sender, in which it sent the last of them
}

// Ask asks for what is durable, so that outputs can be released.
type Ask struct {
	Epoch Round
	N     int
}

// Stable answers [Ask]: what the sender would keep if it failed now.
type Stable struct {
	Epoch Round
	N     int
	Start int // the interval that its last checkpoint begins
	Dependencies
}

// Take tells a process to take the checkpoint of that number, where checkpoints are coordinated.
type Take struct{ Number int }

// Stream is that of the application's message, so that the network treats it as it would without all this.
func (m App) Stream() string { return reflect.TypeOf(m.Body).Name() }

// AppendHash appends the message's content.
func (m App) AppendHash(b []byte) []byte {
	b = appendInts(m.Born.append(m.Epoch.append(b)), m.Interval, m.N, len(m.Vector))
	return appendBody(appendInts(b, m.Vector...), m.Body)
}

// AppendHash appends the timer's content.
func (m Timer) AppendHash(b []byte) []byte { return appendBody(appendInts(b, m.Life), m.Body) }

// AppendHash appends the message's content.
func (m Request) AppendHash(b []byte) []byte { return m.Round.append(b) }

// AppendHash appends the message's content.
func (m Report) AppendHash(b []byte) []byte {
	return m.Dependencies.append(appendInts(m.Round.append(b), m.Life, m.Start))
}

// AppendHash appends the message's content.
func (m Refused) AppendHash(b []byte) []byte { return m.Promised.append(m.Round.append(b)) }

// AppendHash appends the message's content.
func (m Rollback) AppendHash(b []byte) []byte {
	return appendInts(appendInts(m.Round.append(b), m.Line...), m.Lives...)
}

// AppendHash appends the message's content.
func (m Rolled) AppendHash(b []byte) []byte { return m.Round.append(b) }

// AppendHash appends the message's content.
func (m Resume) AppendHash(b []byte) []byte { return m.Round.append(b) }

// AppendHash appends the message's content.
func (m Have) AppendHash(b []byte) []byte { return appendInts(m.Epoch.append(b), m.N) }

// AppendHash appends the message's content: it has none.
func (m Missing) AppendHash(b []byte) []byte { return b }

// AppendHash appends the message's content.
func (m Gone) AppendHash(b []byte) []byte { return appendInts(m.Epoch.append(b), m.N, m.Interval) }

// AppendHash appends the message's content.
func (m Ask) AppendHash(b []byte) []byte { return appendInts(m.Epoch.append(b), m.N) }

// AppendHash appends the message's content.
func (m Stable) AppendHash(b []byte) []byte {
	return m.Dependencies.append(appendInts(m.Epoch.append(b), m.N, m.Start))
}

// AppendHash appends the message's content.
func (m Take) AppendHash(b []byte) []byte { return appendInts(b, m.Number) }

func (d Dependencies) append(b []byte) []byte {
	b = appendInts(b, d.End, len(d.Needs))
	for _, row := range d.Needs {
		b = appendInts(appendInts(b, len(row)), row...)
	}
	return b
}

// String prints "Ping{1} of 2": sent in interval 2 of its sender.
func (m App) String() string { return fmt.Sprintf("%v of %d", m.Body, m.Interval) }

// String prints the application's timer.
func (m Timer) String() string { return fmt.Sprint(m.Body) }

// String prints "Request{1.2}".
func (m Request) String() string { return fmt.Sprintf("Request{%v}", m.Round) }

// String prints "Report{1.2, until 3}", and what its intervals need: "2 needs 1 of p3".
func (m Report) String() string { return fmt.Sprintf("Report{%v, %v}", m.Round, m.Dependencies) }

// String prints "until 3", and what the intervals before need: "2 needs 1 of p3".
func (d Dependencies) String() string {
	parts := []string{fmt.Sprintf("until %d", d.End)}
	for y := 1; y < len(d.Needs) && y < d.End; y++ {
		for i, x := range d.Needs[y] {
			if x > 0 {
				parts = append(parts, fmt.Sprintf("%d needs %d of p%d", y, x, i+1))
			}
		}
	}
	return strings.Join(parts, ", ")
}

// String prints "Refused{1.2, promised 2.1}".
func (m Refused) String() string { return fmt.Sprintf("Refused{%v, promised %v}", m.Round, m.Promised) }

// String prints "Rollback{1.2, to 3 1 2}".
func (m Rollback) String() string {
	return fmt.Sprintf("Rollback{%v, to %s}", m.Round, strings.Trim(fmt.Sprint(m.Line), "[]"))
}

// String prints "Rolled{1.2}".
func (m Rolled) String() string { return fmt.Sprintf("Rolled{%v}", m.Round) }

// String prints "Resume{1.2}".
func (m Resume) String() string { return fmt.Sprintf("Resume{%v}", m.Round) }

// String prints "Have{4}".
func (m Have) String() string { return fmt.Sprintf("Have{%d}", m.N) }

// String prints "Missing{}".
func (m Missing) String() string { return "Missing{}" }

// String prints "Gone{up to 4, of 2}".
func (m Gone) String() string { return fmt.Sprintf("Gone{up to %d, of %d}", m.N, m.Interval) }

// String prints "Ask{3}".
func (m Ask) String() string { return fmt.Sprintf("Ask{%d}", m.N) }

// String prints "Stable{3, until 2}".
func (m Stable) String() string { return fmt.Sprintf("Stable{%d, %v}", m.N, m.Dependencies) }

// String prints "Take{3}".
func (m Take) String() string { return fmt.Sprintf("Take{%d}", m.Number) }
