package view

import (
	"io"
	"strings"

	"simrun/sim"
)

// A visualizer is a historian that can show its history in a page of its own.
type visualizer interface {
	// Visualize writes the page. Last is the number of the last event; marks tells what stands beside the operations: in which row, from which
	// event to which, a few words and more of them.
	Visualize(w io.Writer, title string, last uint64, marks func(mark func(row string, from, to uint64, text, details string))) error
}

// Porcupine writes the operations of a run as Porcupine's own page, which shows how far an order can explain what clients saw, with the faults beside them. It is
// refused, with a *[Refusal], if no property of the run is judged by Porcupine or there is nothing to show. Else it returns the first error of w.
func Porcupine(w io.Writer, t *Trace) error {
	if t.judge == nil {
		return &Refusal{Why: "no property of " + t.Scenario + " has a history that Porcupine judges"}
	}
	kept := &keptError{w: w}
	if err := t.judge.Visualize(kept, t.title(), uint64(t.Len()), t.marks); err != nil {
		if kept.err != nil {
			return kept.err
		}
		return &Refusal{Why: "there is no page of Porcupine's: " + err.Error()}
	}
	return nil
}

// A keptError remembers the error of a writer, to tell it from others.
type keptError struct {
	w   io.Writer
	err error
}

// Write writes.
func (k *keptError) Write(p []byte) (n int, err error) {
	n, err = k.w.Write(p)
	if err != nil {
		k.err = err
	}
	return n, err
}

// mostMarks is how many faults are told: a page with more is as wide as nobody scrolls.
const mostMarks = 300

// marks tells of the faults of a run: the times in which nodes were down or kept apart, and the others.
func (t *Trace) marks(mark func(row string, from, to uint64, text, details string)) {
	told := 0
	tell := func(row string, from, to uint64, text, details string) {
		if told++; told <= mostMarks {
			text = strings.TrimSpace(text)
			mark(row, from, to, cut(text, 40), text+" "+details)
		}
	}
	for _, c := range t.Cuts {
		tell("network", c.From, c.To, "cut "+c.Text, "from "+Instant(t.at[c.From-1])+" to "+Instant(t.at[c.To-1]))
	}
	for seq := uint64(1); seq <= uint64(t.Len()); seq++ {
		switch t.kind[seq-1] {
		case sim.Crashed:
			m := t.Event(seq)
			tell("down: "+string(m.Node), seq, t.upAgain(seq), "crash "+m.Text, "at "+Instant(m.At))
		case sim.Panicked, sim.Settled:
			m := t.Event(seq)
			tell("faults", seq, seq, strings.TrimSpace(m.Kind.String()+" "+m.Text), "at "+Instant(m.At))
		case sim.Faulted:
			if m := t.Event(seq); m.Type != "cut" && m.Type != "heal" { // they are in the row of the network
				tell("faults", seq, seq, m.Text, "at "+Instant(m.At))
			}
		}
	}
}

// upAgain is the event at which a node that crashed starts again, or the last.
func (t *Trace) upAgain(crash uint64) uint64 {
	for seq := crash + 1; seq <= uint64(t.Len()); seq++ {
		if t.kind[seq-1] == sim.Started && t.node[seq-1] == t.node[crash-1] {
			return seq
		}
	}
	return uint64(t.Len())
}
