package chance

import "testing"

func BenchmarkMix(b *testing.B) {
	var x uint64
	for b.Loop() {
		x = Mix(7, 42, x) // each waits for the one before, as in a simulation
	}
}

func benchmarkDraw(b *testing.B, d Dist) {
	c, s, n := Seeded(7), NewStream("lose", "a1", "a2", "Accept"), uint64(0)
	b.ReportAllocs()
	for b.Loop() {
		n++
		c.Draw(&s, n, d)
	}
}

func BenchmarkBelow(b *testing.B)       { benchmarkDraw(b, Below(1000)) }
func BenchmarkRate(b *testing.B)        { benchmarkDraw(b, Rate(30_000)) }
func BenchmarkExponential(b *testing.B) { benchmarkDraw(b, Exponential(2_000_000, 200_000_000)) }
func BenchmarkLongTail(b *testing.B)    { benchmarkDraw(b, LongTail(1_000_000, 2_000_000_000)) }
func BenchmarkLingering(b *testing.B)   { benchmarkDraw(b, Lingering(2_000_000, 300_000_000, 250_000)) }
func BenchmarkWeighted(b *testing.B)    { benchmarkDraw(b, Weighted(5, 0, 1, 4)) }

func BenchmarkChance(b *testing.B) {
	c, s, n := Seeded(7), NewStream("lose", "a1", "a2", "Accept"), uint64(0)
	for b.Loop() {
		n++
		c.Chance(&s, n, 30_000)
	}
}

func BenchmarkHashString(b *testing.B) {
	for b.Loop() {
		HashString("paxos.Accept")
	}
}

func BenchmarkCombine(b *testing.B) {
	verb, who, whom, what := NewWord("lose"), NewWord("a1"), NewWord("a2"), NewWord("Accept")
	for b.Loop() {
		Combine(verb, who, whom, what)
	}
}
