package leaks_test

import (
	"testing"

	"example.com/leaks"
	"simrun/simtest"
)

// Each of these but orderly fails, and says by whose fault.
func TestLeaks(t *testing.T) {
	for _, l := range leaks.All() {
		t.Run(l.Scenario.Name, func(t *testing.T) {
			simtest.Check(t, l.Scenario, simtest.Runs(20), simtest.Command("go run ./cmd/leaky"))
		})
	}
}
