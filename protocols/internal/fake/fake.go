// Package fake is a world for one node, for unit tests of protocols: an [Env] that writes down what the
// node does. Nothing is delivered and no time passes unless the test says so.
package fake

import (
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// A Sent is a message that the node has sent.
type Sent struct {
	To      sim.NodeID
	Message sim.Message
}

// A Timer is a message that the node has sent to its future self.
type Timer struct {
	After   time.Duration
	Message sim.Message
}

// An Env implements sim.Env. The zero Env is not usable: see [New].
type Env struct {
	Node   sim.NodeID
	Store  disk.FS       // of the node
	Clock  time.Duration // what Now reads
	Picks  map[string]int
	Sent   []Sent
	Timers []Timer
	Facts  []any
}

// New returns the world of a node with an empty disk, where every pick is 0.
func New(id sim.NodeID) *Env { return &Env{Node: id, Store: disk.New()} }

// Take returns what was sent since the last call.
func (e *Env) Take() []Sent {
	s := e.Sent
	e.Sent = nil
	return s
}

// ID implements sim.Env.
func (e *Env) ID() sim.NodeID { return e.Node }

// Now implements sim.Env.
func (e *Env) Now() clock.Reading { return clock.At(e.Clock, e.Clock) }

// Pick implements sim.Env: it returns the number in Picks, 0 if there is none.
func (e *Env) Pick(what string, n int) int {
	if e.Picks[what] >= n {
		panic(fmt.Sprintf("fake: pick %q is %d, want less than %d", what, e.Picks[what], n))
	}
	return e.Picks[what]
}

// Send implements sim.Env.
func (e *Env) Send(to sim.NodeID, m sim.Message) { e.Sent = append(e.Sent, Sent{to, m}) }

// After implements sim.Env.
func (e *Env) After(d time.Duration, m sim.Message) { e.Timers = append(e.Timers, Timer{d, m}) }

// Disk implements sim.Env.
func (e *Env) Disk() disk.FS { return e.Store }

// SyncThen implements sim.Env: done is a timer that goes off at once.
func (e *Env) SyncThen(name string, done sim.Message) {
	if e.Store.Sync(name) == nil {
		e.After(0, done)
	}
}

// Note implements sim.Env.
func (e *Env) Note(fact any) { e.Facts = append(e.Facts, fact) }
