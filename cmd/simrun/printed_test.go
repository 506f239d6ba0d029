package main

import (
	"testing"

	"simrun/steps"
)

// What fails can be printed as a Go test. Fails if a scenario of this command does not say how a test makes it.
func TestScenariosCanBePrinted(t *testing.T) {
	for _, s := range scenarios() {
		if _, err := steps.Expression(s); err != nil {
			t.Error(err)
		}
	}
}
