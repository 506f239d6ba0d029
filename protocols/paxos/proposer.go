package paxos

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// How long a proposer waits, in virtual time.
const (
	patience = 40 * time.Millisecond // for the answers to its first ballot; doubled with each further one, up to 8 times
	quantum  = 4 * time.Millisecond  // the unit of back-off
	doubles  = 5                     // how often the range of back-off is doubled at most
	startMax = 8                     // quanta within which proposers start, unless they are staggered
)

// A Proposer wants a value of its own chosen, and ends when it knows which one was (section 2.2 and
// 2.4). It also tells learners that ask.
type Proposer struct {
	number    uint32 // from 1
	own       Value
	acceptors []sim.NodeID
	learners  []sim.NodeID
	need      int           // how many acceptors make a quorum
	ballots   int           // at most so many in a life; 0: as many as it takes
	delay     time.Duration // before the first ballot; negative: drawn

	life    Life
	attempt Attempt
	round   uint32 // the highest seen
	tries   int    // ballots begun in this life
	outcome Chosen // once it is known: a value that is not ""
}

// A begin tells a proposer to start its next ballot, unless it has begun more than Tries meanwhile.
type begin struct{ Tries int }

// An overdue tells a proposer that a ballot has taken long enough.
type overdue struct{ Ballot Ballot }

// AppendHash appends the timer's content.
func (t begin) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(t.Tries)) }

// AppendHash appends the timer's content.
func (t overdue) AppendHash(b []byte) []byte { return t.Ballot.append(b) }

// String prints "begin{ballot 2}".
func (t begin) String() string { return fmt.Sprintf("begin{ballot %d}", t.Tries+1) }

// String prints "overdue{2.1}".
func (t overdue) String() string { return fmt.Sprintf("overdue{%v}", t.Ballot) }

// Start implements sim.Node.
func (p *Proposer) Start(env sim.Env) {
	life, err := NewLife(env)
	if err != nil {
		env.Note(Halted{err.Error()})
		return
	}
	p.life = life
	env.Note(Proposed{0, p.own})
	delay := p.delay
	if delay < 0 {
		delay = quantum * time.Duration(env.Pick("start", startMax))
	}
	env.After(delay, begin{})
}

// Handle implements sim.Node.
func (p *Proposer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case begin:
		if m.Tries == p.tries && p.outcome.Value == "" {
			p.begin(env)
		}
	case Promise:
		if i := slices.Index(p.acceptors, from); i >= 0 && p.attempt.Promise(i, m) {
			p.propose(env)
		}
	case Accepted:
		if i := slices.Index(p.acceptors, from); i >= 0 && p.attempt.Accepted(i, m) {
			p.choose(env)
		}
	case Refused:
		p.round = max(p.round, m.Promised.Round)
		if p.attempt.Open() && m.Ballot == p.attempt.Ballot {
			env.Note(Preempted{0, m.Ballot, m.Promised})
			p.backOff(env)
		}
	case overdue:
		if p.attempt.Open() && m.Ballot == p.attempt.Ballot {
			p.backOff(env)
		}
	case Ask:
		if p.outcome.Value != "" {
			env.Send(from, p.outcome)
		}
	}
}

// begin opens a ballot above all that the proposer has seen (phase 1a).
func (p *Proposer) begin(env sim.Env) {
	p.round++
	p.tries++
	m := p.life.Prepare(0, p.round, p.number)
	p.attempt = Begin(0, m.Ballot, p.own, p.need)
	p.toAcceptors(env, m)
	env.After(patience<<min(p.tries-1, 3), overdue{m.Ballot})
}

// propose asks all acceptors for the value that the promises allow (phase 2a).
func (p *Proposer) propose(env sim.Env) {
	a := &p.attempt
	if a.Value != p.own {
		env.Note(Adopted{0, a.Ballot, a.From, a.Value})
	}
	p.toAcceptors(env, Accept{0, a.Ballot, a.Value})
}

// choose ends the search: a majority has accepted.
func (p *Proposer) choose(env sim.Env) {
	p.outcome = Chosen{0, p.attempt.Ballot, p.attempt.Value}
	var m sim.Message = p.outcome
	env.Note(m)
	for _, l := range p.learners {
		env.Send(l, m)
	}
}

// backOff gives the ballot up and waits before the next, longer each time
// and not as long as others: two proposers may preempt each other for
// ever (section 2.4), and only chance or different pace can part them.
func (p *Proposer) backOff(env sim.Env) {
	p.attempt = Attempt{}
	if p.ballots > 0 && p.tries >= p.ballots {
		return
	}
	span := 1 << min(p.tries, doubles)
	wait := int(p.number-1)*span + env.Pick("back off", span)
	env.After(quantum*time.Duration(wait), begin{p.tries})
}

func (p *Proposer) toAcceptors(env sim.Env, m sim.Message) {
	for _, a := range p.acceptors {
		env.Send(a, m)
	}
}
