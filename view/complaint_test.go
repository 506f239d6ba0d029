package view

import (
	"strings"
	"testing"

	"simrun/sim"
)

// Fails if a sentence loses what follows it, or if a stack fills the page.
func TestComplaint(t *testing.T) {
	if sentence, got := Complaint("a1 is wrong", nil, 3, "there"); sentence != "a1 is wrong" || got != "" {
		t.Errorf("a sentence is %q and %q", sentence, got)
	}
	sentence, got := Complaint("two exclude each other\n  c1#1 put x\n  c2#1 get x: none", nil, 3, "there")
	if sentence != "two exclude each other" || got != "  c1#1 put x\n  c2#1 get x: none\n" {
		t.Errorf("with details it is %q and %q", sentence, got)
	}
	sentence, got = Complaint("a1 panicked: boom\n\ngoroutine 1:\n"+strings.Repeat("f()\n\tx.go:1\n", 20), nil, 3, "there")
	if sentence != "a1 panicked: boom" || got != "    goroutine 1:\n    f()\n      x.go:1\n    (38 more lines: there)\n" {
		t.Errorf("with a stack it is %q and %q", sentence, got)
	}
}

// Fails if what is told is no inner violation, not the first, or the one that the run is judged by.
func TestInside(t *testing.T) {
	v := sim.Verdict{Violations: []sim.Violation{{Property: "outer", Seq: 3}, {Property: "deep", Inner: true, Seq: 5}, {Property: "late", Inner: true, Seq: 9}}}
	if x := Inside(v, "outer"); x == nil || x.Property != "deep" {
		t.Errorf("the first is %+v", x)
	}
	if x := Inside(v, "deep"); x != nil {
		t.Errorf("the run is judged by deep, and told is %+v", x)
	}
	if x := Inside(sim.Verdict{}, "outer"); x != nil {
		t.Errorf("nothing is violated, and told is %+v", x)
	}
}
