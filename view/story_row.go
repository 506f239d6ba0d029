package view

import (
	"slices"
	"strings"

	"simrun/sim"
)

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

// row makes a row of an event.
func (t *Trace) row(seq uint64) row {
	m := t.Event(seq)
	r := row{seq: seq, cause: m.Cause, at: m.At, sent: m.At, kind: m.Kind, node: m.Node, peer: m.Peer, text: m.Text, reason: m.Reason}
	switch m.Kind {
	case sim.Delivered, sim.Dropped:
		if m.Cause > 0 {
			r.sent = t.at[m.Cause-1]
			if t.texts[t.reason[m.Cause-1]] == "byzantine" {
				r.more = append(r.more, "by a liar")
			}
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
