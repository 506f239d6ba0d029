package checkers_test

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// run makes one run of a toy under a profile.
func (y toy) run(t *testing.T, seed uint64, faults string) sim.Verdict {
	t.Helper()
	w, err := y.scenario().World(sim.Config{Seed: seed, Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// planned makes one run of a toy under a plan.
func (y toy) planned(t *testing.T, plan string) sim.Verdict {
	t.Helper()
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := y.scenario().World(sim.Config{Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// hunt makes runs until one is not ok.
func (y toy) hunt(t *testing.T, seeds uint64, faults string) (v sim.Verdict, checks map[string]uint64, seed uint64) {
	t.Helper()
	checks = map[string]uint64{}
	for seed = range seeds {
		v = y.run(t, seed, faults)
		for _, c := range v.Checks {
			checks[c.Property] += c.Checks
		}
		if v.Outcome != sim.OK {
			break
		}
	}
	return v, checks, seed
}

// Fails if a right protocol is accused under any faults, or if a judge has nothing to say.
func TestRightCommitmentUnderFaults(t *testing.T) {
	y := toy{votes: "yyy", random: true, deals: 5}
	v, checks, seed := y.hunt(t, 300, "swarm")
	if v.Outcome != sim.OK {
		t.Fatalf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
	}
	if v, calm, seed := y.hunt(t, 20, "none"); v.Outcome != sim.OK || calm["ac4-nontriviality"] == 0 {
		t.Errorf("seed %d, no faults: %v %s: %s; %v", seed, v.Outcome, v.Property, v.Why, calm)
	}
	t.Log(checks)
	for _, name := range []string{"ac1-agreement", "ac2-stability", "ac3-validity", "ac5-termination"} {
		if checks[name] < 200 {
			t.Errorf("%s: %d checks in 300 runs", name, checks[name])
		}
	}
}

// Fails if a participant that guesses is not found out.
func TestGuessIsCaught(t *testing.T) {
	v, _, seed := toy{votes: "yyy", random: true, deals: 5, mistake: "guesses"}.hunt(t, 2000, "swarm")
	if v.Property != "ac1-agreement" || v.Outcome != sim.Violated {
		t.Fatalf("got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
	t.Logf("seed %d: %s", seed, v.Why)
}

// Fails if a coordinator that aborts what all want is not found out where nothing fails, or is where
// something did: then nobody knows why it aborts.
func TestStubbornnessIsCaught(t *testing.T) {
	y := toy{votes: "yy", deals: 1, mistake: "stubborn"}
	v := y.run(t, 1, "none")
	if want := "c aborted T1 at "; v.Property != "ac4-nontriviality" || v.Outcome != sim.Violated || !strings.HasPrefix(v.Why, want) ||
		!strings.HasSuffix(v.Why, ", but all had voted yes, no lock was refused and nothing had failed") {
		t.Errorf("got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
	if v := y.planned(t, "crash p1 after effect 1 for 5ms"); v.Outcome != sim.OK {
		t.Errorf("disturbed: got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
	y.mistake = "has an excuse" // a lock
	if v := y.run(t, 1, "none"); v.Outcome != sim.OK || checksOf(v, "ac4-nontriviality") != 0 {
		t.Errorf("refused for a lock: got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
}

// Fails if participants that are never told do not stall the run, or the reason does not say who waits for
// whom; if one that voted no counts among them; or if a coordinator that mends itself is still blamed.
func TestStallIsExplained(t *testing.T) {
	v := toy{votes: "yyn", deals: 1, mistake: "mute"}.run(t, 1, "none")
	if want := "p1 and p2 are prepared in T1 and wait for c, which is up and says nothing"; v.Outcome != sim.Stalled || v.Property != "ac5-termination" || v.Why != want {
		t.Errorf("got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
	v = toy{votes: "yy", deals: 1, mistake: "dithers"}.run(t, 1, "none")
	if v.Outcome != sim.Stalled || v.Property != "ac5-termination" || checksOf(v, "ac4-nontriviality") != 0 {
		t.Errorf("nobody decides: got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
	y := toy{votes: "yy", deals: 1}
	const votes = "crash c after effect 10" // in the middle of what follows the votes
	v = y.planned(t, votes+" for good")
	if v.Outcome != sim.Stalled || !strings.HasPrefix(v.Why, "p1 and p2 are prepared in T1 and wait for c, which crashed at ") {
		t.Errorf("for good: got %v: %s", v.Outcome, v.Why)
	}
	if v = y.planned(t, votes+" for 1s"); v.Outcome != sim.OK {
		t.Errorf("for a second: got %v: %s", v.Outcome, v.Why)
	}
}

// Fails if a run goes on when all is decided and told, or ends before, or while a node is down that comes
// back: it has to find its decision in its log.
func TestDecisionEndsTheRun(t *testing.T) {
	y := toy{votes: "yy", deals: 3}
	if v := y.run(t, 1, "none"); v.Outcome != sim.OK || v.Virtual > 100*time.Millisecond || v.Virtual < 9*time.Millisecond {
		t.Errorf("got %v after %v: want it to end when three deals are done", v.Outcome, v.Virtual)
	}
	late := y.planned(t, "6ms crash p1\n2006ms restart p1")
	if late.Outcome != sim.OK || late.Virtual < 2006*time.Millisecond || late.Virtual > 2500*time.Millisecond {
		t.Errorf("got %v after %v, want it to end soon after p1 is back at 2.006s", late.Outcome, late.Virtual)
	}
}

// Fails if a decision that a node does not find again after a restart counts as made.
func TestDecisionOfAnEarlierLifeDoesNotCount(t *testing.T) {
	const plan = "crash p1 after effect 20 for 100ms"
	y := toy{votes: "yy", deals: 3}
	if v := y.planned(t, plan); v.Outcome != sim.OK {
		t.Errorf("a right one: got %v: %s", v.Outcome, v.Why)
	}
	y.mistake = "does not look"
	if v := y.planned(t, plan); v.Outcome != sim.Stalled || v.Why != "p1 has not decided T1; p1 has not decided T2" {
		t.Errorf("got %v %s: %s", v.Outcome, v.Property, v.Why)
	}
}

// Fails if one that voted no is bound to decide though nothing says so, or is not where something does.
func TestJoinedMustDecide(t *testing.T) {
	y := toy{votes: "yn", deals: 9, mistake: "says no and no more"}
	if v := y.run(t, 1, "none"); v.Outcome != sim.OK || checksOf(v, "ac5-termination") != 9 {
		t.Errorf("got %v: %s, %d checks", v.Outcome, v.Why, checksOf(v, "ac5-termination"))
	}
	y.joined = true
	want := "p2 has not decided T1; p2 has not decided T2; p2 has not decided T3; p2 has not decided T4; p2 has not decided T5; and 4 more"
	if v := y.run(t, 1, "none"); v.Outcome != sim.Stalled || v.Why != want {
		t.Errorf("got %v: %s", v.Outcome, v.Why)
	}
}

// Fails if a node that is not healed, or down, is asked for more than it can do; or if a run of which nobody
// counts the ends is cut short.
func TestDecisionAsksTheHealed(t *testing.T) {
	y := toy{votes: "yy", deals: 1}
	if v := y.planned(t, "crash p1 after effect 9 for good"); v.Outcome != sim.OK || checksOf(v, "ac5-termination") != 1 {
		t.Errorf("got %v: %s, %d checks", v.Outcome, v.Why, checksOf(v, "ac5-termination"))
	}
	y.endless = true
	if v := y.run(t, 1, "none"); v.Outcome != sim.OK || v.Virtual != 8*time.Second {
		t.Errorf("got %v after %v", v.Outcome, v.Virtual)
	}
}
