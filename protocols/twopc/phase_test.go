package twopc

import (
	"testing"

	"simrun/sim"
)

// Fails if a node's phase is not that of the transaction which the message names, or if looking makes one known.
func TestPhases(t *testing.T) {
	known, other := Tx{1, 1, 2}, Tx{1, 1, 3}
	p := &Participant{byTx: map[Tx]*branch{known: {state: Prepared}}}
	c := &Coordinator{byTx: map[Tx]*round{known: {phase: telling}}}
	for _, x := range []struct {
		node  interface{ Phase(sim.Message) string }
		about sim.Message
		want  string
	}{
		{p, CanCommit{Tx: known}, "prepared"}, {p, Decision{Tx: known}, "prepared"}, {p, overdue{Tx: known}, "prepared"}, {p, idle{Tx: other}, "unknown"},
		{p, Do{Tx: other}, "unknown"}, {p, Alive{}, ""},
		{c, Ack{Tx: known}, "telling"}, {c, Vote{Tx: other}, "unknown"}, {c, Begin{}, ""}, {c, GetDecision{Tx: known}, "telling"},
		{&Client{}, Begun{}, "beginning"}, {&Client{tx: known}, Outcome{}, "committing"}, {&Client{tx: known, ended: true}, Outcome{}, "ended"},
		{&Participant{halted: true}, Do{}, "halted"}, {&Coordinator{halted: true}, Begin{}, "halted"},
	} {
		if got := x.node.Phase(x.about); got != x.want {
			t.Errorf("%T, asked about %v: %q, want %q", x.node, x.about, got, x.want)
		}
	}
	if len(p.byTx) != 1 || len(c.byTx) != 1 {
		t.Error("a look has made a transaction")
	}
}

// Fails if a phase has no word, which would look like a node without phases.
func TestEveryPhaseHasAWord(t *testing.T) {
	if len(phaseWords) != int(over)+1 {
		t.Fatalf("%d words for %d phases", len(phaseWords), over+1)
	}
	for i, word := range phaseWords {
		if word == "" {
			t.Errorf("phase %d has no word", i)
		}
	}
}
