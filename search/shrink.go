package search

import (
	"context"
	"errors"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// A Shrink makes a failing run small: it looks for the smallest case that fails with the same [Judgement.Signature].
//
// It goes down from the case that it is given, and leaves out what it can, first much and then little: nodes and operations, faults, picks. What it cannot leave
// out it makes milder. Because picks are keyed by what they decide, most of what stays is as it was. Where that ends there
// may be something smaller that no small step leads to. So it also makes other runs of the same scenario, in the smallest setting first, and goes
// down from those that fail likewise; and it changes several things at random at once. All of it is a function of the case and the budget.
type Shrink struct {
	Case     Case   // a run that fails, see [Explicit]
	Property string // judge by this property alone; "": by the one that the verdict is named after
	Runs     int    // the budget: how many runs are made at most; 0: 20,000, and fewer if they are long
	Workers  int    // how many are made at once; 0: as many as there are cores. The result does not depend on it
	Stay     bool   // only go down from the case: a run that has nothing to do with it may fail likewise for another reason

	// Progress is told how far it has come, about ten times a second and at the end. All calls come from the goroutine that called Run. It may
	// be nil.
	Progress func(Shrunk)
}

// Shrunk is what a Shrink came to, or how far it is.
type Shrunk struct {
	Case          Case
	Verdict       sim.Verdict // of the run of the case, to its end
	Before, After Size
	Runs          int    // how many were made
	Spent         bool   // the budget was spent, or it was interrupted: there may be something smaller
	Doing         string // what it is at, in a few words; "" at the end
	Elapsed       time.Duration
}

// File writes the result down.
func (s *Shrunk) File() seedfile.File { return s.Case.File(s.Verdict) }

// The budget that is meant by none: so many runs, and so many events in all of them together, which takes some seconds.
const (
	shrinkRuns   = 20_000
	shrinkEvents = 10_000_000
)

// Run looks for a smaller case until it finds none, the budget is spent or ctx is done. The error says why there was nothing to begin with.
func (s Shrink) Run(ctx context.Context) (Shrunk, error) {
	if s.Case.Scenario == nil || s.Case.Config.Plan == nil {
		return Shrunk{}, errors.New("search: a Shrink needs a Case: see Explicit")
	}
	if s.Workers <= 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	x := &shrinker{Shrink: s, ctx: ctx, seeds: seedsElsewhere, started: time.Now(), memory: sync.Pool{New: func() any { return new(sim.Memory) }}}
	x.runs.most, x.events.most = s.Runs, math.MaxInt
	if s.Runs <= 0 {
		x.runs.most, x.events.most = shrinkRuns, shrinkEvents
	}
	x.Case.Config.Only = s.Property
	first := x.attempt(x.Case, 0)
	if !first.judged.Failed() {
		return Shrunk{}, errors.New("search: this run does not fail: there is nothing to shrink")
	}
	x.signature = first.judged.Signature()
	x.outside = first.verdict.Outside
	x.keep(x.Case, first)
	x.before = x.now.size
	x.best = x.now
	x.seen = !first.hidden(s.Property)
	x.shrink()
	return x.finish()
}

// A shrinker is a Shrink under way.
type shrinker struct {
	Shrink
	ctx       context.Context
	signature string
	outside   []string // what of the given plan is outside the model
	seen      bool     // it fails so in a run that is judged by all properties too
	now       held     // what it goes down from
	best      held     // the smallest so far
	before    Size
	runs      spending
	events    spending
	tried     []string // settings in which other runs have been tried
	seeds     int      // how many of them in each
	doing     string
	memory    sync.Pool
	started   time.Time
	reported  time.Time
	dice      chance.Source
	thrown    uint64
}

// A spending is how much of something there has been, and how much there may be.
type spending struct{ done, most int }

// left is what may still be spent, divided among some.
func (s *spending) left(among int) int { return (s.most - s.done) / among }

// A held case is one that fails as it should.
type held struct {
	Case
	plan    fault.Plan // its plan
	nodes   []sim.NodeID
	verdict sim.Verdict
	size    Size
}

// An attempted case is one that was run.
type attempted struct {
	judged  Judgement
	verdict sim.Verdict
	nodes   []sim.NodeID
	long    bool // it was given up, since it goes on and on
	later   bool // it fails likewise, but not in the time that it was given
}

// attempt makes the run of a case. One that cannot be made, or panics outside of its nodes, has not failed.
// So has one that goes on for more than the given number of events, 0 for any number.
func (x *shrinker) attempt(c Case, most uint64) (a attempted) {
	if c.Scenario == nil {
		return attempted{}
	}
	memory := x.memory.Get().(*sim.Memory)
	defer func() {
		if recover() != nil {
			a = attempted{} // and the memory is not used again
			return
		}
		x.memory.Put(memory)
	}()
	c.Config.Reuse = memory
	w, err := c.World()
	if err != nil {
		return attempted{}
	}
	for e := range w.Events(0) {
		if most > 0 && e.Seq >= most {
			return attempted{verdict: sim.Verdict{Events: most}, long: true}
		}
	}
	a.verdict = w.Verdict()
	a.nodes = slices.Clone(w.Nodes())
	a.judged = Judge(a.verdict, x.Property)
	return a
}

// same reports whether an attempt failed as the run did that is to be made smaller.
func (x *shrinker) same(a attempted) bool {
	return a.judged.Failed() && a.judged.Signature() == x.signature
}

// hidden reports whether a run that was judged by one property alone ends before that fails when it is judged by all, since another outer one is violated before.
func (a attempted) hidden(property string) bool {
	for _, v := range a.verdict.Violations {
		if property == "" || v.Property == property {
			return false
		}
		if !v.Inner {
			return true
		}
	}
	return false
}

// asBefore reports whether a run has nothing outside the model of its scenario that is not outside it in the given run too: where links must not lose a
// message, one that is lost breaks a system that is right as well, and says nothing of what is wrong.
func (x *shrinker) asBefore(a attempted) bool {
	return !slices.ContainsFunc(a.verdict.Outside, func(o string) bool {
		what, _, _ := strings.Cut(o, ":")
		return !slices.ContainsFunc(x.outside, func(was string) bool { return strings.HasPrefix(was, what+":") })
	})
}

// longer is by how many events, beyond twice as many, a candidate may be longer than the case: one that goes on and on is not smaller.
const longer = 200

// ahead is how many candidates are looked at together. It is the same whatever the number of workers, so that the result is.
const candidatesAhead = 16

// first returns the first of n candidates that fails likewise and is good enough, and makes it the case; -1 if there is none, or the budget is
// spent.
func (x *shrinker) first(n int, candidate func(i int) Case, good func(Size) bool) int {
	most := 2*x.now.size.Events + longer
	for from := 0; from < n && !x.over(); from += candidatesAhead {
		cases := make([]Case, min(candidatesAhead, n-from, x.room()))
		for i := range cases {
			cases[i] = candidate(from + i)
		}
		some := x.together(cases, most)
		x.report(false)
		for i, a := range some {
			x.count(a)
			if x.same(a) && x.asBefore(a) && (good == nil || good(sizeOf(cases[i], a))) && x.keep(cases[i], a) {
				return from + i
			}
		}
	}
	return -1
}

// room is how many runs may still be made, if a number was given: also fewer than are looked at together.
func (x *shrinker) room() int {
	if x.Runs > 0 {
		return x.Runs - x.runs.done
	}
	return candidatesAhead
}

// together makes the runs of some cases, on all cores.
func (x *shrinker) together(cases []Case, most uint64) []attempted {
	some := make([]attempted, len(cases))
	free := make(chan struct{}, x.Workers)
	var all sync.WaitGroup
	for i, c := range cases {
		free <- struct{}{}
		all.Go(func() {
			some[i] = x.attempt(c, most)
			<-free
		})
	}
	all.Wait()
	return some
}

// count takes a run from the budget.
func (x *shrinker) count(a attempted) {
	x.runs.done++
	x.events.done += int(a.verdict.Events)
}

// over reports whether it is time to stop.
func (x *shrinker) over() bool {
	return x.runs.done >= x.runs.most || x.events.done >= x.events.most || x.ctx.Err() != nil
}

// within does something within a part of what is left of the budget.
func (x *shrinker) within(part int, do func()) {
	runs, events := x.runs.most, x.events.most
	x.runs.most = x.runs.done + x.runs.left(part)
	x.events.most = x.events.done + x.events.left(part)
	do()
	x.runs.most, x.events.most = runs, events
}

func sizeOf(c Case, a attempted) Size {
	s := Size{Picks: len(c.Tape), Nodes: len(a.nodes), Events: a.verdict.Events, Sent: a.verdict.Sent, Virtual: a.verdict.Virtual}
	if c.Config.Plan != nil {
		s.Faults = len(*c.Config.Plan)
	}
	return s
}

// keep makes a case the one that is made smaller. What no pick asks for leaves its tape. It reports false for a case that cannot be written
// down, or would fail otherwise when it is read again and judged by all properties.
func (x *shrinker) keep(c Case, a attempted) bool {
	if x.seen && a.hidden(x.Property) {
		return false
	}
	if p := c.Config.Plan; p != nil {
		if read, err := fault.Parse(p.String()); err != nil || read.String() != p.String() {
			return false
		}
	}
	if len(c.Tape) > 0 || c.Config.Plan == nil {
		cfg := c.Config
		if c.Config.Plan != nil {
			cfg.Driver = chance.NewOverrides(nil, c.Tape)
		}
		explicit, _, err := Explicit(c.Scenario, cfg)
		if err != nil {
			return false
		}
		c = explicit
	}
	x.now = held{c, *c.Config.Plan, a.nodes, a.verdict, sizeOf(c, a)}
	return true
}

// sum is what there is to tell.
func (x *shrinker) sum() Shrunk {
	h := &x.best
	if x.now.size.weight() < h.size.weight() {
		h = &x.now
	}
	return Shrunk{h.Case, h.verdict, x.before, h.size, x.runs.done, x.over(), x.doing, time.Since(x.started)}
}

// report tells the progress, unless it did a moment ago.
func (x *shrinker) report(now bool) {
	if x.Progress != nil && (now || time.Since(x.reported) >= progressEvery) {
		x.reported = time.Now()
		x.Progress(x.sum())
	}
}

// finish makes the smallest run once more, as a replay makes it.
func (x *shrinker) finish() (Shrunk, error) {
	x.doing = ""
	s := x.sum()
	s.Case.Config.Only = ""
	w, err := s.Case.World()
	if err != nil {
		return Shrunk{}, err
	}
	s.Verdict = w.Run(0)
	s.Elapsed = time.Since(x.started)
	if x.Progress != nil {
		x.Progress(s)
	}
	return s, nil
}
