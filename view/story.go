package view

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

// A Story is the part of a run that explains one of its events.
type Story struct {
	Lanes   []sim.NodeID // the nodes that take part, in the order in which they were added to the world
	rows    []row
	omitted int    // events that were seen and are not told
	part    string // which part of the run it is, if it is one
	all     bool   // it tells all but bookkeeping
}

// A row is one event of a story, as it is drawn.
type row struct {
	seq, cause uint64
	at, sent   clock.Time // sent: of a message, when it left, if that is known; else equal to at
	kind       sim.Kind
	node, peer sim.NodeID
	data       any    // a message or a fact: frozen
	text       string // of data that is valid during the event only
	reason     string
	lost       bool     // a crash that forgot something
	down       []bool   // by lane: whether the node was down after this event
	more       []string // what it changed
	gap        int      // so many events that led to the end are left out before this one
}

// memory is how many events a Teller remembers: what happened earlier is not told.
const memory = 8192

// A Teller watches a run and remembers its last events.
type Teller struct {
	nodes []sim.NodeID
	ring  []row
	seen  uint64
}

// NewTeller returns a Teller for a world with these nodes.
func NewTeller(nodes []sim.NodeID) *Teller { return &Teller{nodes: nodes} }

// See remembers an event. It must be called with every event of the run, in order; it does not keep the event.
func (t *Teller) See(e *sim.Event) {
	r := row{seq: e.Seq, cause: e.Cause, at: e.At, sent: e.At, kind: e.Kind, node: e.Node, peer: e.Peer, reason: e.Reason}
	switch e.Kind {
	case sim.DiskDone: // not told
	case sim.Crashed, sim.Faulted, sim.Started, sim.Panicked:
		r.text = Text(e.Data)
		r.lost = e.Kind == sim.Crashed && forgot(e.Data)
	default:
		r.data = e.Data
	}
	if len(t.ring) < memory {
		t.ring = append(t.ring, r)
	} else {
		t.ring[t.seen%memory] = r
	}
	t.seen++
}

// forgot reports whether a crash lost bytes or names that a disk had been given.
func forgot(data any) bool {
	switch l := data.(type) {
	case *disk.Loss:
		return l != nil && *l != disk.Loss{}
	case disk.Loss:
		return l != disk.Loss{}
	}
	return false
}

// Story picks at most most events that explain the event numbered end: those that led
// to it, by cause or because they happened earlier on a node concerned; the faults on
// the way; and the facts of the same kind, which are what a decision contradicts. It
// must be called with an end that has been seen. Most must be at least 2.
func (t *Teller) Story(end uint64, most int) Story {
	rows := t.upTo(end)
	if len(rows) == 0 {
		return Story{}
	}
	told := chosen(rows, most)
	s := Story{omitted: len(rows) - len(told)}
	present := make(map[sim.NodeID]bool)
	for _, i := range told {
		present[rows[i].node], present[rows[i].peer] = true, true
	}
	for _, id := range t.nodes {
		if present[id] {
			s.Lanes = append(s.Lanes, id)
		}
	}
	down := make([]bool, len(s.Lanes))
	next := 0
	for i := range rows {
		if l := s.lane(rows[i].node); l >= 0 {
			switch rows[i].kind {
			case sim.Crashed:
				down[l] = true
			case sim.Started:
				down[l] = false
			}
		}
		if next < len(told) && told[next] == i {
			r := rows[i]
			r.down = append([]bool(nil), down...)
			s.rows = append(s.rows, r)
			next++
		}
	}
	return s
}

// lane returns the place of a node among the lanes, or -1.
func (s *Story) lane(id sim.NodeID) int {
	for i, l := range s.Lanes {
		if l == id {
			return i
		}
	}
	return -1
}

// upTo returns what is remembered, oldest first, up to the event end;
// deliveries know when their message was sent.
func (t *Teller) upTo(end uint64) []row {
	var rows []row
	n := uint64(len(t.ring))
	sent := make(map[uint64]clock.Time)
	for i := t.seen - n; i < t.seen; i++ {
		r := t.ring[i%memory]
		if r.seq > end {
			break
		}
		if r.kind == sim.Sent {
			sent[r.seq] = r.at
		}
		if at, ok := sent[r.cause]; ok && (r.kind == sim.Delivered || r.kind == sim.Dropped) {
			r.sent = at
		}
		rows = append(rows, r)
	}
	return rows
}

// chosen returns the indices of the rows that are told, ascending. The last row is the one to explain.
// Some of the room is kept for what matters however early it was: if a fact is to be explained, what it
// may contradict, which is facts of the same type or else those of other nodes; and crashes in which
// something was forgotten.
func chosen(rows []row, most int) []int {
	last := len(rows) - 1
	end := &rows[last]
	past := causes(rows)
	told := []int{last}
	in := make([]bool, len(rows))
	tell := func(room int, wanted func(i int) bool) (left int) {
		for i := last - 1; i >= 0 && room > 0 && len(told) < most; i-- {
			if !in[i] && wanted(i) {
				in[i] = true
				told = append(told, i)
				room--
			}
		}
		return room
	}
	share := max(most/4, 1)
	if end.kind == sim.Noted {
		left := tell(share, func(i int) bool { return rows[i].kind == sim.Noted && typeName(rows[i].data) == typeName(end.data) })
		tell(left, func(i int) bool { return rows[i].kind == sim.Noted && rows[i].node != end.node })
	}
	tell(share, func(i int) bool { return past[i] && rows[i].lost })
	tell(most, func(i int) bool { return past[i] && worthTelling(&rows[i]) })
	sort.Ints(told)
	return told
}

// causes marks the rows that the last one depends on: events that caused it, and earlier ones on the
// same nodes, again and again; and the faults of nodes concerned.
func causes(rows []row) []bool {
	past := make([]bool, len(rows))
	needed := make(map[uint64]bool)
	nodes := make(map[sim.NodeID]bool)
	mark := func(r *row) {
		needed[r.cause] = true
		nodes[r.node] = true
	}
	last := len(rows) - 1
	past[last] = true
	mark(&rows[last])
	for i := last - 1; i >= 0; i-- {
		r := &rows[i]
		onPath := needed[r.seq] || nodes[r.node]
		past[i] = onPath || r.kind == sim.Faulted && r.node == ""
		if onPath {
			mark(r)
		}
	}
	return past
}

// worthTelling leaves out the bookkeeping: a send is seen where it arrives, a timer where it matters.
func worthTelling(r *row) bool {
	switch r.kind {
	case sim.Delivered, sim.Noted, sim.Crashed, sim.Faulted, sim.Settled, sim.Panicked:
		return true
	case sim.Started:
		return r.text != "1"
	}
	return false
}

// label is the text beside the lanes.
func (r *row) label() string {
	what := r.text
	if r.data != nil {
		what = Text(r.data)
	}
	switch r.kind {
	case sim.Delivered, sim.Dropped:
		s := fmt.Sprintf("%s→%s %s", r.peer, r.node, what)
		if r.kind == sim.Dropped {
			s = fmt.Sprintf("%s→%s lost (%s): %s", r.peer, r.node, r.reason, what)
		}
		if late := r.at.Sub(r.sent); late >= lingers {
			s = fmt.Sprintf("%s (sent %v before)", s, Duration(late))
		}
		return s
	case sim.Sent:
		return fmt.Sprintf("%s→%s is sent: %s", r.node, r.peer, what)
	case sim.Crashed:
		if r.lost {
			return "FAULT crash " + string(r.node) + ": " + what
		}
		return "FAULT crash " + string(r.node)
	case sim.Started:
		return string(r.node) + " starts life " + what
	case sim.Faulted:
		if at, rest, ok := strings.Cut(what, " "); ok && at == time.Duration(r.at).String() {
			what = rest // the row says when
		}
		return "FAULT " + what
	case sim.Settled:
		return "faults end"
	case sim.Panicked:
		return string(r.node) + " panics: " + what
	case sim.TimerFired:
		return string(r.node) + " timer " + what
	case sim.TimerSet:
		return string(r.node) + " sets a timer: " + what
	case sim.DiskDone:
		return string(r.node) + " disk: " + what
	}
	return string(r.node) + " " + what
}
