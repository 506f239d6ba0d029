package checkers

import (
	"fmt"

	"simrun/sim"
)

// A Version names what a transaction wrote: its N-th write of a key. Where a transaction writes no key
// twice, N may always be 0. The zero Version is the one before all writes.
type Version struct {
	Tx any
	N  int
}

// Transactions says how reads and writes of transactions are read from the facts of a run. All three
// functions are needed; each says ok = false for what does not concern it. Names of transactions are
// compared with ==.
type Transactions struct {
	// Read reads the fact that a transaction has read a version of a key.
	Read func(fact any) (tx any, key string, version Version, ok bool)
	// Installed reads the fact that the store of a key has made the n-th write of it by a transaction the
	// key's latest version. The store notes it before it shows the version to anybody. The order of these
	// facts is the version order. Noted again, after a restart, it is the same version: the first time counts.
	Installed func(fact any) (tx any, key string, n int, ok bool)
	// Ended reads the fact that a transaction has committed or aborted. Many nodes may note it, and more than
	// once. If they differ, the transaction has committed here, and [Atomicity] says what is wrong.
	Ended func(fact any) (tx any, committed bool, ok bool)
}

// serializable writes down what transactions did, and judges it at the end.
type serializable struct {
	serial
	Transactions
	reads  []reading
	latest map[authored]int32 // where the last version of a key by one writer stands in the key's order
}

// A reading is a read as it was noted.
type reading struct {
	tx, key int32
	writer  int32 // -1 for the initial version
	n       int
	earlier int32 // the transaction's read before this one, or -1
}

// authored names the versions of one key by one transaction.
type authored struct{ tx, key int32 }

// Serializable returns the outer property "serializable": some serial order of the transactions that
// committed, one after the other and no two at once, explains which version each read saw and in which
// order versions were installed. Real time does not count. Reads by predicate are out of scope, and so is
// what a transaction reads of its own writes.
//
// It is judged at the end of the run, by the cycles of dependencies between transactions (Adya 1999; Adya,
// Liskov and O'Neil 2000). The name of the anomaly is that of the lowest class which is present: G0 (only
// writes), G1a (what a transaction that aborted wrote was read), G1b (a version was read that its writer
// replaced), G1c (writes and reads), G-single (one anti-dependency), G2-item (several). Before all these
// comes "garbage read": no store has installed the version. Versions of one writer with another's between
// them are a dirty write, G0, though nobody may have seen it: Adya orders final versions only.
//
// A transaction of which no end was noted is unknown. If one that committed has read a version of it, it
// must have committed as well; else it is left out, which can only make the order easier to find.
//
// Each dependency between two transactions is a check.
func Serializable(t Transactions) sim.Property {
	if t.Read == nil || t.Installed == nil || t.Ended == nil {
		panic("checkers: Serializable needs all functions of Transactions")
	}
	return &serializable{serial: newSerial("serializable", false), Transactions: t, latest: make(map[authored]int32)}
}

// Observe reads a fact, which may mean several things at once.
func (s *serializable) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	if tx, key, n, ok := s.Installed(e.Data); ok {
		s.install(s.tx(tx), s.key(key), n)
	}
	if tx, key, version, ok := s.Read(e.Data); ok {
		r := reading{tx: s.tx(tx), key: s.key(key), writer: -1, n: version.N}
		if version.Tx != nil {
			r.writer = s.tx(version.Tx)
		} else if version.N != 0 {
			return fmt.Errorf("the history cannot be judged: %v at %v noted a read of write %d of no transaction", e.Node, e.At, version.N)
		}
		r.earlier, s.txs[r.tx].last = s.txs[r.tx].last, int32(len(s.reads))
		s.reads = append(s.reads, r)
	}
	if tx, committed, ok := s.Ended(e.Data); ok {
		s.end(s.tx(tx), committed)
	}
	return nil
}

// install puts a version at the end of its key's order, unless it stands there already.
func (s *serializable) install(tx, key int32, n int) {
	order := &s.keys[key].order
	if at, _, _ := s.look(tx, key, n); at >= 0 {
		return
	}
	w := write{tx: tx, n: n, earlier: -1}
	if at, ok := s.latest[authored{tx, key}]; ok {
		w.earlier = at
	}
	s.latest[authored{tx, key}] = int32(len(*order))
	*order = append(*order, w)
}

// look returns where a version stands in its key's order, or -1, and the highest number that its writer
// has given to a version of the key, if to any.
func (s *serializable) look(tx, key int32, n int) (at int32, final int, wrote bool) {
	order := s.keys[key].order
	at = -1
	i, wrote := s.latest[authored{tx, key}]
	for ; wrote && i >= 0; i = order[i].earlier {
		final = max(final, order[i].n)
		if order[i].n == n {
			at = i
		}
	}
	return at, final, wrote
}

// End asks who has committed, what they saw, and whether that is serializable.
func (s *serializable) End(*sim.World) (sim.Result, error) {
	s.spread(func(tx int32) {
		for r := s.txs[tx].last; r >= 0; r = s.reads[r].earlier {
			if writer := s.reads[r].writer; writer >= 0 {
				s.presume(writer)
			}
		}
	})
	for i := range s.reads {
		if r := &s.reads[i]; s.committed(r.tx) && r.writer != r.tx {
			s.sights = append(s.sights, sight{r.tx, r.key, s.saw(r)})
		}
	}
	return sim.Holds, s.verdict()
}

// saw returns where the version stands that was read, and complains if it should not have been.
func (s *serializable) saw(r *reading) (at int32) {
	if r.writer < 0 {
		return -1
	}
	at, final, wrote := s.look(r.writer, r.key, r.n)
	switch {
	case s.txs[r.writer].fate == hasAborted:
		s.complain(abortedRead, "%s read %s of %s, which aborted", s.name(r.tx), s.keys[r.key].name, s.name(r.writer))
	case wrote && final > r.n:
		s.complain(intermediateRead, "%s read %s of %s as of its write %d, but its last was write %d",
			s.name(r.tx), s.keys[r.key].name, s.name(r.writer), r.n, final)
	case at < 0:
		s.complain(garbageRead, "%s read %s of %s, a version that no store has installed",
			s.name(r.tx), s.keys[r.key].name, s.name(r.writer))
	}
	return at
}
