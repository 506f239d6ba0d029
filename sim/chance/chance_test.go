package chance

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var rewrite = flag.Bool("update", false, "rewrite the golden files: then every saved seed changes its meaning, and simver must be raised")

// The first picks of named streams, under a few seeds and every distribution. What fails here has changed the meaning
// of every saved seed.
func TestPicksGolden(t *testing.T) {
	dists := []struct {
		name string
		d    Dist
	}{
		{"below 10", Below(10)},
		{"below 2^63", Below(1 << 63)},
		{"rate 30%", Rate(300_000)},
		{"exponential 2ms 200ms", Exponential(2_000_000, 200_000_000)},
		{"long-tail 1ms 2s", LongTail(1_000_000, 2_000_000_000)},
		{"lingering 2ms 300ms 25%", Lingering(2_000_000, 300_000_000, 250_000)},
		{"weighted 5 0 1 4", Weighted(5, 0, 1, 4)},
	}
	var b strings.Builder
	for _, seed := range []uint64{0, 7, 42, 1<<64 - 1} {
		c := Seeded(seed)
		for _, s := range []Stream{NewStream("lose", "a1", "a2", "Accept"), NewStream("pick", "p1", "", "back off"), NewStream("ties", "", "", "")} {
			for _, d := range dists {
				fmt.Fprintf(&b, "seed %d, %s, %s:", seed, s.String(), d.name)
				for n := uint64(1); n <= 6; n++ {
					fmt.Fprintf(&b, " %d", c.Draw(&s, n, d.d))
				}
				b.WriteByte('\n')
			}
			fmt.Fprintf(&b, "seed %d, %s, shuffle: %s\n", seed, s.String(), shuffled(&c, &s, 1, "abcdefghij"))
		}
	}
	golden(t, "testdata/picks.golden", b.String())
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *rewrite {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	g, w := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("%s:%d: got\n%s\nwant\n%s", file, i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Fatalf("%s: got %d lines, want %d", file, len(g), len(w))
	}
}

func shuffled(c *Source, s *Stream, first uint64, text string) string {
	p := []byte(text)
	c.Shuffle(s, first, len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
	return string(p)
}

func TestKeys(t *testing.T) {
	for _, x := range []struct {
		s   Stream
		key string
	}{
		{NewStream("lose", "a1", "a2", "Accept"), "lose a1>a2 Accept#3"},
		{NewStream("pick", "p1", "", "back off"), "pick p1 back off#3"},
		{NewStream("crash", "a1", "", ""), "crash a1#3"},
		{NewStream("ties", "", "", ""), "ties#3"},
		{NewStream("profile", "", "", "family"), "profile family#3"},
	} {
		if got := x.s.Key(3); got != x.key {
			t.Errorf("key %q, want %q", got, x.key)
		}
	}
}

// Fails if a stream's identity forgot one of its words, or their places.
func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64]string{}
	words := []string{"", "a", "b", "ab"}
	for _, verb := range words {
		for _, who := range words {
			for _, whom := range words {
				for _, what := range words {
					s := NewStream(verb, who, whom, what)
					name := fmt.Sprintf("%q %q %q %q", verb, who, whom, what)
					if old, ok := seen[s.ID()]; ok {
						t.Errorf("%s and %s have the same identity", old, name)
					}
					seen[s.ID()] = name
				}
			}
		}
	}
}

func TestWords(t *testing.T) {
	w := NewWord("Accept")
	if w.String() != "Accept" || w.Hash() != HashString("Accept") {
		t.Errorf("word %q with hash %#x", w, w.Hash())
	}
	a, b := NewStream("lose", "a1", "a2", "Accept"), Combine(NewWord("lose"), NewWord("a1"), NewWord("a2"), w)
	if a != b {
		t.Errorf("NewStream made %+v, Combine %+v", a, b)
	}
}

// A small program makes its picks; another makes the same with unrelated ones in between, in another order, and
// leaves some out. What both ask has the same answers. Fails for a source that draws from a sequence.
func TestUnrelatedPicksChangeNothing(t *testing.T) {
	lose, delay, extra := NewStream("lose", "a1", "a2", "Accept"), NewStream("delay", "a1", "a2", "Accept"), NewStream("lose", "a2", "a1", "Accepted")
	ask := func(c *Source, n uint64) [2]uint64 {
		return [2]uint64{c.Draw(&lose, n, Rate(500_000)), c.Below(&delay, n, 1_000_000)}
	}
	for seed := range uint64(20) {
		c := Seeded(seed)
		var plain [50][2]uint64
		for n := range plain {
			plain[n] = ask(&c, uint64(n))
		}
		for n := len(plain) - 1; n >= 0; n -= 2 {
			c.Below(&extra, uint64(n), 1000)
			c.Chance(&extra, uint64(n)+1000, 1)
			if got := ask(&c, uint64(n)); got != plain[n] {
				t.Fatalf("seed %d, pick %d: %v, without the other picks %v", seed, n, got, plain[n])
			}
		}
	}
}

func TestSourcesOfTheSameSeedAgree(t *testing.T) {
	zero, seeded, driven, s := Source{}, Seeded(0), Driven(Seed(0)), NewStream("x", "", "", "")
	other, differ := Seeded(1), 0
	for n := range uint64(1000) {
		v := zero.Below(&s, n, 1000)
		if a, b, c := seeded.Below(&s, n, 1000), driven.Below(&s, n, 1000), seeded.Draw(&s, n, Below(1000)); a != v || b != v || c != v {
			t.Fatalf("pick %d: %d, %d, %d, %d", n, v, a, b, c)
		}
		if a, b := seeded.Chance(&s, n, 1000), driven.Chance(&s, n, 1000); a != b {
			t.Fatalf("chance %d: %t, %t", n, a, b)
		}
		if other.Below(&s, n, 1000) != v {
			differ++
		}
	}
	if differ < 980 {
		t.Errorf("seeds 0 and 1 differ in %d of 1000 picks", differ)
	}
}

// A driver that must not be asked.
type silent struct{ t *testing.T }

func (d silent) Draw(s *Stream, n uint64, _ Dist) uint64 {
	d.t.Errorf("asked for %s, where there is nothing to choose", s.Key(n))
	return 0
}

func TestNothingToChooseIsNotAsked(t *testing.T) {
	c, s := Driven(silent{t}), NewStream("x", "", "", "")
	if c.Below(&s, 1, 0) != 0 || c.Below(&s, 1, 1) != 0 || c.Chance(&s, 1, 0) {
		t.Error("an impossible outcome")
	}
	c.Shuffle(&s, 1, 0, nil)
	c.Shuffle(&s, 1, 1, nil)
}

func TestBenignIsZero(t *testing.T) {
	c, s := Driven(Benign{}), NewStream("x", "", "", "")
	if c.Below(&s, 1, 10) != 0 || c.Chance(&s, 1, 999_999) || c.Draw(&s, 1, LongTail(5, 50)) != 0 {
		t.Error("an outcome that is not 0")
	}
	if got := shuffled(&c, &s, 1, "abcdef"); got != "abcdef" {
		t.Errorf("a benign shuffle made %q", got)
	}
}

// Each of the 24 orders of four things is as likely. Fails for the classic mistake of drawing from all places each
// time.
func TestShuffleIsUniform(t *testing.T) {
	c, s := Seeded(3), NewStream("shuffle", "", "", "")
	seen := map[string]int{}
	for k := range uint64(24_000) {
		seen[shuffled(&c, &s, k*4, "abcd")]++
	}
	if len(seen) != 24 {
		t.Errorf("%d orders, want 24", len(seen))
	}
	for order, n := range seen {
		about(t, order, n, 1000, 160)
	}
}

func TestShuffleKeepsThings(t *testing.T) {
	c, s := Seeded(4), NewStream("shuffle", "", "", "")
	for n := range 30 {
		p := make([]int, n)
		for i := range p {
			p[i] = i
		}
		c.Shuffle(&s, 0, n, func(i, j int) { p[i], p[j] = p[j], p[i] })
		slices.Sort(p)
		for i, x := range p {
			if x != i {
				t.Fatalf("of %d things %d is missing", n, i)
			}
		}
	}
}
