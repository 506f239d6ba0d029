package workload

import (
	"encoding/binary"
	"slices"
	"strings"
)

// A Service is what clients operate on, as one that does one operation after the other: its parts have keys, and what an operation does is a
// function of the state of one part. The same function makes a server's state machine, see [Store], and the judge's model.
type Service struct {
	Name, Doc string
	// Step does an operation on a part whose state is given, "" being one that nobody has touched, and returns the state after it.
	Step func(state string, op Op) (next string, out Result)
	// Reads reports whether an operation changes nothing, whatever the state.
	Reads func(op Op) bool
	// Draw draws an operation from picks; value is one that no other operation writes, seen what the client last saw of each key.
	Draw func(pick func(n int) int, keys []string, value string, seen func(key string) string) Op
}

// KV returns the service "kv": registers that are read, written, appended to and swapped.
func KV() Service {
	return Service{Name: "kv", Doc: "keys with values: get, put, append, cas", Step: stepKV, Reads: func(op Op) bool { return op.Verb == "get" }, Draw: drawKV}
}

func stepKV(state string, op Op) (string, Result) {
	switch op.Verb {
	case "get":
		return state, Result{true, state}
	case "put":
		return op.Value, Result{OK: true}
	case "append":
		return state + op.Value, Result{OK: true}
	case "cas":
		if state == op.Expect {
			return op.Value, Result{OK: true}
		}
	}
	return state, Result{}
}

// drawKV draws six reads in ten, else a write.
func drawKV(pick func(n int) int, keys []string, value string, seen func(string) string) Op {
	verbs := [...]string{"put", "put", "get", "get", "get", "get", "cas", "cas", "append", "append"}
	drawn := pick(len(verbs) * len(keys))
	op := Op{Verb: verbs[drawn%len(verbs)], Key: keys[drawn/len(verbs)]}
	if op.Verb != "get" {
		op.Value = value
	}
	if op.Verb == "cas" {
		op.Expect = seen(op.Key)
	}
	return op
}

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

// Forget forgets all sessions, which is wrong: a command that comes again is executed again.
func (s *Store) Forget() { s.sessions = nil }

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
