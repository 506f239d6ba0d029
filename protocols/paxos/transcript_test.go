package paxos

import (
	"testing"
	"time"

	"simrun/protocols/internal/trial"
)

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
			trial.Golden(t, "testdata/"+c.name+".txt", trial.Play(t, Scenario(), time.Second, trial.Calm+c.plan, trial.Told, c.settings...))
		})
	}
}
