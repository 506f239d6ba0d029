package multipaxos

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
	"simrun/workload"
)

// look says who waits for whom at the end of a run, and whether a client has come to the end of its operations.
func look(w *sim.World) (waits []checkers.Wait, done bool) {
	var servers []checkers.Wait
	for _, id := range w.Nodes() {
		n, ok := w.Node(id)
		if !ok {
			continue
		}
		switch n := n.(type) {
		case *workload.Client:
			waits = append(waits, n.Waits(id)...)
			done = done || n.Done()
		case *Server:
			servers = append(servers, n.waits()...)
		}
	}
	return append(waits, servers...), done
}

// waits says what keeps a server from answering.
func (s *Server) waits() []checkers.Wait {
	w := checkers.Wait{Node: s.Servers[s.number-1]}
	switch {
	case s.halted:
		w.State = "has halted, since its disk does not do as it is told"
	case !s.serves:
		w.State, w.For = "has asked for an identity", []sim.NodeID{s.Operator}
	case s.lost:
		w.State, w.For = "has lost its state", s.ids(s.in(s.next))
	case !s.votes() && s.member.Mark > 1:
		w.State = fmt.Sprintf("has lost its disk, is %v now and does not vote yet", s.member)
	case !s.votes():
		w.State = "does not vote"
	case s.role == candidate:
		w.State, w.For = fmt.Sprintf("has asked for promises in %v", s.ballot), s.ids(s.in(s.next), s.promisers()...)
	case s.role == leader:
		w.State, w.For = s.leads()
	case !s.ballot.None() && s.ballot.Leader != s.member:
		w.State, w.For = fmt.Sprintf("has promised or followed %v", s.ballot), []sim.NodeID{s.ballot.Leader.ID()}
	default:
		w.State = "has heard of no leader"
	}
	if w.State == "" {
		return nil
	}
	return []checkers.Wait{w}
}

// leads says what keeps a leader from answering; the empty text if nothing does.
func (s *Server) leads() (state string, whom []sim.NodeID) {
	l := &s.leading
	switch {
	case l.issue > s.next: // else all that it has proposed is decided
		t := l.tries[s.next-l.first]
		return fmt.Sprintf("has proposed %v in slot %d, %v", t.value, s.next, s.ballot), s.ids(s.in(s.next), t.by...)
	case s.next < l.top || len(l.queue) > 0:
		return fmt.Sprintf("has to know what was accepted in slot %d", s.next), s.ids(s.in(s.next), s.promisers()...)
	case len(l.reads) > 0:
		var heard []Member
		for _, a := range l.alive {
			if a.n >= l.reads[0].beat {
				heard = append(heard, a.by)
			}
		}
		return "has asked who follows it still", s.ids(s.in(s.next), heard...)
	}
	return "", nil
}

// ids returns the names of those that vote without some, and without this server, each once: of one that has lost its disk two identities may vote.
func (s *Server) ids(who Config, but ...Member) (ids []sim.NodeID) {
	for _, m := range who {
		if id := m.ID(); m.Server != s.number && !slices.Contains(but, m) && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
