package cli

import (
	"context"
	"time"

	"simrun/figures"
	"simrun/search"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/view"
)

// A command that shows one run makes it with nobody watching, which is the fast
// path, and makes it again only if it has failed. The second run serves two ends:
// equal hashes show that the failure is of the seed, and now it is known at which
// event the run went wrong, so that the teller need not remember what comes after.

// A made is a run that was made once, and again if it failed.
type made struct {
	verdict  sim.Verdict
	nodes    []sim.NodeID
	plan     fault.Plan // the complete one
	wall     time.Duration
	figures  figures.Sum        // how well clients were served; of no runs if the scenario does not say what its service is
	teller   *view.Teller       // has seen the violation, if there is one to draw and the run is too long to be recorded
	trace    *view.Trace        // the run, if it is short
	diverged *search.Divergence // the second run differed
}

// once makes a run. Each event is shown to watch, if that is not nil. A run that fails is made a second
// time: to see whether it is the same run, and to tell its story.
func (c *command) once(s *sim.Scenario, cfg sim.Config, watch func(*sim.Event)) (m made, err error) {
	start := time.Now()
	measured, meter := figures.Watch(s, true)
	m.verdict, err = c.play(measured, cfg, watch, func(w *sim.World) { m.nodes, m.plan = w.Nodes(), w.Plan() })
	m.wall = time.Since(start)
	m.figures.Add(meter)
	if err != nil || m.verdict.Outcome == sim.OK || m.verdict.Outcome == sim.Undecided {
		return m, err
	}
	again, err := c.tellable(s, cfg, &m)
	if err == nil && again != m.verdict.Hash {
		if m.diverged, err = compare(s, cfg, m.verdict.Hash, again); err == nil {
			search.Guard{Scenario: s, Process: c.self}.Explain(c.ctx, m.diverged, cfg)
		}
	}
	return m, err
}

// tellable makes a run that failed once more, so that its story can be told. It returns the hash that it had this time.
func (c *command) tellable(s *sim.Scenario, cfg sim.Config, m *made) (hash uint64, err error) {
	end := named(m.verdict)
	if m.verdict.Events <= view.Cheap {
		m.trace, err = view.Record(c.ctx, s, cfg, view.Before(m.verdict.Events, end))
		switch {
		case err == nil:
			return m.trace.Verdict.Hash, nil
		case c.ctx.Err() != nil:
			return 0, interrupted()
		}
		return 0, usage("%v", err)
	}
	teller := view.NewTeller(m.nodes)
	tell := func(e *sim.Event) {
		if e.Seq <= end {
			teller.See(e)
		}
	}
	again, err := c.play(view.Watch(s, tell), cfg, nil, func(*sim.World) {})
	if end > 0 {
		m.teller = teller
	}
	return again.Hash, err
}

// story is what led to a failure, in a drawing of so many lines; of a run that is too long to be recorded, in so many rows. It is false
// if there is nothing to draw.
func (m *made) story(lines, rows int) (s view.Story, ok bool) {
	switch end := named(m.verdict); {
	case m.trace != nil:
		return m.trace.Story(end, lines), true
	case m.teller != nil:
		return m.teller.Story(end, rows), true
	}
	return s, false
}

// page is the report on a run, but for the command that makes it again.
func (m *made) page(s *sim.Scenario, cfg sim.Config) view.Run {
	return view.Run{Scenario: s.Name, Config: cfg, Nodes: m.nodes, Verdict: m.verdict, Wall: m.wall, Teller: m.teller, Trace: m.trace, End: named(m.verdict), Figures: m.told(),
		Hints: view.Hints{Events: "--events prints all", Why: "--json prints all"}}
}

// compare finds the first event that differs between two runs of which it is known that they differed:
// if it does not happen again, there are the hashes.
func compare(s *sim.Scenario, cfg sim.Config, first, second uint64) (*search.Divergence, error) {
	d, err := search.Compare(s, cfg)
	if err != nil {
		return nil, &ending{exitUnknown, err.Error()}
	}
	if d == nil {
		d = &search.Divergence{Seed: cfg.Seed, Hashes: [2]uint64{first, second}}
	}
	return d, nil
}

// named returns the event of the violation that a verdict is named after;
// 0 if it was seen at the end of the run only.
func named(v sim.Verdict) uint64 {
	for _, x := range v.Violations {
		if x.Property == v.Property {
			return x.Seq
		}
	}
	return 0
}

// interruptEvery is after how many events a run looks whether it has been interrupted.
const interruptEvery = 4096

// play makes a run to its end. Each event is shown to watch, if that is not nil, and the world to end,
// when all is over. An interrupt and a configuration that makes no world are endings.
func (c *command) play(s *sim.Scenario, cfg sim.Config, watch func(*sim.Event), end func(*sim.World)) (v sim.Verdict, err error) {
	w, err := s.World(cfg)
	if err != nil {
		return v, usage("%v", err)
	}
	defer w.Close()
	for e := range w.Events(0) {
		if watch != nil {
			watch(e)
		}
		if e.Seq%interruptEvery == 0 && c.ctx.Err() != nil {
			return v, interrupted()
		}
	}
	end(w)
	return w.Verdict(), nil
}

// stubborn is the command that has not heard of an interrupt: for one run without which what was found could not be told. A second interrupt ends the process.
func (c *command) stubborn() *command {
	deaf := *c
	deaf.ctx = context.WithoutCancel(c.ctx)
	return &deaf
}

// interrupted is the ending of a command whose result an interrupt made worthless.
func interrupted() error {
	return &ending{exitInterrupted, "interrupted"}
}

// codeOf is the exit code that a verdict calls for.
func codeOf(o sim.Outcome) int {
	switch o {
	case sim.OK:
		return exitOK
	case sim.Undecided:
		return exitUnknown
	}
	return exitFailed
}

// endAs ends a command with the code, silently; 0 is no ending.
func endAs(code int) error {
	if code == exitOK {
		return nil
	}
	return &ending{code: code}
}
