package independent

import (
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/seedfile"
)

// Bugs of the zoo are found by the properties that are about them, and the right processes are not blamed in the same runs. Fails if a property has become blind, or
// a bug harmless.
func TestBugs(t *testing.T) {
	trial.Bugs(t, seedfile.Bug(), Scenario(), []trial.Bug{
		{Name: "independent/one-round-of-dominoes", Property: "no-orphan", Within: 100},
		{Name: "independent/one-round-of-dominoes", Property: "nothing-lost", Within: 400},
		{Name: "independent/logs-when-there-is-time", Set: "logging=pessimistic", Property: "backed", Within: 10},
		{Name: "independent/logs-when-there-is-time", Set: "logging=pessimistic", Property: "no-orphan", Within: 400},
		{Name: "independent/handles-then-checkpoints", Set: "checkpoints=coordinated", Property: "no-orphan", Within: 100},
		{Name: "independent/handles-then-checkpoints", Set: "checkpoints=coordinated", Property: "nothing-lost", Within: 400},
		{Name: "independent/given-up-leaves-no-trace", Set: "resend=false nodes=3", Property: "no-orphan", Within: 100},
		{Name: "independent/given-up-leaves-no-trace", Set: "resend=false nodes=3", Property: "nothing-lost", Within: 400},
		{Name: "independent/rollback-unrecorded", Property: "nothing-lost", Within: 400},
	})
}
