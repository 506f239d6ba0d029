package e3pc

import (
	"testing"
	"time"

	"simrun/protocols/internal/trial"
)

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
			trial.Golden(t, "testdata/"+c.name+".txt", trial.Play(t, Scenario(), time.Second, trial.Calm+c.plan, trial.Told, append(c.settings, "transactions=1")...))
		})
	}
}
