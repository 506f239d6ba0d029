package cli

import (
	"strings"
	"testing"

	"simrun/sim"
)

// It fails if people or programs are not told how many runs stalled beyond their budget and what budgets held back, how many runs were outside the model and which of those that fail, or are
// though there was nothing.
func TestTellBeyond(t *testing.T) {
	for _, some := range []bool{true, false} {
		var out, stderr strings.Builder
		c := into(&out, &stderr)
		h, sum := hunted()
		if some {
			sum.Excused, sum.Spared, sum.Outside = 1200, 34, 77
			sum.Failures[0].Verdict.Outside = []string{"pause: a clock stands still", "cut: no"}
		}
		c.tellHunt(h, sum, c.makeSmall(h, sum, shrinkBudget{none: true}, nil), false)
		c.printHunt(h, sum, c.makeSmall(h, sum, shrinkBudget{none: true}, nil))
		c.out.Flush()
		for _, want := range []string{
			"  beyond      1,200 of those that are ok stalled, as they may beyond their budget\n", "  held back   34 of the faults, by a budget\n",
			`"excused":1200,"outside":77,"spared":34`, "  outside     77 of the runs had faults that ",
			"  why     p1 decided A, but p2 decided B\n  outside the model: pause: a clock stands still; cut: no\n", `"outside":["pause: a clock stands still","cut: no"]`,
		} {
			if strings.Contains(out.String(), want) != some {
				t.Errorf("%q: want %v, in\n%s", want, some, out.String())
			}
		}
	}
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	m := &made{verdict: sim.Verdict{Spared: 3, Idle: []string{"10ms heal"}, Excused: []string{"end: a waits"}}}
	c.printJSON(recordOf(&sim.Scenario{Name: "paxos"}, sim.Config{}, m, ""))
	c.out.Flush()
	fields(t, out.String(), map[string]any{"spared": 3.0, "idle": []any{"10ms heal"}, "excused": []any{"end: a waits"}})
}
