package net

import (
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files: then every saved seed changes its meaning, and simver must be raised")

const ms = clock.Time(time.Millisecond)

// network returns one of three nodes, all of whose links are as given.
func network(l Link) *Network {
	n := New([]string{"a1", "a2", "a3"})
	for i := range n.links {
		n.links[i] = l
	}
	return n
}

var accept = chance.NewWord("Accept")

// fates sends count messages over the flow from a1 to a2, one each millisecond.
func fates(n *Network, seed uint64, count int) []Fate {
	c, f := chance.Seeded(seed), n.Flow(0, 1, accept)
	out := make([]Fate, count)
	for i := range out {
		out[i] = f.Send(&c, clock.Time(i)*ms, 100)
	}
	return out
}

func count(fates []Fate, is func(Fate) bool) (n int) {
	for _, x := range fates {
		if is(x) {
			n++
		}
	}
	return n
}

func TestZeroNetworkIsInstant(t *testing.T) {
	n := New([]string{"a1", "a2"})
	for i, x := range fates(n, 1, 10) {
		if want := (Fate{At: clock.Time(i) * ms}); x != want {
			t.Errorf("message %d: %+v, want %+v", i+1, x, want)
		}
	}
	f := n.Flow(1, 0, accept)
	if f.Link() != n.Link(1, 0) || f.Sent() != 0 {
		t.Errorf("a new flow has carried %d messages, on %p", f.Sent(), f.Link())
	}
}

// The first fates on hostile links, as text. What fails here has changed the meaning of every saved seed.
func TestFatesGolden(t *testing.T) {
	var b strings.Builder
	for _, name := range append(lawNames[:], "newest-first 1ms 50ms 50%") {
		for _, seed := range []uint64{0, 7, 42} {
			n := network(Link{Law: law(t, name), Loss: 200_000, Repeat: 200_000, Rate: 1_000_000})
			fmt.Fprintf(&b, "seed %d, law %v:\n", seed, n.Link(0, 1).Law)
			for i, x := range fates(n, seed, 8) {
				fmt.Fprintf(&b, "  %d %s\n", i+1, tell(x))
			}
		}
	}
	golden(t, "testdata/fates.golden", b.String())
}

func tell(x Fate) string {
	if x.Why != Arrived {
		return [...]string{Lost: "lost", Cut: "cut off", Planned: "lost by plan", Corrupted: "corrupt", Overflow: "overflows", Broken: "broken off"}[x.Why]
	}
	s := "at " + x.At.String()
	if x.Stale {
		s = "stale"
	}
	if x.Garbled {
		s += ", garbled"
	}
	if x.Lingers {
		s += ", lingers"
	}
	if x.Overtook {
		s += ", overtakes"
	}
	if x.Again != 0 {
		s += ", again at " + x.Again.String()
	}
	return s
}

// Five standard deviations each. A rate wired to nothing fails.
func TestRatesOfLossAndRepetition(t *testing.T) {
	const n = 20_000
	out := fates(network(Link{Law: law(t, "uniform 1ms 2ms"), Loss: 30_000, Repeat: 100_000}), 3, n)
	lost := count(out, func(x Fate) bool { return x.Why == Lost })
	again := count(out, func(x Fate) bool { return x.Again != 0 })
	if lost < 480 || lost > 720 {
		t.Errorf("%d of %d lost, want 600", lost, n)
	}
	if again < 1730 || again > 2150 {
		t.Errorf("%d of %d repeated, want a tenth of %d", again, n, n-lost)
	}
	for i, x := range out {
		if sent := clock.Time(i) * ms; x.Again != 0 && (x.Again <= sent || x.Again > sent+2*ms+1) {
			t.Fatalf("message %d, sent at %v: a copy at %v is not within the law", i+1, sent, x.Again)
		}
		if x.Why != Arrived && (x.At != 0 || x.Again != 0 || x.Lingers || x.Overtook) {
			t.Fatalf("message %d is lost and has a fate: %+v", i+1, x)
		}
	}
	all := fates(network(Link{Loss: 1_000_000}), 3, 100)
	if lost := count(all, func(x Fate) bool { return x.Why == Lost }); lost != 100 {
		t.Errorf("at a loss of 100%%, %d of 100 are lost", lost)
	}
}

// A copy takes its own time: it comes before the first about as often as after. Fails if both had one delay.
func TestCopiesAreDelayedApart(t *testing.T) {
	out := fates(network(Link{Law: law(t, "uniform 0s 1s"), Repeat: 1_000_000}), 5, 2000)
	before := count(out, func(x Fate) bool { return x.Again < x.At })
	late := count(out, func(x Fate) bool { return x.Again-x.At > 500*ms || x.At-x.Again > 500*ms })
	if before < 890 || before > 1110 {
		t.Errorf("%d of 2000 copies come first, want about half", before)
	}
	if late < 400 || late > 600 {
		t.Errorf("%d of 2000 copies come more than half a second apart, want about a quarter", late)
	}
}

// Overtook says exactly which messages arrive before an earlier one. A second implementation, by comparing all pairs,
// agrees.
func TestOvertook(t *testing.T) {
	out := fates(network(Link{Law: law(t, "newest-first 2ms 50ms 25%"), Loss: 100_000}), 5, 500)
	n := 0
	for i, x := range out {
		want := false
		for _, earlier := range out[:i] {
			want = want || x.Why == Arrived && earlier.Why == Arrived && x.At < earlier.At
		}
		if x.Overtook != want {
			t.Errorf("message %d: overtook %t, want %t", i+1, x.Overtook, want)
		}
		if want {
			n++
		}
	}
	if n < 100 {
		t.Errorf("newest first: %d of 500 messages overtake another", n)
	}
}

// Under the law in-order no message overtakes another of its link, whatever its stream, and loss stays as it is.
func TestInOrderLaw(t *testing.T) {
	n := network(Link{Law: law(t, "in-order 0s 100ms"), Loss: 300_000})
	c, flows := chance.Seeded(8), []*Flow{n.Flow(0, 1, accept), n.Flow(0, 1, chance.NewWord("Prepare"))}
	last, lost := clock.Time(-1), 0
	for i := range 1000 {
		x := flows[i%2].Send(&c, clock.Time(i)*ms, 1)
		if x.Why == Lost {
			lost++
			continue
		}
		if x.At <= last || x.Overtook {
			t.Fatalf("message %d arrives at %v, after one at %v", i, x.At, last)
		}
		last = x.At
	}
	if lost < 220 || lost > 380 {
		t.Errorf("%d of 1000 lost, want 300", lost)
	}
}

// An ordered link keeps order, loses nothing and repeats nothing, under every law and across a cut and its mending;
// what is sent while it is cut is gone. Fails for a link on which a message sent after the mending overtakes one from
// before the cut.
func TestOrderedLinkAcrossACut(t *testing.T) {
	for _, name := range lawNames {
		n := network(Link{Law: law(t, name), Loss: 900_000, Repeat: 900_000, Ordered: true})
		c, f := chance.Seeded(8), n.Flow(0, 1, accept)
		last := clock.Time(-1)
		for i := range 3000 {
			switch i {
			case 1000:
				n.Cut([]int{0}, []int{1}, true)
			case 1100:
				n.MendAll()
			}
			x := f.Send(&c, clock.Time(i)*ms/10, 1)
			if cut := i >= 1000 && i < 1100; cut {
				if x.Why != Cut {
					t.Fatalf("law %s: message %d over a cut link: %s", name, i, tell(x))
				}
				continue
			}
			if x.Why != Arrived || x.Again != 0 || x.Overtook || x.At <= last {
				t.Fatalf("law %s: message %d: %s, and the one before at %v", name, i, tell(x), last)
			}
			last = x.At
		}
	}
}

// up lists the links that are not cut, as "12 13 ...".
func up(n *Network) string {
	var s []string
	for a := range 3 {
		for b := range 3 {
			if a != b && !n.Link(a, b).Cut() {
				s = append(s, fmt.Sprint(a+1, b+1))
			}
		}
	}
	return strings.Join(s, ", ")
}

func TestCutsAndMends(t *testing.T) {
	const all = "1 2, 1 3, 2 1, 2 3, 3 1, 3 2"
	n := network(Link{})
	for _, x := range []struct {
		what string
		do   func()
		want string
	}{
		{"nothing", func() {}, all},
		{"one way", func() { n.Cut([]int{0}, []int{1}, true) }, "1 3, 2 1, 2 3, 3 1, 3 2"},
		{"the rest of it", func() { n.Cut([]int{1}, []int{0}, true) }, "1 3, 2 3, 3 1, 3 2"},
		{"mend one way", func() { n.Mend([]int{0}, []int{1}, true) }, "1 2, 1 3, 2 3, 3 1, 3 2"},
		{"mend both ways", func() { n.Mend([]int{0}, []int{1}, false) }, all},
		{"both ways", func() { n.Cut([]int{0, 1}, []int{2}, false) }, "1 2, 2 1"},
		{"all from all", func() { n.Cut([]int{0, 1, 2}, []int{0, 1, 2}, true) }, ""},
		{"mend all", func() { n.MendAll() }, all},
	} {
		if x.do(); up(n) != x.want {
			t.Errorf("%s: up are %q, want %q", x.what, up(n), x.want)
		}
		for a := range 3 {
			if n.Link(a, a).Cut() {
				t.Errorf("%s: a%d is cut from itself", x.what, a+1)
			}
		}
	}
}

// A cut keeps what it must from arriving and leaves the fates of the messages after it as they were.
func TestCutMessagesAreCounted(t *testing.T) {
	link := Link{Law: law(t, "exponential"), Loss: 100_000, Repeat: 100_000}
	plain := fates(network(link), 4, 100)
	n := network(link)
	c, f := chance.Seeded(4), n.Flow(0, 1, accept)
	for i := range plain {
		switch i {
		case 20:
			n.Cut([]int{0}, []int{1}, true)
		case 30:
			n.Mend([]int{0}, []int{1}, true)
		}
		x := f.Send(&c, clock.Time(i)*ms, 100)
		if cut := n.Link(0, 1).Cut(); cut != (x.Why == Cut) {
			t.Errorf("message %d: %s", i+1, tell(x))
		} else if !cut && (x.At != plain[i].At || x.Why != plain[i].Why || x.Again != plain[i].Again) {
			t.Errorf("message %d: %s, without the cut %s", i+1, tell(x), tell(plain[i]))
		}
	}
	if f.Sent() != 100 {
		t.Errorf("%d sent, want 100", f.Sent())
	}
}

// A thousand bytes a second: messages of 500 take half a second each and wait in line, whatever their stream. What is
// lost does not take the wire, and another link has its own.
func TestBandwidth(t *testing.T) {
	n := network(Link{Rate: 1000, Law: Law{Kind: Constant, Least: time.Millisecond}})
	c := chance.Seeded(1)
	a, b, other := n.Flow(0, 1, accept), n.Flow(0, 1, chance.NewWord("Prepare")), n.Flow(0, 2, accept)
	for _, x := range []struct {
		f    *Flow
		now  clock.Time
		size int
		want clock.Time
	}{
		{a, 0, 500, 501 * ms},
		{b, 0, 500, 1001 * ms},
		{a, 100 * ms, 250, 1251 * ms},
		{other, 100 * ms, 250, 351 * ms},
		{a, 5000 * ms, 0, 5001 * ms},
		{a, 6000 * ms, 100, 6101 * ms}, // the wire was free
	} {
		if got := x.f.Send(&c, x.now, x.size); got.At != x.want {
			t.Errorf("%d bytes at %v: %s, want at %v", x.size, x.now, tell(got), x.want)
		}
	}
	n.Link(0, 1).Loss = million
	a.Send(&c, 7000*ms, 1000)
	n.Link(0, 1).Loss = 0
	if got := a.Send(&c, 7000*ms, 100); got.At != 7101*ms {
		t.Errorf("after a loss: %s, want at 7.101s", tell(got))
	}
}

// Making or using other flows, in another order, changes nothing of this one. Only a shared wire or order could.
func TestOtherFlowsChangeNothing(t *testing.T) {
	link := Link{Law: law(t, "long-tail"), Loss: 100_000, Repeat: 100_000}
	want := fates(network(link), 6, 200)
	n := network(link)
	c := chance.Seeded(6)
	others := []*Flow{n.Flow(1, 0, accept), n.Flow(0, 1, chance.NewWord("Accepted")), n.Flow(0, 2, accept)}
	f := n.Flow(0, 1, accept)
	for i := range want {
		for _, o := range others[:i%4] {
			o.Send(&c, clock.Time(i)*ms, 1)
		}
		got := f.Send(&c, clock.Time(i)*ms, 100)
		got.Overtook = want[i].Overtook // that is about the link
		if got != want[i] {
			t.Fatalf("message %d: %s, alone %s", i+1, tell(got), tell(want[i]))
		}
	}
	for k, o := range others {
		o2 := network(link).Flow([]int{1, 0, 0}[k], []int{0, 1, 2}[k], chance.NewWord([]string{"Accept", "Accepted", "Accept"}[k]))
		var same int
		for i := range want {
			if x := o2.Send(&c, clock.Time(i)*ms, 100); x.At == want[i].At {
				same++
			}
		}
		if same > 60 { // the lost ones are alike
			t.Errorf("flow %d (%d sent) shares %d of 200 fates with another", k, o.Sent(), same)
		}
	}
}

func TestSeedsDiffer(t *testing.T) {
	a, b := fates(network(Link{Law: law(t, "uniform")}), 1, 100), fates(network(Link{Law: law(t, "uniform")}), 2, 100)
	if slices.Equal(a, b) {
		t.Error("two seeds have the same fates")
	}
}
