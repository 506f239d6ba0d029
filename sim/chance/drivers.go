package chance

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"sort"
	"strconv"
	"strings"
)

// A Decision is one pick and its outcome, as it stands in a tape.
type Decision struct {
	Key     string // such as "lose a1>a2 Accept#3"
	Outcome uint64
}

// Overrides is a driver that answers the named picks from a table and leaves the others to Base; a nil Base
// answers 0. A recorded tape over a nil Base makes the recorded run again.
type Overrides struct {
	Base  Driver
	table map[string]uint64
	used  map[string]bool
}

// NewOverrides makes a driver of a tape. An outcome that turns out too large for its pick counts as the largest.
func NewOverrides(base Driver, tape []Decision) *Overrides {
	o := &Overrides{base, make(map[string]uint64, len(tape)), make(map[string]bool)}
	for _, d := range tape {
		o.table[d.Key] = d.Outcome
	}
	return o
}

// Draw implements [Driver].
func (o *Overrides) Draw(s *Stream, n uint64, d Dist) uint64 {
	key := s.Key(n)
	if v, ok := o.table[key]; ok {
		o.used[key] = true
		return min(v, max(d.Bound(), 1)-1)
	}
	if o.Base == nil {
		return 0
	}
	return o.Base.Draw(s, n, d)
}

// Tape returns what the table holds, sorted by key.
func (o *Overrides) Tape() []Decision {
	tape := make([]Decision, 0, len(o.table))
	for key, v := range o.table {
		tape = append(tape, Decision{key, v})
	}
	sort.Slice(tape, func(i, j int) bool { return tape[i].Key < tape[j].Key })
	return tape
}

// Unused returns how many of the tape's decisions no pick has asked for.
func (o *Overrides) Unused() int { return len(o.table) - len(o.used) }

// A Recorder passes picks on to Base and writes down each outcome that is not 0.
type Recorder struct {
	Base Driver
	Tape []Decision
}

// Draw implements [Driver].
func (r *Recorder) Draw(s *Stream, n uint64, d Dist) uint64 {
	v := r.Base.Draw(s, n, d)
	if v != 0 {
		r.Tape = append(r.Tape, Decision{s.Key(n), v})
	}
	return v
}

// WriteTape prints a tape, one "key = outcome" a line.
func WriteTape(w io.Writer, tape []Decision) error {
	b := bufio.NewWriter(w)
	for _, d := range tape {
		fmt.Fprintf(b, "%s = %d\n", d.Key, d.Outcome)
	}
	return b.Flush()
}

// ParseTape reads what [WriteTape] printed. Empty lines and lines that start with # are skipped. An error names the
// line.
func ParseTape(text string) ([]Decision, error) {
	var tape []Decision
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		at := strings.LastIndex(line, " = ") // what a pick decides may hold a " = " itself
		if at < 0 {
			return nil, fmt.Errorf("line %d: %q is not of the form: lose a1>a2 Accept#3 = 1", n, line)
		}
		key, value := strings.TrimSpace(line[:at]), strings.TrimSpace(line[at+3:])
		v, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: the outcome %q is not a whole number from 0", n, value)
		}
		tape = append(tape, Decision{key, v})
	}
	return tape, nil
}

// Bytes is a driver for fuzzers: each pick looks one byte up by the hash of its key, so that a changed byte
// changes few picks and an inserted one does not shift all that follow. A 0 byte, and no bytes at all, is benign.
type Bytes []byte

// Draw implements [Driver].
func (b Bytes) Draw(s *Stream, n uint64, d Dist) uint64 {
	if len(b) == 0 {
		return 0
	}
	h := Mix(mix0, s.id, n)
	v := b[scale(h, uint64(len(b)))]
	if v == 0 {
		return 0
	}
	return d.of(Mix(h, uint64(v), mix1))
}

// Every enumerates all outcomes of a small scope: it yields drivers that, taken together, answer in
// every possible way the picks that a run asks, as an odometer counts. Run the whole world with each driver,
// in the body of the loop; the body must ask the same picks when it gets the same answers, or Every
// panics. A scope is small: the number of runs is the number of different sequences of answers.
func Every() iter.Seq[Driver] {
	return func(yield func(Driver) bool) {
		o := &odometer{}
		for {
			o.at = 0
			if !yield(o) {
				return
			}
			if o.at != len(o.wheels) {
				panic("chance: the run asked fewer picks than before though it got the same answers")
			}
			if !o.advance() {
				return
			}
		}
	}
}

type wheel struct{ id, n, value, bound uint64 }

// An odometer replays a path of answers and goes on with zeros.
type odometer struct {
	wheels []wheel
	at     int
}

func (o *odometer) Draw(s *Stream, n uint64, d Dist) uint64 {
	if d.Certain() {
		if d.kind == rate && d.a >= million {
			return 1
		}
		return 0
	}
	if o.at == len(o.wheels) {
		o.wheels = append(o.wheels, wheel{s.id, n, 0, d.Bound()})
	}
	w := o.wheels[o.at]
	if w.id != s.id || w.n != n || w.bound != d.Bound() {
		panic("chance: the run asked " + s.Key(n) + " where it asked another pick before, though it got the same answers")
	}
	o.at++
	return w.value
}

// advance turns the last wheel that can still turn, and drops those behind it.
func (o *odometer) advance() bool {
	for i := len(o.wheels) - 1; i >= 0; i-- {
		if o.wheels[i].value+1 < o.wheels[i].bound {
			o.wheels[i].value++
			o.wheels = o.wheels[:i+1]
			return true
		}
	}
	return false
}
