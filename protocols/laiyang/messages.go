package laiyang

import (
	"encoding/binary"
	"fmt"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk"
)

// App is a message of the application. Its fate and what backs it are those of its body.
type App struct {
	Colour Colour // of the sender
	N      uint32 // among the messages of its channel, from 1
	Body   sim.Message
}

// Take asks a process to record its state for a snapshot, if it has not.
type Take struct{ ID ID }

// Report brings a process's part of a snapshot to the initiator.
type Report struct {
	ID   ID
	Part Part
}

// Late brings the initiator a white message that has reached its sender when that was red: by counting only.
type Late struct {
	ID   ID
	From sim.NodeID // who sent the message
	Body sim.Message
}

// A timer is one of the application.
type timer struct{ Body sim.Message }

// A begin makes an initiator begin its next snapshot.
type begin struct{ ID ID }

// Stream names the body's stream: a message has the same fate with the middleware and without.
func (m App) Stream() string { return sim.StreamOf(m.Body) }

// Size is the body's; the colour is not charged, so that what is late under a limited rate stays so.
func (m App) Size() int {
	if s, ok := m.Body.(interface{ Size() int }); ok {
		return s.Size()
	}
	return 100
}

// Backed asks the body, if it promises anything.
func (m App) Backed(durable disk.View) error {
	if b, ok := m.Body.(sim.Backed); ok {
		return b.Backed(durable)
	}
	return nil
}

// Size is that of the part: by history it grows with all that was ever sent.
func (m Report) Size() int { return len(m.AppendHash(nil)) }

// Stream names the body's stream.
func (t timer) Stream() string { return sim.StreamOf(t.Body) }

// appendMessage appends a message's content, and what kind of message it is.
func appendMessage(b []byte, m sim.Message) []byte {
	b = appendText(b, sim.StreamOf(m))
	if h, ok := m.(interface{ AppendHash([]byte) []byte }); ok {
		return h.AppendHash(b)
	}
	return sim.AppendContent(b, m)
}

func appendMessages(b []byte, ms []sim.Message) []byte {
	b = binary.AppendUvarint(b, uint64(len(ms)))
	for _, m := range ms {
		b = appendMessage(b, m)
	}
	return b
}

func appendNumber(b []byte, n uint32) []byte { return binary.AppendUvarint(b, uint64(n)) }

func appendNumbers(b []byte, list []uint32) []byte {
	b = binary.AppendUvarint(b, uint64(len(list)))
	for _, n := range list {
		b = appendNumber(b, n)
	}
	return b
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

// AppendHash appends the message's content.
func (m App) AppendHash(b []byte) []byte {
	return appendMessage(appendNumber(appendNumbers(b, m.Colour), m.N), m.Body)
}

// AppendHash appends the message's content.
func (m Take) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Report) AppendHash(b []byte) []byte { return m.Part.append(m.ID.append(b)) }

// AppendHash appends the message's content.
func (m Late) AppendHash(b []byte) []byte {
	return appendMessage(appendText(m.ID.append(b), string(m.From)), m.Body)
}

// AppendHash appends the timer's content.
func (t timer) AppendHash(b []byte) []byte { return appendMessage(b, t.Body) }

// AppendHash appends the timer's content.
func (t begin) AppendHash(b []byte) []byte { return t.ID.append(b) }

// String prints the body, and the colour unless it is white for all snapshots: "Transfer{7}", "Transfer{7} of 1/0".
func (m App) String() string {
	if m.Colour.blank() {
		return fmt.Sprint(m.Body)
	}
	return fmt.Sprintf("%v of %v", m.Body, m.Colour)
}

// String prints "Take{p1#2}".
func (m Take) String() string { return fmt.Sprintf("Take{%v}", m.ID) }

// String prints "Report{p1#2: 100 money}".
func (m Report) String() string { return fmt.Sprintf("Report{%v: %s}", m.ID, m.Part.Text) }

// String prints "Late{p1#2, from p3 Transfer{7}}".
func (m Late) String() string { return fmt.Sprintf("Late{%v, from %s %v}", m.ID, m.From, m.Body) }

// String prints the body.
func (t timer) String() string { return fmt.Sprint(t.Body) }

// String prints "begin p1#2".
func (t begin) String() string { return fmt.Sprintf("begin %v", t.ID) }

// Alter returns a message whose body a liar has changed, if it can be.
func (m App) Alter(pick func(n int) int) sim.Message {
	m.Body = apps.Altered(m.Body, pick)
	return m
}
