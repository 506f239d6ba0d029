package checkers

import (
	"cmp"
	"fmt"
	"slices"
)

// A fate is what is known of a transaction's end.
type fate uint8

const (
	isOpen fate = iota // nothing: it may have committed
	hasAborted
	hasCommitted
)

// A dealing is one transaction of a history.
type dealing struct {
	name any
	fate fate
	last int32 // its last read in the judge's list of reads, or -1
}

// A write is one version of a key.
type write struct {
	tx      int32
	n       int
	earlier int32  // where the writer's version of the key before this one stands, or -1; not used for lists
	element string // what was appended, for lists
}

// A line holds the versions of one key.
type line struct {
	name  string
	order []write // each follows the one before it
	late  []write // they follow all of order, in an order that is not known; by transaction, one of each
	next  []int32 // for each place in order, from -1 on: the first version of a committed transaction after it
}

// A sight is that a committed transaction read a version: where it stands in its key's order, or -1 for the
// initial one.
type sight struct{ tx, key, at int32 }

// serial is what both judges of serializability share: the transactions and the keys by number, who
// committed, and in the end the versions and who saw them.
type serial struct {
	judge
	lists  bool // versions are elements of lists, for the words
	txs    []dealing
	txOf   map[any]int32
	keys   []line
	keyOf  map[string]int32
	queue  []int32 // those that committed, in the order in which their reads are looked at
	sights []sight
	forked bool             // there is no version order to judge by, since writes were undone
	wrong  [anomalies]error // the first complaint of each class
}

func newSerial(name string, lists bool) serial {
	return serial{judge: judge{name: name}, lists: lists, txOf: make(map[any]int32), keyOf: make(map[string]int32)}
}

// tx returns the number of a transaction.
func (s *serial) tx(name any) int32 {
	mustCompare(s.judge.name, name)
	tx, ok := s.txOf[name]
	if !ok {
		tx = int32(len(s.txs))
		s.txOf[name] = tx
		s.txs = append(s.txs, dealing{name: name, last: -1})
	}
	return tx
}

// key returns the number of a key.
func (s *serial) key(name string) int32 {
	key, ok := s.keyOf[name]
	if !ok {
		key = int32(len(s.keys))
		s.keyOf[name] = key
		s.keys = append(s.keys, line{name: name})
	}
	return key
}

// end says how a transaction has ended. One that has committed anywhere has committed.
func (s *serial) end(tx int32, committed bool) {
	f := hasAborted
	if committed {
		f = hasCommitted
	}
	s.txs[tx].fate = max(s.txs[tx].fate, f)
}

// committed reports whether a transaction has committed.
func (s *serial) committed(tx int32) bool { return s.txs[tx].fate == hasCommitted }

// spread calls seen for each transaction that has committed. It calls presume for those whose writes the
// transaction has read.
func (s *serial) spread(seen func(tx int32)) {
	for tx := range s.txs {
		if s.txs[tx].fate == hasCommitted {
			s.queue = append(s.queue, int32(tx))
		}
	}
	for next := 0; next < len(s.queue); next++ {
		seen(s.queue[next])
	}
}

// presume says that a transaction that has committed saw a write of this one, which must have committed too
// then, if it may have.
func (s *serial) presume(tx int32) {
	if s.txs[tx].fate == isOpen {
		s.txs[tx].fate = hasCommitted
		s.queue = append(s.queue, tx)
	}
}

// complain keeps the first complaint of a class.
func (s *serial) complain(a anomaly, format string, args ...any) {
	if s.wrong[a] == nil {
		s.wrong[a] = fmt.Errorf("%v: %s", a, fmt.Sprintf(format, args...))
	}
}

// verdict returns the complaint of the lowest class, once it has looked for cycles. What makes the versions
// themselves doubtful comes before everything else: then cycles mean nothing.
func (s *serial) verdict() error {
	for a := range dirtyWrite {
		if s.wrong[a] != nil {
			s.checks++
			return s.wrong[a]
		}
	}
	if !s.forked {
		s.cycles()
	}
	for _, err := range s.wrong {
		if err != nil {
			s.checks++
			return err
		}
	}
	return nil
}

// cycles looks for the lowest class of a cycle: each search counts on there being none of the lower ones.
func (s *serial) cycles() {
	g := s.graph()
	for i := range g.edges {
		if g.edges[i].kind != 0 {
			s.checks++
		}
	}
	if g.ring(ww|wr|rw) == nil {
		return
	}
	if cycle := g.ring(ww); cycle != nil {
		s.report(dirtyWrite, cycle)
	} else if cycle := g.ring(ww | wr); cycle != nil {
		s.report(circularFlow, cycle)
	} else if cycle := g.single(); cycle != nil {
		s.report(singleAnti, cycle)
	} else {
		s.report(severalAnti, g.ring(ww|wr|rw))
	}
}

// graph makes the dependencies between transactions that have committed. It is enough to join each version
// with the next one, since all others follow from these.
func (s *serial) graph() *graph {
	edges := make([]edge, 0, 3*len(s.sights)) // mostly enough: a read has two ends, and who reads one key writes one
	hubs := int32(len(s.txs))
	tails := make([]int32, len(s.keys)) // for each key the first hub of its late writes
	for k := range s.keys {
		line, key := &s.keys[k], int32(k)
		edges = s.join(edges, key)
		tails[k] = hubs
		for i, w := range line.late {
			edges = fan(edges, edge{to: w.tx, key: key, new: int32(len(line.order) + i)}, hubs, int32(i), len(line.late))
		}
		hubs += 2 * int32(len(line.late))
	}
	for _, r := range s.sights {
		edges = s.sees(edges, r, tails[r.key])
	}
	return newGraph(int(hubs), edges)
}

// join orders the writers of one key, and fills in next.
func (s *serial) join(edges []edge, key int32) []edge {
	line := &s.keys[key]
	n := int32(len(line.order))
	line.next = make([]int32, n+1)
	next, last := n, int32(-1)
	for at := n - 1; at >= -1; at-- {
		line.next[at+1] = next
		if at < 0 || !s.committed(line.order[at].tx) {
			continue
		}
		from := line.order[at].tx
		if last < 0 {
			last = at
		} else if to := line.order[next].tx; from != to {
			edges = append(edges, edge{from, to, ww, key, at, next})
		}
		next = at
	}
	for i := range line.late {
		if to := line.late[i].tx; last >= 0 && to != line.order[last].tx {
			edges = append(edges, edge{line.order[last].tx, to, ww, key, last, n + int32(i)})
		}
	}
	return edges
}

// Late writes need hubs: every reader of the last version comes before every one of them but its own, and an
// edge for each pair would cost their square. Two chains of hubs do: before(i) leads to the late writes up
// to i, and after(i) to those from i on.
func before(hubs, i int32) int32 { return hubs + 2*i }
func after(hubs, i int32) int32  { return hubs + 2*i + 1 }

// fan joins the two hubs of the late write i with it and with their neighbours.
func fan(edges []edge, e edge, hubs, i int32, late int) []edge {
	from := func(hub int32) edge { e.from = hub; return e }
	edges = append(edges, from(before(hubs, i)), from(after(hubs, i)))
	if i > 0 {
		edges = append(edges, edge{from: before(hubs, i), to: before(hubs, i-1)})
	}
	if int(i) < late-1 {
		edges = append(edges, edge{from: after(hubs, i), to: after(hubs, i+1)})
	}
	return edges
}

// sees puts a reader between the version that it read and the next one.
func (s *serial) sees(edges []edge, r sight, hubs int32) []edge {
	line := &s.keys[r.key]
	if r.at >= 0 {
		if writer := line.order[r.at].tx; s.committed(writer) {
			edges = append(edges, edge{writer, r.tx, wr, r.key, r.at, r.at})
		}
	}
	if next := line.next[r.at+1]; int(next) < len(line.order) {
		if to := line.order[next].tx; to != r.tx {
			edges = append(edges, edge{r.tx, to, rw, r.key, r.at, next})
		}
		return edges
	}
	up, found := slices.BinarySearchFunc(line.late, r.tx, func(w write, tx int32) int { return cmp.Compare(w.tx, tx) })
	if up > 0 {
		edges = append(edges, edge{r.tx, before(hubs, int32(up-1)), rw, r.key, r.at, -1})
	}
	if found {
		up++
	}
	if up < len(line.late) {
		edges = append(edges, edge{r.tx, after(hubs, int32(up)), rw, r.key, r.at, -1})
	}
	return edges
}
