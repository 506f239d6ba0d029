package e3pc

import "simrun/sim"

// operation tells of transactions: from when votes are asked to when the last site knows the decision.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Begun:
		return sim.Operation{Of: f.Tx, Text: f.String()}, true
	case Decided:
		return sim.Operation{Of: f.Tx, Text: f.String(), Ended: true, Done: f.Commit}, true
	}
	return o, false
}
