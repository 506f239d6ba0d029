package clock_test

import (
	"fmt"
	"time"

	"simrun/sim/clock"
)

// A clock that runs 1 % fast and is a second ahead, and later is set right and stops.
func ExampleClock() {
	var c clock.Clock
	at := func(ms int64) clock.Time { return clock.Time(ms * int64(time.Millisecond)) }
	c.SetDrift(0, 10_000)
	c.Step(time.Second)
	start := c.Read(0)
	r := c.Read(at(100))
	fmt.Println("after 100ms:", r.Wall(), "on the wall,", r.Sub(start), "passed")
	fmt.Println("its next 50ms end at", c.After(at(100), 50*time.Millisecond))

	c.Step(-time.Second)
	c.Freeze(at(200))
	r = c.Read(at(300))
	fmt.Println("after 300ms:", r.Wall(), "on the wall,", r.Sub(start), "passed")
	fmt.Println("its next 50ms end at", c.After(at(300), 50*time.Millisecond))
	// Output:
	// after 100ms: 1.101s on the wall, 101ms passed
	// its next 50ms end at 149.504951ms
	// after 300ms: 202ms on the wall, 202ms passed
	// its next 50ms end at never
}

// Commit wait: an event gets a timestamp that is certainly over before anybody is told of the event.
func ExampleReading_Interval() {
	var c clock.Clock
	c.Step(3 * time.Millisecond)
	c.SetUncertainty(5*time.Millisecond, false)
	now := clock.Time(100 * time.Millisecond)
	_, stamp := c.Read(now).Interval()
	fmt.Println("stamped", stamp)
	for {
		earliest, _ := c.Read(now).Interval()
		if earliest > stamp {
			break
		}
		now += clock.Time(time.Millisecond)
	}
	fmt.Println("told at", now)
	// Output:
	// stamped 108ms
	// told at 111ms
}
