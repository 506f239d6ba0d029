package election

import (
	"time"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// A mistake turns a candidate into one that gets elections wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	of        func(*Candidate) sim.Node
}

var mistakes = []mistake{
	{"none", "", func(c *Candidate) sim.Node { return c }},
	{"self-crowned", "who is promised by a majority takes itself for elected", func(c *Candidate) sim.Node { return crowned{c} }},
	{"deaf", "a candidate does not hear what promises report", func(c *Candidate) sim.Node { return deaf{c} }},
	{"nominates", "a candidate stands for the one that led last", func(c *Candidate) sim.Node { return nominating{c} }},
	{"late-count", "a leader counts its term from when it learns that it was elected", func(c *Candidate) sim.Node { return late{c} }},
	{"any-life", "a candidate that starts again takes what it was elected for in an earlier life for its own", func(c *Candidate) sim.Node { return timeless{c} }},
	{"impatient", "candidates stand again after a quarter of the term", func(c *Candidate) sim.Node { return impatient{c} }},
	{"never-resigns", "a leader rules until it hears of another", func(c *Candidate) sim.Node { return stubborn{c} }},
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// A crowned candidate leaves out phase 2.
type crowned struct{ *Candidate }

func (c crowned) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	c.Candidate.Handle(env, from, m)
	if a := c.contest.Attempt(); a.Open() && a.Proposing() && a.Value == c.name {
		c.learn(env, paxos.Chosen{Slot: a.Slot, Ballot: a.Ballot, Value: c.name})
		c.tell(env)
	}
}

// A deaf candidate proposes itself whatever was accepted.
type deaf struct{ *Candidate }

func (c deaf) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p, ok := m.(paxos.Promise); ok {
		p.Accepted, p.Value = paxos.Ballot{}, ""
		m = p
	}
	c.Candidate.Handle(env, from, m)
}

// A nominating candidate proposes somebody else, if it knows one.
type nominating struct{ *Candidate }

func (c nominating) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	own := c.name
	if _, ok := m.(stand); ok && c.last.Slot > 0 {
		c.name = c.last.Value
	}
	c.Candidate.Handle(noteless{env, own}, from, m)
	c.name = own
}

// A noteless Env says that the candidate stood itself.
type noteless struct {
	sim.Env
	own paxos.Value
}

func (e noteless) Note(fact any) {
	if f, ok := fact.(Stood); ok {
		f.Who = e.own
		fact = f
	}
	e.Env.Note(fact)
}

// A late candidate begins to count when it rules.
type late struct{ *Candidate }

func (c late) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	before := c.office
	c.Candidate.Handle(env, from, m)
	if c.office != before && c.office > 0 {
		c.until = c.now(env) + c.term - margin
	}
}

// A timeless candidate is the same in all its lives.
type timeless struct{ *Candidate }

func (c timeless) Start(env sim.Env) {
	c.Candidate.Start(env)
	c.name = paxos.Value(env.ID())
}

// An impatient candidate does not wait for the whole term of another.
type impatient struct{ *Candidate }

func (c impatient) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	c.Candidate.Handle(hasty{env}, from, m)
}

// A hasty Env lets terms seem to be over early.
type hasty struct{ sim.Env }

func (e hasty) After(d time.Duration, m sim.Message) {
	if _, ok := m.(stand); ok {
		d /= 4
	}
	e.Env.After(d, m)
}

// A stubborn leader does not look at the clock.
type stubborn struct{ *Candidate }

func (c stubborn) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	c.until += time.Hour
	c.Candidate.Handle(env, from, m)
	c.until += time.Hour
}
