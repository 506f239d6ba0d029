// Package steps is a run told step by step: run until that message arrives, crash this node, go on, and say what must come of it.
//
//	w := simtest.Steps(t, paxos.Scenario(), "acceptors=1", "durable=false")
//	w.Always("unsynced lose")
//	w.RunUntil("send a1>p1 Promise#1")
//	w.CrashFor("a1", time.Millisecond)
//	w.Holds()
//
// Tests make a [Run] with simtest.Steps. The package itself knows nothing of go test, so that the command can print such tests too: a
// [Test] tells a failing run, made small, as the source of one.
//
// # Where a run stands
//
// A run without steps is one in which nothing goes wrong: every pick is 0. What is to go wrong is said by steps, and happens where the run
// stands. After [Run.RunUntil] that is right after an event; what the node does in the same instant has yet to happen. A node that crashes
// there crashes between this effect of it and its next one, if the event is an effect of that node: a message sent, a timer set, an
// operation of its disk or a fact noted. Every other fault happens a nanosecond later and before all else of that instant, when what
// had to happen at this one has happened. After [Run.RunTo] and [Run.RunFor] the run stands at an instant before anything happens in it, and so
// does the fault.
//
// All that steps say is a plan ([Run.Faults]), so the run that they make is one like any other. Whoever adds to what is to come makes the
// run again up to where it stands; that the past does not change is checked.
//
// # Names of events
//
// RunUntil names an event as lists of events do: its kind, who, and what, by the names of types without their package.
//
//	note a1 Chosen            a1 notes a fact of type Chosen
//	note Chosen               anybody does
//	send p1>a1 Accept#3       the third message of stream Accept from p1 to a1 is sent; recv: it is handled; drop: it is lost
//	recv Accept               somebody handles one
//	set p1 Retry, timer p1 Retry   p1 sets such a timer; it goes off
//	disk a1 sync#2            the second sync of a1 happens
//	crash a1, start a1#2      a1 crashes; its second life begins
//	settle                    faults end
//	#31                       the event with this number
//
// A number counts from 1 over the whole run; without one the next such event is meant. "a1 Chosen#1", as in plans, is short for "note a1 Chosen#1".
package steps

import (
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/view"
)

// A TB is a test, as far as steps need one: a *testing.T.
type TB interface {
	Helper()
	Failed() bool
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
}

// A Run is a run of a scenario that is told step by step. Its methods end the test with one clear line when what they ask for cannot be.
// A test that ends without [Run.Holds], [Run.Violates] or [Run.Stalls] has judged nothing, and fails.
type Run struct {
	t      TB
	c      search.Case // with all that has been said so far
	loud   bool        // events are put into words
	judged bool

	world *sim.World
	log   *log // of the world, which may be one event ahead of where the run stands
	next  func() (*sim.Event, bool)
	stop  func()
	over  bool // the world has come to its end

	seen  uint64     // the event after which the run stands, 0 for none
	timed bool       // it stands at an instant
	now   clock.Time // which one
}

// New begins a run of a scenario with these settings, each as name=value. Tests call simtest.Steps.
func New(t TB, s *sim.Scenario, settings ...string) *Run {
	t.Helper()
	r := &Run{t: t, timed: true}
	if s == nil {
		t.Fatalf("steps: no scenario")
	}
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatalf("steps: %v", err)
	}
	r.c = search.Case{Scenario: s, Config: sim.Config{Options: o, Plan: &fault.Plan{}}}
	t.Cleanup(r.end)
	if err := r.open(r.c); err != nil {
		t.Fatalf("%v", err)
	}
	return r
}

// end stops the world, and complains of steps that led to nothing.
func (r *Run) end() {
	r.close()
	if !r.judged && !r.t.Failed() {
		r.t.Errorf("steps: the test ends without Holds, Violates or Stalls: nothing was judged")
	}
}

func (r *Run) close() {
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}

// open builds the world of a case, which has yet to take its first step.
func (r *Run) open(c search.Case) error {
	log := newLog(r.loud)
	c.Config.Issued = log.issued
	c.Scenario = view.Watch(c.Scenario, log.see)
	w, err := c.World()
	if err != nil {
		return err
	}
	r.close()
	r.world, r.log, r.over = w, log, false
	r.next, r.stop = iter.Pull(w.Events(0))
	return nil
}

// step lets the world go on by one event, and reports whether there was one.
func (r *Run) step() bool {
	if r.over {
		return false
	}
	n := len(r.log.marks)
	if _, ok := r.next(); !ok {
		r.over = true
	}
	return len(r.log.marks) > n // the event that ends a run is seen, and no stop is made at it
}

// amend makes the run again with more that is to happen, up to where it stands. The past must stay.
func (r *Run) amend(c search.Case) error {
	past, seen, before := r.log.marks[:r.seen], r.log.trail[:r.seen], r.c
	if err := r.open(c); err != nil {
		if why := errors.Unwrap(err); why != nil { // without the name of the package
			return why
		}
		return err
	}
	for uint64(len(r.log.marks)) < r.seen && r.step() {
	}
	if parted := seen.Parted(r.log.trail[:min(r.seen, uint64(len(r.log.trail)))]); parted != 0 {
		return r.undo(before, past, seen, parted)
	}
	r.c = c
	return nil
}

// undo goes back to what the run was before a step that would change its past, and says so.
func (r *Run) undo(c search.Case, past []mark, seen seedfile.Trail, parted uint64) error {
	if err := r.open(c); err != nil {
		return err
	}
	for uint64(len(r.log.marks)) < r.seen && r.step() {
	}
	if again := seen.Parted(r.log.trail[:min(r.seen, uint64(len(r.log.trail)))]); again != 0 {
		return fmt.Errorf("the run is not the same when it is made again: event %d, %s at %v, is another one; so something decides it beside its picks", again, past[again-1].name(), past[again-1].at)
	}
	m := past[parted-1]
	return fmt.Errorf("it is too late for that: it would change event %d, %s at %v, and the run stands at %s", parted, m.name(), m.at, r.place())
}

// with returns the case with a line more in its plan.
func (r *Run) with(l fault.Line) search.Case {
	c := r.c
	plan := append(slices.Clone(*c.Config.Plan), l)
	c.Config.Plan = &plan
	return c
}

// place says where the run stands, for people.
func (r *Run) place() string {
	switch {
	case r.timed && r.now == 0:
		return "its start"
	case r.timed:
		return view.Duration(time.Duration(r.now))
	}
	m := r.log.marks[r.seen-1]
	return fmt.Sprintf("event %d, %s at %s", r.seen, m.name(), view.Duration(time.Duration(m.at)))
}

// alive ends the test if there is nothing to be done any more.
func (r *Run) alive(step string) {
	r.t.Helper()
	if r.judged {
		r.t.Fatalf("steps: %s: the run has been judged already: this step comes too late", step)
	}
}

// Now is the true time at which the run stands.
func (r *Run) Now() clock.Time {
	if r.timed {
		return r.now
	}
	return r.log.marks[r.seen-1].at
}

// Node returns the state of a node, for tests that look inside; nil if it is down, or busy: its code has run and its effects have not all
// happened. After RunTo it is the state just after the next thing has happened, but for what it makes the node do.
func (r *Run) Node(id sim.NodeID) sim.Node {
	r.t.Helper()
	r.alive("Node")
	r.known("Node", string(id))
	n, _ := r.world.Node(id)
	return n
}

// Faults is the plan that the steps so far have come to. With the picks of Pick it makes the same run.
func (r *Run) Faults() fault.Plan { return slices.Clone(*r.c.Config.Plan) }

// known ends the test unless each of the names is that of a node, a zone or a region.
func (r *Run) known(step string, names ...string) {
	r.t.Helper()
	for _, name := range names {
		if !slices.Contains(r.world.Nodes(), sim.NodeID(name)) {
			r.t.Fatalf("steps: %s: there is no node %q; there are %s", step, name, list(r.world.Nodes()))
		}
	}
}

// Pick decides what the world leaves open, by the key that a tape has: "law p1>a1 Prepare#1". Every pick that no step mentions is 0, the benign outcome.
func (r *Run) Pick(key string, outcome uint64) {
	r.t.Helper()
	r.alive("Pick")
	c := r.c
	if slices.ContainsFunc(c.Tape, func(d chance.Decision) bool { return d.Key == key }) {
		r.t.Fatalf("steps: Pick(%q): that has been decided already", key)
	}
	c.Tape = append(slices.Clone(c.Tape), chance.Decision{Key: key, Outcome: outcome})
	if err := r.amend(c); err != nil {
		r.t.Fatalf("steps: Pick(%q, %d): %v", key, outcome, err)
	}
}

// Only lets the run go on until this property complains, whatever others say. It must be known from the start.
func (r *Run) Only(property string) {
	r.t.Helper()
	r.first("Only")
	c := r.c
	c.Config.Only = property
	if err := r.amend(c); err != nil {
		r.t.Fatalf("steps: Only: %v", err)
	}
}

// Lasts says how long the run takes, in the place of the scenario's own length; faults end at the same share of it. It must be known from the
// start.
func (r *Run) Lasts(d time.Duration) {
	r.t.Helper()
	r.first("Lasts")
	if d <= 0 {
		r.t.Fatalf("steps: Lasts(%v): want a time above 0", d)
	}
	c := r.c
	c.Config.For = d
	if err := r.amend(c); err != nil {
		r.t.Fatalf("steps: Lasts(%v): %v", d, err)
	}
}

// first ends the test if the run has gone on already.
func (r *Run) first(step string) {
	r.t.Helper()
	r.alive(step)
	if r.seen > 0 || r.now > 0 {
		r.t.Fatalf("steps: %s: that is about the whole run, so it must come first; the run stands at %s", step, r.place())
	}
}
