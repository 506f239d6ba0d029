package workload

import (
	"encoding/binary"
	"slices"
	"strings"
)

// A Store is the state of a service on one server, with what it must remember so that no command is executed twice. It is a function of the
// commands that were applied to it, and of nothing else.
type Store struct {
	service  *Service
	parts    []part    // by key, ascending
	sessions []session // by client and number, ascending
}

type part struct{ key, state string }

type session struct {
	client string
	number uint64
	last   uint64 // the number of the last operation
	result Result
}

// NewStore returns the state of a service of which nothing was asked yet.
func NewStore(s Service) *Store { return &Store{service: &s} }

// Apply executes a command, unless it was executed before. Known is false if its client has gone on since, so that its result is not
// known any more, and nobody waits for it.
func (s *Store) Apply(c *Command) (out Result, fresh, known bool) {
	ses := s.session(c)
	if c.ID.N <= ses.last {
		return ses.result, false, c.ID.N == ses.last
	}
	ses.last, ses.result = c.ID.N, s.do(c.Op)
	return ses.result, true, true
}

// Known returns the result of a command that was executed, if its client has not gone on since.
func (s *Store) Known(c *Command) (out Result, ok bool) {
	if i, there := s.findSession(c); there {
		return s.sessions[i].result, s.sessions[i].last == c.ID.N
	}
	return Result{}, false
}

// Read does an operation that changes nothing.
func (s *Store) Read(op Op) Result {
	i, there := s.find(op.Key)
	state := ""
	if there {
		state = s.parts[i].state
	}
	_, out := s.service.Step(state, op)
	return out
}

func (s *Store) do(op Op) Result {
	i, there := s.find(op.Key)
	if !there {
		s.parts = slices.Insert(s.parts, i, part{key: op.Key})
	}
	next, out := s.service.Step(s.parts[i].state, op)
	s.parts[i].state = next
	return out
}

func (s *Store) find(key string) (int, bool) {
	return slices.BinarySearchFunc(s.parts, key, func(p part, k string) int { return strings.Compare(p.key, k) })
}

// session returns the session of a command, a new one if need be.
func (s *Store) session(c *Command) *session {
	i, there := s.findSession(c)
	if !there {
		s.sessions = slices.Insert(s.sessions, i, session{client: string(c.ID.Client), number: c.Session})
	}
	return &s.sessions[i]
}

func (s *Store) findSession(c *Command) (int, bool) {
	return slices.BinarySearchFunc(s.sessions, c, func(x session, c *Command) int {
		if d := strings.Compare(x.client, string(c.ID.Client)); d != 0 {
			return d
		}
		switch {
		case x.number < c.Session:
			return -1
		case x.number > c.Session:
			return 1
		}
		return 0
	})
}

// Append appends the whole state in the form that Restore reads.
func (s *Store) Append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(len(s.parts)))
	for _, p := range s.parts {
		b = appendText(appendText(b, p.key), p.state)
	}
	b = binary.AppendUvarint(b, uint64(len(s.sessions)))
	for _, x := range s.sessions {
		b = binary.AppendUvarint(binary.AppendUvarint(appendText(b, x.client), x.number), x.last)
		b = x.result.Append(b)
	}
	return b
}

// Restore puts a state that Append wrote into the place of this one. After an error the state is that of a new service.
func (s *Store) Restore(r *Reader) error {
	s.parts, s.sessions = nil, nil
	for n := r.Uint(); n > 0 && r.Err == nil; n-- {
		s.parts = append(s.parts, part{r.Text(), r.Text()})
	}
	for n := r.Uint(); n > 0 && r.Err == nil; n-- {
		s.sessions = append(s.sessions, session{r.Text(), r.Uint(), r.Uint(), r.Result()})
	}
	if r.Err != nil {
		s.parts, s.sessions = nil, nil
	}
	return r.Err
}
