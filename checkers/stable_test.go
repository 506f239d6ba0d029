package checkers

import (
	"testing"

	"simrun/sim"
)

// The facts of an imaginary computation that may end.
type (
	passive  struct{ yes bool }
	waiting  struct{ For []sim.NodeID }
	answered struct {
		of  int
		yes bool
	}
)

func isPassive(fact any) (any, bool)      { f, ok := fact.(passive); return f.yes, ok }
func isWaiting(fact any) (any, bool)      { f, ok := fact.(waiting); return f.For, ok }
func isAnswer(fact any) (any, bool, bool) { f, ok := fact.(answered); return f.of, f.yes, ok }

func ending() sim.Property { return Stable("termination", snapshots(), isPassive, Terminated, nil) }
func answers() sim.Property {
	return Stable("termination", snapshots(), isPassive, Terminated, isAnswer)
}
func stuck() sim.Property { return Stable("deadlock", snapshots(), isWaiting, Deadlocked, nil) }

// Fails if a snapshot is blamed for what became true while it was taken, in either answer, or for what was never true.
func TestTerminationDetected(t *testing.T) {
	r := shoot(ending(), "a+ b+ a* b. ab1 a. b1 b* b. a[1 b[1 a]1")
	r.holds(t, 1)
	if inner(r.p) {
		t.Error("whoever takes a snapshot sees what it finds")
	}
	shoot(ending(), "a+ b+ a* b. ab1 a. a[1 b[1 b{1:a:1 b1 b* b. a]1").holds(t, 1) // not found: the message was on its way
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 b* a[1 b. b[1 a]1").holds(t, 1)         // found: b had ended by then
	shoot(ending(), "a+ b+ a* a[1 b. b[1 a. a]1").holds(t, 1)                      // not found: a was active
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 a[1 b* b[1 a]1").holds(t, 1)            // not found: b is slow to say what the message made of it
	shoot(answers(), "a+ b+ a. b. a[1 b[1 a]1 a?1 a/1").holds(t, 1)                // the first answer counts
	shoot(answers(), "a+ b+ a. b. a[1 b[1 a/2").holds(t, 0)                        // of a snapshot that nobody has taken
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 a[1 b* b[1 a]1").holds(t, 1)            // not found: b is slow, and was about to wake
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 a[1 ba2 b* b. b[1 a{1:b:2 a]1 a2").holds(t, 1)
}

// Fails if a message that is being handled, held back, lost or undone is not where it is.
func TestTerminationAndMessages(t *testing.T) {
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 a[1 b[1 b{1:a:1 a]1").violates(t, "snapshot 1 did not find termination, though it was true when it began at 8ms")
	shoot(ending(), "a+ b+ a* b. ab1 a. b1 b(1 b{1:a:1 a[1 a]1").holds(t, 1) // not found: b had not received it
	shoot(ending(), "a+ b+ a* b. ab1 a. b-1 a[1 b[1 a]1").holds(t, 1)        // found
	back := func() sim.Property { return Stable("termination", rollbacks(), isPassive, Terminated, nil) }
	shoot(back(), "a+ b+ a. b. ab1 b1 bm a[1 b[1 a]1 b<0 a[2 b[2 a]2").violates(t, "snapshot 2 found termination, but at 14ms, when it is complete, it is not true")
	shoot(back(), "a+ b+ a* b. ab1 b1 a<0 b<0 a| a[1 b[1 a]1 ab1 a. a[2 b[2 a]2").
		violates(t, "snapshot 2 found termination, but at 17ms, when it is complete, it is not true")
}

// Fails if nodes that only look on are asked whether they have ended, or if a rollback may not undo an end.
func TestTerminationOfThoseThatTell(t *testing.T) {
	shoot(ending(), "a+ b+ c+ a. b. a[1 b[1 c[1 c]1 bm c[2 a[2 b[2 c]2").holds(t, 2)
	c := rollbacks()
	p := Stable("termination", c, isPassive, Terminated, nil)
	shoot(p, "a+ b+ a* b. a[1 b[1 a]1 a. a[2 b[2 a]2 a<1 a* b<1 a|").holds(t, 2)
}

// Fails if termination is found where there is none, missed where there was, or does not last.
func TestTerminationWrong(t *testing.T) {
	shoot(ending(), "a+ b+ a* b. ab1 a. a[1 b[1 a]1").violates(t, "snapshot 1 found termination, but at 9ms, when it is complete, it is not true")
	shoot(ending(), "a+ b+ a. b. a[1 b[1 b{1:a:1 a]1").violates(t, "snapshot 1 did not find termination, though it was true when it began at 5ms")
	shoot(ending(), "a+ b+ a. b. a[1 b[1 a]1 am a*").violates(t, "snapshot 1 found termination at 7ms, but at 9ms it is not true any more")
	shoot(ending(), "a+ b+ a. b. a[1 b[1 a]1 ab1").violates(t, "snapshot 1 found termination at 7ms, but at 8ms it is not true any more")
	shoot(answers(), "a+ b+ a. b. a[1 b[1 a]1 a/1").violates(t, "a says of snapshot 1 that termination is false in it, but it is true")
	shoot(answers(), "a+ b+ a* b. a[1 b[1 a]1 a?1").violates(t, "a says of snapshot 1 that termination is true in it, but it is false")
}

// Fails if a chain is taken for a cycle, an answer on its way is overlooked, or what a snapshot finds is not compared
// with the truth.
func TestDeadlockDetected(t *testing.T) {
	shoot(stuck(), "a+ b+ c+ a>b b>c a[1 b[1 c[1 a]1 b>").holds(t, 1)
	shoot(stuck(), "a+ b+ c+ a>b b>c c>a a[1 b[1 c[1 a]1").holds(t, 1)
	shoot(stuck(), "a+ b+ a>b ba1 b>a a[1 b[1 a{1:b:1 a1 a> a]1").holds(t, 1)
	shoot(stuck(), "a+ b+ a>b ba1 b>a a[1 b[1 a1 a> a]1").violates(t, "snapshot 1 found deadlock, but at 10ms, when it is complete, it is not true")
	shoot(stuck(), "a+ b+ a>b b>a a[1 b[1 a{1:b:1 a]1").violates(t, "snapshot 1 did not find deadlock, though it was true when it began at 5ms")
	shoot(stuck(), "a+ b+ c+ a>bc b>a a[1 b[1 c[1 a]1 am a>").violates(t, "snapshot 1 found deadlock at 9ms, but at 11ms it is not true any more")
}

// Fails if whoever waits for a cycle counts, but not the cycle; or one who waits for nobody known.
func TestDeadlocked(t *testing.T) {
	for _, c := range []struct {
		waits map[sim.NodeID][]sim.NodeID
		want  bool
	}{
		{nil, false},
		{map[sim.NodeID][]sim.NodeID{"a": {"b"}, "b": {"c"}}, false},
		{map[sim.NodeID][]sim.NodeID{"a": {"b"}, "b": {"c"}, "c": {"b"}}, true},
		{map[sim.NodeID][]sim.NodeID{"a": {"z"}, "z": {"a"}}, false}, // z is not part of the state
		{map[sim.NodeID][]sim.NodeID{"a": {"a"}}, true},
	} {
		g := &Global{Nodes: []sim.NodeID{"a", "b", "c"}, Local: map[sim.NodeID]any{}, Flying: func(sim.NodeID, sim.NodeID) []any { return nil }}
		for _, id := range g.Nodes {
			if list := c.waits[id]; list != nil {
				g.Local[id] = list
			}
		}
		if got := Deadlocked(g); got != c.want {
			t.Errorf("%v: got %v", c.waits, got)
		}
	}
}
