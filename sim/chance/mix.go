package chance

import "math/bits"

// Odd constants with bits well spread: the fractional parts of the square roots of 2, 3, 5 and 7,
// with the lowest bit set.
const (
	mix0 = 0x6a09e667f3bcc909
	mix1 = 0xbb67ae8584caa73b
	mix2 = 0x3c6ef372fe94f82b
	mix3 = 0xa54ff53a5f1d36f1
)

// Mix is the fixed mixing function of everything here, pinned by tests: a 64 by 64 bit multiplication whose halves are
// folded together, as in wyhash (Wang Yi), and then a step of SplitMix64 (Steele, Lea and Flood 2014, with Stafford's
// constants) whose state counts by the third argument.
//
// Any argument may count 1, 2, 3, or have a single bit changed. A cheaper end, such as one more folded multiplication
// by c, does not bear that: successive values lie on a line, and three losses in a row come several times too often.
func Mix(a, b, c uint64) uint64 {
	hi, lo := bits.Mul64(a^mix0, b^mix1)
	x := (hi ^ lo ^ b) + c*mix3 // b once more, so that a == mix0 does not swallow it
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// HashString hashes a string, the same in every process and on every architecture.
func HashString(s string) uint64 {
	h := uint64(len(s)) ^ mix0
	for len(s) >= 8 {
		h = fold(h, uint64(s[0])|uint64(s[1])<<8|uint64(s[2])<<16|uint64(s[3])<<24|
			uint64(s[4])<<32|uint64(s[5])<<40|uint64(s[6])<<48|uint64(s[7])<<56)
		s = s[8:]
	}
	var last uint64
	for i := 0; i < len(s); i++ {
		last |= uint64(s[i]) << (8 * i)
	}
	return fold(fold(h, last), mix3)
}

// HashBytes is [HashString] for bytes.
func HashBytes(p []byte) uint64 {
	h := uint64(len(p)) ^ mix0
	for len(p) >= 8 {
		h = fold(h, uint64(p[0])|uint64(p[1])<<8|uint64(p[2])<<16|uint64(p[3])<<24|
			uint64(p[4])<<32|uint64(p[5])<<40|uint64(p[6])<<48|uint64(p[7])<<56)
		p = p[8:]
	}
	var last uint64
	for i, b := range p {
		last |= uint64(b) << (8 * i)
	}
	return fold(fold(h, last), mix3)
}

// Fold mixes one more number into a running hash: one round of a multiplication whose halves are folded together. It is
// weaker than [Mix] and costs a third; its values are pinned by tests.
func Fold(h, x uint64) uint64 { return fold(h, x) }

func fold(h, x uint64) uint64 {
	hi, lo := bits.Mul64(h^mix1, x^mix2)
	return hi ^ lo
}

// scale maps 64 random bits to [0, bound) by the high word of a product (Lemire 2019), without
// rejection: the bias is below bound/2^64, and each number costs one draw.
func scale(x, bound uint64) uint64 {
	hi, _ := bits.Mul64(x, bound)
	return hi
}
