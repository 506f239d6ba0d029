package workload

import (
	"testing"

	"simrun/checkers"
)

func command(n, session uint64, verb, value string) *Command {
	return &Command{ID: checkers.OpID{Client: "c1", N: n}, Session: session, Op: Op{Verb: verb, Key: "x", Value: value}}
}

// What is written is read back, and what is cut off is an error and no shorter command.
func TestCommandBytes(t *testing.T) {
	c := Command{checkers.OpID{Client: "c1", N: 300}, 12, Op{"cas", "x", "b", "a"}}
	b := string(c.Append(nil))
	r := NewReader(b)
	if got := r.Command(); got != c || r.More() || r.Err != nil || got.String() != "c1#300 cas x a b" {
		t.Errorf("%v, %v", got, r.Err)
	}
	for n := range len(b) {
		if r := NewReader(b[:n]); r.Command() == c || r.Err == nil {
			t.Errorf("%d bytes of %d are a command", n, len(b))
		}
	}
	for _, want := range []Result{{}, {OK: true}, {true, "a"}} {
		if got := NewReader(string(want.Append(nil))).Result(); got != want {
			t.Errorf("%v is read as %v", want, got)
		}
	}
}

// A command is executed once in its session, however often it comes, and also by a store that was restored; one that its client has left behind gets no
// answer. Fails if it is executed twice, or a new session is taken for the old one.
func TestStoreExecutesOnce(t *testing.T) {
	s := NewStore(KV())
	for _, x := range []struct {
		c            *Command
		fresh, known bool
		after        string
	}{
		{command(1, 1, "append", "a"), true, true, "a"},
		{command(1, 1, "append", "a"), false, true, "a"},
		{command(2, 1, "append", "b"), true, true, "ab"},
		{command(1, 1, "append", "a"), false, false, "ab"},
		{command(3, 3, "append", "c"), true, true, "abc"},
		{command(2, 1, "append", "b"), false, true, "abc"},
	} {
		_, fresh, known := s.Apply(x.c)
		if got := s.Read(Op{Verb: "get", Key: "x"}).Value; fresh != x.fresh || known != x.known || got != x.after {
			t.Errorf("%v: fresh %v, known %v, then x is %s", x.c, fresh, known, got)
		}
		again := NewStore(KV())
		if err := again.Restore(NewReader(string(s.Append(nil)))); err != nil {
			t.Fatal(err)
		}
		s = again
	}
	if err := s.Restore(NewReader("\x05")); err == nil || s.Read(Op{Verb: "get", Key: "x"}).Value != "" {
		t.Errorf("%v, and something is left", err)
	}
}

// The judge's model does what the store does. Fails if one result is wrong and the model takes it for right.
func TestModelIsTheService(t *testing.T) {
	service := KV()
	m, state := service.Model(), any("")
	for _, x := range []struct {
		op   Op
		want Result
	}{
		{Op{Verb: "get", Key: "x"}, Result{OK: true}},
		{Op{Verb: "put", Key: "x", Value: "a"}, Result{OK: true}},
		{Op{Verb: "cas", Key: "x", Value: "b", Expect: "z"}, Result{}},
		{Op{Verb: "cas", Key: "x", Value: "b", Expect: "a"}, Result{OK: true}},
		{Op{Verb: "append", Key: "x", Value: "c"}, Result{OK: true}},
		{Op{Verb: "get", Key: "x"}, Result{true, "bc"}},
		{Op{Verb: "fly", Key: "x"}, Result{}},
	} {
		if bad, _ := m.Step(state, call{&service, x.op}, Result{!x.want.OK, x.want.Value}); bad {
			t.Errorf("%v may have another result", x.op)
		}
		ok, next := m.Step(state, call{&service, x.op}, x.want)
		if !ok {
			t.Errorf("%v: %v is wrong", x.op, x.want)
		}
		state = next
	}
}
