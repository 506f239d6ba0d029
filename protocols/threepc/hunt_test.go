package threepc

import (
	"slices"
	"testing"

	"simrun/sim"
)

// A find is the first seed at which a mistake shows, 0 being none: to any inner property, and to the outer one that it
// is about.
type find struct{ inner, outer uint64 }

// hunt runs the seeds from 1 on until both have been found, and returns all properties that complained meanwhile.
func hunt(t *testing.T, s *sim.Scenario, faults string, last uint64, outer string, settings ...string) (f find, properties []string) {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	for seed := uint64(1); seed <= last && (f.inner == 0 || outer != "" && f.outer == 0); seed++ {
		w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: faults, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range w.Run(0).Checks {
			if c.Outcome == sim.OK {
				continue
			}
			if c.Inner && f.inner == 0 {
				f.inner = seed
			}
			if c.Property == outer && f.outer == 0 {
				f.outer = seed
			}
			if !slices.Contains(properties, c.Property) {
				properties = append(properties, c.Property)
			}
		}
	}
	return f, properties
}

// Mistakes on purpose, and the property that must catch each. The figures in the log are seeds to the first find; beside
// them is what small throw-away models needed. Those with no outer property need two crashes at two moments: that they
// do harm is shown by TestEveryCrashOfThree and TestEveryCrashFindsAMistake.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake, set string
		inner        string // the property inside that must complain; "" if none can
		outer        string // the one outside
		bound        uint64
		models       string
	}{
		{"waits in vain when pre-committed: aborts", "p-aborts", "no-mixed-states", "ac1-agreement", 5000, "-"},
		{"waits in vain: w aborts, p commits (T3-01)", "w-aborts-p-commits", "no-mixed-states", "ac1-agreement", 5000, "15, without bounds"},
		{"backup commits before it moves the others (T3-04)", "moves-nobody", "all-prepared", "", 5000, "10 to 100"},
		{"rules in the wrong order, w before p (T3-06)", "w-before-p", "no-mixed-states", "", 5000, "10 to 100"},
		{"the recovered take part in the termination", "recovered-take-part", "", "ac1-agreement", 20_000, "-"},
		{"the first to recover decides alone", "recovered-decide", "", "ac1-agreement", 5000, "-"},
		{"participants do not wait for their disks", "votes-unforced", "backed", "ac1-agreement", 5000, "33"},
		{"the coordinator does not wait for its disk", "tells-unforced", "backed", "ac1-agreement", 5000, "544"},
	} {
		f, properties := hunt(t, Scenario(), "", c.bound, c.outer, "no=0", "mistake="+c.set)
		t.Logf("%-50s seeds to find: inner %d, outer %d; small models: %s; seen by %v", c.mistake, f.inner, f.outer, c.models, properties)
		for _, p := range []string{c.inner, c.outer} {
			if p != "" && !slices.Contains(properties, p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, c.bound)
			}
		}
	}
}

// holds runs seeds of the right protocol inside its model, and returns how often each of the facts that good runs
// reach was reached.
func holds(t *testing.T, faults string, seeds uint64, settings ...string) map[string]int {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	reached, checks := map[string]int{}, map[string]uint64{}
	for seed := uint64(1); seed <= seeds; seed++ {
		w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: faults, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if v.Outcome != sim.OK || v.Late > 0 {
			t.Errorf("%s %v seed %d: %v %s: %s (%d messages late)", faults, settings, seed, v.Outcome, v.Property, v.Why, v.Late)
		}
		for _, name := range v.Sometimes {
			reached[name]++
		}
		for _, c := range v.Checks {
			checks[c.Property] += c.Checks
		}
	}
	for name, n := range checks {
		if name == "ac4-nontriviality" && faults != "none" && seeds < 2000 {
			continue // it asks for a run that nothing has disturbed, and those are few
		}
		if n == 0 && seeds >= 1000 && name != "panic" && (faults != "none" || name != "ac2-stability") {
			t.Errorf("%s %v: %s has judged nothing", faults, settings, name)
		}
	}
	return reached
}

// The right protocol holds inside its model, and what good runs reach now and then is reached. Fails if a time-out is too short
// for the bound that it is derived from, among many other things.
func TestScenarioHolds(t *testing.T) {
	seeds := uint64(4000)
	if testing.Short() {
		seeds = 2000
	}
	for _, faults := range []string{"none", "crash", "swarm"} {
		for _, x := range []struct {
			share    uint64
			settings []string
		}{{1, nil}, {4, []string{"participants=1", "transactions=1"}}, {4, []string{"participants=5", "no=0"}}, {40, []string{"participants=16", "transactions=8", "stagger=0s"}}} {
			reached := holds(t, faults, seeds/x.share, x.settings...)
			t.Logf("%s %v: %v", faults, x.settings, reached)
			for _, name := range Scenario().Sometimes {
				if x.share == 1 && faults != "none" && reached[name] < int(seeds)/400 {
					t.Errorf("%s: %s reached in %d of %d runs", faults, name, reached[name], seeds)
				}
			}
		}
	}
}

// Outside its model the protocol breaks: under a partition, and where messages are late. Fails if the profiles have
// become too tame for that, or if the report does not say which assumption was broken.
func TestBreaksOutsideItsModel(t *testing.T) {
	for _, faults := range []string{"partition", "async"} {
		s := Scenario()
		for seed := uint64(1); ; seed++ {
			if seed > 3000 {
				t.Errorf("%s: nothing found in %d seeds", faults, seed)
				break
			}
			w, err := s.World(sim.Config{Seed: seed, Faults: faults})
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Property == "ac1-agreement" {
				t.Logf("%s: seed %d: %s; outside the model: %v", faults, seed, v.Why, v.Outside)
				if len(v.Outside) == 0 {
					t.Errorf("%s: nothing is said about the model", faults)
				}
				break
			}
		}
	}
}
