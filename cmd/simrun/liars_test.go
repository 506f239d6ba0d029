package main

import (
	"strings"
	"testing"

	"simrun/protocols/chandylamport"
	"simrun/protocols/e3pc"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/paxos"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/sim"
	"simrun/sim/fault"
)

// A node that changes what it says is enough for a wrong answer, or a state that should not be, where nobody is built for it. Fails if the messages of
// a protocol cannot be altered, or not so that it matters.
func TestLiesMatter(t *testing.T) {
	for _, c := range []struct {
		s                        *sim.Scenario
		settings, liar, property string
	}{
		{paxos.Scenario(), "", "p1", "validity"},
		{twopc.Scenario(), "", "c", "ac1-agreement"},
		{twopc.Scenario(), "", "p1", "ac3-validity"},
		{twopc.Bank(), "", "s1", "conserved"},
		{threepc.Scenario(), "", "p1", "ac3-validity"},
		{e3pc.Scenario(), "", "p1", "ac3-validity"},
		{chandylamport.Scenario(), "", "p1", "conservation"},
		{laiyang.Scenario(), "", "p1", "conserved-cut"},
		{kootoueg.Scenario(), "", "p1", "ending"},
	} {
		o, err := c.s.ParseOptions(strings.Fields(c.settings))
		if err != nil {
			t.Fatal(err)
		}
		p, err := fault.Parse("always betray " + c.liar + " alter 30%\n")
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for seed := uint64(0); seed < 100 && !found; seed++ {
			v := run(t, c.s, sim.Config{Seed: seed, Options: o, Plan: &p, Only: c.property}).Verdict()
			found = v.Outcome == sim.Violated && v.Property == c.property
			if v.Property == "panic" {
				t.Errorf("%s, seed %d: %s", c.s.Name, seed, v.Why)
			}
		}
		if !found {
			t.Errorf("%s: %s is not violated by the lies of %s in 100 seeds", c.s.Name, c.property, c.liar)
		}
	}
}
