package view

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// A store with three copies that forget, and a client who writes to s1, which tells s2 alone, and then reads from one of them.

type writing struct{}
type copied struct{}
type ok struct{}
type read struct{}
type word struct{ What string }

func (writing) AppendHash(b []byte) []byte { return b }
func (copied) AppendHash(b []byte) []byte  { return b }
func (ok) AppendHash(b []byte) []byte      { return b }
func (read) AppendHash(b []byte) []byte    { return b }
func (m word) AppendHash(b []byte) []byte  { return append(b, m.What...) }

type storing struct{ has bool }

func (*storing) Start(sim.Env) {}
func (s *storing) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	switch m.(type) {
	case writing:
		s.has = true
		env.Send("s2", copied{})
		env.Send(from, ok{})
	case copied:
		s.has = true
	case read:
		env.Send(from, word{fmt.Sprint(s.has)})
	}
}

type asking struct{ whom sim.NodeID }

func (a *asking) Start(env sim.Env) {
	env.Note(word{"call 1"})
	env.Send("s1", writing{})
}
func (a *asking) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m.(type) {
	case ok:
		env.Note(word{"return 1"})
		env.After(5*time.Millisecond, read{})
	case read:
		env.Send(a.whom, read{}) // before it is noted
		env.Note(word{"call 2"})
	case word:
		env.Note(word{"return 2"})
	}
}

// stale is wrong when all is over, and blames both operations.
type stale struct{ at map[string]uint64 }

func (*stale) Name() string   { return "linearizability" }
func (*stale) Checks() uint64 { return 1 }
func (p *stale) Observe(e *sim.Event) error {
	if f, is := e.Data.(word); is && e.Kind == sim.Noted {
		p.at[f.What] = e.Seq
	}
	return nil
}
func (*stale) End(*sim.World) (sim.Result, error) {
	return sim.Holds, errors.New("c#2 is stale\n  c#1 write, from 0s to 2ms\n  c#2 read, from 7ms to 9ms\n  (whatever the others did)")
}
func (p *stale) Operations(add func(sim.NodeID, uint64, uint64, string, bool)) {
	add("c", p.at["call 1"], p.at["return 1"], "c#1 write", true)
	add("c", p.at["call 2"], p.at["return 2"], "c#2 read", true)
}
func (p *stale) Illegal(add func(sim.NodeID, uint64, uint64, string, bool)) (int, bool) {
	p.Operations(add)
	return 0, false
}

func reading(whom sim.NodeID) *sim.Scenario {
	return &sim.Scenario{
		Name: "stale", Run: 20 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			for _, id := range []sim.NodeID{"s1", "s2", "s3"} {
				w.Add(id, func() sim.Node { return &storing{} })
			}
			w.Add("c", func() sim.Node { return &asking{whom: whom} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&stale{make(map[string]uint64)}} },
	}
}

// Fails if the messages behind an operation are not told, or it is not told whether what was written had come to the copy that answered, and whether that has
// crashed since.
func TestBehindAWrongHistory(t *testing.T) {
	for _, x := range []struct {
		whom       sim.NodeID
		plan, want string
	}{
		{"s3", "", "nothing of it had come to s3 when c#2 was answered"},
		{"s2", "", "had come to s2 (#10) when c#2 was answered"},
		{"s1", "4ms crash s1 for 1ms", "had come to s1 (#7, crashed at #14) when c#2 was answered"},
	} {
		tr := recorded(t, reading(x.whom), Window{}, x.plan)
		var b strings.Builder
		if err := Report(&b, Run{Scenario: "stale", Nodes: tr.Nodes, Verdict: tr.Verdict, Trace: tr}); err != nil {
			t.Fatal(err)
		}
		_, got, _ := strings.Cut(b.String(), "linearizability: ")
		want := "c#2 is stale\n  c#1 write, from 0s to 2ms\n      by #7 c→s1 writing, #11 s1→c ok\n      " + x.want + "\n  c#2 read, from 7ms to 9ms\n      by #"
		if !strings.HasPrefix(got, want) || !strings.Contains(got, "→c word\n  (whatever the others did)\n") {
			t.Errorf("asking %s: got\n%s\nwant\n%s", x.whom, got, want)
		}
	}
}

// Fails if the stack of a panic is taken for details, or details stay in the sentence.
func TestSentenceOf(t *testing.T) {
	for why, want := range map[string]string{
		"a1 panicked: no\ngoroutine 1\n  x": "a1 panicked: no\ngoroutine 1\n  x", "one\n  two\n  three": "one", "alone": "alone",
	} {
		if got, _ := sentenceOf(why); got != want {
			t.Errorf("%q: %q", why, got)
		}
	}
	if _, details := sentenceOf("one\n  two\n  three"); len(details) != 2 || details[1] != "  three" {
		t.Errorf("%q", details)
	}
}

// Fails if a long way is told whole, or nobody says how much is left out.
func TestRouteOfManyHops(t *testing.T) {
	var hops []Moment
	for i := range uint64(10) {
		hops = append(hops, Moment{Seq: i, Peer: "a", Node: "b", Type: "m"})
	}
	if got := (&Trace{}).route(hops); got != "#0 a→b m, #1 a→b m, #2 a→b m, (4 more), #7 a→b m, #8 a→b m, #9 a→b m" {
		t.Error(got)
	}
	if got := (&Trace{}).route(hops[:6]); strings.Contains(got, "more") || strings.Count(got, "#") != 6 {
		t.Error(got)
	}
}
