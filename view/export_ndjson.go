package view

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"simrun/seedfile"
	"simrun/sim"
)

// The records are an interface for programs, as those of the command are, and have their names: fields may be added, but none changes its name
// or its meaning.

// An exportedRun is the first line.
type exportedRun struct {
	Scenario   string              `json:"scenario"`
	Seed       uint64              `json:"seed"`
	Seedless   bool                `json:"seedless,omitempty"` // a tape decides in the place of a seed
	Simver     int                 `json:"simver"`
	Set        []string            `json:"set,omitempty"`
	Verdict    string              `json:"verdict"`  // ok, unknown, stalled or violated
	Property   string              `json:"property"` // that the verdict is named after, or ""
	Why        string              `json:"why"`
	Events     int                 `json:"events"`
	Hash       string              `json:"hash"`
	Nodes      []sim.NodeID        `json:"nodes"`
	Plan       string              `json:"plan"`
	StatesFrom uint64              `json:"states_from"` // the events whose changes of states are told: 1 and the last one if all are
	StatesTo   uint64              `json:"states_to"`
	Violations []exportedViolation `json:"violations,omitempty"`
	Cuts       []exportedCut       `json:"cuts,omitempty"`
	History    []exportedOperation `json:"history,omitempty"`
}

// An exportedViolation is a property that did not hold, and the event at which that was seen; 0 at the end of the run.
type exportedViolation struct {
	Property string `json:"property"`
	Inner    bool   `json:"inner"`
	Why      string `json:"why"`
	Event    uint64 `json:"event"`
}

// An exportedCut is a time, from one event to another, in which nodes did not hear others: "a1 a2 | a3".
type exportedCut struct {
	From  uint64 `json:"from"`
	To    uint64 `json:"to"`
	Sides string `json:"sides"`
}

// An exportedOperation is what a client asked for, with the events of its call and its return; 0 if it never returned.
type exportedOperation struct {
	Client sim.NodeID `json:"client"`
	Call   uint64     `json:"call"`
	Return uint64     `json:"return"`
	Text   string     `json:"text"`
	Done   bool       `json:"done"`
}

// An exportedEvent is any other line.
type exportedEvent struct {
	Event   uint64           `json:"event"`
	Cause   uint64           `json:"cause,omitempty"`
	AtNS    int64            `json:"at_ns"`
	Kind    string           `json:"kind"`
	Node    sim.NodeID       `json:"node,omitempty"`
	Peer    sim.NodeID       `json:"peer,omitempty"`
	Type    string           `json:"type,omitempty"` // of the message, timer or fact; the operation of a disk; the verb of a fault
	Data    string           `json:"data,omitempty"`
	Reason  string           `json:"reason,omitempty"`
	Changes []exportedChange `json:"changes,omitempty"`
}

// An exportedChange is a line of the node's state that the event changed; "" where there was none before, or is none after it.
type exportedChange struct {
	Path   string `json:"path"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// NDJSON writes a run for scripts: one JSON object a line. The first is the run: scenario, seed, set, verdict, property, why, events, hash, nodes, plan,
// states_from and states_to (the window of the changes), violations, cuts, and the history of operations. Each of the others is an event: event
// (its number), cause, at_ns (true time), kind, node, peer, type, data (as text; of a fault without its instant), reason, and changes, which are lines of the node's state and of its disk
// with what they said before and after. A field that is empty may be missing. It returns the first error of w.
func NDJSON(w io.Writer, t *Trace) error {
	b := bufio.NewWriterSize(w, 1<<16)
	out := json.NewEncoder(b) // ends each object with a new line
	out.SetEscapeHTML(false)
	if err := out.Encode(exportedRunOf(t)); err != nil {
		return err
	}
	walk := t.walk()
	for seq := uint64(1); seq <= uint64(t.Len()); seq++ {
		m := t.Event(seq)
		e := exportedEvent{m.Seq, m.Cause, int64(m.At), m.Kind.String(), m.Node, m.Peer, m.Type, m.Text, m.Reason, nil}
		if m.Kind == sim.Started {
			e.Data = strings.TrimPrefix(m.Text, "life ")
		}
		for _, c := range walk.to(seq) {
			e.Changes = append(e.Changes, exportedChange{c.Path, c.Before, c.After})
		}
		if err := out.Encode(e); err != nil {
			return err
		}
	}
	return b.Flush()
}

// exportedRunOf makes the first line.
func exportedRunOf(t *Trace) exportedRun {
	v := &t.Verdict
	r := exportedRun{
		Scenario: t.Scenario, Seed: t.Config.Seed, Seedless: seedfile.Seedless(t.Config), Simver: sim.Version, Set: t.Config.Options.Given(),
		Verdict: v.Outcome.String(), Property: v.Property, Why: v.Why, Events: t.Len(), Hash: fmt.Sprintf("%016x", v.Hash),
		Nodes: t.Nodes, StatesFrom: max(t.States.From, 1), StatesTo: t.States.To,
	}
	if r.StatesTo == 0 {
		r.StatesTo = uint64(t.Len())
	}
	for _, l := range t.Plan {
		r.Plan += l + "\n"
	}
	for _, x := range v.Violations {
		r.Violations = append(r.Violations, exportedViolation{x.Property, x.Inner, x.Why, x.Seq})
	}
	for _, c := range t.Cuts {
		r.Cuts = append(r.Cuts, exportedCut{c.From, c.To, c.Text})
	}
	for _, o := range t.History {
		r.History = append(r.History, exportedOperation{o.Client, o.Call, o.Ret, o.Text, o.Done})
	}
	return r
}
