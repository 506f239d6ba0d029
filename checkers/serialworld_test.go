package checkers_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// The messages of a notary who keeps two lists, and the facts that he and his clients note. A transaction
// looks at both lists and puts its name at the end of one.
type (
	look struct { // asks for the lists, and to put the name at once if Key is not empty
		Tx  checkers.OpID
		Key string
	}
	looked struct {
		Tx    checkers.OpID
		Lists [2][]checkers.OpID
	}
	put struct {
		Tx  checkers.OpID
		Key string
	}
	done  struct{ Tx checkers.OpID }
	weary struct{ N uint64 }

	seen struct {
		Tx   checkers.OpID
		Key  string
		List []checkers.OpID
	}
	placed struct {
		Tx  checkers.OpID
		Key string
	}
	over struct{ Tx checkers.OpID }
)

var notaryKeys = [2]string{"x", "y"}

// A notary keeps the lists in memory, and puts no name down twice.
type notary struct{ lists [2][]checkers.OpID }

func (n *notary) Start(sim.Env) {}

func (n *notary) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case look:
		if m.Key == "" {
			env.Send(from, looked{m.Tx, n.lists})
			return
		}
		if !n.knows(m.Tx) {
			for k, key := range notaryKeys {
				env.Note(seen{m.Tx, key, n.lists[k]})
			}
		}
		n.put(env, put(m))
		env.Send(from, done{m.Tx})
	case put:
		n.put(env, m)
		env.Send(from, done{m.Tx})
	}
}

func (n *notary) knows(tx checkers.OpID) bool {
	return slices.Contains(n.lists[0], tx) || slices.Contains(n.lists[1], tx)
}

// put makes a new list: the old one may be in a message.
func (n *notary) put(env sim.Env, m put) {
	if n.knows(m.Tx) {
		return
	}
	k := slices.Index(notaryKeys[:], m.Key)
	n.lists[k] = append(slices.Clip(n.lists[k]), m.Tx)
	env.Note(placed(m))
}

// A party makes one transaction after the other, and gives up on one that takes too long. If it is hasty it
// looks first and puts its name later, and locks nothing in between.
type party struct {
	hasty    bool
	n, total uint64
	key      string
	waiting  bool
}

func (p *party) Start(env sim.Env) { p.next(env) }

func (p *party) tx(env sim.Env) checkers.OpID { return checkers.OpID{Client: env.ID(), N: p.n} }

func (p *party) next(env sim.Env) {
	if p.waiting = p.n < p.total; !p.waiting {
		return
	}
	p.n++
	p.key = notaryKeys[env.Pick("key", 2)]
	if p.hasty {
		env.Send("s", look{p.tx(env), ""})
	} else {
		env.Send("s", look{p.tx(env), p.key})
	}
	env.After(60*time.Millisecond, weary{p.n})
}

func (p *party) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case looked:
		if m.Tx == p.tx(env) && p.waiting {
			for k, key := range notaryKeys {
				env.Note(seen{m.Tx, key, m.Lists[k]})
			}
			env.Send("s", put{m.Tx, p.key})
		}
	case done:
		if m.Tx == p.tx(env) && p.waiting {
			env.Note(over(m))
			p.next(env)
		}
	case weary:
		if m.N == p.n && p.waiting {
			p.next(env)
		}
	}
}

// transactions reads the facts as versions, the last name of each list, and lists as lists.
func transactions() checkers.Transactions {
	return checkers.Transactions{
		Read: func(fact any) (tx any, key string, version checkers.Version, ok bool) {
			f, ok := fact.(seen)
			if ok && len(f.List) > 0 {
				version.Tx = f.List[len(f.List)-1]
			}
			return f.Tx, f.Key, version, ok
		},
		Installed: func(fact any) (tx any, key string, n int, ok bool) { f, ok := fact.(placed); return f.Tx, f.Key, 0, ok },
		Ended:     func(fact any) (tx any, committed, ok bool) { f, ok := fact.(over); return f.Tx, true, ok },
	}
}

func lists() checkers.Lists {
	return checkers.Lists{
		Read: func(fact any) (tx any, key string, elements []string, ok bool) {
			f, ok := fact.(seen)
			for _, tx := range f.List {
				elements = append(elements, tx.String())
			}
			return f.Tx, f.Key, elements, ok
		},
		Appended: func(fact any) (tx any, key, element string, ok bool) {
			f, ok := fact.(placed)
			return f.Tx, f.Key, f.Tx.String(), ok
		},
		Ended: transactions().Ended,
	}
}

// notaryScenario is a notary with three parties of 8 transactions, judged by these.
func notaryScenario(hasty bool, properties func() []sim.Property) *sim.Scenario {
	return &sim.Scenario{
		Name: "notary", Doc: "one notary, three parties", Model: fault.Model{Crash: fault.NoCrash}, Run: 20 * time.Second, Settle: 10 * time.Second,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("s", func() sim.Node { return &notary{} })
			for _, id := range []sim.NodeID{"c1", "c2", "c3"} {
				w.Add(id, func() sim.Node { return &party{hasty: hasty, total: 8} })
			}
		},
		Properties: func(sim.Options) []sim.Property { return properties() },
	}
}

// Fails if transactions that a notary does one at a time are accused under faults, when many of them have
// no known end, or are not judged at all.
func TestNotaryUnderFaults(t *testing.T) {
	properties := func() []sim.Property {
		return []sim.Property{checkers.Serializable(transactions()), checkers.SerializableLists(lists())}
	}
	idle := 0
	for seed := range uint64(200) {
		w, err := notaryScenario(false, properties).World(sim.Config{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if v.Outcome != sim.OK {
			t.Fatalf("seed %d: %v, %s", seed, v.Outcome, v.Why)
		}
		for _, p := range v.Checks {
			if p.Checks == 0 { // nobody has committed: every answer was late
				idle++
			}
		}
	}
	if idle > 20 {
		t.Errorf("%d of 400 verdicts have judged nothing", idle)
	}
}

// Fails if parties that look first and put later pass by either way, or if by each way all that is found is
// of one kind.
func TestHastyPartiesAreCaught(t *testing.T) {
	for _, judge := range []func() sim.Property{
		func() sim.Property { return checkers.Serializable(transactions()) },
		func() sim.Property { return checkers.SerializableLists(lists()) },
	} {
		found, first, example := map[string]int{}, uint64(0), ""
		for seed := range uint64(200) {
			w, err := notaryScenario(true, func() []sim.Property { return []sim.Property{judge()} }).World(sim.Config{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Outcome == sim.Violated {
				name, _, _ := strings.Cut(v.Why, ":")
				if found[name]++; example == "" {
					first, example = seed, v.Why
				}
			}
		}
		t.Logf("%v; seed %d: %s", found, first, example)
		if len(found) < 2 || !strings.Contains(fmt.Sprint(found), "G-single (lost update)") {
			t.Errorf("%s found %v", judge().Name(), found)
		}
	}
}
