package laiyang

import "simrun/sim"

// operation tells of snapshots: from when the initiator begins one to when it has all of it.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Began:
		return sim.Operation{Of: f.ID, Text: "snapshot " + f.ID.String()}, true
	case Complete:
		return sim.Operation{Of: f.Snapshot.ID, Ended: true, Done: true}, true
	}
	return o, false
}
