package checkers

import (
	"fmt"
	"testing"

	"simrun/sim"
	"simrun/sim/clock"
)

// The facts of an imaginary commitment.
type (
	txn   uint32
	begun struct {
		tx  txn
		ids []sim.NodeID
	}
	voted struct {
		tx  txn
		yes bool
	}
	ruled struct {
		tx     txn
		commit bool
	}
	barred struct{ tx txn }
)

func (t txn) String() string { return fmt.Sprintf("T%d", uint32(t)) }

var commitment = Commitment{
	Begun:   func(fact any) (any, []sim.NodeID, bool) { f, ok := fact.(begun); return f.tx, f.ids, ok },
	Voted:   func(fact any) (any, bool, bool) { f, ok := fact.(voted); return f.tx, f.yes, ok },
	Decided: func(fact any) (any, bool, bool) { f, ok := fact.(ruled); return f.tx, f.commit, ok },
	Refused: func(fact any) (any, bool) { f, ok := fact.(barred); return f.tx, ok },
}

// ac plays a run to the nth property of the commitment.
func ac(n int) *tape { return play(Atomicity(commitment)[n-1]) }

// Fails if AC1 complains of equal decisions, mixes transactions, or leaves a node that reverses its own
// decision not to AC2.
func TestAC1Holds(t *testing.T) {
	r := ac(1)
	r.note("c", ruled{1, true}).note("p1", ruled{1, true}).note("p2", ruled{1, true}).note("p2", ruled{1, true}).note("p1", ruled{2, false}).note("p3", gossip{})
	r.holds(t, 3)
	if inner(r.p) || r.p.Name() != "ac1-agreement" {
		t.Error("AC1 must be outer: a user sees two decisions")
	}
	ac(1).note("c", ruled{1, true}).note("c", ruled{1, false}).holds(t, 0)
}

// Fails if two nodes may decide differently, whatever they or others have decided before or in other lives.
func TestAC1Violated(t *testing.T) {
	ac(1).note("p1", ruled{1, true}).note("p2", ruled{1, false}).violates(t, "p2 aborted T1 at 2ms, but p1 committed it at 1ms")
	ac(1).note("p1", ruled{1, false}).event(sim.Crashed, "p1", nil).note("p2", ruled{2, true}).note("p2", ruled{1, true}).
		violates(t, "p2 committed T1 at 4ms, but p1 aborted it at 1ms")
	// The second decision of p1 was nobody's business; p2 differs from it, though not from the first.
	ac(1).note("p1", ruled{1, true}).note("p1", ruled{1, false}).note("p2", ruled{1, true}).violates(t, "p2 committed T1 at 3ms, but p1 aborted it at 2ms")
}

// Fails if a node cannot decide the same again in its next life, or if AC2 compares nodes.
func TestAC2Holds(t *testing.T) {
	ac(2).note("p1", ruled{1, true}).event(sim.Started, "p1", uint64(2)).note("p1", ruled{1, true}).note("p2", ruled{1, false}).holds(t, 1)
}

// Fails if a node may reverse a decision, in one life or the next.
func TestAC2Violated(t *testing.T) {
	ac(2).note("p1", ruled{1, true}).note("p1", ruled{1, false}).violates(t, "p1 aborted T1 at 2ms, but it had committed it at 1ms")
	ac(2).note("p1", ruled{1, false}).event(sim.Started, "p1", uint64(2)).note("p1", ruled{1, true}).violates(t, "p1 committed T1 at 3ms, but it had aborted it at 1ms")
}

var both = []sim.NodeID{"p1", "p2"}

// Fails if AC3 asks for votes where nothing is committed, for the votes of those who were not asked, or again
// for each that learns the decision.
func TestAC3Holds(t *testing.T) {
	ac(3).note("c", begun{1, both}).note("p1", voted{1, true}).note("p2", voted{1, false}).note("c", ruled{1, false}).holds(t, 0)
	ac(3).note("c", begun{1, both}).note("p1", voted{1, true}).note("p3", voted{1, false}).note("p2", voted{1, true}).note("p2", voted{1, true}).
		note("c", ruled{1, true}).note("p1", ruled{1, true}).holds(t, 1)
	// A participant that says no when all is decided makes no wrong decision of it.
	ac(3).note("c", begun{1, nil}).note("c", ruled{1, true}).note("p1", voted{1, false}).note("p2", ruled{1, true}).holds(t, 1)
}

// Fails if commit is decided without every vote, against one, or out of nothing.
func TestAC3Violated(t *testing.T) {
	ac(3).note("c", begun{1, both}).note("p1", voted{1, true}).note("c", ruled{1, true}).violates(t, "c committed T1 at 3ms, but p2 had not voted")
	ac(3).note("c", begun{1, both}).note("p1", voted{1, true}).note("p2", voted{2, true}).note("c", ruled{1, true}).
		violates(t, "c committed T1 at 4ms, but p2 had not voted")
	ac(3).note("c", begun{1, both}).note("p1", voted{1, true}).note("p2", voted{1, false}).note("p1", ruled{1, true}).
		violates(t, "p1 committed T1 at 4ms, but p2 had voted no at 3ms")
	ac(3).note("c", begun{1, both}).note("p2", voted{1, false}).note("p1", voted{1, true}).note("p2", voted{1, true}).note("c", ruled{1, true}).
		violates(t, "c committed T1 at 5ms, but p2 had voted no at 2ms")
	ac(3).note("p1", voted{1, true}).note("c", ruled{1, true}).violates(t, "c committed T1 at 2ms, but it had not been begun")
}

// Fails if the properties of one run, which share what they have read, count a fact once for each or miss
// what was shown to another first; or go on reading for one that is no longer asked.
func TestAtomicityShares(t *testing.T) {
	properties := Atomicity(commitment)
	e := sim.Event{Kind: sim.Noted}
	show := func(asked []sim.Property, node sim.NodeID, fact any) (errs []error) {
		e.Seq, e.Node, e.Data = e.Seq+1, node, fact
		for _, p := range asked {
			errs = append(errs, p.Observe(&e))
		}
		return errs
	}
	show(properties, "c", begun{1, both})
	show(properties, "p1", voted{1, true})
	show(properties, "p2", ruled{1, false})
	if errs := show(properties, "c", ruled{1, true}); errs[0] == nil || errs[1] != nil || errs[2] == nil {
		t.Fatalf("got %v: want AC1 and AC3 to complain", errs)
	}
	if errs := show(properties[1:2], "c", ruled{1, false}); errs[0] == nil {
		t.Error("AC2 alone no longer reads")
	}
}

// Fails if a transaction that cannot be compared ends in the runtime's words.
func TestIncomparableTransactionPanics(t *testing.T) {
	defer func() {
		if p := fmt.Sprint(recover()); p != "checkers: atomic commitment: a value of type []int cannot be compared; let the extractor return text or a number for it" {
			t.Error(p)
		}
	}()
	c := commitment
	c.Voted = func(any) (any, bool, bool) { return []int{1}, true, true }
	play(Atomicity(c)[0]).note("p1", voted{1, true})
}

// Fails if a decision counts twice, so that another is not waited for; if a node that is down is not waited
// for while it may come back, as it may at the instant in which faults end; or if it is for ever after.
func TestDecisionFinished(t *testing.T) {
	type step struct {
		at       clock.Time
		kind     sim.Kind
		node     sim.NodeID
		fact     any
		finished bool
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"decided twice", []step{
			{1, sim.Noted, "c", begun{1, both}, false}, {2, sim.Noted, "c", begun{2, both}, true}, {3, sim.Noted, "p1", voted{1, true}, false}, {4, sim.Noted, "p1", voted{2, true}, false},
			{5, sim.Noted, "p1", ruled{1, true}, false}, {6, sim.Noted, "p1", ruled{1, true}, false}, {7, sim.Noted, "p1", ruled{2, true}, true}}},
		{"voted twice", []step{
			{1, sim.Noted, "c", begun{1, both}, false}, {2, sim.Noted, "c", begun{2, both}, true}, {3, sim.Noted, "p1", voted{1, true}, false}, {4, sim.Noted, "p1", voted{1, true}, false},
			{5, sim.Noted, "p1", ruled{1, true}, true}, {6, sim.Noted, "p1", voted{1, true}, true}, {7, sim.Noted, "p2", voted{1, false}, true}}},
		{"begun twice", []step{{1, sim.Noted, "c", begun{1, both}, false}, {2, sim.Noted, "c", begun{1, both}, false}, {3, sim.Noted, "c", begun{2, both}, true}}},
		{"down", []step{
			{1, sim.Noted, "c", begun{1, both}, false}, {2, sim.Noted, "c", begun{2, both}, true}, {3, sim.Noted, "p1", voted{1, true}, false}, {4, sim.Crashed, "p1", nil, false},
			{5, sim.Noted, "c", gossip{}, false}, {6, sim.Settled, "", nil, false}, {6, sim.Noted, "c", gossip{}, false}, {7, sim.Noted, "c", gossip{}, true},
			{8, sim.Started, "p1", uint64(2), false}, {9, sim.Noted, "p1", ruled{1, false}, true}}},
	} {
		p := Decision(commitment, 2, nil)
		for i, s := range c.steps {
			if err := p.Observe(&sim.Event{Seq: uint64(i + 1), At: s.at, Kind: s.kind, Node: s.node, Data: s.fact}); err != nil {
				t.Fatal(err)
			}
			if got := p.(interface{ Finished() bool }).Finished(); got != s.finished {
				t.Errorf("%s: after %d steps finished is %v", c.name, i+1, got)
			}
		}
	}
}

// BenchmarkCommitment is what judging one run of twenty transactions with three participants costs.
func BenchmarkCommitment(b *testing.B) {
	three := []sim.NodeID{"p1", "p2", "p3"}
	type line struct {
		node sim.NodeID
		fact any
	}
	var run []line
	for i := range txn(20) {
		run = append(run, line{"c", begun{i + 1000, three}})
		for _, p := range three {
			run = append(run, line{p, voted{i + 1000, true}}, line{p, gossip{}})
		}
		for _, p := range append(three, "c") {
			run = append(run, line{p, ruled{i + 1000, true}})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		properties := append(Atomicity(commitment), Decision(commitment, 20, nil))
		e := sim.Event{Kind: sim.Noted}
		for _, l := range run {
			e.Seq, e.Node, e.Data = e.Seq+1, l.node, l.fact
			for _, p := range properties {
				_ = p.Observe(&e)
			}
		}
	}
}
