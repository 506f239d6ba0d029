package main

import (
	"simrun/labs/acceptor"
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A student is an acceptor with mistakes of which each can be made or not. The zero value makes none.
type student struct {
	mistakes
	vote acceptor.Vote
	log  *reclog.Log
	old  bool // this is not its first life
}

type mistakes struct {
	quiet          bool                         // keeps silent where others refuse or say it again, which is right
	mute           bool                         // never answers an Accept
	wrongBallot    bool                         // promises the ballot that it had promised before
	answersP1      bool                         // answers p1, whoever has asked
	strict         bool                         // refuses an Accept of the very ballot that it has promised
	forgetsToTell  bool                         // promises without saying what it has accepted
	tellsHalf      bool                         // says in which ballot it accepted, but not what
	acceptsOld     bool                         // accepts whatever it is asked
	promisesOld    bool                         // promises whatever it is asked, and stands by the latest
	comparesOld    bool                         // compares an Accept with what it has accepted, not with what it has promised
	acceptsLightly bool                         // an acceptance does not raise its promise
	keepsFirst     bool                         // once it has accepted, it never accepts anything else, and says that it did
	oneBallot      bool                         // keeps one ballot for what it has promised and for what it has accepted
	volatile       bool                         // writes nothing down
	writesOnly     bool                         // writes, and never reads
	readsFirst     bool                         // reads the first record, not the last
	savesPromises  bool                         // writes promises down, and not what it accepts
	savesAccepted  bool                         // writes down what it accepts, and not its promises
	neverSyncs     bool                         // writes, and does not sync
	syncsLate      bool                         // syncs after it has answered
	syncsAccepted  bool                         // syncs acceptances alone
	stays          bool                         // has nothing to say any more once it has crashed
	panics         bool                         // cannot cope with a second record
	forever        bool                         // wakes itself up for ever
	global         map[sim.NodeID]acceptor.Vote // remembers in a variable of the program, not on disk
}

func (a *student) Start(env sim.Env) {
	log, votes, err := reclog.Open(env.Disk(), "acceptor.log")
	switch {
	case err != nil:
		panic(err)
	case a.panics && len(votes) > 1:
		panic("two votes?")
	case a.global != nil:
		a.vote = a.global[env.ID()]
	case len(votes) > 0 && a.readsFirst:
		a.vote, err = acceptor.ReadVote(votes[0].Payload)
	case len(votes) > 0 && !a.writesOnly:
		a.vote, err = acceptor.ReadVote(votes[len(votes)-1].Payload)
	}
	if err != nil {
		panic(err)
	}
	a.log, a.old = log, len(votes) > 0
	if a.forever {
		env.After(0, nap{})
	}
}

type nap struct{}

func (a *student) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if a.stays && a.old {
		return
	}
	if a.answersP1 {
		from = "p1"
	}
	switch m := m.(type) {
	case acceptor.Prepare:
		a.prepare(env, from, m)
	case acceptor.Accept:
		if !a.mute {
			a.accept(env, from, m)
		}
	case nap:
		env.After(0, m)
	}
}

func (a *student) prepare(env sim.Env, from sim.NodeID, m acceptor.Prepare) {
	if a.quiet && !a.vote.Promised.Less(m.Ballot) {
		return
	}
	if m.Ballot.Less(a.vote.Promised) && !a.promisesOld {
		env.Send(from, acceptor.Refused{Ballot: m.Ballot, Promised: a.vote.Promised})
		return
	}
	answer := acceptor.Promise{Ballot: m.Ballot, Accepted: a.vote.Accepted, Value: a.vote.Value}
	if a.wrongBallot {
		answer.Ballot = a.vote.Promised
	}
	if a.forgetsToTell {
		answer.Accepted, answer.Value = acceptor.Ballot{}, ""
	}
	if a.oneBallot && answer.Value != "" {
		answer.Accepted = a.vote.Promised
	}
	if a.tellsHalf {
		answer.Value = ""
	}
	a.write(env, acceptor.Vote{Promised: m.Ballot, Accepted: a.vote.Accepted, Value: a.vote.Value}, !a.savesAccepted, from, answer)
}

func (a *student) accept(env sim.Env, from sim.NodeID, m acceptor.Accept) {
	limit := a.vote.Promised
	if a.comparesOld {
		limit = a.vote.Accepted
	}
	if m.Ballot.Less(limit) && !a.acceptsOld || a.strict && m.Ballot == limit {
		if a.quiet {
			return
		}
		env.Send(from, acceptor.Refused{Ballot: m.Ballot, Promised: a.vote.Promised})
		return
	}
	v := acceptor.Vote{Promised: m.Ballot, Accepted: m.Ballot, Value: m.Value}
	if a.acceptsLightly || a.comparesOld && m.Ballot.Less(a.vote.Promised) {
		v.Promised = a.vote.Promised
	}
	if a.keepsFirst && a.vote.Value != "" {
		v.Accepted, v.Value = a.vote.Accepted, a.vote.Value
	}
	a.write(env, v, !a.savesPromises, from, acceptor.Accepted(m))
}

// write makes v the vote and gives the answer, in an order that may be wrong.
func (a *student) write(env sim.Env, v acceptor.Vote, saves bool, to sim.NodeID, answer sim.Message) {
	changed := v != a.vote
	a.vote = v
	_, accepted := answer.(acceptor.Accepted)
	if a.global != nil {
		a.global[env.ID()] = v
	}
	if a.syncsLate {
		env.Send(to, answer)
	}
	if changed && saves && !a.volatile && a.global == nil {
		if _, err := a.log.Append(v.Bytes()); err != nil {
			panic(err)
		}
		if !a.neverSyncs && (accepted || !a.syncsAccepted) {
			if err := a.log.Sync(); err != nil {
				panic(err)
			}
		}
	}
	if !a.syncsLate {
		env.Send(to, answer)
	}
}
