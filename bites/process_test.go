package bites

import (
	"time"

	"simrun/sim"
)

var processBites = []bite{
	{
		fault:   "crash-stop",
		mistake: "a write waits for all copies",
		plan:    "5ms crash r3 for good\n",
		build: func(wrong bool) *sim.Scenario {
			return small("copies", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &copier{needs: pick(wrong, 3, 2)} })
				for _, id := range replicas {
					w.Add(id, func() sim.Node { return replica{} })
				}
			})
		},
	},
	{
		fault:   "crash-after-effect",
		mistake: "a store acknowledges what it then writes",
		base:    "always unsynced lose\n",
		plan:    "crash s after effect 1 for 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("durable", func(w *sim.World) {
				w.Add("s", func() sim.Node { return &saver{hasty: wrong} })
				w.Add("c", func() sim.Node { return &depositor{} })
			})
		},
	},
	{
		fault:   "crash-loop",
		mistake: "a recovery begins anew whenever it is interrupted",
		plan:    "10ms loop a 60x 6ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("recovery", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &recoverer{anew: wrong} })
				w.Add("b", func() sim.Node { return &waiter{} })
			})
		},
	},
	{
		fault:   "slow",
		mistake: "a client asks again at a fixed interval, so that a slow server has the more to do the slower it is",
		plan:    "10ms slow b 200x\n",
		build: func(wrong bool) *sim.Scenario {
			return small("retry-storm", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &impatient{fixed: wrong} })
				w.Add("b", func() sim.Node { return replica{} })
			})
		},
	},
	{
		fault:   "late-start",
		mistake: "a node says hello once, when it starts",
		plan:    "always start b 50ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("hello", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &greeter{once: wrong} })
				w.Add("b", func() sim.Node { return neighbour{} })
			})
		},
	},
}

var replicas = []sim.NodeID{"r1", "r2", "r3"}

type (
	replicate struct{ N int }
	copied    struct{ N int }
	overdue   struct{ N int }
	finished  struct{ N int } // a fact
)

// A copier writes to three replicas, and is done when it has heard from all that it needs. To need all, as chain replication and
// write-all schemes do until somebody reconfigures them, means that one crash stops everything.
type copier struct{ needs, has, n int }

func (a *copier) Start(env sim.Env) { a.next(env) }

func (a *copier) next(env sim.Env) {
	a.n++
	a.has = 0
	for _, r := range replicas {
		env.Send(r, replicate{a.n})
	}
	env.After(500*ms, tooLate{})
}

func (a *copier) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case copied:
		if m.N != a.n {
			return
		}
		if a.has++; a.has == a.needs {
			env.Note(finished{a.n})
			env.After(4*ms, look{})
		}
	case look:
		if a.n < 50 {
			a.next(env)
		}
	case tooLate:
		if a.n < 50 {
			env.Note(wrongIs("writes have stopped though only one copy of three is gone"))
		}
	}
}

type replica struct{}

func (replica) Start(sim.Env) {}

func (replica) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	env.Send(from, copied{m.(replicate).N})
}

type (
	deposit   struct{}
	deposited struct{}
	balance   struct{ N int }
)

// A saver keeps deposits on its disk. A hasty one says so first, to be fast, and a crash in between takes back what was promised.
type saver struct{ hasty bool }

func (s *saver) Start(sim.Env) {}

func (s *saver) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, asks := m.(balance); asks {
		n, _ := env.Disk().Size("deposits")
		env.Send(from, balance{int(n)})
		return
	}
	if s.hasty {
		env.Send(from, deposited{})
	}
	env.Disk().Append("deposits", []byte{1})
	env.Disk().Sync("deposits")
	env.Disk().SyncDir()
	if !s.hasty {
		env.Send(from, deposited{})
	}
}

// A depositor deposits until it is told that it has, and then looks what is there.
type depositor struct{ told bool }

func (d *depositor) Start(env sim.Env) { env.After(0, deposit{}) }

func (d *depositor) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case deposit:
		if !d.told {
			env.Send("s", m)
			env.After(20*ms, m)
		}
	case deposited:
		if env.Note(m); !d.told {
			env.After(50*ms, look{})
		}
		d.told = true
	case look:
		env.Send("s", balance{})
	case balance:
		if env.Note(m); m.N == 0 {
			env.Note(wrongIs("a deposit that was acknowledged is gone"))
		}
	}
}

type recovered struct{}

// A recoverer has twenty steps of recovery to do, 2 ms each. One that keeps no note of how far it has come, and is killed after 6 ms by
// somebody who finds it unresponsive, recovers for ever, as pods with a liveness probe and a long start do.
type recoverer struct {
	anew  bool
	steps int
}

func (a *recoverer) Start(env sim.Env) {
	if n, err := env.Disk().Size("steps"); err == nil && !a.anew {
		a.steps = int(n)
	}
	env.After(2*ms, look{})
}

func (a *recoverer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	a.steps++
	env.Disk().Append("steps", []byte{1})
	if a.steps < 20 {
		env.After(2*ms, m)
		return
	}
	env.Send("b", recovered{})
}

// A waiter expects somebody to have recovered after 600 ms.
type waiter struct{ heard bool }

func (w *waiter) Start(env sim.Env) { env.After(600*ms, tooLate{}) }

func (w *waiter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	env.Note(m)
	if _, late := m.(tooLate); late && !w.heard {
		env.Note(wrongIs("a has not recovered in half a second"))
	}
	w.heard = true
}

// An impatient client asks for one thing after another. Every millisecond it asks again for what it has not got, and a server that has
// become slower than that never gets out from under its questions, though each alone would be no trouble: a metastable failure
// (Bronson and others, HotOS 2021). Who waits twice as long each time lets it breathe.
type impatient struct {
	fixed bool
	n     int
}

func (a *impatient) Start(env sim.Env) { a.next(env) }

func (a *impatient) next(env sim.Env) {
	a.n++
	env.After(100*ms, overdue{a.n})
	env.Send("b", replicate{a.n})
	env.After(ms, again{a.n, ms})
}

func (a *impatient) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case copied:
		if m.N == a.n {
			env.Note(finished{a.n})
			a.next(env)
		}
	case again:
		if m.N == a.n {
			env.Send("b", replicate{a.n})
			if !a.fixed {
				m.Wait *= 2
			}
			env.After(m.Wait, m)
		}
	case overdue:
		if m.N == a.n {
			env.Note(wrongIs("an answer takes a hundred milliseconds, from a server that takes four"))
		}
	}
}

type again struct {
	N    int
	Wait time.Duration
}

type (
	areYouThere struct{}
	iAmThere    struct{}
)

// A greeter says hello until it is answered, or once. In a world where all start together once is enough, and so it was on the machine
// of whoever wrote it.
type greeter struct{ once, known bool }

func (a *greeter) Start(env sim.Env) {
	env.Send("b", areYouThere{})
	env.After(10*ms, look{})
	env.After(500*ms, tooLate{})
}

func (a *greeter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case iAmThere:
		a.known = true
		env.Note(m)
	case look:
		if !a.known && !a.once {
			env.Send("b", areYouThere{})
			env.After(10*ms, m)
		}
	case tooLate:
		if !a.known {
			env.Note(wrongIs("b has been up for long, and a does not know it"))
		}
	}
}

// A neighbour answers.
type neighbour struct{}

func (neighbour) Start(sim.Env) {}

func (neighbour) Handle(env sim.Env, from sim.NodeID, _ sim.Message) { env.Send(from, iAmThere{}) }
