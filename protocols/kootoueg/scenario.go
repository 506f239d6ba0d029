package kootoueg

import (
	"fmt"
	"time"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "koo-toueg": processes p1, p2, ... that run an application, some of which begin checkpoints, and that roll back
// after crashes.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "koo-toueg",
		Doc:        "coordinated checkpoints and rollback: consistent, minimal, no orphan, no lost message, and the right answer in spite of crashes",
		Options:    options(),
		Check:      check,
		ModelFor:   model,
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Targets:    []string{"Recorded", "Prepared", "Decided", "MadePermanent", "RolledBack"},
		Sometimes:  []string{"MadePermanent", "Undone", "RolledBack", "Refused", "Resent", "Discarded"},
		Run:        6 * time.Second,
		Settle:     1500 * time.Millisecond,
	}
}

func options() []sim.Option {
	return append(apps.Options(),
		sim.Option{Name: "initiators", Default: 2, Min: 0, Max: 64, Doc: "how many processes begin checkpoints"},
		sim.Option{Name: "checkpoints", Default: 2, Min: 0, Max: 1000, Doc: "how many of each of them become permanent"},
		sim.Option{Name: "first", Default: time.Duration(0), Doc: "when each of them begins; 0: drawn within 32ms"},
		sim.Option{Name: "every", Default: time.Duration(0), Doc: "after what time it begins the next; 0: drawn within 32ms"},
		sim.Option{Name: "patience", Default: 60 * time.Millisecond, Doc: "how long an initiator waits for answers, doubled each time up to some seconds; 0: for ever, as in the lecture"},
		sim.Option{Name: "retry", Default: "random", Of: []string{"random", "at-once"}, Doc: "when an initiator that was refused tries again; at-once can go on for ever"},
		sim.Option{Name: "minimal", Default: true, Doc: "only those are asked that must take a checkpoint; false: everybody, as in the lecture"},
		sim.Option{Name: "links", Default: "fifo", Of: []string{"fifo", "reorder"}, Doc: "fifo, or reorder: messages overtake one another, which is wrong"},
		sim.Option{Name: "mistake", Default: "none", Of: mistakeNames[:], Doc: "what the processes get wrong"},
	)
}

// check says which settings do not go together.
func check(o sim.Options) error {
	switch {
	case o.Int("initiators") > o.Int("nodes"):
		return fmt.Errorf("initiators=%d: there are %d processes", o.Int("initiators"), o.Int("nodes"))
	case mistakeOf(o.Text("mistake")) == DirectCohort && !o.Bool("minimal"):
		return fmt.Errorf("mistake=%v cannot be made where everybody is asked: want minimal=true", DirectCohort)
	}
	return apps.CheckOptions(o)
}

// model says what the algorithm needs: channels that keep order and lose only what comes to a process that is down, and no partition.
func model(o sim.Options) fault.Model {
	return fault.Model{FIFO: o.Text("links") == "fifo", NoLoss: true, NoDup: true, NoCut: true}
}

// placeOf reads the options for process number i.
func placeOf(o sim.Options, load *apps.Workload, i int) Place {
	t := load.Topology
	place := Place{
		All: t.Nodes, In: t.From(i), Out: t.To(i), First: o.Duration("first"), Every: o.Duration("every"), Patience: o.Duration("patience"), Stubborn: o.Text("retry") == "at-once",
		Everybody: !o.Bool("minimal"), Codec: Codec{apps.Encode, apps.Decode}, Mistake: mistakeOf(o.Text("mistake")),
	}
	if i < o.Int("initiators") {
		place.Checkpoints = o.Int("checkpoints")
	}
	return place
}

func build(w *sim.World, o sim.Options) {
	load := apps.FromOptions(o)
	for i, id := range load.Topology.Nodes {
		place := placeOf(o, load, i)
		w.Add(id, func() sim.Node { return Wrap(func() sim.Node { return load.Boot(i) }, place) })
	}
	w.Group(0, load.Topology.Nodes...)
}

func properties(o sim.Options) []sim.Property {
	load := apps.FromOptions(o)
	c := checkers.Shared(cutting(o.Text("links") == "fifo"))
	l := newLedger(load.Topology.Nodes)
	return []sim.Property{
		&minimality{ledger: l, all: !o.Bool("minimal")},
		l.minimalRollback(),
		l.noLivelock(),
		checkers.PermanentLine(c),
		whenOver{checkers.NoOrphans(c)},
		whenOver{checkers.NoLost(c)},
		newEnding(load, o.Int("initiators"), o.Int("checkpoints")),
	}
}
