package trial

import (
	"slices"
	"testing"

	"simrun/sim"
)

// A Find is at which seeds a mistake has shown first; 0 is none.
type Find struct {
	Seen  []string // who has complained, in that order
	Inner uint64   // the seed at which an inner property complained first
	Outer uint64   // and an outer one
	first map[string]uint64
}

// Of returns the first seed at which a property complained.
func (f *Find) Of(property string) uint64 { return f.first[property] }

// All reports whether all of these properties have complained.
func (f *Find) All(properties ...string) bool {
	return !slices.ContainsFunc(properties, func(p string) bool { return f.first[p] == 0 })
}

// take enters the violations of a run.
func (f *Find) take(seed uint64, violations []sim.Violation) {
	for _, v := range violations {
		if v.Inner && f.Inner == 0 {
			f.Inner = seed
		}
		if !v.Inner && f.Outer == 0 {
			f.Outer = seed
		}
		if f.first[v.Property] == 0 {
			f.first[v.Property] = seed
			f.Seen = append(f.Seen, v.Property)
		}
	}
}

// Hunt makes the runs of the seeds from first, which is not 0, to last, or until it is enough. But for the seed all of them are made as cfg says.
func Hunt(t testing.TB, s *sim.Scenario, cfg sim.Config, first, last uint64, enough func(*Find) bool) Find {
	t.Helper()
	f := Find{first: make(map[string]uint64)}
	cfg.Reuse = new(sim.Memory)
	for cfg.Seed = first; cfg.Seed <= last && !enough(&f); cfg.Seed++ {
		f.take(cfg.Seed, World(t, s, cfg).Run(0).Violations)
	}
	return f
}

// InnerAnd is enough when any inner property has complained, and this outer one.
func InnerAnd(outer string) func(*Find) bool {
	return func(f *Find) bool { return f.Inner > 0 && f.All(outer) }
}

// Each is enough when all of these have complained.
func Each(properties ...string) func(*Find) bool {
	return func(f *Find) bool { return f.All(properties...) }
}
