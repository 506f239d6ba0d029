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

// crowd is a history of 20 clients of a store with 100 keys that works: each calls as soon as it has its answer, and gives up one operation in so many (0: none).
// The property is asked after each operation what it keeps.
func crowd(ops int, unknown uint64, watch func(l *linearizable)) store {
	s := history()
	l := s.p.(*linearizable)
	rolled := uint64(0)
	roll := func(n uint64) uint64 { rolled++; return chance.Mix(7, rolled, 1) >> 8 % n }
	values, busy, numbers := map[string]string{}, map[uint64]KVInput{}, map[uint64]uint64{}
	for calls := 0; calls < ops || len(busy) > 0; {
		i := roll(20)
		c := sim.NodeID(fmt.Sprint("c", i))
		in, ok := busy[i]
		switch {
		case !ok && calls < ops:
			calls++
			numbers[i]++
			in = KVInput{Op: KVOp(roll(3)), Key: fmt.Sprint("k", roll(100)), Value: fmt.Sprint(c, "-", numbers[i]), Expect: values[in.Key]}
			busy[i] = in
			s.call(c, numbers[i], in).reach(c, numbers[i])
		case ok:
			delete(busy, i)
			var out KVOutput
			values[in.Key], out = perform(values[in.Key], in)
			if unknown > 0 && roll(unknown) == 0 {
				s.ends(c, numbers[i], Unknown)
			} else {
				s.done(c, numbers[i], out)
			}
		}
		watch(l)
	}
	return s
}

// Fails if a history of 10,000 operations is not judged while it grows, or what is kept of it grows too.
func TestLongHistoryInBoundedMemory(t *testing.T) {
	for _, unknown := range []uint64{0, 50} {
		most, keys := 0, 0
		s := crowd(10_000, unknown, func(l *linearizable) {
			keys = len(l.record.prefixes)
			for _, k := range l.record.prefixes {
				most = max(most, len(k.queue)+len(k.now)+len(k.at))
			}
		})
		if keys != 100 || s.tallies()["model steps"] < 10_000*9/10 {
			t.Fatalf("%d keys, %v: too little was judged while the run went on", keys, s.tallies())
		}
		if s.holds(t, 100); most > 300 || s.tallies()["porcupine calls"] > 0 {
			t.Errorf("unknown 1 in %d: %d things were kept for a key, and %v", unknown, most, s.tallies())
		}
	}
}

// Fails if the run does not end at the first answer that is wrong, but later or with another one.
func TestWrongAnswerEndsTheRun(t *testing.T) {
	s := history().put("c1", 1, "a").call("c3", 1, put("b")).reach("c3", 1).get("c2", 1, "z")
	if s.err != nil {
		t.Fatalf("what c3#1 will be is not known yet: %v", s.err)
	}
	s.done("c3", 1, KVOutput{})
	if s.err == nil || !strings.HasPrefix(s.err.Error(), `on key "x", c2#1 get -> "z" at 8ms `) {
		t.Errorf("got %v", s.err)
	}
	if s.p.Checks() == 0 {
		t.Error("a violation without a check")
	}
	// What a liar's message shows is no violation, but at the end it is one.
	if _, err := s.p.End(nil); err == nil {
		t.Error("the violation is forgotten")
	}
}

// Fails if many operations of unknown outcome are more than can be carried along: each of them can explain one value, and the order does not matter.
func TestManyUnknownWrites(t *testing.T) {
	many := func() store {
		s := history()
		for n := range uint64(40) {
			c := sim.NodeID(fmt.Sprint("u", n))
			s.call(c, 1, put(fmt.Sprint(n))).reach(c, 1).ends(c, 1, Unknown)
		}
		return s
	}
	s := many()
	for n := range uint64(40) {
		s.get("c1", n, fmt.Sprint(39-n))
	}
	s.holds(t, 1)
	if n := s.tallies()["porcupine calls"]; n > 0 {
		t.Error("it was too much, and Porcupine was asked")
	}
	many().get("c1", 99, "7").get("c1", 100, "8").get("c2", 1, "7").violates(t, `on key "x", c2#1 get -> "7" at 129ms is explained by no order of the operations until then`)
}

// Fails if operations that cannot be told apart are tried in all their orders: 30 additions of the same text have 31 results, not 2 to the 30th.
func TestManyUnknownAlike(t *testing.T) {
	many := func() store {
		s := history()
		for n := range uint64(30) {
			c := sim.NodeID(fmt.Sprint("u", n))
			s.call(c, 1, KVInput{Op: Append, Key: "x", Value: "+"}).reach(c, 1).ends(c, 1, Unknown)
		}
		return s
	}
	s := many().get("c1", 1, "+++").get("c1", 2, strings.Repeat("+", 30))
	s.holds(t, 1)
	if n := s.tallies()["porcupine calls"]; n > 0 {
		t.Error("it was too much, and Porcupine was asked")
	}
	many().get("c1", 3, strings.Repeat("+", 31)).violates(t, `on key "x", c1#3 get -> "`+strings.Repeat("+", 31)+`" at 93ms is explained by no order of the operations until then`)
}

// A client changes its mind about an operation that was taken for unknown, when more was judged. Fails if the key is not judged anew.
func TestMindChangedTooLate(t *testing.T) {
	late := func(o Outcome) store {
		s := history().call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown).get("c2", 1, "").get("c2", 2, "a")
		s.note("c1", returned{OpID{"c1", 1}, KVOutput{}, o})
		return s
	}
	late(Done).holds(t, 1) // it returns only now
	late(Failed).violates(t, `on key "x", c2#2 get -> "a" at 9ms is explained by no order of the operations until then`)
	if s := late(Done); s.tallies()["porcupine calls"] != 0 || s.err != nil {
		t.Error("judged before the end")
	}
}

// BenchmarkJudging judges 10,000 operations of 20 clients on 100 keys, as the run goes on and by the plain call of Porcupine with a partition by key: the same history.
func BenchmarkJudging(b *testing.B) {
	for _, unknown := range []uint64{0, 50} {
		recorded := crowd(10_000, unknown, func(*linearizable) {}).p.(*linearizable)
		marks := turns(everything(recorded))
		b.Run(fmt.Sprintf("growing/unknown=%d", unknown), func(b *testing.B) {
			for b.Loop() {
				l := recorded
				f := follower{model: l.plain(), record: l.record}
				prefixes := make([]*prefix, len(l.record.keys))
				for i := range prefixes {
					prefixes[i] = f.newPrefix(defaultSteps)
				}
				for _, m := range marks {
					i := l.record.find(m.op.id)
					k := prefixes[m.op.key]
					if m.back {
						k.push(i, returns)
					} else {
						k.push(i, calls)
						k.push(i, arrives)
					}
					if f.along(k) >= 0 || k.lost {
						b.Fatal("a right history is wrong")
					}
				}
			}
		})
		b.Run(fmt.Sprintf("porcupine/unknown=%d", unknown), func(b *testing.B) {
			m := KV()
			m.Partition = func(history []porcupine.Operation) [][]porcupine.Operation {
				parts := map[string][]porcupine.Operation{}
				var keys []string
				for _, o := range history {
					key := o.Input.(KVInput).Key
					if parts[key] == nil {
						keys = append(keys, key)
					}
					parts[key] = append(parts[key], o)
				}
				slices.Sort(keys)
				split := make([][]porcupine.Operation, len(keys))
				for i, key := range keys {
					split[i] = parts[key]
				}
				return split
			}
			m.Step = func(state, input, output any) (bool, any) {
				if _, open := output.(anything); open {
					output = nil
				}
				return stepKV(state, input, output)
			}
			history := recorded.history(everything(recorded), ^uint64(0))
			for b.Loop() {
				if !porcupine.CheckOperations(m, history) {
					b.Fatal("a right history is wrong")
				}
			}
		})
	}
}

// everything is all operations that count, on all keys.
func everything(l *linearizable) (all []*operation) {
	for _, part := range l.parts() {
		all = append(all, part...)
	}
	return all
}
