package search

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// Fails if a message is not delayed past what its receiver handles after it, if a delay is tried twice, or the least is not tried first.
func TestOvertaken(t *testing.T) {
	at := func(ms float64) clock.Time { return clock.Time(ms * 1e6) }
	b := &beaten{handled: map[sim.NodeID][]turn{"n": {{5, at(1)}, {7, at(1.25)}, {9, at(40)}, {12, at(1.9)}, {13, at(90)}}}}
	got := b.overtaken(arrival{to: "n", seq: 5, at: at(1)})
	want := []time.Duration{400 * time.Microsecond, time.Millisecond, 10 * time.Millisecond, 39100 * time.Microsecond}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := b.overtaken(arrival{to: "n", seq: 13, at: at(90)}); !slices.Equal(got, []time.Duration{time.Millisecond, 10 * time.Millisecond}) {
		t.Errorf("the last one: %v", got)
	}
}

// Fails if a line is nudged to before the start, is the same as before, or cannot be read again.
func TestNudged(t *testing.T) {
	for text, n := range map[string]int{"300µs crash a": 3, "20ms crash a for 5ms": 11, "lose a>b M#1": 0, "delay a>b M#1 700µs": 4, "crash a after effect 3": 1, "always loss 3%": 0} {
		p, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		list := nudged(p[0])
		if len(list) != n {
			t.Errorf("%s: %d others, want %d: %v", text, len(list), n, list)
		}
		for _, l := range list {
			again, err := fault.Parse(l.String())
			if err != nil || again[0].String() != l.String() || l.String() == p[0].String() || l.At < 0 {
				t.Errorf("%s: %v (%v)", text, l, err)
			}
		}
	}
}

// Fails if a pick is tried with the outcome that it has, or with 0, which is to leave it out; or if its line is not kept while another is changed.
func TestOtherwise(t *testing.T) {
	x := &explainer{}
	p, _ := fault.Parse("5ms crash b")
	x.now = held{Case: Case{Scenario: beacons, Config: sim.Config{Plan: &p}, Tape: []chance.Decision{{Key: "lose b>p1 tick#1", Outcome: 1}, {Key: "delay b>p1 tick#2", Outcome: 9}}}, plan: p}
	var got []string
	for v := range x.otherwise() {
		if len(*v.Config.Plan) != 1 || len(v.Tape) != 2 {
			t.Errorf("%s: %v, %v", v.differs, v.Config.Plan, v.Tape)
		}
		if strings.Contains(v.differs, "#") {
			got = append(got, v.differs)
		}
	}
	want := []string{"with lose b>p1 tick#1 = 2 in the place of 1", "with delay b>p1 tick#2 = 8 in the place of 9", "with delay b>p1 tick#2 = 10 in the place of 9",
		"with delay b>p1 tick#2 = 1 in the place of 9", "with delay b>p1 tick#2 = 4 in the place of 9"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// Fails if a message is changed about which the plan has a line already, one that was repeated, or one that never arrived; or the last does not come first.
func TestOneMessage(t *testing.T) {
	p, _ := fault.Parse("lose b>p1 tick#1\nrepeat b>p1 tick#2 1ms\ndelay b>p2 tick#1 1ms")
	c := Case{Scenario: beacons, Config: sim.Config{Plan: &p}}
	s := *beacons
	s.Properties = nil
	c.Scenario = &s
	b, err := beat(c)
	if err != nil {
		t.Fatal(err)
	}
	last := uint64(1 << 60)
	for v := range b.oneMessage(c) {
		for _, no := range []string{"b>p1 tick#1 ", "b>p1 tick#2", "b>p2 tick#1 "} {
			if strings.Contains(v.differs+" ", no) {
				t.Errorf("%s", v.differs)
			}
		}
		if v.from > last {
			t.Errorf("%s: at %d, after one at %d", v.differs, v.from, last)
		}
		last = v.from
		if at := b.parts(v.Case); at > v.from {
			t.Errorf("%s: it parts at %d, and may at %d at the latest", v.differs, at, v.from)
		}
	}
	if last == 1<<60 {
		t.Error("nothing is tried")
	}
}

// Fails if an inner property is told where an outer one complains, one that complained before where another does not hold any more, or nothing at all.
func TestOthers(t *testing.T) {
	check := func(name string, inner bool, o sim.Outcome) sim.Check {
		return sim.Check{Property: name, Inner: inner, Outcome: o, Why: "why " + name}
	}
	x := &explainer{}
	x.Property = "main"
	x.now.verdict.Checks = []sim.Check{check("main", false, sim.Violated), check("old", true, sim.Violated), check("older", true, sim.Violated)}
	for want, checks := range map[string][]sim.Check{
		"":                                   {check("main", false, sim.OK), check("old", true, sim.OK)},
		" (old does not, as before)":         {check("main", false, sim.OK), check("old", true, sim.Violated)},
		" (old and older do not, as before)": {check("old", true, sim.Violated), check("older", true, sim.Violated)},
		", but out stalls: why out":          {check("in", true, sim.Violated), check("out", false, sim.Stalled), check("old", true, sim.Violated)},
		", but worse is violated: why worse": {check("out", false, sim.Stalled), check("worse", false, sim.Violated), check("in", true, sim.Violated)},
		", but dim is not known: why dim":    {check("dim", false, sim.Undecided)},
		", but first is violated: why first": {check("first", true, sim.Violated), check("second", true, sim.Violated)},
	} {
		if got := x.others(sim.Verdict{Checks: checks}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Fails if the cases that an explanation may ask about are all made before it asks about the first: with as many picks as here they would be many times the memory
// of a machine, since each has all picks but one.
func TestExplanationOfManyPicks(t *testing.T) {
	p, _ := fault.Parse("5ms crash b")
	tape := make([]chance.Decision, 50_000)
	for i := range tape {
		tape[i] = chance.Decision{Key: fmt.Sprintf("delay b>p1 tick#%d", 1000+i), Outcome: 9}
	}
	x := newExplainer(t.Context(), Case{Scenario: beacons, Config: sim.Config{Plan: &p}, Tape: tape}, "", 64)
	x.now = held{Case: x.Case, plan: p}
	x.most = 1000
	var err error
	if x.base, err = beat(x.Case); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	x.without()
	x.look(x.otherwise(), func(variant, attempted) {})
	runtime.ReadMemStats(&after)
	if len(x.found.Without) != 64 || !x.cut {
		t.Errorf("%d were asked about, cut short %v", len(x.found.Without), x.cut)
	}
	if each := (after.TotalAlloc - before.TotalAlloc) / 64; each > 100<<20 {
		t.Errorf("%d bytes for each that was asked about", each)
	}
}
