package twopc

import "slices"

// A lockMode says how a key is locked.
type lockMode uint8

const (
	shared    lockMode = iota // others may read too
	exclusive                 // nobody else may do anything
)

// A locker is a transaction as the locks see it: its age, and its name to tell those of equal age apart.
type locker struct {
	age uint64
	tx  Tx
}

// older reports whether a has the right of way before b.
func (a locker) older(b locker) bool {
	switch {
	case a.age != b.age:
		return a.age < b.age
	case a.tx.Coordinator != b.tx.Coordinator:
		return a.tx.Coordinator < b.tx.Coordinator
	case a.tx.Life != b.tx.Life:
		return a.tx.Life < b.tx.Life
	}
	return a.tx.N < b.tx.N
}

// A claim is a lock that a transaction holds or waits for.
type claim struct {
	locker
	mode lockMode
}

// A lock is one key: who holds it, and who waits, the oldest first. Whoever holds a shared lock and waits
// for an exclusive one is in both lists.
type lock struct {
	key     string
	holders []claim
	waiters []claim
}

// A ruling is what becomes of a claim that had to wait.
type ruling struct {
	tx      Tx
	key     string
	granted bool // else the transaction dies, for the sake of
	by      Tx
}

// A lockTable is the locks of a participant: strict two-phase locking, in which wait-die keeps deadlocks away
// (Rosenkrantz, Stearns and Lewis 1978). A transaction waits only for younger ones. If any holder that is in its way is
// older it dies: it is aborted, and may be tried again with the age it had, so that it will be the oldest one
// day; and a younger one dies rather than pass by an older one that waits. Waits lead from older to younger transactions, on every node of the system, and can make no circle.
//
// The table is pure: it sends and writes nothing. What becomes of those that wait is told in rulings, which
// its owner must carry out.
type lockTable struct {
	locks   []*lock // in the order in which the keys were first asked for
	byKey   map[string]*lock
	rulings []ruling // not carried out yet
}

// lock returns a key's lock.
func (t *lockTable) lock(key string) *lock {
	l := t.byKey[key]
	if l == nil {
		if t.byKey == nil {
			t.byKey = make(map[string]*lock)
		}
		l = &lock{key: key}
		t.byKey[key] = l
		t.locks = append(t.locks, l)
	}
	return l
}

// acquire asks for a lock. The claim is granted; or it waits, and a ruling will follow; or the transaction
// dies at once, and its owner must release what it holds. By is the holder for whose sake it waits or dies.
func (t *lockTable) acquire(who locker, key string, mode lockMode) (state claimState, by Tx) {
	l := t.lock(key)
	c := claim{who, mode}
	if state, by = l.judge(c); state == granted {
		if w := l.passedBy(c); w != nil {
			state, by = dies, w.tx
		}
	}
	switch state {
	case granted:
		if l.grant(c) && len(l.waiters) > 0 {
			t.rejudge(l) // somebody may wait for a younger holder no longer
		}
	case waits:
		i := 0
		for i < len(l.waiters) && l.waiters[i].older(who) {
			i++
		}
		l.waiters = slices.Insert(l.waiters, i, c)
	}
	return state, by
}

// A claimState is the answer to a claim.
type claimState uint8

const (
	granted claimState = iota
	waits
	dies
)

// judge says what becomes of a claim by the rule of wait-die. By is the oldest holder in its way.
func (l *lock) judge(c claim) (state claimState, by Tx) {
	var first *claim
	for i := range l.holders {
		h := &l.holders[i]
		if h.tx != c.tx && (c.mode == exclusive || h.mode == exclusive) && (first == nil || h.older(first.locker)) {
			first = h
		}
	}
	switch {
	case first == nil:
		return granted, Tx{}
	case c.older(first.locker):
		return waits, first.tx
	}
	return dies, first.tx
}

// passedBy returns who would be passed by if a claim were granted: an older one that waits for a lock which this one would
// keep from it. Without that a stream of younger readers could keep a writer waiting for ever, be it the oldest of all.
// Whoever holds the lock already passes nobody by.
func (l *lock) passedBy(c claim) *claim {
	if slices.ContainsFunc(l.holders, func(h claim) bool { return h.tx == c.tx }) {
		return nil
	}
	for i := range l.waiters {
		if w := &l.waiters[i]; w.older(c.locker) && (c.mode == exclusive || w.mode == exclusive) {
			return w
		}
	}
	return nil
}

// grant makes the claimant a holder, or its lock exclusive. It reports whether that changed anything.
func (l *lock) grant(c claim) bool {
	for i := range l.holders {
		if h := &l.holders[i]; h.tx == c.tx {
			changed := c.mode > h.mode
			h.mode = max(h.mode, c.mode)
			return changed
		}
	}
	l.holders = append(l.holders, c)
	return true
}

// rejudge judges those that wait once more, the oldest first, since who holds the lock has changed.
func (t *lockTable) rejudge(l *lock) {
	waiting := l.waiters
	l.waiters = l.waiters[:0]
	for _, c := range waiting {
		switch state, by := l.judge(c); state {
		case granted:
			l.grant(c)
			t.rulings = append(t.rulings, ruling{c.tx, l.key, true, Tx{}})
		case dies:
			t.rulings = append(t.rulings, ruling{c.tx, l.key, false, by})
		case waits:
			l.waiters = append(l.waiters, c)
		}
	}
}

// release gives up all locks of a transaction, and what it waits for.
func (t *lockTable) release(tx Tx) {
	for _, l := range t.locks {
		l.waiters = slices.DeleteFunc(l.waiters, func(c claim) bool { return c.tx == tx })
		n := len(l.holders)
		l.holders = slices.DeleteFunc(l.holders, func(c claim) bool { return c.tx == tx })
		if len(l.holders) < n && len(l.waiters) > 0 {
			t.rejudge(l)
		}
	}
}

// holds reports whether a transaction holds a lock that is at least as strong.
func (t *lockTable) holds(tx Tx, key string, mode lockMode) bool {
	l := t.byKey[key]
	if l == nil {
		return false
	}
	for _, h := range l.holders {
		if h.tx == tx {
			return h.mode >= mode
		}
	}
	return false
}

// heldBy lists the keys on which a transaction holds a lock.
func (t *lockTable) heldBy(tx Tx) (keys []string) {
	for _, l := range t.locks {
		if t.holds(tx, l.key, shared) {
			keys = append(keys, l.key)
		}
	}
	slices.Sort(keys)
	return keys
}
