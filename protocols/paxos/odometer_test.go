package paxos

import (
	"runtime/debug"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// everyLoss runs two proposers, one ballot each and one after the other, against three acceptors, in
// every way in which messages can be lost, and returns how many ways there are and in how many of them
// two values were chosen.
func everyLoss(t *testing.T, quorum string) (runs, violated int) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"acceptors=3", "proposers=2", "learners=0", "ballots=1", "stagger=100ms", "quorum=" + quorum})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fault.Parse("always law constant 1ms\nalways loss 50%\nalways ties ordered\nalways sync 0s\n")
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	for driver := range chance.Every() {
		w, err := s.World(sim.Config{Driver: driver, Options: o, Plan: &plan, Only: "agreement", Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		if v := w.Run(time.Second); v.Outcome == sim.Violated {
			violated++
		}
		if runs++; runs > 1_000_000 {
			t.Fatal("the scope is not small: the run asks picks that it should not")
		}
	}
	return runs, violated
}

// ways counts in how many ways one ballot can go. In phase 1 the request to an acceptor is lost, or its
// reply, or neither: with k replies of three there are C(3,k) times 2^(3-k) ways. If k is a quorum phase
// 2 follows, with three ways for each acceptor.
func ways(quorum int) (n int) {
	choose := [4]int{1, 3, 3, 1}
	for k, c := range choose {
		w := c << (3 - k)
		if k >= quorum {
			w *= 3 * 3 * 3
		}
		n += w
	}
	return n
}

// An acceptor that ignored promises, or a proposer that ignored reported values, would choose two values
// in some of these runs; one that asked for another number of answers would change the count.
func TestEveryLossOfTwoBallots(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // small worlds, quickly forgotten
	runs, violated := everyLoss(t, "0")
	if want := ways(2) * ways(2); runs != want || want != 43681 {
		t.Errorf("%d runs, want %d", runs, want)
	}
	if violated != 0 {
		t.Errorf("two values chosen in %d of %d runs", violated, runs)
	}
}

// With a quorum of one there is no acceptor that two quorums must share.
func TestEveryLossWithQuorumOfOne(t *testing.T) {
	if testing.Short() {
		t.Skip("271,441 runs")
	}
	defer debug.SetGCPercent(debug.SetGCPercent(800))
	runs, violated := everyLoss(t, "1")
	if want := ways(1) * ways(1); runs != want || want != 271441 {
		t.Errorf("%d runs, want %d", runs, want)
	}
	if violated == 0 {
		t.Error("a quorum of one chose a single value in every run: the check is blind")
	}
	t.Logf("two values chosen in %d of %d runs", violated, runs)
}
