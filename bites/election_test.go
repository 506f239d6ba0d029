package bites

import (
	"fmt"
	"time"

	"simrun/sim"
)

var electionBites = []bite{
	{
		fault:   "isolate",
		mistake: "a node that is alone raises its term with every election that it cannot win, and when it is back deposes a leader whom all others hear: Raft without its pre-vote",
		plan:    "200ms partition isolate e,a,b,c,d\n600ms heal\n",
		build:   func(wrong bool) *sim.Scenario { return ruled("isolate", stable, 5, ruler{rude: wrong}) },
	},
	{
		fault:   "halves",
		mistake: "half of the votes are taken for enough",
		plan:    "300ms partition halves a,b,c,d\n",
		build: func(wrong bool) *sim.Scenario {
			return ruled("halves", one, 4, ruler{half: wrong})
		},
	},
	{
		fault:   "majority",
		mistake: "a majority of those who are seen is taken for a majority of all",
		plan:    "300ms partition majority a,b,c,d,e\n",
		build: func(wrong bool) *sim.Scenario {
			return ruled("majority", one, 5, ruler{ofSeen: wrong})
		},
	},
	{
		// Something like it left etcd at Cloudflare without a leader on 2 November 2020, when a switch failed in part.
		fault:   "bridge",
		mistake: "who sees both halves votes for whoever asks, though it hears a leader, so that the halves depose each other's for ever",
		plan:    "150ms partition bridge a,b,c,d,e\n",
		build:   func(wrong bool) *sim.Scenario { return ruled("bridge", stable, 5, ruler{rude: wrong}) },
	},
	{
		fault:   "ring",
		mistake: "the first of those whom it sees leads, if it sees a majority, without asking anybody: Elasticsearch's split brain of intersecting partitions",
		plan:    "300ms partition ring a,c,b,d,e\n",
		build: func(wrong bool) *sim.Scenario {
			if !wrong {
				return ruled("ring", one, 5, ruler{})
			}
			return judgedBy("ring", one, func(w *sim.World) {
				for i := range 5 {
					w.Add(citizens[i], func() sim.Node { return &firstSeen{} })
				}
			})
		},
	},
	{
		fault:   "leader-alone",
		mistake: "a leader leads until somebody tells it that it does no more, which nobody can",
		plan:    "300ms cut @took | rest\n",
		build: func(wrong bool) *sim.Scenario {
			return ruled("leader-alone", one, 5, ruler{stays: wrong})
		},
	},
}

// citizens are the nodes of an election.
var citizens = []sim.NodeID{"a", "b", "c", "d", "e"}

// ruled is a scenario of n nodes that elect one of them.
func ruled(name string, p judge, n int, like ruler) *sim.Scenario {
	return judgedBy(name, p, func(w *sim.World) {
		for i := range n {
			w.Add(citizens[i], func() sim.Node {
				r := like
				r.all, r.rank = n, i
				return &r
			})
		}
	})
}

// steady is violated when nobody has led from 600 ms on.
type steady struct {
	leader sim.NodeID
	since  time.Duration
	checks uint64
}

func stable() sim.Property { return &steady{} }

func (p *steady) Name() string { return "steady" }

func (p *steady) Observe(e *sim.Event) error {
	p.checks++
	switch e.Data.(type) {
	case took:
		p.leader, p.since = e.Node, time.Duration(e.At)
	case gave:
		if p.leader == e.Node {
			p.leader = ""
		}
	}
	return nil
}

func (p *steady) End(*sim.World) (sim.Result, error) {
	if p.leader == "" || p.since > 600*ms {
		return sim.Open, text(fmt.Sprintf("nobody has led for long: the last is %q, since %v", p.leader, p.since))
	}
	return sim.Holds, nil
}

func (p *steady) Checks() uint64 { return p.checks }

func (p *steady) Watches() []sim.Kind { return []sim.Kind{sim.Noted} }

// What the nodes of an election say to one another. A candidate first asks who would vote for it, and raises the term only if
// enough would.
type (
	present   struct{}
	wouldYou  struct{ Term int }
	iWould    struct{ Term int }
	candidacy struct{ Term int }
	suffrage  struct{ Term int }
	reign     struct{ Term int }
	homage    struct{ Term int }
)

// A ruler is a node that elects and may be elected. It leads for as long as a majority obeyed within the last 40 ms, and
// votes for nobody while it has heard a leader within the last 80 ms, so that a new one comes after the old has gone. Each
// of its flags is a mistake.
type ruler struct {
	rude   bool // raises the term without asking first, and so does not mind that others hear a leader
	half   bool // is content with half of the votes
	ofSeen bool // is content with a majority of those whom it has heard lately
	stays  bool // leads on without being obeyed

	all, rank   int
	leads       bool
	term, voted int
	votes       int
	heard       time.Duration // when it heard a leader, or began to wait for one
	seen        [5]time.Duration
	obeyed      [5]time.Duration
}

func (r *ruler) Start(env sim.Env) { env.After(10*ms, retry{}) }

func (r *ruler) tell(env sim.Env, m sim.Message) {
	for i, id := range citizens[:r.all] {
		if i != r.rank {
			env.Send(id, m)
		}
	}
}

// within counts those whose time is not longer ago than that, and itself.
func within(times [5]time.Duration, now, ago time.Duration) int {
	n := 1
	for _, t := range times {
		if t > 0 && now-t <= ago {
			n++
		}
	}
	return n
}

// enough is how many votes are.
func (r *ruler) enough(now time.Duration) int {
	switch {
	case r.half:
		return r.all / 2
	case r.ofSeen:
		return within(r.seen, now, 50*ms)/2 + 1
	}
	return r.all/2 + 1
}

func (r *ruler) tick(env sim.Env, now time.Duration) {
	r.tell(env, present{})
	switch patience := time.Duration(100+30*r.rank) * ms; {
	case r.leads && !r.stays && within(r.obeyed, now, 40*ms) < r.enough(now):
		r.abdicate(env)
	case r.leads:
		r.tell(env, reign{r.term})
	case now-r.heard > patience && r.rude:
		r.stand(env)
	case now-r.heard > patience:
		r.heard, r.votes = now, 1
		r.tell(env, wouldYou{r.term + 1})
	}
	env.After(10*ms, retry{})
}

func (r *ruler) abdicate(env sim.Env) {
	if r.leads {
		r.leads, r.heard = false, env.Now().Wall()
		env.Note(gave{})
	}
}

func (r *ruler) stand(env sim.Env) {
	r.term++
	r.voted, r.votes, r.heard = r.term, 1, env.Now().Wall()
	r.tell(env, candidacy{r.term})
}

// learn comes to a later term, in which it leads no more.
func (r *ruler) learn(env sim.Env, term int) {
	if term > r.term {
		r.abdicate(env)
		r.term, r.votes = term, 0
	}
}

func (r *ruler) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	now := env.Now().Wall()
	switch m := m.(type) {
	case retry:
		r.tick(env, now)
		return
	case present:
		r.seen[from[0]-'a'] = now
	case wouldYou:
		if m.Term > r.term && !r.leads && now-r.heard > 80*ms {
			env.Send(from, iWould(m))
		}
	case iWould:
		if r.votes++; m.Term == r.term+1 && r.votes == r.enough(now) {
			r.stand(env)
		}
	case candidacy:
		if r.learn(env, m.Term); m.Term == r.term && r.voted < m.Term {
			r.voted, r.heard = m.Term, now
			env.Send(from, suffrage(m))
		}
	case suffrage:
		if r.votes++; m.Term == r.term && !r.leads && r.votes >= r.enough(now) {
			r.leads, r.obeyed = true, r.seen
			env.Note(took{})
		}
	case reign:
		if r.learn(env, m.Term); m.Term == r.term {
			r.heard = now
		}
		env.Send(from, homage{r.term})
	case homage:
		if r.learn(env, m.Term); m.Term == r.term {
			r.obeyed[from[0]-'a'] = now
		}
	}
}

// A firstSeen node leads while it sees a majority, and none with a name before its own.
type firstSeen struct {
	seen  [5]time.Duration
	leads bool
}

func (f *firstSeen) Start(env sim.Env) { env.After(10*ms, retry{}) }

func (f *firstSeen) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	now := env.Now().Wall()
	if _, ok := m.(present); ok {
		f.seen[from[0]-'a'] = now
		return
	}
	first := within(f.seen, now, 50*ms) >= 3
	for i, id := range citizens {
		if id != env.ID() {
			env.Send(id, present{})
			first = first && (id > env.ID() || f.seen[i] == 0 || now-f.seen[i] > 50*ms)
		}
	}
	if first != f.leads && now > 100*ms {
		if f.leads = first; first {
			env.Note(took{})
		} else {
			env.Note(gave{})
		}
	}
	env.After(10*ms, retry{})
}
