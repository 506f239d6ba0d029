package paxoskv

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/sim"
)

// put is a command, for tests.
func put(client sim.NodeID, session, n uint32, key, value string) command {
	return command{client, session, n, checkers.KVInput{Op: checkers.Put, Key: key, Value: value}}
}

// What is printed parses back to the same. A field left out, or two run together, would not.
func TestCommandRoundTrip(t *testing.T) {
	for text, c := range map[string]command{
		"c1/1#12 put x a12":   put("c1", 1, 12, "x", "a12"),
		"c2/3#3 get y":        {"c2", 3, 3, checkers.KVInput{Op: checkers.Get, Key: "y"}},
		"c3/7#9 cas x a1 c9":  {"c3", 7, 9, checkers.KVInput{Op: checkers.CAS, Key: "x", Expect: "a1", Value: "c9"}},
		`c3/7#9 cas x "" c9`:  {"c3", 7, 9, checkers.KVInput{Op: checkers.CAS, Key: "x", Value: "c9"}},
		"c1/1#1 append key v": {"c1", 1, 1, checkers.KVInput{Op: checkers.Append, Key: "key", Value: "v"}},
	} {
		if got := string(c.append(nil)); got != text {
			t.Errorf("printed %q, want %q", got, text)
		}
		if got, err := parseCommand(paxos.Value(text)); err != nil || got != c {
			t.Errorf("%q parsed as %+v, %v", text, got, err)
		}
	}
}

func TestCommandErrors(t *testing.T) {
	for _, text := range []string{"", "c1", "c1/1#1", "c1/1#x put x 1", "c1/#1 put x 1", "c1/1#1 put x", "c1/1#1 put x 1 2", "c1/1#1 get", "c1/1#1 get x 1",
		"c1/1#1 cas x 1", "c1/1#1 cas x 1 2 3", "c1/1#1 fly x", "c1/1#1 put  1", "c1/1#5000000000 get x"} {
		if c, err := parseCommand(paxos.Value(text)); err == nil {
			t.Errorf("%q parsed as %+v", text, c)
		}
	}
}

// Whatever parses prints as something that parses to the same.
func FuzzCommand(f *testing.F) {
	f.Add("c1/1#12 put x a12")
	f.Add(`c3/7#9 cas x "" c9`)
	f.Add("c2/3#3 get y")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := parseCommand(paxos.Value(text))
		if err != nil {
			return
		}
		again, err := parseCommand(paxos.Value(c.append(nil)))
		if err != nil || again != c {
			t.Errorf("%q parsed as %+v, printed as %q, which is %+v, %v", text, c, c.append(nil), again, err)
		}
	})
}

func TestOperations(t *testing.T) {
	got, err := parseOperations(`c1: put x 1; get x; c2:cas x 1  2 ; append y 3;c1: cas z "" 1`)
	want := [][]checkers.KVInput{
		{{Op: checkers.Put, Key: "x", Value: "1"}, {Op: checkers.Get, Key: "x"}, {Op: checkers.CAS, Key: "z", Value: "1"}},
		{{Op: checkers.CAS, Key: "x", Expect: "1", Value: "2"}, {Op: checkers.Append, Key: "y", Value: "3"}}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
	for text, hint := range map[string]string{"c10: get x": "c1 to c9", "c0: get x": "c1 to c9", "1: get x": "c1 to c9", "s1: get x": "c1 to c9", "c1: get x;": "unknown", "c1: got x": "get, put, cas or append", "c1: put x": "put KEY VALUE", " ": "unknown"} {
		if _, err := parseOperations(text); err == nil || !strings.Contains(err.Error(), hint) {
			t.Errorf("%q: %v, want a hint of %q", text, err, hint)
		}
	}
}

// The store against a map and a list of what was applied, on random commands of which a third are repetitions.
func TestStoreAgainstOracle(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	var s store
	values := map[string]string{}
	results := map[string]checkers.KVOutput{}
	var all []command
	last := map[sim.NodeID]uint32{}
	suppressed := 0
	for range 2000 {
		if len(all) > 0 && r.IntN(3) == 0 {
			c := all[len(all)-1] // what a session repeats is its last operation
			if ses, executed := s.apply(&c); executed || ses.last != c.n || ses.result != results[fmt.Sprint(c.id())] {
				t.Fatalf("%s again: executed %v with %+v, want the old result %v", c.append(nil), executed, ses, results[fmt.Sprint(c.id())])
			}
			suppressed++
			continue
		}
		client := sim.NodeID(fmt.Sprintf("c%d", 1+r.IntN(3)))
		last[client]++
		key := string(rune('x' + r.IntN(3)))
		in := checkers.KVInput{Op: checkers.KVOp(r.IntN(4)), Key: key}
		if in.Op != checkers.Get {
			in.Value = fmt.Sprint(len(all))
		}
		if in.Op == checkers.CAS && r.IntN(2) == 0 {
			in.Expect = values[key]
		}
		c := command{client, 1, last[client], in}
		all = append(all, c)
		want := checkers.KVOutput{OK: true}
		switch in.Op {
		case checkers.Get:
			want.Value = values[key]
		case checkers.Put:
			values[key] = in.Value
		case checkers.Append:
			values[key] += in.Value
		case checkers.CAS:
			if want.OK = values[key] == in.Expect; want.OK {
				values[key] = in.Value
			}
		}
		results[fmt.Sprint(c.id())] = want
		if ses, executed := s.apply(&c); !executed || ses.last != c.n || ses.result != want {
			t.Fatalf("%s: executed %v with %+v, want %v", c.append(nil), executed, ses, want)
		}
	}
	if suppressed < 100 {
		t.Errorf("only %d repetitions", suppressed)
	}
}

// A late command of an old session, given up by its client, still takes effect once; within a session
// nothing older than the last does.
func TestSessions(t *testing.T) {
	var s store
	one, two, three := put("c1", 1, 1, "x", "1"), put("c1", 2, 2, "x", "2"), put("c1", 2, 3, "x", "3")
	for i, step := range []struct {
		c    command
		want bool
	}{{two, true}, {three, true}, {one, true}, {one, false}, {two, false}, {three, false}, {put("c2", 1, 1, "x", "4"), true}} {
		if _, executed := s.apply(&step.c); executed != step.want {
			t.Errorf("step %d, %s: executed %v", i, step.c.append(nil), executed)
		}
	}
}

// Messages and facts that differ hash differently.
func TestContentTellsApart(t *testing.T) {
	type hashed interface{ AppendHash([]byte) []byte }
	id1, id2 := checkers.OpID{Client: "c1", N: 1}, checkers.OpID{Client: "c1", N: 2}
	out := checkers.KVOutput{OK: true, Value: "a"}
	for _, family := range [][]hashed{
		{Request{id1, "x"}, Request{id2, "x"}, Request{id1, "y"}},
		{Reply{1, out}, Reply{2, out}, Reply{1, checkers.KVOutput{OK: true}}, Reply{1, checkers.KVOutput{Value: "a"}}},
		{Known{0, nil}, Known{1, nil}, Known{0, []paxos.Value{"a"}}, Known{0, []paxos.Value{"a", "b"}}, Known{0, []paxos.Value{"ab"}}},
		{Called{id1, checkers.KVInput{}}, Called{id2, checkers.KVInput{}}, Called{id1, checkers.KVInput{Op: checkers.Put}}, Called{id1, checkers.KVInput{Key: "x"}}, Called{id1, checkers.KVInput{Value: "x"}}, Called{id1, checkers.KVInput{Expect: "x"}}},
		{Returned{id1, out, false}, Returned{id2, out, false}, Returned{id1, checkers.KVOutput{}, false}, Returned{id1, out, true}},
		{Executed{0, id1, "x", out}, Executed{1, id1, "x", out}, Executed{0, id1, "y", out}, Executed{0, id1, "x", checkers.KVOutput{}}},
		{Suppressed{0, id1, "x"}, Suppressed{1, id1, "x"}, Suppressed{0, id1, "y"}}, {SlotLost{0, "x"}, SlotLost{1, "x"}, SlotLost{0, "y"}},
		{resume{1, 1}, resume{2, 1}, resume{1, 2}}, {alarm{}},
	} {
		seen := map[string]bool{}
		for _, m := range family {
			h := string(m.AppendHash(nil))
			if seen[h] {
				t.Errorf("%T %v: content %q is that of another", m, m, h)
			}
			seen[h] = true
		}
	}
}

func TestTexts(t *testing.T) {
	c := put("c1", 1, 12, "x", "a12")
	v := paxos.Value(c.append(nil))
	for _, p := range []struct {
		what fmt.Stringer
		want string
	}{
		{Request{c.id(), v}, "Request{c1/1#12 put x a12}"},
		{Reply{12, checkers.KVOutput{OK: true}}, "Reply{#12 ok}"},
		{Reply{12, checkers.KVOutput{}}, "Reply{#12 not ok}"},
		{Reply{12, checkers.KVOutput{OK: true, Value: "a1"}}, "Reply{#12 a1}"},
		{Known{3, []paxos.Value{"a", "b"}}, "Known{slots 3 to 4}"},
		{Called{c.id(), c.op}, "called c1#12 put x a12"},
		{Returned{ID: c.id(), Unknown: true}, "gave up c1#12"},
		{Returned{ID: c.id(), Output: checkers.KVOutput{OK: true}}, "returned c1#12 ok"},
		{Executed{Slot: 3, Command: v}, "executed slot 3: c1/1#12 put x a12"},
		{Suppressed{Slot: 3, Command: v}, "suppressed slot 3: c1/1#12 put x a12"},
		{SlotLost{3, v}, "lost slot 3, wanted for c1/1#12 put x a12"},
		{resume{3, 1}, "resume{slot 3, try 2}"},
	} {
		if got := p.what.String(); got != p.want {
			t.Errorf("printed %q, want %q", got, p.want)
		}
	}
}
