package steps

import (
	"fmt"
	"strconv"
	"strings"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/view"
)

// A mark is an event with its name.
type mark struct {
	at         clock.Time
	kind       sim.Kind
	node, peer sim.NodeID // of a message, its receiver and its sender, whoever the event happened to
	what       string     // the stream of a message or a timer, the type of a fact, an operation of a disk; "" for the rest
	n          uint64     // which of these it is, from 1; of a message, which was sent
	effect     uint64     // which effect of the node it is, 0 for none or not known
	text       string     // what it says, if somebody wants to know
}

// isMessage reports whether an event is about a message between two nodes.
func isMessage(k sim.Kind) bool { return k == sim.Sent || k == sim.Delivered || k == sim.Dropped }

// isEffect reports whether an event is an effect of its node.
func isEffect(k sim.Kind) bool {
	return k == sim.Sent || k == sim.TimerSet || k == sim.DiskDone || k == sim.Noted
}

// who is the node whose event it is.
func (m *mark) who() sim.NodeID {
	if m.kind == sim.Sent {
		return m.peer
	}
	return m.node
}

// name is the name of the event, as RunUntil takes it.
func (m *mark) name() string {
	var b strings.Builder
	b.WriteString(m.kind.String())
	switch {
	case isMessage(m.kind):
		fmt.Fprintf(&b, " %s>%s", m.peer, m.node)
	case m.node != "":
		fmt.Fprintf(&b, " %s", m.node)
	}
	if m.what != "" {
		b.WriteString(" " + m.what)
	}
	if m.kind != sim.Settled {
		b.WriteString("#" + strconv.FormatUint(m.n, 10))
	}
	return b.String()
}

// A log names the events of a world.
type log struct {
	marks []mark // by number, from 1
	trail seedfile.Trail
	loud  bool

	counts  map[mark]uint64 // how many events have this kind, these nodes and this word
	sent    map[uint64]uint64
	effects map[sim.NodeID]uint64  // how many each node has asked for
	waiting map[sim.NodeID][]asked // those that have not happened yet, oldest first
}

// An asked is an effect that a node has asked for.
type asked struct {
	n    uint64
	kind sim.Kind
	what string
}

func newLog(loud bool) *log {
	return &log{loud: loud, counts: map[mark]uint64{}, sent: map[uint64]uint64{}, effects: map[sim.NodeID]uint64{}, waiting: map[sim.NodeID][]asked{}}
}

// word is what an event is about, in one word.
func word(k sim.Kind, data any) string {
	switch k {
	case sim.Sent, sim.Delivered, sim.Dropped, sim.TimerSet, sim.TimerFired, sim.Noted:
		return sim.StreamOf(data)
	case sim.DiskDone:
		return data.(*disk.Op).Kind.String()
	}
	return ""
}

// issued is told of each effect when a node asks for it.
func (l *log) issued(e sim.Effect) {
	l.effects[e.Node]++
	l.waiting[e.Node] = append(l.waiting[e.Node], asked{l.effects[e.Node], e.Kind, word(e.Kind, e.Data)})
}

// see names the next event.
func (l *log) see(e *sim.Event) {
	l.trail.See(e)
	m := mark{at: e.At, kind: e.Kind, node: e.Node, peer: e.Peer, what: word(e.Kind, e.Data)}
	if e.Kind == sim.Sent {
		m.node, m.peer = e.Peer, e.Node
	}
	if n, ok := l.sent[e.Cause]; ok && (e.Kind == sim.Delivered || e.Kind == sim.Dropped) {
		m.n = n
	} else {
		key := mark{kind: m.kind, node: m.node, peer: m.peer, what: m.what}
		l.counts[key]++
		m.n = l.counts[key]
	}
	switch {
	case e.Kind == sim.Sent:
		l.sent[e.Seq] = m.n
	case e.Kind == sim.Crashed:
		delete(l.waiting, e.Node)
	}
	if isEffect(e.Kind) {
		m.effect = l.happened(e.Node, e.Kind, m.what)
	}
	if l.loud && e.Kind != sim.Panicked {
		m.text = view.Text(e.Data)
	}
	l.marks = append(l.marks, m)
}

// happened finds out which effect of a node has just happened. They happen in the order in which they were asked for, but for syncs that do not hold
// the node up.
func (l *log) happened(node sim.NodeID, k sim.Kind, what string) uint64 {
	list := l.waiting[node]
	for i, x := range list {
		if x.kind == k && x.what == what {
			l.waiting[node] = append(list[:i:i], list[i+1:]...)
			return x.n
		}
	}
	return 0
}
