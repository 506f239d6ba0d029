package paxoskv

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

// How long a server waits, in virtual time.
const (
	patience = 40 * time.Millisecond // for the outcome of a slot, its own ballot's or another's; twice as long as the last took, if that is more
	atMost   = 4 * patience          // but no longer than this; doubled with each try, up to 4 times
	quantum  = 5 * time.Millisecond  // the unit of back-off
	doubles  = 4                     // how often the range of back-off is doubled at most
	lag      = 4                     // a server that is so many slots behind asks
)

// A Server is one replica: acceptor, proposer and learner of every slot. It has one ballot under way at
// a time, in the first slot whose outcome it does not know.
type Server struct {
	number   uint32       // from 1: its place among the servers
	servers  []sim.NodeID // all, itself too
	need     int          // how many acceptors make a quorum
	acceptor *paxos.Acceptor
	life     paxos.Life
	halted   bool
	began    clock.Reading

	log   []paxos.Value // what was chosen, by slot; "" where it is not known
	next  paxos.Slot    // the first slot that is not known; all before are executed
	store store

	queue   []Request     // commands to be chosen, the first being proposed
	attempt paxos.Attempt // the ballot under way
	own     paxos.Value   // what was proposed in slot next; "" if nothing was
	round   uint32        // the highest seen in slot next
	tries   int           // ballots given up in slot next
	resting bool          // between two ballots
	heard   paxos.Slot    // the slot after the last in which another server's ballot was answered, in this life
	eager   bool          // has waited long enough for others to decide slot next

	since    time.Duration // since began: when it began to expect the outcome of slot next; 0 if it does not
	deadline time.Duration // until when; 0 is none
	pace     time.Duration // how long the last such outcome took
	armed    bool          // an alarm is set
}

// waits says what a server waits for that has fallen silent or has something to be chosen.
func (s *Server) waits(self sim.NodeID) []checkers.Wait {
	w := checkers.Wait{Node: self}
	switch {
	case s.halted || s.acceptor.Halted():
		return []checkers.Wait{{Node: self, State: "has halted, since its disk does not do as it is told"}}
	case !s.attempt.Open() && len(s.queue) == 0:
		return nil
	case !s.attempt.Open():
		return []checkers.Wait{{Node: self, State: fmt.Sprintf("is between two ballots for slot %d", s.next)}}
	case !s.attempt.Proposing():
		w.State = fmt.Sprintf("has asked for promises in slot %d, ballot %v", s.attempt.Slot, s.attempt.Ballot)
	default:
		w.State = fmt.Sprintf("has proposed %s in slot %d, ballot %v", s.attempt.Value, s.attempt.Slot, s.attempt.Ballot)
	}
	for i, id := range s.servers {
		if !s.attempt.Answered().Has(i) {
			w.For = append(w.For, id)
		}
	}
	return []checkers.Wait{w}
}

// An alarm makes a server look whether its deadline has passed.
type alarm struct{}

// A resume ends a rest before the next ballot in a slot.
type resume struct {
	Slot  paxos.Slot
	Tries int
}

// AppendHash appends the timer's content: it has none.
func (alarm) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content.
func (t resume) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(binary.AppendUvarint(b, uint64(t.Slot)), uint64(t.Tries))
}

// String prints "alarm{}".
func (alarm) String() string { return "alarm{}" }

// String prints "resume{slot 3, try 2}".
func (t resume) String() string { return fmt.Sprintf("resume{slot %d, try %d}", t.Slot, t.Tries+1) }

// Start implements sim.Node: what was promised is read again; what was chosen must be learnt anew.
func (s *Server) Start(env sim.Env) {
	if s.acceptor.Start(env); s.acceptor.Halted() {
		return
	}
	life, err := paxos.NewLife(env)
	if err != nil {
		s.halted = true
		env.Note(paxos.Halted{Why: err.Error()})
		return
	}
	s.life, s.began = life, env.Now()
	if !s.acceptor.Promised(0).None() {
		s.broadcast(env, paxos.Ask{Slot: s.next})
	}
}

// Handle implements sim.Node.
func (s *Server) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if s.halted || s.acceptor.Halted() {
		return
	}
	switch m := m.(type) {
	case Request:
		s.enqueue(env, m)
	case paxos.Prepare:
		s.prepare(env, from, m)
	case paxos.Promise:
		s.promised(env, slices.Index(s.servers, from), m)
	case paxos.Accept:
		s.accept(env, from, m)
	case paxos.Accepted:
		s.accepted(env, slices.Index(s.servers, from), m)
	case paxos.Refused:
		s.refused(env, m)
	case paxos.Chosen:
		s.learn(env, m.Slot, m.Value)
		if m.Slot >= s.next+lag {
			env.Send(from, paxos.Ask{Slot: s.next})
		}
	case paxos.Ask:
		if m.Slot < s.next {
			env.Send(from, s.known(m.Slot))
		}
	case Known:
		s.learn(env, m.Slot, m.Values...)
	case alarm:
		s.wake(env)
	case resume:
		if s.resting && m.Slot == s.next && m.Tries == s.tries {
			s.resting, s.eager = false, true
			s.propose(env)
		}
	}
}

// enqueue takes a command, unless it waits already. Whether it was
// executed long ago is not asked here: the log will tell.
func (s *Server) enqueue(env sim.Env, m Request) {
	if s.waiting(m.ID) >= 0 {
		return
	}
	s.queue = append(s.queue, m)
	s.propose(env)
}

// waiting returns the place of an operation in the queue, or -1.
func (s *Server) waiting(id checkers.OpID) int {
	for i := range s.queue {
		if s.queue[i].ID == id {
			return i
		}
	}
	return -1
}

// prepare answers as an acceptor; a slot whose outcome is known needs no promise any more.
func (s *Server) prepare(env sim.Env, from sim.NodeID, m paxos.Prepare) {
	if m.Slot < s.next {
		env.Send(from, s.known(m.Slot))
	} else if p, ok := s.acceptor.Prepare(env, m); ok {
		s.heard = max(s.heard, m.Slot+1)
		env.Send(from, p)
	} else if r, ok := s.acceptor.Refusal(m.Slot, m.Ballot); ok {
		env.Send(from, r)
	}
}

// accept answers as an acceptor.
func (s *Server) accept(env sim.Env, from sim.NodeID, m paxos.Accept) {
	if m.Slot < s.next {
		env.Send(from, s.known(m.Slot))
	} else if a, ok := s.acceptor.Accept(env, m); ok {
		s.heard = max(s.heard, m.Slot+1)
		env.Send(from, a)
	} else if r, ok := s.acceptor.Refusal(m.Slot, m.Ballot); ok {
		env.Send(from, r)
	}
}

// known tells all that was chosen from a slot on.
func (s *Server) known(slot paxos.Slot) Known {
	return Known{slot, s.log[slot:s.next:s.next]}
}

// broadcast sends a message to all other servers.
func (s *Server) broadcast(env sim.Env, m sim.Message) {
	for i, id := range s.servers {
		if i != int(s.number)-1 {
			env.Send(id, m)
		}
	}
}
