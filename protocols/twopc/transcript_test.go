package twopc

import (
	"fmt"
	"testing"
	"time"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/disk"
)

// forced is what a play tells: also what is forced, but nothing of how it begins.
func forced(e *sim.Event) string {
	switch e.Kind {
	case sim.DiskDone:
		if op := e.Data.(*disk.Op); op.Kind == disk.SyncOp && e.At > 1_000_000 {
			return fmt.Sprintf("%s forces its log", e.Node)
		}
		return ""
	case sim.Noted, sim.Crashed, sim.Started:
		if e.At == 0 {
			return ""
		}
	}
	return trial.Told(e)
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
			play := trial.Play(t, Scenario(), time.Second, trial.Calm+c.plan, forced, append(c.settings, "clients=1", "transactions=1")...)
			trial.Golden(t, "testdata/"+c.name+".txt", play)
		})
	}
}
