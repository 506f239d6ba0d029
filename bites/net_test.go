package bites

import (
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

var networkBites = append(messageBites, shapeBites...)

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
		fault:   "asymmetric-latency",
		mistake: "an heir waits for half a round trip in the place of an answer, and takes over from one who has not yet been told to stop",
		plan:    "always law heir>owner uniform 30ms 40ms\n",
		seeds:   5,
		build: func(wrong bool) *sim.Scenario {
			return judgedBy("asymmetric-latency", &onlyOne{}, func(w *sim.World) {
				w.Add("owner", func() sim.Node { return &owner{} })
				w.Add("heir", func() sim.Node { return &heir{halves: wrong} })
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
				w.Add("d", func() sim.Node { return &tenant{from: 300 * time.Millisecond} })
			})
		},
	},
	{
		fault:   "corrupt",
		mistake: "a receiver of chunks believes that it has them all when the last has come",
		plan:    "corrupt a>b chunk#3\n",
		build: func(wrong bool) *sim.Scenario {
			return small("corrupt", func(w *sim.World) {
				w.Add("a", func() sim.Node { return uploader{} })
				w.Add("b", func() sim.Node { return &downloader{counts: !wrong} })
			})
		},
	},
	{
		fault:   "garble",
		mistake: "messages between servers have no checksum of their own, as Amazon S3's gossip in July 2008",
		plan:    "garble a>b gossip#3\n",
		build: func(wrong bool) *sim.Scenario {
			return small("garble", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &gossiper{} })
				w.Add("b", func() sim.Node { return &listener{sums: !wrong} })
			})
		},
	},
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
	{
		fault:   "flap",
		mistake: "a sender tries again at a fixed interval, which is that of the link's coming and going",
		plan:    "1ms flap a | b 20x 20ms\n",
		seeds:   5,
		build: func(wrong bool) *sim.Scenario {
			return small("flap", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &knocker{jitters: !wrong} })
				w.Add("b", func() sim.Node { return answerer{} })
			})
		},
	},
	{
		fault:   "break",
		mistake: "a follower believes that an ordered connection leaves no holes, and appends what comes over the next one",
		base:    "always law constant 5ms\n",
		plan:    "30.5ms break leader | follower 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			s := small("break", func(w *sim.World) {
				w.Add("leader", func() sim.Node { return &streamer{} })
				w.Add("follower", func() sim.Node { return &appender{numbers: !wrong} })
			})
			s.Model = fault.Model{FIFO: true}
			return s
		},
	},
	{
		fault:   "clients-cut",
		mistake: "a client takes silence for a no, and orders again under another number",
		plan:    "10.5ms cut s1,s2 | c one-way\n200ms heal\n",
		build: func(wrong bool) *sim.Scenario {
			return small("clients-cut", func(w *sim.World) {
				w.Add("c", func() sim.Node { return &buyer{anew: wrong} })
				w.Add("s1", func() sim.Node { return &shop{other: "s2"} })
				w.Add("s2", func() sim.Node { return &shop{other: "s1"} })
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

// A knocker asks at 5 ms and then every 40 ms, or some time around that.
type knocker struct{ jitters, answered bool }

func (r *knocker) Start(env sim.Env) {
	env.After(5*time.Millisecond, retry{})
	env.After(700*time.Millisecond, late{})
}

func (r *knocker) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case answers:
		r.answered = true
		env.Note(done{})
	case retry:
		if r.answered {
			return
		}
		env.Send("b", asks{})
		wait := 40
		if r.jitters {
			wait = 20 + env.Pick("jitter", 40)
		}
		env.After(time.Duration(wait)*time.Millisecond, retry{})
	case late:
		if !r.answered {
			env.Note(wrongIs("a asks only when the link is down"))
		}
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
	env.After(100*time.Millisecond, late{})
}

func (*remitter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case late:
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
	env.After(20*time.Millisecond, retry{})
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

func (p *original) Start(env sim.Env) { env.After(time.Millisecond, retry{}) }

func (p *original) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		p.version++
		env.Send("r", put{p.version})
		if p.version < 3 {
			env.After(time.Millisecond, retry{})
		} else {
			env.After(100*time.Millisecond, late{})
		}
	case late:
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
