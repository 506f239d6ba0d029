package checkers

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/anishathalye/porcupine"

	"simrun/sim"
)

// The facts and the message of an imaginary store.
type (
	called struct {
		id OpID
		in KVInput
	}
	returned struct {
		id      OpID
		out     any
		outcome Outcome
	}
	executed struct{ id OpID }
	request  struct{ id OpID }
)

var storeHistory = History{
	Call: func(fact any) (OpID, string, any, bool) {
		f, ok := fact.(called)
		if !ok {
			return OpID{}, "", nil, false
		}
		return f.id, f.in.Key, f.in, true
	},
	Return: func(fact any) (OpID, any, Outcome, bool) {
		f, ok := fact.(returned)
		return f.id, f.out, f.outcome, ok
	},
	Reached: func(m sim.Message) (OpID, bool) {
		r, ok := m.(request)
		return r.id, ok
	},
	Effect: func(fact any) (OpID, bool) {
		f, ok := fact.(executed)
		return f.id, ok
	},
}

// A store is a tape with the words of a store. Operations are named by client and number, "c1" and 3.
type store struct{ *tape }

func history() store { return store{play(Linearizable(KV(), storeHistory))} }

func (s store) call(c sim.NodeID, n uint64, in KVInput) store {
	s.note(c, called{OpID{c, n}, in})
	return s
}

func (s store) reach(c sim.NodeID, n uint64) store {
	s.event(sim.Delivered, "s1", request{OpID{c, n}})
	return s
}

func (s store) done(c sim.NodeID, n uint64, out KVOutput) store {
	s.note(c, returned{OpID{c, n}, out, Done})
	return s
}

func (s store) ends(c sim.NodeID, n uint64, o Outcome) store {
	s.note(c, returned{OpID{c, n}, nil, o})
	return s
}

func (s store) execute(c sim.NodeID, n uint64) store {
	s.note("s1", executed{OpID{c, n}})
	return s
}

// put and get are whole operations, of three events each.
func (s store) put(c sim.NodeID, n uint64, value string) store {
	return s.call(c, n, KVInput{Op: Put, Key: "x", Value: value}).reach(c, n).done(c, n, KVOutput{})
}

func (s store) get(c sim.NodeID, n uint64, value string) store {
	return s.call(c, n, KVInput{Op: Get, Key: "x"}).reach(c, n).done(c, n, KVOutput{Value: value})
}

func (s store) tallies() map[string]uint64 {
	m := map[string]uint64{}
	s.p.(interface{ Tally(func(string, uint64)) }).Tally(func(name string, n uint64) { m[name] = n })
	return m
}

func put(value string) KVInput { return KVInput{Op: Put, Key: "x", Value: value} }

// Fails if a right history is refused, or a key that was used is not judged.
func TestLinearizableHolds(t *testing.T) {
	s := history().put("c1", 1, "a").get("c2", 1, "a")
	s.call("c1", 2, KVInput{Op: CAS, Key: "y", Value: "z"}).done("c1", 2, KVOutput{OK: true})
	s.holds(t, 2)
	if s.p.Name() != "linearizability" || inner(s.p) {
		t.Error("linearizability is an outer property")
	}
}

// Fails if a run without operations counts as judged.
func TestLinearizableOfNothing(t *testing.T) { history().holds(t, 0) }

// Fails if a stale read passes: it is called after the write has returned.
func TestLinearizableStaleRead(t *testing.T) {
	s := history().put("c1", 1, "a").put("c1", 2, "b").get("c2", 1, "a")
	s.violates(t, `on key "x", c2#1 get -> "a" at 9ms is explained by no order of the operations until then`)
}

// Fails if one read of a value and a later read of the value before it pass while the write goes on.
func TestLinearizableNewOldInversion(t *testing.T) {
	s := history().call("c1", 1, put("a")).reach("c1", 1).get("c2", 1, "a").get("c3", 1, "")
	s.violates(t, `on key "x", c3#1 get -> "" at 8ms is explained by no order of the operations until then`)
}

// Fails if a call without a return is taken for one that never happened,
// or (Porcupine alone would) for illegal.
func TestLinearizableMissingReturn(t *testing.T) {
	history().call("c1", 1, put("a")).reach("c1", 1).get("c2", 1, "").get("c2", 2, "a").holds(t, 1)
	history().call("c1", 1, put("a")).reach("c1", 1).get("c2", 1, "").holds(t, 1)
}

// Fails if an operation that its client gave up may not take effect later, or may be undone once it has.
func TestLinearizableUnknown(t *testing.T) {
	gaveUp := func() store { return history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown) }
	gaveUp().get("c2", 1, "").get("c2", 2, "a").holds(t, 1)
	gaveUp().get("c2", 1, "").holds(t, 1)
	gaveUp().get("c2", 1, "a").get("c2", 2, "").violates(t, `on key "x", c2#2 get -> "" at 9ms is explained by no order of the operations until then`)
}

// Fails if an unknown operation may explain what happened before its call.
func TestLinearizableUnknownNotBeforeCall(t *testing.T) {
	s := history().get("c2", 1, "a").call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown)
	s.violates(t, `on key "x", c2#1 get -> "a" at 3ms is explained by no order of the operations until then`)
}

// Fails if an operation that reached no node may explain a value, or one that did may not.
func TestLinearizablePrunesUnreached(t *testing.T) {
	s := history().call("c1", 1, put("a")).ends("c1", 1, Unknown).get("c2", 1, "a")
	s.violates(t, `on key "x", c2#1 get -> "a" at 5ms is explained by no order of the operations until then`)
	if n := s.tallies()["operations that reached no node"]; n != 1 {
		t.Errorf("%d pruned, want 1", n)
	}
	history().call("c1", 1, put("a")).ends("c1", 1, Unknown).get("c2", 1, "").reach("c1", 1).get("c2", 2, "a").holds(t, 1)
	s = history().call("c1", 1, put("a")).ends("c1", 1, Unknown)
	s.event(sim.TimerFired, "c1", request{OpID{"c1", 1}})
	s.get("c2", 1, "a").holds(t, 1) // a server that is its own client
	history().call("c1", 1, put("a")).execute("c1", 1).get("c2", 1, "a").holds(t, 1)
}

// Fails if, without a way to know, an operation is taken for one that arrived nowhere.
func TestLinearizableWithoutReached(t *testing.T) {
	h := storeHistory
	h.Reached, h.Effect = nil, nil
	p := Linearizable(KV(), h)
	if got := p.(interface{ Watches() []sim.Kind }).Watches(); !reflect.DeepEqual(got, []sim.Kind{sim.Noted}) {
		t.Errorf("watches %v without need", got)
	}
	store{play(p)}.call("c1", 1, put("a")).get("c2", 1, "a").holds(t, 1)
}

// taken is the fact that some server has taken up a batch.
type taken struct{ ids []OpID }

// takes is a history in which that counts.
func takes() store {
	h := storeHistory
	h.Taken = func(fact any, tell func(OpID)) {
		if f, ok := fact.(taken); ok {
			for _, id := range f.ids {
				tell(id)
			}
		}
	}
	return store{play(Linearizable(KV(), h))}
}

// Fails if an operation that reached somebody but was taken up by nobody may explain a value, if one that was may not, if it may do so before that, or if a batch
// has but one operation.
func TestLinearizableTaken(t *testing.T) {
	gaveUp := func() store {
		s := takes().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown)
		return s.call("c3", 1, put("b")).reach("c3", 1).ends("c3", 1, Unknown)
	}
	batch := taken{[]OpID{{"c1", 1}, {"c3", 1}, {"c9", 9}}}
	s := gaveUp().get("c2", 1, "a")
	s.violates(t, `on key "x", c2#1 get -> "a" at 9ms is explained by no order of the operations until then`)
	if n := s.tallies()["operations that nobody took up"]; n != 2 {
		t.Errorf("%d operations were taken up by nobody, want 2", n)
	}
	s = gaveUp()
	s.note("s1", batch)
	s.get("c2", 1, "b").get("c2", 2, "a").holds(t, 1)
	s = gaveUp().get("c2", 1, "b")
	s.note("s1", batch)
	s.get("c2", 2, "b").violates(t, `on key "x", c2#1 get -> "b" at 9ms is explained by no order of the operations until then`)
	if n := s.tallies()["operations that nobody took up"]; n != 0 {
		t.Errorf("%d operations were taken up by nobody, want none", n)
	}
	// What its client knows to be done needs nobody who took it up.
	takes().put("c1", 1, "a").get("c2", 1, "a").holds(t, 1)
	takes().call("c1", 1, put("a")).execute("c1", 1).get("c2", 1, "a").holds(t, 1)
}

// Fails if an operation that was given up can have taken effect before any request for it arrived.
func TestLinearizableNotBeforeItArrived(t *testing.T) {
	s := history().call("c1", 1, put("a")).ends("c1", 1, Unknown).get("c2", 1, "a").reach("c1", 1)
	s.violates(t, `on key "x", c2#1 get -> "a" at 5ms is explained by no order of the operations until then`)
	s.excludes(t, 0, `c2#1 get -> "a"`)
}

// Fails if a failed operation may explain a value, or is demanded.
func TestLinearizableFailed(t *testing.T) {
	history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Failed).get("c2", 1, "").holds(t, 1)
	s := history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Failed).get("c2", 1, "a")
	s.violates(t, `on key "x", c2#1 get -> "a" at 6ms is explained by no order of the operations until then`)
}

// Fails if a client that gives up and then hears after all is not believed.
func TestLinearizableLateAnswer(t *testing.T) {
	s := history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown).done("c1", 1, KVOutput{}).get("c2", 1, "")
	s.violates(t, `on key "x", c2#1 get -> "" at 7ms is explained by no order of the operations until then`)
}

// Fails if operations that meet in one event are put in order: the intervals are closed, so they overlap.
func TestLinearizableTies(t *testing.T) {
	type both struct {
		returned
		called
	}
	h := storeHistory
	h.Call = func(fact any) (OpID, string, any, bool) {
		if f, ok := fact.(both); ok {
			fact = f.called
		}
		return storeHistory.Call(fact)
	}
	h.Return = func(fact any) (OpID, any, Outcome, bool) {
		if f, ok := fact.(both); ok {
			fact = f.returned
		}
		return storeHistory.Return(fact)
	}
	s := store{play(Linearizable(KV(), h))}.call("c1", 1, put("a")).reach("c1", 1)
	s.note("s1", both{returned{OpID{"c1", 1}, KVOutput{}, Done}, called{OpID{"c2", 1}, KVInput{Op: Get, Key: "x"}}})
	s.done("c2", 1, KVOutput{Value: ""}).holds(t, 1)
}

// Fails if keys are not judged apart (each would be explained by the other), at once, or at the end in sorted order.
func TestLinearizableKeysInOrder(t *testing.T) {
	s := history()
	for i, key := range []string{"k3", "k1", "k2"} { // all are open until the last is called, and the last for ever
		c := sim.NodeID(fmt.Sprint("c", i))
		s.call(c, 2, KVInput{Op: Get, Key: key}).call(c, 1, KVInput{Op: Get, Key: key}).reach(c, 1).done(c, 1, KVOutput{Value: "phantom"})
	}
	if s.err != nil {
		t.Fatalf("what c0#2 will return is not known yet, and it is said: %v", s.err)
	}
	s.violates(t, `on key "k1", c1#1 get -> "phantom" at 8ms is explained by no order of the operations until then`)
	if s.p.Checks() != 1 {
		t.Errorf("%d checks: the first key is wrong, and the others were not judged", s.p.Checks())
	}
	s = history()
	for i, key := range []string{"k3", "k1"} {
		s.call("c1", uint64(i), KVInput{Op: Get, Key: key}).reach("c1", uint64(i)).done("c1", uint64(i), KVOutput{Value: "phantom"})
	}
	s.violates(t, `on key "k3", c1#0 get -> "phantom" at 3ms is explained by no order of the operations until then`)
}

// Fails if a history that contradicts itself is judged as if it did not.
func TestLinearizableMalformed(t *testing.T) {
	history().put("c1", 1, "a").call("c1", 1, put("b")).violates(t, "the history cannot be judged: c1 called c1#1 at 4ms, a name used before")
	history().done("c1", 1, KVOutput{}).violates(t, "the history cannot be judged: c1#1 returned at 1ms, but was never called")
	history().put("c1", 1, "a").done("c1", 2, KVOutput{}).violates(t, "the history cannot be judged: c1#2 returned at 4ms, but was never called")
	history().put("c1", 1, "a").done("c1", 1, KVOutput{}).violates(t, "the history cannot be judged: c1#1 returned at 4ms, for the second time")
	history().put("c1", 1, "a").ends("c1", 1, Unknown).violates(t, "the history cannot be judged: c1#1 returned at 4ms, for the second time")
}

// Fails if an operation that took effect after its client gave up is missed, or one that did not is counted.
func TestTookEffectLater(t *testing.T) {
	reached := func(s store) []string { return s.p.(interface{ Reached() []string }).Reached() }
	s := history().call("c1", 1, put("a")).ends("c1", 1, Unknown).execute("c1", 1).execute("c1", 1)
	if got := reached(s); !reflect.DeepEqual(got, []string{TookEffectLater}) {
		t.Errorf("got %v", got)
	}
	if n := s.tallies()["operations that took effect later"]; n != 1 {
		t.Errorf("%d took effect later, want 1: a second replica's is the same effect", n)
	}
	for what, s := range map[string]store{
		"before":    history().call("c1", 1, put("a")).execute("c1", 1).ends("c1", 1, Unknown).execute("c1", 1),
		"done":      history().call("c1", 1, put("a")).ends("c1", 1, Done).execute("c1", 1),
		"never":     history().call("c1", 1, put("a")).ends("c1", 1, Unknown).execute("c1", 2).execute("c7", 1),
		"no return": history().call("c1", 1, put("a")).execute("c1", 1),
	} {
		if got := reached(s); got != nil {
			t.Errorf("%s: got %v", what, got)
		}
	}
}

// Fails if the tallies do not add up, or clients overlap that did not.
func TestTallies(t *testing.T) {
	s := history().put("c1", 1, "a").call("c1", 2, put("b")).call("c2", 1, put("c")).call("c2", 2, put("d")).reach("c2", 1)
	s.ends("c1", 2, Failed).ends("c2", 1, Unknown).put("c3", 1, "e")
	s.holds(t, 1)
	got := s.tallies()
	if got["model steps"] == 0 {
		t.Error("no steps counted")
	}
	delete(got, "model steps")
	want := map[string]uint64{
		"operations": 5, "operations done": 2, "operations failed": 1, "operations unknown": 2, "operations that reached no node": 1,
		"operations that took effect later": 0, "clients overlapped": 2,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// Fails if the property is finished before all operations have returned, never is, or is without a total.
func TestFinished(t *testing.T) {
	h := storeHistory
	h.Total = 2
	p := Linearizable(KV(), h)
	finished := p.(interface{ Finished() bool }).Finished
	s := store{play(p)}.put("c1", 1, "a").call("c1", 2, put("b"))
	if finished() {
		t.Error("finished after one of two")
	}
	if s.ends("c1", 2, Unknown); !finished() {
		t.Error("not finished after two of two")
	}
	s = history().put("c1", 1, "a")
	if s.p.(interface{ Finished() bool }).Finished() {
		t.Error("finished without a total")
	}
}

// Fails if a client's numbers must be dense, or come in order.
func TestNumbersInAnyOrder(t *testing.T) {
	s := history()
	for _, n := range []uint64{5, 1, math.MaxUint64, 3} {
		s.call("c1", n, put("a")).reach("c1", n)
	}
	for _, n := range []uint64{1, 3, 5, math.MaxUint64} {
		s.done("c1", n, KVOutput{})
	}
	s.holds(t, 1)
	if n := s.tallies()["operations done"]; n != 4 {
		t.Errorf("%d done, want 4", n)
	}
}

// Fails if clients are mixed up when there are more of them than are looked through one by one.
func TestManyClients(t *testing.T) {
	const clients = 3 * fewCallers
	name := func(n int) sim.NodeID { return sim.NodeID(fmt.Sprint("c", n)) }
	s := history()
	for n := range clients {
		s.call(name(n), 1, KVInput{Op: Put, Key: string(name(n)), Value: "a"}).reach(name(n), 1)
	}
	for n := range clients {
		s.done(name(n), 1, KVOutput{})
	}
	s.holds(t, clients)
	if n := s.tallies()["operations done"]; n != clients {
		t.Errorf("%d done, want %d", n, clients)
	}
	if n := s.tallies()["clients overlapped"]; n != clients {
		t.Errorf("%d clients overlapped, want %d", n, clients)
	}
	s.done("stranger", 1, KVOutput{}).violates(t, "the history cannot be judged: stranger#1 returned at 73ms, but was never called")
}

// Fails if a model without words for its operations cannot be explained, or one whose steps refuse an
// open operation is stuck on it.
func TestPlainModel(t *testing.T) {
	// A lock: "lock" is possible when it is free, "free" when it is locked.
	lock := porcupine.Model{
		Init: func() any { return false },
		Step: func(state, input, output any) (bool, any) { return state != (input == "lock"), input == "lock" },
	}
	h := History{
		Call: func(fact any) (OpID, string, any, bool) {
			f, ok := fact.(called)
			return f.id, "", f.in.Value, ok
		},
		Return: storeHistory.Return,
	}
	locked := func() store { // c2 waits for ever
		return store{play(Linearizable(lock, h))}.call("c1", 1, put("lock")).done("c1", 1, KVOutput{}).call("c2", 1, put("lock"))
	}
	locked().holds(t, 1)
	s := locked()
	s.call("c3", 1, put("lock")).done("c3", 1, KVOutput{})
	s.violates(t, `on key "", c3#1 "lock" -> { false} at 5ms is explained by no order of the operations until then`)
}

// Fails if an incomplete History or a model without Step is taken.
func TestLinearizableMisuse(t *testing.T) {
	for want, misuse := range map[string]func(){
		"checkers: Linearizable needs History.Call and History.Return": func() { Linearizable(KV(), History{}) },
		"checkers: Linearizable needs a model with Step":               func() { Linearizable(porcupine.Model{}, storeHistory) },
	} {
		func() {
			defer func() {
				if got := recover(); got != want {
					t.Errorf("panic %v, want %v", got, want)
				}
			}()
			misuse()
		}()
	}
}

// Fails if a model's panic ends the process from Porcupine's goroutine, where nobody can catch it.
func TestModelPanics(t *testing.T) {
	caught := func(what string, judge func()) {
		defer func() {
			if got := fmt.Sprint(recover()); got != "checkers: KVInput has no operation 99" {
				t.Errorf("%s: panic %q", what, got)
			}
		}()
		judge()
		t.Errorf("%s: no panic", what)
	}
	caught("while the run goes on", func() {
		history().call("c1", 1, KVInput{Op: 99, Key: "x"}).done("c1", 1, KVOutput{})
	})
	caught("in Porcupine's goroutine", func() {
		newSearch(KV()).check([]porcupine.Operation{{Input: KVInput{Op: 99}, Output: KVOutput{}, Return: 1}}, 10)
	})
}
