package e3pc

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// Mistakes on purpose, and the properties that must catch each: the inner one soon, and the harm itself. The
// figures in the log are seeds to the first find; small throw-away models needed 300 to 900 for the fence.
//
// What goes wrong only where elections meet is hunted with sites of little patience, who lead many beside each other. An election that was
// forgotten does harm if the site is back while the coordinator's PreCommit is still on its way, so there crashes are short.
func TestMistakesAreCaught(t *testing.T) {
	four, hurried := []string{"transactions=4", "no=0"}, []string{"transactions=8", "no=0", "patience=10ms"}
	for _, c := range []struct {
		mistake  string
		set      string
		settings []string
		faults   string // "" for the default
		inner    string // the property inside that must complain
		bound    uint64 // seeds within which ac1-agreement must complain too
	}{
		{"no fence: an old PreCommit is obeyed (T3-02)", "no-fence", four, "", "elections-rise", 5000},
		{"quorum one too small", "none", []string{"quorum=1"}, "", "attempt-safe", 500},
		{"takes silence for consent: no quorum heard", "silence-consents", four, "", "attempt-safe", 5000},
		{"forgets its attempt on restart", "forgets-attempt", four, "", "elections-rise", 40000},
		{"forgets its election on restart", "forgets-election", hurried, "swarm:crash.for=1ms..10ms", "one-leader", 20000},
		{"committable computed over all", "committable-over-all", four, "", "attempt-safe", 5000},
		{"leaders of a round share its number", "shares-numbers", hurried, "", "one-leader", 5000},
		{"a leader decides unacknowledged", "leader-unacknowledged", hurried, "", "decision-safe", 10000},
		{"the coordinator commits unacknowledged", "coordinator-unacknowledged", nil, "", "decision-safe", 1000},
		{"aborts alone in wait (T3-01)", "aborts-alone", nil, "", "decision-safe", 500},
	} {
		bound := c.bound
		if testing.Short() {
			bound = min(bound, 2000)
		}
		cfg := sim.Config{Faults: c.faults, Options: trial.Options(t, Scenario(), append(c.settings, "mistake="+c.set)...)}
		f := trial.Hunt(t, Scenario(), cfg, 1, bound, func(f *trial.Find) bool { return f.Inner > 0 && f.Outer > 0 })
		t.Logf("%-46s seeds to find: inner %d, outer %d; seen by %s", c.mistake, f.Inner, f.Outer, strings.Join(f.Seen, ", "))
		for _, p := range []string{c.inner, "ac1-agreement"} {
			if !f.All(p) && (p == c.inner || bound == c.bound) {
				t.Errorf("%s: %s does not complain in %d seeds", c.mistake, p, bound)
			}
		}
	}
}

// The right protocol holds, every property judges, and what good runs reach now and then is reached.
func TestScenarioHolds(t *testing.T) {
	s := Scenario()
	reached, checks := map[string]int{}, map[string]uint64{}
	for _, settings := range [][]string{nil, {"participants=1"}, {"participants=2", "no=0"}, {"participants=4", "quorum=4"}, {"participants=9", "transactions=1"}, {"transactions=4", "no=30"}, {"transactions=8", "patience=5ms"}} {
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, faults := range []string{"none", "crash", "partition", "async", "swarm"} {
			for seed := range uint64(60) {
				w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: faults, CheckClones: true})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				if v.Outcome != sim.OK {
					t.Errorf("%v --faults %s, seed %d: %v %s: %s", settings, faults, seed, v.Outcome, v.Property, v.Why)
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
	for _, name := range s.Sometimes {
		if reached[name] < 15 {
			t.Errorf("%s reached in %d runs of 2100", name, reached[name])
		}
	}
	for name, n := range checks {
		if n == 0 && name != "panic" {
			t.Errorf("%s has judged nothing", name)
		}
	}
}

// Fails if the option patience does not reach the sites, if one that is long makes them wait longer than they do by
// themselves, if one that is too short to be answered in is taken, or if a judge then asks for what only patience gives.
func TestPatience(t *testing.T) {
	s := Scenario()
	plan, err := fault.Parse("always law constant 1ms\nalways sync 0s\n2500µs crash c for good\n")
	if err != nil {
		t.Fatal(err)
	}
	first := func(settings ...string) clock.Time {
		o, err := s.ParseOptions(append(settings, "votes=yyy", "transactions=1"))
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Seed: 1, Options: o, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		for e := range w.Events(0) {
			if _, ok := e.Data.(Elected); ok {
				return e.At
			}
		}
		t.Fatalf("%v: nobody leads an election", settings)
		return 0
	}
	usual, short := first(), first("patience=10ms")
	if usual < clock.Time(patience) {
		t.Errorf("the first election is at %v, before a site has lost patience", usual)
	}
	if short >= clock.Time(50*time.Millisecond) {
		t.Errorf("with patience=10ms the first election is as late as %v", short)
	}
	if long := first("patience=10s"); long != usual {
		t.Errorf("with patience=10s the first election is at %v, and by itself at %v", long, usual)
	}
	if _, err := s.ParseOptions([]string{"patience=4ms"}); err == nil || !strings.Contains(err.Error(), "want 5ms at least") {
		t.Errorf("patience=4ms: %v", err)
	}
	for setting, judged := range map[string]bool{"patience=159ms": false, "patience=" + patience.String(): true, "patience=1s": true} {
		o, err := s.ParseOptions([]string{setting})
		if err != nil {
			t.Fatal(err)
		}
		is := func(p sim.Property) bool { return p.Name() == "ac4-nontriviality" }
		if got := slices.ContainsFunc(s.Properties(o), is); got != judged {
			t.Errorf("%s: that nothing is aborted in vain is judged: %v", setting, got)
		}
	}
}

// Fails if sites that cannot reach a quorum are said to have decided, or the reason does not say who waits for
// whom.
func TestTerminationComplains(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"votes=yyy", "transactions=1"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse("always law constant 1ms\nalways sync 100µs\n2ms crash c for good\n4ms crash p2 for good\n5ms crash p1 for good\n")
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Options: o, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.Stalled || v.Property != "ac5-termination" {
		t.Fatalf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
	const want = "p3 is in wait of T1 without a quorum (2 needed, heard p3 only) and waits for p1, which crashed at 5ms, and for p2, which crashed at 4ms"
	if v.Why != want {
		t.Errorf("%q, want %q", v.Why, want)
	}
}
