package search

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"

	"simrun/figures"
	"simrun/sim"
	"simrun/sim/fault"
)

// A runner makes one run. The plan is the complete one.
type runner func(*sim.Scenario, sim.Config) (sim.Verdict, fault.Plan, error)

// inWorld is the runner of all hunts but those of tests.
func inWorld(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
	w, err := s.World(cfg)
	if err != nil {
		return sim.Verdict{}, nil, err
	}
	defer w.Close()
	v := w.Run(0)
	// A plan is text for people; only failing runs are shown to them.
	if v.Outcome == sim.OK || v.Outcome == sim.Undecided {
		return v, nil, nil
	}
	return v, w.Plan(), nil
}

// A made run is what a worker tells the fold of one seed.
type made struct {
	seed    uint64
	verdict sim.Verdict
	judged  Judgement
	glimpse glimpse        // what it came by
	plan    fault.Plan     // if it failed
	meter   *figures.Meter // of the run, if its scenario has a service
	differs *Divergence    // if it was run twice and the runs differed
	twice   bool           // it was run twice
	there   bool           // it was run in another process
	noThere error          // it should have been
	err     error          // if it could not be made
}

// one makes the run of a seed, and makes it again if it failed or is one of those to verify.
func (h *Hunt) one(ctx context.Context, seed uint64, hand *hand) (m made) {
	cfg := h.Config
	cfg.Seed, cfg.Reuse = seed, &hand.memory
	m.seed = seed
	first := cfg
	if h.Cover {
		first.Situations = &hand.situations
	}
	m.verdict, m.plan, m.err = h.guarded(first, func(s *sim.Scenario, cfg sim.Config) (sim.Verdict, fault.Plan, error) {
		s, m.meter = figures.Watch(s, false)
		return h.run(s, cfg)
	})
	if m.err != nil {
		return m
	}
	if h.Cover {
		m.glimpse = take(&hand.situations)
	}
	m.judged = Judge(m.verdict, h.Property)
	failed := m.judged.Failed()
	if !failed {
		m.plan = nil // it failed by another property than the one hunted
	}
	h.verify(ctx, cfg, &m, failed)
	return m
}

// verify makes the run again, here and elsewhere, as the hunt asks for.
func (h *Hunt) verify(ctx context.Context, cfg sim.Config, m *made, failed bool) {
	due := func(n int) bool { return n > 0 && (m.seed-h.From)%uint64(n) == 0 }
	if m.twice = failed || due(h.Verify) || due(h.Guard); m.twice {
		m.differs, m.err = h.again(cfg, m.verdict)
	}
	g := Guard{Scenario: h.Scenario, Process: h.Process}
	switch {
	case m.differs != nil || m.err != nil:
	case due(h.Guard):
		m.differs, m.err = g.compare(ctx, cfg)
		m.there = g.Process != nil && m.err == nil
	case due(h.Elsewhere) && g.Process != nil:
		m.differs, m.noThere = g.Elsewhere(ctx, cfg, m.verdict)
		m.there = m.noThere == nil
	}
	if ctx.Err() != nil && (interrupted(m.err) || interrupted(m.noThere)) {
		m.err, m.noThere = nil, nil // the guard has nothing to say; the run itself is whole
	}
}

// interrupted reports whether an error is that of a context.
func interrupted(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// guarded makes a run and turns a panic into an error: what a hunt has found must not be lost with it.
func (h *Hunt) guarded(cfg sim.Config, run runner) (v sim.Verdict, p fault.Plan, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("search: seed %#x: panic: %v\n%s", cfg.Seed, r, debug.Stack())
		}
	}()
	v, p, err = run(h.Scenario, cfg)
	if err != nil {
		err = fmt.Errorf("seed %#x: %w", cfg.Seed, err)
	}
	return v, p, err
}

// again makes the run of cfg once more and compares it with the verdict of the first time. If they
// differ it makes both once more, side by side, to see where they part; that can fail, since what made
// them differ may not happen again.
func (h *Hunt) again(cfg sim.Config, first sim.Verdict) (*Divergence, error) {
	second, _, err := h.guarded(cfg, h.run)
	if err != nil || alike(first, second) {
		return nil, err
	}
	found := Divergence{Seed: cfg.Seed, Where: twiceHere}
	a, b := summed(first), summed(second)
	found.take(&a, &b)
	if d, err := Compare(h.Scenario, cfg); d != nil && err == nil {
		found.Seq, found.First, found.Second = d.Seq, d.First, d.Second
	}
	return &found, nil
}

// alike reports whether two runs were the same, as far as their verdicts tell.
func alike(a, b sim.Verdict) bool {
	if a.Hash != b.Hash || a.Outcome != b.Outcome || a.Property != b.Property || sentence(a.Why) != sentence(b.Why) {
		return false
	}
	_, other := partedAt(a.Checkpoints, b.Checkpoints)
	return other == 0
}

// sentence is the first line of a complaint. What follows it can be a
// stack, whose addresses differ from run to run.
func sentence(why string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(why), "\n")
	return line
}
