package multicast

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "multicast": processes p1, p2, ... and acceptors a1, a2, ...
func Scenario() *sim.Scenario {
	return &sim.Scenario{
		Name:       "multicast",
		Doc:        "total-order multicast by one instance of Paxos a message: one causal order for all, and all deliver all",
		Options:    options(),
		Model:      fault.Model{Disk: fault.Rotting}, // an acceptor that cannot trust its disk falls silent, and a majority goes on
		Build:      build,
		Properties: properties,
		Operation:  operation,
		Targets:    []string{"Multicast", "Delivered", "Adopted"},
		Sometimes:  []string{"Adopted", "Preempted", "Recovered"},
		Run:        6 * time.Second,
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
		{Name: "processes", Default: 3, Min: 1, Max: 9, Doc: "how many processes"},
		{Name: "messages", Default: 4, Min: 1, Max: 100, Doc: "how many messages each process multicasts in each of its lives"},
		{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what processes get wrong on purpose; " + strings.Join(docs, "; ")},
	}
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
	acceptors, processes := names("a", o.Int("acceptors")), names("p", o.Int("processes"))
	for _, id := range acceptors {
		w.Add(id, func() sim.Node { return paxos.NewAcceptor(true) })
	}
	wrong := mistakes[slices.Index(mistakeNames(), o.Text("mistake"))].of
	for i, id := range processes {
		w.Add(id, func() sim.Node { return wrong(NewProcess(i+1, acceptors, processes, o.Int("messages"))) })
	}
	w.Group((len(acceptors)-1)/2, acceptors...)
	w.Group(len(processes)-1, processes...)
}

func properties(o sim.Options) []sim.Property {
	l := newLedger(names("p", o.Int("processes")), o.Int("messages"))
	return append(paxos.InnerProperties(names("a", o.Int("acceptors"))), l.properties()...)
}

// operation tells of messages: from when a process multicasts one to when the last has delivered it.
func operation(_ sim.NodeID, fact any) (o sim.Operation, ok bool) {
	switch f := fact.(type) {
	case Multicast:
		return sim.Operation{Of: f.Message, Text: f.String()}, true
	case Delivered:
		return sim.Operation{Of: f.Message, Text: f.String(), Ended: true, Done: true}, true
	}
	return o, false
}
