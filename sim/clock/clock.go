// Package clock tells true time from what a node believes.
//
// True time, [Time], belongs to the world: nanoseconds since the start of the run. A node only ever sees
// a [Reading] of its own [Clock], which may be offset, drift, be stepped and stand still. The two are
// different types, so that no protocol can mix them up.
//
// A clock has two hands, as on Linux. The wall clock says what time it is: it can be wrong by an offset and can
// be stepped forward or back. The monotonic clock says how much time has passed: it drifts and freezes as the
// wall clock does, and is never stepped. Timers run on the monotonic one.
package clock

import (
	"math"
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
// one node, say nothing about one another.
type Reading struct {
	wall, mono time.Duration
}

// At makes a reading, for fakes in tests.
func At(wall, mono time.Duration) Reading { return Reading{wall, mono} }

// Wall is the time of day, as the time since the start of the run according to this node.
func (r Reading) Wall() time.Duration { return r.wall }

// Sub is the time that has passed since an earlier reading of the same clock in the same life, by its monotonic hand.
func (r Reading) Sub(earlier Reading) time.Duration { return r.mono - earlier.mono }

// A Clock turns true time into readings. The zero Clock is right. Its methods that take the present must be called with
// times that do not go back.
type Clock struct {
	since  Time          // when the rate last changed
	mono   time.Duration // what the monotonic hand showed then
	offset time.Duration // wall minus mono
	drift  int64         // parts per million
	frozen bool
}

// Read returns what the clock shows at true time now.
func (c *Clock) Read(now Time) Reading {
	m := c.monotonic(now)
	return Reading{m + c.offset, m}
}

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
