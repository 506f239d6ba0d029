package view

import (
	"strings"
	"testing"

	"simrun/sim"
)

// It fails if a page is silent about what a budget held back, what a plan asked for and never was, or a stall that is no failure;
// or speaks of them where there are none.
func TestReportOfExceptions(t *testing.T) {
	r := failed()
	for _, word := range []string{"held back", "idle", "excused"} {
		if got := reported(t, r); strings.Contains(got, word) {
			t.Errorf("%q where nothing was:\n%s", word, got)
		}
	}
	r.Verdict.Outcome = sim.OK
	r.Verdict.Spared, r.Verdict.Idle = 12, []string{"after Chosen#9 crash a1", "10ms restart a2"}
	r.Verdict.Excused = []string{"termination: p1 waits for a1"}
	got := reported(t, r)
	for _, want := range []string{
		"  held back   12 of the faults, by the budget\n",
		"  idle        \"after Chosen#9 crash a1\" never did anything\n  idle        \"10ms restart a2\" never did anything\n",
		"  excused     stalled, as it may beyond its budget: termination: p1 waits for a1\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}
