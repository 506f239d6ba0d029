package chandylamport

import (
	"encoding/binary"
	"fmt"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk"
)

// App is a message of the application. Its fate, its size and what backs it are those of its body.
type App struct {
	Incarnation uint32 // of the system, in which it is sent
	Name        Name
	Body        sim.Message
}

// A Name tells messages of the application apart. One that is sent again, from a channel as a snapshot recorded it, keeps its name.
type Name struct {
	Incarnation uint32 // in which it was sent first
	N           uint32 // among the messages of its sender in that incarnation, from 1
	Sender      sim.NodeID
}

// Marker separates what its sender sent before it recorded its state from what it sends after.
type Marker struct{ ID ID }

// Report brings a process's part of a snapshot to the initiator.
type Report struct {
	ID   ID
	Part Part
}

// Rejoin asks the leader of recoveries to bring in a process that has started without a state.
type Rejoin struct {
	Incarnation uint32 // the last that the process knows of
}

// Stop begins a recovery: nothing of an older incarnation counts any more. It is backed by the leader's record.
type Stop struct {
	Incarnation uint32
	backing
}

// Stopped answers [Stop], with the last snapshot that the process holds, the zero Snapshot if none. It is backed by the records of both.
type Stopped struct {
	Incarnation uint32
	Latest      Snapshot
	backing
	snapshot backing
}

// Restore gives a process its part of the snapshot to go back to.
type Restore struct {
	Incarnation uint32
	To          ID
	State       []byte
	Channels    []Outgoing
}

// Outgoing is what was recorded of a channel, for the process to send again.
type Outgoing struct {
	To       sim.NodeID
	Messages []App
}

// Restored says that a process has the state, and waits.
type Restored struct{ Incarnation uint32 }

// Go ends a recovery: everybody has its state. A message of the new incarnation says as much.
type Go struct{ Incarnation uint32 }

// A timer is one of the application. It does not outlive the incarnation.
type timer struct {
	Incarnation uint32
	Body        sim.Message
}

// A begin makes an initiator begin its next snapshot.
type begin struct{ ID ID }

// An ask makes a process that still has no state ask for one again.
type ask struct{ Incarnation uint32 }

// Stream names the body's stream: a message has the same fate with the middleware and without.
func (m App) Stream() string { return sim.StreamOf(m.Body) }

// Size is the body's.
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

func appendMessages(b []byte, ms []App) []byte {
	b = binary.AppendUvarint(b, uint64(len(ms)))
	for i := range ms {
		b = ms[i].AppendHash(b)
	}
	return b
}

func (p *Part) append(b []byte) []byte {
	b = appendText(appendText(b, string(p.Node)), string(p.State))
	b = binary.AppendUvarint(binary.AppendVarint(appendBool(b, p.Passive), p.Amount), uint64(len(p.Channels)))
	for i := range p.Channels {
		b = appendMessages(appendText(b, string(p.Channels[i].From)), p.Channels[i].Messages)
	}
	return b
}

func (s *Snapshot) append(b []byte) []byte {
	b = binary.AppendUvarint(s.ID.append(b), uint64(len(s.Parts)))
	for i := range s.Parts {
		b = s.Parts[i].append(b)
	}
	return b
}

func appendNumber(b []byte, n uint32) []byte { return binary.AppendUvarint(b, uint64(n)) }

// AppendHash appends the message's content.
func (m App) AppendHash(b []byte) []byte {
	return appendMessage(m.Name.append(appendNumber(b, m.Incarnation)), m.Body)
}

// AppendHash appends the message's content.
func (m Marker) AppendHash(b []byte) []byte { return m.ID.append(b) }

// AppendHash appends the message's content.
func (m Report) AppendHash(b []byte) []byte { return m.Part.append(m.ID.append(b)) }

// AppendHash appends the message's content.
func (m Rejoin) AppendHash(b []byte) []byte { return appendNumber(b, m.Incarnation) }

// AppendHash appends the message's content.
func (m Stop) AppendHash(b []byte) []byte { return appendNumber(b, m.Incarnation) }

// AppendHash appends the message's content.
func (m Stopped) AppendHash(b []byte) []byte { return m.Latest.append(appendNumber(b, m.Incarnation)) }

// AppendHash appends the message's content.
func (m Restore) AppendHash(b []byte) []byte {
	b = appendText(m.To.append(appendNumber(b, m.Incarnation)), string(m.State))
	for _, out := range m.Channels {
		b = appendMessages(appendText(b, string(out.To)), out.Messages)
	}
	return b
}

// AppendHash appends the message's content.
func (m Restored) AppendHash(b []byte) []byte { return appendNumber(b, m.Incarnation) }

// AppendHash appends the message's content.
func (m Go) AppendHash(b []byte) []byte { return appendNumber(b, m.Incarnation) }

// AppendHash appends the timer's content.
func (t timer) AppendHash(b []byte) []byte {
	return appendMessage(appendNumber(b, t.Incarnation), t.Body)
}

// AppendHash appends the timer's content.
func (t begin) AppendHash(b []byte) []byte { return t.ID.append(b) }

// AppendHash appends the timer's content.
func (t ask) AppendHash(b []byte) []byte { return appendNumber(b, t.Incarnation) }

// String prints the body; from the second incarnation on with its number: "Transfer{7} of 2"; and if it was sent in an older one before,
// "Transfer{7} of 2, again".
func (m App) String() string {
	s := fmt.Sprint(m.Body)
	if m.Incarnation > 1 {
		s += fmt.Sprintf(" of %d", m.Incarnation)
	}
	if m.Name.Incarnation < m.Incarnation {
		s += ", again"
	}
	return s
}

// String prints "Marker{p1#2}".
func (m Marker) String() string { return fmt.Sprintf("Marker{%v}", m.ID) }

// String prints "Report{p1#2: 100 money}", and what was recorded of channels.
func (m Report) String() string {
	s := fmt.Sprintf("Report{%v: %s", m.ID, m.Part.Text)
	for _, c := range m.Part.Channels {
		if len(c.Messages) > 0 {
			s += fmt.Sprintf("; from %s %s", c.From, list(c.Messages))
		}
	}
	return s + "}"
}

// String prints "Rejoin{2}".
func (m Rejoin) String() string { return fmt.Sprintf("Rejoin{%d}", m.Incarnation) }

// String prints "Stop{3}".
func (m Stop) String() string { return fmt.Sprintf("Stop{%d}", m.Incarnation) }

// String prints "Stopped{3, has p1#2}".
func (m Stopped) String() string {
	return fmt.Sprintf("Stopped{%d, has %v}", m.Incarnation, m.Latest.ID)
}

// String prints "Restore{3 from p1#2}", and what was in channels: "Restore{3 from p1#2, to p2 Transfer{7}}".
func (m Restore) String() string {
	s := fmt.Sprintf("Restore{%d from %v", m.Incarnation, m.To)
	for _, c := range m.Channels {
		s += fmt.Sprintf(", to %s %s", c.To, list(c.Messages))
	}
	return s + "}"
}

// String prints "Restored{3}".
func (m Restored) String() string { return fmt.Sprintf("Restored{%d}", m.Incarnation) }

// String prints "Go{3}".
func (m Go) String() string { return fmt.Sprintf("Go{%d}", m.Incarnation) }

// String prints the body.
func (t timer) String() string { return fmt.Sprint(t.Body) }

// String prints "begin p1#2".
func (t begin) String() string { return fmt.Sprintf("begin %v", t.ID) }

// String prints "ask".
func (t ask) String() string { return "ask" }

// Alter returns a message whose body a liar has changed, if it can be.
func (m App) Alter(pick func(n int) int) sim.Message {
	m.Body = apps.Altered(m.Body, pick)
	return m
}
