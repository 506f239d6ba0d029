package twopc

import (
	"slices"
	"strconv"

	"simrun/checkers"
	"simrun/sim"
)

// books are what an auditor could write down from outside: what has been installed in each account, and which
// transactions have not yet been applied everywhere. They are the property "conserved", with the figures of
// the bank beside it.
type books struct {
	sim.Property
	balances []int64 // by account
	writers  [][]Tx  // by account: whose balances were installed
	postings []posting
	byTx     map[Tx]int // its place among the postings

	transfers, audits, retries, givenUp uint64
}

// A posting is a transaction that was put to the vote.
type posting struct {
	participants []sim.NodeID
	applied      uint // by whom, by their places
	committed    bool // somebody says so
}

// openBooks returns the outer property "conserved" for a bank with that many accounts: an audit that commits
// finds all the money, and all of it is there at the end.
func openBooks(accounts int) sim.Property {
	b := &books{balances: make([]int64, accounts+1), writers: make([][]Tx, accounts+1), byTx: make(map[Tx]int)}
	for i := range b.balances[1:] {
		b.balances[i+1] = firstBalance
	}
	b.Property = checkers.Conserved("conserved", int64(accounts*firstBalance), audited, func(*sim.World) (int64, bool) { return b.sum() })
	return b
}

// audited reads what an audit has found.
func audited(fact any) (what string, amount int64, ok bool) {
	f, ok := fact.(Audited)
	if !ok {
		return "", 0, false
	}
	return "the audit " + f.Tx.String(), f.Sum, true
}

// Watches says that the books are kept by facts.
func (b *books) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }

// Observe writes a fact down before it is judged.
func (b *books) Observe(e *sim.Event) error {
	switch f := e.Data.(type) {
	case Opened:
		if _, known := b.byTx[f.Tx]; !known {
			b.byTx[f.Tx] = len(b.postings)
			b.postings = append(b.postings, posting{participants: f.Participants})
		}
	case Decided:
		if i, known := b.byTx[f.Tx]; known && f.Commit {
			p := &b.postings[i]
			p.committed = true
			if at := slices.Index(p.participants, e.Node); at >= 0 {
				p.applied |= 1 << at
			}
		}
	case Installed:
		if i, known := b.byTx[f.Tx]; known {
			b.postings[i].committed = true // a crash may keep the shard from saying so
		}
		b.install(f)
	case Transferred:
		b.transfers++
	case Audited:
		b.audits++
	case Retried:
		b.retries++
	case Closed:
		if !f.Committed {
			b.givenUp++
		}
	}
	return b.Property.Observe(e)
}

// install takes the balance of an account down. A shard that reads its log again says nothing new.
func (b *books) install(f Installed) {
	n, err := parseNumber(f.Key, "a", len(b.balances)-1)
	if err != nil || slices.Contains(b.writers[n], f.Tx) {
		return
	}
	b.writers[n] = append(b.writers[n], f.Tx)
	if amount, err := strconv.ParseInt(f.Value, 10, 64); err == nil {
		b.balances[n] = amount
	}
}

// sum adds all accounts up. It is not complete while a transaction that is committed has not been applied by
// all who took part: its money is on the way.
func (b *books) sum() (amount int64, complete bool) {
	for i := range b.postings {
		if p := &b.postings[i]; p.committed && p.applied != 1<<len(p.participants)-1 {
			return 0, false
		}
	}
	for _, x := range b.balances {
		amount += x
	}
	return amount, true
}

// Tally adds the figures of the run.
func (b *books) Tally(add func(name string, n uint64)) {
	add("transfers", b.transfers)
	add("audits", b.audits)
	add("transactions tried again", b.retries)
	add("orders given up", b.givenUp)
}
