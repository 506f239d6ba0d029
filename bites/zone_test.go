package bites

import (
	"fmt"
	"slices"
	"time"

	"simrun/sim"
)

var zoneBites = []bite{
	{
		fault:   "zone-power",
		mistake: "all copies of a shard are in one zone, since the nodes were taken in the order of their names",
		plan:    "100ms crash z1\n",
		build: func(wrong bool) *sim.Scenario {
			replicas := []sim.NodeID{"a1", "b1", "c1"}
			if wrong {
				replicas = []sim.NodeID{"a1", "a2", "a3"}
			}
			return small("placement", func(w *sim.World) {
				for _, zone := range []string{"a", "b", "c"} {
					var ids []sim.NodeID
					for n := range 3 {
						id := sim.NodeID(fmt.Sprint(zone, n+1))
						w.Add(id, func() sim.Node { return &keeper{synced: true} })
						ids = append(ids, id)
					}
					w.Zone(map[string]string{"a": "z1", "b": "z2", "c": "z3"}[zone], ids...)
				}
				w.Add("client", func() sim.Node { return &saver{replicas: replicas} })
			})
		},
	},
	{
		fault:   "zone-power",
		mistake: "a write is acknowledged when it is in the memory of a majority, and all of them hang on one power supply",
		base:    "always unsynced lose\n",
		plan:    "100ms crash z1 for 20ms\n",
		build: func(wrong bool) *sim.Scenario {
			replicas := []sim.NodeID{"a1", "a2", "a3"}
			return small("one-supply", func(w *sim.World) {
				for _, id := range replicas {
					w.Add(id, func() sim.Node { return &keeper{synced: !wrong} })
				}
				w.Zone("z1", replicas...)
				w.Add("client", func() sim.Node { return &saver{replicas: replicas} })
			})
		},
	},
	{
		fault:   "zone-network",
		mistake: "a region takes over when it no longer hears the other, and asks nobody whether the other is gone",
		plan:    "100ms cut us | eu,z3\n",
		build: func(wrong bool) *sim.Scenario {
			return small("failover", func(w *sim.World) {
				w.Add("primary", func() sim.Node { return &site{serves: true} })
				w.Add("standby", func() sim.Node { return &site{alone: wrong} })
				w.Add("witness", func() sim.Node { return &witness{} })
				w.Add("client", func() sim.Node { return &customer{} })
				w.Zone("z1", "primary")
				w.Zone("z2", "standby")
				w.Zone("z3", "witness")
				w.Region("eu", "z1")
				w.Region("us", "z2")
			})
		},
	},
}

type (
	save   struct{ Value string }
	saved  struct{}
	recall struct{}
	known  struct{ Value string }
	now    struct{ What string }
)

// A keeper holds one value for a client. One that syncs has it on its disk before it says so; one that does not trusts that
// never all of them lose their memory, as a log does that leaves flushing to the operating system (Apache Kafka's default).
type keeper struct {
	synced bool
	value  string
}

func (k *keeper) Start(env sim.Env) {
	if n, err := env.Disk().Size("value"); err == nil {
		b := make([]byte, n)
		env.Disk().ReadAt("value", b, 0)
		k.value = string(b)
	}
}

func (k *keeper) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case save:
		k.value = m.Value
		env.Disk().Append("value", []byte(m.Value))
		if k.synced {
			env.Disk().Sync("value")
			env.Disk().SyncDir()
		}
		env.Send(from, saved{})
	case recall:
		env.Send(from, known{k.value})
	}
}

// A saver saves a value with a majority of its replicas, and asks for it again half a second later. Whichever replica knows it
// will do.
type saver struct {
	replicas []sim.NodeID
	acks     int
	found    bool
}

func (s *saver) Start(env sim.Env) {
	for _, r := range s.replicas {
		env.Send(r, save{"x"})
	}
	env.After(500*time.Millisecond, now{"ask"})
	env.After(600*time.Millisecond, now{"judge"})
}

func (s *saver) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case saved:
		s.acks++
	case known:
		s.found = s.found || m.Value == "x"
	case now:
		if m.What == "ask" {
			for _, r := range s.replicas {
				env.Send(r, recall{})
			}
		} else if s.acks > len(s.replicas)/2 && !s.found {
			env.Note(wrongIs(fmt.Sprintf("%d of %d acknowledged the write, and nobody knows it any more", s.acks, len(s.replicas))))
		} else {
			env.Note(done{})
		}
	}
}

type (
	alive   struct{}
	mayI    struct{} // asks the witness for the next period
	youMay  struct{}
	order   struct{ N int }
	ordered struct{ N int }
)

const period = 10 * time.Millisecond

// A site of two serves customers or stands by. One that serves needs the witness's leave for each period, and so does one that
// wants to take over: that is the third vote. One that acts alone takes silence for death. GitHub's databases had two
// primaries so on 21 October 2018, when one coast did not see the other for 43 seconds.
type site struct {
	serves, alone bool
	heard         time.Duration // when, by its own clock, it heard from the other
	leave         time.Duration // until when it may serve
}

func (s *site) Start(env sim.Env) {
	s.heard = env.Now().Monotonic()
	s.leave = env.Now().Monotonic() + 5*period
	env.After(period, now{})
}

func (s *site) other(env sim.Env) sim.NodeID {
	if env.ID() == "primary" {
		return "standby"
	}
	return "primary"
}

func (s *site) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	at := env.Now().Monotonic()
	switch m := m.(type) {
	case alive:
		s.heard = at
	case youMay:
		s.serves, s.leave = true, at+3*period
	case now:
		env.Send(s.other(env), alive{})
		silent := at-s.heard > 5*period
		switch {
		case s.alone && silent:
			s.serves, s.leave = true, at+3*period
		case s.serves || silent:
			env.Send("witness", mayI{})
		}
		s.serves = s.serves && at < s.leave
		env.After(period, m)
	case order:
		if s.serves && at < s.leave {
			env.Send(from, ordered{m.N})
		}
	}
}

// A witness lets one site serve at a time, a little longer than that site believes that it may.
type witness struct {
	holder sim.NodeID
	until  time.Duration
}

func (*witness) Start(sim.Env) {}

func (x *witness) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	at := env.Now().Monotonic()
	if from == x.holder || at > x.until {
		x.holder, x.until = from, at+5*period
		env.Send(from, youMay{})
	}
}

// A customer orders from both sites: one of them serves.
type customer struct {
	n      int
	served map[int][]sim.NodeID
}

func (c *customer) Start(env sim.Env) {
	c.served = map[int][]sim.NodeID{}
	env.After(period, now{})
}

func (c *customer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case now:
		c.n++
		env.Send("primary", order{c.n})
		env.Send("standby", order{c.n})
		env.After(period, m)
	case ordered:
		if c.served[m.N] = append(c.served[m.N], from); len(slices.Compact(c.served[m.N])) > 1 {
			env.Note(wrongIs(fmt.Sprintf("both %s and %s have taken order %d", c.served[m.N][0], from, m.N)))
		}
		env.Note(done{})
	}
}
