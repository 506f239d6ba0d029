package paxoskv

import (
	"slices"
	"testing"

	"simrun/checkers"
	"simrun/sim"
)

// hunt runs seeds 1 to last until the property is violated, and returns the first seeds at which an inner property and this one were; 0 if none.
func hunt(t *testing.T, s *sim.Scenario, last uint64, property string, settings ...string) (inner, outer uint64, seen []string) {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	for seed := uint64(1); seed <= last && outer == 0; seed++ {
		w, err := s.World(sim.Config{Seed: seed, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range w.Run(0).Violations {
			if v.Inner && inner == 0 {
				inner = seed
			}
			if v.Property == property && outer == 0 {
				outer = seed
			}
			if !slices.Contains(seen, v.Property) {
				seen = append(seen, v.Property)
			}
		}
	}
	return inner, outer, seen
}

// A server of this kind executes whatever is chosen: it forgets its sessions as soon as a message is handled. So a command chosen in two slots is applied twice.
type twice struct{ *Server }

func (s twice) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	s.Server.Handle(env, from, m)
	s.store.sessions = nil
}

// A local server answers reads from its own memory, without a slot.
type local struct{ *Server }

func (s local) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if r, ok := m.(Request); ok {
		if c, err := parseCommand(r.Command); err == nil && c.op.Op == checkers.Get {
			env.Send(from, Reply{uint64(c.n), s.store.do(&c.op)})
			return
		}
	}
	s.Server.Handle(env, from, m)
}

// Mistakes on purpose, and the property that must catch each. The log says how many seeds it takes; small throw-away models needed fewer than
// ten for a command applied twice and 1.6 for reads without a slot.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake  string
		standIn  func(*Server) sim.Node
		settings []string
		property string
		bound    uint64
	}{
		{"applies a retried command twice", func(s *Server) sim.Node { return twice{s} }, nil, "linearizability", 500},
		{"reads without a slot", func(s *Server) sim.Node { return local{s} }, nil, "linearizability", 100},
		{"answers before it syncs", nil, []string{"durable=false"}, "backed", 100},
	} {
		inner, outer, seen := hunt(t, scenario(c.standIn), c.bound, c.property, c.settings...)
		t.Logf("%-34s seeds to find: any inner property %d, %s %d; seen by %v", c.mistake, inner, c.property, outer, seen)
		if outer == 0 {
			t.Errorf("%s: %s does not complain in %d seeds", c.mistake, c.property, c.bound)
		}
	}
}

// The right store holds on swarm seeds, of every size; every property judges; what good runs reach now and then is reached as often as a hunt
// needs to mean something.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	reached := map[string]int{}
	const runs = 300
	for _, settings := range [][]string{nil, {"acceptors=5", "clients=5", "ops=60"}, {"acceptors=1", "clients=1", "ops=20"}, {"keys=1", "ops=30"}} {
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		n := uint64(40)
		if settings == nil {
			n = runs
		}
		for seed := range n {
			w, err := s.World(sim.Config{Seed: seed, Options: o})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome == sim.Violated || v.Outcome == sim.Stalled {
				t.Errorf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, c := range v.Checks {
				if c.Property == "linearizability" && c.Checks == 0 {
					t.Errorf("%v seed %d: linearizability was not judged", settings, seed)
				}
			}
			if settings == nil {
				for _, name := range v.Sometimes {
					reached[name]++
				}
			}
		}
	}
	for _, name := range s.Sometimes {
		if reached[name] < runs/10 {
			t.Errorf("%s reached in %d runs of %d, want a tenth", name, reached[name], runs)
		}
	}
	t.Log(reached)
}

// Operations given as text are those that are called, and no others.
func TestGivenOperations(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"operations=c1: put x 1; get x; c2: cas x 1 2", "clients=2"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for e := range w.Events(0) {
		if _, ok := e.Data.(Called); ok {
			n++
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK || n != 3 {
		t.Errorf("%d operations called; %v %s", n, v.Outcome, v.Why)
	}
	w.Close()
}
