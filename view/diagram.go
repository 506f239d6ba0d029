package view

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"simrun/sim"
)

// lingers is how late a message must be for a diagram to say when it was sent.
const lingers = 20 * time.Millisecond

// The columns of a diagram: the time, the lanes, and what is left for the text.
const (
	timeColumn = 12
	laneLeast  = 4
	laneMost   = 8
	textLeast  = 30
)

// Hints say how to see what was left out, in the words of the program that shows the run: "--events
// prints all". An empty one says nothing.
type Hints struct {
	Events string // all events of the run
	Why    string // the whole reason of a violation
}

// Diagram draws a story as a space-time diagram, one lane a node and one row
// an event, in at most [Width] columns. Where lanes do not fit, the last
// ones are left out and a line says so. It returns the first error of w.
func Diagram(w io.Writer, s Story, hints Hints) error {
	b := bufio.NewWriter(w)
	lanes, wide := s.fit()
	fmt.Fprintf(b, "%*s  ", timeColumn, "virtual")
	for _, id := range lanes {
		fmt.Fprintf(b, "%-*s", wide, cut(string(id), wide-1))
	}
	b.WriteString(" event\n")
	for i := range s.rows {
		if n := s.rows[i].gap; n > 0 {
			fmt.Fprintf(b, "%*s  %s %s\n", timeColumn, "⋮", s.between(i, lanes, wide), gapText(n))
		}
		s.draw(b, &s.rows[i], lanes, wide)
	}
	for _, line := range s.foot(lanes, hints) {
		b.WriteString(line + "\n")
	}
	return b.Flush()
}

// Lines is the number of lines that the diagram of a story takes.
func (s Story) Lines() int {
	var b strings.Builder
	if err := Diagram(&b, s, Hints{}); err != nil {
		return 0
	}
	return strings.Count(b.String(), "\n")
}

// draw draws a row, and where its text needs more than one line the lanes go on.
func (s *Story) draw(b *bufio.Writer, r *row, lanes []sim.NodeID, wide int) {
	head := fmt.Sprintf("%*s  %s ", timeColumn, Instant(r.at), r.draw(lanes, wide))
	number := fmt.Sprintf("#%d ", r.seq)
	text := r.label()
	if len(r.more) > 0 {
		text += "  " + strings.ReplaceAll(strings.Join(r.more, ","+noBreak), " ", noBreak)
		text = strings.ReplaceAll(text, ","+noBreak, ", ")
	}
	indent := min(utf8.RuneCountInString(number), mostIndent)
	for i, line := range fold(number+text, Width-utf8.RuneCountInString(head), indent, mostLinesOfRow) {
		if i == 1 {
			head = fmt.Sprintf("%*s  %s ", timeColumn, "", r.lanes(lanes, wide))
		}
		b.WriteString(strings.ReplaceAll(strings.TrimRight(head+line, blanks), noBreak, " ") + "\n")
	}
}

// The text of a row: how many lines it takes at most, and how far all but the first are indented at most.
const (
	mostLinesOfRow = 3
	mostIndent     = 5
)

// fold breaks a text between words into at most so many lines of a width, all but the first indented. What has no room is cut.
func fold(text string, width, indent, most int) (lines []string) {
	rest := []rune(text)
	lead := ""
	for len(rest)+len(lead) > width && len(lines) < most-1 {
		room := width - len(lead)
		at := lastIn(rest[:room+1], ' ')
		if at < room/3 {
			at = lastIn(rest[:room+1], noBreakRune)
		}
		if at < room/3 {
			at = room
		}
		lines = append(lines, lead+strings.TrimRight(string(rest[:at]), blanks))
		rest = []rune(strings.TrimLeft(string(rest[at:]), blanks))
		lead = strings.Repeat(" ", indent)
	}
	return append(lines, lead+cut(string(rest), width-len(lead)))
}

// A no-break space stands within what is better kept on one line.
const (
	noBreakRune = '\u00a0'
	noBreak     = string(noBreakRune)
	blanks      = " " + noBreak
)

// lastIn returns the last place of a rune, or -1.
func lastIn(text []rune, r rune) int {
	for i := len(text) - 1; i >= 0; i-- {
		if text[i] == r {
			return i
		}
	}
	return -1
}

// where says among which events are those that are not told.
func (s *Story) where() string {
	if s.all {
		if s.omitted == 1 {
			return "is bookkeeping or of another node"
		}
		return "are bookkeeping or of other nodes"
	}
	return "up to there"
}

// between returns the lanes between a row and the one before.
func (s *Story) between(i int, lanes []sim.NodeID, wide int) string {
	if i > 0 {
		return s.rows[i-1].lanes(lanes, wide)
	}
	r := row{down: make([]bool, len(s.Lanes))}
	return r.lanes(lanes, wide)
}

// plural counts in words: "1 other event", "2 other events".
func plural(n int, one, many string) string {
	if n == 1 {
		many = one
	}
	return Number(uint64(n)) + " " + many
}

// gapText says that something is left out.
func gapText(n int) string {
	return fmt.Sprintf("⋮ %s more that led there", Number(uint64(n)))
}

// foot says what is not drawn.
func (s *Story) foot(lanes []sim.NodeID, hints Hints) (lines []string) {
	if left := len(s.Lanes) - len(lanes); left > 0 {
		lines = append(lines, fmt.Sprintf("%*s  (%s no lane)", timeColumn, "", plural(left, "more node has", "more nodes have")))
	}
	if s.part != "" {
		lines = append(lines, fmt.Sprintf("%*s  (%s)", timeColumn, "", s.part))
	}
	if s.omitted > 0 {
		hint := hints.Events
		if hint != "" {
			hint = ": " + hint
		}
		lines = append(lines, fmt.Sprintf("%*s  (%s %s%s)", timeColumn, "", plural(s.omitted, "other event", "other events"), s.where(), hint))
	}
	return lines
}

// fit returns the lanes that have room, and the width of one.
func (s *Story) fit() (lanes []sim.NodeID, wide int) {
	wide = laneLeast
	for _, id := range s.Lanes {
		wide = max(wide, min(utf8.RuneCountInString(string(id))+1, laneMost))
	}
	room := Width - timeColumn - textLeast
	for wide > laneLeast && wide*len(s.Lanes) > room {
		wide--
	}
	return s.Lanes[:min(len(s.Lanes), room/wide)], wide
}

// lanes returns the lanes of nodes as they go on after a row.
func (r *row) lanes(lanes []sim.NodeID, wide int) string {
	cells := []rune(strings.Repeat(" ", wide*len(lanes)))
	for i := range lanes {
		cells[i*wide] = '│'
		if r.down[i] {
			cells[i*wide] = '┊'
		}
	}
	return string(cells)
}

// draw returns the lanes of a row: the arrow of a message, or the mark of what happened on one lane.
func (r *row) draw(lanes []sim.NodeID, wide int) string {
	cells := []rune(r.lanes(lanes, wide))
	from, to := slices.Index(lanes, r.peer), slices.Index(lanes, r.node)
	arrow := r.kind == sim.Delivered || r.kind == sim.Dropped
	if arrow && from >= 0 && to >= 0 && from != to {
		drawArrow(cells, from*wide, to*wide, r.kind == sim.Dropped)
	} else if to >= 0 {
		cells[to*wide] = r.mark()
	}
	return string(cells)
}

// drawArrow draws from column a to column b, across the lanes between.
func drawArrow(cells []rune, a, b int, lost bool) {
	head, step := '▶', 1
	if b < a {
		head, step = '◀', -1
	}
	if lost {
		head = '✗'
	}
	for i := a + step; i != b; i += step {
		if cells[i] == ' ' {
			cells[i] = '─'
		} else {
			cells[i] = '┼'
		}
	}
	cells[a], cells[b] = '○', head
}

// mark is what stands on the lane of an event that concerns one node.
func (r *row) mark() rune {
	switch r.kind {
	case sim.Crashed, sim.Panicked, sim.Dropped:
		return '✗'
	case sim.Sent:
		return '○'
	}
	return '●'
}
