package paxoskv

import (
	"simrun/checkers"
	"simrun/sim"
)

// mistakes puts servers that are wrong into the place of right ones: for those who learn, and to see that the judges notice.
var mistakes = map[string]func(*Server) sim.Node{
	"none":           nil,
	"executes-twice": func(s *Server) sim.Node { return twice{s} },
	"reads-locally":  func(s *Server) sim.Node { return local{s} },
}

// A server of this kind executes whatever is chosen: it forgets its sessions as soon as a message is
// handled. So a command chosen in two slots is applied twice.
type twice struct{ *Server }

func (s twice) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	s.Server.Handle(env, from, m)
	s.store.sessions = nil
}

// A local server answers reads from its own memory, without a slot.
type local struct{ *Server }

func (s local) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if r, ok := m.(Request); ok {
		if c, err := parseCommand(r.Command); err == nil && c.op.Op == checkers.Get {
			env.Send(from, Reply{uint64(c.n), s.store.do(&c.op)})
			return
		}
	}
	s.Server.Handle(env, from, m)
}
