package e3pc

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// A ledger is what an observer who misses nothing knows: every election led and joined, and every attempt, that
// ever left a node. The properties of a run share one; whichever sees an event first enters it.
type ledger struct {
	sites    []sim.NodeID
	need     int    // a majority of them, whatever the system takes for a quorum
	seq      uint64 // of the event entered last
	accounts []account

	recommitted bool // a leader has attempted pre-commit

	// What is to be said of the event entered last.
	isLead, isStanding, isAttempt, isDecision bool
	second, lowered, unsafe, groundless       error
}

// An account is the ledger's of one transaction.
type account struct {
	led      []Election
	elected  [MaxSites]Election // the latest that each site stands by
	attempt  [MaxSites]Election
	attempts []attempt
	yes      sites
	decided  [2][]sim.NodeID // who has aborted, and who has committed
}

// An attempt is what a leader asked for in an election, and who has moved there.
type attempt struct {
	election Election
	state    State
	moved    sites
}

// String prints "pre-commit in 1.c".
func (a attempt) String() string { return fmt.Sprintf("%v in %v", a.state, a.election) }

// enter takes notice of an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq = e.Seq
	l.isLead, l.isStanding, l.isAttempt, l.isDecision = false, false, false, false
	l.second, l.lowered, l.unsafe, l.groundless = nil, nil, nil, nil
	switch m := e.Data.(type) {
	case Voted:
		if i := slices.Index(l.sites, e.Node); i >= 0 && m.Yes {
			a := l.of(m.Tx)
			a.yes = a.yes.with(i)
		}
	case Elected:
		l.lead(e, m)
	case Attempted:
		l.propose(e, m.Tx, m.Election, m.State)
		l.stand(e, m.Tx, m.Election, m.Election)
		l.move(e, m.Tx, m.Election)
	case PreCommit:
		l.propose(e, m.Tx, m.Election, preCommitted)
	case PreAbort:
		l.propose(e, m.Tx, m.Election, preAborted)
	case PreAck:
		l.stand(e, m.Tx, m.Election, m.Election)
		l.move(e, m.Tx, m.Election)
	case Standing:
		l.disclose(e, m.Tx, m.Attempt, m.State)
		l.stand(e, m.Tx, m.Election, m.Attempt)
		l.move(e, m.Tx, m.Attempt)
	case Refused:
		l.stand(e, m.Tx, m.Elected, Election{})
	case Decided:
		l.decide(e, m)
	}
}

// lead enters that a site leads an election, in which it then is.
func (l *ledger) lead(e *sim.Event, m Elected) {
	a := l.of(m.Tx)
	l.isLead = true
	if slices.Contains(a.led, m.Election) {
		l.second = fmt.Errorf("%s leads election %v of %v, which has been led before", e.Node, m.Election, m.Tx)
	}
	a.led = append(a.led, m.Election)
	l.disclose(e, m.Tx, m.Attempt, m.State)
	l.stand(e, m.Tx, m.Election, m.Attempt)
	l.move(e, m.Tx, m.Attempt)
}

// stand enters what a site says of itself: the elections it has joined, and its last attempt, unless it only
// refuses.
func (l *ledger) stand(e *sim.Event, tx Tx, elected, last Election) {
	i := slices.Index(l.sites, e.Node)
	if i < 0 {
		return
	}
	a := l.of(tx)
	l.isStanding = true
	_, refuses := e.Data.(Refused)
	switch {
	case elected.Less(a.elected[i]):
		l.lowered = fmt.Errorf("%s stands by election %v of %v after it has joined %v", e.Node, elected, tx, a.elected[i])
	case last.Less(a.attempt[i]) && !refuses:
		l.lowered = fmt.Errorf("%s says that its last attempt at %v was %v, but it has made %v", e.Node, tx, last, a.attempt[i])
	}
	if a.elected[i].Less(elected) {
		a.elected[i] = elected
	}
	if a.attempt[i].Less(last) {
		a.attempt[i] = last
	}
}

// disclose enters an attempt that a leader had on its disk when it crashed, before it could note that or ask anybody: that it has made it shows in how it
// stands in a later life. It is judged as of now, which is lenient: a leader that moved before it had heard a quorum is not blamed if a quorum has joined since. But
// then it has done no harm. Nobody else has moved there, nobody will be asked to, and nobody has built on it before now; and who has joined its election makes no older attempt any more,
// so that what safeAt finds now stays so. Where a later leader would be misled by the attempt, it is blamed, before that leader moves.
func (l *ledger) disclose(e *sim.Event, tx Tx, in Election, to State) {
	leads := in.Leader > 0 && int(in.Leader) <= len(l.sites) && l.sites[in.Leader-1] == e.Node
	if leads && l.of(tx).find(in) == nil {
		l.propose(e, tx, in, to)
	}
}

// move enters that a site has moved where an election asked it to. What was never asked for is no attempt.
func (l *ledger) move(e *sim.Event, tx Tx, in Election) {
	i := slices.Index(l.sites, e.Node)
	if x := l.of(tx).find(in); x != nil && i >= 0 {
		x.moved = x.moved.with(i)
	}
}

// propose judges an attempt when a leader makes it, which it does once an election.
func (l *ledger) propose(e *sim.Event, tx Tx, in Election, to State) {
	a := l.of(tx)
	if x := a.find(in); x != nil {
		if x.state != to {
			l.isAttempt, l.unsafe = true, fmt.Errorf("%s asks for %v in election %v of %v, in which %v was asked for before", e.Node, to, in, tx, x.state)
		}
		return
	}
	l.isAttempt = true
	if in != first && to == preCommitted {
		l.recommitted = true
	}
	switch {
	case in == first && a.yes.count() < len(l.sites):
		l.unsafe = fmt.Errorf("%s asks for pre-commit of %v, for which not all have voted yes", e.Node, tx)
	case in != first && !l.safeAt(a, in, to):
		l.unsafe = fmt.Errorf("%s attempts %v of %v in election %v, which no majority makes safe: %s", e.Node, to, tx, in, l.standing(a, in))
	}
	a.attempts = append(a.attempts, attempt{election: in, state: to})
}

// safeAt is the induction of the proof that no two decisions differ: there is a majority of which each has
// joined this election by now, or a later one, so that no older attempt gains another of its members; and the
// latest older attempt that any of them has made was at the same, or there was none and it is abort.
func (l *ledger) safeAt(a *account, in Election, to State) bool {
	if to == preAborted && l.agreeing(a, in, Election{}) {
		return true
	}
	for i := range a.attempts {
		x := &a.attempts[i]
		if x.state == to && x.election.Less(in) && x.moved != 0 && l.agreeing(a, in, x.election) {
			return true
		}
	}
	return false
}

// agreeing reports whether a majority has joined an election, or a later one, in which limit is the latest
// attempt older than it.
func (l *ledger) agreeing(a *account, in, limit Election) bool {
	n, met := 0, limit.None()
	for i := range l.sites {
		if a.elected[i].Less(in) {
			continue
		}
		if last := a.latest(i, in); !limit.Less(last) {
			n++
			met = met || last == limit
		}
	}
	return met && n >= l.need
}

// latest returns the latest attempt of site i in an election older than this.
func (a *account) latest(i int, than Election) (best Election) {
	for k := range a.attempts {
		if x := &a.attempts[k]; x.moved.has(i) && x.election.Less(than) && best.Less(x.election) {
			best = x.election
		}
	}
	return best
}

// decide judges the first decision of its kind. Others learn it.
func (l *ledger) decide(e *sim.Event, m Decided) {
	a := l.of(m.Tx)
	side := &a.decided[0]
	if m.Commit {
		side = &a.decided[1]
	}
	if len(*side) == 0 {
		l.isDecision = true
		if !l.grounds(a, e.Node, m.Commit) {
			l.groundless = fmt.Errorf("%s says %v, but no majority has moved there in one election", e.Node, m)
		}
	}
	if !slices.Contains(*side, e.Node) {
		*side = append(*side, e.Node)
	}
}

// grounds reports whether a node may be the first to decide so.
func (l *ledger) grounds(a *account, node sim.NodeID, commit bool) bool {
	if i := slices.Index(l.sites, node); !commit && (i >= 0 && !a.yes.has(i) || i < 0 && a.find(first) == nil) {
		return true // before its vote, or before the first attempt
	}
	for i := range a.attempts {
		if x := &a.attempts[i]; (x.state == preCommitted) == commit && x.moved.count() >= l.need {
			return true
		}
	}
	return false
}

// knows returns who has decided a transaction, in whichever life: it knows when it is up.
func (l *ledger) knows(tx Tx) []sim.NodeID {
	a := l.of(tx)
	return append(slices.Clone(a.decided[1]), a.decided[0]...)
}

// find returns what was attempted in an election, or nil.
func (a *account) find(in Election) *attempt {
	for i := range a.attempts {
		if a.attempts[i].election == in {
			return &a.attempts[i]
		}
	}
	return nil
}

// of returns the account of a transaction. The pointer is good until a higher one is asked for.
func (l *ledger) of(tx Tx) *account {
	for len(l.accounts) < int(tx) {
		l.accounts = append(l.accounts, account{})
	}
	return &l.accounts[tx-1]
}

// standing tells what the sites have joined and attempted, as far as it matters to an attempt.
func (l *ledger) standing(a *account, in Election) string {
	var say []string
	for i, id := range l.sites {
		switch last := a.find(a.latest(i, in)); {
		case a.elected[i].Less(in):
			say = append(say, fmt.Sprintf("%s has not joined it", id))
		case last != nil:
			say = append(say, fmt.Sprintf("%s has moved to %v", id, last))
		default:
			say = append(say, fmt.Sprintf("%s has moved nowhere before it", id))
		}
	}
	return strings.Join(say, ", ")
}
