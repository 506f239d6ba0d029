package search

import (
	"context"
	"fmt"

	"simrun/seedfile"
	"simrun/sim"
)

// A Trial asks how many seeds it takes until a failure is seen: first by anybody, then by a property that a user would see. Its runs
// are made one after the other, and it ends at the first outer failure.
type Trial struct {
	Scenario *sim.Scenario
	Config   sim.Config // without a seed
	From, To uint64     // the seeds, without To
}

// A Tried is what a trial showed.
type Tried struct {
	Runs, Events uint64
	Inner, Outer *Seen // the first failures; nil: none in these seeds
}

// A Seen is a failure that was met.
type Seen struct {
	Seed     uint64
	Property string
	Token    string // of the run
}

// Run makes the runs. When ctx is done it returns what was seen until then, and the context's error.
func (t Trial) Run(ctx context.Context) (r Tried, err error) {
	h := Hunt{Scenario: t.Scenario, Config: t.Config, From: t.From, To: t.To, run: inWorld}
	if err := h.check(); err != nil {
		return r, err
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
		r.Runs++
		r.Events += m.verdict.Events
		r.see(&h, &m)
	}
	return r, nil
}

// see takes in a run.
func (r *Tried) see(h *Hunt, m *made) {
	for _, x := range m.verdict.Violations {
		if x.Inner && r.Inner == nil {
			r.Inner = h.seen(m, x.Property)
		}
		if !x.Inner && r.Outer == nil {
			r.Outer = h.seen(m, x.Property)
		}
	}
	if r.Outer == nil && m.verdict.Outcome == sim.Stalled { // which no violation tells
		r.Outer = h.seen(m, m.verdict.Property)
	}
}

func (h *Hunt) seen(m *made, property string) *Seen {
	cfg := h.Config
	cfg.Seed = m.seed
	return &Seen{m.seed, property, seedfile.Of(h.Scenario, cfg, m.verdict).Token()}
}
