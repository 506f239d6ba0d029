package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"simrun/sim"
)

// Passage tells all that happened in a window of a run, whatever it led to: what arrived and what was lost, facts, faults, and timers that did something. If
// nodes are named, it is all that happened on these, also what they sent and what they did with their disks.
func (t *Trace) Passage(w Window, nodes ...sim.NodeID) Story {
	n := uint64(t.Len())
	if n == 0 {
		return Story{}
	}
	from, to := max(w.From, 1), min(w.To, n)
	if to == 0 {
		to = n
	}
	window := t.numbers(from, to)
	s := t.choice(to, window)
	arrived, did := t.traffic(from, n)
	var told []uint64
	for _, seq := range window {
		if len(nodes) > 0 {
			if slices.Contains(nodes, t.name(t.node[seq-1])) || t.node[seq-1] == 0 {
				told = append(told, seq)
			}
		} else if s.happens(seq, arrived[seq], did[seq]) {
			told = append(told, seq)
		}
	}
	p := s.story(told)
	p.omitted, p.all = len(window)-len(told), true
	if from > 1 || to < n {
		p.part = fmt.Sprintf("these are events %s to %s of %s", Number(from), Number(to), Number(n))
	}
	return p
}

// numbers returns those of all events from one to another.
func (t *Trace) numbers(from, to uint64) (seqs []uint64) {
	for seq := from; seq <= to; seq++ {
		seqs = append(seqs, seq)
	}
	return seqs
}

// traffic tells of the messages that were delivered or lost between two events, and of the timers that led to more than bookkeeping.
func (t *Trace) traffic(from, to uint64) (arrived, did map[uint64]bool) {
	arrived, did = make(map[uint64]bool), make(map[uint64]bool)
	for seq := from; seq <= to; seq++ {
		switch t.kind[seq-1] {
		case sim.Delivered, sim.Dropped:
			arrived[uint64(t.cause[seq-1])] = true
		case sim.TimerSet, sim.DiskDone, sim.TimerFired:
		default:
			did[uint64(t.cause[seq-1])] = true
		}
	}
	return arrived, did
}

// happens reports whether an event is more than bookkeeping: a send is seen where it arrives, if it does.
func (s *selection) happens(seq uint64, arrived, did bool) bool {
	switch s.t.kind[seq-1] {
	case sim.Sent:
		return !arrived || s.early[seq] != ""
	case sim.TimerFired:
		return did || len(s.turns[seq]) > 0
	case sim.TimerSet, sim.DiskDone, sim.Exited:
		return false
	}
	return true
}

// Heading prints what a run is and how it ended, and an empty line. It returns the first error of w.
func Heading(w io.Writer, t *Trace) error {
	text := t.title() + "\n"
	if t.Verdict.Outcome != sim.OK {
		text += Wrap("", because(&t.Verdict, Hints{}))
	}
	_, err := io.WriteString(w, text+"\n")
	return err
}

// States prints all that nodes hold after an event, and what is on their disks, a line each in at most [Width] columns; of all nodes if none are named. It
// returns the first error of w.
func States(w io.Writer, t *Trace, seq uint64, nodes ...sim.NodeID) error {
	b := bufio.NewWriter(w)
	if len(nodes) == 0 {
		nodes = t.Nodes
	}
	if !t.States.Holds(seq) {
		fmt.Fprintf(b, "the states of nodes after #%d are not known: those after #%d to #%d are\n", seq, t.States.From, t.States.To)
		return b.Flush()
	}
	fmt.Fprintf(b, "after #%d, at %s:\n", seq, Instant(t.Event(seq).At))
	for _, id := range nodes {
		lines := t.State(id, seq)
		switch {
		case t.isDown(id, seq):
			fmt.Fprintf(b, "  %s is down\n", id)
		case len(withoutDisk(lines)) == 0:
			fmt.Fprintf(b, "  %s holds nothing that can be seen\n", id)
		default:
			fmt.Fprintf(b, "  %s\n", id)
		}
		wide := 0
		for _, l := range lines {
			wide = max(wide, min(utf8.RuneCountInString(l.Path), widestPath))
		}
		for _, l := range lines {
			writeState(b, l, wide)
		}
	}
	return b.Flush()
}

// writeState prints a line of a state, the column of paths being that wide. A path that is longer has a line of its own.
func writeState(b *bufio.Writer, l StateLine, wide int) {
	path := l.Path
	if utf8.RuneCountInString(path) > wide {
		fmt.Fprintf(b, "    %s\n", cut(path, Width-4))
		path = ""
	}
	room := Width - 4 - wide - 2
	for i, line := range fold(l.Value, room, 0, 1+widest/room) {
		if i > 0 {
			path = ""
		}
		b.WriteString(strings.TrimRight(fmt.Sprintf("    %-*s  %s", wide, path, line), " ") + "\n")
	}
}

// widestPath is how wide the column of paths is at most.
const widestPath = 28

// isDown reports whether a node is down after an event: its last start or crash was a crash, or it has not started yet.
func (t *Trace) isDown(node sim.NodeID, seq uint64) bool {
	place := uint16(1 + slices.Index(t.Nodes, node))
	for ; seq > 0; seq-- {
		if t.node[seq-1] == place && (t.kind[seq-1] == sim.Crashed || t.kind[seq-1] == sim.Started) {
			return t.kind[seq-1] == sim.Crashed
		}
	}
	return true
}
