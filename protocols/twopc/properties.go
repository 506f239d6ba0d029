package twopc

import (
	"simrun/checkers"
	"simrun/sim"
)

// commitmentOf says how the facts of this package are read.
func commitmentOf() checkers.Commitment {
	return checkers.Commitment{
		Begun: func(fact any) (any, []sim.NodeID, bool) {
			f, ok := fact.(Opened)
			return f.Tx, f.Participants, ok
		},
		Voted: func(fact any) (any, bool, bool) {
			f, ok := fact.(Voted)
			return f.Tx, f.Yes, ok
		},
		Decided: func(fact any) (any, bool, bool) {
			switch f := fact.(type) {
			case Decided:
				return f.Tx, f.Commit, true
			case Ended: // what a client is told must be true as well
				return f.Tx, f.Commit, true
			}
			return nil, false, false
		},
		Refused: func(fact any) (any, bool) {
			f, ok := fact.(Refused)
			return f.Tx, ok
		},
		Ended: func(fact any) (any, bool) {
			f, ok := fact.(Ended)
			return f.Tx, ok
		},
	}
}

func waiting(w *sim.World) []checkers.Wait { return nil }
