package clock

import (
	"fmt"
	"math"
	"math/rand"
	"reflect"
	"strings"
	"testing"
	"time"
)

const ms = Time(time.Millisecond)

// shows fails unless the clock shows these hands at true time now.
func shows(t *testing.T, c *Clock, now Time, wall, mono time.Duration) {
	t.Helper()
	if r := c.Read(now); r.wall != wall || r.mono != mono {
		t.Errorf("at %v the clock shows wall %v and mono %v, want %v and %v", now, r.wall, r.mono, wall, mono)
	}
}

func TestZeroClockIsRight(t *testing.T) {
	var c Clock
	for _, now := range []Time{0, 1, 7 * ms, Time(365 * 24 * time.Hour), Never} {
		shows(t, &c, now, time.Duration(now), time.Duration(now))
		if at := c.When(now, time.Duration(now)); at != now {
			t.Errorf("the hand shows %v at %v", now, at)
		}
	}
}

// A step moves the wall clock and not the monotonic hand. Fails if timers could be moved by a step.
func TestStep(t *testing.T) {
	var c Clock
	c.Step(3 * time.Second)
	shows(t, &c, 5*ms, 3*time.Second+5*time.Millisecond, 5*time.Millisecond)
	c.Step(-10 * time.Second)
	shows(t, &c, 6*ms, -7*time.Second+6*time.Millisecond, 6*time.Millisecond)
	if at := c.After(6*ms, time.Millisecond); at != 7*ms {
		t.Errorf("after a step, 1ms more is at %v, want 7ms", at)
	}
}

func TestDrift(t *testing.T) {
	var fast, slow Clock
	fast.SetDrift(0, 200)
	slow.SetDrift(0, -200)
	second := Time(time.Second)
	shows(t, &fast, second, time.Second+200*time.Microsecond, time.Second+200*time.Microsecond)
	shows(t, &slow, second, time.Second-200*time.Microsecond, time.Second-200*time.Microsecond)
	if at := fast.After(0, time.Second); at >= second || at < second-200_000 {
		t.Errorf("a fast clock's second ends at %v", at)
	}
	if at := slow.After(0, time.Second); at <= second || at > second+200_100 {
		t.Errorf("a slow clock's second ends at %v", at)
	}
}

func TestFreezeAndThaw(t *testing.T) {
	var c Clock
	c.Step(time.Second)
	c.Freeze(10 * ms)
	c.Freeze(15 * ms) // already frozen
	shows(t, &c, 20*ms, time.Second+10*time.Millisecond, 10*time.Millisecond)
	if at := c.After(20*ms, 1); at != Never {
		t.Errorf("a frozen hand moves on at %v", at)
	}
	if at := c.When(20*ms, 10*time.Millisecond); at != 20*ms {
		t.Errorf("a frozen hand shows what it shows at %v, want now", at)
	}
	c.Step(time.Second) // whoever sets a stopped clock
	c.SetDrift(25*ms, 500_000)
	shows(t, &c, 26*ms, 2*time.Second+10*time.Millisecond, 10*time.Millisecond)
	c.Thaw(30 * ms)
	c.Thaw(31 * ms) // goes already
	shows(t, &c, 32*ms, 2*time.Second+13*time.Millisecond, 13*time.Millisecond)
}

// random changes a clock in some way, and says how.
func random(r *rand.Rand, c *Clock, now Time) string {
	switch r.Intn(7) {
	case 5:
		d, over := time.Duration(r.Int63n(2e9)-1e9), time.Duration(r.Int63n(int64(time.Hour))+1)
		c.Smear(now, d, over)
		return fmt.Sprint("smear ", d, " over ", over)
	case 6:
		c.EndSmear(now)
		return "end of smear"
	case 0:
		c.Freeze(now)
		return "freeze"
	case 1:
		c.Thaw(now)
		return "thaw"
	case 2:
		d := time.Duration(r.Int63n(2e9) - 1e9)
		c.Step(d)
		return fmt.Sprint("step ", d)
	}
	ppm := []int64{0, 1, -1, 50, -200, 200, 500_000, -500_000, -999_999, 1_000_000, r.Int63n(1_999_999) - 999_999}[r.Intn(11)]
	c.SetDrift(now, ppm)
	return fmt.Sprint("drift ", ppm)
}

// Neither hand jumps when the rate changes or the clock stops, and the monotonic one never goes back. Fails if a
// change of rate were applied to the time that has passed already.
func TestHandsAreContinuous(t *testing.T) {
	for seed := range int64(200) {
		r := rand.New(rand.NewSource(seed))
		var c Clock
		now, story := Time(0), ""
		for range 50 {
			now += Time(r.Int63n(int64(time.Hour)))
			before, offset := c.Read(now), c.offset+c.smear.gained(c.monotonic(now))
			story += fmt.Sprintf("; %v %s", now, random(r, &c, now))
			after := c.Read(now)
			if after.Sub(before) != 0 || after.Wall()-before.Wall() != c.offset+c.smear.gained(c.monotonic(now))-offset {
				t.Fatalf("seed %d%s: mono jumps by %v, wall by %v", seed, story, after.Sub(before), after.Wall()-before.Wall())
			}
			for k := range Time(10) {
				if c.monotonic(now+k) > c.monotonic(now+k+1) {
					t.Fatalf("seed %d%s: the hand goes back after %v", seed, story, now+k)
				}
			}
		}
	}
}

// When is the exact inverse of the monotonic hand: at When(x) it shows at least x, and a nanosecond before it did not.
// Fails for a When that rounds, or that forgets the fraction of a nanosecond since the rate last changed.
func TestWhenIsTheInverse(t *testing.T) {
	for seed := range int64(3000) {
		r := rand.New(rand.NewSource(seed))
		var c Clock
		now, story := Time(0), ""
		for range 1 + r.Intn(4) {
			now += Time(r.Int63n(int64(time.Second)))
			story += fmt.Sprintf("; %v %s", now, random(r, &c, now))
		}
		now += Time(r.Int63n(1000))
		for _, d := range []time.Duration{0, 1, 2, 3, time.Duration(r.Int63n(100)), time.Duration(r.Int63n(int64(time.Hour))), 365 * 24 * time.Hour} {
			x := c.Deadline(now, d)
			at := c.When(now, x)
			if at != c.After(now, d) {
				t.Errorf("seed %d%s: After says %v, When %v", seed, story, c.After(now, d), at)
			}
			switch {
			case c.frozen && d > 0:
				if at != Never {
					t.Errorf("seed %d%s: a frozen hand moves on at %v", seed, story, at)
				}
			case at == Never: // beyond what a Time can hold
				if c.monotonic(Never) >= x {
					t.Fatalf("seed %d%s: now %v, the hand shows %v before the end of time", seed, story, now, x)
				}
			case at < now || c.monotonic(at) < x || at > now && c.monotonic(at-1) >= x:
				t.Fatalf("seed %d%s: now %v, the hand shows %v from %v: %v, and %v just before", seed, story, now, x, at, c.monotonic(at), c.monotonic(at-1))
			}
		}
	}
}

// A year at every rate does not overflow, and what cannot be reached is Never and not a time gone by.
func TestLongTimes(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, ppm := range []int64{-999_999, -500_000, -1, 0, 1, 500_000, 1_000_000} {
		var c Clock
		c.SetDrift(0, ppm)
		want := int64(year) / million * (million + ppm)
		if got := c.Read(Time(year)).Sub(At(0, 0)); int64(got) != want {
			t.Errorf("drift %d: a year later the hand shows %d, want %d", ppm, got, want)
		}
		for _, d := range []time.Duration{year, 200 * year, math.MaxInt64} {
			if at := c.After(Time(year), d); at <= Time(year) {
				t.Errorf("drift %d: %v later is at %v", ppm, d, at)
			}
		}
	}
	var slow Clock
	slow.SetDrift(0, -999_999)
	if at := slow.After(0, year); at != Never {
		t.Errorf("a year on a clock a million times too slow ends at %v, want never", at)
	}
	if d := slow.Deadline(Time(year), math.MaxInt64); d != math.MaxInt64 {
		t.Errorf("the longest deadline is %v", d)
	}
}

func TestWhenInThePast(t *testing.T) {
	var c Clock
	c.SetDrift(0, -300_000)
	if at := c.When(50*ms, time.Millisecond); at != 50*ms {
		t.Errorf("what the hand shows already it shows at %v, want now, 50ms", at)
	}
	if at := c.After(50*ms, -time.Second); at != 50*ms {
		t.Errorf("a negative time ends at %v, want now, 50ms", at)
	}
}

// A timer that was set before the rate changed: the deadline stays, and When is asked again.
func TestDeadlineOutlivesAChangeOfRate(t *testing.T) {
	var c Clock
	deadline := c.Deadline(0, 100*time.Millisecond)
	c.SetDrift(50*ms, -500_000) // the second half takes twice as long
	if at := c.When(60*ms, deadline); at != 150*ms {
		t.Errorf("the timer ends at %v, want 150ms", at)
	}
	c.Freeze(60 * ms)
	if at := c.When(70*ms, deadline); at != Never {
		t.Errorf("on a frozen clock the timer ends at %v", at)
	}
	c.Thaw(160 * ms)
	if at := c.When(160*ms, deadline); at != 250*ms {
		t.Errorf("after 100ms of standing still the timer ends at %v, want 250ms", at)
	}
}

func TestSetDriftRefuses(t *testing.T) {
	for _, ppm := range []int64{-1_000_000, -1_000_001, 1_000_001, math.MinInt64, math.MaxInt64} {
		func() {
			defer func() {
				if e := fmt.Sprint(recover()); !strings.HasPrefix(e, "clock: drift of ") {
					t.Errorf("drift of %d: %s", ppm, e)
				}
			}()
			new(Clock).SetDrift(0, ppm)
		}()
	}
}

func TestTime(t *testing.T) {
	for _, x := range []struct {
		t    Time
		d    time.Duration
		want Time
	}{{5, 3, 8}, {5, -3, 2}, {Never, 1, Never}, {Never - 1, 5, Never}, {1, math.MaxInt64, Never}, {0, math.MaxInt64, Never}} {
		if got := x.t.Add(x.d); got != x.want {
			t.Errorf("%d plus %d is %d, want %d", x.t, x.d, got, x.want)
		}
	}
	if got := (7 * ms).Sub(2 * ms); got != 5*time.Millisecond {
		t.Errorf("Sub gives %v", got)
	}
	if a, b := (1500 * Time(time.Microsecond)).String(), Never.String(); a != "1.5ms" || b != "never" {
		t.Errorf("times print as %s and %s", a, b)
	}
}

// Fails if somebody makes true time and a reading, or true time and a duration, the same type or lets one convert
// into the other unnoticed.
func TestTypesDoNotMix(t *testing.T) {
	truth, reading, duration := reflect.TypeFor[Time](), reflect.TypeFor[Reading](), reflect.TypeFor[time.Duration]()
	if truth.ConvertibleTo(reading) || reading.ConvertibleTo(truth) || reading.ConvertibleTo(duration) || duration.ConvertibleTo(reading) {
		t.Error("a reading converts into another type")
	}
	if truth.AssignableTo(duration) || duration.AssignableTo(truth) || truth.AssignableTo(reflect.TypeFor[int64]()) {
		t.Error("true time can be assigned to another type")
	}
	for i := range reading.NumField() {
		if f := reading.Field(i); f.IsExported() {
			t.Errorf("the field %s of a reading is exported", f.Name)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	var c Clock
	c.SetDrift(0, 50)
	now := Time(0)
	for b.Loop() {
		now += 1000
		c.Read(now)
	}
}

func BenchmarkAfter(b *testing.B) {
	var c Clock
	c.SetDrift(0, 50)
	now := Time(0)
	for b.Loop() {
		now += 1000
		c.After(now, time.Millisecond)
	}
}
