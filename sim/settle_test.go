package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

const settleAt = 100 * time.Millisecond

// settling gives a scenario a settle phase after 100 ms and two seconds in all.
func settling(s *sim.Scenario, groups ...[]sim.NodeID) *sim.Scenario {
	s.Run, s.Settle = 2*time.Second, settleAt
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		for _, g := range groups {
			w.Group(1, g...)
		}
	}
	return s
}

// ticker sends a numbered message to each peer every interval, and notes what it hears.
func ticker(id sim.NodeID, every time.Duration, peers ...sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{
			func(env sim.Env) { env.After(every, note{"tick"}) },
			func(env sim.Env, from sim.NodeID, m sim.Message) {
				if from != env.ID() {
					return
				}
				n++
				for _, p := range peers {
					env.Send(p, num{n})
				}
				env.After(every, note{"tick"})
			},
		}
	}}
}

// Fails if a message that was under way when faults ended arrives later than NetBound after it, or if chance never
// drops one.
func TestWhatLingersArrivesSoonOrNever(t *testing.T) {
	s := settling(stage(ticker("a", time.Millisecond, "b"), idle("b")))
	events, _ := perform(t, s, 1, "always law uniform 1ms 900ms\n")
	sent := map[uint64]time.Duration{}
	var before, arrived, moved int
	for _, e := range events {
		if e.Kind == sim.Sent && at(e) < settleAt {
			sent[e.Seq] = at(e)
			before++
		}
		if e.Kind == sim.Delivered {
			if _, old := sent[e.Cause]; old {
				arrived++
				if at(e) > settleAt {
					moved++
				}
				if at(e) > settleAt+fault.NetBound {
					t.Errorf("message %v of %v arrived at %v, after the bound", e.Data, sent[e.Cause], e.At)
				}
			} else if under := at(e) - at(events[e.Cause-1]); under > fault.NetBound {
				t.Errorf("message %v, sent after faults ended, was under way for %v", e.Data, under)
			}
		}
	}
	if before < 90 || moved < 20 || arrived == before {
		t.Errorf("of %d messages sent before the end of faults %d arrived, %d after it: want many, and not all", before, arrived, moved)
	}
}

// Fails if a cut outlives the end of faults.
func TestCutsHeal(t *testing.T) {
	s := settling(stage(ticker("a", time.Millisecond, "b"), idle("b")))
	events, _ := perform(t, s, 1, "10ms cut a | b\n")
	var during, after int
	for _, e := range of(events, sim.Delivered, "b") {
		if at(e) > 11*time.Millisecond && at(e) < settleAt {
			during++
		} else if at(e) > settleAt {
			after++
		}
	}
	if during != 0 || after < 1800 {
		t.Errorf("delivered %d during the cut and %d after it", during, after)
	}
}

// stateOf says how each node stands at the end of a run: "a:healed b:cut c:down".
func stateOf(t *testing.T, s *sim.Scenario, seed uint64, p string) (state map[sim.NodeID]string, events []sim.Event) {
	t.Helper()
	w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, p)})
	state = map[sim.NodeID]string{}
	for e := range w.Events(0) {
		events = append(events, keep(e))
	}
	for _, id := range w.Nodes() {
		switch {
		case w.Healed(id):
			state[id] = "healed"
		case w.Up(id):
			state[id] = "cut"
		default:
			state[id] = "down"
		}
	}
	return state, events
}

const breaksAll = "always unsynced lose\n5ms cut a | b,c\n6ms heal\n10ms crash a\n10ms crash b\n10ms crash c\n10ms crash d\n"

// Fails if more of a group than its spare stay broken, if a node of no group does, if a broken one is heard after
// faults have ended, or if the three ways in which a node can end (healed, down, cut off) do not all occur.
func TestCoreIsHealed(t *testing.T) {
	ways := map[string]int{}
	for seed := range uint64(40) {
		p := breaksAll
		if seed%2 == 1 { // all are up when faults end
			p += "50ms restart a\n50ms restart b\n50ms restart c\n50ms restart d\n"
		}
		s := settling(stage(ticker("a", time.Millisecond, "d"), ticker("b", time.Millisecond, "d"), ticker("c", time.Millisecond, "d"), idle("d")),
			[]sim.NodeID{"a", "b", "c"})
		s.Run = 400 * ms
		state, events := stateOf(t, s, seed, p)
		broken := 0
		for _, id := range []sim.NodeID{"a", "b", "c"} {
			ways[state[id]]++
			if state[id] != "healed" {
				broken++
			}
			heard := 0
			for _, e := range of(events, sim.Delivered, "d") {
				if e.Peer == id && at(e) > settleAt+fault.NetBound {
					heard++
				}
			}
			if healed := state[id] == "healed"; healed != (heard > 200) || !healed && heard > 0 {
				t.Errorf("seed %d: %s is %s and was heard %d times", seed, id, state[id], heard)
			}
		}
		if broken > 1 || state["d"] != "healed" {
			t.Errorf("seed %d: %v: more broken than the group can spare, or a node of no group", seed, state)
		}
	}
	if ways["healed"] == 0 || ways["cut"] == 0 || ways["down"] == 0 {
		t.Errorf("not every way occurred: %v", ways)
	}
}

// Fails if two groups that share nodes break one node each, so that one of them misses two.
func TestOverlappingGroups(t *testing.T) {
	for seed := range uint64(60) {
		s := settling(stage(idle("a"), idle("b"), idle("c"), idle("d")), []sim.NodeID{"a", "b", "c"}, []sim.NodeID{"b", "c", "d"})
		state, _ := stateOf(t, s, seed, breaksAll)
		for _, g := range [][]sim.NodeID{{"a", "b", "c"}, {"b", "c", "d"}} {
			broken := 0
			for _, id := range g {
				if state[id] != "healed" {
					broken++
				}
			}
			if broken > 1 {
				t.Fatalf("seed %d: group %v can spare one node, and %v", seed, g, state)
			}
		}
	}
}

// Fails if a node that was paused, slow, frozen or had a slow disk when faults ended still is.
func TestSpellsEnd(t *testing.T) {
	for _, p := range []string{"10ms pause b\n", "10ms slow b 1000000x\n", "10ms freeze b\n", "always sync b 10s\n"} {
		listener := plays("b", func(env sim.Env) { env.After(50*time.Millisecond, num{1}) }, func(env sim.Env, from sim.NodeID, m sim.Message) {
			d := env.Disk()
			d.Append("log", []byte("x"))
			d.Sync("log")
			env.Note(m)
		})
		s := settling(stage(ticker("a", 20*time.Millisecond, "b"), listener))
		events, _ := perform(t, s, 3, p)
		var heard int
		for _, e := range of(events, sim.Noted, "b") {
			if at(e) > settleAt+200*time.Millisecond {
				heard++
			}
		}
		if heard < 80 {
			t.Errorf("after %q and the end of faults b noted %d messages", p, heard)
		}
	}
}

// Fails if syncs that a slow disk was given before faults ended keep it busy long after.
func TestSlowDisksEnd(t *testing.T) {
	for _, p := range []string{"always sync 1s\n", "0s slow a 1000x\n"} {
		s := settling(stage(plays("a", func(env sim.Env) { env.After(time.Millisecond, note{"go"}) }, func(env sim.Env, _ sim.NodeID, m sim.Message) {
			if m == (note{"go"}) {
				env.Disk().Append("log", []byte("hello"))
				for i := range 10 {
					env.SyncThen("log", num{i})
				}
				return
			}
			env.Note(m)
		})))
		events, _ := perform(t, s, 1, p)
		notes := of(events, sim.Noted, "a")
		if len(notes) != 10 {
			t.Fatalf("under %q %d of 10 syncs were over by the end", p, len(notes))
		}
		for i, e := range notes {
			if e.Data != (num{i}) || at(e) > settleAt+fault.Bound {
				t.Errorf("under %q sync %d of the old times: %v at %v, faults ended at %v", p, i, e.Data, e.At, settleAt)
			}
		}
	}
}

// Fails if a crash that was set for after an effect, and whose effect comes after faults have ended, leaves the node
// down for good.
func TestCrashSetBeforeSettle(t *testing.T) {
	s := settling(stage(plays("a", func(env sim.Env) {
		d := env.Disk()
		d.Append("log", []byte("hello")) // effect 1
		d.Sync("log")                    // effect 2 ends after settleAt
		env.Note(note{"synced"})
	}, nil)))
	w := world(t, s, sim.Config{Plan: plan(t, "always sync 1s\ncrash a after effect 2\n")})
	for range w.Events(0) {
	}
	if !w.Healed("a") {
		t.Errorf("a crashed after the end of faults, and stays down: %v", w.Verdict().Faults)
	}
}

// Fails if a line at or after the end of faults is accepted, from a plan or from code.
func TestNoFaultsAfterSettle(t *testing.T) {
	s := settling(stage(idle("a"), idle("b")))
	for _, text := range []string{"100ms crash a\n", "1s cut a | b\n"} {
		_, err := s.World(sim.Config{Plan: plan(t, text)})
		if err == nil || !strings.Contains(err.Error(), "faults end at 100ms") || !strings.Contains(err.Error(), strings.TrimSpace(text)) {
			t.Errorf("plan %q: error %v", text, err)
		}
	}
	if _, err := s.World(sim.Config{Plan: plan(t, "99.999999ms crash a\n")}); err != nil {
		t.Errorf("a fault before the end: %v", err)
	}
	w := world(t, s, sim.Config{Plan: plan(t, "")})
	for e := range w.Events(0) {
		if e.Kind == sim.Settled {
			if err := w.Inject(fault.Line{Verb: fault.Crash, Node: "a"}); err == nil || !strings.Contains(err.Error(), "faults ended") {
				t.Errorf("injected after the end: %v", err)
			}
		}
	}
	if v := w.Verdict(); v.Faults[fault.Crashes] != 0 || len(w.Plan()) != 0 {
		t.Errorf("a fault that was refused happened: %v, plan %v", v.Faults, w.Plan())
	}
}

// Fails if a fail-stop system is given back a node that has crashed.
func TestFailStopStaysDown(t *testing.T) {
	s := settling(stage(idle("a"), idle("b"), idle("c")), []sim.NodeID{"a", "b", "c"})
	s.Model.Crash = fault.FailStop
	for seed := range uint64(20) {
		state, events := stateOf(t, s, seed, "10ms crash b\n")
		if n := len(of(events, sim.Started, "b")); n != 1 || state["b"] != "down" || state["a"] != "healed" || state["c"] != "healed" {
			t.Fatalf("seed %d: b started %d times: %v", seed, n, state)
		}
	}
}

// Fails if a run breaks in a way that its plan or its model has no room for: the end of faults must not bring new
// kinds of them.
func TestFaultsAreEnabled(t *testing.T) {
	models := []fault.Model{{}, {Bounded: true}, {FIFO: true}, {NoCut: true}, {Crash: fault.NoCrash}, {Crash: fault.FailStop}, {NoLoss: true, NoDup: true}}
	for _, profile := range fault.Profiles() {
		for i, m := range models {
			for seed := range uint64(6) {
				s := settling(stage(ticker("a", 2*time.Millisecond, "b", "c"), ticker("b", 2*time.Millisecond, "a"), ticker("c", 3*time.Millisecond, "a")),
					[]sim.NodeID{"a", "b", "c"})
				s.Model, s.Run = m, 300*time.Millisecond
				v := world(t, s, sim.Config{Seed: seed, Faults: profile.Name}).Run(0)
				for k := range fault.Kinds {
					if v.Faults[k] > 0 && !v.Enabled.Has(k) {
						t.Errorf("%s, model %d, seed %d: %d times %v, which the plan has not enabled", profile.Name, i, seed, v.Faults[k], k)
					}
				}
			}
		}
	}
}

// Fails if a link that keeps order loses or reorders something when faults end, however late its messages are.
func TestSettleKeepsOrder(t *testing.T) {
	for seed := range uint64(5) {
		s := settling(stage(ticker("a", time.Millisecond, "b"), idle("b")))
		s.Model.FIFO = true
		events, _ := perform(t, s, seed, "always law long-tail 5ms 5s\nalways ties shuffled\n")
		var got []int
		for _, e := range of(events, sim.Delivered, "b") {
			got = append(got, e.Data.(num).N)
			if late := at(e) - max(settleAt, at(events[e.Cause-1])); at(e) > settleAt && late > fault.NetBound {
				t.Errorf("seed %d: %v took %v", seed, e.Data, late)
			}
		}
		for i, n := range got {
			if n != i+1 {
				t.Fatalf("seed %d: message %d arrived as number %d", seed, n, i+1)
			}
		}
		if len(got) < 1900 {
			t.Errorf("seed %d: %d messages arrived", seed, len(got))
		}
	}
}

// Fails if For does not scale Settle, if Run given a time does, or if a run ends at another time than it was told.
func TestHowLongARunTakes(t *testing.T) {
	for _, test := range []struct {
		cfg    time.Duration
		run    time.Duration
		end    time.Duration
		settle string
	}{
		{0, 0, 2 * time.Second, "100ms"},
		{4 * time.Second, 0, 4 * time.Second, "200ms"},
		{time.Second, 0, time.Second, "50ms"},
		{0, 50 * time.Millisecond, 50 * time.Millisecond, ""},
		{0, 3 * time.Second, 3 * time.Second, "100ms"},
		{1, 0, 1, "0s"},
	} {
		w := world(t, settling(stage(idle("a"))), sim.Config{For: test.cfg, Plan: plan(t, "")})
		var settle string
		for e := range w.Events(test.run) {
			if e.Kind == sim.Settled {
				settle = fmt.Sprint(e.At)
			}
		}
		if v := w.Verdict(); v.Virtual != test.end || settle != test.settle {
			t.Errorf("For %v, Events(%v): ended after %v, settled at %q; want %v and %q", test.cfg, test.run, v.Virtual, settle, test.end, test.settle)
		}
	}
}
