package bracha

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if not those broadcast who should, each what is its own, or if all do so at once whatever the world picks.
func TestWhoBroadcasts(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"senders=2", "messages=3"})
	if err != nil {
		t.Fatal(err)
	}
	moments := map[time.Duration]bool{}
	for seed := range uint64(20) {
		w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: "none"})
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for e := range w.Events(0) {
			if b, ok := e.Data.(Broadcast); ok && e.Kind == sim.Noted {
				said = append(said, fmt.Sprint(b))
				if moments[time.Duration(e.At)] = true; time.Duration(e.At) > 32*time.Millisecond {
					t.Errorf("seed %d: a broadcast begins at %v", seed, e.At)
				}
			}
		}
		slices.Sort(said)
		if got := fmt.Sprint(said); got != "[p1#1: broadcasts A p1#2: broadcasts B p1#3: broadcasts C p2#1: broadcasts D p2#2: broadcasts E p2#3: broadcasts F]" {
			t.Fatalf("seed %d: %s", seed, got)
		}
	}
	if len(moments) < 100 {
		t.Errorf("120 broadcasts begin at %d moments", len(moments))
	}
}

// Fails if the scenario promises something of more liars than the protocol copes with, or of fewer.
func TestHowManyMayLie(t *testing.T) {
	for n, f := range map[int]int{3: 0, 4: 1, 6: 1, 7: 2} {
		s := Scenario()
		o, err := s.ParseOptions([]string{fmt.Sprint("nodes=", n)})
		if err != nil {
			t.Fatal(err)
		}
		for liars := range f + 2 {
			p := fault.Plan{}
			for _, id := range names(n)[:liars] {
				p = append(p, fault.Line{Verb: fault.Betray, Node: string(id), Mode: "repeat", Amount: 1_000_000})
			}
			w, err := s.World(sim.Config{Options: o, Plan: &p})
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); (len(v.Outside) > 0) != (liars > f) {
				t.Errorf("%d of %d lie: outside %q", liars, n, v.Outside)
			}
		}
	}
}
