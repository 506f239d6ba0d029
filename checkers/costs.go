package checkers

import (
	"reflect"
	"slices"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// A Costing says how the costs of transactions are read from a run: besides the facts (Begun, Voted, Decided and
// Refused), which messages and records are on whose account. Each function returns ok = false for what is not.
type Costing struct {
	Commitment
	// Message reads a message of the protocol. Those of clients are none.
	Message func(m sim.Message) (tx any, ok bool)
	// Record reads a record of a log, without the header that package reclog puts before it. It must not keep it.
	Record func(file string, record []byte) (tx any, ok bool)
	// Role says what a node is: "coordinator", "participant"; "" is nobody whose records and decisions count.
	Role func(id sim.NodeID) string
}

// A Cost is what a transaction has cost, or should. It counts what happened, not what the nodes believe:
//
//   - a record is *forced* if the next operation of that node on that file is its sync, caused by nothing but
//     the append (operations on other files may lie between), before the node sends anything after it. Of
//     several records appended before one sync the last is forced. All others are unforced, whether or
//     not a later sync makes them durable;
//   - a *delay* is one message of the transaction on the way to an event: the chain is followed by cause, through
//     timers and disks. So a decision at delay 3 comes after a request, its answer and a third message.
type Cost struct {
	Tx           any
	Label        string // of a formula: what the table says beside the transaction, such as its variant; may be empty
	Participants int    // how many were asked for their votes
	Yes          int    // how many of these voted yes
	Decided      bool   // somebody has decided
	Commit       bool   // the first decision was commit
	Refused      bool   // something was refused for the sake of a lock

	Messages int        // sent
	Types    []TypeCost // the same by type, in order of appearance; a formula may leave it out
	Delays   int        // of the longest chain of messages
	Roles    []RoleCost // in order of appearance
}

// A TypeCost counts the messages of one type.
type TypeCost struct {
	Type string
	N    int
}

// A RoleCost is the share of all nodes of one role.
type RoleCost struct {
	Role             string
	Forced, Unforced int // records
	First, Last      int // delays until the first and the last of those that decide have done so
}

// role returns the share of a role: none if it is not there.
func (c *Cost) role(name string) RoleCost {
	for _, r := range c.Roles {
		if r.Role == name {
			return r
		}
	}
	return RoleCost{Role: name}
}

// share finds the share of a role, to add to it.
func (c *Cost) share(name string) *RoleCost {
	for i := range c.Roles {
		if c.Roles[i].Role == name {
			return &c.Roles[i]
		}
	}
	c.Roles = append(c.Roles, RoleCost{Role: name})
	return &c.Roles[len(c.Roles)-1]
}

// ofType returns how many messages of a type there were.
func (c *Cost) ofType(name string) int {
	for _, t := range c.Types {
		if t.Type == name {
			return t.N
		}
	}
	return 0
}

// count counts a message.
func (c *Cost) count(name string) {
	c.Messages++
	for i := range c.Types {
		if c.Types[i].Type == name {
			c.Types[i].N++
			return
		}
	}
	c.Types = append(c.Types, TypeCost{name, 1})
}

// A ledger adds up what transactions cost, by folding over the events of a run.
type ledger struct {
	Costing
	accounts map[any]*account
	order    []*account
	hops     []*hop                // by event: the messages on the way to it
	writings map[uint64][]*writing // records that may yet be forced, by the disk event that their chain ends in
}

// An account is a cost that is still growing.
type account struct {
	Cost
	begun   bool
	yes     []sim.NodeID
	decided []sim.NodeID
}

// A hop is a message of a transaction, and the one before it on the way, whichever transaction that is of.
type hop struct {
	account *account
	n       int // how many of this transaction are on the way, with this one
	before  *hop
}

// A writing is a record that was appended.
type writing struct {
	account *account
	role    string
	file    string
}

func newLedger(c Costing) *ledger {
	return &ledger{Costing: c, accounts: make(map[any]*account), writings: make(map[uint64][]*writing)}
}

// observe takes one event down. It must be shown all kinds: whatever happens lies on some way.
func (l *ledger) observe(e *sim.Event) {
	for uint64(len(l.hops)) <= e.Seq {
		l.hops = append(l.hops, nil)
	}
	l.hops[e.Seq] = l.hops[e.Cause] // that of 0 is nil
	switch e.Kind {
	case sim.Sent:
		delete(l.writings, e.Cause)
		if tx, ok := l.Message(e.Data); ok {
			l.sent(e, l.of(tx))
		}
	case sim.DiskDone:
		if op := e.Data.(*disk.Op); op.Err == nil {
			l.wrote(e, op)
		}
	case sim.Noted:
		l.noted(e)
	}
}

// of finds an account, or opens one.
func (l *ledger) of(tx any) *account {
	mustCompare("costs", tx)
	a := l.accounts[tx]
	if a == nil {
		a = &account{Cost: Cost{Tx: tx}}
		l.accounts[tx] = a
		l.order = append(l.order, a)
	}
	return a
}

func (l *ledger) sent(e *sim.Event, a *account) {
	before := l.hops[e.Seq]
	n := before.of(a) + 1
	l.hops[e.Seq] = &hop{a, n, before}
	a.Delays = max(a.Delays, n)
	a.count(reflect.TypeOf(e.Data).Name())
}

// of counts the messages of a transaction on the way.
func (h *hop) of(a *account) int {
	for ; h != nil; h = h.before {
		if h.account == a {
			return h.n
		}
	}
	return 0
}

// wrote follows the chain of a node's disk operations: each is caused by the one before it, until the node
// handles something else.
func (l *ledger) wrote(e *sim.Event, op *disk.Op) {
	if open, ok := l.writings[e.Cause]; ok {
		delete(l.writings, e.Cause)
		var still []*writing
		for _, w := range open {
			switch {
			case op.Name != w.file || !op.Kind.Mutates():
				still = append(still, w)
			case op.Kind == disk.SyncOp:
				r := w.account.share(w.role)
				r.Forced++
				r.Unforced--
			}
		}
		if len(still) > 0 {
			l.writings[e.Seq] = still
		}
	}
	payload, ok := reclog.Payload(op.Bytes)
	role := l.Role(e.Node)
	if !ok || role == "" {
		return
	}
	if tx, ok := l.Record(op.Name, payload); ok {
		a := l.of(tx)
		a.share(role).Unforced++ // until its sync
		l.writings[e.Seq] = append(l.writings[e.Seq], &writing{a, role, op.Name})
	}
}

func (l *ledger) noted(e *sim.Event) {
	if tx, participants, ok := l.Begun(e.Data); ok {
		if a := l.of(tx); !a.begun {
			a.begun, a.Participants = true, len(participants)
		}
	}
	if tx, yes, ok := l.Voted(e.Data); ok && yes {
		if a := l.of(tx); !slices.Contains(a.yes, e.Node) {
			a.yes = append(a.yes, e.Node)
			a.Yes++
		}
	}
	if l.Refused != nil {
		if tx, ok := l.Refused(e.Data); ok {
			l.of(tx).Refused = true
		}
	}
	if tx, commit, ok := l.Decided(e.Data); ok {
		l.decided(e, l.of(tx), commit)
	}
}

// decided counts the first decision of each node.
func (l *ledger) decided(e *sim.Event, a *account, commit bool) {
	if !a.Decided {
		a.Decided, a.Commit = true, commit
	}
	name := l.Role(e.Node)
	if name == "" || slices.Contains(a.decided, e.Node) {
		return
	}
	delay, r := l.hops[e.Seq].of(a), a.share(name)
	first := !slices.ContainsFunc(a.decided, func(id sim.NodeID) bool { return l.Role(id) == name })
	a.decided = append(a.decided, e.Node)
	if r.Last = max(r.Last, delay); first || delay < r.First {
		r.First = delay
	}
}
