package net

import (
	"cmp"
	"slices"

	"simrun/sim/chance"
)

// A Ticker is a network whose time is a whole number, as courses on distributed snapshots have it. It holds every
// message at the end of its link's line until a tick lets it go:
//
//   - what is sent at time t is due from t + 1 + d, where d is from 0 to [MostTicks];
//   - a link keeps order: only the head of its line can go, and what is behind it waits, due or not;
//   - at each tick every source lets go at most one message, the head of the first link whose head is due. Sources, and
//     the links of one source by where they lead, are visited in the order of their names as strings.
//
// The Ticker knows a message by a number that the caller chooses, and delivers nothing itself.
type Ticker struct {
	order  []int    // the nodes, by name
	lines  [][]held // from*len(order)+to
	count  []int    // by source: how many messages are held
	delays []uint8  // of the first sends
	sent   int
}

// A held message waits in the line of its link.
type held struct {
	ref int32
	due int64
}

// MostTicks is the most that a message may be late beyond the one tick that every message takes.
const MostTicks = 4

// NewTicker returns an empty network of nodes with these names. Of the i-th send, from 0, d is delays[i]; the seed
// picks those that are not in the list.
func NewTicker(names []string, delays []uint8) *Ticker {
	t := &Ticker{lines: make([][]held, len(names)*len(names)), count: make([]int, len(names)), delays: delays}
	for i := range names {
		t.order = append(t.order, i)
	}
	slices.SortStableFunc(t.order, func(i, j int) int { return cmp.Compare(names[i], names[j]) })
	return t
}

// Send puts the flow's next message, sent at time now, at the end of its link's line. From and to are the ends of the
// flow's link. Due is when it can go if no other message is before it, and first whether none is.
func (t *Ticker) Send(c *chance.Source, f *Flow, from, to int, now int64, ref int32) (due int64, first bool) {
	f.sent++
	var d uint64
	if t.sent < len(t.delays) {
		d = uint64(t.delays[t.sent])
	} else {
		d = c.Below(&f.late, f.sent, MostTicks+1)
	}
	t.sent++
	t.count[from]++
	line := &t.lines[from*len(t.order)+to]
	due, first = now+1+int64(d), len(*line) == 0
	*line = append(*line, held{ref, due})
	return due, first
}

// Tick lets go what is due at time now, one message a source at most, in the order in which it arrives.
func (t *Ticker) Tick(now int64, arrive func(ref int32)) {
	for _, from := range t.order {
		if t.count[from] == 0 {
			continue
		}
		for _, to := range t.order {
			line := &t.lines[from*len(t.order)+to]
			if len(*line) > 0 && (*line)[0].due <= now {
				ref := (*line)[0].ref
				*line = (*line)[1:]
				t.count[from]--
				arrive(ref)
				break
			}
		}
	}
}

// Next returns the first time after now at which a message may be let go; false if none is held.
func (t *Ticker) Next(now int64) (at int64, ok bool) {
	for from := range t.order {
		if t.count[from] == 0 {
			continue
		}
		for to := range t.order {
			if line := t.lines[from*len(t.order)+to]; len(line) > 0 && (!ok || line[0].due < at) {
				at, ok = line[0].due, true
			}
		}
	}
	return max(at, now+1), ok
}
