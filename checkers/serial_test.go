package checkers

import (
	"strings"
	"testing"
)

// planted are executions with one anomaly each, and what the two judges say of them.
var planted = []struct{ execution, facts, lists string }{
	{
		"w1x w2x w2y w1y c1 c2 r3x2 r3y1 c3",
		"G0 (dirty write): T2 overwrote x of T1; T1 overwrote y of T2; so T1 would stand before itself",
		"G0 (dirty write): T2 appended x2.1 to x after x1.1 of T1; T1 appended y1.1 to y after y2.1 of T2; so T1 would stand before itself",
	},
	{
		"w1x w2x w1x c1 c2 r3x1 c3",
		"G0 (dirty write): T2 overwrote x of T1; T1 overwrote x of T2; so T1 would stand before itself",
		"G0 (dirty write): T2 appended x2.1 to x after x1.1 of T1; T1 appended x1.2 to x after x2.1 of T2; so T1 would stand before itself",
	},
	{
		"w1x r2x1 c2 a1",
		"G1a (aborted read): T2 read x of T1, which aborted",
		"G1a (aborted read): T2 read x with x1.1 of T1, which aborted",
	},
	{
		"w1x r2x1 w1x c1 c2 r3x1 c3",
		"G1b (intermediate read): T2 read x of T1 as of its write 1, but its last was write 2",
		"G1b (intermediate read): T2 read x up to x1.1 of T1, which appended more to it",
	},
	{
		"w1x r2x1 w2y r1y2 c1 c2",
		"G1c (circular information flow): T2 read x of T1; T1 read y of T2; so T1 would stand before itself",
		"G1c (circular information flow): T2 read x up to x1.1 of T1; T1 read y up to y2.1 of T2; so T1 would stand before itself",
	},
	{
		"w1x w2x w2y c2 r1y2 c1 r3x2 c3",
		"G1c (circular information flow): T2 overwrote x of T1; T1 read y of T2; so T1 would stand before itself",
		"G1c (circular information flow): T2 appended x2.1 to x after x1.1 of T1; T1 read y up to y2.1 of T2; so T1 would stand before itself",
	},
	{
		"r2x0 w1x w1y c1 r2y1 c2",
		"G-single (read skew): T2 read the initial x, which T1 overwrote; T2 read y of T1; so T2 would stand before itself",
		"G-single (read skew): T2 read the empty x, without x1.1 of T1; T2 read y up to y1.1 of T1; so T2 would stand before itself",
	},
	{
		"w9x c9 r1x9 r2x9 w1x c1 w2x c2 r3x2 c3",
		"G-single (lost update): T2 read x of T9, which T1 overwrote; T2 overwrote x of T1; so T2 would stand before itself",
		"G-single (lost update): T2 read x up to x9.1 of T9, without x1.1 of T1; T2 appended x2.1 to x after x1.1 of T1; so T2 would stand before itself",
	},
	{
		"r1x0 w2x c2 r1x2 c1",
		"G-single (unrepeatable read): T1 read the initial x, which T2 overwrote; T1 read x of T2; so T1 would stand before itself",
		"G-single (unrepeatable read): T1 read the empty x, without x2.1 of T2; T1 read x up to x2.1 of T2; so T1 would stand before itself",
	},
	{
		"r1x0 r1y0 r2x0 r2y0 w1x w2y c1 c2 r3x1 r3y2 c3",
		"G2-item (write skew): T1 read the initial y, which T2 overwrote; T2 read the initial x, which T1 overwrote; so T1 would stand before itself",
		"G2-item (write skew): T1 read the empty y, without y2.1 of T2; T2 read the empty x, without x1.1 of T1; so T1 would stand before itself",
	},
	{
		"r1x0 r2y0 r3z0 w1y w2z w3x c1 c2 c3 r4x3 r4y1 r4z2 c4",
		"G2-item (cycle of anti-dependencies): T1 read the initial x, which T3 overwrote; T3 read the initial z, which T2 overwrote; " +
			"T2 read the initial y, which T1 overwrote; so T1 would stand before itself",
		"G2-item (cycle of anti-dependencies): T1 read the empty x, without x3.1 of T3; T3 read the empty z, without z2.1 of T2; " +
			"T2 read the empty y, without y1.1 of T1; so T1 would stand before itself",
	},
}

// Fails if an anomaly passes, has another name than Adya's, or a different one by each way to know the
// version order, or if the sentence does not walk the cycle.
func TestPlantedAnomalies(t *testing.T) {
	for _, p := range planted {
		t.Run(p.execution, func(t *testing.T) {
			x := parse(t, p.execution)
			x.facts().violates(t, p.facts)
			x.lists().violates(t, p.lists)
			if a, b := class(t, x.facts()), class(t, x.lists()); a != b {
				t.Errorf("%s by the stores' facts, %s by the lists", a, b)
			}
			if dumbFacts(x) || dumbLists(x) {
				t.Error("the dumb judges find a serial order")
			}
		})
	}
}

// class returns the name of the anomaly, without what is said in brackets, or "".
func class(t testing.TB, r *tape) string {
	t.Helper()
	_, err := r.end()
	if err == nil {
		return ""
	}
	for a := range anomalies {
		name, _, _ := strings.Cut(a.String(), " (")
		if strings.HasPrefix(err.Error(), name) {
			return name
		}
	}
	t.Fatalf("no anomaly: %v", err)
	return ""
}

// Fails if a judge listens to transactions that did not commit, takes a transaction for its own
// predecessor, or other facts or a version that is noted again for something new.
func TestSerializableHolds(t *testing.T) {
	for _, text := range []string{
		"r1x0 w1x c1 r2x1 w2x c2",                    // a counter
		"w1x r1x1 w1x r1x1 c1",                       // its own writes
		"w1x w2x w2y w1y a1 c2",                      // undone writes order nothing
		"w1x w2x w2y w1y c2",                         // nor do those of unknown end
		"w1x r2x1 a1 a2",                             // an aborted transaction may read anything
		"r1x0 w1x c1 r2x1 w2y a2 r3y0 c3 r3x1",       // aborted versions are skipped
		"r2x0 w1x c1 r2x1 w2y",                       // no end is known: it may have aborted, as it should
		"w1x c1 w2x r3x1 c3 a2",                      // the next version is undone
		"r1x0 r1x0 w1x c1 r3x1 r2x0 c2 c3 r3x1 r2x0", // reads noted twice; a slow reader comes before
	} {
		x := parse(t, text)
		if result, err := x.facts().end(); err != nil {
			t.Errorf("%s: by facts %v, %v", text, result, err)
		}
		if result, err := x.lists().end(); err != nil {
			t.Errorf("%s: by lists %v, %v", text, result, err)
		}
	}
	r := play(Serializable(byFacts)).note("s", installed{1, "x", 1}).note("s", installed{2, "x", 1}).note("s", gossip{})
	r.note("s", installed{1, "x", 1}).note("c", viewed{3, "x", Version{tnum(2), 1}}).note("c", closed{1, true})
	r.note("c", closed{2, true}).note("s", closed{2, true}).note("c", closed{3, true})
	r.holds(t, 2)
	r = play(Serializable(byFacts)).note("s", installed{1, "x", 1}).note("s", installed{1, "x", 2}).note("s", installed{2, "x", 1})
	r.note("s", installed{1, "x", 1}).note("c", closed{1, true}).note("c", closed{2, true}).holds(t, 1)
	if inner(r.p) || r.p.Name() != "serializable" {
		t.Error("serializability must be outer: a user sees anomalies")
	}
}

// Fails if the checks are not the dependencies between transactions that committed.
func TestSerializableCountsDependencies(t *testing.T) {
	for text, checks := range map[string]uint64{
		"w1x c1":                     0,
		"w1x c1 w2y c2 r3z0 c3":      0,
		"w1x c1 r2x1 c2":             1, // wr
		"w1x c1 r2x1 c2 w3x c3":      3, // and ww, and rw
		"w1x c1 r2x1 a2 w3x":         0,
		"w1x c1 r2x1 w2x c2 r1x1":    2, // wr and ww; an update is no dependency on itself
		"r1x0 c1 w2x a2 w3x c3 r4y0": 1, // rw past what was undone
	} {
		parse(t, text).facts().holds(t, checks)
	}
	parse(t, "w1x c1 r2x1 c2 w3x c3").lists().holds(t, 3)
}

// Fails if an unknown transaction whose write was read is left out, or only its write is counted in.
func TestWhatWasReadHasCommitted(t *testing.T) {
	for _, way := range []func(*execution) *tape{(*execution).facts, (*execution).lists} {
		// T1 is unknown. T2 has read it, so its own reads count: of y before T3, and of z after T3.
		if got := class(t, way(parse(t, "r1y0 w3y w3z c3 r1z3 w1x r2x1 c2 r4y3 c4"))); got != "G-single" {
			t.Errorf("got %q", got)
		}
		if got := class(t, way(parse(t, "r1y0 w3y w3z c3 r1z3 w1x r2x0 c2 r4y3 c4"))); got != "" {
			t.Errorf("nobody has read T1: got %q", got)
		}
		// And whatever it has read has committed in turn.
		if got := class(t, way(parse(t, "r1y0 w3y w3z r1z3 w1x r5x1 w5x r2x5 c2"))); got != "G-single" {
			t.Errorf("two steps away: got %q", got)
		}
	}
}

// Fails if a read of what no store has installed passes, or is taken for another anomaly.
func TestGarbageRead(t *testing.T) {
	r := play(Serializable(byFacts)).note("c", viewed{2, "x", Version{tnum(1), 1}}).note("c", closed{2, true})
	r.violates(t, "garbage read: T2 read x of T1, a version that no store has installed")
	r = play(Serializable(byFacts)).note("s", installed{1, "x", 1}).note("c", viewed{2, "x", Version{tnum(1), 2}}).note("c", closed{2, true})
	r.violates(t, "garbage read: T2 read x of T1, a version that no store has installed")
	// The store has the final version only, and somebody saw the one before.
	r = play(Serializable(byFacts)).note("s", installed{1, "x", 2}).note("c", viewed{2, "x", Version{tnum(1), 1}}).note("c", closed{2, true})
	r.violates(t, "G1b (intermediate read): T2 read x of T1 as of its write 1, but its last was write 2")
	// An aborted transaction's write need not have been installed to be read.
	r = play(Serializable(byFacts)).note("c", viewed{2, "x", Version{tnum(1), 1}}).note("c", closed{2, true}).note("s", closed{1, false})
	r.violates(t, "G1a (aborted read): T2 read x of T1, which aborted")
}

// Fails if two words on one end are not taken for a commit, in either order.
func TestCommittedAnywhereIsCommitted(t *testing.T) {
	for _, first := range []bool{true, false} {
		r := play(Serializable(byFacts)).note("s", installed{1, "x", 0}).note("c", viewed{2, "x", Version{Tx: tnum(1)}}).note("c", closed{2, true})
		r.note("c", closed{1, first}).note("c", closed{1, !first}).holds(t, 1)
	}
}

// Fails if transactions that are named by text are quoted in the sentence, or a name cannot be compared
// and the runtime says so in its own words.
func TestNamesOfTransactions(t *testing.T) {
	named := Transactions{
		Read: func(fact any) (any, string, Version, bool) {
			f, ok := fact.(viewed)
			return "pay 7", f.key, f.version, ok
		},
		Installed: func(any) (any, string, int, bool) { return nil, "", 0, false },
		Ended:     func(fact any) (any, bool, bool) { _, ok := fact.(closed); return "pay 7", true, ok },
	}
	play(Serializable(named)).note("c", viewed{0, "x", Version{tnum(1), 0}}).note("c", closed{}).
		violates(t, "garbage read: pay 7 read x of T1, a version that no store has installed")
	defer func() {
		p, _ := recover().(string)
		if !strings.HasPrefix(p, "checkers: serializable: a value of type []int cannot be compared") {
			t.Errorf("panic %q", p)
		}
	}()
	named.Ended = func(any) (any, bool, bool) { return []int{1}, true, true }
	play(Serializable(named)).note("c", closed{})
}

// Fails if a write of nobody is taken for the initial version.
func TestVersionOfNobody(t *testing.T) {
	play(Serializable(byFacts)).note("c", viewed{2, "x", Version{nil, 3}}).
		violates(t, "the history cannot be judged: c at 1ms noted a read of write 3 of no transaction")
}

// Fails if a judge is made that cannot judge.
func TestAllFunctionsAreNeeded(t *testing.T) {
	for name, f := range map[string]func(){
		"Serializable":      func() { Serializable(Transactions{Read: byFacts.Read, Ended: isClosed}) },
		"SerializableLists": func() { SerializableLists(Lists{Appended: byLists.Appended, Ended: isClosed}) },
	} {
		func() {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "checkers: "+name+" needs all functions") {
					t.Errorf("%s: panic %q", name, p)
				}
			}()
			f()
		}()
	}
}

// Fails if a long cycle fills the screen.
func TestLongCycleIsCut(t *testing.T) {
	r := play(Serializable(byFacts))
	const n = 40
	for i := range tnum(n) {
		r.note("c", viewed{i + 1, string(rune('A' + i)), Version{}})
		r.note("s", installed{i + 1, string(rune('A' + (i+1)%n)), 0}).note("c", closed{i + 1, true})
	}
	_, err := r.end()
	if err == nil || !strings.HasSuffix(err.Error(), "; and so on for 34 more; so T1 would stand before itself") || strings.Count(err.Error(), " overwrote") != 6 {
		t.Error(err)
	}
}
