package threepc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Scenario returns the scenario "3pc": a coordinator c and participants p1, p2, ... that end some transactions by
// three-phase commit, in a world where nodes crash and restart, but every message arrives in time.
func Scenario() *sim.Scenario { return scenario(cast{}) }

// A cast replaces roles by others: nodes that are wrong on purpose. The zero cast is the right one.
type cast struct {
	coordinator func(*Coordinator) sim.Node
	participant func(*Participant) sim.Node
}

var options = []sim.Option{
	{Name: "participants", Default: 3, Min: 1, Max: 16, Doc: "how many participants"},
	{Name: "transactions", Default: 4, Min: 1, Max: 8, Doc: "how many transactions the coordinator begins"},
	{Name: "stagger", Default: 10 * time.Millisecond, Doc: "each transaction begins that much after the one before, whether that has ended or not"},
	{Name: "votes", Default: "", Check: checkVotes, Doc: "the votes of p1, p2, ... in every transaction, such as yyn; those not listed are drawn"},
	{Name: "no", Default: 5, Min: 0, Max: 100, Doc: "percent of the drawn votes that are no"},
	{Name: "acks", Default: true, Doc: "participants tell the coordinator that they have committed, so that it may forget"},
	{Name: "mistake", Default: "none", Of: mistakeNames(), Doc: "what nodes get wrong on purpose. Who waits in vain decides: p-aborts, when pre-committed; w-aborts-p-commits, by its state. A backup: moves-nobody before it commits; w-before-p, in its rules. Who starts again: recovered-take-part, recovered-decide alone, trusts-the-dead of a total failure. The disk: votes-unforced, tells-unforced"},
	{Name: "costs", Default: false, Doc: "count messages, delays and records, in a world without faults, and compare them with the formulas"},
}

// checkVotes says what is wrong with a list of votes.
func checkVotes(text string) error {
	if strings.Trim(text, "yn") != "" {
		return fmt.Errorf("want a y or an n for each participant, such as yyn")
	}
	return nil
}

// lastBegins is when the last transaction begins at the latest, so that there is time left for it after the faults have
// ended, however late the coordinator starts again.
const lastBegins = time.Second

// together says what is wrong with settings that do not go together.
func together(o sim.Options) error {
	votes, n := o.Text("votes"), o.Int("participants")
	switch {
	case time.Duration(o.Int("transactions")-1)*o.Duration("stagger") > lastBegins:
		return fmt.Errorf("stagger=%v is too long for %d transactions: the last must begin within %v", o.Duration("stagger"), o.Int("transactions"), lastBegins)
	case len(votes) > n:
		return fmt.Errorf("votes=%s are more than there are participants: %d", votes, n)
	case len(votes) == n && o.Has("no"):
		return fmt.Errorf("votes=%s are all votes: leave no out", votes)
	}
	return nil
}

// spelt drives a run and lists the votes of its participants, as the option votes has them: nothing, unless all
// transactions are voted on alike.
func spelt(w *sim.World) []string {
	list := checkers.Votes(w, commitment(w.Nodes()), w.Nodes()[1:], func(tx any) int { return int(tx.(Tx)) })
	if len(list) == 0 || slices.ContainsFunc(list, func(letters string) bool { return letters != list[0] }) {
		return nil
	}
	return []string{"votes=" + list[0], "no"}
}

// model is what the protocol is built for.
var model = fault.Model{Crash: fault.CrashRecovery, Bounded: true, NoLoss: true, NoCut: true}

func scenario(c cast) *sim.Scenario {
	return &sim.Scenario{
		Name:    "3pc",
		Doc:     "three-phase commit with termination by a backup and recovery from the log: atomic and never blocked, until the network is cut or late",
		Options: options,
		Check:   together,
		Model:   model, ModelFor: calm,
		Build: c.build, Properties: properties, Operation: operation, Spelt: spelt,
		Targets:   []string{"Voted", "Prepared", "Decided", "Elected"},
		Sometimes: []string{"Elected", "Recovered", "Terminated", "Repaired"},
		Run:       6 * time.Second,
		Settle:    1500 * time.Millisecond,
	}
}

// membersOf returns c, p1, p2, ...
func membersOf(o sim.Options) []sim.NodeID {
	ids := []sim.NodeID{"c"}
	for i := range o.Int("participants") {
		ids = append(ids, sim.NodeID("p"+strconv.Itoa(i+1)))
	}
	return ids
}

func (c cast) build(w *sim.World, o sim.Options) {
	c = c.mistaken(o)
	members, transactions, stagger := membersOf(o), o.Int("transactions"), o.Duration("stagger")
	w.Add(members[0], func() sim.Node { return play(c.coordinator, newCoordinator(members, transactions, stagger)) })
	for i, id := range members[1:] {
		w.Add(id, func() sim.Node {
			return play(c.participant, &Participant{
				site:  newSite(Site(i+1), members, transactions),
				votes: o.Text("votes"), no: o.Int("no"), stagger: stagger, acks: o.Bool("acks"), rule: ruleOf,
			})
		})
	}
	w.Group(0, members...)
}

// play returns the node itself, or who stands in for it.
func play[N sim.Node](standIn func(N) sim.Node, n N) sim.Node {
	if standIn == nil {
		return n
	}
	return standIn(n)
}

func properties(o sim.Options) []sim.Property {
	members, transactions := membersOf(o), o.Int("transactions")
	l := newLedger(members, transactions, soonest(len(members)-1, transactions, o.Duration("stagger")))
	c := commitment(members)
	list := append(l.innerProperties(), checkers.Atomicity(c)...)
	list = append(list, &nonBlocking{ledger: l}, checkers.Decision(c, transactions, l.waits))
	if o.Bool("costs") {
		list = append(list, checkers.Costs(costs(c, members[0]), formula(o.Bool("acks"))))
	}
	return list
}
