package paxos

import (
	"fmt"

	"simrun/sim"
)

// operation tells of proposals: from when a proposer wants a value chosen to when it knows what was. A restart goes on with the same one.
func operation(at sim.NodeID, fact any) (o sim.Operation, ok bool) {
	type proposal struct {
		by   sim.NodeID
		slot Slot
	}
	switch f := fact.(type) {
	case Proposed:
		return sim.Operation{Of: proposal{at, f.Slot}, Text: f.String()}, true
	case Chosen:
		return sim.Operation{Of: proposal{at, f.Slot}, Text: fmt.Sprintf("%s%s chosen in %v", in(f.Slot), f.Value, f.Ballot), Ended: true, Done: true}, true
	}
	return o, false
}
