package twopc

import (
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// A label is a transaction as checkers know it. Facts of one transaction come in bursts, so that it is made anew only
// when another follows: a run has many more facts than transactions.
type label struct {
	tx  Tx
	any any
}

func (l *label) of(tx Tx) any {
	if l.any == nil || l.tx != tx {
		l.tx, l.any = tx, tx
	}
	return l.any
}

// commitmentOf says how the facts of this package are read. Each fact of a run is shown to each function, and most are not
// its own: then it makes nothing.
func commitmentOf() checkers.Commitment {
	return checkers.Commitment{
		Begun: func(fact any) (any, []sim.NodeID, bool) {
			if f, ok := fact.(Opened); ok {
				return f.Tx, f.Participants, true
			}
			return nil, nil, false
		},
		Voted: func(fact any) (any, bool, bool) {
			if f, ok := fact.(Voted); ok {
				return f.Tx, f.Yes, true
			}
			return nil, false, false
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
			if f, ok := fact.(Refused); ok {
				return f.Tx, true
			}
			return nil, false
		},
		Ended: func(fact any) (any, bool) {
			if f, ok := fact.(Ended); ok {
				return f.Tx, true
			}
			return nil, false
		},
	}
}

// listsOf says how the facts about lists are read.
func listsOf() checkers.Lists {
	return checkers.Lists{
		Read: func(fact any) (any, string, []string, bool) {
			f, ok := fact.(Saw)
			switch {
			case !ok:
				return nil, "", nil, false
			case f.Value == "":
				return f.Tx, f.Key, nil, true
			}
			return f.Tx, f.Key, strings.Split(f.Value, ","), true
		},
		Appended: func(fact any) (any, string, string, bool) {
			if f, ok := fact.(Appended); ok {
				return f.Tx, f.Key, f.Element, true
			}
			return nil, "", "", false
		},
		Ended: func(fact any) (any, bool, bool) {
			if f, ok := fact.(Decided); ok {
				return f.Tx, f.Commit, true
			}
			return nil, false, false
		},
	}
}
