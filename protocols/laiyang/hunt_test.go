package laiyang

import (
	"slices"
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Mistakes on purpose, and the properties that must catch each: one that looks inside, and one that looks at nothing but the snapshot. The figures in the
// log are seeds to the first find. Where there is a number, that is what small throw-away models needed.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		set          string
		inner, outer string
		bound        uint64
		models       string
	}{
		{"mistake=late-record", "consistent-cut", "conserved-cut", 50, "36"},
		{"mistake=late-record method=counting", "consistent-cut", "conserved-cut", 50, ""},
		{"mistake=one-bit", "consistent-cut", "conserved-cut", 100, ""},
		{"mistake=one-history", "channel-states", "conserved-cut", 20, ""},
		{"mistake=late-whites method=counting", "channel-states", "conserved-cut", 20, ""},
		{"mistake=early method=counting", "channel-states", "conserved-cut", 20, ""},
	} {
		f := trial.Hunt(t, Scenario(), sim.Config{Options: settings(t, strings.Fields(c.set)...)}, 1, c.bound, trial.Each(c.inner, c.outer))
		t.Logf("%-36s seeds to find: inner %d, %s %d; small models: %s; seen by %v", c.set, f.Inner, c.outer, f.Of(c.outer), c.models, f.Seen)
		for _, p := range []string{c.inner, c.outer} {
			if !f.All(p) {
				t.Errorf("%s: %s does not complain in %d seeds", c.set, p, c.bound)
			}
		}
	}
}

// Where nobody has anything to say and nobody is told, the snapshot waits for ever, and the report says so. Fails if such a run would pass, or if one
// where all are told would not.
func TestSilence(t *testing.T) {
	for _, app := range apps.Names() {
		for _, method := range methodNames {
			for mistake, want := range map[string]string{"none": "ok ", "untold": "stalled ending"} {
				o := settings(t, "app="+app, "work=0", "method="+method, "mistake="+mistake, "snapshots=1")
				v := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, steady)}).Run(0)
				if got := v.Outcome.String() + " " + v.Property; got != want {
					t.Errorf("%s by %s, %s: %s %s, want %s", app, method, mistake, got, v.Why, want)
				}
				if slices.Contains(v.Sometimes, heldBack) || slices.Contains(v.Sometimes, inFlight) {
					t.Errorf("%s by %s, %s: without any message it has reached %v", app, method, mistake, v.Sometimes)
				}
			}
		}
	}
}

// The right algorithm holds on swarm seeds, for every application, topology and method; every property judges; and what good runs reach now and
// then is reached.
func TestScenarioHolds(t *testing.T) {
	const runs = 20
	reached, checks := map[string]int{}, map[string]uint64{}
	var complete uint64
	var memory sim.Memory
	for _, app := range apps.Names() {
		for i, kind := range apps.TopologyKinds() {
			for _, method := range methodNames {
				o := settings(t, "app="+app, "topology="+kind, "method="+method, []string{"nodes=4", "nodes=3", "nodes=6"}[i%3])
				for seed := range uint64(runs) {
					v := world(t, sim.Config{Seed: seed, Options: o, Reuse: &memory}).Run(0)
					if v.Outcome != sim.OK {
						t.Errorf("%s on a %s by %s seed %d: %v %s: %s", app, kind, method, seed, v.Outcome, v.Property, v.Why)
					}
					for _, name := range v.Sometimes {
						reached[name]++
					}
					for _, c := range v.Checks {
						checks[c.Property] += c.Checks
					}
					complete += trial.Tally(v, "snapshots complete")
				}
			}
		}
	}
	const total = 4 * 5 * 2 * runs
	for _, name := range Scenario().Sometimes {
		if reached[name] < total/10 {
			t.Errorf("%s reached in %d runs of %d, want a tenth", name, reached[name], total)
		}
	}
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
	if complete != 4*total {
		t.Errorf("%d snapshots are complete, want %d", complete, 4*total)
	}
	t.Log(reached, checks, complete)
}

// How each kind of run ends, under each profile: fixed before the hunts. Fails if a right setting is accused, or if a wrong one is let off.
func TestTable(t *testing.T) {
	const clean, violated, stalled = "clean", "violated conserved-cut", "stalled ending"
	inside, all := []string{"none", "crash", "swarm"}, []string{"none", "crash", "partition", "async", "swarm"}
	var memory sim.Memory
	for _, row := range []struct {
		set      string
		profiles []string
		want     string
	}{
		{"", inside, clean},
		{"method=counting", inside, clean},
		{"app=ring topology=ring", inside, clean},
		{"app=wordcount topology=star method=counting", inside, clean},
		{"app=mesh topology=clique", inside, clean},
		{"app=mesh topology=clique method=counting", inside, clean},
		{"app=ring work=0", inside, clean},
		{"", []string{"async"}, violated}, // messages are lost and repeated
		{"method=counting", []string{"async"}, violated},
		{"mistake=late-record", inside, violated},
		{"mistake=one-bit every=1ms", []string{"crash", "swarm"}, violated}, // too much must be late for it where there are no faults
		{"mistake=one-history", inside, violated},
		{"mistake=late-whites method=counting", inside, violated},
		{"mistake=early method=counting", inside, violated},
		{"mistake=untold app=ring work=0", all, stalled},
	} {
		o := settings(t, strings.Fields(row.set)...)
		for _, profile := range row.profiles {
			got := clean
			for seed := uint64(0); seed < 40 && got == clean; seed++ {
				if v := world(t, sim.Config{Seed: seed, Options: o, Faults: profile, Reuse: &memory}).Run(0); v.Outcome != sim.OK {
					got = v.Outcome.String() + " " + v.Property
				}
			}
			if got != row.want {
				t.Errorf("%q under %s: %s, want %s", row.set, profile, got, row.want)
			}
		}
	}
}

// Settings that would be ignored are refused. Fails if such a run would be made, and pass as if a mistake did no harm.
func TestSettingsThatDoNotGoTogether(t *testing.T) {
	for set, want := range map[string]string{
		"mistake=early":                       "mistake=early cannot be made by history: want method=counting",
		"mistake=late-whites":                 "mistake=late-whites cannot be made by history: want method=counting",
		"mistake=one-history method=counting": "mistake=one-history cannot be made by counting: want method=history",
		"initiators=3 nodes=2":                "initiators=3: there are 2 processes",
		"topology=ring graph=2":               "graph=2",
	} {
		if _, err := Scenario().ParseOptions(strings.Fields(set)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
}
