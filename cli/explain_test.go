package cli

import (
	"errors"
	"strings"
	"testing"
	"time"

	"simrun/search"
	"simrun/sim"
	"simrun/sim/fault"
)

type word struct{}

func (word) AppendHash(b []byte) []byte { return b }

type teller struct{}

func (teller) Start(env sim.Env)                       { env.Send("b", word{}) }
func (teller) Handle(sim.Env, sim.NodeID, sim.Message) {}

type listener struct{}

func (listener) Start(sim.Env)                                   {}
func (listener) Handle(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(m) }

// onceOnly is violated when something is heard twice.
type onceOnly struct{ n int }

func (*onceOnly) Name() string                       { return "once" }
func (*onceOnly) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (p *onceOnly) Checks() uint64                   { return uint64(p.n) }
func (p *onceOnly) Observe(e *sim.Event) error {
	if e.Kind != sim.Noted {
		return nil
	}
	if p.n++; p.n > 1 {
		return errors.New("it was heard twice")
	}
	return nil
}

// heardTwice is a run that fails by its one fault; the other does nothing.
func heardTwice(t *testing.T) search.Case {
	t.Helper()
	s := &sim.Scenario{
		Name: "word", Run: 20 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("a", func() sim.Node { return teller{} })
			w.Add("b", func() sim.Node { return listener{} })
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&onceOnly{}} },
	}
	p, err := fault.Parse("repeat a>b word#1 3ms\n15ms crash a")
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	return search.Case{Scenario: s, Config: sim.Config{Options: o, Plan: &p}}
}

// It fails if what the run needs, what it does not need or its twin is told wrongly, or the events in which the two part are not shown.
func TestTellExplained(t *testing.T) {
	k := heardTwice(t)
	var out, stderr strings.Builder
	c := into(&out, &stderr)
	c.ctx = t.Context()
	e, err := c.explain(k, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.tellExplained(k, e); err != nil {
		t.Fatal(err)
	}
	c.out.Flush()
	got, again, _ := strings.Cut(out.String(), "    replay ")
	if strings.Count(again, "\n") != 1 || !strings.Contains(again, " replay s2-") { // else it cannot be pasted
		t.Errorf("the twin is replayed by %q", again)
	}
	want := `  without   - repeat a>b word#1 3ms: ok
  fails too   without 15ms crash a
  a twin      without repeat a>b word#1 3ms: ok; the two part at event 6
    here      #6 4.000ms recv a→b word
    there     #6 15.000ms crash a lost nothing
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	r := explainedRecordOf(e)
	if len(r.Without) != 2 || r.Twin == nil || r.Twin.At != [2]uint64{6, 6} || !strings.HasPrefix(r.Twin.Seed, "simseed v1\n") || !r.Without[0].Needed || r.Without[1].Needed {
		t.Errorf("%+v", r)
	}
	if text, err := eventAt(k, 0); err != nil || text != "the end of the run" {
		t.Errorf("%q, %v", text, err)
	}
	if text, err := eventAt(k, 7); err != nil || text != "#7 4.000ms note b word" {
		t.Errorf("the event that ends the run is %q, %v", text, err)
	}
}

// It fails if what a run does not need is left out, or faults and settings are mixed up.
func TestFailsToo(t *testing.T) {
	for want, idle := range map[string][2][]string{
		"": {}, "without 1ms crash a; the pick x = 1": {{"1ms crash a", "the pick x = 1"}}, "with the usual a=1, b=2": {nil, {"a=1", "b=2"}},
		"without 1ms crash a; and with the usual b=2": {{"1ms crash a"}, {"b=2"}},
	} {
		if got := failsToo(idle); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
