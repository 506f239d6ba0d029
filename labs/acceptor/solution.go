//go:build solution

package acceptor

import (
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// An Acceptor promises, accepts and remembers.
type Acceptor struct {
	vote Vote        // as the last record on disk says
	log  *reclog.Log // of votes
}

// Start implements sim.Node: it reads what earlier lives have promised and accepted.
func (a *Acceptor) Start(env sim.Env) {
	log, votes, err := reclog.Open(env.Disk(), "acceptor.log")
	if err == nil && len(votes) > 0 {
		a.vote, err = ReadVote(votes[len(votes)-1].Payload)
	}
	if err != nil {
		panic(err) // the disks of this lab do not fail
	}
	a.log = log
}

// Handle implements sim.Node.
func (a *Acceptor) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Prepare:
		if m.Ballot.Less(a.vote.Promised) {
			env.Send(from, Refused{m.Ballot, a.vote.Promised})
			return
		}
		a.write(Vote{m.Ballot, a.vote.Accepted, a.vote.Value})
		env.Send(from, Promise{m.Ballot, a.vote.Accepted, a.vote.Value})
	case Accept:
		if m.Ballot.Less(a.vote.Promised) {
			env.Send(from, Refused{m.Ballot, a.vote.Promised})
			return
		}
		a.write(Vote{m.Ballot, m.Ballot, m.Value}) // to accept is also to promise
		env.Send(from, Accepted(m))
	}
}

// write makes v the vote: when it returns, a crash no longer takes it away. Only then may anybody be
// told.
func (a *Acceptor) write(v Vote) {
	if v == a.vote {
		return // it stands there already
	}
	if _, err := a.log.Append(v.Bytes()); err != nil {
		panic(err)
	}
	if err := a.log.Sync(); err != nil {
		panic(err)
	}
	a.vote = v
}
