package threepc

import (
	"slices"

	"simrun/sim"
	"simrun/sim/disk"
)

// A mistake is a cast that gets the protocol wrong: for those who learn, and to see that the judges notice.
type mistake struct {
	name string
	cast cast
}

var mistakes = []mistake{
	{"none", cast{}},
	{"p-aborts", cast{participant: func(p *Participant) sim.Node { return impatient{p, Initial, Aborted} }}},
	{"w-aborts-p-commits", cast{participant: func(p *Participant) sim.Node { return impatient{p, Aborted, Committed} }}},
	{"moves-nobody", cast{participant: func(p *Participant) sim.Node { return hasty{p} }}},
	{"w-before-p", cast{participant: func(p *Participant) sim.Node { p.rule = wOverP; return p }}},
	{"recovered-take-part", cast{participant: func(p *Participant) sim.Node { return hardy{p} }}},
	{"recovered-decide", cast{participant: func(p *Participant) sim.Node { return lonely{p} }}},
	{"trusts-the-dead", cast{participant: func(p *Participant) sim.Node { return credulous{p} }}},
	{"votes-unforced", cast{participant: func(p *Participant) sim.Node { return lazy{p} }}},
	{"tells-unforced", cast{coordinator: func(c *Coordinator) sim.Node { return lazy{c} }}},
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

// An impatient participant decides by itself when it has waited for its leader in vain: by what the textbook's table
// says of its state.
type impatient struct {
	*Participant
	uncertain, preCommitted State
}

func (p impatient) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if o, ok := m.(overdue); ok {
		t := p.tx(o.Tx)
		outcome := p.uncertain
		if t.state == PreCommitted {
			outcome = p.preCommitted
		}
		if t.wait == o.Wait && t.phase == following && outcome.Decided() {
			p.decide(env, t, outcome)
			return
		}
	}
	p.Participant.Handle(env, from, m)
}

// A hasty backup commits when somebody is pre-committed, and moves nobody there.
type hasty struct{ *Participant }

func (p hasty) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Participant.Handle(silent{env}, from, m)
	for i := range p.txs {
		if t := &p.txs[i]; t.phase == moving {
			p.conclude(env, t, Committed)
		}
	}
}

// A silent Env sends no PreCommit.
type silent struct{ sim.Env }

func (e silent) Send(to sim.NodeID, m sim.Message) {
	if _, ok := m.(PreCommit); !ok {
		e.Env.Send(to, m)
	}
}

// A hardy participant takes part again as soon as it has recovered.
type hardy struct{ *Participant }

func (p hardy) Start(env sim.Env) {
	p.Participant.Start(env)
	for i := range p.txs {
		if t := &p.txs[i]; t.recovered && !t.state.Decided() {
			if t.recovered = false; t.served == p.me {
				p.lead(env, t)
			} else {
				t.follow(env, t.served, patience)
			}
		}
	}
}

// A lonely participant that has recovered ends the transaction by its own state.
type lonely struct{ *Participant }

func (p lonely) Start(env sim.Env) {
	p.Participant.Start(env)
	for i := range p.txs {
		switch t := &p.txs[i]; {
		case t.recovered && t.state == PreCommitted:
			p.conclude(env, t, Committed)
		case t.recovered && t.state == Uncertain:
			p.conclude(env, t, Aborted)
		}
	}
}

// A lazy node does not wait for its disk.
type lazy struct{ sim.Node }

func (n lazy) Start(env sim.Env) { n.Node.Start(unsynced{env}) }

func (n lazy) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	n.Node.Handle(unsynced{env}, from, m)
}

type unsynced struct{ sim.Env }

func (e unsynced) Disk() disk.FS { return noSync{e.Env.Disk()} }

type noSync struct{ disk.FS }

func (noSync) Sync(string) error { return nil }

// wOverP is the rules in a wrong order: who is uncertain is looked for before who is pre-committed.
func wOverP(found states) Rule {
	if found.has(Uncertain) && !found.has(Committed) {
		return AllUncertain
	}
	return ruleOf(found)
}

// A credulous site that has recovered counts the states of all that may have failed last, also of those that have not
// answered the last leader.
type credulous struct{ *Participant }

func (p credulous) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if ask, ok := m.(Ask); ok {
		if t := p.tx(ask.Tx); t.recovered {
			last := max(ask.Served, p.lastServed(t))
			if p.siteOf(from) >= last {
				ask.Served = last
			}
			for i := range t.reports {
				if t.reports[i].Tx != 0 && Site(i) >= last {
					t.reports[i].Served = last
				}
			}
			m = ask
		}
	}
	p.Participant.Handle(env, from, m)
}
