package paxos

import (
	"fmt"

	"simrun/sim"
)

// A ledger is what an observer who misses nothing knows of all slots: every promise, proposal and acceptance that ever left a node. It is
// kept by the first property that sees an event, for all that share it.
//
// An acceptor that answers its own proposer sends nothing; it notes the answer, which is taken for sent.
type ledger struct {
	acceptors []sim.NodeID
	seq       uint64          // of the last event seen
	slots     []slotLedger    // by slot
	props     []ledgerEntry   // of all slots, chained
	promised  []Ballot        // by slot and acceptor: the highest ballot promised, which an acceptance also is
	lowered   func() error    // what the last event did wrong, if it lowered a promise
	latest    *ledgerEntry    // the proposal of the last event, if it was an Accept
	kinds     map[string]bool // unused
}

type slotLedger struct{ head int32 }

type ledgerEntry struct {
	proposal
	proposed bool
	next     int32
}

var _ = fmt.Sprint
