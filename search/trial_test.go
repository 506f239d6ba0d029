package search_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
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

// Fails if a trial hears a property that was left out, if the runs are others without it, or if what was seen then has a token, which nobody could replay.
func TestTrialWithout(t *testing.T) {
	s := paxos.Scenario()
	all := search.Trial{Scenario: s, Config: undurable(t, s), From: 0, To: 200}
	with, err := all.Run(t.Context())
	if err != nil || with.Inner == nil || with.Outer == nil || with.Inner.Property != "backed" || with.Outer.Property != "agreement" {
		t.Fatalf("%v: %+v, %+v", err, with.Inner, with.Outer)
	}
	try := func(names ...string) search.Tried {
		x := all
		x.To, x.Without = with.Outer.Seed+1, names
		r, err := x.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := try("agreement"); r.Outer != nil || r.Inner == nil || r.Inner.Seed != with.Inner.Seed || r.Inner.Token != "" {
		t.Errorf("without agreement: %+v, %+v", r.Inner, r.Outer)
	}
	if r := try("backed"); r.Outer == nil || r.Outer.Seed != with.Outer.Seed || r.Inner != nil && r.Inner.Property == "backed" || r.Events != with.Events {
		t.Errorf("without backed, which the world judges: %+v, %+v, %d events and not %d", r.Inner, r.Outer, r.Events, with.Events)
	}
	all.Without = []string{"agreement", "agrement"}
	if _, err := all.Run(t.Context()); err == nil || !strings.Contains(err.Error(), `paxos has no property "agrement"; it has: `) {
		t.Errorf("left out what nobody judges: %v", err)
	}
}

// Fails if a stall is missed because nodes had done something wrong before, or is heard though the property was left out.
func TestTrialSeesAStallBehindAnInnerViolation(t *testing.T) {
	never := checkers.Eventually("reached", nil, func(*sim.Event) bool { return false }, func(*sim.World) error { return errors.New("nobody does anything") })
	rude := checkers.Always("polite", true, nil, func(*sim.Event) (bool, error) { return true, errors.New("it started without asking") })
	s := &sim.Scenario{
		Name:       "still",
		Build:      func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return sleeper{} }) },
		Properties: func(sim.Options) []sim.Property { return []sim.Property{rude, never} },
		Run:        time.Millisecond,
	}
	r, err := search.Trial{Scenario: s, From: 0, To: 5}.Run(t.Context())
	if err != nil || r.Inner == nil || r.Outer == nil || r.Outer.Property != "reached" {
		t.Errorf("%v: %+v, %+v", err, r.Inner, r.Outer)
	}
	r, err = search.Trial{Scenario: s, From: 0, To: 5, Without: []string{"reached", "polite"}}.Run(t.Context())
	if err != nil || r.Inner != nil || r.Outer != nil || r.Runs != 5 {
		t.Errorf("with all left out: %v: %+v, %+v after %d runs", err, r.Inner, r.Outer, r.Runs)
	}
}

// Fails if a user is said to see that something inside never came about.
func TestTrialInnerStall(t *testing.T) {
	never := hidden{checkers.Eventually("settled", nil, func(*sim.Event) bool { return false }, func(*sim.World) error { return errors.New("it is not settled") })}
	s := &sim.Scenario{
		Name:       "still",
		Build:      func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return sleeper{} }) },
		Properties: func(sim.Options) []sim.Property { return []sim.Property{never} },
		Run:        time.Millisecond,
	}
	r, err := search.Trial{Scenario: s, From: 3, To: 8}.Run(t.Context())
	if err != nil || r.Outer != nil || r.Runs != 5 || r.Inner == nil || r.Inner.Property != "settled" || r.Inner.Seed != 3 {
		t.Errorf("%v: inner %+v, outer %+v after %d runs", err, r.Inner, r.Outer, r.Runs)
	}
}

// A hidden property is one that looks inside nodes.
type hidden struct{ sim.Property }

func (hidden) Inner() bool { return true }

// A sleeper does nothing.
type sleeper struct{}

func (sleeper) Start(sim.Env)                           {}
func (sleeper) Handle(sim.Env, sim.NodeID, sim.Message) {}
