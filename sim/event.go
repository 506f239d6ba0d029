package sim

import "simrun/sim/clock"

// A Kind says what happened in an Event.
type Kind uint8

// The kinds of events. Node is whom it happened to, Peer the other node concerned, if any.
const (
	Started    Kind = iota // a life of Node begins; Data is the number of the life, from 1 (uint64)
	Sent                   // Node sent Data to Peer
	Dropped                // the message Data from Peer to Node was lost: Cause is its Sent, Why in Reason
	Delivered              // Node handles the message Data from Peer: Cause is its Sent
	TimerSet               // Node sent Data to its future self
	TimerFired             // Node handles Data, a message from its past self: Cause is its TimerSet
	DiskDone               // Node did Data, a *disk.Op, which is valid during the event only
	Noted                  // Node noted the fact Data
	Crashed                // Node stopped; Data is a *disk.Loss: what its disk lost
	Faulted                // another fault; Data is its fault.Line
	Settled                // faults have ended
	Panicked               // Node panicked: Data is the value and the stack (string)
	Exited                 // the script of Node returned
	kinds
)

var kindNames = [kinds]string{"start", "send", "drop", "recv", "set", "timer", "disk", "note", "crash", "fault", "settle", "panic", "exit"}

// String returns a short name: "recv" for Delivered.
func (k Kind) String() string { return kindNames[k] }

// An Event is one thing that happened, and the event that led to it. The world uses one Event again and again:
// whoever wants to keep it copies it.
type Event struct {
	Seq, Cause uint64     // its number in the run, from 1; that of the event that led to it, or 0
	At         clock.Time // true time
	Kind       Kind
	Node, Peer NodeID // whom it happened to, and the other end of a message; see Kind
	Data       any    // what it is about; see Kind
	Reason     string // of Sent, Noted and Panicked: "byzantine", see World.Byzantine; of Delivered: "garbled", "stale", "withheld"; of Dropped: "loss", "cut", "planned", "corrupt", "overflow", "broken", "down", "crash", "omitted"
}
