package multicast

import (
	"slices"

	"simrun/protocols/paxos"
	"simrun/sim"
)

// A mistake turns a process into one that gets the order wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	of        func(*Process) sim.Node
}

var mistakes = []mistake{
	{"none", "", func(p *Process) sim.Node { return p }},
	{"skips", "a process delivers what it learns at once, whatever stands before it", func(p *Process) sim.Node { return skipping{p} }},
	{"own-first", "a process delivers its own message when it multicasts it", func(p *Process) sim.Node { return selfish{p} }},
	{"one-acceptance", "one acceptor that has accepted is enough", func(p *Process) sim.Node { return hasty{p} }},
	{"deaf", "a process does not hear what promises report", func(p *Process) sim.Node { return deaf{p} }},
	{"moves-on", "who fails at a place tries the next, without knowing what was chosen at the first", func(p *Process) sim.Node { return restless{p} }},
	{"newest-first", "a process proposes its newest message first", func(p *Process) sim.Node { return stacked{p} }},
	{"never-asks", "a process that has missed a message does not ask for it", func(p *Process) sim.Node { return proud{p} }},
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// A skipping process does not wait for what stands before.
type skipping struct{ *Process }

func (p skipping) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if c, ok := m.(paxos.Chosen); ok && c.Slot > p.next {
		p.next = c.Slot
		p.contest.Leave()
	}
	p.Process.Handle(env, from, m)
}

// A selfish process takes the next place for its own.
type selfish struct{ *Process }

func (p selfish) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(env, from, m)
	if _, ok := m.(say); ok && !p.halted && len(p.queue) > 0 {
		p.learn(env, p.next, p.queue[len(p.queue)-1])
	}
}

// A hasty process does not wait for a majority to accept.
type hasty struct{ *Process }

func (p hasty) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if a, ok := m.(paxos.Accepted); ok && p.contest.Attempt().Proposing() && a.Slot == p.contest.Attempt().Slot && a.Ballot == p.contest.Attempt().Ballot {
		for _, id := range p.others {
			env.Send(id, paxos.Chosen{Slot: a.Slot, Ballot: a.Ballot, Value: a.Value})
		}
		p.learn(env, a.Slot, a.Value)
		return
	}
	p.Process.Handle(env, from, m)
}

// A deaf process proposes its own message whatever was accepted.
type deaf struct{ *Process }

func (p deaf) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if x, ok := m.(paxos.Promise); ok {
		x.Accepted, x.Value = paxos.Ballot{}, ""
		m = x
	}
	p.Process.Handle(env, from, m)
}

// A restless process does not rest between two ballots, but moves on.
type restless struct{ *Process }

func (p restless) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(env, from, m)
	if slot, busy := p.contest.Entered(); busy && !p.contest.Attempt().Open() && len(p.queue) > 0 {
		p.contest.Enter(env, slot+1, p.queue[0])
	}
}

// Invariant is not that of a process: this one has none.
func (restless) Invariant() error { return nil }

// A stacked process has its messages in a stack.
type stacked struct{ *Process }

func (p stacked) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(env, from, m)
	if n := len(p.queue); n > 1 {
		if _, ok := m.(say); ok {
			p.queue = slices.Concat(p.queue[n-1:], p.queue[:n-1])
		}
	}
}

// A proud process asks nobody.
type proud struct{ *Process }

func (p proud) Start(env sim.Env) { p.Process.Start(mute{env}) }

func (p proud) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(mute{env}, from, m)
}

// A mute Env does not send questions.
type mute struct{ sim.Env }

func (e mute) Send(to sim.NodeID, m sim.Message) {
	if _, ok := m.(paxos.Ask); !ok {
		e.Env.Send(to, m)
	}
}
