package twopc

import "simrun/sim"

// operation tells of transactions: from when the votes are asked to when the client knows the outcome.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Opened:
		return sim.Operation{Of: f.Tx, Text: f.Tx.String()}, true
	case Ended:
		return sim.Operation{Of: f.Tx, Text: f.String(), Ended: true, Done: f.Commit}, true
	}
	return o, false
}

// bankOperation tells of transactions: from the first balance that a teller was told to when it knows the outcome.
func bankOperation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Fetched:
		return sim.Operation{Of: f.Tx, Text: f.Tx.String()}, true
	case Transferred: // noted after the end, of which it says more
		return sim.Operation{Of: f.Tx, Text: f.String(), Ended: true, Done: true}, true
	case Audited:
		return sim.Operation{Of: f.Tx, Text: f.String(), Ended: true, Done: true}, true
	}
	return operation("", fact)
}
