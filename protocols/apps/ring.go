package apps

import (
	"fmt"

	"simrun/sim"
)

// A Station passes the token on to its neighbours in turn: on a ring, to the next station. The first has it to begin with.
type Station struct {
	to    []sim.NodeID
	token bool // it is here
	steps int  // that the token has left, if it is here
	turn  int  // whom it goes to next
	seen  int  // how often it has come here
}

// A Token goes round until it has made all its steps. Whoever has it then keeps it.
type Token struct{ Steps int }

func bootStation(w *Workload, i int) App {
	s := &Station{to: w.Topology.To(i)}
	if i == 0 {
		s.token, s.steps = true, w.work*w.Len()
	}
	return s
}

// Start implements sim.Node.
func (s *Station) Start(env sim.Env) {
	if !s.Passive() {
		pause(env)
	}
}

// Handle implements sim.Node.
func (s *Station) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Token:
		s.token, s.steps = true, m.Steps
		s.seen++
		s.Start(env)
	case tick:
		if s.Passive() { // where two tokens met there are more timers than tokens
			return
		}
		s.token = false
		env.Send(s.to[s.turn], Token{s.steps - 1})
		s.turn = (s.turn + 1) % len(s.to)
	}
}

// Amount is 1 where the token is.
func (s *Station) Amount() int64 {
	if s.token {
		return 1
	}
	return 0
}

// Passive reports whether the token is not here, or is at its end.
func (s *Station) Passive() bool { return !s.token || s.steps == 0 }

// MarshalBinary returns the state.
func (s *Station) MarshalBinary() ([]byte, error) {
	return appendInt(appendInt(appendInt(appendBool(nil, s.token), s.steps), s.turn), s.seen), nil
}

// UnmarshalBinary takes over a state.
func (s *Station) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	s.token, s.steps, s.turn, s.seen = r.bool(), r.int(), r.int(), r.int()
	if s.turn < 0 || s.turn >= len(s.to) {
		r.bad = true
	}
	return r.end()
}

// String prints "the token, 3 steps left", or "no token".
func (s *Station) String() string {
	if !s.token {
		return "no token"
	}
	return fmt.Sprintf("the token, %d steps left", s.steps)
}

// tokenAtRest says that the token has not been everywhere that it should.
func tokenAtRest(w *Workload, all []App) error {
	seen := 0
	for _, a := range all {
		seen += a.(*Station).seen
	}
	if want := w.work * w.Len(); seen != want {
		return fmt.Errorf("the token has arrived %d times, which must be %d", seen, want)
	}
	return nil
}

// Amount is 1: this is the token.
func (m Token) Amount() int64 { return 1 }

// AppendHash appends the message's content.
func (m Token) AppendHash(b []byte) []byte { return appendInt(b, m.Steps) }

// String prints "Token{7}".
func (m Token) String() string { return fmt.Sprintf("Token{%d}", m.Steps) }
