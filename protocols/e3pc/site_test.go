package e3pc

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/disk"
)

var (
	three = []sim.NodeID{"p1", "p2", "p3"}
	e2p1  = Election{2, 1}
	e2p3  = Election{2, 3}
	e3p1  = Election{3, 1}
)

// newSite returns the second of three sites in its first life, and its world.
func newSite(vote string) (*Site, *fake.Env) {
	env := fake.New("p2")
	s := &Site{number: 2, coordinator: "c", sites: three, need: 2, votes: votes{listed: []string{vote}}, rule: e3pc}
	s.Start(env)
	return s, env
}

// say hands a node a message and prints what it sends.
func say(env *fake.Env, n sim.Node, from sim.NodeID, m sim.Message) string {
	n.Handle(env, from, m)
	var all []string
	for _, sent := range env.Take() {
		all = append(all, fmt.Sprintf("%s: %v", sent.To, sent.Message))
	}
	return strings.Join(all, "; ")
}

// crash loses what was not synced, and starts the node's next life.
func crash(env *fake.Env, n sim.Node) {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	src := chance.Seeded(1)
	d.Crash(&src, chance.NewWord(string(env.Node)), 1, disk.Lose)
	env.Sent, env.Timers, env.Facts = nil, nil, nil
	n.Start(env)
}

// A step is a message and the answers to it.
type step struct {
	rule string
	from sim.NodeID
	m    sim.Message
	want string
}

// expect hands a node one message after the other.
func expect(t *testing.T, env *fake.Env, n sim.Node, steps []step) {
	t.Helper()
	for _, x := range steps {
		if got := say(env, n, x.from, x.m); got != x.want {
			t.Errorf("%s: %v is answered\n%q, want\n%q", x.rule, x.m, got, x.want)
		}
	}
}

// Each line would read differently if the guard that it is about were missing or off by one.
func TestSiteRules(t *testing.T) {
	s, env := newSite("yyy")
	expect(t, env, s, []step{
		{"a vote", "c", CanCommit{1}, "c: Vote{T1 yes}"},
		{"a vote again", "c", CanCommit{1}, "c: Vote{T1 yes}"},
		{"a move in the first election", "c", PreCommit{Tx: 1, Election: first}, "c: PreAck{T1 in 1.c}"},
		{"the same again", "c", PreCommit{Tx: 1, Election: first}, "c: PreAck{T1 in 1.c}"},
		{"who has moved says nothing of its vote", "c", CanCommit{1}, ""},
		{"an election is joined", "p3", Elect{Tx: 1, Election: e2p3}, "p3: Standing{T1 in 2.p3: pre-commit in 1.c}"},
		{"and again", "p3", Elect{Tx: 1, Election: e2p3}, "p3: Standing{T1 in 2.p3: pre-commit in 1.c}"},
		{"the older one is not", "p1", Elect{Tx: 1, Election: e2p1}, "p1: Refused{T1 in 2.p1, elected 2.p3}"},
		{"nor is there a move in the first", "c", PreCommit{Tx: 1, Election: first}, "c: Refused{T1 in 1.c, elected 2.p3}"},
		{"nor in another", "p1", PreAbort{Tx: 1, Election: e2p1}, "p1: Refused{T1 in 2.p1, elected 2.p3}"},
		{"from pre-commit to pre-abort", "p3", PreAbort{Tx: 1, Election: e2p3}, "p3: PreAck{T1 in 2.p3}"},
		{"a move in an election that it has not heard of is joining it", "p1", PreCommit{Tx: 1, Election: e3p1}, "p1: PreAck{T1 in 3.p1}"},
		{"so the older leader is refused", "p3", PreAbort{Tx: 1, Election: e2p3}, "p3: Refused{T1 in 2.p3, elected 3.p1}"},
		{"other transactions are others", "c", CanCommit{2}, "c: Vote{T2 yes}"},
		{"a decision", "p1", DoCommit{Tx: 1}, ""},
		{"is told to who asks for votes", "c", CanCommit{1}, "c: DoCommit{T1}"},
		{"to who leads", "p3", Elect{Tx: 1, Election: Election{9, 3}}, "p3: DoCommit{T1}"},
		{"and to who asks to move", "p3", PreAbort{Tx: 1, Election: Election{9, 3}}, "p3: DoCommit{T1}"},
		{"and is not reversed", "p1", DoAbort{Tx: 1}, ""},
		{"by anybody", "c", CanCommit{1}, "c: DoCommit{T1}"},
	})
}

// Fails if a site goes from one side to the other under the older rule, which counts on that nobody does.
func TestSteadfast(t *testing.T) {
	s, env := newSite("yyy")
	s.steadfast, s.rule = true, skeen
	expect(t, env, s, []step{
		{"a vote", "c", CanCommit{1}, "c: Vote{T1 yes}"},
		{"from wait to pre-commit", "c", PreCommit{Tx: 1, Election: first}, "c: PreAck{T1 in 1.c}"},
		{"not from there to pre-abort", "p3", PreAbort{Tx: 1, Election: e2p3}, ""},
		{"but again to pre-commit", "p1", PreCommit{Tx: 1, Election: e3p1}, "p1: PreAck{T1 in 3.p1}"},
		{"another vote", "c", CanCommit{2}, "c: Vote{T2 yes}"},
		{"from wait to pre-abort", "p3", PreAbort{Tx: 2, Election: e2p3}, "p3: PreAck{T2 in 2.p3}"},
		{"not from there to pre-commit", "p1", PreCommit{Tx: 2, Election: e3p1}, ""},
	})
}

// blank forgets all that a site keeps in memory.
func blank(s *Site) *Site {
	*s = Site{number: s.number, coordinator: s.coordinator, sites: s.sites, need: s.need, votes: s.votes, rule: s.rule}
	return s
}

// Fails if a site that has not voted does anything but abort when somebody else asks, or votes yes after that.
func TestWhoHasNotVotedAborts(t *testing.T) {
	for _, m := range []sim.Message{Elect{Tx: 1, Election: e2p3}, PreAbort{Tx: 1, Election: e2p3}, PreCommit{Tx: 1, Election: first}} {
		s, env := newSite("yyy")
		if got := say(env, s, "p3", m); got != "p3: DoAbort{T1}" {
			t.Errorf("%v is answered %q", m, got)
		}
		if got := say(env, s, "c", CanCommit{1}); got != "c: DoAbort{T1}" {
			t.Errorf("after %v CanCommit is answered %q", m, got)
		}
	}
	s, env := newSite("yny")
	expect(t, env, s, []step{{"no", "c", CanCommit{1}, "c: Vote{T1 no}"}, {"is a decision", "c", CanCommit{1}, "c: DoAbort{T1}"}})
	if got := fmt.Sprint(env.Facts); got != "[voted no on T1 T1 aborted]" {
		t.Error(got)
	}
}

// Fails if a crash takes a vote, an election, an attempt or a decision, or makes an election that was led
// before look new.
func TestSiteRemembers(t *testing.T) {
	s, env := newSite("yyy")
	say(env, s, "c", CanCommit{1})
	say(env, s, "c", CanCommit{2})
	say(env, s, "c", PreCommit{Tx: 1, Election: first})
	say(env, s, "c", DoAbort{Tx: 2})
	say(env, s, "p3", Elect{Tx: 1, Election: e2p3})
	crash(env, blank(s))
	if got := fmt.Sprint(env.Facts); got != "[voted yes on T1 T2 aborted recovered 1 undecided]" {
		t.Error(got)
	}
	expect(t, env, s, []step{
		{"the fence", "c", PreCommit{Tx: 1, Election: first}, "c: Refused{T1 in 1.c, elected 2.p3}"},
		{"the decision", "c", CanCommit{2}, "c: DoAbort{T2}"},
		{"silence after the restart", "p2", impatient{1, 1}, "p1: Elect{T1 in 3.p2}; p3: Elect{T1 in 3.p2}; c: Elect{T1 in 3.p2}"},
	})
	crash(env, blank(s))
	expect(t, env, s, []step{{"the same election is not led twice", "p2", impatient{1, 1}, "p1: Elect{T1 in 4.p2}; p3: Elect{T1 in 4.p2}; c: Elect{T1 in 4.p2}"}})
}

// An election from the leader's side: fails if it counts answers to another, asks before a quorum has answered,
// takes an old attempt for the latest, decides before a quorum has moved, or forgets to tell.
func TestLeading(t *testing.T) {
	s, env := newSite("yyy")
	say(env, s, "c", CanCommit{1})
	expect(t, env, s, []step{
		{"news meanwhile", "p2", impatient{1, 0}, ""},
		{"silence", "p2", impatient{1, 1}, "p1: Elect{T1 in 2.p2}; p3: Elect{T1 in 2.p2}; c: Elect{T1 in 2.p2}"},
		{"a standing of another election", "p3", Standing{Tx: 1, Election: e2p1, State: wait}, ""},
		{"one of a stranger", "p9", Standing{Tx: 1, Election: Election{2, 2}, State: wait}, ""},
		{"a standing", "p3", Standing{Tx: 1, Election: Election{2, 2}, State: preCommitted, Attempt: first}, "p1: PreCommit{T1 in 2.p2}; p3: PreCommit{T1 in 2.p2}"},
		{"one that comes late changes nothing", "p1", Standing{Tx: 1, Election: Election{2, 2}, State: wait}, ""},
		{"an acknowledgement of another election", "p3", PreAck{Tx: 1, Election: first}, ""},
		{"an acknowledgement", "p3", PreAck{Tx: 1, Election: Election{2, 2}}, "p1: DoCommit{T1}; p3: DoCommit{T1}; c: DoCommit{T1}"},
		{"another", "p1", PreAck{Tx: 1, Election: Election{2, 2}}, ""},
		{"the end", "p2", impatient{1, 3}, ""},
	})
	s, env = newSite("yyy")
	say(env, s, "c", CanCommit{1})
	expect(t, env, s, []step{
		{"a refusal tells how high to go", "p1", Refused{1, Election{2, 2}, Election{7, 3}}, ""},
		{"silence", "p2", impatient{1, 1}, "p1: Elect{T1 in 8.p2}; p3: Elect{T1 in 8.p2}; c: Elect{T1 in 8.p2}"},
		{"silence again", "p2", impatient{1, 2}, "p1: Elect{T1 in 9.p2}; p3: Elect{T1 in 9.p2}; c: Elect{T1 in 9.p2}"},
		{"an answer that is a decision is spread", "c", DoAbort{Tx: 1}, "p1: DoAbort{T1}; p3: DoAbort{T1}; c: DoAbort{T1}"},
	})
	if got := fmt.Sprint(env.Facts); got != "[voted yes on T1 leads 8.p2 of T1: wait 8.p2 of T1 blocked: heard 1 of 2 leads 9.p2 of T1: wait T1 aborted]" {
		t.Error(got)
	}
}

// Fails if a site that has joined a later election goes on with its own.
func TestLeaderGivesWay(t *testing.T) {
	s, env := newSite("yyy")
	say(env, s, "c", CanCommit{1})
	say(env, s, "p2", impatient{1, 1})
	expect(t, env, s, []step{
		{"a later election", "p3", Elect{Tx: 1, Election: e2p3}, "p3: Standing{T1 in 2.p3: wait}"},
		{"an answer to its own", "p1", Standing{Tx: 1, Election: Election{2, 2}, State: wait}, ""},
	})
}

// Fails if a node trusts a disk that has failed, or says anything after that.
func TestHalted(t *testing.T) {
	broken := errors.New("broken")
	for _, kind := range []disk.OpKind{disk.AppendOp, disk.SyncOp} {
		fail := false
		env := fake.New("p2")
		env.Store = &disk.Faulty{FS: disk.New(), Fail: func(o disk.Op) error {
			if fail && o.Kind == kind {
				return broken
			}
			return nil
		}}
		s := &Site{number: 2, coordinator: "c", sites: three, need: 2, rule: e3pc}
		s.Start(env)
		c := &Coordinator{sites: three, need: 2, total: 1}
		fail = true
		if got := say(env, s, "c", CanCommit{1}) + say(env, s, "p1", Elect{Tx: 1, Election: e2p1}); got != "" {
			t.Errorf("%v fails, and the site says %q", kind, got)
		}
		if c.Start(env); kind == disk.AppendOp {
			continue
		}
		say(env, c, "c", begin{1})
		if got := say(env, c, "p1", Vote{Tx: 1}) + say(env, c, "c", overdue{1, wait}); got != "" {
			t.Errorf("%v fails, and the coordinator says %q", kind, got)
		}
	}
}
