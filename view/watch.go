package view

import "simrun/sim"

// Watch returns the scenario with a property more, which judges nothing and shows every event to see. A
// loop over the events of a world would not do: it does not get the event that ends the run. The events
// and their hash are those of s; the verdict lists the property as "watch". See must not keep the event.
func Watch(s *sim.Scenario, see func(*sim.Event)) *sim.Scenario {
	seen := *s
	seen.Properties = func(o sim.Options) []sim.Property {
		all := []sim.Property{watch(see)}
		if s.Properties != nil {
			all = append(all, s.Properties(o)...)
		}
		return all
	}
	return &seen
}

// A watch is a property that only looks.
type watch func(*sim.Event)

func (watch) Name() string                       { return "watch" }
func (watch) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (watch) Checks() uint64                     { return 0 }
func (watch) Rumours() bool                      { return true } // else events would be missing where a node lies
func (w watch) Observe(e *sim.Event) error {
	w(e)
	return nil
}
