package workload

import (
	"encoding/binary"
	"fmt"

	"simrun/checkers"
	"simrun/sim"
)

// Request asks a server to have a command executed. A client that hears nothing sends the same one again, perhaps to another.
type Request struct{ Command Command }

// Reply answers a [Request] with what became of the operation.
type Reply struct {
	ID     checkers.OpID
	Result Result
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

// Returned is the fact that a client's operation has ended: with a result, or given up with its outcome unknown.
type Returned struct {
	ID      checkers.OpID
	Result  Result
	Unknown bool
}

// AppendHash appends the message's content.
func (m Request) AppendHash(b []byte) []byte { return m.Command.Append(b) }

// AppendHash appends the message's content.
func (m Reply) AppendHash(b []byte) []byte { return m.Result.Append(appendID(b, m.ID)) }

// AppendHash appends the message's content.
func (m Elsewhere) AppendHash(b []byte) []byte { return append(appendID(b, m.ID), m.Server...) }

// AppendHash appends the fact's content.
func (f Called) AppendHash(b []byte) []byte { return f.Op.Append(appendID(b, f.ID)) }

// AppendHash appends the fact's content.
func (f Returned) AppendHash(b []byte) []byte {
	b = appendID(b, f.ID)
	if f.Unknown {
		return append(b, 2)
	}
	return f.Result.Append(b)
}

// AppendHash appends the timer's content: it has none.
func (alarm) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content.
func (t resend) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, t.N) }

func appendID(b []byte, id checkers.OpID) []byte {
	return binary.AppendUvarint(appendText(b, string(id.Client)), id.N)
}

// String prints "Request{c1#12 put x a12}".
func (m Request) String() string { return fmt.Sprintf("Request{%v}", m.Command) }

// String prints "Reply{c1#12 ok}".
func (m Reply) String() string { return fmt.Sprintf("Reply{%v %v}", m.ID, m.Result) }

// String prints "Elsewhere{c1#12 s2}".
func (m Elsewhere) String() string { return fmt.Sprintf("Elsewhere{%v %s}", m.ID, m.Server) }

// String prints "called c1#12 put x a12".
func (f Called) String() string { return fmt.Sprintf("called %v %v", f.ID, f.Op) }

// String prints "returned c1#12 ok", or "gave up c1#12".
func (f Returned) String() string {
	if f.Unknown {
		return fmt.Sprintf("gave up %v", f.ID)
	}
	return fmt.Sprintf("returned %v %v", f.ID, f.Result)
}

// String prints "alarm{}".
func (alarm) String() string { return "alarm{}" }

// String prints "resend{#3}".
func (t resend) String() string { return fmt.Sprintf("resend{#%d}", t.N) }
