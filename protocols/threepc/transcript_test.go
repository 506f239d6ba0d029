package threepc

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

// transcript makes the run of a plan in which nothing else is left to chance, and prints what leaves and what is noted.
func transcript(t *testing.T, plan string, settings ...string) string {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(append([]string{"transactions=1"}, settings...))
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

// The plays of the protocol, to be read aloud. A change of the protocol or of the world changes them; -update writes
// them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name, plan string
		settings   []string
	}{
		{"commit", "", nil},
		{"abort", "", []string{"votes=yyn"}},
		{"backup", "crash c after effect 15\n", nil}, // having told p3 alone to pre-commit
		{"recovered", "crash p2 after effect 9 for 20ms\n", []string{"participants=2"}},
		{"total-failure", "crash c after effect 15\ncrash p1 after effect 12\ncrash p2 after effect 21\ncrash p3 after effect 28\n700ms restart p1\n701ms restart p2\n900ms restart p3\n", nil},
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
