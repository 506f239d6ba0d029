package checkers

import (
	"fmt"

	"github.com/anishathalye/porcupine"
)

// A KVOp is an operation on one key of a store.
type KVOp uint8

// The operations of [KV]. A key that was never written holds the empty text.
const (
	Get    KVOp = iota // returns the value
	Put                // makes Value the value
	CAS                // compare-and-swap: if the value is Expect, makes it Value and is OK; else does nothing and is not
	Append             // appends Value to the value
)

var kvOpNames = [...]string{"get", "put", "cas", "append"}

// String returns "get", "put", "cas" or "append".
func (o KVOp) String() string { return kvOpNames[o] }

// A KVInput is what a client asks of a store: the input of [KV].
type KVInput struct {
	Op            KVOp
	Key           string // for people; the partition is what History.Call says
	Value, Expect string
}

// ReadOnly reports whether the operation changes nothing: see [History].
func (in KVInput) ReadOnly() bool { return in.Op == Get }

// Overwrites reports whether what the operation makes of the key does not depend on what it held: see [History].
func (in KVInput) Overwrites() bool { return in.Op == Put }

// A KVOutput is what a store answers: the output of [KV].
type KVOutput struct {
	Value string // of Get
	OK    bool   // of CAS: it swapped
}

// KV is the model of one key of a store: a register that can be read, written, compared and swapped, and
// appended to. Its inputs are of type [KVInput], its outputs of type [KVOutput], its state is the value. It
// looks at the value that a Get returns and whether a CAS swapped; Put and Append return nothing that could
// be wrong.
func KV() porcupine.Model {
	return porcupine.Model{
		Init:              func() any { return "" },
		Step:              stepKV,
		DescribeOperation: describeKV,
		DescribeState:     func(state any) string { return say(state) },
	}
}

// stepKV takes one step. An output of nil is an outcome that nobody knows: anything goes.
func stepKV(state, input, output any) (bool, any) {
	value, in := state.(string), input.(KVInput)
	out, known := output.(KVOutput)
	switch in.Op {
	case Get:
		return !known || out.Value == value, state
	case Put:
		return true, in.Value
	case CAS:
		swaps := value == in.Expect
		if known && out.OK != swaps {
			return false, state
		}
		if swaps {
			return true, in.Value
		}
		return true, state
	case Append:
		return true, value + in.Value
	}
	panic(fmt.Sprintf("checkers: KVInput has no operation %d", in.Op))
}

// describeKV prints an operation without its key, which an explanation names once for all.
func describeKV(input, output any) string {
	in := input.(KVInput)
	out, known := output.(KVOutput)
	switch {
	case in.Op == Get && known:
		return fmt.Sprintf("get -> %q", out.Value)
	case in.Op == Get:
		return "get -> ?"
	case in.Op == CAS && known:
		return fmt.Sprintf("cas %q to %q -> %v", in.Expect, in.Value, out.OK)
	case in.Op == CAS:
		return fmt.Sprintf("cas %q to %q -> ?", in.Expect, in.Value)
	}
	return fmt.Sprintf("%v %q", in.Op, in.Value)
}
