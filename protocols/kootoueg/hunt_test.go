package kootoueg

import (
	"slices"
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// The algorithm holds, whatever the application and the topology, and what good runs reach now and then is reached.
func TestScenarioHolds(t *testing.T) {
	seeds := uint64(150)
	if testing.Short() {
		seeds = 40
	}
	reached, checks, runs := map[string]int{}, map[string]uint64{}, 0
	for i, app := range apps.Names() {
		for j, set := range [][]string{nil, {"nodes=7", "initiators=4", "topology=star"}, {"nodes=2", "checkpoints=5"}, {"minimal=false", "topology=ring"}, {"topology=clique", "initiators=1", "work=20"}} {
			o := settings(t, append(set, "app="+app)...)
			var memory sim.Memory
			for seed := range seeds {
				v := world(t, sim.Config{Seed: seed + uint64(1000*i+100_000*j), Options: o, Faults: [...]string{"swarm", "crash"}[seed%2], Reuse: &memory}).Run(0)
				if v.Outcome != sim.OK {
					t.Errorf("%v %s seed %d: %v %s: %s", set, app, seed, v.Outcome, v.Property, v.Why)
				}
				for _, name := range v.Sometimes {
					reached[name]++
				}
				for _, c := range v.Checks {
					checks[c.Property] += c.Checks
				}
				runs++
			}
		}
	}
	for _, name := range Scenario().Sometimes {
		if reached[name] < runs/20 {
			t.Errorf("%s reached in %d runs of %d", name, reached[name], runs)
		}
	}
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
}

// Mistakes on purpose, the property that must catch each at once, and the wrong answer that a user would see. The figures in the log are seeds to
// the first find. Fails if a property has become blind, or a wrong answer passes for the right one.
func TestMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake, inner string
		bound          uint64
	}{
		{"mistake=sends-early", "permanent-line", 500},
		{"mistake=sends-early", "minimal", 500},
		{"mistake=unsynced", "backed", 500},
		{"mistake=old-messages", "no-orphans", 500},
		{"mistake=direct-cohort", "minimal", 500},
		{"mistake=direct-cohort", "permanent-line", 500},
		{"mistake=tells-first", "backed", 5000},
		{"mistake=largest-label", "minimal-rollback", 500},
		{"mistake=largest-label", "no-orphans", 500},
		{"links=reorder", "no-lost", 500},
	} {
		f := trial.Hunt(t, Scenario(), sim.Config{Options: settings(t, c.mistake)}, 1, c.bound, trial.Each(c.inner, "ending"))
		t.Logf("%-22s seeds to find: %s %d, wrong answer %d", c.mistake, c.inner, f.Of(c.inner), f.Of("ending"))
		if !f.All(c.inner, "ending") {
			t.Errorf("%s: %s at %d, wrong answer at %d, in %d seeds", c.mistake, c.inner, f.Of(c.inner), f.Of("ending"), c.bound)
		}
	}
}

// Outside of the model, on links that reorder and lose, it breaks.
func TestOutsideTheModel(t *testing.T) {
	o := settings(t)
	for seed := range uint64(500) {
		if v := world(t, sim.Config{Seed: seed, Options: o, Faults: "async"}).Run(0); v.Outcome == sim.Violated {
			if len(v.Outside) == 0 {
				t.Errorf("seed %d is not said to be outside of the model: %s", seed, v.Why)
			}
			t.Logf("seed %d: %s: %s", seed, v.Property, v.Why)
			return
		}
	}
	t.Error("no run outside of the model fails: either it got stronger than it is, or nobody judges")
}

// stuck runs a plan, and checks that the run is stalled with these words, and without each of the others.
func stuck(t *testing.T, text string, set []string, words ...string) {
	t.Helper()
	v := world(t, sim.Config{Seed: 1, Options: settings(t, set...), Plan: trial.Plan(t, text)}).Run(0)
	if v.Outcome != sim.Stalled {
		t.Errorf("%s: %v %s", text, v.Outcome, v.Why)
	}
	for _, w := range words {
		if !strings.Contains(v.Why, w) {
			t.Errorf("%s: %q does not say %q", text, v.Why, w)
		}
	}
}

// two processes that send each other messages, and one checkpoint begun by p1 after that.
var pair = []string{"app=mesh", "nodes=2", "topology=line", "work=2", "initiators=1", "checkpoints=1", "first=30ms"}

// An initiator that is gone for good leaves who has taken a tentative checkpoint waiting, and the report says for whom. One that starts again
// resolves it: the plan is the same, but for that.
func TestInitiatorGone(t *testing.T) {
	effect := undecided(t)
	stuck(t, steady+"; crash p1 after effect "+effect+" for good", pair, "p1 is down since", "p2 waits for the decision of p1 on p1 C1.1", ". p2 has no decision on p1 C1.1 and waits for p1, which crashed at ")
	v := world(t, sim.Config{Seed: 1, Options: settings(t, pair...), Plan: trial.Plan(t, steady+"; crash p1 after effect "+effect+" for 50ms")}).Run(0)
	if v.Outcome != sim.OK || trial.Tally(v, "checkpoints") != 1 || trial.Tally(v, "rollbacks") != 1 {
		t.Errorf("%v %s: %s; %v", v.Outcome, v.Property, v.Why, v.Tallies)
	}
}

// undecided returns the number of p1's effect that is its answer to p2: its own Request is there by then, and the answer to that is not back.
func undecided(t *testing.T) string {
	effect := 0
	w := world(t, sim.Config{Seed: 1, Options: settings(t, pair...), Plan: trial.Plan(t, steady)})
	found := ""
	for e := range w.Events(0) {
		if e.Node == "p1" && slices.Contains([]sim.Kind{sim.Sent, sim.TimerSet, sim.DiskDone, sim.Noted}, e.Kind) {
			effect++
			if _, ok := e.Data.(Willing); ok && found == "" {
				found = itoa(effect)
			}
		}
	}
	if found == "" {
		t.Fatal("p1 makes no answer")
	}
	return found
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + itoa(n%10)
}

// Two initiators that begin at the same time, and each of which depends on the other, refuse each other. If both try again at once they
// do so for ever; after a random time they do not.
func TestRefuseEachOther(t *testing.T) {
	set := []string{"app=mesh", "nodes=2", "topology=line", "work=2", "initiators=2", "checkpoints=1", "first=30ms"}
	stuck(t, steady, append(set, "retry=at-once"), "p1 waits for p2 to answer p1 C1.", "p2 waits for p1 to answer p2 C1.")
	v := world(t, sim.Config{Seed: 1, Options: settings(t, set...), Plan: trial.Plan(t, steady)}).Run(0)
	if v.Outcome != sim.OK || trial.Tally(v, "given up") < 2 {
		t.Errorf("%v: %s; %v", v.Outcome, v.Why, v.Tallies)
	}
}

// A participant that dies after its tentative checkpoint leaves an initiator without patience waiting, as in the lecture; one with patience gives
// up, and the others go on, but never get a checkpoint.
func TestParticipantGone(t *testing.T) {
	stuck(t, steady+"; 31.2ms crash p2 for good", append(pair, "patience=0s"), "p1 waits for p2 to answer p1 C1.1", "p2 is down since")
	stuck(t, steady+"; 31.2ms crash p2 for good", pair, "p1 ", "p2 is down since")
}

// A run that does not come to the right answer is told from one that is not over. Fails if either passes.
func TestEndingComplains(t *testing.T) {
	stuck(t, steady+"; 10ms crash p2 for good", []string{"app=wordcount", "nodes=3"}, "p2 is down since 10ms")
	stuck(t, steady+"; 1ms crash p1 for good", []string{"app=ring", "nodes=3", "topology=ring"}, "p1 is down since 1ms")
}

// Settings that would be ignored are refused. Fails if such a run would be made, and pass as if a mistake did no harm.
func TestSettingsThatDoNotGoTogether(t *testing.T) {
	for set, want := range map[string]string{
		"mistake=direct-cohort minimal=false": "mistake=direct-cohort cannot be made where everybody is asked: want minimal=true",
		"initiators=3 nodes=2":                "initiators=3: there are 2 processes",
		"topology=ring graph=2":               "graph=2",
	} {
		if _, err := Scenario().ParseOptions(strings.Fields(set)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", set, err, want)
		}
	}
}
