package search

import (
	"time"

	"simrun/figures"
	"simrun/sim"
	"simrun/sim/fault"
)

// A Summary is what the runs of a hunt showed, folded in the order of their seeds.
type Summary struct {
	Runs, OK, Violated, Stalled, Unknown uint64 // Unknown: a checker ran out of budget, and none complained
	Excused                              uint64 // of those that are OK: a liveness property was open at the end, as it may be beyond every budget
	Spared                               uint64 // faults that a budget held back
	Outside                              uint64 // runs with faults that the system is not built for

	Events      uint64
	Sent, Late  uint64        // messages sent; messages that took longer than fault.Bound
	Virtual     time.Duration // the virtual time of all runs together
	Elapsed     time.Duration // wall time
	Interrupted bool          // the context ended before the seeds did

	Faults    fault.Counts // how often each kind of fault happened
	FaultRuns fault.Counts // in how many runs each happened at all
	Enabled   fault.Counts // in how many runs the plan could produce it

	Coverage *Coverage // what of the system's behaviour was reached; nil unless the hunt has Cover

	Sometimes []Share     // in the scenario's order
	Checks    []CheckSum  // in the order in which verdicts list the properties
	Tallies   []sim.Tally // each figure over all runs, sorted by name

	Figures figures.Sum // how well clients were served, if the scenario says what its service is; runs that failed and ended there included

	Failures               []Failure    // one for each signature, that of the lowest seed first
	Failing                []uint64     // the lowest failing seeds, ascending: StopAfter of them, or at most 20 if the hunt never stops for them
	FirstInner, FirstOuter *uint64      // the lowest seeds with an inner and with an outer violation, of whatever property; nil: none
	Diverged               []Divergence // seeds whose two runs differed; a Guard has told of the first what it can

	Twice, Elsewhere uint64 // how many seeds were run twice, and in another process
	NotElsewhere     error  // why a run could not be made in another process; nil: it could, or none was to be made
}

// mostListed is how many failing seeds are listed if nobody says how many are wanted.
const mostListed = 20

// A Share is in how many runs something was reached.
type Share struct {
	Name string
	Runs uint64
}

// A CheckSum is how one property fared over all runs.
type CheckSum struct {
	Name    string
	Inner   bool
	Checks  uint64 // how many times it judged
	Runs    uint64 // in how many runs it judged at least once
	Failed  uint64 // in how many runs it was violated or open at the end
	Unknown uint64 // in how many runs it ran out of budget
}

// enough is in how many runs a kind of fault must have been possible before its absence says something.
const enough = 1000

// NeverFired returns the kinds of faults that were enabled in at least 1000 runs and never happened: a
// knob that is wired to nothing.
func (s *Summary) NeverFired() (kinds []fault.Kind) {
	for k := range fault.Kinds {
		if s.Enabled[k] >= enough && s.Faults[k] == 0 {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// NeverReached returns those of the scenario's Sometimes that no run reached, in the scenario's order.
func (s *Summary) NeverReached() (names []string) {
	for _, share := range s.Sometimes {
		if share.Runs == 0 {
			names = append(names, share.Name)
		}
	}
	return names
}
