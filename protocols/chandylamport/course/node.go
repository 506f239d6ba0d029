package course

import (
	"encoding/binary"
	"fmt"
	"time"

	"simrun/protocols/chandylamport"
	"simrun/sim"
)

// Token is the message of a case: tokens on their way.
type Token struct{ N int }

// Amount is how many tokens the message carries.
func (t Token) Amount() int64 { return int64(t.N) }

// AppendHash appends the message's content.
func (t Token) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, uint64(t.N)) }

// String prints "token(3)", as a snapshot file has it.
func (t Token) String() string { return fmt.Sprintf("token(%d)", t.N) }

// Refused is the fact that a node cannot do a step of the script: it has too few tokens.
type Refused struct {
	Step Step
	Has  int
}

// AppendHash appends the fact's content.
func (f Refused) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(f.Step.AppendHash(b), uint64(f.Has))
}

// String prints "N1 has 2 tokens: send N1 N2 3".
func (f Refused) String() string {
	return fmt.Sprintf("%s has %d tokens: %v", f.Step.Node, f.Has, f.Step)
}

// Played is the fact that the script is over.
type Played struct{}

// AppendHash appends the fact's content: it has none.
func (Played) AppendHash(b []byte) []byte { return b }

// String prints "the script is over".
func (Played) String() string { return "the script is over" }

// AppendHash appends the step's content, for the timer that it is.
func (s Step) AppendHash(b []byte) []byte {
	return binary.AppendUvarint(append(b, s.String()...), uint64(s.Line))
}

// An ending is the timer for the end of the script.
type ending struct{}

// AppendHash appends the timer's content: it has none.
func (ending) AppendHash(b []byte) []byte { return b }

// String prints "end of the script".
func (ending) String() string { return "end of the script" }

// A holder is a node of a case, below the algorithm that takes snapshots: it has tokens, and does its part of the script.
type holder struct {
	tokens int
	part   *part
}

// A part is what the script has for one node.
type part struct {
	sends     []Step
	at        []time.Duration // of each send
	snapshots []time.Duration
	end       time.Duration // of the script, 0 where another node sees to that
}

// Start implements sim.Node.
func (h *holder) Start(env sim.Env) {
	for i, s := range h.part.sends {
		env.After(h.part.at[i], s)
	}
	if h.part.end > 0 {
		env.After(h.part.end, ending{})
	}
}

// Handle implements sim.Node.
func (h *holder) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case Step:
		if m.N > h.tokens {
			env.Note(Refused{m, h.tokens})
			return
		}
		h.tokens -= m.N
		env.Send(m.To, Token{m.N})
	case Token:
		h.tokens += m.N
	case ending:
		env.Note(Played{})
	}
}

// Amount is how many tokens the node has.
func (h *holder) Amount() int64 { return int64(h.tokens) }

// String prints "3 tokens".
func (h *holder) String() string { return fmt.Sprintf("%d tokens", h.tokens) }

// parts deals out the script. Steps between two ticks happen a nanosecond after one another, which is the same time
// for the network, in the order of the file.
func (c *Case) parts() []part {
	parts := make([]part, len(c.Topology.Nodes))
	ticks, place := time.Duration(0), time.Duration(1)
	for _, s := range c.Script {
		at := ticks*sim.Tick + place
		place++
		switch s.Verb {
		case Send:
			p := &parts[c.Topology.index(s.Node)]
			p.sends, p.at = append(p.sends, s), append(p.at, at)
		case Snapshot:
			p := &parts[c.Topology.index(s.Node)]
			p.snapshots = append(p.snapshots, at)
		case Tick:
			ticks, place = ticks+time.Duration(s.N), 1
		}
	}
	parts[0].end = ticks*sim.Tick + place
	return parts
}

// build adds the nodes of a case, each a process of Chandy's and Lamport's algorithm around a holder, with a mistake if
// one is wanted.
func (c *Case) build(w *sim.World, mistake string) {
	var all []sim.NodeID
	for _, n := range c.Topology.Nodes {
		all = append(all, n.Node)
	}
	parts := c.parts()
	for i, n := range c.Topology.Nodes {
		boot := func() sim.Node { return &holder{n.Tokens, &parts[i]} }
		at := parts[i].snapshots
		place := chandylamport.Place{All: all, In: c.Topology.in(n.Node), Out: c.Topology.out(n.Node), Snapshots: len(at), At: at}
		w.Add(n.Node, func() sim.Node { return chandylamport.Mistaken(mistake, chandylamport.Wrap(boot, place)) })
	}
	w.Ticks(c.lastTick(), c.Delays, collects)
}

// collects reports whether a message brings a part of a snapshot to whoever puts it together. In a case that is no
// message: it goes aside, and takes no time.
func collects(m sim.Message) bool {
	_, ok := m.(chandylamport.Report)
	return ok
}

// lastTick is when everything is over at the latest. After the script, of the messages that are on their way one arrives within
// 1 + longestDelay ticks, or a head would be due for longer than that.
func (c *Case) lastTick() int64 {
	return int64(c.Script.ticks()) + int64(1+longestDelay)*int64(c.messages()+1)
}

// numbers returns the numbers of the snapshots: they are counted from 0 in the order of the script, and an ID counts those of
// its initiator from 1.
func (c *Case) numbers() map[chandylamport.ID]int {
	numbers, count := make(map[chandylamport.ID]int), make(map[sim.NodeID]uint32)
	for _, s := range c.Script {
		if s.Verb == Snapshot {
			count[s.Node]++
			numbers[chandylamport.ID{N: count[s.Node], Initiator: s.Node}] = len(numbers)
		}
	}
	return numbers
}
