package sim_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// worker ticks, writes, syncs in both ways, picks, and gossips: something of everything.
func worker(id sim.NodeID, peers ...sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{
			func(env sim.Env) { env.After(ms, note{"tick"}) },
			func(env sim.Env, from sim.NodeID, m sim.Message) {
				if m == (note{"tick"}) {
					n++
					env.After(time.Duration(1+env.Pick("pace", 3))*ms, m)
					env.Disk().Append("log", []byte(fmt.Sprint(n, ";")))
					if n%2 == 0 {
						env.Disk().Sync("log")
					} else {
						env.SyncThen("log", note{"synced"})
					}
					for _, p := range peers {
						env.Send(p, num{n})
					}
					return
				}
				env.Note(num{int(env.Now().Wall() / ms)})
			},
		}
	}}
}

// village is a scenario in which most things that can happen do.
func village() *sim.Scenario {
	s := stage(worker("a", "b", "c"), worker("b", "a"), worker("c", "a", "b"), tells("d", func(s *sim.Script) {
		for n := 0; ; n++ {
			s.Send("a", num{n})
			_, m, ok := s.RecvFor(7 * ms)
			s.Note(note{fmt.Sprint(m, ok)})
		}
	}))
	s.Run, s.Settle = 120*ms, 90*ms
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Group(1, "a", "b", "c")
	}
	return s
}

var timedVerbs = []fault.Verb{fault.Crash, fault.Restart, fault.Pause, fault.Resume, fault.Cut, fault.Heal, fault.Slow, fault.Step, fault.Freeze, fault.Thaw}

// anyLine makes up a fault that can be injected.
func anyLine(r *rand.Rand, ids []sim.NodeID) fault.Line {
	l := fault.Line{Verb: timedVerbs[r.IntN(len(timedVerbs))], At: clock.Time(r.Int64N(1 << 40))}
	switch l.Verb {
	case fault.Cut, fault.Heal:
		x, y := r.IntN(len(ids)), r.IntN(len(ids)-1)
		if y >= x {
			y++
		}
		l.Sides, l.OneWay = [2][]string{{string(ids[x])}, {string(ids[y])}}, r.IntN(3) == 0
		if l.Verb == fault.Heal && r.IntN(3) == 0 {
			l.Sides, l.OneWay = [2][]string{}, false
		}
		return l
	case fault.Slow:
		l.Amount = 1 + r.Int64N(20)
	case fault.Step:
		l.Time = time.Duration(r.Int64N(int64(time.Second))) - time.Second/2
	case fault.Crash:
		if r.IntN(2) == 0 {
			l.Effect, l.At = 1+r.Uint64N(400), 0
		}
	}
	l.Node = string(ids[r.IntN(len(ids))])
	return l
}

// Fails if a run into which faults were injected prints a plan that, with the seed, makes another run; a test of Inject
// that sees none of its faults happen has gone blind.
func TestInjectedFaultsReplay(t *testing.T) {
	s := village()
	injected, refused := 0, 0
	var kinds fault.Set
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 7))
		cfg := sim.Config{Seed: seed, Faults: []string{"none", "swarm"}[seed%2]}
		w := world(t, s, cfg)
		for e := range w.Events(0) {
			if r.IntN(12) > 0 || e.Kind == sim.Settled {
				continue
			}
			l := anyLine(r, w.Nodes())
			switch err := w.Inject(l); {
			case err == nil:
				injected++
			case l.Effect > 0 && strings.Contains(err.Error(), "effect"), strings.Contains(err.Error(), "faults ended"):
				refused++
			default:
				t.Fatalf("seed %d: %v: %v", seed, l, err)
			}
		}
		v := w.Verdict()
		for k := range fault.Kinds {
			if v.Faults[k] > 0 {
				kinds.Add(k)
				if !v.Enabled.Has(k) {
					t.Fatalf("seed %d: %v happened and is not enabled", seed, k)
				}
			}
		}
		text := w.Plan().String()
		again := world(t, s, sim.Config{Seed: seed, Plan: plan(t, text)}).Run(0)
		if again.Hash != v.Hash || again.Events != v.Events || again.Outcome != v.Outcome {
			t.Fatalf("seed %d: %x after %d events; its plan makes %x after %d:\n%s", seed, v.Hash, v.Events, again.Hash, again.Events, text)
		}
	}
	for _, k := range []fault.Kind{fault.Crashes, fault.Restarts, fault.Pauses, fault.Cuts, fault.CutOff, fault.Slowness, fault.Steps, fault.Freezes} {
		if !kinds.Has(k) {
			t.Errorf("no %v in any run", k)
		}
	}
	if injected < 3000 || refused == 0 {
		t.Errorf("injected %d faults, %d were refused", injected, refused)
	}
}

// Fails if an injected fault does not come first one nanosecond later, or is not written into the plan with that time.
func TestInjectHappensNext(t *testing.T) {
	w := world(t, stage(ticker("a", ms, "b"), idle("b")), sim.Config{Plan: plan(t, "always ties ordered\n")})
	for e := range w.Events(0) {
		if e.Kind == sim.Delivered && at(*e) == 5*ms {
			if err := w.Inject(fault.Line{Verb: fault.Crash, Node: "b", At: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if e.Kind == sim.Crashed && at(*e) != 5*ms+1 {
			t.Errorf("crashed at %v", e.At)
		}
	}
	if got := w.Plan().String(); got != "always ties ordered\n5.000001ms crash b\n" || w.Up("b") {
		t.Errorf("b is up: %v, plan\n%s", w.Up("b"), got)
	}
}

// Fails if a line that cannot be injected is taken, or refused without saying why; what is refused must not stand in
// the plan.
func TestInjectRefuses(t *testing.T) {
	w := world(t, stage(idle("a"), worker("b")), sim.Config{Plan: plan(t, "")})
	for e := range w.Events(0) {
		if e.At < clock.Time(50*ms) {
			continue
		}
		for want, l := range map[string]fault.Line{
			"there is no node z":  {Verb: fault.Crash, Node: "z"},
			"the node is missing": {Verb: fault.Pause},
			"sim: always offset a 0s: only faults at an instant": {Verb: fault.Offset, Node: "a"},
			"only faults at an instant, and":                     {Verb: fault.Lose, From: "a", To: "b", Stream: "x", N: 1},
			"sim: crash b after effect 3: it has had ":           {Verb: fault.Crash, Node: "b", Effect: 3},
			"there is no node bb; did you mean b?":               {Verb: fault.Crash, Node: "bb", Effect: 1000},
			"cut a | z: there is no node z":                      {Verb: fault.Cut, Sides: [2][]string{{"a"}, {"z"}}},
			"only faults at an instant, and crashes after an ef": {Verb: fault.Ties, Mode: "shuffled"},
		} {
			if err := w.Inject(l); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%v: error %v, want %q", l, err, want)
			}
		}
		break
	}
	if err := w.Inject(fault.Line{Verb: fault.Crash, Node: "a"}); err == nil || !strings.Contains(err.Error(), "over") {
		t.Errorf("injected into a run that is over: %v", err)
	}
	if len(w.Plan()) != 0 {
		t.Errorf("plan %v", w.Plan())
	}
}

// Fails if a run of faults that the model has no room for does not say so.
func TestOutsideTheModel(t *testing.T) {
	s := stage(idle("a"), idle("b"))
	s.Model = fault.Model{Crash: fault.NoCrash, NoCut: true}
	v := world(t, s, sim.Config{Plan: plan(t, "1ms crash a\n")}).Run(0)
	if len(v.Outside) != 1 || !strings.HasPrefix(v.Outside[0], "crash") {
		t.Errorf("outside: %q", v.Outside)
	}
	w := world(t, s, sim.Config{Plan: plan(t, "")})
	for e := range w.Events(0) {
		if e.Kind == sim.Started {
			w.Inject(fault.Line{Verb: fault.Cut, Sides: [2][]string{{"a"}, {"b"}}})
		}
	}
	if v := w.Verdict(); len(v.Outside) != 1 || !strings.HasPrefix(v.Outside[0], "cut") || !v.Enabled.Has(fault.Cuts) {
		t.Errorf("injected from outside the model: %q, enabled %b", v.Outside, v.Enabled)
	}
}
