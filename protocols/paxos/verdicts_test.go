package paxos

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/fault"
)

// rough is a plan of faults: written down, so that no profile decides what happens.
const rough = `always law newest-first
always loss 10%
always repeat 5%
always unsynced lose
4ms crash a1 for 6ms
12ms crash p1 for 20ms
20ms crash a2 for 10ms
40ms crash a1 for 10ms
70ms crash a3 for 5ms
`

// told are runs whose whole verdict is kept: right ones of every size, and of each mistake one that shows it.
var told = []struct {
	seed     uint64
	settings string
}{
	{1, ""}, {7, ""}, {42, ""}, {3, "acceptors=5 proposers=3 learners=2"}, {4, "acceptors=4 proposers=5 learners=0"},
	{6, "stagger=10ms"}, {8, "ballots=2"}, {2, "acceptors=9 proposers=2 learners=5"},
	{1, "durable=false"}, {1, "acceptors=4 quorum=2"}, {1, "mistake=deaf"}, {17, "mistake=same-ballots"},
	{6, "mistake=forgets-promises"}, {13, "mistake=adds-ballots-up"}, {1, "quorum=4"},
	{2, "acceptors=7 proposers=5 mistake=no-back-off"},
}

// A seed means the same for ever: how long anybody waits, in what order they speak and what a judge says of it is in the hashes and in the text. It fails
// if any of that has changed, whether for the better or not; then a change of what seeds mean must be wanted (-update writes the file anew).
func TestVerdicts(t *testing.T) {
	s := Scenario()
	plan, err := fault.Parse(rough)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, c := range told {
		o, err := s.ParseOptions(strings.Fields(c.settings))
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Seed: c.seed, Options: o, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		fmt.Fprintf(&b, "seed %d %s\n  %v %s, %d events, hash %016x, reached %v\n", c.seed, c.settings, v.Outcome, v.Property, v.Events, v.Hash, v.Sometimes)
		for _, x := range v.Checks {
			why := x.Why
			if x.Outcome == sim.Stalled {
				why = "" // who waits for whom is told elsewhere
			}
			fmt.Fprintf(&b, "  %s inner=%v %v %d %s\n", x.Property, x.Inner, x.Outcome, x.Checks, why)
		}
	}
	const file = "testdata/verdicts.txt"
	if *trial.Update {
		if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, old := strings.Split(b.String(), "\n"), strings.Split(string(want), "\n")
	for i := range max(len(got), len(old)) {
		if i >= len(got) || i >= len(old) || got[i] != old[i] {
			t.Fatalf("%s:%d reads otherwise:\n%s", file, i+1, strings.Join(got[min(i, len(got)-1):min(i+3, len(got))], "\n"))
		}
	}
}

// The numbers that can be set, and the names: each bound is taken, and what is beyond it refused.
func TestOptionsHaveBounds(t *testing.T) {
	s := Scenario()
	for _, c := range []struct {
		name           string
		least, most, d int
	}{
		{"acceptors", 1, 9, 3}, {"proposers", 1, 5, 2}, {"learners", 0, 5, 1}, {"quorum", 0, 9, 0}, {"ballots", 0, 1000, 0},
	} {
		o, err := s.ParseOptions(nil)
		if err != nil || o.Int(c.name) != c.d {
			t.Errorf("%s is %d by default, want %d; %v", c.name, o.Int(c.name), c.d, err)
		}
		for n, good := range map[int]bool{c.least - 1: false, c.least: true, c.most: true, c.most + 1: false} {
			if _, err := s.ParseOptions([]string{fmt.Sprintf("%s=%d", c.name, n)}); (err == nil) != good {
				t.Errorf("%s=%d: %v", c.name, n, err)
			}
		}
	}
	if o, _ := s.ParseOptions(nil); !o.Bool("durable") || o.Duration("stagger") != 0 || o.Text("mistake") != "none" {
		t.Error("by default something is wrong on purpose")
	}
	if s.Run != 5*time.Second || s.Settle != 1500*time.Millisecond {
		t.Errorf("a run takes %v and settles in %v", s.Run, s.Settle)
	}
}

// Proposers that are staggered start in turn, from the first instant on, however small the steps are. Fails if one starts at another time, or if nobody who is not there makes a group.
func TestStagger(t *testing.T) {
	plan, err := fault.Parse("always law constant 1ms\nalways sync 0s\n")
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []time.Duration{1, time.Millisecond} {
		s := Scenario()
		o, err := s.ParseOptions([]string{"proposers=3", "learners=0", fmt.Sprintf("stagger=%v", step)})
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Seed: 3, Plan: &plan, Options: o})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(w.Groups()); n != 2 {
			t.Errorf("without learners there are %d groups", n)
		}
		begun := make(map[sim.NodeID]time.Duration)
		for e := range w.Events(0) {
			if _, ok := e.Data.(Prepare); ok && e.Kind == sim.Sent {
				if _, again := begun[e.Node]; !again {
					begun[e.Node] = time.Duration(e.At)
				}
			}
		}
		if begun["p1"] != 0 || begun["p2"] != step || begun["p3"] != 2*step || len(begun) != 3 {
			t.Errorf("in steps of %v they begin at %v", step, begun)
		}
	}
}

// A quorum is as many as is said, and a majority if nothing is: fails if one is taken for nothing.
func TestQuorum(t *testing.T) {
	for settings, want := range map[string]int{"quorum=0": 3, "quorum=1": 1, "quorum=2": 2, "quorum=9": 9} {
		o, err := Scenario().ParseOptions([]string{"acceptors=5", settings})
		if err != nil {
			t.Fatal(err)
		}
		if got := quorum(o); got != want {
			t.Errorf("%s of 5 acceptors makes a quorum of %d, want %d", settings, got, want)
		}
	}
}

// Who may break for good: fewer than half of the acceptors, and all but one of the others.
func TestSpare(t *testing.T) {
	for _, c := range []struct {
		settings string
		most     []string // these may all stay broken
		beyond   string   // and not this one too
	}{
		{"acceptors=4", []string{"a1"}, "a2"}, {"acceptors=5", []string{"a1", "a2"}, "a3"},
		{"proposers=3", []string{"p1", "p2"}, "p3"}, {"learners=2", []string{"l1"}, "l2"}, {"learners=1", nil, "l1"},
	} {
		s := Scenario()
		o, err := s.ParseOptions([]string{c.settings})
		if err != nil {
			t.Fatal(err)
		}
		outside := func(nodes []string) bool {
			var plan strings.Builder
			for _, id := range nodes {
				fmt.Fprintf(&plan, "10ms crash %s for good\n", id)
			}
			return len(verdictOf(t, s, o, plan.String()).Outside) > 0
		}
		if outside(c.most) || !outside(append(c.most, c.beyond)) {
			t.Errorf("%s: %v may break: %v; and %s too: %v", c.settings, c.most, !outside(c.most), c.beyond, !outside(append(c.most, c.beyond)))
		}
	}
}
