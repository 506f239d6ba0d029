package multicast

import (
	"errors"
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/clock"
)

// A telling is what an observer knows of a message.
type telling struct {
	by    sim.NodeID
	life  uint64 // of its sender
	n     int    // number among all that its sender has multicast in all lives, from 1
	floor Place  // the last place that its sender had delivered by then
	at    Place  // where it was delivered; 0 if it was not
}

// A hearing is what an observer knows of a process in its current life.
type hearing struct {
	life   uint64
	up     bool
	said   int
	last   Place
	behind Place // the last place delivered in any life
	all    int   // how many it has multicast in all lives
	placed int   // the number of the last of them that was delivered
}

// A ledger is what an observer knows who misses nothing. The properties of a run share one; whichever sees an event first enters it.
type ledger struct {
	processes []sim.NodeID
	messages  int
	seq       uint64 // of the event entered last
	told      map[paxos.Value]*telling
	heard     map[sim.NodeID]*hearing
	order     []Delivered // by place less one, as first said
	first     []clock.Time
	by        []sim.NodeID

	// What is to be said of the event entered last.
	delivers, placed          bool // it is a delivery; the first of its place
	disorder, foul, unfounded error
}

func newLedger(processes []sim.NodeID, messages int) *ledger {
	l := &ledger{processes: processes, messages: messages, told: make(map[paxos.Value]*telling), heard: make(map[sim.NodeID]*hearing)}
	for _, id := range processes {
		l.heard[id] = new(hearing)
	}
	return l
}

var watched = []sim.Kind{sim.Started, sim.Crashed, sim.Noted}

// properties returns the outer properties of safety.
func (l *ledger) properties() []sim.Property {
	return []sim.Property{
		checkers.Always("total-order", false, watched, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.delivers, l.disorder
		}),
		checkers.Always("integrity", false, watched, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.delivers, l.foul
		}),
		checkers.Tallied(checkers.Always("causal-order", false, watched, func(e *sim.Event) (bool, error) {
			l.enter(e)
			return l.placed, l.unfounded
		}), func(add func(string, uint64)) { add("messages in order", uint64(len(l.order))) }),
		checkers.Eventually("delivery", watched, func(e *sim.Event) bool {
			l.enter(e)
			return l.delivers && l.done()
		}, l.waiting),
	}
}

// enter takes notice of an event, once.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.delivers, l.placed = e.Seq, false, false
	l.disorder, l.foul, l.unfounded = nil, nil, nil
	h := l.heard[e.Node]
	if h == nil {
		return // an acceptor
	}
	switch f := e.Data.(type) {
	case Multicast:
		h.said++
		h.all++
		if t := l.told[f.Message]; t != nil {
			l.foul = fmt.Errorf("%s multicasts %s, which is the name of another message of %s", e.Node, f.Message, t.by)
			return
		}
		l.told[f.Message] = &telling{by: e.Node, life: h.life, n: h.all, floor: h.behind}
	case Delivered:
		l.delivers = true
		l.deliver(e, h, f)
	default:
		switch e.Kind {
		case sim.Started:
			h.life, h.up, h.said, h.last = h.life+1, true, 0, 0
		case sim.Crashed:
			h.up = false
		}
	}
}

// deliver enters a delivery: the order first, since the rest is said of what stands where.
func (l *ledger) deliver(e *sim.Event, h *hearing, f Delivered) {
	if f.Place != h.last+1 {
		l.disorder = fmt.Errorf("%s delivered %s at place %d after what is at place %d", e.Node, f.Message, f.Place, h.last)
		return
	}
	h.last, h.behind = f.Place, max(h.behind, f.Place)
	if i := int(f.Place) - 1; i < len(l.order) {
		if was := l.order[i]; was != f {
			l.disorder = fmt.Errorf("%s delivered %s at place %d at %v, but %s delivered %s there at %v", e.Node, f.Message, f.Place, e.At, l.by[i], was.Message, l.first[i])
		}
		return
	}
	l.order, l.first, l.by = append(l.order, f), append(l.first, e.At), append(l.by, e.Node)
	l.placed = true
	t := l.told[f.Message]
	switch {
	case t == nil:
		l.foul = fmt.Errorf("%s delivered %s, which nobody has multicast", e.Node, f.Message)
		return
	case t.at > 0:
		l.foul = fmt.Errorf("%s delivered %s at place %d, and it stands at place %d too", e.Node, f.Message, f.Place, t.at)
		return
	}
	t.at = f.Place
	from := l.heard[t.by]
	if f.Place <= t.floor { // no run comes here that total-order and integrity allow: with them, only what one process multicast can be out of order
		l.unfounded = fmt.Errorf("%s stands at place %d, but %s had delivered what is at place %d when it multicast it", f.Message, f.Place, t.by, t.floor)
	} else if t.n < from.placed {
		l.unfounded = fmt.Errorf("%s stands behind what %s multicast after it", f.Message, t.by)
	}
	from.placed = max(from.placed, t.n)
}

// done reports whether nothing is left to happen: all processes are up, have multicast what they had to, and have delivered it, and no more than the others.
func (l *ledger) done() bool {
	for _, id := range l.processes {
		if h := l.heard[id]; !h.up || h.said < l.messages || int(h.last) < len(l.order) {
			return false
		}
	}
	return l.missing(func(sim.NodeID) bool { return true }) == ""
}

// missing returns a message that was multicast by a process that works, in its current life, and delivered by nobody; "" if there is none.
func (l *ledger) missing(works func(sim.NodeID) bool) (v paxos.Value) {
	var names []paxos.Value
	for name, t := range l.told {
		if t.at == 0 && works(t.by) && t.life == l.heard[t.by].life {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) > 0 {
		return names[0]
	}
	return ""
}

// waiting says who has not delivered something, and why.
func (l *ledger) waiting(w *sim.World) error {
	var waits []checkers.Wait
	lost := l.missing(w.Healed)
	for _, id := range l.processes {
		if !w.Healed(id) || lost == "" && int(l.heard[id].last) == len(l.order) {
			continue
		}
		n, _ := w.Node(id)
		if x, ok := n.(interface {
			wait(self sim.NodeID) checkers.Wait
		}); ok {
			waits = append(waits, x.wait(id))
		} else {
			waits = append(waits, checkers.Wait{Node: id, State: "is busy"})
		}
	}
	if len(waits) == 0 {
		return nil
	}
	why := fmt.Sprintf("not all have delivered the %d messages that somebody has", len(l.order))
	if lost != "" {
		why = fmt.Sprintf("%s was multicast, and nobody has delivered it", lost)
	}
	if err := checkers.Explain(w, waits); err != nil {
		return fmt.Errorf("%s: %w", why, err)
	}
	return errors.New(why)
}
