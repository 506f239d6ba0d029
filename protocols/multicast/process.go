package multicast

import (
	"fmt"
	"slices"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
)

const (
	spread   = 500                    // milliseconds within which a life multicasts its messages
	askEvery = 100 * time.Millisecond // a process asks whether there is more
	atOnce   = 64                     // how many places an answer tells at most
)

// A Process multicasts messages of its own, and delivers those of all.
type Process struct {
	acceptors, others []sim.NodeID
	messages          int // how many it multicasts in each life
	contest           paxos.Contest
	halted            bool

	queue []paxos.Value // its own that it has not delivered, the oldest first
	said  int           // how many it has multicast in this life
	list  []paxos.Value // what is known, by place less one; "" where it is not
	next  Place         // the first that is not delivered
	asked Place         // what next was when it asked last
}

// The timers of a process.
type (
	say struct{}
	ask struct{}
)

// AppendHash appends the timer's content: it has none.
func (say) AppendHash(b []byte) []byte { return b }

// AppendHash appends the timer's content: it has none.
func (ask) AppendHash(b []byte) []byte { return b }

// String prints "say{}".
func (say) String() string { return "say{}" }

// String prints "ask{}".
func (ask) String() string { return "ask{}" }

// NewProcess returns the process of that number, from 1, among all. It multicasts so many messages in each life.
func NewProcess(number int, acceptors, all []sim.NodeID, messages int) *Process {
	others := slices.Delete(slices.Clone(all), number-1, number)
	return &Process{acceptors: acceptors, others: others, messages: messages, contest: paxos.NewContest(number, acceptors), next: 1}
}

// Start implements sim.Node.
func (p *Process) Start(env sim.Env) {
	if p.contest.Start(env) != nil {
		p.halted = true
		return
	}
	for range p.messages {
		env.After(time.Duration(1+env.Pick("say", spread))*time.Millisecond, say{})
	}
	p.inquire(env, p.others)
	env.After(askEvery, ask{})
}

// Handle implements sim.Node.
func (p *Process) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.halted {
		return
	}
	switch m := m.(type) {
	case say:
		p.said++
		v := nameOf(env.ID(), p.contest.Life(), p.said)
		env.Note(Multicast{v})
		p.queue = append(p.queue, v)
		p.propose(env)
	case ask:
		p.ask(env)
	case paxos.Chosen:
		if p.learn(env, m.Slot, m.Value); m.Slot > p.next {
			p.inquire(env, []sim.NodeID{from}) // there is a gap before it
		}
	case Known:
		p.learn(env, m.From, m.Values...)
	case paxos.Ask:
		p.tell(env, from, m.Slot)
	default:
		p.decide(env, from, m)
	}
}

// decide goes on with the place that the process competes for, or with one that somebody else has left behind.
func (p *Process) decide(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, busy := p.contest.Entered(); !busy {
		if a, ok := m.(paxos.Accepted); ok && a.Slot == p.next && p.asked == p.next {
			p.contest.Enter(env, a.Slot, a.Value) // its proposer may be gone: to finish it is safe, since it was proposed for this place
		}
		return
	}
	if c, ok := p.contest.Handle(env, from, m); ok {
		for _, id := range p.others {
			env.Send(id, c)
		}
		p.learn(env, c.Slot, c.Value)
	}
}

// propose begins to compete for the first place that is not known, if there is something to tell.
func (p *Process) propose(env sim.Env) {
	if _, busy := p.contest.Entered(); !busy && len(p.queue) > 0 {
		p.contest.Enter(env, p.next, p.queue[0])
	}
}

// learn takes notice of what stands in consecutive places, and delivers what has its turn.
func (p *Process) learn(env sim.Env, from Place, values ...paxos.Value) {
	for i, v := range values {
		at := int(from) + i - 1
		for at >= len(p.list) {
			p.list = append(p.list, "")
		}
		if p.list[at] == "" {
			p.list[at] = v
		}
	}
	for int(p.next) <= len(p.list) && p.list[p.next-1] != "" {
		p.deliver(env, p.next, p.list[p.next-1])
		p.next++
	}
	if slot, busy := p.contest.Entered(); busy && slot < p.next {
		p.contest.Leave()
	}
	p.propose(env)
}

// deliver hands a message on. One's own need not be proposed any more.
func (p *Process) deliver(env sim.Env, at Place, v paxos.Value) {
	env.Note(Delivered{at, v})
	if i := slices.Index(p.queue, v); i >= 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
	}
}

// tell tells what is delivered from a place on.
func (p *Process) tell(env sim.Env, to sim.NodeID, from Place) {
	if from < p.next && from > 0 {
		end := min(p.next-1, from-1+atOnce)
		env.Send(to, Known{from, p.list[from-1 : end : end]})
	}
}

// ask asks the others whether there is more, and where nothing has been delivered for a while the acceptors, whether somebody has left
// a message half-way.
func (p *Process) ask(env sim.Env) {
	p.inquire(env, p.others)
	if p.asked == p.next {
		p.inquire(env, p.acceptors)
	}
	p.asked = p.next
	env.After(askEvery, ask{})
}

func (p *Process) inquire(env sim.Env, whom []sim.NodeID) {
	for _, id := range whom {
		env.Send(id, paxos.Ask{Slot: p.next})
	}
}

// Invariant checks that the process has delivered what it knows, and competes for no place that it knows.
func (p *Process) Invariant() error {
	if int(p.next) <= len(p.list) && p.list[p.next-1] != "" {
		return fmt.Errorf("knows what is at place %d, and has not delivered it", p.next)
	}
	if slot, busy := p.contest.Entered(); busy && slot != p.next {
		return fmt.Errorf("competes for place %d, and has not delivered what is at place %d", slot, p.next)
	}
	return nil
}

// wait says what the process waits for.
func (p *Process) wait(self sim.NodeID) checkers.Wait {
	if _, busy := p.contest.Entered(); busy {
		return p.contest.Wait(self)
	}
	return checkers.Wait{Node: self, State: fmt.Sprintf("has delivered %d messages", p.next-1), For: p.others}
}
