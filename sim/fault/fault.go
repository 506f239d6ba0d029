// Package fault holds faults as data: plans that print and parse, and the profiles that draw them.
//
// A [Plan] is text, one [Line] a fault. It can be edited by hand, shrunk by a program and kept in a
// file. With the seed it is complete: a run's plan, given back, makes the same run without its profile.
//
//	always law newest-first 2ms 300ms 25%
//	always loss a1>a2 3%
//	120ms crash a2
//	crash a2 after effect 17
//	130ms crash a3 for good
//	300ms cut a1,a2 | a3 one-way
//	500ms restart a2
//	lose a1>a2 Accept#3
//	delay a1>a2 Accept#3 40ms
//
// The constants of [Verb] list all forms of a line: go doc simrun/sim/fault.Crash prints them.
//
// Accept#3 is the third message of stream Accept that a1 sends to a2. The stream is the name of the message's type, unless
// the message has a method Stream that names another. Messages count from 1 over the whole run, those that are lost
// and those of a sender's earlier lives included.
//
// What is for good is never repaired: no line restarts the node or heals the link, and neither does the end of faults, which mends all else.
//
// An effect is a message sent, a timer set, an operation on the disk or a fact noted, each of which is a line send, set,
// disk or note of the node in a list of events. Effects count from 1 over the whole run too, in the order in which the
// node asks for them.
//
// Where a plan says nothing, nothing goes wrong: every message takes 1 ms and every sync 150 to 450 µs, clocks are right, and
// a crash keeps even what was not synced.
//
// # Profiles
//
// A [Profile] draws a plan from chance, inside the [Model] that a system is built for. What it
// draws from is a [Space]: the nodes, and how long the faults may last.
//
// The default profile is swarm. Uniform chaos is weak: a seed that has a little of everything seldom has much of the
// one thing that a mistake needs, and a seed that has much of everything never gets to the place where the mistake
// is. So half of the seeds are a swarm in the sense of Groce and others (ISSTA 2012): each family of faults is on or
// off as a whole, and how strong it is is drawn too. The other half are a fixed mix, with all that the model allows
// at moderate rates, for mistakes that need several families together. The law of delays is drawn for every seed:
// messages that linger until the world has moved on find more than those that are lost.
//
// Systems decide what they decide within milliseconds, while faults may last for seconds. So a seed has a horizon,
// drawn over octaves of time, within which its faults crowd; and most crashes come after an effect of a node rather
// than at a time, which puts them between a write and its sync, or into the middle of a broadcast.
//
// # Inside and outside
//
// [Model.Outside] says what of a plan a system is not built for, [Plan.Bounded] whether a run keeps the promise of
// [Bound], and [Model.Enabled] which kinds of faults a plan may make happen, so that a campaign can tell a fault that
// never fired from one that nobody asked for.
package fault

import (
	"time"

	"simrun/sim/clock"
	"simrun/sim/net"
)

// A Verb is what a line does.
type Verb uint8

// The verbs, with the form in which they stand in a plan. TIME is a duration since the start of the run, NODE a
// node's name, LINK a pair a1>a2; where [LINK] or [NODE] is left out every one is meant, and after "always" a * in a
// LINK stands for every node on that side. What is already so stays so: restart does nothing to a node that is up,
// crash nothing to one that is down.
const (
	// At an instant.
	Crash   Verb = iota // TIME crash NODE [for good], or: crash NODE after effect N [for 20ms|for good]: down that long, until it is restarted, or for good
	Restart             // TIME restart NODE
	Pause               // TIME pause NODE: handles nothing until it is resumed; its clock goes on
	Resume              // TIME resume NODE
	Cut                 // TIME cut NODE,NODE | NODE [one-way] [for good]
	Heal                // TIME heal [NODE,NODE | NODE [one-way]]
	Slow                // TIME slow NODE 20x: handlers and disk take that many times as long; 1x is normal
	Step                // TIME step NODE -30ms: the wall clock jumps
	Freeze              // TIME freeze NODE: both hands of its clock stand still
	Thaw                // TIME thaw NODE

	// For one message: the n-th of its stream on its link, counted from 1.
	Lose   // lose LINK STREAM#N
	Delay  // delay LINK STREAM#N 40ms: that much later than the law says
	Repeat // repeat LINK STREAM#N 5ms: a second copy arrives that much later

	// For the whole run, after "always".
	Law      // always law [LINK] LAW
	Loss     // always loss [LINK] 3%
	Repeats  // always repeat [LINK] 3%
	Rate     // always rate [LINK] 1000000: bytes a second
	Drift    // always drift NODE 50ppm
	Offset   // always offset NODE 3ms: the wall clock is that much ahead
	Unsynced // always unsynced keep|lose|mix: what a crash does to bytes that were not synced; keep, if nothing is said
	Sync     // always sync [NODE] 2ms: how long a disk takes to sync, on average
	Read     // always read [NODE] 100µs: how long it takes to read
	Write    // always write [NODE] 20µs: how long it takes to write, truncate, rename or remove
	Ties     // always ties shuffled|ordered: what happens first of things at the same instant
)

// A Line is one fault. Which fields have a meaning depends on the verb.
type Line struct {
	Verb   Verb
	At     clock.Time    // when, of the verbs at an instant
	Effect uint64        // crash: right after this effect of the node, counted from 1, if not 0
	Node   string        // whom; "" for every node, where that is allowed
	From   string        // the link; "" for every link, "*" for every node on one side
	To     string        //
	Stream string        // the message: its stream
	N      uint64        // and its number
	Sides  [2][]string   // cut, heal
	OneWay bool          // cut, heal: only from the first side to the second
	Good   bool          // crash, cut: for good, so that the end of faults does not repair it
	Time   time.Duration // crash after an effect: how long the node is down, 0 for good; delay, repeat, step, offset, sync
	Amount int64         // loss, repeat: parts per million; drift: ppm; rate: bytes a second; slow: the factor
	Law    net.Law       // law
	Mode   string        // unsynced, ties
}

// A Plan is a list of faults. The order of lines at the same instant is the order in which they happen.
type Plan []Line

// A Kind is a family of faults, as it is counted when it happens.
type Kind uint8

const (
	Losses     Kind = iota // a message lost by chance or by plan
	Duplicates             // a message that arrives twice
	Lingering              // a message that arrives late beyond the ordinary
	Reorders               // a message that overtakes an earlier one of its link
	Cuts                   // a cut that is made
	CutOff                 // a message lost to a cut
	Crashes                // a node that crashes
	LostBytes              // a crash that loses bytes that were not synced
	TornWrites             // a crash that keeps a part of a write
	Restarts               // a node that starts again
	Pauses                 // a node that stands still
	Slowness               // a node that becomes slow
	Steps                  // a clock that jumps
	Freezes                // a clock that stands still
	Drifts                 // a clock that runs fast or slow, counted once a run
	Offsets                // a wall clock that is wrong from the start, counted once a run
	SlowDisks              // a disk that takes longer than SyncBound for an operation, counted once a run
	Kinds                  // how many there are
)

var kindNames = [Kinds]string{"loss", "duplicate", "linger", "reorder", "cut", "cut-off", "crash", "lost-bytes", "torn-write",
	"restart", "pause", "slow", "clock-step", "clock-freeze", "clock-drift", "clock-offset", "slow-disk"}

// String is the name under which the kind is counted.
func (k Kind) String() string { return kindNames[k] }

// Counts is how often each kind of fault happened.
type Counts [Kinds]uint64

// A Set is a set of kinds.
type Set uint32

// Add puts a kind into the set.
func (s *Set) Add(k Kind) { *s |= 1 << k }

// Has reports whether the kind is in the set.
func (s Set) Has(k Kind) bool { return s&(1<<k) != 0 }

// A Model is what a system is built for. A violation inside its model is news; outside it, it is a lesson.
type Model struct {
	Crash   CrashModel
	Bounded bool // needs delays, disks and inboxes within Bound, and clocks within MaxDrift
	FIFO    bool // needs links that keep order and lose nothing until they are cut
	NoLoss  bool // needs every message to arrive (once or more), until its link is cut
	NoCut   bool // needs every pair of nodes that are up to be connected
	NoDup   bool // needs no message to arrive twice
}

// A CrashModel says how processes fail.
type CrashModel uint8

const (
	CrashRecovery CrashModel = iota // they crash and start again, with their disk
	FailStop                        // they crash for good, at most a group's allowance of them
	NoCrash                         // they do not fail
)

// What the bounded profiles promise: from the send of a message until all effects of handling it have happened takes
// at most Bound, and clocks drift at most MaxDrift parts per million. The network's share of Bound is NetBound: the
// longest that a message is under way. A sync of a disk takes at most SyncBound.
const (
	Bound     = 50 * time.Millisecond
	NetBound  = 20 * time.Millisecond
	SyncBound = time.Millisecond
	MaxDrift  = 200
)

// A Group is a set of nodes of which at most Spare may be left broken when faults end, and, if the model is FailStop,
// may ever crash.
type Group struct {
	Nodes []string
	Spare int
}

// A Space is what a profile draws from.
type Space struct {
	Nodes  []string // all of them, in the order in which they were added
	Groups []Group  // the nodes that may crash; others do not
	Model  Model
	Until  clock.Time // faults end here
}
