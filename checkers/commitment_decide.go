package checkers

import (
	"errors"
	"fmt"
	"strings"

	"simrun/sim"
	"simrun/sim/clock"
)

// decision is the liveness property "ac5-termination".
type decision struct {
	judge
	Commitment
	total int
	waits func(w *sim.World) []Wait

	counted map[any]bool // what has ended, or begun if nothing tells of ends
	nodes   map[sim.NodeID]*voter
	order   []*voter // the same, by when they were first heard of
	open    int      // duties of nodes that are up
	down    int      // nodes that are down
	settled clock.Time
	latest  clock.Time
}

// A voter is a node, with the transactions that it is bound to decide.
type voter struct {
	id   sim.NodeID
	life uint64
	up   bool
	open int // duties that are not done in this life
	list []*duty
	byTx map[any]*duty
}

// A duty is to decide a transaction.
type duty struct {
	tx    any
	bound bool
	done  uint64 // the latest life that decided
}

// Decision returns the liveness property "ac5-termination" (AC5): each participant that has voted yes, or
// has Joined, and is healed at the end has decided, in its current life. Each such duty is a check. If one is
// open the error is built from waits (see [Explain]), or names who has not decided where waits is nil or knows
// nothing.
//
// It is finished, so that the run may end early, when total different things have Ended (transactions have
// Begun, if Ended is nil), nobody is bound to anything, and no node is down that may come back. With total 0
// it never is.
func Decision(c Commitment, total int, waits func(w *sim.World) []Wait) sim.Property {
	return &decision{
		judge: judge{name: "ac5-termination"}, Commitment: c, total: total, waits: waits,
		counted: make(map[any]bool), nodes: make(map[sim.NodeID]*voter), settled: clock.Never,
	}
}

// Watches adds lives to the facts: what a node knew it must find in its log.
func (d *decision) Watches() []sim.Kind {
	return []sim.Kind{sim.Started, sim.Noted, sim.Crashed, sim.Settled}
}

// Observe keeps the lives and the duties of nodes.
func (d *decision) Observe(e *sim.Event) error {
	d.latest = e.At
	switch e.Kind {
	case sim.Started:
		d.started(d.voter(e.Node))
	case sim.Crashed:
		d.crashed(d.voter(e.Node))
	case sim.Settled:
		d.settled = e.At
	case sim.Noted:
		d.count(e.Data)
		d.bind(e)
		if tx, _, ok := d.Decided(e.Data); ok {
			d.decide(d.voter(e.Node), tx)
		}
	}
	return nil
}

// Finished reports whether there is nothing left to wait for. What is down some time after faults have
// ended stays down; at that very instant nodes are still being restarted.
func (d *decision) Finished() bool {
	if d.total == 0 || len(d.counted) < d.total || d.open > 0 {
		return false
	}
	return d.down == 0 || d.latest > d.settled
}

// voter finds a node. One that was never seen to start, as in a run made by hand, is up.
func (d *decision) voter(id sim.NodeID) *voter {
	v := d.nodes[id]
	if v == nil {
		v = &voter{id: id, up: true, life: 1}
		d.nodes[id] = v
		d.order = append(d.order, v)
	}
	return v
}

// started makes everything that binds the node open again: it has to find it in its log.
func (d *decision) started(v *voter) {
	if v.up {
		return // its first life
	}
	v.up, v.open = true, 0
	v.life++
	d.down--
	for _, x := range v.list {
		if x.bound {
			v.open++
		}
	}
	d.open += v.open
}

func (d *decision) crashed(v *voter) {
	if v.up {
		v.up = false
		d.down++
		d.open -= v.open
	}
}

// count counts what has ended.
func (d *decision) count(fact any) {
	var what any
	var ok bool
	if d.Ended != nil {
		what, ok = d.Ended(fact)
	} else {
		what, _, ok = d.Begun(fact)
	}
	if ok {
		mustCompare(d.name, what)
		d.counted[what] = true
	}
}

// bind notes that a node must decide, unless it has decided already.
func (d *decision) bind(e *sim.Event) {
	tx, yes, ok := d.Voted(e.Data)
	if ok = ok && yes; !ok && d.Joined != nil {
		tx, ok = d.Joined(e.Data)
	}
	if !ok {
		return
	}
	v := d.voter(e.Node)
	x := v.duty(tx)
	if !x.bound && x.done != v.life {
		v.open++
		d.open++
	}
	x.bound = true
}

func (d *decision) decide(v *voter, tx any) {
	x := v.duty(tx)
	if x.bound && x.done != v.life {
		v.open--
		d.open--
	}
	x.done = v.life
}

func (v *voter) duty(tx any) *duty {
	x := v.byTx[tx]
	if x == nil {
		mustCompare("ac5-termination", tx)
		if v.byTx == nil {
			v.byTx = make(map[any]*duty)
		}
		x = &duty{tx: tx}
		v.byTx[tx] = x
		v.list = append(v.list, x)
	}
	return x
}

// End judges the nodes that have no excuse.
func (d *decision) End(w *sim.World) (sim.Result, error) {
	var open []string
	more := 0
	for _, v := range d.order {
		if len(v.list) == 0 || !w.Healed(v.id) {
			continue
		}
		for _, x := range v.list {
			if !x.bound {
				continue
			}
			d.checks++
			switch {
			case x.done == v.life:
			case len(open) < fewSentences:
				open = append(open, fmt.Sprintf("%s has not decided %s", v.id, say(x.tx)))
			default:
				more++
			}
		}
	}
	if len(open) == 0 {
		return sim.Holds, nil
	}
	if d.waits != nil {
		if err := Explain(w, d.waits(w)); err != nil {
			return sim.Open, err
		}
	}
	if more > 0 {
		open = append(open, fmt.Sprintf("and %d more", more))
	}
	return sim.Open, errors.New(strings.Join(open, "; "))
}
