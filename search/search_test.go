package search

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// dice is a scenario whose runs are thrown by throw.
var dice = &sim.Scenario{Name: "dice", Sometimes: []string{"Six", "Seven"}}

// throw stands in for a run: a verdict that is a function of the seed
// alone, with all that a hunt counts. One in eight fails, in one of
// several ways; how long it takes has nothing to do with the seed's place.
func throw(_ *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
	r := rand.New(rand.NewPCG(cfg.Seed, 1))
	for range r.IntN(4) {
		runtime.Gosched()
	}
	v := sim.Verdict{Events: 10 + r.Uint64N(5), Hash: r.Uint64(), Sent: r.Uint64N(9), Late: r.Uint64N(2)}
	v.Enabled.Add(fault.Crashes)
	v.Faults[fault.Crashes] = r.Uint64N(3)
	v.Tallies = []sim.Tally{{Name: "throws", N: 2}, {Name: "sum", N: r.Uint64N(12)}}
	if r.IntN(6) == 0 {
		v.Sometimes = []string{"Six"}
	}
	v.Checks = []sim.Check{{Property: "backed", Inner: true, Checks: 1}, {Property: "agreement", Checks: r.Uint64N(2)}, {Property: "end", Checks: 1}}
	violate := func(i int, why string) {
		c := &v.Checks[i]
		c.Outcome, c.Why = sim.Violated, why
		v.Violations = append(v.Violations, sim.Violation{Property: c.Property, Inner: c.Inner, Why: why})
		v.Outcome, v.Property, v.Why = sim.Violated, c.Property, why
	}
	v.Spared = cfg.Seed % 3
	if cfg.Seed%4 == 0 {
		v.Outside = []string{"crash: the model has no crashes"}
	}
	switch r.IntN(64) {
	case 8:
		v.Excused = []string{"end: it waits, as it may"}
	case 0, 1, 2:
		violate(0, fmt.Sprintf("a%d sent what it had forgotten", 1+r.IntN(3)))
	case 3:
		violate(0, fmt.Sprintf("a%d sent what it had forgotten", 1+r.IntN(3)))
		violate(1, fmt.Sprintf("p1 decided %d and p2 decided %d", r.IntN(9), r.IntN(9)))
	case 4:
		violate(1, "nobody knows")
	case 5, 6:
		c := &v.Checks[2]
		c.Outcome, c.Why = sim.Stalled, fmt.Sprintf("c%d waits", 1+r.IntN(3))
		v.Outcome, v.Property, v.Why = c.Outcome, c.Property, c.Why
	case 7:
		v.Outcome, v.Property, v.Why = sim.Undecided, "agreement", "budget"
		v.Checks[1].Outcome = sim.Undecided
	}
	return v, fault.Plan{{Verb: fault.Crash, Node: fmt.Sprint("n", cfg.Seed)}}, nil
}

func diceHunt(from, to uint64) Hunt {
	return Hunt{Scenario: dice, From: from, To: to, Workers: 2, Verify: -1, run: throw}
}

// hunt runs h, which must not fail to.
func hunt(t *testing.T, h Hunt) Summary {
	t.Helper()
	sum, err := h.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	sum.Elapsed = 0
	return sum
}

// Fails if anything in a summary depends on how many workers there are or who is done first.
func TestWorkersDoNotMatter(t *testing.T) {
	for _, c := range []struct {
		property string
		stop     int
	}{{"", 0}, {"", 7}, {"agreement", 0}, {"agreement", 3}, {"end", 1}} {
		h := diceHunt(100, 2117)
		h.Property, h.StopAfter, h.Workers = c.property, c.stop, 1
		want := hunt(t, h)
		if want.Runs == 0 || len(want.Failures) == 0 {
			t.Fatalf("%+v: the test tests nothing: %+v", c, want)
		}
		for _, workers := range []int{2, 7, 0} {
			h.Workers = workers
			if got := hunt(t, h); !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %d workers:\ngot  %+v\nwant %+v", c, workers, got, want)
			}
		}
	}
}

// secondOpinion is one on a summary: a plain loop over the seeds, with its own idea of who fails.
func secondOpinion(from, to uint64, property string, stop int) (runs, events, crashes uint64, failing []uint64, first map[string]uint64) {
	first = make(map[string]uint64)
	for seed := from; seed < to && (stop == 0 || len(failing) < stop); seed++ {
		v, _, _ := throw(nil, sim.Config{Seed: seed})
		runs++
		events += v.Events
		crashes += v.Faults[fault.Crashes]
		for _, c := range v.Checks {
			mine := property == "" && c.Property == v.Property || property == c.Property
			if !mine || c.Outcome != sim.Violated && c.Outcome != sim.Stalled {
				continue
			}
			failing = append(failing, seed)
			if _, ok := first[c.Property+c.Why[:1]]; !ok {
				first[c.Property+c.Why[:1]] = seed // the ways to fail start with different letters
			}
		}
	}
	return runs, events, crashes, failing, first
}

// Fails if seeds are left out or counted twice, if a hunt that stops reports other seeds than the
// lowest, or if a failure is not told by its lowest seed.
func TestSummaryAgainstAPlainLoop(t *testing.T) {
	for _, property := range []string{"", "agreement", "backed", "end"} {
		for _, stop := range []int{0, 1, 2, 10, 100} {
			for _, to := range []uint64{1, 8, 9, 700} {
				h := diceHunt(0, to)
				h.Property, h.StopAfter = property, stop
				sum := hunt(t, h)
				runs, events, crashes, failing, first := secondOpinion(0, to, property, stop)
				if sum.Runs != runs || sum.Violated+sum.Stalled != uint64(len(failing)) || sum.Events != events || sum.Faults[fault.Crashes] != crashes {
					t.Errorf("%q, stop after %d, to %d: got %d runs, %d failing, %d events, %d crashes; want %d, %d, %d, %d", property, stop, to,
						sum.Runs, sum.Violated+sum.Stalled, sum.Events, sum.Faults[fault.Crashes], runs, len(failing), events, crashes)
				}
				listed := failing // all K of them, or the first few
				if stop == 0 {
					listed = listed[:min(len(listed), mostListed)]
				}
				if !slices.Equal(sum.Failing, listed) {
					t.Errorf("%q, stop after %d, to %d: failing seeds %v, want %v", property, stop, to, sum.Failing, listed)
				}
				if len(sum.Failures) != len(first) {
					t.Errorf("%q, stop after %d, to %d: %d distinct failures, want %d", property, stop, to, len(sum.Failures), len(first))
				}
				for _, f := range sum.Failures {
					if want := first[f.Property+f.Why[:1]]; f.Seed != want {
						t.Errorf("%q: %s is told by seed %d, want %d", property, f.Signature, f.Seed, want)
					}
				}
			}
		}
	}
}

// Fails if one of the figures of a summary is not folded, or folded wrongly.
func TestSummaryFigures(t *testing.T) {
	sum := hunt(t, diceHunt(0, 4000))
	if sum.OK+sum.Violated+sum.Stalled+sum.Unknown != 4000 || sum.Unknown == 0 || sum.Stalled == 0 {
		t.Errorf("outcomes: %d ok, %d violated, %d stalled, %d unknown", sum.OK, sum.Violated, sum.Stalled, sum.Unknown)
	}
	if sum.Enabled[fault.Crashes] != 4000 || sum.FaultRuns[fault.Crashes] <= 2000 || sum.FaultRuns[fault.Crashes] >= sum.Faults[fault.Crashes] {
		t.Errorf("crashes: enabled in %d runs, fired in %d, %d times", sum.Enabled[fault.Crashes], sum.FaultRuns[fault.Crashes], sum.Faults[fault.Crashes])
	}
	if sum.Sent < 12000 || sum.Late < 1500 {
		t.Errorf("%d sent, %d late", sum.Sent, sum.Late)
	}
	if sum.Excused < 30 || sum.Excused > 100 || sum.Spared != 3999 || sum.Outside != 1000 {
		t.Errorf("%d excused, %d spared, %d outside", sum.Excused, sum.Spared, sum.Outside)
	}
	if len(sum.Tallies) != 2 || sum.Tallies[0].Name != "sum" || sum.Tallies[1] != (sim.Tally{Name: "throws", N: 8000}) {
		t.Errorf("tallies: %v", sum.Tallies)
	}
	six := sum.Sometimes[0]
	if six.Name != "Six" || six.Runs < 500 || six.Runs > 850 || sum.Sometimes[1] != (Share{"Seven", 0}) {
		t.Errorf("sometimes: %v", sum.Sometimes)
	}
	if got := sum.NeverReached(); !reflect.DeepEqual(got, []string{"Seven"}) {
		t.Errorf("never reached: %v", got)
	}
	c := sum.Checks[1]
	if len(sum.Checks) != 3 || c.Name != "agreement" || c.Inner || c.Checks != c.Runs || c.Runs < 1800 || c.Runs > 2200 || c.Failed == 0 || c.Unknown != sum.Unknown {
		t.Errorf("checks: %+v", sum.Checks)
	}
	if in, out := sum.FirstInner, sum.FirstOuter; in == nil || out == nil || *in >= *out {
		t.Errorf("first inner %v, first outer %v: want both, the inner one lower", in, out)
	}
}

// Fails if a kind that never fired is not told, if one that few runs could fire is, or if one that fired is.
func TestNeverFired(t *testing.T) {
	var s Summary
	s.Enabled[fault.Crashes], s.Faults[fault.Crashes] = 5000, 1
	s.Enabled[fault.Steps] = 999
	if got := s.NeverFired(); got != nil {
		t.Errorf("got %v, want none", got)
	}
	s.Enabled[fault.Steps] = 1000
	if got := s.NeverFired(); !reflect.DeepEqual(got, []fault.Kind{fault.Steps}) {
		t.Errorf("got %v, want clock-step", got)
	}
}

// Fails if what an interrupted hunt reports is not exactly the hunt over a shorter range.
func TestInterruptedHuntIsAPrefix(t *testing.T) {
	for _, workers := range []int{1, 3} {
		ctx, cancel := context.WithCancel(context.Background())
		h := diceHunt(50, 1<<40)
		h.Workers = workers
		var n atomic.Int32
		h.run = func(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
			if n.Add(1) == 500 {
				cancel()
			}
			return throw(s, cfg)
		}
		got, err := h.Run(ctx)
		if err != nil || !got.Interrupted || got.Runs < 100 || got.Runs > 600 {
			t.Fatalf("%d workers: interrupted %t after %d runs, %v", workers, got.Interrupted, got.Runs, err)
		}
		got.Interrupted, got.Elapsed = false, 0
		if want := hunt(t, diceHunt(50, 50+got.Runs)); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers:\ngot  %+v\nwant %+v", workers, got, want)
		}
	}
}

// Fails if a hunt that is through is called interrupted because Ctrl-C came a moment later, or if one
// that never began does not return.
func TestContextThatEndsEarlyOrLate(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	h := diceHunt(0, 10)
	h.Progress = func(p Progress) {
		if p.Done == p.Total {
			cancel()
		}
	}
	if sum, err := h.Run(ctx); err != nil || sum.Interrupted || sum.Runs != 10 {
		t.Errorf("a hunt that was through: %d runs, interrupted %t, %v", sum.Runs, sum.Interrupted, err)
	}
	if sum, err := h.Run(ctx); err != nil || !sum.Interrupted || sum.Runs != 0 {
		t.Errorf("a hunt that never began: %d runs, interrupted %t, %v", sum.Runs, sum.Interrupted, err)
	}
}

// Fails if a hunt that is limited by time goes on, or calls itself interrupted.
func TestLimitOfTime(t *testing.T) {
	h := diceHunt(0, 0)
	h.For = 30 * time.Millisecond
	start := time.Now()
	sum, err := h.Run(context.Background())
	if err != nil || sum.Interrupted || sum.Runs == 0 || time.Since(start) > 5*time.Second {
		t.Errorf("%d runs, interrupted %t, %v, after %v", sum.Runs, sum.Interrupted, err, time.Since(start))
	}
	h.To, h.For = 20, time.Hour
	if sum := hunt(t, h); sum.Runs != 20 {
		t.Errorf("with both limits: %d runs, want 20", sum.Runs)
	}
}

// Fails if a panic or a refused configuration loses what was found, is
// not told with its seed, or lets seeds behind it in.
func TestRunThatCannotBeMade(t *testing.T) {
	for _, workers := range []int{1, 3} {
		h := diceHunt(0, 400)
		h.Workers = workers
		h.run = func(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
			switch cfg.Seed {
			case 300:
				return sim.Verdict{}, nil, errors.New("no such profile")
			case 333:
				panic("index out of range")
			}
			return throw(s, cfg)
		}
		got, err := h.Run(context.Background())
		if err == nil || err.Error() != "seed 0x12c: no such profile" {
			t.Errorf("a refused configuration: %v", err)
		}
		got.Elapsed = 0
		if want := hunt(t, diceHunt(0, 300)); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers: got\n%+v\nwant\n%+v", workers, got, want)
		}
		h.From = 301
		got, err = h.Run(context.Background())
		if err == nil || !strings.HasPrefix(err.Error(), "search: seed 0x14d: panic: index out of range\n") || got.Runs != 32 {
			t.Errorf("a panic: %d runs, %v", got.Runs, err)
		}
	}
}

// Fails if the seeds to verify are not those that are promised.
func TestVerify(t *testing.T) {
	for _, c := range []struct {
		verify int
		twice  func(seed uint64) bool
	}{
		{-1, func(seed uint64) bool { return false }},
		{0, func(seed uint64) bool { return seed == 5 || seed == 1005 }},
		{100, func(seed uint64) bool { return seed%100 == 5 }},
	} {
		var runs [1505]atomic.Int32
		h := diceHunt(5, 1505)
		h.Verify = c.verify
		h.run = func(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
			runs[cfg.Seed].Add(1)
			return throw(s, cfg)
		}
		hunt(t, h)
		for seed := uint64(5); seed < 1505; seed++ {
			v, _, _ := throw(nil, sim.Config{Seed: seed})
			want := int32(1)
			if v.Outcome == sim.Violated || v.Outcome == sim.Stalled || c.twice(seed) {
				want = 2
			}
			if got := runs[seed].Load(); got != want {
				t.Errorf("verify %d: seed %d ran %d times, want %d", c.verify, seed, got, want)
			}
		}
	}
}

// Fails if the text that tells one stack from another counts as a difference, or gets into the sentence.
func TestStacksDoNotCount(t *testing.T) {
	var n atomic.Int32
	h := diceHunt(0, 3)
	h.run = func(*sim.Scenario, sim.Config) (sim.Verdict, fault.Plan, error) {
		why := fmt.Sprintf("n1 panicked: nil map\n\ngoroutine %d", n.Add(1))
		return sim.Verdict{Outcome: sim.Violated, Property: "panic", Why: why}, nil, nil
	}
	sum := hunt(t, h)
	if len(sum.Diverged) != 0 || len(sum.Failures) != 1 || sum.Failures[0].Why != "n1 panicked: nil map" {
		t.Errorf("%v, %+v", sum.Diverged, sum.Failures)
	}
}

// Fails if progress is not told at a new failure and at the end, goes back, or floods the reader.
func TestProgress(t *testing.T) {
	var all []Progress
	h := diceHunt(0, 5000)
	h.Progress = func(p Progress) { all = append(all, p) }
	sum := hunt(t, h)
	last := all[len(all)-1]
	if last.Done != 5000 || last.Total != 5000 || last.Distinct != len(sum.Failures) || uint64(last.Failures) != sum.Violated+sum.Stalled {
		t.Errorf("at the end: %+v", last)
	}
	if got, most := len(all), len(sum.Failures)+2+int(last.Elapsed/progressEvery); got > most {
		t.Errorf("%d reports in %v, want at most %d", got, last.Elapsed, most)
	}
	found := make(map[string]bool)
	for i, p := range all {
		if i > 0 && p.Done < all[i-1].Done {
			t.Errorf("it goes back from %d to %d", all[i-1].Done, p.Done)
		}
		if p.Last != nil {
			found[p.Last.Signature] = true
		}
	}
	if len(found) != len(sum.Failures) {
		t.Errorf("%d distinct failures were shown, want %d", len(found), len(sum.Failures))
	}
}

// Fails if a hunt that cannot be meant is taken for an empty one.
func TestHuntsThatMakeNoSense(t *testing.T) {
	withDriver := diceHunt(0, 1)
	withDriver.Config.Driver = benign{}
	misspelt := Hunt{Scenario: beacons, From: 7, To: 100, Property: "in sequenze"}
	for _, c := range []struct {
		h    Hunt
		want string
	}{
		{Hunt{To: 1}, "search: a hunt needs a Scenario"},
		{withDriver, "search: the seeds of a hunt decide: its Config.Driver must be nil"},
		{diceHunt(9, 3), "search: no seeds from 9 to 3: the first must be below the last"},
		{diceHunt(3, 3), "search: no seeds from 3 to 3: the first must be below the last"},
		{misspelt, `seed 0x7: scenario beacons has no property "in sequenze"; it has: in sequence, backed, `},
	} {
		if sum, err := c.h.Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), c.want) || sum.Runs != 0 {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
