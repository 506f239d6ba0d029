package bites

import (
	"time"

	"simrun/sim"
)

var slowDiskBites = []bite{
	{
		// The usual way to lose an etcd leader for no reason: its heartbeats wait for its log.
		fault:   "slow-disk",
		mistake: "a node that syncs its log answers nobody meanwhile, and is taken for dead",
		plan:    "always sync a 40ms\n",
		build:   func(wrong bool) *sim.Scenario { return watched(&chronicler{waits: wrong}) },
	},
	{
		// The pause between the check and the act, here on a disk; with a garbage collector in the place of the disk it befell HBase.
		fault:   "disk-stall",
		mistake: "a node looks whether its lease holds, writes down what it will do, and does it, however long the writing took",
		plan:    "15ms stall a 100ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("lease and disk", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &leaseWriter{hasty: wrong} })
				w.Add("b", func() sim.Node { return leaseJudge{} })
			})
		},
	},
	{
		// A queue without a bound before a disk that is slower than its clients.
		fault:   "throttle",
		mistake: "samples that come faster than the disk takes them are all written, each later than the one before, and questions wait behind them",
		plan:    "always throttle a 100000\n",
		build:   func(wrong bool) *sim.Scenario { return watched(&sampler{all: wrong}) },
	},
}

// watched is a node a that a watcher sends a question every 10 ms, with a sample for it to keep; it must answer within 35 ms.
func watched(a sim.Node) *sim.Scenario {
	return small("watched", func(w *sim.World) {
		w.Add("a", func() sim.Node { return a })
		w.Add("b", func() sim.Node { return &pulseWatcher{} })
	})
}

type (
	sample  struct{ At time.Duration }
	beating struct{ N int }
	pulsing struct{ N int }
	missed  struct{ N int }
	note    struct{}
)

// A pulseWatcher counts the beats of its node, and takes it for dead when one is late.
type pulseWatcher struct{ n, last int }

func (b *pulseWatcher) Start(env sim.Env) { env.After(10*ms, look{}) }

func (b *pulseWatcher) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case look:
		b.n++
		env.Send("a", sample{env.Now().Wall()})
		env.Send("a", beating{b.n})
		env.After(10*ms, look{})
		env.After(15*ms, missed{b.n})
	case pulsing:
		b.last = max(b.last, m.N)
		env.Note(done{})
	case missed:
		if b.last < m.N {
			env.Note(wrongIs("a lives, and is taken for dead"))
		}
	}
}

// A chronicler answers, and syncs its log now and then, for which it waits or does not.
type chronicler struct{ waits bool }

func (a *chronicler) Start(env sim.Env) { env.After(0, note{}) }

func (a *chronicler) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case note:
		_ = env.Disk().Append("log", []byte("x"))
		if a.waits {
			_ = env.Disk().Sync("log")
		} else {
			env.SyncThen("log", done{})
		}
		env.After(100*ms, note{})
	case beating:
		env.Send(from, pulsing(m))
	}
}

// A sampler answers, and writes samples down; unless it errs it leaves out those that have waited.
type sampler struct{ all bool }

func (a *sampler) Start(sim.Env) {}

func (a *sampler) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case sample:
		if a.all || env.Now().Wall()-m.At < 2*ms {
			_ = env.Disk().Append("samples", make([]byte, 1200))
		}
	case beating:
		env.Send(from, pulsing(m))
	}
}

// A leaseWriter has a lease until 50 ms after its start. It writes down what it will do, and does it: if the lease still holds.
type leaseWriter struct {
	hasty bool
	ends  time.Duration
}

type acts struct{ Until time.Duration }

func (a *leaseWriter) Start(env sim.Env) {
	a.ends = env.Now().Wall() + 50*ms
	env.After(20*ms, look{})
}

func (a *leaseWriter) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	holds := func() bool { return env.Now().Wall() < a.ends }
	if !holds() || env.Disk().Append("log", []byte("will act")) != nil || env.Disk().Sync("log") != nil {
		return
	}
	if a.hasty || holds() {
		env.Send("b", acts{a.ends})
	}
	env.Note(done{})
}

// A leaseJudge sees when others act. Messages take a millisecond.
type leaseJudge struct{}

func (leaseJudge) Start(sim.Env) {}

func (leaseJudge) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if m := m.(acts); env.Now().Wall() > m.Until+ms {
		env.Note(wrongIs("a acted when its lease had ended"))
	}
}
