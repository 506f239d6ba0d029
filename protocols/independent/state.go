package independent

import (
	"encoding/binary"
	"slices"

	"simrun/protocols/apps"
	"simrun/sim"
)

// A state is all of a process that a rollback undoes.
type state struct {
	app      apps.App
	interval int
	in       []int         // messages received, by sender
	out      [][]sent      // messages sent, by receiver: the sender's log, for those that a rollback of the receiver loses
	needs    [][]int       // by interval, see Dependencies; of the current one too
	outputs  []output      // produced and not released
	produced int           // outputs so far
	handled  int           // messages and timers so far
	armed    []sim.Message // timers that the application has set since it was restored, while it is replayed
}

// A sent is a message in the sender's log.
type sent struct {
	born     Round
	interval int
	vector   []int
	body     sim.Message
}

// An output is something that the outside world will see and never give back: how much the process holds, as a cash machine would show it.
type output struct {
	n        int // from 1
	interval int // in which it was produced
	amount   int64
}

// A checkpoint is a state as it stands on disk.
type checkpoint struct {
	start    int      // the first interval that is not in it
	segments [][]byte // see segments
	needs    [][]int  // of all intervals before start
}

// row returns what interval y needs of each of n processes.
func (s *state) row(y, n int) []int {
	for len(s.needs) <= y {
		s.needs = append(s.needs, nil)
	}
	if s.needs[y] == nil {
		s.needs[y] = make([]int, n)
	}
	return s.needs[y]
}

// segments returns the state as bytes, in parts that change little from one checkpoint to the next: counters, the application, and what was sent
// to each process, where new messages only add to the end.
func (s *state) segments() ([][]byte, error) {
	app, err := s.app.MarshalBinary()
	if err != nil {
		return nil, err
	}
	b := appendInts(appendInts(nil, s.produced, s.handled, len(s.in)), s.in...)
	b = appendInts(b, len(s.outputs))
	for _, o := range s.outputs {
		b = binary.AppendVarint(appendInts(b, o.n, o.interval), o.amount)
	}
	all := [][]byte{b, app}
	for _, list := range s.out {
		var b []byte
		for i := range list {
			b = list[i].append(b)
		}
		all = append(all, b)
	}
	return all, nil
}

func (m *sent) append(b []byte) []byte {
	b = appendInts(m.born.append(b), m.interval, len(m.vector))
	return appendBytes(appendInts(b, m.vector...), encode(m.body))
}

// load is the reverse of segments, into a state whose application is in its first state.
func (s *state) load(segments [][]byte) error {
	r := reader{b: segments[0]}
	s.produced, s.handled = r.number(), r.number()
	s.in = r.numbers()
	for range r.number() {
		s.outputs = append(s.outputs, output{r.number(), r.number(), r.signed()})
	}
	s.out = make([][]sent, len(segments)-2)
	for i, b := range segments[2:] {
		r := reader{b: b}
		for len(r.b) > 0 && !r.bad {
			m := sent{born: r.round(), interval: r.number(), vector: r.numbers()}
			m.body = r.body()
			s.out[i] = append(s.out[i], m)
		}
		if r.bad {
			return errRecord
		}
	}
	if r.bad || len(s.in) != len(s.out) {
		return errRecord
	}
	return s.app.UnmarshalBinary(segments[1])
}

// cloneNeeds copies rows that may still grow.
func cloneNeeds(rows [][]int) [][]int {
	all := make([][]int, len(rows))
	for i, row := range rows {
		all[i] = slices.Clone(row)
	}
	return all
}
