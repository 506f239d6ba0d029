package twopc

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
	t1, t2, t3 = Tx{1, 1, 1}, Tx{1, 1, 2}, Tx{1, 1, 3}
	a11, a22   = t1.First(), Attempt{2, 2, 1}
	peers      = []sim.NodeID{"p1", "p2"}
	appendX    = []Op{{Append, "x", "T1"}}
)

// right is a system without a recovery coordinator, and recoverable one with it.
var (
	right       = setup{coordinators: []sim.NodeID{"c"}, cooperative: true, durable: true}
	recoverable = setup{coordinators: []sim.NodeID{"c", "r"}, cooperative: true, durable: true, recovery: true}
)

// participant returns p1 in its first life, and its world.
func participant(s setup) (*Participant, *fake.Env) {
	env := fake.New("p1")
	p := newParticipant(s, 1, votes{}, Strict)
	p.Start(env)
	return p, env
}

// tell hands a node a message from somebody, and prints what it sends and notes: "c: Vote{T1 yes} [T1 voted yes]".
func tell(env *fake.Env, n sim.Node, from sim.NodeID, m sim.Message) string {
	n.Handle(env, from, m)
	return spoken(env)
}

func spoken(env *fake.Env) string {
	var s []string
	for _, sent := range env.Take() {
		s = append(s, fmt.Sprintf("%s: %v", sent.To, sent.Message))
	}
	for _, f := range env.Facts {
		s = append(s, fmt.Sprintf("[%v]", f))
	}
	env.Facts = nil
	return strings.Join(s, "; ")
}

// crash loses what was not synced, and starts the node's next life.
func crash(env *fake.Env, next sim.Node) string {
	d := env.Store.(*disk.Disk)
	d.Happened(d.Issued())
	src := chance.Seeded(1)
	d.Crash(&src, chance.NewWord(string(env.Node)), 1, disk.Lose)
	env.Sent, env.Timers, env.Facts = nil, nil, nil
	next.Start(env)
	return spoken(env)
}

// due hands the node the timer that it set last.
func due(env *fake.Env, n sim.Node) string {
	return tell(env, n, env.Node, env.Timers[len(env.Timers)-1].Message)
}

// ask is a request for a vote, with work to be done first.
func ask(tx Tx, age uint64, v Presume, ops ...Op) CanCommit {
	return CanCommit{Tx: tx, Attempt: tx.First(), Client: "k1", Age: age, Presume: v, Life: 1, Peers: peers, Ops: ops}
}

func decide(tx Tx, commit bool, v Presume) Decision {
	return Decision{Tx: tx, Attempt: tx.First(), Commit: commit, Presume: v}
}

// A step is something that a node is told, and what it says to it.
type step struct {
	rule string
	from sim.NodeID
	m    sim.Message
	want string
}

func play1(t *testing.T, env *fake.Env, n sim.Node, steps []step) {
	t.Helper()
	for _, s := range steps {
		if got := tell(env, n, s.from, s.m); got != s.want {
			t.Errorf("%s: %v is answered by\n\t%q, want\n\t%q", s.rule, s.m, got, s.want)
		}
		if inv, ok := n.(interface{ Invariant() error }); ok {
			if err := inv.Invariant(); err != nil {
				t.Errorf("%s: %v", s.rule, err)
			}
		}
	}
}

// Each line would read differently if the guard it is about were missing.
func TestParticipantRules(t *testing.T) {
	p, env := participant(right)
	play1(t, env, p, []step{
		{"work is done, and the vote is yes", "c", ask(t1, 1, PresumedAbort, Op{Append, "x", "T1"}, Op{Read, "y", ""}),
			"c: Vote{T1 yes}; [T1 appends T1 to x]; [T1 read y: ]; [T1 voted yes]"},
		{"asked again it votes again", "c", ask(t1, 1, PresumedAbort, appendX...), "c: Vote{T1 yes}"},
		{"a prepared one does not know", "p2", GetDecision{Tx: t1}, "p2: Answer{T1 prepared}"},
		{"nor is it told by one that does not", "p2", Answer{t1, Prepared}, ""},
		{"a younger one is refused the lock", "c", ask(t2, 2, PresumedAbort, Op{Read, "x", ""}),
			"c: Vote{T2 no}; [T2 refused x, which T1 holds]; [T2 aborted]; [T2 voted no]"},
		{"and once more, without another word", "c", ask(t2, 2, PresumedAbort, Op{Read, "x", ""}), "c: Vote{T2 no}"},
		{"an older one waits", "c", ask(t3, 0, PresumedAbort, Op{Write, "x", "7"}), "[T3 waits for x, which T1 holds]"},
		{"as often as it is asked", "c", ask(t3, 0, PresumedAbort, Op{Write, "x", "7"}), ""},
		{"commit is carried out and acknowledged, and the lock is free", "c", decide(t1, true, PresumedAbort),
			"c: Ack{T1 commit}; c: Vote{T3 yes}; [T1 wrote x: T1]; [T1 committed]; [T3 voted yes]"},
		{"once", "c", decide(t1, true, PresumedAbort), "c: Ack{T1 commit}"},
		{"one that was yes and is decided is no vote any more", "c", ask(t1, 1, PresumedAbort, appendX...), "c: Answer{T1 committed}"},
		{"whoever asks is told", "p2", GetDecision{Tx: t1}, "p2: Answer{T1 committed}"},
		{"an abort that is presumed is not acknowledged", "c", decide(t3, false, PresumedAbort), "[T3 aborted]"},
		{"a commit of what was never prepared is nobody's", "c", decide(Tx{1, 1, 9}, true, PresumedAbort), ""},
	})
	if v := p.store.read("x"); v != (version{"T1", t1}) {
		t.Errorf("x is %v", v)
	}
}

// Mohan, Lindsay and Obermarck: what is forced by a participant, and acknowledged, in each variant. Fails if one is forced
// too many or too few.
func TestWhatParticipantsForce(t *testing.T) {
	for _, c := range []struct {
		variant Presume
		commit  bool
		synced  int // of the two decisions below, one commit or abort of a prepared one, and one no
		ack     string
	}{
		{Basic, true, 1, "c: Ack{T1 commit}; "}, {Basic, false, 1, "c: Ack{T1 abort}; "},
		{PresumedAbort, true, 1, "c: Ack{T1 commit}; "}, {PresumedAbort, false, 0, ""},
		{PresumedCommit, true, 0, ""}, {PresumedCommit, false, 1, "c: Ack{T1 abort}; "},
	} {
		env := fake.New("p1")
		syncs := 0
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			if o.Kind == disk.SyncOp {
				syncs++
			}
			return nil
		}}
		p := newParticipant(right, 1, parseVotes("y/n", 0), Strict)
		p.Start(env)
		syncs = 0
		tell(env, p, "c", ask(t1, 1, c.variant, appendX...))
		if syncs != 1 {
			t.Errorf("%v: %d records forced by a yes, want 1", c.variant, syncs)
		}
		syncs = 0
		if got := tell(env, p, "c", decide(t1, c.commit, c.variant)); !strings.HasPrefix(got, c.ack) || c.ack == "" && strings.Contains(got, "Ack") {
			t.Errorf("%v: %q", c.variant, got)
		}
		if syncs != c.synced {
			t.Errorf("%v: %d records forced by the decision commit=%v, want %d", c.variant, syncs, c.commit, c.synced)
		}
		syncs = 0
		tell(env, p, "c", ask(t2, 2, c.variant, Op{Read, "y", ""}))
		if want := map[bool]int{false: 1, true: 0}[c.variant == PresumedAbort]; syncs != want {
			t.Errorf("%v: %d records forced by a no, want %d", c.variant, syncs, want)
		}
	}
}

// A prepared transaction outlives a crash with its locks, and asks. What was not prepared does not, and the life that it
// was done in tells it from what is done in this one.
func TestParticipantRemembers(t *testing.T) {
	p, env := participant(right)
	tell(env, p, "c", ask(t1, 5, PresumedAbort, Op{Append, "x", "T1"}, Op{Read, "y", ""}))
	tell(env, p, "c", ask(t2, 6, PresumedAbort, Op{Append, "z", "T2"}))
	tell(env, p, "c", decide(t2, true, PresumedAbort))
	next := newParticipant(right, 1, votes{}, Strict)
	want := "c: Alive{life 2}; c: GetDecision{T1}; p2: GetDecision{T1}; [T1 voted yes]; [T2 voted yes]; [T2 wrote z: T2]; [T2 committed]; [recovered 1 transaction]; [T1 in doubt]"
	if got := crash(env, next); got != want {
		t.Errorf("a restart says\n\t%q, want\n\t%q", got, want)
	}
	late := ask(t3, 9, PresumedAbort, Op{Write, "y", "3"})
	now := late
	now.Life, now.Tx.N, now.Attempt = 2, 4, Tx{1, 1, 4}.First()
	play1(t, env, next, []step{
		{"what was to be done in another life is refused", "c", late, "c: Vote{T3 no}; [T3 aborted]; [T3 voted no]"},
		{"the lock is held", "c", now, "c: Vote{T4 no}; [T4 refused y, which T1 holds]; [T4 aborted]; [T4 voted no]"},
		{"a peer tells what the coordinator did not", "p2", Answer{t1, Committed}, "[T1 committed, says p2]; [T1 wrote x: T1]; [T1 committed]"},
	})
}

// Without a vote nobody is bound: a participant that is asked aborts, and then keeps to it, in this life and the next.
func TestWhoHasNotVotedAborts(t *testing.T) {
	p, env := participant(right)
	if got := tell(env, p, "p2", GetDecision{Tx: t1, Presume: PresumedAbort}); got != "p2: Answer{T1 aborted}; [T1 aborted]" {
		t.Errorf("asked: %q", got)
	}
	if got := tell(env, p, "c", ask(t1, 1, PresumedAbort, appendX...)); got != "c: Vote{T1 no}; [T1 voted no]" {
		t.Errorf("asked for its vote: %q", got)
	}
	next := newParticipant(right, 1, votes{}, Strict)
	crash(env, next)
	again := ask(t1, 1, PresumedAbort, appendX...)
	again.Life = 2
	if got := tell(env, next, "c", again); got != "c: Vote{T1 no}; [T1 voted no]" {
		t.Errorf("asked for its vote in the next life: %q", got)
	}
}

// In doubt it asks the coordinator and its peers, from the second time on the other coordinator if there is one, and
// never decides.
func TestParticipantAsks(t *testing.T) {
	p, env := participant(recoverable)
	tell(env, p, "c", ask(t1, 1, Basic, appendX...))
	stale := env.Timers[len(env.Timers)-1].Message
	for i, want := range []string{
		"c: GetDecision{T1}; p2: GetDecision{T1}; [T1 in doubt]",
		"c: GetDecision{T1}; r: GetDecision{T1}; p2: GetDecision{T1}; [T1 in doubt]",
		"c: GetDecision{T1}; r: GetDecision{T1}; p2: GetDecision{T1}; [T1 in doubt]",
	} {
		if got := due(env, p); got != want {
			t.Errorf("time-out %d: %q, want %q", i+1, got, want)
		}
	}
	if got := tell(env, p, "p1", stale); got != "" {
		t.Errorf("an old timer: %q", got)
	}
	alone := recoverable
	alone.cooperative, alone.recovery = false, false
	p, env = participant(alone)
	tell(env, p, "c", ask(t1, 1, Basic, appendX...))
	due(env, p)
	if got := due(env, p); got != "c: GetDecision{T1}; [T1 in doubt]" {
		t.Errorf("alone: %q", got)
	}
}

// Who waits for a lock for too long is refused it.
func TestLockPatience(t *testing.T) {
	p, env := participant(right)
	tell(env, p, "c", ask(t1, 5, Basic, appendX...))
	tell(env, p, "c", ask(t2, 2, Basic, appendX...))
	if got := due(env, p); got != "c: Vote{T2 no}; [T2 refused x, which T1 holds]; [T2 aborted]; [T2 voted no]" {
		t.Errorf("%q", got)
	}
}

// A fence keeps lower attempts out, for good. Each line would read differently if that were forgotten, or decided ones
// were fenced, or a stale decision obeyed.
func TestFence(t *testing.T) {
	p, env := participant(recoverable)
	high, higher := a22, Attempt{3, 1, 2}
	tell(env, p, "c", ask(t1, 1, PresumedAbort, appendX...))
	play1(t, env, p, []step{
		{"prepared, it joins", "r", Fence{t1, high, PresumedAbort}, "r: Fenced{T1 prepared, 2.2}"},
		{"again", "r", Fence{t1, high, PresumedAbort}, "r: Fenced{T1 prepared, 2.2}"},
		{"a vote in the old attempt is given no more", "c", ask(t1, 1, PresumedAbort, appendX...), "c: Stale{T1, 1.1, joined 2.2}"},
		{"nor is its decision carried out", "c", decide(t1, false, PresumedAbort), "c: Stale{T1, 1.1, joined 2.2}"},
		{"unvoted, it aborts", "r", Fence{t2, high, PresumedAbort}, "r: Fenced{T2 aborted, 2.2}; [T2 aborted]"},
		{"and never votes yes", "c", ask(t2, 2, PresumedAbort, Op{Read, "z", ""}), "c: Vote{T2 no}; [T2 voted no]"},
	})
	next := newParticipant(recoverable, 1, votes{}, Strict)
	crash(env, next)
	play1(t, env, next, []step{
		{"a crash forgets nothing", "c", decide(t1, false, PresumedAbort), "c: Stale{T1, 1.1, joined 2.2}"},
		{"a lower fence neither", "c", Fence{t1, a11, PresumedAbort}, "c: Stale{T1, 1.1, joined 2.2}"},
		{"a higher one is joined", "c", Fence{t1, higher, PresumedAbort}, "c: Fenced{T1 prepared, 3.1/2}"},
		{"so the one before is stale", "r", Decision{Tx: t1, Attempt: high, Commit: true}, "r: Stale{T1, 2.2, joined 3.1/2}"},
		{"and its own is obeyed, and acknowledged in every variant", "c", Decision{Tx: t1, Attempt: higher, Presume: PresumedAbort}, "c: Ack{T1 abort}; [T1 aborted]"},
		{"decided is decided", "r", Fence{t1, high, PresumedAbort}, "r: Fenced{T1 aborted, 2.2}"},
		{"whoever decided otherwise hears it", "r", Decision{Tx: t1, Attempt: high, Commit: true}, "r: Answer{T1 aborted}"},
	})
}

// Work that is given up is aborted without a force. What is said of it later must be durable where it is to be: fails if a no,
// an acknowledgement or an answer to a fence leaves before that.
func TestLazyAbortsAreForcedWhenTheyAreTold(t *testing.T) {
	for _, m := range []sim.Message{ask(t1, 1, Basic, appendX...), decide(t1, false, Basic), Fence{t1, a22, Basic}} {
		p, env := participant(recoverable)
		tell(env, p, "k1", Do{t1, 1, 1, Op{Write, "y", "1"}})
		tell(env, p, "k1", Abandon{t1})
		at := p.branch(t1).at
		if p.journal.durable(at) {
			t.Fatal("the abort was forced")
		}
		if got := tell(env, p, "c", m); got == "" || strings.HasPrefix(got, "[") {
			t.Errorf("%v is answered by %q", m, got)
		}
		if !p.journal.durable(at) {
			t.Errorf("%v is answered, and the abort is not durable", m)
		}
	}
}

// Work can be done before the vote, one operation after the other.
func TestWorkBeforeTheVote(t *testing.T) {
	p, env := participant(right)
	do := func(tx Tx, age uint64, seq uint32, op Op) Do { return Do{tx, age, seq, op} }
	plain := func(tx Tx, life uint32) CanCommit {
		return CanCommit{Tx: tx, Attempt: tx.First(), Client: "k1", Age: 1, Life: life, Peers: peers}
	}
	play1(t, env, p, []step{
		{"a write", "k1", do(t1, 5, 1, Op{Write, "x", "7"}), "k1: Done{T1 #1 7}"},
		{"repeated it is not done again", "k1", do(t1, 5, 1, Op{Write, "x", "7"}), "k1: Done{T1 #1 7}"},
		{"one's own write is read", "k1", do(t1, 5, 2, Op{Read, "x", ""}), "k1: Done{T1 #2 7 of T1}; [T1 read x of T1: 7]"},
		{"a late copy says nothing", "k1", do(t1, 5, 1, Op{Write, "x", "7"}), ""},
		{"a younger one dies, and the client hears it", "k2", do(t2, 6, 1, Op{Read, "x", ""}), "k2: Done{T2 #1 refused}; [T2 refused x, which T1 holds]"},
		{"for ever", "k2", do(t2, 6, 2, Op{Read, "y", ""}), "k2: Done{T2 #2 refused}"},
		{"a gap is work that was forgotten", "k2", do(t3, 7, 2, Op{Read, "y", ""}), "k2: Done{T3 #2 refused}"},
		{"an older one waits", "k2", do(Tx{1, 1, 4}, 1, 1, Op{Read, "x", ""}), "[T4 waits for x, which T1 holds]"},
		{"no vote on what is not done", "c", plain(Tx{1, 1, 4}, 1), "c: Vote{T4 no}; [T4 aborted]; [T4 voted no]"},
		{"nor on what was done in another life", "c", plain(t1, 2), "c: Vote{T1 no}; [T1 aborted]; [T1 voted no]"},
		{"nor on what was never begun", "c", plain(Tx{1, 1, 5}, 1), "c: Vote{T5 no}; [T5 aborted]; [T5 voted no]"},
		{"another", "k1", do(Tx{1, 1, 6}, 8, 1, Op{Append, "x", "T6"}), "k1: Done{T6 #1 T6}; [T6 appends T6 to x]"},
		{"and its vote", "c", plain(Tx{1, 1, 6}, 1), "c: Vote{T6 yes}; [T6 voted yes]"},
		{"one more", "k1", do(Tx{1, 1, 7}, 8, 1, Op{Write, "y", "1"}), "k1: Done{T7 #1 1}"},
		{"that is given up", "k1", Abandon{Tx{1, 1, 7}}, ""},
		{"so its lock is free", "k1", do(Tx{1, 1, 8}, 9, 1, Op{Write, "y", "2"}), "k1: Done{T8 #1 2}"},
	})
	if got := due(env, p) + due(env, p); got != "" || p.branch(Tx{1, 1, 8}).state != Aborted {
		t.Errorf("one that was left alone is %v: %q", p.branch(Tx{1, 1, 8}).state, got)
	}
}

// After a failed write or sync nobody knows what is on disk: a participant that answered all the same could break its
// word.
func TestParticipantFallsSilentWhenItsDiskFails(t *testing.T) {
	for _, kind := range []disk.OpKind{disk.AppendOp, disk.SyncOp} {
		env := fake.New("p1")
		failing := false
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			if failing && o.Kind == kind {
				return errors.New("input/output error")
			}
			return nil
		}}
		p := newParticipant(right, 1, votes{}, Strict)
		p.Start(env)
		failing = true
		got := tell(env, p, "c", ask(t1, 1, Basic, appendX...))
		if strings.Contains(got, "Vote") || !strings.Contains(got, "[halted: ") {
			t.Errorf("%v fails: %q", kind, got)
		}
		failing = false
		if got := tell(env, p, "c", ask(t2, 1, Basic, Op{Read, "y", ""})); got != "" {
			t.Errorf("%v has failed: %q", kind, got)
		}
	}
}

func TestParticipantInvariantComplains(t *testing.T) {
	p, env := participant(right)
	tell(env, p, "c", ask(t1, 1, Basic, Op{Append, "x", "T1"}, Op{Read, "y", ""}))
	for _, key := range []string{"x", "y"} {
		holders := p.locks.lock(key).holders
		p.locks.lock(key).holders = nil
		if err := p.Invariant(); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("the lock on %s is gone: %v", key, err)
		}
		p.locks.lock(key).holders = holders
	}
	if err := p.Invariant(); err != nil {
		t.Error(err)
	}
}
