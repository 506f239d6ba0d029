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

// commitmentOf says how the facts of this package are read.
func commitmentOf() checkers.Commitment {
	var l label
	return checkers.Commitment{
		Begun: func(fact any) (tx any, participants []sim.NodeID, ok bool) {
			if f, ok := fact.(Opened); ok {
				return l.of(f.Tx), f.Participants, true
			}
			return nil, nil, false
		},
		Voted: func(fact any) (tx any, yes, ok bool) {
			if f, ok := fact.(Voted); ok {
				return l.of(f.Tx), f.Yes, true
			}
			return nil, false, false
		},
		Decided: func(fact any) (tx any, commit, ok bool) {
			switch f := fact.(type) {
			case Decided:
				return l.of(f.Tx), f.Commit, true
			case Ended: // what a client is told must be true as well
				return l.of(f.Tx), f.Commit, true
			}
			return nil, false, false
		},
		Refused: func(fact any) (tx any, ok bool) {
			if f, ok := fact.(Refused); ok {
				return l.of(f.Tx), true
			}
			return nil, false
		},
		Ended: func(fact any) (what any, ok bool) {
			if f, ok := fact.(Ended); ok {
				return l.of(f.Tx), true
			}
			return nil, false
		},
	}
}

// listsOf says how the facts about lists are read.
func listsOf() checkers.Lists {
	var l label
	return checkers.Lists{
		Read: func(fact any) (tx any, key string, elements []string, ok bool) {
			f, ok := fact.(Saw)
			switch {
			case !ok:
				return nil, "", nil, false
			case f.Value == "":
				return l.of(f.Tx), f.Key, nil, true
			}
			return l.of(f.Tx), f.Key, strings.Split(f.Value, ","), true
		},
		Appended: func(fact any) (tx any, key, element string, ok bool) {
			if f, ok := fact.(Appended); ok {
				return l.of(f.Tx), f.Key, f.Element, true
			}
			return nil, "", "", false
		},
		Ended: func(fact any) (tx any, committed, ok bool) {
			if f, ok := fact.(Decided); ok {
				return l.of(f.Tx), f.Commit, true
			}
			return nil, false, false
		},
	}
}
