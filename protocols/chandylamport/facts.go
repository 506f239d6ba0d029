package chandylamport

import "fmt"

// Began is the fact that an initiator begins a snapshot. It is noted before the initiator records.
type Began struct{ ID ID }

// Recorded is the fact that the process has just recorded its state. It is noted before the markers leave; the channels of the part are
// still unknown.
type Recorded struct {
	ID   ID
	Part Part
}

// Turned is the fact that the application has become passive, so that it sends nothing any more unless a message arrives, or active again. It is
// noted when a process begins, too.
type Turned struct{ Passive bool }

// Overlapped is the fact that a process records for a snapshot while it still records channels for another.
type Overlapped struct{ ID, With ID }

// ChannelRecorded is the fact that the state of the channel from another process is known.
type ChannelRecorded struct {
	ID      ID
	Channel Channel
}

// Complete is the fact that the initiator has all parts of a snapshot, on its disk where that is asked for.
type Complete struct{ Snapshot Snapshot }

// Recovering is the fact that the leader begins a recovery, which will be that incarnation.
type Recovering struct{ Incarnation uint32 }

// RolledBack is the fact that a process has gone back to the state that it recorded for a snapshot. It goes on from there when the others have
// gone back too.
type RolledBack struct {
	Incarnation uint32
	To          ID
}

// Recovered is the fact that everybody has gone back: the recovery is over.
type Recovered struct{ Incarnation uint32 }

// Discarded is the fact that a process has dropped a message of an incarnation that is not its own.
type Discarded struct{ Message App }

// Halted is the fact that a process does not trust its disk any more and falls silent.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Began) AppendHash(b []byte) []byte { return f.ID.append(b) }

// AppendHash appends the fact's content.
func (f Recorded) AppendHash(b []byte) []byte { return f.Part.append(f.ID.append(b)) }

// AppendHash appends the fact's content.
func (f Turned) AppendHash(b []byte) []byte { return appendBool(b, f.Passive) }

// AppendHash appends the fact's content.
func (f Overlapped) AppendHash(b []byte) []byte { return f.With.append(f.ID.append(b)) }

// AppendHash appends the fact's content.
func (f ChannelRecorded) AppendHash(b []byte) []byte {
	return appendMessages(appendText(f.ID.append(b), string(f.Channel.From)), f.Channel.Messages)
}

// AppendHash appends the fact's content.
func (f Complete) AppendHash(b []byte) []byte { return f.Snapshot.append(b) }

// AppendHash appends the fact's content.
func (f Recovering) AppendHash(b []byte) []byte { return appendNumber(b, f.Incarnation) }

// AppendHash appends the fact's content.
func (f RolledBack) AppendHash(b []byte) []byte { return f.To.append(appendNumber(b, f.Incarnation)) }

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte { return appendNumber(b, f.Incarnation) }

// AppendHash appends the fact's content.
func (f Discarded) AppendHash(b []byte) []byte { return f.Message.AppendHash(b) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return append(b, f.Why...) }

// String prints "began p1#2".
func (f Began) String() string { return fmt.Sprintf("began %v", f.ID) }

// String prints "recorded for p1#2: 100 money".
func (f Recorded) String() string { return fmt.Sprintf("recorded for %v: %s", f.ID, f.Part.Text) }

// String prints "turned passive", or "turned active".
func (f Turned) String() string {
	if f.Passive {
		return "turned passive"
	}
	return "turned active"
}

// String prints "p1#2 overlaps p2#1".
func (f Overlapped) String() string { return fmt.Sprintf("%v overlaps %v", f.ID, f.With) }

// String prints "recorded for p1#2 from p3: Transfer{7}", or "nothing".
func (f ChannelRecorded) String() string {
	what := "nothing"
	if len(f.Channel.Messages) > 0 {
		what = list(f.Channel.Messages)
	}
	return fmt.Sprintf("recorded for %v from %s: %s", f.ID, f.Channel.From, what)
}

// String prints the whole snapshot.
func (f Complete) String() string { return "complete: " + f.Snapshot.String() }

// String prints "recovering: incarnation 3".
func (f Recovering) String() string { return fmt.Sprintf("recovering: incarnation %d", f.Incarnation) }

// String prints "rolled back to p1#2, incarnation 3".
func (f RolledBack) String() string {
	return fmt.Sprintf("rolled back to %v, incarnation %d", f.To, f.Incarnation)
}

// String prints "recovered: incarnation 3".
func (f Recovered) String() string { return fmt.Sprintf("recovered: incarnation %d", f.Incarnation) }

// String prints "discarded Transfer{7}".
func (f Discarded) String() string { return fmt.Sprintf("discarded %v", f.Message) }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
