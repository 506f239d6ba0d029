package election

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// Fails if elections go wrong under faults within the model, if a judge has nothing to say in all these runs, or if what good runs reach now and
// then is seldom reached.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	var memory sim.Memory
	checks, reached, runs := map[string]uint64{}, map[string]int{}, uint64(150)
	if testing.Short() {
		runs = 25
	}
	for _, settings := range [][]string{nil, {"acceptors=5", "candidates=2", "term=80ms"}, {"acceptors=1", "candidates=1"}, {"acceptors=4", "candidates=5", "term=400ms"}} {
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range runs {
			w, err := s.World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK {
				t.Fatalf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, c := range v.Checks {
				checks[c.Property] += c.Checks
			}
			for _, name := range v.Sometimes {
				reached[name]++
			}
		}
	}
	for _, name := range []string{"one-value-per-ballot", "safe-at", "promise-monotone", "agreement", "validity", "one-at-a-time", "led", "backed", "invariant"} {
		if checks[name] < runs {
			t.Errorf("%s judged only %d times", name, checks[name])
		}
	}
	for _, name := range s.Sometimes {
		if reached[name] < int(runs)/10 {
			t.Errorf("%s reached in %d runs", name, reached[name])
		}
	}
}

// Mistakes on purpose, and the properties that must catch each. Fails if one is not caught within the bound of seeds. The log says how many it took.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake    string
		properties []string // each of which must complain
		bound      uint64
	}{
		{"self-crowned", []string{"agreement"}, 100},
		{"deaf", []string{"safe-at", "agreement"}, 100},
		{"nominates", []string{"validity"}, 100},
		{"late-count", []string{"one-at-a-time"}, 1500},
		{"any-life", []string{"one-at-a-time"}, 100},
		{"impatient", []string{"one-at-a-time"}, 100},
		{"never-resigns", []string{"one-at-a-time"}, 100},
	} {
		s := Scenario()
		o, err := s.ParseOptions([]string{"mistake=" + c.mistake})
		if err != nil {
			t.Fatal(err)
		}
		var memory sim.Memory
		found := map[string]uint64{}
		for seed := range c.bound {
			w, err := s.World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range w.Run(0).Violations {
				if found[x.Property] == 0 {
					found[x.Property] = seed + 1
				}
			}
			if !slices.ContainsFunc(c.properties, func(p string) bool { return found[p] == 0 }) {
				break
			}
		}
		var say []string
		for _, p := range c.properties {
			if say = append(say, fmt.Sprintf("%s after %d", p, found[p])); found[p] == 0 {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
		t.Logf("%-15s %s", c.mistake, strings.Join(say, ", "))
	}
}

// A candidate or an acceptor crashes after each effect that it has before the third term, for a while or for good. Fails with the plan of a run that
// goes wrong, or in which the others do not go on.
func TestCrashAfterEachEffect(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"candidates=2", "term=60ms"})
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	made := 0
	for _, node := range []string{"c1", "c2", "a1", "a2"} {
		for _, how := range []string{"for 10ms", "for good"} {
			for effect := 1; effect <= 60; effect++ {
				if testing.Short() && effect%8 != 0 {
					continue
				}
				plan, err := fault.Parse(fmt.Sprintf("always law constant 1ms\nalways ties ordered\nalways sync 500µs\nalways unsynced lose\ncrash %s after effect %d %s\n", node, effect, how))
				if err != nil {
					t.Fatal(err)
				}
				w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: &memory})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				if made++; v.Outcome != sim.OK || v.Faults[fault.Crashes] != 1 {
					t.Errorf("%s after effect %d %s: %d crashes, %v %s: %s", node, effect, how, v.Faults[fault.Crashes], v.Outcome, v.Property, v.Why)
				}
			}
		}
	}
	t.Logf("%d runs", made)
}

// Fails if leaders overlap, or are not followed, where the clocks are as wrong as the model allows, in terms of whatever length.
func TestClocksAtTheirWorst(t *testing.T) {
	s := Scenario()
	for _, term := range []time.Duration{shortest, 200 * time.Millisecond, 2 * time.Second, longest} {
		o, err := s.ParseOptions([]string{"candidates=2", "term=" + term.String()})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := fault.Parse("always drift c1 -200ppm\nalways drift c2 200ppm\n")
		if err != nil {
			t.Fatal(err)
		}
		for seed := range uint64(20) {
			w, err := s.World(sim.Config{Seed: seed, Options: o, Plan: &plan, For: max(s.Run, 4*term)})
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Outcome != sim.OK {
				t.Errorf("term %v, seed %d: %v %s: %s", term, seed, v.Outcome, v.Property, v.Why)
			}
		}
	}
}

// Fails if the margin is too small for the longest term that can be set (the formula in the story of the package), though candidates stand without delay, or
// if a term can be set for which nothing is promised.
func TestBoundsOfATerm(t *testing.T) {
	const million = 1_000_000
	if leader, waits := (longest-margin)*(million+fault.MaxDrift), longest*(million-fault.MaxDrift); leader > waits {
		t.Errorf("a leader may rule for %v longer than others wait", (leader-waits)/million)
	}
	s := Scenario()
	for _, bad := range []string{"0", "1ns", "29ms", "12001ms", "1h"} {
		if _, err := s.ParseOptions([]string{"term=" + bad}); err == nil || !strings.Contains(err.Error(), "want from 30ms to 12s") {
			t.Errorf("term=%s: %v", bad, err)
		}
	}
	for _, good := range []string{"30ms", "12s"} {
		if _, err := s.ParseOptions([]string{"term=" + good}); err != nil {
			t.Error(err)
		}
	}
}
