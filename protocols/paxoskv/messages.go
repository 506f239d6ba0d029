package paxoskv

import (
	"encoding/binary"
	"fmt"

	"simrun/checkers"
	"simrun/protocols/paxos"
)

// Request asks a server to have a command executed. A client that hears nothing sends the same one again.
type Request struct {
	ID      checkers.OpID // the operation
	Command paxos.Value   // what is to stand in a slot
}

// Reply answers a [Request] once the command has been executed, by whatever server's doing.
type Reply struct {
	N      uint64 // of the operation
	Output checkers.KVOutput
}

// Known tells a server that is behind what was chosen, from a slot on.
type Known struct {
	Slot   paxos.Slot
	Values []paxos.Value // not to be changed: it is part of the sender's log
}

// AppendHash appends the message's content.
func (m Request) AppendHash(b []byte) []byte {
	return appendText(binary.AppendUvarint(b, m.ID.N), string(m.Command))
}

// AppendHash appends the message's content.
func (m Reply) AppendHash(b []byte) []byte {
	return appendOutput(binary.AppendUvarint(b, m.N), m.Output)
}

// AppendHash appends the message's content.
func (m Known) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(m.Slot))
	b = binary.AppendUvarint(b, uint64(len(m.Values)))
	for _, v := range m.Values {
		b = appendText(b, string(v))
	}
	return b
}

// String prints "Request{c1/1#12 put x a12}".
func (m Request) String() string { return fmt.Sprintf("Request{%s}", m.Command) }

// String prints "Reply{#12 ok}" or "Reply{#12 a11}".
func (m Reply) String() string { return fmt.Sprintf("Reply{#%d %s}", m.N, say(m.Output)) }

// String prints "Known{slots 3 to 7}".
func (m Known) String() string {
	return fmt.Sprintf("Known{slots %d to %d}", m.Slot, int(m.Slot)+len(m.Values)-1)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendOutput(b []byte, out checkers.KVOutput) []byte {
	if out.OK {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	return appendText(b, out.Value)
}

// say prints a result: "ok", "not ok" or the value.
func say(out checkers.KVOutput) string {
	switch {
	case !out.OK:
		return "not ok"
	case out.Value == "":
		return "ok"
	}
	return out.Value
}
