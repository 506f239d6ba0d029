package multipaxos

import (
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/sim"
	"simrun/workload"
)

// judged shows the properties facts, each with who noted it, and returns the first complaint with its property.
func judged(facts ...any) (name, why string) {
	l := newLedger(first(3), 3)
	all := append(l.inner(), l.agreement())
	for _, fact := range facts {
		node := sim.NodeID("s1")
		switch f := fact.(type) {
		case Voted:
			node = f.By.ID()
		case at:
			node, fact = f.node, f.fact
		}
		e := sim.Event{Kind: sim.Noted, Node: node, Data: fact}
		for _, p := range all {
			if err := p.Observe(&e); err != nil {
				return p.Name(), err.Error()
			}
		}
	}
	return "", ""
}

// At is a fact of another node than s1.
type at struct {
	node sim.NodeID
	fact any
}

// Each property complains of a run that is wrong in its way, and of none that is right. Fails if one has gone blind, or sees what is not there.
func TestPropertiesComplain(t *testing.T) {
	a, b := batch([]workload.Command{put(1, "x", "a1")}), batch([]workload.Command{put(1, "y", "b1")})
	vote := func(by int, slot Slot, in Ballot, v Value) Voted { return Voted{member(by), slot, in, v} }
	chosen := []any{vote(1, 0, ballot(2, 1), a), vote(2, 0, ballot(2, 1), a)}
	id := checkers.OpID{Client: "c1", N: 1}
	ok := workload.Result{OK: true}
	for _, c := range []struct {
		name  string
		facts []any
		part  string
	}{
		{"", []any{Promised{member(1), ballot(1, 1)}, Promised{member(1), ballot(2, 2)}, Promised{Member{1, 2}, ballot(1, 3)}, vote(1, 0, ballot(2, 2), a)}, ""},
		{"promise-monotone", []any{Promised{member(1), ballot(2, 1)}, Promised{member(1), ballot(1, 2)}}, "s1 promised 2.s1, and then 1.s2"},
		{"promise-monotone", []any{Promised{member(1), ballot(2, 1)}, vote(1, 4, ballot(1, 2), a)}, "s1 promised 2.s1, and then accepted 1.s2 in slot 4"},
		{"promise-monotone", []any{vote(1, 4, ballot(2, 2), a), Promised{member(1), ballot(1, 1)}}, "s1 promised 2.s2, and then 1.s1"},
		{"one-value-per-ballot", []any{Proposed{0, ballot(1, 1), a}, vote(2, 0, ballot(1, 1), b)}, "in slot 0 ballot 1.s1 has two values: c1#1 put x a1, and c1#1 put y b1"},
		{"", []any{Proposed{0, ballot(1, 1), a}, Proposed{1, ballot(1, 1), b}, Proposed{0, ballot(2, 2), b}}, ""},
		{"chosen-stays", append(chosen, Proposed{0, ballot(3, 2), b}), "in slot 0 c1#1 put x a1 was chosen in 2.s1, and 3.s2 proposes c1#1 put y b1"},
		{"", append(chosen, Proposed{0, ballot(3, 2), a}, Proposed{0, ballot(1, 2), b}), ""},
		{"chosen-stays", append(chosen, vote(3, 0, ballot(1, 2), b), vote(2, 0, ballot(3, 2), b), vote(3, 0, ballot(3, 2), b)), "is chosen in 3.s2, and c1#1 put x a1 was in 2.s1"},
		{"", []any{vote(1, 0, ballot(2, 1), a), vote(1, 0, ballot(2, 1), a), vote(2, 0, ballot(3, 2), b)}, ""}, // no majority in one ballot
		{"chosen-stays", []any{Configured{0, Config{member(3)}, 3}, vote(3, 3, ballot(1, 1), a), Proposed{3, ballot(2, 1), b}}, "in slot 3"},
		{"", []any{Configured{0, Config{member(3)}, 3}, vote(3, 2, ballot(1, 1), a), Proposed{2, ballot(2, 1), b}}, ""},
		{"executed-was-chosen", []any{vote(1, 0, ballot(2, 1), a), Executed{0, a}}, "s1 executes c1#1 put x a1 in slot 0, where nothing is chosen"},
		{"executed-was-chosen", append(chosen, Executed{0, b}), "s1 executes c1#1 put y b1 in slot 0, where c1#1 put x a1 is chosen"},
		{"", append(chosen, Executed{0, a}, at{"s2", Executed{0, a}}), ""},
		{"exactly-once", []any{Applied{0, id, ok, false}, Applied{5, id, ok, false}}, "c1#1 took effect in slot 0 at s1 (ok), and in slot 5 at s1 (ok)"},
		{"exactly-once", []any{Applied{0, id, ok, false}, at{"s2", Applied{0, id, workload.Result{}, false}}}, "(ok), and in slot 0 at s2 (not ok)"},
		{"", []any{Applied{0, id, ok, false}, Applied{5, id, ok, true}, at{"s2", Applied{0, id, ok, false}}}, ""},
	} {
		name, why := judged(c.facts...)
		if name != c.name || !strings.Contains(why, c.part) {
			t.Errorf("%v\n\t%s: %q, want %s: %q", c.facts, name, why, c.name, c.part)
		}
	}
}

// Agreement looks at what was executed alone. Fails if two servers may find different values in one slot.
func TestAgreementComplains(t *testing.T) {
	p := newLedger(first(3), 3).agreement()
	for i, f := range []at{{"s1", Executed{0, NoOp}}, {"s2", Executed{0, NoOp}}, {"s2", Executed{1, NoOp}}, {"s3", Executed{1, Change{Add: member(4)}.value()}}} {
		err := p.Observe(&sim.Event{Kind: sim.Noted, Node: f.node, Data: f.fact})
		if (err != nil) != (i == 3) || err != nil && err.Error() != "in slot 1 s2 found no-op, and s3 found +s4" {
			t.Errorf("%v: %v", f, err)
		}
	}
}
