package main

import (
	"os"
	"strings"
	"testing"

	"simrun/sim/fault"
)

// What docs/faults.md shows of mistakes is what people are told. Fails if a message was changed and the page was not.
func TestShownMistakes(t *testing.T) {
	page, err := os.ReadFile("../../docs/faults.md")
	if err != nil {
		t.Fatal(err)
	}
	_, profile := fault.FindProfile("swarm:los=5%")
	_, line := fault.Parse("300ms cut a1 | a2 one-weigh")
	for what, err := range map[string]error{"swarm:los=5%": profile, "300ms cut a1 | a2 one-weigh": line} {
		if err == nil || !strings.Contains(string(page), what) || !strings.Contains(string(page), err.Error()+"\n") {
			t.Errorf("docs/faults.md does not show for %s: %v", what, err)
		}
	}
}
