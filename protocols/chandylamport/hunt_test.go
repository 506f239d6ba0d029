package chandylamport

import (
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Mistakes on purpose, and the properties that must catch each: one that looks inside, and what a user would see, a sum that is wrong or an answer. The figures
// in the log are seeds to the first find; beside them is what small throw-away models needed.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		set          string
		inner, outer string
		bound        uint64
		models       string
	}{
		{"links=reorder", "consistent-cut", "conservation", 50, "1.3"},
		{"mistake=late-marker", "consistent-cut", "conservation", 50, "1.1"},
		{"mistake=no-channels", "channel-states", "conservation", 50, "1.1"},
		{"mistake=first-channel", "channel-states", "conservation", 50, "1.2"},
		{"mistake=late-record", "consistent-cut", "conservation", 50, "1.6"},
		{"mistake=second-marker", "channel-states", "conservation", 50, "1.8"},
		{"mistake=no-ids", "consistent-cut", "conservation", 200, ""},
		{"mistake=no-incarnation restore=true", "no-orphans", "conservation", 1000, ""},
		{"mistake=one-phase restore=true", "no-lost", "ending", 1000, ""},
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

// The right algorithm holds on swarm seeds, for every application and topology, with recoveries and without; every property judges; and what
// good runs reach now and then is reached.
func TestScenarioHolds(t *testing.T) {
	const runs = 25
	reached, checks := map[string]int{}, map[string]uint64{}
	var recoveries, complete uint64
	var memory sim.Memory
	for _, app := range apps.Names() {
		for i, kind := range apps.TopologyKinds() {
			for _, more := range [][]string{nil, {"restore=true"}} {
				o := settings(t, append(more, "app="+app, "topology="+kind, []string{"nodes=4", "nodes=3", "nodes=6"}[i%3])...)
				for seed := range uint64(runs) {
					v := world(t, sim.Config{Seed: seed, Options: o, Reuse: &memory}).Run(0)
					if v.Outcome != sim.OK {
						t.Errorf("%s on a %s %v seed %d: %v %s: %s", app, kind, more, seed, v.Outcome, v.Property, v.Why)
					}
					for _, name := range v.Sometimes {
						reached[name]++
					}
					for _, c := range v.Checks {
						checks[c.Property] += c.Checks
					}
					recoveries += trial.Tally(v, "recoveries")
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
	if recoveries < 2*total/2 {
		t.Errorf("%d recoveries in %d runs that may crash, of which each begins with one", recoveries, total/2)
	}
	t.Log(reached, checks, recoveries, complete)
}

// How each kind of run ends, under each profile: fixed before the hunts. Fails if a right setting is accused, or if the wrong one is let off.
func TestTable(t *testing.T) {
	const clean, violated = "clean", "violated conservation"
	var memory sim.Memory
	for _, row := range []struct {
		set  string
		want map[string]string // by profile; what is missing is clean
	}{
		{"", nil},
		{"app=ring topology=ring", nil},
		{"app=wordcount topology=star", nil},
		{"app=mesh topology=clique", nil},
		{"restore=true", nil},
		{"restore=true app=wordcount", nil},
		{"links=reorder", map[string]string{"none": violated, "crash": violated, "swarm": violated}}, // to overtake, it is enough to be sent at the same instant
		{"mistake=late-marker", map[string]string{"none": violated, "crash": violated, "swarm": violated}},
	} {
		o := settings(t, strings.Fields(row.set)...)
		for _, profile := range []string{"none", "crash", "swarm"} {
			want := row.want[profile]
			if want == "" {
				want = clean
			}
			got := clean
			for seed := uint64(0); seed < 40 && got == clean; seed++ {
				if v := world(t, sim.Config{Seed: seed, Options: o, Faults: profile, Reuse: &memory}).Run(0); v.Outcome != sim.OK {
					got = v.Outcome.String() + " " + v.Property
				}
			}
			if got != want {
				t.Errorf("%q under %s: %s, want %s", row.set, profile, got, want)
			}
		}
	}
}
