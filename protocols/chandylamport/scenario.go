package chandylamport

import (
	"fmt"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "chandy-lamport": processes p1, p2, ... that run an application while some of them take snapshots.
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "chandy-lamport",
		Doc:        "global snapshots by markers: consistent, complete and conserving; with restore=true, rollback of all to the last one",
		Options:    options(),
		Check:      check,
		ModelFor:   model,
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Targets:    []string{"Began", "Recorded", "Turned"},
		Sometimes:  []string{inFlight, "Overlapped"},
		Run:        6 * time.Second,
		Settle:     time.Second,
	}
}

// What a run has the time for, when faults have ended and a recovery has begun everything again.
const (
	lastBegins = 4 * time.Second       // an initiator's last snapshot
	drawn      = 32 * time.Millisecond // the longest that is drawn for first and every
	tokenSteps = 512
)

func options() []sim.Option {
	return append(apps.Options(),
		sim.Option{Name: "initiators", Default: 2, Min: 0, Max: 64, Doc: "how many processes begin snapshots"},
		sim.Option{Name: "snapshots", Default: 2, Min: 0, Max: 1000, Doc: "how many each of them begins; with restore=true, in each incarnation"},
		sim.Option{Name: "first", Default: time.Duration(0), Doc: "when it begins the first; 0: drawn within 32ms"},
		sim.Option{Name: "every", Default: time.Duration(0), Doc: "after what time it begins the next; 0: drawn within 32ms"},
		sim.Option{Name: "restore", Default: false, Doc: "processes crash, and all roll back to the last complete snapshot on disk"},
		sim.Option{Name: "links", Default: "fifo", Of: []string{"fifo", "reorder"}, Doc: "fifo, or reorder: messages overtake one another, which is wrong"},
		sim.Option{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what the processes get wrong: " + strings.Join(mistakeNames(), ", ")},
	)
}

func mistakeNames() (names []string) {
	for _, m := range mistakes {
		names = append(names, m.name)
	}
	return names
}

// check says which settings do not go together.
func check(o sim.Options) error {
	wrong := o.Text("mistake")
	switch {
	case o.Int("initiators") > o.Int("nodes"):
		return fmt.Errorf("initiators=%d: there are %d processes", o.Int("initiators"), o.Int("nodes"))
	case (wrong == "no-incarnation" || wrong == "one-phase") && !o.Bool("restore"):
		return fmt.Errorf("mistake=%s is one of recoveries: want restore=true", wrong)
	case o.Text("links") == "reorder" && o.Bool("restore"):
		return fmt.Errorf("links=reorder: recoveries need channels that keep order: want restore=false")
	case o.Int("initiators") == 0 && (o.Has("snapshots") || o.Has("first") || o.Has("every")):
		return fmt.Errorf("initiators=0: nobody begins snapshots: leave out snapshots, first and every")
	case o.Int("snapshots") == 0 && (o.Has("first") || o.Has("every")):
		return fmt.Errorf("snapshots=0: leave out first and every")
	case o.Int("snapshots") == 1 && o.Has("every"):
		return fmt.Errorf("every=%v: there is one snapshot only: want snapshots=2 or more", o.Duration("every"))
	case begins(o) > lastBegins:
		return fmt.Errorf("snapshots=%d: the last would begin after up to %v, want no more than %v", o.Int("snapshots"), begins(o), lastBegins)
	case o.Text("app") == "ring" && o.Int("work")*o.Int("nodes") > tokenSteps:
		return fmt.Errorf("work=%d: the token would make %d steps, one after the other, want no more than %d", o.Int("work"), o.Int("work")*o.Int("nodes"), tokenSteps)
	}
	return apps.CheckOptions(o)
}

// begins is when an initiator begins its last snapshot, at the latest.
func begins(o sim.Options) time.Duration {
	first, every := o.Duration("first"), o.Duration("every")
	if first == 0 {
		first = drawn
	}
	if every == 0 {
		every = drawn
	}
	return first + time.Duration(o.Int("snapshots")-1)*every
}

// model says what the algorithm needs: channels that keep order and lose nothing; and that nobody crashes, or everybody comes back.
func model(o sim.Options) fault.Model {
	m := fault.Model{FIFO: o.Text("links") == "fifo", NoLoss: true, NoDup: true, NoCut: true}
	if !o.Bool("restore") {
		m.Crash = fault.NoCrash
	}
	return m
}

func build(w *sim.World, o sim.Options) {
	load := apps.FromOptions(o)
	t := load.Topology
	for i, id := range t.Nodes {
		place := Place{All: t.Nodes, In: t.From(i), Out: t.To(i), First: o.Duration("first"), Every: o.Duration("every")}
		if i < o.Int("initiators") {
			place.Snapshots = o.Int("snapshots")
		}
		if o.Bool("restore") {
			place.Stable = &Codec{apps.Encode, apps.Decode}
		}
		w.Add(id, func() sim.Node {
			return Mistaken(o.Text("mistake"), Wrap(func() sim.Node { return load.Boot(i) }, place))
		})
	}
	if o.Bool("restore") {
		w.Group(0, t.Nodes...) // to roll back, all are needed
	}
}

func properties(o sim.Options) []sim.Property {
	load := apps.FromOptions(o)
	initiators := min(o.Int("initiators"), load.Len())
	end := newEnding(load, initiators*o.Int("snapshots"), o.Bool("restore"))
	c := checkers.Shared(cutting(o.Text("links") == "fifo", end.whole))
	list := []sim.Property{
		end, // it sees each event before the others do
		checkers.ConsistentCut(c),
		checkers.ChannelStates(c),
		checkers.Conserved("conservation", load.Total(), amounts, nil),
		terminated(c, end.whole),
		markers(load.Topology.Channels()),
		checkers.Reachable(c),
	}
	if o.Bool("restore") {
		list = append(list, lastSnapshot(), checkers.NoOrphans(c), checkers.NoLost(c))
	}
	return list
}
