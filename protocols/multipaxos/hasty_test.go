package multipaxos

import (
	"testing"

	"simrun/sim"
)

// Hasty servers have more leaders than patient ones in the same seeds, and propose two values in a slot more often: that is what they are for. Fails if the option changes
// nothing, so that bugs of a change of leaders are looked for where hardly any happens.
func TestHastyServersChangeLeaders(t *testing.T) {
	count := func(settings ...string) (leaders, contested int) {
		s := Scenario()
		o, err := s.ParseOptions(settings)
		if err != nil {
			t.Fatal(err)
		}
		var memory sim.Memory
		for seed := range uint64(40) {
			w, err := s.World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			values, two := map[Slot]Value{}, false
			for e := range w.Events(0) {
				switch f := e.Data.(type) {
				case Led:
					leaders++
				case Proposed:
					v, ok := values[f.Slot]
					two = two || ok && v != f.Value
					values[f.Slot] = f.Value
				}
			}
			w.Close()
			if two {
				contested++
			}
		}
		return leaders, contested
	}
	patient, few := count(hasty[1:]...)
	many, more := count(hasty...)
	if many < 4*patient || more < 2*few || more < 5 {
		t.Errorf("%d leaders and %d runs with two values in a slot; of patient servers %d and %d", many, more, patient, few)
	}
	t.Logf("%d leaders and %d runs with two values in a slot; of patient servers %d and %d", many, more, patient, few)
}
