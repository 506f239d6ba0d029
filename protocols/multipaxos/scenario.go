package multipaxos

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/workload"
)

// Scenario returns the scenario "multipaxos": servers s1, s2, ..., their operator o, and clients c1, c2, ...
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "multipaxos",
		Doc:        "a replicated service with a stable leader: snapshots, sessions, three ways to read, and servers that come and go",
		Options:    options,
		ModelFor:   model,
		Check:      check,
		Build:      build,
		Properties: properties,
		Targets:    []string{"Led", "Proposed", "Voted", "Configured", "Snapshotted"},
		Sometimes:  []string{"Adopted", "SteppedDown", "Snapshotted", "Installed", checkers.TookEffectLater},
		Counts:     counts,
		Spelt:      workload.Spelt,
		Bench:      "servers=5 clients=5 ops=200",
		Service:    func(o sim.Options) *sim.Service { return workload.ServiceOf(o).Served(leads) },
		Run:        12 * time.Second,
		Settle:     6 * time.Second,
	}
}

// counts reports whether a run did what the scenario is for: clients overlapped, thirty slots of the log were filled, and what they saw was judged.
func counts(v *sim.Verdict) bool {
	var slots, overlapped uint64
	for _, t := range v.Tallies {
		switch t.Name {
		case "slots":
			slots = t.N
		case "clients overlapped":
			overlapped = t.N
		}
	}
	return slots >= 30 && (overlapped >= 2 && checksOf(v, "linearizability") > 0 || checksOf(v, "sequential-consistency") > 0)
}

// checksOf is how many times a property has judged.
func checksOf(v *sim.Verdict, name string) uint64 {
	for _, c := range v.Checks {
		if c.Property == name {
			return c.Checks
		}
	}
	return 0
}

// model says what the servers are built for: a lease needs clocks that can be trusted, and so does a bound on how old answers are; all else needs none.
func model(o sim.Options) fault.Model {
	return fault.Model{Disk: fault.Rotting, Losable: true, Steady: o.Text("read") == "lease" || o.Duration("stale") > 0}
}

// clients call their operations while faults happen, and not all before.
var clients = workload.Defaults{Clients: 3, Ops: 60, Keys: 3, Spread: 2 * time.Second, Stays: local}

// local reports whether reads are answered by any server, so that each client has one of its own.
func local(o sim.Options) bool { return o.Text("read") == "local" }

// check says what is wrong with settings that do not go together.
func check(o sim.Options) error {
	if local(o) && o.Text("loop") == "open" {
		return errors.New("read=local is for loop=closed: what a client has seen is told by one operation at a time")
	}
	if !local(o) && o.Duration("stale") != 0 {
		return fmt.Errorf("stale=%v is for read=local: all other reads are as new as can be", o.Duration("stale"))
	}
	if !local(o) && o.Has("judge") {
		return fmt.Errorf("judge=%s is for read=local: all other reads are linearizable", o.Text("judge"))
	}
	if p := o.Duration("patience"); p < leastPatience {
		return fmt.Errorf("patience=%v: want %v at least: a leader shows no more often than every %v that it lives", p, leastPatience, quickest)
	} else if p > mostPatience {
		return fmt.Errorf("patience=%v: want %v at most", p, mostPatience)
	}
	return workload.Check(o)
}

var options = append([]sim.Option{
	{Name: "servers", Default: 3, Min: 1, Max: 9, Doc: "how many servers vote at first"},
	{Name: "spares", Default: 0, Min: 0, Max: 4, Doc: "how many servers more there are"},
	{Name: "moves", Default: 0, Min: 0, Max: 9, Doc: "how often the operator replaces a voter by a spare server"},
	{Name: "window", Default: 8, Min: 1, Max: 64, Doc: "how many slots are under way at most"},
	{Name: "batch", Default: 1, Min: 1, Max: 64, Doc: "how many commands stand in a slot at most"},
	{Name: "snapshot", Default: 20, Min: 1, Max: 100000, Doc: "after how many slots a server takes a snapshot"},
	{Name: "read", Default: "log", Of: []string{"log", "index", "lease", "local"},
		Doc: "how reads are made: as entries of the log, by a round of heartbeats, by a lease; local: any server answers from its own state, which is sequentially consistent and no more"},
	{Name: "judge", Default: "sequential", Of: []string{"sequential", "sessions"}, Doc: "what is judged with read=local: sequential consistency, or that each client reads its writes and does not go back"},
	{Name: "stale", Default: time.Duration(0), Doc: "with read=local, how old the state may be from which a server answers, as it knows by its clock; 0s: as old as it likes"},
	{Name: "patience", Default: 150 * time.Millisecond, Doc: "how long a server is without a leader before it tries to become it, or twice that, drawn; heartbeats and repetitions are in proportion"},
	{Name: "lease", Default: 200 * time.Millisecond, Doc: "for how long a follower helps nobody else to lead"},
	{Name: "margin", Default: 5 * time.Millisecond, Doc: "by how much shorter the leader takes a lease to be"},
	{Name: "decisions", Default: "ride", Of: []string{"ride", "told"}, Doc: "whether decisions ride along on what is sent next, or are told at once"},
}, clients.Options()...)

// names returns s1, s2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(letter + strconv.Itoa(i+1))
	}
	return ids
}

// firstConfig returns who votes in the first slot.
func firstConfig(o sim.Options) (c Config) {
	for i := range o.Int("servers") {
		c = append(c, Member{uint32(i + 1), 1})
	}
	return c
}

const operator sim.NodeID = "o"

func settings(o sim.Options) *Settings {
	return &Settings{
		Servers: names("s", o.Int("servers")+o.Int("spares")), Operator: operator, Service: workload.ServiceOf(o), Patience: o.Duration("patience"), Window: Slot(o.Int("window")), Batch: o.Int("batch"),
		Gather: time.Millisecond, Keep: Slot(o.Int("snapshot")), Reads: o.Text("read"), Lease: o.Duration("lease"), Margin: o.Duration("margin"),
		Stale: o.Duration("stale"), Told: o.Text("decisions") == "told",
	}
}

func build(w *sim.World, o sim.Options) {
	set := settings(o)
	for i, id := range set.Servers {
		w.Add(id, func() sim.Node { return NewServer(uint32(i+1), set) })
	}
	w.Add(operator, func() sim.Node { return NewOperator(set, firstConfig(o), o.Int("moves")) })
	clients.Build(w, o, set.Servers)
	w.Group((o.Int("servers")-1)/2, set.Servers...)
}

func properties(o sim.Options) []sim.Property {
	set := settings(o)
	l := newLedger(firstConfig(o), set.Window)
	ops := workload.Total(o)
	all := append(l.inner(), l.agreement())
	if local(o) {
		all = append(all, weaker(set, o)...)
	} else {
		all = append(all, checkers.Linearizable(set.Service.Model(), history(set, ops)))
	}
	return append(all, checkers.Tempered(checkers.Progress(set.Service.History(ops), look), duels()))
}

// duels is how hot a run gets by servers that try to lead one after the other: until the next slot has a value.
func duels() checkers.Temperature {
	var next Slot
	return checkers.Temperature{
		Kinds: noted,
		Began: func(e *sim.Event) bool {
			_, ok := e.Data.(Ran)
			return ok
		},
		Decided: func(e *sim.Event) bool {
			f, ok := e.Data.(Executed)
			first := ok && f.Slot >= next // of those who say so
			if first {
				next = f.Slot + 1
			}
			return first
		},
		Round: "ballot", Goal: "decision",
	}
}

// leads says what a fact tells of whether the server that notes it leads.
func leads(fact any) (leads, ok bool) {
	switch fact.(type) {
	case Led:
		return true, true
	case SteppedDown, Halted:
		return false, true
	}
	return false, false
}

// weaker returns the judges of reads from the states of single servers. Who is sequentially consistent keeps what is promised to sessions too; they say more plainly what a client has seen,
// and are left without an answer more often.
func weaker(set *Settings, o sim.Options) []sim.Property {
	m, h := set.Service.Model(), history(set, workload.Total(o))
	var all []sim.Property
	if set.Stale > 0 {
		all = append(all, checkers.Stale(set.Stale, m, h))
	}
	if o.Text("judge") == "sequential" {
		return append(all, checkers.SequentiallyConsistent(m, h))
	}
	h.Steps = sessionSteps
	return append(all, checkers.Session(checkers.ReadYourWrites, m, h), checkers.Session(checkers.MonotonicReads, m, h))
}

// sessionSteps is the budget for each read: nearly all take some hundred, and those that take more take very many.
const sessionSteps = 30_000

// history says how operations are read from a run. What no leader has proposed has no effect.
func history(set *Settings, ops int) checkers.History {
	h := set.Service.History(ops)
	h.Taken = func(fact any, tell func(checkers.OpID)) {
		if f, ok := fact.(Proposed); ok {
			for _, c := range f.Value.commands() {
				tell(c.ID)
			}
		}
	}
	h.Effect = func(fact any) (checkers.OpID, bool) {
		f, ok := fact.(Applied)
		return f.ID, ok
	}
	return h
}
