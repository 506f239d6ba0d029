package sim_test

import (
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A halfSyncer writes a byte that it syncs and one that it does not.
type halfSyncer struct{}

func (halfSyncer) Start(env sim.Env) {
	env.Disk().Append("log", []byte("a"))
	env.Disk().Sync("log")
	env.Disk().SyncDir()
	env.Disk().Append("log", []byte("b"))
}

func (halfSyncer) Handle(sim.Env, sim.NodeID, sim.Message) {}

// It fails if an observer is shown bytes that a crash could lose, or a clock that is not the node's.
func TestObserversSeeDiskAndClock(t *testing.T) {
	s := &sim.Scenario{Name: "keep", Run: time.Second, Build: func(w *sim.World, _ sim.Options) { w.Add("k", func() sim.Node { return halfSyncer{} }) }}
	plan := fault.Plan{{Verb: fault.Step, At: 100_000_000, Node: "k", Time: -30 * time.Millisecond}}
	w, err := s.World(sim.Config{Plan: &plan})
	if err != nil {
		t.Fatal(err)
	}
	w.Run(0)
	if n, err := w.Durable("k").Size("log"); n != 1 || err != nil {
		t.Errorf("%d bytes are durable, %v, want 1", n, err)
	}
	if got, want := w.Clock("k").Wall(), time.Duration(w.Now())-30*time.Millisecond; got != want {
		t.Errorf("the clock shows %v, want %v", got, want)
	}
}
