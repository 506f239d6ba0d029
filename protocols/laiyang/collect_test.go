package laiyang

import (
	"fmt"
	"slices"
	"testing"

	"simrun/protocols/apps"
	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// begun returns an initiator that has begun its snapshot and asked the others, and has its own part.
func begun(t *testing.T, method Method) (*Process, *fake.Env) {
	t.Helper()
	p, env := three(method)
	p.Start(env)
	facts(env)
	p.Handle(env, "p1", env.Timers[1].Message)
	const state = "100 money, 3 transfers to make"
	own := env.Sent[0]
	if got := said(env) + "; " + facts(env); got != "p1 Report{p1#1: "+state+"}; p2 Take{p1#1}; p3 Take{p1#1}; began p1#1; recorded for p1#1: "+state {
		t.Errorf("begins with %q", got)
	}
	p.Handle(env, "p1", own.Message)
	return p, env
}

// By counting, a snapshot is complete when there are as many late messages as the deficits add up to, and all parts. Fails if it would end when the sum is zero
// before all have reported, or would take anything of another snapshot.
func TestCounting(t *testing.T) {
	p, env := begun(t, ByCounting)
	id := ID{1, "p1"}
	part := func(node sim.NodeID, deficit int) Report {
		return Report{id, Part{Node: node, Text: "no money", Deficit: deficit}}
	}
	waits := func(want string) {
		t.Helper()
		if got := fmt.Sprint(p.Waits()); got != want {
			t.Errorf("waits for %s, want %s", got, want)
		}
	}
	waits("[p2, p3 to report for p1#1]")
	play(t, p, env, []step{
		{"p2", Late{id, "p3", apps.Transfer{Money: 4}}, "", ""},
		{"p2", part("p2", 1), "", ""}, // one sent on, one missing by this part: the sum is zero
		{"p2", Report{ID{2, "p1"}, Part{Node: "p3"}}, "", ""},
		{"p2", Late{ID{2, "p1"}, "p3", apps.Transfer{Money: 4}}, "", ""},
		{"p2", part("p2", 1), "", ""}, // a copy, which a network may make that is not the paper's
		{"p3", part("p3", 2), "", ""},
		{"p2", Late{id, "p3", apps.Transfer{Money: 5}}, "", ""},
	})
	waits("[the late messages of p1#1, of which 1 are missing]")
	p.Handle(env, "p3", Late{id, "p2", apps.Transfer{Money: 6}})
	waits("[]")
	const want = "recorded for p1#1 from p3 to p2: Transfer{4}, Transfer{5}; recorded for p1#1 from p2 to p3: Transfer{6}; " +
		"complete: snapshot p1#1\n  p1  100 money, 3 transfers to make\n  p2  no money\n  p3  no money\n  p3>p2  Transfer{4}, Transfer{5}\n  p2>p3  Transfer{6}"
	s := env.Facts[len(env.Facts)-1].(Complete).Snapshot
	if got := facts(env); got != want {
		t.Errorf("noted %q, want %q", got, want)
	}
	if s.Amount() != 115 || s.InFlight() != 3 || s.Terminated() {
		t.Errorf("amount %d, %d in flight, terminated %v", s.Amount(), s.InFlight(), s.Terminated())
	}
	play(t, p, env, []step{{"p3", Late{id, "p2", apps.Transfer{Money: 6}}, "", ""}, {"p3", part("p3", 0), "", ""}}) // it is over
}

// By history, a snapshot is complete with the last part, and its channels are what was sent less what was received. Fails if it waits for anything
// else, or mixes channels up.
func TestSubtraction(t *testing.T) {
	p, env := begun(t, ByHistory)
	one, two, six := apps.Transfer{Money: 1}, apps.Transfer{Money: 2}, apps.Transfer{Money: 6}
	h2 := History{[][]sim.Message{{one, two}, nil, {six}}, [][]uint32{nil, nil, {3, 1}}}
	h3 := History{[][]sim.Message{nil, {two, one, six}, nil}, [][]uint32{nil, {1}, nil}}
	p.Handle(env, "p2", Report{ID{1, "p1"}, Part{Node: "p2", Text: "no money", History: h2}})
	if got := facts(env); got != "" {
		t.Errorf("noted %q before all have reported", got)
	}
	p.Handle(env, "p3", Report{ID{1, "p1"}, Part{Node: "p3", Text: "no money", History: h3}})
	const want = "recorded for p1#1 from p2 to p1: Transfer{1}, Transfer{2}; recorded for p1#1 from p3 to p2: Transfer{1}; " +
		"complete: snapshot p1#1\n  p1  100 money, 3 transfers to make\n  p2  no money\n  p3  no money\n  p2>p1  Transfer{1}, Transfer{2}\n  p3>p2  Transfer{1}"
	if got := facts(env); got != want {
		t.Errorf("noted %q, want %q", got, want)
	}
}

// The difference against one that is looked for message by message. Fails if they differ, in any order of what was received.
func TestLess(t *testing.T) {
	sent := []sim.Message{letter{"1"}, letter{"2"}, letter{"3"}, letter{"4"}}
	for set := range 1 << len(sent) {
		var received []uint32
		want := ""
		for i := range sent {
			if set>>i&1 == 1 {
				received = append(received, uint32(i+1))
			} else {
				want += fmt.Sprint(sent[i])
			}
		}
		for range 2 {
			got := ""
			for _, m := range less(sent, received) {
				got += fmt.Sprint(m)
			}
			if got != want {
				t.Errorf("without %v: %s, want %s", received, got, want)
			}
			slices.Reverse(received)
		}
	}
	if left := less(sent[:1], []uint32{9}); len(left) != 1 {
		t.Errorf("a number that cannot be takes %v away", left)
	}
}

// A process alone has its snapshot at once. Fails if it waits for others.
func TestAlone(t *testing.T) {
	env := fake.New("p1")
	p := Wrap(echo{}, Place{All: []sim.NodeID{"p1"}, Initiators: []sim.NodeID{"p1"}, Snapshots: 2, Every: 5})
	p.Start(env)
	p.Handle(env, "p1", begin{ID{1, "p1"}})
	p.Handle(env, "p1", env.Take()[0].Message)
	if got := facts(env); got != "began p1#1; recorded for p1#1: {}; complete: snapshot p1#1\n  p1  {}" {
		t.Error(got)
	}
	if last := env.Timers[len(env.Timers)-1]; fmt.Sprint(last.Message) != "begin p1#2" || last.After != 5 {
		t.Errorf("the next is %v", last)
	}
}
