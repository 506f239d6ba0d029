package paxoskv

import (
	"fmt"
	"strings"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// Mistakes on purpose, and the properties that must catch each: the test fails if one of them stays
// silent for so many seeds. The log says how many seeds it takes; beside them is what small throw-away
// models needed. No inner property can see that all servers do the same wrong thing.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake  string
		settings []string
		inner    string // the property inside that must complain; "" if none can
		outer    string
		only     bool // no other property ends a run
		bound    uint64
		models   string
	}{
		{"applies a retried command twice", []string{"mistake=executes-twice"}, "", "linearizability", false, 500, "a few"},
		{"reads without a slot", []string{"mistake=reads-locally"}, "", "linearizability", false, 500, "1.6"},
		{"answers before it syncs", []string{"durable=false"}, "backed", "agreement", false, 500, "604 and 82"},
		{"answers before it syncs", []string{"durable=false"}, "", "linearizability", true, 3000, "604 and 82"},
	} {
		cfg := sim.Config{Options: trial.Options(t, Scenario(), c.settings...)}
		if c.only {
			cfg.Only = c.outer
		}
		f := trial.Hunt(t, Scenario(), cfg, 1, c.bound, trial.Each(c.outer))
		t.Logf("%-32s seeds to find: inner %d, %s %d; small models: %s; seen by %v", c.mistake, f.Inner, c.outer, f.Of(c.outer), c.models, f.Seen)
		for _, p := range []string{c.inner, c.outer} {
			if p != "" && !f.All(p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
	}
}

// A mute server hears everything and says nothing.
type mute struct{ *Server }

func (mute) Handle(sim.Env, sim.NodeID, sim.Message) {}

// Fails if a run in which no operation is answered counts as ended because clients give up, or the
// reason does not say who waits for whom.
func TestProgressComplains(t *testing.T) {
	w, err := scenario(func(s *Server) sim.Node { return mute{s} }).World(sim.Config{Seed: 1, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if !strings.HasSuffix(v.Why, "; a standstill: nobody has begun a ballot since faults ended, at 6s") {
		t.Errorf("it does not say that nobody tries: %s", v.Why)
	}
	if v.Outcome != sim.Stalled || v.Property != "progress" || !strings.Contains(v.Why, "of 100 operations have ended, and c1#9, c2#9 and c3#9 have not: c1, c2 and c3 have asked in vain and wait for s1, s2 and s3, which are up and say nothing") {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}

// A promising server promises, and hears nobody who asks it to accept.
type promising struct{ *Server }

func (s promising) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(paxos.Accept); !ok {
		s.Server.Handle(env, from, m)
	}
}

// Fails if servers that begin ballot after ballot in vain are not told as a livelock, or if they are when too many are broken, or before.
func TestStallSaysWhetherItIsALivelock(t *testing.T) {
	for _, c := range []struct{ name, plan, want string }{
		{"nobody accepts", "", "; a livelock: s1, s3 and s2 have begun "},
		{"two are broken", "1s crash s1 for good; 1s crash s2 for good", "; no livelock, though s3 has begun "},
		{"all are broken", "1s crash s1 for good; 1s crash s2 for good; 1s crash s3 for good", "; a standstill: s1, s2 and s3 are broken, and s1, s2 and s3 can spare 1"},
	} {
		s := scenario(func(s *Server) sim.Node { return promising{s} })
		v := trial.World(t, s, sim.Config{Seed: 1, Plan: trial.Plan(t, c.plan)}).Run(0)
		if v.Outcome != sim.Stalled || v.Property != "progress" || !strings.Contains(v.Why, c.want) {
			t.Errorf("%s: %v %s: %s\nwant %s", c.name, v.Outcome, v.Property, v.Why, c.want)
		}
		t.Log(v.Why)
	}
}

// A run cools down when the next slot has a command, whoever says so first, and heats up by ballots alone. Fails if a server that comes to a slot late is progress, or if a
// slot with a command that was executed before is none.
func TestDuels(t *testing.T) {
	d := duels()
	decided := func(fact any) bool { return d.Decided(&sim.Event{Kind: sim.Noted, Node: "s1", Data: fact}) }
	for i, c := range []struct {
		fact any
		want bool
	}{
		{Executed{Slot: 0}, true}, {Executed{Slot: 0}, false}, {Suppressed{Slot: 1}, true}, {Suppressed{Slot: 1}, false}, {Executed{Slot: 0}, false},
		{Executed{Slot: 5}, true}, {Executed{Slot: 4}, false}, {Called{}, false}, {paxos.Adopted{Slot: 9}, false}, {Executed{Slot: 6}, true},
	} {
		if got := decided(c.fact); got != c.want {
			t.Errorf("%d: %v is progress: %v", i, c.fact, got)
		}
	}
	if p := (paxos.Prepare{Ballot: paxos.Ballot{Round: 1, Proposer: 1}}); !d.Began(&sim.Event{Kind: sim.Sent, Node: "s1", Data: p}) {
		t.Error("a ballot does not heat")
	}
}

// Porcupine is never skipped: with every kind of fault in one plan, whatever the seed, each run judges a
// history, and histories have operations of unknown outcome. Fails too if a kind of fault does not
// happen in any of the runs: then less was turned on than is said.
func TestEveryFaultAndPorcupine(t *testing.T) {
	text := everyFault
	for i := range 40 { // often between a write and its sync
		text += fmt.Sprintf("crash s%d after effect %d for 5ms\n", 1+i%3, 40+31*i)
	}
	plan, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s, unknown := Scenario(), uint64(0)
	var faults fault.Counts
	for seed := range uint64(60) {
		w, err := s.World(sim.Config{Seed: seed, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if v.Outcome != sim.OK {
			t.Errorf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
		}
		for _, c := range v.Checks {
			if c.Property == "linearizability" && c.Checks == 0 {
				t.Errorf("seed %d: linearizability was not judged", seed)
			}
		}
		for _, x := range v.Tallies {
			if x.Name == "operations unknown" {
				unknown += x.N
			}
		}
		for k, n := range v.Faults {
			faults[k] += n
		}
	}
	if unknown == 0 {
		t.Error("the outcome of every operation is known")
	}
	for k, n := range faults {
		if n == 0 && fault.Kind(k) <= fault.SlowDisks {
			t.Errorf("no %v in any run", fault.Kind(k))
		}
	}
	t.Logf("%d operations unknown; faults %v", unknown, faults)
}

const everyFault = `always law newest-first 2ms 300ms 25%
always loss 5%
always repeat 5%
always drift s1 200ppm
always offset s2 3ms
always sync 2ms
always unsynced mix
30ms slow s1 20x
60ms slow s1 1x
100ms cut s1,c1 | s2,s3,c2
200ms cut s2 | s3 one-way
400ms heal
500ms pause s2
600ms resume s2
700ms step s3 -30ms
800ms freeze s1
900ms thaw s1
1s crash s1
2s restart s1
`

// The right store holds on swarm seeds, of every size; every property judges; what good runs reach now
// and then is reached as often as a hunt needs to mean something.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	const runs = 300
	reached, checks := map[string]int{}, map[string]uint64{}
	var memory sim.Memory
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
			w, err := s.World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome == sim.Violated || v.Outcome == sim.Stalled {
				t.Errorf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, c := range v.Checks {
				if checks[c.Property] += c.Checks; c.Property == "linearizability" && c.Checks == 0 {
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
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
	t.Log(reached, checks)
}

// Operations given as text are those that are called, and no others; a
// client that only they name is there too.
func TestGivenOperations(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"operations=c1: put x 1; get x; c3: cas x 1 2", "clients=2"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	called := map[sim.NodeID]int{}
	for e := range w.Events(0) {
		if _, ok := e.Data.(Called); ok {
			called[e.Node]++
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK || len(called) != 2 || called["c1"] != 2 || called["c3"] != 1 {
		t.Errorf("operations called: %v; %v %s", called, v.Outcome, v.Why)
	}
	w.Close()
}

// Fails if operations that cannot be read get as far as the world, where nobody expects them.
func TestBadOperations(t *testing.T) {
	for _, text := range []string{"c1: fly x", "c10: get x", "get", "c1: get x;"} {
		if _, err := Scenario().ParseOptions([]string{"operations=" + text}); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("operations=%s: %v, want an error of one line", text, err)
		}
	}
	if _, err := Scenario().ParseOptions([]string{"operations="}); err != nil {
		t.Errorf("no operations in the place of drawn ones: %v", err)
	}
}
