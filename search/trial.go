package search

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"simrun/seedfile"
	"simrun/sim"
)

// A Trial asks how many seeds it takes until a failure is seen: first by anybody, then by a property that a user would see. Its runs
// are made one after the other, and it ends at the first outer failure.
type Trial struct {
	Scenario *sim.Scenario
	Config   sim.Config // without a seed
	From, To uint64     // the seeds, without To

	// Without are properties that are not heard, as if the scenario had none of that name: what is seen later then, or not at all, tells what they
	// are worth. A stall is the complaint of the property that was still open. Only where the world judges, a run may still end at what nobody hears.
	// What is seen has no token, since whoever replays one hears all.
	Without []string

	Cover bool // take down what the runs reached
}

// A Tried is what a trial showed.
type Tried struct {
	Runs, Events uint64
	Inner, Outer *Seen     // the first failures; nil: none in these seeds
	Coverage     *Coverage // what the runs reached; nil: nobody asked
}

// A Seen is a failure that was met.
type Seen struct {
	Seed     uint64
	Property string
	Token    string // of the run; "" if properties were left out
}

// Run makes the runs. When ctx is done it returns what was seen until then, and the context's error.
func (t Trial) Run(ctx context.Context) (r Tried, err error) {
	h := Hunt{Scenario: t.Scenario, Config: t.Config, From: t.From, To: t.To, Cover: t.Cover, run: inWorld}
	if err := h.check(); err != nil {
		return r, err
	}
	if err := t.checkWithout(); err != nil {
		return r, err
	}
	h.Scenario = mutedIn(t.Scenario, t.Without)
	var seen *atlas
	if t.Cover {
		seen = newAtlas(t.Scenario)
		defer func() { r.Coverage = seen.coverage() }()
	}
	var own hand
	for seed := t.From; seed < t.To && r.Outer == nil; seed++ {
		if err := ctx.Err(); err != nil {
			return r, err
		}
		m := h.one(ctx, seed, &own)
		switch {
		case m.err != nil:
			return r, m.err
		case m.differs != nil:
			return r, fmt.Errorf("search: %v", m.differs)
		}
		if seen != nil {
			seen.add(&m)
		}
		r.Runs++
		r.Events += m.verdict.Events
		t.see(&r, &h, &m)
	}
	return r, nil
}

// checkWithout refuses to leave out what nobody judges: that would look as if it were worth nothing.
func (t *Trial) checkWithout() error {
	if len(t.Without) == 0 {
		return nil
	}
	names, err := Properties(t.Scenario, t.Config)
	if err != nil {
		return err
	}
	for _, name := range t.Without {
		if !slices.Contains(names, name) {
			return fmt.Errorf("search: scenario %s has no property %q; it has: %s", t.Scenario.Name, name, strings.Join(names, ", "))
		}
	}
	return nil
}

// Properties lists the names of the properties that judge a scenario's runs, in that configuration. The world's own come last.
func Properties(s *sim.Scenario, cfg sim.Config) ([]string, error) {
	w, err := s.World(cfg)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	return w.Properties(), nil
}

// see takes in a run.
func (t *Trial) see(r *Tried, h *Hunt, m *made) {
	for _, x := range m.verdict.Violations {
		switch {
		case slices.Contains(t.Without, x.Property):
		case x.Inner && r.Inner == nil:
			r.Inner = t.seen(h, m, x.Property)
		case !x.Inner && r.Outer == nil:
			r.Outer = t.seen(h, m, x.Property)
		}
	}
	// No violation tells of a stall, and the verdict is named after an inner violation if there is one, but a user sees the stall alone; of an inner property not even that.
	for _, c := range m.verdict.Checks {
		switch {
		case c.Outcome != sim.Stalled || slices.Contains(t.Without, c.Property):
		case c.Inner && r.Inner == nil:
			r.Inner = t.seen(h, m, c.Property)
		case !c.Inner && r.Outer == nil:
			r.Outer = t.seen(h, m, c.Property)
		}
	}
}

func (t *Trial) seen(h *Hunt, m *made, property string) *Seen {
	if len(t.Without) > 0 {
		return &Seen{Seed: m.seed, Property: property}
	}
	cfg := h.Config
	cfg.Seed = m.seed
	return &Seen{m.seed, property, seedfile.Of(h.Scenario, cfg, m.verdict).Token()}
}
