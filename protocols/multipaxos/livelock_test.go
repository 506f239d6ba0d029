package multipaxos

import (
	"slices"
	"strings"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// A deafened server does not hear messages of some kind.
type deafened struct {
	*Server
	to func(sim.Message) bool
}

func (s deafened) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if !s.to(m) {
		s.Server.Handle(env, from, m)
	}
}

// deaf makes the scenario with servers that do not hear some messages.
func deaf(to func(sim.Message) bool) *sim.Scenario {
	s := Scenario()
	s.Build = func(w *sim.World, o sim.Options) {
		set := settings(o)
		for i, id := range set.Servers {
			w.Add(id, func() sim.Node { return deafened{NewServer(uint32(i+1), set), to} })
		}
		w.Add(operator, func() sim.Node { return NewOperator(set, firstConfig(o), 0) })
		clients.Build(w, o, set.Servers)
		w.Group((len(set.Servers)-1)/2, set.Servers...)
	}
	return s
}

// Fails if servers that try to lead one after the other, and decide nothing, are not told as a livelock; if one that leads and gets nowhere is; or if too few servers to decide are.
func TestStallSaysWhetherItIsALivelock(t *testing.T) {
	nothing := func(sim.Message) bool { return false }
	for _, c := range []struct {
		name, plan string
		to         func(sim.Message) bool
		want       string
	}{
		{"nobody hears a leader", "", func(m sim.Message) bool {
			switch m.(type) {
			case Accept, Heartbeat:
				return true
			}
			return false
		}, "; a livelock: s1, s2 and s3 have begun "},
		{"a leader hears no acceptance", "", func(m sim.Message) bool { _, is := m.(Accepted); return is }, "; a standstill: nobody has begun a ballot since faults ended, at 6s"},
		{"nobody knows who it is", "", func(m sim.Message) bool { _, is := m.(Confirmed); return is }, "; a standstill: nobody has begun a ballot since faults ended, at 6s"},
		{"two are broken", "1s crash s1 for good; 1s crash s2 for good", nothing, "; no livelock, though s3 has begun "},
		{"all are broken", "1s crash s1 for good; 1s crash s2 for good; 1s crash s3 for good", nothing, "; a standstill: s1, s2 and s3 are broken, and s1, s2 and s3 can spare 1"},
	} {
		s := deaf(c.to)
		v := trial.World(t, s, sim.Config{Seed: 1, Plan: trial.Plan(t, c.plan)}).Run(0)
		if v.Outcome != sim.Stalled || v.Property != "progress" || !strings.Contains(v.Why, c.want) {
			t.Errorf("%s: %v %s: %s\nwant %s", c.name, v.Outcome, v.Property, v.Why, c.want)
		}
		t.Log(v.Why)
	}
}

// A run cools down when the next slot has a value, whoever says so first. Fails if a server that comes to a slot late is progress.
func TestDuels(t *testing.T) {
	d := duels()
	noted := func(fact any) *sim.Event { return &sim.Event{Kind: sim.Noted, Node: "s1", Data: fact} }
	for i, c := range []struct {
		fact           any
		begins, decide bool
	}{
		{Ran{ballot(1, 1)}, true, false}, {Led{Ballot: ballot(1, 1)}, false, false}, {Executed{Slot: 0}, false, true}, {Executed{Slot: 0}, false, false},
		{Executed{Slot: 3}, false, true}, {Executed{Slot: 1}, false, false}, {Executed{Slot: 4}, false, true}, {Proposed{Slot: 9}, false, false},
	} {
		if e := noted(c.fact); d.Began(e) != c.begins || d.Decided(e) != c.decide {
			t.Errorf("%d: %v: it begins a ballot: %v", i, c.fact, d.Began(e))
		}
	}
}

// Who waits for those who vote names nobody twice, and not itself, where two identities of a server vote.
func TestWaitsNameNobodyTwice(t *testing.T) {
	s := start(t, 2, three())
	who := Config{{1, 1}, {2, 1}, {2, 2}, {3, 1}, {3, 2}}
	for _, c := range []struct {
		but  []Member
		want []sim.NodeID
	}{
		{nil, []sim.NodeID{"s1", "s3"}},
		{[]Member{{3, 1}}, []sim.NodeID{"s1", "s3"}}, // its other identity has not answered
		{[]Member{{3, 1}, {3, 2}}, []sim.NodeID{"s1"}},
	} {
		if got := s.ids(who, c.but...); !slices.Equal(got, c.want) {
			t.Errorf("without %v it waits for %v, want %v", c.but, got, c.want)
		}
	}
}
