package threepc

import (
	"slices"
	"time"

	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// A site is what the coordinator and the participants have in common: the log, the decision, what a leader does once
// all may become pre-committed, and recovery.
type site struct {
	me      Site
	members []sim.NodeID // by Site: the coordinator and the participants
	log     *reclog.Log
	buf     []byte // for records to be written
	txs     []tx   // by Tx; the first is unused
	halted  bool
}

// A phase says what a site waits for.
type phase uint8

const (
	idle       phase = iota // for nothing: it has not been asked, or has decided
	voting                  // the coordinator: for votes
	following               // a participant: for its leader
	collecting              // a backup: for the states of others
	moving                  // a leader: for the others to be pre-committed
	recovering              // a recovered site: for somebody who knows
)

// A tx is what a site knows of one transaction. State, served and at are those of the last record.
type tx struct {
	id     Tx
	state  State
	served Site // the last leader whom it has answered, or itself
	at     int64

	phase     phase
	recovered bool   // found undecided in the log: the site takes no part any more
	known     set    // the coordinator: those that are known to have committed
	ended     bool   // the coordinator: nobody will ask
	wait      uint32 // the number of the current wait
	leader    Site   // whom it waits for
	up        set    // those not known to have crashed
	heard     set    // those that have answered
	found     states // what they have answered, as a backup
	reports   []Ask  // of recovered sites, by Site, as a recovered one
}

func newSite(me Site, members []sim.NodeID, transactions int) site {
	s := site{me: me, members: members, txs: make([]tx, transactions+1)}
	for i := range s.txs {
		s.txs[i].id, s.txs[i].up = Tx(i), upTo(Site(len(members)-1))
	}
	return s
}

// tx returns what is known of a transaction, nil if there is none of that number.
func (s *site) tx(t Tx) *tx {
	if t == 0 || int(t) >= len(s.txs) {
		return nil
	}
	return &s.txs[t]
}

// siteOf finds a site by its name.
func (s *site) siteOf(id sim.NodeID) Site { return Site(slices.Index(s.members, id)) }

// force writes how far the site has got, and returns when that is durable; false if the disk does not do as told.
func (s *site) force(env sim.Env, t *tx, state State, served Site) bool {
	at, ok := s.append(env, record{t.id, state, served})
	if !ok {
		return false
	}
	if err := s.log.Sync(); err != nil {
		s.halt(env, err)
		return false
	}
	t.state, t.served, t.at = state, served, at
	return true
}

func (s *site) append(env sim.Env, r record) (at int64, ok bool) {
	if s.halted {
		return 0, false
	}
	s.buf = r.append(s.buf[:0])
	at, err := s.log.Append(s.buf)
	if err != nil {
		s.halt(env, err)
	}
	return at, err == nil
}

func (s *site) halt(env sim.Env, err error) {
	s.halted = true
	env.Note(Halted{err.Error()})
}

// await begins to wait. What was waited for before does not matter any more.
func (t *tx) await(env sim.Env, p phase, d time.Duration) {
	t.phase = p
	t.wait++
	env.After(d, overdue{t.id, t.wait})
}

// follow waits for a leader.
func (t *tx) follow(env sim.Env, leader Site, d time.Duration) {
	t.leader = leader
	t.await(env, following, d)
}

// toUp sends a message to all others that are not known to have crashed. Who would lead last is told first: where a
// crash cuts this short, whoever leads next knows the least, so that the protocol has to do its work.
func (s *site) toUp(env sim.Env, t *tx, m sim.Message) {
	for i := len(s.members) - 1; i >= 0; i-- {
		if Site(i) != s.me && t.up.has(Site(i)) {
			env.Send(s.members[i], m)
		}
	}
}

// decide ends a transaction at this site, if it has not ended there. It returns whether it has done so just now.
func (s *site) decide(env sim.Env, t *tx, outcome State) bool {
	if t.state.Decided() || !s.force(env, t, outcome, t.served) {
		return false
	}
	t.phase = idle
	env.Note(Decided{t.id, outcome == Committed})
	return true
}

// conclude decides as the leader, and tells the others.
func (s *site) conclude(env sim.Env, t *tx, outcome State) {
	if s.decide(env, t, outcome) {
		s.toUp(env, t, t.decision())
	}
}

// decision is the message that tells the outcome.
func (t *tx) decision() sim.Message {
	if t.state == Committed {
		return DoCommit{t.id, backing{t.at}}
	}
	return DoAbort{t.id, backing{t.at}}
}

// move makes a leader pre-committed, and asks all others that are up to become so too. Only then may it commit: else a
// site could know of the commit while another, up as well, may still abort.
func (s *site) move(env sim.Env, t *tx) {
	if !s.force(env, t, PreCommitted, s.me) {
		return
	}
	env.Note(Prepared{t.id, s.me})
	s.toUp(env, t, PreCommit{t.id, s.me, backing{t.at}})
	t.heard = only(s.me)
	t.await(env, moving, roundTrip)
	s.moved(env, t)
}

// moved commits once all that are up are pre-committed.
func (s *site) moved(env sim.Env, t *tx) {
	if t.up.within(t.heard) {
		s.conclude(env, t, Committed)
	}
}

// preAck counts those that are pre-committed.
func (s *site) preAck(env sim.Env, from sim.NodeID, t *tx, m PreAck) {
	if t.phase == moving && m.Leader == s.me {
		t.heard |= only(s.siteOf(from))
		s.moved(env, t)
	}
}
