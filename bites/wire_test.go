package bites

import (
	"fmt"
	"hash/crc32"
	"time"

	"simrun/sim"
)

// took and gave are the facts of a node that comes to hold what only one may hold, and of one that gives it up.
type (
	took struct{}
	gave struct{}
)

// onlyOne is violated when a node takes what another holds.
type onlyOne struct {
	holder sim.NodeID
	checks uint64
}

func (p *onlyOne) Name() string { return "only-one" }

func (p *onlyOne) Observe(e *sim.Event) error {
	switch e.Data.(type) {
	case took:
		p.checks++
		if p.holder != "" && p.holder != e.Node {
			return text(fmt.Sprintf("%s takes what %s still holds", e.Node, p.holder))
		}
		p.holder = e.Node
	case gave:
		if p.holder == e.Node {
			p.holder = ""
		}
	}
	return nil
}

func (p *onlyOne) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (p *onlyOne) Checks() uint64                     { return p.checks }
func (p *onlyOne) Watches() []sim.Kind                { return []sim.Kind{sim.Noted} }

// judgedBy is small with another property.
func judgedBy(name string, p sim.Property, build func(*sim.World)) *sim.Scenario {
	s := small(name, build)
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{p} }
	return s
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

func (h *heir) Start(env sim.Env) { env.After(time.Millisecond, retry{}) }

func (h *heir) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case retry:
		if h.pings++; h.pings == 1 {
			h.asked = env.Now().Wall()
		}
		env.Send("owner", echo{})
		if h.pings < 10 {
			env.After(time.Millisecond, retry{})
		} else {
			env.After(100*time.Millisecond, late{})
		}
	case reply:
		if h.trip == 0 {
			h.trip = env.Now().Wall() - h.asked
		}
	case late:
		env.Send("owner", stop{})
		if h.halves {
			env.After(h.trip/2+2*time.Millisecond, done{})
		}
	case stopped:
		if !h.halves {
			env.Note(took{})
		}
	case done:
		env.Note(took{})
	}
}

// A lock is meant for one life of the server, whose number a tenant learns from its greeting.
type (
	hello    struct{}
	greeting struct{ Life int }
	lock     struct{ Life, Number int }
	locked   struct{ Number int }
	unlock   struct{}
)

// A locksmith keeps in memory who has the lock, and on disk how often it has lived.
type locksmith struct {
	looks bool
	life  int
	held  sim.NodeID
}

func (s *locksmith) Start(env sim.Env) {
	env.Disk().Append("lives", []byte{1})
	env.Disk().Sync("lives")
	env.Disk().SyncDir()
	n, _ := env.Disk().Size("lives")
	s.life = int(n)
}

func (s *locksmith) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case hello:
		env.Send(from, greeting{s.life})
	case lock:
		if s.looks && m.Life != s.life {
			return // of somebody who has asked an earlier life
		}
		if s.held == "" || s.held == from {
			s.held = from
			env.Send(from, locked{m.Number})
		}
	case unlock:
		if s.held == from {
			s.held = ""
		}
	}
}

// A tenant wants the lock once, asks for it every 20 ms, and gives it back at once.
type tenant struct {
	from   time.Duration
	number int
	had    bool
}

func (t *tenant) Start(env sim.Env) {
	env.After(t.from+time.Millisecond, retry{})
	env.After(t.from+300*time.Millisecond, late{})
}

func (t *tenant) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		if !t.had {
			env.Send("s", hello{})
			env.After(20*time.Millisecond, retry{})
		}
	case greeting:
		t.number++
		env.Send("s", lock{m.Life, t.number})
	case locked:
		if m.Number == t.number && !t.had { // an answer to an earlier question is none
			t.had = true
			env.Note(done{})
			env.Send("s", unlock{})
		}
	case late:
		if !t.had {
			env.Note(wrongIs(string(env.ID()) + " never gets the lock, which nobody wants any more"))
		}
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

func (*gossiper) Start(env sim.Env) { env.After(10*time.Millisecond, retry{}) }

func (*gossiper) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	env.Send("b", gossip{3, sum(3)})
	env.After(10*time.Millisecond, retry{})
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

// A part of a snapshot, as long as it is.
type part struct{ Bytes int }

func (p part) Size() int { return p.Bytes }

// A pulse says that a is alive.
type pulse struct{}

func (pulse) Size() int { return 10 }

// A shipper has 50,000 bytes to send, at once or a thousand whenever the last thousand have arrived, and beats.
type shipper struct {
	atOnce bool
	sent   int
}

func (s *shipper) Start(env sim.Env) {
	env.After(5*time.Millisecond, retry{})
	s.ship(env)
}

func (s *shipper) ship(env sim.Env) {
	if s.atOnce {
		env.Send("b", part{50_000})
	} else if s.sent < 50 {
		s.sent++
		env.Send("b", part{1000})
	}
}

func (s *shipper) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case retry:
		env.Send("b", pulse{})
		env.After(20*time.Millisecond, retry{})
	case answers:
		if !s.atOnce {
			s.ship(env)
		}
	}
}

// A watcher takes a for dead when it has not heard from it for 200 ms.
type watcher struct{ beats int }

func (w *watcher) Start(env sim.Env) { env.After(200*time.Millisecond, suspect{0}) }

type suspect struct{ Beats int }

func (w *watcher) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case part:
		env.Send(from, answers{})
	case pulse:
		w.beats++
		env.Note(done{})
		env.After(200*time.Millisecond, suspect{w.beats})
	case suspect:
		if m.Beats == w.beats {
			env.Note(wrongIs("b takes a for dead, which is busy sending to it"))
		}
	}
}

// An item is one of thirty; got says that it has arrived.
type (
	item struct{ N int }
	got  struct{ N int }
)

// A resender sends all thirty, and then every 10 ms all that are unanswered, or every 20 ms one of them.
type resender struct {
	floods   bool
	answered [30]bool
}

func (r *resender) Start(env sim.Env) {
	r.send(env, len(r.answered))
	env.After(20*time.Millisecond, retry{})
	env.After(900*time.Millisecond, late{})
}

// send sends the first of those that are unanswered, and returns how many there are.
func (r *resender) send(env sim.Env, most int) (open int) {
	for n, ok := range r.answered {
		if !ok {
			if open++; open <= most {
				env.Send("b", item{n})
			}
		}
	}
	return open
}

func (r *resender) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case got:
		r.answered[m.N] = true
	case retry:
		window, wait := 1, 20*time.Millisecond
		if r.floods {
			window, wait = len(r.answered), 10*time.Millisecond
		}
		if r.send(env, window) > 0 {
			env.After(wait, retry{})
		} else {
			env.Note(done{})
		}
	case late:
		if r.send(env, 0) > 0 {
			env.Note(wrongIs("what a sends again and again leaves no room for what has never arrived"))
		}
	}
}

type acknowledger struct{}

func (acknowledger) Start(sim.Env) {}

func (acknowledger) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	env.Send(from, got{m.(item).N})
}

// A logged entry has a number; since asks for all from there on.
type (
	logged struct{ N int }
	since  struct{ N int }
)

// A streamer sends an entry of its log every millisecond, and once more what is asked for.
type streamer struct{ n int }

func (s *streamer) Start(env sim.Env) { env.After(time.Millisecond, retry{}) }

func (s *streamer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case retry:
		s.n++
		env.Send("follower", logged{s.n})
		if s.n < 100 {
			env.After(time.Millisecond, retry{})
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
	env.After(10*time.Millisecond, retry{})
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
		env.After(50*time.Millisecond, retry{})
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
