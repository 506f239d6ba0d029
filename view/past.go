package view

import (
	"cmp"
	"slices"
	"sort"
	"time"

	"simrun/sim"
)

// index makes the states of nodes a matter of looking up: for each node its paths, in the order in which they came to be, and for each path the
// changes of its value.
func (t *Trace) index() {
	t.byNode = make([][]pathChanges, len(t.Nodes)+1)
	at := make(map[[2]uint32]int)
	for i, c := range t.changes {
		paths := &t.byNode[c.node]
		key := [2]uint32{uint32(c.node), c.path}
		k, known := at[key]
		if !known {
			k = len(*paths)
			at[key] = k
			*paths = append(*paths, pathChanges{path: c.path})
		}
		(*paths)[k].at = append((*paths)[k].at, uint32(i))
	}
}

// pathChanges are the changes of one line of a node's state, ascending, by their places in Trace.changes.
type pathChanges struct {
	path uint32
	at   []uint32
}

// value returns the name of what the line says after an event; 0 if there is no such line then.
func (p *pathChanges) value(t *Trace, seq uint64) uint32 {
	n := sort.Search(len(p.at), func(i int) bool { return uint64(t.changes[p.at[i]].seq) > seq })
	if n == 0 {
		return 0
	}
	return t.changes[p.at[n-1]].value
}

// lines returns the index of a node's lines; none if there is no such node.
func (t *Trace) lines(node sim.NodeID) []pathChanges {
	if t.byNode == nil {
		t.index()
	}
	return t.byNode[1+slices.Index(t.Nodes, node)]
}

// changesAt returns the changes of an event.
func (t *Trace) changesAt(seq uint64) []change {
	find := func(seq uint64) int {
		n, _ := slices.BinarySearchFunc(t.changes, seq, func(c change, seq uint64) int { return cmp.Compare(uint64(c.seq), seq) })
		return n
	}
	return t.changes[find(seq):find(seq+1)]
}

// Past returns the events that made an event what it is, ascending and with the event itself: those that caused it, and on the nodes on the way
// those that changed the node's state or its disk, or were its faults, again and again. What changed nothing and led to nothing is
// not among them. Where the states of nodes are not known, whatever a node handled may have changed it.
func (t *Trace) Past(end uint64) []uint64 { return t.past([]uint64{end}) }

// past is Past, of several events at once.
func (t *Trace) past(ends []uint64) (past []uint64) {
	if len(ends) == 0 || t.Len() == 0 {
		return nil
	}
	last := min(slices.Max(ends), uint64(t.Len()))
	needed := make([]bool, last+1)
	for _, e := range ends {
		needed[min(e, last)] = true
	}
	concerned := make([]bool, len(t.Nodes)+1)
	for seq := last; seq > 0; seq-- {
		i := seq - 1
		if !needed[seq] && !(concerned[t.node[i]] && t.matters(seq)) && !(t.kind[i] == sim.Faulted && t.node[i] == 0) {
			continue
		}
		past = append(past, seq)
		if t.node[i] == 0 {
			continue
		}
		concerned[t.node[i]] = true
		if c := t.cause[i]; c > 0 {
			needed[c] = true
		}
	}
	slices.Reverse(past)
	return past
}

// matters reports whether an event may have made its node another one.
func (t *Trace) matters(seq uint64) bool {
	switch t.kind[seq-1] {
	case sim.Crashed, sim.Started, sim.Faulted, sim.Panicked, sim.Noted:
		return true
	case sim.Delivered, sim.TimerFired:
		return !t.States.Holds(seq) || len(t.changesAt(seq)) > 0
	case sim.DiskDone:
		return t.States.Holds(seq) && len(t.changesAt(seq)) > 0
	}
	return false
}

// accused returns the events that a sentence names by node and time, such as "p1 decided A at 4.3ms": up to an event, the latest fact of each node and
// time, and where there is none what the node sent then, or handled.
func (t *Trace) accused(why string, upTo uint64) (seqs []uint64) {
	said := make(map[string]bool)
	for _, w := range words(why) {
		said[w] = true
	}
	type place struct {
		node uint16
		at   time.Duration
	}
	seen := make(map[place]bool)
	for _, kind := range []sim.Kind{sim.Noted, sim.Sent, sim.Delivered} {
		for seq := min(upTo, uint64(t.Len())); seq > 0; seq-- {
			i := seq - 1
			if t.kind[i] != kind || t.node[i] == 0 {
				continue
			}
			p := place{t.node[i], time.Duration(t.at[i])}
			if !seen[p] && said[string(t.name(t.node[i]))] && said[p.at.String()] {
				seen[p] = true
				seqs = append(seqs, t.arrived(seq, upTo))
			}
		}
	}
	return seqs
}

// arrived returns the event in which a message that was sent was handled, if that was up to an event, since there its arrow is drawn; else the event itself.
func (t *Trace) arrived(seq, upTo uint64) uint64 {
	if t.kind[seq-1] == sim.Sent {
		for later := seq + 1; later <= min(upTo, uint64(t.Len())); later++ {
			if t.kind[later-1] == sim.Delivered && uint64(t.cause[later-1]) == seq {
				return later
			}
		}
	}
	return seq
}
