package multicast

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// Fails if the order goes wrong under faults within the model, if a judge has nothing to say in all these runs, or if what good runs reach now and
// then is seldom reached.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	var memory sim.Memory
	checks, reached, runs := map[string]uint64{}, map[string]int{}, uint64(120)
	if testing.Short() {
		runs = 20
	}
	for _, settings := range [][]string{nil, {"acceptors=5", "processes=5", "messages=2"}, {"acceptors=1", "processes=1"}, {"acceptors=4", "processes=2", "messages=8"}} {
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
	for _, name := range []string{"one-value-per-ballot", "safe-at", "promise-monotone", "total-order", "integrity", "causal-order", "delivery", "backed", "invariant"} {
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
		{"skips", []string{"total-order"}, 50},
		{"own-first", []string{"total-order"}, 50},
		{"one-acceptance", []string{"total-order"}, 300},
		{"deaf", []string{"safe-at", "total-order"}, 50},
		{"moves-on", []string{"integrity"}, 50},
		{"newest-first", []string{"causal-order"}, 50},
		{"never-asks", []string{"delivery"}, 50},
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
			for _, x := range w.Run(0).Checks {
				if x.Outcome > sim.Undecided && found[x.Property] == 0 {
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

// A process or an acceptor crashes after each effect, for a while or for good. Fails with the plan of a run that goes wrong, or in which the others do
// not deliver all.
func TestCrashAfterEachEffect(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"processes=2", "messages=1"})
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	made := 0
	for _, node := range []string{"p1", "p2", "a1", "a2"} {
		for _, how := range []string{"for 10ms", "for good"} {
			for effect, struck := 1, true; struck; effect++ {
				if testing.Short() && effect%8 != 0 {
					continue
				}
				plan, err := fault.Parse(fmt.Sprintf("always law constant 1ms\nalways ties ordered\nalways sync 500µs\nalways unsynced lose\nalways start p2 2ms\ncrash %s after effect %d %s\n", node, effect, how))
				if err != nil {
					t.Fatal(err)
				}
				w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: &memory})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				struck = v.Faults[fault.Crashes] > 0 && effect < 200
				if made++; v.Outcome != sim.OK {
					t.Errorf("%s after effect %d %s: %v %s: %s", node, effect, how, v.Outcome, v.Property, v.Why)
				}
			}
		}
	}
	if made < 20 {
		t.Errorf("only %d runs", made)
	}
	t.Logf("%d runs", made)
}
