package sim

// A Property watches a run and judges it. Each run has properties of its own: they may keep state. Package checkers has
// those that many systems need, and makes one of a function.
//
// A property may also implement
//
//   - Inner() bool: true for one that looks inside nodes, at what no user could see. After an inner violation the run
//     goes on, to see whether it leads to an outer one; a verdict is named after the outermost.
//   - Watches() []Kind: the kinds of events that Observe wants; without it, all.
//   - Rumours() bool: true for one that is also shown the facts that Byzantine nodes note, with the reason "byzantine". They are no evidence: what
//     a liar says that it did it need not have done.
//   - Finished() bool: true when there is nothing left to see. A run ends early, before Settle too, when every property that implements Finished says so;
//     it is asked after each fact.
//   - Reached() []string: those of the scenario's Sometimes that it saw; asked at the end.
//   - Account() string: a table or another text of several lines for the report of a run; asked at the end, and left out if it is empty.
//   - Tally(add func(name string, n uint64)): figures for the summary of a run or a hunt, such as "operations done"; asked at the end.
type Property interface {
	// Name is one or two words: "agreement". One without a name only looks: it has no check in the verdict, and should complain of nothing.
	Name() string
	// Observe is called after each event has been applied; the first error is the violation. It must not keep the
	// event. An error at what a Byzantine node sends is none, and Observe is called on: a liar breaks every rule, and what matters is
	// what becomes of it.
	Observe(*Event) error
	// End is called once, when the run is over, unless Observe has returned an error. An error beside Holds means
	// Violated.
	End(*World) (Result, error)
	// Checks is how many times it really judged: a property with 0 checks has said nothing.
	Checks() uint64
}

// A Result is what a property says at the end of a run.
type Result uint8

const (
	Holds   Result = iota // nothing wrong; with an error: violated after all
	Open                  // a liveness property whose goal is not reached: the error says who waits for what
	Unknown               // the checker ran out of budget: the error says which
)

// An Outcome is what became of a run, from best to worst.
type Outcome uint8

const (
	OK        Outcome = iota // every property holds
	Undecided                // some checker ran out of budget, none complained
	Stalled                  // a liveness property was still open when its bound ended
	Violated                 // a property was violated
)

var outcomeNames = [...]string{"ok", "unknown", "stalled", "violated"}

// String returns "ok", "unknown", "stalled" or "violated".
func (o Outcome) String() string { return outcomeNames[o] }
