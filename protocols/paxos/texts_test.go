package paxos

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
	"simrun/sim/fault"
)

// verdictOf makes the run of a plan.
func verdictOf(t *testing.T, s *sim.Scenario, o sim.Options, plan string) sim.Verdict {
	t.Helper()
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Options: o, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// Reports are made of these words: the slot is named unless it is the first, and a count is a count.
func TestTexts(t *testing.T) {
	for _, c := range []struct {
		what any
		want string
	}{
		{begin{0}, "begin{ballot 1}"}, {begin{4}, "begin{ballot 5}"}, {overdue{b21}, "overdue{2.1}"}, {tick{}, "tick{}"},
		{again{0, 1}, "again{ballot 2}"}, {again{7, 0}, "again{slot 7, ballot 1}"}, {late{7, b21}, "late{slot 7, 2.1}"},
		{proposal{b12, "B", 0}, "1.2 B"},
		{Prepare{Ballot: b11}, "Prepare{1.1}"}, {Prepare{Slot: 1, Ballot: b11}, "Prepare{slot 1, 1.1}"},
		{Chosen{2, b11, "A"}, "Chosen{slot 2, 1.1 A}"}, {Accept{2, b11, "A"}, "Accept{slot 2, 1.1 A}"},
		{Recovered{1}, "recovered 1 promise"}, {Recovered{2}, "recovered 2 promises"}, {Recovered{0}, "recovered 0 promises"},
		{Halted{"so"}, "halted: so"}, {Learned{3, "A"}, "slot 3, learned A"}, {Proposed{0, "A"}, "proposed A"},
		{Adopted{0, b21, b11, "A"}, "2.1 adopted A of 1.1"}, {Preempted{1, b11, b21}, "slot 1, 1.1 preempted by 2.1"},
		{Ballot{}, "none"}, {Ballot{1, 2, 3}, "1.2/3"},
	} {
		if got := fmt.Sprint(c.what); got != c.want {
			t.Errorf("%T reads %q, want %q", c.what, got, c.want)
		}
	}
	if inSlot(0) != "" || inSlot(1) != " of slot 1" {
		t.Errorf("slots read %q and %q", inSlot(0), inSlot(1))
	}
}

// A proposal is under way until what was chosen is known.
func TestOperation(t *testing.T) {
	from, ok := operation("p1", Proposed{3, "A"})
	if !ok || from.Ended || from.Done || from.Text != "slot 3, proposed A" {
		t.Errorf("proposed: %+v, %v", from, ok)
	}
	to, ok := operation("p1", Chosen{3, b11, "B"})
	if !ok || !to.Ended || !to.Done || to.Of != from.Of || to.Text != "slot 3, B chosen in 1.1" {
		t.Errorf("chosen: %+v, %v", to, ok)
	}
	if other, _ := operation("p2", Proposed{3, "A"}); other.Of == from.Of {
		t.Error("two proposers have one operation")
	}
	if o, ok := operation("p1", Learned{}); ok || o.Of != nil {
		t.Errorf("learned: %+v", o)
	}
}

// What a node says of itself when nothing goes on.
func TestWaits(t *testing.T) {
	env := fake.New("p1")
	p := proposer(1, 0)
	p.Start(env)
	say := func() string {
		w := waitOf("p1", p)
		return fmt.Sprint(w.Node, " ", w.State, " ", w.For)
	}
	for _, step := range []struct {
		from sim.NodeID
		m    sim.Message
		want string
	}{
		{"p1", Ask{}, "p1 has not begun its ballot number 1 []"},
		{"p1", begin{}, "p1 has asked for promises in ballot 1.1 [a1 a2 a3]"},
		{"a2", Promise{Ballot: b11}, "p1 has asked for promises in ballot 1.1 [a1 a3]"},
		{"a3", Promise{Ballot: b11}, "p1 has proposed A in ballot 1.1 [a1 a2 a3]"},
		{"a1", Accepted{Ballot: b11, Value: "A"}, "p1 has proposed A in ballot 1.1 [a2 a3]"},
		{"p1", overdue{b11}, "p1 has not begun its ballot number 2 []"},
		{"p1", begin{1}, "p1 has asked for promises in ballot 2.1 [a1 a2 a3]"},
		{"a3", Promise{Ballot: b21}, "p1 has asked for promises in ballot 2.1 [a1 a2]"},
	} {
		p.Handle(env, step.from, step.m)
		if got := say(); got != step.want {
			t.Errorf("after %v it says %q, want %q", step.m, got, step.want)
		}
	}
	if w := waitOf("l1", &Learner{}); w.State != "has learnt nothing" || w.Node != "l1" || !slices.Equal(w.For, checkers.Wait{}.For) {
		t.Errorf("a learner says %+v", w)
	}
}

// The length of a file on the node's disk.
func length(t *testing.T, env *fake.Env, file string) int64 {
	t.Helper()
	n, err := env.Store.Size(file)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Answers that are given again cost nothing: an acceptor writes what is new.
func TestAcceptorWritesOnce(t *testing.T) {
	a, env := started(true)
	for _, m := range []sim.Message{Prepare{Ballot: b11}, Accept{Ballot: b11, Value: "A"}, Prepare{Ballot: b21}} {
		before := length(t, env, acceptorLog)
		ask(env, a, m)
		once := length(t, env, acceptorLog)
		ask(env, a, m)
		if twice := length(t, env, acceptorLog); once <= before || twice != once {
			t.Errorf("%v: the log has %d bytes, then %d, then %d", m, before, once, twice)
		}
	}
}

// A log whose records are whole and say nothing that an acceptor could have written is as good as a damaged one, wherever in it they are. Fails if an acceptor
// with such a log says that it has recovered, or answers.
func TestAcceptorHaltsOnStrangeRecords(t *testing.T) {
	strange, good := []byte{1}, appendRecord(nil, 2, &vote{promised: b11})
	for _, records := range [][][]byte{{strange, good}, {good, strange}} {
		env := fake.New("a1")
		log, _, err := reclog.Open(env.Store, acceptorLog)
		if err != nil {
			t.Fatal(err)
		}
		for _, rec := range records {
			if _, err := log.Append(rec); err != nil {
				t.Fatal(err)
			}
		}
		a := NewAcceptor(true)
		a.Start(env)
		if want := fmt.Sprint(Halted{errRecord.Error()}); len(env.Facts) != 1 || fmt.Sprint(env.Facts[0]) != want || !a.Halted() {
			t.Errorf("facts %v, want %q", env.Facts, want)
		}
		if got := ask(env, a, Prepare{Ballot: b21}) + ask(env, a, Ask{Slot: 2}); got != "" {
			t.Errorf("it answers %s", got)
		}
		if r, ok := a.Refusal(0, b11); ok {
			t.Errorf("it refuses: %v", r)
		}
	}
}

// Who fails to take a number for its life must not use a ballot, nor say that it proposes.
func TestNoLifeNoBallot(t *testing.T) {
	for _, kind := range []disk.OpKind{disk.AppendOp, disk.SyncOp} {
		env := fake.New("p1")
		n := 0
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			if n++; o.Kind == kind {
				return disk.ErrIO
			}
			return nil
		}}
		p := proposer(1, 0)
		p.Start(env)
		if len(env.Timers) != 0 || len(env.Facts) != 1 || !strings.HasPrefix(fmt.Sprint(env.Facts[0]), "halted: ") {
			t.Errorf("%v fails after %d operations: timers %v, facts %v", kind, n, env.Timers, env.Facts)
		}
	}
}

// Sets of acceptors have room for as many as can be named, and no more.
func TestMostAcceptors(t *testing.T) {
	if v := Votes(0).With(MaxAcceptors - 1); v.Count() != 1 || !v.Has(MaxAcceptors-1) || v.Has(0) {
		t.Errorf("the last acceptor is not in the set %b", v)
	}
	if v := Votes(0).With(MaxAcceptors); v != 0 {
		t.Errorf("one more has room: %b", v)
	}
	for n, want := range map[int]int{1: 1, 2: 2, 3: 2, 4: 3, 5: 3} {
		if got := Majority(n); got != want {
			t.Errorf("a majority of %d is %d, want %d", n, got, want)
		}
	}
}
