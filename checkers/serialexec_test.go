package checkers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"simrun/sim/chance"
)

// The facts of imaginary stores and their transactions, which are numbers.
type (
	tnum      int
	installed struct {
		tx  tnum
		key string
		n   int
	}
	viewed struct {
		tx      tnum
		key     string
		version Version
	}
	appended struct {
		tx           tnum
		key, element string
	}
	listed struct {
		tx       tnum
		key      string
		elements []string
	}
	closed struct {
		tx        tnum
		committed bool
	}
)

func (t tnum) String() string { return "T" + strconv.Itoa(int(t)) }

func isClosed(fact any) (tx any, committed bool, ok bool) {
	f, ok := fact.(closed)
	return f.tx, f.committed, ok
}

var byFacts = Transactions{
	Read: func(fact any) (tx any, key string, version Version, ok bool) {
		f, ok := fact.(viewed)
		return f.tx, f.key, f.version, ok
	},
	Installed: func(fact any) (tx any, key string, n int, ok bool) {
		f, ok := fact.(installed)
		return f.tx, f.key, f.n, ok
	},
	Ended: isClosed,
}

var byLists = Lists{
	Read: func(fact any) (tx any, key string, elements []string, ok bool) {
		f, ok := fact.(listed)
		return f.tx, f.key, f.elements, ok
	},
	Appended: func(fact any) (tx any, key, element string, ok bool) {
		f, ok := fact.(appended)
		return f.tx, f.key, f.element, ok
	},
	Ended: isClosed,
}

// An act is a read or a write of one transaction. A write is the n-th of its key by tx; a read saw the n-th
// by of, or the initial version if of is 0.
type act struct {
	tx, of tnum
	key    string
	n      int
	write  bool
}

// An execution is what really happened, in order: writes in the order in which the stores put them on top
// of each other. It can be told in facts of stores as well as in lists.
type execution struct {
	acts  []act
	fates map[tnum]fate
	txs   []tnum           // all of them, in order
	lies  map[int][]string // what reads returned that no execution explains, by their acts
}

// parse reads an execution in the notation of the literature: w1x is a write of x by T1, r2x1 a read by T2
// of T1's last write of x so far, r2x1.1 of T1's first, r2x0 of the initial version; c1 and a1 are ends.
func parse(t testing.TB, text string) *execution {
	t.Helper()
	x := &execution{fates: map[tnum]fate{}}
	for _, word := range strings.Fields(text) {
		verb, rest := word[0], word[1:]
		tx := tnum(rest[0] - '0')
		x.mention(tx)
		switch verb {
		case 'c':
			x.fates[tx] = hasCommitted
		case 'a':
			x.fates[tx] = hasAborted
		case 'w':
			x.acts = append(x.acts, act{tx: tx, key: rest[1:], n: x.written(tx, rest[1:]) + 1, write: true})
		case 'r':
			of := tnum(rest[2] - '0')
			a := act{tx: tx, key: rest[1:2], of: of, n: x.written(of, rest[1:2])}
			if _, n, ok := strings.Cut(rest, "."); ok {
				a.n, _ = strconv.Atoi(n)
			}
			x.acts = append(x.acts, a)
		default:
			t.Fatalf("%q is not an act", word)
		}
	}
	return x
}

func (x *execution) mention(tx tnum) {
	if !slices.Contains(x.txs, tx) {
		x.txs = append(x.txs, tx)
		slices.Sort(x.txs)
	}
}

// written returns how often a transaction has written a key so far.
func (x *execution) written(tx tnum, key string) (n int) {
	for _, a := range x.acts {
		if a.write && a.tx == tx && a.key == key {
			n++
		}
	}
	return n
}

// order returns the writes of a key.
func (x *execution) order(key string) (writes []act) {
	for _, a := range x.acts {
		if a.write && a.key == key {
			writes = append(writes, a)
		}
	}
	return writes
}

// list returns what the list of a key holds up to a version. A store takes out what was aborted, but if
// somebody read it, it was there.
func (x *execution) list(key string, of tnum, n int) (elements []string) {
	for _, w := range x.order(key) {
		if of == 0 {
			break
		}
		last := w.tx == of && w.n == n
		if x.fates[w.tx] != hasAborted || last {
			elements = append(elements, elementOf(w))
		}
		if last {
			break
		}
	}
	return elements
}

// seen returns the list that an act read.
func (x *execution) seen(i int) []string {
	if lie, ok := x.lies[i]; ok {
		return lie
	}
	return x.list(x.acts[i].key, x.acts[i].of, x.acts[i].n)
}

// spoil changes the list that one act read: it leaves out an element, repeats one, exchanges two, or puts
// one of the key's elements at the end.
func (x *execution) spoil(d *dice) {
	i := d.below(len(x.acts))
	if x.acts[i].write {
		return
	}
	list := x.seen(i)
	order := x.order(x.acts[i].key)
	switch n := len(list); {
	case n == 0 || d.below(4) == 0:
		if len(order) > 0 {
			list = append(list, elementOf(order[d.below(len(order))]))
		}
	case d.below(3) == 0:
		at := d.below(n)
		list = slices.Delete(list, at, at+1)
	case d.below(2) == 0:
		list = append(list, list[d.below(n)])
	default:
		a, b := d.below(n), d.below(n)
		list[a], list[b] = list[b], list[a]
	}
	x.lies = map[int][]string{i: list}
}

func elementOf(w act) string { return fmt.Sprintf("%s%d.%d", w.key, w.tx, w.n) }

// facts tells an execution to the judge of stores, lists to that of lists.
func (x *execution) facts() *tape {
	r := play(Serializable(byFacts))
	for _, a := range x.acts {
		switch {
		case a.write:
			r.note("s", installed{a.tx, a.key, a.n})
		case a.of == 0:
			r.note("c", viewed{a.tx, a.key, Version{}})
		default:
			r.note("c", viewed{a.tx, a.key, Version{a.of, a.n}})
		}
	}
	return x.ends(r)
}

func (x *execution) lists() *tape {
	r := play(SerializableLists(byLists))
	for i, a := range x.acts {
		if a.write {
			r.note("c", appended{a.tx, a.key, elementOf(a)})
		} else {
			r.note("c", listed{a.tx, a.key, x.seen(i)})
		}
	}
	return x.ends(r)
}

func (x *execution) ends(r *tape) *tape {
	for _, tx := range x.txs {
		if f := x.fates[tx]; f != isOpen {
			r.note("c", closed{tx, f == hasCommitted})
		}
	}
	return r
}

// String prints the execution as parse reads it.
func (x *execution) String() string {
	var words []string
	for _, a := range x.acts {
		switch {
		case a.write:
			words = append(words, fmt.Sprintf("w%d%s", a.tx, a.key))
		case a.of == 0:
			words = append(words, fmt.Sprintf("r%d%s0", a.tx, a.key))
		default:
			words = append(words, fmt.Sprintf("r%d%s%d.%d", a.tx, a.key, a.of, a.n))
		}
	}
	for _, tx := range x.txs {
		if f := x.fates[tx]; f != isOpen {
			words = append(words, fmt.Sprintf("%c%d", " ac"[f], tx))
		}
	}
	return strings.Join(words, " ")
}

// dice are a fixed stream of random numbers.
type dice struct{ seed, n uint64 }

func (d *dice) below(n int) int {
	d.n++
	return int(chance.Mix(d.seed, 17, d.n) % uint64(n))
}

// A mood is what kind of executions are wanted.
type mood struct {
	txs, keys, acts int
	stale           int  // one read in so many sees what it should not; 0: none
	apart           int  // one act in so many is of another transaction than the one before
	ends            bool // some transactions abort or have no known end
	last            bool // at the end, one reads everything
}

// random makes an execution: transactions take turns and mostly read the latest version.
func random(d *dice, m mood) *execution {
	x := &execution{fates: map[tnum]fate{}}
	tx := tnum(1)
	for range m.acts {
		if d.below(m.apart) == 0 {
			tx = tnum(1 + d.below(m.txs))
		}
		x.mention(tx)
		a := act{tx: tx, key: string(rune('x' + d.below(m.keys))), write: d.below(2) == 0}
		order := x.order(a.key)
		if a.write {
			a.n = x.written(tx, a.key) + 1
		} else if at := len(order) - 1; at >= 0 {
			if m.stale > 0 && d.below(m.stale) == 0 {
				at = d.below(len(order)+1) - 1
			}
			if at >= 0 {
				a.of, a.n = order[at].tx, order[at].n
			}
		}
		x.acts = append(x.acts, a)
	}
	for _, tx := range x.txs {
		x.fates[tx] = hasCommitted
		if m.ends && d.below(5) == 0 {
			x.fates[tx] = fate(d.below(2)) // isOpen or hasAborted
		}
	}
	if m.last {
		x.readAll(tnum(m.txs+1), m.keys)
	}
	return x
}

// readAll adds a transaction that reads the last version of every key.
func (x *execution) readAll(tx tnum, keys int) {
	x.mention(tx)
	x.fates[tx] = hasCommitted
	for k := range keys {
		key := string(rune('x' + k))
		if order := x.order(key); len(order) > 0 {
			last := order[len(order)-1]
			x.acts = append(x.acts, act{tx: tx, key: key, of: last.tx, n: last.n})
		}
	}
}
