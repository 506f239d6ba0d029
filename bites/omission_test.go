package bites

import (
	"simrun/sim"
	"simrun/sim/clock"
)

// Who thinks that it is heard since it hears, and who thinks that it hears since it is heard.
var omissionBites = []bite{
	{
		fault:   "send-omission",
		mistake: "a primary takes what it hears for proof that it is heard",
		plan:    "100ms omit a send 100%\n",
		build: func(wrong bool) *sim.Scenario {
			return judgedBy("primary", func() sim.Property { return &lone{} }, func(w *sim.World) {
				w.Add("monitor", func() sim.Node { return &monitor{} })
				w.Add("a", func() sim.Node { return &primary{leads: true, deaf: wrong} })
				w.Add("b", func() sim.Node { return &primary{deaf: wrong} })
			})
		},
	},
	{
		fault:   "receive-omission",
		mistake: "a heartbeat is taken for proof that a worker hears what it is told",
		plan:    "100ms omit a receive 100%\n",
		build: func(wrong bool) *sim.Scenario {
			return small("workers", func(w *sim.World) {
				w.Add("monitor", func() sim.Node { return &dispatcher{byBeats: wrong} })
				w.Add("a", func() sim.Node { return worker{} })
				w.Add("b", func() sim.Node { return worker{} })
			})
		},
	},
}

type (
	beat    struct{ N int }
	ping    struct{ Heard int } // the number of the latest beat
	promote struct{}
	job     struct{ N int }
	jobDone struct{ N int }
	jobLate struct{ N int }
	leads   struct{} // a fact
	leaves  struct{} // a fact
)

// A monitor makes b the primary when it has not heard from a for 100 ms, by which time a must have noticed.
type monitor struct {
	heard    int
	last     clock.Reading
	promoted bool
}

func (m *monitor) Start(env sim.Env) {
	m.last = env.Now()
	env.After(10*ms, look{})
}

func (m *monitor) Handle(env sim.Env, from sim.NodeID, msg sim.Message) {
	switch x := msg.(type) {
	case beat:
		if from == "a" {
			m.heard, m.last = x.N, env.Now()
		}
	case look:
		if !m.promoted && env.Now().Sub(m.last) > 100*ms {
			m.promoted = true
			env.Send("b", promote{})
		}
		env.Send("a", ping{m.heard})
		env.After(10*ms, look{})
	}
}

// A primary steps down when 50 ms have passed in which it did not know itself heard. A deaf one steps down when it hears nothing, which
// is another matter: a server whose outgoing packets a switch drops keeps its crown, and there are two.
type primary struct {
	leads, deaf bool
	n, heard    int
	since       clock.Reading
}

func (p *primary) Start(env sim.Env) {
	if p.since = env.Now(); p.leads {
		env.Note(leads{})
	}
	env.After(10*ms, look{})
}

func (p *primary) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch x := m.(type) {
	case ping:
		if x.Heard > p.heard || p.deaf {
			p.heard, p.since = x.Heard, env.Now()
		}
	case promote:
		p.leads, p.since = true, env.Now()
		env.Note(leads{})
	case look:
		if p.leads && env.ID() == "a" && env.Now().Sub(p.since) > 50*ms {
			p.leads = false
			env.Note(leaves{})
		}
		if p.n++; p.leads {
			env.Send("monitor", beat{p.n})
		}
		env.After(10*ms, look{})
	}
}

// lone is the property that no two lead at the same time.
type lone struct {
	leaders int
	checks  uint64
}

func (l *lone) Name() string { return "lone" }

func (l *lone) Observe(e *sim.Event) error {
	switch e.Data.(type) {
	case leads:
		l.leaders++
	case leaves:
		l.leaders--
	}
	if l.checks++; l.leaders > 1 {
		return text("there are two primaries")
	}
	return nil
}

func (l *lone) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }

func (l *lone) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

func (l *lone) Checks() uint64 { return l.checks }

// A worker does what it is told, and beats.
type worker struct{}

func (worker) Start(env sim.Env) { env.After(10*ms, look{}) }

func (worker) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch x := m.(type) {
	case look:
		env.Send("monitor", beat{})
		env.After(10*ms, look{})
	case job:
		env.Send(from, jobDone(x))
	}
}

// A dispatcher gives a job to a, and to b if it thinks a dead: when it has not heard a beat for 50 ms, or when a job has not been done for
// as long. Only the second tells a worker that can send from one that can work: gossip that says alive of a node whose inbox is
// stuck is a grey failure (Huang and others, HotOS 2017).
type dispatcher struct {
	byBeats     bool
	n           int
	beat, given clock.Reading
	to          sim.NodeID
}

func (d *dispatcher) Start(env sim.Env) {
	d.to = "a"
	d.beat = env.Now()
	d.give(env)
	env.After(10*ms, look{})
}

func (d *dispatcher) give(env sim.Env) {
	d.n++
	d.given = env.Now()
	env.Send(d.to, job{d.n})
	env.After(200*ms, jobLate{d.n})
}

func (d *dispatcher) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch x := m.(type) {
	case beat:
		if from == d.to {
			d.beat = env.Now()
		}
	case jobDone:
		if x.N == d.n {
			env.Note(done{})
			d.give(env)
		}
	case look:
		if env.Now().Sub(pick(d.byBeats, d.beat, d.given)) > 50*ms {
			d.to = "b"
			env.Send(d.to, job{d.n})
		}
		env.After(10*ms, look{})
	case jobLate:
		if x.N == d.n {
			env.Note(wrongIs("a job has not been done in 200 ms, and b is idle"))
		}
	}
}
