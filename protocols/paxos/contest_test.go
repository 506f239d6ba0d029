package paxos

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"simrun/protocols/internal/fake"
	"simrun/sim"
	"simrun/sim/disk"
)

// A bout is a contest of p2 among three acceptors, with its world.
type bout struct {
	*Contest
	env *fake.Env
}

func newBout(t *testing.T) bout {
	t.Helper()
	c := NewContest(2, []sim.NodeID{"a1", "a2", "a3"})
	b := bout{&c, fake.New("p2")}
	if err := c.Start(b.env); err != nil || c.Life() != 1 {
		t.Fatal(err, c.Life())
	}
	return b
}

// hears makes the contest handle messages from one node, and says what it does: what it sends to a1, timers, facts, and what was chosen.
func (b bout) hears(from sim.NodeID, messages ...sim.Message) string {
	var say []string
	for _, m := range messages {
		if c, ok := b.Handle(b.env, from, m); ok {
			say = append(say, "= "+c.String())
		}
	}
	return strings.Join(append(b.did(), say...), "; ")
}

func (b bout) did() (say []string) {
	for _, s := range b.env.Take() {
		if s.To == "a1" {
			say = append(say, fmt.Sprint(s.Message))
		}
	}
	for _, x := range b.env.Timers {
		say = append(say, fmt.Sprintf("%v in %v", x.Message, x.After))
	}
	for _, f := range b.env.Facts {
		say = append(say, fmt.Sprint(f))
	}
	b.env.Timers, b.env.Facts = nil, nil
	return say
}

func (b bout) enters(slot Slot, v Value) string {
	b.Enter(b.env, slot, v)
	return strings.Join(b.did(), "; ")
}

// Fails if a contest does not go through its phases, counts an answer twice or one that is not for it, or says more than once what was chosen.
func TestContestChooses(t *testing.T) {
	b := newBout(t)
	mine, other := Ballot{1, 2, 1}, Ballot{1, 1, 1}
	for i, x := range []struct{ got, want string }{
		{b.enters(7, "B"), "Prepare{slot 7, 1.2}; late{slot 7, 1.2} in 40ms"},
		{b.hears("a1", Promise{Slot: 7, Ballot: mine}, Promise{Slot: 7, Ballot: mine}), ""},
		{b.hears("x", Promise{Slot: 7, Ballot: mine}), ""},
		{b.hears("a2", Promise{Slot: 6, Ballot: mine}, Promise{Slot: 7, Ballot: other}), ""},
		{b.hears("a3", Promise{Slot: 7, Ballot: mine, Accepted: other, Value: "A"}), "Accept{slot 7, 1.2 A}; slot 7, 1.2 adopted A of 1.1"},
		{b.hears("a1", Accepted{Slot: 7, Ballot: mine, Value: "A"}, Accepted{Slot: 7, Ballot: mine, Value: "A"}), ""},
		{b.hears("x", Accepted{Slot: 7, Ballot: mine, Value: "A"}), ""},
		{b.hears("a2", Accepted{Slot: 7, Ballot: mine, Value: "A"}), "= Chosen{slot 7, 1.2 A}"},
		{b.hears("a3", Accepted{Slot: 7, Ballot: mine, Value: "A"}), ""},
		{b.hears("p2", late{7, mine}, again{7, 1}), ""},
	} {
		if x.got != x.want {
			t.Errorf("step %d: %q, want %q", i, x.got, x.want)
		}
	}
}

// Fails if a ballot that fails is not followed by a higher one after a rest that grows, if a timer of an old ballot or slot has an effect, or if a
// contest that was left goes on.
func TestContestTriesAgain(t *testing.T) {
	b := newBout(t)
	b.env.Picks = map[string]int{"rest": 1}
	first, high := Ballot{1, 2, 1}, Ballot{5, 1, 1}
	for i, x := range []struct{ got, want string }{
		{b.enters(3, "B"), "Prepare{slot 3, 1.2}; late{slot 3, 1.2} in 40ms"},
		{b.hears("p2", late{2, first}, late{3, high}), ""},
		{b.hears("a1", Refused{2, first, high}, Refused{3, high, high}), ""},
		{b.hears("a1", Refused{3, first, high}), "again{slot 3, ballot 2} in 8ms; slot 3, 1.2 preempted by 5.1"},
		{b.hears("p2", late{3, first}, again{2, 1}, again{3, 0}), ""},
		{b.hears("p2", again{3, 1}), "Prepare{slot 3, 6.2}; late{slot 3, 6.2} in 80ms"},
		{b.hears("p2", late{3, Ballot{6, 2, 1}}), "again{slot 3, ballot 3} in 12ms"},
		{func() string { b.Leave(); return b.hears("p2", again{3, 2}) }(), ""},
		{b.enters(3, "C"), "Prepare{slot 3, 7.2}; late{slot 3, 7.2} in 160ms"},
		{b.enters(4, "C"), "Prepare{slot 4, 1.2}; late{slot 4, 1.2} in 40ms"},
	} {
		if x.got != x.want {
			t.Errorf("step %d: %q, want %q", i, x.got, x.want)
		}
	}
	if slot, ok := b.Entered(); slot != 4 || !ok {
		t.Errorf("entered %d %v", slot, ok)
	}
	b.Leave()
	if _, ok := b.Entered(); ok || b.Attempt().Open() {
		t.Error("a contest that was left is under way")
	}
}

// Fails if an answer to no ballot, which only a damaged message can be, has an effect on a contest that has none under way.
func TestContestHasNoBallot(t *testing.T) {
	b := newBout(t)
	if got := b.hears("a1", Refused{0, Ballot{}, b21}, late{}); got != "" {
		t.Errorf("before it begins: %s", got)
	}
	b.enters(0, "B")
	b.hears("p2", late{0, b12})
	if got := b.hears("a1", Refused{0, Ballot{}, b21}, late{}); got != "" {
		t.Errorf("while it rests: %s", got)
	}
}

// Fails if two lives share ballots, or a contest whose disk fails says nothing.
func TestContestLives(t *testing.T) {
	b := newBout(t)
	next := NewContest(2, nil)
	if err := next.Start(b.env); err != nil || next.Life() != 2 {
		t.Errorf("life %d: %v", next.Life(), err)
	}
	env := fake.New("p2")
	env.Store = broken{env.Store}
	c := NewContest(2, nil)
	if err := c.Start(env); err == nil || len(env.Facts) != 1 {
		t.Errorf("%v, facts %v", err, env.Facts)
	}
}

// Fails if it is not said what a contest waits for, and for whom.
func TestContestWaits(t *testing.T) {
	b := newBout(t)
	say := func() string {
		w := b.Wait("p2")
		return fmt.Sprint(w.Node, " ", w.State, " ", w.For)
	}
	steps := []string{say()}
	b.Enter(b.env, 3, "B")
	mine := Ballot{1, 2, 1}
	b.hears("a2", Promise{Slot: 3, Ballot: mine})
	steps = append(steps, say())
	b.hears("a1", Promise{Slot: 3, Ballot: mine})
	b.hears("a1", Accepted{Slot: 3, Ballot: mine, Value: "B"})
	steps = append(steps, say())
	b.hears("p2", late{3, mine})
	steps = append(steps, say())
	want := []string{"p2 has nothing to propose []", "p2 has asked for promises in ballot 1.2 of slot 3 [a1 a3]", "p2 has proposed B in ballot 1.2 of slot 3 [a2 a3]",
		"p2 has not begun its ballot number 2 of slot 3 []"}
	if strings.Join(steps, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q, want\n%q", steps, want)
	}
}

// Fails if timers that say different things have the same content.
func TestContestTimers(t *testing.T) {
	seen := map[string]string{}
	for _, m := range []interface{ AppendHash([]byte) []byte }{again{1, 2}, again{2, 1}, again{1, 1}, late{1, Ballot{1, 2, 1}}, late{2, Ballot{1, 2, 1}}, late{1, Ballot{2, 1, 1}}} {
		key := fmt.Sprintf("%T%x", m, m.AppendHash(nil))
		if seen[key] != "" || fmt.Sprint(m) == "" {
			t.Errorf("%v and %s are told alike", m, seen[key])
		}
		seen[key] = fmt.Sprint(m)
	}
}

// A broken disk fails at every sync.
type broken struct{ disk.FS }

func (broken) Sync(string) error { return errors.New("broken") }
