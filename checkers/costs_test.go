package checkers_test

import (
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// toyFormula is what a deal of the toy costs with n participants, k of which vote yes: everybody is asked and
// answers, and those that voted yes are told and acknowledge. All that is written is forced but the end.
func toyFormula(m checkers.Cost) (checkers.Cost, bool) {
	n, k := m.Participants, m.Yes
	f := checkers.Cost{
		Label: "basic", Messages: 2*n + 2*k, Delays: 4,
		Types: []checkers.TypeCost{{Type: "propose", N: n}, {Type: "reply", N: n}},
		Roles: []checkers.RoleCost{
			{Role: "coordinator", Forced: 2, Unforced: 1, First: 2, Last: 2},
			{Role: "participant", Forced: n + k, First: 3, Last: 3},
		},
	}
	if k > 0 {
		f.Types = append(f.Types, checkers.TypeCost{Type: "settle", N: k}, checkers.TypeCost{Type: "settledAck", N: k})
	} else {
		f.Delays, f.Roles[1].Last = 2, 1
	}
	if k < n {
		f.Roles[1].First = 1 // one that votes no has decided
	}
	return f, true
}

// account returns what a property has to tell of a run.
func account(v sim.Verdict, name string) string {
	for _, a := range v.Accounts {
		if a.Property == name {
			return a.Text
		}
	}
	return ""
}

func checksOf(v sim.Verdict, name string) uint64 {
	for _, c := range v.Checks {
		if c.Property == name {
			return c.Checks
		}
	}
	return 0
}

// Fails if a count is off by one for any number of participants and of those that vote yes, or the world
// moves a cost from one deal to the next, of which the messages are caused by those of the one before.
func TestCostsEqualTheFormula(t *testing.T) {
	for n := 1; n <= 16; n++ {
		for k := 0; k <= n; k++ {
			y := toy{votes: strings.Repeat("y", k) + strings.Repeat("n", n-k), deals: 3, costs: toyFormula}
			v := y.run(t, uint64(n), "none")
			if v.Outcome != sim.OK || checksOf(v, "costs") != 3 {
				t.Errorf("%d of %d: %v %s: %s (%d checks)", k, n, v.Outcome, v.Property, v.Why, checksOf(v, "costs"))
			}
		}
	}
}

// Fails if a protocol that costs something else is not found out, or the sentence does not say what differs.
func TestOtherCostsAreCaught(t *testing.T) {
	for _, c := range []struct{ mistake, votes, want string }{
		{"acknowledges twice", "yyn", "T1 took 12 messages instead of 10, 4 settledAck instead of 2"},
		{"forgets to force", "yyn", "T1 took 3 participant forced instead of 5, 2 participant unforced instead of 0"},
		{"forces too late", "yyn", "T1 took 3 participant forced instead of 5, 2 participant unforced instead of 0"},
		{"never ends", "yyn", "T1 took 0 coordinator unforced instead of 1"},
	} {
		v := toy{votes: c.votes, deals: 1, mistake: c.mistake, costs: toyFormula}.run(t, 1, "none")
		if v.Outcome != sim.Violated || v.Property != "costs" || v.Why != c.want {
			t.Errorf("%s: got %v %s: %s\nwant %s", c.mistake, v.Outcome, v.Property, v.Why, c.want)
		}
	}
	// A formula that expects what never happens.
	extra := func(m checkers.Cost) (checkers.Cost, bool) {
		f, _ := toyFormula(m)
		f.Types = append(f.Types, checkers.TypeCost{Type: "rumour", N: 1})
		f.Roles = append(f.Roles, checkers.RoleCost{Role: "backup", Forced: 1})
		return f, true
	}
	want := "T1 took 0 backup forced instead of 1, 0 rumour instead of 1; T2 took 0 backup forced instead of 1, 0 rumour instead of 1"
	if v := (toy{votes: "y", deals: 2, costs: extra}).run(t, 1, "none"); v.Why != want {
		t.Errorf("got %s\nwant %s", v.Why, want)
	}
}

// Fails if the table does not show what was measured beside what it should be.
func TestCostsTable(t *testing.T) {
	v := toy{votes: "yyn", deals: 2, costs: toyFormula}.run(t, 1, "none")
	want := strings.Trim(`
                                         coordinator            participant
transaction  outcome  yes  sent  delays  forced  lazy  decides  forced  lazy  decides
T1 basic     abort    2/3  10    4       2       1     2        5       0     1-3
T2 basic     abort    2/3  10    4       2       1     2        5       0     1-3
2 of 2 transactions compared: as the formulas say
`, "\n")
	if got := account(v, "costs"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	v = toy{votes: "yy", deals: 1, mistake: "acknowledges twice", costs: toyFormula}.run(t, 1, "none")
	if got := account(v, "costs"); !strings.Contains(got, "T1 basic     commit   2/2  10≠8 ") {
		t.Errorf("got\n%s", got)
	}
	none := func(checkers.Cost) (checkers.Cost, bool) { return checkers.Cost{}, false }
	v = toy{votes: "yy", deals: 1, costs: none}.run(t, 1, "none")
	if got := account(v, "costs"); v.Outcome != sim.OK || checksOf(v, "costs") != 0 || !strings.Contains(got, "T1           commit   2/2  8     4 ") {
		t.Errorf("without a formula: %v\n%s", v.Outcome, got)
	}
}

// Fails if a run in which something went wrong is compared, or its table says that it was.
func TestDisturbedCostsAreNotCompared(t *testing.T) {
	y := toy{votes: "yyy", deals: 3, costs: toyFormula}
	v := y.planned(t, "lose p1>c reply#1")
	if v.Outcome != sim.OK || checksOf(v, "costs") != 0 {
		t.Errorf("got %v %s: %s, %d checks", v.Outcome, v.Property, v.Why, checksOf(v, "costs"))
	}
	if got := account(v, "costs"); !strings.HasSuffix(got, "\nnot compared with what it should be: the run was disturbed") || strings.Contains(got, "formulas") {
		t.Errorf("got\n%s", got)
	}
	for seed := range uint64(40) {
		if v := y.run(t, seed, "swarm"); v.Outcome != sim.OK {
			t.Fatalf("seed %d: %v %s: %s", seed, v.Outcome, v.Property, v.Why)
		}
	}
}

// Fails if what is read from a record depends on when its node was busy: on slow disks appends wait too, and
// the bytes must be those of then.
func TestCostsOnSlowDisks(t *testing.T) {
	y := toy{votes: "yyn", deals: 4, costs: toyFormula, model: fault.Model{Bounded: true}}
	counts := func(v sim.Verdict) string {
		return strings.NewReplacer(" basic", "", " 4 of 4 transactions compared: as the formulas say", "", " not compared with what it should be: the run was disturbed", "").Replace(strings.Join(strings.Fields(account(v, "costs")), " "))
	}
	want := counts(y.run(t, 1, "none"))
	got := counts(y.planned(t, "always write c 2ms\nalways write p1 1ms"))
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
