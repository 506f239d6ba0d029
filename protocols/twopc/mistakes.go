package twopc

import (
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
	"simrun/sim/disk"
)

// A mistake is a cast that gets the protocol wrong, in words: for those who learn, and to see that the judges notice.
type mistake struct {
	name, doc string
	needs     string // the setting without which it does no harm
	cast      cast
}

var mistakes = []mistake{
	{"none", "", "", cast{}},
	{"votes-unforced", "a participant votes before it forces", "", cast{participant: lazyAt[CanCommit, *Participant]}},
	{"tells-unforced", "the coordinator tells before it forces", "", cast{coordinator: lazyAt[Vote, *Coordinator]}},
	{"acknowledges-unforced", "a participant acknowledges before it forces", "", cast{participant: lazyAt[Decision, *Participant]}},
	{"counts-messages", "a repeated vote counts twice", "", wrongCoordinator(countsMessages)},
	{"counts-earlier", "votes on an earlier transaction count", "", wrongCoordinator(countsEarlier)},
	{"says-aborted", "a participant says aborted and votes yes", "", wrongParticipant(saysAborted)},
	{"guesses", "a coordinator that starts again does not read its log", "", cast{coordinator: func(c *Coordinator) sim.Node { return amnesiac{c} }}},
	{"forgets-early", "it forgets though an acknowledgement was lost", "", wrongCoordinator(forgetsEarly)},
	{"presumes-commit", "who knows nothing answers committed", "", wrongCoordinator(presumesCommit)},
	{"begins-unforced", "with presumed commit, nothing is forced before the vote", "variant=presumed-commit", cast{coordinator: lazyAt[Commit, *Coordinator]}},
	{"ignores-the-silent", "who takes over decides with those that can be reached", "recovery=true", wrongCoordinator(decidesOnTheReached)},
	{"trusts-one", "who takes over goes by the word of one", "recovery=true", wrongCoordinator(trustsOne)},
	{"obeys-the-old", "participants obey a coordinator that was fenced off", "recovery=true", wrongParticipant(obeysTheOld)},
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

// mistakeDocs says what each mistake is.
func mistakeDocs() string {
	var docs []string
	for _, m := range mistakes[1:] {
		docs = append(docs, m.name+": "+m.doc)
	}
	return strings.Join(docs, "; ")
}

// mistakeShows says what a mistake lacks to do any harm.
func mistakeShows(o sim.Options) error {
	m := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))]
	if m.needs != "" && !slices.Contains(o.Given(), m.needs) {
		return fmt.Errorf("mistake=%s does no harm without %s", m.name, m.needs)
	}
	if m.cast.coordinator != nil && o.Bool("script") {
		return fmt.Errorf("mistake=%s is one of a coordinator, and script=true has another: leave one of them out", m.name)
	}
	return nil
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
