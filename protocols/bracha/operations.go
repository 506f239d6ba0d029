package bracha

import "simrun/sim"

// operation tells of broadcasts: from when a process begins one to when the last has delivered it.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Broadcast:
		return sim.Operation{Of: f.Tag, Text: f.String()}, true
	case Delivered:
		return sim.Operation{Of: f.Tag, Ended: true, Done: true}, true
	}
	return o, false
}
