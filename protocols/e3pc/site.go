package e3pc

import (
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/disk/reclog"
	"simrun/sim/fault"
)

// How long nodes wait, in virtual time.
const (
	// patience is how long a site waits for news after its vote, and again after it has moved, before it leads
	// an election. In a run that keeps fault.Bound a site that has got its CanCommit and voted at once may have
	// to wait for a CanCommit to another site, that site's vote and the PreCommit, each as late as allowed. The
	// same is enough for the rest: another's PreCommit, its PreAck and the decision.
	patience = 3*fault.Bound + slack
	slack    = 10 * time.Millisecond // for clocks within fault.MaxDrift, generously

	answer  = 60 * time.Millisecond // how long a leader waits for answers, and who has joined an election for its outcome
	quantum = 4 * time.Millisecond  // the unit of back-off
	doubles = 3                     // how often the range of back-off is doubled at most
)

// A Site takes part in transactions: it votes, does as it is asked within the latest election that it has
// joined, and leads an election itself when nothing is heard. It is a node.
type Site struct {
	number      uint32       // from 1: its place in sites
	coordinator sim.NodeID   // has no vote and is no member of quorums
	sites       []sim.NodeID // all of them
	need        int          // how many sites make a quorum
	votes       votes
	steadfast   bool // as in Skeen's protocol, never goes from pre-commit to pre-abort or back
	rule        rule
	hurry       time.Duration // the longest that it waits before it leads an election; 0: as above

	journal  journal
	branches []branch // by transaction, from T1
	halted   bool
}

// A branch is all that a site knows of one transaction. The zero branch has not voted.
type branch struct {
	stance
	at       int64    // of its record
	seen     uint32   // the highest round heard of
	tries    int      // elections led in this life
	news     int      // how often something has happened that is worth waiting on; tells stale timers
	recovery Recovery // that the site leads, if any
}

// An impatient timer tells a site that nothing has happened in a transaction for long enough, unless there was
// news meanwhile.
type impatient struct {
	Tx   Tx
	News int
}

// Start implements sim.Node: it reads again how the site stands.
func (s *Site) Start(env sim.Env) {
	log, records, err := reclog.Open(env.Disk(), dtLog)
	for _, rec := range records {
		r, bad := parseRecord(rec.Payload)
		if bad != nil {
			err = bad
			break
		}
		b := s.branch(r.tx)
		b.stance, b.at, b.seen = r.stance, rec.At, r.elected.Round
	}
	if err != nil {
		s.halt(env, err)
		return
	}
	s.journal.log = log
	undecided := 0
	for i := range s.branches {
		switch b := &s.branches[i]; {
		case b.state.final():
			env.Note(Decided{Tx(i + 1), b.state == committed})
		case b.state != initial:
			undecided++
			env.Note(Voted{Tx(i + 1), true}) // the crash may have come between the record and the note
			s.await(env, Tx(i+1), answer)
		}
	}
	if undecided > 0 {
		env.Note(Recovered{undecided})
	}
}

// Handle implements sim.Node. The methods are those of the basic protocol in site.go, those of the recovery in
// elect.go.
func (s *Site) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if s.halted {
		return
	}
	switch m := m.(type) {
	case CanCommit:
		s.vote(env, from, m.Tx)
	case PreCommit:
		s.move(env, from, m.Tx, m.Election, preCommitted)
	case PreAbort:
		s.move(env, from, m.Tx, m.Election, preAborted)
	case DoCommit:
		s.learn(env, m.Tx, true)
	case DoAbort:
		s.learn(env, m.Tx, false)
	case Elect:
		s.join(env, from, m)
	case Standing:
		if i := slices.Index(s.sites, from); i >= 0 && s.branch(m.Tx).recovery.Standing(i, m) {
			s.attempt(env, m.Tx)
		}
	case PreAck:
		if i := slices.Index(s.sites, from); i >= 0 && s.branch(m.Tx).recovery.Moved(i, m) {
			s.conclude(env, m.Tx)
		}
	case Refused:
		b := s.branch(m.Tx)
		b.seen = max(b.seen, m.Elected.Round)
	case impatient:
		if b := s.branch(m.Tx); m.News == b.news && !b.state.final() {
			s.lead(env, m.Tx)
		}
	}
}

// vote answers CanCommit: once and for all, since the answer is durable before it is sent. Who votes no aborts
// at once. Asked again, by a coordinator that has forgotten, a site says the same, or what has been decided
// meanwhile.
func (s *Site) vote(env sim.Env, from sim.NodeID, tx Tx) {
	b := s.branch(tx)
	if b.state == initial {
		s.voteOnce(env, from, tx)
		return
	}
	switch {
	case b.state == wait:
		env.Send(from, Vote{tx, true, backing{b.at}})
	case b.state.final():
		env.Send(from, b.decision(tx))
	}
}

// voteOnce makes up the site's mind.
func (s *Site) voteOnce(env sim.Env, from sim.NodeID, tx Tx) {
	yes := s.votes.of(env, tx, int(s.number))
	next := stance{state: aborted, elected: first}
	if yes {
		next.state = wait
	}
	if !s.force(env, tx, next) {
		return
	}
	env.Note(Voted{tx, yes})
	if yes {
		s.await(env, tx, patience)
	} else {
		env.Note(Decided{tx, false})
	}
	env.Send(from, Vote{tx, yes, backing{s.branch(tx).at}})
}

// move does as the leader of an election asks: Last_Attempt becomes Last_Elected, durably, and then it is
// acknowledged. Who has joined a later election refuses: it has told how it stands to somebody who builds on
// that.
func (s *Site) move(env sim.Env, from sim.NodeID, tx Tx, e Election, to State) {
	b := s.branch(tx)
	switch {
	case s.settled(env, from, tx) || s.fenced(env, from, tx, e):
		return
	case s.steadfast && b.state != wait && b.state != to:
		return
	case b.attempt != e: // else it is the same again
		if !s.force(env, tx, stance{to, e, e}) {
			return
		}
		b.recovery = Recovery{}
		s.await(env, tx, patience)
	}
	env.Send(from, PreAck{tx, e, backing{b.at}})
}

// settled answers whoever asks anything of a transaction that is decided here. A site that has not voted aborts
// alone, since nobody can commit without its vote, and has decided by that.
func (s *Site) settled(env sim.Env, from sim.NodeID, tx Tx) bool {
	b := s.branch(tx)
	if b.state == initial {
		s.decide(env, tx, false)
	}
	if b.state.final() {
		env.Send(from, b.decision(tx))
	}
	return b.state.final() || s.halted
}

// fenced refuses what belongs to an election before the one that the site has joined last.
func (s *Site) fenced(env sim.Env, from sim.NodeID, tx Tx, e Election) bool {
	b := s.branch(tx)
	if !e.Less(b.elected) {
		return false
	}
	env.Note(Fenced{tx, e, b.elected})
	env.Send(from, Refused{tx, e, b.elected})
	return true
}

// learn takes a decision over from somebody. Who leads an election has got it for an answer and tells the
// others, as the decision rule has it.
func (s *Site) learn(env sim.Env, tx Tx, commit bool) {
	leads := s.branch(tx).recovery.Open()
	s.decide(env, tx, commit)
	if leads {
		s.tell(env, tx)
	}
}

// decide makes a decision durable, unless there is one.
func (s *Site) decide(env sim.Env, tx Tx, commit bool) {
	b := s.branch(tx)
	if b.state.final() {
		return
	}
	next := b.stance
	if next.state = aborted; commit {
		next.state = committed
	}
	if s.force(env, tx, next) {
		b.recovery = Recovery{}
		env.Note(Decided{tx, commit})
	}
}

// decision returns the message that tells the decision.
func (b *branch) decision(tx Tx) sim.Message {
	if b.state == committed {
		return DoCommit{tx, backing{b.at}}
	}
	return DoAbort{tx, backing{b.at}}
}

// force makes this the stance in a transaction: first on disk, then in memory. It returns false if the disk
// does not do as it is told.
func (s *Site) force(env sim.Env, tx Tx, next stance) bool {
	at, err := s.journal.force(record{tx, next})
	if err != nil {
		s.halt(env, err)
		return false
	}
	b := s.branch(tx)
	b.stance, b.at = next, at
	b.seen = max(b.seen, next.elected.Round)
	return true
}

func (s *Site) halt(env sim.Env, err error) {
	s.halted = true
	env.Note(Halted{err.Error()})
}

// branch returns the branch of a transaction, which may be one that was never heard of. The pointer is good
// until a higher one is asked for.
func (s *Site) branch(tx Tx) *branch {
	for len(s.branches) < int(tx) {
		s.branches = append(s.branches, branch{stance: stance{elected: first}})
	}
	return &s.branches[tx-1]
}
