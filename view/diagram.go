package view

import (
	"bufio"
	"fmt"
	"io"
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
		r := &s.rows[i]
		line := fmt.Sprintf("%*s  %s ", timeColumn, Instant(r.at), r.draw(lanes, wide))
		text := fmt.Sprintf("#%d %s", r.seq, r.label())
		b.WriteString(line + cut(text, Width-utf8.RuneCountInString(line)) + "\n")
	}
	if left := len(s.Lanes) - len(lanes); left > 0 {
		fmt.Fprintf(b, "%*s  (%d more nodes have no lane)\n", timeColumn, "", left)
	}
	if s.omitted > 0 {
		hint := hints.Events
		if hint != "" {
			hint = ": " + hint
		}
		fmt.Fprintf(b, "%*s  (%s other events up to there%s)\n", timeColumn, "", Number(uint64(s.omitted)), hint)
	}
	return b.Flush()
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

// draw returns the lanes of a row: the arrow of a message, or the mark of what happened on one lane.
func (r *row) draw(lanes []sim.NodeID, wide int) string {
	cells := []rune(strings.Repeat(" ", wide*len(lanes)))
	from, to := -1, -1
	for i, id := range lanes {
		cells[i*wide] = '│'
		if r.down[i] {
			cells[i*wide] = '┊'
		}
		if id == r.node {
			to = i
		}
		if id == r.peer {
			from = i
		}
	}
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
	}
	return '●'
}
