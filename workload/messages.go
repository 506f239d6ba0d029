package workload

import (
	"encoding/binary"
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// Request asks a server to have a command executed. A client that hears nothing sends the same one again, perhaps to another.
type Request struct {
	Command Command
	Seen    uint64 // the highest At of all answers to this client
}

// Reply answers a [Request] with what became of the operation.
type Reply struct {
	ID     checkers.OpID
	Result Result
	At     uint64 // how far the service had come, where servers answer from states of their own; else 0
}

// Elsewhere answers a [Request] too: this server cannot serve it, and that one may; "" if it knows of none.
type Elsewhere struct {
	ID     checkers.OpID
	Server sim.NodeID
}

// Called is the fact that a client calls an operation.
type Called struct {
	ID checkers.OpID
	Op Op
}

// Returned is the fact that a client's operation has ended: with a result, or given up with its outcome unknown, or failed, which is certain not to have had an effect.
type Returned struct {
	ID              checkers.OpID
	Result          Result
	Unknown, Failed bool
}

// AppendHash appends the message's content.
func (m Request) AppendHash(b []byte) []byte { return appendPlace(m.Command.Append(b), m.Seen) }

// AppendHash appends the message's content.
func (m Reply) AppendHash(b []byte) []byte {
	return appendPlace(m.Result.Append(appendID(b, m.ID)), m.At)
}

// AppendHash appends the message's content.
func (m Elsewhere) AppendHash(b []byte) []byte { return append(appendID(b, m.ID), m.Server...) }

// AppendHash appends the fact's content.
func (f Called) AppendHash(b []byte) []byte { return f.Op.Append(appendID(b, f.ID)) }

// AppendHash appends the fact's content.
func (f Returned) AppendHash(b []byte) []byte {
	b = appendID(b, f.ID)
	switch {
	case f.Unknown:
		return append(b, 2)
	case f.Failed:
		return append(b, 3)
	}
	return f.Result.Append(b)
}

// AppendHash appends the timer's content: it has none.
func (next) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content.
func (t alarm) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(t.Lane)) }

// AppendHash appends the timer's content.
func (t resend) AppendHash(b []byte) []byte { return t.To.append(b) }

// AppendHash appends the timer's content.
func (t hedge) AppendHash(b []byte) []byte { return t.To.append(b) }

func (e errand) append(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(e.Lane)), e.Turn)
}

func appendID(b []byte, id checkers.OpID) []byte {
	return binary.AppendUvarint(appendText(b, string(id.Client)), id.N)
}

// appendPlace appends a place in the history of a service, and nothing where services do not tell it.
func appendPlace(b []byte, at uint64) []byte {
	if at == 0 {
		return b
	}
	return binary.AppendUvarint(b, at)
}

// String prints "Request{c1#12 put x a12}", or "Request{c1#12 get x, seen 7}".
func (m Request) String() string {
	if m.Seen > 0 {
		return fmt.Sprintf("Request{%v, seen %d}", m.Command, m.Seen)
	}
	return fmt.Sprintf("Request{%v}", m.Command)
}

// String prints "Reply{c1#12 ok}", or "Reply{c1#12 ok, at 7}".
func (m Reply) String() string {
	if m.At > 0 {
		return fmt.Sprintf("Reply{%v %v, at %d}", m.ID, m.Result, m.At)
	}
	return fmt.Sprintf("Reply{%v %v}", m.ID, m.Result)
}

// String prints "Elsewhere{c1#12 s2}".
func (m Elsewhere) String() string { return fmt.Sprintf("Elsewhere{%v %s}", m.ID, m.Server) }

// String prints "called c1#12 put x a12".
func (f Called) String() string { return fmt.Sprintf("called %v %v", f.ID, f.Op) }

// String prints "returned c1#12 ok", "gave up c1#12" or "failed c1#12".
func (f Returned) String() string {
	switch {
	case f.Unknown:
		return fmt.Sprintf("gave up %v", f.ID)
	case f.Failed:
		return fmt.Sprintf("failed %v", f.ID)
	}
	return fmt.Sprintf("returned %v %v", f.ID, f.Result)
}

// String prints "next{}".
func (next) String() string { return "next{}" }

// String prints "alarm{lane 0}".
func (t alarm) String() string { return fmt.Sprintf("alarm{lane %d}", t.Lane) }

// String prints "resend{lane 0 turn 3}".
func (t resend) String() string { return fmt.Sprintf("resend{%v}", t.To) }

// String prints "hedge{lane 0 turn 3}".
func (t hedge) String() string { return fmt.Sprintf("hedge{%v}", t.To) }

// String prints "lane 0 turn 3".
func (e errand) String() string { return fmt.Sprintf("lane %d turn %d", e.Lane, e.Turn) }
