package chance

import (
	"math"
	"testing"
)

// sample draws n outcomes of d from a fixed stream.
func sample(d Dist, n int) []uint64 {
	c, s := Seeded(1), NewStream("sample", "", "", "")
	out := make([]uint64, n)
	for i := range out {
		out[i] = c.Draw(&s, uint64(i), d)
	}
	return out
}

// within counts the outcomes in [least, most].
func within(out []uint64, least, most uint64) (n int) {
	for _, x := range out {
		if x >= least && x <= most {
			n++
		}
	}
	return n
}

// about fails unless got is within slack of want. Slack is some five standard deviations, so that these tests hold for
// nearly every sound mixing function and fail for a distribution that is off by a few percent.
func about(t *testing.T, what string, got, want, slack int) {
	t.Helper()
	if got < want-slack || got > want+slack {
		t.Errorf("%s: %d, want %d ± %d", what, got, want, slack)
	}
}

func TestBelowIsUniform(t *testing.T) {
	out := sample(Below(64), 64_000)
	for k := range uint64(64) {
		about(t, "outcomes in a bucket", within(out, k, k), 1000, 160)
	}
	if n := within(out, 0, 63); n != len(out) {
		t.Errorf("%d of %d outcomes are below the bound", n, len(out))
	}
}

func TestRate(t *testing.T) {
	for _, x := range []struct{ ppm, want, slack int }{{0, 0, 0}, {30_000, 3000, 270}, {500_000, 50_000, 800}, {999_000, 99_900, 50},
		{1_000_000, 100_000, 0}, {2_000_000, 100_000, 0}} {
		about(t, "ones of 100,000", within(sample(Rate(uint32(x.ppm)), 100_000), 1, 1), x.want, x.slack)
	}
}

// The quantiles of an exponential: 1/e is above the mean, 1/e² above twice that.
func TestExponential(t *testing.T) {
	const mean, n = 1_000_000, 100_000
	out := sample(Exponential(mean, 100*mean), n)
	var sum uint64
	for _, x := range out {
		sum += x
	}
	about(t, "mean", int(sum/n), mean, 16_000)
	about(t, "above the median", within(out, 693_147, 100*mean), n/2, 800)
	about(t, "above the mean", within(out, mean, 100*mean), 36_788, 770)
	about(t, "above two means", within(out, 2*mean, 100*mean), 13_534, 550)
	about(t, "above five means", within(out, 5*mean, 100*mean), 674, 130)
	cut := sample(Exponential(mean, mean), n)
	about(t, "cut off", within(cut, mean, mean), 36_788, 770)
	if k := within(cut, 0, mean); k != n {
		t.Errorf("%d of %d outcomes are within the cut", k, n)
	}
}

// The chance of more than k medians is 1/(k+1).
func TestLongTail(t *testing.T) {
	const n = 100_000
	for _, median := range []uint64{1000, 1_000_000, 10_000_000_000} { // the last is above 2^32
		most := 1_000_000 * median
		out := sample(LongTail(median, most), n)
		about(t, "above the median", within(out, median, most), n/2, 800)
		about(t, "above 3 medians", within(out, 3*median, most), n/4, 700)
		about(t, "above 9 medians", within(out, 9*median, most), n/10, 480)
		about(t, "above 999 medians", within(out, 999*median, most), n/1000, 50)
		cut := sample(LongTail(median, 4*median), n)
		about(t, "cut off", within(cut, 4*median, 4*median), n/5, 640)
		if k := within(cut, 0, 4*median); k != n {
			t.Errorf("%d of %d outcomes are within the cut", k, n)
		}
	}
}

// Both parts are uniform in themselves. Fails if the lingering part is not stretched to most, or if the share depends
// on how long the prompt part is.
func TestLingering(t *testing.T) {
	const n = 100_000
	for _, x := range []struct{ prompt, most uint64 }{{2_000_000, 300_000_000}, {0, 1000}, {999, 1999}, {1 << 62, 1 << 63}} {
		out := sample(Lingering(x.prompt, x.most, 250_000), n)
		about(t, "prompt", within(out, 0, x.prompt), 75_000, 700)
		middle := x.prompt + (x.most-x.prompt)/2
		about(t, "lingering, earlier half", within(out, x.prompt+1, middle), 12_500, 530)
		about(t, "lingering, later half", within(out, middle+1, x.most), 12_500, 530)
		if x.prompt > 0 {
			about(t, "prompt, later half", within(out, x.prompt/2+1, x.prompt), 37_500, 800)
		}
	}
	about(t, "all linger", within(sample(Lingering(9, 99, 1_000_000), 1000), 10, 99), 1000, 0)
	about(t, "more than all linger", within(sample(Lingering(9, 99, 3_000_000), 1000), 10, 99), 1000, 0)
	about(t, "none lingers", within(sample(Lingering(9, 99, 0), 1000), 0, 9), 1000, 0)
	about(t, "nothing to linger to", within(sample(Lingering(9, 9, 250_000), 1000), 0, 9), 1000, 0)
}

func TestWeighted(t *testing.T) {
	out := sample(Weighted(5, 0, 1, 4), 100_000)
	for i, want := range []int{50_000, 0, 10_000, 40_000} {
		about(t, "outcomes of a weight", within(out, uint64(i), uint64(i)), want, want/40)
	}
	about(t, "no weight at all", within(sample(Weighted(0, 0), 100), 0, 0), 100, 0)
	about(t, "no weights", within(sample(Weighted(), 100), 0, 0), 100, 0)
	about(t, "heavy weights", within(sample(Weighted(1<<32-1, 1<<32-1), 10_000), 1, 1), 5000, 250)
}

func TestBoundAndCertain(t *testing.T) {
	for _, x := range []struct {
		name    string
		d       Dist
		bound   uint64
		certain bool
	}{
		{"Below(0)", Below(0), 0, true},
		{"Below(1)", Below(1), 1, true},
		{"Below(2)", Below(2), 2, false},
		{"Rate(0)", Rate(0), 2, true},
		{"Rate(1)", Rate(1), 2, false},
		{"Rate(1e6)", Rate(1_000_000), 2, true},
		{"Exponential(5, 0)", Exponential(5, 0), 1, true},
		{"Exponential(5, 9)", Exponential(5, 9), 10, false},
		{"LongTail(5, 9)", LongTail(5, 9), 10, false},
		{"Lingering(3, 9, 1)", Lingering(3, 9, 1), 10, false},
		{"Lingering(3, 9, 0)", Lingering(3, 9, 0), 4, false},
		{"Lingering(0, 0, 1)", Lingering(0, 0, 1), 1, true},
		{"Weighted(7)", Weighted(7), 1, true},
		{"Weighted(7, 7)", Weighted(7, 7), 2, false},
	} {
		if x.d.Bound() != x.bound || x.d.Certain() != x.certain {
			t.Errorf("%s: Bound %d, Certain %t; want %d, %t", x.name, x.d.Bound(), x.d.Certain(), x.bound, x.certain)
		}
	}
}

// The ends of the random bits stay inside every distribution.
func TestEnds(t *testing.T) {
	for _, d := range []Dist{Below(10), Rate(500_000), Exponential(1000, 5000), Exponential(1<<51, 1<<62), LongTail(1000, 5000),
		LongTail(1<<63, 1<<63), Lingering(10, 20, 500_000), Weighted(1, 2, 3)} {
		for _, x := range []uint64{0, 1, 1<<11 - 1, 1<<32 - 1, 1 << 32, 1 << 63, 1<<64 - 1} {
			if v := d.of(x); v >= d.Bound() {
				t.Errorf("%+v of %#x is %d, not below %d", d, x, v, d.Bound())
			}
		}
	}
}

// The logarithm in integers agrees with that in floating point. A coarser table would fail.
func TestLogarithms(t *testing.T) {
	for i := range uint64(200_000) {
		x := Mix(9, 9, i) >> (i % 60)
		if x == 0 {
			continue
		}
		got := float64(log2(x)) / (1 << logBits)
		if want := math.Log2(float64(x)); math.Abs(got-want) > 3e-6 {
			t.Fatalf("log2(%d) = %.9f, want %.9f", x, got, want)
		}
	}
	for k := range 64 {
		if got := log2(1 << k); got != uint64(k)<<logBits {
			t.Errorf("log2(2^%d) = %#x, want %d exactly", k, got, k)
		}
	}
}

func TestExpOfIsMinusLogarithm(t *testing.T) {
	const mean = 1 << 40
	for i := range uint64(200_000) {
		x := Mix(10, 10, i)
		got := float64(expOf(x, mean)) / mean
		want := -math.Log(float64(x>>11+1) / (1 << 53))
		if math.Abs(got-want) > 3e-6 {
			t.Fatalf("expOf(%#x) = %.9f means, want %.9f", x, got, want)
		}
	}
	if got := expOf(1<<64-1, mean); got != 0 {
		t.Errorf("the least outcome is %d, want 0", got)
	}
	if got := expOf(0, mean) >> 40; got != 36 { // 53 ln 2 = 36.7
		t.Errorf("the largest outcome is %d means, want 36", got)
	}
}

// Fails if the table of logarithms were not increasing, or not the same on every architecture.
func TestLogTable(t *testing.T) {
	h := uint64(0)
	for i, x := range logTable {
		if i > 0 && x <= logTable[i-1] {
			t.Errorf("entry %d does not increase", i)
		}
		h = Mix(h, x, uint64(i))
	}
	if last := logTable[256]; last != 1<<logBits {
		t.Errorf("the last entry is %#x, want 1", last)
	}
	if want := uint64(0xaa2f7be84684b7f); h != want {
		t.Errorf("the table hashes to %#x, want %#x", h, want)
	}
}
