package checkers

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
)

// script tells the judge of lists a history that no execution makes: "1+xa" is that T1 appends a to x,
// "2=xab" that T2 read x as the list of a and b, "c1" and "a1" are ends.
func script(text string) *tape {
	r := play(SerializableLists(byLists))
	for _, word := range strings.Fields(text) {
		switch tx := tnum(word[0] - '0'); {
		case word[0] == 'c' || word[0] == 'a':
			r.note("c", closed{tnum(word[1] - '0'), word[0] == 'c'})
		case word[1] == '+':
			r.note("c", appended{tx, word[2:3], word[3:]})
		default:
			r.note("c", listed{tx, word[2:3], strings.Split(word[3:], "")})
		}
	}
	return r
}

// Fails if what no store of lists can show passes, or has another name, or a transaction that did not
// commit is listened to.
func TestListsThatCannotBe(t *testing.T) {
	for _, x := range []struct{ history, why string }{
		{"1+xa c1 2=xb c2", "garbage read: T2 read x with b, which nobody has appended"},
		{"1+xa c1 2=xa c2 3=xb c3", "garbage read: T3 read x with b, which nobody has appended"},
		{"1+xa 1+yb c1 2=xb c2", "garbage read: T2 read x with b, which nobody has appended"},
		{"1+xa c1 2=xaa c2", "duplicate element: T2 read x with a at two places"},
		{"1+xa 2+xb c1 c2 3=xab c3 4=xba c4", "incompatible order: element 1 of x was a as T3 read it, and b as T4 read it"},
		{"1+xa 2+xb c1 c2 3=xab c3 4=xaa c4", "duplicate element: T4 read x with a at two places"},
		{"1+xa 2+xb 3+xc c1 c2 c3 4=xab c4 5=xac c5", "incompatible order: element 2 of x was b as T4 read it, and c as T5 read it"},
		{"1+xa 1+xb c1 2=xba c2", "incompatible order: T2 read x with b of T1, but not after all that T1 had appended before"},
		{"1+xa 1+xb c1 1=xb", "incompatible order: T1 read x with b of T1, but not after all that T1 had appended before"},
		{"1+xa 2+xb c1 2=xab c2 3+xc 3=xac c3 4=xac c4", "incompatible order: element 2 of x was b as T2 read it, and c as T3 read it"},
	} {
		script(x.history).violates(t, x.why)
	}
	script("1+xa c1 2=xaa a2 3=xb 4=xa c4").holds(t, 1)
}

// Fails if undone appends are taken for lost ones: what aborted was seen, and that is what is wrong.
func TestUndoneAppends(t *testing.T) {
	for _, history := range []string{
		"1+xa a1 2+xb c2 3=xa c3 4=xb c4",       // seen, then undone
		"1+xa a1 2+xb c2 4=xb c4 3=xa c3",       //
		"1+xa a1 2+xb c2 3=xab c3",              // seen in the middle
		"1+xa a1 2+xb c2 3=xab c3 4=xb c4",      //
		"1+xa a1 2+xb c2 4=xb c4 3=xab c3 5=xb", //
		"1+xa a1 1=xa 2=xa 2+xb c2 3=xb c3",     // even if the one who saw it then appended
	} {
		if _, err := script(history).end(); err == nil || !strings.HasSuffix(err.Error(), "read x with a of T1, which aborted") {
			t.Errorf("%s: %v", history, err)
		}
	}
	// What took the place of a seems to come after it, so that T1 and T2 make a cycle; but nobody knows.
	script("1+xa 9+xz a9 2+xb 2+yc 1+yd c1 c2 4=xaz c4 5=xb c5 6=ycd c6").violates(t, "G1a (aborted read): T4 read x with z of T9, which aborted")
	// Both reads hold an undone element, but it does not explain how they differ.
	script("9+xz a9 1+xa 2+xb c1 c2 3=xza c3 4=xzb c4").violates(t, "incompatible order: element 2 of x was a as T3 read it, and b as T4 read it")
	// But if one who aborted saw it, nobody did.
	script("1+xa a1 2=xa a2 3+xb c3 4=xb c4").holds(t, 1)
}

// Fails if an append that no read saw is forgotten, or put into an order with another that nobody saw.
func TestUnseenAppends(t *testing.T) {
	script("1+xa 2+xb c1 c2").holds(t, 0)
	script("1+xa c1 2=xa 2+xb c2 3=xa 3+yc c3 4=xa").holds(t, 1+1+1+1) // T1 before T2, by wr and ww; T3 by wr, and before T2
	script("1=x 1+xa c1 2=x 2+xb c2").violates(t,
		"G2-item (lost update): T1 read the empty x, without b of T2; T2 read the empty x, without a of T1; so T1 would stand before itself")
	script("1=x 1+ya c1 2=y 2+xb c2").violates(t,
		"G2-item (write skew): T1 read the empty x, without b of T2; T2 read the empty y, without a of T1; so T1 would stand before itself")
	script("1+xa 1+yb c1 2=yb 2=x c2").violates(t,
		"G-single (read skew): T2 read the empty x, without a of T1; T2 read y up to b of T1; so T2 would stand before itself")
	script("1+xa 2+xb 1+xc c1 c2 3=xab c3").violates(t,
		"G0 (dirty write): T2 appended b to x after a of T1; T1 appended c to x after b of T2; so T1 would stand before itself")
	script("1+xa 1+xb c1 2=xa c2").violates(t, "G1b (intermediate read): T2 read x up to a of T1, which appended more to it")
}

// Fails if an element that two transactions append is put down to one of them, or one that is noted again
// is taken for two.
func TestElementsAreUnique(t *testing.T) {
	script("1+xa 2+xa").violates(t, "the history cannot be judged: both T1 and T2 appended a to x")
	script("1+xa 1+xa 1+ya c1 2=xa c2").holds(t, 1)
}

// bigHistory is n transactions that each read two keys and write one of them, one after the other, by the
// facts of stores.
func bigHistory(n, keys int) (facts []any) {
	latest := make([]Version, keys)
	names := make([]string, keys)
	for k := range names {
		names[k] = fmt.Sprint("k", k)
	}
	for i := range n {
		tx, a, b := tnum(i+1), i*7%keys, (i*13+1)%keys
		facts = append(facts, viewed{tx, names[a], latest[a]}, viewed{tx, names[b], latest[b]}, installed{tx, names[b], 0}, closed{tx, true})
		latest[b] = Version{tx, 0}
	}
	return facts
}

// bigLists is the same by lists that are cut now and then, since a list that only grows is read in the
// square of its length.
func bigLists(n, keys int) (facts []any) {
	lists := make([][]string, keys)
	names := make([]string, keys)
	for i := range n {
		tx, a, b := tnum(i+1), i*7%keys, (i*13+1)%keys
		for _, k := range []int{a, b} {
			if len(lists[k])%100 == 0 {
				names[k], lists[k] = fmt.Sprint("k", k, " ", i), nil
			}
		}
		facts = append(facts, listed{tx, names[a], lists[a]}, listed{tx, names[b], lists[b]}, appended{tx, names[b], tx.String()}, closed{tx, true})
		lists[b] = append(lists[b][:len(lists[b]):len(lists[b])], tx.String())
	}
	return facts
}

// judged gives the facts to a judge, and returns what it finds.
func judged(p sim.Property, facts []any) error {
	e := sim.Event{Kind: sim.Noted}
	for _, f := range facts {
		e.Data = f
		if err := p.Observe(&e); err != nil {
			return err
		}
	}
	_, err := p.End(nil)
	return err
}

// tangled is the same without any order: all read before any has written.
func tangled(n, keys int) (facts []any) {
	for i := range n {
		facts = append(facts, viewed{tnum(i + 1), fmt.Sprint("k", i%keys), Version{}}, closed{tnum(i + 1), true})
	}
	for i := range n {
		facts = append(facts, installed{tnum(i + 1), fmt.Sprint("k", (i+1)%keys), 0})
	}
	return facts
}

// BenchmarkSerializable is what histories cost: of a short run, of a long one, and of a long one that is
// wrong in very many ways.
func BenchmarkSerializable(b *testing.B) {
	for _, x := range []struct {
		name  string
		facts []any
		fails bool
	}{
		{"50", bigHistory(50, 10), false},
		{"10000", bigHistory(10_000, 100), false},
		{"100000", bigHistory(100_000, 100), false},
		{"10000 tangled", tangled(10_000, 100), true},
	} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := judged(Serializable(byFacts), x.facts); (err != nil) != x.fails {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkSerializableLists is the same for lists; the blind append to one list that nobody reads to the
// end.
func BenchmarkSerializableLists(b *testing.B) {
	blind := []any{}
	for i := range 10_000 {
		tx := tnum(i + 1)
		blind = append(blind, listed{tx, fmt.Sprint("k", i), nil}, appended{tx, "x", tx.String()}, closed{tx, true})
		blind = append(blind, listed{tx + 10_000, "x", nil}, closed{tx + 10_000, true})
	}
	for _, x := range []struct {
		name  string
		facts []any
	}{{"50", bigLists(50, 10)}, {"10000", bigLists(10_000, 100)}, {"10000 blind", blind}} {
		b.Run(x.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := judged(SerializableLists(byLists), x.facts); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
