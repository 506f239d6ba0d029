package twopc

import (
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// A tale is the coordinator told as a story, for comparison with [Coordinator]. That one is a handler, and busy
// with all transactions at once. The tale puts one after the other to the vote and waits where the
// textbook waits, so that the protocol can be read from top to bottom:
//
//	send CanCommit to all
//	wait for the votes; on time-out send it again
//	if all say yes force the commit, else abort
//	send the decision to all; on time-out, and on GetDecision, send it again
//
// Messages, records and facts are those of the handler. It takes over nothing from another coordinator.
type tale struct {
	*sim.Script
	setup
	number  uint32
	journal journal
	given   []begun
	lives   map[sim.NodeID]uint32 // the latest that are known of participants
	now     *plot                 // put to the vote
	decided map[Tx]*plot          // in this life, or in an earlier one and not ended
	telling []*plot               // those that are still to be acknowledged
	later   []letter              // commitments asked for while another was voted on
	born    clock.Reading
	told    time.Duration // since born: when decisions were told last
}

// A plot is a transaction in the tale.
type plot struct {
	record
	at     backing // the record that bears out what is sent
	commit bool    // decided
	owed   []sim.NodeID
}

// A letter is a message that waits to be read.
type letter struct {
	from sim.NodeID
	m    sim.Message
}

// newTale returns the coordinator of that number, from 1, as a story.
func newTale(s setup, number int) sim.Node {
	return sim.Scripted(func(env *sim.Script) {
		c := &tale{Script: env, setup: s, number: uint32(number), lives: make(map[sim.NodeID]uint32), decided: make(map[Tx]*plot), born: env.Now()}
		c.journal.unsafe = !s.durable
		c.Note(Halted{c.coordinate().Error()})
	})
}

// coordinate is the whole life of the coordinator, which ends only with an error of the disk.
func (c *tale) coordinate() error {
	err := c.recover()
	for err == nil {
		var l letter
		if len(c.later) > 0 {
			l, c.later = c.later[0], c.later[1:]
		} else {
			l, err = c.receive(forever)
		}
		if m, ok := l.m.(Commit); ok {
			err = c.serve(l.from, m)
		}
	}
	return err
}

// serve answers a client that asks for a commitment.
func (c *tale) serve(client sim.NodeID, m Commit) error {
	switch p := c.decided[m.Tx]; {
	case p != nil:
		c.Send(client, Outcome{m.Tx, p.commit})
		return nil
	case m.Tx.Life == c.journal.life && m.Tx.Coordinator == c.number:
		return c.commit(client, m)
	}
	return c.inquire(client, m)
}

// commit puts a transaction to the vote, decides it and tells the decision.
func (c *tale) commit(client sim.NodeID, m Commit) error {
	p := &plot{record: record{tx: m.Tx, attempt: m.Tx.First(), presume: m.Presume, client: client}}
	m.Parts = slices.Clone(m.Parts)
	for i := range m.Parts {
		part := &m.Parts[i]
		p.peers = append(p.peers, part.Node)
		if len(part.Ops) > 0 { // work that is still to be done: in the life that is known, and no other
			part.Life = max(1, c.lives[part.Node])
		}
	}
	c.now = p
	if m.Presume == PresumedCommit {
		if err := c.write(p, initiated, true); err != nil {
			return err
		}
	}
	c.Note(Opened{p.tx, p.peers})
	votes, err := c.vote(p, m)
	if err != nil {
		return err
	}
	return c.decide(p, votes)
}

// vote asks for the votes until all are in, or it has asked often enough. It returns who has voted yes (true) or
// no.
func (c *tale) vote(p *plot, m Commit) (votes map[sim.NodeID]bool, err error) {
	votes = make(map[sim.NodeID]bool)
	for try := 0; try < voteTries && len(votes) < len(p.peers); try++ {
		for _, part := range m.Parts {
			if _, voted := votes[part.Node]; !voted {
				c.canCommit(p, m, part)
			}
		}
		end, l := c.since()+voteAgain, letter{m: m}
		for len(votes) < len(p.peers) && l.m != nil {
			if l, err = c.receive(end); err != nil {
				return nil, err
			}
			switch v := l.m.(type) {
			case Vote:
				if v.Tx == p.tx && v.Attempt == p.attempt && slices.Contains(p.peers, l.from) {
					votes[l.from] = v.Yes
				}
			case Commit:
				if v.Tx != p.tx {
					c.later = append(c.later, l)
				}
			}
		}
	}
	return votes, nil
}

// canCommit asks a participant for its vote.
func (c *tale) canCommit(p *plot, m Commit, part Part) {
	c.Send(part.Node, CanCommit{p.tx, p.attempt, p.client, m.Age, p.presume, part.Life, p.peers, part.Ops, p.at})
}

// decide decides by the votes: commit if all are yes. It is on record before anybody hears of it.
func (c *tale) decide(p *plot, votes map[sim.NodeID]bool) error {
	p.commit = true
	for _, id := range p.peers {
		p.commit = p.commit && votes[id]
	}
	switch {
	case p.commit:
		if err := c.write(p, commitDecided, true); err != nil {
			return err
		}
	case p.presume != PresumedAbort: // of what is not on record it is presumed
		if err := c.write(p, abortDecided, p.presume == Basic); err != nil {
			return err
		}
	}
	p.owed = nil
	for _, id := range p.peers {
		if yes, voted := votes[id]; yes || !voted {
			p.owed = append(p.owed, id)
		}
	}
	return c.tell(p)
}

// tell tells the decision to all who do not know it. Where they acknowledge it the tale is not at its end before they have.
func (c *tale) tell(p *plot) error {
	c.now, c.decided[p.tx] = nil, p
	c.Note(Decided{p.tx, p.commit})
	c.Send(p.client, Outcome{p.tx, p.commit})
	c.repeat(p)
	if !c.forces(p.presume, p.commit) {
		return nil
	}
	c.telling = append(c.telling, p)
	return c.end(p)
}

// repeat sends the decision to those who have still to acknowledge it.
func (c *tale) repeat(p *plot) {
	c.told = c.since()
	for _, id := range p.owed {
		c.Send(id, Decision{p.tx, p.attempt, p.commit, p.presume, p.at})
	}
}

// end writes that nobody has to be told any more, once that is so.
func (c *tale) end(p *plot) error {
	if len(p.owed) > 0 {
		return nil
	}
	c.telling = slices.DeleteFunc(c.telling, func(x *plot) bool { return x == p })
	return c.write(&plot{record: record{tx: p.tx, attempt: p.attempt}}, ended, false)
}

// inquire asks the participants, who never forget, how a transaction of an earlier life ended. If one of them
// is prepared the coordinator has no record of it, and it ends as is presumed.
func (c *tale) inquire(client sim.NodeID, m Commit) error {
	p := &plot{record: record{tx: m.Tx, presume: m.Presume, client: client}}
	for _, part := range m.Parts {
		p.peers = append(p.peers, part.Node)
	}
	for _, id := range p.peers {
		c.Send(id, GetDecision{m.Tx, m.Presume, Attempt{}, client, p.peers})
	}
	end, l := c.since()+tellAgain, letter{m: m}
	for l.m != nil {
		var err error
		if l, err = c.receive(end); err != nil {
			return err
		}
		switch a := l.m.(type) {
		case Answer:
			if a.Tx != m.Tx {
				continue
			}
			if !a.State.Decided() {
				a.State = m.Presume.presumes()
			}
			p.commit = a.State == Committed
			c.decided[p.tx] = p
			c.Note(Decided{p.tx, p.commit})
			c.Send(client, Outcome{p.tx, p.commit})
			return nil
		case Commit:
			if a.Tx != m.Tx {
				c.later = append(c.later, l)
			}
		}
	}
	return nil // the client will ask again
}

// recover finds in the log what is not ended, and goes on with it: what is decided is told, and what is not is
// aborted.
func (c *tale) recover() error {
	records, places, err := c.journal.open(c, coordinatorLog)
	if err != nil {
		return err
	}
	var found []*plot
	for i, r := range records {
		if r.kind != initiated {
			found = slices.DeleteFunc(found, func(p *plot) bool { return p.tx == r.tx })
		}
		if r.kind != ended && !(r.kind == commitDecided && !c.forces(r.presume, true)) {
			found = append(found, &plot{record: r, at: places[i], commit: r.kind == commitDecided, owed: r.peers})
		}
	}
	if len(found) > 0 {
		c.Note(Recovered{len(found)})
	}
	for _, p := range found {
		p.owed = slices.Clone(p.owed)
		if p.kind == initiated {
			err = c.decide(p, nil)
		} else {
			err = c.tell(p)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// write writes a record about a transaction. One that is forced bears out what is sent from then on.
func (c *tale) write(p *plot, kind recordKind, force bool) error {
	p.kind = kind
	at, err := c.journal.write(&p.record, force)
	if err == nil && force {
		p.at = at
	}
	return err
}
