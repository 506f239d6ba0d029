package net

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
)

// delays draws the first n delays of a law, and counts those that linger.
func delays(t *testing.T, l Law, n int) (out []time.Duration, lingering int) {
	t.Helper()
	c, s := chance.Seeded(1), chance.NewStream("delay", "a1", "a2", "x")
	for k := range uint64(n) {
		d, lingers := l.delay(&c, &s, k+1)
		if d < 0 || d > l.Longest() {
			t.Fatalf("law %v gave %v, longest %v", l, d, l.Longest())
		}
		if lingers {
			lingering++
		}
		out = append(out, d)
	}
	slices.Sort(out)
	return out, lingering
}

func law(t testing.TB, text string) Law {
	t.Helper()
	l, err := ParseLaw(strings.Fields(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// The quantiles of each law, in parts of a thousand, within two percent of the range that is named. Fails if a law
// mistakes its parameters, or if what lingers does not reach the longest delay.
func TestLawQuantiles(t *testing.T) {
	const n = 50_000
	for _, x := range []struct {
		law       string
		at        []int // thousandths
		want      []time.Duration
		slack     time.Duration
		lingering int // in a thousand
	}{
		{"constant 1ms", []int{0, 999}, []time.Duration{1e6, 1e6}, 0, 0},
		{"constant 0s", []int{0, 999}, []time.Duration{0, 0}, 0, 0},
		{"uniform 1ms 5ms", []int{0, 250, 500, 999}, []time.Duration{1e6, 2e6, 3e6, 5e6}, 80_000, 0},
		{"uniform 3ms 3ms", []int{0, 999}, []time.Duration{3e6, 3e6}, 0, 0},
		{"in-order 1ms 5ms", []int{0, 500, 999}, []time.Duration{1e6, 3e6, 5e6}, 80_000, 0},
		{"exponential 2ms 200ms", []int{0, 500, 632, 865}, []time.Duration{0, 1_386_294, 2e6, 4e6}, 120_000, 18},
		{"exponential 2ms 2ms", []int{500, 640, 999}, []time.Duration{1_386_294, 2e6, 2e6}, 60_000, 0},
		{"long-tail 1ms 2s", []int{500, 750, 900}, []time.Duration{1e6, 3e6, 9e6}, 400_000, 111},
		{"long-tail 10s 100s", []int{500, 750, 850}, []time.Duration{10e9, 30e9, 56_667e6}, 3e9, 111},
		{"newest-first 2ms 300ms 25%", []int{375, 740, 875, 999}, []time.Duration{1e6, 1_973_333, 151e6, 299e6}, 3e6, 250},
		{"newest-first 0s 1s 50%", []int{0, 490, 750, 999}, []time.Duration{0, 0, 5e8, 998e6}, 2e7, 500},
		{"newest-first 100h 1000h 25%", []int{375, 875}, []time.Duration{50 * time.Hour, 550 * time.Hour}, 20 * time.Hour, 250},
		{"newest-first 2ms 2ms 25%", []int{500, 999}, []time.Duration{1e6, 2e6}, 60_000, 0},
		{"newest-first 2ms 4ms 0%", []int{500, 999}, []time.Duration{1e6, 2e6}, 60_000, 0},
		{"newest-first 2ms 4ms 100%", []int{0, 500}, []time.Duration{2e6, 3e6}, 60_000, 1000},
	} {
		out, lingering := delays(t, law(t, x.law), n)
		for i, at := range x.at {
			got, want := out[at*n/1000], x.want[i]
			if got < want-x.slack || got > want+x.slack {
				t.Errorf("law %s: %d of a thousand delays are below %v, want %v ± %v", x.law, at, got, want, x.slack)
			}
		}
		if got := lingering * 1000 / n; got < x.lingering-8 || got > x.lingering+8 {
			t.Errorf("law %s: %d of a thousand linger, want %d", x.law, got, x.lingering)
		}
	}
}

// The benign outcome is the earliest delay, and that is prompt.
func TestLawBenign(t *testing.T) {
	c, s := chance.Driven(chance.Benign{}), chance.NewStream("delay", "a1", "a2", "x")
	for _, name := range lawNames {
		l := law(t, name)
		want := time.Duration(0)
		if l.Kind == Constant || l.Kind == Uniform || l.Kind == InOrder {
			want = l.Least
		}
		if d, lingers := l.delay(&c, &s, 1); d != want || lingers {
			t.Errorf("law %v: the benign delay is %v (lingers: %t), want %v", l, d, lingers, want)
		}
	}
}

// The zero law takes no time and asks for nothing; nor is a law that was put together in code, the wrong way round, a
// reason to fall over.
func TestLawOddities(t *testing.T) {
	for _, l := range []Law{{}, {Kind: Uniform, Least: 5, Most: 3}, {Kind: InOrder, Least: 5}, {Kind: NewestFirst, Least: 5, Share: 10}, {Kind: Exponential, Least: 9, Most: 3}} {
		delays(t, l, 1000)
	}
	if d, _ := delays(t, Law{}, 10); d[9] != 0 {
		t.Errorf("the zero law gave %v", d[9])
	}
}

func TestParseLaw(t *testing.T) {
	for _, x := range []struct {
		text string
		want Law
	}{
		{"constant", Law{Constant, time.Millisecond, 0, 0}},
		{"constant 7ms", Law{Constant, 7 * time.Millisecond, 0, 0}},
		{"uniform 1ms 2ms", Law{Uniform, time.Millisecond, 2 * time.Millisecond, 0}},
		{"exponential 1us 1h", Law{Exponential, time.Microsecond, time.Hour, 0}},
		{"long-tail", Law{LongTail, time.Millisecond, 2 * time.Second, 0}},
		{"newest-first 2ms 300ms 25%", Law{NewestFirst, 2 * time.Millisecond, 300 * time.Millisecond, 250_000}},
		{"in-order 0s 0s", Law{InOrder, 0, 0, 0}},
	} {
		got, err := ParseLaw(strings.Fields(x.text))
		if err != nil || got != x.want {
			t.Errorf("ParseLaw(%q) = %+v, %v; want %+v", x.text, got, err, x.want)
		}
		if again := law(t, got.String()); again != got {
			t.Errorf("%+v prints as %q, which is %+v", got, got, again)
		}
	}
}

func TestParseLawRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "a law of delays is missing: one of constant, ",
		"unifrom":                    `unknown law of delays "unifrom": one of constant, `,
		"uniform 1ms":                "law uniform takes LEAST MOST, such as: law uniform 500µs 5ms",
		"constant 1ms 2ms":           "law constant takes DELAY",
		"newest-first 1ms 2ms":       "law newest-first takes PROMPT MOST SHARE",
		"newest-first 1ms 2ms 25":    `"25" is not a percentage`,
		"uniform 5ms 1ms":            "5ms is more than 1ms",
		"exponential -1ms 1ms":       `"-1ms" is not a delay`,
		"exponential 1ms 5":          `"5" is not a delay`,
		"long-tail 1ms 1001h":        `"1001h" is not a delay such as 5ms, from 0 to 1000h0m0s`,
		"in-order 1ms 99999999999h":  "is not a delay",
		"uniform 1ms 2ms 3ms a b c ": "law uniform takes",
	} {
		if _, err := ParseLaw(strings.Fields(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseLaw(%q) says %v, want %q", text, err, want)
		}
	}
}

// What parses prints and parses again to the same, and every delay lies in its range.
func FuzzParseLaw(f *testing.F) {
	for _, name := range lawNames {
		f.Add(name)
		f.Add(law(f, name).String())
	}
	f.Add("newest-first 0s 1000h 0.0001%")
	f.Add("constant -0s")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLaw(strings.Fields(text))
		if err != nil {
			return
		}
		again, err := ParseLaw(strings.Fields(l.String()))
		if err != nil || again != l {
			t.Errorf("%q gave %+v, printed as %q, which gave %+v and %v", text, l, l, again, err)
		}
		delays(t, l, 20)
	})
}

func TestPPM(t *testing.T) {
	for text, want := range map[string]uint32{"0%": 0, "3%": 30_000, "100%": 1_000_000, "0.25%": 2500, "0.0001%": 1, "12.3456%": 123_456, "099%": 990_000, "100.0000%": 1_000_000} {
		if got, err := ParsePPM(text); err != nil || got != want {
			t.Errorf("ParsePPM(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "%", "3", "-1%", "+1%", "101%", "100.0001%", "1.%", ".5%", "1.00000%", "1.+5%", "1e1%", "1_0%", "3 %", "3%%", "0x3%"} {
		if got, err := ParsePPM(text); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("%q is not a percentage", text)) {
			t.Errorf("ParsePPM(%q) = %d, %v; want a refusal", text, got, err)
		}
	}
	for ppm := uint32(0); ppm <= 1_000_000; ppm += 7 {
		if got, err := ParsePPM(FormatPPM(ppm)); err != nil || got != ppm {
			t.Fatalf("%d prints as %s, which is %d, %v", ppm, FormatPPM(ppm), got, err)
		}
	}
	if got := FormatPPM(30_000) + " " + FormatPPM(2500) + " " + FormatPPM(1) + " " + FormatPPM(1_000_000); got != "3% 0.25% 0.0001% 100%" {
		t.Errorf("percentages print as %s", got)
	}
}

func FuzzParsePPM(f *testing.F) {
	for _, s := range []string{"3%", "0.25%", "100%", "1.%", "%"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ppm, err := ParsePPM(text)
		if err != nil {
			return
		}
		if again, err := ParsePPM(FormatPPM(ppm)); err != nil || again != ppm || ppm > million {
			t.Errorf("%q is %d, printed %s, which is %d, %v", text, ppm, FormatPPM(ppm), again, err)
		}
	})
}
