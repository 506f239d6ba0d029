package twopc

import (
	"slices"

	"simrun/sim"
)

// A Coordinator puts transactions to the vote, decides them and tells the participants until it has the
// acknowledgements it needs: see voting.go and telling.go for the two phases. With a recovery coordinator it also takes
// over what another has left: see takeover.go.
type Coordinator struct {
	setup
	number  uint32 // from 1
	journal journal
	given   []begun
	lives   []life
	byTx    map[Tx]*round
	order   []*round // the same, in the order in which they were first heard of
	halted  bool
}

// A begun is a transaction that was given to a client.
type begun struct {
	client sim.NodeID
	Begun
}

// A life is the latest that is known of a participant.
type life struct {
	node sim.NodeID
	life uint32
}

// A phase is how far a coordinator is with a transaction.
type phase uint8

const (
	idling    phase = iota // nothing is under way
	voting                 // the votes are asked
	inquiring              // it has forgotten, and asks the participants on behalf of a client
	fencing                // lower attempts are fenced off
	telling                // it is decided, and the participants are told until they have acknowledged
	quieted                // another attempt was higher: let that go on
	over                   // the outcome is known, and nobody waits for anything
)

// A round is what a coordinator knows of one transaction.
type round struct {
	tx      Tx
	phase   phase
	attempt Attempt
	presume Presume
	client  sim.NodeID
	age     uint64
	peers   []sim.NodeID
	parts   []Part  // of a vote
	at      backing // the record that the messages under way need
	states  []State // of the participants, as far as they have answered: Prepared is a yes, Aborted a no
	commit  bool    // decided
	binds   bool    // whatever happens, the decision is that
	step    uint32  // what an overdue timer is about
	tries   int     // how often it has asked in this phase
	duels   int     // how often it was outdone
}

func newCoordinator(s setup, number int) *Coordinator {
	c := &Coordinator{setup: s, number: uint32(number), byTx: make(map[Tx]*round)}
	c.journal.unsafe = !s.durable
	return c
}

// Start implements sim.Node: it goes on with what its log says is not ended.
func (c *Coordinator) Start(env sim.Env) {
	records, places, err := c.journal.open(env, coordinatorLog)
	if err != nil {
		c.halt(env, err)
		return
	}
	for i := range records {
		c.replay(&records[i], places[i])
	}
	found := 0
	for _, r := range c.order {
		if r.phase != over {
			found++
		}
	}
	if found == 0 {
		return
	}
	env.Note(Recovered{found})
	for _, r := range c.order {
		if r.phase != over && !c.halted {
			c.resume(env, r)
		}
	}
}

// replay reads a record again. What has ended is forgotten.
func (c *Coordinator) replay(r *record, at backing) {
	if r.kind == ended {
		delete(c.byTx, r.tx)
		c.order = slices.DeleteFunc(c.order, func(x *round) bool { return x.tx == r.tx })
		return
	}
	x := c.round(r.tx)
	x.attempt, x.presume, x.client, x.peers, x.at = r.attempt, r.presume, r.client, r.peers, at
	x.states = make([]State, len(x.peers))
	if r.kind != initiated {
		x.phase, x.commit = telling, r.kind == commitDecided
	}
	if r.kind == commitDecided && !c.forces(r.presume, true) {
		delete(c.byTx, r.tx) // nobody needs to be told
		c.order = slices.DeleteFunc(c.order, func(y *round) bool { return y == x })
	}
}

// resume goes on with a transaction that was found in the log. Without a decision it is aborted. Where another
// coordinator may have taken it over meanwhile, it asks.
func (c *Coordinator) resume(env sim.Env, r *round) {
	switch {
	case c.recovery:
		c.takeOver(env, r, Attempt{})
	case r.phase == telling:
		env.Note(Decided{r.tx, r.commit})
		r.binds = true
		c.tell(env, r)
	default:
		c.decide(env, r, false)
	}
}

// round returns what is known of a transaction, which may be nothing yet.
func (c *Coordinator) round(tx Tx) *round {
	r := c.byTx[tx]
	if r == nil {
		r = &round{tx: tx}
		c.byTx[tx] = r
		c.order = append(c.order, r)
	}
	return r
}

// Handle implements sim.Node.
func (c *Coordinator) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if c.halted {
		return
	}
	switch m := m.(type) {
	case Begin:
		c.begin(env, from, m)
	case Commit:
		c.putToVote(env, from, m)
	case Vote:
		c.meet(from, m.Life)
		c.vote(env, from, m)
	case Ack:
		c.ack(env, from, m)
	case GetDecision:
		c.getDecision(env, from, m)
	case Answer:
		c.answer(env, from, m)
	case Fenced:
		c.fenced(env, from, m)
	case Stale:
		c.stale(env, from, m)
	case Alive:
		c.meet(from, m.Life)
	case overdue:
		c.overdue(env, m)
	}
}

// begin gives a transaction to a client.
func (c *Coordinator) begin(env sim.Env, from sim.NodeID, m Begin) {
	for _, g := range c.given {
		if g.client == from && g.Request == m.Request {
			env.Send(from, g.Begun)
			return
		}
	}
	g := begun{from, Begun{m.Request, Tx{c.number, c.journal.life, uint32(len(c.given)) + 1}, c.journal.begun}}
	c.given = append(c.given, g)
	env.Send(from, g.Begun)
}

// meet notes in which life a participant is.
func (c *Coordinator) meet(id sim.NodeID, n uint32) {
	for i := range c.lives {
		if l := &c.lives[i]; l.node == id {
			l.life = max(l.life, n)
			return
		}
	}
	c.lives = append(c.lives, life{id, n})
}

// lifeOf is the latest life that is known of a participant. If it has begun another since, it votes no.
func (c *Coordinator) lifeOf(id sim.NodeID) uint32 {
	for _, l := range c.lives {
		if l.node == id {
			return l.life
		}
	}
	return 1
}

// overdue asks or tells again, or gives up a vote.
func (c *Coordinator) overdue(env sim.Env, m overdue) {
	r := c.byTx[m.Tx]
	if r == nil || r.step != m.Step {
		return
	}
	switch r.phase {
	case voting:
		if r.tries >= voteTries {
			c.decide(env, r, false)
		} else {
			c.canCommit(env, r)
		}
	case telling:
		for i, s := range r.states {
			if s == Prepared {
				env.Send(r.peers[i], r.decision())
			}
		}
		c.again(env, r)
	case fencing:
		c.fence(env, r)
	case inquiring, quieted:
		r.phase = idling
	}
}

// again sets the time after which the coordinator asks or tells again.
func (c *Coordinator) again(env sim.Env, r *round) {
	d := voteAgain
	if r.phase != voting {
		d = backOff(tellAgain, r.tries)
	}
	r.tries++
	r.step++
	env.After(d, overdue{r.tx, r.step})
}

// write writes a record of a transaction, and makes it the one that bears out what is sent from now on. It
// returns false if the disk does not do as it is told.
func (c *Coordinator) write(env sim.Env, r *round, kind recordKind, force bool) bool {
	x := record{kind: kind, tx: r.tx, attempt: r.attempt, presume: r.presume, client: r.client, peers: r.peers}
	at, err := c.journal.write(&x, force)
	if err != nil {
		c.halt(env, err)
		return false
	}
	if force {
		r.at = at // one that is not forced bears nothing out
	}
	return true
}

func (c *Coordinator) halt(env sim.Env, err error) {
	c.halted = true
	env.Note(Halted{err.Error()})
}
