package twopc

import (
	"slices"
	"strings"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Mistakes on purpose, and the properties that must catch each. The figures in the log are seeds to the first find: of
// any property inside, and of the one outside.
func TestBankMistakesAreCaught(t *testing.T) {
	for _, c := range []struct {
		mistake  string
		settings []string
		inner    string // the property inside that must complain; "" if none can
		outer    []string
		bound    uint64
		models   string // what small throw-away models needed
	}{
		{"no locks", []string{"locks=none"}, "", []string{"serializable", "conserved"}, 50, ""},
		{"locks given up with the vote", []string{"locks=early"}, "invariant", []string{"serializable", "conserved"}, 50, ""},
		{"locks forgotten in a crash", []string{"mistake=forgets-locks"}, "invariant", []string{"serializable"}, 2000, ""},
		{"work forgotten in a crash and voted on", []string{"mistake=forgets-work"}, "", []string{"conserved"}, 300, ""},
		{"a request that comes again is answered no", []string{"mistake=refuses-when-asked"}, "", []string{"ac1-agreement"}, 50, "C"},
	} {
		for _, outer := range c.outer {
			f := trial.Hunt(t, Bank(), sim.Config{Options: trial.Options(t, Bank(), c.settings...)}, 1, c.bound, trial.InnerAnd(outer))
			t.Logf("%-42s %-14s seeds to find: inner %d, outer %d; small models: %s; seen by %v", c.mistake, outer, f.Inner, f.Of(outer), c.models, f.Seen)
			if !f.All(outer) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, outer, c.bound)
			}
			if c.inner != "" && !f.All(c.inner) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, c.inner, c.bound)
			}
		}
	}
}

// Without locks the anomaly is named, and so is the transaction that cannot be put into an order.
func TestBankNamesTheAnomaly(t *testing.T) {
	for _, locks := range []string{"none", "early"} {
		named := map[string]int{}
		o, err := Bank().ParseOptions([]string{"locks=" + locks})
		if err != nil {
			t.Fatal(err)
		}
		var memory sim.Memory
		for seed := range uint64(60) {
			w, err := Bank().World(sim.Config{Seed: seed, Options: o, Reuse: &memory, Only: "serializable"})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome == sim.Violated {
				name, _, _ := strings.Cut(v.Why, " ")
				named[strings.TrimSuffix(name, ":")]++
			}
		}
		t.Logf("locks=%s: %v in 60 seeds", locks, named)
		if named["G-single"] < 30 {
			t.Errorf("locks=%s: %v", locks, named)
		}
	}
}

// The right bank holds, and what good runs reach now and then is reached.
func TestBankHolds(t *testing.T) {
	reached, checks := map[string]int{}, map[string]uint64{}
	runs := uint64(200)
	if testing.Short() {
		runs = 40
	}
	var memory sim.Memory
	for _, settings := range [][]string{nil, {"coordinators=2", "variant=mixed"}, {"coordinators=2", "recovery=true", "variant=mixed"}, {"shards=1", "accounts=2"},
		{"clients=6", "variant=presumed-commit", "transactions=18"}} {
		o, err := Bank().ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range runs {
			w, err := Bank().World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK {
				t.Errorf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, name := range v.Sometimes {
				reached[name]++
			}
			for _, c := range v.Checks {
				checks[c.Property] += c.Checks
			}
		}
	}
	for _, name := range Bank().Sometimes {
		if reached[name] < int(runs) {
			t.Errorf("%s reached in %d runs of %d", name, reached[name], 5*runs)
		}
	}
	for name, n := range checks {
		if n == 0 && !slices.Contains([]string{"panic", "immutable", "clone", "time-passes"}, name) {
			t.Errorf("%s has judged nothing", name)
		}
	}
	if checks["conserved"] < 5*runs {
		t.Errorf("sums compared %d times in %d runs", checks["conserved"], 5*runs)
	}
}

// Fails if a run in which nobody is told anything counts as served, or the reason does not say who waits for whom.
func TestServedComplains(t *testing.T) {
	deaf := func(_ *Coordinator, _ sim.Env, _ sim.NodeID, m *sim.Message) bool { _, ok := (*m).(Commit); return ok }
	s := bank(bankCast{coordinator: func(c *Coordinator) sim.Node { return mistaken[*Coordinator]{c, deaf} }})
	o, err := s.ParseOptions([]string{"orders=k1: pay a1 a2 5; audit"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	want := "k1 has carried out 0 of 2 orders; k1 has put T1 to the vote and waits for c1, which is up and says nothing"
	if v.Outcome != sim.Stalled || v.Property != "served" || v.Why != want {
		t.Errorf("%v %s: %q, want %q", v.Outcome, v.Property, v.Why, want)
	}
}
