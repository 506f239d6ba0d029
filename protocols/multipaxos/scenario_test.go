package multipaxos

import (
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// run makes a run of the scenario with settings.
func run(t *testing.T, cfg sim.Config, settings ...string) sim.Verdict {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options = o
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	return w.Run(0)
}

// hasty are settings in which leaders follow one another faster than faults do: most bugs of the zoo are shown by them.
var hasty = []string{"patience=8ms", "think=20ms", "clients=5", "ops=100", "snapshot=5"}

// settings are the shapes in which the scenario must hold.
var shapes = [][]string{
	nil,
	{"servers=5", "clients=5", "batch=4"},
	{"read=index", "snapshot=2", "ops=100"},
	{"read=lease"},
	{"read=local"},
	{"servers=3", "spares=2", "moves=4", "window=3", "snapshot=7"},
	{"servers=1", "clients=1", "ops=10", "decisions=told"},
	{"servers=7", "keys=1"},
	hasty,
	append([]string{"servers=5", "read=lease", "lease=20ms", "margin=500us"}, hasty...),
}

// The right servers hold, whatever their settings, and every property judges. What good runs reach now and then is reached. Fails with the seed of a run
// that violates a property or stalls.
func TestScenarioHolds(t *testing.T) {
	runs := uint64(40)
	if testing.Short() {
		runs = 8
	}
	reached, checks := map[string]int{}, map[string]uint64{}
	var memory sim.Memory
	for _, shape := range shapes {
		for _, faults := range []string{"swarm", "disk"} {
			for seed := range runs {
				v := run(t, sim.Config{Seed: seed, Faults: faults, Reuse: &memory}, shape...)
				if v.Outcome != sim.OK {
					t.Errorf("%v %s seed %d: %v %s: %s", shape, faults, seed, v.Outcome, v.Property, v.Why)
				}
				for _, name := range v.Sometimes {
					reached[name]++
				}
				for _, c := range v.Checks {
					checks[c.Property] += c.Checks
				}
			}
		}
	}
	for _, name := range Scenario().Sometimes {
		if reached[name] == 0 {
			t.Errorf("%s is never reached", name)
		}
	}
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
	t.Log(reached, checks)
}

// split takes settings apart: "a=1, b=2".
func split(settings string) []string {
	if settings == "" {
		return nil
	}
	return strings.Split(settings, ", ")
}

// A cluster that cannot go on stalls, and the reason is a chain from the clients to what is broken. Fails if a link of it is missing, or what is told of a server is not what it does.
func TestStallSaysWhy(t *testing.T) {
	for _, c := range []struct{ plan, settings, why string }{
		{"100ms crash s1 for good; 100ms crash s2 for good", "", "c1, c2 and c3 have asked in vain and wait for s1 and s2, which crashed at 100ms, and for s3, which has asked for promises in 51.s3 and waits for s1 and s2, which crashed at 100ms"},
		{"0s cut s1,s2,s3 | o for good", "", "wait for s1, s2 and s3, which have asked for an identity and wait for o, which is cut off from them"},
		{"1200ms cut s1 | s2,s3 for good; 1200ms cut s2 | s3 for good", "", "s2 has proposed c1#10 cas z \"\" a10 in slot 41, 1.s2 and waits for s1 and s3, which are cut off from it"},
		{"500ms cut s1 | s2,s3 for good; 500ms cut s2 | s3 for good", "read=index, operations=c1: put x a" + strings.Repeat("; get x", 60) + ", think=100ms", "s2 has asked who follows it still and waits for s1 and s3, which are cut off from it"},
		{"300ms crash s1 for good; 300ms wipe s2; 350ms restart s2", "", "for s2, which has lost its disk, is s2/2 now and does not vote yet. s3 has asked for promises in 51.s3 and waits for s1, which crashed at 300ms"},
	} {
		plan, err := fault.Parse(strings.ReplaceAll(c.plan, "; ", "\n"))
		if err != nil {
			t.Fatal(err)
		}
		v := run(t, sim.Config{Seed: 1, Plan: &plan}, split(c.settings)...)
		if v.Outcome != sim.Stalled || v.Property != "progress" || !strings.Contains(v.Why, c.why) {
			t.Errorf("%v %s: %s\nwant %s", v.Outcome, v.Property, v.Why, c.why)
		}
	}
}

// A wiped server returns as another member and votes again, whatever its wall clock shows at each boot. Fails if it comes back under its old identity, or stays out.
func TestWipedServerReturns(t *testing.T) {
	plan, err := fault.Parse("always reset s1\n100ms wipe s1\n130ms restart s1\n")
	if err != nil {
		t.Fatal(err)
	}
	s := Scenario()
	o, err := s.ParseOptions([]string{"ops=3000", "think=0s"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 3, Plan: &plan, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	last := Config(nil)
	for e := range w.Events(0) {
		if f, ok := e.Data.(Configured); ok && e.Kind == sim.Noted {
			last = f.Who
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK || last.String() != "s1/2 s2 s3" {
		t.Errorf("%v %s; %v vote", v.Outcome, v.Why, last)
	}
}

// A client stands still until faults end, and is still calling when the run does. Fails if that is taken for a stall or for too short a run, though all that it calls is
// answered and the others have come to their end.
func TestSlowClientIsNoStall(t *testing.T) {
	plan, err := fault.Parse("500ms pause c3\n")
	if err != nil {
		t.Fatal(err)
	}
	calling := 0
	for seed := range uint64(10) {
		v := run(t, sim.Config{Seed: seed, Plan: &plan}, "think=400ms")
		if v.Outcome != sim.OK {
			t.Errorf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
		}
		if v.Virtual == Scenario().Run {
			calling++
		}
	}
	if calling < 2 {
		t.Errorf("c3 is still calling at the end of %d runs of 10", calling)
	}
}

// While s1 is cut off the others decide and forget, so that it lacks what both of its promisers have in a snapshot when it leads. The one that it asks first crashes for good.
// Fails if it asks that one alone.
func TestLeaderLearnsFromWhoIsLeft(t *testing.T) {
	plan, err := fault.Parse(strings.Join([]string{
		"always law constant 1ms",
		"always law s1>s3 constant 2ms", // so that s2 promises first
		"0s cut s1 | s2,s3",
		"1s heal",
		"after s1 Led#1 crash s2 for good",
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	inVain := 0
	for seed := range uint64(10) {
		s := Scenario()
		w, err := s.World(sim.Config{Seed: seed, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		asked := make(map[sim.NodeID]bool) // by s1, since it leads or tries to
		for e := range w.Events(0) {
			switch e.Data.(type) {
			case Ask:
				asked[e.Peer] = asked[e.Peer] || e.Kind == sim.Sent && e.Node == "s1"
			case Installed:
				if e.Node == "s1" && asked["s2"] && asked["s3"] {
					inVain++
				}
			}
		}
		if v := w.Verdict(); v.Outcome != sim.OK {
			t.Errorf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
		}
		w.Close()
	}
	if inVain < 5 {
		t.Errorf("s1 has asked s2 in vain, and then s3, in %d runs of 10", inVain)
	}
}

// In this run what a server promised rots while it is down, in the last but one of the records with which its file began. Fails if it goes on without: it would promise less.
func TestRottenPromise(t *testing.T) {
	v := run(t, sim.Config{Seed: 0x4e2ec2, Faults: "disk"}, "servers=5", "spares=2", "moves=2", "decisions=told")
	if v.Outcome != sim.OK {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}
