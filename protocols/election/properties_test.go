package election

import (
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// A parrot notes what it is told to, each a millisecond after the one before.
type parrot struct {
	from  time.Duration
	facts []any
}

func (p parrot) Start(env sim.Env) {
	for i := range p.facts {
		env.After(p.from+time.Duration(i+1)*time.Millisecond, act{Epoch(i)})
	}
}

func (p parrot) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if f := p.facts[m.(act).Epoch]; f != nil {
		env.Note(f)
	}
}

func (p parrot) wait(self sim.NodeID) checkers.Wait {
	return checkers.Wait{Node: self, State: "has nothing to say"}
}

// judged runs candidates that note these facts, the last of them once faults have ended.
func judged(t *testing.T, plan string, late bool, facts [3][]any) string {
	t.Helper()
	s := Scenario()
	s.Build = func(w *sim.World, _ sim.Options) {
		for i, id := range names("c", 3) {
			p := parrot{facts: facts[i]}
			if late {
				p.from = s.Settle
			}
			w.Add(id, func() sim.Node { return p })
		}
		w.Group(1, names("c", 3)...)
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
	return strings.TrimSpace(v.Outcome.String() + " " + v.Property + " " + v.Why)
}

// Each judge must complain of what it is there for, and of nothing else. Fails if one is silent, or speaks for another.
func TestJudgesComplain(t *testing.T) {
	s1, s2, e1, e2, r1, r2 := Stood{1, "c1"}, Stood{2, "c2"}, Elected{1, "c1"}, Elected{2, "c2"}, Ruled{1, "c1"}, Ruled{2, "c2"}
	for name, c := range map[string]struct {
		plan  string
		early bool
		facts [3][]any // of c1, c2, c3
		want  string
	}{
		"right":                         {"", false, [3][]any{{s1, e1, r1, r1}, {nil, e1}, {nil, e1}}, "ok"},
		"one after the other":           {"", false, [3][]any{{s1, e1, r1, nil, nil, e2}, {s2, e1, nil, e2, r2, r2}, {nil, e1}}, "ok"},
		"two leaders":                   {"", false, [3][]any{{s1, e1, r1}, {Stood{1, "c2"}, nil, nil, Elected{1, "c2"}}, {}}, "violated agreement c2 decided c2 for instance 1"},
		"never stood":                   {"", false, [3][]any{{Stood{2, "c1"}, e1}, {}, {}}, "violated validity c1 decided c1 for instance 1"},
		"was not elected":               {"", false, [3][]any{{s1, e1, r1}, {nil, nil, nil, nil, r2}, {}}, "violated one-at-a-time c2 rules in epoch 2 as c2, which was not elected"},
		"another was elected":           {"", false, [3][]any{{s1, e1, r1}, {nil, e1, nil, Ruled{1, "c2"}}, {}}, "violated one-at-a-time c2 rules in epoch 1 as c2, which was not elected"},
		"deposed":                       {"", false, [3][]any{{s1, e1, r1, nil, r1}, {s2, e1, e2, r2, nil}, {}}, "violated one-at-a-time c1 still rules in epoch 1, but c2 has ruled in epoch 2 since 1.504s"},
		"one does not know":             {"", false, [3][]any{{s1, e1, r1}, {nil, e1}, {}}, "stalled led not everybody follows a leader who rules: c3 has nothing to say"},
		"nobody rules":                  {"", false, [3][]any{{s1, e1}, {nil, e1}, {nil, e1}}, "stalled led not everybody follows a leader who rules: c1, c2 and c3 have nothing to say"},
		"only before faults ended":      {"", true, [3][]any{{s1, e1, r1}, {nil, e1}, {nil, e1}}, "stalled led not everybody follows"},
		"follows another epoch":         {"", false, [3][]any{{s1, e1, r1}, {s2, e2}, {nil, e1}}, "stalled led not everybody follows a leader who rules: c2 has nothing to say"},
		"who is broken need not follow": {"1ms crash c3 for good\n", false, [3][]any{{s1, e1, r1}, {nil, e1}, {}}, "ok"},
	} {
		got := judged(t, c.plan, !c.early, c.facts)
		if c.want == "ok" && got != "ok" || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// Fails if a run in which too many acceptors are broken for good is not told as one that waits for them.
func TestStallNamesWhoIsSilent(t *testing.T) {
	s := Scenario()
	p, err := fault.Parse("1ms crash a1 for good\n1ms crash a2 for good\n")
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.Stalled || !strings.Contains(v.Why, "waits for a1 and a2, which crashed at 1ms") && !strings.Contains(v.Why, "wait for a1 and a2, which crashed at 1ms") {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}

// Fails if all candidates, or a majority of the acceptors, may be broken for good within the model: then nobody is left to follow, and led holds of nothing.
func TestSomeMustWork(t *testing.T) {
	s := Scenario()
	for crash, outside := range map[string]bool{"c1 c2": false, "c1 c2 c3": true, "a1": false, "a1 a2": true} {
		text := ""
		for _, id := range strings.Fields(crash) {
			text += "1ms crash " + id + " for good\n"
		}
		p, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Seed: 1, Plan: &p})
		if err != nil {
			t.Fatal(err)
		}
		if v := w.Run(0); len(v.Outside) > 0 != outside {
			t.Errorf("%s: outside the model: %q", crash, v.Outside)
		}
	}
}

// Fails if a candidate that waits for the end of a term is said to wait for acceptors, or one that has stood is not.
func TestWaits(t *testing.T) {
	d := started(t, right)
	if got := d.wait("c2"); got.State != "has not stood for epoch 1" || got.For != nil {
		t.Errorf("before: %+v", got)
	}
	d.stands = 1 // the least that says that it has
	if got := d.wait("c2"); got.State != d.contest.Wait("c2").State {
		t.Errorf("after: %+v", got)
	}
}

// Fails if a run that is to end after some terms goes on, or ends before.
func TestTerms(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"terms=3"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	if v := w.Run(0); v.Outcome != sim.OK || v.Virtual < 600*time.Millisecond || v.Virtual > 900*time.Millisecond || len(v.Tallies) != 1 || v.Tallies[0].N != 4 {
		t.Errorf("%v after %v, %v", v.Outcome, v.Virtual, v.Tallies)
	}
}
