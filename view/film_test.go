package view

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A beat is a node whose state stays small: it answers each number with the next.
type beat struct {
	most, last uint64
	even       bool
}

func (b *beat) Start(env sim.Env) {
	if env.ID() == "idle" {
		return
	}
	env.Send("caller", count{1})
}
func (b *beat) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if got, ok := m.(count); ok && got.N <= b.most {
		b.last, b.even = got.N, got.N%2 == 0
		if got.N%16 == 0 {
			env.Disk().Append("log", []byte{byte('0' + got.N%10)})
			env.Disk().Sync("log")
			env.Disk().SyncDir()
		}
		other := sim.NodeID("caller")
		if env.ID() == other {
			other = "counter"
		}
		env.Send(other, count{got.N + 1})
	}
}

// beating is a scenario of some two events a beat.
func beating(beats uint64) *sim.Scenario {
	return &sim.Scenario{Name: "beating", Doc: "Beats.", Run: time.Duration(beats) * 2 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		for _, id := range []sim.NodeID{"caller", "counter", "idle"} {
			w.Add(id, func() sim.Node { return &beat{most: beats} })
		}
	}}
}

// noStates is a window that holds no event of these tests.
var noStates = Window{From: 1 << 30}

// filmed returns the film of a run that was recorded without states.
func filmed(t *testing.T, s *sim.Scenario, plan string) *Film {
	t.Helper()
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	f := NewFilm(s, sim.Config{Seed: 7, Plan: &p}, recorded(t, s, noStates, plan))
	t.Cleanup(f.Close)
	return f
}

// asMap is a state without the order of its lines, which is that in which they came to be.
func asMap(lines []StateLine) map[string]string {
	m := make(map[string]string)
	for _, l := range lines {
		m[l.Path] = l.Value
	}
	return m
}

// It fails if a state, a change or a clock that is found by making the run again is not the one that a whole recording has, in whatever order
// events are looked at.
func TestFilmShowsWhatATraceHolds(t *testing.T) {
	s, plan, ctx := beating(1500), "60ms step idle -3ms\n400ms pause counter\n420ms resume counter\n600ms crash idle\n", context.Background()
	want, f := recorded(t, s, Window{}, plan), filmed(t, s, plan)
	n := uint64(want.Len())
	if n < 4*reelEvents {
		t.Fatalf("the run has %d events, too few for several reels", n)
	}
	seqs := []uint64{n, n - 1, 1, 2, reelEvents, reelEvents + 1, reelEvents + 2, 3 * reelEvents, 3*reelEvents + 1}
	r := rand.New(rand.NewPCG(1, 1))
	for range 400 {
		seqs = append(seqs, 1+r.Uint64N(n))
	}
	changed := 0
	for _, seq := range seqs {
		for _, id := range want.Nodes {
			got, err := f.State(ctx, id, seq)
			if err != nil {
				t.Fatal(err)
			}
			if w := want.State(id, seq); !maps.Equal(asMap(got), asMap(w)) {
				t.Fatalf("after event %d the state of %s is %v, want %v", seq, id, got, w)
			}
			if by, err := f.Skew(ctx, id, seq); by != want.skew(id, seq) || err != nil {
				t.Fatalf("after event %d the clock of %s is ahead by %v, %v, want %v", seq, id, by, err, want.skew(id, seq))
			}
		}
		got, err := f.Changes(ctx, seq)
		if w := want.Changes(seq); !slices.Equal(got, w) || err != nil {
			t.Fatalf("event %d changes %v, %v, want %v", seq, got, err, w)
		}
		changed += len(got)
	}
	if changed < 50 || want.skew("idle", n) != -3*time.Millisecond {
		t.Errorf("%d changes were seen, and the clock of idle is ahead by %v: too little was compared", changed, want.skew("idle", n))
	}
}

// It fails if the event that ends a run has no state.
func TestFilmOfTheLastEvent(t *testing.T) {
	for name, s := range map[string]*sim.Scenario{"violated": town(calm), "without properties": town(nil)} {
		f := filmed(t, s, "")
		if _, err := f.Changes(context.Background(), uint64(f.Trace.Len())); err != nil || f.Trace.Len() != 2 {
			t.Errorf("%s: of %d events, want 2: %v", name, f.Trace.Len(), err)
		}
	}
}

// It fails if a look back makes more of the run again than half of it, or, when worlds have been put in their places, more than the way
// from the nearest place.
func TestFilmMakesLittleAgain(t *testing.T) {
	f, ctx := filmed(t, beating(60_000), ""), context.Background()
	n := uint64(f.Trace.Len())
	look := func(seq uint64) (made uint64) {
		t.Helper()
		before := f.made
		if _, err := f.Changes(ctx, seq); err != nil {
			t.Fatal(err)
		}
		return f.made - before
	}
	if made := look(n - 50); made > n {
		t.Errorf("the first look made %d events, the run has %d", made, n)
	}
	if made := look(n - 60); made != 0 {
		t.Errorf("a look at what was looked at made %d events", made)
	}
	if err := f.Restock(ctx); err != nil {
		t.Fatal(err)
	}
	if got := len(f.worlds); got < len(f.places()) || len(f.places()) < 2 || got > len(f.places())+mostLoose {
		t.Fatalf("%d worlds stand, for %d places", got, len(f.places()))
	}
	for seq := n - 3*reelEvents; seq > n-12*reelEvents; seq -= reelEvents {
		if made := look(seq); made > nearest+2*reelEvents {
			t.Errorf("to look at event %d of %d took %d events", seq, n, made)
		}
		if err := f.Restock(ctx); err != nil {
			t.Fatal(err)
		}
	}
	made := f.made
	if err := f.Restock(ctx); err != nil || f.made != made {
		t.Errorf("where all stand, %d events were made: %v", f.made-made, err)
	}
}

// It fails if a film of many looks keeps more and more.
func TestFilmIsBounded(t *testing.T) {
	f, ctx := filmed(t, beating(20_000), ""), context.Background()
	for seq := uint64(f.Trace.Len()); seq > reelEvents; seq -= reelEvents {
		if seq%5 == 0 {
			if err := f.Restock(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := f.Changes(ctx, seq); err != nil {
			t.Fatal(err)
		}
		if len(f.reels) > mostReels || len(f.worlds) > len(f.places())+mostLoose {
			t.Fatalf("%d reels and %d worlds are kept", len(f.reels), len(f.worlds))
		}
	}
	if len(f.reels) != mostReels {
		t.Errorf("%d reels were made: too few to tell", len(f.reels))
	}
}

// It fails if looks at the same time, with worlds put in their places between them, show anything else than one by one.
func TestFilmForSeveral(t *testing.T) {
	s := beating(3000)
	want, f := recorded(t, s, Window{}, eventful), filmed(t, s, eventful)
	var all sync.WaitGroup
	errs := make(chan error, 100)
	for i := range 4 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(i), 2))
			for range 40 {
				seq := 1 + r.Uint64N(uint64(want.Len()))
				got, err := f.State(context.Background(), "counter", seq)
				if err == nil && !maps.Equal(asMap(got), asMap(want.State("counter", seq))) {
					err = fmt.Errorf("after event %d there is %v", seq, got)
				}
				if err == nil {
					err = f.Restock(context.Background())
				}
				if err != nil {
					errs <- err
					return
				}
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
}

// It fails if an event that is not there has a state, if a look goes on when nobody waits for it, or if a run that is another one each time is
// shown as if it were the same.
func TestFilmErrors(t *testing.T) {
	f := filmed(t, beating(6000), "")
	for _, seq := range []uint64{0, uint64(f.Trace.Len()) + 1} {
		if _, err := f.State(context.Background(), "idle", seq); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("there is no event %d: the run has events 1 to ", seq)) {
			t.Errorf("event %d: %v", seq, err)
		}
	}
	why := errors.New("closed the tab")
	ctx, stop := context.WithCancelCause(context.Background())
	stop(why)
	if _, err := f.State(ctx, "idle", 2000); err != why {
		t.Errorf("nobody waits: %v", err)
	}
	if err := f.Restock(ctx); err != why {
		t.Errorf("nobody waits for a restock: %v", err)
	}
	short := NewFilm(counting(5), sim.Config{Seed: 7}, f.Trace)
	defer short.Close()
	if _, err := short.State(context.Background(), "idle", 20_000); err == nil || !strings.Contains(err.Error(), "another one when it is made again") {
		t.Errorf("a run that ends sooner: %v", err)
	}
}
