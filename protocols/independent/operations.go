package independent

import (
	"fmt"

	"simrun/sim"
)

// operation tells of recoveries: from when the line is found to when all have gone back to it.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case LineFound:
		return sim.Operation{Of: f.Round, Text: fmt.Sprintf("rollback to %v", f.Line)}, true
	case Recovered:
		return sim.Operation{Of: f.Round, Ended: true, Done: true}, true
	}
	return o, false
}
