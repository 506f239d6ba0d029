package figures

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// The facts of a made-up service.
type (
	asks  struct{ op sim.Asked }
	ends  struct{ op sim.Asked } // with an answer
	quits struct{ op sim.Asked } // without
	leads bool
)

func service(sim.Options) *sim.Service {
	return &sim.Service{
		Called: func(fact any) (sim.Asked, bool) {
			f, ok := fact.(asks)
			return f.op, ok
		},
		Returned: func(fact any) (op sim.Asked, answered, ok bool) {
			if f, ok := fact.(ends); ok {
				return f.op, true, true
			}
			f, ok := fact.(quits)
			return f.op, false, ok
		},
		Leads: func(fact any) (bool, bool) {
			f, ok := fact.(leads)
			return bool(f), ok
		},
	}
}

// A tape is a run written by hand: what happens, each at its millisecond.
type tape struct {
	m   *Meter
	seq uint64
}

func newTape() *tape {
	s, m := Watch(&sim.Scenario{Service: service}, true)
	s.Properties(sim.Options{})
	return &tape{m: m}
}

func (t *tape) at(ms int64, kind sim.Kind, node sim.NodeID, data any) *tape {
	t.seq++
	if err := t.m.Observe(&sim.Event{Seq: t.seq, At: clock.Time(ms * 1e6), Kind: kind, Node: node, Data: data}); err != nil {
		panic(err)
	}
	return t
}

func (t *tape) note(ms int64, node sim.NodeID, fact any) *tape {
	return t.at(ms, sim.Noted, node, fact)
}

func (t *tape) line(ms int64, text string) *tape {
	l, err := fault.ParseLine(text)
	if err != nil {
		panic(err)
	}
	return t.at(ms, sim.Faulted, "", l)
}

// end ends the run and returns its figures.
func (t *tape) end(ms int64) (s Sum) {
	t.m.close(clock.Time(ms * 1e6))
	s.Add(t.m)
	return s
}

func read(n uint64) sim.Asked  { return sim.Asked{Client: "c1", N: n, Kind: "reads"} }
func write(n uint64) sim.Asked { return sim.Asked{Client: "c2", N: n, Kind: "writes"} }

const ms = time.Millisecond

// same compares what was reckoned by hand with what was measured.
func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// Fails if an operation is counted under another kind, twice, or not at all; if one that was given up is taken for answered, or one that was answered after all is not; or if the
// span ends before what is still under way.
func TestOperations(t *testing.T) {
	s := newTape().
		note(10, "c1", asks{read(1)}).note(12, "c2", asks{write(1)}).
		note(14, "c1", ends{read(1)}).                                // 4 ms
		note(20, "c1", asks{read(2)}).note(90, "c1", quits{read(2)}). // given up,
		note(95, "c1", ends{read(2)}).                                // and answered after all: 75 ms
		note(96, "c1", ends{read(2)}).                                // a second time: nothing
		note(97, "c1", asks{read(3)}).note(99, "c1", quits{read(3)}).
		note(100, "c2", ends{write(7)}). // nobody called it
		end(110)
	same(t, "asked and answered", []uint64{s.Asked, s.Answered}, "[4 2]")
	same(t, "kinds", []string{s.Kinds[0].Name, s.Kinds[1].Name}, "[reads writes]")
	same(t, "reads", []any{s.Kinds[0].Asked, s.Kinds[0].Answered, s.Kinds[0].Latency.Quantile(50).Round(time.Microsecond), s.Kinds[0].Latency.Most}, "[3 2 4ms 75ms]")
	same(t, "writes", []any{s.Kinds[1].Asked, s.Kinds[1].Answered, s.Kinds[1].Latency.Quantile(50)}, "[1 0 0s]")
	same(t, "span, with one under way", s.Span, 100*ms)
	same(t, "a second", s.PerSecond(), 20)
	same(t, "span, with none", newTape().note(10, "c1", asks{read(1)}).note(30, "c1", ends{read(1)}).end(500).Span, 20*ms)
	same(t, "a second of nothing", newTape().end(500).Asked, 0)
}

// Fails if somebody counts as leading before the fact or after a crash, or if a leader of before can depose the one that leads now.
func TestLeader(t *testing.T) {
	s := newTape().
		note(30, "s1", leads(true)).
		at(100, sim.Crashed, "s2", nil). // no leader
		at(110, sim.Crashed, "s1", nil).
		note(150, "s2", leads(true)).
		note(160, "s3", leads(true)).  // in its place
		note(170, "s2", leads(false)). // which s3 does not mind
		note(200, "s3", leads(false)).
		end(220)
	l := s.Leader
	same(t, "leader", []any{l.Watched, l.Without, l.Longest, l.Elected}, "[220ms 90ms 40ms 3]")
	same(t, "felled and led again", []any{s.Recovery.Felled, s.Recovery.Led.Count, s.Recovery.Led.Most}, "[1 1 40ms]")
	same(t, "led to the end", newTape().note(30, "s1", leads(true)).end(50).Leader.Without, 30*ms)
}

// Fails if an operation that was called before a fault shows that the service has recovered from it, if what mends or what lasts counts as a fault, or if a fault
// after which nobody was served has a time.
func TestRecovery(t *testing.T) {
	s := newTape().
		note(1, "c1", asks{read(1)}).
		at(10, sim.Crashed, "s1", nil).
		note(11, "c1", ends{read(1)}). // called before
		note(20, "c1", asks{read(2)}).
		line(30, "30ms cut s1 | s2").line(31, "31ms heal").line(32, "32ms loss 3%").line(33, "33ms slow s1 1x").line(34, "34ms resume s1").line(35, "lose s1>s2 Accept#1").
		note(40, "c1", ends{read(2)}). // 30 ms after the crash; called before the cut
		note(41, "c1", asks{read(3)}).
		note(95, "c1", ends{read(3)}). // 65 ms after the cut
		line(96, "96ms pause s1").
		end(100)
	r := s.Recovery
	same(t, "faults", []any{r.Faults, r.Served.Count, r.Served.Quantile(50).Round(time.Microsecond), r.Served.Most, r.Worst}, "[3 2 30ms 65ms 30ms cut s1 | s2]")
	s = newTape().at(1230, sim.Crashed, "s1", nil).note(1240, "c1", asks{read(1)}).note(1250, "c1", ends{read(1)}).end(1300)
	same(t, "a crash in words", s.Recovery.Worst, "1.23s crash s1")
}

// Fails if messages of one type are not counted together, or not from the most frequent to the least.
func TestSent(t *testing.T) {
	s := newTape().at(1, sim.Sent, "a", asks{}).at(2, sim.Sent, "b", leads(true)).at(3, sim.Sent, "b", leads(false)).end(4)
	same(t, "sent", s.Sent, "[{leads 2} {asks 1}]")
}

// The sum of several runs is as if one had seen them all. Fails if a quantile is off by more than the last of four digits from that of the sorted list, or if the order of
// runs changes anything.
func TestSum(t *testing.T) {
	dice := rand.New(rand.NewPCG(1, 2))
	var all []time.Duration
	var forth, back Sum
	var meters []*Meter
	watched := time.Duration(0)
	for range 20 {
		tape := newTape()
		now := int64(0)
		for n := range uint64(50) {
			tape.note(now, "c1", asks{read(n)})
			took := 1 + dice.Int64N(1<<dice.IntN(20))
			now += took
			tape.note(now, "c1", ends{read(n)})
			all = append(all, time.Duration(took)*ms)
		}
		sum := tape.end(now)
		same(t, "runs", sum.Runs, 1)
		watched += time.Duration(now) * ms
		meters = append(meters, tape.m)
	}
	for i := range meters {
		forth.Add(meters[i])
		back.Add(meters[len(meters)-1-i])
	}
	back.Add(nil)
	same(t, "watched and without a leader", []any{forth.Leader.Watched, forth.Leader.Without}, fmt.Sprint([]any{watched, watched}))
	same(t, "no quantile is above the longest", forth.Kinds[0].Latency.Quantile(100), forth.Kinds[0].Latency.Most)
	slices.Sort(all)
	for _, q := range []float64{1, 50, 90, 99, 99.9, 100} {
		want := all[int(q/100*float64(len(all))+0.999999)-1]
		got := forth.Kinds[0].Latency.Quantile(q)
		if d := got - want; d < 0 || d > want/10_000 {
			t.Errorf("quantile %v is %v, want %v", q, got, want)
		}
		same(t, "the other way round", back.Kinds[0].Latency.Quantile(q), got)
	}
	same(t, "the longest", forth.Kinds[0].Latency.Most, all[len(all)-1])
	same(t, "runs", []uint64{forth.Runs, back.Runs, forth.Answered}, "[20 20 1000]")
	var long Times
	long.add(400 * 24 * time.Hour)
	same(t, "longer than a histogram holds", long.Most, 400*24*time.Hour)
}
