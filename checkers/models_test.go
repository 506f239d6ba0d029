package checkers

import "testing"

// Fails if a step of the store accepts a wrong output, refuses a right one, or leaves another value behind.
func TestKVSteps(t *testing.T) {
	for _, c := range []struct {
		state string
		in    KVInput
		out   any
		ok    bool
		next  string
	}{
		{"", KVInput{Op: Get}, KVOutput{}, true, ""},
		{"a", KVInput{Op: Get}, KVOutput{Value: "a"}, true, "a"},
		{"a", KVInput{Op: Get}, KVOutput{Value: "b"}, false, "a"},
		{"a", KVInput{Op: Get}, nil, true, "a"},
		{"a", KVInput{Op: Put, Value: "b"}, KVOutput{}, true, "b"},
		{"a", KVInput{Op: Put, Value: "b"}, nil, true, "b"},
		{"a", KVInput{Op: CAS, Expect: "a", Value: "b"}, KVOutput{OK: true}, true, "b"},
		{"a", KVInput{Op: CAS, Expect: "a", Value: "b"}, KVOutput{OK: false}, false, "a"},
		{"a", KVInput{Op: CAS, Expect: "c", Value: "b"}, KVOutput{OK: false}, true, "a"},
		{"a", KVInput{Op: CAS, Expect: "c", Value: "b"}, KVOutput{OK: true}, false, "a"},
		{"a", KVInput{Op: CAS, Expect: "a", Value: "b"}, nil, true, "b"},
		{"a", KVInput{Op: CAS, Expect: "c", Value: "b"}, nil, true, "a"},
		{"a", KVInput{Op: Append, Value: "b"}, KVOutput{}, true, "ab"},
		{"a", KVInput{Op: Append, Value: "b"}, nil, true, "ab"},
	} {
		ok, next := KV().Step(c.state, c.in, c.out)
		if ok != c.ok || next != c.next {
			t.Errorf("%q, %s: got %v, %q, want %v, %q", c.state, describeKV(c.in, c.out), ok, next, c.ok, c.next)
		}
	}
}

// Fails if an explanation would show an operation without what matters about it.
func TestKVDescribes(t *testing.T) {
	for _, c := range []struct {
		in   KVInput
		out  any
		want string
	}{
		{KVInput{Op: Get}, KVOutput{Value: "a"}, `get -> "a"`},
		{KVInput{Op: Get}, nil, `get -> ?`},
		{KVInput{Op: Put, Value: "a"}, KVOutput{}, `put "a"`},
		{KVInput{Op: Append, Value: "a"}, nil, `append "a"`},
		{KVInput{Op: CAS, Expect: "a", Value: "b"}, KVOutput{OK: true}, `cas "a" to "b" -> true`},
		{KVInput{Op: CAS, Expect: "a", Value: "b"}, nil, `cas "a" to "b" -> ?`},
	} {
		if got := KV().DescribeOperation(c.in, c.out); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
	if got := KV().DescribeState("a"); got != `"a"` {
		t.Errorf("state: got %s", got)
	}
}
