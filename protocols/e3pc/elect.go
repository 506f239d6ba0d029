package e3pc

import (
	"encoding/binary"
	"fmt"
	"time"

	"simrun/sim"
)

// AppendHash appends the timer's content.
func (t impatient) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(t.Tx.append(b), uint64(t.News))
}

// String prints "impatient{T1, news 2}".
func (t impatient) String() string { return fmt.Sprintf("impatient{%v, news %d}", t.Tx, t.News) }

// await gives the others this long, and a little more, to be heard of again in a transaction. The little is
// different at each site and drawn from a longer range each time, since two leaders may preempt each other for
// ever. A site in a hurry gives them less. Nothing rests on that time but whether elections are led in vain.
func (s *Site) await(env sim.Env, tx Tx, d time.Duration) {
	if s.hurry > 0 {
		d = min(d, s.hurry)
	}
	b := s.branch(tx)
	b.news++
	span := 1 << min(b.tries, doubles)
	steps := int(s.number-1)*span + env.Pick("patience", span)
	env.After(d+quantum*time.Duration(steps), impatient{tx, b.news})
}

// lead starts an election above all that the site has heard of. It joins first, durably: so no later life leads
// the same one again. Everybody is asked, and the coordinator too, which may know the decision.
func (s *Site) lead(env sim.Env, tx Tx) {
	s.leadIn(env, tx, Election{s.branch(tx).seen + 1, s.number})
}

// leadIn starts this election.
func (s *Site) leadIn(env sim.Env, tx Tx, e Election) {
	b := s.branch(tx)
	if b.recovery.Open() && !b.recovery.Attempting() {
		env.Note(Blocked{tx, b.recovery.Election, b.recovery.heard.count(), s.need})
	}
	next := b.stance
	next.elected = e
	if !s.force(env, tx, next) {
		return
	}
	b.tries++
	b.recovery = Recover(b.elected, b.state, s.need, s.rule)
	env.Note(Elected{tx, b.elected, b.state, b.attempt})
	s.toOthers(env, Elect{tx, b.elected, backing{b.at}})
	env.Send(s.coordinator, Elect{tx, b.elected, backing{b.at}})
	s.await(env, tx, answer)
	if b.recovery.Standing(int(s.number)-1, b.standing(tx)) {
		s.attempt(env, tx)
	}
}

// join answers Elect: the site has nothing more to do with older elections, durably, and tells how it stands.
func (s *Site) join(env sim.Env, from sim.NodeID, m Elect) {
	b := s.branch(m.Tx)
	if s.settled(env, from, m.Tx) || s.fenced(env, from, m.Tx, m.Election) {
		return
	}
	if b.elected != m.Election {
		next := b.stance
		next.elected = m.Election
		if !s.force(env, m.Tx, next) {
			return
		}
		b.recovery = Recovery{}
		s.await(env, m.Tx, answer)
	}
	env.Send(from, b.standing(m.Tx))
}

// standing tells how the site stands in the election that it has joined last.
func (b *branch) standing(tx Tx) Standing {
	return Standing{tx, b.elected, b.state, b.attempt, backing{b.at}}
}

// attempt asks all to move where the rule says, and moves first: a quorum has told its standing.
func (s *Site) attempt(env sim.Env, tx Tx) {
	b := s.branch(tx)
	r := &b.recovery
	if !s.force(env, tx, stance{r.State, r.Election, r.Election}) {
		return
	}
	env.Note(Attempted{tx, r.Election, r.State})
	if r.State == preCommitted {
		s.toOthers(env, PreCommit{tx, r.Election, backing{b.at}})
	} else {
		s.toOthers(env, PreAbort{tx, r.Election, backing{b.at}})
	}
	s.await(env, tx, answer)
	if r.Moved(int(s.number)-1, PreAck{tx, r.Election, backing{b.at}}) {
		s.conclude(env, tx)
	}
}

// conclude decides, and tells everybody: a quorum has moved.
func (s *Site) conclude(env sim.Env, tx Tx) {
	s.decide(env, tx, s.branch(tx).recovery.State == preCommitted)
	s.tell(env, tx)
}

// tell tells everybody the decision, if it is on disk.
func (s *Site) tell(env sim.Env, tx Tx) {
	if b := s.branch(tx); b.state.final() {
		s.toOthers(env, b.decision(tx))
		env.Send(s.coordinator, b.decision(tx))
	}
}

func (s *Site) toOthers(env sim.Env, m sim.Message) {
	for i, id := range s.sites {
		if i != int(s.number)-1 {
			env.Send(id, m)
		}
	}
}
