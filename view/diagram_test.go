package view

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"simrun/sim"
	"simrun/sim/clock"
)

// It fails if what is left out is counted in wrong words.
func TestDiagramCounts(t *testing.T) {
	for n, want := range map[int][2]string{
		1: {"(1 other event up to there: look)", "(1 other event is bookkeeping or of another node: look)"},
		2: {"(2 other events up to there: look)", "(2 other events are bookkeeping or of other nodes: look)"},
	} {
		for i, all := range []bool{false, true} {
			s := Story{omitted: n, all: all}
			if got := strings.TrimSpace(strings.Join(s.foot(nil, Hints{Events: "look"}), "")); got != want[i] {
				t.Errorf("%d events are left out: %q, want %q", n, got, want[i])
			}
		}
	}
}

// storyOf makes a story of so many nodes.
func storyOf(lanes int, rows ...row) Story {
	var s Story
	for i := range lanes {
		s.Lanes = append(s.Lanes, sim.NodeID(fmt.Sprintf("n%d", i+1)))
	}
	for i, r := range rows {
		r.at, r.sent = clock.Time(i), clock.Time(i)
		if r.down == nil {
			r.down = make([]bool, lanes)
		}
		s.rows = append(s.rows, r)
	}
	return s
}

// It fails if lanes are drawn where they have no room, if one that is left out is not told, or if there would have been room.
func TestDiagramHasRoom(t *testing.T) {
	for lanes, left := range map[int]string{1: "", 9: "", 10: "(1 more node has no lane)", 12: "(3 more nodes have no lane)"} {
		for _, name := range []string{"n", "node-of-a-name-that-is-long"} {
			s := storyOf(lanes, row{seq: 1, kind: sim.Noted, node: "n1", text: strings.Repeat("x", 200)})
			s.Lanes[0] = sim.NodeID(name)
			s.rows[0].node = s.Lanes[0]
			text := drawn(t, s)
			for _, line := range strings.Split(text, "\n") {
				if utf8.RuneCountInString(line) > Width {
					t.Errorf("%d lanes: a line is %d wide: %q", lanes, utf8.RuneCountInString(line), line)
				}
			}
			if left != "" != strings.Contains(text, "no lane)") || !strings.Contains(text, left) {
				t.Errorf("%d lanes: want %q in\n%s", lanes, left, text)
			}
		}
	}
	for lanes, want := range map[int]int{2: 8, 4: 8, 5: 7, 6: 6, 7: 5, 9: 4, 20: 4} { // columns of a lane, of the 38 that there are
		s := storyOf(lanes)
		s.Lanes[0] = "a-long-name"
		if _, wide := s.fit(); wide != want {
			t.Errorf("of %d lanes one is %d wide, want %d", lanes, wide, want)
		}
	}
}

// It fails if an arrow does not show which lanes it crosses, be they of nodes that are down, or what comes to a node from itself is an arrow.
func TestDiagramArrows(t *testing.T) {
	s := storyOf(4,
		row{kind: sim.Delivered, node: "n4", peer: "n1", down: []bool{false, true, false, false}},
		row{kind: sim.Dropped, node: "n1", peer: "n3"},
		row{kind: sim.Delivered, node: "n2", peer: "n2"},
		row{kind: sim.Dropped, node: "n2", peer: "n2"},
		row{kind: sim.Dropped, node: "n2", peer: "elsewhere"},
	)
	want := []string{"○───┼───┼───▶", "✗───┼───○   │", "│   ●   │   │", "│   ✗   │   │", "│   ✗   │   │"}
	for i := range s.rows {
		if got := strings.TrimSpace(s.rows[i].draw(s.Lanes, laneLeast)); got != want[i] {
			t.Errorf("row %d is %q, want %q", i, got, want[i])
		}
	}
}

// It fails if a text is not broken where people would, takes more lines than it may, or loses something before it must.
func TestFold(t *testing.T) {
	for _, c := range []struct {
		text          string
		width, indent int
		want          string
	}{
		{"one two three", 13, 2, "one two three"},
		{"one two three", 12, 2, "one two|  three"},
		{"one two three four five", 9, 2, "one two|  three|  four f…"},
		{"a-word-that-is-long", 8, 2, "a-word-t|  hat-is|  -long"},
		{"a b-word-that-is-long", 9, 1, "a b-word-| that-is-| long"},               // a line is a third full at least
		{"abc d-word-that-is-long", 9, 1, "abc| d-word-t| hat-is-…"},               // which this one is
		{"ab" + noBreak + "cd ef" + noBreak + "gh", 9, 0, "ab\u00a0cd|ef\u00a0gh"}, // what belongs together stays
		{"abcd" + noBreak + "efgh", 6, 0, "abcd|efgh"},                             // as long as it can
	} {
		if got := strings.Join(fold(c.text, c.width, c.indent, mostLinesOfRow), "|"); got != c.want {
			t.Errorf("fold(%q, %d) = %q, want %q", c.text, c.width, got, c.want)
		}
	}
	s := storyOf(1, row{seq: 1_234_567, kind: sim.Noted, node: "n1", text: strings.Repeat("words ", 60)})
	lines := strings.Split(strings.TrimSpace(drawn(t, s)), "\n")
	if len(lines) != 4 || strings.Index(lines[2], "words")-strings.Index(lines[1], "#") != mostIndent || !strings.HasSuffix(lines[3], "…") {
		t.Errorf("a row of many words is\n%s", strings.Join(lines, "\n"))
	}
}
