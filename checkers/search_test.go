package checkers

import (
	"fmt"
	"testing"

	"simrun/sim"
)

// hard is a history that is wrong only at its last read, and in which so many appends are open that
// Porcupine must try very many orders to be sure.
func hard(steps, opens int) store {
	h := storeHistory
	h.Steps = steps
	s := store{play(Linearizable(KV(), h))}
	for n := range uint64(opens) {
		c := sim.NodeID(fmt.Sprint("u", n))
		s.call(c, 1, KVInput{Op: Append, Key: "x", Value: string(rune('a' + n))}).reach(c, 1).ends(c, 1, Unknown)
	}
	return s.get("c1", 1, "").get("c1", 2, "never written")
}

// Fails if a spent budget is taken for a violation (Porcupine says illegal then) or for none, or is not
// spent alike each time.
func TestBudgetIsUnknown(t *testing.T) {
	for range 3 {
		s := hard(1000, 12)
		result, err := s.end()
		if want := `on key "x": no answer within 1000 steps for 14 operations`; result != sim.Unknown || fmt.Sprint(err) != want {
			t.Fatalf("got %v, %v, want unknown: %s", result, err, want)
		}
		if n := s.tallies()["porcupine steps"]; n != 1000 {
			t.Errorf("%d steps, want 1000", n)
		}
	}
}

// Fails if many orders of a few operations take for ever, step by step: where states cannot be hashed, each is compared with all that the same operations can
// have led to.
func TestBudgetIsAlsoOfComparisons(t *testing.T) {
	h := storeHistory
	h.Steps = 20_000
	compared := 0
	m := KV()
	m.Equal = func(a, b any) bool { compared++; return a == b }
	s := store{play(Linearizable(m, h))}
	for n := range uint64(9) {
		s.call(sim.NodeID(fmt.Sprint("u", n)), 1, KVInput{Op: Append, Key: "x", Value: string(rune('a' + n))})
		s.reach(sim.NodeID(fmt.Sprint("u", n)), 1)
	}
	s.get("c1", 1, "never written")
	l := s.p.(*linearizable)
	if got := l.search.check(l.history(l.parts()[0], 1<<62), h.Steps); got != spent || compared != h.Steps*looksPerStep {
		t.Errorf("answer %d after %d comparisons, want the budget to be spent at %d", got, compared, h.Steps*looksPerStep)
	}
	if l.search.steps >= uint64(h.Steps) {
		t.Errorf("%d steps: they were spent before, so nothing is tested", l.search.steps)
	}
}

// Fails if the steps that an answer takes vary, or the budget is off by one: what takes n steps must be
// answered with a budget of n, and not of n-1.
func TestBudgetIsExact(t *testing.T) {
	s := hard(0, 5)
	if _, err := s.end(); err == nil {
		t.Fatal("holds, want a violation")
	}
	s = hard(0, 5)
	l := s.p.(*linearizable)
	l.search.check(l.history(l.parts()[0], 1<<62), l.Steps)
	n := int(l.search.steps)
	if result, err := hard(n, 5).end(); result != sim.Holds || err == nil {
		t.Errorf("with %d steps: got %v, %v, want a violation", n, result, err)
	}
	if result, err := hard(n-1, 5).end(); result != sim.Unknown || err == nil {
		t.Errorf("with %d steps: got %v, %v, want unknown", n-1, result, err)
	}
}

// Fails if one key's spent budget hides that another key is wrong, or is taken from the next key's.
func TestBudgetIsEachKeysOwn(t *testing.T) {
	s := hard(1000, 12)
	s.call("c8", 1, KVInput{Op: Get, Key: "z"}).call("c9", 1, KVInput{Op: Get, Key: "z"}).reach("c9", 1).done("c9", 1, KVOutput{Value: "phantom"})
	result, err := s.end()
	if result != sim.Holds || err == nil {
		t.Errorf("got %v, %v, want key z to be violated", result, err)
	}
	if s.p.Checks() != 2 {
		t.Errorf("%d checks, want 2", s.p.Checks())
	}
}

// typical is the history of a run of the replicated store: 100 operations of three clients on five keys,
// a few of them unknown, and six messages for each.
func typical(p sim.Property, facts []any) sim.Property {
	e := sim.Event{Kind: sim.Noted}
	for i, f := range facts {
		e.Seq, e.Data, e.Kind = uint64(i+1), f, sim.Noted
		if _, ok := f.(request); ok {
			e.Kind = sim.Delivered
		}
		if err := p.Observe(&e); err != nil {
			panic(err)
		}
	}
	if result, err := p.End(nil); result != sim.Holds || err != nil {
		panic(fmt.Sprint(result, err))
	}
	return p
}

func typicalFacts() (facts []any) {
	values := map[string]string{}
	for n := range 100 / 3 {
		for c := range 3 {
			in := KVInput{Op: KVOp((n + c) % 4), Key: fmt.Sprint("k", (n*7+c)%5), Value: fmt.Sprint(n, c), Expect: "0"}
			facts = append(facts, called{OpID{clientNames[c], uint64(n)}, in})
		}
		for c := range 3 {
			id := OpID{clientNames[c], uint64(n)}
			in := facts[len(facts)-3-c*6].(called).in
			for range 5 {
				facts = append(facts, request{id})
			}
			var out KVOutput
			values[in.Key], out = perform(values[in.Key], in)
			facts = append(facts, executed{id})
			facts = append(facts, returned{id, out, Done})
			if n%11 == c {
				facts[len(facts)-1] = returned{id, nil, Unknown}
			}
		}
	}
	return facts
}

// BenchmarkTypical is what judging one run of the replicated store costs.
func BenchmarkTypical(b *testing.B) {
	facts := typicalFacts()
	h := storeHistory
	h.Total = 100
	b.ReportAllocs()
	for b.Loop() {
		typical(Linearizable(KV(), h), facts)
	}
}

// Fails if facts and messages that are no operations cost memory: most events are such.
func TestOtherEventsAreFree(t *testing.T) {
	properties := []sim.Property{
		Linearizable(KV(), storeHistory), Agreement(isSettled), Validity(isOffered, isSettled), Integrity(isSettled, isHeard),
		Always("x", false, nil, func(*sim.Event) (bool, error) { return false, nil }),
	}
	note, recv := sim.Event{Kind: sim.Noted, Data: gossip{}}, sim.Event{Kind: sim.Delivered, Data: gossip{}}
	for _, p := range properties {
		if n := testing.AllocsPerRun(100, func() { _, _ = p.Observe(&note), p.Observe(&recv) }); n != 0 {
			t.Errorf("%s: %v allocations", p.Name(), n)
		}
	}
}
