package checkers

import (
	"strings"
	"testing"

	"simrun/sim"
)

// counted is the fact that somebody has added up a bank.
type counted struct {
	who string
	sum int64
}

func isCounted(fact any) (what string, amount int64, ok bool) {
	f, ok := fact.(counted)
	return "the audit " + f.who, f.sum, ok
}

// left is a bank at the end of a run.
func left(amount int64, complete bool) func(*sim.World) (int64, bool) {
	return func(*sim.World) (int64, bool) { return amount, complete }
}

// Fails if right sums are accused, if other facts are taken for audits, or if a sum that is not complete is
// judged or counted.
func TestConservedHolds(t *testing.T) {
	r := play(Conserved("money", 1000, isCounted, left(1000, true)))
	r.note("c1", counted{"T1", 1000}).note("c1", gossip{}).note("c2", counted{"T2", 1000}).event(sim.Delivered, "c2", counted{"T3", 7})
	r.holds(t, 3)
	if inner(r.p) || r.p.Name() != "money" {
		t.Error("money must be outer: a customer misses it")
	}
	play(Conserved("money", 1000, isCounted, left(990, false))).note("c1", counted{"T1", 1000}).holds(t, 1)
	play(Conserved("money", 1000, isCounted, nil)).note("c1", gossip{}).holds(t, 0)
	play(Conserved("money", 1000, nil, left(1000, true))).note("c1", counted{"T1", 7}).holds(t, 1)
	play(Conserved("debts", -3, isCounted, left(-3, true))).note("c1", counted{"T1", -3}).holds(t, 2)
}

// Fails if money may be lost or made, during the run or by its end.
func TestConservedViolated(t *testing.T) {
	play(Conserved("money", 1000, isCounted, left(1000, true))).note("c1", gossip{}).note("c1", counted{"T9", 990}).
		violates(t, "the audit T9 found 990 of 1000 at 2ms")
	play(Conserved("money", 1000, isCounted, left(1000, true))).note("c1", counted{"T9", 1010}).
		violates(t, "the audit T9 found 1010 of 1000 at 1ms")
	play(Conserved("money", 1000, isCounted, left(1005, true))).note("c1", counted{"T9", 1000}).
		violates(t, "at the end there is 1005 of 1000")
	play(Conserved("money", 0, nil, left(-1, true))).violates(t, "at the end there is -1 of 0")
}

// Fails if a property is made that can never complain.
func TestConservedOfNothing(t *testing.T) {
	defer func() {
		if p, _ := recover().(string); !strings.HasPrefix(p, "checkers: Conserved needs") {
			t.Errorf("panic %q", p)
		}
	}()
	Conserved("money", 1000, nil, nil)
}
