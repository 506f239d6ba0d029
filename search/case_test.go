package search_test

import (
	"strings"
	"testing"

	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/twopc"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
)

// Fails if a run that is spelt out is another run: if a pick or a fault is lost on the way, or the profile is asked again.
func TestExplicitMakesTheSameRun(t *testing.T) {
	for _, s := range []*sim.Scenario{paxos.Scenario(), paxoskv.Scenario(), twopc.Scenario(), twopc.Bank()} {
		for seed := range uint64(8) {
			c, v, err := search.Explicit(s, sim.Config{Seed: seed})
			if err != nil {
				t.Fatal(err)
			}
			if c.Config.Plan == nil || c.Config.Driver != nil || len(c.Tape) == 0 {
				t.Fatalf("%s, seed %d: this is not explicit: %+v", s.Name, seed, c.Config)
			}
			c.Config.Seed = 999 // decides nothing any more
			w, err := c.World()
			if err != nil {
				t.Fatal(err)
			}
			if got := w.Run(0); got.Hash != v.Hash || got.Events != v.Events {
				t.Errorf("%s, seed %d: %d events with the hash %x became %d with %x", s.Name, seed, v.Events, v.Hash, got.Events, got.Hash)
			}
		}
	}
}

// A case that was written down needs no seed and makes its run again, from the file and from the token. Fails if the tape is not all there.
func TestCasesAreWrittenDown(t *testing.T) {
	s := paxos.Scenario()
	c, v, err := search.Explicit(s, sim.Config{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	file := c.File(v)
	if file.Expect != seedfile.Expected(v) || !strings.Contains(file.String(), "seed     none\n") {
		t.Errorf("the file is\n%s", file)
	}
	byText, err := seedfile.Parse(file.String())
	if err != nil {
		t.Fatal(err)
	}
	byToken, err := seedfile.ParseToken(file.Token())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []seedfile.File{byText, byToken} {
		cfg, err := f.Config(s)
		if err != nil {
			t.Fatal(err)
		}
		again, got, err := search.Explicit(s, cfg)
		if err != nil || got.Hash != v.Hash || len(again.Tape) != len(c.Tape) {
			t.Errorf("made again it is %x with %d picks, and was %x with %d: %v", got.Hash, len(again.Tape), v.Hash, len(c.Tape), err)
		}
	}
}

// Fails if a configuration that makes no world, or a run that something else decides, passes for a case.
func TestExplicitRefuses(t *testing.T) {
	if _, _, err := search.Explicit(paxos.Scenario(), sim.Config{Faults: "no such profile"}); err == nil {
		t.Error("a profile that does not exist")
	}
	n := 0
	random := &sim.Scenario{Name: "random", Run: 1, Build: func(w *sim.World, _ sim.Options) {
		n++
		for i := range n {
			w.Add(sim.NodeID("n"+string(rune('a'+i))), func() sim.Node { return idle{} })
		}
	}}
	if _, _, err := search.Explicit(random, sim.Config{Driver: chance.Benign{}}); err == nil || !strings.Contains(err.Error(), "not the same") {
		t.Errorf("a run that is another each time: %v", err)
	}
}

type idle struct{}

func (idle) Start(sim.Env)                           {}
func (idle) Handle(sim.Env, sim.NodeID, sim.Message) {}
