package paxoskv

import (
	"testing"

	"simrun/checkers"
	"simrun/protocols/internal/fake"
	"simrun/protocols/paxos"
	"simrun/sim"
)

func client(script ...checkers.KVInput) (*Client, *fake.Env) {
	env := fake.New("c1")
	c := &Client{id: "c1", letter: 'a', servers: names("s", 3), script: script, ops: len(script), keys: []string{"x"}, seen: make([]string, 1)}
	return c, env
}

// A client asks the next server when it hears nothing, gives up after the third, and goes on in a new session.
func TestClient(t *testing.T) {
	x := checkers.KVInput{Op: checkers.Put, Key: "x", Value: "1"}
	get := checkers.KVInput{Op: checkers.Get, Key: "x"}
	c, env := client(x, get, x)
	c.Start(env)
	if got := env.Take(); len(got) != 1 || got[0].To != "s1" {
		t.Fatalf("starts with %v", got)
	}
	for i, want := range []string{
		"Request{c1/1#1 put x 1} s2",
		"Request{c1/1#1 put x 1} s3",
		"Request{c1/2#2 get x} s1",
	} {
		if got := sends(env, c, "c1", alarm{}); got != "" {
			t.Errorf("too early: sends %q", got)
		}
		env.Clock = c.deadline
		if got := sends(env, c, "c1", alarm{}); got != want {
			t.Errorf("alarm %d: sends %q, want %q", i, got, want)
		}
	}
	if got := facts(env); got != "called c1#1 put x 1 gave up c1#1 called c1#2 get x" {
		t.Errorf("facts %q", got)
	}
	if got := sends(env, c, "s2", Reply{1, checkers.KVOutput{OK: true}}); got != "" || facts(env) != "" {
		t.Errorf("the answer to what was given up counts: sends %q", got)
	}
	if got := sends(env, c, "s1", Reply{2, checkers.KVOutput{OK: true, Value: "1"}}); got != "Request{c1/2#3 put x 1} s1" {
		t.Errorf("the next operation is sent as %q: same session, same server", got)
	}
	if got := sends(env, c, "s1", Reply{2, checkers.KVOutput{OK: true, Value: "1"}}); got != "" {
		t.Errorf("the second copy of an answer makes it send %q", got)
	}
	facts(env)
	if got := sends(env, c, "s1", Reply{3, checkers.KVOutput{OK: true}}); got != "" || facts(env) != "returned c1#3 ok" || len(c.waits("c1")) > 0 {
		t.Errorf("after its last operation it sends %q and waits for %v", got, c.waits("c1"))
	}
}

// Drawn operations: every kind comes up, values are the client's own and
// never the same, a cas expects what was seen last.
func TestClientDraws(t *testing.T) {
	c, env := client()
	c.ops, c.keys, c.seen = 1000, []string{"x", "y"}, make([]string, 2)
	kinds := map[checkers.KVOp]int{}
	written := map[string]bool{}
	c.Start(env)
	for i := range 200 {
		op := c.now.op
		kinds[op.Op]++
		if op.Op != checkers.Get && written[op.Value] {
			t.Errorf("value %q is written twice", op.Value)
		}
		written[op.Value] = true
		if op.Op == checkers.CAS && op.Expect != "seen" {
			t.Errorf("operation %d expects %q", i, op.Expect)
		}
		c.seen[0], c.seen[1] = "seen", "seen"
		env.Picks = map[string]int{"operation": i * 7 % (len(shares) * len(c.keys))}
		c.Handle(env, "s1", Reply{uint64(c.now.n), checkers.KVOutput{}})
	}
	if len(kinds) != 4 {
		t.Errorf("drawn kinds: %v", kinds)
	}
}

// feed shows events to a property and returns its first complaint.
func feed(p sim.Property, facts ...any) error {
	for i, f := range facts {
		if err := p.Observe(&sim.Event{Seq: uint64(i + 1), Kind: sim.Noted, Node: names("s", len(facts))[i], Data: f}); err != nil {
			return err
		}
	}
	return nil
}

// Each property of the store: a right run passes, a wrong one does not.
func TestProperties(t *testing.T) {
	ok := checkers.KVOutput{OK: true}
	run := func(slot paxos.Slot, v paxos.Value, out checkers.KVOutput) Executed {
		return Executed{Slot: slot, Command: v, Output: out}
	}
	agreement := func() sim.Property { return new(decisions).agreement() }
	sameState := func() sim.Property { return new(decisions).sameState() }
	for _, c := range []struct {
		name  string
		p     func() sim.Property
		wrong bool
		facts []any
	}{
		{"the same command in a slot", agreement, false, []any{run(0, "v", ok), run(1, "w", ok), run(0, "v", ok), Suppressed{Slot: 1, Command: "w"}}},
		{"two commands in a slot", agreement, true, []any{run(0, "v", ok), run(0, "w", ok)}},
		{"two commands in a slot, one suppressed", agreement, true, []any{run(3, "v", ok), Suppressed{Slot: 3, Command: "w"}}},
		{"the same result", sameState, false, []any{run(0, "v", ok), run(0, "v", ok), Suppressed{Slot: 1, Command: "v"}, Suppressed{Slot: 1, Command: "v"}}},
		{"another result", sameState, true, []any{run(0, "v", ok), run(0, "v", checkers.KVOutput{})}},
		{"executed here, suppressed there", sameState, true, []any{run(0, "v", ok), Suppressed{Slot: 0, Command: "v"}}},
	} {
		p := c.p()
		if err := feed(p, c.facts...); (err != nil) != c.wrong {
			t.Errorf("%s: %v", c.name, err)
		}
		if p.Checks() == 0 {
			t.Errorf("%s: nothing was judged", c.name)
		}
	}
}
