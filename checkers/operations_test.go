package checkers

import (
	"fmt"
	"slices"
	"testing"

	"simrun/sim"
)

// Fails if an operation is left out of the account of a history, or told with another outcome or at other events than it had.
func TestOperations(t *testing.T) {
	s := history().put("c1", 1, "a").get("c2", 1, "a")
	s.call("c1", 2, put("b")).ends("c1", 2, Unknown).call("c2", 2, put("c")).ends("c2", 2, Failed).call("c3", 1, put("d"))
	var got []string
	s.p.(*linearizable).Operations(func(client sim.NodeID, call, ret uint64, text string, done bool) {
		got = append(got, fmt.Sprintf("%s %d-%d %s %v", client, call, ret, text, done))
	})
	want := []string{
		`c1 1-3 c1#1 put "a" true`, `c2 4-6 c2#1 get -> "a" true`, `c1 7-8 c1#2 put "b" (unknown) false`,
		`c2 9-10 c2#2 put "c" (failed) false`, `c3 11-0 c3#1 put "d" (never returned) false`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
}
