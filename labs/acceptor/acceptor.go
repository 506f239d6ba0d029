//go:build !solution

package acceptor

import "simrun/sim"

// An Acceptor promises, accepts and remembers. It is yours to write.
type Acceptor struct {
	// What it knows while it lives: when it crashes, this is gone.
}

// Start is called once per life, before anything else: at the beginning of a run, and again after each
// crash, of a new Acceptor. Of earlier lives only env.Disk() remembers.
func (a *Acceptor) Start(env sim.Env) {
}

// Handle is called for each message. Answers go back to the one it is from, by env.Send.
func (a *Acceptor) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Prepare:
		_ = m.Ballot
	case Accept:
		_ = m.Ballot
	}
}
