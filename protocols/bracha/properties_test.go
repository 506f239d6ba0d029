package bracha

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A parrot notes what it is told to.
type parrot struct{ facts []any }

func (p parrot) Start(env sim.Env) {
	for i := range p.facts {
		env.After(time.Duration(i+1)*time.Millisecond, begin{i})
	}
}

func (p parrot) Handle(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(p.facts[m.(begin).Number]) }
func (parrot) waitsFor(Tag) string                               { return "waits" }

// Each judge must complain of what it is there for, and of nothing else. Fails if one is silent, or speaks for another; and if liars are judged.
func TestJudgesComplain(t *testing.T) {
	sent := Broadcast{a1, "A"}
	d := func(v Value) any { return Delivered{a1, v} }
	for name, c := range map[string]struct {
		facts [3][]any // of p1, p2, p3
		plan  string
		want  string
	}{
		"right":                           {[3][]any{{sent, d("A")}, {d("A")}, {d("A")}}, "", "ok"},
		"two values":                      {[3][]any{{}, {d("A")}, {d("B")}}, "always betray p1 any 1%\n", "violated agreement p3 decided B for instance p1#1"},
		"a liar's two values":             {[3][]any{{}, {d("A")}, {d("B"), d("A")}}, "always betray p1 any 1%\nalways betray p3 any 1%\n", "ok"},
		"twice":                           {[3][]any{{sent, d("A")}, {d("A")}, {d("A"), d("A")}}, "", "violated integrity p3 delivered A for p1#1, and had"},
		"another value":                   {[3][]any{{sent}, {nil, d("B")}, {}}, "", "violated validity p2 delivered B for p1#1, but p1"},
		"never said":                      {[3][]any{{d("A")}, {d("A")}, {d("A")}}, "", "violated validity p1#1 was delivered, but p1"},
		"never said by a liar":            {[3][]any{{}, {d("A")}, {d("A")}}, "always betray p1 any 1%\n", "ok"},
		"never heard":                     {[3][]any{{sent}, {}, {}}, "", "stalled validity p1#1 was broadcast, and not all have delivered it: p1 waits; p2 waits; p3 waits"},
		"never heard from a liar":         {[3][]any{{sent}, {}, {}}, "always betray p1 any 1%\n", "ok"},
		"never heard from one who turned": {[3][]any{{sent}, {}, {}}, "1.5ms betray p1 any 1%\n", "ok"},
		"heard by some":                   {[3][]any{{}, {d("A")}, {}}, "always betray p1 any 1%\n", "stalled totality p1#1 was delivered by some, and not by all: p3 waits"},
		"heard by all who do not lie":     {[3][]any{{sent}, {d("A")}, {}}, "1.5ms betray p1 drop 1%\nalways betray p3 any 1%\n", "ok"},
	} {
		p, err := fault.Parse(c.plan)
		if err != nil {
			t.Fatal(err)
		}
		s := Scenario()
		s.Build = func(w *sim.World, _ sim.Options) {
			for i, id := range names(3) {
				var facts []any
				for _, f := range c.facts[i] {
					if f == nil {
						f = Amplified{a1, "A"} // nothing to judge
					}
					facts = append(facts, f)
				}
				w.Add(id, func() sim.Node { return parrot{facts} })
			}
			w.Group(1, names(3)...)
		}
		o, _ := s.ParseOptions([]string{"nodes=3"})
		w, err := s.World(sim.Config{Options: o, Plan: &p})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		if got := strings.TrimSpace(v.Outcome.String() + " " + v.Property + " " + v.Why); got != c.want && (c.want == "ok" || !strings.HasPrefix(got, c.want)) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Fails if it is not said of whom a process has not heard that it is ready, and what is the matter with it.
func TestStallNamesWhoIsSilent(t *testing.T) {
	o, err := Scenario().ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse("0.1ms crash p2 for good\n0.1ms crash p3 for good")
	if err != nil {
		t.Fatal(err)
	}
	w, err := Scenario().World(sim.Config{Options: o, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.Stalled || !strings.Contains(v.Why, ", which crashed at 100µs") || !strings.Contains(v.Why, " not delivered p1#1 and wait") {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}
