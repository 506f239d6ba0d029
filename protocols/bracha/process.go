package bracha

import (
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/sim"
)

// Needs are how many must have said the same for a process to act on it.
type Needs struct {
	Echoes  int // of those who echo, to be ready
	Amplify int // of those who are ready, to be ready too
	Deliver int // of those who are ready, to deliver
}

// NeedsOf returns the paper's numbers for n processes of which at most f lie: more than (n+f)/2, f+1 and 2f+1.
func NeedsOf(n, f int) Needs { return Needs{Echoes: (n+f)/2 + 1, Amplify: f + 1, Deliver: 2*f + 1} }

// MostLiars is how many of n processes may lie.
func MostLiars(n int) int { return (n - 1) / 3 }

// A Process broadcasts what it is given to tell, and takes part in the broadcasts of the others.
type Process struct {
	all   []sim.NodeID
	own   []Value // what it broadcasts itself
	needs Needs

	broadcasts []broadcast // in the order in which they were heard of
}

// NewProcess returns one of these processes, which tells the others its own values.
func NewProcess(all []sim.NodeID, needs Needs, own ...Value) *Process {
	return &Process{all: all, needs: needs, own: own}
}

// A broadcast is what a process knows of one.
type broadcast struct {
	tag             Tag
	echoed, ready   bool // it has said so to all
	delivered       bool
	echoes, readies []vote
}

// A vote is a value and those who have spoken for it, none twice.
type vote struct {
	value Value
	by    []sim.NodeID
}

// begin is the timer of an own broadcast.
type begin struct{ Number int }

// AppendHash appends the timer's content.
func (m begin) AppendHash(b []byte) []byte { return append(b, byte(m.Number), byte(m.Number>>8)) }

// Start implements sim.Node: each own broadcast begins at some time within 32 ms.
func (p *Process) Start(env sim.Env) {
	for i := range p.own {
		env.After(time.Duration(env.Pick("begin", 32_000))*time.Microsecond, begin{i + 1})
	}
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case begin:
		tag, value := Tag{env.ID(), m.Number}, p.own[m.Number-1]
		env.Note(Broadcast{tag, value})
		p.tell(env, Initial{tag, value})
	case Initial:
		if from == m.Tag.Sender { // nobody speaks for another
			p.echo(env, p.about(m.Tag), m.Value)
		}
	case Echo:
		p.hearEcho(env, from, m)
	case Ready:
		p.hearReady(env, from, m)
	}
}

// hearEcho counts an echo. Enough of them show what the sender has said to most.
func (p *Process) hearEcho(env sim.Env, from sim.NodeID, m Echo) {
	b := p.about(m.Tag)
	if count(&b.echoes, m.Value, from) >= p.needs.Echoes {
		p.echo(env, b, m.Value)
		p.ready(env, b, m.Value)
	}
}

// hearReady counts somebody who is ready. Enough of them cannot all be liars, and yet more show that everybody will be ready.
func (p *Process) hearReady(env sim.Env, from sim.NodeID, m Ready) {
	b := p.about(m.Tag)
	n := count(&b.readies, m.Value, from)
	if n >= p.needs.Amplify {
		if !b.ready {
			env.Note(Amplified(m))
		}
		p.echo(env, b, m.Value)
		p.ready(env, b, m.Value)
	}
	if n >= p.needs.Deliver {
		p.deliver(env, b, m.Value)
	}
}

// echo tells all what the process was told, once in a broadcast.
func (p *Process) echo(env sim.Env, b *broadcast, v Value) {
	if !b.echoed {
		b.echoed = true
		p.tell(env, Echo{b.tag, v})
	}
}

// ready tells all that the process is ready for a value, once in a broadcast.
func (p *Process) ready(env sim.Env, b *broadcast, v Value) {
	if !b.ready {
		b.ready = true
		p.tell(env, Ready{b.tag, v})
	}
}

func (p *Process) deliver(env sim.Env, b *broadcast, v Value) {
	if !b.delivered {
		b.delivered = true
		env.Note(Delivered{b.tag, v})
	}
}

// tell sends to all, the process itself among them.
func (p *Process) tell(env sim.Env, m sim.Message) {
	for _, id := range p.all {
		env.Send(id, m)
	}
}

// about returns what is known of a broadcast, which may be one that was never heard of.
func (p *Process) about(tag Tag) *broadcast {
	for i := range p.broadcasts {
		if p.broadcasts[i].tag == tag {
			return &p.broadcasts[i]
		}
	}
	p.broadcasts = append(p.broadcasts, broadcast{tag: tag})
	return &p.broadcasts[len(p.broadcasts)-1]
}

// count adds one who speaks for a value, and returns how many have by now. Who says it again is not counted again.
func count(votes *[]vote, v Value, by sim.NodeID) int {
	i := slices.IndexFunc(*votes, func(x vote) bool { return x.value == v })
	if i < 0 {
		i = len(*votes)
		*votes = append(*votes, vote{value: v})
	}
	if x := &(*votes)[i]; !slices.Contains(x.by, by) {
		x.by = append(x.by, by)
	}
	return len((*votes)[i].by)
}

// Clone implements sim.Cloner.
func (p *Process) Clone() sim.Node {
	c := *p
	c.broadcasts = slices.Clone(p.broadcasts)
	for i := range c.broadcasts {
		b := &c.broadcasts[i]
		for _, votes := range []*[]vote{&b.echoes, &b.readies} {
			*votes = slices.Clone(*votes)
			for j := range *votes {
				(*votes)[j].by = slices.Clone((*votes)[j].by)
			}
		}
	}
	return &c
}

// Invariant checks that a process delivers only what it was ready for, in a broadcast that it has echoed.
func (p *Process) Invariant() error {
	for i := range p.broadcasts {
		if b := &p.broadcasts[i]; b.delivered && !b.ready || b.ready && !b.echoed {
			return fmt.Errorf("%v: delivered %v, ready %v, echoed %v", b.tag, b.delivered, b.ready, b.echoed)
		}
	}
	return nil
}

// waitsFor says what the process lacks to deliver in a broadcast.
func (p *Process) waitsFor(tag Tag) string {
	var b broadcast
	if i := slices.IndexFunc(p.broadcasts, func(x broadcast) bool { return x.tag == tag }); i >= 0 {
		b = p.broadcasts[i]
	}
	return fmt.Sprintf("waits with %d of %d echoes and %d of %d ready", most(b.echoes), p.needs.Echoes, most(b.readies), p.needs.Deliver)
}

// waits says who has not said that it is ready to deliver in a broadcast.
func (p *Process) waits(self sim.NodeID, tag Tag) checkers.Wait {
	w := checkers.Wait{Node: self, State: fmt.Sprintf("has not delivered %v", tag), For: slices.DeleteFunc(slices.Clone(p.all), func(id sim.NodeID) bool { return id == self })}
	for _, b := range p.broadcasts {
		for _, v := range b.readies {
			if b.tag == tag {
				w.For = slices.DeleteFunc(w.For, func(id sim.NodeID) bool { return slices.Contains(v.by, id) })
			}
		}
	}
	return w
}

// most is how many have spoken for the value that most have spoken for.
func most(votes []vote) (n int) {
	for _, v := range votes {
		n = max(n, len(v.by))
	}
	return n
}
