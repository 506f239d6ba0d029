package bites

import (
	"time"

	"simrun/sim"
)

var shapeBites = []bite{
	{
		fault:   "cut",
		mistake: "a standby takes silence for death, and takes over from one whom only it cannot hear",
		plan:    "200ms cut a | b one-way\n",
		build: func(wrong bool) *sim.Scenario {
			return judgedBy("cut", one, func(w *sim.World) {
				w.Add("a", func() sim.Node { return &renewer{} })
				w.Add("b", func() sim.Node { return &standby{rash: wrong} })
				w.Add("c", func() sim.Node { return &arbiter{} })
			})
		},
	},
	{
		fault:   "partial",
		mistake: "a master believes one node's word that another is dead, though it hears that one itself, so that a job runs twice",
		plan:    "200ms partition partial a,b,master\n",
		build: func(wrong bool) *sim.Scenario {
			return judgedBy("partial", one, func(w *sim.World) {
				w.Add("a", func() sim.Node { return &labourer{busy: true, other: "b"} })
				w.Add("b", func() sim.Node { return &labourer{other: "a"} })
				w.Add("master", func() sim.Node { return &foreman{believes: wrong} })
			})
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

// An arbiter is told by the primary that it is there, and says who may take over.
type (
	here     struct{}
	renewal  struct{}
	claim    struct{}
	promoted struct{}
)

// A renewer is a primary that serves while its renewals are answered.
type renewer struct{ answered time.Duration }

func (p *renewer) Start(env sim.Env) {
	env.Note(took{})
	env.After(10*ms, retry{})
}

func (p *renewer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if _, ok := m.(renewal); ok {
		p.answered = env.Now().Wall()
		return
	}
	if env.Now().Wall()-p.answered > 40*ms {
		env.Note(gave{})
		return
	}
	env.Send("b", here{})
	env.Send("c", renewal{})
	env.After(10*ms, retry{})
}

// A standby waits for 50 ms of silence, and then takes over, or asks whether it may.
type standby struct {
	rash, serves bool
	heard        time.Duration
}

func (s *standby) Start(env sim.Env) { env.After(10*ms, retry{}) }

func (s *standby) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	_, granted := m.(promoted)
	if _, ok := m.(here); ok {
		s.heard = env.Now().Wall()
		return
	}
	silent := env.Now().Wall()-s.heard > 50*ms
	switch {
	case s.serves:
	case granted || silent && s.rash:
		s.serves = true
		env.Note(took{})
	case silent:
		env.Send("c", claim{})
	}
	if !granted {
		env.After(10*ms, retry{})
	}
}

// An arbiter lets the standby take over when the primary has not renewed for 60 ms.
type arbiter struct{ renewed time.Duration }

func (*arbiter) Start(sim.Env) {}

func (a *arbiter) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case renewal:
		a.renewed = env.Now().Wall()
		env.Send(from, renewal{})
	case claim:
		if env.Now().Wall()-a.renewed > 60*ms {
			env.Send(from, promoted{})
		}
	}
}

// A labourer says that it is there to the other one and to the master, and tells the master when the other is not.
type (
	hearsay struct{ Who sim.NodeID }
	assign  struct{}
)

type labourer struct {
	busy  bool
	other sim.NodeID
	heard time.Duration
}

func (k *labourer) Start(env sim.Env) {
	if k.busy {
		env.Note(took{})
	}
	env.After(10*ms, retry{})
}

func (k *labourer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case here:
		k.heard = env.Now().Wall()
	case assign:
		k.busy = true
		env.Note(took{})
	case retry:
		env.Send(k.other, here{})
		env.Send("master", here{})
		if env.Now().Wall()-k.heard > 50*ms {
			env.Send("master", hearsay{k.other})
		}
		env.After(10*ms, retry{})
	}
}

// A foreman gives the job of a, which has it at first, to b when a is dead: for it too, or if b says so.
type foreman struct {
	believes, moved bool
	heard           time.Duration
}

func (*foreman) Start(sim.Env) {}

func (f *foreman) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case here:
		if from == "a" {
			f.heard = env.Now().Wall()
		}
	case hearsay:
		if m.Who == "a" && !f.moved && (f.believes || env.Now().Wall()-f.heard > 50*ms) {
			f.moved = true
			env.Send(from, assign{})
		}
	}
}

// A purchase of order 7, under a number of its own; sold says that it was made.
type (
	purchase struct{ Number int }
	sold     struct{ Number int }
)

// A buyer buys once, asks s1 first and s2 after 50 ms of silence, and s1 again after that.
type buyer struct {
	anew   bool
	number int
	asked  int
	sold   bool
}

func (c *buyer) Start(env sim.Env) {
	c.number = 1
	env.After(10*ms, retry{})
}

func (c *buyer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		if c.sold {
			return
		}
		if c.asked++; c.anew {
			c.number = c.asked
		}
		env.Send([]sim.NodeID{"s2", "s1"}[c.asked%2], purchase{c.number})
		env.After(50*ms, retry{})
	case sold:
		c.sold = c.sold || m.Number == c.number
	}
}

// A shop makes each purchase once, and tells the other shop.
type shop struct {
	other sim.NodeID
	made  []int
}

func (*shop) Start(sim.Env) {}

func (s *shop) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case purchase:
		for _, n := range s.made {
			if n == m.Number {
				env.Send(from, sold(m))
				return
			}
		}
		s.made = append(s.made, m.Number)
		env.Note(done{})
		if len(s.made) > 1 {
			env.Note(wrongIs("c has bought twice what it wanted once"))
		}
		env.Send(s.other, sold(m))
		env.Send(from, sold(m))
	case sold:
		s.made = append(s.made, m.Number)
	}
}
