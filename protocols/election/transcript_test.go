package election

import (
	"testing"
	"time"

	"simrun/protocols/internal/trial"
)

// The plays of the protocol, to be read aloud. -update writes them anew, for review.
func TestTranscripts(t *testing.T) {
	for _, c := range []struct {
		name  string
		lasts time.Duration
		plan  string
	}{
		{"two-terms", 230 * time.Millisecond, "always start c2 3ms\n"},
		{"leader-dies", 230 * time.Millisecond, "always start c2 3ms\n20ms crash c1 for 30ms\n"},
	} {
		trial.Golden(t, "testdata/"+c.name+".txt", trial.Play(t, Scenario(), c.lasts, trial.Calm+c.plan, trial.Told, "candidates=2"))
	}
}
