package checkers

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"simrun/sim"
)

// Fails if Always judges other kinds than it was told, loses the error, or counts what was not judged.
func TestAlways(t *testing.T) {
	even := func(e *sim.Event) (bool, error) {
		n, ok := e.Data.(int)
		if ok && n%2 != 0 {
			return true, fmt.Errorf("%s noted %d, which is odd", e.Node, n)
		}
		return ok, nil
	}
	r := play(Always("even", true, []sim.Kind{sim.Noted}, even))
	r.note("a1", 2).note("a1", "three").event(sim.Sent, "a1", 5).note("a2", 4).holds(t, 2)
	if !inner(r.p) || r.p.Name() != "even" {
		t.Errorf("got %q, inner %v", r.p.Name(), inner(r.p))
	}
	r.note("a2", 7).violates(t, "a2 noted 7, which is odd")
	if r.p.Checks() != 3 {
		t.Errorf("%d checks, want 3: a violation is a judgement", r.p.Checks())
	}
}

// Fails if nil means no kind at all, or if sim has a kind that everyKind leaves out.
func TestAlwaysEveryKind(t *testing.T) {
	r := play(Always("seen", false, nil, func(*sim.Event) (bool, error) { return true, nil }))
	r.event(sim.Started, "a1", nil).event(sim.Dropped, "a1", nil).event(sim.Exited, "a1", nil).holds(t, 3)
	if inner(r.p) {
		t.Error("made as an outer property, and inner")
	}
	defer func() {
		if recover() == nil {
			t.Error("there is a kind after Exited: everyKind must list it")
		}
	}()
	_ = (sim.Exited + 1).String()
}

// Fails if an unreached goal is anything but open, or asking is not counted.
func TestTermination(t *testing.T) {
	play(Termination("done", func(*sim.World) error { return nil })).note("a1", 1).holds(t, 1)
	p := Termination("done", func(*sim.World) error { return errors.New("c1 waits for a2") })
	if result, err := play(p).end(); result != sim.Open || err == nil || err.Error() != "c1 waits for a2" {
		t.Errorf("got %v, %v, want open", result, err)
	}
	if _, ok := p.(interface{ Finished() bool }); ok {
		t.Error("Termination cannot know when it is finished, and must not keep a run from ending")
	}
}

// Fails if a goal is not seen when it is reached, is forgotten afterwards, or is finished too early.
func TestEventually(t *testing.T) {
	waits := func(*sim.World) error { return errors.New("nobody noted 3") }
	three := func(e *sim.Event) bool { return e.Data == 3 }
	p := Eventually("three", []sim.Kind{sim.Noted}, three, waits)
	finished := p.(interface{ Finished() bool }).Finished
	r := play(p).note("a1", 2).event(sim.Sent, "a1", 3)
	if finished() {
		t.Error("finished before the goal is reached")
	}
	if result, err := r.end(); result != sim.Open || err == nil {
		t.Errorf("got %v, %v, want open", result, err)
	}
	p = Eventually("three", nil, three, waits)
	finished = p.(interface{ Finished() bool }).Finished
	r = play(p).event(sim.Sent, "a1", 3).note("a1", 4)
	if !finished() {
		t.Error("not finished though the goal is reached")
	}
	r.holds(t, 1)
}

// Fails if the figures do not arrive, or if the wrapping hides what the property is.
func TestTallied(t *testing.T) {
	kinds := []sim.Kind{sim.Noted}
	p := Tallied(Always("x", true, kinds, func(*sim.Event) (bool, error) { return true, nil }), func(add func(string, uint64)) { add("things", 7) })
	var got string
	p.(interface{ Tally(func(string, uint64)) }).Tally(func(name string, n uint64) { got = fmt.Sprint(name, n) })
	if got != "things7" || !p.(interface{ Inner() bool }).Inner() || !slices.Equal(p.(interface{ Watches() []sim.Kind }).Watches(), kinds) {
		t.Errorf("a wrapped property: tally %q, inner %v", got, p.(interface{ Inner() bool }).Inner())
	}
	for q, want := range map[sim.Property]bool{Tallied(Validity(isOffered, isSettled), nil): true, p: false} {
		if got := q.(interface{ Rumours() bool }).Rumours(); got != want {
			t.Errorf("%s wrapped: rumours %v", q.Name(), got)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("wrapped a property that can end a run, and hid that")
		}
	}()
	Tallied(Eventually("y", kinds, func(*sim.Event) bool { return true }, func(*sim.World) error { return nil }), nil)
}
