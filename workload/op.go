package workload

import (
	"encoding/binary"
	"errors"

	"simrun/checkers"
	"simrun/sim"
)

// An Op is one operation on a service, in words: a verb and what it is about. Which verbs there are is the service's business.
type Op struct {
	Verb   string
	Key    string // the part of the service that it concerns; "" if it has no parts
	Value  string // what is written
	Expect string // of a compare-and-swap: what must stand there
}

// A Result is what became of an operation: whether it did what was asked, and what it found.
type Result struct {
	OK    bool
	Value string
}

// String prints the words of an operation: "put x 1", "cas x 1 2", "get x".
func (o Op) String() string {
	s := o.Verb
	for _, w := range [...]string{o.Key, o.Expect, o.Value} {
		if w != "" {
			s += " " + w
		} else if o.Verb == "cas" && o.Key != "" && w == o.Expect {
			s += ` ""`
		}
	}
	return s
}

// String prints "ok", "not ok", or what was found.
func (r Result) String() string {
	switch {
	case !r.OK:
		return "not ok"
	case r.Value == "":
		return "ok"
	}
	return r.Value
}

// Append appends the operation in the form that ReadOp reads.
func (o Op) Append(b []byte) []byte {
	for _, s := range [...]string{o.Verb, o.Key, o.Value, o.Expect} {
		b = appendText(b, s)
	}
	return b
}

// Append appends the result in the form that ReadResult reads.
func (r Result) Append(b []byte) []byte {
	ok := byte(0)
	if r.OK {
		ok = 1
	}
	return appendText(append(b, ok), r.Value)
}

// A Command is an operation as a service's servers pass it on: whose it is, and which.
type Command struct {
	ID      checkers.OpID
	Session uint64 // the number of the session's first operation: within a session one follows the other
	Op      Op
}

// String prints "c1#12 put x 1".
func (c Command) String() string { return c.ID.String() + " " + c.Op.String() }

// Append appends the command in the form that ReadCommand reads.
func (c Command) Append(b []byte) []byte {
	b = appendText(b, string(c.ID.Client))
	b = binary.AppendUvarint(binary.AppendUvarint(b, c.ID.N), c.Session)
	return c.Op.Append(b)
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// ErrCut says that bytes to be read end too early or are none of those that were written.
var ErrCut = errors.New("workload: not the bytes of an operation")

// A Reader reads back what the Append methods wrote. After the first mistake all it returns is empty, and Err says so.
type Reader struct {
	rest string
	Err  error
}

// NewReader returns a reader of b, which it does not keep.
func NewReader(b string) *Reader { return &Reader{rest: b} }

// More reports whether there is something left, and nothing was wrong.
func (r *Reader) More() bool { return r.Err == nil && r.rest != "" }

// Uint reads a number.
func (r *Reader) Uint() (n uint64) {
	for shift := 0; shift < 64 && r.rest != ""; shift += 7 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
	}
	r.Err, r.rest = ErrCut, ""
	return 0
}

// Text reads a text.
func (r *Reader) Text() string {
	n := r.Uint()
	if n > uint64(len(r.rest)) {
		r.Err, r.rest = ErrCut, ""
		return ""
	}
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

// Op reads an operation.
func (r *Reader) Op() Op { return Op{Verb: r.Text(), Key: r.Text(), Value: r.Text(), Expect: r.Text()} }

// Result reads a result.
func (r *Reader) Result() Result { return Result{OK: r.Uint() == 1, Value: r.Text()} }

// Command reads a command.
func (r *Reader) Command() Command {
	var c Command
	c.ID.Client = sim.NodeID(r.Text())
	c.ID.N, c.Session = r.Uint(), r.Uint()
	c.Op = r.Op()
	return c
}
