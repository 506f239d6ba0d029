package checkers

import "simrun/sim"

// always is a property whose whole judgement is one function.
type always struct {
	name   string
	inner  bool
	kinds  []sim.Kind
	check  func(*sim.Event) (judged bool, err error)
	checks uint64
}

// Always returns a property made of one function, which is called for each event of these kinds (nil: every
// kind). It says whether it really judged the event, which is counted, and what is wrong with it: one
// sentence. It must not keep the event.
func Always(name string, inner bool, kinds []sim.Kind, check func(*sim.Event) (judged bool, err error)) sim.Property {
	if kinds == nil {
		kinds = everyKind()
	}
	return &always{name: name, inner: inner, kinds: kinds, check: check}
}

// everyKind lists all kinds of events: Exited is the last.
func everyKind() (kinds []sim.Kind) {
	for k := sim.Started; k <= sim.Exited; k++ {
		kinds = append(kinds, k)
	}
	return kinds
}

func (a *always) Name() string                       { return a.name }
func (a *always) Inner() bool                        { return a.inner }
func (a *always) Watches() []sim.Kind                { return a.kinds }
func (a *always) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (a *always) Checks() uint64                     { return a.checks }

// Observe counts a complaint as a judgement even where the function forgets to say so.
func (a *always) Observe(e *sim.Event) error {
	judged, err := a.check(e)
	if judged || err != nil {
		a.checks++
	}
	return err
}

// termination is a goal that is looked for at the end of the run.
type termination struct {
	name   string
	kinds  []sim.Kind
	done   func(w *sim.World) error
	checks uint64
}

// Termination returns a liveness property: done is asked once, when the run is over, and returns nil if the
// goal has been reached, else who waits for what. The run is then stalled, not violated.
//
// It never ends a run early, and does not keep others from doing so: where every other property may be
// finished before the goal is reached, use [Eventually].
func Termination(name string, done func(w *sim.World) error) sim.Property {
	return &termination{name: name, kinds: []sim.Kind{}, done: done}
}

func (t *termination) Name() string             { return t.name }
func (t *termination) Inner() bool              { return false }
func (t *termination) Watches() []sim.Kind      { return t.kinds }
func (t *termination) Observe(*sim.Event) error { return nil }
func (t *termination) Checks() uint64           { return t.checks }

// End asks for the goal. There is one question, so there is one check.
func (t *termination) End(w *sim.World) (sim.Result, error) {
	t.checks++
	if err := t.done(w); err != nil {
		return sim.Open, err
	}
	return sim.Holds, nil
}

// eventually is a goal that is seen when it is reached.
type eventually struct {
	termination
	observe func(*sim.Event) (reached bool)
	reached bool
}

// Eventually returns a liveness property that sees its goal being reached: observe is called for each event
// of these kinds (nil: every kind) until it says so, and from then on the property is finished. If it never
// does, waiting is asked at the end who waits for what; nil means that the goal has been reached after all.
func Eventually(name string, kinds []sim.Kind, observe func(*sim.Event) (reached bool), waiting func(w *sim.World) error) sim.Property {
	if kinds == nil {
		kinds = everyKind()
	}
	return &eventually{termination: termination{name: name, kinds: kinds, done: waiting}, observe: observe}
}

// Finished lets the run end as soon as the goal is reached.
func (g *eventually) Finished() bool { return g.reached }

// Observe looks no further once the goal is reached.
func (g *eventually) Observe(e *sim.Event) error {
	if !g.reached {
		g.reached = g.observe(e)
	}
	return nil
}

// End does not ask again for a goal that was seen.
func (g *eventually) End(w *sim.World) (sim.Result, error) {
	if g.reached {
		g.checks++
		return sim.Holds, nil
	}
	return g.termination.End(w)
}

// tallied is a property with figures beside it.
type tallied struct {
	sim.Property
	tally func(add func(name string, n uint64))
}

// Tallied returns the property with figures of its own for the summary of a run, which tally adds when the
// run is over. It panics if the property can end a run or reach something: those it would hide.
func Tallied(p sim.Property, tally func(add func(name string, n uint64))) sim.Property {
	switch p.(type) {
	case interface{ Finished() bool }, interface{ Reached() []string }, interface{ Tally(func(string, uint64)) }:
		panic("checkers: Tallied of " + p.Name() + ", which has figures or a say of its own")
	}
	return &tallied{p, tally}
}

func (t *tallied) Tally(add func(name string, n uint64)) { t.tally(add) }

// Inner says what the property itself says.
func (t *tallied) Inner() bool {
	in, ok := t.Property.(interface{ Inner() bool })
	return ok && in.Inner()
}

// Rumours says what the property itself says.
func (t *tallied) Rumours() bool {
	r, ok := t.Property.(interface{ Rumours() bool })
	return ok && r.Rumours()
}

// Watches says what the property itself says.
func (t *tallied) Watches() []sim.Kind {
	if w, ok := t.Property.(interface{ Watches() []sim.Kind }); ok {
		return w.Watches()
	}
	return everyKind()
}
