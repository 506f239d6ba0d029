package e3pc

import (
	"fmt"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// newCoordinator returns a coordinator of three sites that has begun its transactions, and its world.
func newCoordinator(total int) (*Coordinator, *fake.Env) {
	env := fake.New("c")
	c := &Coordinator{sites: three, need: 2, total: total}
	c.Start(env)
	for tx := range total {
		c.Handle(env, "c", begin{Tx(tx + 1)})
	}
	env.Take()
	return c, env
}

// toAll is what a node says that tells every site the same.
func toAll(m sim.Message) string { return fmt.Sprintf("p1: %v; p2: %v; p3: %v", m, m, m) }

// Each line would read differently if the guard that it is about were missing or off by one.
func TestCoordinatorCommits(t *testing.T) {
	c, env := newCoordinator(2)
	expect(t, env, c, []step{
		{"a vote", "p1", Vote{Tx: 1, Yes: true}, ""},
		{"the same vote again", "p1", Vote{Tx: 1, Yes: true}, ""},
		{"a second", "p2", Vote{Tx: 1, Yes: true}, ""},
		{"one in another transaction", "p3", Vote{Tx: 2, Yes: true}, ""},
		{"one of a stranger", "p4", Vote{Tx: 1, Yes: true}, ""},
		{"acknowledgements of nothing", "p1", PreAck{Tx: 1, Election: first}, ""},
		{"the third", "p3", Vote{Tx: 1, Yes: true}, toAll(PreCommit{Tx: 1, Election: first})},
		{"once only", "p3", Vote{Tx: 1, Yes: true}, ""},
		{"too late for no", "p2", Vote{Tx: 1}, ""},
		{"or for impatience", "c", overdue{1, wait}, ""},
		{"an acknowledgement", "p2", PreAck{Tx: 1, Election: first}, ""},
		{"the same again", "p2", PreAck{Tx: 1, Election: first}, ""},
		{"one of an election that it does not lead", "p1", PreAck{Tx: 1, Election: e2p3}, ""},
		{"who has not acknowledged is asked again", "c", overdue{1, preCommitted}, "p1: PreCommit{T1 in 1.c}; p3: PreCommit{T1 in 1.c}"},
		{"nobody who leads is told anything yet", "p3", Elect{Tx: 1, Election: e2p3}, ""},
		{"a quorum", "p1", PreAck{Tx: 1, Election: first}, toAll(DoCommit{Tx: 1})},
		{"once only", "p3", PreAck{Tx: 1, Election: first}, ""},
		{"who leads is told", "p3", Elect{Tx: 1, Election: e2p3}, "p3: DoCommit{T1}"},
		{"no reversal", "p3", DoAbort{Tx: 1}, ""},
		{"nothing to wait for", "c", overdue{1, preCommitted}, ""},
	})
	if got := fmt.Sprint(env.Facts); got != "[T1 begun T2 begun T1 committed]" {
		t.Error(got)
	}
}

// Fails if the coordinator waits for votes for ever, or after a no.
func TestCoordinatorAborts(t *testing.T) {
	c, env := newCoordinator(3)
	expect(t, env, c, []step{
		{"no", "p2", Vote{Tx: 1}, toAll(DoAbort{Tx: 1})},
		{"no more", "p3", Vote{Tx: 1}, ""},
		{"silence", "c", overdue{2, wait}, toAll(DoAbort{Tx: 2})},
		{"all too late", "p1", Vote{Tx: 2, Yes: true}, ""},
		{"a site has aborted when another asked it", "p2", DoAbort{Tx: 3}, toAll(DoAbort{Tx: 3})},
	})
	if got := fmt.Sprint(env.Facts); got != "[T1 begun T2 begun T3 begun T1 aborted T2 aborted T3 aborted]" {
		t.Error(got)
	}
}

// Fails if a restarted coordinator forgets a decision or that it has asked to pre-commit, or does not ask again
// where it had got no further than votes.
func TestCoordinatorRemembers(t *testing.T) {
	c, env := newCoordinator(4)
	for _, id := range three {
		say(env, c, id, Vote{Tx: 1, Yes: true})
		say(env, c, id, Vote{Tx: 3, Yes: true})
	}
	say(env, c, "p1", Vote{Tx: 2, Yes: false})
	say(env, c, "p1", PreAck{Tx: 3, Election: first})
	crash(env, c)
	if got := fmt.Sprint(env.Facts); got != "[T2 aborted]" {
		t.Error(got)
	}
	if got := fmt.Sprint(env.Take()); got != "[{p1 PreCommit{T1 in 1.c}} {p2 PreCommit{T1 in 1.c}} {p3 PreCommit{T1 in 1.c}} {p1 PreCommit{T3 in 1.c}} {p2 PreCommit{T3 in 1.c}} {p3 PreCommit{T3 in 1.c}}]" {
		t.Error(got)
	}
	expect(t, env, c, []step{
		{"past its votes", "c", begin{1}, ""},
		{"decided", "c", begin{2}, ""},
		{"not begun, as far as it knows", "c", begin{4}, toAll(CanCommit{4})},
		{"what was acknowledged to the life before does not count", "p2", PreAck{Tx: 3, Election: first}, ""},
		{"a decision of the sites", "p2", DoAbort{Tx: 1}, ""},
		{"is known", "p2", Elect{Tx: 1, Election: e2p1}, "p2: DoAbort{T1}"},
	})
	crash(env, c)
	if got := fmt.Sprint(env.Facts); got != "[T1 aborted T2 aborted]" {
		t.Error(got)
	}
}

// Fails if transactions wait for one another to end, or the last is followed by one that nobody asked for.
func TestCoordinatorBegins(t *testing.T) {
	env := fake.New("c")
	c := &Coordinator{sites: three, need: 2, total: 2}
	c.Start(env)
	expect(t, env, c, []step{{"first", "c", begin{1}, toAll(CanCommit{1})}, {"second", "c", begin{2}, toAll(CanCommit{2})}})
	if got := fmt.Sprint(env.Timers); got != "[{0s begin{T1}} {110ms overdue{T1 in wait}} {0s begin{T2}} {110ms overdue{T2 in wait}}]" {
		t.Error(got)
	}
}
