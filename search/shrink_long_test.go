package search

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
)

// Fails if of a run in which millions of messages are late a line is written down for each, only to find that there are too many: the run must end
// where that is clear. So must the list of plans with one fault, of which a few hundred are tried; and these must be the first ones.
func TestLongRunsAreNotSpeltOut(t *testing.T) {
	const many = 1_000_000
	last := uint64(0)
	c := Case{Scenario: chatter(many, func(e *sim.Event) { last = e.Seq }), Tape: []chance.Decision{{Key: "none", Outcome: 1}}}
	plan := mustPlan(t, "always law constant 2ms")
	c.Config.Plan = &plan
	if _, err := messages(c); err == nil || last == 0 || last > 10*mostSpelt {
		t.Errorf("the run ended after event %d, %v", last, err)
	}
	s := &seen{nodes: []string{"a", "b"}, effects: map[string]uint64{"a": 2, "b": 1}, messages: []message{{"a", "b", "tick", 1}, {"b", "a", "tick", 7}}}
	var got []string
	for _, p := range s.oneFault() {
		got = append(got, strings.ReplaceAll(strings.TrimSpace(p.String()), "\n", "; "))
	}
	want := []string{"", "crash a after effect 1 for 1ms", "always unsynced lose; crash a after effect 1 for 1ms", "crash a after effect 2 for 1ms", "always unsynced lose; crash a after effect 2 for 1ms",
		"crash b after effect 1 for 1ms", "always unsynced lose; crash b after effect 1 for 1ms", "lose a>b tick#1", "delay a>b tick#1 5ms", "lose b>a tick#7", "delay b>a tick#7 5ms"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	for _, long := range []*seen{{nodes: s.nodes, effects: map[string]uint64{"b": 1 << 40}}, {messages: make([]message, many)}} {
		if plans := long.oneFault(); len(plans) != mostAlone || cap(plans) > 2*mostAlone {
			t.Errorf("%d plans, in room for %d", len(plans), cap(plans))
		}
	}
}

// chatter is a scenario in which a node sends so many messages to another, and each event is shown.
func chatter(many int, show func(*sim.Event)) *sim.Scenario {
	s := *beacons
	s.Run = time.Hour
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("b", func() sim.Node { return chatty{many} })
		w.Add("p1", func() sim.Node { return peer{} })
	}
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{eachEvent{show}} }
	s.Sometimes = nil
	return &s
}

type chatty struct{ many int }

func (c chatty) Start(env sim.Env) { env.After(time.Millisecond, tick{1}) }
func (c chatty) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := m.(tick).N
	env.Send("p1", tick{n})
	if n < c.many {
		env.After(time.Millisecond, tick{n + 1})
	}
}

type eachEvent struct{ show func(*sim.Event) }

func (s eachEvent) Name() string                       { return "shown" }
func (s eachEvent) Observe(e *sim.Event) error         { s.show(e); return nil }
func (s eachEvent) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (s eachEvent) Checks() uint64                     { return 1 }
