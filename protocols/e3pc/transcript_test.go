package e3pc

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

// transcript makes the run of a plan in which nothing else is left to chance, and prints what leaves and what
// is noted.
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

// The plays of the protocol, to be read aloud. A change of the protocol or of the world changes them; -update
// writes them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name, plan string
		settings   []string
	}{
		{"committed", "", []string{"votes=yyy"}},
		{"one-no", "", []string{"votes=yny"}},
		{"pre-aborted", "2ms crash c\n200ms restart c\n", []string{"votes=yyy"}},
		{"re-committed", "lose c>p2 PreCommit#1\nlose c>p3 PreCommit#1\n3ms crash c\n200ms restart c\n", []string{"votes=yyy"}},
		{"told", "3ms cut p3 | c,p1,p2\n150ms heal\n", []string{"votes=yyy"}},
		{"alone", "", []string{"participants=1"}},
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
