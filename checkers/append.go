package checkers

import (
	"cmp"
	"fmt"
	"slices"

	"simrun/sim"
)

// Lists says how transactions that append to lists and read them are read from the facts of a run. All
// three functions are needed; each says ok = false for what does not concern it. Names of transactions are
// compared with ==.
type Lists struct {
	// Read reads the fact that a transaction has read the whole list of a key.
	Read func(fact any) (tx any, key string, elements []string, ok bool)
	// Appended reads the fact that a transaction appends an element to the list of a key, whether or not
	// anything comes of it. A transaction's facts come in the order of its appends. No element is appended to
	// one list twice; noted again it is the same append.
	Appended func(fact any) (tx any, key, element string, ok bool)
	// Ended reads the fact that a transaction has committed or aborted, as in [Transactions].
	Ended func(fact any) (tx any, committed bool, ok bool)
}

// serialLists writes down what transactions appended and read, and judges it at the end.
type serialLists struct {
	serial
	Lists
	reads    []listing
	appends  []appending
	appendOf map[entry]int32
	counts   map[authored]*count
}

// A listing is a read of a list as it was noted.
type listing struct {
	tx, key  int32
	elements []string
	earlier  int32 // the transaction's read before this one, or -1
}

// An appending is an append as it was noted.
type appending struct {
	write
	key int32
	at  int32 // where it stands in the list, or -1: nobody has seen it
}

// An entry names an element of a list.
type entry struct {
	key     int32
	element string
}

// A count is how many elements a transaction has appended to one list, and how many of them stand there.
type count struct{ appended, standing int }

// SerializableLists returns the outer property "serializable-lists": some serial order of the transactions
// that committed explains what each read of a list returned. It is [Serializable] where no store says in
// which order it installed versions: the lists themselves say it, as Kingsbury and Alvaro infer it in Elle
// (VLDB 2020). What a transaction saw of a list is a version, and the longest read gives the order of all.
// Appends that nobody has seen come after it, in an order that is not known: two transactions that both
// miss each other's append are G2-item then, where the stores' facts would have told G-single.
//
// Beside Adya's classes there are three, which come before them: "garbage read" (nobody has appended the
// element), "duplicate element" (a list holds it twice) and "incompatible order" (two reads differ in what
// stands at one place, or a transaction's own appends stand in another order than it made them). The three
// are of reads by transactions that committed; G1a takes the place of the third where one of those reads
// holds an element of a transaction that aborted.
//
// Unknown transactions are treated as by Serializable. Each dependency between two transactions is a check.
func SerializableLists(l Lists) sim.Property {
	if l.Read == nil || l.Appended == nil || l.Ended == nil {
		panic("checkers: SerializableLists needs all functions of Lists")
	}
	return &serialLists{serial: newSerial("serializable-lists", true), Lists: l, appendOf: make(map[entry]int32), counts: make(map[authored]*count)}
}

// Observe reads a fact, which may mean several things at once.
func (l *serialLists) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	if tx, key, element, ok := l.Appended(e.Data); ok {
		if err := l.add(l.tx(tx), l.key(key), element); err != nil {
			return err
		}
	}
	if tx, key, elements, ok := l.Read(e.Data); ok {
		r := listing{tx: l.tx(tx), key: l.key(key), elements: elements}
		r.earlier, l.txs[r.tx].last = l.txs[r.tx].last, int32(len(l.reads))
		l.reads = append(l.reads, r)
	}
	if tx, committed, ok := l.Ended(e.Data); ok {
		l.end(l.tx(tx), committed)
	}
	return nil
}

// add writes an append down.
func (l *serialLists) add(tx, key int32, element string) error {
	if i, ok := l.appendOf[entry{key, element}]; ok {
		if other := l.appends[i].tx; other != tx {
			return fmt.Errorf("the history cannot be judged: both %s and %s appended %s to %s", l.name(other), l.name(tx), element, l.keys[key].name)
		}
		return nil
	}
	c := l.counts[authored{tx, key}]
	if c == nil {
		c = &count{}
		l.counts[authored{tx, key}] = c
	}
	l.appendOf[entry{key, element}] = int32(len(l.appends))
	l.appends = append(l.appends, appending{write: write{tx: tx, n: c.appended, element: element}, key: key, at: -1})
	c.appended++
	return nil
}

// End asks who has committed, what the lists were, and whether what was seen of them is serializable.
func (l *serialLists) End(*sim.World) (sim.Result, error) {
	l.spread(func(tx int32) {
		for r := l.txs[tx].last; r >= 0; r = l.reads[r].earlier {
			l.take(&l.reads[r])
		}
	})
	for key := range l.keys {
		l.own(int32(key))
	}
	for i := range l.reads {
		if r := &l.reads[i]; l.committed(r.tx) {
			l.saw(r)
		}
	}
	for _, a := range l.appends {
		if a.at < 0 && l.committed(a.tx) {
			l.keys[a.key].late = append(l.keys[a.key].late, a.write)
		}
	}
	for key := range l.keys {
		late := l.keys[key].late
		slices.SortStableFunc(late, func(a, b write) int { return cmp.Compare(a.tx, b.tx) })
		l.keys[key].late = slices.CompactFunc(late, func(a, b write) bool { return a.tx == b.tx })
	}
	return sim.Holds, l.verdict()
}

// take compares a read with the longest list that is known of the key, and makes that longer if it can.
func (l *serialLists) take(r *listing) {
	line := &l.keys[r.key]
	same := line.common(r.elements)
	if same < len(line.order) && same < len(r.elements) {
		l.fork(r, same)
		return
	}
	for _, element := range r.elements[same:] {
		i, ok := l.appendOf[entry{r.key, element}]
		if !ok {
			l.complain(garbageRead, "%s read %s with %s, which nobody has appended", l.name(r.tx), line.name, element)
			return
		}
		a := &l.appends[i]
		if a.at >= 0 {
			l.complain(duplicateElement, "%s read %s with %s at two places", l.name(r.tx), line.name, element)
			return
		}
		a.at = int32(len(line.order))
		line.order = append(line.order, a.write)
		l.presume(a.tx)
	}
}

// common returns how many elements a read has in common with the longest list.
func (k *line) common(elements []string) (n int) {
	for n < len(elements) && n < len(k.order) && elements[n] == k.order[n].element {
		n++
	}
	return n
}

// fork says what is wrong with a read that differs from the longest list from some place on: something
// always is.
func (l *serialLists) fork(r *listing, from int) {
	key, reader := l.keys[r.key].name, l.name(r.tx)
	seen := make(map[string]bool, len(r.elements))
	undone := false
	for i, element := range r.elements {
		a, ok := l.appendOf[entry{r.key, element}]
		switch {
		case !ok:
			l.complain(garbageRead, "%s read %s with %s, which nobody has appended", reader, key, element)
			return
		case seen[element]:
			l.complain(duplicateElement, "%s read %s with %s at two places", reader, key, element)
			return
		}
		seen[element] = true
		writer := l.appends[a].tx
		if i >= from && l.txs[writer].fate == hasAborted {
			l.complain(abortedRead, "%s read %s with %s of %s, which aborted", reader, key, element, l.name(writer))
			undone = true
		}
	}
	order := l.keys[r.key].order
	for at := from; at < len(order); at++ {
		if w := order[at]; l.txs[w.tx].fate == hasAborted {
			l.complain(abortedRead, "%s read %s with %s of %s, which aborted", l.name(l.reader(r.key, at)), key, w.element, l.name(w.tx))
			undone = true
		}
	}
	l.forked = true
	if !undone {
		l.complain(incompatibleOrder, "element %d of %s was %s as %s read it, and %s as %s read it",
			from+1, key, order[from].element, l.name(l.reader(r.key, from)), r.elements[from], reader)
	}
}

// reader returns a transaction that committed and saw the element at this place of the longest list.
func (l *serialLists) reader(key int32, at int) int32 {
	for i := range l.reads {
		if r := &l.reads[i]; r.key == key && l.committed(r.tx) && l.keys[key].common(r.elements) > at {
			return r.tx
		}
	}
	panic("checkers: a list that nobody read")
}

// own complains if a transaction's elements stand in another order than it appended them, or if one is
// missing before another.
func (l *serialLists) own(key int32) {
	for at, w := range l.keys[key].order {
		if !l.committed(w.tx) {
			continue
		}
		c := l.counts[authored{w.tx, key}]
		if c.standing == w.n {
			c.standing++
			continue
		}
		l.complain(incompatibleOrder, "%s read %s with %s of %s, but not after all that %s had appended before",
			l.name(l.reader(key, at)), l.keys[key].name, w.element, l.name(w.tx), l.name(w.tx))
		return
	}
}

// saw keeps which version a transaction has seen, unless it is its own, and complains if it should not have
// seen it.
func (l *serialLists) saw(r *listing) {
	line := &l.keys[r.key]
	same := line.common(r.elements)
	if same < len(r.elements) {
		return // there is a complaint already
	}
	for _, w := range line.order[:same] {
		if l.txs[w.tx].fate == hasAborted {
			l.complain(abortedRead, "%s read %s with %s of %s, which aborted", l.name(r.tx), line.name, w.element, l.name(w.tx))
		}
	}
	if same == 0 {
		l.sights = append(l.sights, sight{r.tx, r.key, -1})
		return
	}
	last := line.order[same-1]
	if last.tx == r.tx {
		return
	}
	if l.counts[authored{last.tx, r.key}].appended > last.n+1 && l.committed(last.tx) {
		l.complain(intermediateRead, "%s read %s up to %s of %s, which appended more to it", l.name(r.tx), line.name, last.element, l.name(last.tx))
	}
	l.sights = append(l.sights, sight{r.tx, r.key, int32(same - 1)})
}
