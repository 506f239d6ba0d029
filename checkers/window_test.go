package checkers

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/anishathalye/porcupine"

	"simrun/sim"
	"simrun/sim/chance"
)

// illegal is the window of a history, one operation a string, and what else is told of it.
func (s store) illegal() (ops []string, others int, spent bool) {
	others, spent = s.p.(interface {
		Illegal(func(sim.NodeID, uint64, uint64, string, bool)) (int, bool)
	}).Illegal(func(_ sim.NodeID, _, _ uint64, text string, _ bool) { ops = append(ops, text) })
	return ops, others, spent
}

// excludes ends the history and compares its window.
func (s store) excludes(t *testing.T, others int, want ...string) {
	t.Helper()
	if r, err := s.end(); err == nil {
		t.Fatalf("it is found to be right: %v", r)
	}
	got, n, spent := s.illegal()
	if !slices.Equal(got, want) || n != others || spent {
		t.Errorf("got\n  %s\nand %d others (spent: %v), want\n  %s\nand %d", strings.Join(got, "\n  "), n, spent, strings.Join(want, "\n  "), others)
	}
}

func (s store) cas(c sim.NodeID, n uint64, expect, value string, ok bool) store {
	return s.call(c, n, KVInput{Op: CAS, Key: "x", Expect: expect, Value: value}).reach(c, n).done(c, n, KVOutput{OK: ok})
}

func (s store) append(c sim.NodeID, n uint64, value string) store {
	return s.call(c, n, KVInput{Op: Append, Key: "x", Value: value}).reach(c, n).done(c, n, KVOutput{})
}

// A stale read is explained by the write whose value it returned, the last one that should have hidden it, and nothing of what lies between or after. Fails if an
// operation is missing without which there would be an order, or one is there without which there is none either.
func TestWindowOfAStaleRead(t *testing.T) {
	s := history()
	for n := range uint64(20) {
		s.put("c1", n, fmt.Sprint(n)).get("c3", n, fmt.Sprint(n))
	}
	s.get("c2", 1, "3").put("c1", 99, "z")
	s.excludes(t, 38, `c1#3 put "3"`, `c1#19 put "19"`, `c2#1 get -> "3"`)
}

// Fails if a read of what nobody wrote is blamed on operations that have nothing to do with it, or on their absence.
func TestWindowOfAPhantom(t *testing.T) {
	s := history().put("c1", 1, "a").append("c1", 2, "b").cas("c1", 3, "ab", "c", true).get("c2", 1, "d")
	s.excludes(t, 3, `c2#1 get -> "d"`)
}

// Fails if the write of a value is taken for one that explains an earlier read of it.
func TestWindowOfAReadFromTheFuture(t *testing.T) {
	s := history().put("c1", 1, "a").call("c2", 1, KVInput{Op: Get, Key: "x"}).reach("c2", 1).done("c2", 1, KVOutput{Value: "b"}).put("c1", 2, "b")
	s.excludes(t, 1, `c2#1 get -> "b"`)
	s = history().put("c1", 1, "a").get("c2", 1, "b")
	s.call("c1", 2, put("b")).reach("c1", 2)
	s.excludes(t, 1, `c2#1 get -> "b"`)
}

// Fails if operations may take effect more often than they are called: an addition done twice is blamed on the addition.
func TestWindowOfADoubledEffect(t *testing.T) {
	s := history().put("c1", 1, "a").append("c1", 2, "b").get("c2", 1, "abb").put("c1", 3, "z")
	s.excludes(t, 2, `c2#1 get -> "abb"`)
	if _, err := s.end(); !strings.HasSuffix(fmt.Sprint(err), "\n  (whatever the 2 others on this key did)\n  before: c1#1 put \"a\", from 1ms to 3ms\n  before: c1#2 append \"b\", from 4ms to 6ms") {
		t.Errorf("got %v", err)
	}
	s = history().put("c1", 1, "abb").put("c1", 2, "a").append("c1", 3, "b").get("c2", 1, "abb")
	s.excludes(t, 1, `c1#1 put "abb"`, `c1#3 append "b"`, `c2#1 get -> "abb"`)
}

// A lost update: of two swaps from the same value one must fail.
func TestWindowOfALostUpdate(t *testing.T) {
	s := history().put("c1", 1, "a").get("c3", 1, "a")
	s.call("c1", 2, KVInput{Op: CAS, Key: "x", Expect: "a", Value: "b"}).call("c2", 1, KVInput{Op: CAS, Key: "x", Expect: "a", Value: "c"}).reach("c1", 2).reach("c2", 1)
	s.done("c1", 2, KVOutput{OK: true}).done("c2", 1, KVOutput{OK: true})
	s.excludes(t, 1, `c1#1 put "a"`, `c1#2 cas "a" to "b" -> true`, `c2#1 cas "a" to "c" -> true`)
}

// Fails if an operation of unknown outcome is kept though it does not matter, or left out though it does: it may have had an effect once, and so explains one read
// but not that it is undone.
func TestWindowWithUnknownOutcomes(t *testing.T) {
	s := history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown)
	s.call("c4", 1, put("q")).reach("c4", 1) // for ever
	s.get("c2", 1, "a").get("c2", 2, "")
	s.excludes(t, 2, `c2#1 get -> "a"`, `c2#2 get -> ""`)
	s = history().call("c1", 1, KVInput{Op: Append, Key: "x", Value: "a"}).reach("c1", 1).ends("c1", 1, Unknown).get("c2", 1, "aa")
	s.excludes(t, 1, `c2#1 get -> "aa"`)
	// Called too late to explain the read.
	s = history().get("c2", 1, "b")
	s.call("c1", 1, put("b")).reach("c1", 1).ends("c1", 1, Unknown)
	s.excludes(t, 0, `c2#1 get -> "b"`)
}

// Fails if a long history takes for ever, if its last operations are judged without what was before them, or if nobody is told.
func TestWindowOfALongHistory(t *testing.T) {
	s := history()
	for n := range uint64(5000) {
		s.put("c1", n, fmt.Sprint(n)).get("c3", n, fmt.Sprint(n))
	}
	s.append("c1", 9000, "+").get("c2", 1, "4999").put("c1", 9999, "z")
	_, err := s.end()
	want := `on key "x", c2#1 get -> "4999" at 30.006s is explained by no order of the operations until then
  (when c1#4971 was called at 29.827s, it held "4970")
  c1#4999 put "4999", from 29.995s to 29.997s
  c1#9000 append "+", from 30.001s to 30.003s
  c2#1 get -> "4999", from 30.004s to 30.006s
  (whatever the others on this key did from then on)`
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	// The cause lies long ago.
	s = history()
	for n := range uint64(5000) {
		s.put("c1", n, fmt.Sprint(n)).get("c3", n, fmt.Sprint(n))
	}
	s.get("c2", 1, "7")
	if _, err := s.end(); !strings.Contains(fmt.Sprint(err), `
  c1#7 put "7", from 43ms to 45ms
  (when c3#4970 was called at 29.824s, it held "4970")
  c2#1 get -> "7", from 30.001s to 30.003s
`) {
		t.Errorf("got %v", err)
	}
	got, others, spent := s.illegal()
	if want := []string{`c1#7 put "7"`, `c2#1 get -> "7"`}; !slices.Equal(got, want) || others != 9999 || spent {
		t.Errorf("got %q and %d others, want %q", got, others, want)
	}
}

// Fails if, where no window can be found, the last operations are not shown or nobody is told that they are but these.
func TestWindowOutOfBudget(t *testing.T) {
	s := history()
	for n := range uint64(70) { // as many are open as there are places
		c := sim.NodeID(fmt.Sprint("d", n))
		s.call(c, 1, put("q")).reach(c, 1)
	}
	s.put("c1", 1, "a").get("c2", 1, "never")
	l := s.p.(*linearizable) // Porcupine too would say only that it does not know
	err := l.explain("x", l.parts()[0])
	if !strings.HasSuffix(err.Error(), "\n  (60 earlier operations on this key are left out; the budget to find those that matter was spent)") {
		t.Errorf("got %v", err)
	}
	if got, others, spent := s.illegal(); len(got) != windowOps || others != 60 || !spent {
		t.Errorf("%d operations, %d others, spent: %v", len(got), others, spent)
	}
}

// Fails if there is a window where nothing is wrong, or before anything was judged.
func TestNoWindow(t *testing.T) {
	s := history().put("c1", 1, "a").get("c2", 1, "a")
	if ops, others, spent := s.illegal(); ops != nil || others != 0 || spent {
		t.Errorf("got %q", ops)
	}
	s.holds(t, 1)
	if ops, _, _ := s.illegal(); ops != nil {
		t.Errorf("got %q", ops)
	}
}

// Random histories, right and wrong, with unknown outcomes. Fails if the first wrong return is another than the one that Porcupine finds, if there is an order of the operations of a window, or
// if one of them could be left out.
func TestWindowAgainstPorcupine(t *testing.T) {
	wrong, spent := 0, 0
	for seed := range uint64(1000) {
		s := randomHistory(seed)
		l := s.p.(*linearizable)
		if _, err := s.end(); err == nil {
			continue
		}
		wrong++
		if l.found == nil || l.found.rough {
			t.Fatalf("seed %d: no window", seed)
		}
		if l.found.spent {
			spent++
		}
		key := l.found.wrong.key
		if want := l.culprit(l.parts()[key]); l.found.wrong.id != want.id {
			t.Fatalf("seed %d: %v is the first wrong return, and Porcupine says %v", seed, l.found.wrong.id, want.id)
		}
		if ops := asOf(l.found.ops, l.found.wrong.ret); l.found.from == nil && l.search.check(l.history(ops, ^uint64(0)), defaultSteps) != illegal {
			t.Fatalf("seed %d: there is an order of %v", seed, ops)
		}
		m := model{l.model.Init, l.model.Step, nil}
		// Wherever a tail begins, what was before is known well enough for it to be wrong.
		then := asOf(l.parts()[key], l.found.wrong.ret)
		for _, op := range then {
			if n := (narrower{model: m, left: windowSteps}); op.call <= l.found.wrong.call && (!n.start(then, op.call) || !n.excluded()) {
				t.Fatalf("seed %d: from %v on there is an order", seed, op.id)
			}
		}
		for i := range l.found.ops {
			n := narrower{model: m, tail: asOf(l.parts()[key], l.found.wrong.ret), left: windowSteps, begin: []spot{{0, ""}}}
			n.strict = make([]bool, len(n.tail))
			for k, op := range n.tail {
				n.strict[k] = slices.ContainsFunc(l.found.ops, func(o *operation) bool { return o.id == op.id && o != l.found.ops[i] })
			}
			if l.found.from == nil && !l.found.spent && n.excluded() {
				t.Fatalf("seed %d: the window does not need %v", seed, l.found.ops[i].id)
			}
		}
	}
	if wrong < 100 || wrong > 900 || spent > wrong/10 {
		t.Errorf("%d of 1000 histories are wrong, and the window of %d may not be the smallest: the test tests nothing", wrong, spent)
	}
}

// randomHistory is that of three clients of a store which now and then answers with an old value, does something twice or never.
func randomHistory(seed uint64) store {
	s := history()
	rolled := uint64(0)
	roll := func(n uint64) uint64 { rolled++; return chance.Mix(seed, rolled, 1) >> 8 % n }
	values := []string{""}
	busy, numbers := map[sim.NodeID]KVInput{}, map[sim.NodeID]uint64{}
	for range 24 {
		c := sim.NodeID(fmt.Sprint("c", roll(3)))
		in, ok := busy[c]
		if !ok {
			numbers[c]++
			in = KVInput{Op: KVOp(roll(4)), Key: "x", Value: fmt.Sprint(rolled), Expect: values[len(values)-1]}
			busy[c] = in
			s.call(c, numbers[c], in).reach(c, numbers[c])
			continue
		}
		delete(busy, c)
		state := values[len(values)-1]
		if roll(12) == 0 {
			state = values[roll(uint64(len(values)))]
		}
		_, next := stepKV(state, in, nil)
		if roll(12) > 0 {
			values = append(values, next.(string))
		}
		if roll(8) == 0 {
			s.ends(c, numbers[c], Unknown)
			continue
		}
		s.done(c, numbers[c], KVOutput{Value: state, OK: in.Op == CAS && state == in.Expect})
	}
	return s
}

// Fails if a model whose states cannot be compared with == is.
func TestWindowWithAnEqualOfItsOwn(t *testing.T) {
	set := porcupine.Model{ // "add" adds to a list; "has" returns it
		Init: func() any { return []string(nil) },
		Step: func(state, input, output any) (bool, any) {
			if input == "has" {
				return output == nil || fmt.Sprint(output) == fmt.Sprint(state), state
			}
			return true, append(slices.Clone(state.([]string)), input.(string))
		},
		Equal: func(a, b any) bool { return slices.Equal(a.([]string), b.([]string)) },
	}
	h := History{
		Call: func(fact any) (OpID, string, any, bool) {
			f, ok := fact.(called)
			return f.id, "", f.in.Value, ok
		},
		Return: storeHistory.Return,
	}
	s := store{play(Linearizable(set, h))}
	s.call("c1", 1, put("a")).note("c1", returned{OpID{"c1", 1}, []string{}, Done})
	s.call("c1", 2, put("b")).note("c1", returned{OpID{"c1", 2}, []string{}, Done})
	s.call("c2", 1, put("has")).note("c2", returned{OpID{"c2", 1}, []string{"b"}, Done})
	s.end()
	if got, others, _ := s.illegal(); len(got) != 2 || !strings.HasPrefix(got[0], "c1#1 ") || others != 1 {
		t.Errorf("got %q and %d others", got, others)
	}
}

// Where it would take many operations to say how the object came to what it held, it is said what it held. Fails if all are listed.
func TestWindowSaysWhatWasHeld(t *testing.T) {
	s := history()
	for n := range uint64(10) {
		s.put("c1", n, fmt.Sprint(n))
	}
	s.put("c1", 10, "v").cas("c2", 1, "v", "w", false)
	_, err := s.end()
	want := `on key "x", c2#1 cas "v" to "w" -> false at 36ms is explained by no order of the operations until then
  (when c2#1 was called at 34ms, it held "v")
  c2#1 cas "v" to "w" -> false, from 34ms to 36ms
  (whatever the others on this key did from then on)
  before: c1#7 put "7", from 22ms to 24ms
  before: c1#8 put "8", from 25ms to 27ms
  before: c1#9 put "9", from 28ms to 30ms
  before: c1#10 put "v", from 31ms to 33ms`
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v", err)
	}
}

// Fails if an operation of unknown outcome that the model refuses has to take effect before others can.
func TestWindowWithARefusal(t *testing.T) {
	lock := porcupine.Model{ // "lock" is possible when it is free, "free" when it is locked
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
	s := store{play(Linearizable(lock, h))}
	s.call("c1", 1, put("free")).ends("c1", 1, Unknown) // it was free
	s.call("c2", 1, put("lock")).done("c2", 1, KVOutput{}).call("c3", 1, put("lock")).done("c3", 1, KVOutput{}).call("c4", 1, put("lock")).done("c4", 1, KVOutput{})
	_, err := s.end()
	if err == nil {
		t.Fatal("locked three times, and freed once at most")
	}
	l := s.p.(*linearizable)
	if l.found.rough || l.found.wrong.id.Client != "c4" {
		t.Errorf("the first that is wrong is %v: %v", l.found.wrong.id, err)
	}
}
