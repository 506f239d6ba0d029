package simtest

import (
	"testing"

	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// forgetful is the run in which an acceptor answers, crashes and forgets.
func forgetful(t *testing.T) (*check, *run) {
	t.Helper()
	s := paxos.Scenario()
	options, err := s.ParseOptions([]string{"acceptors=1", "durable=false", "learners=0"})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fault.Parse("always unsynced lose\ncrash a1 after effect 7 for 1ms\n")
	if err != nil {
		t.Fatal(err)
	}
	c := &check{t: t, scenario: s}
	r, err := c.make(sim.Config{Options: options, Plan: &plan, Driver: chance.NewOverrides(nil, nil)})
	if err != nil || r.verdict.Outcome != sim.Violated {
		t.Fatalf("%v: %v", err, r.verdict.Outcome)
	}
	return c, &r
}

// Fails if the page of a failing run does not say what the run needs, or has no twin beside it.
func TestPageHasATwin(t *testing.T) {
	c, r := forgetful(t)
	page, err := c.page(t, r)
	if err != nil {
		t.Fatal(err)
	}
	if page.Twin == nil || page.Differs == "" || page.Replay == "" {
		t.Errorf("the page has no twin, or does not say what differs: %q, replay %q", page.Differs, page.Replay)
	}
	needs := map[string]bool{}
	for _, w := range page.Without {
		needs[w.What] = w.Needs
	}
	if !needs["without crash a1 after effect 7 for 1ms"] || !needs["without always unsynced lose"] || len(needs) < 3 {
		t.Errorf("what it needs is %v", needs)
	}
	trace, err := c.record(t, r)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := c.record(t, r); again != trace {
		t.Error("a run that was recorded is recorded again")
	}
}

// Fails if a name for a file is none that go test takes, or two properties have one.
func TestTestFile(t *testing.T) {
	for name, want := range map[string]string{"once each": "paxos_kv_once_each_fails_test.go", "ac1-Agreement/x": "paxos_kv_ac1_agreement_x_fails_test.go"} {
		if got := testFile("paxos-kv", name); got != want {
			t.Errorf("the file for %q is %s, want %s", name, got, want)
		}
	}
}

// Fails if a pattern for one test runs another.
func TestAnchored(t *testing.T) {
	if got := anchored("TestX/a.b"); got != `^TestX$/^a\.b$` {
		t.Errorf("it is %s", got)
	}
}
