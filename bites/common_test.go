package bites

import (
	"fmt"
	"time"

	"simrun/sim"
)

const ms = time.Millisecond

// What nodes say to themselves, in timers, and what they note when things go as they should.
type (
	look    struct{} // it is time to look what there is to do
	retry   struct{} // it is time to try again
	tooLate struct{} // it is time to judge
	done    struct{} // a fact
)

// pick is one of two values.
func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// wrongIs is the fact that a node has come to what it must never come to, told in a sentence.
type wrongIs string

// never is a property that is violated when a node notes that it has.
type never struct{ checks uint64 }

func (p *never) Name() string { return "never" }

func (p *never) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	p.checks++
	if w, ok := e.Data.(wrongIs); ok {
		return text(w)
	}
	return nil
}

func (p *never) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

func (p *never) Checks() uint64 { return p.checks }

type text string

func (t text) Error() string { return string(t) }

// small returns a scenario of a second that a bite fills in.
func small(name string, build func(*sim.World)) *sim.Scenario {
	return &sim.Scenario{
		Name: name, Run: time.Second,
		Build:      func(w *sim.World, _ sim.Options) { build(w) },
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&never{}} },
	}
}

// took and gave are the facts of a node that comes to hold what only one may hold, and of one that gives it up.
type (
	took struct{}
	gave struct{}
)

// onlyOne is violated when a node takes what another holds.
type onlyOne struct {
	holder sim.NodeID
	checks uint64
}

func (p *onlyOne) Name() string { return "only-one" }

func (p *onlyOne) Observe(e *sim.Event) error {
	switch e.Data.(type) {
	case took:
		p.checks++
		if p.holder != "" && p.holder != e.Node {
			return text(fmt.Sprintf("%s takes what %s still holds", e.Node, p.holder))
		}
		p.holder = e.Node
	case gave:
		if p.holder == e.Node {
			p.holder = ""
		}
	}
	return nil
}

func (p *onlyOne) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

func (p *onlyOne) Checks() uint64 { return p.checks }

func (p *onlyOne) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }

// A judge makes a property, a new one for each run.
type judge func() sim.Property

func one() sim.Property { return &onlyOne{} }

// judgedBy is small with another property.
func judgedBy(name string, p judge, build func(*sim.World)) *sim.Scenario {
	s := small(name, build)
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{p()} }
	return s
}
