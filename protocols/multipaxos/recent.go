package multipaxos

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// With read=local and a bound on how old an answer may be, a server that does not lead must know how old its state is. So it asks the leader how far the service has come, time and again. The leader answers as if that
// were a read by index: once a quorum has answered a heartbeat that left after the question came. Whatever was answered to anybody before the question left is then below the slot that the leader names.
// A server that has come so far knows by its own clock how old its state is at most: as old as the question. How long the messages took does not matter, nor what other clocks show; only that its own goes on.

// slack is how much longer than by a server's clock something may take: one part in so many, which is more than 200 ppm.
const slack = 4000

// Inquire asks a leader how far the service has come.
type Inquire struct {
	Life  Life          // of its sender
	Asked time.Duration // when, by the clock of its sender since that life began
}

// Current answers [Inquire]: what was answered to clients before that was asked is in the slots below Next.
type Current struct {
	Life  Life
	Asked time.Duration
	Next  Slot
}

// An inquiry waits as a read by index does.
type inquiry struct {
	from sim.NodeID
	m    Inquire
	beat uint64
}

// A mark says that the state below a slot was all there was at some time, or later.
type mark struct {
	asked time.Duration
	next  Slot
}

// inquire asks the leader, where it matters.
func (s *Server) inquire(env sim.Env, who sim.NodeID) {
	if s.Stale > 0 {
		env.Send(who, Inquire{s.life, s.now(env)})
	}
}

// inquired takes a question. It begins no round of heartbeats of its own, since each of them makes followers ask again.
func (s *Server) inquired(env sim.Env, from sim.NodeID, m Inquire) {
	if s.role != leader {
		return
	}
	l := &s.leading
	l.inquiries = append(l.inquiries, inquiry{from, m, l.beats + 1})
}

// answerInquiries answers those that came before the heartbeat n left.
func (s *Server) answerInquiries(env sim.Env, n uint64) {
	l := &s.leading
	for len(l.inquiries) > 0 && l.inquiries[0].beat <= n {
		q := l.inquiries[0]
		l.inquiries = slices.Delete(l.inquiries, 0, 1)
		env.Send(q.from, Current{q.m.Life, q.m.Asked, s.next})
	}
}

// current takes in how far the service had come, unless another life had asked.
func (s *Server) current(env sim.Env, m Current) {
	if m.Life != s.life {
		return
	}
	s.marks = slices.DeleteFunc(s.marks, func(k mark) bool { return !s.young(env, k) })
	s.marks = append(s.marks, mark{m.Asked, m.Next})
}

// young reports whether a mark is of so short a time ago that it is good for anything.
func (s *Server) young(env sim.Env, k mark) bool {
	age := s.now(env) - k.asked
	return age+age/slack < s.Stale
}

// recent reports whether this server knows that its state is not older than the bound.
func (s *Server) recent(env sim.Env) bool {
	return s.Stale == 0 || slices.ContainsFunc(s.marks, func(k mark) bool { return k.next <= s.next && s.young(env, k) })
}

// AppendHash appends the message's content.
func (m Inquire) AppendHash(b []byte) []byte {
	return binary.AppendVarint(m.Life.append(b), int64(m.Asked))
}

// AppendHash appends the message's content.
func (m Current) AppendHash(b []byte) []byte {
	return m.Next.append(binary.AppendVarint(m.Life.append(b), int64(m.Asked)))
}

// String prints "Inquire{at 1.2s}".
func (m Inquire) String() string { return fmt.Sprintf("Inquire{at %v}", m.Asked) }

// String prints "Current{at 1.2s, decided below 7}".
func (m Current) String() string {
	return fmt.Sprintf("Current{at %v, decided below %d}", m.Asked, m.Next)
}
