// Package trial is what tests of protocols have in common: settings, plans and worlds that must be right ([Options], [Plan], [World]), the
// first seeds at which a mistake shows ([Hunt]), and plays that are kept beside a test to be read aloud ([Play], [Golden]). Only tests import it.
package trial

import (
	"slices"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Options reads settings such as "nodes=3". A wrong one ends the test.
func Options(t testing.TB, s *sim.Scenario, set ...string) sim.Options {
	t.Helper()
	o, err := s.ParseOptions(set)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// Plan reads a plan, whose lines may be separated by semicolons too. A wrong one ends the test.
func Plan(t testing.TB, text string) *fault.Plan {
	t.Helper()
	p, err := fault.Parse(strings.ReplaceAll(text, "; ", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

// World makes a run. One that cannot be made ends the test.
func World(t testing.TB, s *sim.Scenario, cfg sim.Config) *sim.World {
	t.Helper()
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// Tally returns a figure of a run by its name, 0 if there is none.
func Tally(v sim.Verdict, name string) uint64 {
	i := slices.IndexFunc(v.Tallies, func(x sim.Tally) bool { return x.Name == name })
	if i < 0 {
		return 0
	}
	return v.Tallies[i].N
}
