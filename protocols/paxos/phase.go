package paxos

import "simrun/sim"

// The phases that a hunt's coverage tells apart, see sim.Phased.

// Phase says what the acceptor knows of the slot that the message is about: nothing ("new"), a promise ("promised"), or a proposal ("accepted"; "outbid" if it
// has promised a higher ballot since). It is "halted" if its disk failed.
func (a *Acceptor) Phase(about sim.Message) string {
	if a.halted {
		return "halted"
	}
	slot := Slot(0)
	switch m := about.(type) {
	case Prepare:
		slot = m.Slot
	case Accept:
		slot = m.Slot
	case Ask:
		slot = m.Slot
	}
	if uint64(slot) >= uint64(len(a.votes)) {
		return "new"
	}
	switch v := &a.votes[slot]; {
	case v.promised.None():
		return "new"
	case v.accepted.None():
		return "promised"
	case v.accepted.Less(v.promised):
		return "outbid"
	}
	return "accepted"
}

// Phase says what the proposer does: it rests before its first ballot or after one that failed ("resting"), asks for promises
// ("preparing"), asks to accept ("proposing"), or knows what is chosen ("done").
func (p *Proposer) Phase(sim.Message) string {
	switch {
	case p.outcome.Value != "":
		return "done"
	case !p.attempt.Open():
		return "resting"
	case p.attempt.Proposing():
		return "proposing"
	}
	return "preparing"
}

// Phase says whether the learner has learnt what is chosen ("done"), has heard of acceptances ("counting"), or of nothing ("new").
func (l *Learner) Phase(sim.Message) string {
	switch {
	case l.learned:
		return "done"
	case len(l.tally) > 0:
		return "counting"
	}
	return "new"
}
