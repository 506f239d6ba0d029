package e3pc

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
)

// Fails if a site that waits does not say where it stands, what it lacks, and whom it waits for; or if one waits
// that has not voted, or knows the decision.
func TestWaits(t *testing.T) {
	own := Election{2, 2}
	for _, c := range []struct {
		rule  rule
		steps []sim.Message // from p3, after it has voted and leads
		want  string
	}{
		{e3pc, nil, "is in wait of T1 without a quorum (2 needed, heard p2 only), for [p1 p3]"},
		{e3pc, []sim.Message{Standing{Tx: 1, Election: own, State: wait}},
			"is in pre-abort of T1 without a quorum (2 needed, moved p2 only), for [p1 p3]"},
		{e3pc, []sim.Message{Elect{Tx: 1, Election: e2p3}}, "is in wait of T1 in election 2.p3, for [p3]"},
		{e3pc, []sim.Message{PreCommit{Tx: 1, Election: Election{9, 0}}}, "is in pre-commit of T1 in election 9.c, for [c]"},
		{skeen, []sim.Message{Elect{Tx: 1, Election: e2p3}, PreAbort{Tx: 1, Election: e2p3}, impatient{1, 4},
			Standing{Tx: 1, Election: Election{3, 2}, State: preCommitted, Attempt: first}},
			"is in pre-abort of T1 where neither side has a quorum (2 needed, heard p2, p3 only), for [p1]"},
	} {
		s, env := newSite("yyy")
		s.rule = c.rule
		if got := s.waits("p2"); len(got) > 0 {
			t.Errorf("%v before any vote", got)
		}
		say(env, s, "c", CanCommit{1})
		say(env, s, "p2", impatient{1, 1})
		for _, m := range c.steps {
			say(env, s, "p3", m)
		}
		got := ""
		for _, w := range s.waits("p2") {
			got += fmt.Sprintf("%s, for %v", w.State, w.For)
		}
		if got != c.want {
			t.Errorf("after %v: %q, want %q", c.steps, got, c.want)
		}
		if say(env, s, "c", DoAbort{Tx: 1}); len(s.waits("p2")) > 0 {
			t.Error("it waits for what it knows")
		}
	}
}

// Fails if a setting is taken that would be ignored.
func TestSettingsGoTogether(t *testing.T) {
	s := Scenario()
	for _, c := range []struct {
		settings string
		ok       bool
	}{
		{"votes=yyn", true},
		{"votes=yyyy", false},
		{"votes=yyn,nnn", true},
		{"votes=yyn,nnn,yyy", false},
		{"transactions=3 votes=yyn,nnn,yyy", true},
		{"votes=yyn no=50", false},
		{"transactions=25", false},
	} {
		if _, err := s.ParseOptions(strings.Fields(c.settings)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.settings, err)
		}
	}
}

// As many transactions as there can be, in runs long enough for all. Fails if some are undecided at the end, because the
// coordinator came to them too late.
func TestManyTransactions(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"transactions=24"})
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	for _, faults := range []string{"none", "crash", "swarm"} {
		for seed := range uint64(100) {
			w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: faults, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Outcome != sim.OK {
				t.Errorf("--faults %s, seed %d: %v %s: %s", faults, seed, v.Outcome, v.Property, v.Why)
			}
		}
	}
}
