package sim

import (
	"time"

	"simrun/sim/clock"
	"simrun/sim/disk"
)

// A NodeID names a node. It has no white space, none of the characters ",|>#*" and is not empty.
type NodeID string

// A Message is a value: once sent, nobody changes it. The world finds out if somebody does.
//
// A message may implement any of these:
//
//   - AppendHash([]byte) []byte appends a canonical encoding of its content, for the event hash. Without it
//     a slower encoder walks the value by reflection, which knows no pointers; see [AppendContent].
//   - Stream() string names the stream it belongs to; without it the stream is the name of its type. The fates
//     of messages are keyed by link, stream and number within it, from 1: "lose a1>a2 Accept#3".
//   - Size() int is its length in bytes on the wire, which matters where a plan limits the rate of a link; without it every
//     message has 100.
//   - Backed(disk.View) error, see [Backed].
//   - Alter(pick func(n int) int) Message makes another message of the same type of it, for nodes that lie and wires that garble; without it nobody
//     alters the message. See [AlterFields], which does it for most.
//   - String() string, for people.
type Message any

// A Node is a deterministic state machine. It runs to completion in each call: it never blocks, sleeps or starts a
// goroutine. All that it may learn or do comes through its Env.
//
// A node may implement Invariant() error: what must be true of it between two calls. It may implement
// [Cloner].
type Node interface {
	// Start is called once per life, first. Only the disk remembers earlier lives.
	Start(env Env)
	// Handle is called for each message from others, and for those to its future self, for which from is the node's
	// own ID.
	Handle(env Env, from NodeID, m Message)
}

// An Env is the world as one node sees it. It must not be kept after the call it was given to.
type Env interface {
	// ID is the node's own name.
	ID() NodeID
	// Now reads this node's own clock, which may be wrong; never the true time.
	Now() clock.Reading
	// Pick returns a number in [0, n) that the world chooses, 0 being the benign one. What says what it decides:
	// picks of the same node, life and words are numbered. It panics if n < 1.
	Pick(what string, n int) int
	// Send sends a message, which may be lost, delayed and repeated. To oneself it is After(0), and none of that. It
	// panics if there is no such node.
	Send(to NodeID, m Message)
	// After sends a message to oneself, which arrives when d has passed on the node's monotonic clock. There is
	// nothing to cancel: a timer that no longer matters is told by what it says. A crash forgets it.
	After(d time.Duration, m Message)
	// Disk is what outlives a crash.
	Disk() disk.FS
	// SyncThen syncs a file without holding the node up; done arrives when all that was written to the file before is
	// durable. If the sync fails or the node crashes, done never arrives.
	SyncThen(name string, done Message)
	// Note tells a fact to those who observe the run, and to no other node. Facts are frozen: nobody changes one once
	// noted. A fact may implement AppendHash and String as messages do.
	Note(fact any)
}

// Backed is implemented by messages that promise something which must survive a crash of the sender. The world calls
// Backed at the instant the message leaves, with what would be on the sender's disk if its power failed just then; an
// error is a violation of the inner property "backed". It is the write-ahead rule as one method.
type Backed interface {
	Backed(durable disk.View) error
}

// A Cloner is a node that can be copied. The copy must share nothing with the original that either will change; with
// Config.CheckClones the world checks that by copying, running and comparing.
type Cloner interface {
	Clone() Node
}
