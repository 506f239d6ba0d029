package twopc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// locker n is a transaction of age n.
func aged(n int) locker { return locker{uint64(n), Tx{1, 1, uint32(n)}} }

// ruled prints the rulings since the last call: "T2 has x; T3 dies for T1".
func ruled(t *lockTable) (s string) {
	for _, r := range t.rulings {
		if s != "" {
			s += "; "
		}
		if r.granted {
			s += fmt.Sprintf("%v has %s", r.tx, r.key)
		} else {
			s += fmt.Sprintf("%v dies for %v", r.tx, r.by)
		}
	}
	t.rulings = t.rulings[:0]
	return s
}

// Each line would read differently if the rule it is about were missing. A small number is an old transaction.
func TestWaitDie(t *testing.T) {
	var l lockTable
	for _, step := range []struct {
		rule  string
		age   int
		key   string
		mode  lockMode // 2: releases everything
		want  claimState
		ruled string
	}{
		{"a free lock is granted", 5, "x", shared, granted, ""},
		{"readers share", 7, "x", shared, granted, ""},
		{"a younger writer dies", 8, "x", exclusive, dies, ""},
		{"one that is older than one reader only dies too", 6, "x", exclusive, dies, ""},
		{"an older writer waits", 3, "x", exclusive, waits, ""},
		{"a second older writer waits", 4, "x", exclusive, waits, ""},
		{"when one reader leaves they wait for the other", 5, "", 2, granted, ""},
		{"when the last leaves the oldest has it, and the other is younger now", 7, "", 2, granted, "T3 has x; T4 dies for T3"},
		{"what is held is granted again", 3, "x", exclusive, granted, ""},
		{"and a weaker lock is no downgrade", 3, "x", shared, granted, ""},
		{"so a reader dies", 9, "x", shared, dies, ""},
		{"and one that is older waits", 2, "x", shared, waits, ""},
		{"and a still older one too", 1, "x", shared, waits, ""},
		{"both readers have it then", 3, "", 2, granted, "T1 has x; T2 has x"},
		{"a reader may become the writer if nobody else reads", 2, "y", shared, granted, ""},
		{"", 2, "y", exclusive, granted, ""},
		{"a younger reader dies then", 3, "y", shared, dies, ""},
		{"of two readers that want to write the older waits", 1, "x", exclusive, waits, ""},
		{"and the younger dies", 2, "x", exclusive, dies, ""},
		{"as the younger leaves the older is the writer", 2, "", 2, granted, "T1 has x"},
		{"and keeps others out", 3, "x", shared, dies, ""},
	} {
		if step.mode == 2 {
			l.release(aged(step.age).tx)
		} else if state, _ := l.acquire(aged(step.age), step.key, step.mode); state != step.want {
			t.Errorf("%s: T%d is answered %d, want %d", step.rule, step.age, state, step.want)
		}
		if got := ruled(&l); got != step.ruled {
			t.Errorf("%s: ruled %q, want %q", step.rule, got, step.ruled)
		}
	}
}

// A reader that joins may be older than a writer that waits for a younger reader. Fails if the writer is not judged
// again: it would wait for an older one.
func TestWaitersAreJudgedWhenAHolderJoins(t *testing.T) {
	var l lockTable
	l.acquire(aged(9), "x", shared)
	l.acquire(aged(5), "x", exclusive)
	if state, by := l.acquire(aged(7), "x", shared); state != dies || by != aged(5).tx {
		t.Errorf("a younger reader is answered %d for the sake of %v: it passes by a writer that waits", state, by)
	}
	if state, _ := l.acquire(aged(9), "x", exclusive); state != granted {
		t.Errorf("the reader who is waited for anyway may not write: %d", state)
	}
	l.release(aged(9).tx)
	if got := ruled(&l); got != "T5 has x" {
		t.Errorf("ruled %q", got)
	}
	l.release(aged(5).tx)
	l.acquire(aged(9), "x", shared)
	l.acquire(aged(5), "x", exclusive)
	l.acquire(aged(3), "x", shared)
	if got := ruled(&l); got != "T5 dies for T3" {
		t.Errorf("ruled %q", got)
	}
}

// Ages may be equal; names decide then, by coordinator, life and number.
func TestOlderIsATotalOrder(t *testing.T) {
	all := []locker{{1, Tx{2, 2, 2}}, {2, Tx{1, 1, 1}}, {2, Tx{1, 1, 2}}, {2, Tx{1, 2, 1}}, {2, Tx{2, 1, 1}}}
	for i, a := range all {
		for j, b := range all {
			if a.older(b) != (i < j) {
				t.Errorf("%v older than %v: %v", a, b, a.older(b))
			}
		}
	}
}

// A dumbTable says the same as a lockTable, by looking at everything that was ever granted.
type dumbTable struct {
	held, waiting []dumbClaim
}

type dumbClaim struct {
	claim
	key string
}

func (d *dumbTable) judge(c dumbClaim) claimState {
	state := granted
	for _, h := range d.held {
		if h.key == c.key && h.tx != c.tx && h.mode+c.mode > 0 {
			if !c.older(h.locker) {
				return dies
			}
			state = waits
		}
	}
	return state
}

func (d *dumbTable) acquire(c dumbClaim) claimState {
	s := d.judge(c)
	for _, w := range d.waiting {
		held := slices.ContainsFunc(d.held, func(h dumbClaim) bool { return h.key == c.key && h.tx == c.tx })
		if w.key == c.key && !held && w.older(c.locker) && w.mode+c.mode > 0 && s == granted {
			s = dies
		}
	}
	if s == granted {
		d.held = append(d.held, c)
	} else if s == waits {
		d.waiting = append(d.waiting, c)
	}
	return s
}

// rule judges all who wait, the oldest of a key first, until nothing changes.
func (d *dumbTable) rule() (rulings []string) {
	slices.SortFunc(d.waiting, func(a, b dumbClaim) int {
		if a.older(b.locker) {
			return -1
		}
		return 1
	})
	for again := true; again; {
		again = false
		for i, c := range d.waiting {
			if s := d.judge(c); s != waits {
				rulings = append(rulings, fmt.Sprint(c.tx, c.key, s == granted))
				d.waiting = slices.Delete(d.waiting, i, i+1)
				if s == granted {
					d.held = append(d.held, c)
				}
				again = true
				break
			}
		}
	}
	return rulings
}

func (d *dumbTable) release(tx Tx) {
	mine := func(c dumbClaim) bool { return c.tx == tx }
	d.held, d.waiting = slices.DeleteFunc(d.held, mine), slices.DeleteFunc(d.waiting, mine)
}

// The table and its dumb twin answer and rule alike, and at no time does anybody wait for an older one, or two hold
// what only one may.
func TestLocksAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 11))
	for run := range 400 {
		var l lockTable
		var d dumbTable
		stuck := map[Tx]bool{} // it waits, or has died
		for step := range 40 {
			who := aged(1 + r.IntN(7))
			if r.IntN(4) == 0 || stuck[who.tx] {
				l.release(who.tx)
				d.release(who.tx)
				delete(stuck, who.tx)
			} else {
				key, mode := string(rune('x'+r.IntN(3))), lockMode(r.IntN(2))
				got, _ := l.acquire(who, key, mode)
				if want := d.acquire(dumbClaim{claim{who, mode}, key}); got != want {
					t.Fatalf("run %d step %d: %v asks for %s (%d): %d, want %d", run, step, who, key, mode, got, want)
				}
				stuck[who.tx] = got != granted
			}
			var got []string
			for _, x := range l.rulings {
				got = append(got, fmt.Sprint(x.tx, x.key, x.granted))
				stuck[x.tx] = !x.granted
			}
			l.rulings = l.rulings[:0]
			want := d.rule()
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Fatalf("run %d step %d: ruled %v, want %v", run, step, got, want)
			}
			checkTable(t, &l)
		}
	}
}

func checkTable(t *testing.T, l *lockTable) {
	t.Helper()
	for _, x := range l.locks {
		for i, h := range x.holders {
			if !l.holds(h.tx, x.key, h.mode) {
				t.Fatalf("%v holds %s and is said not to", h.tx, x.key)
			}
			for _, g := range x.holders[:i] {
				if g.mode == exclusive || h.mode == exclusive {
					t.Fatalf("%v and %v hold %s", g.tx, h.tx, x.key)
				}
			}
			for _, w := range x.waiters {
				if w.tx != h.tx && (w.mode == exclusive || h.mode == exclusive) && h.older(w.locker) {
					t.Fatalf("%v waits for %v, which is older", w.tx, h.tx)
				}
			}
		}
	}
	if l.holds(Tx{9, 9, 9}, "x", shared) || l.holds(Tx{9, 9, 9}, "nothing", shared) {
		t.Fatal("a stranger holds something")
	}
}
