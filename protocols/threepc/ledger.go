package threepc

import (
	"fmt"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// A ledger is what the observers know of a run. The properties share one, and whichever is shown an event first reads
// it: that finds out what is wrong with it in every respect.
type ledger struct {
	members []sim.NodeID
	bound   time.Duration // within which a site decides that was never interrupted
	cases   []dossier     // by Tx
	down    set
	crashed clock.Time // the latest crash of anybody

	seq        uint64 // of the event read last
	isMove     bool   // it could have made a mixed state
	mixed      error  // it has
	isCommit   bool
	unprepared error // somebody could not have expected the commit
	isPrompt   bool  // it decided, at a site that was never interrupted
	late       error // the first such decision that came too late
}

// A dossier is a transaction as the observers see it. Who crashes is uncertain or pre-committed no more: it takes no
// part when it is back.
type dossier struct {
	begun       bool
	at          clock.Time // when it has begun
	interrupted set        // those that have been down since
	uncertain   set        // have voted yes
	prepared    set        // are pre-committed
	decided     set
	aborted     set // of decided
}

func newLedger(members []sim.NodeID, transactions int, bound time.Duration) *ledger {
	return &ledger{members: members, bound: bound, cases: make([]dossier, transactions+1)}
}

// seen are the events that a ledger is kept from.
var seen = []sim.Kind{sim.Started, sim.Crashed, sim.Noted}

// read takes an event down and judges it, once.
func (l *ledger) read(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.isMove, l.mixed, l.isCommit, l.unprepared, l.isPrompt = e.Seq, false, nil, false, nil, false
	who := l.siteOf(e.Node)
	switch e.Kind {
	case sim.Started:
		l.down &^= only(who)
	case sim.Crashed:
		l.gone(e, who)
	case sim.Noted:
		l.note(e, who)
	}
}

// gone notes that a site takes no part any more until it starts again.
func (l *ledger) gone(e *sim.Event, who Site) {
	l.crashed = e.At
	l.down |= only(who)
	for i := range l.cases {
		c := &l.cases[i]
		c.interrupted |= only(who)
		c.uncertain &^= only(who)
		c.prepared &^= only(who)
	}
}

func (l *ledger) note(e *sim.Event, who Site) {
	switch f := e.Data.(type) {
	case Begun:
		if c := &l.cases[f.Tx]; !c.begun {
			c.begun, c.at, c.interrupted = true, e.At, l.down
		}
	case Voted:
		if f.Yes {
			l.cases[f.Tx].uncertain |= only(who)
		}
	case Prepared:
		c := &l.cases[f.Tx]
		c.uncertain &^= only(who)
		c.prepared |= only(who)
		if l.isMove = true; c.aborted != 0 {
			l.mixed = fmt.Errorf("%s was pre-committed in %v, which %s had aborted", e.Node, f.Tx, l.names(c.aborted))
		}
	case Decided:
		l.decide(e, who, f)
	case Halted: // to the others that is a crash
		l.gone(e, who)
	}
}

// decide judges a decision.
func (l *ledger) decide(e *sim.Event, who Site, f Decided) {
	c := &l.cases[f.Tx]
	if c.begun && !c.interrupted.has(who) && !c.decided.has(who) {
		l.isPrompt = true
		if took := l.waited(c, e.At); took > l.bound && l.late == nil {
			l.late = fmt.Errorf("%s, up since %v began, decided it only %v after the latest crash: more than %v", e.Node, f.Tx, took, l.bound)
		}
	}
	c.decided |= only(who)
	if !f.Commit {
		c.aborted |= only(who)
		c.prepared &^= only(who)
		if l.isMove = true; c.prepared != 0 {
			l.mixed = fmt.Errorf("%s aborted %v while %s, up all the time, %s pre-committed", e.Node, f.Tx, l.names(c.prepared), c.prepared.is())
		}
	} else {
		if l.isCommit = true; c.uncertain != 0 {
			l.unprepared = fmt.Errorf("%s committed %v while %s, up all the time, %s uncertain", e.Node, f.Tx, l.names(c.uncertain), c.uncertain.is())
		}
	}
	c.uncertain &^= only(who)
	c.prepared &^= only(who)
}

// waited is how long nothing has stood in the way of a decision: since the latest crash, or since the beginning.
func (l *ledger) waited(c *dossier, now clock.Time) time.Duration {
	return now.Sub(max(c.at, l.crashed))
}

// blocked returns the sites that were never interrupted and have not decided, though they should have by now.
func (l *ledger) blocked(c *dossier, now clock.Time) set {
	if !c.begun || l.waited(c, now) <= l.bound {
		return 0
	}
	return upTo(Site(len(l.members)-1)) &^ c.interrupted &^ c.decided
}

func (l *ledger) siteOf(id sim.NodeID) Site {
	for i, m := range l.members {
		if m == id {
			return Site(i)
		}
	}
	panic("threepc: " + id + " is no member")
}

// ids lists the sites of a set.
func (l *ledger) ids(x set) (ids []sim.NodeID) {
	for i, id := range l.members {
		if x.has(Site(i)) {
			ids = append(ids, id)
		}
	}
	return ids
}

func (l *ledger) names(x set) string {
	var s []string
	for _, id := range l.ids(x) {
		s = append(s, string(id))
	}
	return strings.Join(s, ", ")
}
