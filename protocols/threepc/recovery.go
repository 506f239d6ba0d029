package threepc

import (
	"simrun/sim"
	"simrun/sim/disk/reclog"
)

// open reads the log and takes every transaction up again where the log leaves it. One that has not been decided is
// recovered, in which this site takes no part any more.
func (s *site) open(env sim.Env) bool {
	log, records, err := reclog.Open(env.Disk(), dtLog)
	for _, rec := range records {
		r, bad := parseRecord(rec.Payload)
		if bad != nil || s.tx(r.tx) == nil {
			err = errRecord
			break
		}
		if t := s.tx(r.tx); r.state == ended {
			t.ended = true
		} else {
			t.state, t.served, t.at = r.state, r.served, rec.At
		}
	}
	if err != nil {
		s.halt(env, err)
		return false
	}
	s.log = log
	for i := range s.txs {
		switch t := &s.txs[i]; {
		case t.state == Initial:
		case t.state.Decided():
			env.Note(Decided{t.id, t.state == Committed})
		default:
			t.recovered = true
			t.reports = make([]Ask, len(s.members))
			t.reports[s.me] = Ask{Tx: t.id, State: t.state, Served: t.served}
			env.Note(Recovered{t.id, t.state})
		}
	}
	return true
}

// ask asks all others how a transaction ended, and will ask again.
func (s *site) ask(env sim.Env, t *tx) {
	m := Ask{t.id, t.state, t.served, backing{t.at}}
	for i, id := range s.members {
		if Site(i) != s.me {
			env.Send(id, m)
		}
	}
	t.await(env, recovering, askAgain)
}

// asked answers one who has recovered, if it can. One that has recovered too keeps what the other has found in its log.
func (s *site) asked(env sim.Env, from sim.NodeID, t *tx, m Ask) {
	switch {
	case t.state.Decided():
		env.Send(from, t.decision())
	case t.recovered:
		t.reports[s.siteOf(from)] = m
		s.repair(env, t)
	}
}

// repair ends a transaction after a total failure, once those who may have failed last have recovered. The rules are
// applied to the states of those alone that have answered the last leader. Who has decided says so, and does not ask:
// then nobody needs a rule.
func (s *site) repair(env sim.Env, t *tx) {
	if s.missing(t) != 0 {
		return
	}
	var found states
	last := s.lastServed(t)
	for _, r := range t.reports {
		if r.Tx != 0 && r.Served == last {
			found.add(r.State)
		}
	}
	rule := ruleOf(found)
	env.Note(Repaired{t.id, rule})
	if rule == SomePreCommitted {
		s.conclude(env, t, Committed)
	} else {
		s.conclude(env, t, Aborted)
	}
}

// lastServed is the last leader whom any of those that have recovered has answered.
func (s *site) lastServed(t *tx) Site {
	last := t.served
	for _, r := range t.reports {
		last = max(last, r.Served)
	}
	return last
}

// missing are those who may have failed last and have not recovered yet, as far as this site knows: all from the last
// leader on but those that have asked.
func (s *site) missing(t *tx) set {
	x := upTo(Site(len(s.members)-1)) &^ below(s.lastServed(t)) &^ only(s.me)
	for i, r := range t.reports {
		if r.Tx != 0 {
			x &^= only(Site(i))
		}
	}
	return x
}
