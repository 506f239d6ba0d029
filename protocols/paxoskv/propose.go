package paxoskv

import (
	"time"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// propose opens a ballot for the first command in the queue, unless there is reason to wait: a ballot is
// under way, or another server's is in the slot, and has not had its time.
func (s *Server) propose(env sim.Env) {
	if len(s.queue) == 0 || s.attempt.Open() || s.resting {
		return
	}
	standing := s.acceptor.Promised(s.next)
	if s.heard == s.next+1 && standing.Proposer != s.number && !s.eager {
		s.expect(env)
		return
	}
	s.round = max(s.round, standing.Round) + 1
	s.own = s.queue[0].Command
	m := s.life.Prepare(s.next, s.round, s.number)
	s.attempt = paxos.Begin(m.Slot, m.Ballot, s.own, s.need)
	s.broadcast(env, m)
	s.expect(env)
	// One's own acceptor is asked last, so that the others' disks work at the same time. Its answer is a
	// fact, not a message.
	if p, ok := s.acceptor.Prepare(env, m); ok {
		env.Note(p)
		s.promised(env, int(s.number)-1, p)
	}
}

// promised counts a promise by server i; with a quorum of them the value is proposed.
func (s *Server) promised(env sim.Env, i int, m paxos.Promise) {
	if i < 0 || !s.attempt.Promise(i, m) {
		return
	}
	a := &s.attempt
	if a.Value != s.own {
		env.Note(paxos.Adopted{Slot: a.Slot, Ballot: a.Ballot, From: a.From, Value: a.Value})
	}
	ask := paxos.Accept{Slot: a.Slot, Ballot: a.Ballot, Value: a.Value}
	s.broadcast(env, ask)
	if acc, ok := s.acceptor.Accept(env, ask); ok {
		env.Note(acc)
		s.accepted(env, int(s.number)-1, acc)
	}
}

// accepted counts an acceptance by server i; with a quorum of them the value is chosen.
func (s *Server) accepted(env sim.Env, i int, m paxos.Accepted) {
	if i < 0 || !s.attempt.Accepted(i, m) {
		return
	}
	s.broadcast(env, paxos.Chosen{Slot: m.Slot, Ballot: m.Ballot, Value: m.Value})
	s.learn(env, m.Slot, m.Value)
}

// refused gives up the ballot: somebody has a higher one.
func (s *Server) refused(env sim.Env, m paxos.Refused) {
	if s.attempt.Open() && m.Slot == s.attempt.Slot && m.Ballot == s.attempt.Ballot {
		s.round = max(s.round, m.Promised.Round)
		s.rest(env)
	}
}

// rest waits before the next ballot in this slot: longer each time, and not as long as other servers.
func (s *Server) rest(env sim.Env) {
	s.attempt = paxos.Attempt{}
	s.tries++
	span := 1 << min(s.tries, doubles)
	wait := int(s.number-1)*span/2 + env.Pick("back off", span)
	s.resting = true
	env.After(quantum*time.Duration(wait), resume{s.next, s.tries})
}

// expect sets the deadline for the outcome of the slot. There is one alarm at a time: it looks at the
// deadline when it goes off.
func (s *Server) expect(env sim.Env) {
	now := env.Now().Sub(s.began)
	d := min(max(patience, 2*s.pace), atMost) << min(s.tries, 2)
	if s.since == 0 {
		s.since = now
	}
	s.deadline = now + d
	if !s.armed {
		s.armed = true
		env.After(d, alarm{})
	}
}

// wake looks whether the deadline has passed: then the ballot under way
// has failed, or another server has had its time.
func (s *Server) wake(env sim.Env) {
	s.armed = false
	if s.deadline == 0 {
		return
	}
	if left := s.deadline - env.Now().Sub(s.began); left > 0 {
		s.armed = true
		env.After(left, alarm{})
		return
	}
	s.deadline = 0
	if s.attempt.Open() {
		s.rest(env)
	} else if !s.resting {
		s.eager = true
		s.propose(env)
	}
}
