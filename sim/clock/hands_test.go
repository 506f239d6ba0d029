package clock

import (
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"
	"time"
)

// A smear moves the wall hand evenly and leaves the monotonic one alone, by the clock's own time. Fails for one that jumps,
// that ends somewhere else than it says, or that goes on while the clock stands still.
func TestSmear(t *testing.T) {
	for _, by := range []time.Duration{time.Second, -time.Second} {
		var c Clock
		c.Smear(100*ms, by, 10*time.Second)
		at := func(d time.Duration) Time { return 100*ms + Time(d) }
		for _, x := range []struct{ after, gained time.Duration }{
			{0, 0}, {time.Second, by / 10}, {5 * time.Second, by / 2}, {10 * time.Second, by}, {time.Hour, by},
		} {
			now := at(x.after)
			shows(t, &c, now, time.Duration(now)+x.gained, time.Duration(now))
		}
		var stands Clock
		stands.Smear(0, by, 10*time.Second)
		stands.Freeze(Time(time.Second))
		shows(t, &stands, Time(time.Hour), time.Second+by/10, time.Second)
		stands.Thaw(Time(time.Hour))
		shows(t, &stands, Time(time.Hour+9*time.Second), 10*time.Second+by, 10*time.Second)
	}
}

// Fails if a second smear adds to what was left of the first, if ending one loses what it has gained, or if a step does
// anything but add.
func TestSmearsOneAfterAnother(t *testing.T) {
	var c Clock
	second := Time(time.Second)
	c.Smear(0, time.Second, 10*time.Second)
	c.Smear(5*second, -time.Second, 10*time.Second) // half of the first is forgotten
	shows(t, &c, 10*second, 10*time.Second, 10*time.Second)
	c.Step(3 * time.Second)
	shows(t, &c, 10*second, 13*time.Second, 10*time.Second)
	c.EndSmear(10 * second)
	c.EndSmear(10 * second)
	shows(t, &c, 100*second, 103*time.Second, 100*time.Second)
	c.Smear(100*second, time.Second, time.Second)
	c.Reset(100*second+1, 0) // ends the smear too
	shows(t, &c, 102*second+1, 2*time.Second, 102*time.Second+1)
}

// The gain is d*past/over, rounded towards 0, for any numbers. Fails where the product overflows.
func TestSmearDoesNotOverflow(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	any := func() time.Duration {
		return time.Duration(r.Int63() >> r.Intn(63) * (1 - 2*r.Int63n(2)))
	}
	for range 20000 {
		s := smear{by: any(), over: max(1, any())}
		if r.Intn(100) == 0 {
			s.by = math.MinInt64
		}
		past := max(0, any()%s.over)
		want := new(big.Int).Mul(big.NewInt(int64(s.by)), big.NewInt(int64(past)))
		want.Quo(want, big.NewInt(int64(s.over)))
		if got := s.gained(past); big.NewInt(int64(got)).Cmp(want) != 0 {
			t.Fatalf("a smear by %d over %d has gained %d after %d, want %v", s.by, s.over, got, past, want)
		}
	}
}

// The wall clock goes on over a boot, and the monotonic hand begins at 0, also for what drifts; a timer's deadline is as it
// was. Fails if a boot moves the wall clock, or leaves the other hand.
func TestBoot(t *testing.T) {
	var c Clock
	c.SetDrift(0, 500_000)
	c.Step(time.Second)
	before, deadline := c.Read(10*ms), c.Deadline(10*ms, 15*time.Millisecond)
	c.Boot(10 * ms)
	after := c.Read(10 * ms)
	if after.Wall() != before.Wall() || after.mono != 0 {
		t.Errorf("the wall clock goes from %v to %v in a boot, and the monotonic one begins at %v", before.Wall(), after.Wall(), after.mono)
	}
	shows(t, &c, 20*ms, time.Second+30*time.Millisecond, 15*time.Millisecond)
	if at := c.When(10*ms, deadline); at != 20*ms {
		t.Errorf("a deadline is reached at %v, want 20ms", at)
	}
	c.Freeze(20 * ms)
	c.Boot(30 * ms)
	shows(t, &c, 40*ms, time.Second+30*time.Millisecond, 0)
}

// Fails if a reset wall clock does not go on from where it was set, or the other hand notices.
func TestReset(t *testing.T) {
	var c Clock
	c.SetDrift(0, -500_000)
	c.Step(time.Hour)
	c.Reset(10*ms, 7*time.Millisecond)
	shows(t, &c, 10*ms, 7*time.Millisecond, 5*time.Millisecond)
	shows(t, &c, 30*ms, 17*time.Millisecond, 15*time.Millisecond)
}

// Whatever is done to a clock, true time is within its interval, and the interval is no wider than it must be. Fails if
// anything that moves the wall hand is forgotten in the width.
func TestIntervalKeepsItsPromise(t *testing.T) {
	edges := 0
	for seed := range int64(300) {
		r := rand.New(rand.NewSource(seed))
		var c Clock
		half := time.Duration(r.Int63n(int64(10 * time.Millisecond)))
		c.SetUncertainty(half, false)
		now, story := Time(0), ""
		for range 30 {
			now += Time(r.Int63n(int64(time.Second)))
			story += fmt.Sprintf("; %v %s", now, random(r, &c, now))
			if r.Intn(10) == 0 {
				c.Reset(now, 0)
				story += ", reset"
			}
			x := c.Read(now)
			earliest, latest := x.Interval()
			truth := time.Duration(now)
			if truth < earliest || truth > latest || earliest+latest != 2*x.Wall() {
				t.Fatalf("seed %d%s: the clock shows %v, from %v to %v", seed, story, x.Wall(), earliest, latest)
			}
			if off := max(x.Wall()-truth, truth-x.Wall()); latest-earliest != 2*max(half, off) {
				t.Fatalf("seed %d%s: off by %v, and %v wide", seed, story, off, latest-earliest)
			} else if off > half {
				edges++
			}
		}
	}
	if edges < 1000 {
		t.Errorf("only %d intervals had to be widened", edges)
	}
}

// Fails if the interval of a broken promise is widened all the same.
func TestBrokenPromise(t *testing.T) {
	var c Clock
	c.Step(10 * time.Millisecond)
	c.SetUncertainty(3*time.Millisecond, true)
	if a, b := c.Read(20 * ms).Interval(); a != 27*time.Millisecond || b != 33*time.Millisecond {
		t.Errorf("the interval is from %v to %v, want 27ms to 33ms", a, b)
	}
	c.SetUncertainty(3*time.Millisecond, false)
	if a, b := c.Read(20 * ms).Interval(); a != 20*time.Millisecond || b != 40*time.Millisecond {
		t.Errorf("the interval is from %v to %v, want 20ms to 40ms", a, b)
	}
}

// Fails if fakes cannot make every reading, or if bounds wrap around.
func TestReadingsOfFakes(t *testing.T) {
	if a, b := At(5, 3).Interval(); a != 5 || b != 5 {
		t.Errorf("a certain reading is from %d to %d", a, b)
	}
	if a, b := At(5, 3).Within(7).Interval(); a != -2 || b != 12 {
		t.Errorf("the interval is from %d to %d, want -2 to 12", a, b)
	}
	if a, b := At(math.MaxInt64-1, 0).Within(2).Interval(); a != math.MaxInt64-3 || b != math.MaxInt64 {
		t.Errorf("the interval is from %d to %d", a, b)
	}
	if a, b := At(math.MinInt64+1, 0).Within(2).Interval(); a != math.MinInt64 || b != math.MinInt64+3 {
		t.Errorf("the interval is from %d to %d", a, b)
	}
}

func TestRefusals(t *testing.T) {
	for want, f := range map[string]func(*Clock){
		"clock: smear over 0s":         func(c *Clock) { c.Smear(0, 1, 0) },
		"clock: uncertainty of -1ns":   func(c *Clock) { c.SetUncertainty(-1, false) },
		"clock: smear over -1s, want ": func(c *Clock) { c.Smear(0, 1, -time.Second) },
	} {
		func() {
			defer func() {
				if e := fmt.Sprint(recover()); !strings.HasPrefix(e, want) {
					t.Errorf("%q, want %q", e, want)
				}
			}()
			f(new(Clock))
		}()
	}
}
