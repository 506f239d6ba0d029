package bites

import (
	"time"

	"simrun/sim"
)

var aimBites = []bite{
	{
		fault:   "aimed",
		mistake: "a leader announces an entry while it is still being synced",
		base:    "always unsynced lose\n",
		plan:    "after announced#1 crash @announced for 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("announces", func(w *sim.World) {
				w.Add("leader", func() sim.Node { return &leader{hasty: wrong} })
				w.Add("follower", func() sim.Node { return &follower{} })
			})
		},
	},
	{
		fault:   "aimed",
		mistake: "a coordinator that has decided and started anew believes that it has told everybody",
		plan:    "after resolved#1 crash @resolved for 20ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("decides", func(w *sim.World) {
				w.Add("c", func() sim.Node { return &coordinator{silent: wrong} })
				w.Add("p1", func() sim.Node { return &voter{} })
				w.Add("p2", func() sim.Node { return &voter{} })
			})
		},
	},
	{
		fault:   "aimed",
		mistake: "a payment gets a new name in each life of the till, so that one that was under way at a crash is made twice",
		base:    "always unsynced lose\n",
		plan:    "after till append#2 crash till for 5ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("pays", func(w *sim.World) {
				w.Add("till", func() sim.Node { return &till{twice: wrong} })
				w.Add("bank", func() sim.Node { return &bank{paid: map[int]bool{}} })
			})
		},
	},
}

type (
	announced struct{} // the leader has told of the entry
	resolved  struct{} // the coordinator has decided
	entry     struct{}
	doYouKnow struct{}
	iKnow     struct{ Yes bool }
)

// exists reports whether a node has written this file, in whatever life.
func exists(env sim.Env, name string) bool {
	_, err := env.Disk().Size(name)
	return err == nil
}

// record writes a file so that it outlives a crash.
func record(env sim.Env, name string) {
	env.Disk().Append(name, []byte("x"))
	env.Disk().Sync(name)
	env.Disk().SyncDir()
}

// A leader logs an entry and tells its follower. A hasty one tells while the disk is still at work, which is what
// sending to followers in parallel with one's own disk comes to if one counts oneself in the majority already.
type leader struct{ hasty bool }

func (l *leader) Start(env sim.Env) {
	if exists(env, "log") {
		return
	}
	if !l.hasty {
		record(env, "log")
	}
	env.Send("follower", entry{})
	env.Note(announced{})
	if l.hasty {
		record(env, "log")
	}
}

func (l *leader) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if _, ok := m.(doYouKnow); ok {
		env.Send(from, iKnow{exists(env, "log")})
	}
}

// A follower has acted on the entry, and asks for it later.
type follower struct{}

func (*follower) Start(sim.Env) {}

func (*follower) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case entry:
		env.After(100*time.Millisecond, now{})
	case now:
		env.Send("leader", doYouKnow{})
	case iKnow:
		if !m.Yes {
			env.Note(wrongIs("the leader has forgotten an entry that the follower has acted on"))
		}
		env.Note(done{})
	}
}

type (
	vote    struct{}
	outcome struct{}
)

// A coordinator decides when both have voted, and its decision is durable before anybody hears of it. If it starts anew,
// nobody may have heard.
type coordinator struct {
	silent bool
	votes  int
}

func (c *coordinator) Start(env sim.Env) {
	if exists(env, "decision") && !c.silent {
		c.tell(env)
	}
}

func (c *coordinator) tell(env sim.Env) {
	env.Send("p1", outcome{})
	env.Send("p2", outcome{})
}

func (c *coordinator) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if c.votes++; c.votes == 2 {
		record(env, "decision")
		env.Note(resolved{})
		c.tell(env)
	}
}

// A voter has voted yes, and holds its locks until it hears what was decided.
type voter struct{ heard bool }

func (v *voter) Start(env sim.Env) {
	env.Send("c", vote{})
	env.After(500*time.Millisecond, now{})
}

func (v *voter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case outcome:
		v.heard = true
		env.Note(done{})
	case now:
		if !v.heard {
			env.Note(wrongIs("it was decided half a second ago, and " + string(env.ID()) + " still holds its locks"))
		}
	}
}

type pay struct{ Order int }

// A till pays an order that it has written down, and writes down that it has. Between the two it does not know whether it
// has paid: a payment must have a name that stays the same, which the bank can know again. One that makes up a new name in each life pays twice.
type till struct{ twice bool }

func (x *till) Start(env sim.Env) {
	name := 1
	if exists(env, "order") {
		if x.twice {
			name = 2
		}
	} else {
		record(env, "order")
	}
	if !exists(env, "paid") {
		env.Send("bank", pay{name})
		record(env, "paid")
	}
}

func (x *till) Handle(sim.Env, sim.NodeID, sim.Message) {}

// A bank pays an order once.
type bank struct{ paid map[int]bool }

func (*bank) Start(sim.Env) {}

func (b *bank) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	p := m.(pay)
	if !b.paid[p.Order] {
		b.paid[p.Order] = true
		env.Note(done{})
	}
	if len(b.paid) > 1 {
		env.Note(wrongIs("the order was paid twice"))
	}
}
