package twopc

import (
	"slices"
	"testing"

	"simrun/sim"
	"simrun/sim/disk"
)

// A find is the first seed at which a mistake shows, 0 being none: to any inner property, and to the
// outer one that it is about.
type find struct{ inner, outer uint64 }

// hunt runs the seeds from first to last until both have been found, and returns all properties that
// complained meanwhile.
func hunt(t *testing.T, s *sim.Scenario, first, last uint64, outer string, settings ...string) (f find, properties []string) {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	for seed := first; seed <= last && (f.inner == 0 || f.outer == 0); seed++ {
		w, err := s.World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		for _, x := range v.Violations {
			if x.Inner && f.inner == 0 {
				f.inner = seed
			}
			if x.Property == outer && f.outer == 0 {
				f.outer = seed
			}
			if !slices.Contains(properties, x.Property) {
				properties = append(properties, x.Property)
			}
		}
	}
	return f, properties
}

// A lazyDisk does not sync while it is lazy.
type lazyDisk struct {
	disk.FS
	lazy bool
}

func (d *lazyDisk) Sync(name string) error {
	if d.lazy {
		return nil
	}
	return d.FS.Sync(name)
}

// A lazyEnv is the world of a node with such a disk.
type lazyEnv struct {
	sim.Env
	disk *lazyDisk
}

func (e lazyEnv) Disk() disk.FS { return e.disk }

// A lazy node does not force its log when it handles messages of one kind: what it sends then can be forgotten in a
// crash.
type lazy struct {
	sim.Node
	when func(sim.Message) bool
	disk *lazyDisk
}

func (l *lazy) Start(env sim.Env) {
	l.disk = &lazyDisk{FS: env.Disk()}
	l.Node.Start(lazyEnv{env, l.disk})
}

func (l *lazy) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	l.disk.lazy = l.when(m)
	l.Node.Handle(lazyEnv{env, l.disk}, from, m)
	l.disk.lazy = false
}

// lazyAt makes nodes that do not force their log when they handle an M.
func lazyAt[M sim.Message, N sim.Node](n N) sim.Node {
	return &lazy{Node: n, when: func(m sim.Message) bool { _, ok := m.(M); return ok }}
}

// A node that is wrong at one kind of message: wrong handles it, and reports whether that was all.
type mistaken[N sim.Node] struct {
	node  N
	wrong func(n N, env sim.Env, from sim.NodeID, m *sim.Message) (done bool)
}

func (x mistaken[N]) Start(env sim.Env) { x.node.Start(env) }

func (x mistaken[N]) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if !x.wrong(x.node, env, from, &m) {
		x.node.Handle(env, from, m)
	}
}

// wrongCoordinator and wrongParticipant are casts in which each coordinator, or participant, makes the mistake.
func wrongCoordinator(wrong func(c *Coordinator, env sim.Env, from sim.NodeID, m *sim.Message) bool) cast {
	return cast{coordinator: func(c *Coordinator) sim.Node { return mistaken[*Coordinator]{c, wrong} }}
}

func wrongParticipant(wrong func(p *Participant, env sim.Env, from sim.NodeID, m *sim.Message) bool) cast {
	return cast{participant: func(p *Participant) sim.Node { return mistaken[*Participant]{p, wrong} }}
}

// countsMessages takes a repeated vote for that of somebody who has not voted.
func countsMessages(c *Coordinator, env sim.Env, from sim.NodeID, m *sim.Message) bool {
	v, ok := (*m).(Vote)
	if r := c.byTx[v.Tx]; ok && v.Yes && r != nil && r.phase == voting {
		for i, s := range r.states {
			if s == Unknown {
				c.vote(env, r.peers[i], v)
				return true
			}
		}
	}
	return false
}

// countsEarlier takes a vote for one on whatever is being voted on.
func countsEarlier(c *Coordinator, env sim.Env, from sim.NodeID, m *sim.Message) bool {
	v, ok := (*m).(Vote)
	if !ok {
		return false
	}
	for _, r := range c.order {
		i := slices.Index(r.peers, from)
		if r.phase == voting && r.tx != v.Tx && i >= 0 && r.states[i] == Unknown {
			v.Tx, v.Attempt = r.tx, r.attempt
			*m = v
			break
		}
	}
	return false
}

// decidesOnTheReached does not wait for those that do not answer a fence.
func decidesOnTheReached(c *Coordinator, env sim.Env, _ sim.NodeID, m *sim.Message) bool {
	o, ok := (*m).(overdue)
	r := c.byTx[o.Tx]
	if !ok || r == nil || r.step != o.Step || r.phase != fencing || r.tries < 2 {
		return false
	}
	if !slices.ContainsFunc(r.states, func(s State) bool { return s != Unknown }) {
		return false
	}
	c.decide(env, r, !slices.Contains(r.states, Aborted))
	return true
}

// trustsOne decides by the first answer to a fence.
func trustsOne(c *Coordinator, env sim.Env, _ sim.NodeID, m *sim.Message) bool {
	f, ok := (*m).(Fenced)
	r := c.byTx[f.Tx]
	if !ok || r == nil || r.phase != fencing || f.Attempt != r.attempt {
		return false
	}
	c.decide(env, r, f.State != Aborted)
	return true
}

// forgetsEarly ends a transaction when it should tell the decision again.
func forgetsEarly(c *Coordinator, env sim.Env, _ sim.NodeID, m *sim.Message) bool {
	o, ok := (*m).(overdue)
	r := c.byTx[o.Tx]
	if !ok || r == nil || r.step != o.Step || r.phase != telling {
		return false
	}
	for i := range r.states {
		r.states[i] = decision(r.commit)
	}
	c.acknowledged(env, r)
	delete(c.byTx, r.tx)
	return true
}

// presumesCommit answers committed where it knows nothing.
func presumesCommit(_ *Coordinator, _ sim.Env, _ sim.NodeID, m *sim.Message) bool {
	if g, ok := (*m).(GetDecision); ok {
		g.Presume = PresumedCommit
		*m = g
	}
	return false
}

// An amnesiac coordinator does not read its log when it starts again.
type amnesiac struct{ *Coordinator }

func (c amnesiac) Start(env sim.Env) {
	if _, _, err := c.journal.open(env, coordinatorLog); err != nil {
		c.halt(env, err)
	}
}

// saysAborted tells a peer that a transaction is aborted on which it may still vote yes.
func saysAborted(p *Participant, env sim.Env, from sim.NodeID, m *sim.Message) bool {
	g, ok := (*m).(GetDecision)
	if !ok || p.branch(g.Tx).state >= Prepared {
		return false
	}
	env.Send(from, Answer{g.Tx, Aborted})
	return true
}

// obeysTheOld takes a decision of an attempt that was fenced off.
func obeysTheOld(p *Participant, _ sim.Env, _ sim.NodeID, m *sim.Message) bool {
	if d, ok := (*m).(Decision); ok {
		if b := p.branch(d.Tx); d.Attempt.Less(b.joined) {
			d.Attempt = b.joined
			*m = d
		}
	}
	return false
}

// Mistakes on purpose, and the properties that must catch each. The figures in the log are seeds to the
// first find; beside them is what small throw-away models needed.
func TestMistakesAreCaught(t *testing.T) {
	lazyP := func(at func(*Participant) sim.Node) cast { return cast{participant: at} }
	lazyC := func(at func(*Coordinator) sim.Node) cast { return cast{coordinator: at} }
	for _, c := range []struct {
		mistake  string
		cast     cast
		settings []string
		inner    string // the property inside that must complain; "" if none can
		outer    string // the one outside
		bound    uint64
		models   string
	}{
		{"votes before it forces", lazyP(lazyAt[CanCommit, *Participant]), nil, "backed", "ac1-agreement", 3000, "33"},
		{"tells before it forces", lazyC(lazyAt[Vote, *Coordinator]), nil, "backed", "ac1-agreement", 6000, "544"},
		{"acknowledges before it forces", lazyP(lazyAt[Decision, *Participant]), nil, "backed", "ac1-agreement", 6000, "15"},
		{"forces nothing", cast{}, []string{"durable=false"}, "backed", "ac1-agreement", 2000, ""},
		{"decides alone", cast{}, []string{"heuristic=true"}, "", "ac1-agreement", 500, "19"},
		{"counts messages, not voters", wrongCoordinator(countsMessages), nil, "", "ac3-validity", 500, "22"},
		{"counts votes of an earlier transaction", wrongCoordinator(countsEarlier), nil, "", "ac3-validity", 2000, "75"},
		{"says aborted and votes yes", wrongParticipant(saysAborted), nil, "word-kept", "ac1-agreement", 3000, "165"},
		{"guesses after a restart", cast{coordinator: func(c *Coordinator) sim.Node { return amnesiac{c} }}, nil, "", "ac1-agreement", 3000, ""},
		{"forgets though an acknowledgement was lost", wrongCoordinator(forgetsEarly), nil, "one-decision", "ac1-agreement", 3000, ""},
		{"presumes commit", wrongCoordinator(presumesCommit), nil, "", "ac3-validity", 3000, ""},
		{"presumes commit without a forced record", lazyC(lazyAt[Commit, *Coordinator]), []string{"variant=presumed-commit"}, "backed", "ac3-validity", 20000, "below 100"},
		{"takes over with those that can be reached", wrongCoordinator(decidesOnTheReached), []string{"recovery=true"}, "all-fenced", "ac1-agreement", 3000, "11.5"},
		{"takes over by the word of one", wrongCoordinator(trustsOne), []string{"recovery=true"}, "all-fenced", "ac1-agreement", 3000, ""},
		{"obeys an old coordinator", wrongParticipant(obeysTheOld), []string{"recovery=true", "cooperative=false"}, "", "ac1-agreement", 3000, ""},
	} {
		if testing.Short() && c.bound > 2000 {
			continue
		}
		f, properties := hunt(t, scenario(c.cast), 1, c.bound, c.outer, c.settings...)
		t.Logf("%-45s seeds to find: inner %d, outer %d; small models: %s; seen by %v", c.mistake, f.inner, f.outer, c.models, properties)
		for _, p := range []string{c.inner, c.outer} {
			if p != "" && !slices.Contains(properties, p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
	}
}
