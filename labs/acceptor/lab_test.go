//go:build lab || solution

package acceptor

import (
	"fmt"
	"testing"

	"simrun/simtest"
)

// Your acceptor must pass each stage, from the first to the last. The test ends at the first that it
// fails, with the story of a run that shows why.
func TestAcceptor(t *testing.T) {
	for i, stage := range Stages() {
		if !t.Run(stage.Name, func(t *testing.T) { try(t, stage) }) {
			fmt.Fprintf(t.Output(), "%d of %d stages passed. Missing next: %s.\n%s\n", i, len(Stages()), stage.Name, stage.Task)
			return
		}
	}
}

// try makes the runs of a stage. If it is not passed, those of the property that tells it best are made again, for their story.
func try(t *testing.T, stage Stage) {
	m, err := stage.Try(t.Context(), Scenario())
	if err != nil {
		t.Fatal(err)
	}
	if m.Passed {
		return
	}
	t.Errorf("%s: %s", m.Property, m.Why)
	// The seeds up to the first that fails make one story, and not one for each way to fail.
	property, runs := m.Property, int(m.Seed)+1
	if !m.Shown { // what is wrong shows in any run, if one looks twice
		property = ""
	}
	simtest.Check(t, Scenario(), simtest.Set(stage.Set...), simtest.Faults(stage.Faults), simtest.Plan(stage.Plan), simtest.Runs(runs), simtest.Property(property),
		simtest.Seeds(), simtest.Command("go run ./labs/acceptor/cmd"))
}
