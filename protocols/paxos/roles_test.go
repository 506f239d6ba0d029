package paxos

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

func proposer(number uint32, ballots int) *Proposer {
	return &Proposer{number: number, own: "A", acceptors: []sim.NodeID{"a1", "a2", "a3"}, learners: []sim.NodeID{"l1"}, need: 2, ballots: ballots, delay: -1}
}

// sends lets a node handle a message and prints what it sends, the message once and its receivers.
func sends(env *fake.Env, n sim.Node, from sim.NodeID, m sim.Message) string {
	n.Handle(env, from, m)
	var s []string
	last := ""
	for _, sent := range env.Take() {
		if text := fmt.Sprint(sent.Message); text != last {
			s = append(s, text)
			last = text
		}
		s[len(s)-1] += " " + string(sent.To)
	}
	return strings.Join(s, "; ")
}

// timer returns the last timer set.
func timer(env *fake.Env) fake.Timer { return env.Timers[len(env.Timers)-1] }

// The life of a proposer that is preempted once: sections 2.2, 2.4 and 2.5.
func TestProposer(t *testing.T) {
	env := fake.New("p1")
	env.Picks = map[string]int{"start": 3, "back off": 1}
	p := proposer(1, 0)
	p.Start(env)
	if tm := timer(env); tm.Message != (begin{}) || tm.After != 3*quantum {
		t.Fatalf("starts with %v", tm)
	}
	for _, step := range []struct {
		rule string
		from sim.NodeID
		m    sim.Message
		want string
	}{
		{"asks all acceptors for promises", "p1", begin{}, "Prepare{1.1} a1 a2 a3"},
		{"tells nobody what it does not know", "l1", Ask{}, ""},
		{"one promise is no majority", "a1", Promise{Ballot: b11}, ""},
		{"twice the same neither", "a1", Promise{Ballot: b11}, ""},
		{"from a stranger neither", "x9", Promise{Ballot: b11}, ""},
		{"a refusal of another ballot says nothing", "a2", Refused{0, b12, b22}, ""},
		{"refused, it gives the ballot up", "a2", Refused{0, b11, Ballot{5, 2, 1}}, ""},
		{"a promise for a ballot that was given up is late", "a3", Promise{Ballot: b11}, ""},
		{"a stale timer begins nothing", "p1", begin{0}, ""},
		{"the next ballot is above the one that stood in the way", "p1", begin{1}, "Prepare{6.1} a1 a2 a3"},
		{"first promise", "a2", Promise{Ballot: Ballot{6, 1, 1}, Accepted: b12, Value: "B"}, ""},
		{"with a majority it proposes what was reported", "a3", Promise{Ballot: Ballot{6, 1, 1}}, "Accept{6.1 B} a1 a2 a3"},
		{"an acceptance is no majority", "a1", Accepted{Ballot: Ballot{6, 1, 1}, Value: "B"}, ""},
		{"nor is one of a stranger", "x9", Accepted{Ballot: Ballot{6, 1, 1}, Value: "B"}, ""},
		{"a second one makes it chosen, and learners are told", "a2", Accepted{Ballot: Ballot{6, 1, 1}, Value: "B"}, "Chosen{6.1 B} l1"},
		{"the third changes nothing", "a3", Accepted{Ballot: Ballot{6, 1, 1}, Value: "B"}, ""},
		{"who asks is told", "l1", Ask{}, "Chosen{6.1 B} l1"},
		{"it is done", "p1", begin{2}, ""},
		{"and not overdue", "p1", overdue{Ballot{6, 1, 1}}, ""},
		{"nor preempted, by who promised more since", "a3", Refused{0, Ballot{6, 1, 1}, Ballot{7, 2, 1}}, ""},
	} {
		if got := sends(env, p, step.from, step.m); got != step.want {
			t.Errorf("%s: %v from %s makes it send %q, want %q", step.rule, step.m, step.from, got, step.want)
		}
	}
	want := "[proposed A 1.1 preempted by 5.2 6.1 adopted B of 1.2 Chosen{6.1 B}]"
	if got := fmt.Sprint(env.Facts); got != want {
		t.Errorf("facts %s, want %s", got, want)
	}
}

// A ballot that takes too long is given up; with a limit on ballots no
// further one begins, and none is drawn for.
func TestProposerOverdue(t *testing.T) {
	env := fake.New("p1")
	p := proposer(2, 2)
	p.Start(env)
	p.Handle(env, "p1", begin{})
	if tm := timer(env); tm.Message != (overdue{b12}) || tm.After != patience {
		t.Fatalf("first ballot: timer %v", tm)
	}
	p.Handle(env, "p1", overdue{b12})
	if tm := timer(env); tm.Message != (begin{1}) || tm.After <= 0 {
		t.Fatalf("after the first: timer %v; the second proposer must not retry as soon as the first", tm)
	}
	p.Handle(env, "p1", begin{1})
	if tm := timer(env); tm.Message != (overdue{b22}) || tm.After != 2*patience {
		t.Fatalf("second ballot: timer %v, want it more patient", tm)
	}
	timers := len(env.Timers)
	p.Handle(env, "p1", overdue{b22})
	if len(env.Timers) != timers {
		t.Errorf("its two ballots are used up, but it sets %v", timer(env))
	}
}

// Ballots of different lives differ, even if all that was known of rounds is lost; and a ballot is not
// used before its life is on record.
func TestLives(t *testing.T) {
	env := fake.New("p1")
	used := map[Ballot]bool{}
	for life := 1; life <= 3; life++ {
		p := proposer(1, 0)
		crash(env, p)
		env.Take()
		p.Handle(env, "p1", begin{})
		m := env.Take()[0].Message.(Prepare)
		if used[m.Ballot] || m.Ballot.Life != uint32(life) {
			t.Errorf("life %d uses ballot %v; used were %v", life, m.Ballot, used)
		}
		used[m.Ballot] = true
		d := env.Store.(*disk.Disk)
		d.Happened(d.Issued())
		if err := m.Backed(d.Durable()); err != nil {
			t.Errorf("life %d: %v", life, err)
		}
		forged := m
		forged.Ballot.Life++
		if forged.Backed(d.Durable()) == nil {
			t.Error("a ballot of a life that is not on record is backed")
		}
	}
}

// Section 2.3, and the two ways to count wrongly: messages in place of
// acceptors, and a value over several ballots.
func TestLearner(t *testing.T) {
	fresh := func() (*Learner, *fake.Env) {
		env := fake.New("l1")
		l := &Learner{acceptors: []sim.NodeID{"a1", "a2", "a3"}, proposers: []sim.NodeID{"p1"}, need: 2}
		l.Start(env)
		return l, env
	}
	l, env := fresh()
	if got := sends(env, l, "l1", tick{}); got != "Ask{} a1 a2 a3 p1" {
		t.Errorf("it asks %q", got)
	}
	if tm := timer(env); tm.Message != (tick{}) || tm.After != 50*time.Millisecond {
		t.Errorf("and then waits %v", tm)
	}
	l.Handle(env, "a1", Accepted{Ballot: b11, Value: "A"})
	l.Handle(env, "a1", Accepted{Ballot: b11, Value: "A"})
	l.Handle(env, "x9", Accepted{Ballot: b11, Value: "A"})
	l.Handle(env, "a2", Accepted{Ballot: b12, Value: "A"})
	l.Handle(env, "a3", Accepted{Ballot: b21, Value: "A"})
	if len(env.Facts) != 0 {
		t.Fatalf("no majority has accepted in one ballot, yet %v", env.Facts)
	}
	l.Handle(env, "a3", Accepted{Ballot: b12, Value: "A"})
	if len(env.Facts) != 1 || env.Facts[0] != (Learned{0, "A"}) {
		t.Fatalf("a majority has accepted 1.2: facts %v", env.Facts)
	}
	l.Handle(env, "p1", Chosen{0, b12, "A"})
	if timers := len(env.Timers); len(env.Facts) != 1 || sends(env, l, "l1", tick{}) != "" || len(env.Timers) != timers {
		t.Error("it learns a second time, or still asks")
	}
	l, env = fresh()
	l.Handle(env, "p1", Chosen{0, b12, "A"})
	if len(env.Facts) != 1 || env.Facts[0] != (Learned{0, "A"}) {
		t.Errorf("told by a proposer: facts %v", env.Facts)
	}
}

// Two values that a liar had accepted in one ballot are two proposals: fails if their acceptances are added up.
func TestTally(t *testing.T) {
	var y tally
	for i, c := range []struct {
		b    Ballot
		v    Value
		want int
	}{{b11, "A", 1}, {b11, "B", 1}, {b12, "A", 1}, {b11, "A", 2}, {b12, "B", 1}, {b11, "B", 2}} {
		if got := y.add(i, Accepted{Ballot: c.b, Value: c.v}); got != c.want {
			t.Errorf("acceptance %d: %d have accepted %s in %v, want %d", i, got, c.v, c.b, c.want)
		}
	}
}

// Fails if a proposer that starts again wants the same value though fresh is set, or another one though it is not.
func TestFreshValues(t *testing.T) {
	for set, want := range map[string][]Value{"fresh=true": {"A", "A2", "A3"}, "fresh=false": {"A", "A", "A"}} {
		s := Scenario()
		o, err := s.ParseOptions([]string{set, "proposers=1"})
		if err != nil {
			t.Fatal(err)
		}
		plan, err := fault.Parse("always law constant 9ms\n1ms crash p1 for 1ms\n4ms crash p1 for 1ms\n")
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.World(sim.Config{Options: o, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		var got []Value
		for e := range w.Events(0) {
			if f, ok := e.Data.(Proposed); ok && e.Kind == sim.Noted {
				got = append(got, f.Value)
			}
		}
		w.Close()
		if !slices.Equal(got, want) {
			t.Errorf("%s: lives of a proposer want %v, not %v", set, got, want)
		}
	}
}
