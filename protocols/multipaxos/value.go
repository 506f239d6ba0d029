package multipaxos

import (
	"encoding/binary"
	"fmt"
	"strings"

	"simrun/workload"
)

// A Value is what stands in a slot: nothing, commands of clients, or a change of who votes. It is the encoding, so that values can be compared.
type Value string

// The first byte of a value.
const (
	nothing  = 0
	commands = 1
	change   = 2
)

// NoOp fills a gap.
const NoOp Value = "\x00"

// A Change is a change of who votes: one member more or one less.
type Change struct {
	Add, Remove Member
}

// String prints "+s4" or "-s1".
func (c Change) String() string {
	var s []string
	if !c.Add.None() {
		s = append(s, "+"+c.Add.String())
	}
	if !c.Remove.None() {
		s = append(s, "-"+c.Remove.String())
	}
	return strings.Join(s, " ")
}

// apply returns the configuration after the change. The last member is never removed.
func (c Change) apply(to Config) Config {
	if !c.Remove.None() && len(to) > 1 {
		to = to.Without(c.Remove)
	}
	if !c.Add.None() {
		to = to.With(c.Add)
	}
	return to
}

// batch makes a value of commands.
func batch(all []workload.Command) Value {
	b := binary.AppendUvarint([]byte{commands}, uint64(len(all)))
	for _, c := range all {
		b = c.Append(b)
	}
	return Value(b)
}

// value makes a value of a change.
func (c Change) value() Value {
	return Value(c.Remove.append(c.Add.append([]byte{change})))
}

// commands returns the commands in a value.
func (v Value) commands() (all []workload.Command) {
	if v == "" || v[0] != commands {
		return nil
	}
	r := workload.NewReader(string(v[1:]))
	for n := r.Uint(); n > 0 && r.Err == nil; n-- {
		all = append(all, r.Command())
	}
	return all
}

// change returns the change that a value is.
func (v Value) change() (c Change, ok bool) {
	if v == "" || v[0] != change {
		return c, false
	}
	r := workload.NewReader(string(v[1:]))
	return Change{Add: readMember(r), Remove: readMember(r)}, true
}

// String prints "c1#1 put x 1, c2#1 get y", "+s4" or "no-op".
func (v Value) String() string {
	if c, ok := v.change(); ok {
		return c.String()
	}
	all := v.commands()
	if len(all) == 0 {
		return "no-op"
	}
	s := make([]string, len(all))
	for i, c := range all {
		s[i] = c.String()
	}
	return strings.Join(s, ", ")
}

func (v Value) append(b []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(v))), v...)
}

func readMember(r *workload.Reader) Member { return Member{uint32(r.Uint()), uint32(r.Uint())} }

func readBallot(r *workload.Reader) Ballot { return Ballot{r.Uint(), readMember(r)} }

// A Vote is the acceptance of a value in a slot, as an acceptor has it on its disk.
type Vote struct {
	Slot    Slot
	Ballot  Ballot
	Value   Value
	Missing bool // the disk has lost the value, and what is left is that there was one
}

// String prints "7: 3.s1 c1#1 put x 1".
func (v Vote) String() string {
	if v.Missing {
		return fmt.Sprintf("%d: %v (lost)", v.Slot, v.Ballot)
	}
	return fmt.Sprintf("%d: %v %v", v.Slot, v.Ballot, v.Value)
}

func (v Vote) append(b []byte) []byte {
	missing := byte(0)
	if v.Missing {
		missing = 1
	}
	return v.Value.append(append(v.Ballot.append(v.Slot.append(b)), missing))
}
