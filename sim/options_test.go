package sim_test

import (
	"errors"
	"strings"
	"testing"

	"simrun/sim"
)

// Fails if settings that do not go together are accepted, if a world is made of them, or if the error does not say in which scenario.
func TestSettingsThatDoNotGoTogether(t *testing.T) {
	s := stage(idle("a"))
	s.Name = "odd"
	s.Options = []sim.Option{{Name: "n", Default: 3, Min: 1, Max: 9}, {Name: "quorum", Default: 2, Min: 1, Max: 9}}
	s.Check = func(o sim.Options) error {
		if o.Int("quorum") > o.Int("n") {
			return errors.New("quorum is more than n")
		}
		return nil
	}
	if _, err := s.ParseOptions([]string{"n=4", "quorum=4"}); err != nil {
		t.Error(err)
	}
	_, err := s.ParseOptions([]string{"n=4", "quorum=5"})
	if err == nil || err.Error() != "scenario odd: quorum is more than n" || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %v", err)
	}
	s.Options[0].Default = 1 // the defaults are checked too
	if _, err := s.World(sim.Config{}); err == nil {
		t.Error("a world is made of settings that do not go together")
	}
}

// Fails if Has does not tell what was given from what is so by default.
func TestHas(t *testing.T) {
	s := stage(idle("a"))
	s.Options = []sim.Option{{Name: "n", Default: 3, Min: 1, Max: 9}, {Name: "no", Default: 2, Min: 1, Max: 9}}
	o, err := s.ParseOptions([]string{"n=3", "no=4"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Has("n") || !o.Has("no") || o.Has("other") {
		t.Errorf("given: %v", o.Given())
	}
}
