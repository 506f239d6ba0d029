package bracha

import (
	"fmt"
	"slices"
	"strings"

	"simrun/checkers"
	"simrun/sim"
)

// A ledger is what an observer knows of what processes have broadcast and delivered while they were correct. The facts that a process notes
// from when it is Byzantine on are not shown to properties.
type ledger struct {
	nodes []sim.NodeID
	tags  []Tag // delivered by somebody, in the order in which that was seen
	by    map[delivery]Value
	sent  []Broadcast
}

// A delivery is who delivers what.
type delivery struct {
	node sim.NodeID
	tag  Tag
}

func newLedger(nodes []sim.NodeID) *ledger {
	return &ledger{nodes: nodes, by: make(map[delivery]Value)}
}

// integrity returns the property that nobody delivers twice of one broadcast. It is the one that writes deliveries down.
func (l *ledger) integrity() sim.Property {
	return checkers.Always("integrity", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
		d, ok := e.Data.(Delivered)
		if !ok {
			return false, nil
		}
		key := delivery{e.Node, d.Tag}
		if v, again := l.by[key]; again {
			return true, fmt.Errorf("%s delivered %v for %v, and had delivered %v", e.Node, d.Value, d.Tag, v)
		}
		l.by[key] = d.Value
		if !slices.Contains(l.tags, d.Tag) {
			l.tags = append(l.tags, d.Tag)
		}
		return true, nil
	})
}

// validity is the property that of a correct sender what it has broadcast is delivered, and nothing else.
type validity struct {
	l      *ledger
	checks uint64
}

func (x *validity) Name() string        { return "validity" }
func (x *validity) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }
func (x *validity) Checks() uint64      { return x.checks }

// Observe compares what is delivered with what its sender has broadcast, if it was correct then. Of one that has broadcast nothing so far nobody knows yet
// whether it lies.
func (x *validity) Observe(e *sim.Event) error {
	switch f := e.Data.(type) {
	case Broadcast:
		x.l.sent = append(x.l.sent, f)
	case Delivered:
		if b := x.l.broadcast(f.Tag); b != nil {
			if x.checks++; b.Value != f.Value {
				return fmt.Errorf("%s delivered %v for %v, but %s, which does not lie, broadcast %v", e.Node, f.Value, f.Tag, f.Tag.Sender, b.Value)
			}
		}
	}
	return nil
}

// broadcast returns what a correct process has broadcast, nil if that is not known.
func (l *ledger) broadcast(tag Tag) *Broadcast {
	i := slices.IndexFunc(l.sent, func(b Broadcast) bool { return b.Tag == tag })
	if i < 0 {
		return nil
	}
	return &l.sent[i]
}

// End looks for what was delivered of a sender that is correct and never said it, and for what was not delivered.
func (x *validity) End(w *sim.World) (sim.Result, error) {
	for _, tag := range x.l.tags {
		if slices.Contains(x.l.nodes, tag.Sender) && !w.Byzantine(tag.Sender) {
			if x.checks++; x.l.broadcast(tag) == nil {
				return sim.Holds, fmt.Errorf("%s was delivered, but %s, which does not lie, has broadcast no such thing", tag, tag.Sender)
			}
		}
	}
	for _, b := range x.l.sent {
		if w.Healed(b.Tag.Sender) {
			x.checks++
			if why := x.l.waiting(w, b.Tag); why != "" {
				return sim.Open, fmt.Errorf("%v was broadcast, and not all have delivered it: %s", b.Tag, why)
			}
		}
	}
	return sim.Holds, nil
}

// totality asks who has not delivered what others have.
func (l *ledger) totality(w *sim.World) error {
	for _, tag := range l.tags {
		if why := l.waiting(w, tag); why != "" {
			return fmt.Errorf("%v was delivered by some, and not by all: %s", tag, why)
		}
	}
	return nil
}

// waiting says who has not delivered, and whom it waits for; "" if all have that are correct.
func (l *ledger) waiting(w *sim.World, tag Tag) string {
	var say []string
	var waits []checkers.Wait
	for _, id := range l.nodes {
		if _, ok := l.by[delivery{id, tag}]; ok || !w.Healed(id) {
			continue
		}
		why := "is busy"
		if n, ok := w.Node(id); ok {
			why = n.(interface{ waitsFor(Tag) string }).waitsFor(tag)
			if x, ok := n.(interface {
				waits(self sim.NodeID, tag Tag) checkers.Wait
			}); ok {
				waits = append(waits, x.waits(id, tag))
			}
		}
		say = append(say, fmt.Sprintf("%s %s", id, why))
	}
	text := strings.Join(say, "; ")
	if err := checkers.Explain(w, waits); err != nil {
		text += ". " + err.Error()
	}
	return text
}
