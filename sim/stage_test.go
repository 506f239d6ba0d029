package sim_test

import (
	"fmt"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
)

// An actor is a node of a test, told by functions.
type actor struct {
	id   sim.NodeID
	boot func() sim.Node
}

// A role is a node without state of its own; either function may be nil.
type role struct {
	start  func(sim.Env)
	handle func(sim.Env, sim.NodeID, sim.Message)
}

func (r role) Start(env sim.Env) {
	if r.start != nil {
		r.start(env)
	}
}

func (r role) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if r.handle != nil {
		r.handle(env, from, m)
	}
}

func plays(id sim.NodeID, start func(sim.Env), handle func(sim.Env, sim.NodeID, sim.Message)) actor {
	return actor{id, func() sim.Node { return role{start, handle} }}
}

// tells is a node whose life is a script.
func tells(id sim.NodeID, story func(*sim.Script)) actor {
	return actor{id, func() sim.Node { return sim.Scripted(story) }}
}

// idle is a node that does nothing.
func idle(id sim.NodeID) actor { return plays(id, nil, nil) }

// stage is a scenario of 100 ms with these nodes, in no group.
func stage(actors ...actor) *sim.Scenario {
	return &sim.Scenario{
		Name: "stage",
		Run:  100 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			for _, a := range actors {
				w.Add(a.id, a.boot)
			}
		},
	}
}

// num is a message with a number, hashed by reflection.
type num struct{ N int }

// record runs a world to its end, and keeps its events.
func record(w *sim.World) (events []sim.Event, v sim.Verdict) {
	for e := range w.Events(0) {
		events = append(events, keep(e))
	}
	return events, w.Verdict()
}

// keep copies an event, and the operation in it that is valid only now.
func keep(e *sim.Event) sim.Event {
	c := *e
	if op, ok := c.Data.(*disk.Op); ok {
		c.Data = *op
	}
	return c
}

// perform runs a scenario under a plan and returns its events.
func perform(t testing.TB, s *sim.Scenario, seed uint64, p string) ([]sim.Event, sim.Verdict) {
	t.Helper()
	return record(world(t, s, sim.Config{Seed: seed, Plan: plan(t, p)}))
}

// of returns the events of one kind at one node; "" is every one.
func of(events []sim.Event, k sim.Kind, node sim.NodeID) (list []sim.Event) {
	for _, e := range events {
		if e.Kind == k && (node == "" || e.Node == node) {
			list = append(list, e)
		}
	}
	return list
}

// texts prints what events say, and when: "1ms hello".
func texts(events []sim.Event) (list []string) {
	for _, e := range events {
		list = append(list, fmt.Sprintf("%v %v", e.At, e.Data))
	}
	return list
}

// at converts a time of a run.
func at(e sim.Event) time.Duration { return time.Duration(e.At) }

// refuses runs a function that must panic, and checks the message.
func refuses(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		v := recover()
		if v == nil {
			t.Errorf("no panic, want %q", want)
		} else if got := fmt.Sprint(v); got != want {
			t.Errorf("panic %q, want %q", got, want)
		}
	}()
	f()
}
