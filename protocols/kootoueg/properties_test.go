package kootoueg

import (
	"testing"
	"time"

	"simrun/sim"
)

// Fails if a run that ends while messages carry money is judged by what the processes have: it has not gone wrong, it has not ended.
func TestEndWaitsForMessages(t *testing.T) {
	s, stalled := Scenario(), 0
	for length := time.Millisecond; length < 60*time.Millisecond; length += time.Millisecond {
		w, err := s.World(sim.Config{Faults: "none", For: length})
		if err != nil {
			t.Fatal(err)
		}
		switch v := w.Run(0); v.Outcome {
		case sim.Violated:
			t.Errorf("cut short after %v: %s", length, v.Why)
		case sim.Stalled:
			stalled++
		}
	}
	if stalled == 0 {
		t.Error("no run was cut short: the test shows nothing")
	}
}
