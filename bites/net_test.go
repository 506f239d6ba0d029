package bites

import (
	"time"

	"simrun/sim"
)

var messageBites = []bite{
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
	{
		fault:   "duplicate",
		mistake: "a bank carries out an order as often as it arrives",
		plan:    "repeat c>bank order#1 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("duplicate", func(w *sim.World) {
				w.Add("c", func() sim.Node { return &remitter{} })
				w.Add("bank", func() sim.Node { return &bankteller{remembers: !wrong} })
			})
		},
	},
	{
		fault:   "linger",
		mistake: "a client takes the next answer on its connection for the answer to its latest question, as redis-py did in 2023",
		plan:    "delay s>c told#1 19ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("linger", func(w *sim.World) {
				w.Add("c", func() sim.Node { return &querist{numbers: !wrong} })
				w.Add("s", func() sim.Node { return librarian{} })
			})
		},
	},
	{
		fault:   "reorder",
		mistake: "a replica takes what arrives last for what was written last",
		plan:    "always law p>r uniform 1ms 5ms\n",
		seeds:   20,
		build: func(wrong bool) *sim.Scenario {
			return small("reorder", func(w *sim.World) {
				w.Add("p", func() sim.Node { return &original{} })
				w.Add("r", func() sim.Node { return &follower{versions: !wrong} })
			})
		},
	},
	{
		fault:   "stale",
		mistake: "a lock server takes a request that was meant for an earlier life of it for a new one, so that nobody ever unlocks",
		base:    "100ms crash s for 20ms\n",
		plan:    "stale c>s lock#1\n",
		build: func(wrong bool) *sim.Scenario {
			return small("stale", func(w *sim.World) {
				w.Add("s", func() sim.Node { return &locksmith{looks: !wrong} })
				w.Add("c", func() sim.Node { return &tenant{} })
				w.Add("d", func() sim.Node { return &tenant{from: 300 * ms} })
			})
		},
	},
	{
		fault:   "withhold",
		mistake: "who has waited for long takes it that no answer will come, and settles the matter without",
		plan:    "always withhold\n",
		build: func(wrong bool) *sim.Scenario {
			s := small("withhold", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &petitioner{forever: !wrong} })
				w.Add("b", func() sim.Node { return answerer{} })
			})
			s.Decides = func(sim.Options) sim.Deciding {
				return func(_ *sim.World, to sim.NodeID, m sim.Message) bool { return to == "a" && m == answers{} }
			}
			return s
		},
	},
}

type (
	asks    struct{}
	answers struct{}
)

// An asker asks b for something, again and again until it is answered, or once.
type asker struct{ again, answered bool }

func (a *asker) Start(env sim.Env) {
	env.Send("b", asks{})
	env.After(10*ms, retry{})
	env.After(500*ms, tooLate{})
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
			env.After(10*ms, retry{})
		}
	case tooLate:
		if !a.answered {
			env.Note(wrongIs("a was never answered, and does not ask again"))
		}
	}
}

// A petitioner asks b and waits: for ever, or until it settles the matter by itself.
type petitioner struct{ forever, alone bool }

func (a *petitioner) Start(env sim.Env) {
	env.Send("b", asks{})
	env.After(500*ms, tooLate{})
}

func (a *petitioner) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch {
	case m == tooLate{}:
		a.alone = !a.forever
	case a.alone:
		env.Note(wrongIs("a has settled alone what b has answered"))
	default:
		env.Note(done{})
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

// An order to pay has a number, so that a bank can know it again.
type (
	order struct{ Number, Amount int }
	spent struct{ Paid int }
)

// A remitter orders once, and looks at what it has paid.
type remitter struct{}

func (*remitter) Start(env sim.Env) {
	env.Send("bank", order{1, 10})
	env.After(100*ms, tooLate{})
}

func (*remitter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case tooLate:
		env.Send("bank", asks{})
	case spent:
		env.Note(done{})
		if m.Paid != 10 {
			env.Note(wrongIs("c has ordered once and paid twice"))
		}
	}
}

// A bankteller pays.
type bankteller struct {
	remembers bool
	paid      int
	last      int // number of an order
}

func (*bankteller) Start(sim.Env) {}

func (c *bankteller) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case order:
		if c.remembers && m.Number <= c.last {
			return
		}
		c.last = m.Number
		c.paid += m.Amount
	case asks:
		env.Send(from, spent{c.paid})
	}
}

// A question is about a key; what is told repeats its number.
type (
	question struct {
		Number int
		Key    string
	}
	told struct {
		Number int
		Value  string
	}
)

// A querist asks for the first key, gives up after 20 ms, and asks for the second over the same connection.
type querist struct {
	numbers  bool
	number   int
	key      string
	answered bool
}

func (c *querist) Start(env sim.Env) {
	c.ask(env, "mine")
	env.After(20*ms, retry{})
}

func (c *querist) ask(env sim.Env, key string) {
	c.number, c.key, c.answered = c.number+1, key, false
	env.Send("s", question{c.number, key})
}

func (c *querist) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		c.ask(env, "yours")
	case told:
		if c.answered || c.numbers && m.Number != c.number {
			return
		}
		c.answered = true
		env.Note(done{})
		if m.Value != "value of "+c.key {
			env.Note(wrongIs("c asked for " + c.key + " and took the " + m.Value))
		}
	}
}

type librarian struct{}

func (librarian) Start(sim.Env) {}

func (librarian) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	q := m.(question)
	env.Send(from, told{q.Number, "value of " + q.Key})
}

// A put writes a version of the one value.
type put struct{ Version int }

// An original writes three versions, a millisecond apart, and looks at what its replica has in the end.
type original struct{ version int }

func (p *original) Start(env sim.Env) { env.After(ms, retry{}) }

func (p *original) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		p.version++
		env.Send("r", put{p.version})
		if p.version < 3 {
			env.After(ms, retry{})
		} else {
			env.After(100*ms, tooLate{})
		}
	case tooLate:
		env.Send("r", asks{})
	case put:
		env.Note(done{})
		if m.Version != p.version {
			env.Note(wrongIs("the replica has gone back to an old version"))
		}
	}
}

type follower struct {
	versions bool
	has      put
}

func (*follower) Start(sim.Env) {}

func (r *follower) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case put:
		if !r.versions || m.Version > r.has.Version {
			r.has = m
		}
	case asks:
		env.Send(from, r.has)
	}
}

// A lock is meant for one life of the server, whose number a tenant learns from its greeting.
type (
	hello    struct{}
	greeting struct{ Life int }
	lock     struct{ Life, Number int }
	locked   struct{ Number int }
	unlock   struct{}
)

// A locksmith keeps in memory who has the lock, and on disk how often it has lived.
type locksmith struct {
	looks bool
	life  int
	held  sim.NodeID
}

func (s *locksmith) Start(env sim.Env) {
	env.Disk().Append("lives", []byte{1})
	env.Disk().Sync("lives")
	env.Disk().SyncDir()
	n, _ := env.Disk().Size("lives")
	s.life = int(n)
}

func (s *locksmith) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case hello:
		env.Send(from, greeting{s.life})
	case lock:
		if s.looks && m.Life != s.life {
			return // of somebody who has asked an earlier life
		}
		if s.held == "" || s.held == from {
			s.held = from
			env.Send(from, locked{m.Number})
		}
	case unlock:
		if s.held == from {
			s.held = ""
		}
	}
}

// A tenant wants the lock once, asks for it every 20 ms, and gives it back at once.
type tenant struct {
	from   time.Duration
	number int
	had    bool
}

func (t *tenant) Start(env sim.Env) {
	env.After(t.from+ms, retry{})
	env.After(t.from+300*ms, tooLate{})
}

func (t *tenant) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		if !t.had {
			env.Send("s", hello{})
			env.After(20*ms, retry{})
		}
	case greeting:
		t.number++
		env.Send("s", lock{m.Life, t.number})
	case locked:
		if m.Number == t.number && !t.had { // an answer to an earlier question is none
			t.had = true
			env.Note(done{})
			env.Send("s", unlock{})
		}
	case tooLate:
		if !t.had {
			env.Note(wrongIs(string(env.ID()) + " never gets the lock, which nobody wants any more"))
		}
	}
}
