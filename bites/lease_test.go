package bites

import (
	"fmt"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
)

// Leases and locks: who may act because its time is not up.
var leaseBites = []bite{
	{
		fault:   "drift",
		mistake: "a lease is read with a margin smaller than what clocks drift apart in its time",
		plan:    "always drift reader -20000ppm\n", // 2 ms in 100 ms
		build:   func(wrong bool) *sim.Scenario { return leases(lessee{margin: pick(wrong, ms/2, 5*ms)}) },
	},
	{
		fault:   "smear",
		mistake: "a lease is measured by the wall clock, and the hours before a leap second are longer",
		plan:    "10ms smear reader -90ms 900ms\n",
		build:   func(wrong bool) *sim.Scenario { return leases(lessee{margin: ms / 2, byWall: wrong}) },
	},
	{
		fault:   "pause",
		mistake: "a leader acts until it is told that it is none",
		plan:    "100ms pause a\n300ms resume a\n",
		build:   func(wrong bool) *sim.Scenario { return locks(lockHolder{blind: wrong}, lockedStore{}) },
	},
	{
		fault:   "suspend",
		mistake: "a leader acts while its clock says that its lease is not over, and nobody else looks",
		plan:    "100ms pause a with clock\n300ms resume a\n",
		build:   func(wrong bool) *sim.Scenario { return locks(lockHolder{}, lockedStore{fences: !wrong}) },
	},
}

type (
	wantLease struct{}
	grant     struct{ N int64 }
	wrote     struct{ N int64 } // a fact
	served    struct{ N int64 } // a fact
)

const leaseTime = 100 * ms

// A lessor owns a number that it raises whenever nobody has a lease on it.
type lessor struct {
	n     int64
	until time.Duration // by its monotonic clock
}

func (o *lessor) Start(env sim.Env) { env.After(ms, look{}) }

func (o *lessor) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	now := env.Now().Sub(clock.At(0, 0))
	switch m.(type) {
	case wantLease:
		o.until = now + leaseTime
		env.Send(from, grant{o.n})
	case look:
		if now > o.until {
			o.n++
			env.Note(wrote{o.n})
		}
		env.After(ms, look{})
	}
}

// A lessee serves reads from what it was told with the lease, until that is over by its own clock, as leaders may with
// ReadOnlyLeaseBased in etcd's Raft. Its lease began when it was asked for, so the delay of the network is on the safe side; but its clock may be slower
// than the lessor's (Gray and Cheriton, SOSP 1989, have the margin for that), and a wall clock may be slower than any.
type lessee struct {
	margin time.Duration
	byWall bool
	asked  clock.Reading
	n      int64
	has    bool
}

func (l *lessee) Start(env sim.Env) {
	l.ask(env)
	env.After(ms/10, look{})
}

func (l *lessee) ask(env sim.Env) {
	l.asked, l.has = env.Now(), false
	env.Send("owner", wantLease{})
}

func (l *lessee) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case grant:
		l.n, l.has = m.N, true
	case look:
		passed := env.Now().Sub(l.asked)
		if l.byWall {
			passed = env.Now().Wall() - l.asked.Wall()
		}
		if l.has && passed < leaseTime-l.margin {
			env.Note(served{l.n})
		} else if passed > leaseTime+20*ms {
			l.ask(env)
		}
		env.After(ms/10, look{})
	}
}

// fresh is the property that nobody is served a number lower than one written before.
type fresh struct {
	n      int64
	checks uint64
}

func (f *fresh) Name() string { return "fresh" }

func (f *fresh) Observe(e *sim.Event) error {
	switch x := e.Data.(type) {
	case wrote:
		f.n = x.N
	case served:
		if f.checks++; x.N < f.n {
			return fmt.Errorf("%s serves %d when %d is written", e.Node, x.N, f.n)
		}
	}
	return nil
}

func (f *fresh) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }

func (f *fresh) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }

func (f *fresh) Checks() uint64 { return f.checks }

// leases is a scenario of a lessor and a lessee.
func leases(l lessee) *sim.Scenario {
	return judgedBy("lease", func() sim.Property { return &fresh{} }, func(w *sim.World) {
		w.Add("owner", func() sim.Node { return &lessor{} })
		w.Add("reader", func() sim.Node { x := l; return &x })
	})
}

type (
	take   struct{}
	denied struct{}
	work   struct{}
	held   struct{ Token int64 }
	update struct{ Token int64 }
)

const lockTime = 50 * ms

// A locker gives a lock for 50 ms at a time, with a number that is higher for each holder.
type locker struct {
	holder sim.NodeID
	token  int64
	until  time.Duration
}

func (l *locker) Start(sim.Env) {}

func (l *locker) Handle(env sim.Env, from sim.NodeID, _ sim.Message) {
	now := env.Now().Sub(clock.At(0, 0))
	switch {
	case l.holder == from && now < l.until:
	case now < l.until:
		env.Send(from, denied{})
		return
	default:
		l.holder = from
		l.token++
	}
	l.until = now + lockTime
	env.Send(from, held{l.token})
}

// A lockHolder updates the store while it has the lock. HBase's region servers did so after pauses of their garbage collectors that
// were longer than their lease, and gave the problem its fame. To look at the clock before each update helps against a pause, but not
// if the machine and its clock stood still together: then only the store can tell, by the number of the lock (Kleppmann, "How to do
// distributed locking", 2016).
type lockHolder struct {
	blind bool
	token int64
	asked clock.Reading
	sure  clock.Reading // when it asked for what it holds
}

func (h *lockHolder) Start(env sim.Env) {
	env.After(pick(env.ID() == "a", ms, 20*ms), look{})
	env.After(3*ms, work{})
}

func (h *lockHolder) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case look:
		h.asked = env.Now()
		env.Send("lock", take{})
		env.After(7*ms, m)
	case held:
		h.token, h.sure = m.Token, h.asked
	case denied:
		h.token = 0
	case work:
		if h.token > 0 && (h.blind || env.Now().Sub(h.sure) < lockTime-5*ms) {
			env.Send("store", update{h.token})
		}
		env.After(3*ms, m)
	}
}

// A lockedStore trusts those who hold the lock, or fences off those who have held it.
type lockedStore struct {
	fences bool
	latest int64
}

func (s *lockedStore) Start(sim.Env) {}

func (s *lockedStore) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x := m.(update)
	if x.Token < s.latest && s.fences {
		return
	}
	if env.Note(x); x.Token < s.latest {
		env.Note(wrongIs(fmt.Sprintf("%s overwrites what a later holder of the lock has written", from)))
	}
	s.latest = max(s.latest, x.Token)
}

// locks is a scenario of two who want the lock, and what it protects.
func locks(h lockHolder, s lockedStore) *sim.Scenario {
	return small("lock", func(w *sim.World) {
		w.Add("lock", func() sim.Node { return &locker{} })
		w.Add("store", func() sim.Node { x := s; return &x })
		w.Add("a", func() sim.Node { x := h; return &x })
		w.Add("b", func() sim.Node { x := h; return &x })
	})
}
