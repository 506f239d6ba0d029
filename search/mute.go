package search

import (
	"slices"

	"simrun/sim"
)

// mutedIn returns the scenario with some of its properties dumb: they look on, keep a run going for as long as they would, and tell what they reached and
// counted, but complain of nothing. So its runs are the same, event by event, up to where one of them would have ended a run. What the
// world itself judges is judged as before.
func mutedIn(s *sim.Scenario, names []string) *sim.Scenario {
	if len(names) == 0 || s.Properties == nil {
		return s
	}
	muted := *s
	muted.Properties = func(o sim.Options) []sim.Property {
		all := slices.Clone(s.Properties(o))
		for i, p := range all {
			if p.Name() != "" && slices.Contains(names, p.Name()) {
				all[i] = dumb(p)
			}
		}
		return all
	}
	return &muted
}

// A mute is a property that complains no more.
type mute struct {
	sim.Property
	done bool // it has complained, so it is asked nothing more
}

// A muteEnder is one that has a say in when a run may end. The world takes everything for one that has the method.
type muteEnder struct {
	mute
	ender interface{ Finished() bool }
}

// Finished says what the property itself says.
func (m *muteEnder) Finished() bool { return m.ender.Finished() }

func dumb(p sim.Property) sim.Property {
	if f, ok := p.(interface{ Finished() bool }); ok {
		return &muteEnder{mute{Property: p}, f}
	}
	return &mute{Property: p}
}

// Observe shows the event to the property until the first error, as the world does. To it one at what a liar sends is none.
func (m *mute) Observe(e *sim.Event) error {
	if !m.done && m.Property.Observe(e) != nil {
		m.done = e.Reason != "byzantine"
	}
	return nil
}

// End lets the property judge, since it may count by that, and forgets the judgement.
func (m *mute) End(w *sim.World) (sim.Result, error) {
	if !m.done {
		_, _ = m.Property.End(w)
	}
	return sim.Holds, nil
}

// Inner says what the property itself says.
func (m *mute) Inner() bool {
	in, ok := m.Property.(interface{ Inner() bool })
	return ok && in.Inner()
}

// Rumours says what the property itself says.
func (m *mute) Rumours() bool {
	r, ok := m.Property.(interface{ Rumours() bool })
	return ok && r.Rumours()
}

// Watches says what the property itself says.
func (m *mute) Watches() []sim.Kind {
	if w, ok := m.Property.(interface{ Watches() []sim.Kind }); ok {
		return w.Watches()
	}
	kinds := make([]sim.Kind, 0, sim.Exited+1)
	for k := sim.Started; k <= sim.Exited; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

// Reached says what the property itself says.
func (m *mute) Reached() []string {
	if r, ok := m.Property.(interface{ Reached() []string }); ok {
		return r.Reached()
	}
	return nil
}

// Tally says what the property itself says.
func (m *mute) Tally(add func(name string, n uint64)) {
	if t, ok := m.Property.(interface{ Tally(func(string, uint64)) }); ok {
		t.Tally(add)
	}
}

// Account says what the property itself says.
func (m *mute) Account() string {
	if a, ok := m.Property.(interface{ Account() string }); ok {
		return a.Account()
	}
	return ""
}
