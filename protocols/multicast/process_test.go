package multicast

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/disk"
)

// A desk is process p2 of three with its world.
type desk struct {
	node sim.Node
	*Process
	env *fake.Env
}

func right(p *Process) sim.Node { return p }

// started returns a process that has started, in its first life.
func started(t *testing.T, of func(*Process) sim.Node) desk {
	t.Helper()
	p := NewProcess(2, names("a", 3), names("p", 3), 2)
	d := desk{of(p), p, fake.New("p2")}
	d.node.Start(d.env)
	if d.halted {
		t.Fatal(d.env.Facts)
	}
	return d
}

// did says what the process has done since the last call: what it sends to p1 and a1, its timers, its facts.
func (d desk) did() string {
	var say []string
	for _, s := range d.env.Take() {
		if s.To == "a1" || s.To == "p1" {
			say = append(say, fmt.Sprintf("%v>%s", s.Message, s.To))
		}
	}
	for _, x := range d.env.Timers {
		say = append(say, fmt.Sprintf("%v in %v", x.Message, x.After))
	}
	for _, f := range d.env.Facts {
		say = append(say, fmt.Sprint(f))
	}
	d.env.Timers, d.env.Facts = nil, nil
	return strings.Join(say, "; ")
}

// A step is what a process hears, and what it must do then.
type step struct {
	from sim.NodeID
	m    sim.Message
	want string
}

func (d desk) goes(t *testing.T, steps ...step) {
	t.Helper()
	d.did()
	for i, x := range steps {
		d.node.Handle(d.env, x.from, x.m)
		if got := d.did(); got != x.want {
			t.Errorf("step %d, %v from %s:\n%q, want\n%q", i, x.m, x.from, got, x.want)
		}
		if err := d.Invariant(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

func chosen(at Place, v paxos.Value) paxos.Chosen {
	return paxos.Chosen{Slot: at, Ballot: paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, Value: v}
}

// mine is the first ballot of p2 at any place.
var mine = paxos.Ballot{Round: 1, Proposer: 2, Life: 1}

// Fails if a process does not propose its messages one after the other, at the first place that it does not know, until each is delivered.
func TestProposes(t *testing.T) {
	d := started(t, right)
	if got := d.did(); got != "Ask{slot 1}>p1; say{} in 1ms; say{} in 1ms; ask{} in 100ms" {
		t.Errorf("start: %q", got)
	}
	d.goes(t,
		step{"p2", say{}, "Prepare{slot 1, 1.2}>a1; late{slot 1, 1.2} in 40ms; multicasts p2#1"},
		step{"p2", say{}, "multicasts p2#2"},
		step{"p1", chosen(1, "p1#1"), "Prepare{slot 2, 1.2}>a1; late{slot 2, 1.2} in 40ms; delivered 1: p1#1"},
		step{"p3", chosen(1, "p1#1"), ""}, // no news: it goes on with its ballot
		step{"a1", paxos.Promise{Slot: 2, Ballot: mine}, ""},
		step{"a2", paxos.Promise{Slot: 2, Ballot: mine}, "Accept{slot 2, 1.2 p2#1}>a1"},
		step{"a1", paxos.Accepted{Slot: 2, Ballot: mine, Value: "p2#1"}, ""},
		step{"a3", paxos.Accepted{Slot: 2, Ballot: mine, Value: "p2#1"}, "Chosen{slot 2, 1.2 p2#1}>p1; Prepare{slot 3, 1.2}>a1; late{slot 3, 1.2} in 40ms; delivered 2: p2#1"},
		step{"p1", chosen(3, "p2#2"), "delivered 3: p2#2"}, // somebody else has finished it
		step{"p1", chosen(3, "p2#2"), ""},
	)
}

// Fails if a process delivers before what stands earlier, does not ask for what it has missed, or tells what it does not know.
func TestOrder(t *testing.T) {
	d := started(t, right)
	d.goes(t,
		step{"p1", paxos.Ask{Slot: 1}, ""},
		step{"p1", chosen(3, "p1#2"), "Ask{slot 1}>p1"},
		step{"p1", chosen(1, "p3#1"), "delivered 1: p3#1"},
		step{"p1", paxos.Ask{Slot: 1}, "Known{1 to 1}>p1"},
		step{"p1", paxos.Ask{Slot: 0}, ""},
		step{"p3", Known{1, []paxos.Value{"p3#1", "p1#1"}}, "delivered 2: p1#1; delivered 3: p1#2"},
		step{"p1", paxos.Ask{Slot: 2}, "Known{2 to 3}>p1"},
		step{"p1", paxos.Ask{Slot: 4}, ""},
	)
	var all []paxos.Value
	for i := range 200 {
		all = append(all, nameOf("p1", 1, i))
	}
	d = started(t, right)
	d.Handle(d.env, "p1", Known{1, all})
	d.goes(t, step{"p1", paxos.Ask{Slot: 3}, "Known{3 to 66}>p1"}, step{"p1", paxos.Ask{Slot: 199}, "Known{199 to 200}>p1"})
}

// Fails if a process asks acceptors while all goes well, or does not finish what somebody has left half-way; or competes with one who is at it.
func TestFinishesWhatWasBegun(t *testing.T) {
	left := paxos.Accepted{Slot: 1, Ballot: paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, Value: "p1#1"}
	d := started(t, right)
	d.goes(t,
		step{"a1", left, ""},
		step{"p2", ask{}, "Ask{slot 1}>p1; ask{} in 100ms"},
		step{"p2", ask{}, "Ask{slot 1}>p1; Ask{slot 1}>a1; ask{} in 100ms"},
		step{"a1", paxos.Accepted{Slot: 2, Ballot: left.Ballot, Value: "p1#1"}, ""},
		step{"a1", left, "Prepare{slot 1, 1.2}>a1; late{slot 1, 1.2} in 40ms"},
		step{"a2", left, ""},
		step{"p2", say{}, "multicasts p2#1"},
		step{"a1", paxos.Promise{Slot: 1, Ballot: mine, Accepted: left.Ballot, Value: "p1#1"}, ""},
		step{"a2", paxos.Promise{Slot: 1, Ballot: mine}, "Accept{slot 1, 1.2 p1#1}>a1"},
	)
	d = started(t, right)
	d.goes(t, step{"p2", ask{}, "Ask{slot 1}>p1; ask{} in 100ms"}, step{"p1", chosen(1, "p1#1"), "delivered 1: p1#1"}, step{"p2", ask{}, "Ask{slot 2}>p1; ask{} in 100ms"})
}

// A broken disk fails at every sync.
type broken struct{ disk.FS }

func (broken) Sync(string) error { return errors.New("broken") }

// Fails if a second life uses the names of the first, or a process goes on without a disk that works.
func TestLives(t *testing.T) {
	d := started(t, right)
	again := NewProcess(2, names("a", 3), names("p", 3), 1)
	again.Start(d.env)
	d.did()
	again.Handle(d.env, "p2", say{})
	if got := d.did(); !strings.HasSuffix(got, "multicasts p2/2#1") {
		t.Error(got)
	}
	env := fake.New("p2")
	env.Store = broken{env.Store}
	p := NewProcess(2, names("a", 3), names("p", 3), 1)
	p.Start(env)
	p.Handle(env, "p2", say{})
	if !p.halted || len(env.Facts) != 1 || len(env.Timers) > 0 || len(env.Sent) > 0 {
		t.Errorf("halted %v, facts %v", p.halted, env.Facts)
	}
}

// Fails if an impossible state is called sound.
func TestInvariantComplains(t *testing.T) {
	d := started(t, right)
	d.list = []paxos.Value{"p1#1"}
	if d.Invariant() == nil {
		t.Error("what is known is not delivered")
	}
	d = started(t, right)
	d.Handle(d.env, "p2", say{})
	if d.next = 2; d.Invariant() == nil {
		t.Error("competes for a place that is known")
	}
}

// Fails if a mistake is none: each must do something else than a right process upon receiving these.
func TestMistakesDiffer(t *testing.T) {
	report := paxos.Promise{Slot: 1, Ballot: mine, Accepted: paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, Value: "p1#1"}
	refused := paxos.Refused{Slot: 1, Ballot: mine, Promised: paxos.Ballot{Round: 2, Proposer: 1, Life: 1}}
	accepted := paxos.Accepted{Slot: 1, Ballot: mine, Value: "p2#1"}
	type heard struct {
		from sim.NodeID
		m    sim.Message
	}
	messages := map[string][]heard{
		"skips": {{"p1", chosen(2, "p1#1")}}, "own-first": {{"p2", say{}}}, "one-acceptance": {{"p2", say{}}, {"a1", paxos.Promise{Slot: 1, Ballot: mine}}, {"a2", paxos.Promise{Slot: 1, Ballot: mine}}, {"a1", accepted}},
		"deaf": {{"p2", say{}}, {"a1", report}, {"a2", report}}, "moves-on": {{"p2", say{}}, {"a1", refused}}, "newest-first": {{"p2", say{}}, {"p2", say{}}, {"p2", say{}}, {"p1", chosen(1, "p1#1")}},
		"never-asks": {{"p1", chosen(2, "p1#1")}},
	}
	play := func(of func(*Process) sim.Node, list []heard) (said []string) {
		d := started(t, of)
		d.did()
		for _, x := range list {
			d.node.Handle(d.env, x.from, x.m)
			said = append(said, d.did())
			for _, a := range []paxos.Promise{{Slot: 2, Ballot: mine}, {Slot: 2, Ballot: mine}} { // what is proposed at the next place
				d.node.Handle(d.env, "a1", a)
				d.node.Handle(d.env, "a2", a)
			}
			said = append(said, d.did())
		}
		return said
	}
	for _, m := range mistakes[1:] {
		if got, want := play(m.of, messages[m.name]), play(right, messages[m.name]); slices.Equal(got, want) {
			t.Errorf("%s: %q, as it should be", m.name, got)
		}
	}
}

// Fails if messages, facts or names that say different things have the same content, or print alike.
func TestContent(t *testing.T) {
	seen := map[string]any{}
	for _, m := range []interface{ AppendHash([]byte) []byte }{
		Known{1, []paxos.Value{"a", "b"}}, Known{1, []paxos.Value{"ab"}}, Known{2, []paxos.Value{"a", "b"}}, Known{1, []paxos.Value{"a"}},
		Multicast{"p1#1"}, Multicast{"p1#2"}, Delivered{1, "p1#1"}, Delivered{2, "p1#1"}, Delivered{1, "p1#2"}, say{}, ask{},
	} {
		key := fmt.Sprintf("%T %x", m, m.AppendHash(nil))
		if seen[key] != nil {
			t.Errorf("%v and %v are told alike", m, seen[key])
		}
		seen[key] = m
	}
	lives := map[paxos.Value]bool{}
	for _, id := range names("p", 12) {
		for life := range uint32(3) {
			for n := range 12 {
				lives[nameOf(id, life+1, n)] = true
			}
		}
	}
	if len(lives) != 12*3*12 || fmt.Sprint(Known{3, make([]paxos.Value, 3)}, Delivered{3, "p1#2"}, askEvery > time.Millisecond) != "Known{3 to 5} delivered 3: p1#2 true" {
		t.Errorf("%d names", len(lives))
	}
}
