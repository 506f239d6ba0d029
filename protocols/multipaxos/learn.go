package multipaxos

import (
	"encoding/binary"
	"slices"

	"simrun/sim"
	"simrun/workload"
)

// advance executes what is decided, in the order of slots, and now and then takes a snapshot.
func (s *Server) advance(env sim.Env) {
	for !s.halted && !s.lost {
		c := s.known(s.next)
		if !c.decided {
			break
		}
		slot := s.next
		s.next++
		s.execute(env, slot, c.value)
		if s.next-s.base >= s.Keep {
			s.snapshot(env)
		}
	}
	if l := &s.leading; s.role == leader && l.issue < s.next { // learnt from others: there was nothing of its own under way
		l.first, l.issue, l.tries = s.next, s.next, nil
	}
	s.serveReads(env)
}

// execute does what stands in a slot.
func (s *Server) execute(env sim.Env, slot Slot, v Value) {
	env.Note(Executed{slot, v})
	if c, ok := v.change(); ok {
		s.reconfigured(env, slot, c)
		return
	}
	for _, c := range v.commands() {
		out, fresh, known := s.store.Apply(&c)
		env.Note(Applied{slot, c.ID, out, !fresh})
		s.leading.under = slices.DeleteFunc(s.leading.under, func(id opID) bool { return id == c.ID })
		if s.role == leader && known {
			env.Send(c.ID.Client, workload.Reply{ID: c.ID, Result: out, At: s.place(slot + 1)})
		}
	}
}

// ask asks somebody who may know more for what was decided, but not all the time.
func (s *Server) ask(env sim.Env, who sim.NodeID) {
	if now := s.now(env); who != env.ID() && (s.asked == 0 || now-s.asked >= s.beatEvery()/2) {
		s.asked = now
		env.Send(who, Ask{s.next, s.lost})
	}
}

// tell answers with what was decided from a slot on: values, or where those are forgotten the state.
func (s *Server) tell(env sim.Env, to sim.NodeID, m Ask) {
	from := m.From
	if s.lost || from > s.next || from == s.next && !m.Lost {
		return
	}
	if from < s.base || m.Lost {
		env.Send(to, Snapshot{s.next, s.encode()})
		return
	}
	known := Entries{From: from}
	for slot := from; slot < s.next && len(known.Values) < atOnce; slot++ {
		known.Values = append(known.Values, s.known(slot).value)
	}
	env.Send(to, known)
}

// learn takes decided values. Those of slots in which a leader has proposed itself it must count itself: others may know a value that was
// decided in a higher ballot, and then what the leader says of its own ballot would be wrong.
func (s *Server) learn(env sim.Env, m Entries) {
	for i, v := range m.Values {
		slot := m.From + Slot(i)
		if l := &s.leading; s.role == leader && l.first <= slot && slot < l.issue {
			continue
		}
		c := s.cell(slot)
		if c == nil || c.decided {
			continue
		}
		if c.missing {
			env.Note(Repaired{slot})
		}
		c.value, c.missing, c.learnt, c.decided = v, false, c.learnt || c.missing, true
	}
	s.advance(env)
	s.propose(env, false) // a leader that lacked this may have had to wait for it
}

// snapshot writes the state to the disk in the place of the slots that led to it.
func (s *Server) snapshot(env sim.Env) {
	env.Note(Snapshotted{s.next})
	if err := s.renew(env.Disk(), s.next, s.encode()); err != nil {
		s.halt(env, err)
	}
}

// install takes the state of another server, if it is ahead.
func (s *Server) install(env sim.Env, m Snapshot) {
	if m.Next <= s.next && !s.lost || m.Next < s.base {
		return
	}
	if l := &s.leading; s.role != follower && l.issue > s.next { // what it has under way was decided without it
		s.follow(env, s.ballot)
		s.wait(env)
	}
	if err := s.decode(m.State); err != nil {
		s.halt(env, err)
		return
	}
	s.next, s.lost = m.Next, false
	env.Note(Installed{m.Next})
	if m.Next >= s.base {
		if err := s.renew(env.Disk(), m.Next, m.State); err != nil {
			s.halt(env, err)
			return
		}
	}
	s.advance(env)
	s.propose(env, false)
}

// encode returns the state after the slots below next: who votes, and the service with its sessions.
func (s *Server) encode() string {
	b := s.next.append(nil)
	b = binary.AppendUvarint(b, uint64(len(s.configs)))
	for _, c := range s.configs {
		b = c.who.append(c.from.append(b))
	}
	return string(s.store.Append(b))
}

// decode takes the state that encode has made.
func (s *Server) decode(state string) error {
	r := workload.NewReader(state)
	s.next = Slot(r.Uint())
	s.configs = nil
	for n := r.Uint(); n > 0 && r.Err == nil; n-- {
		s.configs = append(s.configs, configFrom{Slot(r.Uint()), readConfig(r)})
	}
	return s.store.Restore(r)
}
