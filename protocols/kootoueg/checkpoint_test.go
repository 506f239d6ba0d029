package kootoueg

import (
	"fmt"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/sim"
	"simrun/sim/disk"
)

// c1 and c2 are checkpoints of p2 and p3, r2 a rollback of p2.
var (
	c1 = ID{false, "p2", 1, 1}
	c2 = ID{false, "p3", 1, 1}
	r2 = ID{true, "p2", 2, 1}
)

// A process takes a checkpoint only for somebody who has received what it sent after its last one. Fails if the labels of the paper
// are compared in another way: last_rmsg >= first_smsg > 0.
func TestWhoTakesACheckpoint(t *testing.T) {
	for _, c := range []struct {
		before, after int    // messages sent before and after the last checkpoint
		received      uint64 // by the one who asks, since its own
		want          bool
	}{
		{0, 0, 0, false}, {0, 1, 1, true}, {0, 2, 1, true}, {0, 2, 0, false},
		{2, 0, 2, false}, {2, 1, 2, false}, {2, 1, 3, true}, {2, 2, 3, true}, {1, 0, 1, false},
	} {
		p, env := start(t, 3)
		for range c.before {
			spend(p, env)
		}
		p.Handle(env, "p3", Request{ID: c2, All: true})
		p.Handle(env, "p3", MakePermanent{ID: c2})
		for range c.after {
			spend(p, env)
		}
		env.Take()
		p.Handle(env, "p2", Request{ID: c1, LastReceived: c.received})
		if took := p.tentative != nil; took != c.want {
			t.Errorf("%+v: took one: %v", c, took)
		}
		if m := only[Willing](t, env); !m.Yes || m.lives != c.want {
			t.Errorf("%+v: answered %v, vouched for: %v", c, m, m.lives)
		}
	}
}

// Who takes a checkpoint asks all that it has received something from since its last one, tells the labels, and answers when they have: no
// if one says no. Fails if it asks others, answers before they have, or overhears a no.
func TestAsksItsCohort(t *testing.T) {
	for _, no := range []bool{false, true} {
		p, env := start(t, 4)
		p.Handle(env, "p3", money("p3", "p1", 1))
		p.Handle(env, "p3", money("p3", "p1", 2))
		p.Handle(env, "p4", money("p4", "p1", 1))
		spend(p, env)
		env.Take()
		p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
		if list, to := sent[Request](env); fmt.Sprint(list, to) != "[Request{p2 C1.1, received #2} Request{p2 C1.1, received #1}] [p3 p4]" {
			t.Fatalf("asked %v of %v", list, to)
		}
		env.Take()
		p.Handle(env, "p3", Willing{ID: c1, Yes: true})
		p.Handle(env, "p3", Willing{ID: c1, Yes: true}) // the same again is not the other's
		if len(env.Sent) != 0 {
			t.Fatalf("sent %v before p4 has answered", env.Sent)
		}
		p.Handle(env, "p4", Willing{ID: c1, Yes: !no})
		if m := only[Willing](t, env); m.Yes == no {
			t.Errorf("answered %v", m)
		}
	}
}

// A process that takes part in one checkpoint says no to another, and yes to the same when it is asked again. Fails if it would take two at a time.
func TestOneAtATime(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	env.Take()
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	env.Take()
	p.Handle(env, "p3", Request{ID: c1, LastReceived: 1})
	if m := only[Willing](t, env); !m.Yes {
		t.Error("said no to what it takes part in")
	}
	p.Handle(env, "p3", Request{ID: c2, LastReceived: 1})
	if m := only[Willing](t, env); m.Yes {
		t.Error("said yes to two")
	}
	p.Handle(env, "p3", Prepare{ID: r2})
	if m := only[Ready](t, env); m.Yes {
		t.Error("is ready to roll back in the middle of a checkpoint")
	}
	p.Handle(env, "p2", Undo{c1})
	p.Handle(env, "p3", Request{ID: c1, LastReceived: 1})
	if m := only[Willing](t, env); m.Yes || p.tentative != nil {
		t.Error("takes part again in what is over")
	}
}

// A no stays a no, whoever says yes after it, to all that ask. Fails if the last answer counts.
func TestNoIsFinal(t *testing.T) {
	p, env := start(t, 4)
	p.Handle(env, "p3", money("p3", "p1", 1))
	p.Handle(env, "p4", money("p4", "p1", 1))
	spend(p, env)
	env.Take()
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	env.Take()
	p.Handle(env, "p3", Willing{ID: c1})
	if m := only[Willing](t, env); m.Yes {
		t.Fatal("says yes for one that has said no")
	}
	p.Handle(env, "p4", Willing{ID: c1, Yes: true})
	if len(env.Sent) != 0 {
		t.Fatalf("answers twice: %v", env.Sent)
	}
	p.Handle(env, "p3", Request{ID: c1, LastReceived: 1})
	if m := only[Willing](t, env); m.Yes {
		t.Error("says no to one and yes to another")
	}
}

// However short the patience is at first, it becomes long enough. Fails if a system whose messages take longer would never get a checkpoint.
func TestPatienceGrows(t *testing.T) {
	p, _ := start(t, 2, func(p *Place) { p.Patience = 500 * time.Microsecond })
	for tries, want := range map[int]time.Duration{0: 500 * time.Microsecond, 1: time.Millisecond, 5: 16 * time.Millisecond, 11: 1024 * time.Millisecond, 100: 1024 * time.Millisecond} {
		if p.tries = tries; p.patience() != want {
			t.Errorf("after %d tries it waits for %v, want %v", tries, p.patience(), want)
		}
	}
	if p.Patience, p.tries = 10*time.Second, 3; p.patience() != 10*time.Second {
		t.Errorf("10s become %v", p.patience())
	}
}

// Until it has decided, an initiator does not believe in a decision; nor does anybody give up because the time of another instance is over.
func TestNobodyElseDecides(t *testing.T) {
	p, env := start(t, 3, func(p *Place) { p.Checkpoints = 1 })
	p.Handle(env, "p2", money("p2", "p1", 1))
	p.Handle(env, "p1", begin{})
	id := p.instance.ID
	env.Take()
	other := id
	other.N++
	for _, m := range []sim.Message{MakePermanent{ID: id}, Undo{id}, MakePermanent{ID: other}, overdue{other}} {
		p.Handle(env, "p2", m)
		if p.instance == nil || p.tentative == nil || len(env.Sent) != 0 {
			t.Fatalf("%v ends %v: sent %v", m, id, env.Sent)
		}
	}
}

// Between the tentative checkpoint and the decision what the application sends waits, and leaves in order then. Fails if something leaves
// early or is forgotten.
func TestSendsWait(t *testing.T) {
	for _, decision := range []sim.Message{MakePermanent{ID: c1}, Undo{c1}} {
		p, env := start(t, 3)
		spend(p, env)
		p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
		env.Take()
		spend(p, env)
		spend(p, env)
		if list, _ := sent[App](env); len(list) != 0 {
			t.Fatalf("sent %v", list)
		}
		p.Handle(env, "p2", decision)
		if list, _ := sent[App](env); len(list) != 2 || list[0].Name.Label != 2 || list[1].Name.Label != 3 {
			t.Errorf("after %v: sent %v", decision, list)
		}
	}
}

// The initiator asks, decides when all have said yes, and tells them; a no, or its patience's end, undoes. Fails if a decision is made too early.
func TestInitiatorDecides(t *testing.T) {
	for _, c := range []struct {
		what string
		last sim.Message
		yes  bool
	}{
		{"all yes", Willing{Yes: true}, true}, {"one no", Willing{}, false}, {"none", overdue{}, false},
	} {
		p, env := start(t, 3, func(p *Place) { p.Checkpoints, p.Patience = 1, time.Second })
		p.Handle(env, "p2", money("p2", "p1", 1))
		p.Handle(env, "p3", money("p3", "p1", 1))
		p.Handle(env, "p1", begin{})
		id := p.instance.ID
		p.tries = 3
		env.Take()
		p.Handle(env, "p2", Willing{ID: id, Yes: true})
		if len(env.Sent) != 0 {
			t.Fatalf("%s: sent %v after one answer", c.what, env.Sent)
		}
		switch m := c.last.(type) {
		case Willing:
			p.Handle(env, "p3", Willing{ID: id, Yes: m.Yes})
		case overdue:
			p.Handle(env, "p1", overdue{id})
		}
		if want := 4 * b2i(!c.yes); p.tries != want { // or it would have less and less hurry, whatever it reaches
			t.Errorf("%s: %d tries, want %d", c.what, p.tries, want)
		}
		yes, to := sent[MakePermanent](env)
		no, _ := sent[Undo](env)
		if len(yes) != 2*b2i(c.yes) || len(no) != 2*b2i(!c.yes) || p.instance != nil || (p.permanent.id == id) != c.yes || p.tentative != nil {
			t.Errorf("%s: told %v %v to %v; permanent: %v", c.what, yes, no, to, p.permanent.id)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What was decided with yes is answered from the log, in a later life too; what was not is undone; what is under way is not answered.
// Fails if a participant could be told something else than the others.
func TestInquiries(t *testing.T) {
	p, env := start(t, 3, func(p *Place) { p.Checkpoints = 2 })
	p.Handle(env, "p2", money("p2", "p1", 1))
	p.Handle(env, "p1", begin{})
	first := p.instance.ID
	env.Take()
	p.Handle(env, "p2", Inquire{first})
	if len(env.Sent) != 0 {
		t.Errorf("answered %v before it has decided", env.Sent)
	}
	p.Handle(env, "p2", Willing{ID: first, Yes: true})
	env.Take()
	for life := range 2 {
		p.Handle(env, "p2", Inquire{first})
		if m := only[MakePermanent](t, env); m.ID != first || m.Backed(durable(env)) != nil {
			t.Errorf("life %d: answered %v, backed: %v", life+1, m, m.Backed(durable(env)))
		}
		p.Handle(env, "p2", Inquire{ID{false, "p1", 1, 9}})
		only[Undo](t, env)
		p.Handle(env, "p2", Inquire{ID{true, "p1", 1, 9}})
		only[DoNotRollBack](t, env)
		p = restart(t, p, env)
		env.Take()
	}
}

// Who waits asks the initiator now and then, and stops when it knows. Fails if a lost decision would be waited for for ever.
func TestAsksForTheDecision(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	env.Take()
	p.Handle(env, "p3", Request{ID: c1, LastReceived: 1, All: true})
	env.Take()
	p.Handle(env, "p1", ask{c1})
	if list, to := sent[Inquire](env); len(list) != 1 || to[0] != "p2" {
		t.Errorf("asked %v of %v", list, to)
	}
	p.Handle(env, "p2", Undo{c1})
	env.Take()
	p.Handle(env, "p1", ask{c1})
	if len(env.Sent) != 0 {
		t.Errorf("still asks: %v", env.Sent)
	}
}

// A message that promises something durable is backed once that is so, and not before. Fails if the write-ahead rule would not be looked at.
func TestBacked(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	env.Take()
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	yes := only[Willing](t, env)
	view := durable(env)
	empty := disk.New()
	if err := yes.Backed(view); err != nil {
		t.Error(err)
	}
	if yes.Backed(empty.Durable()) == nil {
		t.Error("a checkpoint that is not on disk is vouched for")
	}
	if err := (Willing{ID: c1, Yes: true}).Backed(empty.Durable()); err != nil {
		t.Error("nobody needs a record for a checkpoint that was not taken:", err)
	}
	for what, m := range map[string]sim.Backed{
		"another's checkpoint":  Willing{c2, true, yes.backing},
		"a decision":            MakePermanent{c1, yes.backing},
		"a rollback":            RollBack{c1, yes.backing},
		"an incarnation":        Hello{session{Incarnation: 2, backing: yes.backing}},
		"no record at all":      MakePermanent{c1, backing{9, true}},
		"an incarnation in air": Welcome{1, session{Incarnation: 3, backing: backing{9, true}}},
	} {
		if m.Backed(view) == nil {
			t.Errorf("the record of a tentative checkpoint passes for %s", what)
		}
	}
}

// A failing disk silences the process. Fails if it would go on as if nothing had happened.
func TestHalts(t *testing.T) {
	p, env := start(t, 3)
	spend(p, env)
	env.Take()
	env.Store = broken{env.Store}
	p.log = nil
	p = Wrap(p.boot, p.Place)
	p.Start(env)
	p.Handle(env, "p2", Request{ID: c1, LastReceived: 1})
	if len(env.Sent) != 0 || !p.halted || len(env.Facts) != 1 || p.Waits() == "" {
		t.Errorf("sent %v, noted %v", env.Sent, env.Facts)
	}
}

// A broken disk does not write.
type broken struct{ disk.FS }

func (broken) Append(string, []byte) error { return fmt.Errorf("input/output error") }

// A process that has nothing left to do, and has handled nothing for a while, says so once; not while it waits for a decision, nor as long as its
// application has work. Fails if a run would be ended too early, or never.
func TestRested(t *testing.T) {
	p, env := start(t, 2)
	p.Handle(env, "p2", money("p2", "p1", 1))
	if len(env.Timers) != 0 {
		t.Fatalf("with work to do it has set %v", env.Timers)
	}
	if err := p.app.(*apps.Account).UnmarshalBinary([]byte{200, 1, 0}); err != nil { // 100 money, no transfers to make
		t.Fatal(err)
	}
	p.Handle(env, "p2", money("p2", "p1", 2))
	first := env.Timers[0].Message
	p.Handle(env, "p2", money("p2", "p1", 3))
	p.Handle(env, "p1", first)
	if len(env.Timers) != 2 || len(env.Facts) != 0 {
		t.Fatalf("set %v, noted %v: a message came between", env.Timers, env.Facts)
	}
	p.Handle(env, "p1", env.Timers[1].Message)
	if fmt.Sprint(env.Facts) != "[rested]" || len(env.Timers) != 2 {
		t.Errorf("set %v, noted %v", env.Timers, env.Facts)
	}
	p.Handle(env, "p2", Request{ID: c1, All: true})
	env.Facts = nil
	p.Handle(env, "p1", rest{p.calls})
	if len(env.Facts) != 0 {
		t.Errorf("rests in the middle of a checkpoint: %v", env.Facts)
	}
}
