package paxos

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

// transcript makes the run of a plan in which nothing else is left to
// chance, and prints what leaves and what is noted.
func transcript(t *testing.T, plan string, settings ...string) string {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(settings)
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
	for e := range w.Events(time.Second) {
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

// The plays of the protocol, to be read aloud. A change of the protocol or of the world changes them;
// -update writes them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name, plan string
		settings   []string
	}{
		{"alone", "", []string{"proposers=1"}},
		{"adopted", "", []string{"stagger=3ms", "learners=0"}},
		{"preempted", "delay p1>a2 Accept#1 3ms\ndelay p1>a3 Accept#1 3ms\n", []string{"stagger=3ms", "learners=0"}},
		{"recovered", "3ms crash a1\n4ms restart a1\nlose p1>a3 Accept#1\n", []string{"stagger=8ms", "learners=0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, file := transcript(t, c.plan, c.settings...), "testdata/"+c.name+".txt"
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
		})
	}
}
