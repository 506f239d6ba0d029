package twopc

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim/disk"
)

// coordinator returns c in its first life, and its world.
func coordinator(s setup) (*Coordinator, *fake.Env) {
	env := fake.New("c")
	c := newCoordinator(s, 1)
	c.Start(env)
	return c, env
}

// request is what a client asks of a transaction on p1 and p2.
func request(tx Tx, v Presume) Commit {
	return Commit{tx, 1, v, []Part{{Node: "p1", Ops: appendX}, {Node: "p2", Ops: appendX}}}
}

func vote(tx Tx, yes bool) Vote { return Vote{Tx: tx, Attempt: tx.First(), Yes: yes, Life: 1} }

// A participant that has aborted, because a peer asked before it voted, says so when it is asked: fails if that does not count
// as a no, so that the coordinator goes on asking.
func TestAbortedCountsAsNo(t *testing.T) {
	c, env := coordinator(right)
	c.Handle(env, "k1", Begin{1})
	c.Handle(env, "k1", request(t1, Basic))
	c.Handle(env, "p1", vote(t1, true))
	spoken(env)
	if got, want := tell(env, c, "p2", Answer{t1, Aborted}), "k1: Outcome{T1 aborted}; p1: Decision{T1 abort}; [T1 aborted]"; got != want {
		t.Errorf("it says %s, want %s", got, want)
	}
}

// Each line would read differently if the guard it is about were missing.
func TestCoordinatorRules(t *testing.T) {
	c, env := coordinator(right)
	play1(t, env, c, []step{
		{"a transaction is given", "k1", Begin{1}, "k1: Begun{1, T1}"},
		{"the same request gets the same", "k1", Begin{1}, "k1: Begun{1, T1}"},
		{"another's is another", "k2", Begin{1}, "k2: Begun{1, T2}"},
		{"as is the next", "k1", Begin{2}, "k1: Begun{2, T3}"},
		{"votes are asked", "k1", request(t1, PresumedAbort), "p1: CanCommit{T1}; p2: CanCommit{T1}; [T1 put to the vote of p1, p2]"},
		{"once", "k1", request(t1, PresumedAbort), ""},
		{"who asks meanwhile is not answered", "p1", GetDecision{Tx: t1}, ""},
		{"one vote is not enough", "p1", vote(t1, true), ""},
		{"nor is the same again", "p1", vote(t1, true), ""},
		{"nor that of a stranger", "p9", vote(t1, true), ""},
		{"nor one on another transaction", "p2", vote(t2, true), ""},
		{"nor one in another attempt", "p2", Vote{Tx: t1, Attempt: a22, Yes: true}, ""},
		{"all yes is commit", "p2", vote(t1, true), "k1: Outcome{T1 committed}; p1: Decision{T1 commit}; p2: Decision{T1 commit}; [T1 committed]"},
		{"a late no changes nothing", "p2", vote(t1, false), ""},
		{"who asks is told", "p1", GetDecision{Tx: t1}, "p1: Decision{T1 commit}"},
		{"the client too", "k1", request(t1, PresumedAbort), "k1: Outcome{T1 committed}"},
		{"an acknowledgement of something else is none", "p1", Ack{Tx: t1, Commit: false}, ""},
		{"one acknowledges", "p1", Ack{Tx: t1, Commit: true}, ""},
		{"and the other", "p2", Ack{Tx: t1, Commit: true}, ""},
		{"who asks late is answered", "p1", GetDecision{Tx: t1}, "p1: Answer{T1 committed}"},
		{"another vote", "k2", request(t2, PresumedAbort), "p1: CanCommit{T2}; p2: CanCommit{T2}; [T2 put to the vote of p1, p2]"},
		{"one no", "p1", vote(t2, false), ""},
		{"is abort, told to those that do not know", "p2", vote(t2, true), "k2: Outcome{T2 aborted}; p2: Decision{T2 abort}; [T2 aborted]"},
		{"of what it never heard it says what is presumed", "p1", GetDecision{Tx: Tx{1, 7, 7}, Presume: PresumedAbort}, "p1: Answer{T7/7 aborted}; [T7/7 presumed aborted]"},
		{"which depends on the transaction", "p1", GetDecision{Tx: Tx{1, 7, 8}, Presume: PresumedCommit}, "p1: Answer{T8/7 committed}; [T8/7 presumed committed]"},
	})
}

// The lecture: on a time-out the coordinator asks again those that have not voted, and in the end aborts; decided, it
// repeats the decision to those that have not acknowledged.
func TestCoordinatorRepeats(t *testing.T) {
	c, env := coordinator(right)
	tell(env, c, "k1", Begin{1})
	tell(env, c, "k1", request(t1, Basic))
	tell(env, c, "p1", vote(t1, true))
	for i, want := range []string{
		"p2: CanCommit{T1}", "p2: CanCommit{T1}", "p2: CanCommit{T1}",
		"k1: Outcome{T1 aborted}; p1: Decision{T1 abort}; p2: Decision{T1 abort}; [T1 aborted]",
		"p1: Decision{T1 abort}; p2: Decision{T1 abort}",
	} {
		if got := due(env, c); got != want {
			t.Errorf("time-out %d: %q, want %q", i+1, got, want)
		}
	}
	tell(env, c, "p1", Ack{Tx: t1})
	if got := due(env, c); got != "p2: Decision{T1 abort}" {
		t.Errorf("one has acknowledged: %q", got)
	}
	tell(env, c, "p2", Ack{Tx: t1})
	if got := due(env, c); got != "" {
		t.Errorf("all have acknowledged: %q", got)
	}
}

// Mohan, Lindsay and Obermarck: the records of a coordinator in each variant, forced (!) or not. Fails if one is too
// many, too few, or forced or not against the paper.
func TestWhatCoordinatorsWrite(t *testing.T) {
	for _, w := range []struct {
		variant Presume
		yes     bool
		want    string
		acks    bool
	}{
		{Basic, true, "commit! end", true}, {Basic, false, "abort! end", true},
		{PresumedAbort, true, "commit! end", true}, {PresumedAbort, false, "", false},
		{PresumedCommit, true, "initiated! commit!", false}, {PresumedCommit, false, "initiated! abort end", true},
	} {
		env := fake.New("c")
		var wrote []string
		env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
			switch {
			case o.Kind == disk.AppendOp:
				wrote = append(wrote, "")
			case o.Kind == disk.SyncOp && len(wrote) > 0:
				wrote[len(wrote)-1] = "!"
			}
			return nil
		}}
		c := newCoordinator(right, 1)
		c.Start(env)
		wrote = nil
		tell(env, c, "k1", Begin{1})
		tell(env, c, "k1", request(t1, w.variant))
		tell(env, c, "p1", vote(t1, true))
		told := tell(env, c, "p2", vote(t1, w.yes))
		if !strings.Contains(told, "p1: Decision") || strings.Contains(told, "p2: Decision") != w.yes {
			t.Errorf("%v: %q", w.variant, told)
		}
		if open := c.byTx[t1].phase == telling; open != w.acks {
			t.Errorf("%v, yes=%v: waits for acknowledgements: %v", w.variant, w.yes, open)
		}
		tell(env, c, "p1", Ack{Tx: t1, Commit: w.yes})
		tell(env, c, "p2", Ack{Tx: t1, Commit: w.yes})
		names := map[recordKind]string{initiated: "initiated", commitDecided: "commit", abortDecided: "abort", ended: "end"}
		var got []string
		for i, r := range records(t, env, coordinatorLog) {
			got = append(got, names[r.kind]+wrote[i])
		}
		if s := strings.Join(got, " "); s != w.want {
			t.Errorf("%v, yes=%v: wrote %q, want %q", w.variant, w.yes, s, w.want)
		}
	}
}

// records reads a log, but for the lives.
func records(t *testing.T, env *fake.Env, name string) []record {
	t.Helper()
	var j journal
	copied := fake.New("x")
	n, err := env.Store.Size(name)
	b := make([]byte, n)
	if err == nil {
		_, err = env.Store.ReadAt(name, b, 0)
	}
	if err == nil {
		err = copied.Store.Append(name, b)
	}
	if err != nil {
		t.Fatal(err)
	}
	rs, _, err := j.open(copied, name)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

// What a coordinator does with what it finds when it starts again.
func TestCoordinatorRemembers(t *testing.T) {
	for _, c := range []struct {
		variant Presume
		votes   int // that arrive before the crash
		want    string
		asked   string // what it says to a participant that asks then
	}{
		{Basic, 0, "", "p1: Answer{T1 aborted}; [T1 presumed aborted]"},
		{PresumedAbort, 1, "", "p1: Answer{T1 aborted}; [T1 presumed aborted]"},
		{PresumedCommit, 1, "k1: Outcome{T1 aborted}; p1: Decision{T1 abort}; p2: Decision{T1 abort}; [recovered 1 transaction]; [T1 aborted]", "p1: Decision{T1 abort}"},
		{Basic, 2, "p1: Decision{T1 commit}; p2: Decision{T1 commit}; [recovered 1 transaction]; [T1 committed]", "p1: Decision{T1 commit}"},
		{PresumedAbort, 2, "p1: Decision{T1 commit}; p2: Decision{T1 commit}; [recovered 1 transaction]; [T1 committed]", "p1: Decision{T1 commit}"},
		{PresumedCommit, 2, "", "p1: Answer{T1 committed}; [T1 presumed committed]"},
	} {
		first, env := coordinator(right)
		tell(env, first, "k1", Begin{1})
		tell(env, first, "k1", request(t1, c.variant))
		for i := range c.votes {
			tell(env, first, peers[i], vote(t1, true))
		}
		next := newCoordinator(right, 1)
		if got := crash(env, next); got != c.want {
			t.Errorf("%v after %d votes: a restart says %q, want %q", c.variant, c.votes, got, c.want)
		}
		if got := tell(env, next, "p1", GetDecision{Tx: t1, Presume: c.variant}); got != c.asked {
			t.Errorf("%v after %d votes: asked, it says %q, want %q", c.variant, c.votes, got, c.asked)
		}
		if got := tell(env, next, "k1", Begin{1}); got != "k1: Begun{1, T1/2}" {
			t.Errorf("the next life gives %q", got)
		}
	}
}

// A transaction of an earlier life is never put to the vote again: the participants are asked. Their first answer tells.
func TestCoordinatorInquires(t *testing.T) {
	for _, c := range []struct {
		variant Presume
		state   State
		want    string
	}{
		{PresumedAbort, Committed, "k1: Outcome{T1 committed}; [T1 committed]"},
		{PresumedAbort, Prepared, "k1: Outcome{T1 aborted}; [T1 aborted]"},
		{PresumedCommit, Prepared, "k1: Outcome{T1 committed}; [T1 committed]"},
		{PresumedCommit, Aborted, "k1: Outcome{T1 aborted}; [T1 aborted]"},
		{Basic, Aborted, "k1: Outcome{T1 aborted}; [T1 aborted]"},
	} {
		_, env := coordinator(right)
		next := newCoordinator(right, 1)
		crash(env, next)
		if got := tell(env, next, "k1", request(t1, c.variant)); got != "p1: GetDecision{T1}; p2: GetDecision{T1}" {
			t.Errorf("asked for an old transaction: %q", got)
		}
		if got := tell(env, next, "p2", Answer{t1, c.state}); got != c.want {
			t.Errorf("%v, %v: %q, want %q", c.variant, c.state, got, c.want)
		}
		if got := tell(env, next, "p1", Answer{t1, Aborted}); got != "" {
			t.Errorf("told again: %q", got)
		}
	}
}

// Who takes over must hear from all. Each line would read differently if it decided by fewer, or in another's attempt.
func TestTakeOver(t *testing.T) {
	in := func(round uint32) Attempt { return Attempt{round, 2, 1} }
	ask := GetDecision{Tx: t1, Presume: PresumedAbort, Joined: a11, Client: "k1", Peers: peers}
	fenced := func(a Attempt, s State) Fenced { return Fenced{Tx: t1, Attempt: a, State: s} }
	begin := func() (*Coordinator, *fake.Env) {
		env := fake.New("r")
		r := newCoordinator(recoverable, 2)
		r.Start(env)
		play1(t, env, r, []step{
			{"it is asked", "p1", ask, "p1: Fence{T1, 2.2}; p2: Fence{T1, 2.2}; [T1 taken over in 2.2]"},
			{"and asked again", "p2", ask, ""},
			{"one is prepared", "p1", fenced(in(2), Prepared), ""},
			{"the same again", "p1", fenced(in(2), Prepared), ""},
			{"an answer to another attempt", "p2", fenced(in(3), Prepared), ""},
		})
		if got := due(env, r); got != "p2: Fence{T1, 2.2}" {
			t.Errorf("a time-out: %q", got)
		}
		return r, env
	}
	r, env := begin()
	play1(t, env, r, []step{
		{"all are prepared", "p2", fenced(in(2), Prepared), "p1: Decision{T1 commit, 2.2}; p2: Decision{T1 commit, 2.2}"},
		{"it binds when one holds it", "p2", Ack{Tx: t1, Commit: true}, "k1: Outcome{T1 committed}; [T1 committed]"},
		{"and then it is of no attempt", "p1", Stale{t1, in(2), in(9)}, "p1: Answer{T1 committed}"},
		{"the other holds it", "p1", Ack{Tx: t1, Commit: true}, ""},
	})
	r, env = begin()
	play1(t, env, r, []step{
		{"one has aborted, which binds", "p2", fenced(in(2), Aborted), "p1: Decision{T1 abort, 2.2}; k1: Outcome{T1 aborted}; [T1 aborted]"},
	})
	r, env = begin()
	play1(t, env, r, []step{
		{"one has committed, which binds", "p2", fenced(in(2), Committed), "p1: Decision{T1 commit, 2.2}; k1: Outcome{T1 committed}; [T1 committed]"},
	})
	r, env = begin()
	fences := env.Timers[len(env.Timers)-1].Message
	play1(t, env, r, []step{
		{"a higher attempt is on its way", "p2", Stale{t1, in(2), Attempt{5, 1, 2}}, "[T1: 2.2 outdone by 5.1/2]"},
		{"it keeps quiet", "p1", ask, ""},
		{"though the time to fence again comes", "r", fences, ""},
		{"for longer than that", "p1", ask, ""},
	})
	if got := due(env, r); got != "" {
		t.Errorf("when it has been quiet for long enough: %q", got)
	}
	play1(t, env, r, []step{
		{"and begins above that when it is asked again", "p1", ask, "p1: Fence{T1, 6.2}; p2: Fence{T1, 6.2}; [T1 taken over in 6.2]"},
		{"unless it hears the outcome", "p1", Answer{t1, Aborted}, "k1: Outcome{T1 aborted}; [T1 aborted]"},
		{"which it tells", "p2", ask, "p2: Answer{T1 aborted}"},
	})
}

// With a recovery coordinator nothing is decided by c alone: whatever its log says, after a restart it asks.
func TestRestartTakesOver(t *testing.T) {
	c, env := coordinator(recoverable)
	tell(env, c, "k1", Begin{1})
	tell(env, c, "k1", request(t1, PresumedAbort))
	tell(env, c, "p1", vote(t1, true))
	if got := tell(env, c, "p2", vote(t1, true)); got != "p1: Decision{T1 commit}; p2: Decision{T1 commit}" {
		t.Errorf("all have voted yes, and the client must not be told yet: %q", got)
	}
	next := newCoordinator(recoverable, 1)
	if got := crash(env, next); got != "p1: Fence{T1, 2.1/2}; p2: Fence{T1, 2.1/2}; [recovered 1 transaction]; [T1 taken over in 2.1/2]" {
		t.Errorf("a restart: %q", got)
	}
}

// Lives of participants are heard of, and go with the work.
func TestCoordinatorKnowsLives(t *testing.T) {
	c, env := coordinator(right)
	for _, m := range []Alive{{3}, {2}} {
		tell(env, c, "p2", m)
	}
	tell(env, c, "k1", Begin{1})
	c.Handle(env, "k1", request(t1, Basic))
	var got []string
	for _, s := range env.Take() {
		got = append(got, fmt.Sprint(s.Message.(CanCommit).Life))
	}
	if s := strings.Join(got, " "); s != "1 3" {
		t.Errorf("work goes to lives %s, want 1 3", s)
	}
}

func TestCoordinatorFallsSilentWhenItsDiskFails(t *testing.T) {
	env := fake.New("c")
	failing := false
	env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
		if failing && o.Kind == disk.SyncOp {
			return errors.New("input/output error")
		}
		return nil
	}}
	c := newCoordinator(right, 1)
	c.Start(env)
	tell(env, c, "k1", Begin{1})
	tell(env, c, "k1", request(t1, Basic))
	tell(env, c, "p1", vote(t1, true))
	failing = true
	if got := tell(env, c, "p2", vote(t1, true)); !strings.HasPrefix(got, "[halted: ") {
		t.Errorf("the commit could not be forced: %q", got)
	}
	failing = false
	if got := tell(env, c, "k1", Begin{2}); got != "" {
		t.Errorf("halted: %q", got)
	}
}

// Fails if a coordinator whose disk fails while it goes on with one of the transactions in its log goes on with the next.
func TestCoordinatorFallsSilentAsItStarts(t *testing.T) {
	c, env := coordinator(right)
	for i, tx := range []Tx{t1, t2} {
		tell(env, c, "k1", Begin{uint32(i + 1)})
		tell(env, c, "k1", request(tx, PresumedCommit))
	}
	spoken(env)
	appended := 0
	env.Store = &disk.Faulty{FS: env.Store, Fail: func(o disk.Op) error {
		if o.Kind == disk.AppendOp && o.Len > 0 {
			if appended++; appended > 1 { // the first begins the life
				return errors.New("input/output error")
			}
		}
		return nil
	}}
	newCoordinator(right, 1).Start(env)
	if got := spoken(env); strings.Count(got, "halted: ") != 1 || !strings.HasSuffix(got, "input/output error]") {
		t.Errorf("it says %s", got)
	}
}

// Who was outdone keeps quiet for a time that is drawn from a span twice as long each time: fails, as chance finds no room in
// the span, if two coordinators that outdo each other would go on at the same pace.
func TestDuelsEnd(t *testing.T) {
	c, env := coordinator(recoverable)
	c.Handle(env, "p1", GetDecision{Tx: t1, Joined: a11, Client: "k1", Peers: peers})
	for _, drawn := range []int{7, 15, 31} {
		env.Picks = map[string]int{"quiet": drawn}
		r := c.byTx[t1]
		c.Handle(env, "p1", Stale{t1, r.attempt, Attempt{r.attempt.Round + 1, 2, 1}})
		last := env.Timers[len(env.Timers)-1]
		if want := quiet + quietQuantum*time.Duration(drawn); last.After != want || r.phase != quieted {
			t.Errorf("it keeps quiet for %v, want %v", last.After, want)
		}
		c.Handle(env, "c", last.Message)
		c.Handle(env, "p1", GetDecision{Tx: t1, Joined: r.attempt})
		if r.phase != fencing {
			t.Errorf("asked again it is in phase %d", r.phase)
		}
	}
}
