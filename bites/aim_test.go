package bites

import "simrun/sim"

var aimBites = []bite{
	{
		fault:   "aimed",
		mistake: "a leader announces an entry while it is still being synced",
		base:    "always unsynced lose\n",
		plan:    "after announced#1 crash @announced for 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("announces", func(w *sim.World) {
				w.Add("leader", func() sim.Node { return &announcer{hasty: wrong} })
				w.Add("follower", func() sim.Node { return &believer{} })
			})
		},
	},
	{
		fault:   "aimed",
		mistake: "a coordinator that has decided and started anew believes that it has told everybody",
		plan:    "after resolved#1 crash @resolved for 20ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("decides", func(w *sim.World) {
				w.Add("c", func() sim.Node { return &decider{silent: wrong} })
				w.Add("p1", func() sim.Node { return &inDoubt{} })
				w.Add("p2", func() sim.Node { return &inDoubt{} })
			})
		},
	},
	{
		fault:   "aimed",
		mistake: "a payment gets a new name in each life of the payer, so that one that was under way at a crash is made twice",
		base:    "always unsynced lose\n",
		plan:    "after till append#2 crash till for 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("pays", func(w *sim.World) {
				w.Add("till", func() sim.Node { return &payer{twice: wrong} })
				w.Add("bank", func() sim.Node { return &payee{paid: map[int]bool{}} })
			})
		},
	},
}

type (
	announced struct{} // the leader has told of the entry
	resolved  struct{} // the coordinator has decided
	propose   struct{}
	entry     struct{}
	doYouKnow struct{}
	iKnow     struct{ Yes bool }
)

// exists reports whether a node has written this file, in whatever life.
func exists(env sim.Env, name string) bool {
	_, err := env.Disk().Size(name)
	return err == nil
}

// keepFile writes a file so that it outlives a crash.
func keepFile(env sim.Env, name string) {
	env.Disk().Append(name, []byte("x"))
	env.Disk().Sync(name)
	env.Disk().SyncDir()
}

// An announcer leads: it logs what is proposed and tells its follower. A hasty one tells while the disk is still at work, which is what
// sending to followers in parallel with one's own disk comes to if one counts oneself in the majority already.
type announcer struct{ hasty bool }

func (*announcer) Start(sim.Env) {}

func (l *announcer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case propose:
		if !l.hasty {
			keepFile(env, "log")
		}
		env.Send(from, entry{})
		env.Note(announced{})
		if l.hasty {
			keepFile(env, "log")
		}
	case doYouKnow:
		env.Send(from, iKnow{exists(env, "log")})
	}
}

// A believer follows: it proposes an entry, acts on it when it is told, and asks for it later.
type believer struct{}

func (*believer) Start(env sim.Env) { env.Send("leader", propose{}) }

func (*believer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case entry:
		env.After(100*ms, look{})
	case look:
		env.Send("leader", doYouKnow{})
	case iKnow:
		if !m.Yes {
			env.Note(wrongIs("the leader has forgotten an entry that the follower has acted on"))
		}
		env.Note(done{})
	}
}

type (
	votesYes struct{}
	outcome  struct{}
)

// A decider is a coordinator. It decides when both have voted, and its decision is durable before anybody hears of it. If it starts anew,
// nobody may have heard.
type decider struct {
	silent bool
	votes  int
}

func (c *decider) Start(env sim.Env) {
	if exists(env, "decision") && !c.silent {
		c.tell(env)
	}
}

func (c *decider) tell(env sim.Env) {
	env.Send("p1", outcome{})
	env.Send("p2", outcome{})
}

func (c *decider) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if c.votes++; c.votes == 2 {
		keepFile(env, "decision")
		env.Note(resolved{})
		c.tell(env)
	}
}

// A participant that is inDoubt has voted yes, and holds its locks until it hears what was decided.
type inDoubt struct{ heard bool }

func (v *inDoubt) Start(env sim.Env) {
	env.Send("c", votesYes{})
	env.After(500*ms, look{})
}

func (v *inDoubt) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case outcome:
		v.heard = true
		env.Note(done{})
	case look:
		if !v.heard {
			env.Note(wrongIs("it was decided half a second ago, and " + string(env.ID()) + " still holds its locks"))
		}
	}
}

type payment struct{ Order int }

// A payer pays an order that it has written down, and writes down that it has. Between the two it does not know whether it
// has paid: a payment must have a name that stays the same, which the payee can know again. One that makes up a new name in each life pays twice.
type payer struct{ twice bool }

func (x *payer) Start(env sim.Env) {
	name := 1
	if exists(env, "order") {
		if x.twice {
			name = 2
		}
	} else {
		keepFile(env, "order")
	}
	if !exists(env, "paid") {
		env.Send("bank", payment{name})
		keepFile(env, "paid")
	}
}

func (x *payer) Handle(sim.Env, sim.NodeID, sim.Message) {}

// A payee pays an order once.
type payee struct{ paid map[int]bool }

func (*payee) Start(sim.Env) {}

func (b *payee) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	p := m.(payment)
	if !b.paid[p.Order] {
		b.paid[p.Order] = true
		env.Note(done{})
	}
	if len(b.paid) > 1 {
		env.Note(wrongIs("the order was paid twice"))
	}
}
