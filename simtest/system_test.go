package simtest_test

import (
	"errors"
	"fmt"
	"time"

	"simrun/checkers"
	"simrun/sim"
	"simrun/sim/fault"
)

// The system of these tests: a sender hands pages to a printer and repeats each until the printer
// confirms it. A printer that does not know a page again prints it twice.

type page struct{ N int }
type done struct{ N int }
type again struct{ N int }

// Printed and Repeated are facts.
type Printed struct{ N int }
type Repeated struct{}

const pages = 6

type sender struct{ n int }

func (s *sender) Start(env sim.Env) { s.send(env) }

func (s *sender) send(env sim.Env) {
	if s.n < pages {
		env.Send("printer", page{s.n})
		env.After(20*time.Millisecond, again{s.n})
	}
}

func (s *sender) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case done:
		if m.N == s.n {
			s.n++
			s.send(env)
		}
	case again:
		if m.N == s.n {
			env.Note(Repeated{})
			s.send(env)
		}
	}
}

type printer struct {
	dedupe bool
	seen   map[int]bool
}

func (p *printer) Start(sim.Env) { p.seen = make(map[int]bool) }

func (p *printer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x := m.(page)
	if !p.dedupe || !p.seen[x.N] {
		p.seen[x.N] = true
		env.Note(Printed(x))
	}
	env.Send(from, done(x))
}

func printing() *sim.Scenario {
	return &sim.Scenario{
		Name:    "printing",
		Options: []sim.Option{{Name: "dedupe", Default: true}},
		Model:   fault.Model{Crash: fault.NoCrash},
		Build: func(w *sim.World, o sim.Options) {
			w.Add("sender", func() sim.Node { return &sender{} })
			w.Add("printer", func() sim.Node { return &printer{dedupe: o.Bool("dedupe")} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{printedOnce()} },
		Sometimes:  []string{"Repeated", "Reprinted"},
		Run:        2 * time.Second, Settle: time.Second,
	}
}

func printedOnce() sim.Property {
	seen := make(map[int]bool)
	return checkers.Always("once", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
		p, ok := e.Data.(Printed)
		if !ok {
			return false, nil
		}
		if seen[p.N] {
			return true, fmt.Errorf("page %d is printed twice", p.N)
		}
		seen[p.N] = true
		return true, nil
	})
}

// atEnd is a property that judges once, at the end.
type atEnd struct {
	check func(*sim.World) (sim.Result, error)
}

func (atEnd) Name() string                           { return "at end" }
func (atEnd) Observe(*sim.Event) error               { return nil }
func (atEnd) Checks() uint64                         { return 1 }
func (p atEnd) End(w *sim.World) (sim.Result, error) { return p.check(w) }

// patient is the inner property that the sender never asks again.
func patient() sim.Property {
	return checkers.Always("patient", true, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
		if _, ok := e.Data.(Repeated); ok {
			return true, errors.New("the sender has lost its patience")
		}
		return true, nil
	})
}

// idle is a property that never judges.
func idle() sim.Property {
	return checkers.Always("idle", false, nil, func(*sim.Event) (bool, error) { return false, nil })
}

// sharing is a node whose copies share its memory.
type sharing struct {
	*sender
	calls map[int]bool
}

func (s *sharing) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	s.calls[len(s.calls)] = true
	s.sender.Handle(env, from, m)
}

func (s *sharing) Clone() sim.Node { return &sharing{&sender{s.n}, s.calls} }

// ticker does nothing, for ever.
type ticker struct{}
type tick struct{}

func (t ticker) Start(env sim.Env)                               { env.After(20*time.Millisecond, tick{}) }
func (t ticker) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) { t.Start(env) }

// deep panics with a stack that fills a screen.
type deep struct{}

func (d deep) Start(env sim.Env) { d.down(40) }
func (d deep) down(n int) {
	if n == 0 {
		panic("too deep")
	}
	d.down(n - 1)
}
func (deep) Handle(sim.Env, sim.NodeID, sim.Message) {}

// moody notes what is not in the seed.
type moody struct{ *sender }

var moods int

func (m moody) Start(env sim.Env) {
	moods++
	env.Note(Printed{100 + moods})
	m.sender.Start(env)
}

// broken are scenarios on which a test must fail, by what is wrong with them.
var broken = map[string]func(s *sim.Scenario){
	"twice": func(s *sim.Scenario) { s.Options[0].Default = false },
	"inside": func(s *sim.Scenario) {
		s.Options[0].Default = false
		s.Properties = func(sim.Options) []sim.Property { return []sim.Property{printedOnce(), patient()} }
	},
	"idle": func(s *sim.Scenario) {
		s.Properties = func(sim.Options) []sim.Property { return []sim.Property{printedOnce(), idle()} }
	},
	"lawless": func(s *sim.Scenario) { s.Properties = nil },
	"undecided": func(s *sim.Scenario) {
		s.Properties = func(sim.Options) []sim.Property {
			return []sim.Property{atEnd{func(*sim.World) (sim.Result, error) { return sim.Unknown, errors.New("budget spent") }}}
		}
	},
	"stalled": func(s *sim.Scenario) {
		s.Properties = func(sim.Options) []sim.Property {
			return []sim.Property{atEnd{func(*sim.World) (sim.Result, error) { return sim.Open, errors.New("they wait") }}}
		}
	},
	"panics": func(s *sim.Scenario) {
		build := s.Build
		s.Build = func(w *sim.World, o sim.Options) {
			build(w, o)
			w.Add("deep", func() sim.Node { return deep{} })
		}
	},
	"long": func(s *sim.Scenario) {
		s.Properties = func(sim.Options) []sim.Property {
			return []sim.Property{atEnd{func(*sim.World) (sim.Result, error) { return sim.Open, errors.New("they wait") }}}
		}
		s.Run = 20 * time.Minute
		build := s.Build
		s.Build = func(w *sim.World, o sim.Options) {
			build(w, o)
			w.Add("ticker", func() sim.Node { return ticker{} })
		}
	},
	"moody": func(s *sim.Scenario) {
		build := s.Build
		s.Build = func(w *sim.World, o sim.Options) {
			build(w, o)
			w.Add("moody", func() sim.Node { return moody{&sender{n: pages}} })
		}
	},
	"sharing": func(s *sim.Scenario) {
		s.Build = func(w *sim.World, o sim.Options) {
			w.Add("sender", func() sim.Node { return &sharing{&sender{}, make(map[int]bool)} })
			w.Add("printer", func() sim.Node { return &printer{dedupe: true} })
		}
	},
	"many": func(s *sim.Scenario) {
		words := []string{"alpha", "beta", "gamma", "delta", "epsilon"}
		s.Properties = func(sim.Options) []sim.Property {
			return []sim.Property{atEnd{func(w *sim.World) (sim.Result, error) {
				return sim.Holds, errors.New("it is " + words[len(w.Plan())%len(words)])
			}}}
		}
	},
	"two": func(s *sim.Scenario) {
		s.Options[0].Default = false
		s.Properties = func(sim.Options) []sim.Property {
			return []sim.Property{printedOnce(), atEnd{func(*sim.World) (sim.Result, error) { return sim.Holds, nil }}}
		}
	},
	"right": func(*sim.Scenario) {},
}
