package main

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/election"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/multicast"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
	"simrun/sim/fault"
)

// A keeper is a scenario, with settings, whose nodes keep something on their disks.
type keeper struct {
	*sim.Scenario
	settings string
}

func keepers() []keeper {
	return []keeper{
		{paxos.Scenario(), ""}, {paxoskv.Scenario(), ""}, {e3pc.Scenario(), ""}, {threepc.Scenario(), ""},
		{twopc.Scenario(), ""}, {twopc.Scenario(), "recovery=true variant=mixed"}, {twopc.Scenario(), "script=true variant=basic"}, {twopc.Scenario(), "variant=presumed-commit"},
		{twopc.Bank(), ""}, {twopc.Bank(), "recovery=true coordinators=2"},
		{independent.Scenario(), ""}, {independent.Scenario(), "logging=pessimistic"}, {independent.Scenario(), "logging=optimistic"},
		{chandylamport.Scenario(), "restore=true"}, {kootoueg.Scenario(), ""}, {election.Scenario(), ""}, {multicast.Scenario(), ""},
	}
}

// A silence is a property: who has noted that its disk cannot be trusted says nothing more in that life, to nobody.
type silence struct {
	why    map[sim.NodeID]any
	checks uint64
}

func (s *silence) Name() string                       { return "silence" }
func (s *silence) Checks() uint64                     { return s.checks }
func (s *silence) Finished() bool                     { return true }
func (s *silence) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (s *silence) Watches() []sim.Kind                { return []sim.Kind{sim.Started, sim.Sent, sim.Noted} }
func (s *silence) Observe(e *sim.Event) error {
	if e.Kind == sim.Started {
		delete(s.why, e.Node)
		return nil
	}
	if why := s.why[e.Node]; why != nil {
		return fmt.Errorf("%s said %v after %v", e.Node, e.Data, why)
	}
	if e.Kind == sim.Noted && reflect.TypeOf(e.Data).Name() == "Halted" {
		s.why[e.Node] = e.Data
		s.checks++
	}
	return nil
}

// failing draws operations of disks that fail, beyond every budget, and disks that fill up.
func failing(seed uint64, nodes []sim.NodeID) string {
	r := rand.New(rand.NewPCG(seed, 5))
	operations := []string{"sync", "sync", "append", "append", "read", "syncdir", "truncate", "size"}
	var b strings.Builder
	b.WriteString("always beyond\n")
	for _, n := range nodes {
		for range r.IntN(3) {
			op := operations[r.IntN(len(operations))]
			if r.IntN(2) == 0 {
				fmt.Fprintf(&b, "fail %s %s#%d\n", n, op, 1+r.IntN(30))
			} else {
				fmt.Fprintf(&b, "always fail %s %s %d%%\n", n, op, 1+r.IntN(20))
			}
		}
		if r.IntN(5) == 0 {
			fmt.Fprintf(&b, "always capacity %s %d\n", n, 32<<r.IntN(9))
		}
		for range r.IntN(3) {
			fmt.Fprintf(&b, "%dus %s %s\n", 1000+r.IntN(900_000), []string{"rot", "latent"}[r.IntN(2)], n)
		}
	}
	return b.String()
}

// Whatever fails of a disk, its node falls silent, and nobody is told anything wrong: to stall is right where nobody can take its place. Fails if a
// node goes on after an error of its disk, panics, or a judge takes one that has fallen silent for one that works.
func TestWhoseDiskFailsFallsSilent(t *testing.T) {
	runs := uint64(200)
	if testing.Short() {
		runs = 20
	}
	for _, k := range keepers() {
		s := *k.Scenario
		s.Properties = func(o sim.Options) []sim.Property {
			return append(k.Scenario.Properties(o), &silence{why: make(map[sim.NodeID]any)})
		}
		o, err := s.ParseOptions(strings.Fields(k.settings))
		if err != nil {
			t.Fatal(err)
		}
		silent := uint64(0)
		for seed := range runs {
			drawn, err := s.World(sim.Config{Seed: seed, Options: o})
			if err != nil {
				t.Fatal(err)
			}
			drawn.Close()
			p, err := fault.Parse(drawn.Plan().String() + failing(seed, drawn.Nodes()))
			if err != nil {
				t.Fatal(err)
			}
			v := run(t, &s, sim.Config{Seed: seed, Options: o, Plan: &p}).Verdict()
			for _, c := range v.Checks {
				if c.Outcome != sim.OK {
					t.Errorf("%s %s, seed %d: %v %s: %s", s.Name, k.settings, seed, c.Outcome, c.Property, c.Why)
				}
				if c.Property == "silence" {
					silent += c.Checks
				}
			}
		}
		if silent < runs/4 {
			t.Errorf("%s %s: %d nodes have fallen silent in %d runs", s.Name, k.settings, silent, runs)
		}
	}
}
