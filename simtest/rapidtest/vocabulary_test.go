package rapidtest

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"simrun/sim"
	"simrun/sim/fault"
)

// chatter sends to the others, for ever.
type chatter struct{ others []sim.NodeID }

type word struct{}

func (c *chatter) Start(env sim.Env) { env.After(10*time.Millisecond, word{}) }

func (c *chatter) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	if from != env.ID() {
		return
	}
	for _, id := range c.others {
		env.Send(id, word{})
	}
	env.After(10*time.Millisecond, word{})
}

func chattering(model fault.Model) *sim.Scenario {
	return &sim.Scenario{
		Name:  "chattering",
		Model: model,
		Build: func(w *sim.World, _ sim.Options) {
			ids := []sim.NodeID{"a", "b", "c", "witness"}
			for i, id := range ids {
				w.Add(id, func() sim.Node { return &chatter{slices.Delete(slices.Clone(ids), i, i+1)} })
			}
			w.Group(1, "a", "b", "c")
		},
		Run: time.Second, Settle: 500 * time.Millisecond,
	}
}

var models = map[string]fault.Model{
	"anything":  {},
	"no crash":  {Crash: fault.NoCrash},
	"fail-stop": {Crash: fault.FailStop, FIFO: true},
	"bounded":   {Crash: fault.FailStop, Bounded: true},
	"no loss":   {NoLoss: true, NoDup: true},
	"no cut":    {NoCut: true, NoDup: true},
	"nothing":   {Crash: fault.NoCrash, Bounded: true, FIFO: true, NoLoss: true, NoCut: true, NoDup: true},
}

// Whatever is drawn stays inside the model, makes a world, is before faults end, and prints and parses.
// It fails if a spell is let through that the model forbids, or if a line lacks what its verb needs.
func TestPlansStayInside(t *testing.T) {
	for name, model := range models {
		t.Run(name, func(t *testing.T) {
			s := chattering(fault.Model{}) // what counts is the model with these options
			s.ModelFor = func(sim.Options) fault.Model { return model }
			v, err := listen(s, sim.Config{})
			if err != nil {
				t.Fatal(err)
			}
			seen := make(map[fault.Verb]bool)
			rapid.Check(t, func(t *rapid.T) {
				plan := v.drawPlan(t)
				if out := model.Outside(plan); len(out) > 0 {
					t.Fatalf("%v: %v", plan, out)
				}
				if back, err := fault.Parse(plan.String()); err != nil || back.String() != plan.String() {
					t.Fatalf("%v does not parse to itself: %v", plan, err)
				}
				w, err := s.World(sim.Config{Plan: &plan})
				if err != nil {
					t.Fatal(err)
				}
				w.Close()
				crashes := 0
				for _, l := range plan {
					seen[l.Verb] = true
					if l.Verb == fault.Crash {
						crashes++
						if l.Node == "witness" {
							t.Fatalf("%v: the witness is in no group and must not crash", plan)
						}
					}
				}
				if model.Crash == fault.FailStop && crashes > 1 {
					t.Fatalf("%v: more crashes than the group can spare", plan)
				}
			})
			if model == (fault.Model{}) && len(seen) < 12 && !testing.Short() {
				t.Errorf("only %d different verbs were drawn: %v", len(seen), seen)
			}
			if name == "nothing" && (len(seen) > 1 || !seen[fault.Delay]) {
				t.Errorf("drew %v where nothing is allowed but delays within the bound", seen)
			}
		})
	}
}

// The messages that faults can be about are those that were seen, numbered in their streams.
func TestListen(t *testing.T) {
	v, err := listen(chattering(fault.Model{}), sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.messages) == 0 || v.messages[0] != (message{"a", "b", "word", 1}) || !slices.Contains(v.messages, message{"c", "witness", "word", 7}) {
		t.Errorf("heard %v", v.messages[:min(5, len(v.messages))])
	}
	if strings.Join(v.nodes, " ") != "a b c witness" || strings.Join(v.mortal, " ") != "a b c" {
		t.Errorf("nodes %v, mortal %v", v.nodes, v.mortal)
	}
	if v.until != 500*time.Millisecond {
		t.Errorf("faults until %v, but they end at Settle", v.until)
	}
}

type named struct{}

func (named) Stream() string { return "prepare/1" }

func TestStreamOf(t *testing.T) {
	for want, m := range map[string]any{"word": word{}, "prepare/1": named{}} {
		if got := streamOf(m); got != want {
			t.Errorf("stream of %T is %q, want %q", m, got, want)
		}
	}
}

func TestValuesOf(t *testing.T) {
	for _, x := range []struct {
		option      sim.Option
		first, most any
		n           int
	}{
		{sim.Option{Default: 3, Min: 1, Max: 9}, 3, 9, 9},
		{sim.Option{Default: 100, Min: 1, Max: 1_000_000}, 100, 204, 204}, // not a million clients
		{sim.Option{Default: 0, Min: 0, Max: 0}, 0, 0, 1},
		{sim.Option{Default: true}, true, false, 2},
		{sim.Option{Default: time.Duration(0)}, time.Duration(0), 40 * time.Millisecond, 5},
		{sim.Option{Default: 8 * time.Second}, 8 * time.Second, 32 * time.Second, 5},
		{sim.Option{Default: "b", Of: []string{"a", "b", "c"}}, "b", "c", 3},
		{sim.Option{Default: "any text"}, "any text", "any text", 1},
	} {
		v := valuesOf(x.option)
		if v[0] != x.first || v[len(v)-1] != x.most || len(v) != x.n {
			t.Errorf("%+v: %v", x.option, v)
		}
	}
}

// What the caller has set is not drawn, even if it is the default.
func TestSetOptionsAreNotDrawn(t *testing.T) {
	s := &sim.Scenario{Options: []sim.Option{{Name: "a", Default: 1, Max: 9}, {Name: "ab", Default: 1, Max: 9}, {Name: "c", Default: true}}}
	rapid.Check(t, func(t *rapid.T) {
		drawn := drawOptions(t, s, []string{"a=1", "c=true"})
		if len(drawn) != 1 || !strings.HasPrefix(drawn[0], "ab=") {
			t.Fatalf("drew %v", drawn)
		}
	})
}
