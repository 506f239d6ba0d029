package checkers

import (
	"testing"

	"simrun/sim"
)

// Fails if what is right is accused: a receipt whose sending is there, one that was undone with it, one sent again
// after both were undone, a message replayed from a log, one dropped as too old; or a system in the middle of a
// rollback.
func TestNoOrphansHolds(t *testing.T) {
	r := shoot(NoOrphans(rollbacks()), "a+ b+ ab1 b1 a[1 b[1 ab2 b2 a+ a<1 b<1 c|")
	r.holds(t, 2) // coin 1, at the end of the rollback and at the end
	if !inner(r.p) {
		t.Error("nobody sees an orphan")
	}
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 b1 b+ b<1 b!1 c|").holds(t, 2)
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 a+ a<1 b<1 b1 b_ c|").holds(t, 0)
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 b1 a+ a<1 b<1 c| ab1 b1").holds(t, 1)
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 b1 a+ a<1").holds(t, 0) // b has not gone back yet
	shoot(NoOrphans(rollbacks()), "a+ b+ ab1 b1 a+ a<0 b<0 c|").holds(t, 0)
}

// Fails if an orphan passes: because one side did not go back, because an old message is accepted afterwards, because a
// message is received twice; or if a life that does not say where it went back to has a state.
func TestNoOrphansViolated(t *testing.T) {
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 b1 a+ a<1 c|").
		violates(t, "coin 1 is an orphan: coin 1 from a to b, received at 6ms, is part of the state of b, and its sending at 5ms is undone")
	shoot(NoOrphans(rollbacks()), "a+ b+ a[1 b[1 ab1 a+ a<1 b<1 c| b1 bm").
		violates(t, "coin 1 is an orphan: coin 1 from a to b, received at 10ms, is part of the state of b, and its sending at 5ms is undone")
	shoot(NoOrphans(rollbacks()), "a+ b+ ab1 b1 b[1 b+ b<1 b!1 c|").
		violates(t, "b received coin 1 from a 2 times, the last at 8ms, and a has sent it once")
	shoot(NoOrphans(rollbacks()), "a+ b+ ab1 b1 bm a+ c|").
		violates(t, "coin 1 is an orphan: coin 1 from a to b, received at 4ms, is part of the state of b, and its sending at 3ms is undone")
	shoot(NoOrphans(rollbacks()), "a+ b+ b!7").violates(t, "b received message 7 at 3ms, but nobody had sent it")
	shoot(NoOrphans(rollbacks()), "a+ b+ b<7").violates(t, "b rolled back to 7 at 3ms, but it had not recorded it")
}

// Fails if a rollback goes back to another state than the one recorded, or if a branch that was left counts.
func TestRollbackTwice(t *testing.T) {
	// Coin 1 is in checkpoint 1 and coin 2 in checkpoint 2; then back to 1, coin 3, checkpoint 3, back to 1 and to 3.
	const run = "a+ b+ ab1 b1 a[1 b[1 ab2 b2 a[2 b[2 a<1 b<1 c| ab3 b3 a[3 b[3 a<1 b<1 c| a<3 b<3 c|"
	shoot(NoOrphans(rollbacks()), run).holds(t, 1+1+2+2)
	shoot(NoLost(rollbacks()), run).holds(t, 2)
	shoot(NoOrphans(rollbacks()), "a+ b+ ab1 b1 a[1 b[1 ab2 b2 a[2 b[2 a<1 b<1 c| ab3 b3 a[3 b[3 a<2 b<3 c|").
		violates(t, "coin 3 is an orphan: coin 3 from a to b, received at 15ms, is part of the state of b, and its sending at 14ms is undone")
}

// Fails if a message is missed that was received, is on its way, was held first, was given up, or whose sending is undone.
func TestNoLostHolds(t *testing.T) {
	shoot(NoLost(rollbacks()), "a+ b+ ab1 b1 ab2").holds(t, 2)
	shoot(NoLost(rollbacks()), "a+ b+ ab1 b1 b_ ab2 b2 b!1 ab3 b-3 a$3").holds(t, 3)
	shoot(NoLost(rollbacks()), "a+ b+ a[1 b[1 ab1 a<1 b<1 c| b1 b_").holds(t, 0)
	shoot(NoLost(rollbacks()), "a+ b+ b[1 ab1 a[1 b1 b<1 a<1 ab1 c|").holds(t, 1)       // sent again
	shoot(NoLost(rollbacks()), "a+ b+ b[1 ab1 a[1 b1 b<1 a<1 ab1 c| b1").holds(t, 1)    // and received again
	shoot(NoLost(rollbacks()), "a+ b+ b[1 ab1 a[1 b-1 b<1 a<1 b!1 c|").holds(t, 1)      // taken from a log
	shoot(NoLost(rollbacks()), "a+ b+ b[1 ab1 a[1 b1 b<1 a<1").holds(t, 0)              // the rollback is not over
	shoot(NoOrphans(rollbacks()), "a+ b+ b[1 ab1 a[1 b1 b<1 a<1 ab1 c| b1").holds(t, 1) // no orphan either
}

// Fails if a message is forgotten by a rollback, by the network, or by the receiver.
func TestNoLostViolated(t *testing.T) {
	r := shoot(NoLost(rollbacks()), "a+ b+ b[1 ab1 a[1 b1 b<1 a<1 c|")
	r.violates(t, "coin 1 is lost: coin 1 from a to b, sent at 4ms, was received at 6ms, but that is undone, and it is not on its way again")
	if !inner(r.p) {
		t.Error("nobody sees a message that is not there")
	}
	shoot(NoLost(rollbacks()), "a+ b+ ab1 b-1").violates(t, "coin 1 is lost: coin 1 from a to b, sent at 3ms, did not arrive, and it is not on its way again")
	shoot(NoLost(rollbacks()), "a+ b+ ab1 b1 b_").
		violates(t, "coin 1 is lost: coin 1 from a to b, sent at 3ms, reached b, but was not received, and it is not on its way again")
}

// lines is how tentative and permanent checkpoints are read.
func lines() Cutting {
	c := rollbacks()
	c.Permanent = func(fact any) (any, bool) { f, ok := fact.(kept); return f.Of, ok }
	c.Undone = func(fact any) (any, bool) { f, ok := fact.(undone); return f.Of, ok }
	return c
}

// Fails if a line is judged while something is undecided, if an undone checkpoint counts, or if a process without a
// permanent one is not taken to be at its beginning.
func TestPermanentLine(t *testing.T) {
	shoot(PermanentLine(lines()), "a+ b+ ab1 b1 b[1 a[1 b=1 a=1").holds(t, 1)
	shoot(PermanentLine(lines()), "a+ b+ ab1 b1 b[1 b~1 a[1 a=1").holds(t, 2)
	shoot(PermanentLine(lines()), "a+ b+ b[1 ab1 b1 b=1 a[1 a=1 b[2 a[2 b~2 a=2").holds(t, 3)
	shoot(PermanentLine(lines()), "a+ b+ a[1 a=1 ab1 b1 b+ b[1 b=1 b<0 a<1 c| b[2 b=2").holds(t, 2) // not before c|
	shoot(PermanentLine(lines()), "a+ b+ ab1 b1 b[1 b=1").
		violates(t, "the permanent checkpoints are not consistent at 6ms: 1 of b, of 5ms, contains coin 1, received at 4ms, which a sent at 3ms, after its initial state")
	shoot(PermanentLine(lines()), "a+ b+ a[1 a=1 ab1 b1 b[1 b=1").
		violates(t, "the permanent checkpoints are not consistent at 8ms: 1 of b, of 7ms, contains coin 1, received at 6ms, which a sent at 5ms, after its own, 1 of 3ms")
}

// final reads a coin as the last thing that a node has, and its value.
func final(fact any) (what, value any, ok bool) {
	c, ok := fact.(coin)
	return c.N, c.Value, ok
}

// A spender notes coins when it starts.
type spender struct{ coins []coin }

func (s *spender) Handle(sim.Env, sim.NodeID, sim.Message) {}
func (s *spender) Start(env sim.Env) {
	for _, c := range s.coins {
		env.Note(c)
	}
}

func endOf(t *testing.T, coins ...coin) Ending {
	t.Helper()
	s := &sim.Scenario{Name: "spender", Run: 1, Build: func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return &spender{coins} }) }}
	w, err := s.World(sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	return EndOf(w, final)
}

// Fails if endings differ that are the same, or a difference in either direction is missed.
func TestSameEnd(t *testing.T) {
	want := endOf(t, coin{1, 5}, coin{2, 7})
	if err := SameEnd(want, endOf(t, coin{2, 3}, coin{2, 7}, coin{1, 5})); err != nil {
		t.Error(err)
	}
	for _, c := range []struct {
		got Ending
		why string
	}{
		{endOf(t, coin{1, 5}), "a has no 2, which is 7 without the failure"},
		{endOf(t, coin{1, 5}, coin{2, 8}), "a has 2 as 8, which is 7 without the failure"},
		{endOf(t, coin{1, 5}, coin{2, 7}, coin{3, 1}), "a has 3 as 1, which is not there without the failure"},
	} {
		if err := SameEnd(want, c.got); err == nil || err.Error() != c.why {
			t.Errorf("got %v, want %s", err, c.why)
		}
	}
	if SameEnd(nil, want) == nil {
		t.Error("nothing was compared")
	}
}

// Fails if a message that another node sends again is a step of that node, if what was recorded before a rollback is
// compared with what comes after it, or if two messages of one name are taken for one.
func TestCopiesAndNames(t *testing.T) {
	shoot(Reachable(rollbacks()), "a+ b+ c+ ab1 a[1 b-1 cb1 c#1:0:0 b[1 b{1:a:1 a]1").holds(t, 1)
	shoot(ConsistentCut(rollbacks()), "a+ b+ a[1 b<0 c| ab1 b1 b[1").holds(t, 0)
	r := shoot(NoOrphans(rollbacks()), "a+ b+ ab1")
	r.message(sim.Sent, "a", "b", coin{1, 9}, 0)
	r.violates(t, "the run cannot be judged: two messages have the name 1: coin 1 from a to b, and coin 1, sent at 4ms")
}

// Fails if a message counts as received when the state is recorded before it, in the same call.
func TestTerminationBeforeTheMessage(t *testing.T) {
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 b(1 b* b. a[1 b{1:a:1 a]1").holds(t, 1)
}
