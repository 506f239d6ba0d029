package election

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// An Epoch numbers elections, from 1. It is the slot in which Paxos decides who leads.
type Epoch = paxos.Slot

// nameOf returns what a candidate proposes: itself, and in which of its lives, if it is not the first: "c1", "c1/2".
func nameOf(id sim.NodeID, life uint32) paxos.Value {
	if life == 1 {
		return paxos.Value(id)
	}
	return paxos.Value(string(id) + "/" + strconv.Itoa(int(life)))
}

// Stood is the fact that a candidate stands for an epoch. It is noted once a life and epoch, before its first ballot there.
type Stood struct {
	Epoch Epoch
	Who   paxos.Value // itself: "c1/2" in its second life
}

// Elected is the fact that a node learns who leads in an epoch.
type Elected struct {
	Epoch Epoch
	Who   paxos.Value
}

// Ruled is the fact of an act of office: what only one node may do at a time.
type Ruled struct {
	Epoch Epoch
	Who   paxos.Value // itself
}

// Resigned is the fact that a leader's term is over.
type Resigned struct{ Epoch Epoch }

// AppendHash appends the fact's content.
func (f Stood) AppendHash(b []byte) []byte { return appendName(b, f.Epoch, f.Who) }

// AppendHash appends the fact's content.
func (f Elected) AppendHash(b []byte) []byte { return appendName(b, f.Epoch, f.Who) }

// AppendHash appends the fact's content.
func (f Ruled) AppendHash(b []byte) []byte { return appendName(b, f.Epoch, f.Who) }

// AppendHash appends the fact's content.
func (f Resigned) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(f.Epoch)) }

func appendName(b []byte, e Epoch, who paxos.Value) []byte {
	return append(binary.AppendUvarint(b, uint64(e)), who...)
}

// String prints "c1 stands for epoch 2".
func (f Stood) String() string { return fmt.Sprintf("%s stands for epoch %d", f.Who, f.Epoch) }

// String prints "c1 leads in epoch 2".
func (f Elected) String() string { return fmt.Sprintf("%s leads in epoch %d", f.Who, f.Epoch) }

// String prints "c1 rules in epoch 2".
func (f Ruled) String() string { return fmt.Sprintf("%s rules in epoch %d", f.Who, f.Epoch) }

// String prints "the term of epoch 2 is over".
func (f Resigned) String() string { return fmt.Sprintf("the term of epoch %d is over", f.Epoch) }
