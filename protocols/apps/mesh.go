package apps

import (
	"fmt"
	"slices"

	"simrun/sim"
)

// A Peer sends numbered messages to random neighbours, on its own account and now and then because it has received one.
type Peer struct {
	to, from  []sim.NodeID
	sent, got []int // messages, by neighbour
	left      int   // messages to send
}

// A Ping is a message of a [Peer]: the number N, from 1, on its channel.
type Ping struct{ N int }

func bootMesh(w *Workload, i int) App {
	p := &Peer{to: w.Topology.To(i), from: w.Topology.From(i), left: w.work}
	p.sent, p.got = make([]int, len(p.to)), make([]int, len(p.from))
	return p
}

// Start implements sim.Node.
func (p *Peer) Start(env sim.Env) {
	if p.left > 0 {
		pause(env)
	}
}

// Handle implements sim.Node.
func (p *Peer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case Ping:
		if i := slices.Index(p.from, from); i >= 0 {
			p.got[i]++
		}
		if p.left > 0 && env.Pick("react", 3) > 0 {
			p.send(env)
		}
	case tick:
		if p.left > 0 {
			p.send(env)
		}
		p.Start(env)
	}
}

func (p *Peer) send(env sim.Env) {
	i := env.Pick("to", len(p.to))
	p.left--
	p.sent[i]++
	env.Send(p.to[i], Ping{p.sent[i]})
}

// Amount is how much more it has received than sent: what is on its way is missing elsewhere.
func (p *Peer) Amount() int64 { return int64(sum(p.got) - sum(p.sent)) }

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}

// Passive reports whether all messages have been sent.
func (p *Peer) Passive() bool { return p.left == 0 }

// MarshalBinary returns the state.
func (p *Peer) MarshalBinary() ([]byte, error) {
	return appendInt(appendInts(appendInts(nil, p.sent), p.got), p.left), nil
}

// UnmarshalBinary takes over a state.
func (p *Peer) UnmarshalBinary(b []byte) error {
	r := reader{b: b}
	p.sent, p.got, p.left = r.ints(), r.ints(), r.int()
	if len(p.sent) != len(p.to) || len(p.got) != len(p.from) {
		r.bad = true
	}
	return r.end()
}

// String prints "sent 3, received 2, 5 to send".
func (p *Peer) String() string {
	return fmt.Sprintf("sent %d, received %d, %d to send", sum(p.sent), sum(p.got), p.left)
}

// allReceived says on which channel not all has arrived that was sent, or more.
func allReceived(w *Workload, all []App) error {
	for i := range all {
		from := all[i].(*Peer)
		for j, id := range from.to {
			to := all[slices.Index(w.Topology.Nodes, id)].(*Peer)
			if got := to.got[slices.Index(to.from, w.Topology.Nodes[i])]; got != from.sent[j] {
				return fmt.Errorf("%s has sent %d messages to %s, which has received %d", w.Topology.Nodes[i], from.sent[j], id, got)
			}
		}
	}
	return nil
}

// Amount is 1: one message.
func (m Ping) Amount() int64 { return 1 }

// AppendHash appends the message's content.
func (m Ping) AppendHash(b []byte) []byte { return appendInt(b, m.N) }

// String prints "Ping{7}".
func (m Ping) String() string { return fmt.Sprintf("Ping{%d}", m.N) }
