package paxos_test

import (
	"fmt"
	"testing"

	"simrun/protocols/paxos"
	"simrun/sim"
	"simrun/sim/fault"
)

// Paxos is built for messages that are lost, late or there twice, whoever makes them so. Fails if a liar who alters nothing is taken for more than that: if a
// proposer's value counts as proposed by nobody, or an acceptor's late answer as one that it must not give.
func TestLiarsWhoAlterNothing(t *testing.T) {
	s := paxos.Scenario()
	betrayals := uint64(0)
	for seed := range uint64(60) {
		for _, mode := range []string{"drop", "repeat", "delay"} {
			p, err := fault.Parse(fmt.Sprintf("always betray p1 %s 30%%\nalways betray a1 %s 30%%\nalways law newest-first\n", mode, mode))
			if err != nil {
				t.Fatal(err)
			}
			w, err := s.World(sim.Config{Seed: seed, Plan: &p})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if betrayals += v.Faults[fault.Betrayals]; v.Outcome != sim.OK {
				t.Fatalf("seed %d, %s: %v %s: %s", seed, mode, v.Outcome, v.Property, v.Why)
			}
		}
	}
	if betrayals < 500 {
		t.Errorf("only %d betrayals", betrayals)
	}
}
