package paxoskv

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/internal/fake"
	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/disk"
)

func server(number uint32, of int) *Server {
	ids := names("s", of)
	return &Server{number: number, servers: ids, need: paxos.Majority(of), acceptor: paxos.NewAcceptor(true)}
}

func request(c command) Request { return Request{c.id(), paxos.Value(c.append(nil))} }

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

// facts prints the facts since the last call.
func facts(env *fake.Env) string {
	s := strings.Trim(fmt.Sprint(env.Facts), "[]")
	env.Facts = nil
	return s
}

// One server decides alone, and answers.
func TestServerAlone(t *testing.T) {
	env := fake.New("s1")
	s := server(1, 1)
	s.Start(env)
	if got := sends(env, s, "c1", request(put("c1", 1, 1, "x", "a1"))); got != "Reply{#1 ok} c1" {
		t.Errorf("sends %q", got)
	}
	if got := sends(env, s, "c1", request(command{"c1", 1, 2, checkers.KVInput{Key: "x"}})); got != "Reply{#2 a1} c1" {
		t.Errorf("sends %q", got)
	}
	facts(env)
	// The reply was lost: the same request again is chosen again, and not executed again.
	if got := sends(env, s, "c1", request(command{"c1", 1, 2, checkers.KVInput{Key: "x"}})); got != "Reply{#2 a1} c1" {
		t.Errorf("sends %q", got)
	}
	if got := facts(env); !strings.HasSuffix(got, "suppressed slot 2: c1/1#2 get x") {
		t.Errorf("facts %q", got)
	}
}

// A request that arrives when its client has gone on is executed by nobody and answered by nobody: all
// that the session still holds is the result of another.
func TestServerDoesNotAnswerWhoHasGoneOn(t *testing.T) {
	env := fake.New("s1")
	s := server(1, 1)
	s.Start(env)
	sends(env, s, "c1", request(put("c1", 1, 1, "x", "a1")))
	sends(env, s, "c1", request(command{"c1", 1, 2, checkers.KVInput{Key: "x"}}))
	facts(env)
	if got := sends(env, s, "c1", request(put("c1", 1, 1, "x", "a1"))); got != "" || len(s.queue) != 0 {
		t.Errorf("sends %q, keeps %v", got, s.queue)
	}
	if got := facts(env); !strings.HasSuffix(got, "suppressed slot 2: c1/1#1 put x a1") {
		t.Errorf("facts %q", got)
	}
}

// The way of a command through a server of three: phase 1, phase 2, chosen, executed, answered.
func TestServerDecides(t *testing.T) {
	env := fake.New("s1")
	s := server(1, 3)
	s.Start(env)
	b := paxos.Ballot{Round: 1, Proposer: 1, Life: 1}
	v := paxos.Value("c1/1#1 put x a1")
	for _, step := range []struct {
		from       sim.NodeID
		m          sim.Message
		want, note string
	}{
		{"c1", request(put("c1", 1, 1, "x", "a1")), "Prepare{1.1} s2 s3", "Promise{1.1}"},
		{"c1", request(put("c1", 1, 1, "x", "a1")), "", ""}, // it waits already
		{"s2", paxos.Promise{Ballot: b}, "Accept{1.1 c1/1#1 put x a1} s2 s3", "Accepted{1.1 c1/1#1 put x a1}"},
		{"s3", paxos.Promise{Ballot: b}, "", ""},
		{"s3", paxos.Accepted{Ballot: b, Value: v}, "Chosen{1.1 c1/1#1 put x a1} s2 s3; Reply{#1 ok} c1", "executed slot 0: c1/1#1 put x a1"},
		{"s2", paxos.Accepted{Ballot: b, Value: v}, "", ""},
		{"s2", paxos.Prepare{Ballot: paxos.Ballot{Round: 1, Proposer: 2, Life: 1}}, "Known{slots 0 to 0} s2", ""},
		{"s2", paxos.Accept{Ballot: paxos.Ballot{Round: 1, Proposer: 2, Life: 1}, Value: "z"}, "Known{slots 0 to 0} s2", ""},
		{"s2", paxos.Ask{Slot: 0}, "Known{slots 0 to 0} s2", ""},
		{"s2", paxos.Ask{Slot: 1}, "", ""},
	} {
		if got := sends(env, s, step.from, step.m); got != step.want {
			t.Errorf("%v from %s makes it send %q, want %q", step.m, step.from, got, step.want)
		}
		if got := facts(env); got != step.note {
			t.Errorf("%v from %s: facts %q, want %q", step.m, step.from, got, step.note)
		}
	}
}

// A slot goes to the command of another: it is adopted, executed, and one's own is proposed in the next slot.
func TestServerLosesASlot(t *testing.T) {
	env := fake.New("s1")
	s := server(1, 3)
	s.Start(env)
	other := paxos.Value("c2/1#1 put x b1")
	b, b2 := paxos.Ballot{Round: 1, Proposer: 1, Life: 1}, paxos.Ballot{Round: 0, Proposer: 2, Life: 1}
	sends(env, s, "c1", request(put("c1", 1, 1, "x", "a1")))
	facts(env)
	if got := sends(env, s, "s2", paxos.Promise{Ballot: b, Accepted: b2, Value: other}); got != "Accept{1.1 c2/1#1 put x b1} s2 s3" {
		t.Errorf("proposes %q", got)
	}
	if got := facts(env); !strings.HasPrefix(got, "1.1 adopted c2/1#1 put x b1 of 0.2") {
		t.Errorf("facts %q", got)
	}
	got := sends(env, s, "s2", paxos.Accepted{Ballot: b, Value: other})
	if want := "Chosen{1.1 c2/1#1 put x b1} s2 s3; Prepare{slot 1, 1.1} s2 s3"; got != want {
		t.Errorf("sends %q, want %q", got, want)
	}
	if got := facts(env); !strings.HasPrefix(got, "lost slot 0, wanted for c1/1#1 put x a1 executed slot 0: c2/1#1 put x b1") {
		t.Errorf("facts %q", got)
	}
	// Somebody else has our command chosen: the client is answered, and nothing is left to propose.
	if got := sends(env, s, "s2", paxos.Chosen{Slot: 1, Value: "c1/1#1 put x a1"}); got != "Reply{#1 ok} c1" {
		t.Errorf("sends %q", got)
	}
}

// A server lets the ballot of another have its time, a refused one rests
// before it tries again, above what it was told.
func TestServerWaits(t *testing.T) {
	env := fake.New("s2")
	env.Picks = map[string]int{"back off": 1}
	s := server(2, 3)
	s.Start(env)
	other := paxos.Ballot{Round: 1, Proposer: 1, Life: 1}
	sends(env, s, "s1", paxos.Prepare{Ballot: other})
	if got := sends(env, s, "c1", request(put("c1", 1, 1, "x", "a1"))); got != "" {
		t.Errorf("s1 has just begun a ballot, yet s2 sends %q", got)
	}
	env.Clock = patience - time.Millisecond
	if got := sends(env, s, "s2", alarm{}); got != "" {
		t.Errorf("too early: sends %q", got)
	}
	if tm := env.Timers[len(env.Timers)-1]; tm.Message != (alarm{}) || tm.After != time.Millisecond {
		t.Errorf("it will look again: %v", tm)
	}
	env.Clock = patience
	if got := sends(env, s, "s2", alarm{}); got != "Prepare{2.2} s1 s3" {
		t.Errorf("after its patience: sends %q", got)
	}
	mine := paxos.Ballot{Round: 2, Proposer: 2, Life: 1}
	if got := sends(env, s, "s1", paxos.Refused{Ballot: mine, Promised: paxos.Ballot{Round: 7, Proposer: 1, Life: 1}}); got != "" {
		t.Errorf("refused: sends %q", got)
	}
	tm := env.Timers[len(env.Timers)-1]
	if tm.Message != (resume{0, 1}) || tm.After <= 0 {
		t.Errorf("refused: timer %v", tm)
	}
	if got := sends(env, s, "s2", resume{0, 2}); got != "" {
		t.Errorf("the timer of another try: sends %q", got)
	}
	if got := sends(env, s, "s2", tm.Message); got != "Prepare{8.2} s1 s3" {
		t.Errorf("after its rest: sends %q", got)
	}
}

// What was chosen arrives in any order and is executed in order; who is
// far behind asks; who starts again asks too.
func TestServerCatchesUp(t *testing.T) {
	env := fake.New("s1")
	s := server(1, 3)
	s.Start(env)
	cmd := func(n uint32) paxos.Value {
		c := put("c1", 1, n, "x", fmt.Sprint(n))
		return paxos.Value(c.append(nil))
	}
	if got := sends(env, s, "s2", paxos.Chosen{Slot: 1, Value: cmd(2)}); got != "" || facts(env) != "" {
		t.Errorf("slot 0 is not known: sends %q", got)
	}
	if got := sends(env, s, "s2", paxos.Chosen{Slot: 0, Value: cmd(1)}); got != "" {
		t.Errorf("sends %q", got)
	}
	if got := facts(env); got != "executed slot 0: c1/1#1 put x 1 executed slot 1: c1/1#2 put x 2" {
		t.Errorf("facts %q", got)
	}
	if got := sends(env, s, "s2", paxos.Chosen{Slot: 2 + lag, Value: cmd(3 + lag)}); got != "Ask{slot 2} s2" {
		t.Errorf("far behind: sends %q", got)
	}
	if got := sends(env, s, "s2", Known{1, []paxos.Value{cmd(2), cmd(3), cmd(4)}}); got != "" || s.next != 4 {
		t.Errorf("sends %q, next slot %d", got, s.next)
	}
	sends(env, s, "s2", paxos.Prepare{Slot: 0, Ballot: paxos.Ballot{Round: 1, Proposer: 2, Life: 1}})
	env.Take()
	again := server(1, 3)
	again.Start(env)
	if got := env.Take(); len(got) != 0 {
		t.Errorf("it had promised nothing, so nothing was lost: sends %v", got)
	}
	sends(env, again, "s2", paxos.Prepare{Slot: 0, Ballot: paxos.Ballot{Round: 1, Proposer: 2, Life: 1}})
	third := server(1, 3)
	third.Start(env)
	if got := env.Take(); len(got) != 2 || got[0].Message != (paxos.Ask{}) {
		t.Errorf("it starts again and sends %v", got)
	}
	if got := sends(env, third, "s3", paxos.Prepare{Slot: 0, Ballot: paxos.Ballot{Round: 0, Proposer: 3, Life: 1}}); got != "Refused{0.3, promised 1.2} s3" {
		t.Errorf("it has forgotten a promise: %q", got)
	}
}

// A server whose acceptor cannot trust the disk is silent as a whole, whether it finds that as it starts or later. Fails if it goes on as a proposer,
// or learns and answers clients.
func TestServerFallsSilentWithItsAcceptor(t *testing.T) {
	for _, fails := range []disk.OpKind{disk.SizeOp, disk.SyncOp} {
		env := fake.New("s1")
		started := false
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			if o.Kind == fails && (started || fails == disk.SizeOp) && o.Name == "acceptor.log" {
				return errors.New("input/output error")
			}
			return nil
		}}
		s := server(1, 3)
		s.Start(env)
		started = true
		s.Handle(env, "s2", paxos.Prepare{Slot: 0, Ballot: paxos.Ballot{Round: 1, Proposer: 2, Life: 1}})
		s.Handle(env, "s2", paxos.Chosen{Slot: 0, Value: "x"})
		s.Handle(env, "s2", paxos.Ask{Slot: 0})
		if len(env.Sent) > 0 || len(env.Facts) != 1 {
			t.Errorf("%v fails: sent %v, noted %v", fails, env.Sent, env.Facts)
		}
	}
}
