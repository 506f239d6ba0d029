package bites

import (
	"encoding/binary"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

var clockBites = []bite{
	{
		fault:   "offset",
		mistake: "a store keeps the write with the highest wall time, whosever clock that was",
		plan:    "always offset a 3s\n",
		build: func(wrong bool) *sim.Scenario {
			return small("last-write-wins", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &stamper{heeds: !wrong} })
				w.Add("b", func() sim.Node { return &stamper{heeds: !wrong} })
				w.Add("store", func() sim.Node { return &lastWins{} })
				w.Add("c", func() sim.Node { return &overwriter{} })
			})
		},
	},
	{
		fault:   "offset",
		mistake: "a commit takes a time from its clock's interval, and does not wait until that is over",
		plan:    "always offset a 3ms\n",
		build:   func(wrong bool) *sim.Scenario { return commits(committer{waits: !wrong}) },
	},
	{
		fault:   "broken-bound",
		mistake: "a commit waits out its clock's interval, and believes that this orders it after all that its client has seen",
		base:    "always offset a 30ms\n",
		plan:    "always uncertainty a 4ms broken\n",
		build:   func(wrong bool) *sim.Scenario { return commits(committer{waits: true, heeds: !wrong}) },
	},
	{
		fault:   "step",
		mistake: "a time-out is measured by the wall clock",
		base:    "lose a>b inquiry#1\n",
		plan:    "20ms step a -1h\n",
		build: func(wrong bool) *sim.Scenario {
			return small("time-out", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &inquirer{byWall: wrong} })
				w.Add("b", func() sim.Node { return informant{} })
			})
		},
	},
	{
		fault:   "step",
		mistake: "a session is known by the wall time at which it began",
		plan:    "20ms step b -20ms\n",
		build: func(wrong bool) *sim.Scenario {
			return small("sessions", func(w *sim.World) {
				w.Add("b", func() sim.Node { return &host{byWall: wrong, owner: map[int64]sim.NodeID{}} })
				w.Add("x", func() sim.Node { return &guest{comes: 10 * ms} })
				w.Add("y", func() sim.Node { return &guest{comes: 30 * ms} })
			})
		},
	},
	{
		fault:   "strobe",
		mistake: "a limit on retries is refilled by the wall clock, and begins anew where that goes back",
		plan:    "100ms strobe a 40ms 2ms 100x\n",
		build: func(wrong bool) *sim.Scenario {
			return small("retries", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &retrier{byWall: wrong} })
				w.Add("b", func() sim.Node { return &besieged{} })
			})
		},
	},
	{
		fault:   "freeze",
		mistake: "an id is what the clock shows, and time is believed to go on",
		plan:    "20ms freeze a\n50ms thaw a\n",
		build:   func(wrong bool) *sim.Scenario { return identities(numberer{blind: wrong}) },
	},
	{
		fault:   "reset",
		mistake: "an id is what the clock shows or one more than the last, and the last is forgotten in a crash",
		base:    "200ms crash a for 20ms\n",
		plan:    "always reset a\n",
		build:   func(wrong bool) *sim.Scenario { return identities(numberer{keeps: !wrong}) },
	},
}

type (
	write   struct{ N, After int64 } // After is the latest stamp that the client has seen
	stamped struct{ N, At int64 }
	stored  struct{ N, At int64 }
)

// A stamper gives writes the time that its wall clock shows. Cassandra does so, or lets clients do it: of two writes of a cell the one
// with the later stamp wins, and one made after another by a machine whose clock is behind is lost without a word ("Jepsen:
// Cassandra", 2013). One that heeds gives a stamp behind that of what its client has seen, as hybrid logical clocks do.
type stamper struct{ heeds bool }

func (s *stamper) Start(sim.Env) {}

func (s *stamper) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x := m.(write)
	at := int64(env.Now().Wall())
	if s.heeds {
		at = max(at, x.After+1)
	}
	env.Send("store", stamped{x.N, at})
}

// lastWins is the store.
type lastWins struct{ n, at int64 }

func (s *lastWins) Start(sim.Env) {}

func (s *lastWins) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if x := m.(stamped); x.At > s.at {
		s.n, s.at = x.N, x.At
	}
	env.Send("c", stored{s.n, s.at})
}

// An overwriter writes 1 through a, then 2 through b, and then expects to find 2.
type overwriter struct{ writes int }

func (c *overwriter) Start(env sim.Env) { env.Send("a", write{N: 1}) }

func (c *overwriter) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x := m.(stored)
	env.Note(x)
	if c.writes++; c.writes == 1 {
		env.Send("b", write{N: 2, After: x.At})
	} else if x.N != 2 {
		env.Note(wrongIs("the second write was acknowledged, and the first is still there"))
	}
}

type (
	commit    struct{ After int64 }
	committed struct{ At int64 }
	waited    struct{ At int64 }
)

// A committer gives commits a time in the manner of Spanner (Corbett and others, OSDI 2012, 4.1.2). One that does not wait gives a time
// that others may still give to what comes later. One that waits relies on the bounds of all clocks; one that heeds what its client has
// seen does not need them to order what one client does.
type committer struct{ waits, heeds bool }

func (c *committer) Start(sim.Env) {}

func (c *committer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	earliest, latest := env.Now().Interval()
	switch x := m.(type) {
	case commit:
		at := int64(latest)
		if c.heeds {
			at = max(at, x.After+1)
		}
		env.Send(env.ID(), waited{at})
	case waited:
		if left := time.Duration(x.At) - earliest; c.waits && left >= 0 {
			env.After(left+1, x)
			return
		}
		env.Send("c", committed(x))
	}
}

// commits is a scenario of two committers and a client that turns to one after the other.
func commits(c committer) *sim.Scenario {
	return small("commits", func(w *sim.World) {
		w.Add("a", func() sim.Node { x := c; return &x })
		w.Add("b", func() sim.Node { x := c; return &x })
		w.Add("c", func() sim.Node { return &shopper{} })
	})
}

// A shopper commits at a and b in turn, and expects each commit to have a later time than the one before it.
type shopper struct{ n, last int64 }

func (s *shopper) Start(env sim.Env) { env.Send("a", commit{}) }

func (s *shopper) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x := m.(committed)
	env.Note(x)
	if s.n++; s.n > 1 && x.At <= s.last {
		env.Note(wrongIs("a commit that began after another was over has an earlier time"))
	}
	if s.last = x.At; s.n < 6 {
		env.Send(map[sim.NodeID]sim.NodeID{"a": "b", "b": "a"}[from], commit{s.last})
	}
}

type (
	inquiry  struct{}
	informed struct{}
)

// An inquirer asks again after 50 ms without an answer. One that goes by the wall clock waits for an hour more if that is set back by
// one. Time-outs of Python's threading.Lock were such on Linux before version 3.11, and those of Java's Object.wait before version 8.
type inquirer struct {
	byWall, informed bool
	asked            clock.Reading
}

func (a *inquirer) Start(env sim.Env) {
	a.ask(env)
	env.After(10*ms, look{})
	env.After(500*ms, tooLate{})
}

func (a *inquirer) ask(env sim.Env) {
	a.asked = env.Now()
	env.Send("b", inquiry{})
}

func (a *inquirer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case informed:
		a.informed = true
		env.Note(m)
	case look:
		passed := env.Now().Sub(a.asked)
		if a.byWall {
			passed = env.Now().Wall() - a.asked.Wall()
		}
		if !a.informed && passed >= 50*ms {
			a.ask(env)
		}
		env.After(10*ms, look{})
	case tooLate:
		if !a.informed {
			env.Note(wrongIs("half a second after a question that was lost it has not been asked again"))
		}
	}
}

type informant struct{}

func (informant) Start(sim.Env) {}

func (informant) Handle(env sim.Env, from sim.NodeID, _ sim.Message) { env.Send(from, informed{}) }

type (
	login   struct{}
	session struct{ Key int64 }
	whose   struct{ Key int64 }
	owned   struct{ By sim.NodeID }
)

// A host keeps a table of sessions. One that takes the wall time in milliseconds as the key, as session tables and the names
// of temporary files have often done, gives one key twice when the clock is set back.
type host struct {
	byWall bool
	last   int64
	owner  map[int64]sim.NodeID
}

func (h *host) Start(sim.Env) {}

func (h *host) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case login:
		if h.last++; h.byWall {
			h.last = int64(env.Now().Wall() / ms)
		}
		h.owner[h.last] = from
		env.Send(from, session{h.last})
	case whose:
		env.Send(from, owned{h.owner[m.Key]})
	}
}

// A guest logs in, and later asks whose session it has.
type guest struct {
	comes time.Duration
	key   int64
}

func (g *guest) Start(env sim.Env) {
	env.After(g.comes, login{})
	env.After(100*ms, look{})
}

func (g *guest) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case login:
		env.Send("b", m)
	case session:
		g.key = m.Key
	case look:
		env.Send("b", whose{g.key})
	case owned:
		if env.Note(m); m.By != env.ID() {
			env.Note(wrongIs("a guest finds another one's session under its own key"))
		}
	}
}

// A retrier sends as often as it may: once each 50 ms. It is a bucket of tokens that time refills. Where that is the wall clock's, and
// a step back is taken for a new beginning, each strobe of the clock fills it again, and the limit that is to protect b is gone.
type retrier struct {
	byWall bool
	last   time.Duration
	tokens time.Duration
}

const tokenEvery = 50 * ms

func (a *retrier) Start(env sim.Env) { env.After(0, look{}) }

func (a *retrier) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	now := env.Now().Sub(clock.At(0, 0))
	if a.byWall {
		now = env.Now().Wall()
	}
	a.tokens = min(a.tokens+max(0, now-a.last), 2*tokenEvery)
	a.last = now
	if a.tokens >= tokenEvery {
		a.tokens -= tokenEvery
		env.Send("b", inquiry{})
	}
	env.After(ms, look{})
}

// besieged can stand 40 requests a second.
type besieged struct{ n int }

func (b *besieged) Start(sim.Env) {}

func (b *besieged) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	env.Note(m)
	if b.n++; b.n > 40 {
		env.Note(wrongIs("more than 40 requests in a second, where the limit is 20"))
	}
}

type identity struct{ N int64 }

// A numberer gives out ids that are to be unique for ever: what its wall clock shows, in microseconds. The time is the first part of
// those of Twitter's Snowflake too, which counts on within a millisecond and gives none while its clock is behind. A blind one does not see that the clock stands. One that gives at least one more than the last survives that, and a boot too if
// the clock does. One that keeps on disk a number below which it may have given ids needs no clock at all.
type numberer struct {
	blind, keeps bool
	last, limit  int64
}

func (a *numberer) Start(env sim.Env) {
	var b [8]byte
	if n, _ := env.Disk().ReadAt("limit", b[:], 0); a.keeps && n == len(b) {
		a.limit = int64(binary.BigEndian.Uint64(b[:]))
		a.last = a.limit
	}
}

func (a *numberer) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	id := int64(env.Now().Wall() / time.Microsecond)
	if !a.blind {
		id = max(id, a.last+1)
	}
	if a.last = id; a.keeps && id > a.limit {
		a.limit = id + 100_000
		env.Disk().WriteAt("limit", binary.BigEndian.AppendUint64(nil, uint64(a.limit)), 0)
		env.Disk().Sync("limit")
		env.Disk().SyncDir()
	}
	env.Send(from, identity{id})
}

// identities is a scenario of a numberer and one who asks it for an id each millisecond.
func identities(a numberer) *sim.Scenario {
	return small("ids", func(w *sim.World) {
		w.Add("a", func() sim.Node { x := a; return &x })
		w.Add("c", func() sim.Node { return &collector{seen: map[int64]bool{}} })
	})
}

type collector struct{ seen map[int64]bool }

func (c *collector) Start(env sim.Env) { env.After(ms, look{}) }

func (c *collector) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	id, given := m.(identity)
	switch {
	case !given:
		env.Send("a", inquiry{})
		env.After(ms, look{})
	case c.seen[id.N]:
		env.Note(wrongIs("an id was given twice"))
	default:
		c.seen[id.N] = true
		env.Note(id)
	}
}
