package checkers

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
)

var guarantees = []Guarantee{ReadYourWrites, MonotonicReads, MonotonicWrites, WritesFollowReads}

// all tells one history to all weaker judges, and returns who complains.
func all(tell func(s store)) (complain []string) {
	properties := []sim.Property{SequentiallyConsistent(KV(), storeHistory), Stale(3*time.Millisecond, KV(), storeHistory)}
	for _, g := range guarantees {
		properties = append(properties, Session(g, KV(), storeHistory))
	}
	for _, p := range properties {
		s := store{play(p)}
		tell(s)
		if r, err := s.end(); err != nil || r != sim.Holds {
			complain = append(complain, p.Name())
		}
	}
	return complain
}

// Each promise is broken by a history of its own. Fails if it is not noticed, or if a judge complains that has no reason to.
func TestWeakerPromises(t *testing.T) {
	for _, x := range []struct {
		what, want string
		tell       func(s store)
	}{
		{"nothing wrong", "", func(s store) { s.put("c1", 1, "a").get("c1", 2, "a").get("c2", 1, "a") }},
		{"another's write is seen late", "", func(s store) { s.put("c1", 1, "a").get("c2", 1, "").get("c2", 2, "a") }},
		{"too late", "staleness", func(s store) { s.put("c1", 1, "a").put("c1", 2, "b").put("c1", 3, "c").get("c2", 1, "a") }},
		{"its own write is not seen", "sequential-consistency read-your-writes", func(s store) { s.put("c1", 1, "a").get("c1", 2, "") }},
		{"seen, and no longer", "sequential-consistency staleness monotonic-reads", func(s store) {
			s.put("c1", 1, "a").get("c2", 1, "a").get("c2", 2, "")
		}},
		{"two writes are seen the other way round", "sequential-consistency staleness monotonic-writes", func(s store) {
			s.append("c1", 1, "a").append("c1", 2, "b").get("c2", 1, "ba")
		}},
		{"an answer without what it answers", "sequential-consistency staleness writes-follow-reads", func(s store) {
			s.append("c1", 1, "a").get("c2", 1, "a").append("c2", 2, "b").get("c3", 1, "b")
		}},
		{"what nobody wrote", "sequential-consistency staleness read-your-writes monotonic-reads monotonic-writes writes-follow-reads", func(s store) {
			s.put("c1", 1, "a").get("c2", 1, "z")
		}},
		{"two clients see two writes in two orders", "sequential-consistency staleness", func(s store) {
			s.call("c1", 1, put("a")).call("c2", 1, put("b")).reach("c1", 1).reach("c2", 1).done("c1", 1, KVOutput{}).done("c2", 1, KVOutput{})
			s.get("c3", 1, "a").get("c3", 2, "b").get("c4", 1, "b").get("c4", 2, "a")
		}},
		{"an unknown write, seen and not", "", func(s store) {
			s.call("c1", 1, put("a")).reach("c1", 1).ends("c1", 1, Unknown).get("c1", 2, "").get("c2", 1, "a")
		}},
	} {
		if got := strings.Join(all(x.tell), " "); got != x.want {
			t.Errorf("%s: complaints by %q, want %q", x.what, got, x.want)
		}
	}
}

// Keys together are not consistent where each by itself is: each client misses the other's write (Dekker). Fails if keys are judged apart.
func TestSequentialConsistencyOfAllKeys(t *testing.T) {
	on := func(key string, op KVOp, value string) KVInput { return KVInput{Op: op, Key: key, Value: value} }
	s := store{play(SequentiallyConsistent(KV(), storeHistory))}
	s.call("c1", 1, on("x", Put, "1")).reach("c1", 1).done("c1", 1, KVOutput{}).call("c2", 1, on("y", Put, "1")).reach("c2", 1).done("c2", 1, KVOutput{})
	s.call("c1", 2, on("y", Get, "")).done("c1", 2, KVOutput{}).call("c2", 2, on("x", Get, "")).done("c2", 2, KVOutput{})
	s.violates(t, "no order of the 4 operations that has each client's in the order of their calls explains all that they returned")
}

// Fails if the sentences say something else.
func TestWeakerSentences(t *testing.T) {
	s := store{play(Session(MonotonicReads, KV(), storeHistory))}
	s.put("c1", 1, "a").get("c2", 1, "a").get("c2", 2, "").violates(t, `on key "x", c2#2 get -> "" at 9ms is explained by no operations that monotonic-reads allows`)
	s = store{play(Stale(time.Millisecond, KV(), storeHistory))}
	s.put("c1", 1, "a").put("c1", 2, "b").put("c1", 3, "c").get("c2", 1, "a").get("c2", 2, "c")
	s.violates(t, `on key "x", c2#1 get -> "a" at 12ms is explained by no order, even if reads may be 1ms old`)
}

// Fails if a spent budget is taken for an answer.
func TestWeakerBudget(t *testing.T) {
	h := storeHistory
	h.Steps = 50
	for _, p := range []sim.Property{SequentiallyConsistent(KV(), h), Session(ReadYourWrites, KV(), h), Stale(0, KV(), h)} {
		s := store{play(p)}
		for n := range uint64(8) {
			s.append(sim.NodeID(fmt.Sprint("d", n)), 1, string(rune('a'+n)))
		}
		for n := range uint64(8) {
			s.call(sim.NodeID(fmt.Sprint("u", n)), 1, KVInput{Op: Append, Key: "x", Value: string(rune('a' + n))}).reach(sim.NodeID(fmt.Sprint("u", n)), 1)
		}
		s.get("c1", 1, "hgfedcbaz")
		if r, err := s.end(); r != sim.Unknown || err == nil {
			t.Errorf("%s: %v, %v", p.Name(), r, err)
		}
	}
}

// sequences shows every sequence of some of n things.
func sequences(n int, show func(seq []int) bool) bool {
	seq, used := []int{}, make([]bool, n)
	var more func() bool
	more = func() bool {
		if show(seq) {
			return true
		}
		for i := range n {
			if !used[i] {
				used[i], seq = true, append(seq, i)
				if more() {
					return true
				}
				used[i], seq = false, seq[:len(seq)-1]
			}
		}
		return false
	}
	return more()
}

// explained says by definition whether a guarantee holds for a read: some sequence is a way to it.
func explained(g Guarantee, ops []*operation, read *operation) bool {
	return sequences(len(ops), func(seq []int) bool {
		at := func(op *operation) int { return slices.IndexFunc(seq, func(i int) bool { return ops[i] == op }) }
		value, end := "", at(read)
		if end < 0 {
			return false
		}
		for place, i := range seq[:end+1] {
			in := ops[i].input.(KVInput)
			if in.Op != Get {
				value, _ = perform(value, in)
				if ops[i].since() > read.ret {
					return false
				}
				continue
			}
			if ops[i].output.(KVOutput).Value != value {
				return false
			}
			for _, j := range seq[:place] { // nobody sees what is to come
				if g == MonotonicReads && ops[j].since() > ops[i].ret {
					return false
				}
			}
		}
		for _, a := range ops {
			for _, b := range ops {
				if a.client != b.client || a.call >= b.call || a.open() {
					continue
				}
				wa, wb := a.input.(KVInput).Op != Get, b.input.(KVInput).Op != Get
				needed := map[Guarantee]bool{ReadYourWrites: wa && b == read, MonotonicReads: !wa && b == read || !wa && !wb && at(b) >= 0, MonotonicWrites: wa && wb && at(b) >= 0, WritesFollowReads: !wa && wb && at(b) >= 0}[g]
				if needed && (at(a) < 0 || at(a) > at(b)) {
					return false
				}
			}
		}
		return end == len(seq)-1
	})
}

// ordered says by definition whether a history of one key is sequentially consistent.
func ordered(ops []*operation) bool {
	return sequences(len(ops), func(seq []int) bool {
		value, last, done := "", map[int32]uint64{}, 0
		for place, i := range seq {
			op := ops[i]
			var out KVOutput
			if value, out = perform(value, op.input.(KVInput)); !op.open() && (out != op.output || last[op.client] > op.call) {
				return false
			}
			for j, a := range ops { // what is open may come late, but not early
				if a.client == op.client && a.call < op.call && !a.open() && !slices.Contains(seq[:place], j) {
					return false
				}
			}
			if !op.open() {
				last[op.client] = op.call
				done++
			}
		}
		return done == len(slices.DeleteFunc(slices.Clone(ops), func(op *operation) bool { return op.open() }))
	})
}

// Random small histories. Fails if a judge and the definition differ, or if one of the two answers is rare.
func TestWeakerAgainstDefinitions(t *testing.T) {
	wrong := map[string]int{}
	const trials = 600
	for seed := range uint64(trials) {
		rolled := uint64(0)
		roll := func(n uint64) uint64 { rolled++; return chance.Mix(seed, rolled, 2) >> 8 % n }
		var told []func(store)
		for n := range 3 + roll(3) {
			c, value := sim.NodeID(fmt.Sprint("c", roll(2))), string(rune('a'+n))
			switch roll(5) {
			case 0:
				told = append(told, func(s store) { s.put(c, n, value) })
			case 1:
				told = append(told, func(s store) { s.append(c, n, value) })
			case 2:
				told = append(told, func(s store) { s.call(c, n, put(value)).reach(c, n).ends(c, n, Unknown) })
			default:
				saw := []string{"", "a", "b", "ab", "ba", "bc"}[roll(6)]
				told = append(told, func(s store) { s.get(c, n, saw) })
			}
		}
		judge := func(p sim.Property, want func(ops []*operation) bool) {
			s := store{play(p)}
			for _, tell := range told {
				tell(s)
			}
			r, err := s.end()
			parts := p.(*weaker).l.parts()
			if len(parts) == 0 {
				return
			}
			if r != sim.Holds || (err == nil) != want(parts[0]) {
				t.Fatalf("seed %d: %s says %v, %v", seed, p.Name(), r, err)
			}
			if err != nil {
				wrong[p.Name()]++
			}
		}
		judge(SequentiallyConsistent(KV(), storeHistory), ordered)
		for _, g := range guarantees {
			judge(Session(g, KV(), storeHistory), func(ops []*operation) bool {
				return !slices.ContainsFunc(ops, func(op *operation) bool { return op.input.(KVInput).Op == Get && !explained(g, ops, op) })
			})
		}
	}
	for _, name := range append([]string{"sequential-consistency"}, guaranteeNames[:]...) {
		if n := wrong[name]; n < trials/20 || n > trials*19/20 {
			t.Errorf("%s: %d of %d histories are wrong", name, n, trials)
		}
	}
}

// Fails if a bound of nothing is not linearizability, or one of everything is not met by every read of something old.
func TestStaleBounds(t *testing.T) {
	none, much := 0, 0
	for seed := range uint64(300) {
		s := randomHistory(seed)
		l := s.p.(*linearizable)
		_, strict := s.end()
		for _, bound := range []time.Duration{0, time.Hour} {
			for _, part := range l.parts() {
				legalNow := l.search.check(l.aged(part, bound, ^uint64(0)>>1), defaultSteps) == legal
				switch {
				case bound == 0 && legalNow != (strict == nil):
					t.Fatalf("seed %d: a bound of 0 says %v, linearizability %v", seed, legalNow, strict)
				case bound == 0 && legalNow:
					none++
				case bound > 0 && strict == nil && !legalNow:
					t.Fatalf("seed %d: linearizable, and yet too old", seed)
				case bound > 0 && legalNow:
					much++
				}
			}
		}
	}
	if much <= none {
		t.Errorf("%d histories keep any bound, %d keep none: the bound does nothing", much, none)
	}
}
