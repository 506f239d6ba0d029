package view

import (
	"context"
	"encoding/binary"
	"fmt"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// The system of the tests of traces: a caller counts up, and a counter writes down each number that it hears of and syncs it.

type count struct{ N uint64 }
type counted struct{ N uint64 }
type again struct{}

func (m count) AppendHash(b []byte) []byte   { return binary.AppendUvarint(b, m.N) }
func (m counted) AppendHash(b []byte) []byte { return binary.AppendUvarint(b, m.N) }
func (again) AppendHash(b []byte) []byte     { return b }
func (m counted) String() string             { return fmt.Sprintf("counted %d", m.N) }

type caller struct{ calls, next uint64 }

func (c *caller) Start(env sim.Env) { c.Handle(env, "", again{}) }
func (c *caller) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if _, ok := m.(again); ok && c.next < c.calls {
		c.next++
		env.Send("counter", count{c.next})
		env.After(10*time.Millisecond, again{})
	}
}

type counter struct {
	sum  uint64
	seen map[uint64]string
}

func (c *counter) Start(sim.Env) {}
func (c *counter) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if got, ok := m.(count); ok {
		c.sum += got.N
		c.seen[got.N] = "by " + string(from)
		env.Disk().Append("log", []byte{byte('0' + got.N%10)})
		env.Disk().Sync("log")
		env.Note(counted(got))
	}
}

// counting is a scenario of so many calls.
func counting(calls uint64) *sim.Scenario {
	return &sim.Scenario{
		Name: "counting", Doc: "Counts.", Run: time.Duration(calls+5) * 10 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("caller", func() sim.Node { return &caller{calls: calls} })
			w.Add("counter", func() sim.Node { return &counter{seen: make(map[uint64]string)} })
			w.Add("idle", func() sim.Node { return &counter{} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&asks{}} },
	}
}

// asks has a history of calls.
type asks struct{}

func (*asks) Name() string                       { return "asks" }
func (*asks) Observe(*sim.Event) error           { return nil }
func (*asks) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (*asks) Checks() uint64                     { return 1 }
func (*asks) Operations(add func(sim.NodeID, uint64, uint64, string, bool)) {
	add("caller", 9, 0, "count 2: never returned", false)
	add("caller", 4, 8, "count 1", true)
}

// recorded records a run with a plan.
func recorded(t testing.TB, s *sim.Scenario, states Window, plan string) *Trace {
	t.Helper()
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	trace, err := Record(context.Background(), s, sim.Config{Seed: 7, Plan: &p}, states)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}
