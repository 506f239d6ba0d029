// Package search makes many runs of a scenario, and says what they showed.
//
// A [Hunt] takes a range of seeds and makes the run of each, on all cores: every worker has one world at
// a time, and worlds share nothing. What the workers report is folded in the order of the seeds, so a
// [Summary] is a function of the hunt and not of the machine: the same seeds with one worker and with
// seven give the same failures, the same counts, the same first seed. Only Elapsed differs, and of
// course where a hunt ends that is limited by wall time or interrupted.
//
// # One bug, one failure
//
// A common bug fails in hundreds of seeds. Failures are told apart by their [Judgement.Signature]: the
// property, and the words of the complaint without the numbers and names that change from seed to seed.
// A summary has one [Failure] for each signature: that of the lowest seed, with the number of seeds that
// failed the same way.
//
// # Trust
//
// A failure that does not replay is worth nothing, so each failing seed is run a second time, and so is
// one seed in a thousand of those that did not fail; one in ten thousand is run in another process too, if
// the hunt knows how ([Process]). Two runs whose event hashes differ are reported as a [Divergence], with
// the first event that is not the same ([Compare]), and of the first of them a [Guard] finds out whose
// code it was and what probably decides it in the place of the seed. A hunt that tested nothing must
// not look like one that found nothing: [Summary.NeverFired] and [Summary.NeverReached] tell.
//
// # Small failures
//
// A failing run with dozens of faults explains nothing. A [Case] is a run of which all that decides it is spelt out, and a [Shrink]
// looks for the smallest that fails the same way. A [Fork] is an event of it from which on it can go another way.
package search

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"time"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// A Hunt says which runs to make and what to do about failures. Scenario and a range of seeds or a limit
// of time must be given.
type Hunt struct {
	Scenario *sim.Scenario
	Config   sim.Config    // of every run; Seed is ignored and Driver must be nil, since seeds decide
	From, To uint64        // seeds From <= s < To; To may be 0 if For is given
	For      time.Duration // start no run after this much wall time; 0: no limit

	Workers   int    // how many runs are made at once; 0: as many as there are cores
	Property  string // count, stop at and sign by this property alone; "": by the one a verdict is named after
	StopAfter int    // stop at the K-th failing seed; 0: never
	Verify    int    // run every n-th seed twice and compare; 0: one in 1000; negative: only those that fail

	Process   *Process // makes runs in other processes; nil: none are made
	Elsewhere int      // run every n-th seed in another process too; 0: one in 10,000; negative: none
	Cover     bool     // find out what of the system's behaviour the runs reach: see [Coverage]
	Guard     int      // let a [Guard] check every n-th seed, which makes its run some four times; 0: none

	// Progress is told how far the hunt has come: at each new distinct failure, else about ten times a
	// second, and at the end. All calls come from the goroutine that called Run. It may be nil.
	Progress func(Progress)

	run runner // makes one run; nil: in a world. For tests.
}

// Progress is how far a hunt has come.
type Progress struct {
	Done, Total uint64 // runs folded, and runs to make; Total is 0 if only time limits the hunt
	Failures    int    // failing seeds
	Distinct    int    // their different signatures
	Reached     int    // sights that were seen, if the hunt has Cover
	Since       uint64 // how many runs have been made since the latest of them was first seen
	Elapsed     time.Duration
	Last        *Failure // the latest distinct failure, or nil; its Count is that so far
}

// A Failure is one way to fail, told by the lowest seed that fails so.
type Failure struct {
	Seed      uint64
	Outcome   sim.Outcome // sim.Violated or sim.Stalled
	Property  string
	Why       string // one sentence; the verdict has more if there is more
	Signature string
	Count     uint64        // how many seeds failed with this signature
	Verdict   sim.Verdict   // of the whole run
	File      seedfile.File // replays the run; states a plan only if the hunt's Config does, so that its token is short
	Plan      fault.Plan    // the complete plan of the run; File with it makes the same run without its profile
}

// Run makes the runs. When ctx is done, and when a run cannot be made (its configuration is refused, or
// code of the scenario outside of nodes panics, which the error tells with the seed), the summary holds
// the runs of all seeds before that.
func (h Hunt) Run(ctx context.Context) (Summary, error) {
	if err := h.check(); err != nil {
		return Summary{}, err
	}
	if h.Workers <= 0 {
		h.Workers = runtime.GOMAXPROCS(0)
	}
	if h.Verify == 0 {
		h.Verify = 1000
	}
	if h.Elsewhere == 0 {
		h.Elsewhere = 10_000
	}
	worlds := h.run == nil
	if worlds {
		h.run = inWorld
		if err := h.checkProperty(); err != nil {
			return Summary{}, err
		}
	}
	f := newFold(&h)
	h.drive(ctx, f)
	if worlds && ctx.Err() == nil {
		h.explain(ctx, f)
	}
	return f.finish(ctx.Err() != nil)
}

// explain finds out why the runs of the first seed that differs do: the others will have the same reason.
func (h *Hunt) explain(ctx context.Context, f *fold) {
	if len(f.sum.Diverged) == 0 {
		return
	}
	if d := &f.sum.Diverged[0]; !d.Within() {
		cfg := h.Config
		cfg.Seed = d.Seed
		Guard{Scenario: h.Scenario, Process: h.Process}.Explain(ctx, d, cfg)
	}
}

// checkProperty refuses a hunt for a property that nobody judges: it would be green and have tested nothing.
func (h *Hunt) checkProperty() error {
	if h.Property == "" {
		return nil
	}
	only := h.Config
	only.Seed, only.Only = h.From, h.Property
	_, _, err := h.guarded(only, func(s *sim.Scenario, cfg sim.Config) (v sim.Verdict, p fault.Plan, err error) {
		w, err := s.World(cfg) // it knows its properties
		if err == nil {
			w.Close()
		}
		return v, p, err
	})
	return err
}

// check refuses a hunt that cannot be meant, and says in To what is only implied.
func (h *Hunt) check() error {
	switch {
	case h.Scenario == nil:
		return errors.New("search: a hunt needs a Scenario")
	case h.Config.Driver != nil:
		return errors.New("search: the seeds of a hunt decide: its Config.Driver must be nil")
	case h.To == 0 && h.For > 0:
		h.To = math.MaxUint64
	case h.From >= h.To:
		return fmt.Errorf("search: no seeds from %d to %d: the first must be below the last", h.From, h.To)
	}
	return nil
}
