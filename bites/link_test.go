package bites

import (
	"fmt"
	"hash/crc32"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

var linkBites = []bite{
	{
		fault:   "asymmetric-latency",
		mistake: "an heir waits for half a round trip in the place of an answer, and takes over from one who has not yet been told to stop",
		plan:    "always law heir>owner uniform 30ms 40ms\n",
		seeds:   5,
		build: func(wrong bool) *sim.Scenario {
			return judgedBy("asymmetric-latency", one, func(w *sim.World) {
				w.Add("owner", func() sim.Node { return &owner{} })
				w.Add("heir", func() sim.Node { return &heir{halves: wrong} })
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
		fault:   "flap",
		mistake: "a sender tries again at a fixed interval, which is that of the link's coming and going",
		plan:    "1ms flap a | b 20x 20ms\n",
		seeds:   5,
		build: func(wrong bool) *sim.Scenario {
			return small("flap", func(w *sim.World) {
				w.Add("a", func() sim.Node { return &knocker{jitters: !wrong} })
				w.Add("b", func() sim.Node { return door{} })
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
}

type (
	echo    struct{}
	reply   struct{}
	stop    struct{}
	stopped struct{}
)

// An owner holds something until it is told to stop.
type owner struct{}

func (*owner) Start(env sim.Env) { env.Note(took{}) }

func (*owner) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case echo:
		env.Send(from, reply{})
	case stop:
		env.Note(gave{})
		env.Send(from, stopped{})
	}
}

// An heir measures round trips, tells the owner to stop, and takes over: when it is told that the owner has, or when half
// a round trip and two milliseconds are over.
type heir struct {
	halves bool
	pings  int
	asked  time.Duration // of the first ping, by its clock
	trip   time.Duration
}

func (h *heir) Start(env sim.Env) { env.After(ms, retry{}) }

func (h *heir) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case retry:
		if h.pings++; h.pings == 1 {
			h.asked = env.Now().Wall()
		}
		env.Send("owner", echo{})
		if h.pings < 10 {
			env.After(ms, retry{})
		} else {
			env.After(100*ms, tooLate{})
		}
	case reply:
		if h.trip == 0 {
			h.trip = env.Now().Wall() - h.asked
		}
	case tooLate:
		env.Send("owner", stop{})
		if h.halves {
			env.After(h.trip/2+2*ms, done{})
		}
	case stopped:
		if !h.halves {
			env.Note(took{})
		}
	case done:
		env.Note(took{})
	}
}

// A file is sent in chunks; the end says how many there are, and missing asks for one once more.
type (
	chunk   struct{ N int }
	end     struct{ Chunks int }
	missing struct{ N int }
)

type uploader struct{}

func (uploader) Start(env sim.Env) {
	for n := range 5 {
		env.Send("b", chunk{n})
	}
	env.Send("b", end{5})
}

func (uploader) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	n := m.(missing).N
	env.Send(from, chunk{n})
	env.Send(from, end{5})
}

type downloader struct {
	counts bool
	has    [5]bool
}

func (*downloader) Start(sim.Env) {}

func (d *downloader) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case chunk:
		d.has[m.N] = true
	case end:
		for n, has := range d.has {
			if has {
				continue
			}
			if !d.counts {
				env.Note(wrongIs(fmt.Sprintf("b takes a file without chunk %d for whole", n)))
				continue
			}
			env.Send(from, missing{n})
			return
		}
		env.Note(done{})
	}
}

// Gossip tells how many servers a has, which are always three, and a sum over it.
type gossip struct {
	Servers uint32
	Sum     uint32
}

func (g gossip) Alter(pick func(n int) int) sim.Message {
	g.Servers ^= 1 << pick(8)
	return g
}

type gossiper struct{}

func (*gossiper) Start(env sim.Env) { env.After(10*ms, retry{}) }

func (*gossiper) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	env.Send("b", gossip{3, sum(3)})
	env.After(10*ms, retry{})
}

func sum(servers uint32) uint32 { return crc32.ChecksumIEEE([]byte{byte(servers)}) }

type listener struct{ sums bool }

func (*listener) Start(sim.Env) {}

func (l *listener) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	g := m.(gossip)
	if l.sums && g.Sum != sum(g.Servers) {
		return // the next is not far
	}
	env.Note(done{})
	if g.Servers != 3 {
		env.Note(wrongIs(fmt.Sprintf("b believes that there are %d servers", g.Servers)))
	}
}

type (
	knock  struct{}
	opened struct{}
)

// A knocker knocks at 5 ms and then every 40 ms, or some time around that.
type knocker struct{ jitters, answered bool }

func (r *knocker) Start(env sim.Env) {
	env.After(5*ms, retry{})
	env.After(700*ms, tooLate{})
}

func (r *knocker) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case opened:
		r.answered = true
		env.Note(done{})
	case retry:
		if r.answered {
			return
		}
		env.Send("b", knock{})
		wait := 40
		if r.jitters {
			wait = 20 + env.Pick("jitter", 40)
		}
		env.After(time.Duration(wait)*ms, retry{})
	case tooLate:
		if !r.answered {
			env.Note(wrongIs("a knocks only when the link is down"))
		}
	}
}

// A door is opened to whoever knocks.
type door struct{}

func (door) Start(sim.Env) {}

func (door) Handle(env sim.Env, from sim.NodeID, _ sim.Message) { env.Send(from, opened{}) }

// A logged entry has a number; since asks for all from there on.
type (
	logged struct{ N int }
	since  struct{ N int }
)

// A streamer sends an entry of its log every millisecond, and once more what is asked for.
type streamer struct{ n int }

func (s *streamer) Start(env sim.Env) { env.After(ms, retry{}) }

func (s *streamer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		s.n++
		env.Send("follower", logged{s.n})
		if s.n < 100 {
			env.After(ms, retry{})
		}
	case since:
		for n := m.N; n <= s.n; n++ {
			env.Send(from, logged{n})
		}
	}
}

// An appender keeps what comes. Its log is right if entry n stands at place n.
type appender struct {
	numbers bool
	log     []int
	asked   int // for which entry it has asked last
}

func (*appender) Start(sim.Env) {}

func (a *appender) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	n := m.(logged).N
	if next := len(a.log) + 1; a.numbers && n != next {
		if n > next && a.asked != next {
			a.asked = next
			env.Send(from, since{next})
		}
		return
	}
	a.log = append(a.log, n)
	env.Note(done{})
	if n != len(a.log) {
		env.Note(wrongIs(fmt.Sprintf("the follower has entry %d at place %d", n, len(a.log))))
	}
}
