package paxoskv

import (
	"encoding/binary"
	"fmt"

	"simrun/checkers"
	"simrun/protocols/paxos"
)

// Called is the fact that a client begins an operation.
type Called struct {
	ID checkers.OpID
	Op checkers.KVInput
}

// Returned is the fact that a client's operation has ended: with an
// output, or given up with its outcome unknown.
type Returned struct {
	ID      checkers.OpID
	Output  checkers.KVOutput
	Unknown bool
}

// Executed is the fact that a server has executed the command of a slot.
type Executed struct {
	Slot    paxos.Slot
	ID      checkers.OpID
	Command paxos.Value
	Output  checkers.KVOutput
}

// Suppressed is the fact that a server has found in a slot a command that it had executed in an earlier
// one, and has not done so again.
type Suppressed struct {
	Slot    paxos.Slot
	ID      checkers.OpID
	Command paxos.Value
}

// SlotLost is the fact that a server proposed a command in a slot and another was chosen.
type SlotLost struct {
	Slot    paxos.Slot
	Command paxos.Value // its own
}

// AppendHash appends the fact's content.
func (f Called) AppendHash(b []byte) []byte {
	b = append(binary.AppendUvarint(b, f.ID.N), byte(f.Op.Op))
	return appendText(appendText(appendText(b, f.Op.Key), f.Op.Value), f.Op.Expect)
}

// AppendHash appends the fact's content.
func (f Returned) AppendHash(b []byte) []byte {
	b = binary.AppendUvarint(b, f.ID.N)
	if f.Unknown {
		return append(b, 2)
	}
	return appendOutput(b, f.Output)
}

// AppendHash appends the fact's content.
func (f Executed) AppendHash(b []byte) []byte {
	return appendOutput(appendText(binary.AppendUvarint(b, uint64(f.Slot)), string(f.Command)), f.Output)
}

// AppendHash appends the fact's content.
func (f Suppressed) AppendHash(b []byte) []byte {
	return appendText(binary.AppendUvarint(b, uint64(f.Slot)), string(f.Command))
}

// AppendHash appends the fact's content.
func (f SlotLost) AppendHash(b []byte) []byte {
	return appendText(binary.AppendUvarint(b, uint64(f.Slot)), string(f.Command))
}

// String prints "called c1#12 put x a12".
func (f Called) String() string {
	c := command{client: f.ID.Client, session: 0, n: uint32(f.ID.N), op: f.Op}
	return fmt.Sprintf("called %v%s", f.ID, c.append(nil)[len(fmt.Sprintf("%s/0#%d", f.ID.Client, f.ID.N)):])
}

// String prints "returned c1#12 ok", or "gave up c1#12".
func (f Returned) String() string {
	if f.Unknown {
		return fmt.Sprintf("gave up %v", f.ID)
	}
	return fmt.Sprintf("returned %v %s", f.ID, say(f.Output))
}

// String prints "executed slot 3: c1/1#12 put x a12".
func (f Executed) String() string { return fmt.Sprintf("executed slot %d: %s", f.Slot, f.Command) }

// String prints "suppressed slot 3: c1/1#12 put x a12".
func (f Suppressed) String() string { return fmt.Sprintf("suppressed slot %d: %s", f.Slot, f.Command) }

// String prints "lost slot 3, wanted for c1/1#12 put x a12".
func (f SlotLost) String() string {
	return fmt.Sprintf("lost slot %d, wanted for %s", f.Slot, f.Command)
}
