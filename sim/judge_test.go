package sim_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"simrun/sim"
)

// opinion is a property that says what it is told to.
type opinion struct {
	name  string
	inner bool
	at    uint64 // it complains of the event with this number
	ends  sim.Result
	err   error
	seen  []sim.Kind
	ended int
}

func (p *opinion) Name() string { return p.name }
func (p *opinion) Inner() bool  { return p.inner }
func (p *opinion) Observe(e *sim.Event) error {
	p.seen = append(p.seen, e.Kind)
	if e.Seq == p.at {
		return errors.New(p.name + " complains")
	}
	return nil
}
func (p *opinion) End(w *sim.World) (sim.Result, error) { p.ended++; return p.ends, p.err }
func (p *opinion) Checks() uint64                       { return uint64(len(p.seen)) }

// judged makes a scenario with these properties, in which things happen for 100 ms.
func judged(properties ...sim.Property) *sim.Scenario {
	s := stage(ticker("a", ms, "b"), plays("b", nil, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(m) }))
	s.Properties = func(sim.Options) []sim.Property { return properties }
	return s
}

// Fails if a verdict is named after another property than the worst, or if its outcome is not the worst.
func TestNaming(t *testing.T) {
	why := errors.New("because")
	holds := &opinion{name: "holds"}
	for _, test := range []struct {
		properties []sim.Property
		outcome    sim.Outcome
		name       string
		violations int
	}{
		{nil, sim.OK, "", 0},
		{[]sim.Property{holds}, sim.OK, "", 0},
		{[]sim.Property{&opinion{name: "u", ends: sim.Unknown, err: why}, holds}, sim.Undecided, "u", 0},
		{[]sim.Property{&opinion{name: "u", ends: sim.Unknown, err: why}, &opinion{name: "o", ends: sim.Open, err: why}}, sim.Stalled, "o", 0},
		{[]sim.Property{&opinion{name: "o", ends: sim.Open, err: why}, &opinion{name: "v", err: why}}, sim.Violated, "v", 1},
		{[]sim.Property{&opinion{name: "i", inner: true, at: 9}, &opinion{name: "o", ends: sim.Open, err: why}}, sim.Violated, "i", 1},
		{[]sim.Property{&opinion{name: "i", inner: true, at: 9}, &opinion{name: "x", at: 20}}, sim.Violated, "x", 2},
		{[]sim.Property{&opinion{name: "x", err: why}, &opinion{name: "y", err: why}}, sim.Violated, "x", 2},
		{[]sim.Property{&opinion{name: "i", inner: true, ends: sim.Open, err: why}, &opinion{name: "o", ends: sim.Open, err: why}}, sim.Stalled, "o", 0},
		{[]sim.Property{&opinion{name: "i", inner: true, err: why}, &opinion{name: "u", ends: sim.Unknown, err: why}}, sim.Violated, "i", 1},
	} {
		v := world(t, judged(test.properties...), sim.Config{}).Run(0)
		if v.Outcome != test.outcome || v.Property != test.name || len(v.Violations) != test.violations || (v.Why == "") != (test.name == "") {
			t.Errorf("want %v %q: got %v %q %q, violations %v", test.outcome, test.name, v.Outcome, v.Property, v.Why, v.Violations)
		}
		if len(v.Checks) != len(test.properties) {
			t.Errorf("%d properties, checks %v", len(test.properties), v.Checks)
		}
	}
}

// Fails if a property without a name, which only looks, is not shown what happens, is listed, or can be asked for; or if a verdict is named after it.
func TestNameless(t *testing.T) {
	look, other := &opinion{}, &opinion{name: "o"}
	v := world(t, judged(look, other), sim.Config{}).Run(0)
	if len(v.Checks) != 1 || v.Checks[0].Property != "o" || v.Outcome != sim.OK || len(look.seen) != len(other.seen) || look.ended != 1 {
		t.Errorf("%v, checks %v; it saw %d events of %d and was asked %d times at the end", v.Outcome, v.Checks, len(look.seen), len(other.seen), look.ended)
	}
	if _, err := judged(look, other).World(sim.Config{Only: "x"}); err == nil || !strings.Contains(err.Error(), "it has: o, backed") {
		t.Errorf("asked for another: %v", err)
	}
}

// Fails if a run goes on after the handler in which an outer violation was seen, stops at an inner one, or asks a
// property again that has complained.
func TestWhereARunStops(t *testing.T) {
	inner, outer := &opinion{name: "i", inner: true, at: 9}, &opinion{name: "o", at: 20}
	v := world(t, judged(inner, outer), sim.Config{}).Run(0)
	if v.Events < 20 || v.Events > 22 || len(inner.seen) != 9 || inner.ended+outer.ended != 0 || v.Violations[0].Seq != 9 || !v.Violations[0].Inner || v.Violations[1].Seq != 20 {
		t.Errorf("%d events, inner saw %d, ended %d and %d, violations %v", v.Events, len(inner.seen), inner.ended, outer.ended, v.Violations)
	}
}

// Fails if a run that is about one property stops at, or is named after, another one; or if it is about one that does
// not exist.
func TestOnly(t *testing.T) {
	make := func() *sim.Scenario {
		return judged(&opinion{name: "first", at: 9}, &opinion{name: "second", inner: true, at: 30}, &opinion{name: "third", at: 40})
	}
	for only, want := range map[string]uint64{"first": 9, "second": 30, "third": 40} {
		v := world(t, make(), sim.Config{Only: only}).Run(0)
		if v.Events < want || v.Events > want+2 || v.Property != only || v.Outcome != sim.Violated {
			t.Errorf("only %s: %v %s after %d events", only, v.Outcome, v.Property, v.Events)
		}
	}
	if v := world(t, make(), sim.Config{Only: "backed"}).Run(0); v.Outcome != sim.OK || len(v.Violations) != 3 {
		t.Errorf("only a property that holds: %v %s", v.Outcome, v.Property)
	}
	if _, err := make().World(sim.Config{Only: "frist"}); err == nil || !strings.Contains(err.Error(), `"frist"`) || !strings.Contains(err.Error(), "first, second, third") {
		t.Errorf("only a property that does not exist: error %v", err)
	}
	s := make()
	s.Build = withBuild(s.Build, plays("c", func(env sim.Env) { panic("c") }, nil))
	if v := world(t, s, sim.Config{Only: "third"}).Run(0); v.Property != "panic" {
		t.Errorf("a panic in a run about another property: %v %s", v.Outcome, v.Property)
	}
}

// picky wants only facts; it is finished after three.
type picky struct {
	opinion
	after int
}

func (p *picky) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }
func (p *picky) Finished() bool      { return len(p.seen) >= p.after }
func (p *picky) Reached() []string   { return []string{"three notes", "unheard of"} }
func (p *picky) Tally(add func(string, uint64)) {
	add("notes", uint64(len(p.seen)))
	add(p.name, 1)
}

// Fails if a property is shown kinds of events that it does not watch, if a run ends before all have seen enough or
// much later, or if a figure or a Sometimes gets lost.
func TestFinishedReachedAndTallies(t *testing.T) {
	a, b := &picky{opinion{name: "a"}, 3}, &picky{opinion{name: "b"}, 7}
	s := judged(a, &opinion{name: "patient"}, b)
	s.Sometimes = []string{"three notes", "num", "note", "never"}
	v := world(t, s, sim.Config{Plan: plan(t, "")}).Run(0)
	if len(a.seen) != 7 || v.Virtual != 8*ms || v.Outcome != sim.OK || v.Checks[0].Checks != 7 {
		t.Errorf("a saw %d events, the run took %v, verdict %v, checks %v", len(a.seen), v.Virtual, v.Outcome, v.Checks)
	}
	for _, k := range a.seen {
		if k != sim.Noted {
			t.Errorf("a was shown a %v", k)
		}
	}
	if !reflect.DeepEqual(v.Sometimes, []string{"three notes", "num"}) {
		t.Errorf("reached %q", v.Sometimes)
	}
	if fmt.Sprint(v.Tallies) != "[{notes 7} {a 1} {notes 7} {b 1}]" {
		t.Errorf("tallies %v", v.Tallies)
	}
}

// shaky has an invariant that it breaks.
type shaky struct{ n int }

func (x *shaky) Start(env sim.Env)                               { env.After(ms, num{}) }
func (x *shaky) Handle(env sim.Env, _ sim.NodeID, m sim.Message) { x.n++; env.After(ms, m) }
func (x *shaky) Invariant() error {
	if x.n == 5 {
		return fmt.Errorf("n is %d", x.n)
	}
	return nil
}

// Fails if an invariant is not asked after each call, or its violation is not an inner one that lets the run go on.
func TestInvariant(t *testing.T) {
	v := world(t, stage(actor{"a", func() sim.Node { return &shaky{} }}), sim.Config{Plan: plan(t, "")}).Run(0)
	if v.Property != "invariant" || v.Why != "a: n is 5" || !v.Violations[0].Inner || v.Checks[0].Checks != 101 || v.Virtual != 100*ms {
		t.Errorf("%v %s %q after %v, %v", v.Outcome, v.Property, v.Why, v.Virtual, v.Checks)
	}
}

// Fails if a world can be run twice or from inside itself, or if its verdict changes.
func TestOneWorldOneRun(t *testing.T) {
	const again = "sim: the world has already run: make a new one"
	ends := &opinion{name: "p"}
	w := world(t, judged(ends), sim.Config{})
	for e := range w.Events(0) {
		if e.Seq == 1 {
			refuses(t, again, func() { w.Run(0) })
		}
	}
	v := w.Verdict()
	refuses(t, again, func() { w.Run(0) })
	refuses(t, again, func() {
		for range w.Events(0) {
		}
	})
	if w.Close(); !reflect.DeepEqual(v, w.Verdict()) || ends.ended != 1 {
		t.Errorf("End was called %d times, verdicts %v and %v", ends.ended, v, w.Verdict())
	}
}
