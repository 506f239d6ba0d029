package course

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/protocols/internal/fake"
	"simrun/sim"
)

// Fails if tokens leave later than at the send, if a send of too much is done, or if it ends the node.
func TestHolder(t *testing.T) {
	env := fake.New("N1")
	sends := []Step{{Send, "N1", "N2", 3, 1}, {Send, "N1", "N2", 3, 2}}
	h := &holder{5, &part{sends: sends, at: []time.Duration{1, 2}, end: 9}}
	h.Start(env)
	if want := []fake.Timer{{After: 1, Message: sends[0]}, {After: 2, Message: sends[1]}, {After: 9, Message: ending{}}}; !slices.Equal(env.Timers, want) {
		t.Errorf("timers %v, want %v", env.Timers, want)
	}
	h.Handle(env, "N1", sends[0])
	if got := fmt.Sprint(env.Take()); got != "[{N2 token(3)}]" || h.Amount() != 2 {
		t.Errorf("sent %s and has %d", got, h.Amount())
	}
	h.Handle(env, "N1", sends[1])
	if len(env.Take()) > 0 || h.Amount() != 2 || !slices.Equal(env.Facts, []any{Refused{sends[1], 2}}) {
		t.Errorf("after a send of too much it has %d and noted %v", h.Amount(), env.Facts)
	}
	h.Handle(env, "N3", Token{4})
	h.Handle(env, "N1", sends[1])
	if got := fmt.Sprint(env.Take()); got != "[{N2 token(3)}]" || h.String() != "3 tokens" {
		t.Errorf("sent %s and has %v", got, h)
	}
	h.Handle(env, "N1", ending{})
	if env.Facts[len(env.Facts)-1] != (Played{}) {
		t.Errorf("at the end of the script it noted %v", env.Facts)
	}
}

// Steps between two ticks happen in the order of the file; a tick is a tick of the world; the first node sees the end.
func TestParts(t *testing.T) {
	c, err := Files{
		Topology: sim.File{Name: "t", Text: goodTop}, Script: sim.File{Name: "s", Text: "snapshot N2\nsend N1 N2 1\nsend N3 N1 1\ntick 3\nsnapshot N2\nsend N1 N3 1\ntick"},
	}.Parse()
	if err != nil {
		t.Fatal(err)
	}
	p := c.parts()
	three := 3 * sim.Tick
	if !slices.Equal(p[0].at, []time.Duration{2, three + 2}) || !slices.Equal(p[1].snapshots, []time.Duration{1, three + 1}) || !slices.Equal(p[2].at, []time.Duration{3}) {
		t.Errorf("the parts are %v", p)
	}
	if p[0].end != 4*sim.Tick+1 || p[1].end != 0 {
		t.Errorf("the script ends at %v and %v", p[0].end, p[1].end)
	}
	numbers := c.numbers()
	if len(numbers) != 2 || fmt.Sprint(numbers) != "map[N2#1:0 N2#2:1]" {
		t.Errorf("snapshots are numbered %v", numbers)
	}
}

// Every message, timer and fact of the package prints, and hashes what it says.
func TestContents(t *testing.T) {
	step := Step{Send, "N1", "N2", 3, 7}
	seen := map[string]bool{}
	for text, x := range map[string]interface {
		AppendHash([]byte) []byte
		String() string
	}{
		"token(3)": Token{3}, "token(4)": Token{4}, "send N1 N2 3": step, "snapshot N1": Step{Verb: Snapshot, Node: "N1"},
		"N1 has 2 tokens: send N1 N2 3": Refused{step, 2}, "the script is over": Played{},
	} {
		if x.String() != text {
			t.Errorf("%#v prints as %s, want %s", x, x, text)
		}
		seen[fmt.Sprintf("%T %q", x, x.AppendHash(nil))] = true
	}
	if len(seen) != 6 {
		t.Errorf("6 things have the contents %v", seen)
	}
}

// Every mistake that can show in a case is caught: by the judges of global states, or by the snapshots that are
// expected. A case has no recovery, so the mistakes in that are not asked for.
func TestMistakes(t *testing.T) {
	names, bundles := cases(t)
	for mistake, judges := range map[string]string{
		"late-marker": "consistent-cut", "no-channels": "channel-states", "first-channel": "channel-states", "late-record": "consistent-cut",
		"second-marker": "channel-states", "no-ids": "snapshots",
	} {
		caught := map[string]int{}
		for i := range bundles {
			b := bundles[i]
			v, err := b.run(t, 1, "mistake="+mistake)
			if err != nil {
				t.Fatalf("%s: %v", names[i], err)
			}
			for _, x := range v.Checks {
				if x.Outcome != sim.OK {
					caught[x.Property]++
				}
			}
		}
		t.Logf("%s: %v of %d cases", mistake, caught, len(names))
		if caught[judges] == 0 {
			t.Errorf("%s: caught by %v, not by %s", mistake, caught, judges)
		}
	}
}

// Other options of the scenario mean nothing in a case, so they are refused.
func TestOtherOptions(t *testing.T) {
	_, bundles := cases(t)
	if _, err := bundles[0].run(t, 1, "links=reorder"); err == nil || !strings.Contains(err.Error(), "links=reorder does not go with a case") {
		t.Errorf("error %v", err)
	}
}

// Without a case the scenario is what it was.
func TestExtendLeavesTheScenario(t *testing.T) {
	s := scenario()
	w, err := s.World(sim.Config{Seed: 3, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Outcome != sim.OK || v.Sent == 0 || len(w.Nodes()) == 0 {
		t.Errorf("%v %s: %s after %d messages", v.Outcome, v.Property, v.Why, v.Sent)
	}
	for _, c := range v.Checks {
		if c.Property == "script" {
			t.Error("a run without a case is judged as one")
		}
	}
}
