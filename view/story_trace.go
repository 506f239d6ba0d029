package view

import (
	"cmp"
	"slices"
	"strconv"
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
	t       *Trace
	end     uint64
	roots   []uint64
	past    []uint64
	spine   map[uint64]bool   // what caused the roots, and the roots
	early   map[uint64]string // sends of what was on no disk and then lost: how much
	vocab   map[string]bool   // the words of messages and facts
	stems   map[string]bool   // how long ones begin
	facts   map[string]bool   // the whole texts of facts, which are told anyway
	turns   map[uint64][]turn // what an event changed that is worth telling, the best first
	forgets map[uint64][]turn // the same of a life that begins without what was known before
}

// newSelection finds out what led to an event.
func newSelection(t *Trace, end uint64) *selection {
	s := &selection{t: t, end: min(end, uint64(t.Len())), spine: make(map[uint64]bool),
		vocab: make(map[string]bool), stems: make(map[string]bool), facts: make(map[string]bool),
		turns: make(map[uint64][]turn), forgets: make(map[uint64][]turn)}
	if s.end == 0 {
		s.end = uint64(t.Len())
		s.roots = t.lastOf(t.Verdict.Why)
	} else {
		s.roots = append([]uint64{s.end}, t.accused(t.Verdict.Why, s.end)...)
	}
	if len(s.roots) == 0 {
		s.roots = []uint64{s.end}
	}
	s.past = t.past(s.roots)
	s.early = t.early(s.end)
	for _, r := range s.roots {
		for e := r; e > 0 && !s.spine[e]; e = uint64(t.cause[e-1]) {
			s.spine[e] = true
		}
	}
	s.listen()
	for _, seq := range s.past {
		s.weigh(seq)
	}
	return s
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
			s.vocab[w] = true
			if len(w) >= stem {
				s.stems[strings.ToLower(w[:stem])] = true
			}
		}
	}
}

// lastOf returns for each node that a sentence names the last event that changed it, or all nodes' if it names none.
func (t *Trace) lastOf(why string) (seqs []uint64) {
	said := make(map[string]bool)
	for _, w := range words(why) {
		said[w] = true
	}
	named := slices.ContainsFunc(t.Nodes, func(id sim.NodeID) bool { return said[string(id)] })
	left := make(map[uint16]bool)
	for i, id := range t.Nodes {
		if !named || said[string(id)] {
			left[uint16(i+1)] = true
		}
	}
	for seq := uint64(t.Len()); seq > 0 && len(left) > 0; seq-- {
		if node := t.node[seq-1]; left[node] && t.matters(seq) {
			delete(left, node)
			seqs = append(seqs, seq)
		}
	}
	return seqs
}

// early finds the messages that were sent while what they were sent after was on no disk yet, and then lost in a crash: by the event of the
// sending, what was not on disk.
func (t *Trace) early(end uint64) map[uint64]string {
	early, open := make(map[uint64]string), make(map[uint16][]uint64)
	for seq := uint64(1); seq <= end; seq++ {
		i := seq - 1
		node := t.node[i]
		switch t.kind[i] {
		case sim.Sent:
			if t.unsynced(seq) != "" {
				open[node] = append(open[node], seq)
			}
		case sim.DiskDone:
			if t.texts[t.typ[i]] == "sync" {
				delete(open, node)
			}
		case sim.Crashed:
			if t.text[i] != 0 {
				for _, sent := range open[node] {
					early[sent] = t.unsynced(sent)
				}
			}
			delete(open, node)
		}
	}
	return early
}

// unsynced goes back from a sending to what its node wrote just before and did not sync: "23 bytes" or "".
func (t *Trace) unsynced(sent uint64) string {
	node := t.node[sent-1]
	for e := uint64(t.cause[sent-1]); e > 0 && t.node[e-1] == node; e = uint64(t.cause[e-1]) {
		if t.kind[e-1] != sim.DiskDone {
			return ""
		}
		switch t.texts[t.typ[e-1]] {
		case "sync":
			return ""
		case "append", "write":
			text := strings.Fields(t.texts[t.text[e-1]])
			if n := len(text); n >= 2 && text[n-1] == "bytes" && text[n-2] != "0" {
				return text[n-2] + " bytes"
			}
		}
	}
	return ""
}

// mostTurns is how many values that an event changed are told.
const mostTurns = 4

// weigh finds out what is worth telling of what an event changed.
func (s *selection) weigh(seq uint64) {
	t := s.t
	i := seq - 1
	switch t.kind[i] {
	case sim.Delivered:
		s.turns[seq] = s.best(t.turned(seq), 1)
	case sim.TimerFired:
		s.turns[seq] = s.best(t.turned(seq), good)
	case sim.Started:
		if before := t.lastLife(seq); before > 0 {
			node := t.name(t.node[i])
			s.forgets[seq] = s.best(turns(withoutDisk(t.State(node, before)), withoutDisk(t.State(node, seq))), 1)
		}
	}
}

// turned returns the values that an event changed in the state of its node.
func (t *Trace) turned(seq uint64) []turn {
	var before, after []StateLine
	for _, c := range t.Changes(seq) {
		if strings.HasPrefix(c.Path, onDisk) {
			continue
		}
		if c.Before != "" {
			before = append(before, StateLine{c.Path, c.Before})
		}
		if c.After != "" {
			after = append(after, StateLine{c.Path, c.After})
		}
	}
	return turns(before, after)
}

// lastLife returns the event before the crash that ended the life before a start; 0 if there was none.
func (t *Trace) lastLife(start uint64) uint64 {
	node := t.node[start-1]
	for seq := start - 1; seq > 0; seq-- {
		if t.node[seq-1] == node && t.kind[seq-1] == sim.Crashed {
			return seq - 1
		}
		if t.node[seq-1] == node && t.kind[seq-1] == sim.Started {
			return 0
		}
	}
	return 0
}

// withoutDisk leaves out the lines about a disk.
func withoutDisk(lines []StateLine) (kept []StateLine) {
	for _, l := range lines {
		if !strings.HasPrefix(l.Path, onDisk) {
			kept = append(kept, l)
		}
	}
	return kept
}

// best returns the changes that a person would tell, the best first. What counts are words that nodes say to one another, names
// that are like those of messages and facts, and things that are so or not; a counter is told if there is nothing better, and it is not
// below least.
func (s *selection) best(all []turn, least int) (told []turn) {
	for _, c := range all {
		if s.score(c) > 0 {
			told = append(told, c)
		}
	}
	slices.SortStableFunc(told, func(a, b turn) int { return cmp.Compare(s.score(b), s.score(a)) })
	if len(told) > 0 {
		least = max(least, min(good, s.score(told[0])))
		told = slices.DeleteFunc(told, func(c turn) bool { return s.score(c) < least })
	}
	return told[:min(len(told), mostTurns)]
}

// good is the score of what is told in any case.
const good = 3

// score says how much a person would want to know of a change.
func (s *selection) score(c turn) (n int) {
	if opaque(c.after) || opaque(c.before) || s.facts[c.after] {
		return 0
	}
	for _, v := range []string{c.before, c.after} {
		if u, err := strconv.Unquote(v); err == nil {
			v = u
		}
		_, err := strconv.Atoi(v)
		number, said := err == nil, !blank(v) && s.said(v)
		switch {
		case !number && said, v == "true", v == "false":
			n = max(n, good)
		case number && said && len(v) > 1:
			n = max(n, good-1)
		}
	}
	if s.alike(lastPart(c.path)) {
		n += 2
	}
	return max(n, 1)
}

// said reports whether a value, or a word of it, is in what nodes tell one another.
func (s *selection) said(value string) bool {
	return slices.ContainsFunc(words(value), func(w string) bool { return s.vocab[w] })
}

// stem is how many letters of a name are compared: promised is like Promise.
const stem = 5

// alike reports whether a field is called like a message or a fact.
func (s *selection) alike(name string) bool {
	name, _, _ = strings.Cut(strings.ToLower(name), "[")
	return len(name) >= stem && s.stems[name[:stem]]
}

// order returns the events worth telling, the most important first.
func (s *selection) order() []uint64 {
	class := make(map[uint64]int)
	for _, seq := range s.past {
		if c := s.class(seq); c > 0 {
			class[seq] = c
		}
	}
	for sent := range s.early { // they led to the end by what was lost
		if _, in := slices.BinarySearch(s.past, sent); in || s.lanesOf(sent) {
			class[sent] = 3
		}
	}
	for _, r := range s.roots {
		class[r] = 1
	}
	order := make([]uint64, 0, len(class))
	for seq := range class {
		order = append(order, seq)
	}
	slices.SortFunc(order, func(a, b uint64) int {
		if a == s.end || b == s.end { // which is told whatever else is
			return cmp.Compare(b, a)
		}
		return cmp.Or(cmp.Compare(class[a], class[b]), cmp.Compare(b, a))
	})
	return order
}

// lanesOf reports whether the past has events of a sender.
func (s *selection) lanesOf(sent uint64) bool {
	return slices.ContainsFunc(s.past, func(seq uint64) bool { return s.t.node[seq-1] == s.t.node[sent-1] })
}

// class says how important an event is, 1 being the most; 0 for bookkeeping.
func (s *selection) class(seq uint64) int {
	t := s.t
	i := seq - 1
	spine := s.spine[seq]
	switch t.kind[i] {
	case sim.Crashed:
		if t.text[i] != 0 {
			return 2
		}
		return 4
	case sim.Panicked:
		return 2
	case sim.Started:
		switch {
		case len(s.forgets[seq]) > 0:
			return 2
		case t.texts[t.text[i]] != "life 1":
			return 4
		}
	case sim.Delivered:
		switch {
		case spine:
			return 3
		case len(s.turns[seq]) > 0:
			return 4
		}
		return 5
	case sim.Noted:
		if spine {
			return 3
		}
		return 4
	case sim.Faulted:
		return 4
	case sim.Settled:
		return 5
	case sim.TimerFired:
		if len(s.turns[seq]) > 0 {
			return 5
		}
	}
	return 0
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
		if n := s.early[seq]; n != "" {
			r.more = append(r.more, n+" unsynced")
		}
		told.rows = append(told.rows, r)
	}
	told.Lanes = t.lanes(told.rows)
	t.markDown(&told)
	return told
}

// row makes a row of an event.
func (t *Trace) row(seq uint64) row {
	m := t.Event(seq)
	r := row{seq: seq, cause: m.Cause, at: m.At, sent: m.At, kind: m.Kind, node: m.Node, peer: m.Peer, text: m.Text, reason: m.Reason}
	switch m.Kind {
	case sim.Delivered, sim.Dropped:
		if m.Cause > 0 {
			r.sent = t.at[m.Cause-1]
		}
	case sim.Started:
		r.text = strings.TrimPrefix(m.Text, "life ")
	case sim.Crashed:
		r.lost = m.Text != ""
	}
	return r
}

// lanes returns the nodes that take part in rows, in the order of the world.
func (t *Trace) lanes(rows []row) (lanes []sim.NodeID) {
	present := make(map[sim.NodeID]bool)
	for i := range rows {
		present[rows[i].node], present[rows[i].peer] = true, true
	}
	for _, id := range t.Nodes {
		if present[id] {
			lanes = append(lanes, id)
		}
	}
	return lanes
}

// markDown finds out which nodes were down after each row.
func (t *Trace) markDown(s *Story) {
	down := make([]bool, len(s.Lanes))
	seq := uint64(1)
	for i := range s.rows {
		for ; seq <= s.rows[i].seq; seq++ {
			switch t.kind[seq-1] {
			case sim.Crashed, sim.Started:
				if l := s.lane(t.name(t.node[seq-1])); l >= 0 {
					down[l] = t.kind[seq-1] == sim.Crashed
				}
			}
		}
		s.rows[i].down = slices.Clone(down)
	}
}
