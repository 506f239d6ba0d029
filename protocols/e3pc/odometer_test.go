package e3pc

import (
	"runtime/debug"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// The scope: one transaction, three participants that all agree, a coordinator that dies when it has had the
// time to commit, and one election by p1. Each message of the coordinator can be lost, and each between p1 and
// the others. The run ends before anybody else loses patience.
const lossyElection = `always law constant 500µs
always ties ordered
always sync 0s
always loss c>* 50%
always loss p1>p2 50%
always loss p1>p3 50%
always loss p2>p1 50%
always loss p3>p1 50%
2200µs crash c
`

// everyLoss runs the scope in every way in which messages can be lost, and returns how many ways there are, in
// how many of them two nodes decide differently, and how often what happened.
func everyLoss(t *testing.T, settings ...string) (runs, violated int, fired map[string]int) {
	s := Scenario()
	o, err := s.ParseOptions(append(settings, "transactions=1", "votes=yyy"))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fault.Parse(lossyElection)
	if err != nil {
		t.Fatal(err)
	}
	fired = make(map[string]int)
	var memory sim.Memory
	for driver := range chance.Every() {
		w, err := s.World(sim.Config{Driver: driver, Options: o, Plan: &plan, Only: "ac1-agreement", Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		for e := range w.Events(164400 * time.Microsecond) {
			if e.Kind == sim.Noted {
				fired[what(e.Node, e.Data)]++
			}
		}
		if w.Verdict().Outcome == sim.Violated {
			violated++
		}
		if runs++; runs > 1_000_000 {
			t.Fatal("the scope is not small: the run asks picks that it should not")
		}
	}
	return runs, violated, fired
}

// what names a fact by the rule that it shows.
func what(node sim.NodeID, fact any) string {
	switch f := fact.(type) {
	case Attempted:
		return f.State.String()
	case Decided:
		return string(node) + " " + map[bool]string{true: "commits", false: "aborts"}[f.Commit]
	}
	return ""
}

// The election of p1 in numbers, from the protocol's description alone. Its request to another site is lost, or
// the reply, or neither. A site that is undecided replies with its standing, the others with a decision; p2
// replies first. Each site that p1 hears of counts once.
//
// As its back-off is drawn from two values whenever it begins to wait, each election and each attempt can go in
// twice as many ways.
const (
	spread   = 2 * 2 // the decision reaches p2 or not, and p3 or not
	moves    = 3 * 3 // the request to move reaches a site or not, and its reply reaches p1 or not
	unheard  = 2 * 2 // of these: no reply
	attempts = 2 * (unheard + (moves-unheard)*spread)
)

// elections counts in how many ways it can go, where p2 and p3 are undecided or not.
func elections(p2, p3 bool) (n int) {
	const lost, replied = 2, 1
	switch {
	case p2: // with its standing p1 has a quorum, and attempts; with a reply from p3 later at the same instant it may learn the decision meanwhile
		n = replied * lost * attempts
		if p3 {
			n += replied * attempts
		} else {
			n += replied * 2 * moves * spread
		}
	default: // p1 learns the decision, whatever p3 says after that
		n = replied * 3 * spread
	}
	if p3 {
		n += lost * replied * attempts
	} else {
		n += lost * replied * spread
	}
	return 2 * (n + lost*lost)
}

// ways counts in how many ways the whole can go.
func ways() int {
	one := elections(true, false) + elections(false, true) + elections(false, false)
	unasked := 4   // p1 is not asked for its vote, and knows of nothing
	asked := one   // it is, and not both of the others, who abort when it asks them
	alone := 4     // all are asked, and in 4 of 8 ways PreCommit reaches one at most: the coordinator has no quorum
	committed := 4 // in the other 4 it commits
	learns := 4    // and p1 is told, and any of the others; or p1 is not, and both of the others are, or one, or none
	whole := elections(true, true)
	return unasked + asked + alone*whole + committed*(learns+one+whole)
}

// A site that moved without a fence or an attempt that ignored an older one would decide differently in some of
// these runs; a leader that asked for another number of answers, or told others, would change the count.
func TestEveryLossOfAnElection(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // small worlds, quickly forgotten
	runs, violated, fired := everyLoss(t)
	if want := ways(); runs != want || want != 7084 {
		t.Errorf("%d runs, want %d", runs, want)
	}
	if violated != 0 {
		t.Errorf("two decisions in %d of %d runs", violated, runs)
	}
	for _, rule := range []string{"pre-commit", "pre-abort", "p1 commits", "p1 aborts", "p3 aborts", "c commits"} {
		if fired[rule] == 0 {
			t.Errorf("%s: never", rule)
		}
	}
	t.Log(fired)
}

// With a quorum of one, c commits with p2 what p1 aborts with nobody: fails if the check is blind.
func TestEveryLossWithQuorumOfOne(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	runs, violated, _ := everyLoss(t, "quorum=1")
	if violated == 0 {
		t.Errorf("one decision in each of %d runs", runs)
	}
	t.Logf("two decisions in %d of %d runs", violated, runs)
}
