package e3pc

import (
	"slices"

	"simrun/sim"
)

// A mistake is a cast that gets the protocol wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name string
	cast cast
}

var mistakes = []mistake{
	{"none", cast{}},
	{"no-fence", cast{site: func(s *Site) sim.Node { return unfenced{s} }}},
	{"silence-consents", cast{site: func(s *Site) sim.Node { return hopeful{s} }}},
	{"forgets-attempt", cast{site: func(s *Site) sim.Node { return forgetful{s} }}},
	{"forgets-election", cast{site: func(s *Site) sim.Node { return oblivious{s} }}},
	{"committable-over-all", cast{site: func(s *Site) sim.Node { return levelling{s} }}},
	{"shares-numbers", cast{site: func(s *Site) sim.Node { return anonymous{s} }}},
	{"leader-unacknowledged", cast{site: func(s *Site) sim.Node { return eager{s} }}},
	{"aborts-alone", cast{site: func(s *Site) sim.Node { return lone{s} }}},
	{"coordinator-unacknowledged", cast{coordinator: func(c *Coordinator) sim.Node { return hasty{c} }}},
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// mistaken returns the cast in which the mistake that is set is made; c itself if none is.
func (c cast) mistaken(o sim.Options) cast {
	if name := o.Text("mistake"); name != "none" {
		return mistakes[slices.Index(mistakeNames(), name)].cast
	}
	return c
}

// An unfenced site obeys whoever asks it to move, whatever election it has joined since.
type unfenced struct{ *Site }

func (s unfenced) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case PreCommit:
		s.obey(env, from, m.Tx, m.Election, preCommitted)
	case PreAbort:
		s.obey(env, from, m.Tx, m.Election, preAborted)
	}
	s.Site.Handle(env, from, m)
}

func (s unfenced) obey(env sim.Env, from sim.NodeID, tx Tx, e Election, to State) {
	b := s.branch(tx)
	if e.Less(b.elected) && b.state != initial && !b.state.final() && s.force(env, tx, stance{to, b.elected, e}) {
		env.Send(from, PreAck{tx, e, backing{b.at}})
	}
}

// A hopeful leader takes silence for consent: those that do not answer stand where it stands itself.
type hopeful struct{ *Site }

func (s hopeful) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(impatient); ok {
		if b := s.branch(m.Tx); m.News == b.news && b.recovery.Open() && !b.recovery.Attempting() {
			for i, id := range s.sites {
				if !b.recovery.heard.has(i) && b.recovery.Open() && !b.recovery.Attempting() {
					s.Site.Handle(env, id, b.standing(m.Tx))
				}
			}
			return
		}
	}
	s.Site.Handle(env, from, m)
}

// A forgetful site starts again in the state that it was in, and without the number of the attempt.
type forgetful struct{ *Site }

func (s forgetful) Start(env sim.Env) {
	s.Site.Start(env)
	for i := range s.branches {
		s.branches[i].attempt = Election{}
	}
}

// A levelling leader computes IsMaxAttemptCommittable over all that answer, and not over those that made the
// latest attempt.
type levelling struct{ *Site }

func (s levelling) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(Standing); ok {
		if r := &s.branch(m.Tx).recovery; m.Election == r.Election {
			m.Attempt = r.maxAttempt // of its own standing
			s.Site.Handle(env, from, m)
			return
		}
	}
	s.Site.Handle(env, from, m)
}

// An eager leader decides as soon as it has asked others to move.
type eager struct{ *Site }

func (s eager) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	s.Site.Handle(env, from, m)
	if m, ok := m.(Standing); ok {
		if r := &s.branch(m.Tx).recovery; r.Open() && r.Attempting() {
			for _, id := range s.sites {
				s.Site.Handle(env, id, PreAck{Tx: m.Tx, Election: r.Election})
			}
		}
	}
}

// An oblivious site leads the election after the one that it has joined, and does not write it down before it does.
type oblivious struct{ *Site }

func (s oblivious) Start(env sim.Env) {
	s.Site.Start(env)
	for i := range s.branches {
		if b := &s.branches[i]; b.elected != first {
			b.elected, b.seen = first, first.Round
		}
	}
}

// A lone site aborts by itself when it loses patience in wait: T3-01 of the textbooks, where "no quorum" means
// "wait".
type lone struct{ *Site }

func (s lone) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(impatient); ok {
		if b := s.branch(m.Tx); m.News == b.news && b.state == wait {
			s.decide(env, m.Tx, false)
		}
	}
	s.Site.Handle(env, from, m)
}

// A hasty coordinator commits when all have voted yes: it does not wait for a quorum.
type hasty struct{ *Coordinator }

func (c hasty) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	c.Coordinator.Handle(env, from, m)
	if m, ok := m.(Vote); ok && c.of(m.Tx).state == preCommitted {
		c.conclude(env, m.Tx, true)
	}
}

// An anonymous site leads the election after the highest one that it knows, as the paper has it, Max_Elected +
// 1: all leaders of a round are called p1.
type anonymous struct{ *Site }

// Handle lets a site lead as if it were p1, whose messages it answers as it should.
func (s anonymous) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(impatient); ok {
		if b := s.branch(m.Tx); m.News == b.news && !b.state.final() {
			s.leadIn(env, m.Tx, Election{b.seen + 1, 1})
		}
		return
	}
	s.Site.Handle(env, from, m)
}
