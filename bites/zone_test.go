package bites

import (
	"fmt"

	"simrun/sim"
	"simrun/sim/clock"
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
						w.Add(id, func() sim.Node { return &copyist{synced: true} })
						ids = append(ids, id)
					}
					w.Zone(map[string]string{"a": "z1", "b": "z2", "c": "z3"}[zone], ids...)
				}
				w.Add("client", func() sim.Node { return &hoarder{replicas: replicas} })
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
					w.Add(id, func() sim.Node { return &copyist{synced: !wrong} })
				}
				w.Zone("z1", replicas...)
				w.Add("client", func() sim.Node { return &hoarder{replicas: replicas} })
			})
		},
	},
	{
		fault:   "zone-network",
		mistake: "a region takes over when it no longer hears the other, and asks nobody whether the other is gone",
		plan:    "100ms cut us | eu,z3\n",
		build: func(wrong bool) *sim.Scenario {
			return small("failover", func(w *sim.World) {
				w.Add("primary", func() sim.Node { return &branch{serves: true} })
				w.Add("standby", func() sim.Node { return &branch{alone: wrong} })
				w.Add("witness", func() sim.Node { return &witness{} })
				w.Add("client", func() sim.Node { return &patron{} })
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
	keepCopy struct{ Value string }
	keptCopy struct{}
	whatIs   struct{}
	itIs     struct{ Value string }
	chime    struct{ What string }
)

// A copyist holds one value for a client. One that syncs has it on its disk before it says so; one that does not trusts that
// never all of them lose their memory, as a log does that leaves flushing to the operating system (Apache Kafka's default).
type copyist struct {
	synced bool
	value  string
}

func (k *copyist) Start(env sim.Env) {
	if n, err := env.Disk().Size("value"); err == nil {
		b := make([]byte, n)
		env.Disk().ReadAt("value", b, 0)
		k.value = string(b)
	}
}

func (k *copyist) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case keepCopy:
		k.value = m.Value
		env.Disk().Append("value", []byte(m.Value))
		if k.synced {
			env.Disk().Sync("value")
			env.Disk().SyncDir()
		}
		env.Send(from, keptCopy{})
	case whatIs:
		env.Send(from, itIs{k.value})
	}
}

// A hoarder saves a value with a majority of its replicas, and asks for it again half a second later. Whichever replica knows it
// will do.
type hoarder struct {
	replicas []sim.NodeID
	acks     int
	found    bool
}

func (s *hoarder) Start(env sim.Env) {
	for _, r := range s.replicas {
		env.Send(r, keepCopy{"x"})
	}
	env.After(500*ms, chime{"ask"})
	env.After(600*ms, chime{"judge"})
}

func (s *hoarder) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case keptCopy:
		s.acks++
	case itIs:
		s.found = s.found || m.Value == "x"
	case chime:
		if m.What == "ask" {
			for _, r := range s.replicas {
				env.Send(r, whatIs{})
			}
		} else if s.acks > len(s.replicas)/2 && !s.found {
			env.Note(wrongIs(fmt.Sprintf("%d of %d acknowledged the write, and nobody knows it any more", s.acks, len(s.replicas))))
		} else {
			env.Note(done{})
		}
	}
}

type (
	alive  struct{}
	mayI   struct{} // asks the witness for the next period
	youMay struct{}
	buy    struct{ N int }
	bought struct{ N int }
)

const watch = 10 * ms

// A branch of two serves customers or stands by. One that serves needs the witness's leave for each period, and so does one that
// wants to take over: that is the third vote. One that acts alone takes silence for death. A vote is not all: at GitHub, on
// 21 October 2018, one coast did not see the other for 43 seconds, a majority gave the databases to the other coast, and each was left with writes that the
// other did not have. So whoever serves must also know when to stop.
type branch struct {
	serves, alone bool
	heard         clock.Reading // when it heard from the other
	leave         clock.Reading // when it got leave
}

func (s *branch) Start(env sim.Env) {
	s.heard, s.leave = env.Now(), env.Now()
	env.After(watch, chime{})
}

func (s *branch) other(env sim.Env) sim.NodeID {
	if env.ID() == "primary" {
		return "standby"
	}
	return "primary"
}

func (s *branch) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	at := env.Now()
	switch m := m.(type) {
	case alive:
		s.heard = at
	case youMay:
		s.serves, s.leave = true, at
	case chime:
		env.Send(s.other(env), alive{})
		silent := at.Sub(s.heard) > 5*watch
		switch {
		case s.alone && silent:
			s.serves, s.leave = true, at
		case s.serves || silent:
			env.Send("witness", mayI{})
		}
		s.serves = s.serves && at.Sub(s.leave) < 3*watch
		env.After(watch, m)
	case buy:
		if s.serves && at.Sub(s.leave) < 3*watch {
			env.Send(from, bought(m))
		}
	}
}

// A witness lets one branch serve at a time, a little longer than that branch believes that it may.
type witness struct {
	holder sim.NodeID
	leave  clock.Reading
}

func (*witness) Start(sim.Env) {}

func (x *witness) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	at := env.Now()
	if from == x.holder || x.holder == "" || at.Sub(x.leave) > 5*watch {
		x.holder, x.leave = from, at
		env.Send(from, youMay{})
	}
}

// A patron orders from both sites: one of them serves.
type patron struct {
	n      int
	served map[int]sim.NodeID
}

func (c *patron) Start(env sim.Env) {
	c.served = map[int]sim.NodeID{}
	env.After(watch, chime{})
}

func (c *patron) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case chime:
		c.n++
		env.Send("primary", buy{c.n})
		env.Send("standby", buy{c.n})
		env.After(watch, m)
	case bought:
		if by, ok := c.served[m.N]; ok && by != from {
			env.Note(wrongIs(fmt.Sprintf("both %s and %s have taken order %d", by, from, m.N)))
		}
		c.served[m.N] = from
		env.Note(done{})
	}
}
