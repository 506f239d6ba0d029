package independent

import (
	"fmt"
	"strings"

	"simrun/sim"
)

// Handled is the fact that the application has been given a message, or a timer of its own if From is the process itself.
type Handled struct {
	Interval int // in which
	From     sim.NodeID
	N        int   // of the message, on its channel
	Born     Round // when the message was sent first
}

// Checkpointed is the fact that a checkpoint is on disk.
type Checkpointed struct{ Start, Handled int } // the interval that it begins; how much the process has handled

// Logged is the fact that the log is on disk, up to that interval.
type Logged struct{ Interval int }

// Restored is the fact that a process came back from a failure, with a state before that interval.
type Restored struct{ From, Handled int } // the first interval that is gone; how much the state has handled

// RolledBack is the fact that a process has undone its intervals from one on.
type RolledBack struct{ From, Undone int } // the first interval; how many messages and timers had been handled in them

// LineFound is the fact that the initiator of a round has computed the recovery line, and why it is where it is.
type LineFound struct {
	Round Round
	Line  []int
	Steps []Step
}

// Recovered is the fact that all have rolled back to the line.
type Recovered struct {
	Round Round
	Line  []int
}

// Resumed is the fact that a process works again after a recovery.
type Resumed struct{ Round Round }

// Lost is the fact that messages are given up: a rollback has undone that they were received, and they are not sent again.
type Lost struct {
	Interval    int // of the process that gives them up
	From        sim.NodeID
	First, Last int
}

// Released is the fact that an output was shown to the outside world. After a failure it may be shown once more.
type Released struct {
	N        int // from 1
	Interval int // in which it was produced
	Amount   int64
}

// Rested is the fact that the application waits for others until it handles something again.
type Rested struct {
	State string // of the application, as bytes
	Sent  int    // messages, some of which a crash may have kept from leaving so far
}

// Halted is the fact that a process does not trust its disk any more and falls silent.
type Halted struct{ Why string }

// AppendHash appends the fact's content.
func (f Handled) AppendHash(b []byte) []byte {
	return append(f.Born.append(appendInts(b, f.Interval, f.N)), f.From...)
}

// AppendHash appends the fact's content.
func (f Checkpointed) AppendHash(b []byte) []byte { return appendInts(b, f.Start, f.Handled) }

// AppendHash appends the fact's content.
func (f Logged) AppendHash(b []byte) []byte { return appendInts(b, f.Interval) }

// AppendHash appends the fact's content.
func (f Restored) AppendHash(b []byte) []byte { return appendInts(b, f.From, f.Handled) }

// AppendHash appends the fact's content.
func (f RolledBack) AppendHash(b []byte) []byte { return appendInts(b, f.From, f.Undone) }

// AppendHash appends the fact's content.
func (f LineFound) AppendHash(b []byte) []byte {
	b = appendInts(f.Round.append(b), f.Line...)
	for _, s := range f.Steps {
		b = appendInts(b, s.Process, s.Undone, s.By, s.Of)
	}
	return b
}

// AppendHash appends the fact's content.
func (f Recovered) AppendHash(b []byte) []byte { return appendInts(f.Round.append(b), f.Line...) }

// AppendHash appends the fact's content.
func (f Resumed) AppendHash(b []byte) []byte { return f.Round.append(b) }

// AppendHash appends the fact's content.
func (f Lost) AppendHash(b []byte) []byte {
	return append(appendInts(b, f.Interval, f.First, f.Last), f.From...)
}

// AppendHash appends the fact's content.
func (f Released) AppendHash(b []byte) []byte { return appendInts(b, f.N, f.Interval, int(f.Amount)) }

// AppendHash appends the fact's content.
func (f Rested) AppendHash(b []byte) []byte { return append(appendInts(b, f.Sent), f.State...) }

// AppendHash appends the fact's content.
func (f Halted) AppendHash(b []byte) []byte { return append(b, f.Why...) }

// String prints "handled #2 of p1 in 3", or "worked in 3" for a timer.
func (f Handled) String() string {
	if f.N == 0 {
		return fmt.Sprintf("worked in %d", f.Interval)
	}
	return fmt.Sprintf("handled #%d of %s in %d", f.N, f.From, f.Interval)
}

// String prints "checkpoint 3".
func (f Checkpointed) String() string { return fmt.Sprintf("checkpoint %d", f.Start) }

// String prints "logged up to 7".
func (f Logged) String() string { return fmt.Sprintf("logged up to %d", f.Interval) }

// String prints "restored at 3".
func (f Restored) String() string { return fmt.Sprintf("restored at %d", f.From) }

// String prints "rolled back to 3, 5 undone".
func (f RolledBack) String() string {
	return fmt.Sprintf("rolled back to %d, %d undone", f.From, f.Undone)
}

// String prints "line 3 1 2", and the steps that led there: "p2 to 1, for it received from p1's 3".
func (f LineFound) String() string {
	b := "line " + strings.Trim(fmt.Sprint(f.Line), "[]")
	for _, s := range f.Steps {
		b += fmt.Sprintf("; p%d to %d: has of %d of p%d", s.Process+1, s.Undone, s.Of, s.By+1)
	}
	return b
}

// String prints "recovered to 3 1 2".
func (f Recovered) String() string { return "recovered to " + strings.Trim(fmt.Sprint(f.Line), "[]") }

// String prints "resumed in 1.2".
func (f Resumed) String() string { return fmt.Sprintf("resumed in %v", f.Round) }

// String prints "lost #3 to #5 of p1".
func (f Lost) String() string {
	if f.First == f.Last {
		return fmt.Sprintf("lost #%d of %s", f.First, f.From)
	}
	return fmt.Sprintf("lost #%d to #%d of %s", f.First, f.Last, f.From)
}

// String prints "output 2: 100".
func (f Released) String() string { return fmt.Sprintf("output %d: %d", f.N, f.Amount) }

// String prints "rests".
func (f Rested) String() string { return "rests" }

// String prints "halted:" and the reason.
func (f Halted) String() string { return "halted: " + f.Why }
