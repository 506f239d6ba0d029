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
// The default profile is swarm. No way to draw is the best for all mistakes. A seed that has a little of everything seldom has much of the one thing that a mistake needs; one that
// has much of everything may never get to the place where the mistake is; and one that lacks a family never shows what needs it beside others. So seeds are of three kinds. Half of
// them are a flood: every family of faults that needs no special model, spread evenly over the time that faults have, and storms in which many nodes crash together. A quarter are a
// swarm in the sense of Groce and others (ISSTA 2012): each family is on or off as a whole, and how strong it is is drawn too. The last quarter are a fixed mix of the families that find
// most, at moderate rates. The law of delays is drawn for every seed: messages that linger until the world has moved on find more than those that are lost.
//
// Short runs decide what they decide within milliseconds, while faults may last for seconds. So half of the seeds that are no flood have a horizon,
// drawn over octaves of time, within which their faults crowd; and most crashes come after an effect of a node rather
// than at a time, which puts them between a write and its sync, or into the middle of a broadcast. In half of all seeds faults are aimed, too, at whoever notes a fact that matters.
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

// The verbs, with the form in which they stand in a plan. TIME is a duration since the start of the run; in its place may stand
// what the line is aimed at, "after Chosen#3" (see [Trigger]). NODE is a node's name, or a zone's or a region's, which means all nodes in it, or
// @Chosen: whoever noted a fact of that type last. LINK is a pair a1>a2; where [LINK] or [NODE] is left out every one
// is meant, and a * in a LINK stands for every node on that side. In the sides of a cut rest is everybody else. A line with "always" or TIME
// holds from the start, or from then on, until another says otherwise. What is already so stays so: restart does
// nothing to a node that is up, crash nothing to one that is down.
const (
	// Processes, at a time.
	Crash   Verb = iota // TIME crash NODE [for 20ms|for good], or: crash NODE after effect N [for 20ms|for good]: down that long, until it is restarted, or for good
	Restart             // TIME restart NODE
	Pause               // TIME pause NODE [with clock]: handles nothing until it is resumed; its clock goes on, or stops with it
	Resume              // TIME resume NODE
	Cut                 // TIME cut NODE,NODE | NODE [one-way] [for good]
	Heal                // TIME heal [NODE,NODE | NODE [one-way]]
	Slow                // TIME slow NODE 20x: handlers and disk take that many times as long; 1x is normal
	Step                // TIME step NODE -30ms: the wall clock jumps
	Freeze              // TIME freeze NODE: both hands of its clock stand still
	Thaw                // TIME thaw NODE

	Loop   // TIME loop NODE 5x 20ms: a crash loop, five times down for 20ms and up for 20ms
	Wipe   // TIME wipe NODE: its disk is lost and replaced by an empty one; a node that is up crashes
	Swap   // TIME swap NODE NODE: their disks are exchanged; those that are up crash
	Omit   // TIME|always omit NODE send|receive 30%: that share of what it sends, or of what it should receive, is lost
	Betray // TIME|always betray NODE any|drop|repeat|delay|alter|equivocate 20%: it misbehaves so in that share of what it sends; 0% is loyal
	Start  // always start NODE 50ms: it starts that much later

	// The network, at a time.
	Partition // TIME partition isolate|halves|majority|bridge|ring|partial NODE,NODE,...: cuts of a known shape
	Flap      // TIME flap NODE | NODE [one-way] 10x 20ms: cut for 20ms and whole for 20ms, ten times
	Break     // TIME break NODE | NODE [one-way] 20ms: connections break, what is in flight is lost, and they are made again after 20ms; one-way is half-open

	// Clocks, at a time.
	Strobe // TIME strobe NODE 40ms 2ms 100x: the wall clock jumps by 40ms and back, each 2ms, a hundred times
	Smear  // TIME smear NODE -1s 10s: the wall clock gains -1s little by little over 10s
	Reset  // always reset NODE: its wall clock starts anew whenever it does

	// Disks, at a time.
	Rot    // TIME rot NODE [FILE@OFFSET]: a bit of what is durable flips, there or anywhere at rest
	Latent // TIME latent NODE [FILE@OFFSET]: the sector there can no longer be read, until it is written
	Stall  // TIME stall NODE 50ms: its disk does nothing for that long

	// For one message: the n-th of its stream on its link, counted from 1.
	Lose   // lose LINK STREAM#N
	Delay  // delay LINK STREAM#N 40ms: that much later than the law says
	Repeat // repeat LINK STREAM#N 5ms: a second copy arrives that much later

	// For the whole run, after "always", or from a time on. Those that can also be about one message, or one operation of a disk, say so.
	Law         // law [LINK] LAW
	Loss        // loss [LINK] 3%
	Repeats     // repeat [LINK] 3%
	Rate        // rate [LINK] 1000000: bytes a second, 0 for no limit
	Queue       // queue [LINK] 20000: bytes that may wait for the wire, 0 for no limit; more is lost
	Corrupt     // corrupt [LINK] 1%, or: corrupt LINK STREAM#N: damaged so that a checksum notices, and so lost
	Garble      // garble [LINK] 1%, or: garble LINK STREAM#N: changed so that nothing notices
	Stale       // stale [LINK] 1%, or: stale LINK STREAM#N: held back until the receiver has started again
	Drift       // drift NODE 50ppm
	Offset      // always offset NODE 3ms: the wall clock is that much ahead
	Uncertainty // uncertainty [NODE] 3ms [broken]: by how much its clock says that it may be wrong; broken: though it may be more
	Unsynced    // always unsynced keep|lose|mix: what a crash does to bytes that were not synced; keep, if nothing is said
	Sync        // sync [NODE] 2ms: how long a disk takes to sync, on average
	Read        // read [NODE] 100µs: how long it takes to read
	Write       // write [NODE] 20µs: how long it takes to write, truncate, rename or remove
	Throttle    // throttle [NODE] 1000000: bytes that its disk reads or writes a second, 0 for no limit
	Capacity    // capacity [NODE] 65536: bytes that its disk can hold, 0 for no limit
	Fail        // fail [NODE] OPERATION 1%, or: fail NODE OPERATION#N: an I/O error; a sync that fails does so once, and what it should have kept is gone
	Phantom     // phantom [NODE] 1%, or: phantom NODE OPERATION#N: a write that is acknowledged and never done
	Misdirect   // misdirect [NODE] 1%, or: misdirect NODE OPERATION#N: a write that lands somewhere else
	Outdated    // outdated [NODE] 1%, or: outdated NODE OPERATION#N: a read that returns what was there before
	Ties        // always ties shuffled|ordered: what happens first of things at the same instant
	Zone        // always zone NAME NODE,NODE,...: these nodes share power and network
	Region      // always region NAME ZONE,ZONE,...
	Budget      // always budget down|copies|zones [N]: faults that would do more at once do not happen; without N a group's spare is meant
	Beyond      // always beyond: no budget holds, and a run that stalls has not failed
	Withhold    // TIME|always withhold [40ms]: what would decide is kept from its receiver for as long as it would, or until it is that old
	verbs       // how many there are
)

// A Trigger is what an aimed line waits for: right after it has happened, and before anything else does, the line happens. It is the
// N-th fact of a type, noted by a node or by anybody, as in
//
//	after Chosen#3 crash @Chosen for 20ms
//	after p1 Chosen#1 +5ms cut p1 | rest
//
// or, with a node, the N-th operation of its disk of that kind, by the names of disk operations, which are no types of facts:
//
//	after a2 sync#3 crash a2
type Trigger struct {
	Node string // who; "" for anybody
	What string // the name of a type of facts without its package, or of an operation; "" if the line is not aimed
	N    uint64 // counted from 1 over the whole run
}

// A Line is one fault. Which fields have a meaning depends on the verb.
type Line struct {
	Verb   Verb
	At     clock.Time    // when; 0, of a verb that can hold for the whole run, is from the start on; of an aimed line, how long after its trigger
	After  Trigger       // what it is aimed at
	Effect uint64        // crash: right after this effect of the node, counted from 1, if not 0
	Node   string        // whom; "" for every node, where that is allowed; the name of a zone or a region that is defined
	Other  string        // swap: the other node
	From   string        // the link; "" for every link, "*" for every node on one side
	To     string        //
	Stream string        // the message: its stream; or the name of an operation of a disk
	N      uint64        // and its number, 0 if the line is not about one
	Sides  [2][]string   // cut, heal, flap, break
	OneWay bool          // only from the first side to the second
	Nodes  []string      // partition: in an order that has a meaning; zone, region: those in it
	Good   bool          // crash, cut: for good, so that the end of faults does not repair it
	Time   time.Duration // crash: how long the node is down, 0 for good or until it is restarted; how long, how late or by how much
	Span   time.Duration // strobe: from jump to jump; smear: over how long
	Amount int64         // shares: parts per million; drift: ppm; bytes; slow, loop, flap, strobe: times; budget: how many
	Law    net.Law       // law
	Mode   string        // unsynced, ties, omit, betray, partition, budget; pause: "clock"; uncertainty: "broken"
	File   string        // rot, latent: where, if not ""
	Off    int64         //
}

// A Place is where a line stands: what decides when it holds.
type Place uint8

const (
	Standing    Place = iota // from the start on: always
	Timed                    // at its time
	Aimed                    // after its trigger
	Single                   // about one message, or one operation of a disk
	AfterEffect              // a crash after an effect
)

// Place is where the line stands.
func (l *Line) Place() Place {
	switch f := &forms[l.Verb]; {
	case l.After.What != "":
		return Aimed
	case l.Effect > 0:
		return AfterEffect
	case l.N > 0 && f.one != nil || f.args == nil && f.one != nil:
		return Single
	case f.always && (l.At == 0 || !f.at):
		return Standing
	}
	return Timed
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

	Loops            // a node that crashes again and again
	Wipes            // a disk that is lost
	Swaps            // two disks that are exchanged
	LateStarts       // a node that starts later than the others
	SendOmissions    // a message that its sender omits to send
	ReceiveOmissions // a message that its receiver omits to receive
	Suspensions      // a node that stands still, and its clock with it
	Betrayals        // a message on which a Byzantine node misbehaves
	Partitions       // a partition of a known shape
	Flaps            // a flapping link that goes down
	Breaks           // a message lost to a connection that broke
	StaleMessages    // a message that arrives after a restart of its receiver
	Corruptions      // a message that arrives damaged, and is dropped
	Garbled          // a message that arrives changed, and nothing notices
	Overflows        // a message lost to a full queue
	Strobes          // a clock that is strobed
	Smears           // a clock that is smeared
	Resets           // a wall clock that starts anew
	BrokenBounds     // a reading of a clock whose bounds do not hold
	IOErrors         // an operation of a disk that fails
	FailedSyncs      // a sync that fails, and what it should have kept is gone
	LatentSectors    // a sector that can no longer be read
	BitRot           // a bit that flips at rest
	Misdirections    // a write that lands somewhere else
	PhantomWrites    // a write that is never done
	OutdatedReads    // a read that returns what was there before
	FullDisks        // an operation that finds no space
	DiskStalls       // a disk that stands still
	Throttles        // a disk that is throttled, counted once for each
	ZonePower        // a zone that loses its power: all its nodes crash
	ZoneNetwork      // a zone whose network is cut
	AimedFaults      // a line that was aimed and happened
	Withheld         // a message that would have decided, and arrives when it no longer does or is too old to be withheld
	Kinds            // how many there are
)

var kindNames = [Kinds]string{"loss", "duplicate", "linger", "reorder", "cut", "cut-off", "crash", "lost-bytes", "torn-write",
	"restart", "pause", "slow", "clock-step", "clock-freeze", "clock-drift", "clock-offset", "slow-disk",
	"crash-loop", "wipe", "swap", "late-start", "send-omission", "receive-omission", "suspend", "byzantine", "partition", "flap", "break",
	"stale", "corrupt", "garble", "overflow", "clock-strobe", "clock-smear", "clock-reset", "broken-bound", "io-error", "failed-sync",
	"latent-sector", "bit-rot", "misdirect", "phantom", "outdated-read", "no-space", "disk-stall", "throttle", "zone-power", "zone-network", "aimed", "withhold"}

// String is the name under which the kind is counted.
func (k Kind) String() string { return kindNames[k] }

// Counts is how often each kind of fault happened.
type Counts [Kinds]uint64

// A Set is a set of kinds.
type Set uint64

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

	// What it copes with beyond what is usual. The zero values are what most systems are built for.
	Disk      DiskModel
	Byzantine bool // up to a group's spare of its nodes may behave arbitrarily
	Losable   bool // disks may be lost whole, those of up to a group's spare of its nodes
	Garbled   bool // messages may be changed on the wire without anybody noticing
	TrueTime  bool // needs the bounds of clock readings to hold
	Steady    bool // needs monotonic clocks that never stand still and drift at most MaxDrift
}

// A DiskModel says how disks fail, from the mildest. Each includes those before it.
type DiskModel uint8

const (
	Sound   DiskModel = iota // they lose at most what was not synced, and no operation fails
	Failing                  // operations may fail openly: errors, full disks, sectors that cannot be read
	Rotting                  // and what is at rest may change silently, in at most a group's spare of its disks
	Lying                    // and writes may be acknowledged and not done, or go astray, and disks may be lost or exchanged
)

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

	Zones   []Area   // where the scenario has placed nodes; if it has placed none, a profile may
	Targets []string // the types of facts that are worth aiming at
}

// An Area is a zone and the nodes in it.
type Area struct {
	Name  string
	Nodes []string
}
