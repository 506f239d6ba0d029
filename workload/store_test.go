package workload

import (
	"fmt"
	"testing"

	"simrun/checkers"
	"simrun/sim"
)

// command returns a command of a client.
func command(client sim.NodeID, n, session uint64, words string) *Command {
	s, _ := Named("counter")
	op, err := s.Parse(words)
	if err != nil {
		panic(err)
	}
	return &Command{checkers.OpID{Client: client, N: n}, session, op}
}

func newCounter() *Store {
	s, _ := Named("counter")
	return NewStore(s)
}

// apply returns what a store says to a command, in words.
func apply(s *Store, c *Command) string {
	out, fresh, known := s.Apply(c)
	return fmt.Sprint(out, " fresh ", fresh, " known ", known)
}

// Fails if a command that comes again is executed again, or is answered with something else than at first; a session is a client's and begins anew where
// it says so.
func TestStoreExecutesOnce(t *testing.T) {
	s := newCounter()
	for _, step := range []struct {
		c    *Command
		want string
	}{
		{command("c1", 1, 1, "next x"), "1 fresh true known true"},
		{command("c1", 1, 1, "next x"), "1 fresh false known true"},
		{command("c1", 2, 1, "next x"), "2 fresh true known true"},
		{command("c1", 1, 1, "next x"), "2 fresh false known false"}, // nobody waits for it
		{command("c2", 1, 1, "next x"), "3 fresh true known true"},
		{command("c1", 5, 5, "next x"), "4 fresh true known true"}, // a lane beside the first
		{command("c1", 3, 1, "next x"), "5 fresh true known true"},
		{command("c1", 5, 5, "next x"), "4 fresh false known true"},
	} {
		same(t, step.c.String(), apply(s, step.c), step.want)
	}
	if out, ok := s.Known(command("c1", 5, 5, "next x")); !ok || out.Value != "4" {
		t.Errorf("known: %v, %v", out, ok)
	}
	if _, ok := s.Known(command("c1", 2, 1, "next x")); ok {
		t.Error("a result that was overwritten is known")
	}
	if _, ok := s.Known(command("c3", 1, 1, "next x")); ok {
		t.Error("the result of what nobody executed is known")
	}
	if out := s.Read(Op{Verb: "read", Key: "x"}); out.Value != "5" || s.Read(Op{Verb: "read", Key: "y"}).Value != "0" {
		t.Errorf("reads %v", out)
	}
	s.sessions = nil
	same(t, "after sessions were forgotten", apply(s, command("c1", 5, 5, "next x")), "6 fresh true known true")
}

// Fails if a snapshot loses something: what is restored says the same to all commands; or if bytes that end too early pass for a state.
func TestStoreSnapshot(t *testing.T) {
	s := newCounter()
	for n := uint64(1); n <= 4; n++ {
		s.Apply(command("c1", n, 1, "next x"))
		s.Apply(command("c2", n, n, "add y 3"))
	}
	b := string(s.Append(nil))
	back := newCounter()
	if err := back.Restore(NewReader(b)); err != nil || string(back.Append(nil)) != b {
		t.Fatalf("restored with %v", err)
	}
	for _, c := range []*Command{command("c1", 4, 1, "next x"), command("c2", 2, 2, "add y 3"), command("c2", 5, 5, "next y"), command("c1", 5, 1, "read x")} {
		same(t, c.String(), apply(back, c), apply(s, c))
	}
	for cut := range len(b) {
		if err := back.Restore(NewReader(b[:cut])); err == nil {
			t.Errorf("the first %d of %d bytes pass for a state", cut, len(b))
		}
		if fresh := string(newCounter().Append(nil)); string(back.Append(nil)) != fresh {
			t.Errorf("after %d bytes something is left", cut)
		}
	}
}

// Fails if a command does not read back as it was written, or if cut bytes pass.
func TestCommandBytes(t *testing.T) {
	c := Command{checkers.OpID{Client: "c12", N: 300}, 299, Op{"cas", "x", "new", "old"}}
	b := string(c.Append(nil))
	r := NewReader(b)
	if back := r.Command(); back != c || r.Err != nil || r.More() {
		t.Errorf("%v reads back as %v", c, back)
	}
	for cut := range len(b) {
		if r := NewReader(b[:cut]); r.Command() == c || r.Err == nil {
			t.Errorf("%d bytes of %d pass", cut, len(b))
		}
	}
	r = NewReader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	if r.Uint(); r.Err != ErrCut {
		t.Error("a number without an end passes")
	}
}

// Fails if two messages or facts that say different things have the same content, by which runs are compared.
func TestContents(t *testing.T) {
	id, op := checkers.OpID{Client: "c1", N: 2}, Op{Verb: "put", Key: "x", Value: "1"}
	all := []interface {
		AppendHash([]byte) []byte
		String() string
	}{
		Request{Command: Command{id, 1, op}}, Request{Command: Command{id, 2, op}}, Request{Command{id, 1, op}, 7}, Reply{ID: id, Result: Result{OK: true}}, Reply{ID: id},
		Reply{ID: id, Result: Result{true, "1"}}, Reply{id, Result{true, "1"}, 7},
		Elsewhere{id, "s1"}, Elsewhere{id, ""}, Called{id, op}, Called{id, Op{Verb: "get", Key: "x"}}, Returned{ID: id, Result: Result{true, "2"}},
		Returned{ID: id, Unknown: true}, Returned{ID: id, Failed: true}, alarm{1}, alarm{2}, resend{errand{1, 2}}, resend{errand{2, 1}},
	}
	contents, texts := map[string]string{}, map[string]bool{}
	for _, m := range all {
		content := fmt.Sprintf("%T %s", m, m.AppendHash(nil))
		if was, ok := contents[content]; ok {
			t.Errorf("%v and %s have the same content", m, was)
		}
		contents[content] = m.String()
		if m.String() == "" || texts[m.String()] && m.String() != (Request{Command: Command{id, 1, op}}).String() {
			t.Errorf("%q is said of two things", m)
		}
		texts[m.String()] = true
	}
	if string((hedge{errand{1, 2}}).AppendHash(nil)) == "" || (next{}).String() != "next{}" || (hedge{errand{1, 2}}).String() != "hedge{lane 1 turn 2}" {
		t.Error("timers say something else")
	}
}
