package checkers

import (
	"fmt"
	"slices"

	"simrun/sim"
	"simrun/sim/clock"
)

// A Commitment says how the facts of an atomic commitment are read. Each function returns ok = false for a
// fact that is not its own; the node that a fact is about is the one that notes it. Transactions are
// compared with ==.
//
// An extractor is shown every fact. One that returns f.Tx, ok in one line makes an interface value, and garbage, of
// each; where many runs are made, return f.Tx only if ok.
type Commitment struct {
	// Begun says that the votes of these participants are asked. The coordinator notes it, and may note the
	// same again when it tries again: the first counts.
	Begun func(fact any) (tx any, participants []sim.NodeID, ok bool)
	// Voted says how a participant votes. It notes it when the vote is durable, before it is sent, and again when it
	// finds the vote in its log after a restart: it may have crashed before it could note it.
	Voted func(fact any) (tx any, yes, ok bool)
	// Decided is noted by whoever decides or learns the decision, and again by a node that finds it in its log
	// after a restart.
	Decided func(fact any) (tx any, commit, ok bool)
	// Refused says that something was refused for the sake of a lock, so that nothing obliges anybody to commit. May
	// be nil.
	Refused func(fact any) (tx any, ok bool)
	// Joined says that a participant has learnt of a transaction, from when on it must decide. May be nil: then only
	// a vote of yes obliges it.
	Joined func(fact any) (tx any, ok bool)
	// Ended says that a client knows how what it asked for has ended: one thing for each that [Decision] waits for,
	// whatever the extractor calls it. May be nil.
	Ended func(fact any) (what any, ok bool)
}

// Atomicity returns what every atomic commitment promises, as outer properties (AC1 to AC4 of Bernstein,
// Hadzilacos and Goodman, "Concurrency Control and Recovery in Database Systems", 7.3, split where two
// mistakes are worth two names):
//
//   - "ac1-agreement": no two nodes decide differently, in whichever of their lives. A decision is a check if
//     another node had decided before.
//   - "ac2-stability": no node reverses its decision, neither in the life that made it nor in a later one. A
//     decision is a check if the same node had decided before.
//   - "ac3-validity": commit is decided only of a transaction that was begun, and only after each of its
//     participants had voted yes. One that had voted no as well, in whatever order, had not agreed: it must have
//     forgotten one of its votes. The first commit of a transaction is a check.
//   - "ac4-nontriviality": in a run that is Undisturbed, all yes means commit, unless a lock was refused. It is
//     judged at the end, of transactions that somebody has decided.
//
// Where nobody decides at all, or some never do, is for [Decision] to judge: it can say who waits for whom.
func Atomicity(c Commitment) []sim.Property {
	d := &docket{Commitment: c, cases: make(map[any]*transaction)}
	return []sim.Property{
		&ac1{judge{name: "ac1-agreement"}, d}, &ac2{judge{name: "ac2-stability"}, d},
		&ac3{judge{name: "ac3-validity"}, d}, &ac4{judge{name: "ac4-nontriviality"}, d},
	}
}

// A ballot is a vote of a participant, a ruling a decision of a node: the first of its kind by that node.
type (
	ballot struct {
		node sim.NodeID
		yes  bool
		at   clock.Time
	}
	ruling struct {
		node   sim.NodeID
		commit bool
		at     clock.Time
	}
)

// of says what a node decided of a transaction: "p2 aborted T1 at 31ms".
func (r ruling) of(tx any) string {
	return fmt.Sprintf("%s %s %s at %v", r.node, r.verb(), say(tx), r.at)
}

func (r ruling) verb() string {
	if r.commit {
		return "committed"
	}
	return "aborted"
}

// A transaction is what has been noted of one.
type transaction struct {
	tx           any
	begun        bool
	participants []sim.NodeID
	ballots      []ballot
	rulings      []ruling
	refused      bool
}

// A docket is the list of transactions. The four properties share one, since reading a fact costs more than
// judging it: whichever is shown an event first reads it.
type docket struct {
	Commitment
	cases map[any]*transaction
	order []*transaction
	seq   uint64       // of the event read last
	now   *transaction // that it decides; nil if it decides nothing
	ruled ruling       // how
	// Of now: how many rulings there were before.
	earlier int
}

// read takes an event down. It returns the transaction that the event decides, or nil.
func (d *docket) read(e *sim.Event) *transaction {
	if e.Kind != sim.Noted {
		return nil
	}
	if e.Seq == d.seq {
		return d.now
	}
	d.seq, d.now = e.Seq, nil
	if tx, participants, ok := d.Begun(e.Data); ok {
		if t := d.of(tx); !t.begun {
			t.begun, t.participants = true, participants
			t.ballots = slices.Grow(t.ballots, len(participants))
			t.rulings = slices.Grow(t.rulings, len(participants)+1)
		}
	}
	if tx, yes, ok := d.Voted(e.Data); ok {
		d.of(tx).vote(ballot{e.Node, yes, e.At})
	}
	if d.Refused != nil {
		if tx, ok := d.Refused(e.Data); ok {
			d.of(tx).refused = true
		}
	}
	if tx, commit, ok := d.Decided(e.Data); ok {
		t := d.of(tx)
		d.now, d.ruled, d.earlier = t, ruling{e.Node, commit, e.At}, len(t.rulings)
		t.rule(d.ruled)
	}
	return d.now
}

// before returns what had been decided of the transaction before the event that was read last.
func (d *docket) before() []ruling { return d.now.rulings[:d.earlier] }

// of finds a transaction, or opens its case.
func (d *docket) of(tx any) *transaction {
	mustCompare("atomic commitment", tx)
	t := d.cases[tx]
	if t == nil {
		t = &transaction{tx: tx}
		d.cases[tx] = t
		d.order = append(d.order, t)
	}
	return t
}

func (t *transaction) vote(b ballot) {
	if _, known := t.voted(b.node, b.yes); !known {
		t.ballots = append(t.ballots, b)
	}
}

// voted finds the first vote of that kind by a node.
func (t *transaction) voted(node sim.NodeID, yes bool) (ballot, bool) {
	for _, b := range t.ballots {
		if b.node == node && b.yes == yes {
			return b, true
		}
	}
	return ballot{}, false
}

func (t *transaction) rule(r ruling) {
	for _, x := range t.rulings {
		if x.node == r.node && x.commit == r.commit {
			return
		}
	}
	t.rulings = append(t.rulings, r)
}

// decided finds the first decision of that kind, whoever made it.
func (t *transaction) decided(commit bool) (ruling, bool) {
	for _, r := range t.rulings {
		if r.commit == commit {
			return r, true
		}
	}
	return ruling{}, false
}

type ac1 struct {
	judge
	*docket
}

// Observe compares a decision with those of the other nodes.
func (a *ac1) Observe(e *sim.Event) error {
	t := a.read(e)
	if t == nil {
		return nil
	}
	compared := false
	for _, r := range a.before() {
		if r.node == e.Node {
			continue
		}
		if !compared {
			compared = true
			a.checks++
		}
		if r.commit != a.ruled.commit {
			return fmt.Errorf("%s, but %s %s it at %v", a.ruled.of(t.tx), r.node, r.verb(), r.at)
		}
	}
	return nil
}

type ac2 struct {
	judge
	*docket
}

// Observe compares a decision with the earlier ones of the same node.
func (a *ac2) Observe(e *sim.Event) error {
	t := a.read(e)
	if t == nil {
		return nil
	}
	compared := false
	for _, r := range a.before() {
		if r.node != e.Node {
			continue
		}
		if !compared {
			compared = true
			a.checks++
		}
		if r.commit != a.ruled.commit {
			return fmt.Errorf("%s, but it had %s it at %v", a.ruled.of(t.tx), r.verb(), r.at)
		}
	}
	return nil
}

type ac3 struct {
	judge
	*docket
}

// Observe looks at the votes when a transaction is committed for the first time. Whoever votes no later than
// that has agreed before: its answer may be wrong, the decision is not.
func (a *ac3) Observe(e *sim.Event) error {
	t := a.read(e)
	if t == nil || !a.ruled.commit {
		return nil
	}
	for _, r := range a.before() {
		if r.commit {
			return nil
		}
	}
	a.checks++
	if !t.begun {
		return fmt.Errorf("%s, but it had not been begun", a.ruled.of(t.tx))
	}
	for _, p := range t.participants {
		if no, ok := t.voted(p, false); ok {
			return fmt.Errorf("%s, but %s had voted no at %v", a.ruled.of(t.tx), p, no.at)
		}
		if _, ok := t.voted(p, true); !ok {
			return fmt.Errorf("%s, but %s had not voted", a.ruled.of(t.tx), p)
		}
	}
	return nil
}

type ac4 struct {
	judge
	*docket
}

// Observe only takes down.
func (a *ac4) Observe(e *sim.Event) error {
	a.read(e)
	return nil
}

// End judges each transaction that nothing stood in the way of.
func (a *ac4) End(w *sim.World) (sim.Result, error) {
	if !w.Undisturbed() {
		return sim.Holds, nil
	}
	for _, t := range a.order {
		if !t.agreed() || t.refused || len(t.rulings) == 0 {
			continue
		}
		a.checks++
		if r, aborted := t.decided(false); aborted {
			return sim.Holds, fmt.Errorf("%s, but all had voted yes, no lock was refused and nothing had failed", r.of(t.tx))
		}
	}
	return sim.Holds, nil
}

// agreed reports whether every participant has voted yes, and none no.
func (t *transaction) agreed() bool {
	for _, p := range t.participants {
		_, yes := t.voted(p, true)
		_, no := t.voted(p, false)
		if !yes || no {
			return false
		}
	}
	return t.begun
}
