package search_test

import (
	"context"
	"errors"
	"testing"

	"simrun/protocols/paxos"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
)

// Fails if a trial goes on behind the first outer failure, misses the first inner one, or takes another seed than a hunt finds first.
func TestTrial(t *testing.T) {
	s := paxos.Scenario()
	cfg := undurable(t, s)
	h := search.Hunt{Scenario: s, Config: cfg, From: 0, To: 200, Workers: 2}
	sum, err := h.Run(t.Context())
	if err != nil || sum.FirstOuter == nil {
		t.Fatalf("the hunt: %v, first outer %v", err, sum.FirstOuter)
	}
	r, err := search.Trial{Scenario: s, Config: cfg, From: 0, To: 200}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if r.Outer == nil || r.Outer.Seed != *sum.FirstOuter || r.Runs != *sum.FirstOuter+1 {
		t.Fatalf("got %+v after %d runs, the hunt's first is %#x", r.Outer, r.Runs, *sum.FirstOuter)
	}
	if (r.Inner == nil) != (sum.FirstInner == nil || *sum.FirstInner > *sum.FirstOuter) {
		t.Errorf("inner %+v, the hunt's first is %v", r.Inner, sum.FirstInner)
	}
	f, err := seedfile.ParseToken(r.Outer.Token)
	if err != nil || f.Seed != r.Outer.Seed || f.Scenario != s.Name {
		t.Errorf("%v: the token is of %+v", err, f)
	}
	if r, err := (search.Trial{Scenario: s, Config: cfg, From: r.Outer.Seed, To: r.Outer.Seed + 1}).Run(t.Context()); err != nil || r.Outer == nil || r.Runs != 1 {
		t.Errorf("that seed alone: %+v, %v", r, err)
	}
}

// Fails if a trial that is interrupted says nothing of it, or an empty one is taken.
func TestTrialEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r, err := (search.Trial{Scenario: paxos.Scenario(), From: 0, To: 10}).Run(ctx); !errors.Is(err, context.Canceled) || r.Runs != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err := (search.Trial{Scenario: paxos.Scenario(), From: 10, To: 10}).Run(t.Context()); err == nil {
		t.Error("a trial without seeds was taken")
	}
}

// undurable configures acceptors that answer before their disk has what they say.
func undurable(t *testing.T, s *sim.Scenario) sim.Config {
	o, err := s.ParseOptions([]string{"durable=false"})
	if err != nil {
		t.Fatal(err)
	}
	return sim.Config{Options: o}
}
