package bites

import "simrun/sim"

// What a node remembers of itself, and whose disk it is.
var identityBites = []bite{
	{
		fault:   "crash-recovery",
		mistake: "a voter keeps its vote in memory",
		base:    "always unsynced lose\n",
		plan:    "50ms crash v for 20ms\n",
		build:   func(wrong bool) *sim.Scenario { return recounts(elector{forgets: wrong, asks: true}) },
	},
	{
		fault:   "lost-disk",
		mistake: "a voter whose disk is empty takes itself for a new one, under its old name",
		base:    "always unsynced lose\n",
		plan:    "50ms wipe v\n60ms restart v\n",
		build:   func(wrong bool) *sim.Scenario { return recounts(elector{asks: !wrong}) },
	},
	{
		fault:   "swapped-disk",
		mistake: "a node serves whatever is on the disk that it finds",
		plan:    "50ms swap a b\n60ms restart a\n60ms restart b\n",
		build: func(wrong bool) *sim.Scenario {
			return small("shards", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &shard{trusting: wrong} })
				w.Add("b", func() sim.Node { return &shard{trusting: wrong} })
				w.Add("c", func() sim.Node { return customer{} })
			})
		},
	},
}

type (
	ballot  struct{ For int64 }
	vote    struct{ For int64 }
	joins   struct{}
	welcome struct{ Again bool }
)

// An elector gives its vote to one. Raft's figure 2 wants the vote on stable storage, beside the term; one that forgets has it in
// memory. One that does not ask whether its name is known believes that an empty disk means that it is new: for this
// reason etcd must not be started again as the same member when its data directory is gone.
type elector struct {
	forgets, asks bool
	votes         bool // it may
	gave          int64
}

func (v *elector) Start(env sim.Env) {
	var b [1]byte
	if n, _ := env.Disk().ReadAt("vote", b[:], 0); n == 1 {
		v.gave, v.votes = int64(b[0]), true
	} else if env.Send("registrar", joins{}); !v.asks || v.forgets {
		v.votes = true
	}
}

func (v *elector) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case welcome:
		v.votes = v.votes || !m.Again
	case ballot:
		if !v.votes || v.gave != 0 && v.gave != m.For {
			return
		}
		if v.gave = m.For; !v.forgets {
			env.Disk().WriteAt("vote", []byte{byte(m.For)}, 0)
			env.Disk().Sync("vote")
			env.Disk().SyncDir()
		}
		env.Send(from, vote(m))
	}
}

// A registrar knows which names have been used.
type registrar struct{ known map[sim.NodeID]bool }

func (r *registrar) Start(sim.Env) {}

func (r *registrar) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	env.Send(from, welcome{r.known[from]})
	r.known[from] = true
}

// A canvasser asks for a vote for 1, and later for 2.
type canvasser struct{ got int64 }

func (c *canvasser) Start(env sim.Env) {
	env.After(20*ms, ballot{1})
	env.After(100*ms, ballot{2})
}

func (c *canvasser) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case ballot:
		env.Send("v", m)
	case vote:
		if env.Note(m); c.got != 0 && c.got != m.For {
			env.Note(wrongIs("a voter has voted for two"))
		}
		c.got = m.For
	}
}

func recounts(v elector) *sim.Scenario {
	return small("recount", func(w *sim.World) {
		w.Add("v", func() sim.Node { x := v; return &x })
		w.Add("registrar", func() sim.Node { return &registrar{map[sim.NodeID]bool{}} })
		w.Add("c", func() sim.Node { return &canvasser{} })
	})
}

type (
	whoseShard struct{}
	belongs    struct{ To sim.NodeID }
	refused    struct{} // a fact
)

// A shard serves what is on its disk. Disks are exchanged by hands that pull the wrong drawer, and volumes by orchestrators that attach
// the wrong one. Kafka writes the ids of its broker and of the cluster into each directory, and looks at them when it starts.
type shard struct {
	trusting bool
	holds    sim.NodeID
}

func (s *shard) Start(env sim.Env) {
	var b [1]byte
	if n, _ := env.Disk().ReadAt("shard", b[:], 0); n == 0 {
		copy(b[:], env.ID())
		env.Disk().Append("shard", b[:])
		env.Disk().Sync("shard")
		env.Disk().SyncDir()
	}
	s.holds = sim.NodeID(b[:])
}

func (s *shard) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	if s.holds != env.ID() && !s.trusting {
		env.Note(refused{})
		return
	}
	env.Send(from, belongs{s.holds})
}

// A customer asks both shards.
type customer struct{}

func (customer) Start(env sim.Env) { env.After(100*ms, look{}) }

func (customer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case look:
		env.Send("a", whoseShard{})
		env.Send("b", whoseShard{})
	case belongs:
		if env.Note(m); m.To != from {
			env.Note(wrongIs("a shard serves what belongs to another"))
		}
	}
}
