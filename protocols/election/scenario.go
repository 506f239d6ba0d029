package election

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "election": candidates c1, c2, ... and acceptors a1, a2, ...
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "election",
		Doc:        "leaders for terms of office, each elected by one instance of Paxos: one leader an epoch, and one at a time",
		Options:    options(),
		Check:      check,
		Model:      fault.Model{Disk: fault.Rotting, Steady: true}, // terms are measured by clocks; an acceptor that cannot trust its disk falls silent
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Targets:    []string{"Stood", "Elected", "Ruled"},
		Sometimes:  []string{"Adopted", "Preempted", "Recovered", "Resigned"},
		Run:        4 * time.Second,
		Settle:     1500 * time.Millisecond,
	}
}

func options() []sim.Option {
	var docs []string
	for _, m := range mistakes[1:] {
		docs = append(docs, m.name+": "+m.doc)
	}
	return []sim.Option{
		{Name: "acceptors", Default: 3, Min: 1, Max: 9, Doc: "how many acceptors"},
		{Name: "candidates", Default: 3, Min: 1, Max: 9, Doc: "how many candidates"},
		{Name: "term", Default: 200 * time.Millisecond, Doc: "for how long a leader rules, from 30ms to 12s; more than 2s needs a longer run"},
		{Name: "terms", Default: 0, Min: 0, Max: 1000, Doc: "the run ends when somebody rules after so many terms; 0: when faults have ended and all follow a leader"},
		{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what candidates get wrong on purpose; " + strings.Join(docs, "; ")},
	}
}

// A term that is shorter than the longest election takes is over before it begins. In one that is longer, clocks within the model drift further apart
// than the margin.
const (
	shortest = 30 * time.Millisecond
	longest  = 12 * time.Second
)

func check(o sim.Options) error {
	if t := o.Duration("term"); t < shortest || t > longest {
		return fmt.Errorf("term=%v: want from %v to %v", t, shortest, longest)
	}
	return nil
}

// names returns a1, a2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(letter + strconv.Itoa(i+1))
	}
	return ids
}

func build(w *sim.World, o sim.Options) {
	acceptors, candidates := names("a", o.Int("acceptors")), names("c", o.Int("candidates"))
	for _, id := range acceptors {
		w.Add(id, func() sim.Node { return paxos.NewAcceptor(true) })
	}
	wrong := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))].of
	for i, id := range candidates {
		w.Add(id, func() sim.Node { return wrong(NewCandidate(i+1, acceptors, candidates, o.Duration("term"))) })
	}
	w.Group((len(acceptors)-1)/2, acceptors...)
	w.Group(len(candidates)-1, candidates...)
}

func properties(o sim.Options) []sim.Property {
	return append(paxos.InnerProperties(names("a", o.Int("acceptors"))),
		checkers.Agreement(elected),
		checkers.Validity(stood, elected),
		oneAtATime(),
		led(names("c", o.Int("candidates")), o.Int("terms")))
}

// operation tells of elections: from when a candidate stands for an epoch to when it knows who leads there.
func operation(at sim.NodeID, fact any) (o sim.Operation, ok bool) {
	type standing struct {
		by    sim.NodeID
		epoch Epoch
	}
	switch f := fact.(type) {
	case Stood:
		return sim.Operation{Of: standing{at, f.Epoch}, Text: f.String()}, true
	case Elected:
		return sim.Operation{Of: standing{at, f.Epoch}, Text: f.String(), Ended: true, Done: true}, true
	}
	return o, false
}
