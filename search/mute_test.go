package search

import (
	"errors"
	"reflect"
	"slices"
	"testing"

	"simrun/protocols/multipaxos"
	"simrun/sim"
)

// Fails if runs in which nobody complains differ when the properties are dumb: in their events, in when they end, in what was reached or in the figures.
func TestMutedRunsAreTheSame(t *testing.T) {
	s := multipaxos.Scenario()
	names, err := Properties(s, sim.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(names, "progress") || names[len(names)-1] != "time-passes" {
		t.Fatalf("the properties are %v", names)
	}
	for seed := range uint64(5) {
		want, _, err := inWorld(s, sim.Config{Seed: seed})
		if err != nil || want.Outcome != sim.OK {
			t.Fatalf("%v: %v", err, want.Outcome)
		}
		got, _, err := inWorld(mutedIn(s, names), sim.Config{Seed: seed})
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("seed %d: %v: got %+v, want %+v", seed, err, got, want)
		}
	}
}

// Fails if a dumb property is asked on after its first error, is heard at the end, or hides what the property says of itself; and if a liar's message counts as an error.
func TestMute(t *testing.T) {
	p := &talker{}
	m := dumb(p)
	for _, e := range []*sim.Event{{Reason: "byzantine"}, {}, {}} {
		if err := m.Observe(e); err != nil {
			t.Error(err)
		}
	}
	if p.seen != 2 {
		t.Errorf("it saw %d events, and complained of the second", p.seen)
	}
	if r, err := m.End(nil); r != sim.Holds || err != nil || p.ended {
		t.Errorf("at the end: %v, %v, asked %v", r, err, p.ended)
	}
	if r, err := dumb(p).End(nil); r != sim.Holds || err != nil || !p.ended {
		t.Errorf("at the end, without a complaint before: %v, %v, asked %v", r, err, p.ended)
	}
	x := m.(*mute)
	if _, ender := m.(interface{ Finished() bool }); ender || !x.Inner() || !x.Rumours() || !slices.Equal(x.Watches(), []sim.Kind{sim.Noted}) || x.Account() != "an account" || !slices.Equal(x.Reached(), []string{"Here"}) {
		t.Errorf("what it says of itself is not what the property says: %v %v %v %q %v", x.Inner(), x.Rumours(), x.Watches(), x.Account(), x.Reached())
	}
	n := uint64(0)
	x.Tally(func(string, uint64) { n++ })
	plain := dumb(&inSequence{}).(*mute)
	plain.Tally(nil)
	if n != 1 || plain.Inner() || plain.Rumours() || plain.Reached() != nil || plain.Account() != "" {
		t.Error("one that says little is said to say more, or the other way round")
	}
	if f, ok := dumb(&ender{}).(interface{ Finished() bool }); !ok || !f.Finished() {
		t.Error("one that can end a run cannot any more")
	}
}

// A talker complains of everything, and says all that a property can say of itself.
type talker struct {
	seen  int
	ended bool
}

func (*talker) Name() string               { return "talker" }
func (p *talker) Observe(*sim.Event) error { p.seen++; return errors.New("no") }
func (p *talker) End(*sim.World) (sim.Result, error) {
	p.ended = true
	return sim.Open, errors.New("it waits")
}
func (*talker) Checks() uint64                 { return 1 }
func (*talker) Inner() bool                    { return true }
func (*talker) Rumours() bool                  { return true }
func (*talker) Watches() []sim.Kind            { return []sim.Kind{sim.Noted} }
func (*talker) Reached() []string              { return []string{"Here"} }
func (*talker) Tally(add func(string, uint64)) { add("words", 3) }
func (*talker) Account() string                { return "an account" }

// An ender has seen enough.
type ender struct{ inSequence }

func (*ender) Finished() bool { return true }
