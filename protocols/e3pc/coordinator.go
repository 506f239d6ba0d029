package e3pc

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/disk/reclog"
	"simrun/sim/fault"
)

// voting is how long the coordinator waits for votes: in a run that keeps fault.Bound, a request and its answer.
const voting = 2*fault.Bound + slack

// pause is within how many quanta of one another transactions begin. The limit of the option transactions goes with it:
// a coordinator that starts again when faults end must still come to the last of them in time.
const pause = 32

// A Coordinator begins transactions one after another, not waiting for the one before to end, and leads the
// first attempt of each: that of three-phase commit, save that a quorum of acknowledgements is enough. It has
// no vote, and it is not one of the sites that make quorums. What the sites have decided without it, it learns
// from them.
type Coordinator struct {
	sites []sim.NodeID
	need  int // how many sites make a quorum
	total int // transactions

	journal journal
	cases   []matter // by transaction
	halted  bool
}

// A matter is what the coordinator knows of one transaction. The zero matter has not begun in this life.
type matter struct {
	state  State
	at     int64 // of its record, if there is one
	agreed sites // have voted yes
	moved  sites // have acknowledged PreCommit
	tries  int   // how often it was asked for
}

// A begin tells the coordinator to begin a transaction.
type begin struct{ Tx Tx }

// An overdue timer tells the coordinator that it has waited long enough in a state of a transaction.
type overdue struct {
	Tx    Tx
	State State
}

// AppendHash appends the timer's content.
func (t begin) AppendHash(b []byte) []byte { return t.Tx.append(b) }

// AppendHash appends the timer's content.
func (t overdue) AppendHash(b []byte) []byte { return append(t.Tx.append(b), byte(t.State)) }

// String prints "begin{T1}".
func (t begin) String() string { return fmt.Sprintf("begin{%v}", t.Tx) }

// String prints "overdue{T1 in wait}".
func (t overdue) String() string { return fmt.Sprintf("overdue{%v in %v}", t.Tx, t.State) }

// Start implements sim.Node: what was decided stays so, what was in pre-commit goes on there, and all else
// begins, again or for the first time. Votes are durable at the sites, so asking twice does no harm; and with
// no record of a move no PreCommit was ever sent.
func (c *Coordinator) Start(env sim.Env) {
	c.cases = make([]matter, c.total)
	log, records, err := reclog.Open(env.Disk(), dtLog)
	for _, rec := range records {
		r, bad := parseRecord(rec.Payload)
		if bad != nil || r.tx == 0 || int(r.tx) > c.total {
			err = errRecord
			break
		}
		k := c.of(r.tx)
		k.state, k.at = r.state, rec.At
	}
	if err != nil {
		c.halt(env, err)
		return
	}
	c.journal.log = log
	for i := range c.cases {
		switch tx, k := Tx(i+1), &c.cases[i]; {
		case k.state.final():
			env.Note(Decided{tx, k.state == committed})
		case k.state == preCommitted:
			c.preCommit(env, tx)
		}
	}
	env.After(0, begin{1})
}

// Handle implements sim.Node.
func (c *Coordinator) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if c.halted {
		return
	}
	switch m := m.(type) {
	case begin:
		c.begin(env, m.Tx)
	case Vote:
		c.count(env, from, m)
	case PreAck:
		if k, i := c.of(m.Tx), slices.Index(c.sites, from); i >= 0 && m.Election == first && k.state == preCommitted {
			if k.moved = k.moved.with(i); k.moved.count() >= c.need {
				c.conclude(env, m.Tx, true)
			}
		}
	case DoCommit:
		c.decide(env, m.Tx, true)
	case DoAbort:
		if c.of(m.Tx).state == wait { // the answer to CanCommit of a site that has aborted
			c.conclude(env, m.Tx, false)
		} else {
			c.decide(env, m.Tx, false)
		}
	case Elect:
		if k := c.of(m.Tx); k.state.final() {
			env.Send(from, k.decision(m.Tx))
		}
	case overdue:
		c.overdue(env, m)
	}
}

// begin asks for votes, if the transaction has not begun in this life and is not past that, and sees to the
// next transaction.
func (c *Coordinator) begin(env sim.Env, tx Tx) {
	if k := c.of(tx); k.state == initial {
		k.state = wait
		env.Note(Begun{tx, c.sites})
		c.toAll(env, CanCommit{tx})
		env.After(voting, overdue{tx, wait})
	}
	if int(tx) < c.total {
		env.After(quantum*time.Duration(env.Pick("pause", pause)), begin{tx + 1})
	}
}

// count counts a vote. All yes: pre-commit. One no: abort.
func (c *Coordinator) count(env sim.Env, from sim.NodeID, m Vote) {
	k, i := c.of(m.Tx), slices.Index(c.sites, from)
	if k.state != wait || i < 0 {
		return
	}
	if !m.Yes {
		c.conclude(env, m.Tx, false)
		return
	}
	if k.agreed = k.agreed.with(i); k.agreed.count() == len(c.sites) && c.force(env, m.Tx, preCommitted) {
		c.preCommit(env, m.Tx)
	}
}

// preCommit asks those that have not acknowledged yet to move, and does so again when it takes long. Who has
// joined a later election refuses; who knows the decision answers with it.
func (c *Coordinator) preCommit(env sim.Env, tx Tx) {
	k := c.of(tx)
	for i, id := range c.sites {
		if !k.moved.has(i) {
			env.Send(id, PreCommit{tx, first, backing{k.at}})
		}
	}
	env.After(answer<<min(k.tries, doubles), overdue{tx, preCommitted})
	k.tries++
}

// overdue aborts where votes are missing: no PreCommit was sent, so nobody can commit.
func (c *Coordinator) overdue(env sim.Env, m overdue) {
	switch k := c.of(m.Tx); {
	case k.state != m.State:
	case k.state == wait:
		c.conclude(env, m.Tx, false)
	case k.state == preCommitted:
		c.preCommit(env, m.Tx)
	}
}

// conclude decides, and tells all sites.
func (c *Coordinator) conclude(env sim.Env, tx Tx, commit bool) {
	c.decide(env, tx, commit)
	if k := c.of(tx); k.state.final() {
		c.toAll(env, k.decision(tx))
	}
}

// decide makes a decision durable, unless there is one.
func (c *Coordinator) decide(env sim.Env, tx Tx, commit bool) {
	if c.of(tx).state.final() {
		return
	}
	next := aborted
	if commit {
		next = committed
	}
	if c.force(env, tx, next) {
		env.Note(Decided{tx, commit})
	}
}

// decision returns the message that tells the decision.
func (k *matter) decision(tx Tx) sim.Message {
	if k.state == committed {
		return DoCommit{tx, backing{k.at}}
	}
	return DoAbort{tx, backing{k.at}}
}

// force makes this the state of a transaction: first on disk, then in memory.
func (c *Coordinator) force(env sim.Env, tx Tx, to State) bool {
	at, err := c.journal.force(record{tx, stance{to, first, first}})
	if err != nil {
		c.halt(env, err)
		return false
	}
	k := c.of(tx)
	k.state, k.at = to, at
	return true
}

func (c *Coordinator) halt(env sim.Env, err error) {
	c.halted = true
	env.Note(Halted{err.Error()})
}

func (c *Coordinator) of(tx Tx) *matter { return &c.cases[tx-1] }

func (c *Coordinator) toAll(env sim.Env, m sim.Message) {
	for _, id := range c.sites {
		env.Send(id, m)
	}
}
