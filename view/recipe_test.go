package view

import (
	"strings"
	"testing"

	"simrun/seedfile"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// Fails if something that makes the run is left out without a word, or if there are more lines than there is room for.
func TestRecipe(t *testing.T) {
	plan, err := fault.Parse("always unsynced lose\n1ms crash a1\n2ms restart a1\n")
	if err != nil {
		t.Fatal(err)
	}
	f := seedfile.File{Set: []string{"acceptors=1", "durable=false"}, For: 5e6, Plan: &plan, Tape: []chance.Decision{{Key: "lose a1>a2 Accept#3", Outcome: 1}}}
	whole := `  set       acceptors=1 durable=false
  for       5ms
  plan      always unsynced lose
            1ms crash a1
            2ms restart a1
  picks     lose a1>a2 Accept#3 = 1
`
	if got := Recipe(f, 10, nil); got != whole {
		t.Errorf("it is\n%swant\n%s", got, whole)
	}
	short := Recipe(f, 2, nil)
	if !strings.Contains(short, "  plan      always unsynced lose\n            (2 more)\n  picks     lose a1") {
		t.Errorf("in two lines it is\n%s", short)
	}
	note := func(line string) string {
		return map[string]string{"1ms crash a1": "without it: ok", "2ms restart a1": "without it: " + strings.Repeat("so ", 20), "lose a1>a2 Accept#3 = 1": "without it: still fails"}[line]
	}
	said := Recipe(f, 10, note)
	if !strings.Contains(said, "\n            1ms crash a1 — without it: ok\n") || !strings.Contains(said, "#3 = 1 — without it: still fails\n") || !strings.Contains(said, "restart a1\n              without it: so so") || strings.Count(said, "without") != 3 {
		t.Errorf("with notes it is\n%s", said)
	}
	if got := Recipe(seedfile.File{Plan: new(fault.Plan)}, 10, nil); got != "  plan      none\n" {
		t.Errorf("a run without faults is %q", got)
	}
}
