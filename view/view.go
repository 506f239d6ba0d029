// Package view shows one run to people: as plain text within 80 columns, and as a page for a browser.
//
// As text, a run is shown in two ways. [Report] is the page that a person reads first: the cluster, what happened
// to it, what became of the operations, each property with its verdict, and the command that makes the same
// run again. [EventLine] is one line of the log of everything that happened.
//
// When a run went wrong, the report holds a [Story]: the few events that led to the violation, drawn as a
// space-time diagram with one lane a node and one row an event. A [Teller] watches the run and picks them: it
// goes back from the violation along the causes, and keeps what a person would tell (what nodes learnt
// and decided, the messages that carried it, crashes and cuts), not the bookkeeping between.
//
//	virtual  p1  p2  a1  a2  a3   event
//	12.01ms  ○───┼───┼───▶   │    #41 p1→a2 Accept{1.1 x}
//	12.40ms  │   │   │   ✗   │    #47 FAULT crash a2
//	13.07ms  │   │   │   ●   │    #52 a2 starts life 2
//
// An arrow is drawn in the row in which its message arrives. While a node is down its lane is dotted.
//
// From a [Trace], which knows the states of nodes, [Trace.Story] tells more: what each message changed (promised 1.1 → 1.2), what a node had answered
// before it was on disk, and what its next life has forgotten. [Trace.Passage] tells all that happened in a part of a run, and [States] prints what nodes held.
//
// Whatever shows more than a page of text is made from a [Trace]: all events of a run as values, with the states of its nodes, which
// [Record] writes down while it makes the run once more. [HTML] is the page for a browser; its parts are in the folder html. A [Film] shows the states
// after any event of a run that is too long for a Trace to hold all of them, by making the run again up to there.
// [SVG] is a picture for slides. [Mermaid], [Perfetto], [ShiViz] and [NDJSON] are for other programs, and [Porcupine] is the page of the checker of that name, if it
// judged the run. What a format cannot hold is refused with a [Refusal], before anything is written.
package view

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"simrun/sim"
	"simrun/sim/clock"
)

// Width is the number of columns that everything here keeps to.
const Width = 80

// EventLine prints an event as one line of a log: number, time, kind, nodes, what it was about and the
// number of the event that led to it. It is not cut to [Width], so that nothing is lost.
func EventLine(e *sim.Event) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%6d %12s  %-6s %s", e.Seq, Instant(e.At), e.Kind, who(e))
	data := e.Data
	if e.Kind == sim.Panicked { // without the stack, which the reason of the violation has
		text, _ := data.(string)
		data, _, _ = strings.Cut(text, "\n\n")
	}
	if s := Text(data); s != "" && e.Kind != sim.Started {
		b.WriteString("  " + s)
	}
	if e.Reason != "" {
		b.WriteString("  (" + e.Reason + ")")
	}
	if e.Cause != 0 {
		fmt.Fprintf(&b, "  <- %d", e.Cause)
	}
	return strings.TrimRight(b.String(), " ")
}

// who names the nodes of an event, with an arrow in the direction in which the message went.
func who(e *sim.Event) string {
	switch {
	case e.Kind == sim.Sent:
		return string(e.Node) + "→" + string(e.Peer)
	case e.Kind == sim.Delivered || e.Kind == sim.Dropped:
		return string(e.Peer) + "→" + string(e.Node)
	case e.Kind == sim.Started:
		return fmt.Sprintf("%s life %v", e.Node, e.Data)
	}
	return string(e.Node)
}

// Text prints a message, a fact or whatever an event is about as one line: by its String method if it
// has one, else the name of its type and its fields.
func Text(data any) string {
	if data == nil {
		return ""
	}
	var s string
	switch d := data.(type) {
	case fmt.Stringer:
		s = d.String()
	case string, bool, int, uint64:
		s = fmt.Sprint(d)
	default:
		s = typeName(data)
		if f := fmt.Sprintf("%+v", data); f != "{}" && f != "&{}" {
			s += strings.TrimPrefix(f, "&")
		}
	}
	return strings.Join(strings.Fields(s), " ")
}

// typeName is the name of a value's type without its package.
func typeName(data any) string {
	t := fmt.Sprintf("%T", data)
	return strings.TrimPrefix(t[strings.LastIndexByte(t, '.')+1:], "*")
}

// Instant prints a moment of a run in milliseconds with three decimals, so that moments of a column line up.
func Instant(t clock.Time) string {
	return strconv.FormatFloat(float64(t)/1e6, 'f', 3, 64) + "ms"
}

// Duration prints a duration to three or four digits: "1.23ms".
func Duration(d time.Duration) string {
	unit := time.Duration(1)
	for d.Abs() >= 10_000*unit {
		unit *= 10
	}
	return d.Round(unit).String()
}

// Number prints a number with commas between groups of three digits.
func Number(n uint64) string {
	s := strconv.FormatUint(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// Long prints a long time in the largest unit of which it holds at least two, with one digit after the point: "3.4 hours".
func Long(d time.Duration) string {
	const day = 24 * time.Hour
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{365 * day, "years"}, {day, "days"}, {time.Hour, "hours"}, {time.Minute, "minutes"}} {
		if d >= 2*u.unit {
			tenths := int64(d / (u.unit / 10))
			return fmt.Sprintf("%s.%d %s", Number(uint64(tenths/10)), tenths%10, u.name)
		}
	}
	return fmt.Sprintf("%d.%d seconds", d/time.Second, d%time.Second/(time.Second/10))
}

// ordinal prints a number as a place in a row: "2nd".
func ordinal(n int) string {
	end := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			end = "st"
		case 2:
			end = "nd"
		case 3:
			end = "rd"
		}
	}
	return Number(uint64(n)) + end
}

// cut shortens s to at most n runes, with an ellipsis for what is missing.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	if n < 1 {
		return ""
	}
	return string([]rune(s)[:n-1]) + "…"
}

// Wrap breaks text between words into lines of at most Width columns. The first line starts with head;
// the others are indented by as many columns. A word that is longer than a line has one of its own and
// sticks out: a token must stay whole.
func Wrap(head, text string) string {
	var b strings.Builder
	indent := utf8.RuneCountInString(head)
	b.WriteString(head)
	col := indent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case col+1+n > Width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			col = indent
		default:
			b.WriteByte(' ')
			col++
		}
		b.WriteString(word)
		col += n
	}
	return b.String() + "\n"
}
