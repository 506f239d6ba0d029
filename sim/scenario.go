package sim

import (
	"time"

	"simrun/sim/chance"
	"simrun/sim/fault"
)

// Version is raised when a seed changes its meaning: the simver of seed files and tokens.
const Version = 1

// A Scenario is a system, what is done to it, and what must be true of it.
//
// Run and Settle are virtual time since the start of the run. Run must be set: a run that takes no time ends when its
// nodes have started. At Settle faults end, so that liveness can be judged; with a Settle of 0 they last until the end.
// World panics if Settle is after Run.
type Scenario struct {
	Name, Doc   string                                           // one word; one sentence for those who list scenarios
	Options     []Option                                         // what can be set
	Check       func(Options) error                              // says what is wrong with settings that do not go together, in one line; may be nil
	Model       fault.Model                                      // what the system is built for
	ModelFor    func(Options) fault.Model                        // what it is built for with these options, in the place of Model, if not nil
	Build       func(*World, Options)                            // adds the nodes and groups those that may crash: World.Add, World.Group
	Properties  func(Options) []Property                         // makes the properties of one run; if nil, there are only the world's own
	Targets     []string                                         // names of types of facts at which profiles aim: what makes a node worth striking, such as that it has decided
	Sometimes   []string                                         // what good runs reach now and then: names of types of facts, or what a property's Reached returns
	Counts      func(*Verdict) bool                              // whether a run did what the scenario is for, so that its speed says something; if nil, each did
	Spelt       func(*World) []string                            // drives a run that was just built, and puts what it drew into settings that say the same in words, a name alone being one that is left out; may be nil
	Operation   func(at NodeID, fact any) (o Operation, ok bool) // what a fact tells of an operation, for those who draw a run; may be nil
	Bench       string                                           // settings with which the scenario's speed is measured: "servers=5 ops=200"; "" means the defaults
	Service     func(Options) *Service                           // what facts tell of how well its clients are served, for those who measure runs; may be nil
	Decides     func(Options) Deciding                           // says which messages decide, for plans that withhold them; may be nil
	Import      *Import                                          // makes runs from files, if not nil
	Source      string                                           // the call that makes it, for tests that are printed: "twopc.Bank()"; "" means that of a function Scenario in the package of Build
	Run, Settle time.Duration                                    // how long a run takes; when faults end
}

// An Operation is a part of a run that is one thing to whoever asked for it: a transaction, a snapshot, a broadcast. It begins with the first fact that
// names it, on the node that notes this, and lasts until the last fact that says it has ended.
type Operation struct {
	Of    any    // which one; compared with ==
	Text  string // what it is, and what has become of it so far; "": as before
	Ended bool   // it is over
	Done  bool   // and has taken effect
}

// Deciding reports whether a decision could come of it if a node, which is up and not busy, handled this message now. It must not miss one: what it cannot
// see, as in a node that is busy or down, it takes for what would make the message decide.
type Deciding func(w *World, to NodeID, m Message) bool

// A Config says which of a scenario's runs to make.
type Config struct {
	Seed    uint64
	Driver  chance.Driver // decides in the place of the seed, if not nil
	Options Options       // from Scenario.ParseOptions; the zero value means the defaults
	Faults  string        // the name of a fault.Profile; "" is "swarm"
	Plan    *fault.Plan   // replaces what the profile would draw, if not nil
	For     time.Duration // virtual time that replaces Scenario.Run, if not 0; Settle keeps its share of it

	Reuse *Memory // memory of earlier runs to use again, if not nil

	Situations *Situations // takes down in what phases nodes handle what, if not nil; the run is the same without

	CheckClones bool         // copy each node that can be copied before each call, and check that the copy does not change
	Issued      func(Effect) // is called by a node's code, on its stack, for each effect that it issues, if not nil; it must leave the world alone
	Only        string       // the run goes on until this property, or the world, complains, and the verdict is about it alone, if not ""

	// These two are for benchmarks, which show what is left out; a run without it is worth nothing. Unguarded leaves out the hashes of events and effects, the
	// checkpoints and the count of faults to messages. Unhashed leaves out what messages and facts say.
	Unguarded, Unhashed bool
}

// A Violation is a property that did not hold.
type Violation struct {
	Property string
	Inner    bool
	Why      string // one sentence, in the protocol's words
	Seq      uint64 // the event at which it was seen; 0 at the end of the run
}

// A Check is how one property fared.
type Check struct {
	Property string
	Inner    bool
	Outcome  Outcome
	Checks   uint64 // how many times it really judged
	Why      string
}

// A Tally is a named figure of a run.
type Tally struct {
	Name string
	N    uint64
}

// An Account is what a property has to tell of a run, in several lines.
type Account struct{ Property, Text string }

// A Verdict is all that is to be said of a run.
type Verdict struct {
	Outcome     Outcome
	Property    string // the one that the verdict is named after
	Why         string
	Violations  []Violation // in the order in which they were seen
	Checks      []Check
	Events      uint64
	Hash        uint64        // over every event and its content
	Checkpoints []Checkpoint  // where two runs of a seed part is found by these: at most 65, in the order of events
	Virtual     time.Duration // how much virtual time has passed
	Enabled     fault.Set     // the kinds of faults that the plan could produce
	Faults      fault.Counts
	Sent, Late  uint64   // messages sent; messages that took longer than fault.Bound
	Outside     []string // what of the plan is outside the scenario's model
	Spared      uint64   // faults that a budget of the plan held back
	Excused     []string // liveness properties that were open at the end, as they may beyond every budget: "termination: c waits for a"
	Idle        []string // lines of a plan that was given which never did anything: nothing happened, or what they wait for did not
	Sometimes   []string // which of the scenario's Sometimes were reached
	Tallies     []Tally
	Accounts    []Account // tables and the like
}

// BuiltFor returns the model of the scenario with these options, as ParseOptions returns them.
func (s *Scenario) BuiltFor(o Options) fault.Model {
	if s.ModelFor != nil {
		return s.ModelFor(o)
	}
	return s.Model
}
