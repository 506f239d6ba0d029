package main

import (
	"strings"
	"testing"
)

// What is promised of multipaxos stands in the table: checked runs with five servers, seconds of virtual time, and both ways to judge. Fails if a row is missing, or judges are asked about nothing.
func TestBenchRows(t *testing.T) {
	if testing.Short() {
		t.Skip("measures")
	}
	out, lines := printed(t, 0, "bench", "--quick", "multipaxos", "broadcast")
	for _, want := range []string{"\nmultipaxos/core ", "\nmultipaxos/growing ", " of porcupine\n", "\nmultipaxos/porcupine ", "\n  with servers=5 clients=5 ops=200\n", " seconds of virtual time\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	if !strings.Contains(out, " 200.0 operations,") || strings.Contains(out, "broadcast/growing") {
		t.Errorf("%v\n%s", lines, out)
	}
}
