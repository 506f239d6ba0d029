package checkers_test

import (
	"slices"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// The messages of a store on one server, and the facts that it and its clients note.
type (
	ask struct {
		ID checkers.OpID
		In checkers.KVInput
	}
	answer struct {
		ID  checkers.OpID
		Out checkers.KVOutput
	}
	patience struct{ N uint64 }
	began    struct{ Ask ask }
	ended    struct {
		Answer  answer
		Outcome checkers.Outcome
	}
	applied struct{ ID checkers.OpID }
)

// A server keeps one value a key in memory. It remembers whom it has answered what, unless it is
// careless: then a request that the network repeats is executed twice.
type server struct {
	careless bool
	values   map[string]string
	answers  map[checkers.OpID]checkers.KVOutput
}

func (s *server) Start(sim.Env) {
	s.values, s.answers = map[string]string{}, map[checkers.OpID]checkers.KVOutput{}
}

func (s *server) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	q := m.(ask)
	out, known := s.answers[q.ID]
	if !known || s.careless {
		out = checkers.KVOutput{Value: s.values[q.In.Key]}
		if q.In.Op == checkers.Put {
			s.values[q.In.Key] = q.In.Value
		}
		s.answers[q.ID] = out
		env.Note(applied{q.ID})
	}
	env.Send(from, answer{q.ID, out})
}

// A client asks one thing after the other, and gives up when it has waited too long.
type client struct {
	n, total uint64
	waiting  bool
}

func (c *client) Start(env sim.Env) { c.next(env) }

func (c *client) next(env sim.Env) {
	if c.n == c.total {
		return
	}
	c.n++
	in := checkers.KVInput{Op: checkers.KVOp(env.Pick("op", 2)), Key: []string{"k1", "k2"}[env.Pick("key", 2)]}
	if in.Op == checkers.Put {
		in.Value = checkers.OpID{Client: env.ID(), N: c.n}.String()
	}
	q := ask{checkers.OpID{Client: env.ID(), N: c.n}, in}
	c.waiting = true
	env.Note(began{q})
	env.Send("s", q)
	env.After(60*time.Millisecond, patience{c.n})
}

func (c *client) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case answer:
		if m.ID.N == c.n && c.waiting {
			c.end(env, ended{m, checkers.Done})
		}
	case patience:
		if m.N == c.n && c.waiting {
			c.end(env, ended{answer{ID: checkers.OpID{Client: env.ID(), N: c.n}}, checkers.Unknown})
		}
	}
}

func (c *client) end(env sim.Env, f ended) {
	c.waiting = false
	env.Note(f)
	c.next(env)
}

// storeScenario is that store, with three clients of 12 operations.
func storeScenario(careless bool) *sim.Scenario {
	const operations = 12
	history := checkers.History{
		Call: func(fact any) (id checkers.OpID, key string, input any, ok bool) {
			if f, ok := fact.(began); ok {
				return f.Ask.ID, f.Ask.In.Key, f.Ask.In, true
			}
			return id, "", nil, false
		},
		Return: func(fact any) (id checkers.OpID, output any, outcome checkers.Outcome, ok bool) {
			if f, ok := fact.(ended); ok {
				return f.Answer.ID, f.Answer.Out, f.Outcome, true
			}
			return id, nil, 0, false
		},
		Reached: func(m sim.Message) (id checkers.OpID, ok bool) { q, ok := m.(ask); return q.ID, ok },
		Effect:  func(fact any) (id checkers.OpID, ok bool) { f, ok := fact.(applied); return f.ID, ok },
		Total:   3 * operations,
	}
	return &sim.Scenario{
		Name: "store", Doc: "one server, three clients", Model: fault.Model{Crash: fault.NoCrash}, Run: 20 * time.Second, Settle: 10 * time.Second,
		Sometimes: []string{checkers.TookEffectLater},
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("s", func() sim.Node { return &server{careless: careless} })
			for _, id := range []sim.NodeID{"c1", "c2", "c3"} {
				w.Add(id, func() sim.Node { return &client{total: operations} })
			}
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{checkers.Linearizable(checkers.KV(), history)} },
	}
}

// runs makes runs of the scenario with all faults until one is violated,
// and adds up what the property tallied.
func runs(t *testing.T, s *sim.Scenario, seeds uint64) (violated *sim.Verdict, tallies map[string]uint64, later int) {
	t.Helper()
	tallies = map[string]uint64{}
	for seed := range seeds {
		w, err := s.World(sim.Config{Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		for _, x := range v.Tallies {
			tallies[x.Name] += x.N
		}
		if slices.Contains(v.Sometimes, checkers.TookEffectLater) {
			later++
		}
		if v.Outcome == sim.Violated {
			return &v, tallies, later
		}
		if v.Outcome != sim.OK {
			t.Fatalf("seed %d: %v, %s", seed, v.Outcome, v.Why)
		}
	}
	return nil, tallies, later
}

// Fails if a right store is accused, if the check is skipped when faults are on, or if they are too tame
// for outcomes to be unknown.
func TestRightStoreUnderFaults(t *testing.T) {
	violated, tallies, later := runs(t, storeScenario(false), 300)
	if violated != nil {
		t.Fatal(violated.Why)
	}
	t.Logf("%v, in %d runs an operation took effect later", tallies, later)
	for _, name := range []string{"operations unknown", "operations that reached no node", "operations that took effect later", "model steps"} {
		if tallies[name] == 0 {
			t.Errorf("no %s in 300 runs", name)
		}
	}
	if later == 0 {
		t.Errorf("%s was never reached", checkers.TookEffectLater)
	}
}

// Fails if a store that executes a repeated request twice is not found out.
func TestCarelessStoreIsCaught(t *testing.T) {
	violated, tallies, _ := runs(t, storeScenario(true), 2000)
	if violated == nil || violated.Property != "linearizability" {
		t.Fatalf("got %v after %v", violated, tallies)
	}
	t.Log(violated.Why)
}
