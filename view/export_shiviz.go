package view

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"simrun/sim"
)

// shivizHead is what ShiViz reads a log by: the expression for an event, and the one for the line that begins an execution.
const shivizHead = `(?<host>\S+) (?<clock>{.*}) (?<date>\S+) (?<event>.*)
=== (?<trace>.*) ===
`

// shivizOthers are the hosts of what happens to no node: a message that is lost, and a fault of the whole. They learn from
// others, but nobody learns from them.
var shivizOthers = []string{"network", "faults"}

// ShiViz writes a run as a log with vector clocks, for the visualizer of that name (Beschastnikh and others 2016). What a host knows of another is what causes
// tell: each event knows of the one before it on its host, and of the event that led to it. Of a run of more than 20,000 events those around
// one event are written; with around 0 it is refused, with a *[Refusal]. Else it returns the first error of w.
func ShiViz(w io.Writer, t *Trace, around uint64) error {
	part, err := t.part("ShiViz", MostDrawn, around)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	b.WriteString(shivizHead)
	fmt.Fprintf(b, "=== %s ===\n", t.title())
	names := t.hostNames(shivizOthers...)
	clocks := make([][]uint32, len(names))
	after := make([][]uint32, part.To-part.From+1) // the clocks after the events of the part
	for seq := part.From; seq <= part.To; seq++ {
		m := t.Event(seq)
		host := t.shivizHost(&m)
		clock := make([]uint32, len(names))
		copy(clock, clocks[host])
		if m.Cause >= part.From {
			for i, n := range after[m.Cause-part.From] {
				clock[i] = max(clock[i], n)
			}
		}
		clock[host]++
		clocks[host], after[seq-part.From] = clock, clock
		fmt.Fprintf(b, "%s %s %s %s\n", names[host], shivizClock(names, clock), decimal(int64(m.At), 9), unbraced.Replace(m.words()))
	}
	return b.Flush()
}

// unbraced takes the braces out of a text: the expression takes all up to the last one for the clock.
var unbraced = strings.NewReplacer("{", "(", "}", ")")

// shivizHost is the host to which an event happened, as a place among the names.
func (t *Trace) shivizHost(m *Moment) int {
	switch node := t.node[m.Seq-1]; {
	case m.Kind == sim.Dropped:
		return len(t.Nodes)
	case node == 0:
		return len(t.Nodes) + 1
	default:
		return int(node) - 1
	}
}

// shivizClock prints a clock as JSON, without the hosts that it knows nothing of.
func shivizClock(names []string, clock []uint32) string {
	b := []byte{'{'}
	for i, n := range clock {
		if n > 0 {
			if len(b) > 1 {
				b = append(b, ',')
			}
			b = append(append(appendJSON(b, names[i]), ':'), strconv.Itoa(int(n))...)
		}
	}
	return string(append(b, '}'))
}

// words tells an event on its own node in one line: "recv Prepare{1.1} <- p1".
func (m *Moment) words() string {
	s := m.Kind.String()
	if m.Text != "" {
		s += " " + m.Text
	}
	switch m.Kind {
	case sim.Sent:
		s += " -> " + string(m.Peer)
	case sim.Delivered:
		s += " <- " + string(m.Peer)
	case sim.Dropped:
		s += " " + string(m.Peer) + " -> " + string(m.Node)
	}
	if m.Reason != "" {
		s += " (" + m.Reason + ")"
	}
	return strings.Join(strings.Fields(s), " ")
}
