package twopc

import (
	"math"
	"slices"
	"time"

	"simrun/sim"
)

// forever is a time that does not come.
const forever = time.Duration(math.MaxInt64)

// receive waits until some time since the coordinator was born for a message that belongs into the tale: a Commit, a Vote
// or an Answer. It returns no message when the time has come. What else arrives meanwhile is answered on
// the side, and decisions that are not acknowledged are told again.
func (c *tale) receive(end time.Duration) (letter, error) {
	for {
		until := end
		if len(c.telling) > 0 {
			until = min(end, c.told+tellAgain)
		}
		l, ok := c.listen(until)
		switch {
		case ok:
			mine, err := c.aside(l)
			if mine || err != nil {
				return l, err
			}
		case c.since() >= end:
			return letter{}, nil
		default:
			for _, p := range c.telling {
				c.repeat(p)
			}
		}
	}
}

// listen waits for a message until some time.
func (c *tale) listen(until time.Duration) (l letter, ok bool) {
	if until == forever {
		l.from, l.m = c.Recv()
		return l, true
	}
	l.from, l.m, ok = c.RecvFor(max(0, until-c.since()))
	return l, ok
}

// since is how long the coordinator has lived, by its own clock.
func (c *tale) since() time.Duration { return c.Now().Sub(c.born) }

// aside answers what needs no waiting, and reports whether the message is left to the tale.
func (c *tale) aside(l letter) (mine bool, err error) {
	switch m := l.m.(type) {
	case Begin:
		c.begin(l.from, m)
	case GetDecision:
		c.getDecision(l.from, m)
	case Ack:
		return false, c.acknowledged(l.from, m)
	case Alive:
		c.lives[l.from] = max(c.lives[l.from], m.Life)
	case Vote:
		c.lives[l.from] = max(c.lives[l.from], m.Life)
		return true, nil
	default:
		return true, nil
	}
	return false, nil
}

// begin gives a transaction to a client, the same for the same request.
func (c *tale) begin(client sim.NodeID, m Begin) {
	i := slices.IndexFunc(c.given, func(g begun) bool { return g.client == client && g.Request == m.Request })
	if i < 0 {
		i = len(c.given)
		c.given = append(c.given, begun{client, Begun{m.Request, Tx{c.number, c.journal.life, uint32(i) + 1}, c.journal.begun}})
	}
	c.Send(client, c.given[i].Begun)
}

// getDecision tells what was decided, or what is presumed of a transaction that it knows nothing of.
func (c *tale) getDecision(from sim.NodeID, m GetDecision) {
	p := c.decided[m.Tx]
	switch {
	case p != nil && slices.Contains(c.telling, p):
		c.Send(from, Decision{p.tx, p.attempt, p.commit, p.presume, p.at})
	case p != nil:
		c.Send(from, Answer{p.tx, decision(p.commit)})
	case c.now == nil || c.now.tx != m.Tx: // else it is not decided yet
		c.Note(Presumed{m.Tx, m.Presume.presumes() == Committed})
		c.Send(from, Answer{m.Tx, m.Presume.presumes()})
	}
}

// acknowledged takes an acknowledgement. The last of a transaction ends it.
func (c *tale) acknowledged(from sim.NodeID, m Ack) error {
	p := c.decided[m.Tx]
	if p == nil || p.commit != m.Commit || !slices.Contains(p.owed, from) {
		return nil
	}
	p.owed = slices.DeleteFunc(p.owed, func(id sim.NodeID) bool { return id == from })
	return c.end(p)
}
