package checkers

import (
	"errors"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// tries and makes are what a duellist notes: a round begun, and a decision.
type (
	tries struct{}
	makes struct{}
)

// A duellist begins a round again and again, at a pace of its own, until it has had enough of them; it decides after so many.
type duellist struct {
	pace    time.Duration
	until   int
	decides int
	n       int
}

func (d *duellist) Start(env sim.Env) { env.After(d.pace, tries{}) }

func (d *duellist) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	if d.n++; d.n == d.decides {
		env.Note(makes{})
	} else {
		env.Note(tries{})
	}
	if d.n < d.until {
		env.After(d.pace, tries{})
	}
}

// duel runs duellists for a second, under a liveness property whose goal nobody reaches, and returns what is said of the stall, and the account.
func duel(t *testing.T, plan string, settle time.Duration, nodes ...*duellist) (why, account string) {
	t.Helper()
	s := &sim.Scenario{
		Name: "duel", Run: time.Second, Settle: settle,
		Build: func(w *sim.World, _ sim.Options) {
			var ids []sim.NodeID
			for i, d := range nodes {
				ids = append(ids, sim.NodeID([]string{"p", "q", "r"}[i]))
				w.Add(ids[i], func() sim.Node { c := *d; return &c })
			}
			w.Group(0, ids...)
		},
		Properties: func(sim.Options) []sim.Property {
			goal := Termination("termination", func(*sim.World) error { return errors.New("nobody knows") })
			return []sim.Property{Tempered(goal, tried())}
		},
	}
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.Stalled || v.Property != "termination" {
		t.Fatalf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
	for _, a := range v.Accounts {
		account += a.Text
	}
	return strings.TrimPrefix(v.Why, "nobody knows; "), account
}

// tried is the temperature of a duel.
func tried() Temperature {
	return Temperature{
		Kinds:   []sim.Kind{sim.Noted},
		Began:   func(e *sim.Event) bool { return e.Data == tries{} },
		Decided: func(e *sim.Event) bool { return e.Data == makes{} },
		Round:   "round", Goal: "decision",
	}
}

// Fails if rounds that go on are no livelock, if rounds that have stopped or are few are one, if a decision or the end of faults does not cool, or if nodes that are
// broken are not what is blamed.
func TestTemperature(t *testing.T) {
	const ms = time.Millisecond
	for _, test := range []struct {
		name, plan string
		settle     time.Duration
		nodes      []*duellist
		want       string
	}{
		{"duel", "", 0, []*duellist{{pace: 7 * ms, until: 1000}, {pace: 10 * ms, until: 1000}},
			"a livelock: p and q have begun 242 rounds without a decision, the latest, by q, at 1s"},
		{"after a decision", "", 0, []*duellist{{pace: 10 * ms, until: 1000, decides: 40}},
			"a livelock: p has begun 60 rounds since the last decision, at 400ms, the latest, by p, at 1s"},
		{"after faults", "", 900 * ms, []*duellist{{pace: 10 * ms, until: 1000, decides: 40}},
			"a livelock: p has begun 11 rounds since faults ended, at 900ms, without a decision, the latest, by p, at 1s"},
		{"given up", "", 0, []*duellist{{pace: 10 * ms, until: 50}},
			"a standstill: p has begun 50 rounds without a decision, the latest, by p, at 500ms"},
		{"decided and rested", "", 0, []*duellist{{pace: 10 * ms, until: 40, decides: 40}},
			"a standstill: nobody has begun a round since the last decision, at 400ms"},
		{"never begun", "", 0, []*duellist{{pace: 2000 * ms, until: 1}},
			"a standstill: nobody has ever begun a round"},
		{"slow", "", 0, []*duellist{{pace: 300 * ms, until: 40}},
			"p has begun 3 rounds without a decision, the latest, by p, at 900ms"},
		{"once", "", 0, []*duellist{{pace: 600 * ms, until: 40}},
			"p has begun one round without a decision, at 600ms"},
		{"one is dead", "5ms crash q for good\n", 100 * ms, []*duellist{{pace: 10 * ms, until: 1000}, {pace: 10 * ms, until: 1000}},
			"no livelock, though p has begun 91 rounds since faults ended, at 100ms, without a decision, the latest, by p, at 1s: q is broken, and p and q can spare 0"},
		{"both are dead", "5ms crash p for good\n5ms crash q for good\n", 100 * ms, []*duellist{{pace: 10 * ms, until: 1000}, {pace: 10 * ms, until: 1000}},
			"a standstill: p and q are broken, and p and q can spare 0"},
	} {
		if got, _ := duel(t, test.plan, test.settle, test.nodes...); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

// Fails if a long spell without a decision is not told of, or a short one is.
func TestTemperatureAccount(t *testing.T) {
	const ms = time.Millisecond
	_, text := duel(t, "", 0, &duellist{pace: 10 * ms, until: 1000, decides: 70}, &duellist{pace: 300 * ms, until: 2})
	if want := "p and q began 71 rounds in 690ms without a decision, the latest, by p, at 690ms"; text != want {
		t.Errorf("got %q, want %q", text, want)
	}
	if _, text := duel(t, "", 0, &duellist{pace: 10 * ms, until: 15}); text != "" {
		t.Errorf("a spell of 15 rounds is told of: %q", text)
	}
}

// Fails if a property with a thermometer ends a run when it would not, or does not when it would, or hears of what it does not watch.
func TestTemperedPassesOn(t *testing.T) {
	var heard []sim.Kind
	goal := Eventually("goal", []sim.Kind{sim.Crashed, sim.Noted}, func(e *sim.Event) bool {
		heard = append(heard, e.Kind)
		return e.Data == makes{}
	}, func(*sim.World) error { return errors.New("open") })
	x := tried()
	x.Kinds = append(x.Kinds, sim.Sent)
	r := play(Tempered(goal, x))
	f, ok := r.p.(interface{ Finished() bool })
	if !ok || f.Finished() || inner(r.p) || r.p.Name() != "goal" {
		t.Fatalf("%T does not say when the goal is reached", r.p)
	}
	r.event(sim.Sent, "p", tries{}).event(sim.Settled, "", nil).event(sim.TimerFired, "p", tries{}).note("p", makes{})
	if !f.Finished() || len(heard) != 1 || heard[0] != sim.Noted {
		t.Errorf("finished %v, heard %v", f.Finished(), heard)
	}
	r.holds(t, 1)
	if _, ok := Tempered(Termination("goal", nil), x).(interface{ Finished() bool }); ok {
		t.Error("one that never ends a run ends it")
	}
}
