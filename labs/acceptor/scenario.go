package acceptor

import (
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "acceptor" with the [Acceptor] of acceptor.go.
func Scenario() *sim.Scenario {
	return ScenarioOf(func() sim.Node { return new(Acceptor) })
}

// ScenarioOf returns the scenario with other acceptors: boot makes a fresh one for each life.
func ScenarioOf(boot func() sim.Node) *sim.Scenario {
	return &sim.Scenario{
		Name: "acceptor",
		Doc:  "one decision among acceptors that a student has written",
		Options: []sim.Option{
			{Name: "acceptors", Default: 3, Min: 1, Max: 9, Doc: "how many acceptors"},
			{Name: "proposers", Default: 2, Min: 1, Max: 5, Doc: "how many proposers, each with a value of its own"},
			{Name: "apart", Default: time.Duration(0), Doc: "each proposer starts that much after the one before; 0: drawn within 32ms"},
		},
		Build:      func(w *sim.World, o sim.Options) { build(w, o, boot) },
		Properties: properties,
		Model:      fault.Model{},
		Sometimes:  []string{"Adopted", "Preempted", "GaveUp", "Chosen"},
		Run:        4 * time.Second,
		Settle:     time.Second,
	}
}

// names returns a1, a2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(fmt.Sprintf("%s%d", letter, i+1))
	}
	return ids
}

func proposers(o sim.Options) []sim.NodeID { return names("p", o.Int("proposers")) }

func build(w *sim.World, o sim.Options, boot func() sim.Node) {
	for i, id := range proposers(o) {
		delay := time.Duration(-1)
		if apart := o.Duration("apart"); apart > 0 {
			delay = time.Duration(i) * apart
		}
		w.Add(id, func() sim.Node {
			return &proposer{number: uint32(i + 1), own: Value(rune('A' + i)), acceptors: names("a", o.Int("acceptors")), delay: delay}
		})
	}
	acceptors := names("a", o.Int("acceptors"))
	for _, id := range acceptors {
		w.Add(id, boot)
	}
	w.Group((len(acceptors)-1)/2, acceptors...)
}
