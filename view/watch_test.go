package view

import (
	"errors"
	"testing"
	"time"

	"simrun/sim"
)

// A crier says a word when it starts.
type crier struct{}

func (crier) Start(env sim.Env)                       { env.Note("fire") }
func (crier) Handle(sim.Env, sim.NodeID, sim.Message) {}
func (crier) Name() string                            { return "calm" }
func (crier) Checks() uint64                          { return 1 }
func (crier) End(*sim.World) (sim.Result, error)      { return sim.Holds, nil }
func (crier) Watches() []sim.Kind                     { return []sim.Kind{sim.Noted} }
func (crier) Observe(*sim.Event) error                { return errors.New("somebody cries") }
func cry(w *sim.World, _ sim.Options)                 { w.Add("n1", func() sim.Node { return crier{} }) }
func calm(sim.Options) []sim.Property                 { return []sim.Property{crier{}} }
func town(properties func(sim.Options) []sim.Property) *sim.Scenario {
	return &sim.Scenario{Name: "town", Build: cry, Properties: properties, Run: time.Millisecond}
}

// It fails if the event that ends a run is not shown, if being watched changes the run or its verdict,
// or if the scenario itself is changed.
func TestWatchShowsEveryEvent(t *testing.T) {
	liar := town(nil)
	liar.Build = func(w *sim.World, _ sim.Options) {
		w.Add("n1", func() sim.Node { return sim.Byzantine(crier{}, "any", 1000) })
	}
	for name, s := range map[string]*sim.Scenario{"violated": town(calm), "without properties": town(nil), "where a node lies": liar} {
		run := func(s *sim.Scenario) sim.Verdict {
			w, err := s.World(sim.Config{Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			return w.Run(0)
		}
		want := run(s)
		var last sim.Kind
		var seen uint64
		got := run(Watch(s, func(e *sim.Event) {
			last = e.Kind
			if seen++; e.Seq != seen {
				t.Errorf("%s: event %d is shown as number %d", name, e.Seq, seen)
			}
		}))
		if got.Hash != want.Hash || got.Outcome != want.Outcome || got.Property != want.Property {
			t.Errorf("%s: watched, the run is %v %s %x, and %v %s %x alone", name, got.Outcome, got.Property, got.Hash, want.Outcome, want.Property, want.Hash)
		}
		if seen != want.Events || seen == 0 {
			t.Errorf("%s: %d events are shown of %d", name, seen, want.Events)
		}
		if name == "violated" && (last != sim.Noted || want.Outcome != sim.Violated) {
			t.Errorf("the last event shown is %v of a run that ends %v, want the note that is the violation", last, want.Outcome)
		}
		if again := run(s); again.Hash != want.Hash || len(again.Checks) != len(want.Checks) {
			t.Errorf("%s: the scenario was changed", name)
		}
	}
}
