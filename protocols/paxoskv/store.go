package paxoskv

import (
	"simrun/checkers"
	"simrun/sim"
)

// A store is the replicated state: what the keys hold, and for each
// session of a client the last operation and its result. It is a function
// of the commands that were applied to it, and of nothing else.
type store struct {
	keys     []pair    // a handful: searched in line
	sessions []session // in the order in which they began
}

type pair struct{ key, value string }

type session struct {
	client sim.NodeID
	number uint32
	last   uint32 // the number of the last operation
	result checkers.KVOutput
}

// apply executes a command, unless it was executed before, and returns its session and whether it was
// executed. The session holds the command's result, unless its client has gone on since and does not ask
// any more: then last is a later number.
func (s *store) apply(c *command) (ses *session, executed bool) {
	ses = s.session(c.client, c.session)
	if c.n <= ses.last {
		return ses, false
	}
	ses.last, ses.result = c.n, s.do(&c.op)
	return ses, true
}

// do does one operation.
func (s *store) do(in *checkers.KVInput) checkers.KVOutput {
	p := s.key(in.Key)
	switch in.Op {
	case checkers.Get:
		return checkers.KVOutput{Value: p.value, OK: true}
	case checkers.Put:
		p.value = in.Value
	case checkers.Append:
		p.value += in.Value
	case checkers.CAS:
		if p.value != in.Expect {
			return checkers.KVOutput{}
		}
		p.value = in.Value
	}
	return checkers.KVOutput{OK: true}
}

// key returns the pair of a key, a new one if need be.
func (s *store) key(key string) *pair {
	for i := range s.keys {
		if s.keys[i].key == key {
			return &s.keys[i]
		}
	}
	s.keys = append(s.keys, pair{key: key})
	return &s.keys[len(s.keys)-1]
}

// session returns a client's session, a new one if need be. Most often it is one of the youngest.
func (s *store) session(client sim.NodeID, number uint32) *session {
	for i := len(s.sessions) - 1; i >= 0; i-- {
		if ses := &s.sessions[i]; ses.number == number && ses.client == client {
			return ses
		}
	}
	s.sessions = append(s.sessions, session{client: client, number: number})
	return &s.sessions[len(s.sessions)-1]
}
