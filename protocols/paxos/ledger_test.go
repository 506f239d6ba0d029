package paxos

import (
	"math/rand/v2"
	"strings"
	"testing"

	"simrun/sim"
)

// A tape feeds properties with events made by hand.
type tape struct {
	seq        uint64
	properties []sim.Property
}

func watch() *tape {
	l := &ledger{acceptors: []sim.NodeID{"a1", "a2", "a3"}, need: 2}
	return &tape{properties: append(l.innerProperties(), l.integrity())}
}

// see shows an event to all properties and returns which of them complain.
func (t *tape) see(kind sim.Kind, node sim.NodeID, data any) string {
	t.seq++
	var names []string
	for _, p := range t.properties {
		if err := p.Observe(&sim.Event{Seq: t.seq, Kind: kind, Node: node, Data: data}); err != nil {
			names = append(names, p.Name())
		}
	}
	return strings.Join(names, " ")
}

// A right run, in which the second proposer adopts: nobody complains, and every property has judged.
func TestPropertiesPassARightRun(t *testing.T) {
	w := watch()
	for _, e := range []struct {
		node sim.NodeID
		m    any
	}{
		{"p1", Prepare{Ballot: b11}}, {"a1", Promise{Ballot: b11}}, {"a2", Promise{Ballot: b11}},
		{"p1", Accept{0, b11, "A"}}, {"p1", Accept{0, b11, "A"}}, {"a1", Accepted{0, b11, "A", backing{}}},
		{"a2", Promise{Ballot: b12}}, {"a3", Promise{Ballot: b12}}, {"a2", Refused{0, b11, b12}},
		{"p2", Accept{0, b12, "B"}}, {"a3", Accepted{0, b12, "B", backing{}}},
		{"a1", Promise{Ballot: b21, Accepted: b11, Value: "A"}}, {"a3", Promise{Ballot: b21, Accepted: b12, Value: "B"}},
		{"p1", Accept{0, b21, "B"}}, {"a1", Accepted{0, b21, "B", backing{}}}, {"a3", Accepted{0, b21, "B", backing{}}},
		{"a1", Accepted{0, b11, "A", backing{again: true}}}, // asked by a learner, late: told again
	} {
		if bad := w.see(sim.Sent, e.node, e.m); bad != "" {
			t.Errorf("%v of %s: %s complains", e.m, e.node, bad)
		}
	}
	if bad := w.see(sim.Noted, "p1", Chosen{0, b21, "B"}); bad != "" {
		t.Errorf("%s complains of what was chosen", bad)
	}
	if bad := w.see(sim.Noted, "l1", Learned{0, "B"}); bad != "" {
		t.Errorf("%s complains of what was learned", bad)
	}
	for _, p := range w.properties {
		if p.Checks() == 0 {
			t.Errorf("%s has judged nothing", p.Name())
		}
	}
}

// An acceptor accepts, and crashes before it can say so. In its next life it promises a higher ballot, and then tells a learner that
// asks: no promise is broken, and the acceptance counts. The same words unasked would be a vote below the promise.
func TestAcceptanceFirstToldWhenAsked(t *testing.T) {
	for _, again := range []bool{true, false} {
		w := watch()
		w.see(sim.Sent, "a1", Promise{Ballot: b21})
		bad := w.see(sim.Sent, "a1", Accepted{0, b12, "B", backing{again: again}})
		if again && bad != "" || !again && bad != "promise-monotone" {
			t.Errorf("told on being asked %v: %q complains", again, bad)
		}
	}
}

// Each wrong run is caught, by the property that it is about.
func TestPropertiesComplain(t *testing.T) {
	promise := func(b Ballot) Promise { return Promise{Ballot: b} }
	for _, c := range []struct {
		name, want string
		before     []any // sent by a1, a2 and p1 in turn, as their types say
		node       sim.NodeID
		kind       sim.Kind
		last       any
	}{
		{"two values in a ballot", "one-value-per-ballot", []any{promise(b11), promise(b11), Accept{0, b11, "A"}}, "p2", sim.Sent, Accept{0, b11, "B"}},
		{"no majority has promised", "safe-at", []any{promise(b11)}, "p1", sim.Sent, Accept{0, b11, "A"}},
		{"a promise for a lower ballot is none", "safe-at", []any{promise(b11), promise(b11)}, "p2", sim.Sent, Accept{0, b12, "A"}},
		{"the reported value ignored", "safe-at", []any{Accepted{0, b11, "A", backing{}}, Accepted{0, b11, "A", backing{}}, promise(b12), promise(b12)}, "p2", sim.Sent, Accept{0, b12, "B"}},
		{"a lower promise", "promise-monotone", []any{promise(b21)}, "a1", sim.Sent, promise(b12)},
		{"a lower acceptance", "promise-monotone", []any{promise(b21)}, "a1", sim.Sent, Accepted{0, b12, "A", backing{}}},
		{"a refusal that tells of a lower promise", "promise-monotone", []any{promise(b21)}, "a1", sim.Sent, Refused{0, b11, b12}},
		{"a lower answer to itself", "promise-monotone", []any{promise(b21)}, "a1", sim.Noted, promise(b12)},
		{"learned before a majority", "integrity", []any{Accepted{0, b11, "A", backing{}}}, "l1", sim.Noted, Learned{0, "A"}},
		{"acceptances of two ballots added up", "integrity", []any{Accepted{0, b11, "A", backing{}}, Accepted{0, b12, "A", backing{}}}, "l1", sim.Noted, Learned{0, "A"}},
		{"another value learned", "integrity", []any{Accepted{0, b11, "A", backing{}}, Accepted{0, b11, "A", backing{}}}, "l1", sim.Noted, Learned{0, "B"}},
		{"told as chosen though it is not", "integrity", []any{Accepted{0, b11, "A", backing{}}}, "p1", sim.Noted, Chosen{0, b11, "A"}},
	} {
		w := watch()
		for i, m := range c.before {
			node := sim.NodeID([]string{"a1", "a2"}[i%2])
			if _, ok := m.(Accept); ok {
				node = "p1"
			}
			if bad := w.see(sim.Sent, node, m); bad != "" {
				t.Errorf("%s: %s complains of %v already", c.name, bad, m)
			}
		}
		if bad := w.see(c.kind, c.node, c.last); bad != c.want {
			t.Errorf("%s: complaints by %q, want %q", c.name, bad, c.want)
		}
	}
}

// A learner may learn again in its next life, and not before.
func TestIntegrityOncePerLife(t *testing.T) {
	w := watch()
	w.see(sim.Sent, "a1", Accepted{0, b11, "A", backing{}})
	w.see(sim.Sent, "a2", Accepted{0, b11, "A", backing{}})
	learn := func() string { return w.see(sim.Noted, "l1", Learned{0, "A"}) }
	if bad := learn(); bad != "" {
		t.Errorf("%s complains", bad)
	}
	w.see(sim.Started, "l1", uint64(2))
	if bad := learn(); bad != "" {
		t.Errorf("in the next life: %s complains", bad)
	}
	if bad := learn(); bad != "integrity" {
		t.Errorf("twice in one life: complaints by %q", bad)
	}
}

// safeAt against an oracle that tries every majority, as the predicate is written down: on random
// histories, of which both kinds must be frequent.
func TestSafeAtAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	safe, unsafe := 0, 0
	for range 3000 {
		l := &ledger{acceptors: names("a", 3+r.IntN(3))}
		n := len(l.acceptors)
		type acceptance struct {
			who int
			b   Ballot
			v   Value
		}
		var accepted []acceptance
		promised := make([]Ballot, n)
		ballot := func() Ballot { return Ballot{uint32(1 + r.IntN(3)), uint32(1 + r.IntN(2)), 1} }
		for range r.IntN(14) {
			i, b := r.IntN(n), ballot()
			v := Value(rune('A' + (b.Round+b.Proposer)%3)) // a value is a function of its ballot
			var m any = Promise{Ballot: b}
			if r.IntN(2) == 0 {
				m = Accepted{Ballot: b, Value: v}
				accepted = append(accepted, acceptance{i, b, v})
			}
			if promised[i].Less(b) {
				promised[i] = b
			}
			l.seq++
			l.enter(&sim.Event{Seq: l.seq + 1, Kind: sim.Sent, Node: l.acceptors[i], Data: m})
		}
		ask := Accept{0, ballot(), Value(rune('A' + r.IntN(3)))}
		want := false
		for q := range Votes(1 << n) {
			if q.Count() < Majority(n) {
				continue
			}
			good, highest := true, Ballot{}
			value := ask.Value
			for i := range n {
				good = good && (!q.Has(i) || !promised[i].Less(ask.Ballot))
			}
			for _, a := range accepted {
				if q.Has(a.who) && a.b.Less(ask.Ballot) && highest.Less(a.b) {
					highest, value = a.b, a.v
				}
			}
			want = want || good && value == ask.Value
		}
		if got := l.safeAt(ask); got != want {
			t.Fatalf("%v after promises %v and acceptances %v: safe is %v, want %v", ask, promised, accepted, got, want)
		}
		if want {
			safe++
		} else {
			unsafe++
		}
	}
	if safe < 300 || unsafe < 300 {
		t.Errorf("%d safe and %d unsafe proposals: too few of one kind", safe, unsafe)
	}
}
