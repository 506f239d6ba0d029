package bracha

import (
	"fmt"

	"simrun/sim"
)

// A mistake turns a process into one that gets the protocol wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	of        func(p *Process) sim.Node
}

var mistakes = []mistake{
	{"none", "", func(p *Process) sim.Node { return p }},
	{"no-echo", "a process delivers what the sender says", func(p *Process) sim.Node { return credulous{p} }},
	{"majority", "echoes of more than half are enough", func(p *Process) sim.Node {
		p.needs.Echoes = len(p.all)/2 + 1
		return p
	}},
	{"one-ready", "one that is ready makes all others ready", func(p *Process) sim.Node {
		p.needs.Amplify = 1
		return p
	}},
	{"no-amplify", "nobody is ready because others are", func(p *Process) sim.Node {
		p.needs.Amplify = len(p.all) + 1
		return p
	}},
	{"two-f", "2f that are ready are enough to deliver", func(p *Process) sim.Node {
		p.needs.Deliver--
		return p
	}},
	{"count-messages", "who says it twice counts twice", func(p *Process) sim.Node { return &counting{Process: p} }},
	{"any-sender", "a process may speak for another", func(p *Process) sim.Node { return trusting{p} }},
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// A credulous process takes the sender's word for it.
type credulous struct{ *Process }

func (p credulous) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(env, from, m)
	if m, ok := m.(Initial); ok && from == m.Tag.Sender {
		p.deliver(env, p.about(m.Tag), m.Value)
	}
}

// Invariant is not that of a process: this one has none.
func (credulous) Invariant() error { return nil }

func (p credulous) Clone() sim.Node { return credulous{p.Process.Clone().(*Process)} }

// A counting process counts messages in the place of those who sent them.
type counting struct {
	*Process
	heard int
}

func (p *counting) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case Echo, Ready:
		p.heard++
		from = sim.NodeID(fmt.Sprint(from, " ", p.heard))
	}
	p.Process.Handle(env, from, m)
}

// Clone implements sim.Cloner.
func (p *counting) Clone() sim.Node { return &counting{p.Process.Clone().(*Process), p.heard} }

// A trusting process believes what an Initial says of its sender.
type trusting struct{ *Process }

func (p trusting) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m, ok := m.(Initial); ok {
		from = m.Tag.Sender
	}
	p.Process.Handle(env, from, m)
}

func (p trusting) Clone() sim.Node { return trusting{p.Process.Clone().(*Process)} }
