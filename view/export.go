package view

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"simrun/sim"
)

// An export writes a Trace in the format of another program. What is common to them stands here.

// MostDrawn is how many events of a run [SVG] and [ShiViz] take. Of a longer one they show a part.
const MostDrawn = 20_000

// A Refusal says why a run cannot be had in a format. Nothing has been written then.
type Refusal struct {
	Why  string
	Long bool // the run is too long: a part of it could be had, if the caller said around which event
}

// Error is the reason.
func (r *Refusal) Error() string { return r.Why }

// part returns the events that a format shows which takes at most so many: all of them, or if the run is longer those around an
// event, of which three in four are before it. Without such an event a longer run is refused.
func (t *Trace) part(format string, most, around uint64) (Window, error) {
	n := uint64(t.Len())
	if n <= most {
		return Window{1, n}, nil
	}
	if around == 0 {
		return Window{}, &Refusal{fmt.Sprintf("the run has %s events, and %s is for at most %s", Number(n), format, Number(most)), true}
	}
	from := max(around, most*3/4) - most*3/4 + 1
	from = min(from, n-most+1)
	return Window{from, from + most - 1}, nil
}

// A walker goes through the changes of states along with the events, so that each is told with what was there before.
type walker struct {
	t     *Trace
	next  int
	known map[uint64]uint32                // value by line
	lost  map[sim.NodeID]map[string]string // of nodes that are down: their lines before the crash
}

func (t *Trace) walk() *walker {
	return &walker{t: t, known: make(map[uint64]uint32), lost: make(map[sim.NodeID]map[string]string)}
}

// to returns what an event changed. It is called with ascending events; those in between are passed over.
func (w *walker) to(seq uint64) (list []Change) {
	for ; w.next < len(w.t.changes) && uint64(w.t.changes[w.next].seq) <= seq; w.next++ {
		c := w.t.changes[w.next]
		line := uint64(c.node)<<32 | uint64(c.path)
		d := Change{w.t.name(c.node), w.t.texts[c.path], w.t.texts[w.known[line]], w.t.texts[c.value]}
		if uint64(c.seq) == seq {
			list = append(list, d)
		}
		if w.known[line] = c.value; c.value == 0 && c.seq > 0 && w.t.kind[c.seq-1] == sim.Crashed {
			if w.lost[d.Node] == nil {
				w.lost[d.Node] = make(map[string]string)
			}
			w.lost[d.Node][d.Path] = d.Before
		}
	}
	return list
}

// told returns those of an event's changes that a drawing shows: where a node starts again how it differs from before its crash, and
// neither how a first life begins nor what is gone while a node is down. What a disk holds is left out.
func (w *walker) told(m *Moment) (list []Change) {
	for _, c := range w.to(m.Seq) {
		if m.Kind == sim.Started {
			c.Before = w.lost[c.Node][c.Path]
		}
		first := m.Kind == sim.Started && w.lost[c.Node] == nil
		if m.Kind != sim.Crashed && !first && c.Before != c.After && !strings.HasPrefix(c.Path, onDisk) {
			list = append(list, c)
		}
	}
	if m.Kind == sim.Started {
		delete(w.lost, m.Node)
	}
	return list
}

// short is a change in few words: "promised 0.0 → 1.1".
func (c *Change) short() string {
	before, after := c.Before, c.After
	if before == "" {
		before = "–"
	}
	if after == "" {
		after = "–"
	}
	return c.Path + " " + before + " → " + after
}

// title names a run: "paxos seed 0x2a: violated agreement".
func (t *Trace) title() string {
	return fmt.Sprintf("%s %s: %s", t.Scenario, seedText(t.Config), verdictText(t.Verdict))
}

// named is the event of the violation that the verdict is named after; 0 for none.
func (t *Trace) named() uint64 {
	for _, x := range t.Verdict.Violations {
		if x.Property == t.Verdict.Property && x.Seq <= uint64(t.Len()) {
			return x.Seq
		}
	}
	return 0
}

// hostNames are names of the nodes, and then of the extra lanes, without white space and braces, each another one.
func (t *Trace) hostNames(extra ...string) (names []string) {
	taken := make(map[string]bool)
	all := make([]string, 0, len(t.Nodes)+len(extra))
	for _, id := range t.Nodes {
		all = append(all, string(id))
	}
	for _, name := range append(all, extra...) {
		name = strings.Map(func(r rune) rune {
			if unicode.IsSpace(r) || unicode.IsControl(r) || r == '{' || r == '}' {
				return '_'
			}
			return r
		}, name)
		if name == "" {
			name = "_"
		}
		for taken[name] {
			name += "_"
		}
		taken[name] = true
		names = append(names, name)
	}
	return names
}

// handles reports whether an event is one in which a node's code runs.
func handles(k sim.Kind) bool {
	return k == sim.Delivered || k == sim.TimerFired || k == sim.Started
}

// decimal prints a whole number of parts with so many digits behind the point: decimal(1500, 3) is "1.500".
func decimal(n int64, digits int) string {
	s := strconv.FormatInt(n, 10)
	if len(s) <= digits {
		s = strings.Repeat("0", digits+1-len(s)) + s
	}
	return s[:len(s)-digits] + "." + s[len(s)-digits:]
}

// appendJSON appends a text as JSON.
func appendJSON(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil {
		panic("view: " + err.Error()) // there is no text that JSON cannot say
	}
	return append(b, text...)
}
