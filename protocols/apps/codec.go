package apps

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"simrun/sim"
)

// Encode appends a message of an application, so that [Decode] finds it again. It panics if it is none.
func Encode(b []byte, m sim.Message) []byte {
	switch m := m.(type) {
	case Transfer:
		return m.AppendHash(append(b, 't'))
	case Token:
		return m.AppendHash(append(b, 'k'))
	case Line:
		return m.AppendHash(append(b, 'l'))
	case Word:
		return m.AppendHash(append(b, 'w'))
	case Ping:
		return m.AppendHash(append(b, 'p'))
	}
	panic(fmt.Sprintf("apps: %T is no message of an application", m))
}

// Decode reads a message that [Encode] has written. The error says that there is none.
func Decode(b []byte) (m sim.Message, err error) {
	r := reader{b: b}
	switch r.byte() {
	case 't':
		m = Transfer{r.int64()}
	case 'k':
		m = Token{r.int()}
	case 'l':
		m = Line{r.int(), r.text()}
	case 'w':
		m = Word{r.int(), r.text()}
	case 'p':
		m = Ping{r.int()}
	default:
		r.bad = true
	}
	return m, r.end()
}

var errEncoding = errors.New("apps: no state or message of this application")

// A reader takes apart what a process or a message was made into. Once something is missing it returns zeros, and says so at the end.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) byte() byte {
	if len(r.b) == 0 {
		r.bad = true
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) int64() int64 {
	x, n := binary.Varint(r.b)
	if n <= 0 {
		r.bad = true
		return 0
	}
	r.b = r.b[n:]
	return x
}

func (r *reader) int() int { return int(r.int64()) }

func (r *reader) bool() bool { return r.byte() == 1 }

// length reads how many things follow, each of them at least a byte long.
func (r *reader) length() int {
	n := r.int64()
	if n < 0 || n > int64(len(r.b)) {
		r.bad = true
		return 0
	}
	return int(n)
}

func (r *reader) text() string {
	n := r.length()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) ints() []int {
	list := make([]int, r.length())
	for i := range list {
		list[i] = r.int()
	}
	return list
}

// end says whether there was all that was asked for, and no more.
func (r *reader) end() error {
	if r.bad || len(r.b) > 0 {
		return errEncoding
	}
	return nil
}

func appendInt(b []byte, n int) []byte { return binary.AppendVarint(b, int64(n)) }

func appendBool(b []byte, yes bool) []byte {
	if yes {
		return append(b, 1)
	}
	return append(b, 0)
}

func appendText(b []byte, s string) []byte { return append(appendInt(b, len(s)), s...) }

func appendInts(b []byte, list []int) []byte {
	b = appendInt(b, len(list))
	for _, n := range list {
		b = appendInt(b, n)
	}
	return b
}

// A tick is the timer by which a process does its next piece of work.
type tick struct{}

// AppendHash appends the timer's content: it has none.
func (tick) AppendHash(b []byte) []byte { return b }

// String prints "tick".
func (tick) String() string { return "tick" }

// pause sets the timer for the next piece of work: in 1 to 8 ms.
func pause(env sim.Env) {
	env.After(time.Millisecond*time.Duration(1+env.Pick("pause", 8)), tick{})
}
