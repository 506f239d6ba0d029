package net

import (
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

// What is under way when a link breaks is lost, however late it would arrive; what is sent until it is whole again is lost
// too; what comes after arrives. Fails if only the time for which the link is down counts.
func TestBreak(t *testing.T) {
	n := network(Link{Law: Law{Kind: Constant, Least: 100 * time.Millisecond}, Ordered: true})
	c, f, l := chance.Seeded(1), n.Flow(0, 1, accept), n.Link(0, 1)
	if x := f.Send(&c, 10*ms, 1); x.At != 110*ms {
		t.Fatalf("before: %s", tell(x))
	}
	l.Break(20*ms, 40*ms)
	if x := f.Send(&c, 30*ms, 1); x.Why != Broken {
		t.Errorf("meanwhile: %s", tell(x))
	}
	l.Up(40 * ms)
	if l.Cut() || !l.Stops(10*ms) || !l.Stops(20*ms) || l.Why(10*ms) != Broken {
		t.Errorf("whole again: cut %t, stops what was sent before %t", l.Cut(), l.Stops(10*ms))
	}
	l.Law = Law{Kind: Constant, Least: time.Millisecond}
	x := f.Send(&c, 40*ms, 1)
	if x.At != 41*ms || x.Overtook || l.Stops(40*ms) {
		t.Errorf("after: %s, stopped %t; want it behind nothing of the connection before", tell(x), l.Stops(40*ms))
	}
}

// What waits for the wire when a link breaks is gone, and nothing waits behind it.
func TestBreakEmptiesTheQueue(t *testing.T) {
	n := network(Link{Rate: 1000})
	c, f := chance.Seeded(1), n.Flow(0, 1, accept)
	f.Send(&c, 0, 5000)
	n.Link(0, 1).Break(10*ms, 10*ms)
	n.Link(0, 1).Up(10 * ms)
	if x := f.Send(&c, 11*ms, 100); x.At != 111*ms {
		t.Errorf("%s, want at 111ms", tell(x))
	}
}

// A link that is down comes up at the latest of the times that were set, stays cut if it is cut, and is mended by Mend and
// MendAll. Fails if the reasons share a flag.
func TestDownAndUp(t *testing.T) {
	ab := func(n *Network) *Link { return n.Link(0, 1) }
	a, b := []int{0}, []int{1}
	for _, x := range []struct {
		what string
		do   func(n *Network)
		cut  bool
		why  Why
	}{
		{"down", func(n *Network) { ab(n).Down(20 * ms) }, true, Cut},
		{"up", func(n *Network) { ab(n).Down(20 * ms); ab(n).Up(20 * ms) }, false, Cut},
		{"up too soon", func(n *Network) { ab(n).Down(20 * ms); ab(n).Down(10 * ms); ab(n).Up(10 * ms) }, true, Cut},
		{"broken", func(n *Network) { ab(n).Break(ms, 20*ms) }, true, Broken},
		{"broken and down", func(n *Network) { ab(n).Down(30 * ms); ab(n).Break(ms, 20*ms); ab(n).Up(20 * ms) }, true, Broken},
		{"cut and broken", func(n *Network) { n.Cut(a, b, true); ab(n).Break(ms, 20*ms) }, true, Cut},
		{"cut, broken, up", func(n *Network) { n.Cut(a, b, true); ab(n).Break(ms, 20*ms); ab(n).Up(20 * ms) }, true, Cut},
		{"down, mended", func(n *Network) { ab(n).Down(20 * ms); n.Mend(a, b, true) }, false, Cut},
		{"broken, mended", func(n *Network) { ab(n).Break(ms, 20*ms); n.MendAll() }, false, Broken},
		{"mended, down for less", func(n *Network) { ab(n).Down(90 * ms); n.MendAll(); ab(n).Down(20 * ms); ab(n).Up(20 * ms) }, false, Cut},
	} {
		n := network(Link{})
		if x.do(n); ab(n).Cut() != x.cut || ab(n).Why(0) != x.why {
			t.Errorf("%s: cut %t, why %d; want %t, %d", x.what, ab(n).Cut(), ab(n).Why(0), x.cut, x.why)
		}
		if n.Link(1, 0).Stops(0) || n.Link(0, 2).Stops(0) {
			t.Errorf("%s: it stops other links too", x.what)
		}
	}
}

// A link under one law of order after another keeps order across the change, even if the second is quicker; and so does an
// ordered link under any laws.
func TestOrderAcrossAChangeOfLaw(t *testing.T) {
	slow, quick := law(t, "in-order 50ms 100ms"), law(t, "in-order 0s 1ms")
	for _, laws := range [][2]Law{{slow, quick}, {law(t, "uniform 50ms 100ms"), quick}, {slow, law(t, "constant 0s")}} {
		n := network(Link{Law: laws[0], Ordered: laws[1].Kind == Constant})
		c, f, last := chance.Seeded(2), n.Flow(0, 1, accept), clock.Time(-1)
		for i := range 100 {
			if i == 50 {
				n.Link(0, 1).Law = laws[1]
			}
			x := f.Send(&c, clock.Time(i)*ms, 1)
			if i >= 50 && (x.At <= last || x.Overtook) {
				t.Errorf("from %v to %v: message %d arrives at %v, after one at %v", laws[0], laws[1], i, x.At, last)
			}
			last = max(last, x.At)
		}
	}
}

// Rates that change during a run hold for what is sent from then on, and the picks stay those of the message: a window
// of loss loses the same messages as a loss of the whole run does within it.
func TestWindowOfLoss(t *testing.T) {
	whole := fates(network(Link{Loss: 300_000}), 4, 90)
	n := network(Link{})
	c, f, lost := chance.Seeded(4), n.Flow(0, 1, accept), 0
	for i := range whole {
		n.Link(0, 1).Loss = map[bool]uint32{true: 300_000}[i >= 30 && i < 60]
		x := f.Send(&c, clock.Time(i)*ms, 100)
		if want := whole[i].Why == Lost && i >= 30 && i < 60; (x.Why == Lost) != want {
			t.Errorf("message %d: %s, over the whole run %s", i+1, tell(x), tell(whole[i]))
		}
		if x.Why == Lost {
			lost++
		}
	}
	if lost < 3 || lost > 16 {
		t.Errorf("%d of 30 lost in the window, want about 9", lost)
	}
}
