package bites

import "simrun/sim"

var wireBites = []bite{
	{
		fault:   "bandwidth",
		mistake: "heartbeats stand in line behind a snapshot that is sent all at once, and the sender is taken for dead",
		plan:    "always rate a>b 100000\n",
		build: func(wrong bool) *sim.Scenario {
			return small("bandwidth", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &shipper{atOnce: wrong} })
				w.Add("b", func() sim.Node { return &watcher{} })
			})
		},
	},
	{
		fault:   "overflow",
		mistake: "a sender sends all that is unanswered again and again, and fills the queue with what has arrived already: the congestion collapse of 1986",
		plan:    "always rate a>b 10000\nalways queue a>b 400\n",
		build: func(wrong bool) *sim.Scenario {
			return small("overflow", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &resender{floods: wrong} })
				w.Add("b", func() sim.Node { return acknowledger{} })
			})
		},
	},
}

// A part of a snapshot, as long as it is.
type part struct{ Bytes int }

func (p part) Size() int { return p.Bytes }

// partKept says that a part has arrived.
type partKept struct{}

// A pulse says that a is alive.
type pulse struct{}

func (pulse) Size() int { return 10 }

// A shipper has 50,000 bytes to send, at once or a thousand whenever the last thousand have arrived, and beats.
type shipper struct {
	atOnce bool
	sent   int
}

func (s *shipper) Start(env sim.Env) {
	env.After(5*ms, retry{})
	s.ship(env)
}

func (s *shipper) ship(env sim.Env) {
	if s.atOnce {
		env.Send("b", part{50_000})
	} else if s.sent < 50 {
		s.sent++
		env.Send("b", part{1000})
	}
}

func (s *shipper) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case retry:
		env.Send("b", pulse{})
		env.After(20*ms, retry{})
	case partKept:
		if !s.atOnce {
			s.ship(env)
		}
	}
}

// A watcher takes a for dead when it has not heard from it for 200 ms.
type watcher struct{ beats int }

func (w *watcher) Start(env sim.Env) { env.After(200*ms, suspect{0}) }

type suspect struct{ Beats int }

func (w *watcher) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case part:
		env.Send(from, partKept{})
	case pulse:
		w.beats++
		env.Note(done{})
		env.After(200*ms, suspect{w.beats})
	case suspect:
		if m.Beats == w.beats {
			env.Note(wrongIs("b takes a for dead, which is busy sending to it"))
		}
	}
}

// An item is one of thirty; got says that it has arrived.
type (
	item struct{ N int }
	got  struct{ N int }
)

// A resender sends all thirty, and then every 10 ms all that are unanswered, or every 20 ms one of them.
type resender struct {
	floods   bool
	answered [30]bool
}

func (r *resender) Start(env sim.Env) {
	r.send(env, len(r.answered))
	env.After(20*ms, retry{})
	env.After(900*ms, tooLate{})
}

// send sends the first of those that are unanswered, and returns how many there are.
func (r *resender) send(env sim.Env, most int) (open int) {
	for n, ok := range r.answered {
		if !ok {
			if open++; open <= most {
				env.Send("b", item{n})
			}
		}
	}
	return open
}

func (r *resender) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case got:
		r.answered[m.N] = true
	case retry:
		window, wait := 1, 20*ms
		if r.floods {
			window, wait = len(r.answered), 10*ms
		}
		if r.send(env, window) > 0 {
			env.After(wait, retry{})
		} else {
			env.Note(done{})
		}
	case tooLate:
		if r.send(env, 0) > 0 {
			env.Note(wrongIs("what a sends again and again leaves no room for what has never arrived"))
		}
	}
}

type acknowledger struct{}

func (acknowledger) Start(sim.Env) {}

func (acknowledger) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	env.Send(from, got{m.(item).N})
}
