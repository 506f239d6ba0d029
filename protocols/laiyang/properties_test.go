package laiyang

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/protocols/apps"
	"simrun/protocols/internal/trial"
	"simrun/sim"
)

// Fails if a run would end before its last snapshot, or before one has shown that nothing is left to do; or if it would not end then.
func TestEndingIsFinished(t *testing.T) {
	w := func() *ending { return newEnding(apps.New("ring", apps.NewTopology("ring", 2, 0), 1), 2) }
	busy, idle := Complete{Snapshot{Parts: []Part{{}}}}, Complete{Snapshot{Parts: []Part{{Passive: true}}}}
	for _, c := range []struct {
		facts []any
		want  bool
	}{
		{[]any{idle}, false},
		{[]any{busy, busy}, false},
		{[]any{busy, idle}, true},
		{[]any{idle, idle}, true},
	} {
		x := w()
		for _, f := range c.facts {
			if err := x.Observe(&sim.Event{Kind: sim.Noted, Data: f}); err != nil {
				t.Error(err)
			}
		}
		if x.Finished() != c.want {
			t.Errorf("%v: finished %v", c.facts, x.Finished())
		}
	}
}

// What keeps a run from a good end is said. Fails if a run passes in which somebody works, a message is under way, the answer is wrong or a snapshot is not
// complete.
func TestEndingSaysWhy(t *testing.T) {
	for _, c := range []struct {
		set, late string
		until     time.Duration
		want      string
	}{
		{"snapshots=0", "", 0, "ok "},
		{"snapshots=0", "", 500 * time.Microsecond, "stalled p1 has not finished: the token, 2 steps left"},
		{"snapshots=0", "", 1500 * time.Microsecond, "stalled 1 messages are under way"},
		{"initiators=1 snapshots=3 every=100ms", "", 150 * time.Millisecond, "stalled 2 of 3 snapshots are complete, 2 were begun"},
		{"initiators=1 snapshots=1 first=50ms", "", 50500 * time.Microsecond, "stalled 0 of 1 snapshots are complete, 1 were begun. p1 has begun p1#1 and waits for p2, which is up and says nothing"},
		{"initiators=1 snapshots=1 mistake=untold", "", 0, "stalled 0 of 1 snapshots are complete, 1 were begun. p1 has begun p1#1 and waits for p2, which is up and says nothing"},
		{"snapshots=0", "lose p1>p2 Token#1", 0, "violated all states together amount to 0, which must be 1"},
	} {
		o := settings(t, append(strings.Fields(c.set), "app=ring", "topology=line", "nodes=2", "work=1")...)
		v := world(t, sim.Config{Seed: 1, Options: o, Plan: trial.Plan(t, steady+"; "+c.late), For: c.until}).Run(0)
		if got := fmt.Sprintf("%v %s", v.Outcome, v.Why); got != c.want {
			t.Errorf("%s %s until %v: %s, want %s", c.set, c.late, c.until, got, c.want)
		}
	}
}

// What is printed says which snapshot, from whom and what. Fails if a word is missing by which a reader tells two apart.
func TestWords(t *testing.T) {
	id := ID{2, "p1"}
	for want, x := range map[string]any{
		"Transfer{7}":                  app(1, 7, 0, 0),
		"Transfer{7} of 1/0":           app(1, 7, 1, 0),
		"Take{p1#2}":                   Take{id},
		"Report{p1#2: no token}":       Report{id, Part{Text: "no token"}},
		"Late{p1#2, from p3 Token{4}}": Late{id, "p3", apps.Token{Steps: 4}},
		"late for p1#2 from p3: hello": CameLate{id, "p3", letter{"hello"}},
		"hello":                        timer{letter{"hello"}},
		"begin p1#2":                   begin{id},
		"turned passive":               Turned{true},
		"turned active":                Turned{false},
		"began p1#2":                   Began{id},
		"recorded for p1#2: no token":  Recorded{id, Part{Text: "no token"}, false},
		"history":                      ByHistory,
		"counting":                     ByCounting,
		"3":                            Colour{3},
	} {
		if got := fmt.Sprint(x); got != want {
			t.Errorf("%T prints %q, want %q", x, got, want)
		}
	}
}
