package search

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"simrun/sim"
)

// interruptible is a run of some 40,000 events. The context is done when it is made for the n-th time.
func interruptible(t *testing.T, n int64) (ctx context.Context, s *sim.Scenario, made *atomic.Int64) {
	ctx, stop := context.WithCancel(t.Context())
	made = new(atomic.Int64)
	var unused atomic.Int64
	return ctx, &sim.Scenario{Name: "long", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		w.Add("n", func() sim.Node { return late{-1, &unused} })
		if made.Add(1) == n {
			stop()
		}
	}}, made
}

// Fails if a guard whose context is done makes a run to its end, in whichever of its runs that happens: twice in a row, and once
// more with an eye on memory.
func TestGuardStopsWithItsContext(t *testing.T) {
	for n := range int64(4) {
		ctx, s, made := interruptible(t, n+1)
		d, err := Guard{Scenario: s}.Check(ctx, sim.Config{Faults: "none"})
		if last := n == 3; d != nil || last != (err == nil) || !last && !errors.Is(err, context.Canceled) || made.Load() != min(n+1, 3) {
			t.Errorf("interrupted in run %d of 3: %v, %v, %d runs", n+1, d, err, made.Load())
		}
	}
}

// Fails if a hunt that is stopped while a guard looks at a run loses that run, takes the interrupt for something wrong with it,
// or says that it was looked at.
func TestHuntStoppedInAGuard(t *testing.T) {
	for _, h := range []Hunt{{Guard: 1, Verify: -1, Elsewhere: -1, Process: self(t)}, {Verify: -1, Elsewhere: 1, Process: self(t)}} {
		ctx, s, _ := interruptible(t, 3)
		if h.Elsewhere == 1 {
			ctx, s, _ = interruptible(t, 1)
			s.Name = beacons.Name
		}
		h.Scenario, h.To, h.Workers = s, 100, 1
		h.Config.Faults = "none"
		sum, err := h.Run(ctx)
		if err != nil || !sum.Interrupted || sum.Runs != 1 || sum.OK != 1 || sum.Elsewhere != 0 || sum.NotElsewhere != nil || len(sum.Diverged) != 0 {
			t.Errorf("%v: interrupted %v, %d runs, %d ok, %d elsewhere (%v), %v", err, sum.Interrupted, sum.Runs, sum.OK, sum.Elsewhere, sum.NotElsewhere, sum.Diverged)
		}
	}
}

// Fails if it is forgotten that two runs differ when nobody can find out why.
func TestDifferenceWithoutReasons(t *testing.T) {
	nowhere := &Process{Path: filepath.Join(t.TempDir(), "none")}
	d, err := Guard{Scenario: planted(t, "time-now"), Process: nowhere}.Check(t.Context(), sim.Config{})
	if err != nil || d == nil || d.Hashes[0] == d.Hashes[1] || len(d.Evidence) != 1 || !strings.HasPrefix(d.Evidence[0], "why they differ could not be looked for: search: the other process") {
		t.Fatalf("%v, %v", d, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	told := *d
	told.Evidence = nil
	Guard{Scenario: planted(t, "time-now"), Process: self(t)}.Explain(ctx, &told, sim.Config{})
	if len(told.Evidence) != 1 || !strings.HasSuffix(told.Evidence[0], "("+context.Canceled.Error()+")") {
		t.Errorf("interrupted: %q", told.Evidence)
	}
}

// Fails if a process that takes too long is started again with another environment, as if it had lacked a variable, or if the
// complaint does not say what was wrong.
func TestProcessThatTakesTooLong(t *testing.T) {
	p := self(t)
	p.Most = time.Nanosecond
	_, err := Guard{Scenario: beacons, Process: p}.Check(t.Context(), sim.Config{Faults: "none"})
	if !errors.Is(err, errSlow) || !strings.Contains(err.Error(), "longer than its limit of 1ns") {
		t.Errorf("%v", err)
	}
}

// Fails if of what a process said another line is told than the one that says what was wrong.
func TestGist(t *testing.T) {
	for said, want := range map[string]string{
		"": "", "one\ntwo\n": ": two", "noise\nsearch: seed 0x0: panic: no home\ngoroutine 1\n\tmain.go:3 +0x1\n": ": search: seed 0x0: panic: no home",
	} {
		if got := gist([]byte(said)); got != want {
			t.Errorf("of %q: %q, want %q", said, got, want)
		}
	}
}
