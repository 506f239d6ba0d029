package independent

import (
	"fmt"
	"testing"

	"simrun/checkers"
	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/fault"
)

// Settings that are wrong, and the properties that must catch each.
func TestWrongSettingsAreCaught(t *testing.T) {
	for _, c := range []struct {
		what     string
		settings []string
		by       []string // who must complain
	}{
		{"takes checkpoints after every second send for a line", []string{"checkpoints=sends", "sends=2"}, []string{"no-orphan", "nothing-lost"}},
		{"takes checkpoints after every third send for a line", []string{"checkpoints=sends", "sends=3"}, []string{"no-orphan", "nothing-lost"}},
		{"releases outputs before a checkpoint", []string{"commit=false"}, []string{"output-commit"}},
		{"releases outputs before they are logged", []string{"commit=false", "logging=optimistic"}, []string{"output-commit"}},
		{"no incarnations", []string{"incarnations=false"}, []string{"no-orphan", "nothing-lost"}},
		{"no incarnations, told by notices", []string{"incarnations=false", "recovery=notices"}, []string{"no-livelock"}},
		{"no incarnations, optimistic", []string{"incarnations=false", "logging=optimistic"}, []string{"no-orphan"}},
	} {
		f := trial.Hunt(t, Scenario(), sim.Config{Options: trial.Options(t, Scenario(), c.settings...)}, 1, 400, trial.Each(c.by...))
		t.Logf("%-52s seeds to find: inner %d, outer %d; seen by %v", c.what, f.Inner, f.Outer, f.Seen)
		for _, p := range c.by {
			if !f.All(p) {
				t.Errorf("%s: %s does not complain in 400 seeds", c.what, p)
			}
		}
	}
}

// clean are the settings under which every run must be right: each application with each kind of checkpoints and logging.
func clean() (all [][]string) {
	for _, app := range []string{"bank", "mesh", "ring", "wordcount"} {
		for _, how := range []string{"", "checkpoints=coordinated", "checkpoints=sends", "logging=pessimistic", "logging=optimistic", "resend=false"} {
			if app == "wordcount" && how == "resend=false" {
				continue // it has no use for half a text
			}
			s := []string{"app=" + app, "incremental=" + fmt.Sprint(len(all)%2 == 0), fmt.Sprintf("nodes=%d", 2+len(all)%4)}
			if how != "" {
				s = append(s, how)
			}
			all = append(all, s)
		}
	}
	return all
}

// Fails if some application, run with some kind of checkpoints and logging, comes to an orphan, a loss or a wrong answer under the default profile or
// under crashes alone.
func TestSeedsAreClean(t *testing.T) {
	seeds := uint64(60)
	if testing.Short() {
		seeds = 8
	}
	var memory sim.Memory
	runs, restored := 0, 0
	for _, settings := range clean() {
		s := Scenario()
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		for seed := range seeds {
			w, err := s.World(sim.Config{Seed: 1000 + seed, Options: o, Faults: []string{"swarm", "crash"}[seed%2], Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK {
				t.Errorf("%v seed %d: %v %s: %s", settings, 1000+seed, v.Outcome, v.Property, v.Why)
			}
			runs++
			restored += len(v.Sometimes)
		}
	}
	t.Logf("%d runs, in %d of them somebody failed and came back", runs, restored)
	if restored < runs/2 {
		t.Errorf("somebody failed and came back in only %d of %d runs", restored, runs)
	}
}

const steady = "always law constant 1ms\nalways sync 100µs\nalways ties ordered\n"

// planned makes one run with a plan.
func planned(t *testing.T, memory *sim.Memory, plan string, settings ...string) (sim.Verdict, map[sim.NodeID]int) {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 7, Options: o, Plan: &p, Reuse: memory})
	if err != nil {
		t.Fatal(err)
	}
	effects := make(map[sim.NodeID]int)
	for e := range w.Events(0) {
		switch e.Kind {
		case sim.Sent, sim.TimerSet, sim.DiskDone, sim.Noted:
			effects[e.Node]++
		}
	}
	return w.Verdict(), effects
}

// A node is killed after each of its effects, in the middle of checkpoints, log writes and, with another that has failed before, of rollbacks: the
// system must come back to a consistent state and count all words. Fails if some place of a crash was not thought of.
func TestEveryCrash(t *testing.T) {
	if testing.Short() {
		t.Skip("thousands of runs")
	}
	var memory sim.Memory
	for _, how := range []string{"logging=none", "logging=pessimistic", "logging=optimistic", "checkpoints=coordinated", "checkpoints=sends"} {
		settings := []string{"app=wordcount", "nodes=3", "topology=ring", "work=5", "interval=9ms", "flush=5ms", "incremental=true", how}
		runs := 0
		for _, before := range []string{"", "12ms crash p2\n17ms restart p2\n"} {
			v, effects := planned(t, &memory, steady+before, settings...)
			if v.Outcome != sim.OK {
				t.Fatalf("%s: without the crash: %s", how, v.Why)
			}
			for _, id := range []sim.NodeID{"p1", "p2", "p3"} {
				for n := 1; n <= effects[id]; n++ {
					v, _ := planned(t, &memory, fmt.Sprintf("%s%scrash %s after effect %d for 8ms\n", steady, before, id, n), settings...)
					if v.Outcome != sim.OK {
						t.Errorf("%s: %q and crash of %s after effect %d: %v %s: %s", how, before, id, n, v.Outcome, v.Property, v.Why)
					}
					runs++
				}
			}
		}
		t.Logf("%-24s %d crashes", how, runs)
	}
}

// ends makes one run of a plan and returns the states in which the processes came to rest.
func ends(t *testing.T, memory *sim.Memory, plan string, settings ...string) checkers.Ending {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 7, Options: o, Plan: &p, Reuse: memory})
	if err != nil {
		t.Fatal(err)
	}
	end := checkers.EndOf(w, func(fact any) (what, value any, ok bool) {
		f, ok := fact.(Rested)
		return "state", f.State, ok
	})
	if v := w.Verdict(); v.Outcome != sim.OK {
		t.Errorf("%v %q: %v %s", settings, plan, v.Outcome, v.Why)
	}
	return end
}

// With pessimistic logging a run with a failure comes to the same end as the run without it, where the application's end does not depend on
// the order of messages from different processes: all words counted, the token where it was to go, a script played. Fails if a
// process came back without something that it had done, or did something twice.
func TestLoggingPromisesTheSameEnd(t *testing.T) {
	var memory sim.Memory
	runs := 0
	for _, app := range [][]string{
		{"app=wordcount", "nodes=3", "topology=ring", "work=5"},
		{"app=ring", "nodes=3", "topology=ring", "work=8"},
		{"script=p1: 5 >p2, 20 R, 25 >p3; p2: 8 >p3, 10 >p1, 30 R, 40 >p1; p3: 15 R, 20 >p2", "nodes=3"},
	} {
		settings := append(app, "logging=pessimistic", "interval=9ms")
		want := ends(t, &memory, steady, settings...)
		if len(want) != 3 {
			t.Fatalf("%v: %d processes come to rest without the failure", app, len(want))
		}
		for _, id := range []sim.NodeID{"p1", "p2", "p3"} {
			for n := 1; n <= 60; n += 2 {
				plan := fmt.Sprintf("%scrash %s after effect %d for 8ms\n", steady, id, n)
				if err := checkers.SameEnd(want, ends(t, &memory, plan, settings...)); err != nil {
					t.Errorf("%v: crash of %s after effect %d: %v", app, id, n, err)
				}
				runs++
			}
		}
	}
	t.Logf("%d runs with a failure", runs)
}
