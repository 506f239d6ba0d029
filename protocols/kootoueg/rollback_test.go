package kootoueg

import (
	"fmt"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// Who has received, since its checkpoint, what the other's has not sent must roll back; nobody else. Fails if the labels of the paper
// are compared in another way: last_rmsg > last_smsg.
func TestWhoRollsBack(t *testing.T) {
	for _, c := range []struct {
		before, after int // messages received before and after the last checkpoint
		lastSent      uint64
		want          bool
	}{
		{0, 0, 0, false}, {0, 1, 0, true}, {0, 1, 1, false}, {0, 3, 2, true}, {2, 0, 2, false}, {2, 1, 2, true}, {2, 1, 3, false},
	} {
		p, env := start(t, 3)
		label := uint64(0)
		for i := range c.before + c.after {
			if i == c.before {
				checkpointed(p, env)
			}
			label++
			p.Handle(env, "p2", money("p2", "p1", label))
		}
		if c.after == 0 {
			checkpointed(p, env)
		}
		env.Take()
		p.Handle(env, "p2", Prepare{ID: r2, LastSent: c.lastSent})
		if stopped := p.instance != nil; stopped != c.want {
			t.Errorf("%+v: prepared: %v", c, stopped)
		}
		if list, to := sent[Prepare](env); len(list) != 2*b2i(c.want) {
			t.Errorf("%+v: asked %v of %v", c, list, to)
		}
		if list, _ := sent[Ready](env); !c.want && (len(list) != 1 || !list[0].Yes) {
			t.Errorf("%+v: answered %v", c, list)
		}
	}
}

// checkpointed makes the process take a checkpoint that becomes permanent.
func checkpointed(p *Process, env *fake.Env) {
	p.Handle(env, "p3", Request{ID: c2, All: true})
	p.Handle(env, "p3", MakePermanent{ID: c2})
}

// The decision takes the process back: to the state, the labels and the log of its checkpoint, in a new incarnation, which it tells its
// neighbours. Timers and messages of the old one are dropped. Fails if something of what is undone is left.
func TestRollsBack(t *testing.T) {
	p, env := start(t, 3)
	p.Handle(env, "p2", money("p2", "p1", 1))
	spend(p, env)
	checkpointed(p, env)
	want := fmt.Sprint(p.app)
	p.Handle(env, "p2", money("p2", "p1", 2))
	spend(p, env)
	p.Handle(env, "p2", Prepare{ID: r2, LastSent: 1})
	p.Handle(env, "p2", Ready{r2, true})
	p.Handle(env, "p3", Ready{r2, true})
	spend(p, env)
	old := timer{1, apps.Ping{}}
	env.Take()
	env.Timers = nil
	p.Handle(env, "p2", RollBack{ID: r2})
	pe := p.peer("p2")
	if got := fmt.Sprint(p.app); got != want || pe.sent != 1 || pe.got != 1 || len(pe.log) != 1 || len(pe.waiting) != 0 || pe.open || p.incarnation != 2 || p.instance != nil {
		t.Errorf("rolled back to %v with %+v, incarnation %d", p.app, pe, p.incarnation)
	}
	if list, to := sent[Hello](env); len(list) != 2 || list[0].Incarnation != 2 || list[0].Got != 1 || list[0].Backed(durable(env)) != nil {
		t.Errorf("said %v to %v", list, to)
	}
	next := Hello{session{3, 1, p.reborn}}
	if next.Backed(durable(env)) == nil {
		t.Error("the record of an incarnation passes for that of the next")
	}
	if list, to := sent[RollBack](env); len(list) != 2 || list[0].Backed(durable(env)) != nil {
		t.Errorf("told %v to %v", list, to)
	}
	p.Handle(env, "p2", Welcome{1, session{Incarnation: 1, Got: 1}})
	if pe.open {
		t.Error("the answer to an earlier hello opens the channel")
	}
	env.Facts = nil
	p.Handle(env, "p1", old)
	p.Handle(env, "p2", money("p2", "p1", 2))
	if fmt.Sprint(p.app) != want || fmt.Sprint(env.Facts) != "[discarded p2>p1 #2]" {
		t.Errorf("something old counts: %v, noted %v", p.app, env.Facts)
	}
}

// If it is decided not to roll back, the process goes on with what it has.
func TestDoesNotRollBack(t *testing.T) {
	p, env := start(t, 3)
	p.Handle(env, "p2", money("p2", "p1", 1))
	p.Handle(env, "p2", Prepare{ID: r2})
	spend(p, env)
	env.Take()
	p.Handle(env, "p2", DoNotRollBack{r2})
	if list, _ := sent[App](env); len(list) != 1 || p.incarnation != 1 || p.peer("p2").got != 1 {
		t.Errorf("sent %v, incarnation %d", env.Sent, p.incarnation)
	}
	if list, _ := sent[DoNotRollBack](env); len(list) != 2 {
		t.Errorf("told %v", list)
	}
}

// Both sides of a channel begin anew after a rollback: they say what they have, send again what the other lacks, and then go on. Fails if a message
// would be lost, sent twice, or sent while the process takes part in something.
func TestGreetings(t *testing.T) {
	p, env := start(t, 3)
	for range 3 {
		spend(p, env)
	}
	env.Take()
	hello := Hello{session{Incarnation: 2, Got: 1}}
	p.Handle(env, "p2", hello)
	if m := only2(t, env); fmt.Sprint(m) != "[{p2 Welcome{incarnation 1, received #0}} {p2 Transfer{1} #2 (1>2)} {p2 Transfer{1} #3 (1>2)}]" {
		t.Errorf("answered %v", m)
	}
	p.Handle(env, "p2", Welcome{1, hello.session})
	if len(env.Sent) != 0 {
		t.Errorf("sent again: %v", env.Sent)
	}
	p.Handle(env, "p3", Request{ID: c2, All: true})
	env.Take()
	p.Handle(env, "p2", Hello{session{Incarnation: 3}})
	spend(p, env)
	if len(env.Sent) != 0 {
		t.Errorf("answered in the middle of a checkpoint: %v", env.Sent)
	}
	p.Handle(env, "p2", App{Name{"p2", "p1", 3, 1}, 3, 1, apps.Transfer{Money: 2}})
	if p.peer("p2").got != 1 {
		t.Error("does not receive from the incarnation that has said hello")
	}
	p.Handle(env, "p2", App{Name{"p2", "p1", 2, 2}, 2, 1, apps.Transfer{Money: 2}})
	if p.peer("p2").got != 1 {
		t.Error("receives from an incarnation that is over")
	}
	p.Handle(env, "p3", Undo{c2})
	if m := only2(t, env); len(m) != 5 || fmt.Sprint(m[4]) != "{p2 Transfer{1} #4 (1>3)}" {
		t.Errorf("then sent %v", m)
	}
	p.Handle(env, "p2", hello)
	if len(env.Sent) != 0 {
		t.Errorf("answered an old incarnation: %v", env.Sent)
	}
	again := ID{false, "p3", 1, 2}
	p.Handle(env, "p3", Request{ID: again, All: true})
	env.Take()
	p.Handle(env, "p3", Undo{again})
	if len(env.Sent) != 0 {
		t.Errorf("answered a second time: %v", env.Sent)
	}
}

// only2 takes what was sent to p2, and fails if anybody else was sent something.
func only2(t *testing.T, env *fake.Env) []fake.Sent {
	t.Helper()
	list := env.Take()
	for _, s := range list {
		if s.To != "p2" {
			t.Errorf("sent %v to %s", s.Message, s.To)
		}
	}
	return list
}

// Before its first life is on record a process has missed what was sent to it: its first hello brings that again.
func TestFirstHello(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	env.Take()
	p.Handle(env, "p2", Hello{session{Incarnation: 1}})
	if m := only2(t, env); fmt.Sprint(m) != "[{p2 Transfer{1} #1}]" {
		t.Errorf("sent %v", m)
	}
}

// A log keeps what the receiver's permanent checkpoint lacks, and no more. Fails if it grows for ever, or is cut before the decision.
func TestLogIsCut(t *testing.T) {
	p, env := start(t, 3)
	for range 3 {
		spend(p, env)
	}
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 2})
	spend(p, env)
	if n := len(p.peer("p2").log); n != 3 {
		t.Errorf("%d messages in the log before the decision", n)
	}
	p.Handle(env, "p2", MakePermanent{ID: c1})
	if pe := p.peer("p2"); len(pe.log) != 2 || pe.sent != 4 {
		t.Errorf("%d messages in the log of %d sent", len(pe.log), pe.sent)
	}
	checkpointed(p, env)
	p.Handle(env, "p2", Request{ID: ID{false, "p2", 1, 2}, LastReceived: 3}) // it has that in its last checkpoint, and takes none
	p.Handle(env, "p2", MakePermanent{ID: ID{false, "p2", 1, 2}})
	if pe := p.peer("p2"); p.permanent.id != c2 || len(pe.log) != 1 {
		t.Errorf("%d messages in the log of one that took no checkpoint", len(pe.log))
	}
}

// The log of an initiator is cut by its own decision, whether or not those who have asked it come to tell it.
func TestLogOfInitiatorIsCut(t *testing.T) {
	p, env := start(t, 3, func(p *Place) { p.Checkpoints = 1 })
	spend(p, env)
	p.Handle(env, "p2", money("p2", "p1", 1))
	p.Handle(env, "p1", begin{})
	id := p.instance.ID
	p.Handle(env, "p2", Request{ID: id, LastReceived: 1})
	p.Handle(env, "p2", Willing{ID: id, Yes: true})
	if pe := p.peer("p2"); p.permanent.id != id || len(pe.log) != 0 {
		t.Errorf("permanent %v, %d messages in the log", p.permanent.id, len(pe.log))
	}
}

// After a crash the process has no state until it has rolled back. A tentative checkpoint of another's that is on its disk is asked about first;
// its own is undone. Fails if it would go back to the wrong one.
func TestRestart(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	p = restart(t, p, env)
	if only[Inquire](t, env).ID != c1 || p.app != nil || fmt.Sprint(env.Facts) != "[restarted, permanent the initial state, tentative p2 C1.1]" {
		t.Fatalf("noted %v", env.Facts)
	}
	p.Handle(env, "p3", money("p3", "p1", 1))
	p.Handle(env, "p3", Prepare{ID: ID{true, "p3", 2, 1}})
	if only[Ready](t, env).Yes {
		t.Error("is ready to roll back, and does not know where to")
	}
	p.Handle(env, "p2", MakePermanent{ID: c1})
	env.Take()
	p.Handle(env, "p1", again{})
	if list, to := sent[Prepare](env); len(list) != 2 || list[0].LastSent != 1 || to[0] != "p2" {
		t.Fatalf("asked %v of %v", list, to)
	}
	id := p.instance.ID
	p.Handle(env, "p2", Ready{id, true})
	p.Handle(env, "p3", Ready{id, true})
	if p.app == nil || p.permanent.id != c1 || p.peer("p2").sent != 1 || p.incarnation != 2 {
		t.Errorf("rolled back to %v, incarnation %d", p.permanent.id, p.incarnation)
	}
}

// A process that has crashed, and does not try to roll back just then, joins the rollback of another; not one of its own that an earlier
// life began.
func TestJoinsWithoutState(t *testing.T) {
	p, env := start(t, 3)
	p = restart(t, p, env)
	id := p.instance.ID
	p.Handle(env, "p2", Ready{ID: id})
	if p.instance != nil || p.app != nil {
		t.Fatalf("%+v after a no", p.instance)
	}
	env.Take()
	p.Handle(env, "p2", Prepare{ID: ID{true, "p1", 1, 1}})
	if only[Ready](t, env).Yes {
		t.Error("joins a rollback that it has forgotten")
	}
	p.Handle(env, "p3", Hello{session{Incarnation: 2}})
	if len(env.Sent) != 0 {
		t.Errorf("says what it has without a state: %v", env.Sent)
	}
	p.Handle(env, "p2", Prepare{ID: r2})
	if list, _ := sent[Prepare](env); len(list) != 2 || p.instance == nil {
		t.Fatalf("asked %v", list)
	}
	p.Handle(env, "p2", RollBack{ID: r2})
	if p.app == nil {
		t.Error("has not rolled back")
	}
}

// A rollback that an earlier life began is over, also for one that does nothing just then. Fails if a process would wait for its own former self.
func TestForgetsItsRollback(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	p = restart(t, p, env)
	p.Handle(env, "p2", Undo{c1})
	env.Take()
	p.Handle(env, "p3", Prepare{ID: ID{true, "p1", 1, 1}})
	if only[Ready](t, env).Yes || p.instance != nil {
		t.Error("joins a rollback that it has forgotten")
	}
}

// What has no neighbour passes through, both ways.
func TestPassesThrough(t *testing.T) {
	p, env := start(t, 3)
	p.inside(env).Send("client", apps.Ping{N: 1})
	if fmt.Sprint(env.Take()) != "[{client Ping{1}}]" {
		t.Error("a message to somebody else is not sent as it is")
	}
	before := fmt.Sprint(p.app)
	p.Handle(env, sim.NodeID("client"), apps.Transfer{Money: 5})
	if fmt.Sprint(p.app) == before {
		t.Error("a message from somebody else does not arrive")
	}
}

// What the application sends to itself is a timer, and ends with the incarnation. Fails if a state that is undone would reach into the next one.
func TestSendsToItself(t *testing.T) {
	p, env := start(t, 3)
	p.inside(env).Send("p1", apps.Transfer{Money: 5})
	if len(env.Sent) != 0 || len(env.Timers) != 1 {
		t.Fatalf("sent %v, set %v", env.Sent, env.Timers)
	}
	m, before := env.Timers[0].Message, fmt.Sprint(p.app)
	p.incarnation++
	p.Handle(env, "p1", m)
	if fmt.Sprint(p.app) != before {
		t.Error("what an incarnation has sent itself arrives in the next one")
	}
	p.incarnation--
	p.Handle(env, "p1", m)
	if fmt.Sprint(p.app) == before {
		t.Error("what it has sent itself does not arrive")
	}
}

// Fails if a timer of the application calls itself a timer, as whoever draws one does: "p1 timer timer tick".
func TestTimerSaysWhatItCarries(t *testing.T) {
	if got, want := (timer{1, apps.Ping{}}).String(), fmt.Sprint(apps.Ping{}); got != want {
		t.Errorf("a timer prints %q, want %q", got, want)
	}
}
