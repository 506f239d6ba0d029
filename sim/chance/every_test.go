package chance

import (
	"fmt"
	"strings"
	"testing"
)

// runs counts the runs of body under every sequence of outcomes, and fails if two of them look the same.
func runs(t *testing.T, body func(c *Source) string) (n int, all []string) {
	t.Helper()
	seen := map[string]bool{}
	for d := range Every() {
		c := Driven(d)
		got := body(&c)
		if seen[got] {
			t.Fatalf("run %d repeats %s", n, got)
		}
		seen[got] = true
		all = append(all, got)
		if n++; n > 1_000_000 {
			t.Fatal("no end")
		}
	}
	return n, all
}

func TestEveryProduct(t *testing.T) {
	s := NewStream("x", "", "", "")
	for _, bounds := range [][]uint64{{}, {1}, {2}, {2, 3, 4}, {5, 1, 0, 2}, {2, 2, 2, 2, 2, 2, 2, 2, 2, 2}} {
		want := 1
		for _, b := range bounds {
			want *= int(max(b, 1))
		}
		n, _ := runs(t, func(c *Source) string {
			out := make([]uint64, len(bounds))
			for i, b := range bounds {
				if out[i] = c.Below(&s, uint64(i), b); out[i] >= max(b, 1) {
					t.Fatalf("outcome %d of %d", out[i], b)
				}
			}
			return fmt.Sprint(out)
		})
		if n != want {
			t.Errorf("bounds %v: %d runs, want %d", bounds, n, want)
		}
	}
}

// The first run is the benign one, and the last pick turns fastest.
func TestEveryCountsAsAnOdometer(t *testing.T) {
	s := NewStream("x", "", "", "")
	_, all := runs(t, func(c *Source) string {
		return fmt.Sprint(c.Below(&s, 1, 2), c.Chance(&s, 2, 5), c.Draw(&s, 3, Weighted(1, 1)))
	})
	const want = "0 false 0; 0 false 1; 0 true 0; 0 true 1; 1 false 0; 1 false 1; 1 true 0; 1 true 1"
	if got := strings.Join(all, "; "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Picks that are asked only after some answers: 1 + 3 runs, and a choice of how many choices follow: 1 + 2 + 4 + 8.
func TestEveryDependentPicks(t *testing.T) {
	s := NewStream("x", "", "", "")
	n, all := runs(t, func(c *Source) string {
		if c.Below(&s, 1, 2) == 0 {
			return "0"
		}
		return fmt.Sprint("1 ", c.Below(&s, 2, 3))
	})
	if n != 4 {
		t.Errorf("%d runs, want 4: %q", n, all)
	}
	n, _ = runs(t, func(c *Source) string {
		got := ""
		for i := range c.Below(&s, 0, 4) {
			got += fmt.Sprint(c.Below(&s, 1+i, 2))
		}
		return got
	})
	if n != 15 {
		t.Errorf("%d runs, want 15", n)
	}
}

// exchange is a request to each of three acceptors and its answer: lost on the way there, on the way back, or not at
// all. It returns how many answers arrived.
func exchange(c *Source, phase string, trace *strings.Builder) (answers int) {
	for a := range uint64(3) {
		there, back := NewStream("lose", "p", fmt.Sprint("a", a), phase), NewStream("lose", fmt.Sprint("a", a), "p", phase)
		switch {
		case c.Chance(&there, 1, 500_000):
			trace.WriteByte('x')
		case c.Chance(&back, 1, 500_000):
			trace.WriteByte('<')
		default:
			trace.WriteByte('.')
			answers++
		}
	}
	return answers
}

// One proposer's round has 27 outcomes of phase one; with a quorum of q answers each is followed by the 27 of phase
// two. Of the 27, 7 have two answers or more and 19 have one or more.
func TestEveryRoundOfPaxos(t *testing.T) {
	for _, x := range []struct{ quorum, want int }{{2, 20 + 7*27}, {1, 8 + 19*27}, {4, 27}} {
		n, _ := runs(t, func(c *Source) string {
			var b strings.Builder
			if exchange(c, "Prepare", &b) >= x.quorum {
				exchange(c, "Accept", &b)
			}
			return b.String()
		})
		if n != x.want {
			t.Errorf("quorum %d: %d runs, want %d", x.quorum, n, x.want)
		}
	}
}

// What is certain is not enumerated, and comes out as it must.
func TestEveryCertain(t *testing.T) {
	s := NewStream("x", "", "", "")
	n, all := runs(t, func(c *Source) string {
		return fmt.Sprint(c.Draw(&s, 1, Rate(0)), c.Draw(&s, 2, Rate(1_000_000)), c.Chance(&s, 3, 1_000_000), c.Draw(&s, 4, Below(1)), c.Draw(&s, 5, Weighted(9)))
	})
	if n != 1 || all[0] != "0 1 true 0 0" {
		t.Errorf("runs %q, want one: 0 1 true 0 0", all)
	}
}

func TestEveryStops(t *testing.T) {
	s, n := NewStream("x", "", "", ""), 0
	for d := range Every() {
		c := Driven(d)
		c.Below(&s, 1, 100)
		if n++; n == 5 {
			break
		}
	}
	if n != 5 {
		t.Errorf("%d runs, want 5", n)
	}
}

// A body that does not ask the same when it is answered the same is not a function of its picks, and an enumeration
// of it would mean nothing.
func TestEveryRefusesNondeterminism(t *testing.T) {
	x, y := NewStream("x", "", "", ""), NewStream("y", "", "", "")
	for name, body := range map[string]func(run int, c *Source){
		"another stream": func(run int, c *Source) { c.Below([]*Stream{&x, &y}[min(run, 1)], 1, 2) },
		"another number": func(run int, c *Source) { c.Below(&x, uint64(run), 2) },
		"another bound":  func(run int, c *Source) { c.Below(&x, 1, uint64(2+run)) },
		"fewer picks": func(run int, c *Source) {
			if run == 0 {
				c.Below(&x, 1, 2)
			}
		},
	} {
		func() {
			defer func() {
				if e := fmt.Sprint(recover()); !strings.HasPrefix(e, "chance: the run asked ") {
					t.Errorf("%s: the enumeration went on: %s", name, e)
				}
			}()
			run := 0
			for d := range Every() {
				c := Driven(d)
				body(run, &c)
				run++
			}
		}()
	}
}

// The odometer drives through a recorder: each run has its tape, and the tape makes that run.
func TestEveryRecorded(t *testing.T) {
	body := func(c *Source) string {
		var b strings.Builder
		exchange(c, "Prepare", &b)
		return b.String()
	}
	for d := range Every() {
		r := &Recorder{Base: d}
		c := Driven(r)
		want := body(&c)
		c = Driven(NewOverrides(nil, r.Tape))
		if got := body(&c); got != want {
			t.Errorf("tape %v makes %s, not %s", r.Tape, got, want)
		}
	}
}
