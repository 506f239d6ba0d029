package multicast

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// A Place numbers the messages in the order of all, from 1. It is the slot in which Paxos decides what stands there.
type Place = paxos.Slot

// Known tells what stands in consecutive places.
type Known struct {
	From   Place
	Values []paxos.Value // not to be changed: part of the sender's list
}

// Multicast is the fact that a process has something to tell all others.
type Multicast struct{ Message paxos.Value }

// Delivered is the fact that a process hands a message to whoever it works for.
type Delivered struct {
	Place   Place
	Message paxos.Value
}

// nameOf names a message: by its sender, the sender's life if it is not the first, and its number in that life from 1: "p1#2", "p1/3#1".
func nameOf(id sim.NodeID, life uint32, n int) paxos.Value {
	name := string(id)
	if life != 1 {
		name += "/" + strconv.Itoa(int(life))
	}
	return paxos.Value(name + "#" + strconv.Itoa(n))
}

// AppendHash appends the message's content.
func (m Known) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(m.From))
	for _, v := range m.Values {
		b = append(binary.AppendUvarint(b, uint64(len(v))), v...)
	}
	return b
}

// AppendHash appends the fact's content.
func (f Multicast) AppendHash(b []byte) []byte { return append(b, f.Message...) }

// AppendHash appends the fact's content.
func (f Delivered) AppendHash(b []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(f.Place)), f.Message...)
}

// String prints "Known{3 to 5}".
func (m Known) String() string {
	return fmt.Sprintf("Known{%d to %d}", m.From, int(m.From)+len(m.Values)-1)
}

// String prints "multicasts p1#2".
func (f Multicast) String() string { return fmt.Sprintf("multicasts %s", f.Message) }

// String prints "delivered 3: p1#2".
func (f Delivered) String() string { return fmt.Sprintf("delivered %d: %s", f.Place, f.Message) }
