package workload

import (
	"errors"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
)

// A lone server has the whole service, and executes each request as it comes. A forgetful one does not know what it has executed; a stale one reads from the
// state of a while ago.
type lone struct {
	store *Store
	old   string // the state of a while ago
	wrong string
}

type tick struct{}

func (s *lone) Start(env sim.Env) {
	s.old = string(s.store.Append(nil))
	env.After(50*time.Millisecond, tick{})
}

func (s *lone) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case tick:
		s.Start(env)
	case Request:
		if s.wrong == "forgets" {
			s.store.sessions = nil
		}
		if s.wrong == "stale" && s.store.service.Reads(m.Command.Op) {
			was := NewStore(*s.store.service)
			if err := was.Restore(NewReader(s.old)); err != nil {
				panic(err)
			}
			env.Send(m.Command.ID.Client, Reply{ID: m.Command.ID, Result: was.Read(m.Command.Op)})
			return
		}
		if out, _, known := s.store.Apply(&m.Command); known {
			env.Send(m.Command.ID.Client, Reply{ID: m.Command.ID, Result: out})
		}
	}
}

// busy are clients with fifteen operations each, 20 ms apart.
var busy = Defaults{Clients: 3, Ops: 45, Keys: 2, Spread: 300 * time.Millisecond}

// world is a scenario of one server and its clients.
func world(wrong string) *sim.Scenario {
	return &sim.Scenario{
		Name: "lone", Options: busy.Options(), Check: Check, Spelt: Spelt,
		Build: func(w *sim.World, o sim.Options) {
			w.Add("s1", func() sim.Node { return &lone{store: NewStore(ServiceOf(o)), wrong: wrong} })
			busy.Build(w, o, []sim.NodeID{"s1"})
		},
		Properties: func(o sim.Options) []sim.Property {
			ended := 0
			return []sim.Property{
				checkers.Linearizable(ServiceOf(o).Model(), ServiceOf(o).History(Total(o))),
				checkers.Eventually("progress", []sim.Kind{sim.Noted}, func(e *sim.Event) bool {
					if _, ok := e.Data.(Returned); ok {
						ended++
					}
					return ended >= Total(o)
				}, func(*sim.World) error { return errors.New("operations have not ended") }),
			}
		},
		Run: 20 * time.Second, Settle: 10 * time.Second,
	}
}

// verdict makes a run.
func verdict(t *testing.T, s *sim.Scenario, seed uint64, set ...string) *sim.Verdict {
	t.Helper()
	o, err := s.ParseOptions(set)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: seed, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	v := w.Run(0)
	return &v
}

func tally(v *sim.Verdict, name string) uint64 {
	for _, t := range v.Tallies {
		if t.Name == name {
			return t.N
		}
	}
	return 0
}

// All services, loops and policies are right with a server that is right, whatever the network does. Fails if a client breaks the rules of sessions, if a model
// and a store differ, or if an outcome is called failed of what was sent.
func TestRightServer(t *testing.T) {
	s := world("")
	outcomes := map[string]uint64{}
	for _, service := range Services() {
		for i, more := range []string{"retry=none", "retry=fixed", "retry=exponential", "retry=hedged", "loop=open rate=150", "skew=1.5 keys=30 ramp=1s"} {
			for seed := range uint64(4) {
				v := verdict(t, s, 100*uint64(i)+seed, append(strings.Fields(more), "service="+service.Name)...)
				if v.Outcome != sim.OK {
					t.Errorf("%s, %s, seed %d: %v %s: %s", service.Name, more, 100*uint64(i)+seed, v.Outcome, v.Property, v.Why)
				}
				for _, o := range []string{"operations done", "operations failed", "operations unknown"} {
					outcomes[o] += tally(v, o)
				}
			}
		}
	}
	if outcomes["operations done"] < 1000 || outcomes["operations failed"] == 0 || outcomes["operations unknown"] == 0 {
		t.Errorf("outcomes: %v: each should come up", outcomes)
	}
}

// Fails if the wrong servers pass: what is executed twice shows in all services but those where twice is as good as once, and a stale read in all.
func TestWrongServers(t *testing.T) {
	for _, x := range []struct{ wrong, services string }{
		{"forgets", "cas kv lists counter set queue bank lock"}, {"stale", "register cas kv lists counter set queue bank lock"},
	} {
		for _, service := range strings.Fields(x.services) {
			found := uint64(0)
			for seed := uint64(1); seed <= 60 && found == 0; seed++ {
				if v := verdict(t, world(x.wrong), seed, "service="+service, "think=0s", "retry=hedged"); v.Outcome == sim.Violated {
					found = seed
				}
			}
			if found == 0 {
				t.Errorf("%s: the server that %s is never caught", service, x.wrong)
			}
			t.Logf("%s, %s: seed %d", service, x.wrong, found)
		}
	}
}

// What is spelt makes the same calls as what was drawn.
func TestSpelt(t *testing.T) {
	s := world("")
	for _, service := range Services() {
		calls := func(set ...string) (all []string) {
			o, err := s.ParseOptions(append(set, "service="+service.Name))
			if err != nil {
				t.Fatal(err)
			}
			w, err := s.World(sim.Config{Seed: 7, Options: o})
			if err != nil {
				t.Fatal(err)
			}
			return Spelt(w)
		}
		drawn := calls("ops=20", "keys=3")
		if len(drawn) != 5 || strings.Join(drawn[1:], " ") != "ops keys skew think=42.857142ms" {
			t.Fatalf("%v", drawn)
		}
		same(t, service.Name, strings.Join(calls(drawn[0], drawn[4]), " "), strings.Join(drawn, " "))
	}
	o, _ := s.ParseOptions([]string{"ops=1", "clients=1", "think=1h"})
	w, err := s.World(sim.Config{Seed: 7, Options: o})
	if err != nil || Spelt(w) != nil {
		t.Errorf("a run without operations is spelt (%v)", err)
	}
}
