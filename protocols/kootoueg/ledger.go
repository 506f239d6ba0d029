package kootoueg

import (
	"slices"

	"simrun/sim"
)

// A ledger is what several properties of one run know together. It looks at messages of the application and at what processes do, and never
// at labels: what it expects is derived from who has received what.
type ledger struct {
	seq       uint64 // of the latest event that was read
	nodes     []sim.NodeID
	books     []book
	sentIn    map[Name]int // how many permanent checkpoints the sender had when it sent the message first
	runs      []*run
	inquiries map[uint64]bool // events in which an Inquire was delivered

	decided *run // by the latest event, with yes
}

// A book is what the ledger knows of one process.
type book struct {
	lives, permanents, rollbacks int
	latest                       ID     // permanent checkpoint
	received                     []Name // since the latest permanent checkpoint, what the state has
	lost                         bool   // it has no state
	halted                       bool   // it does not trust its disk: what arrives is not received
}

// A run is one instance of either algorithm.
type run struct {
	id                           ID
	takings                      []taking // a checkpoint's
	prepared, roots              []int    // a rollback's: all that are prepared, and those that had no state
	requests, answers, decisions int
	members, edges               int // by the graph
	decided                      bool
}

// A taking is a tentative checkpoint: the process, and what it had received by then.
type taking struct {
	who      int
	received []Name
}

// ledgerKinds are the events that a ledger reads.
var ledgerKinds = []sim.Kind{sim.Started, sim.Sent, sim.Delivered, sim.Noted}

func newLedger(nodes []sim.NodeID) *ledger {
	return &ledger{nodes: nodes, books: make([]book, len(nodes)), sentIn: make(map[Name]int), inquiries: make(map[uint64]bool)}
}

// enter reads an event, unless another property has shown it before.
func (l *ledger) enter(e *sim.Event) {
	if e.Seq == l.seq {
		return
	}
	l.seq, l.decided = e.Seq, nil
	who := slices.Index(l.nodes, e.Node)
	if who < 0 {
		return
	}
	b := &l.books[who]
	switch e.Kind {
	case sim.Started:
		b.lives++
		b.lost, b.halted = b.lives > 1, false
	case sim.Sent:
		l.sent(e, b)
	case sim.Delivered:
		switch m := e.Data.(type) {
		case App:
			if !b.halted {
				b.received = append(b.received, m.Name)
			}
		case Inquire:
			l.inquiries[e.Seq] = true
		}
	case sim.Noted:
		l.noted(who, b, e.Data)
	}
}

// sent counts the messages of an instance; an answer to an inquiry is none.
func (l *ledger) sent(e *sim.Event, b *book) {
	switch m := e.Data.(type) {
	case App:
		if _, again := l.sentIn[m.Name]; !again {
			l.sentIn[m.Name] = b.permanents
		}
	case Request:
		l.run(m.ID).requests++
	case Willing:
		l.run(m.ID).answers++
	case MakePermanent:
		if !l.inquiries[e.Cause] {
			l.run(m.ID).decisions++
		}
	}
}

func (l *ledger) noted(who int, b *book, fact any) {
	switch f := fact.(type) {
	case Discarded:
		b.received = b.received[:len(b.received)-1]
	case Recorded:
		r := l.run(f.ID)
		r.takings = slices.DeleteFunc(r.takings, func(t taking) bool { return t.who == who })
		r.takings = append(r.takings, taking{who, slices.Clone(b.received)})
	case MadePermanent:
		l.permanent(who, b, f.ID)
	case Restarted:
		l.permanent(who, b, f.Permanent)
	case Halted:
		b.halted = true
	case Prepared:
		r := l.run(f.ID)
		if !slices.Contains(r.prepared, who) {
			r.prepared = append(r.prepared, who)
		}
		if b.lost {
			r.roots = append(r.roots, who)
		}
	case RolledBack:
		l.rolledBack(who, b, f.ID)
	case Decided:
		if f.Yes {
			l.decided = l.run(f.ID)
			l.decided.decided = true
			if f.ID.Rollback {
				b.rollbacks++
			}
		}
	}
}

// permanent makes a tentative checkpoint permanent: what was received before it depends on nothing any more.
func (l *ledger) permanent(who int, b *book, id ID) {
	if b.latest == id {
		return
	}
	b.latest = id
	b.permanents++
	for _, t := range l.run(id).takings {
		if t.who == who {
			b.received = b.received[min(len(t.received), len(b.received)):]
		}
	}
}

// rolledBack gives a process the state of its permanent checkpoint. It is no longer prepared for anything else.
func (l *ledger) rolledBack(who int, b *book, id ID) {
	b.received, b.lost = nil, false
	for _, r := range l.runs {
		if r.id != id && !r.decided {
			r.prepared = slices.DeleteFunc(r.prepared, func(x int) bool { return x == who })
			r.roots = slices.DeleteFunc(r.roots, func(x int) bool { return x == who })
		}
	}
}

// run finds an instance. The latest is the one that is mostly asked for.
func (l *ledger) run(id ID) *run {
	for i := len(l.runs) - 1; i >= 0; i-- {
		if l.runs[i].id == id {
			return l.runs[i]
		}
	}
	r := &run{id: id}
	l.runs = append(l.runs, r)
	return r
}

// depends is the graph of a checkpoint: whom each of those that have taken one depended on just then.
func (l *ledger) depends(r *run) func(i int) []dependence {
	return func(i int) []dependence {
		for _, t := range r.takings {
			if t.who == i {
				return l.dependences(t.received)
			}
		}
		return nil
	}
}

// dependences are those that a list of received messages makes.
func (l *ledger) dependences(received []Name) (list []dependence) {
	for _, m := range received {
		from := slices.Index(l.nodes, m.From)
		at := slices.IndexFunc(list, func(d dependence) bool { return d.From == from })
		if at < 0 {
			at = len(list)
			list = append(list, dependence{From: from})
		}
		if l.sentIn[m] == l.books[from].permanents {
			list[at].Fresh = true
		}
	}
	return list
}

// orphaned returns who must roll back if the roots do, by the graph: who has received what they have sent since their permanent checkpoint, and
// so on.
func (l *ledger) orphaned(roots []int) []int {
	var all []int
	for _, root := range roots {
		members, _ := closure(root, func(i int) (list []dependence) {
			for j := range l.books {
				if j == i {
					continue
				}
				for _, d := range l.dependences(l.books[j].received) {
					if d.From == i && d.Fresh {
						list = append(list, dependence{j, true})
					}
				}
			}
			return list
		})
		for _, i := range members {
			if !slices.Contains(all, i) {
				all = append(all, i)
			}
		}
	}
	return all
}

// name returns the names of processes.
func (l *ledger) name(list []int) (ids []sim.NodeID) {
	list = slices.Clone(list)
	slices.Sort(list)
	for _, i := range list {
		ids = append(ids, l.nodes[i])
	}
	return ids
}
