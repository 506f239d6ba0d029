package paxos

import (
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// A ballot is given twice as long as the one before, up to eight times the first: fails if it is sooner at its end, or never.
func TestPatience(t *testing.T) {
	env := fake.New("p1")
	p := proposer(1, 0)
	p.Start(env)
	other := fake.New("p1")
	c := NewContest(1, []sim.NodeID{"a1", "a2", "a3"})
	if err := c.Start(other); err != nil {
		t.Fatal(err)
	}
	p.Handle(env, "p1", begin{})
	c.Enter(other, 0, "A")
	for i, want := range []time.Duration{patience, 2 * patience, 4 * patience, 8 * patience, 8 * patience} {
		if got := timer(env); got.After != want {
			t.Errorf("ballot %d of a proposer has %v, want %v", i+1, got.After, want)
		}
		if got := timer(other); got.After != want {
			t.Errorf("ballot %d of a contest has %v, want %v", i+1, got.After, want)
		}
		p.Handle(env, "p1", timer(env).Message) // overdue
		p.Handle(env, "p1", timer(env).Message)
		c.Handle(other, "p1", timer(other).Message)
		c.Handle(other, "p1", timer(other).Message)
	}
}
