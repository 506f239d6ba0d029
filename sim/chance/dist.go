package chance

import "math/bits"

// A Dist is a distribution over the outcomes [0, Bound). Make one with [Below], [Rate],
// [Exponential], [LongTail], [Lingering] or [Weighted].
type Dist struct {
	kind    distKind
	share   uint32 // of lingering: parts per million
	a, cap  uint64
	weights []uint32
}

type distKind uint8

const (
	below distKind = iota
	rate
	exponential
	longTail
	lingering
	weighted
)

const million = 1_000_000

// Below is the uniform distribution over [0, bound).
func Below(bound uint64) Dist { return Dist{kind: below, cap: bound} }

// Rate is 1 in ppm cases of a million, else 0. At a million and more it is always 1.
func Rate(ppm uint32) Dist { return Dist{kind: rate, a: uint64(ppm), cap: 2} }

// Exponential has the given mean before it is cut off: outcomes above most become most. The mean must be
// below 2^52, and most below 2^64-1.
func Exponential(mean, most uint64) Dist { return Dist{kind: exponential, a: mean, cap: most + 1} }

// LongTail has a tail so long that it has no mean: half of the outcomes are below median, and the
// chance of one above k medians is 1/(k+1) (a Pareto, or Lomax, distribution with index 1).
// Outcomes above most become most, which must be below 2^64-1.
func LongTail(median, most uint64) Dist { return Dist{kind: longTail, a: median, cap: most + 1} }

// Lingering is uniform over [0, prompt], but for ppm cases of a million, which are uniform over (prompt, most].
// If most is not above prompt nothing lingers. Most must be below 2^64-1.
func Lingering(prompt, most uint64, ppm uint32) Dist {
	if most <= prompt || ppm == 0 {
		return Below(prompt + 1)
	}
	return Dist{kind: lingering, a: prompt, cap: most + 1, share: ppm}
}

// Weighted is the index of a weight, in proportion to it. It keeps the slice. A driver may answer with any index, even
// one of weight 0; the first is the benign one.
func Weighted(weights ...uint32) Dist {
	return Dist{kind: weighted, cap: uint64(len(weights)), weights: weights}
}

// Bound is the number of outcomes.
func (d Dist) Bound() uint64 {
	if d.kind == rate && d.a >= million {
		return 2
	}
	return d.cap
}

// Certain reports whether the outcome is always the same, so that there is nothing to choose.
func (d Dist) Certain() bool {
	return d.cap < 2 || d.kind == rate && (d.a == 0 || d.a >= million)
}

// of turns 64 random bits into an outcome.
func (d Dist) of(x uint64) uint64 {
	switch d.kind {
	case below:
		return scale(x, d.cap)
	case rate:
		if scale(x, million) < d.a {
			return 1
		}
		return 0
	case exponential:
		return min(expOf(x, d.a), d.cap-1)
	case longTail:
		u := x>>32 + 1 // in [1, 2^32]
		hi, lo := bits.Mul64(d.a, 1<<32-u)
		if hi >= u {
			return d.cap - 1
		}
		q, _ := bits.Div64(hi, lo, u)
		return min(q, d.cap-1)
	case lingering:
		// The high word says which part, the low word is as good as new and says where in it.
		hi, lo := bits.Mul64(x, million)
		if hi+uint64(d.share) < million {
			return scale(lo, d.a+1)
		}
		return d.a + 1 + scale(lo, d.cap-d.a-1)
	}
	return d.index(x)
}

// index picks the index of a weight.
func (d Dist) index(x uint64) uint64 {
	var sum uint64
	for _, w := range d.weights {
		sum += uint64(w)
	}
	at := scale(x, sum)
	for i, w := range d.weights {
		if at < uint64(w) {
			return uint64(i)
		}
		at -= uint64(w)
	}
	return 0
}

// expOf returns -ln(u)*mean for u uniform in (0, 1], in fixed point.
func expOf(x, mean uint64) uint64 {
	u := x>>11 + 1 // in [1, 2^53]
	hi, lo := bits.Mul64(53<<logBits-log2(u), ln2)
	e := hi<<(64-32) | lo>>32 // -ln(u/2^53), with logBits bits of fraction
	hi, lo = bits.Mul64(e, mean)
	return hi<<(64-logBits) | lo>>logBits
}

const (
	logBits = 32
	ln2     = 2977044472 // ln 2 with 32 bits of fraction
)

// logTable holds log2(1+i/256) with 32 bits of fraction, by repeated squaring in integers.
var logTable = func() (t [257]uint64) {
	for i := range t {
		m := uint64(256+i) << 23 // 1.0 is 2^31
		if i == 256 {
			t[i] = 1 << logBits
			continue
		}
		var f uint64
		for range logBits {
			m = m * m >> 31
			f <<= 1
			if m >= 1<<32 {
				m >>= 1
				f |= 1
			}
		}
		t[i] = f
	}
	return t
}()

// log2 returns the logarithm of u > 0 with 32 bits of fraction, linear between 257 points.
func log2(u uint64) uint64 {
	n := bits.Len64(u) - 1
	m := u << (63 - n) << 1 // the bits after the leading one
	i, rest := m>>56, m<<8>>32
	a, b := logTable[i], logTable[i+1]
	return uint64(n)<<logBits + a + (b-a)*rest>>32
}
