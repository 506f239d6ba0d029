package multipaxos

import (
	"errors"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/workload"
)

const (
	patienceMost = 16      // steps that a server may be patient beyond Settings.Patience
	atOnce       = 64      // how many entries an answer to Ask holds
	lives        = 1 << 30 // from which a life draws its number
)

// What is done again and again is done no more often than every quickest, and nobody may be less patient than leastPatience: a leader that lives could not show it in time.
const (
	quickest      = 3 * time.Millisecond
	leastPatience = 5 * time.Millisecond
	mostPatience  = time.Hour // more is longer than any run
)

// How long things take, in time of a server's own clock, follows from how patient it is.

// beatEvery is how often a leader shows that it lives.
func (set *Settings) beatEvery() time.Duration { return max(set.Patience*2/15, quickest) }

// resendAfter is when an Accept is sent again that was not answered.
func (set *Settings) resendAfter() time.Duration { return max(set.Patience*2/5, quickest) }

// askEvery is how often a server asks the operator who it is.
func (set *Settings) askEvery() time.Duration { return set.Patience * 2 / 3 }

// patienceStep is by how much one server may be more patient than another. How many steps it is, is drawn anew each time.
func (set *Settings) patienceStep() time.Duration { return set.Patience / 15 }

// A role is what a server does beside accepting.
type role uint8

const (
	follower role = iota
	candidate
	leader
)

func (r role) String() string { return [...]string{"follower", "candidate", "leader"}[r] }

// Settings are what all servers of a cluster have in common.
type Settings struct {
	Servers  []sim.NodeID // all of them, whether they vote or not
	Operator sim.NodeID
	Service  workload.Service
	Patience time.Duration // how long a server is without a leader before it tries to become it; up to about twice that, drawn
	Window   Slot          // how many slots are under way at most; a change of who votes takes effect so many slots later
	Batch    int           // how many commands stand in a slot at most
	Gather   time.Duration // how long a leader waits for a batch to fill
	Keep     Slot          // a snapshot is taken after so many slots
	Reads    string        // "log", "index", "lease" or "local"
	Lease    time.Duration // for how long a follower helps nobody else to lead
	Margin   time.Duration // by how much shorter the leader takes it to be
	Stale    time.Duration // how old an answer by Reads "local" may be; 0: as old as it likes
	Told     bool          // decisions are told at once, and do not wait for the next message
}

// A Server is a replica: acceptor, learner and, if it must be, leader.
type Server struct {
	*Settings
	number uint32
	stable
	role   role
	serves bool // knows who it is, and the operator has confirmed it
	halted bool
	began  clock.Reading
	life   Life // where somebody must tell it from others

	store   *workload.Store
	next    Slot // all below are executed
	configs []configFrom
	ballot  Ballot // that it leads or wants to lead in; else that of the leader heard last

	led      Ballot        // the highest in which a leader was heard in this life
	heard    time.Duration // when, last
	deadline time.Duration // for hearing one
	armed    bool
	asked    time.Duration // when it asked last

	leading leading
	marks   []mark // how far the service had come at times that are not long ago
}

// A configFrom says who votes from a slot on.
type configFrom struct {
	from Slot
	who  Config
}

// The timers of a server.
type (
	wake   struct{}                // look whether a deadline has passed
	beat   struct{ Ballot Ballot } // a leader's
	gather struct{ Ballot Ballot } // a batch has had its time
	retry  struct{}                // ask the operator again
)

// NewServer returns the server of that number, from 1.
func NewServer(number uint32, set *Settings) *Server {
	return &Server{Settings: set, number: number, store: workload.NewStore(set.Service)}
}

// Start implements sim.Node.
func (s *Server) Start(env sim.Env) {
	s.began = env.Now()
	err := s.open(env.Disk())
	switch {
	case errors.Is(err, errNoMark):
		s.draw(env)
		s.identify(env)
		return
	case err != nil:
		s.halt(env, err)
		return
	}
	s.restore(env)
	if s.confirmed {
		s.serve(env)
	} else {
		s.identify(env)
	}
}

// restore makes the state of the replica from what is on the disk.
func (s *Server) restore(env sim.Env) {
	s.configs, s.next = []configFrom{{0, s.first}}, s.base
	if s.base > 0 && !s.lost {
		if err := s.decode(s.state); err != nil {
			s.lost = true
		}
	}
	if s.lost {
		env.Note(SnapshotLost{s.base})
	}
	votes := 0
	for i := range s.cells {
		c := &s.cells[i]
		if !c.ballot.None() {
			votes++
		}
		if c.missing {
			env.Note(EntryLost{s.base + Slot(i), c.ballot})
		}
	}
	env.Note(Recovered{s.member, s.promised, s.base, votes})
}

// draw tells this life from others.
func (s *Server) draw(env sim.Env) {
	s.life = Life{int64(s.began.Wall()), uint32(env.Pick("life", lives))}
}

// serve begins to take part.
func (s *Server) serve(env sim.Env) {
	s.serves = true
	if s.Stale > 0 && s.life == (Life{}) {
		s.draw(env)
	}
	s.heard = s.now(env) // whom it had heard before it crashed it does not know: a lease may stand
	s.ballot = s.promised
	s.wait(env)
}

// Handle implements sim.Node.
func (s *Server) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if s.halted {
		return
	}
	if !s.serves {
		s.beforeServing(env, m)
		return
	}
	switch m := m.(type) {
	case Prepare:
		s.prepare(env, from, m)
	case Promise:
		s.promisedBy(env, from, m)
	case Refused:
		s.refused(env, m)
	case Accept:
		s.acceptFor(env, from, m)
	case Accepted:
		s.acceptedBy(env, m)
	case Decided:
		s.hear(env, from, m.Ballot, m.Commit)
	case Heartbeat:
		if s.hear(env, from, m.Ballot, m.Commit) {
			env.Send(from, Alive{m.Ballot, s.member, m.N})
			s.inquire(env, from)
		}
	case Alive:
		s.aliveFrom(env, m)
	case workload.Request:
		s.request(env, m)
	case Reconfigure:
		s.reconfigure(env, from, m)
	default:
		s.handleRest(env, from, m)
	}
}

// handleRest handles what keeps a server up to date, and its timers.
func (s *Server) handleRest(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Ask:
		s.tell(env, from, m)
	case Entries:
		s.learn(env, m)
	case Snapshot:
		s.install(env, m)
	case Inquire:
		s.inquired(env, from, m)
	case Current:
		s.current(env, m)
	case wake:
		s.wake(env)
	case beat:
		if s.role == leader && m.Ballot == s.ballot {
			s.beat(env)
		}
	case gather:
		if s.role == leader && m.Ballot == s.ballot {
			s.leading.gathering = false
			s.propose(env, true)
		}
	}
}

// now is the time since this life began, by the monotonic clock.
func (s *Server) now(env sim.Env) time.Duration { return env.Now().Sub(s.began) }

// halt falls silent: the disk does not do as it is told.
func (s *Server) halt(env sim.Env, err error) {
	s.halted = true
	env.Note(Halted{err.Error()})
}

// others sends a message to all other servers.
func (s *Server) others(env sim.Env, m sim.Message) {
	for i, id := range s.Servers {
		if i != int(s.number)-1 {
			env.Send(id, m)
		}
	}
}

// in returns who votes in a slot, which must be in the window.
func (s *Server) in(slot Slot) Config {
	who := s.configs[0].who
	for _, c := range s.configs[1:] {
		if c.from <= slot {
			who = c.who
		}
	}
	return who
}

// votes reports whether the server votes in a slot that is still to be decided.
func (s *Server) votes() bool {
	if s.in(s.next).Has(s.member) {
		return true
	}
	for _, c := range s.configs {
		if c.from > s.next && c.who.Has(s.member) {
			return true
		}
	}
	return false
}

// Invariant checks that nothing was accepted above the promise, and nothing executed that was not decided.
func (s *Server) Invariant() error {
	if c := s.known(s.next); c.decided && !s.lost && s.serves && !s.halted {
		return errors.New("a decided slot waits to be executed")
	}
	for i := max(0, len(s.cells)-int(s.Window)-1); i < len(s.cells); i++ {
		if s.promised.Less(s.cells[i].ballot) {
			return errors.New("accepted above the promise")
		}
	}
	return nil
}
