package twopc

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// Bank returns the scenario "bank": accounts a1, a2, ... on shards s1, s2, ..., which are participants, and
// tellers k1, k2, ... that make transfers and audits. Its judges are those of atomic commitment, and what a
// bank expects of it: transactions are serializable, and no money is made or lost.
func Bank() *sim.Scenario { return bank(bankCast{}) }

// A bankCast replaces shards by others: nodes that are wrong on purpose.
type bankCast struct {
	shard       func(*Participant) sim.Node
	coordinator func(*Coordinator) sim.Node
}

var bankOptions = []sim.Option{
	{Name: "shards", Default: 3, Min: 1, Max: 9, Doc: "how many shards the accounts are dealt out to"},
	{Name: "accounts", Default: 6, Min: 2, Max: maxAccounts, Doc: "how many accounts there are, with 100 each"},
	{Name: "clients", Default: 3, Min: 1, Max: maxTellers, Doc: "how many tellers; more if orders names more"},
	{Name: "coordinators", Default: 1, Min: 1, Max: 2, Doc: "how many coordinators; each transaction has one of them"},
	{Name: "transactions", Default: 6, Min: 1, Max: 100, Doc: "how many orders all tellers together carry out"},
	{Name: "orders", Default: "", Check: checkOrders, Doc: "the orders, in place of drawn ones: k1: pay a1 a2 5; audit; k2: pay a2 a1 3"},
	{Name: "stagger", Default: time.Duration(0), Doc: "each teller starts that much after the one before; 0: drawn within 12ms"},
	{Name: "variant", Default: "presumed-abort", Of: []string{"basic", "presumed-abort", "presumed-commit", "mixed"}, Doc: "what a coordinator that has forgotten answers; mixed: each transaction its own"},
	{Name: "recovery", Default: false, Doc: "coordinators take over what another leaves, and one of two may be broken for good"},
	{Name: "locks", Default: "strict", Of: []string{"strict", "early", "none"}, Doc: "strict two-phase locking; early: shards unlock when they vote, which is wrong; none: likewise"},
	{Name: "mistake", Default: "none", Of: []string{"none", "forgets-locks", "forgets-work", "refuses-when-asked"},
		Doc: "what nodes get wrong on purpose: in a crash shards forget the locks of what is prepared; they vote yes on work that they have forgotten; a coordinator that is asked again says no"},
}

func bank(c bankCast) *sim.Scenario {
	return &sim.Scenario{
		Name:       "bank",
		Doc:        "transfers between accounts on several shards, by two-phase commit and two-phase locking: serializable, and no money is lost",
		Options:    bankOptions,
		Source:     "twopc.Bank()",
		Build:      c.build,
		Properties: bankProperties,
		Operation:  bankOperation,
		Check:      ordersFit,
		ModelFor:   bankModel,
		Spelt:      spelt,
		Targets:    []string{"Voted", "Decided", "Installed"},
		Sometimes:  []string{"Transferred", "Audited", "Retried", "Refused", "Waited", "Asked", "Recovered"},
		Run:        12 * time.Second,
		Settle:     3 * time.Second,
	}
}

// bankModel is that of 2pc: the disks of coordinators may fail where one is left to take over.
func bankModel(o sim.Options) fault.Model {
	if o.Bool("recovery") && o.Int("coordinators") > 1 {
		return fault.Model{Disk: fault.Rotting}
	}
	return fault.Model{}
}

// ordersFit says what is wrong with orders that are set, beside other settings.
func ordersFit(o sim.Options) error {
	if o.Text("orders") != "" && o.Has("transactions") {
		return errors.New("orders says how many there are: leave transactions out")
	}
	for _, orders := range scripts(o) {
		for _, x := range orders {
			if n := max(x.from, x.to); n > o.Int("accounts") {
				return fmt.Errorf("order %q: there is no %s, with %d accounts", x, account(n), o.Int("accounts"))
			}
		}
	}
	return nil
}

// spelt drives a run and lists the orders that its tellers took up, as the option orders has them.
func spelt(w *sim.World) []string {
	var orders []string
	taken := make(map[sim.NodeID][]string)
	for range w.Events(0) {
		for _, id := range w.Nodes() {
			n, _ := w.Node(id)
			if t, ok := n.(*Teller); ok && t.tries > 0 && t.closed == len(taken[id]) {
				taken[id] = append(taken[id], t.order.String())
			}
		}
	}
	for _, id := range w.Nodes() {
		if len(taken[id]) > 0 {
			orders = append(orders, string(id)+": "+strings.Join(taken[id], "; "))
		}
	}
	if len(orders) == 0 {
		return nil
	}
	return []string{"orders=" + strings.Join(orders, "; "), "transactions"}
}

// checkOrders says what is wrong with a text for the option orders.
func checkOrders(text string) error {
	_, err := parseOrders(text)
	return err
}

// scripts returns the orders of each teller; nil for one whose orders are drawn, or that has none while others have.
func scripts(o sim.Options) [][]order {
	all, err := parseOrders(o.Text("orders"))
	if err != nil {
		panic("twopc: option orders: " + err.Error()) // it was checked
	}
	for len(all) < o.Int("clients") {
		all = append(all, nil)
	}
	return all
}

// load returns how many orders each teller carries out.
func load(o sim.Options) (n []int, total int) {
	all := scripts(o)
	n = make([]int, len(all))
	for i, script := range all {
		if n[i] = len(script); o.Text("orders") == "" {
			n[i] = (o.Int("transactions") + len(n) - 1 - i) / len(n)
		}
		total += n[i]
	}
	return n, total
}

// setupOfBank reads the options that concern all nodes.
func setupOfBank(o sim.Options) setup {
	return setup{coordinators: names("c", o.Int("coordinators")), recovery: o.Bool("recovery"), cooperative: true, durable: true}
}

func (c bankCast) build(w *sim.World, o sim.Options) {
	if m := o.Text("mistake"); m != "none" {
		c = bankMistakes[m]
	}
	s := setupOfBank(o)
	shards := names("s", o.Int("shards"))
	locking := map[string]Locking{"strict": Strict, "early": Early, "none": None}[o.Text("locks")]
	for i, id := range s.coordinators {
		w.Add(id, func() sim.Node { return play(c.coordinator, newCoordinator(s, i+1)) })
	}
	for i, id := range shards {
		w.Add(id, func() sim.Node { return play(c.shard, newParticipant(s, i+1, votes{}, locking)) })
	}
	orders, _ := load(o)
	all := scripts(o)
	for i, id := range names("k", len(orders)) {
		delay := time.Duration(-1)
		if stagger := o.Duration("stagger"); stagger > 0 {
			delay = time.Duration(i) * stagger
		}
		w.Add(id, func() sim.Node {
			return &Teller{number: i + 1, tellers: len(orders), setup: s, shards: shards, accounts: o.Int("accounts"), variant: variantOf(o),
				script: all[i], orders: orders[i], delay: delay}
		})
	}
	w.Group(0, shards...)
	spare := 0
	if s.recovery {
		spare = len(s.coordinators) - 1 // whoever is left takes over
	}
	w.Group(spare, s.coordinators...)
}

// bankProperties returns the judges of one run.
func bankProperties(o sim.Options) []sim.Property {
	_, orders := load(o)
	c := commitmentOf()
	c.Ended = func(fact any) (any, bool) {
		if f, ok := fact.(Closed); ok {
			return Closed{Teller: f.Teller, Number: f.Number}, true // one order, however it ended
		}
		return nil, false
	}
	l := newLedger()
	safe := checkers.Atomicity(c)[:3] // AC4 is for 2pc to judge: hardly a run of the bank refuses no lock
	return append(safe, checkers.Decision(c, orders, l.waiting), checkers.Termination("served", l.unserved),
		checkers.Serializable(transactionsOf()), openBooks(o.Int("accounts")))
}

// unserved is who has still orders to carry out.
func (l *ledger) unserved(w *sim.World) error {
	var idle []string
	for _, id := range w.Nodes() {
		if n, _ := w.Node(id); n != nil {
			if t, ok := n.(*Teller); ok && t.closed < t.orders {
				idle = append(idle, fmt.Sprintf("%s has carried out %d of %d orders", id, t.closed, t.orders))
			}
		}
	}
	if len(idle) == 0 {
		return nil
	}
	if err := checkers.Explain(w, l.waiting(w)); err != nil {
		idle = append(idle, err.Error())
	}
	return errors.New(strings.Join(idle, "; "))
}

// transactionsOf tells the judge of serializability how to read a run.
func transactionsOf() checkers.Transactions {
	var l, writer label
	return checkers.Transactions{
		Read: func(fact any) (any, string, checkers.Version, bool) {
			f, ok := fact.(Fetched)
			switch {
			case !ok:
				return nil, "", checkers.Version{}, false
			case f.Version.None():
				return l.of(f.Tx), f.Account, checkers.Version{}, true
			}
			return l.of(f.Tx), f.Account, checkers.Version{Tx: writer.of(f.Version)}, true
		},
		Installed: func(fact any) (any, string, int, bool) {
			if f, ok := fact.(Installed); ok {
				return l.of(f.Tx), f.Key, 0, true
			}
			return nil, "", 0, false
		},
		Ended: func(fact any) (any, bool, bool) {
			switch f := fact.(type) {
			case Decided:
				return l.of(f.Tx), f.Commit, true
			case Ended:
				return l.of(f.Tx), f.Commit, true
			}
			return nil, false, false
		},
	}
}
