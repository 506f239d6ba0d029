package apps

import (
	"encoding"
	"fmt"
	"slices"
	"strings"

	"simrun/sim"
)

// An App is one process of an application. Before Start it may be restored from the bytes of another; restored and started, it
// goes on from that state and repeats nothing that lies before it.
type App interface {
	sim.Node
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
	Amount() int64 // how much it holds of what is conserved
	Passive() bool // it sends nothing any more unless a message arrives
	String() string
}

// A Message is what processes of an application send one another.
type Message interface {
	AppendHash(b []byte) []byte // all that it says
	Amount() int64              // how much it carries of what is conserved
	String() string
}

// A Workload is an application on a topology, with so much work to do.
type Workload struct {
	Topology Topology
	kind     *kind
	work     int
	routes   [][]int // of wordcount
}

// A kind is one of the four applications.
type kind struct {
	name  string
	boot  func(w *Workload, i int) App
	total func(w *Workload) int64
	right func(w *Workload, all []App) error // what is wrong with the answer
}

var kinds = [...]kind{
	{"bank", bootAccount, func(w *Workload) int64 { return opening * int64(w.Len()) }, func(*Workload, []App) error { return nil }},
	{"mesh", bootMesh, func(*Workload) int64 { return 0 }, allReceived},
	{"ring", bootStation, func(*Workload) int64 { return 1 }, tokenAtRest},
	{"wordcount", bootWorker, func(w *Workload) int64 { return int64(len(words(w.work))) }, rightCounts},
}

// Names returns the names of the applications, for [New].
func Names() (names []string) {
	for i := range kinds {
		names = append(names, kinds[i].name)
	}
	return names
}

// New returns the application of that name on a topology. Work is how many transfers, messages or steps of the token each process
// contributes, or how many lines are counted. It panics if there is no such application.
func New(name string, t Topology, work int) *Workload {
	for i := range kinds {
		if kinds[i].name == name {
			w := &Workload{Topology: t, kind: &kinds[i], work: work}
			if name == "wordcount" {
				w.routes = t.routes()
			}
			return w
		}
	}
	panic(fmt.Sprintf("apps: no application %q", name))
}

// Len is how many processes there are.
func (w *Workload) Len() int { return len(w.Topology.Nodes) }

// Boot returns process number i in its first state.
func (w *Workload) Boot(i int) App { return w.kind.boot(w, i) }

// Total is what the amounts of all states and of all messages on their way sum to, at any time.
func (w *Workload) Total() int64 { return w.kind.total(w) }

// Answer says what is wrong with the end of a run, given all processes in order when no message is under way: somebody has not
// finished, something is missing, or the result is not the right one.
func (w *Workload) Answer(all []App) error {
	sum := int64(0)
	for i, a := range all {
		if !a.Passive() {
			return fmt.Errorf("%s has not finished: %v", w.Topology.Nodes[i], a)
		}
		sum += a.Amount()
	}
	if sum != w.Total() {
		return fmt.Errorf("all states together amount to %d, which must be %d", sum, w.Total())
	}
	return w.kind.right(w, all)
}

// Options are the options of a scenario that runs an application: app, nodes, topology, graph and work. See [FromOptions].
func Options() []sim.Option {
	return []sim.Option{
		{Name: "app", Default: "bank", Of: Names(), Doc: "the application: bank, mesh, ring or wordcount"},
		{Name: "nodes", Default: 4, Min: 2, Max: 64, Doc: "how many processes"},
		{Name: "topology", Default: "random", Of: TopologyKinds(), Doc: "who can send to whom: clique, line, random, ring or star"},
		{Name: "graph", Default: 1, Min: 0, Max: 1 << 30, Doc: "which of the random topologies"},
		{Name: "work", Default: 8, Min: 0, Max: 1000, Doc: "transfers, messages or steps of the token for each process; lines to be counted"},
	}
}

// CheckOptions says which settings of [Options] do not go together, for Scenario.Check.
func CheckOptions(o sim.Options) error {
	if o.Text("topology") != "random" && slices.ContainsFunc(o.Given(), func(s string) bool { return strings.HasPrefix(s, "graph=") }) {
		return fmt.Errorf("graph=%d says which of the random topologies: want topology=random", o.Int("graph"))
	}
	return nil
}

// FromOptions returns the application that the options of [Options] describe.
func FromOptions(o sim.Options) *Workload {
	return New(o.Text("app"), NewTopology(o.Text("topology"), o.Int("nodes"), o.Int("graph")), o.Int("work"))
}
