package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// Story picks what explains an event and draws in at most so many lines: the event, the facts that the verdict names beside it, the crashes that forgot
// something, the messages that led there with what they changed in the nodes, and what was sent before it was on disk and then lost.
// An end of 0 is the end of the run, for what was seen there only, such as a stall. Where something that led there
// has no room, the drawing says so.
func (t *Trace) Story(end uint64, lines int) Story {
	if t.Len() == 0 {
		return Story{}
	}
	s := newSelection(t, end)
	order := s.order()
	s.worth = order
	for n := min(lines, len(order)); ; {
		told := s.story(slices.Clone(order[:n]))
		over := told.Lines() - lines
		if over <= 0 || n <= 2 {
			return told
		}
		n = max(2, n-max(1, over/2))
	}
}

// A selection is what there is to choose from for a story.
type selection struct {
	t        *Trace
	end      uint64
	roots    []uint64
	atEnd    bool // it is about the end of the run, not about an event
	past     []uint64
	spine    map[uint64]int    // what caused the roots, and the roots: 1 + how many messages and facts lie between
	underway map[uint64]bool   // sends of what had not arrived by the end though it might have
	early    map[uint64]string // sends of what was on no disk and then lost: how much
	vocab    map[string]bool   // the words of messages and facts
	stems    map[string]bool   // how long ones begin
	facts    map[string]bool   // the whole texts of facts, which are told anyway
	worth    []uint64          // the events worth telling
	times    map[uint64]int    // how often the same had happened to the same node by then, if that is told once
	turns    map[uint64][]turn // what an event changed that is worth telling, the best first
	forgets  map[uint64][]turn // the same of a life that begins without what was known before
}

// newSelection finds out what led to an event.
func newSelection(t *Trace, end uint64) *selection {
	var roots []uint64
	atEnd := end == 0
	if atEnd {
		end = uint64(t.Len())
		roots = t.lastOf(t.Verdict.Why)
	} else {
		end = min(end, uint64(t.Len()))
		roots = append([]uint64{end}, t.accused(t.Verdict.Why, end)...)
	}
	for _, o := range t.History {
		if o.Illegal && o.Ret > 0 && o.Ret <= end {
			roots = append(roots, o.Ret)
		}
	}
	if len(roots) == 0 {
		roots = []uint64{end}
	}
	past := t.past(roots)
	of := past
	if atEnd && end <= fullEnd {
		of = t.numbers(1, end)
	}
	s := t.choice(end, of)
	s.past = past
	s.roots, s.atEnd = roots, atEnd
	for _, r := range roots {
		s.climb(r)
		if n := t.unsynced(r); t.kind[r-1] == sim.Sent && n != "" {
			s.early[r] = n
		}
	}
	return s
}

// choice finds out what there is to tell of some events up to an end.
func (t *Trace) choice(end uint64, past []uint64) *selection {
	s := &selection{t: t, end: end, past: past, early: t.early(end), underway: make(map[uint64]bool), spine: make(map[uint64]int),
		vocab: make(map[string]bool), stems: make(map[string]bool), facts: make(map[string]bool),
		times: make(map[uint64]int), turns: make(map[uint64][]turn), forgets: make(map[uint64][]turn)}
	s.listen()
	for _, seq := range past {
		s.weigh(seq)
	}
	return s
}

// near is how many messages and facts before an event are told in any case, spineLong how many are the way to it: those before them are part of its past
// like others.
const (
	near      = 3
	spineLong = 8
)

// climb goes up the causes of an event.
func (s *selection) climb(e uint64) {
	for n := 1; e > 0 && n <= spineLong; e = uint64(s.t.cause[e-1]) {
		if had := s.spine[e]; had > 0 && had <= n {
			return
		}
		s.spine[e] = n
		if k := s.t.kind[e-1]; k == sim.Delivered || k == sim.Noted {
			n++
		}
	}
}

// listen collects the words that nodes say to one another.
func (s *selection) listen() {
	for _, seq := range s.past {
		text := s.t.texts[s.t.text[seq-1]]
		switch s.t.kind[seq-1] {
		case sim.Noted:
			s.facts[text] = true
		case sim.Sent, sim.Delivered:
		default:
			continue
		}
		for _, w := range words(text) {
			s.vocab[w] = !slices.Contains(s.t.Nodes, sim.NodeID(w))
			if len(w) >= stem {
				s.stems[strings.ToLower(w[:stem])] = true
			}
		}
	}
}

// lastOf returns for each node that a sentence names what it did last and what changed it last, or those of all nodes if it names none.
func (t *Trace) lastOf(why string) (seqs []uint64) {
	said := make(map[string]bool)
	for _, w := range words(why) {
		said[w] = true
	}
	named := slices.ContainsFunc(t.Nodes, func(id sim.NodeID) bool { return said[string(id)] })
	did, changed := make([]bool, len(t.Nodes)+1), make([]bool, len(t.Nodes)+1)
	for seq := uint64(t.Len()); seq > 0; seq-- {
		node := t.node[seq-1]
		if node == 0 || named && !said[string(t.name(node))] {
			continue
		}
		acts := t.kind[seq-1] == sim.TimerFired || t.kind[seq-1] == sim.Delivered
		changes := t.kind[seq-1] != sim.DiskDone && t.matters(seq)
		if acts && !did[node] || changes && !changed[node] {
			seqs = append(seqs, seq)
		}
		did[node] = did[node] || acts
		changed[node] = changed[node] || changes
	}
	return seqs
}

// story makes rows of events.
func (s *selection) story(seqs []uint64) Story {
	t := s.t
	slices.Sort(seqs)
	told := Story{omitted: int(s.end) - len(seqs)}
	paths := make(map[sim.NodeID][]string)
	for _, seq := range seqs {
		node := t.name(t.node[seq-1])
		for _, c := range slices.Concat(s.turns[seq], s.forgets[seq]) {
			paths[node] = append(paths[node], c.path)
		}
	}
	name := make(map[sim.NodeID]map[string]string)
	for _, id := range t.Nodes {
		name[id] = names(paths[id])
	}
	for _, seq := range seqs {
		r := t.row(seq)
		for _, c := range s.turns[seq] {
			r.more = append(r.more, c.words(name[r.node][c.path]))
		}
		for i, c := range s.forgets[seq] {
			lead := ""
			if i == 0 {
				lead = "forgot "
			}
			r.more = append(r.more, lead+c.lost(name[r.node][c.path]))
		}
		if n := s.times[seq]; n > 1 {
			r.more = append(r.more, fmt.Sprintf("%s time", ordinal(n)))
		}
		if s.underway[seq] {
			r.more = append(r.more, "still on its way")
		}
		if n := s.early[seq]; n != "" {
			r.more = append(r.more, n+" unsynced")
		}
		told.rows = append(told.rows, r)
	}
	s.gaps(&told)
	told.Lanes = t.lanes(told.rows)
	t.markDown(&told)
	return told
}

// Where so many events that led to the end are left out in a row, the drawing says so, in the places with the most of them.
const (
	leastGap = 4
	mostGaps = 3
)

// gaps counts the events worth telling that are not told.
func (s *selection) gaps(told *Story) {
	count := make([]int, len(told.rows))
	for _, seq := range s.worth {
		i, in := slices.BinarySearchFunc(told.rows, seq, func(r row, seq uint64) int { return cmp.Compare(r.seq, seq) })
		if !in && i < len(count) {
			count[i]++
		}
	}
	for range mostGaps {
		i := slices.Index(count, slices.Max(count))
		if count[i] < leastGap {
			return
		}
		told.rows[i].gap, count[i] = count[i], 0
	}
}
