package paxoskv

import (
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "paxos-kv": servers s1, s2, ... and clients c1, c2, ...
func Scenario() *sim.Scenario { return scenario(nil) }

var options = []sim.Option{
	{Name: "acceptors", Default: 3, Min: 1, Max: 9, Doc: "how many servers, each of them acceptor, proposer and replica"},
	{Name: "clients", Default: 3, Min: 1, Max: maxClients, Doc: "how many clients; more if operations names more"},
	{Name: "ops", Default: 100, Min: 1, Max: 10000, Doc: "how many operations all clients together call"},
	{Name: "keys", Default: 5, Min: 1, Max: 26, Doc: "how many keys they use"},
	{Name: "operations", Default: "", Check: checkOperations, Doc: "the operations, in place of drawn ones: c1: put x 1; get x; c2: cas x 1 2"},
	{Name: "durable", Default: true, Doc: "acceptors sync before they answer; false is wrong"},
	{Name: "mistake", Default: "none", Of: []string{"none", "executes-twice", "reads-locally"}, Doc: "what servers get wrong on purpose: they execute a command that was chosen twice again; they answer reads without a slot"},
}

// scenario returns the scenario with standIn, if not nil, in the place of
// servers: nodes that are wrong on purpose.
func scenario(standIn func(*Server) sim.Node) *sim.Scenario {
	return &sim.Scenario{
		Name:    "paxos-kv",
		Doc:     "a key-value store on one instance of Paxos a slot: linearizability with clients that retry",
		Options: options,
		Model:   fault.Model{Disk: fault.Rotting}, // a server that cannot trust its disk falls silent, and a majority goes on
		Build:   func(w *sim.World, o sim.Options) { build(w, o, standIn) },
		Properties: func(o sim.Options) []sim.Property {
			ops, total := load(o), 0
			for _, n := range ops {
				total += n
			}
			var d decisions
			return append(paxos.InnerProperties(names("s", o.Int("acceptors"))), d.sameState(), d.agreement(),
				checkers.Linearizable(checkers.KV(), history(total)), checkers.Tempered(checkers.Progress(history(total), look), duels()))
		},
		Targets:   []string{"Promise", "Accepted", "Adopted", "Executed"},
		Sometimes: []string{"Adopted", "Recovered", "SlotLost", "Suppressed", checkers.TookEffectLater},
		Counts:    counts,
		Spelt:     spelt,
		Service:   service,
		Run:       12 * time.Second,
		Settle:    6 * time.Second,
	}
}

// names returns s1, s2, ...
func names(letter string, n int) []sim.NodeID {
	ids := make([]sim.NodeID, n)
	for i := range ids {
		ids[i] = sim.NodeID(letter + strconv.Itoa(i+1))
	}
	return ids
}

// checkOperations says what is wrong with a text for the option operations.
func checkOperations(text string) error {
	_, err := parseOperations(text)
	return err
}

// scripts returns the operations of each client, nil for one whose operations are drawn, or that has
// none while others have.
func scripts(o sim.Options) [][]checkers.KVInput {
	all, err := parseOperations(o.Text("operations"))
	if err != nil {
		panic("paxoskv: option operations: " + err.Error()) // it was checked
	}
	for len(all) < o.Int("clients") {
		all = append(all, nil)
	}
	return all
}

// load returns how many operations each client calls.
func load(o sim.Options) []int {
	all := scripts(o)
	n := make([]int, len(all))
	for i, script := range all {
		if o.Text("operations") != "" {
			n[i] = len(script)
		} else {
			n[i] = (o.Int("ops") + len(n) - 1 - i) / len(n)
		}
	}
	return n
}

func build(w *sim.World, o sim.Options, standIn func(*Server) sim.Node) {
	if standIn == nil {
		standIn = mistakes[o.Text("mistake")]
	}
	servers := names("s", o.Int("acceptors"))
	for i, id := range servers {
		w.Add(id, func() sim.Node {
			s := &Server{number: uint32(i + 1), servers: servers, need: paxos.Majority(len(servers)), acceptor: paxos.NewAcceptor(o.Bool("durable"))}
			if standIn != nil {
				return standIn(s)
			}
			return s
		})
	}
	keys := make([]string, o.Int("keys"))
	for i := range keys {
		keys[i] = string(rune('a' + (i+23)%26)) // x, y, z, a, ...
	}
	ops, scripted := load(o), scripts(o)
	for i, id := range names("c", len(ops)) {
		w.Add(id, func() sim.Node {
			return &Client{id: id, letter: byte('a' + i), servers: servers, script: scripted[i], ops: ops[i], keys: keys, seen: make([]string, len(keys))}
		})
	}
	w.Group((len(servers)-1)/2, servers...)
}

// spelt drives a run and lists the operations that its clients called, as the option operations has them.
func spelt(w *sim.World) []string {
	calls := make(map[sim.NodeID][]string)
	for e := range w.Events(0) {
		if f, ok := e.Data.(Called); ok && e.Kind == sim.Noted {
			called := command{op: f.Op}
			_, text, _ := strings.Cut(string(called.append(nil)), " ") // without its number
			calls[e.Node] = append(calls[e.Node], text)
		}
	}
	var all []string
	for _, id := range w.Nodes() {
		if len(calls[id]) > 0 {
			all = append(all, string(id)+": "+strings.Join(calls[id], "; "))
		}
	}
	if len(all) == 0 {
		return nil
	}
	return []string{"operations=" + strings.Join(all, "; "), "ops"}
}

// counts reports whether a run did what the scenario is for: 100 operations were issued, three clients overlapped, and linearizability was
// judged.
func counts(v *sim.Verdict) bool {
	var operations, overlapped, judged uint64
	for _, t := range v.Tallies {
		switch t.Name {
		case "operations":
			operations = t.N
		case "clients overlapped":
			overlapped = t.N
		}
	}
	for _, check := range v.Checks {
		if check.Property == "linearizability" {
			judged = check.Checks
		}
	}
	return operations >= 100 && overlapped >= 3 && judged > 0
}
