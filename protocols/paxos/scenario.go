package paxos

import (
	"strconv"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "paxos": one decision among acceptors a1, a2, ..., proposers p1, p2, ...
// that want A, B, ..., and learners l1, l2, ...
func Scenario() *sim.Scenario { return scenario(cast{}) }

// A cast replaces roles by others: nodes that are wrong on purpose. The zero cast is the right one.
type cast struct {
	acceptor func(*Acceptor) sim.Node
	proposer func(*Proposer) sim.Node
	learner  func(*Learner) sim.Node
}

var options = []sim.Option{
	{Name: "acceptors", Default: 3, Min: 1, Max: 9, Doc: "how many acceptors"},
	{Name: "proposers", Default: 2, Min: 1, Max: 5, Doc: "how many proposers, each with a value of its own"},
	{Name: "learners", Default: 1, Min: 0, Max: 5, Doc: "how many learners"},
	{Name: "durable", Default: true, Doc: "acceptors sync before they answer; false is wrong"},
	{Name: "quorum", Default: 0, Min: 0, Max: 9, Doc: "how many acceptors make a quorum; 0: a majority, less is wrong"},
	{Name: "ballots", Default: 0, Min: 0, Max: 1000, Doc: "how many ballots a proposer may use in a life; 0: as many as it takes"},
	{Name: "stagger", Default: time.Duration(0), Doc: "each proposer starts that much after the one before; 0: drawn within 32ms"},
	{Name: "fresh", Default: false, Doc: "a proposer that starts again wants another value than before: A, then A2, A3, ..."},
	{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what nodes get wrong on purpose; deaf: proposers do not hear what promises report; same-ballots: they share their ballots; forgets-promises: acceptors do, in a crash; adds-ballots-up: learners do; no-back-off: a proposer that gives a ballot up begins the next at once"},
}

func scenario(c cast) *sim.Scenario {
	return &sim.Scenario{
		Name:       "paxos",
		Doc:        "one decision by single-decree Paxos: agreement, validity, integrity, and all learn in the end",
		Options:    options,
		Model:      fault.Model{Disk: fault.Rotting}, // an acceptor that cannot trust its disk falls silent, and a majority goes on
		Build:      c.build,
		Properties: properties,
		Operation:  operation,
		Decides:    decides,
		Targets:    []string{"Proposed", "Adopted", "Chosen"},
		Sometimes:  []string{"Adopted", "Preempted", "Recovered"},
		Run:        5 * time.Second,
		Settle:     1500 * time.Millisecond,
	}
}

// names returns a1, a2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(letter + strconv.Itoa(i+1))
	}
	return ids
}

// quorum returns how many acceptors make a quorum.
func quorum(o sim.Options) int {
	if n := o.Int("quorum"); n > 0 {
		return n
	}
	return Majority(o.Int("acceptors"))
}

func (c cast) build(w *sim.World, o sim.Options) {
	c = c.mistaken(o)
	acceptors, proposers, learners := names("a", o.Int("acceptors")), names("p", o.Int("proposers")), names("l", o.Int("learners"))
	need := quorum(o)
	for _, id := range acceptors {
		w.Add(id, func() sim.Node { return play(c.acceptor, NewAcceptor(o.Bool("durable"), learners...)) })
	}
	for i, id := range proposers {
		delay := time.Duration(-1)
		if stagger := o.Duration("stagger"); stagger > 0 {
			delay = time.Duration(i) * stagger
		}
		starts := 0
		w.Add(id, func() sim.Node {
			starts++
			return play(c.proposer, &Proposer{number: uint32(i + 1), own: wanted(o, i, starts), acceptors: acceptors, learners: learners,
				need: need, ballots: o.Int("ballots"), delay: delay})
		})
	}
	for _, id := range learners {
		w.Add(id, func() sim.Node {
			return play(c.learner, &Learner{acceptors: acceptors, proposers: proposers, need: need})
		})
	}
	w.Group((len(acceptors)-1)/2, acceptors...)
	w.Group(len(proposers)-1, proposers...)
	if len(learners) > 0 {
		w.Group(len(learners)-1, learners...)
	}
}

// wanted is the value of proposer i in a life of its. Where it is another in each, ballots that two lives share can be told by their values.
func wanted(o sim.Options, i, life int) Value {
	v := Value(rune('A' + i))
	if o.Bool("fresh") && life > 1 {
		v += Value(strconv.Itoa(life))
	}
	return v
}

// play returns the node itself, or who stands in for it.
func play[N sim.Node](standIn func(N) sim.Node, n N) sim.Node {
	if standIn == nil {
		return n
	}
	return standIn(n)
}

func properties(o sim.Options) []sim.Property {
	acceptors, proposers, learners := names("a", o.Int("acceptors")), names("p", o.Int("proposers")), names("l", o.Int("learners"))
	l := &ledger{acceptors: acceptors, need: quorum(o)}
	return append(l.innerProperties(),
		checkers.Agreement(decided),
		checkers.Validity(proposed, decided),
		l.integrity(),
		termination(append(proposers, learners...)))
}
