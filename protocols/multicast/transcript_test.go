package multicast

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

var rewrite = flag.Bool("update", false, "write the golden transcripts anew")

// play makes the run of a plan in which nothing else is left to chance, and prints what leaves and what is noted.
func play(t *testing.T, lasts time.Duration, plan string) string {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions([]string{"processes=2", "messages=1"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse("always law constant 1ms\nalways ties ordered\nalways sync 100µs\n" + plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for e := range w.Events(lasts) {
		switch e.Kind {
		case sim.Sent:
			fmt.Fprintf(&b, "%9v %s>%s %v\n", e.At, e.Node, e.Peer, e.Data)
		case sim.Dropped:
			fmt.Fprintf(&b, "%9v %s>%s %v: %s\n", e.At, e.Peer, e.Node, e.Data, e.Reason)
		case sim.Noted, sim.Crashed, sim.Started:
			fmt.Fprintf(&b, "%9v %s %v: %v\n", e.At, e.Node, e.Kind, e.Data)
		}
	}
	if v := w.Verdict(); v.Outcome == sim.Violated {
		t.Errorf("%s: %s", v.Property, v.Why)
	}
	w.Close()
	return b.String()
}

// The plays of the protocol, to be read aloud. -update writes them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name  string
		lasts time.Duration
		plan  string
	}{
		{"one-order", 100 * time.Millisecond, "always start p2 3ms\n"},
		{"left-half-way", 400 * time.Millisecond, "always start p1 50ms\nafter p1 Multicast#1 +3.3ms crash p1 for good\n"},
	} {
		got, file := play(t, c.lasts, c.plan), "testdata/"+c.name+".txt"
		if *rewrite {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("the transcript differs from %s:\n%s", file, got)
		}
	}
}
