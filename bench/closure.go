package bench

// Delays are uniform between these, in nanoseconds, in all three rows.
const (
	leastDelay = 500_000
	mostDelay  = 5_000_000
)

// closures is a simulator whose events are closures.
type closures struct {
	queue heap[func()]
	now   int64
	rng   uint64
	calls uint64
}

// newClosures schedules the first events.
func newClosures(inFlight int) *closures {
	c := &closures{rng: 1}
	for range inFlight {
		c.queue.push(c.delay(), c.ping(1000))
	}
	return c
}

// ping returns the event in which a message that has been passed on hops times is handled.
func (c *closures) ping(hops uint64) func() {
	return func() {
		c.calls++
		c.queue.push(c.now+c.delay(), c.ping(hops+1))
	}
}

// delay draws from one sequential stream (xorshift64, Marsaglia 2003), the cheapest that there is.
func (c *closures) delay() int64 {
	c.rng ^= c.rng << 13
	c.rng ^= c.rng >> 7
	c.rng ^= c.rng << 17
	return leastDelay + int64(c.rng>>32*(mostDelay-leastDelay)>>32)
}

// run pops events and calls them.
func (c *closures) run(calls uint64) uint64 {
	for c.calls < calls {
		var event func()
		c.now, event = c.queue.pop()
		event()
	}
	return c.calls
}
