package bites

import (
	"fmt"
	"slices"

	"simrun/checkers"
	"simrun/sim"
)

var byzantineBites = []bite{
	{
		fault:   "wrong-value",
		mistake: "a reader believes the first answer, though one of three servers may be wrong",
		plan:    "always betray s1 alter 100%\n",
		build: func(wrong bool) *sim.Scenario {
			return small("believes-the-first", func(w *sim.World) {
				for _, id := range servers {
					w.Add(id, func() sim.Node { return keeper{} })
				}
				w.Add("c", func() sim.Node { return &reader{need: pick(wrong, 1, 2)} })
			})
		},
	},
	{
		fault:   "wrong-value",
		mistake: "three generals take the majority of what they hear, though one may lie: it takes four",
		plan:    "always betray g3 alter 100%\n",
		build:   func(wrong bool) *sim.Scenario { return army(pick(wrong, 3, 4), true) },
	},
	{
		fault:   "two-faced",
		mistake: "generals obey the commander's word, and do not ask what the others were told",
		plan:    "always betray g1 equivocate 100%\n",
		seeds:   8,
		catches: "agreement",
		build:   func(wrong bool) *sim.Scenario { return army(4, !wrong) },
	},
	{
		fault:   "byzantine",
		mistake: "a clerk takes the name on a ballot for that of whoever sent it",
		plan:    "always betray s1 any 50%\n",
		seeds:   8,
		build:   func(wrong bool) *sim.Scenario { return election(func() sim.Node { return clerk{trusts: wrong} }, 100) },
	},
	{
		fault:   "byzantine",
		mistake: "a teller counts ballots and not voters, so that who votes twice counts twice",
		plan:    "always betray s1 repeat 100%\n",
		build:   func(wrong bool) *sim.Scenario { return election(func() sim.Node { return &teller{counts: wrong} }, 1) },
	},
}

var servers = []sim.NodeID{"s1", "s2", "s3"}

// truth is what every server keeps.
const truth = 7

type (
	wants struct{}
	keeps struct{ Value int }
	reads struct{ Value int }
)

func (m keeps) Alter(pick func(int) int) sim.Message { return sim.AlterFields(m, pick) }

// A keeper is a server of a replicated value.
type keeper struct{}

func (keeper) Start(sim.Env) {}

func (keeper) Handle(env sim.Env, from sim.NodeID, _ sim.Message) { env.Send(from, keeps{truth}) }

// A reader believes what that many servers say. Of three servers one may be wrong, and then two that say the same are
// right: f+1 answers, one of which is from a server that does not lie. To believe the first is what everybody does who asks any replica, as resolvers
// of names did before answers were signed.
type reader struct {
	need  int
	heard map[int][]sim.NodeID
	read  bool
}

func (r *reader) Start(env sim.Env) {
	r.heard = map[int][]sim.NodeID{}
	for _, id := range servers {
		env.Send(id, wants{})
	}
}

func (r *reader) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	v := m.(keeps).Value
	if !slices.Contains(r.heard[v], from) {
		r.heard[v] = append(r.heard[v], from)
	}
	if r.read || len(r.heard[v]) < r.need {
		return
	}
	if r.read = true; v != truth {
		env.Note(wrongIs(fmt.Sprintf("c believes %d on the word of %v, and the servers keep %d", v, r.heard[v], truth)))
		return
	}
	env.Note(reads{v})
}

type (
	orders struct{ Attack bool }
	tells  struct{ Attack bool }
	obeys  struct{ Attack bool }
	dawn   struct{}
)

func (m orders) Alter(pick func(int) int) sim.Message { return sim.AlterFields(m, pick) }

func (m tells) Alter(pick func(int) int) sim.Message { return sim.AlterFields(m, pick) }

// army is the generals g1 to gn, of whom g1 commands. They are those of Lamport, Shostak and Pease (1982), who were asked how many computers an aircraft needs so that one may
// be wrong: three, as everybody thought, are not enough, and to vote on what each was told is not either, unless they tell one another.
func army(n int, tell bool) *sim.Scenario {
	ids := []sim.NodeID{"g1", "g2", "g3", "g4"}[:n]
	s := small("army", func(w *sim.World) {
		for _, id := range ids {
			w.Add(id, func() sim.Node { return &general{army: ids, tell: tell} })
		}
	})
	properties := s.Properties
	s.Properties = func(o sim.Options) []sim.Property {
		return append(properties(o), checkers.Agreement(func(fact any) (instance, value any, ok bool) {
			d, ok := fact.(obeys)
			return nil, d.Attack, ok
		}))
	}
	return s
}

// A general of the algorithm OM(1). At dawn it does what most told it; if as many told it the one as the other, it retreats.
type general struct {
	army   []sim.NodeID
	tell   bool // it tells the others what it was told
	attack int  // how many told it to attack, less those who told it to retreat
}

func (g *general) Start(env sim.Env) {
	if env.ID() != "g1" {
		env.After(100*ms, dawn{})
		return
	}
	for _, id := range g.army[1:] {
		env.Send(id, orders{true})
	}
}

func (g *general) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case orders:
		g.hear(m.Attack)
		for _, id := range g.army[1:] {
			if g.tell && id != env.ID() {
				env.Send(id, tells(m))
			}
		}
	case tells:
		g.hear(m.Attack)
	case dawn:
		if g.tell && len(g.army) == 3 && g.attack == 0 { // the commander of this army does not lie
			env.Note(wrongIs(fmt.Sprintf("%s retreats, and was ordered to attack", env.ID())))
		}
		env.Note(obeys{g.attack > 0})
	}
}

func (g *general) hear(attack bool) {
	if g.attack--; attack {
		g.attack += 2
	}
}

// A votes message is a ballot, with its voter's name on it: s1 votes for 1, s2 for 2, and so on.
type votes struct {
	Voter sim.NodeID
	For   int
}

type (
	votesAgain struct{}
	writes     votes
	counted    struct{ Ballots int }
)

func (m votes) Alter(pick func(int) int) sim.Message { return sim.AlterFields(m, pick) }

// election has three servers send their ballots, so many times.
func election(by func() sim.Node, times int) *sim.Scenario {
	return small("election", func(w *sim.World) {
		for i, id := range servers {
			w.Add(id, func() sim.Node { return &voter{choice: i + 1, left: times} })
		}
		w.Add("t", by)
	})
}

// A voter sends its ballot again and again, since ballots may be lost.
type voter struct{ choice, left int }

func (v *voter) Start(env sim.Env) { v.Handle(env, env.ID(), votesAgain{}) }

func (v *voter) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) {
	if v.left--; v.left >= 0 {
		env.Send("t", votes{env.ID(), v.choice})
		env.After(ms, votesAgain{})
	}
}

// A clerk writes down the ballot of each voter, who may change its mind. It may trust the name on a ballot, as rsh trusted the address in a packet: whoever wrote
// another name there was let in. The world, as a network with authenticated channels does, says whom a message is from.
type clerk struct{ trusts bool }

func (clerk) Start(sim.Env) {}

func (c clerk) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	b := m.(votes)
	if !c.trusts {
		b.Voter = from
	}
	if i := slices.Index(servers, b.Voter); i > 0 && b.For != i+1 { // of s1 nobody knows what it wants
		env.Note(wrongIs(fmt.Sprintf("t has it that %s votes for %d, on a ballot of %s", b.Voter, b.For, from)))
		return
	}
	env.Note(writes(b))
}

// A teller waits for two ballots for the same, so that one is of a voter that does not lie. It may count them with a counter where a set is needed.
type teller struct {
	counts  bool
	ballots map[int][]sim.NodeID
}

func (t *teller) Start(sim.Env) { t.ballots = map[int][]sim.NodeID{} }

func (t *teller) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	b := m.(votes)
	if by := t.ballots[b.For]; t.counts || !slices.Contains(by, from) {
		t.ballots[b.For] = append(by, from)
	}
	by := t.ballots[b.For]
	if voters := len(slices.Compact(slices.Clone(by))); len(by) == 2 && voters == 1 {
		env.Note(wrongIs(fmt.Sprintf("t declares %d elected by %d ballots of %s", b.For, len(by), from)))
		return
	}
	env.Note(counted{len(by)})
}
