package paxos

import (
	"slices"

	"simrun/sim"
)

// A mistake is a cast that gets the protocol wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name string
	cast cast
}

var mistakes = []mistake{
	{"none", cast{}},
	{"deaf", cast{proposer: func(p *Proposer) sim.Node { return deaf{p} }}},
	{"same-ballots", cast{proposer: func(p *Proposer) sim.Node { p.number = 1; return p }}},
	{"forgets-promises", cast{acceptor: func(a *Acceptor) sim.Node { return forgetful{a} }}},
	{"no-back-off", cast{proposer: func(p *Proposer) sim.Node { return rash{p} }}},
	{"adds-ballots-up", cast{learner: func(l *Learner) sim.Node { return hasty{l} }}},
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// mistaken returns the cast in which the mistake that is set is made; c itself if none is.
func (c cast) mistaken(o sim.Options) cast {
	if name := o.Text("mistake"); name != "none" {
		return mistakes[slices.Index(mistakeNames(), name)].cast
	}
	return c
}

// A forgetful acceptor starts again with what it has accepted, and without what it has promised since:
// the lecture's "must remember its last accepted value".
type forgetful struct{ *Acceptor }

func (a forgetful) Start(env sim.Env) {
	a.Acceptor.Start(env)
	for i := range a.votes {
		a.votes[i].promised = a.votes[i].accepted
	}
}

// A deaf proposer does not hear what promises report.
type deaf struct{ *Proposer }

func (p deaf) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if promise, ok := m.(Promise); ok {
		promise.Accepted, promise.Value = Ballot{}, ""
		m = promise
	}
	p.Proposer.Handle(env, from, m)
}

// A rash proposer does not back off: it begins its next ballot as soon as it has given one up.
type rash struct{ *Proposer }

func (p rash) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	open := p.attempt.Open()
	p.Proposer.Handle(env, from, m)
	given := open && !p.attempt.Open() && p.outcome.Value == ""
	if given && (p.ballots == 0 || p.tries < p.ballots) {
		p.begin(env) // the timer of the back-off finds another ballot under way
	}
}

// A hasty learner adds acceptances up whatever their ballots.
type hasty struct{ *Learner }

func (l hasty) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if acc, ok := m.(Accepted); ok {
		acc.Ballot = Ballot{1, 1, 1}
		m = acc
	}
	l.Learner.Handle(env, from, m)
}
