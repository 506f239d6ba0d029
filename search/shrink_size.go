package search

import (
	"fmt"
	"strings"
	"time"
)

// A Size is how much there is to a case.
type Size struct {
	Faults  int           // lines of the plan
	Picks   int           // that are not 0
	Nodes   int           //
	Events  uint64        // of its run
	Sent    uint64        // messages
	Virtual time.Duration // how long the run takes
}

// String tells the size: "3 faults, 2 picks, 5 nodes, 9 messages, 41 events, 8.5ms".
func (s Size) String() string {
	var b strings.Builder
	for _, part := range []struct {
		n    uint64
		what string
	}{{uint64(s.Faults), "fault"}, {uint64(s.Picks), "pick"}, {uint64(s.Nodes), "node"}, {s.Sent, "message"}, {s.Events, "event"}} {
		if part.n != 1 {
			part.what += "s"
		}
		fmt.Fprintf(&b, "%d %s, ", part.n, part.what)
	}
	return b.String() + s.Virtual.String()
}

// weight is what is made smaller: how long it takes to read and to understand a run, in units of an event. A fault or a pick is something to
// wonder about, which its effects are not; what a pick decides is harder to see than a line of a plan.
func (s Size) weight() uint64 {
	return 40*uint64(s.Faults) + 50*uint64(s.Picks) + 20*uint64(s.Nodes) + 3*s.Sent + s.Events
}
