package laiyang

import (
	"fmt"

	"simrun/sim"
)

// Began is the fact that an initiator begins a snapshot. It is noted before the initiator records.
type Began struct{ ID ID }

// Recorded is the fact that the process has just recorded its state. If the message that has just come is red and made it do so, Held is true: the
// application receives that message afterwards.
type Recorded struct {
	ID   ID
	Part Part
	Held bool
}

// CameLate is the fact that a process has received a message that is white for a snapshot which it has recorded for: it belongs to the channel.
type CameLate struct {
	ID   ID
	From sim.NodeID
	Body sim.Message
}

// ChannelRecorded is the fact that the initiator knows what was in a channel; nothing is said of those that were empty.
type ChannelRecorded struct {
	ID      ID
	Channel Channel
}

// Complete is the fact that the initiator has all of a snapshot.
type Complete struct{ Snapshot Snapshot }

// Turned is the fact that the application, on this process, sends nothing any more unless a message arrives; or that it may again. It is noted at the start
// and whenever it changes.
type Turned struct{ Passive bool }

// AppendHash appends the fact's content.
func (f Began) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f Recorded) AppendHash(b []byte) []byte {
	return f.Part.append(appendBool(f.ID.append(b), f.Held))
}

// AppendHash appends the fact's content.
func (f CameLate) AppendHash(b []byte) []byte {
	return appendMessage(appendText(f.ID.append(b), string(f.From)), f.Body)
}

// AppendHash appends the fact's content.
func (f ChannelRecorded) AppendHash(b []byte) []byte { return f.Channel.append(f.ID.append(b)) }

// AppendHash appends the fact's content.
func (f Complete) AppendHash(b []byte) []byte { return f.Snapshot.append(b) }

// AppendHash appends the fact's content.
func (f Turned) AppendHash(b []byte) []byte { return appendBool(b, f.Passive) }

// String prints "began p1#2".
func (f Began) String() string { return fmt.Sprintf("began %v", f.ID) }

// String prints "recorded for p1#2: 100 money", and ", before the message" if there is one.
func (f Recorded) String() string {
	s := fmt.Sprintf("recorded for %v: %s", f.ID, f.Part.Text)
	if f.Held {
		s += ", before the message"
	}
	return s
}

// String prints "late for p1#2 from p3: Transfer{7}".
func (f CameLate) String() string {
	return fmt.Sprintf("late for %v from %s: %v", f.ID, f.From, f.Body)
}

// String prints "recorded for p1#2 from p3 to p2: Transfer{7}".
func (f ChannelRecorded) String() string {
	return fmt.Sprintf("recorded for %v from %s to %s: %s", f.ID, f.Channel.From, f.Channel.To, list(f.Channel.Messages))
}

// String prints the whole snapshot.
func (f Complete) String() string { return "complete: " + f.Snapshot.String() }

// String prints "turned passive", or "turned active".
func (f Turned) String() string {
	if f.Passive {
		return "turned passive"
	}
	return "turned active"
}
