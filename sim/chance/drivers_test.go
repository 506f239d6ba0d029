package chance

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// program makes some 400 picks, the later ones depending on the earlier, and returns their outcomes by key.
func program(d Driver) map[string]uint64 {
	c := Driven(d)
	got := map[string]uint64{}
	for i := range 10 {
		who := fmt.Sprintf("a%d", i)
		lose, delay, kind := NewStream("lose", who, "b", "Accept"), NewStream("delay", who, "b", "Accept"), NewStream("pick", who, "", "kind = which")
		for n := uint64(1); n <= 20; n++ {
			if got[lose.Key(n)] = c.Draw(&lose, n, Rate(200_000)); got[lose.Key(n)] == 1 {
				continue
			}
			got[delay.Key(n)] = c.Draw(&delay, n, Exponential(1000, 10_000))
			got[kind.Key(n)] = c.Below(&kind, n, 4)
		}
	}
	return got
}

func differing(a, b map[string]uint64) (n int) {
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			n++
		}
	}
	return n
}

// What was recorded, printed and read again makes the same run, with nothing behind it.
func TestTapeMakesTheSameRun(t *testing.T) {
	for seed := range Seed(20) {
		r := &Recorder{Base: seed}
		want := program(r)
		var b strings.Builder
		if err := WriteTape(&b, r.Tape); err != nil {
			t.Fatal(err)
		}
		tape, err := ParseTape(b.String())
		if err != nil || !slices.Equal(tape, r.Tape) {
			t.Fatalf("seed %d: the tape does not come back: %v", seed, err)
		}
		o := NewOverrides(nil, tape)
		if got := program(o); !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: %d of %d picks differ from the recorded ones", seed, differing(want, got), len(want))
		}
		if o.Unused() != 0 {
			t.Errorf("seed %d: %d decisions were not asked for", seed, o.Unused())
		}
		slices.SortFunc(tape, func(a, b Decision) int { return strings.Compare(a.Key, b.Key) })
		if !slices.Equal(o.Tape(), tape) {
			t.Errorf("seed %d: the table holds %v, and was made of %v", seed, o.Tape(), tape)
		}
	}
}

func TestRecorderWritesNoZeros(t *testing.T) {
	r := &Recorder{Base: Benign{}}
	program(r)
	if len(r.Tape) != 0 {
		t.Errorf("a benign run has a tape: %v", r.Tape)
	}
}

func TestOverrides(t *testing.T) {
	const late, kind = "delay a3>b Accept#2", "pick a9 kind = which#2"
	base := program(Seed(5))
	if base[late] == 0 || base[kind] == 3 {
		t.Fatal("the seed does not ask these picks, or answers them so already")
	}
	o := NewOverrides(Seed(5), []Decision{{late, 77}, {"delay a3>b Nonsense#1", 1}, {kind, 1 << 60}})
	got := program(o)
	if got[late] != 77 || got[kind] != 3 {
		t.Errorf("outcomes %d and %d; want 77, and the largest that the pick has, 3", got[late], got[kind])
	}
	if o.Unused() != 1 {
		t.Errorf("%d decisions unused, want 1", o.Unused())
	}
	if n := differing(base, got); n != 2 {
		t.Errorf("two overrides changed %d picks", n)
	}
}

// The last of two decisions for one key holds, and both are used.
func TestOverridesTwice(t *testing.T) {
	s := NewStream("x", "", "", "")
	o := NewOverrides(nil, []Decision{{"x#1", 3}, {"x#1", 4}})
	if v := o.Draw(&s, 1, Below(10)); v != 4 || o.Unused() != 0 {
		t.Errorf("outcome %d with %d unused, want 4 and 0", v, o.Unused())
	}
	if v := NewOverrides(nil, []Decision{{"x#1", 3}}).Draw(&s, 1, Weighted()); v != 0 {
		t.Errorf("outcome %d of a pick without outcomes", v)
	}
}

func TestParseTape(t *testing.T) {
	tape, err := ParseTape("# a comment\n\n  lose a1>a2 Accept#3 = 1\r\npick p1 x = y#1 = 18446744073709551615")
	want := []Decision{{"lose a1>a2 Accept#3", 1}, {"pick p1 x = y#1", 1<<64 - 1}}
	if err != nil || !slices.Equal(tape, want) {
		t.Errorf("tape %v, error %v; want %v", tape, err, want)
	}
	for text, want := range map[string]string{
		"lose#1":                             "line 1: \"lose#1\" is not of the form",
		"a#1 = 1\n= 3":                       "line 2: \"= 3\" is not of the form",
		"a#1 = 1\n\n#\na#2 = ":               "line 4: \"a#2 =\" is not of the form",
		"a#1 = -1":                           "line 1: the outcome \"-1\" is not a whole number",
		"a#1 = 1.5":                          "line 1: the outcome \"1.5\" is not a whole number",
		"a#1 = x":                            "line 1: the outcome \"x\" is not a whole number",
		"a#1 = 18446744073709551616":         "is not a whole number",
		"lose a1>a2 Accept#3 = 1 # too late": "the outcome \"1 # too late\"",
	} {
		if _, err := ParseTape(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTape(%q) says %v, want %q", text, err, want)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestWriteTapeReportsErrors(t *testing.T) {
	if err := WriteTape(full{}, []Decision{{"x#1", 1}}); err == nil {
		t.Error("a full disk was not reported")
	}
}

// What parses prints and parses again to the same.
func FuzzParseTape(f *testing.F) {
	for _, s := range []string{"", "lose a1>a2 Accept#3 = 1\n", "# x\n\na = b = 2\n", "a = 1", " = 1", "a#1 = 18446744073709551615", "a\r = 1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tape, err := ParseTape(text)
		if err != nil {
			return
		}
		var b strings.Builder
		if err := WriteTape(&b, tape); err != nil {
			t.Fatal(err)
		}
		again, err := ParseTape(b.String())
		if err != nil || !slices.Equal(tape, again) {
			t.Errorf("%q gave %v, printed as %q, which gave %v and %v", text, tape, b.String(), again, err)
		}
	})
}

func TestBytesZeroIsBenign(t *testing.T) {
	want := program(Benign{})
	for _, b := range []Bytes{nil, {}, {0}, make(Bytes, 1000)} {
		if got := program(b); !reflect.DeepEqual(got, want) {
			t.Errorf("%d zero bytes make %d picks that are not benign", len(b), differing(want, got))
		}
	}
}

func fuzzed(n int) Bytes {
	b := make(Bytes, n)
	for i := range b {
		b[i] = byte(Mix(11, 12, uint64(i)))
	}
	return b
}

// asks returns the outcomes of a thousand picks that do not depend on one another.
func asks(d Driver) (out [1000]uint64) {
	s := NewStream("x", "", "", "")
	for n := range out {
		out[n] = d.Draw(&s, uint64(n), Below(1_000_000))
	}
	return out
}

// Each pick hangs on one byte. Fails for a driver that reads the bytes in order or hashes them all.
func TestBytesChangedByteChangesFewPicks(t *testing.T) {
	b := fuzzed(100)
	base, moved := asks(b), [1000]int{}
	for i := range b {
		b[i]++
		n := 0
		for k, v := range asks(b) {
			if v != base[k] {
				moved[k]++
				n++
			}
		}
		if n > 30 {
			t.Errorf("byte %d changes %d of 1000 picks", i, n)
		}
		b[i]--
	}
	for k, n := range moved {
		if n > 1 {
			t.Errorf("pick %d hangs on %d bytes", k, n)
		}
	}
}

// About three quarters of the picks read the same byte as before.
func TestBytesInsertedByteChangesFewPicks(t *testing.T) {
	b := fuzzed(100)
	base, same := asks(b), 0
	for k, v := range asks(slices.Insert(slices.Clone(b), 50, 99)) {
		if v == base[k] {
			same++
		}
	}
	if same < 650 {
		t.Errorf("after an inserted byte %d of 1000 picks are as before", same)
	}
}

func TestBytesReachManyOutcomes(t *testing.T) {
	seen := map[uint64]bool{}
	for _, v := range asks(fuzzed(1000)) {
		seen[v] = true
	}
	if len(seen) < 900 {
		t.Errorf("1000 picks have %d different outcomes", len(seen))
	}
}
