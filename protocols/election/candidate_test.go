package election

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

// A desk is candidate c2 of three with its world.
type desk struct {
	node sim.Node
	*Candidate
	env *fake.Env
}

const second = 200 * time.Millisecond // the term

func newDesk(of func(*Candidate) sim.Node) desk {
	c := NewCandidate(2, names("a", 3), names("c", 3), second)
	d := desk{of(c), c, fake.New("c2")}
	d.env.Clock = time.Hour
	return d
}

func right(c *Candidate) sim.Node { return c }

// started returns a candidate that has started.
func started(t *testing.T, of func(*Candidate) sim.Node) desk {
	t.Helper()
	d := newDesk(of)
	d.node.Start(d.env)
	if d.halted {
		t.Fatal(d.env.Facts)
	}
	d.did()
	return d
}

// did says what the candidate has done since the last call: what it sends to c1 and a1, its timers, its facts.
func (d desk) did() string {
	var say []string
	for _, s := range d.env.Take() {
		if s.To == "a1" || s.To == "c1" {
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

// hears makes the candidate handle a message so much later, and says what it does.
func (d desk) hears(later time.Duration, from sim.NodeID, m sim.Message) string {
	d.env.Clock += later
	d.node.Handle(d.env, from, m)
	return d.did()
}

// chosen is that somebody leads in an epoch.
func chosen(e Epoch, who paxos.Value) paxos.Chosen {
	return paxos.Chosen{Slot: e, Ballot: paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, Value: who}
}

// mine is the first ballot of c2.
var mine = paxos.Ballot{Round: 1, Proposer: 2, Life: 1}

// A step is what a candidate hears, and what it must do then.
type step struct {
	later time.Duration
	from  sim.NodeID
	m     sim.Message
	want  string
}

func (d desk) goes(t *testing.T, steps ...step) {
	t.Helper()
	for i, x := range steps {
		if got := d.hears(x.later, x.from, x.m); got != x.want {
			t.Errorf("step %d, %v from %s:\n%q, want\n%q", i, x.m, x.from, got, x.want)
		}
		if err := d.Invariant(); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
}

// Fails if a candidate does not stand, is elected by a majority, and rules for its term and no longer, counted from when it stood.
func TestRulesForATerm(t *testing.T) {
	d := newDesk(right)
	d.node.Start(d.env)
	if got := d.did(); got != "Ask{slot 1}>c1; Ask{slot 1}>a1; stand{epoch 1} in 4ms" {
		t.Errorf("start: %q", got)
	}
	d.goes(t,
		step{4 * time.Millisecond, "c2", stand{2}, ""},
		step{0, "c2", stand{1}, "Prepare{slot 1, 1.2}>a1; late{slot 1, 1.2} in 40ms; c2 stands for epoch 1"},
		step{0, "c2", stand{1}, ""},
		step{time.Millisecond, "a1", paxos.Promise{Slot: 1, Ballot: mine}, ""},
		step{0, "a2", paxos.Promise{Slot: 1, Ballot: mine}, "Accept{slot 1, 1.2 c2}>a1"},
		step{9 * time.Millisecond, "a1", paxos.Accepted{Slot: 1, Ballot: mine, Value: "c2"}, ""},
		step{0, "a3", paxos.Accepted{Slot: 1, Ballot: mine, Value: "c2"},
			"Chosen{slot 1, 1.2 c2}>c1; act{epoch 1} in 20ms; stand{epoch 2} in 200ms; c2 leads in epoch 1; c2 rules in epoch 1"},
		step{184 * time.Millisecond, "c2", act{1}, "Chosen{slot 1, 1.2 c2}>c1; act{epoch 1} in 20ms; c2 rules in epoch 1"},
		step{0, "c2", act{2}, ""},
		step{time.Millisecond, "c2", act{1}, "the term of epoch 1 is over"},
		step{0, "c2", act{1}, ""},
		step{0, "c3", paxos.Ask{Slot: 1}, ""}, // it is c3 that is answered, see below
		step{5 * time.Millisecond, "c2", stand{2}, "Prepare{slot 2, 1.2}>a1; late{slot 2, 1.2} in 40ms; c2 stands for epoch 2"},
	)
}

// Fails if a candidate stands before the term of another is over, does not follow one that it hears of, or rules where an earlier life was elected.
func TestFollows(t *testing.T) {
	d := started(t, right)
	d.goes(t,
		step{time.Millisecond, "c1", paxos.Ask{Slot: 1}, ""}, // knows nothing
		step{0, "c1", chosen(4, "c1"), "stand{epoch 5} in 200ms; c1 leads in epoch 4"},
		step{0, "c1", chosen(4, "c1"), ""},
		step{0, "c3", chosen(3, "c3"), ""},
		step{0, "c1", paxos.Ask{Slot: 1}, "Chosen{slot 4, 1.1 c1}>c1"},
		step{0, "c2", stand{1}, ""},
		step{time.Millisecond, "c2", stand{5}, "Prepare{slot 5, 1.2}>a1; late{slot 5, 1.2} in 40ms; c2 stands for epoch 5"},
		step{0, "c1", chosen(5, "c2/2"), "stand{epoch 6} in 200ms; c2/2 leads in epoch 5"},
		step{0, "c1", chosen(6, "c2"), "stand{epoch 7} in 200ms; c2 leads in epoch 6"}, // it has not stood there: that was another life
		step{0, "a1", paxos.Accepted{Slot: 8, Ballot: mine, Value: "c3"}, ""},
		step{0, "a1", paxos.Accepted{Slot: 7, Ballot: mine, Value: "c3"}, "Prepare{slot 7, 1.2}>a1; late{slot 7, 1.2} in 40ms; c2 stands for epoch 7"},
		step{9 * time.Millisecond, "c1", chosen(7, "c2"), "Chosen{slot 7, 1.1 c2}>c1; act{epoch 7} in 20ms; stand{epoch 8} in 200ms; c2 leads in epoch 7; c2 rules in epoch 7"},
		step{0, "c3", chosen(9, "c3"), "stand{epoch 10} in 200ms; the term of epoch 7 is over; c3 leads in epoch 9"},
		step{0, "c2", act{7}, ""},
	)
}

// Fails if a candidate that finds another elected does not tell, or does not ask whether that was long ago.
func TestFindsAnotherElected(t *testing.T) {
	d := started(t, right)
	theirs := paxos.Ballot{Round: 1, Proposer: 1, Life: 1}
	d.hears(4*time.Millisecond, "c2", stand{1})
	d.hears(0, "a1", paxos.Promise{Slot: 1, Ballot: mine, Accepted: theirs, Value: "c1"})
	d.hears(0, "a2", paxos.Promise{Slot: 1, Ballot: mine})
	d.hears(0, "a1", paxos.Accepted{Slot: 1, Ballot: mine, Value: "c1"})
	d.goes(t, step{0, "a2", paxos.Accepted{Slot: 1, Ballot: mine, Value: "c1"}, "Chosen{slot 1, 1.2 c1}>c1; Ask{slot 2}>c1; Ask{slot 2}>a1; stand{epoch 2} in 200ms; c1 leads in epoch 1"})
}

// Fails if a candidate has the same name in two lives, or goes on without a disk that works.
func TestLives(t *testing.T) {
	d := started(t, right)
	if d.name != "c2" {
		t.Errorf("first life: %s", d.name)
	}
	d.node.Start(d.env)
	if d.name != "c2/2" {
		t.Errorf("second life: %s", d.name)
	}
	d = newDesk(right)
	d.env.Store = broken{d.env.Store}
	d.node.Start(d.env)
	if got := d.did(); !d.halted || !strings.HasPrefix(got, "halted: ") || d.hears(0, "c2", stand{1}) != "" {
		t.Errorf("halted %v: %s", d.halted, got)
	}
}

// A broken disk fails at every sync.
type broken struct{ disk.FS }

func (broken) Sync(string) error { return errors.New("broken") }

// Fails if an impossible state is called sound.
func TestInvariantComplains(t *testing.T) {
	d := started(t, right)
	d.hears(0, "c1", chosen(1, "c1"))
	if d.Invariant() != nil {
		t.Error(d.Invariant())
	}
	for _, e := range []Epoch{1, 2} {
		if d.office = e; d.Invariant() == nil {
			t.Errorf("a follower rules in epoch %d", e)
		}
	}
}

// Fails if a mistake is none: each must do something else than a right candidate upon receiving these.
func TestMistakesDiffer(t *testing.T) {
	promise := func(i int, v paxos.Value) step {
		p := paxos.Promise{Slot: 1, Ballot: mine}
		if v != "" {
			p.Accepted, p.Value = paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, v
		}
		return step{time.Millisecond, names("a", 3)[i], p, ""}
	}
	accepted := func(i int) step {
		return step{time.Millisecond, names("a", 3)[i], paxos.Accepted{Slot: 1, Ballot: mine, Value: "c2"}, ""}
	}
	elect := []step{{4 * time.Millisecond, "c2", stand{1}, ""}, promise(0, ""), promise(1, ""), accepted(0), accepted(1), {194 * time.Millisecond, "c2", act{1}, ""}}
	follow := []step{{0, "c1", chosen(1, "c1"), ""}, {second, "c2", stand{2}, ""},
		{0, "a1", paxos.Promise{Slot: 2, Ballot: mine}, ""}, {0, "a2", paxos.Promise{Slot: 2, Ballot: mine}, ""}}
	reports := []step{{4 * time.Millisecond, "c2", stand{1}, ""}, promise(0, "c1"), promise(1, "")}
	messages := map[string][]step{"self-crowned": elect, "deaf": reports, "nominates": follow, "late-count": elect, "any-life": elect, "impatient": follow, "never-resigns": elect}
	play := func(of func(*Candidate) sim.Node, steps []step) (said []string) {
		d := started(t, right)
		d = desk{of(d.Candidate), d.Candidate, d.env}
		d.node.Start(d.env) // a second life
		d.did()
		for _, x := range steps {
			if p, ok := x.m.(paxos.Promise); ok {
				p.Ballot.Life = 2
				x.m = p
			}
			if a, ok := x.m.(paxos.Accepted); ok {
				a.Ballot.Life, a.Value = 2, d.name
				x.m = a
			}
			said = append(said, d.hears(x.later, x.from, x.m))
		}
		return said
	}
	for _, m := range mistakes[1:] {
		got, want := play(m.of, messages[m.name]), play(right, messages[m.name])
		if slices.Equal(got, want) {
			t.Errorf("%s: %q, as it should be", m.name, got)
		}
	}
}

// Fails if facts or timers that say different things have the same content, or print alike.
func TestContent(t *testing.T) {
	seen := map[string]any{}
	for _, e := range []Epoch{1, 2, 300} {
		all := []interface{ AppendHash([]byte) []byte }{stand{e}, act{e}, Resigned{e}}
		for _, who := range []paxos.Value{"c1", "c1/2", "c2"} {
			all = append(all, Stood{e, who}, Elected{e, who}, Ruled{e, who})
		}
		for _, m := range all {
			key := fmt.Sprintf("%T %x", m, m.AppendHash(nil))
			if seen[key] != nil || seen[fmt.Sprint(m)] != nil {
				t.Errorf("%v and %v are told alike", m, seen[key])
			}
			seen[key], seen[fmt.Sprint(m)] = m, m
		}
	}
}
