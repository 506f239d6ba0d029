package multipaxos

import (
	"slices"

	"simrun/checkers"
	"simrun/sim"
	"simrun/workload"
)

type opID = checkers.OpID

// A read waits until a quorum has answered a heartbeat that left after it came: then nobody else leads, or did when it came.
type read struct {
	command workload.Command
	beat    uint64
}

// An aliveAt is the last heartbeat that a member has answered.
type aliveAt struct {
	by Member
	n  uint64
}

// request takes a command of a client, if this server leads, or may read without.
func (s *Server) request(env sim.Env, m workload.Request) {
	c := m.Command
	if s.Reads == "local" && s.Service.Reads(c.Op) {
		s.readLocal(env, m)
		return
	}
	if s.role != leader {
		s.elsewhere(env, c)
		return
	}
	if s.Reads != "log" && s.Service.Reads(c.Op) {
		s.read(env, c)
		return
	}
	l := &s.leading
	if out, ok := s.store.Known(&c); ok {
		env.Send(c.ID.Client, workload.Reply{ID: c.ID, Result: out, At: s.place(s.next)})
		return
	}
	if slices.Contains(l.under, c.ID) {
		return
	}
	l.under = append(l.under, c.ID)
	l.queue = append(l.queue, c)
	s.propose(env, false)
}

// readLocal answers from the state of this server, whoever leads, if it has come as far as the client has seen. So each client sees the same sequence of states, though not at the same
// time: that is sequentially consistent, and not linearizable. Where there is a bound on how old an answer may be, a server that does not know that its state is younger sends the client to the leader, and that asks
// a quorum.
func (s *Server) readLocal(env sim.Env, m workload.Request) {
	if s.Stale > 0 && s.role == leader {
		s.read(env, m.Command)
		return
	}
	if s.lost || uint64(s.next) < m.Seen || !s.recent(env) {
		s.elsewhere(env, m.Command)
		return
	}
	out := s.store.Read(m.Command.Op)
	env.Note(Read{s.next, m.Command.ID, out})
	env.Send(m.Command.ID.Client, workload.Reply{ID: m.Command.ID, Result: out, At: uint64(s.next)})
}

// place is what an answer to a command says of how far the service had come: so far must a server be that answers the client's next read from its own state.
func (s *Server) place(next Slot) uint64 {
	if s.Reads != "local" {
		return 0
	}
	return uint64(next)
}

// elsewhere tells a client whom to ask, if it is known.
func (s *Server) elsewhere(env sim.Env, c workload.Command) {
	m := workload.Elsewhere{ID: c.ID}
	if !s.ballot.None() && s.ballot.Leader != s.member {
		m.Server = s.ballot.Leader.ID()
	}
	env.Send(c.ID.Client, m)
}

// settled reports whether the leader has executed all that others may have answered before it led: it has executed all that those who have promised
// knew of, and they are a quorum of those who vote in the next slot.
func (s *Server) settled() bool {
	return s.role == leader && s.next >= s.leading.top && s.in(s.next).count(s.promisers()) >= s.in(s.next).Quorum()
}

// read answers from the state, once it is certain that it is the latest: by a lease at once, or else after a round of heartbeats.
func (s *Server) read(env sim.Env, c workload.Command) {
	l := &s.leading
	if s.settled() && s.Reads == "lease" && s.now(env) < l.until {
		s.answer(env, c)
		return
	}
	if slices.ContainsFunc(l.reads, func(r read) bool { return r.command.ID == c.ID }) {
		return
	}
	l.reads = append(l.reads, read{c, l.beats + 1})
	if len(l.reads) == 1 {
		s.pulse(env)
	}
}

// answer reads, and replies.
func (s *Server) answer(env sim.Env, c workload.Command) {
	out := s.store.Read(c.Op)
	env.Note(Read{s.next, c.ID, out})
	env.Send(c.ID.Client, workload.Reply{ID: c.ID, Result: out, At: s.place(s.next)})
}

// aliveFrom counts an answer to a heartbeat.
func (s *Server) aliveFrom(env sim.Env, m Alive) {
	l := &s.leading
	if s.role != leader || m.Ballot != s.ballot {
		return
	}
	i := slices.IndexFunc(l.alive, func(a aliveAt) bool { return a.by == m.By })
	if i < 0 {
		i, l.alive = len(l.alive), append(l.alive, aliveAt{by: m.By})
	}
	l.alive[i].n = max(l.alive[i].n, m.N)
	if n := s.answered(); n > 0 && l.beats-n < beatsKept {
		l.until = max(l.until, l.sent[n%beatsKept]+s.Lease-s.Margin)
	}
	s.serveReads(env)
}

// answered is the last heartbeat that a quorum of every configuration in force, or soon to be, has answered, or a later one.
func (s *Server) answered() uint64 {
	least := s.leading.beats
	for i, c := range s.configs {
		if i+1 < len(s.configs) && s.configs[i+1].from <= s.next {
			continue
		}
		var heard []uint64
		for _, m := range c.who {
			n := uint64(0)
			for _, a := range s.leading.alive {
				if a.by == m {
					n = a.n
				}
			}
			heard = append(heard, n)
		}
		slices.Sort(heard)
		least = min(least, heard[len(heard)-c.who.Quorum()])
	}
	return least
}

// serveReads answers the reads that have waited long enough.
func (s *Server) serveReads(env sim.Env) {
	l := &s.leading
	if len(l.reads)+len(l.inquiries) == 0 || !s.settled() || s.halted {
		return
	}
	n := s.answered()
	s.answerInquiries(env, n)
	for len(l.reads) > 0 && l.reads[0].beat <= n {
		c := l.reads[0].command
		l.reads = slices.Delete(l.reads, 0, 1)
		s.answer(env, c)
	}
	if len(l.reads) > 0 && l.reads[len(l.reads)-1].beat > l.beats { // those that came while others waited
		s.pulse(env)
	}
}
