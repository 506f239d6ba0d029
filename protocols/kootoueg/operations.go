package kootoueg

import "simrun/sim"

// operation tells of checkpoints and rollbacks: from when a process begins one to when it decides it.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Began:
		return sim.Operation{Of: f.ID, Text: f.String()}, true
	case Decided:
		return sim.Operation{Of: f.ID, Text: f.String(), Ended: true, Done: f.Yes}, true
	}
	return o, false
}
