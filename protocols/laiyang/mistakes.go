package laiyang

import (
	"slices"

	"simrun/sim"
)

// A mistake turns a process into one that gets the algorithm wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	needs     []Method // the methods in which it can be made
	of        func(*Process) sim.Node
}

var (
	either   = []Method{ByHistory, ByCounting}
	mistakes = []mistake{
		{"none", "", either, func(p *Process) sim.Node { return p }},
		{"late-record", "a process records after the red message", either, func(p *Process) sim.Node { return lateRecord{p} }},
		{"one-bit", "the colour is one bit for all snapshots", either, func(p *Process) sim.Node { return oneBit{p} }},
		{"one-history", "what was received is not kept for each channel", []Method{ByHistory}, func(p *Process) sim.Node { return oneHistory{p} }},
		{"late-whites", "white messages that come late are counted and not kept", []Method{ByCounting}, func(p *Process) sim.Node { return lateWhites{p} }},
		{"early", "a snapshot is complete when all have reported", []Method{ByCounting}, func(p *Process) sim.Node { return early{p} }},
		{"untold", "nobody is told of a snapshot but by the colour of messages", either, func(p *Process) sim.Node { return untold{p} }},
	}
)

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// A lateRecord process lets the application have a red message, and then records.
type lateRecord struct{ *Process }

func (p lateRecord) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	app, ok := m.(App)
	if !ok {
		p.Process.Handle(env, from, m)
		return
	}
	red := app.Colour
	app.Colour = slices.Clone(red)
	for i, n := range p.colour {
		app.Colour[i] = min(red[i], n)
	}
	p.Process.Handle(env, from, app)
	for i, n := range red {
		p.reach(env, i, n, false)
	}
}

// A oneBit process takes a message for one of its own colour if the numbers of both are even or odd alike.
type oneBit struct{ *Process }

func (p oneBit) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if app, ok := m.(App); ok && bit(app.Colour) == bit(p.colour) {
		app.Colour = p.colour
		m = app
	}
	p.Process.Handle(env, from, m)
}

// bit is what is left of a colour in one bit.
func bit(c Colour) (b uint32) {
	for _, n := range c {
		b ^= n & 1
	}
	return b
}

// A oneHistory initiator takes a number for received that was received on any channel.
type oneHistory struct{ *Process }

func (p oneHistory) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if r, ok := m.(Report); ok {
		h := r.Part.History.shared()
		all := slices.Concat(h.Received...)
		for i := range h.Received {
			h.Received[i] = all
		}
		r.Part.History = h
		m = r
	}
	p.Process.Handle(env, from, m)
}

// A lateWhites initiator counts messages that come late, and forgets what they say.
type lateWhites struct{ *Process }

func (p lateWhites) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x, late := m.(Late)
	if c := p.collection(x.ID); late && c != nil {
		c.deficit--
		p.close(env, c)
		return
	}
	p.Process.Handle(env, from, m)
}

// An early initiator does not wait for the messages that are late.
type early struct{ *Process }

func (p early) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	r, ok := m.(Report)
	c := p.collection(r.ID)
	p.Process.Handle(env, from, m)
	if ok && c != nil && c.have == len(c.parts) && p.collection(r.ID) != nil {
		p.complete(env, c)
	}
}

// An untold initiator leaves it to the application's messages to spread the colour.
type untold struct{ *Process }

type untoldEnv struct{ sim.Env }

func (p untold) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Process.Handle(untoldEnv{env}, from, m)
}

func (e untoldEnv) Send(to sim.NodeID, m sim.Message) {
	if _, ok := m.(Take); !ok {
		e.Env.Send(to, m)
	}
}
