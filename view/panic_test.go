package view_test

import (
	"bytes"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// A list of events has one line for a panic: its value. It fails if the stack comes along, which names paths of the machine.
func TestEventLineOfAPanicHasNoStack(t *testing.T) {
	e := sim.Event{Seq: 2, Cause: 1, Kind: sim.Panicked, Node: "c", Data: "index out of range\n\nmain.f\n\t/home/x/f.go:3\n"}
	if got := view.EventLine(&e); !strings.HasSuffix(got, "c  index out of range  <- 1") {
		t.Errorf("got %q", got)
	}
}

// What is violated was judged, even if nobody counted, and one line is no lines.
func TestReportOfAPanic(t *testing.T) {
	var b bytes.Buffer
	r := view.Run{Scenario: "x", Config: sim.Config{Plan: &fault.Plan{{Verb: fault.Crash, Node: "c"}}}, Verdict: sim.Verdict{
		Outcome: sim.Violated, Property: "panic", Why: "c panicked",
		Checks: []sim.Check{{Property: "panic", Outcome: sim.Violated}, {Property: "once"}},
	}}
	if err := view.Report(&b, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"1 line, given\n", " violated\n", " ok        never judged\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in\n%s", want, b.String())
		}
	}
}
