package checkers

import "simrun/sim"

// A Cutting says how global states are read from a run: which messages are the application's, where processes
// recorded their states, and where they went back to one. Each function returns ok = false for what does not
// concern it; those that may be nil say so. The node that a fact is about is the one that notes it. Names of
// snapshots and messages are compared with ==.
//
// # The state of a process
//
// It is judged by what it contains: the application's messages that the process has sent and received, its steps.
// A snapshot's state of a process contains the steps before the fact Recorded. After a rollback to checkpoint K
// the process contains what it did until K was recorded, and what it has done since it rolled back:
//
//	      K          a step that is undone
//	      |              v
//	--*---#----*---------*------x crash
//	      \
//	       `-------------------- RolledBack ---*----*-->     contains: the first step, and the last two
//
// With RolledBack a process that starts again contains nothing until it says what it went back to. Without it
// crashes change nothing, as in a system that keeps its state on a disk.
//
// # When a message is received
//
// A message is sent when its Sent happens, in the order of the process's facts. It is received when it is
// Delivered, before all that the process notes or sends in that call. Where the layer below the application does
// something else with a message that is delivered, it notes a fact that is Held first: so it may record the state
// before the message (Lai and Yang), keep the message for later, or drop it. A message that the network loses is
// in no channel from then on.
//
// The history of a run is kept to its end: some hundred bytes for each message of the application.
type Cutting struct {
	// App returns the application's part of a message; for markers, requests and the like ok is false.
	App func(m sim.Message) (body any, ok bool)
	// ID names a message of the application. A message that is sent again has the same name: it is the same message,
	// and a step only if the state of the sender does not contain its sending. A process that goes back and then sends
	// something else must give it another name, by its incarnation for example. May be nil: each Sent is a message
	// of its own.
	ID func(m sim.Message) any

	// Recorded says that the process has recorded its state, here and now, for a snapshot or as a checkpoint. One
	// that has recorded for the same again means the latest.
	Recorded func(fact any) (snapshot any, ok bool)
	// Channel says that these messages were recorded of the channel from a node to the process, bodies as App
	// returns them, oldest first. A channel that nobody speaks of is recorded as empty; several facts add up. May be
	// nil where channels are not recorded.
	Channel func(fact any) (snapshot any, from sim.NodeID, bodies []any, ok bool)
	// To is where the channel ends that a fact of Channel is about, if somebody else notes it, such as whoever collects the
	// snapshot. May be nil: the process that notes it.
	To func(fact any) sim.NodeID
	// Complete says that all of a snapshot has been recorded. May be nil: then nothing is judged that needs all of it.
	Complete func(fact any) (snapshot any, ok bool)
	// Amount is how much the recorded state of the process holds, for [ConservedCut]. May be nil.
	Amount func(fact any) (snapshot any, amount int64, ok bool)
	// Carried is how much a message holds. May be nil.
	Carried func(body any) int64
	// Counts is how many of the application's messages the process has sent and received, as the recorded state itself
	// tells it; the same fact must be Recorded. May be nil: the state is taken to be what the process had just then.
	Counts func(fact any) (sent, received int, ok bool)
	// FIFO says that channels keep their order.
	FIFO bool

	// Held says that the message just delivered to the process is not received yet. If Received is nil it is received
	// right after this fact, which may be Recorded too. May be nil.
	Held func(fact any) bool
	// Received says that the application receives a message now: that with this ID, held before or taken from a log,
	// or for nil the one that was Held last. What is held and never received has been dropped. May be nil.
	Received func(fact any) (id any, ok bool)

	// RolledBack says that the process has gone back to what it Recorded under this name; nil is its initial state.
	// Snapshots that are not complete then never will be. May be nil where nobody rolls back.
	RolledBack func(fact any) (to any, ok bool)
	// Recovered says that a rollback is over: all that take part have gone back. It is under way from the first
	// RolledBack or restart. May be nil: then it is never under way.
	Recovered func(fact any) bool
	// Lost says that a message, by its ID, is given up, so that [NoLost] does not ask for it. May be nil.
	Lost func(fact any) (id any, ok bool)
	// Permanent and Undone say what becomes of what the process has Recorded as a tentative checkpoint. For
	// [PermanentLine]; else they may be nil.
	Permanent, Undone func(fact any) (checkpoint any, ok bool)

	shared *chronicle
}

// Shared returns the same Cutting for several judges of one run, which then read it together. Make it in
// Scenario.Properties, where each run gets its own.
func Shared(c Cutting) Cutting {
	c.shared = newChronicle(c)
	return c
}

// cutKinds are the kinds of events that the judges of cuts watch.
var cutKinds = []sim.Kind{sim.Started, sim.Sent, sim.Dropped, sim.Delivered, sim.Noted}

// A cutJudge is what the judges of cuts share.
type cutJudge struct {
	judge
	*chronicle
	outer bool
}

func (c Cutting) judge(name string) cutJudge {
	h := c.shared
	if h == nil {
		h = newChronicle(c)
	}
	return cutJudge{judge: judge{name: name}, chronicle: h}
}

// Inner says that no user could see it, unless it is an outer one.
func (c *cutJudge) Inner() bool { return !c.outer }

// Watches adds messages and lives to the facts.
func (c *cutJudge) Watches() []sim.Kind { return cutKinds }
