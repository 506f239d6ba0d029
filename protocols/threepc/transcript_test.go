package threepc

import (
	"testing"
	"time"

	"simrun/protocols/internal/trial"
)

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
			trial.Golden(t, "testdata/"+c.name+".txt", trial.Play(t, Scenario(), time.Second, trial.Calm+c.plan, trial.Told, append(c.settings, "transactions=1")...))
		})
	}
}
