package twopc

import "simrun/sim"

// bankMistakes are casts of the bank that are wrong.
var bankMistakes = map[string]bankCast{
	"none":               {},
	"forgets-locks":      {shard: func(p *Participant) sim.Node { return hasty{p} }},
	"forgets-work":       {shard: func(p *Participant) sim.Node { return mistaken[*Participant]{p, overconfident} }},
	"refuses-when-asked": {coordinator: func(c *Coordinator) sim.Node { return mistaken[*Coordinator]{c, curt} }},
}

// An overconfident shard votes yes on work that an earlier life of it did and forgot in the crash.
func overconfident(p *Participant, _ sim.Env, _ sim.NodeID, m *sim.Message) bool {
	if can, ok := (*m).(CanCommit); ok {
		if b := p.branch(can.Tx); b.state == Unknown {
			b.state = Active
		}
		can.Life = p.journal.life
		*m = can
	}
	return false
}

// A curt coordinator takes a request that comes again for an error, since the transaction is not at work any more, and tells
// the client that it is aborted.
func curt(c *Coordinator, env sim.Env, from sim.NodeID, m *sim.Message) bool {
	ask, ok := (*m).(Commit)
	if r := c.byTx[ask.Tx]; ok && r != nil && r.binds {
		env.Send(from, Outcome{ask.Tx, false})
		return true
	}
	return false
}

// A hasty shard forgets on restart that locks were held by what is prepared.
type hasty struct{ *Participant }

func (p hasty) Start(env sim.Env) {
	p.Participant.Start(env)
	for _, b := range p.inDoubt {
		p.locks.release(b.tx)
	}
}
