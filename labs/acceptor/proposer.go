package acceptor

import (
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/sim"
)

// How long a proposer waits, in virtual time.
const (
	patience = 40 * time.Millisecond // for answers, before it gives a ballot up
	quantum  = 4 * time.Millisecond  // the unit of back-off
	doubles  = 5                     // how often the range of back-off is doubled at most
)

// The facts that a proposer notes, for those who watch a run.
type (
	// Wanted says which value it wants chosen.
	Wanted struct{ Value Value }
	// Adopted says that it gave up its own value for that of the ballot From, which an acceptor has reported.
	Adopted struct {
		Ballot, From Ballot
		Value        Value
	}
	// Preempted says that it gave up a ballot since an acceptor has promised a higher one.
	Preempted struct{ Ballot, By Ballot }
	// GaveUp says that it gave up a ballot since too few have answered in time. Asked is what it had asked for last:
	// a Prepare or an Accept.
	GaveUp struct {
		Ballot Ballot
		Asked  string
	}
	// Chosen says that a majority has accepted the value in that ballot.
	Chosen struct {
		Ballot Ballot
		Value  Value
	}
)

// String prints "wants A".
func (f Wanted) String() string { return fmt.Sprintf("wants %s", f.Value) }

// String prints "2.1 adopted B of 1.2".
func (f Adopted) String() string {
	return fmt.Sprintf("%v adopted %s of %v", f.Ballot, f.Value, f.From)
}

// String prints "1.1 preempted by 1.2".
func (f Preempted) String() string { return fmt.Sprintf("%v preempted by %v", f.Ballot, f.By) }

// String prints "gave up 1.1".
func (f GaveUp) String() string { return fmt.Sprintf("gave up %v", f.Ballot) }

// String prints "chosen 2.1 A".
func (f Chosen) String() string { return fmt.Sprintf("chosen %v %s", f.Ballot, f.Value) }

// The proposer's timers.
type (
	begin   struct{ Tries int } // start the next ballot, unless more than Tries were begun
	overdue struct {
		Ballot Ballot
		Asked  string
	} // that ballot has waited for long enough
)

// String prints "begin".
func (begin) String() string { return "begin" }

// String prints "overdue{1.1}".
func (t overdue) String() string { return fmt.Sprintf("overdue{%v}", t.Ballot) }

// A proposer wants a value of its own chosen, and knows in the end which one was. It is right, and does
// not crash.
type proposer struct {
	number    uint32 // from 1
	own       Value
	acceptors []sim.NodeID
	delay     time.Duration // before the first ballot; negative: drawn

	round    uint32 // the highest seen
	tries    int    // ballots begun
	ballot   Ballot // that is under way; none: none is
	promised []sim.NodeID
	from     Ballot // the highest that a promise has reported
	value    Value  // what is to be proposed in this ballot: that of from, or its own
	accepted []sim.NodeID
	outcome  Value // once it is known
}

// Start implements sim.Node.
func (p *proposer) Start(env sim.Env) {
	env.Note(Wanted{p.own})
	delay := p.delay
	if delay < 0 {
		delay = quantum * time.Duration(env.Pick("start", 8))
	}
	env.After(delay, begin{})
}

// Handle implements sim.Node.
func (p *proposer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case begin:
		if m.Tries == p.tries && p.outcome == "" {
			p.begin(env)
		}
	case Promise:
		if m.Ballot == p.ballot && !p.proposing() {
			p.promise(env, from, m)
		}
	case Accepted:
		if m.Ballot == p.ballot && p.proposing() && p.outcome == "" {
			if p.accepted = with(p.accepted, from); p.majority(p.accepted) {
				p.outcome = p.value
				env.Note(Chosen{p.ballot, p.value})
			}
		}
	case Refused:
		p.round = max(p.round, m.Promised.Round)
		if m.Ballot == p.ballot && p.outcome == "" {
			env.Note(Preempted{m.Ballot, m.Promised})
			p.backOff(env)
		}
	case overdue:
		if m.Ballot == p.ballot && p.outcome == "" && (m.Asked == "Accept") == p.proposing() {
			env.Note(GaveUp(m))
			p.backOff(env)
		}
	}
}

// begin opens a ballot above all that the proposer has seen, and asks for promises.
func (p *proposer) begin(env sim.Env) {
	p.round++
	p.tries++
	p.ballot = Ballot{p.round, p.number}
	p.promised, p.accepted = nil, nil
	p.from, p.value = Ballot{}, p.own
	p.ask(env, Prepare{p.ballot}, "Prepare")
}

// promise counts a promise. The value of the highest ballot that is reported may have been chosen
// already: so that is what the proposer must propose, in the place of its own.
func (p *proposer) promise(env sim.Env, from sim.NodeID, m Promise) {
	if p.from.Less(m.Accepted) && m.Value != "" {
		p.from, p.value = m.Accepted, m.Value
	}
	if p.promised = with(p.promised, from); !p.majority(p.promised) {
		return
	}
	if p.value != p.own {
		env.Note(Adopted{p.ballot, p.from, p.value})
	}
	p.ask(env, Accept{p.ballot, p.value}, "Accept")
}

// ask asks all acceptors, and waits for answers as long as it has patience.
func (p *proposer) ask(env sim.Env, m sim.Message, what string) {
	for _, a := range p.acceptors {
		env.Send(a, m)
	}
	env.After(patience<<min(p.tries-1, 3), overdue{p.ballot, what})
}

// backOff gives the ballot up and waits before the next, longer each time and not as long as others, so
// that two proposers do not preempt each other for ever.
func (p *proposer) backOff(env sim.Env) {
	p.ballot, p.promised, p.accepted = Ballot{}, nil, nil
	span := 1 << min(p.tries, doubles)
	env.After(quantum*time.Duration(int(p.number-1)*span+env.Pick("back off", span)), begin{p.tries})
}

// proposing reports whether a majority has promised, so that the value is fixed.
func (p *proposer) proposing() bool { return p.majority(p.promised) }

func (p *proposer) majority(who []sim.NodeID) bool { return len(who) > len(p.acceptors)/2 }

// waits says what a proposer waits for that does not know yet.
func (p *proposer) waits(id sim.NodeID) checkers.Wait {
	w := checkers.Wait{Node: id, State: "is between two ballots"}
	answered := p.promised
	switch {
	case p.ballot.None():
		return w
	case p.proposing():
		w.State, answered = fmt.Sprintf("has proposed %s in %v", p.value, p.ballot), p.accepted
	default:
		w.State = fmt.Sprintf("has asked for promises of %v", p.ballot)
	}
	for _, a := range p.acceptors {
		if !slices.Contains(answered, a) {
			w.For = append(w.For, a)
		}
	}
	return w
}

// with returns the list with one name more, unless it is there.
func with(list []sim.NodeID, id sim.NodeID) []sim.NodeID {
	if slices.Contains(list, id) {
		return list
	}
	return append(list, id)
}
