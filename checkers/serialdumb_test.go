package checkers

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// dumbFacts looks for a serial order by trying all, over all choices of which unknown transactions have
// committed. It knows no graph.
func dumbFacts(x *execution) bool {
	return x.anySubset(func(chosen []tnum) bool {
		return permute(chosen, nil, func(serial []tnum) bool { return x.explainsFacts(chosen, serial) })
	})
}

// dumbLists does the same for what the lists show: nothing says in which order appends stand that no read saw.
func dumbLists(x *execution) bool {
	return x.anySubset(func(chosen []tnum) bool {
		return permute(chosen, nil, x.explainsLists)
	})
}

// anySubset tries all that may have committed.
func (x *execution) anySubset(try func(chosen []tnum) bool) bool {
	var sure, perhaps []tnum
	for _, tx := range x.txs {
		switch x.fates[tx] {
		case hasCommitted:
			sure = append(sure, tx)
		case isOpen:
			perhaps = append(perhaps, tx)
		}
	}
	for bits := range 1 << len(perhaps) {
		chosen := slices.Clone(sure)
		for i, tx := range perhaps {
			if bits>>i&1 == 1 {
				chosen = append(chosen, tx)
			}
		}
		if try(chosen) {
			return true
		}
	}
	return false
}

// permute tries all orders that begin with some transactions, and gives up a beginning that is wrong itself.
func permute(chosen, begin []tnum, right func(serial []tnum) bool) bool {
	if !right(begin) {
		return false
	}
	if len(begin) == len(chosen) {
		return true
	}
	for _, tx := range chosen {
		if !slices.Contains(begin, tx) && permute(chosen, append(slices.Clip(begin), tx), right) {
			return true
		}
	}
	return false
}

// explainsFacts runs transactions one after the other and compares what they read, and the order of
// versions as far as it goes, with what happened.
func (x *execution) explainsFacts(chosen, serial []tnum) bool {
	type version struct {
		tx tnum
		n  int
	}
	lines := map[string][]version{}
	for _, tx := range serial {
		before := maps.Clone(lines)
		for _, a := range x.acts {
			switch {
			case a.tx != tx:
			case a.write:
				lines[a.key] = append(slices.Clip(lines[a.key]), version{tx, a.n})
			case a.of != tx:
				current := version{}
				if l := before[a.key]; len(l) > 0 {
					current = l[len(l)-1]
				}
				if current != (version{a.of, a.n}) {
					return false
				}
			}
		}
	}
	for key, l := range lines {
		var want []version
		for _, w := range x.order(key) {
			if slices.Contains(chosen, w.tx) {
				want = append(want, version{w.tx, w.n})
			}
		}
		if !slices.Equal(l, want[:len(l)]) {
			return false
		}
	}
	return true
}

// explainsLists runs transactions one after the other and compares what they read with what happened. How
// much of its own a transaction sees is left open.
func (x *execution) explainsLists(serial []tnum) bool {
	lists := map[string][]string{}
	for _, tx := range serial {
		before := maps.Clone(lists)
		for _, a := range x.acts {
			if a.tx == tx && a.write {
				lists[a.key] = append(slices.Clip(lists[a.key]), elementOf(a))
			}
		}
		for i, a := range x.acts {
			if a.tx != tx || a.write {
				continue
			}
			saw, all := x.seen(i), lists[a.key]
			if len(saw) < len(before[a.key]) || len(saw) > len(all) || !slices.Equal(saw, all[:len(saw)]) {
				return false
			}
		}
	}
	return true
}

// moods are kinds of executions of which about half are wrong.
var moods = map[string]mood{
	"interleaved": {txs: 5, keys: 3, acts: 12, stale: 0, apart: 2, ends: true},
	"apart":       {txs: 4, keys: 2, acts: 10, stale: 4, apart: 4, ends: true},
	"one key":     {txs: 4, keys: 1, acts: 7, stale: 6, apart: 4, ends: true},
	"many":        {txs: 6, keys: 4, acts: 14, stale: 9, apart: 3},
}

// Fails if a judge says something else than one that tries all serial orders: either accuses where there is
// one, or finds nothing where there is none. The test must see plenty of both.
func TestJudgesAgreeWithTheDumbOnes(t *testing.T) {
	runs := 3000
	if testing.Short() {
		runs = 300
	}
	for name, m := range moods {
		right, wrong := 0, 0
		for seed := range runs {
			x := random(&dice{seed: uint64(seed)}, m)
			_, byFacts := x.facts().end()
			_, byLists := x.lists().end()
			serial := dumbFacts(x)
			if (byFacts == nil) != serial {
				t.Fatalf("%s, seed %d: %v\nby facts %v, but a serial order exists: %t", name, seed, x, byFacts, serial)
			}
			if listed := dumbLists(x); (byLists == nil) != listed {
				t.Fatalf("%s, seed %d: %v\nby lists %v, but a serial order exists: %t", name, seed, x, byLists, listed)
			}
			if serial {
				right++
			} else {
				wrong++
			}
		}
		t.Logf("%s: %d serializable, %d not", name, right, wrong)
		if right < runs/10 || wrong < runs/10 {
			t.Errorf("%s: %d serializable and %d not: one of them hardly occurs", name, right, wrong)
		}
	}
}

// Fails if the judge of lists does not agree with the one that tries all serial orders on lists that no
// store would show: it might name the longest read the truth when it is the wrong one.
func TestSpoiltListsAgreeWithTheDumb(t *testing.T) {
	runs, right, seen := 6000, 0, map[string]int{}
	if testing.Short() {
		runs = 600
	}
	for seed := range runs {
		d := &dice{seed: uint64(seed), n: 1 << 30}
		x := random(d, mood{txs: 4, keys: 2, acts: 9, stale: 9, apart: 4, ends: true})
		x.spoil(d)
		_, err := x.lists().end()
		if serial := dumbLists(x); (err == nil) != serial {
			t.Fatalf("seed %d: %v, with %v\n%v, but a serial order exists: %t", seed, x, x.lies, err, serial)
		}
		if err == nil {
			right++
			continue
		}
		name, _, _ := strings.Cut(err.Error(), ":")
		seen[name]++
	}
	t.Log(right, seen)
	for _, name := range []string{"duplicate element", "incompatible order", "G1a (aborted read)", "G-single (lost update)"} {
		if seen[name] < runs/200 {
			t.Errorf("%s only %d times", name, seen[name])
		}
	}
	if right < runs/10 {
		t.Errorf("only %d right", right)
	}
}

// Fails if the two ways to know the version order name different anomalies where both know all of it: when
// all transactions have committed and one has read every key at the end.
func TestBothWaysNameTheSame(t *testing.T) {
	runs := 4000
	if testing.Short() {
		runs = 400
	}
	seen := map[string]int{}
	for seed := range runs {
		m := mood{txs: 5, keys: 4, acts: 12, stale: 6, apart: 3, last: true}
		x := random(&dice{seed: uint64(seed)}, m)
		facts, lists := class(t, x.facts()), class(t, x.lists())
		if facts != lists {
			t.Fatalf("seed %d: %v\n%q by facts, %q by lists", seed, x, facts, lists)
		}
		seen[facts]++
	}
	t.Log(seen)
	for _, name := range []string{"", "G0", "G1b", "G1c", "G-single", "G2-item"} {
		if seen[name] < runs/200 {
			t.Errorf("%q only %d times", name, seen[name])
		}
	}
}

// A link is a dependency as the dumb judge of names sees it.
type link struct {
	from, to tnum
	kind     dependency
}

// links follow from Adya's definitions alone.
func (x *execution) links(committed map[tnum]bool) (all []link) {
	for _, key := range []string{"x", "y", "z", "{"} {
		order := slices.DeleteFunc(x.order(key), func(w act) bool { return !committed[w.tx] })
		for i := range order {
			if i > 0 && order[i-1].tx != order[i].tx {
				all = append(all, link{order[i-1].tx, order[i].tx, ww})
			}
		}
		for _, r := range x.acts {
			if r.write || r.key != key || !committed[r.tx] || r.of == r.tx {
				continue
			}
			at := slices.IndexFunc(order, func(w act) bool { return w.tx == r.of && w.n == r.n })
			if at >= 0 {
				all = append(all, link{r.of, r.tx, wr})
			}
			if at+1 < len(order) && order[at+1].tx != r.tx {
				all = append(all, link{r.tx, order[at+1].tx, rw})
			}
		}
	}
	return all
}

// anomaly names the lowest anomaly by going through all simple cycles, and says how short it can be.
func (x *execution) anomaly() (lowest anomaly, length int) {
	committed := map[tnum]bool{}
	for _, tx := range x.txs {
		committed[tx] = x.fates[tx] == hasCommitted
	}
	for range x.txs { // each round makes one more step of who was read by whom
		for _, a := range x.acts {
			if committed[a.tx] && !a.write && x.fates[a.of] == isOpen && a.of != 0 {
				committed[a.of] = true
			}
		}
	}
	lowest = anomalies
	found := func(a anomaly, n int) {
		if a < lowest || a == lowest && n < length {
			lowest, length = a, n
		}
	}
	for _, r := range x.acts {
		if r.write || !committed[r.tx] || r.of == 0 || r.of == r.tx {
			continue
		}
		if x.fates[r.of] == hasAborted {
			found(abortedRead, 0)
		} else if r.n < x.written(r.of, r.key) {
			found(intermediateRead, 0)
		}
	}
	all := x.links(committed)
	var walk func(path []link)
	walk = func(path []link) {
		last := path[len(path)-1].to
		if last == path[0].from {
			found(classOf(path), len(path))
			return
		}
		for _, l := range all {
			if l.from == last && !slices.ContainsFunc(path, func(p link) bool { return p.to == l.to }) {
				walk(append(slices.Clip(path), l))
			}
		}
	}
	for _, l := range all {
		walk([]link{l})
	}
	return lowest, length
}

// classOf says by its links what a cycle is.
func classOf(cycle []link) anomaly {
	count := map[dependency]int{}
	for _, l := range cycle {
		count[l.kind]++
	}
	switch {
	case count[ww] == len(cycle):
		return dirtyWrite
	case count[rw] == 0:
		return circularFlow
	case count[rw] == 1:
		return singleAnti
	}
	return severalAnti
}

// Fails if an anomaly of a higher class is named where there is one of a lower, or a longer cycle is told
// where there is a shorter one of the class.
func TestLowestClassAndShortestCycle(t *testing.T) {
	runs := 2000
	if testing.Short() {
		runs = 200
	}
	seen := map[anomaly]int{}
	for name, m := range moods {
		for seed := range runs {
			x := random(&dice{seed: uint64(seed), n: 1 << 40}, m)
			want, length := x.anomaly()
			seen[want]++
			_, err := x.facts().end()
			if err == nil {
				if want != anomalies {
					t.Fatalf("%s, seed %d: %v\nholds, want %v", name, seed, x, want)
				}
				continue
			}
			head, _, _ := strings.Cut(want.String(), " (")
			if !strings.HasPrefix(err.Error(), head) || strings.Count(err.Error(), ";") != length {
				t.Fatalf("%s, seed %d: %v\ngot %v\nwant %v of %d steps", name, seed, x, err, want, length)
			}
		}
	}
	t.Log(seen[anomalies], "serializable")
	for a := dirtyWrite; a <= anomalies; a++ {
		if seen[a] < runs/100 {
			t.Errorf("anomaly %d only %d times", a, seen[a])
		}
	}
}
