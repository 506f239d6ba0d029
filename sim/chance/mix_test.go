package chance

import (
	"strings"
	"testing"
)

// A changed value here means that every seed ever saved has changed its meaning: raise simver.
func TestMixGolden(t *testing.T) {
	for _, x := range []struct{ a, b, c, want uint64 }{
		{0, 0, 0, 0xc0551eea8377144b},
		{0, 0, 1, 0x4b04c1f2628d97eb},
		{0, 1, 0, 0xe6a064f5cc0bc07d},
		{1, 0, 0, 0x61bfe8e63cf6e5dc},
		{7, 0xdeadbeef, 42, 0x8c1d82a557610394},
		{1<<64 - 1, 1<<64 - 1, 1<<64 - 1, 0xcdcdd9bb88482ac9},
		{mix0, 1, 2, 0xa9a579ed0f8a6fc7},
		{3, mix1, 2, 0x1fb4c33402dc726f},
	} {
		if got := Mix(x.a, x.b, x.c); got != x.want {
			t.Errorf("Mix(%#x, %#x, %#x) = %#x, want %#x", x.a, x.b, x.c, got, x.want)
		}
	}
}

// Pins the hash for every length up to two words and one letter, where the tail is read in another way.
func TestHashGolden(t *testing.T) {
	const text = "lose a1>a2 Accept"
	want := []uint64{
		0x3048601ec362322c, 0x3e5d7d06885f8c86, 0x9708b8ad00c41d1c,
		0x8474db85992f52a1, 0xd4879e52ce15c53c, 0xa2e4cc920de1386e,
		0xabcd7d9d9426f8a9, 0x83fa7b2a62a9ad4f, 0x4b96a0b2d7b82078,
		0xedd9f63a6ca319ba, 0x4988306f0b6f24de, 0x79f6ff5422f543ca,
		0xa95fc8d26aa51c26, 0xa2fc1306bf0d5df2, 0x71cd7af782ad5881,
		0x96ff72291c22d403, 0x832e3343f763eaee, 0x386a33b5cae9d0ca,
	}
	if len(want) != len(text)+1 {
		t.Fatalf("%d golden hashes for %d prefixes", len(want), len(text)+1)
	}
	for n, w := range want {
		if got := HashString(text[:n]); got != w {
			t.Errorf("HashString(%q) = %#x, want %#x", text[:n], got, w)
		}
	}
}

// Fails if the two hashes read a word or a tail differently.
func TestHashBytesIsHashString(t *testing.T) {
	for n := range 70 {
		p := make([]byte, n)
		for i := range p {
			p[i] = byte(Mix(1, uint64(n), uint64(i)))
		}
		if a, b := HashBytes(p), HashString(string(p)); a != b {
			t.Errorf("length %d: HashBytes = %#x, HashString = %#x", n, a, b)
		}
	}
}

func FuzzHash(f *testing.F) {
	f.Add([]byte(nil), []byte{0})
	f.Add([]byte("a1"), []byte("a2"))
	f.Add([]byte("eight..."), []byte("eight...\x00"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if HashBytes(a) != HashString(string(a)) {
			t.Errorf("HashBytes and HashString differ on %q", a)
		}
		if string(a) != string(b) && HashBytes(a) == HashBytes(b) {
			t.Errorf("%q and %q have the same hash", a, b)
		}
	})
}

// Fails if trailing zero bytes, or the split between words of eight bytes, were lost in the hash.
func TestHashTellsApart(t *testing.T) {
	seen := map[uint64]string{}
	add := func(s string) {
		h := HashString(s)
		if old, ok := seen[h]; ok && old != s {
			t.Errorf("%q and %q have the same hash", old, s)
		}
		seen[h] = s
	}
	for n := range 40 {
		add(strings.Repeat("\x00", n))
		add(strings.Repeat("x", n))
		for i := range n {
			b := []byte(strings.Repeat("x", n))
			b[i] ^= 1
			add(string(b))
			b[i] ^= 0x81
			add(string(b))
		}
	}
}

// Each bit of each argument flips about half of the bits of the result. Fails for a mixing function that leaves a
// bit of the seed, of the stream or of the number unused.
func TestMixAvalanche(t *testing.T) {
	for arg := range 3 {
		for bit := range 64 {
			var ones [64]int
			const rounds = 256
			for r := range uint64(rounds) {
				x := [3]uint64{Mix(1, 2, r), Mix(3, 4, r), r}
				y := x
				y[arg] ^= 1 << bit
				diff := Mix(x[0], x[1], x[2]) ^ Mix(y[0], y[1], y[2])
				for i := range ones {
					ones[i] += int(diff >> i & 1)
				}
			}
			for i, n := range ones {
				if n < rounds/4 || n > rounds*3/4 {
					t.Errorf("bit %d of argument %d flips bit %d of the result %d times of %d", bit, arg, i, n, rounds)
				}
			}
		}
	}
}

// The picks of one stream are independent of one another: losses at 10 % come twice in a row in 1 % of cases and
// three times in 0.1 %. Fails for a last round that multiplies by the number alone, where successive picks lie on a
// line and three in a row come three times too often. The same must hold from seed to seed, since a hunt counts
// seeds.
func TestNeighboursAreIndependent(t *testing.T) {
	const streams, picks = 2000, 100
	along := map[string]func(stream, i uint64) uint64{
		"n":      func(stream, i uint64) uint64 { return Mix(7, Mix(stream, 0, 0), i) },
		"seed":   func(stream, i uint64) uint64 { return Mix(i, Mix(stream, 0, 0), 3) },
		"stream": func(stream, i uint64) uint64 { return Mix(7, i, stream) },
	}
	for name, f := range along {
		var runs [4]int // how many runs of that many losses end somewhere
		for s := range uint64(streams) {
			run := 0
			for i := range uint64(picks) {
				if scale(f(s, i), 10) != 0 {
					run = 0
					continue
				}
				run = min(run+1, 3)
				for k := 1; k <= run; k++ {
					runs[k]++
				}
			}
		}
		for k, want := range []int{1: streams * picks / 10, 2: streams * (picks - 1) / 100, 3: streams * (picks - 2) / 1000} {
			if slack := []int{0, 700, 250, 80}[k]; runs[k] < want-slack || runs[k] > want+slack {
				t.Errorf("along %s: %d runs of %d losses, want %d ± %d", name, runs[k], k, want, slack)
			}
		}
	}
}

// In no stream do the picks n and n with a bit flipped hang together. Taken over all streams they hardly ever do, so
// the test looks at each: how often the two are more than half the range apart, a quarter of cases, must spread over
// streams as by chance. Fails for a mixing function whose last step is a folded multiplication, for the highest bits
// by far.
func TestFlippedBitsAreIndependent(t *testing.T) {
	const streams, picks = 100, 1000
	for bit := range 64 {
		var spread int
		for stream := range uint64(streams) {
			far, id := 0, Mix(stream, 77, 99)
			for n := range uint64(picks) {
				u, v := Mix(5, id, n)>>1, Mix(5, id, n^1<<bit)>>1
				if max(u, v)-min(u, v) > 1<<62 {
					far++
				}
			}
			spread += (far - picks/4) * (far - picks/4)
		}
		// A low bit makes each pair count twice: 375 then, else 187.
		if spread/streams > 700 {
			t.Errorf("bit %d: the variance over streams is %d, want at most 375", bit, spread/streams)
		}
	}
}

// The seed that cancels the first constant is a seed like any other: its streams differ.
func TestNoSeedSwallowsTheStream(t *testing.T) {
	seen := map[uint64]bool{}
	for stream := range uint64(100) {
		seen[Mix(mix0, Mix(stream, 5, 6), 1)] = true
	}
	if len(seen) != 100 {
		t.Errorf("100 streams have %d different first picks under seed %#x", len(seen), uint64(mix0))
	}
}

func TestScale(t *testing.T) {
	for _, x := range []struct{ x, bound, want uint64 }{
		{0, 10, 0}, {1<<64 - 1, 10, 9}, {1 << 63, 10, 5}, {1 << 63, 1, 0}, {1<<64 - 1, 0, 0},
		{1<<64 - 1, 1<<64 - 1, 1<<64 - 2},
	} {
		if got := scale(x.x, x.bound); got != x.want {
			t.Errorf("scale(%#x, %d) = %d, want %d", x.x, x.bound, got, x.want)
		}
	}
}
