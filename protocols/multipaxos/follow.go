package multipaxos

import (
	"time"

	"simrun/sim"
)

// prepare answers as an acceptor (phase 1b). A follower that holds a lease for its leader lets nobody else lead.
func (s *Server) prepare(env sim.Env, from sim.NodeID, m Prepare) {
	switch {
	case m.Ballot.Less(s.promised):
		env.Send(from, Refused{m.Ballot, s.promised})
		return
	case s.leased(env) && m.Ballot.Leader != s.led.Leader:
		return
	case m.Ballot != s.promised:
		if !s.promise1(env, m.Ballot) {
			return
		}
	}
	if s.role != follower && s.ballot.Less(m.Ballot) {
		s.follow(env, m.Ballot)
	}
	s.wait(env)
	env.Send(from, Promise{m.Ballot, s.member, s.base, s.report(m.From), backing{s.promise}})
}

// promise1 makes a promise, on the disk too.
func (s *Server) promise1(env sim.Env, b Ballot) bool {
	if err := s.give(b); err != nil {
		s.halt(env, err)
		return false
	}
	env.Note(Promised{s.member, b})
	return true
}

// least is the lowest ballot in which a leader is listened to: what was promised, and not below a leader that was heard already, since that one may have
// a lease by what it was answered.
func (s *Server) least() Ballot {
	if s.promised.Less(s.led) {
		return s.led
	}
	return s.promised
}

// leased reports whether this server has said, by answering a heartbeat, that it will not help another to lead for a while. To whom it
// said so in an earlier life it does not know.
func (s *Server) leased(env sim.Env) bool {
	return s.Reads == "lease" && s.now(env)-s.heard < s.Lease
}

// acceptFor answers as an acceptor (phase 2b), "if b = ballot_num" or above.
func (s *Server) acceptFor(env sim.Env, from sim.NodeID, m Accept) {
	if !s.hear(env, from, m.Ballot, m.Commit) {
		return
	}
	c := s.cell(m.Slot)
	if c == nil { // forgotten: the leader does not know that it was decided
		s.tell(env, from, Ask{From: m.Slot})
		return
	}
	if c.decided && c.value != m.Value { // learnt from others: the leader is one of long ago
		return
	}
	if c.ballot != m.Ballot || c.missing || c.learnt { // what is told stands on the disk
		if c.ballot == m.Ballot && c.missing {
			env.Note(Repaired{m.Slot})
		}
		if err := s.accept(m.Slot, m.Ballot, m.Value); err != nil {
			s.halt(env, err)
			return
		}
	}
	env.Note(Voted{s.member, m.Slot, m.Ballot, m.Value}) // again, since a crash may have come between the disk and the note
	env.Send(from, Accepted{m.Ballot, m.Slot, s.member, backing{s.cell(m.Slot).at}})
}

// hear takes notice of a leader, and of what it says is decided. It returns false if it refuses it, or falls silent.
func (s *Server) hear(env sim.Env, from sim.NodeID, b Ballot, commit Slot) bool {
	if least := s.least(); b.Less(least) {
		env.Send(from, Refused{b, least})
		return false
	}
	if s.ballot.Less(b) || s.role != follower && s.ballot != b {
		s.follow(env, b)
	}
	s.ballot, s.led = b, b
	s.wait(env)
	s.heard = s.now(env)
	s.decided(env, b, commit)
	if s.next < commit {
		s.ask(env, from)
	}
	return !s.halted
}

// decided learns what a leader says is decided: where this server has accepted in the leader's own ballot, it knows the value.
func (s *Server) decided(env sim.Env, b Ballot, commit Slot) {
	for slot := s.next; slot < min(commit, s.base+Slot(len(s.cells))); slot++ {
		if c := s.cell(slot); c.ballot == b && !c.missing {
			c.decided = true
		}
	}
	s.advance(env)
}

// refused learns of a higher ballot; a leader steps down.
func (s *Server) refused(env sim.Env, m Refused) {
	if s.role != follower && m.Ballot == s.ballot && s.ballot.Less(m.Promised) {
		s.follow(env, m.Promised)
		s.wait(env)
	}
}

// follow ends a try to lead, or the leading.
func (s *Server) follow(env sim.Env, b Ballot) {
	if s.role == leader {
		env.Note(SteppedDown{s.ballot, b})
	}
	was := s.leading
	s.role, s.ballot, s.leading = follower, b, leading{}
	for _, c := range was.queue {
		s.elsewhere(env, c)
	}
	for _, r := range was.reads {
		s.elsewhere(env, r.command)
	}
}

// wait begins to wait for a sign of a leader.
func (s *Server) wait(env sim.Env) {
	d := s.Patience
	if s.Reads == "lease" {
		d = max(d, s.Lease)
	}
	d += time.Duration(env.Pick("patience", patienceMost)) * s.patienceStep()
	s.deadline = s.now(env) + d
	if !s.armed {
		s.armed = true
		env.After(d, wake{})
	}
}

// wake looks whether the deadline has passed. Then a server that votes tries to lead, and one that does not asks what has happened.
func (s *Server) wake(env sim.Env) {
	s.armed = false
	if s.role == leader {
		return
	}
	if left := s.deadline - s.now(env); left > 0 {
		s.armed = true
		env.After(left, wake{})
		return
	}
	if s.votes() && !s.lost {
		s.run(env)
		return
	}
	s.wait(env)
	s.ask(env, s.Servers[env.Pick("whom to ask", len(s.Servers))])
}
