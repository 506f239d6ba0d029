package multicast

import (
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// A parrot notes what it is told to, each a millisecond after the one before.
type parrot struct{ facts []any }

// A turn is the timer of a parrot.
type turn struct{ N int }

func (p parrot) Start(env sim.Env) {
	for i := range p.facts {
		env.After(time.Duration(i+1)*time.Millisecond, turn{i})
	}
}

func (p parrot) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if f := p.facts[m.(turn).N]; f != nil {
		env.Note(f)
	}
}

func (p parrot) wait(self sim.NodeID) checkers.Wait {
	return checkers.Wait{Node: self, State: "has nothing to say"}
}

// judged runs processes that note these facts.
func judged(t *testing.T, plan string, facts [3][]any) string {
	t.Helper()
	s := Scenario()
	s.Build = func(w *sim.World, _ sim.Options) {
		for i, id := range names("p", 3) {
			w.Add(id, func() sim.Node { return parrot{facts[i]} })
		}
		w.Group(1, names("p", 3)...)
	}
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.ParseOptions([]string{"messages=1"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Plan: &p, Options: o})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	return strings.TrimSpace(v.Outcome.String() + " " + v.Property + " " + v.Why)
}

// Each judge must complain of what it is there for, and of nothing else. Fails if one is silent, or speaks for another.
func TestJudgesComplain(t *testing.T) {
	m := func(v paxos.Value) any { return Multicast{v} }
	d := func(at Place, v paxos.Value) any { return Delivered{at, v} }
	const a, b, c, x = "p1#1", "p2#1", "p3#1", "p1#2"
	for name, k := range map[string]struct {
		plan  string
		facts [3][]any // of p1, p2, p3
		want  string
	}{
		"right":                   {"", [3][]any{{m(a), d(1, a), d(2, c), d(3, b)}, {m(b), d(1, a), d(2, c), d(3, b)}, {m(c), d(1, a), d(2, c), d(3, b)}}, "ok"},
		"two at a place":          {"", [3][]any{{m(a), nil, d(1, a)}, {m(b), nil, nil, d(1, b)}, {m(c)}}, "violated total-order p2 delivered p2#1 at place 1 at 4ms, but p1 delivered p1#1 there at 3ms"},
		"a gap":                   {"", [3][]any{{m(a), nil, d(1, a), d(2, b)}, {m(b), nil, nil, nil, d(2, b)}, {m(c)}}, "violated total-order p2 delivered p2#1 at place 2 after what is at place 0"},
		"again":                   {"", [3][]any{{m(a), d(1, a), d(1, a)}, {m(b)}, {m(c)}}, "violated total-order p1 delivered p1#1 at place 1 after what is at place 1"},
		"again in another life":   {"5ms crash p1 for 1ms\n", [3][]any{{m(a), d(1, a)}, {}, {}}, "violated integrity p1 multicasts p1#1, which is the name of another message of p1"},
		"made up":                 {"", [3][]any{{m(a), d(1, "p4#1")}, {}, {}}, "violated integrity p1 delivered p4#1, which nobody has multicast"},
		"before it was multicast": {"", [3][]any{{nil, nil, m(a)}, {nil, d(1, a)}, {}}, "violated integrity p2 delivered p1#1, which nobody has multicast"},
		"twice":                   {"", [3][]any{{m(a), d(1, a), d(2, a)}, {}, {}}, "violated integrity p1 delivered p1#1 at place 2, and it stands at place 1 too"},
		"not first in, first out": {"", [3][]any{{m(a), m(x), d(1, x), d(2, a)}, {}, {}}, "violated causal-order p1#1 stands behind what p1 multicast after it"},
		"an answer in its place":  {"", [3][]any{{m(a), nil, nil, nil, nil, d(1, a), d(2, b)}, {nil, nil, m(b)}, {}}, "stalled delivery"},
		"nobody delivers":         {"", [3][]any{{m(a)}, {}, {}}, "stalled delivery p1#1 was multicast, and nobody has delivered it: p1, p2 and p3 have nothing to say"},
		"one does not deliver":    {"", [3][]any{{m(a), d(1, a)}, {nil, nil, d(1, a)}, {}}, "stalled delivery not all have delivered the 1 messages that somebody has: p3 has nothing to say"},
		"a dead one need not":     {"4ms crash p3 for good\n", [3][]any{{m(a), d(1, a), d(2, c)}, {nil, nil, d(1, a), d(2, c)}, {m(c)}}, "ok"},
		"nor what it has told":    {"4ms crash p3 for good\n", [3][]any{{m(a), d(1, a)}, {nil, nil, d(1, a)}, {m(c)}}, "ok"},
		"but what it delivered":   {"4ms crash p3 for good\n", [3][]any{{}, {}, {m(c), d(1, c)}}, "stalled delivery not all have delivered the 1 messages that somebody has: p1 and p2 have nothing to say"},
	} {
		if got := judged(t, k.plan, k.facts); k.want == "ok" && got != "ok" || !strings.HasPrefix(got, k.want) {
			t.Errorf("%s: %s, want %s", name, got, k.want)
		}
	}
}

// Fails if a message that its sender multicast after a delivery may stand before what was delivered: that takes a process that goes back.
func TestCausesComeFirst(t *testing.T) {
	l := newLedger(names("p", 2), 1)
	seq := uint64(0)
	note := func(id sim.NodeID, kind sim.Kind, data any) {
		seq++
		l.enter(&sim.Event{Seq: seq, Kind: kind, Node: id, Data: data})
	}
	note("p1", sim.Started, uint64(1))
	note("p2", sim.Started, uint64(1))
	note("p1", sim.Noted, Multicast{"p1#1"})
	note("p1", sim.Noted, Delivered{1, "p1#1"})
	note("p2", sim.Noted, Multicast{"p2#1"})
	l.heard["p2"].behind = 2
	note("p2", sim.Noted, Multicast{"p2#2"})
	note("p1", sim.Noted, Delivered{2, "p2#2"})
	if l.unfounded == nil || !strings.HasPrefix(l.unfounded.Error(), "p2#2 stands at place 2, but p2 had delivered what is at place 2") {
		t.Error(l.unfounded)
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
	if v.Outcome != sim.Stalled || !strings.Contains(v.Why, "a1 and a2, which crashed at 1ms") {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}
