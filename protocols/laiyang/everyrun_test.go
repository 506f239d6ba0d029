package laiyang

import (
	"fmt"
	"testing"

	"simrun/protocols/internal/trial"
	"simrun/sim"
	"simrun/sim/chance"
)

// everyRun passes a token from p1 to p2 and back while p1 takes a snapshot, in every way: each of the two keeps the token 1 to 8 ms, and both tokens, the Take
// and the Report take 1, 4 or 9 ms. It returns how many ways there are, and in how many of them the snapshot was wrong.
func everyRun(t *testing.T, set ...string) (runs, wrong int) {
	t.Helper()
	o := settings(t, append(set, "app=ring", "topology=line", "nodes=2", "work=1", "initiators=1", "snapshots=1", "first=4500us")...)
	var memory sim.Memory
	for late := range 81 {
		text := steady
		for i, m := range []string{"p1>p2 Token#1", "p2>p1 Token#1", "p1>p2 Take#1", "p2>p1 Report#1"} {
			if ms := []int{0, 3, 8}[late/[]int{1, 3, 9, 27}[i]%3]; ms > 0 {
				text += fmt.Sprintf("; delay %s %dms", m, ms)
			}
		}
		p := trial.Plan(t, text)
		for driver := range chance.Every() {
			v := world(t, sim.Config{Driver: driver, Options: o, Plan: p, Reuse: &memory}).Run(0)
			if runs++; runs > 81*64 {
				t.Fatal("the scope is larger than it should be: the run asks other picks than how long a token is kept")
			}
			if v.Outcome == sim.Violated {
				wrong++
			} else if v.Outcome != sim.OK {
				t.Fatalf("%s: %v %s", text, v.Outcome, v.Why)
			}
		}
	}
	return runs, wrong
}

// Wherever the token is, and whatever overtakes whatever, the snapshot shows it once. Fails if one of the 5184 orders is a surprise; and if the mistakes that
// the same orders must show had no chance to.
func TestEveryOrderOfASmallSystem(t *testing.T) {
	for _, c := range []struct {
		set   []string
		wrong bool
	}{
		{[]string{"method=history"}, false},
		{[]string{"method=counting"}, false},
		{[]string{"mistake=late-record"}, true},
		{[]string{"method=counting", "mistake=early"}, true},
	} {
		if testing.Short() && c.wrong {
			continue
		}
		runs, wrong := everyRun(t, c.set...)
		if runs != 81*64 && !c.wrong || (wrong > 0) != c.wrong {
			t.Errorf("%v: %d orders, want %d, %d of them wrong", c.set, runs, 81*64, wrong)
		}
		t.Logf("%v: %d of %d orders are wrong", c.set, wrong, runs)
	}
}
