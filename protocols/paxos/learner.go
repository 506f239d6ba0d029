package paxos

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

// askEvery is how often a learner that knows nothing yet asks.
const askEvery = 50 * time.Millisecond

// A Learner finds out what was chosen (section 2.3): acceptors tell it what they accept and proposers
// what was chosen. Since messages are lost, it asks them all from time to time until it knows.
type Learner struct {
	acceptors, proposers []sim.NodeID
	need                 int // how many acceptors make a quorum
	tally                tally
	learned              bool
}

// A tick makes a learner ask again.
type tick struct{}

// AppendHash appends the timer's content: it has none.
func (tick) AppendHash(b []byte) []byte { return b }

// String prints "tick{}".
func (tick) String() string { return "tick{}" }

// Start implements sim.Node.
func (l *Learner) Start(env sim.Env) { env.After(askEvery, tick{}) }

// Handle implements sim.Node.
func (l *Learner) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if l.learned {
		return
	}
	switch m := m.(type) {
	case Accepted:
		if i := slices.Index(l.acceptors, from); i >= 0 && l.tally.add(i, m) >= l.need {
			l.learn(env, m.Value)
		}
	case Chosen:
		l.learn(env, m.Value)
	case tick:
		for _, to := range l.acceptors {
			env.Send(to, Ask{})
		}
		for _, to := range l.proposers {
			env.Send(to, Ask{})
		}
		env.After(askEvery, tick{})
	}
}

func (l *Learner) learn(env sim.Env, v Value) {
	l.learned = true
	env.Note(Learned{0, v})
}

// A tally counts who has accepted each proposal. Acceptances in different ballots are never added up,
// even if they are for the same value.
type tally []proposal

// A proposal is a value in a ballot, and who has accepted it.
type proposal struct {
	ballot   Ballot
	value    Value
	accepted Votes
}

// add counts the acceptance by acceptor i and returns how many have accepted that proposal.
func (t *tally) add(i int, m Accepted) int {
	p := t.find(m.Ballot, m.Value)
	p.accepted = p.accepted.With(i)
	return p.accepted.Count()
}

func (t *tally) find(b Ballot, v Value) *proposal {
	for i := range *t {
		if p := &(*t)[i]; p.ballot == b && p.value == v {
			return p
		}
	}
	*t = append(*t, proposal{ballot: b, value: v})
	return &(*t)[len(*t)-1]
}

// String prints a proposal as "2.1 x".
func (p proposal) String() string { return fmt.Sprintf("%v %s", p.ballot, p.value) }
