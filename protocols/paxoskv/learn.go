package paxoskv

import (
	"slices"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// learn enters what was chosen in consecutive slots, and executes what can be executed now.
func (s *Server) learn(env sim.Env, slot paxos.Slot, values ...paxos.Value) {
	for i, v := range values {
		at := int(slot) + i
		if s.log == nil {
			s.log = make([]paxos.Value, 0, 128) // most runs are not longer
		}
		for at >= len(s.log) {
			s.log = append(s.log, "")
		}
		if s.log[at] == "" {
			s.log[at] = v
		}
	}
	before := s.next
	for int(s.next) < len(s.log) && s.log[s.next] != "" {
		s.execute(env, s.next)
		s.next++
	}
	if s.next == before {
		return
	}
	if s.since > 0 {
		s.pace = env.Now().Sub(s.began) - s.since
	}
	s.since, s.round, s.tries, s.resting, s.eager, s.deadline = 0, 0, 0, false, false, 0
	s.attempt = paxos.Attempt{}
	s.propose(env)
}

// execute executes the command of the slot that is next, and answers its
// client if it waits here for this command.
func (s *Server) execute(env sim.Env, slot paxos.Slot) {
	v := s.log[slot]
	if s.own != "" && v != s.own {
		env.Note(SlotLost{slot, s.own})
	}
	s.own = ""
	c, err := parseCommand(v)
	if err != nil {
		panic(err) // what was chosen was proposed, and what was proposed is a command
	}
	ses, executed := s.store.apply(&c)
	if executed {
		env.Note(Executed{slot, c.id(), v, ses.result})
	} else {
		env.Note(Suppressed{slot, c.id(), v})
	}
	if i := s.waiting(c.id()); i >= 0 {
		s.queue = slices.Delete(s.queue, i, i+1)
		if c.n == ses.last { // else the client has its answer, and the session another's result
			env.Send(c.client, Reply{uint64(c.n), ses.result})
		}
	}
}
