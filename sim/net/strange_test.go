package net

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

var odd = Link{Law: Law{Uniform, 0, 10 * time.Millisecond, 0}, Loss: 50_000, Repeat: 100_000, Corrupt: 200_000, Garble: 200_000, Stale: 200_000}

// The first fates on links that damage, alter and hold back. What fails here has changed the meaning of every saved seed.
func TestStrangeFatesGolden(t *testing.T) {
	var b strings.Builder
	for _, seed := range []uint64{0, 7, 42} {
		fmt.Fprintf(&b, "seed %d:\n", seed)
		for i, x := range fates(network(odd), seed, 20) {
			fmt.Fprintf(&b, "  %d %s\n", i+1, tell(x))
		}
	}
	golden(t, "testdata/strange.golden", b.String())
}

// Five standard deviations each. A rate wired to nothing, or to another's pick, fails.
func TestStrangeRates(t *testing.T) {
	const n = 20_000
	out := fates(network(Link{Corrupt: 50_000, Garble: 100_000, Stale: 200_000}), 3, n)
	for _, x := range []struct {
		what        string
		is          func(Fate) bool
		least, most int
	}{
		{"corrupt", func(x Fate) bool { return x.Why == Corrupted }, 846, 1154},
		{"garbled", func(x Fate) bool { return x.Garbled }, 1693, 2107},
		{"stale", func(x Fate) bool { return x.Stale }, 3524, 4076},
		{"both", func(x Fate) bool { return x.Garbled && x.Stale }, 284, 476},
		{"damaged and something", func(x Fate) bool { return x.Why == Corrupted && (x.Garbled || x.Stale || x.Again != 0) }, 0, 0},
	} {
		if got := count(out, x.is); got < x.least || got > x.most {
			t.Errorf("%s: %d of %d, want %d to %d", x.what, got, n, x.least, x.most)
		}
	}
}

// What is done to some messages changes nothing of the others: their loss, delay and copies are those of a link without
// the new rates. Fails if the new picks share a key with the old ones, or move them.
func TestStrangeRatesChangeNoOtherFate(t *testing.T) {
	usual := odd
	usual.Corrupt, usual.Garble, usual.Stale = 0, 0, 0
	plain, got := fates(network(usual), 9, 300), fates(network(odd), 9, 300)
	same := 0
	for i, x := range got {
		if x.Why == Corrupted || x.Stale || x.Garbled {
			continue
		}
		a, b := plain[i], x
		if a.Overtook, b.Overtook = false, false; a != b {
			t.Errorf("message %d: %s, on a usual link %s", i+1, tell(x), tell(plain[i]))
		}
		same++
	}
	if same < 100 {
		t.Errorf("only %d of 300 messages are as usual: the test says little", same)
	}
}

// A message that is held back holds up none, and none overtakes it: nobody knows when it will come.
func TestStaleHoldsUpNone(t *testing.T) {
	n := fixed(Link{Law: Law{Kind: InOrder, Least: 50 * time.Millisecond, Most: 50 * time.Millisecond}},
		Fix{To: 1, Stream: "Accept", N: 1, Stale: true})
	c, f := chance.Seeded(1), n.Flow(0, 1, accept)
	if x := f.Send(&c, 0, 1); !x.Stale || x.Lingers || x.Why != Arrived {
		t.Errorf("the first: %+v, want it stale", x)
	}
	n.Link(0, 1).Law = Law{Kind: Constant}
	if x := f.Send(&c, 10*ms, 1); x.At != 10*ms || x.Overtook {
		t.Errorf("the second: %+v, want it at once", x)
	}
}

// Once the network is calm a message that was to be held back takes its place among the others. Fails if it is still held
// back, since nobody will start again.
func TestNothingIsHeldBackWhenAllIsCalm(t *testing.T) {
	n := fixed(Link{Law: Law{Kind: InOrder}}, Fix{To: 1, Stream: "Accept", N: 2, Stale: true})
	c, f := chance.Seeded(1), n.Flow(0, 1, accept)
	f.Send(&c, 5*ms, 1)
	n.Calm(10 * ms)
	if x := f.Send(&c, 5*ms, 1); x.Stale || x.At != 5*ms+1 {
		t.Errorf("%+v, want it right behind the one before", x)
	}
}

// Links that keep order resend what is damaged and have no connection that outlives its ends; what they carry can still
// be altered, by a checksum as weak as TCP's. A plan's word for one message holds on them too.
func TestOrderedLinksAndStrangeRates(t *testing.T) {
	l := Link{Ordered: true, Corrupt: million, Stale: million, Garble: million}
	for i, x := range fates(network(l), 1, 20) {
		if want := (Fate{At: clock.Time(i) * ms, Garbled: true}); x.Why != Arrived || x.Stale || !x.Garbled || x.At < want.At {
			t.Errorf("message %d: %+v, want it garbled and on time", i+1, x)
		}
	}
	n := fixed(Link{Ordered: true}, Fix{To: 1, Stream: "Accept", N: 1, Corrupt: true}, Fix{To: 1, Stream: "Accept", N: 2, Stale: true})
	if out := fates(n, 1, 2); out[0].Why != Corrupted || !out[1].Stale {
		t.Errorf("%+v", out)
	}
}

// What a plan says of one message happens to it whatever chance would say, and nothing else does. Fails if a link's rates
// still hold for a message that is named.
func TestFixStrange(t *testing.T) {
	all := odd
	all.Loss, all.Corrupt, all.Garble, all.Stale, all.Repeat = million, million, million, million, 0
	late := Fix{Late: time.Second}
	for _, x := range []struct {
		what  string
		fixes []Fix
		want  Fate // but for when it arrives
	}{
		{"corrupt", []Fix{{Corrupt: true}}, Fate{Why: Corrupted}},
		{"garble", []Fix{{Garble: true}}, Fate{Garbled: true}},
		{"stale", []Fix{{Stale: true}}, Fate{Stale: true}},
		{"late", []Fix{late}, Fate{Lingers: true}},
		{"garble, late", []Fix{{Garble: true}, late}, Fate{Garbled: true, Lingers: true}},
		{"stale, late", []Fix{late, {Stale: true}}, Fate{Stale: true}},
		{"garble, stale", []Fix{{Stale: true}, {Garble: true}}, Fate{Garbled: true, Stale: true}},
		{"garble, corrupt", []Fix{{Garble: true}, {Corrupt: true}}, Fate{Why: Corrupted}},
		{"lose, corrupt", []Fix{{Corrupt: true}, {Lose: true}}, Fate{Why: Planned}},
	} {
		for i := range x.fixes {
			x.fixes[i].To, x.fixes[i].Stream, x.fixes[i].N = 1, "Accept", 2
		}
		out := fates(fixed(all, x.fixes...), 7, 3)
		got := out[1]
		if got.At = 0; got != x.want {
			t.Errorf("%s: %+v, want %+v", x.what, got, x.want)
		}
		if out[0].Why != Lost || out[2].Why != Lost {
			t.Errorf("%s: its neighbours are %s and %s", x.what, tell(out[0]), tell(out[2]))
		}
	}
	n := fixed(Link{}, Fix{To: 1, Stream: "Accept", N: 1, Stale: true}, Fix{To: 1, Stream: "Accept", N: 1, Repeat: time.Millisecond})
	if x := fates(n, 1, 1)[0]; !x.Stale || x.Again != ms {
		t.Errorf("stale and repeated: %+v, want the copy at 1ms", x)
	}
}

// The new picks have the names that stand in plans and tapes, and are asked for only where a rate is set.
func TestStrangePickNames(t *testing.T) {
	keys := func(l Link) map[string]bool {
		r := &chance.Recorder{Base: chance.Seed(7)}
		c, f, seen := chance.Driven(r), network(l).Flow(0, 1, accept), map[string]bool{}
		for f.Sent() < 20 {
			f.Send(&c, clock.Time(f.Sent()), 1)
		}
		for _, d := range r.Tape {
			name, _, _ := strings.Cut(d.Key, "#")
			seen[name] = true
		}
		return seen
	}
	half := keys(Link{Corrupt: 500_000, Garble: 500_000, Stale: 500_000})
	for _, name := range []string{"corrupt a1>a2 Accept", "garble a1>a2 Accept", "stale a1>a2 Accept"} {
		if !half[name] {
			t.Errorf("no pick is named %s in %v", name, half)
		}
	}
	if only := keys(Link{Garble: 500_000}); len(only) != 1 {
		t.Errorf("picks about garbling alone: %v", only)
	}
}

// A thousand bytes a second and room for 500: the first message goes to the wire, whatever its size; others wait while
// there is room, and linger. Fails if what overflows takes the wire, or if waiting bytes are counted in messages.
func TestQueueOverflows(t *testing.T) {
	n := network(Link{Rate: 1000, Queue: 500})
	c, f, other := chance.Seeded(1), n.Flow(0, 1, accept), n.Flow(0, 1, chance.NewWord("Prepare"))
	for _, x := range []struct {
		f    *Flow
		now  clock.Time
		size int
		want Fate
	}{
		{f, 0, 1000, Fate{At: 1000 * ms}},                          // larger than the queue, but nothing waits
		{f, 0, 1, Fate{Why: Overflow}},                             // the first is all before it
		{f, 600 * ms, 100, Fate{At: 1100 * ms, Lingers: true}},     // 400 of it are left
		{other, 600 * ms, 100, Fate{Why: Overflow}},                // the queue is the link's
		{other, 700 * ms, 100, Fate{At: 1200 * ms, Lingers: true}}, // 300 and 100
		{f, 1200 * ms, 100_000, Fate{At: 101200 * ms}},             // idle again
		{f, 101000 * ms, 300, Fate{At: 101500 * ms, Lingers: true}},
		{f, 101000 * ms, 1, Fate{Why: Overflow}},
	} {
		if got := x.f.Send(&c, x.now, x.size); got != x.want {
			t.Errorf("%d bytes at %v: %s, want %s", x.size, x.now, tell(got), tell(x.want))
		}
	}
}

// A queue before a wire without a rate never fills, one before a wire that is behind by ages is full, and an ordered link
// keeps what waits.
func TestQueueAtItsEnds(t *testing.T) {
	for i, x := range fates(network(Link{Queue: 1}), 1, 5) {
		if x.Why != Arrived {
			t.Errorf("without a rate, message %d: %s", i+1, tell(x))
		}
	}
	for i, x := range fates(network(Link{Rate: 1000, Queue: 1, Ordered: true}), 1, 5) {
		if want := clock.Time(i+1) * 100 * ms; x.At != want {
			t.Errorf("ordered, message %d: %s, want at %v", i+1, tell(x), want)
		}
	}
	n := network(Link{Rate: 1, Queue: 1 << 62})
	c, f := chance.Seeded(1), n.Flow(0, 1, accept)
	f.Send(&c, 0, 1_000_000_000) // thirty years
	n.Link(0, 1).Rate = 1 << 40
	if x := f.Send(&c, 0, 1); x.Why != Overflow {
		t.Errorf("behind 2^90 bytes: %s", tell(x))
	}
	fix := fixed(Link{Rate: 1000, Queue: 1}, Fix{To: 1, Stream: "Accept", N: 2, Late: time.Second})
	if x := fates(fix, 1, 2)[1]; x.Why != Arrived {
		t.Errorf("a message that a plan makes late: %s", tell(x))
	}
}
