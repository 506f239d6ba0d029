package search

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"simrun/sim"
)

// An Explanation says what a failing run needs in order to fail: what happens without each of its faults, picks and settings, and what the nearest
// run that passes does otherwise.
type Explanation struct {
	Property string // the one that the run was judged by
	Without  []Without
	Twin     *Twin  // nil if none was found
	NoTwin   string // why there is none, one sentence
	Runs     int    // how many were made
	Spent    bool   // the budget was spent, or it was interrupted: there is more to ask
	Elapsed  time.Duration
}

// A Without is what becomes of a run when one part of it is left out and all else stays.
type Without struct {
	Kind    Part
	Index   int    // of the line, the pick or the setting, in the case's plan, its tape or its given options
	What    string // the line, the pick or the setting as it is written: "12ms crash a2"
	Judged  Judgement
	Verdict sim.Verdict // the whole of what is to be said of that run; no events if it could not be made
	Passes  bool        // the property holds that the case fails by, and every outer one: no user would have noticed anything
	Needed  bool        // the run does not fail as it did, nor would it if it went on for longer
	Says    string      // what becomes of it, a clause: "ok", "still fails", "agreement holds, but termination stalls"
}

// String is the sentence: "without 12ms crash a2: ok".
func (w Without) String() string { return w.Changed() + ": " + w.Says }

// Changed says what is otherwise: "without 12ms crash a2", "without the pick lose a1>a2 Accept#3 = 1", "with the usual durable=true".
func (w Without) Changed() string {
	switch w.Kind {
	case Pick:
		return "without the pick " + strings.TrimPrefix(w.What, "pick ")
	case Setting:
		return "with the usual " + w.What
	}
	return "without " + w.What
}

// Of says what becomes of the run without a fault or a pick, as it is written: "without it: ok". It is "" for what was not tried.
func (e *Explanation) Of(what string) string {
	for _, w := range e.Without {
		if w.What == what && w.Kind != Setting {
			return "without it: " + w.Says
		}
	}
	return ""
}

// A Part is a kind of thing that decides a run.
type Part uint8

// The parts. A setting is not left out but put back to its default.
const (
	Fault   Part = iota // a line of the plan
	Pick                // an entry of the tape
	Setting             // an option
)

// String returns "fault", "pick" or "setting".
func (p Part) String() string { return [...]string{"fault", "pick", "setting"}[p] }

// The budget of an explanation that is meant by none: so many runs, and so many events in all of them together, about a second.
const (
	explainRuns   = 1_500
	explainEvents = 3_000_000
)

// beyond is by how many events a run may be longer than the failing one, over twenty times as many: a violation ends a run, and one that passes goes on.
const beyond = 20_000

// Explain makes runs like that of the case, each with one thing changed, to find out what makes it fail. The case is judged by the given property, "" for the one
// that its verdict is named after. It makes at most so many runs, 0 for about a second's worth, several at once; the result does not depend on how many. An error
// says that the case is none, or does not fail. What was found when ctx is done is returned without one.
func (c Case) Explain(ctx context.Context, property string, runs int) (Explanation, error) {
	if c.Scenario == nil || c.Config.Plan == nil {
		return Explanation{}, errors.New("search: an explanation needs a Case: see Explicit")
	}
	x := newExplainer(ctx, c, property, runs)
	first := x.attempt(x.Case, 0)
	if !first.judged.Failed() {
		return Explanation{}, errors.New("search: this run does not fail: there is nothing to explain")
	}
	x.Property = first.judged.Property
	if err := x.alone(first); err != nil {
		return Explanation{}, err
	}
	x.found.Property = x.Property
	x.within(2, x.without)
	x.twin()
	x.found.Runs, x.found.Spent, x.found.Elapsed = x.runs.done, x.cut || ctx.Err() != nil, time.Since(x.started)
	return x.found, nil
}

// An explainer is an explanation under way. Like a shrinker it makes runs within a budget.
type explainer struct {
	shrinker
	base  *beaten // the run that is explained
	most  uint64  // how long another may be
	cut   bool    // something was not asked for want of budget
	usual bool    // the run was made shorter, and fails as well in its usual time: so what becomes of it without something is asked in that
	found Explanation
	near  nearest
}

func newExplainer(ctx context.Context, c Case, property string, runs int) *explainer {
	x := &explainer{}
	x.Case, x.Property, x.Workers = c, property, runtime.GOMAXPROCS(0)
	x.ctx, x.started = ctx, time.Now()
	x.memory = sync.Pool{New: func() any { return new(sim.Memory) }}
	x.runs.most, x.events.most = explainRuns, explainEvents
	if runs > 0 {
		x.runs.most, x.events.most = runs, math.MaxInt
	}
	return x
}

// alone remembers the run that is explained. It is judged by all properties, if it fails likewise then: what stalls for want of a fault, or is violated otherwise, is
// worth telling.
func (x *explainer) alone(first attempted) error {
	x.signature = first.judged.Signature()
	if x.Case.Config.Only != "" {
		all := x.Case
		all.Config.Only = ""
		if a := x.attempt(all, 0); x.same(a) {
			x.Case, first = all, a
		}
	}
	if c := x.Case; c.Config.For > 0 && first.verdict.Outcome == sim.Stalled {
		c.Config.For = 0
		x.usual = x.same(x.attempt(c, 0))
	}
	x.now = held{Case: x.Case, plan: *x.Case.Config.Plan, nodes: first.nodes, verdict: first.verdict}
	x.most = 20*first.verdict.Events + beyond
	base, err := beat(x.Case)
	x.base = base
	return err
}

// without leaves out one thing after another.
func (x *explainer) without() {
	x.look(x.parts(), func(v variant, a attempted) {
		w := v.part
		w.Judged, w.Verdict = a.judged, a.verdict
		w.Passes, w.Needed = a.passes(), !x.same(a) && !a.later
		w.Says = x.says(a)
		x.found.Without = append(x.found.Without, w)
		if w.Kind != Setting && !x.usual { // more than one thing is different then
			x.near.offer(x, v, a)
		}
	})
}

// parts lists the cases in which something is left out. It makes each when it is asked for: a run may have a hundred thousand picks, and a case has all but one of
// them.
func (x *explainer) parts() iter.Seq[variant] {
	return func(yield func(variant) bool) {
		add := func(kind Part, i int, what string, c Case) bool {
			if x.usual { // or it would stall for want of time
				c.Config.For = 0
			}
			w := Without{Kind: kind, Index: i, What: what}
			return yield(variant{Case: c, differs: w.Changed(), part: w})
		}
		for i, l := range x.now.plan {
			if !add(Fault, i, l.String(), x.now.without(i)) {
				return
			}
		}
		for i, d := range x.now.Tape {
			if !add(Pick, i, fmt.Sprintf("%s = %d", d.Key, d.Outcome), x.now.without(len(x.now.plan)+i)) {
				return
			}
		}
		given := x.Case.Config.Options.Given()
		for _, o := range x.Case.Scenario.Options {
			usual := fmt.Sprintf("%s=%v", o.Name, o.Default)
			shown := usual
			if o.Default == "" {
				shown = o.Name + `=""`
			}
			i := slices.IndexFunc(given, func(g string) bool { return len(g) > len(o.Name) && g[:len(o.Name)+1] == o.Name+"=" })
			if i < 0 || given[i] == usual {
				continue
			}
			if c := x.now.with(o.Name); c.Scenario != nil { // else it does not go with the others
				if !add(Setting, i, shown, c) {
					return
				}
			}
		}
	}
}

// look makes the runs of some cases as far as the budget goes, several at once, and hands them on in their order.
func (x *explainer) look(list iter.Seq[variant], each func(variant, attempted)) {
	for some := range batches(list) {
		if x.over() {
			x.cut = true
			return
		}
		x.try(some, each)
	}
}

// try makes the runs of some cases at once, and hands them on in their order.
func (x *explainer) try(some []variant, each func(variant, attempted)) {
	cases := make([]Case, len(some))
	for i := range some {
		cases[i] = some[i].Case
	}
	done := x.together(cases, x.most)
	for _, a := range done {
		x.count(a)
	}
	x.inTime(cases, done)
	for i, a := range done {
		each(some[i], a)
	}
}

// inTime gives runs their usual time that were given less and do not fail in it: one that only has come too late to fail is none that passes.
func (x *explainer) inTime(cases []Case, some []attempted) {
	var longer []Case
	var of []int
	for i, c := range cases {
		if c.Config.For > 0 && c.Config.For < c.Scenario.Run && some[i].held() {
			c.Config.For = 0
			longer, of = append(longer, c), append(of, i)
		}
	}
	for k, a := range x.together(longer, x.most) {
		x.count(a)
		some[of[k]].later = x.same(a)
	}
}

// passes reports whether the property holds that the case fails by, and every outer one: no user would have noticed anything.
func (a attempted) passes() bool {
	if !a.held() {
		return false
	}
	return !slices.ContainsFunc(a.verdict.Checks, func(c sim.Check) bool { return !c.Inner && complains(c) })
}

// held reports whether the property holds that the case fails by, and no answer is missing.
func (a attempted) held() bool {
	return a.ended() && !a.later && a.judged.Outcome == sim.OK && a.verdict.Outcome != sim.Undecided
}

// ended reports whether the run was made, to its end.
func (a attempted) ended() bool { return a.verdict.Events > 0 && !a.long }

// complains reports whether a property did not hold.
func complains(c sim.Check) bool { return c.Outcome == sim.Violated || c.Outcome == sim.Stalled }

// complaints is how many properties did not hold.
func complaints(v sim.Verdict) (n int) {
	for _, c := range v.Checks {
		if complains(c) {
			n++
		}
	}
	return n
}

// says tells in a clause what became of a run in which something is otherwise.
func (x *explainer) says(a attempted) string {
	v := a.verdict
	switch {
	case v.Events == 0:
		return "there is no such run"
	case a.long:
		return fmt.Sprintf("not judged, it goes on for more than %d events", v.Events)
	case a.later:
		return "still fails, though later than at " + x.now.Config.For.String()
	case v.Outcome == sim.OK:
		return "ok"
	case x.same(a):
		return "still fails"
	case a.judged.Failed():
		return clip(fmt.Sprintf("%s otherwise: %s", verbOf(a.judged.Outcome, x.Property), sentence(a.judged.Why)), longestClause)
	}
	s := x.Property + " holds"
	if a.judged.Outcome == sim.Undecided {
		s = x.Property + " is not known"
	}
	return s + x.others(v)
}

// longestClause is how much is said of a run, in bytes.
const longestClause = 160

// others tells which other properties do not hold: those that do not hold in the case either, which are no news, and the worst of the others.
func (x *explainer) others(v sim.Verdict) (s string) {
	var still []string
	var news *sim.Check
	for i, c := range v.Checks {
		switch {
		case c.Property == x.Property || c.Outcome == sim.OK:
		case slices.ContainsFunc(x.now.verdict.Checks, func(was sim.Check) bool { return was.Property == c.Property && complains(was) }):
			still = append(still, c.Property)
		case news == nil || news.Inner && !c.Inner || news.Inner == c.Inner && c.Outcome > news.Outcome:
			news = &v.Checks[i]
		}
	}
	switch {
	case news != nil:
		s = clip(fmt.Sprintf(", but %s: %s", verbOf(news.Outcome, news.Property), sentence(news.Why)), longestClause)
	case len(still) == 1:
		s = " (" + still[0] + " does not, as before)"
	case len(still) > 1:
		s = " (" + strings.Join(still[:len(still)-1], ", ") + " and " + still[len(still)-1] + " do not, as before)"
	}
	return s
}

// verbOf is an outcome as a clause about a property.
func verbOf(o sim.Outcome, property string) string {
	switch o {
	case sim.Stalled:
		return property + " stalls"
	case sim.Undecided:
		return property + " is not known"
	}
	return property + " is violated"
}
