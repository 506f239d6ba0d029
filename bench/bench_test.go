package bench

import (
	"math/rand"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"simrun/sim"
)

// It fails if the heap loses an entry or hands one out before an earlier one.
func TestHeapPopsInOrderOfTime(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for n := range 200 {
		var h heap[int64]
		var want []int64
		for range n {
			at := int64(r.Intn(50))
			h.push(at, at)
			want = append(want, at)
			if r.Intn(3) == 0 { // pops in between
				least := slices.Min(want)
				if got, value := h.pop(); got != least || value != least {
					t.Fatalf("pop gave %d with value %d, want %d", got, value, least)
				}
				i := slices.Index(want, least)
				want = slices.Delete(want, i, i+1)
			}
		}
		slices.Sort(want)
		for _, w := range want {
			if got, value := h.pop(); got != w || value != w {
				t.Fatalf("pop gave %d with value %d, want %d", got, value, w)
			}
		}
		if len(h.entries) != 0 {
			t.Fatalf("%d entries are left", len(h.entries))
		}
	}
}

// It fails if one of the loops handles other than what it says, loses
// messages in flight, or lets time go back.
func TestLoopsKeepTheirMessagesInFlight(t *testing.T) {
	c := newClosures(100)
	if got := c.run(5000); got != 5000 || len(c.queue.entries) != 100 {
		t.Errorf("closures: %d calls and %d in flight, want 5000 and 100", got, len(c.queue.entries))
	}
	b := newBare(100)
	if got := b.run(5000); got != 5000 || len(b.queue.entries) != 100 {
		t.Errorf("bare: %d calls and %d in flight, want 5000 and 100", got, len(b.queue.entries))
	}
	var handled uint64
	for _, n := range b.nodes {
		handled += n.(*pinger).calls
	}
	if handled != 5000 {
		t.Errorf("bare: the nodes handled %d messages, want 5000", handled)
	}
	// 5000 calls with 100 in flight are 50 delays one after the other, of 2.75 ms on average.
	for name, now := range map[string]int64{"closures": c.now, "bare": b.now} {
		if d := time.Duration(now); d < 125*time.Millisecond || d > 150*time.Millisecond {
			t.Errorf("%s: %v have passed, want about 137 ms", name, d)
		}
	}
}

// It fails if a world without its guard does other work than one with it, or is guarded all the same.
func TestUnguardedWorldsDoTheSameWork(t *testing.T) {
	var calls []uint64
	for _, kind := range worlds {
		w, err := newWorld(100, 5000, kind.cfg)
		if err != nil {
			t.Fatal(err)
		}
		calls = append(calls, w.run())
		if err := w.check(); err != nil {
			t.Errorf("%s: %v", kind.name, err)
		}
	}
	if calls[0] != calls[2] || calls[1] != calls[2] {
		t.Errorf("the worlds made %v calls: want as many each", calls)
	}
}

// It fails if the world does other work than the bare loop: fewer calls, no hash, no property.
func TestWorldDoesTheSameWork(t *testing.T) {
	w, err := newWorld(100, 5000, sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	got := w.run()
	if err := w.check(); err != nil {
		t.Fatal(err)
	}
	if got < 4500 || got > 5500 || w.verdict.Checks[0].Checks != got {
		t.Errorf("%d calls and %d checks, want about 5000 of both", got, w.verdict.Checks[0].Checks)
	}
	var wrong onward
	if wrong.Observe(&sim.Event{Data: ping{7}}) == nil {
		t.Error("the property accepts a message that was never passed on")
	}
}

// It fails if rows get other names, or if a ratio is not that of its row to the one before.
func TestEngineRows(t *testing.T) {
	rows, err := Engine(20, 2000, 1, "/20")
	if err != nil {
		t.Fatal(err)
	}
	before := []int{0, 0, 1, 2, 1}
	for i, name := range []string{"closure/20", "bare/20", "unhashed/20", "unguarded/20", "world/20"} {
		r := rows[i]
		if r.Name != name || r.EventsPerS <= 0 || r.RunsPerS != 0 {
			t.Errorf("row %d is %+v, want %s with a rate of events", i, r, name)
		}
		if want := 0.0; i > 0 {
			want = r.EventsPerS / rows[before[i]].EventsPerS
			if r.Ratio/want < 0.999 || r.Ratio/want > 1.001 {
				t.Errorf("%s has ratio %v, want %v", name, r.Ratio, want)
			}
		}
	}
	if got, want := rows[4].Guarded, rows[4].EventsPerS/rows[3].EventsPerS; got/want < 0.999 || got/want > 1.001 {
		t.Errorf("the guard leaves %v of the speed, want %v", got, want)
	}
}

// It fails if an event of the world costs more than the one allocation for its message; what a world
// needs to start is spread over enough events to be less than a tenth.
func TestOneAllocationAnEvent(t *testing.T) {
	w, err := newWorld(100, 50_000, sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	s := measured(w.run)
	if per := float64(s.mallocs) / float64(s.calls); per > 1.1 {
		t.Errorf("%.2f allocations an event, want at most 1.1", per)
	}
}

// It fails if median is misled by order or by one outlier.
func TestMedian(t *testing.T) {
	of := func(calls ...uint64) (s []sample) {
		for _, c := range calls {
			s = append(s, sample{calls: c, elapsed: time.Second})
		}
		return s
	}
	if m := median(of(5, 1000, 7, 1, 6)); m.calls != 6 {
		t.Errorf("the median is %d, want 6", m.calls)
	}
	if r := medianRatio(of(10, 20, 90), of(5, 10, 10)); r != 2 {
		t.Errorf("the median of ratios is %v, want 2", r)
	}
}

// talk is a scenario with a tally, whose runs count when their seed is even.
func talk() *sim.Scenario {
	return &sim.Scenario{
		Name: "talk", Run: 20 * time.Millisecond, Settle: 20 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			ids := ring()
			for i, n := range ringNodes(ids, 10) {
				w.Add(ids[i], func() sim.Node { return n })
			}
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&talked{}} },
	}
}

type talked struct{ onward }

func (t *talked) Tally(add func(string, uint64)) { add("words", t.checks) }

// It fails if runs that do not count are counted, if a worker's runs are lost, or if a run is made twice.
func TestRunsCountWhatCounts(t *testing.T) {
	var seen atomic.Uint64
	rows, err := Runs(talk(), 10, 2, func(v *sim.Verdict) bool { return v.Tallies[0].N > 0 })
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"talk/core", "talk/all", "talk/unguarded"} {
		r := rows[i]
		if r.Name != name || r.RunsPerS <= 0 || r.PerRun.Counted != 1 || r.PerRun.Events < 20 || r.PerRun.Tallies["words"] <= 0 {
			t.Errorf("row %d is %+v", i, r)
		}
	}
	if rows[0].Guarded <= 0 || rows[2].PerRun.Events != rows[0].PerRun.Events {
		t.Errorf("the guard leaves %v of the speed, of %v and %v events a run", rows[0].Guarded, rows[0].PerRun.Events, rows[2].PerRun.Events)
	}
	if rows[0].PerRun.Events != rows[1].PerRun.Events {
		t.Errorf("one worker saw %v events a run, all saw %v: they did not make the same runs", rows[0].PerRun.Events, rows[1].PerRun.Events)
	}
	none, err := Runs(talk(), 4, 1, func(*sim.Verdict) bool { seen.Add(1); return false })
	if err != nil || none[0].RunsPerS != 0 || none[0].PerRun.Counted != 0 {
		t.Errorf("runs that do not count give %+v, %v", none[0], err)
	}
	if seen.Load() == 0 {
		t.Error("nobody asked whether runs count")
	}
}

// The rows as benchmarks of go test, for its profiles.
func BenchmarkClosure(b *testing.B) { newClosures(100).run(uint64(b.N)) }

func BenchmarkBare(b *testing.B) { newBare(100).run(uint64(b.N)) }

func BenchmarkWorld(b *testing.B) { benchmarkWorld(b, sim.Config{}) }

func BenchmarkUnguarded(b *testing.B) { benchmarkWorld(b, sim.Config{Unguarded: true}) }

func BenchmarkUnhashed(b *testing.B) { benchmarkWorld(b, sim.Config{Unguarded: true, Unhashed: true}) }

func benchmarkWorld(b *testing.B, cfg sim.Config) {
	w, err := newWorld(100, uint64(b.N), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	w.run()
}
