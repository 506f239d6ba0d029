// Package clock tells true time from what a node believes.
//
// True time, [Time], belongs to the world: nanoseconds since the start of the run. A node only ever sees
// a [Reading] of its own [Clock], which may be offset, drift, be stepped and stand still. The two are
// different types, so that no protocol can mix them up.
//
// # Two hands
//
// A clock has two hands, as on Linux. The wall clock (CLOCK_REALTIME) says what time it is; it may be wrong, and it is set
// by others. The monotonic clock (CLOCK_MONOTONIC) says how much time has passed since the machine was booted; nobody
// sets it. Both are driven by one oscillator, so that what is wrong with that is wrong with both:
//
//	                      wall                        monotonic
//	offset                wrong from the start        right
//	step                  jumps, also back            goes on
//	strobe                jumps to and fro            goes on
//	smear                 a little fast or slow       goes on
//	drift                 fast or slow                fast or slow
//	freeze                stands still                stands still
//	node suspended        stands still                stands still, and so do timers
//	node paused           goes on                     goes on; timers fire late, one after another
//	node boots again      goes on                     begins at 0
//	  with a dead battery what it showed at the start begins at 0
//
// Timers run on the monotonic hand, so that no step and no smear makes them late. It never goes back within a life.
// The wall clock does: whoever subtracts two readings of it may get less than 0. A machine that is suspended here is a
// virtual one whose host stops it: afterwards nobody has told it how late it is, until a step does.
//
// # Uncertainty
//
// Some clocks say how wrong they may be: [Reading.Interval] is the earliest and the latest that it can be by true time, as
// TrueTime's TT.now() in Spanner (Corbett and others, OSDI 2012, section 3). The world keeps this promise for all that a
// plan does to a clock, unless the plan says that the promise is broken. Then something has happened before a moment s for
// certain if latest < s, and after it if earliest > s. To give an event a timestamp that respects the true order of events,
// take s = latest when it begins, and tell nobody of it before earliest > s: that is the commit wait of section 4.1.2.
package clock

import (
	"math"
	"math/bits"
	"strconv"
	"time"
)

// Time is true time: nanoseconds since the start of the run.
type Time int64

// Never is later than everything.
const Never Time = math.MaxInt64

// Add returns the time d later.
func (t Time) Add(d time.Duration) Time {
	if s := t + Time(d); d < 0 || s >= t {
		return s
	}
	return Never
}

// Sub returns the time from earlier to t.
func (t Time) Sub(earlier Time) time.Duration { return time.Duration(t - earlier) }

// String prints a time as the duration since the start of the run.
func (t Time) String() string {
	if t == Never {
		return "never"
	}
	return time.Duration(t).String()
}

// A Reading is what a node's own clock showed at some moment. Readings of different nodes, or of different lives of
// one node, say nothing about one another, but for their wall hands as far as those are right.
type Reading struct {
	wall, mono, half time.Duration
}

// At makes a reading whose uncertainty is 0, for fakes in tests.
func At(wall, mono time.Duration) Reading { return Reading{wall: wall, mono: mono} }

// Within returns the same reading with an uncertainty of so much either way, for fakes in tests.
func (r Reading) Within(half time.Duration) Reading {
	r.half = half
	return r
}

// Wall is the time of day, as the time since the start of the run according to this node.
func (r Reading) Wall() time.Duration { return r.wall }

// Sub is the time that has passed since an earlier reading of the same clock in the same life, by its monotonic hand.
func (r Reading) Sub(earlier Reading) time.Duration { return r.mono - earlier.mono }

// Interval returns the bounds within which true time was when the clock was read, both included, as times since the start
// of the run. They are as far before the wall hand as behind it. The package comment says how to use them.
func (r Reading) Interval() (earliest, latest time.Duration) {
	if latest = r.wall + r.half; latest < r.wall {
		latest = math.MaxInt64
	}
	if earliest = r.wall - r.half; earliest > r.wall {
		earliest = math.MinInt64
	}
	return earliest, latest
}

// A Clock turns true time into readings. The zero Clock is right, and certain of it. Its methods that take the present must
// be called with times that do not go back.
type Clock struct {
	since  Time          // when the rate last changed
	mono   time.Duration // what the monotonic hand showed then
	offset time.Duration // wall minus mono
	drift  int64         // parts per million
	frozen bool
	broken bool          // the interval is not widened
	boot   time.Duration // what the monotonic hand showed when the node booted
	half   time.Duration // of the interval
	smear  smear
}

// A smear adds to the wall hand, little by little.
type smear struct {
	from     time.Duration // by the monotonic hand
	by, over time.Duration // none if over is 0
}

// Read returns what the clock shows at true time now.
func (c *Clock) Read(now Time) Reading {
	m := c.monotonic(now)
	wall, half := m+c.offset, c.half
	if c.smear.over != 0 {
		wall += c.smear.gained(m)
	}
	if !c.broken {
		half = max(half, wall-time.Duration(now), time.Duration(now)-wall)
	}
	return Reading{wall, m - c.boot, half}
}

// monotonic is the hand that Deadline and When go by. It goes on over boots; what a node reads counts from its boot.
func (c *Clock) monotonic(now Time) time.Duration {
	if c.frozen {
		return c.mono
	}
	d := int64(now - c.since)
	if c.drift == 0 {
		return c.mono + time.Duration(d)
	}
	rate := million + c.drift
	return c.mono + time.Duration(d/million*rate+d%million*rate/million) // d*rate/million, without overflow
}

const million = 1_000_000

// gained is how much the smear has added when the monotonic hand shows m.
func (s *smear) gained(m time.Duration) time.Duration {
	past := m - s.from
	switch {
	case past <= 0:
		return 0
	case past >= s.over:
		return s.by
	}
	by := uint64(s.by)
	if s.by < 0 {
		by = -by
	}
	hi, lo := bits.Mul64(by, uint64(past))
	part, _ := bits.Div64(hi, lo, uint64(s.over)) // less than by: past < over
	if s.by < 0 {
		return -time.Duration(part)
	}
	return time.Duration(part)
}

// Smear makes the wall hand gain d, or lose it if d is negative, evenly while the monotonic hand moves on by over, as time
// servers do around a leap second. It takes the place of what is left of a smear before it, as adjtime(3) does. Steps and
// smears add up. If it is to lose more than over, the wall clock runs backwards meanwhile. It panics unless over is
// positive.
func (c *Clock) Smear(now Time, d, over time.Duration) {
	if over <= 0 {
		panic("clock: smear over " + over.String() + ", want more than 0")
	}
	c.EndSmear(now)
	c.smear = smear{c.monotonic(now), d, over}
}

// EndSmear ends a smear where it is: what the wall hand has gained by now it keeps.
func (c *Clock) EndSmear(now Time) {
	if c.smear.over != 0 {
		c.offset += c.smear.gained(c.monotonic(now))
		c.smear = smear{}
	}
}

// SetUncertainty sets how far from the wall hand true time may be for what [Reading.Interval] promises. Where the clock is
// wrong by more, the interval is widened until it contains true time, which is then one of its ends; unless broken is true.
// Neither is what a node can know: the world breaks the promise, or goes to the edge of it. It panics if half is negative.
func (c *Clock) SetUncertainty(half time.Duration, broken bool) {
	if half < 0 {
		panic("clock: uncertainty of " + half.String() + ", want 0 or more")
	}
	c.half, c.broken = half, broken
}

// Boot says that the node boots: its monotonic hand begins at 0, and the wall clock goes on. Deadlines are not touched,
// since timers do not outlive the boot.
func (c *Clock) Boot(now Time) { c.boot = c.monotonic(now) }

// Reset sets the wall clock to a time, as a machine does at boot that has no battery for its clock. It ends a smear.
func (c *Clock) Reset(now Time, wall time.Duration) {
	c.smear = smear{}
	c.offset = wall - c.monotonic(now)
}

// Step moves the wall clock by d, which may be negative.
func (c *Clock) Step(d time.Duration) { c.offset += d }

// SetDrift makes the clock run fast by ppm parts per million from now on; slow, if ppm is negative. It panics unless
// -1,000,000 < ppm <= 1,000,000: a clock that stands still is a frozen one.
func (c *Clock) SetDrift(now Time, ppm int64) {
	if ppm <= -million || ppm > million {
		panic("clock: drift of " + strconv.FormatInt(ppm, 10) + " ppm, want more than -1000000 and at most 1000000")
	}
	c.mono, c.since, c.drift = c.monotonic(now), now, ppm
}

// Freeze stops both hands until Thaw.
func (c *Clock) Freeze(now Time) {
	c.mono, c.since, c.frozen = c.monotonic(now), now, true
}

// Thaw lets a frozen clock go on from where it stood.
func (c *Clock) Thaw(now Time) {
	if c.frozen {
		c.since, c.frozen = now, false
	}
}

// After returns the earliest true time, not before now, at which the monotonic hand will have moved on by at least d
// if the clock goes on as it does; Never if it is frozen. Where the rate may change before that time comes, keep the
// [Clock.Deadline] and ask [Clock.When] after each change.
func (c *Clock) After(now Time, d time.Duration) Time { return c.When(now, c.Deadline(now, d)) }

// Deadline is what the monotonic hand will show when it has moved on by d: a value for [Clock.When].
// A d that is too long to add, such as the longest duration there is, makes it the longest duration there is.
func (c *Clock) Deadline(now Time, d time.Duration) time.Duration {
	m := c.monotonic(now)
	if d > math.MaxInt64-m {
		return math.MaxInt64
	}
	return m + d
}

// When returns the earliest true time, not before now, at which the monotonic hand shows at least mono if the clock
// goes on as it does; Never if it is frozen before that, or if that time is beyond what a [Time] can hold.
func (c *Clock) When(now Time, mono time.Duration) Time {
	if c.monotonic(now) >= mono {
		return now
	}
	if c.frozen {
		return Never
	}
	left, rate := int64(mono-c.mono), million+c.drift
	if left/rate >= math.MaxInt64/million {
		return Never
	}
	// left*million/rate, rounded up, without overflow: monotonic rounds down.
	return c.since.Add(time.Duration(left/rate*million + (left%rate*million+rate-1)/rate))
}
