package search_test

import (
	"context"
	"fmt"
	"time"

	"simrun/search"
	"simrun/sim"
)

// ping is sent to oneself, and noted.
type ping struct{ N int }

// impatient waits for a number of milliseconds that the world picks, and notes it.
type impatient struct{}

func (impatient) Start(env sim.Env) {
	n := env.Pick("wait", 10)
	env.After(time.Duration(n)*time.Millisecond, ping{n})
}

func (impatient) Handle(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(m) }

// short is the property that it never waits for 7 ms or more.
type short struct{ checks uint64 }

func (*short) Name() string { return "short" }

func (s *short) Observe(e *sim.Event) error {
	if p, ok := e.Data.(ping); ok && e.Kind == sim.Noted {
		s.checks++
		if p.N >= 7 {
			return fmt.Errorf("%s waited %dms", e.Node, p.N)
		}
	}
	return nil
}

func (*short) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (s *short) Checks() uint64                   { return s.checks }

// A hunt over a hundred seeds, and the replay of what it finds.
func ExampleHunt() {
	scenario := &sim.Scenario{
		Name:       "impatient",
		Build:      func(w *sim.World, _ sim.Options) { w.Add("n1", func() sim.Node { return impatient{} }) },
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&short{}} },
		Run:        time.Second,
	}
	sum, err := search.Hunt{Scenario: scenario, To: 100}.Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(sum.Runs, "runs,", len(sum.Failures), "way to fail:", sum.Failures[0].Signature)

	cfg, err := sum.Failures[0].File.Config(scenario)
	if err != nil {
		fmt.Println(err)
		return
	}
	w, err := scenario.World(cfg)
	if err != nil {
		fmt.Println(err)
		return
	}
	v := w.Run(0)
	fmt.Println("again:", v.Outcome, v.Property, v.Hash == sum.Failures[0].Verdict.Hash)
	// Output:
	// 100 runs, 1 way to fail: short: # waited #
	// again: violated short true
}
