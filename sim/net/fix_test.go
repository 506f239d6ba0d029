package net

import (
	"strconv"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

func fixed(l Link, fixes ...Fix) *Network {
	n := network(l)
	for _, x := range fixes {
		n.Fix(x)
	}
	return n
}

// others fails unless all but the n-th message have the fates that they have without a fix.
func others(t *testing.T, plain, got []Fate, n int) {
	t.Helper()
	for i := range plain {
		a, b := plain[i], got[i]
		a.Overtook, b.Overtook = false, false // what is overtaken may be the fixed one
		if i != n-1 && a != b {
			t.Errorf("message %d: %s, without the fix %s", i+1, tell(b), tell(a))
		}
	}
}

var hostile = Link{Law: Law{NewestFirst, 2 * time.Millisecond, 50 * time.Millisecond, 250_000}, Loss: 200_000, Repeat: 200_000}

// Losing the third message changes nothing of the first, the second, the fourth. Fails for fates drawn from a sequence.
func TestFixLose(t *testing.T) {
	plain := fates(network(hostile), 7, 50)
	for n := 1; n <= 50; n++ {
		got := fates(fixed(hostile, Fix{From: 0, To: 1, Stream: "Accept", N: uint64(n), Lose: true}), 7, 50)
		if got[n-1] != (Fate{Why: Planned}) {
			t.Errorf("message %d was to be lost: %s", n, tell(got[n-1]))
		}
		others(t, plain, got, n)
	}
}

// A message that is made late arrives, that much later than its law says; chance cannot lose it any more.
func TestFixLate(t *testing.T) {
	sure := hostile
	sure.Loss = 0
	plain, unlost, chancy := fates(network(hostile), 7, 50), fates(network(sure), 7, 50), 0
	for n := 1; n <= 50; n++ {
		got := fates(fixed(hostile, Fix{From: 0, To: 1, Stream: "Accept", N: uint64(n), Late: time.Second}), 7, 50)
		x, want := got[n-1], unlost[n-1].At+1000*ms
		if x.Why != Arrived || x.At != want || !x.Lingers || x.Again != unlost[n-1].Again {
			t.Errorf("message %d was to be a second late, at %v: %s", n, want, tell(x))
		}
		if plain[n-1].Why == Lost {
			chancy++
		}
		others(t, plain, got, n)
	}
	if chancy < 3 {
		t.Errorf("chance loses %d of the messages: too few for this test to mean something", chancy)
	}
}

func TestFixRepeat(t *testing.T) {
	plain := fates(network(hostile), 7, 50)
	for n := 1; n <= 50; n++ {
		got := fates(fixed(hostile, Fix{From: 0, To: 1, Stream: "Accept", N: uint64(n), Repeat: 5 * time.Millisecond}), 7, 50)
		if x := got[n-1]; x.Why != Arrived || x.Again != x.At+5*ms {
			t.Errorf("message %d was to arrive again 5ms later: %s", n, tell(x))
		}
		others(t, plain, got, n)
	}
}

// A fix names a link and a stream, and holds for no other.
func TestFixHoldsForItsFlowOnly(t *testing.T) {
	plain := fates(network(hostile), 7, 20)
	got := fates(fixed(hostile,
		Fix{From: 1, To: 0, Stream: "Accept", N: 3, Lose: true},
		Fix{From: 0, To: 2, Stream: "Accept", N: 3, Lose: true},
		Fix{From: 0, To: 1, Stream: "Accepted", N: 3, Lose: true},
		Fix{From: 0, To: 1, Stream: "Accept", N: 21, Lose: true}), 7, 20)
	others(t, plain, got, 0)
}

// Two lines of a plan for one message act together. Fails if the last of them hides the others.
func TestFixesOfOneMessageActTogether(t *testing.T) {
	var l Link
	late, repeat, lose := Fix{To: 1, Stream: "Accept", N: 2, Late: 3 * time.Millisecond}, Fix{To: 1, Stream: "Accept", N: 2, Repeat: time.Millisecond}, Fix{To: 1, Stream: "Accept", N: 2, Lose: true}
	for _, x := range []struct {
		fixes []Fix
		want  Fate
	}{
		{[]Fix{late, repeat}, Fate{At: 4 * ms, Again: 5 * ms, Lingers: true}},
		{[]Fix{repeat, late}, Fate{At: 4 * ms, Again: 5 * ms, Lingers: true}},
		{[]Fix{late, late}, Fate{At: 7 * ms, Lingers: true}},
		{[]Fix{lose, late, repeat}, Fate{Why: Planned}},
	} {
		if got := fates(fixed(l, x.fixes...), 1, 2)[1]; got != x.want {
			t.Errorf("%+v: %s, want %s", x.fixes, tell(got), tell(x.want))
		}
	}
}

// A cut is stronger than a fix, and a late message holds up those behind it on an ordered link.
func TestFixAndLink(t *testing.T) {
	n := fixed(Link{Ordered: true}, Fix{To: 1, Stream: "Accept", N: 1, Late: 10 * time.Millisecond}, Fix{To: 1, Stream: "Accept", N: 3, Late: time.Millisecond})
	c, f := chance.Seeded(1), n.Flow(0, 1, accept)
	if x := f.Send(&c, 0, 1); x.At != 10*ms {
		t.Errorf("the first: %s, want at 10ms", tell(x))
	}
	if x := f.Send(&c, ms, 1); x.At != 10*ms+1 {
		t.Errorf("the second: %s, want right behind the first", tell(x))
	}
	n.Cut([]int{0}, []int{1}, false)
	if x := f.Send(&c, 2*ms, 1); x.Why != Cut {
		t.Errorf("the third: %s, want it cut off", tell(x))
	}
}

// The picks of messages have the names that stand in plans and tapes.
func TestPickNames(t *testing.T) {
	r := &chance.Recorder{Base: chance.Seed(7)}
	c := chance.Driven(r)
	f := network(Link{Law: Law{Uniform, 0, time.Second, 0}, Loss: 500_000, Repeat: 500_000}).Flow(0, 1, accept)
	for f.Sent() < 20 {
		f.Send(&c, clock.Time(f.Sent()), 1)
	}
	seen := map[string]bool{}
	for _, d := range r.Tape {
		seen[d.Key] = true
	}
	for _, key := range []string{"lose a1>a2 Accept#", "delay a1>a2 Accept#", "repeat a1>a2 Accept#"} {
		found := false
		for n := range 21 {
			found = found || seen[key+strconv.Itoa(n)]
		}
		if !found {
			t.Errorf("no pick is named %s in %v", key, r.Tape)
		}
	}
}
