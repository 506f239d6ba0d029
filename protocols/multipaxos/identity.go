package multipaxos

import (
	"simrun/sim"
)

// A server that finds no format mark on its disk does not know whether its disk is new or was lost. It asks the operator, who gives it an identity
// that no other disk has had. Once it has put that on its disk and the operator knows, it takes part: as a voter if it is one of the first
// configuration, or else once it was voted in.

// identify asks who one is, or says that the mark is there.
func (s *Server) identify(env sim.Env) {
	if s.member.None() {
		env.Send(s.Operator, Identify{s.life})
	} else {
		env.Send(s.Operator, Formatted{s.member})
	}
	env.After(s.askEvery(), retry{})
}

// beforeServing handles what a server hears that does not know who it is.
func (s *Server) beforeServing(env sim.Env, m sim.Message) {
	switch m := m.(type) {
	case retry:
		s.identify(env)
	case Identity:
		if !s.member.None() || m.Life != s.life {
			return
		}
		if err := s.format(env.Disk(), m.Member, m.First); err != nil {
			s.halt(env, err)
			return
		}
		env.Note(Marked{s.member})
		s.configs, s.next = []configFrom{{0, s.first}}, 0
		env.Send(s.Operator, Formatted{s.member})
	case Confirmed:
		if s.member.None() || m.Member != s.member {
			return
		}
		if err := s.confirm(); err != nil {
			s.halt(env, err)
			return
		}
		s.serve(env)
	}
}

// An Operator gives identities to servers and sees to it that those vote who should. It is a person at a terminal, with a notebook: it does not crash.
type Operator struct {
	servers []sim.NodeID
	first   Config
	marks   []uint32 // by server: the identity given last
	used    []bool   // by server: it was confirmed
	lives   []Life   // by server: the one that asked last
	voters  []bool   // by server: it should vote
	config  Config   // who votes, as far as it knows
	known   Slot     // and from which slot on
	busy    bool     // has asked for the next change
	moves   int      // changes of its own accord
}

// A nudge makes the operator ask again.
type nudge struct{}

// A whim makes it change who votes for no reason.
type whim struct{}

// NewOperator returns the operator of a cluster. Moves is how often it replaces a member by a spare server.
func NewOperator(set *Settings, first Config, moves int) *Operator {
	n := len(set.Servers)
	o := &Operator{servers: set.Servers, first: first, marks: make([]uint32, n), used: make([]bool, n), lives: make([]Life, n), config: first, moves: moves, voters: make([]bool, n)}
	for _, m := range first {
		o.voters[m.Server-1] = true
	}
	return o
}

// Start implements sim.Node.
func (o *Operator) Start(env sim.Env) {
	if o.moves > 0 {
		env.After(restful(env), whim{})
	}
}

// Handle implements sim.Node.
func (o *Operator) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Identify:
		o.identify(env, from, m.Life)
	case Formatted:
		o.formatted(env, from, m.Member)
	case Reconfigured:
		o.heard(env, m)
	case nudge:
		o.busy = false
		o.next(env)
	case whim:
		o.move(env)
	}
}

// place returns the place of a server.
func (o *Operator) place(id sim.NodeID) int {
	for i, s := range o.servers {
		if s == id {
			return i
		}
	}
	panic("multipaxos: no such server: " + string(id))
}

// identify gives an identity: a new one, if the last was in use, since the disk that had it is lost.
func (o *Operator) identify(env sim.Env, from sim.NodeID, life Life) {
	i := o.place(from)
	if o.marks[i] == 0 {
		o.marks[i] = 1
	}
	again := o.lives[i] == life
	if o.lives[i] = life; o.used[i] && !again {
		env.Note(Wiped{Member{uint32(i + 1), o.marks[i]}})
		o.marks[i]++
		o.used[i] = false
	}
	env.Send(from, Identity{life, Member{uint32(i + 1), o.marks[i]}, o.first})
}

// formatted writes down that an identity is in use. One that follows another takes its place among those who vote.
func (o *Operator) formatted(env sim.Env, from sim.NodeID, m Member) {
	i := o.place(from)
	if m.Mark == o.marks[i] && !o.used[i] {
		o.used[i] = true
		o.next(env)
	}
	env.Send(from, Confirmed{m})
}
