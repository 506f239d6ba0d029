package course

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"simrun/protocols/chandylamport"
	"simrun/sim"
)

// A taken is a property: every snapshot of the script is complete in the end. It collects them, as files have them, for
// the other judges.
type taken struct {
	c       *Case
	numbers map[chandylamport.ID]int
	begun   []chandylamport.ID // and not complete
	open    map[chandylamport.ID]map[Link]*incoming
	globals []*Global // by number, nil while it is not complete
	done    int
	played  bool
}

// An incoming is a link that a node records, and when messages arrived on it.
type incoming struct {
	seqs   []uint64
	closed bool
}

func newTaken(c *Case) *taken {
	return &taken{c: c, numbers: c.numbers(), open: make(map[chandylamport.ID]map[Link]*incoming), globals: make([]*Global, c.Script.snapshots())}
}

// Name implements sim.Property.
func (t *taken) Name() string { return "snapshots" }

// Watches leaves out what is no arrival and no fact.
func (t *taken) Watches() []sim.Kind { return []sim.Kind{sim.Delivered, sim.Noted} }

// Observe implements sim.Property. It does not complain: others judge what was recorded.
func (t *taken) Observe(e *sim.Event) error {
	if e.Kind == sim.Delivered {
		t.arrived(e)
		return nil
	}
	switch f := e.Data.(type) {
	case chandylamport.Recorded:
		t.record(f.ID, e.Node)
	case chandylamport.ChannelRecorded:
		if in := t.open[f.ID][Link{f.Channel.From, e.Node}]; in != nil {
			in.closed = true
		}
	case chandylamport.Complete:
		t.complete(f.Snapshot)
	case Played:
		t.played = true
	}
	return nil
}

// record begins to record the links into a node.
func (t *taken) record(id chandylamport.ID, node sim.NodeID) {
	if t.open[id] == nil {
		t.open[id] = make(map[Link]*incoming)
		t.begun = append(t.begun, id)
	}
	for _, from := range t.c.Topology.in(node) {
		t.open[id][Link{from, node}] = &incoming{}
	}
}

// arrived remembers when a message arrived on the links that are recorded just now.
func (t *taken) arrived(e *sim.Event) {
	if _, ok := e.Data.(chandylamport.App); !ok {
		return
	}
	for _, id := range t.begun {
		if in := t.open[id][Link{e.Peer, e.Node}]; in != nil && !in.closed {
			in.seqs = append(in.seqs, e.Seq)
		}
	}
}

// complete turns a snapshot into what a file has. An algorithm records the messages of each channel in their order; that of
// messages from several channels is the order in which they arrived.
func (t *taken) complete(s chandylamport.Snapshot) {
	n, ok := t.numbers[s.ID]
	if !ok || t.globals[n] != nil {
		return
	}
	g := &Global{Number: n}
	for _, p := range s.Parts {
		g.Nodes = append(g.Nodes, Holding{p.Node, int(p.Amount)})
		g.Messages = append(g.Messages, t.into(s.ID, p)...)
	}
	delete(t.open, s.ID)
	t.begun = slices.DeleteFunc(t.begun, func(id chandylamport.ID) bool { return id == s.ID })
	t.globals[n] = g
	t.done++
}

// into returns the messages recorded into a node, in the order in which they arrived.
func (t *taken) into(id chandylamport.ID, p chandylamport.Part) (messages []Carried) {
	type arrival struct {
		Carried
		seq uint64
	}
	var all []arrival
	for _, ch := range p.Channels {
		in := t.open[id][Link{ch.From, p.Node}]
		for i, m := range ch.Messages {
			a := arrival{Carried{Link{ch.From, p.Node}, m.Body.(Token).N}, math.MaxUint64}
			if in != nil && i < len(in.seqs) {
				a.seq = in.seqs[i]
			}
			all = append(all, a)
		}
	}
	slices.SortStableFunc(all, func(a, b arrival) int {
		switch {
		case a.seq < b.seq:
			return -1
		case a.seq > b.seq:
			return 1
		}
		return 0
	})
	for _, a := range all {
		messages = append(messages, a.Carried)
	}
	return messages
}

// End implements sim.Property: ticks go on until every snapshot is complete.
func (t *taken) End(w *sim.World) (sim.Result, error) {
	for n, g := range t.globals {
		if g == nil {
			return sim.Open, fmt.Errorf("snapshot %d is not complete at %v: %s", n, w.Now(), t.missing(n))
		}
	}
	return sim.Holds, nil
}

// missing says what a snapshot waits for.
func (t *taken) missing(n int) string {
	for _, id := range t.begun {
		for _, l := range t.c.Topology.Links {
			if in := t.open[id][l]; t.numbers[id] == n && in != nil && !in.closed {
				return fmt.Sprintf("%s waits for the marker from %s", l.To, l.From)
			}
		}
	}
	return "some nodes have not recorded their states"
}

// Finished ends the run when the script is over and every snapshot is complete.
func (t *taken) Finished() bool { return t.played && t.done == len(t.globals) }

// Checks implements sim.Property: each complete snapshot is one.
func (t *taken) Checks() uint64 { return uint64(t.done) }

// Account prints the snapshots as files, in the order of their numbers, unless there is something to compare them with.
func (t *taken) Account() string {
	if len(t.c.Expect) > 0 {
		return ""
	}
	var texts []string
	for _, g := range t.globals {
		if g != nil {
			texts = append(texts, g.String())
		}
	}
	return strings.Join(texts, "\n")
}

// A scripted is a property: every step of the script can be done.
type scripted struct{ sends uint64 }

// Name implements sim.Property.
func (s *scripted) Name() string { return "script" }

// Watches asks for facts, and for tokens that leave.
func (s *scripted) Watches() []sim.Kind { return []sim.Kind{sim.Sent, sim.Noted} }

// Observe implements sim.Property.
func (s *scripted) Observe(e *sim.Event) error {
	switch data := e.Data.(type) {
	case chandylamport.App:
		s.sends++
	case Refused:
		s.sends++
		return fmt.Errorf("line %d of the script cannot be done: %s", data.Step.Line, data.why(e))
	}
	return nil
}

// why says in what state a step found its node.
func (f Refused) why(e *sim.Event) string {
	return fmt.Sprintf("%v: %s has %d at time %d: want no more than it has", f.Step, f.Step.Node, f.Has, int64(e.At)/int64(sim.Tick))
}

// End implements sim.Property.
func (s *scripted) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

// Checks implements sim.Property: each send is one.
func (s *scripted) Checks() uint64 { return s.sends }
