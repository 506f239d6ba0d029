package bites

import (
	"time"

	"simrun/sim"
)

var networkBites = []bite{
	{
		fault:   "loss",
		mistake: "a sender sends once and believes that it has arrived",
		plan:    "lose a>b asks#1\n",
		build: func(wrong bool) *sim.Scenario {
			return small("loss", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &asker{again: !wrong} })
				w.Add("b", func() sim.Node { return answerer{} })
			})
		},
	},
}

type (
	asks    struct{}
	answers struct{}
	retry   struct{}
	late    struct{}
	done    struct{}
)

// An asker asks b for something, again and again until it is answered, or once.
type asker struct{ again, answered bool }

func (a *asker) Start(env sim.Env) {
	env.Send("b", asks{})
	env.After(10*time.Millisecond, retry{})
	env.After(500*time.Millisecond, late{})
}

func (a *asker) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case answers:
		if !a.answered {
			a.answered = true
			env.Note(done{})
		}
	case retry:
		if a.again && !a.answered {
			env.Send("b", asks{})
			env.After(10*time.Millisecond, retry{})
		}
	case late:
		if !a.answered {
			env.Note(wrongIs("a was never answered, and does not ask again"))
		}
	}
}

// An answerer answers.
type answerer struct{}

func (answerer) Start(sim.Env) {}

func (answerer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(asks); ok {
		env.Send(from, answers{})
	}
}
