package checkers

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/anishathalye/porcupine"

	"simrun/sim"
)

// A deed is an operation as the dumb checker sees it: on which key, what,
// and when. What is open has no output and no end.
type deed struct {
	in        KVInput
	out       KVOutput
	call, ret uint64
	open      bool
}

// dumb looks for an order of the deeds by trying all of them, over the
// whole store at once. It knows neither keys nor Porcupine, keeps nothing
// that it has seen, and leaves open deeds out when they are not wanted.
func dumb(deeds []deed, placed []bool, store map[string]string) bool {
	complete := true
	for i, d := range deeds {
		complete = complete && (placed[i] || d.open)
	}
	if complete {
		return true
	}
	for i, d := range deeds {
		if placed[i] || !mayBeNext(deeds, placed, i) {
			continue
		}
		before := store[d.in.Key]
		after, out := perform(before, d.in)
		if !d.open && out != d.out {
			continue
		}
		placed[i], store[d.in.Key] = true, after
		if dumb(deeds, placed, store) {
			return true
		}
		placed[i], store[d.in.Key] = false, before
	}
	return false
}

// mayBeNext reports whether no deed that is still to come had returned before this one was called.
func mayBeNext(deeds []deed, placed []bool, i int) bool {
	for j, d := range deeds {
		if !placed[j] && !d.open && d.ret < deeds[i].call {
			return false
		}
	}
	return true
}

// perform is what a store does: the value afterwards, and what it answers.
func perform(value string, in KVInput) (string, KVOutput) {
	switch {
	case in.Op == Get:
		return value, KVOutput{Value: value}
	case in.Op == Append:
		return value + in.Value, KVOutput{}
	case in.Op == CAS && value == in.Expect:
		return in.Value, KVOutput{OK: true}
	case in.Op == CAS:
		return value, KVOutput{}
	}
	return in.Value, KVOutput{}
}

// A trial is a small random history: as events for our checker, and as deeds for the dumb one.
type trial struct {
	next  func(n int) int
	s     store
	deeds []deed
	store map[string]string
	busy  [3]*errand
	count [3]uint64
	left  int // calls still to be made
	late  []*errand
	lie   func() bool
}

// An errand is an operation on its way.
type errand struct {
	client          int
	id              OpID
	d               deed
	acted           bool   // it has arrived and taken effect
	arrived         uint64 // at this event, first: what is open cannot have taken effect before
	failed, unknown bool   // what will become of it
}

var clientNames = [3]sim.NodeID{"c1", "c2", "c3"}

// newTrial makes a history of a store that works, and then perhaps changes what one client was told. All
// that is random is asked of next.
func newTrial(next func(n int) int) *trial {
	return trialOf(next, 4+next(4), func() bool { return next(5) < 3 })
}

// trialOf makes a history of at most so many calls, whose clients are told something wrong when lie says so.
func trialOf(next func(n int) int, calls int, lie func() bool) *trial {
	tr := &trial{next: next, s: history(), store: map[string]string{}, left: calls, lie: lie}
	for moves := 0; moves < max(60, 8*calls); moves++ {
		c := next(3)
		switch e := tr.busy[c]; {
		case e == nil && tr.left > 0:
			tr.call(c)
		case e != nil:
			tr.advance(e)
		}
		if len(tr.late) > 0 && next(3) == 0 {
			e := tr.late[0]
			tr.late = tr.late[1:]
			tr.act(e)
		}
	}
	for _, e := range tr.busy {
		if e != nil {
			tr.open(e)
		}
	}
	return tr
}

// call begins an operation of an idle client. What will become of it is drawn now.
func (tr *trial) call(c int) {
	tr.left--
	tr.count[c]++
	value := string(rune('a' + tr.next(2)))
	in := KVInput{Op: KVOp(tr.next(4)), Key: []string{"x", "x", "y"}[tr.next(3)], Value: value, Expect: []string{"", "a", "b"}[tr.next(3)]}
	e := &errand{client: c, id: OpID{clientNames[c], tr.count[c]}, d: deed{in: in}}
	switch fate := tr.next(8); {
	case fate == 0:
		e.failed = true
	case fate <= 2:
		e.unknown = true
	}
	tr.s.call(clientNames[c], e.id.N, in)
	e.d.call = tr.s.seq
	tr.busy[c] = e
}

// advance takes an operation one step further: it arrives, it acts, it ends.
func (tr *trial) advance(e *errand) {
	switch {
	case e.unknown && tr.next(4) == 0: // gives up early
		tr.s.ends(clientNames[e.client], e.id.N, Unknown)
		tr.open(e)
		if tr.next(2) == 0 {
			tr.late = append(tr.late, e)
		}
	case e.failed:
		tr.s.ends(clientNames[e.client], e.id.N, Failed)
		tr.busy[e.client] = nil
	case !e.acted:
		tr.act(e)
	case e.unknown:
		tr.s.ends(clientNames[e.client], e.id.N, Unknown)
		tr.open(e)
	default:
		tr.finish(e)
	}
}

// act makes an operation arrive and take effect.
func (tr *trial) act(e *errand) {
	tr.s.reach(e.id.Client, e.id.N)
	tr.store[e.d.in.Key], e.d.out = perform(tr.store[e.d.in.Key], e.d.in)
	if !e.acted {
		e.acted, e.arrived = true, tr.s.seq
	}
	for i := range tr.deeds { // given up before it acted: now it has a part
		if tr.deeds[i].open && tr.deeds[i].call == e.arrived {
			return
		}
	}
	if tr.busy[e.client] != e {
		tr.deeds = append(tr.deeds, deed{in: e.d.in, call: e.arrived, ret: math.MaxUint64, open: true})
	}
}

// open ends an operation whose outcome nobody knows. If it has not acted, it has no part yet.
func (tr *trial) open(e *errand) {
	tr.busy[e.client] = nil
	if e.acted {
		tr.deeds = append(tr.deeds, deed{in: e.d.in, call: e.arrived, ret: math.MaxUint64, open: true})
	}
}

// finish ends an operation that is done. Often its client is told something wrong.
func (tr *trial) finish(e *errand) {
	if tr.lie() {
		switch e.d.in.Op {
		case Get:
			e.d.out.Value = []string{"", "a", "b", "aa"}[tr.next(4)]
		case CAS:
			e.d.out.OK = !e.d.out.OK
		}
	}
	tr.s.done(e.id.Client, e.id.N, e.d.out)
	e.d.ret = tr.s.seq
	tr.deeds = append(tr.deeds, e.d)
	tr.busy[e.client] = nil
}

// opens counts the operations whose outcome nobody knows.
func (tr *trial) opens() (n int) {
	for _, d := range tr.deeds {
		if d.open {
			n++
		}
	}
	return n
}

// agree fails the test unless both checkers say the same of a trial, and reports what they say.
func agree(t *testing.T, tr *trial) (holds bool) {
	t.Helper()
	result, err := tr.s.end()
	if result != sim.Holds {
		t.Fatalf("got %v, %v", result, err)
	}
	want := dumb(tr.deeds, make([]bool, len(tr.deeds)), map[string]string{})
	if (err == nil) != want {
		t.Fatalf("the dumb checker says %v, ours %v:\n%v", want, err, tr.deeds)
	}
	return want
}

// Fails if our checker differs from the dumb one on any of thousands of
// small histories, or if these are so tame that it would not show: at least
// 30 % must be illegal, and 30 % legal with an operation of unknown outcome.
func TestAgreesWithDumbChecker(t *testing.T) {
	const trials = 6000
	random := rand.New(rand.NewPCG(1, 2))
	var bad, open int
	for range trials {
		tr := newTrial(random.IntN)
		if !agree(t, tr) {
			bad++
			checkCulprit(t, tr)
		} else if tr.opens() > 0 {
			open++
		}
	}
	t.Logf("%d histories: %d illegal, %d legal with unknown outcomes", trials, bad, open)
	if bad < trials*30/100 || open < trials*30/100 {
		t.Errorf("of %d histories %d are illegal and %d legal with unknown outcomes: want 30 %% each", trials, bad, open)
	}
}

// Fails if what is judged as the run goes on differs from what Porcupine says of the whole, on histories that are too long for the dumb checker; or if too
// few of them are illegal, or legal, for that to show.
func TestAgreesWithPorcupine(t *testing.T) {
	const trials = 1500
	random := rand.New(rand.NewPCG(3, 4))
	bad := 0
	for range trials {
		calls := 10 + random.IntN(30)
		tr := trialOf(random.IntN, calls, func() bool { return random.IntN(calls) == 0 })
		result, err := tr.s.end()
		if result != sim.Holds {
			t.Fatalf("got %v, %v", result, err)
		}
		l := tr.s.p.(*linearizable)
		legal := true
		for _, part := range l.parts() {
			m := KV()
			m.Step = func(state, input, output any) (bool, any) {
				if _, open := output.(anything); open {
					output = nil
				}
				return stepKV(state, input, output)
			}
			legal = legal && porcupine.CheckOperations(m, l.history(part, math.MaxUint64))
		}
		if legal != (err == nil) {
			t.Fatalf("Porcupine says %v, ours %v:\n%v", legal, err, tr.deeds)
		}
		if !legal {
			bad++
		}
	}
	t.Logf("%d histories: %d illegal", trials, bad)
	if bad < trials/10 || bad > trials*9/10 {
		t.Errorf("%d of %d histories are illegal: want a tenth of either kind", bad, trials)
	}
}

// checkCulprit fails the test unless the return that is blamed is the
// first of its key with which the history is illegal.
func checkCulprit(t *testing.T, tr *trial) {
	t.Helper()
	l := tr.s.p.(*linearizable)
	parts := l.parts()
	for _, key := range l.sorted() {
		if l.search.check(l.history(parts[key], math.MaxUint64), l.Steps) != illegal {
			continue
		}
		last := l.culprit(parts[key])
		for _, at := range []uint64{last.ret - 1, last.ret} {
			deeds := tr.until(l.record.keys[key], at)
			if got, want := dumb(deeds, make([]bool, len(deeds)), map[string]string{}), at < last.ret; got != want {
				t.Fatalf("%v is blamed; the history until event %d is legal: %v\n%v", last.id, at, got, tr.deeds)
			}
		}
		return
	}
	t.Fatal("no key is illegal")
}

// until returns the deeds on a key as they stood after an event.
func (tr *trial) until(key string, at uint64) (deeds []deed) {
	for _, d := range tr.deeds {
		if d.in.Key == key && d.call <= at {
			if d.ret > at {
				d.open = true
			}
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// Fails if a history made of any bytes sets the two checkers at odds.
func FuzzAgreesWithDumbChecker(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("every byte is one choice, and what is missing is 0"))
	f.Add([]byte{3, 0, 1, 1, 2, 1, 5, 0, 0, 0, 1, 0, 1, 0, 0, 2, 7, 1, 1, 2, 2, 2, 0, 1, 3, 2, 4, 1, 1, 1, 0, 0, 6, 2, 2, 1, 0})
	f.Fuzz(func(t *testing.T, choices []byte) {
		agree(t, newTrial(func(n int) int {
			if len(choices) == 0 {
				return 0
			}
			c := int(choices[0]) % n
			choices = choices[1:]
			return c
		}))
	})
}
