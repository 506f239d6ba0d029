package multicast

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
		{"one-order", 100 * time.Millisecond, "always start p2 3ms\n"},
		{"left-half-way", 400 * time.Millisecond, "always start p1 50ms\nafter p1 Multicast#1 +3.3ms crash p1 for good\n"},
	} {
		trial.Golden(t, "testdata/"+c.name+".txt", trial.Play(t, Scenario(), c.lasts, trial.Calm+c.plan, trial.Told, "processes=2", "messages=1"))
	}
}
