package paxos

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

var (
	b11 = Ballot{1, 1, 1}
	b12 = Ballot{1, 2, 1}
	b21 = Ballot{2, 1, 1}
	b22 = Ballot{2, 2, 1}
)

// started returns an acceptor in its first life, and its world.
func started(durable bool, learners ...sim.NodeID) (*Acceptor, *fake.Env) {
	env := fake.New("a1")
	a := NewAcceptor(durable, learners...)
	a.Start(env)
	return a, env
}

// ask hands the acceptor a message from p1 and prints what it sends.
func ask(env *fake.Env, n sim.Node, m sim.Message) string {
	n.Handle(env, "p1", m)
	var s []string
	for _, sent := range env.Take() {
		s = append(s, fmt.Sprintf("%s: %v", sent.To, sent.Message))
	}
	return strings.Join(s, "; ")
}

// crash loses what was not synced, and starts the acceptor's next life.
func crash(env *fake.Env, n sim.Node) {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	src := chance.Seeded(1)
	d.Crash(&src, chance.NewWord("a1"), 1, disk.Lose)
	env.Sent, env.Timers, env.Facts = nil, nil, nil
	n.Start(env)
}

// Section 2.2, phases 1b and 2b. Each line would read differently if the
// guard it is about were missing or off by one.
func TestAcceptorRules(t *testing.T) {
	a, env := started(true, "l1")
	for _, step := range []struct {
		rule string
		m    sim.Message
		want string
	}{
		{"it knows nothing, and says nothing", Ask{}, ""},
		{"the first prepare gets a promise", Prepare{Ballot: b12}, "p1: Promise{1.2}"},
		{"a lower prepare is refused, with the higher ballot", Prepare{Ballot: b11}, "p1: Refused{1.1, promised 1.2}"},
		{"a lower accept is refused", Accept{Ballot: b11, Value: "A"}, "p1: Refused{1.1, promised 1.2}"},
		{"the same prepare is answered again", Prepare{Ballot: b12}, "p1: Promise{1.2}"},
		{"an accept of the promised ballot is accepted, and learners are told", Accept{Ballot: b12, Value: "B"}, "p1: Accepted{1.2 B}; l1: Accepted{1.2 B}"},
		{"the same accept is answered again", Accept{Ballot: b12, Value: "B"}, "p1: Accepted{1.2 B}; l1: Accepted{1.2 B}"},
		{"a higher prepare hears what was accepted", Prepare{Ballot: b21}, "p1: Promise{2.1, has 1.2 B}"},
		{"after which the old ballot is refused", Accept{Ballot: b12, Value: "B"}, "p1: Refused{1.2, promised 2.1}"},
		{"an accept above the promise is accepted", Accept{Ballot: b22, Value: "C"}, "p1: Accepted{2.2 C}; l1: Accepted{2.2 C}"},
		{"and is a promise", Prepare{Ballot: b21}, "p1: Refused{2.1, promised 2.2}"},
		{"asked, it tells what it accepted last", Ask{}, "p1: Accepted{2.2 C}"},
		{"other slots know nothing of this one", Prepare{Slot: 7, Ballot: b11}, "p1: Promise{slot 7, 1.1}"},
	} {
		if got := ask(env, a, step.m); got != step.want {
			t.Errorf("%s: %v is answered by %q, want %q", step.rule, step.m, got, step.want)
		}
		if err := a.Invariant(); err != nil {
			t.Errorf("%s: %v", step.rule, err)
		}
	}
}

func TestAcceptorInvariantComplains(t *testing.T) {
	a, env := started(true)
	ask(env, a, Accept{Ballot: b21, Value: "A"})
	a.votes[0].promised = b12
	if a.Invariant() == nil {
		t.Error("an acceptance above the promise passes")
	}
}

// An acceptor that did not write, or did not sync, or wrote after it answered, would have forgotten
// here; and one that read its log wrongly too.
func TestAcceptorRemembers(t *testing.T) {
	a, env := started(true)
	ask(env, a, Accept{Ballot: b12, Value: "B"})
	ask(env, a, Prepare{Ballot: b21})
	ask(env, a, Prepare{Slot: 3, Ballot: b11})
	next := NewAcceptor(true)
	crash(env, next)
	if want := (Recovered{2}); len(env.Facts) != 1 || env.Facts[0] != want {
		t.Errorf("facts at the restart: %v, want %v", env.Facts, want)
	}
	if got := ask(env, next, Accept{Ballot: b12, Value: "B"}); got != "p1: Refused{1.2, promised 2.1}" {
		t.Errorf("after a restart: %s", got)
	}
	if got := ask(env, next, Prepare{Ballot: b22}); got != "p1: Promise{2.2, has 1.2 B}" {
		t.Errorf("after a restart: %s", got)
	}
	if got := ask(env, next, Accept{Slot: 3, Ballot: b11, Value: "C"}); got != "p1: Accepted{slot 3, 1.1 C}" {
		t.Errorf("after a restart: %s", got)
	}
}

// The write-ahead rule: with durable every answer is backed at the instant it leaves, and without it none is.
func TestAnswersAreBacked(t *testing.T) {
	for _, durable := range []bool{true, false} {
		a, env := started(durable)
		for i, m := range []sim.Message{Prepare{Ballot: b11}, Accept{Ballot: b11, Value: "A"}, Prepare{Ballot: b12}, Prepare{Slot: 2, Ballot: b12}} {
			a.Handle(env, "p1", m)
			d := env.Store.(*disk.Disk)
			d.Happened(d.Issued())
			for _, s := range env.Take() {
				err := s.Message.(sim.Backed).Backed(d.Durable())
				if (err == nil) != durable {
					t.Errorf("durable=%v, answer %d: Backed says %v", durable, i, err)
				}
			}
		}
	}
}

// A record that is durable but says something else backs nothing.
func TestBackedReadsTheRecord(t *testing.T) {
	a, env := started(true)
	ask(env, a, Accept{Ballot: b12, Value: "B"})
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	at := backing{at: a.votes[0].at}
	for _, m := range []sim.Backed{
		Promise{0, b21, b12, "B", at},
		Promise{0, b12, Ballot{}, "", at},
		Promise{0, b12, b12, "A", at},
		Promise{0, b12, b11, "B", at},
		Promise{1, b12, b12, "B", at},
		Accepted{0, b11, "B", at},
		Accepted{0, b12, "A", at},
		Accepted{1, b12, "B", at},
		Accepted{0, b12, "B", backing{at: at.at + 1}},
		Prepare{0, b11, backing{}},
	} {
		if m.Backed(d.Durable()) == nil {
			t.Errorf("%v is backed by a record that does not say so", m)
		}
	}
	for _, m := range []sim.Backed{Promise{0, b12, b12, "B", at}, Promise{0, b11, b12, "B", at}, Accepted{0, b12, "B", at}} {
		if err := m.Backed(d.Durable()); err != nil {
			t.Errorf("%v: %v", m, err)
		}
	}
}

// A record that says nothing backs no message, not even one that says as little. Fails if what cannot be read is taken for zeros.
func TestNothingBacksNothing(t *testing.T) {
	for _, c := range []struct {
		file   string
		record []byte
		m      sim.Backed
	}{
		{acceptorLog, []byte{0}, Accepted{}}, {acceptorLog, []byte{0}, Promise{}},
		{proposerLog, []byte{0x80}, Prepare{}}, {proposerLog, bytes.Repeat([]byte{0xff}, 11), Prepare{}},
	} {
		env := fake.New("a1")
		log, _, err := reclog.Open(env.Store, c.file)
		if err != nil {
			t.Fatal(err)
		}
		if at, err := log.Append(c.record); err != nil || at != 0 {
			t.Fatal(at, err)
		}
		if err := log.Sync(); err != nil {
			t.Fatal(err)
		}
		d := env.Store.(*disk.Disk)
		d.Happened(d.Issued())
		if err := c.m.Backed(d.Durable()); !errors.Is(err, errBacking) {
			t.Errorf("%v is backed by a record %x: %v", c.m, c.record, err)
		}
	}
}

// After a failed write or sync nobody knows what is on disk: an acceptor that answered all the same
// could break a promise.
func TestAcceptorFallsSilentWhenItsDiskFails(t *testing.T) {
	for _, kind := range []disk.OpKind{disk.AppendOp, disk.SyncOp} {
		env := fake.New("a1")
		failing := false
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			if failing && o.Kind == kind {
				return errors.New("input/output error")
			}
			return nil
		}}
		a := NewAcceptor(true)
		a.Start(env)
		ask(env, a, Accept{Slot: 2, Ballot: b11, Value: "A"})
		failing = true
		if got := ask(env, a, Accept{Ballot: b11, Value: "A"}); got != "" {
			t.Errorf("%v fails: answers %s", kind, got)
		}
		failing = false
		if got := ask(env, a, Prepare{Ballot: b21}) + ask(env, a, Accept{Ballot: b21, Value: "A"}) + ask(env, a, Ask{Slot: 2}); got != "" {
			t.Errorf("%v has failed: answers %s", kind, got)
		}
		if _, ok := env.Facts[len(env.Facts)-1].(Halted); !ok || len(env.Facts) != 1 {
			t.Errorf("%v fails: facts %v, want one Halted", kind, env.Facts)
		}
	}
}

// To be told what was accepted when one asks is no vote, and to be told unasked is one: fails if an acceptor does not say which it is.
func TestAcceptorSaysWhenItWasAsked(t *testing.T) {
	a, env := started(true)
	for _, m := range []sim.Message{Accept{Ballot: b11, Value: "A"}, Accept{Ballot: b11, Value: "A"}, Ask{}} {
		a.Handle(env, "p1", m)
		_, asked := m.(Ask)
		if got := env.Take()[0].Message.(Accepted); got.again != asked {
			t.Errorf("%v is answered by %v, again is %v", m, got, got.again)
		}
	}
}

func TestAcceptorHaltsOnADamagedLog(t *testing.T) {
	env := fake.New("a1")
	a := NewAcceptor(true)
	a.Start(env)
	ask(env, a, Prepare{Ballot: b11})
	ask(env, a, Prepare{Ballot: b21})
	if err := env.Store.WriteAt(acceptorLog, []byte("garbage"), 4); err != nil {
		t.Fatal(err)
	}
	next := NewAcceptor(true)
	next.Start(env)
	if got := ask(env, next, Prepare{Ballot: b11}); got != "" {
		t.Errorf("the log is damaged, yet it answers %s", got)
	}
}

// A slower acceptor that keeps all it ever did in lists, and the real one, answer the same.
func TestAcceptorAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for run := range 300 {
		a, env := started(true)
		var o oracle
		for range 20 {
			b := Ballot{uint32(1 + r.IntN(3)), uint32(1 + r.IntN(2)), 1}
			var m sim.Message = Prepare{Ballot: b}
			if r.IntN(2) == 0 {
				m = Accept{Ballot: b, Value: Value(b.String())}
			}
			if r.IntN(6) == 0 {
				a = NewAcceptor(true)
				crash(env, a)
			}
			if got, want := ask(env, a, m), o.answer(m); got != want {
				t.Fatalf("run %d: %v is answered by %q, want %q", run, m, got, want)
			}
		}
	}
}

type oracle struct {
	heard    []Ballot
	accepted []Accept
}

func (o *oracle) answer(m sim.Message) string {
	var ballot Ballot
	if p, ok := m.(Prepare); ok {
		ballot = p.Ballot
	} else {
		ballot = m.(Accept).Ballot
	}
	for _, h := range o.heard {
		if ballot.Less(h) {
			top := h
			for _, g := range o.heard {
				if top.Less(g) {
					top = g
				}
			}
			return fmt.Sprintf("p1: %v", Refused{0, ballot, top})
		}
	}
	o.heard = append(o.heard, ballot)
	if acc, ok := m.(Accept); ok {
		o.accepted = append(o.accepted, acc)
		return fmt.Sprintf("p1: %v", Accepted{Ballot: acc.Ballot, Value: acc.Value})
	}
	p := Promise{Ballot: ballot}
	if n := len(o.accepted); n > 0 {
		p.Accepted, p.Value = o.accepted[n-1].Ballot, o.accepted[n-1].Value
	}
	return fmt.Sprintf("p1: %v", p)
}
