package laiyang

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "lai-yang": processes p1, p2, ... that run an application over links that reorder, while some of them take snapshots.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:    "lai-yang",
		Doc:     "global snapshots by colours, on links that reorder: consistent, complete and conserving",
		Options: options(),
		Check:   check,
		// Channels may be slow and reorder, but must not lose or repeat anything. A cut loses what it hits, and a crash what a process has
		// recorded: the algorithm has no answer to either.
		Model:      fault.Model{Crash: fault.NoCrash, NoLoss: true, NoDup: true, NoCut: true},
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Sometimes:  []string{inFlight, overlapping, "CameLate", heldBack},
		Run:        6 * time.Second,
		Settle:     time.Second,
	}
}

func options() []sim.Option {
	return append(apps.Options(),
		sim.Option{Name: "initiators", Default: 2, Min: 0, Max: 64, Doc: "how many processes begin snapshots"},
		sim.Option{Name: "snapshots", Default: 2, Min: 0, Max: 1000, Doc: "how many each of them begins"},
		sim.Option{Name: "first", Default: time.Duration(0), Doc: "when it begins the first; 0: drawn within 32ms"},
		sim.Option{Name: "every", Default: time.Duration(0), Doc: "after what time it begins the next; 0: drawn within 32ms"},
		sim.Option{Name: "method", Default: methodNames[ByHistory], Of: methodNames[:], Doc: "what channels held: history, sent less received; counting, late messages are sent on"},
		sim.Option{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what the processes get wrong: " + strings.Join(mistakeNames(), ", ")},
	)
}

// check says which settings do not go together.
func check(o sim.Options) error {
	m := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))]
	switch {
	case o.Int("initiators") > o.Int("nodes"):
		return fmt.Errorf("initiators=%d: there are %d processes", o.Int("initiators"), o.Int("nodes"))
	case !slices.Contains(m.needs, methodOf(o)):
		return fmt.Errorf("mistake=%s cannot be made by %v: want method=%v", m.name, methodOf(o), m.needs[0])
	}
	return apps.CheckOptions(o)
}

func methodOf(o sim.Options) Method { return Method(slices.Index(methodNames[:], o.Text("method"))) }

func build(w *sim.World, o sim.Options) {
	load := apps.FromOptions(o)
	all := load.Topology.Nodes
	place := Place{
		All: all, Initiators: all[:o.Int("initiators")], Method: methodOf(o),
		Snapshots: o.Int("snapshots"), First: o.Duration("first"), Every: o.Duration("every"),
	}
	wrong := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))].of
	for i, id := range all {
		w.Add(id, func() sim.Node { return wrong(Wrap(load.Boot(i), place)) })
	}
}

func properties(o sim.Options) []sim.Property {
	load := apps.FromOptions(o)
	c := checkers.Shared(cutting())
	return []sim.Property{
		checkers.ConsistentCut(c),
		checkers.ChannelStates(c),
		checkers.Reachable(c),
		checkers.ConservedCut(c, load.Total()),
		checkers.Stable("terminated", c, passive, checkers.Terminated, nil),
		control(load.Len(), methodOf(o)),
		newEnding(load, o.Int("initiators")*o.Int("snapshots")),
	}
}
