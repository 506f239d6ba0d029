package threepc

import (
	"time"

	"simrun/sim"
)

// A Coordinator asks for votes, moves all participants to p if all are yes, and then commits. It has no vote itself.
type Coordinator struct {
	site
	stagger time.Duration // from the beginning of one transaction to that of the next
}

// newCoordinator returns the coordinator of that many transactions. Members are its own name and those of the
// participants after it.
func newCoordinator(members []sim.NodeID, transactions int, stagger time.Duration) *Coordinator {
	return &Coordinator{newSite(0, members, transactions), stagger}
}

// Start implements sim.Node. Transactions of which there is no record are begun in their turn. One that is in w has
// sent no PreCommit, so no participant can have committed: the coordinator aborts it alone. Of one that is in p it
// knows no more than others do: it asks.
func (c *Coordinator) Start(env sim.Env) {
	if !c.open(env) {
		return
	}
	for i := range c.txs {
		if c.halted {
			return
		}
		t := &c.txs[i]
		if t.state != Initial {
			env.Note(Begun{t.id}) // again, since a crash may have come between the record and the fact
		}
		switch {
		case i == 0:
		case t.state == Initial:
			env.After(time.Duration(i-1)*c.stagger, begin{t.id})
		case t.state == Uncertain:
			c.conclude(env, t, Aborted)
		case t.state == PreCommitted:
			c.ask(env, t)
		}
	}
}

// Handle implements sim.Node.
func (c *Coordinator) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if c.halted {
		return
	}
	switch m := m.(type) {
	case begin:
		c.begin(env, c.tx(m.Tx))
	case Vote:
		c.vote(env, from, c.tx(m.Tx), m)
	case PreAck:
		c.preAck(env, from, c.tx(m.Tx), m)
	case HaveCommitted:
		c.haveCommitted(env, from, c.tx(m.Tx))
	case DoCommit:
		c.decide(env, c.tx(m.Tx), Committed)
	case DoAbort:
		c.decide(env, c.tx(m.Tx), Aborted)
	case Ask:
		c.asked(env, from, c.tx(m.Tx), m)
	case overdue:
		if t := c.tx(m.Tx); m.Wait == t.wait {
			c.overdue(env, t)
		}
	}
}

// begin starts the first phase.
func (c *Coordinator) begin(env sim.Env, t *tx) {
	if !c.force(env, t, Uncertain, 0) {
		return
	}
	env.Note(Begun{t.id})
	c.toUp(env, t, CanCommit{t.id, backing{t.at}})
	t.heard = only(c.me)
	t.await(env, voting, roundTrip)
}

// vote counts who has voted yes. The first no decides; who has sent it has aborted already.
func (c *Coordinator) vote(env sim.Env, from sim.NodeID, t *tx, m Vote) {
	if t.phase != voting {
		return
	}
	if !m.Yes {
		t.up &^= only(c.siteOf(from))
		c.conclude(env, t, Aborted)
		return
	}
	if t.heard |= only(c.siteOf(from)); t.up == t.heard {
		c.move(env, t)
	}
}

// overdue: in w a vote is missing, and the transaction is aborted. In p all have voted yes; those whose
// acknowledgement is missing have crashed, and will ask when they recover.
func (c *Coordinator) overdue(env sim.Env, t *tx) {
	switch t.phase {
	case voting:
		c.conclude(env, t, Aborted)
	case moving:
		t.up &= t.heard
		c.conclude(env, t, Committed)
	case recovering:
		c.ask(env, t)
	}
}

// haveCommitted counts who has committed. When all have, those too that had crashed and have asked since, nobody will ask
// any more, and the coordinator may forget. If a crash forgets that, no harm is done, so the record needs no sync.
func (c *Coordinator) haveCommitted(env sim.Env, from sim.NodeID, t *tx) {
	if t.known |= only(c.siteOf(from)); t.ended || t.known != upTo(Site(len(c.members)-1))&^only(c.me) {
		return
	}
	if _, ok := c.append(env, record{t.id, ended, 0}); ok {
		t.ended = true
		env.Note(Ended{t.id})
	}
}
