package bracha

import (
	"encoding/binary"
	"fmt"

	"simrun/sim"
)

// A Value is what is broadcast. It means nothing here.
type Value string

// String prints the value; quotes, if there is nothing between them.
func (v Value) String() string {
	if v == "" {
		return `""`
	}
	return string(v)
}

// A Tag names a broadcast: the Number-th of its sender, from 1.
type Tag struct {
	Sender sim.NodeID
	Number int
}

// Initial is what the sender says, to all.
type Initial struct {
	Tag   Tag
	Value Value
}

// Echo says what its sender was told, to all.
type Echo struct {
	Tag   Tag
	Value Value
}

// Ready says that no other value of this broadcast can be delivered by anybody who does not lie.
type Ready struct {
	Tag   Tag
	Value Value
}

func (t Tag) append(b []byte, v Value) []byte {
	b = append(binary.AppendUvarint(b, uint64(len(t.Sender))), t.Sender...)
	return append(binary.AppendVarint(b, int64(t.Number)), v...)
}

// AppendHash appends the message's content.
func (m Initial) AppendHash(b []byte) []byte { return m.Tag.append(b, m.Value) }

// AppendHash appends the message's content.
func (m Echo) AppendHash(b []byte) []byte { return m.Tag.append(b, m.Value) }

// AppendHash appends the message's content.
func (m Ready) AppendHash(b []byte) []byte { return m.Tag.append(b, m.Value) }

// Alter makes a lie of it.
func (m Initial) Alter(pick func(n int) int) sim.Message { return sim.AlterFields(m, pick) }

// Alter makes a lie of it.
func (m Echo) Alter(pick func(n int) int) sim.Message { return sim.AlterFields(m, pick) }

// Alter makes a lie of it.
func (m Ready) Alter(pick func(n int) int) sim.Message { return sim.AlterFields(m, pick) }

// String prints "p1#2".
func (t Tag) String() string { return fmt.Sprintf("%s#%d", t.Sender, t.Number) }

// String prints "Initial{p1#2 A}".
func (m Initial) String() string { return fmt.Sprintf("Initial{%v %v}", m.Tag, m.Value) }

// String prints "Echo{p1#2 A}".
func (m Echo) String() string { return fmt.Sprintf("Echo{%v %v}", m.Tag, m.Value) }

// String prints "Ready{p1#2 A}".
func (m Ready) String() string { return fmt.Sprintf("Ready{%v %v}", m.Tag, m.Value) }

// Broadcast is the fact that a process begins to tell all others something.
type Broadcast struct {
	Tag   Tag
	Value Value
}

// Amplified is the fact that a process became ready because others were, before it had heard enough echoes.
type Amplified struct {
	Tag   Tag
	Value Value
}

// Delivered is the fact that a process has taken a value for what was broadcast: the paper's "accept".
type Delivered struct {
	Tag   Tag
	Value Value
}

// AppendHash appends the fact's content.
func (f Broadcast) AppendHash(b []byte) []byte { return f.Tag.append(b, f.Value) }

// AppendHash appends the fact's content.
func (f Amplified) AppendHash(b []byte) []byte { return f.Tag.append(b, f.Value) }

// AppendHash appends the fact's content.
func (f Delivered) AppendHash(b []byte) []byte { return f.Tag.append(b, f.Value) }

// String prints "p1#2: broadcasts A".
func (f Broadcast) String() string { return fmt.Sprintf("%v: broadcasts %v", f.Tag, f.Value) }

// String prints "p1#2: ready for A because others are".
func (f Amplified) String() string {
	return fmt.Sprintf("%v: ready for %v because others are", f.Tag, f.Value)
}

// String prints "p1#2: delivered A".
func (f Delivered) String() string { return fmt.Sprintf("%v: delivered %v", f.Tag, f.Value) }
