package twopc

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

var rewrite = flag.Bool("update", false, "write the golden transcripts anew")

// transcript makes the run of a plan in which nothing else is left to chance, and prints what leaves, what is forced and
// what is noted.
func transcript(t *testing.T, plan string, settings ...string) string {
	t.Helper()
	s := Scenario()
	o, err := s.ParseOptions(append(settings, "clients=1", "transactions=1"))
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
		case sim.DiskDone:
			if op := e.Data.(*disk.Op); op.Kind == disk.SyncOp && e.At > 1_000_000 {
				fmt.Fprintf(&b, "%9v %s forces its log\n", e.At, e.Node)
			}
		case sim.Noted, sim.Crashed, sim.Started:
			if e.At > 0 {
				fmt.Fprintf(&b, "%9v %s %v: %v\n", e.At, e.Node, e.Kind, e.Data)
			}
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
		{"basic", "", []string{"variant=basic", "participants=2", "no=0"}},
		{"presumed-abort", "", []string{"participants=2", "votes=yn"}},
		{"presumed-commit", "", []string{"variant=presumed-commit", "participants=2", "no=0"}},
		{"cooperative", "crash c after effect 15 for good", []string{"participants=2", "no=0"}},
		{"recovery", "4.5ms crash c for good", []string{"recovery=true", "cooperative=false", "participants=2", "no=0"}},
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
