package main

import (
	"slices"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// Every scenario with a liveness property is brought to a stall, by a plan that breaks more for good than it can bear, and must tell the chain of waits down to its last link: what is
// broken, and since when. Fails if a scenario is not in the table, does not stall, tells another link, or ends its chain at somebody that waits and is not told of.
func TestStallsTellTheLastLink(t *testing.T) {
	table := []struct{ scenario, plan, property, why string }{
		{"bank", "5ms crash c1 for good", "served", "k2 has asked for a transaction and waits for c1, which crashed at 5ms"},
		{"broadcast", "0ms cut p1 | p2,p3,p4 for good", "validity", "p2, p3 and p4 have not delivered p1#1 and wait for one another, and for p1, which is cut off from them"},
		{"chandy-lamport", "1ms crash p2 for good", "ending", "p1 has begun p1#1 and waits for p2, which crashed at 1ms"},
		{"election", "1ms crash a1 for good; 1ms crash a2 for good", "led", "c1 has asked for promises in ballot 14.1 of slot 1 and waits for a1 and a2, which crashed at 1ms"},
		{"independent", "10ms crash p1 for good", "right-answer", "p1 is down since 10ms"},
		{"koo-toueg", "10ms crash p1 for good", "ending", "p4 has asked for p1 C1.2 and waits for p1, which crashed at 10ms"},
		{"lai-yang", "1ms crash p2 for good", "ending", "p1 has begun p1#1 and waits for p2, which crashed at 1ms"},
		{"multicast", "1ms crash a1 for good; 1ms crash a2 for good", "delivery", "p2 has asked for promises in ballot 22.2 of slot 1 and waits for a1 and a2, which crashed at 1ms"},
		{"multipaxos", "100ms crash s1 for good; 100ms crash s2 for good", "progress",
			"c1, c2 and c3 have asked in vain and wait for s1 and s2, which crashed at 100ms, and for s3, which has asked for promises in 51.s3 and waits for s1 and s2, which crashed at 100ms"},
		{"paxos", "1ms crash a1 for good; 1ms crash a2 for good", "termination",
			"l1 has learnt nothing and waits for p2, which waits itself, and for p1, which has asked for promises in ballot 17.1 and waits for a1 and a2, which crashed at 1ms"},
		{"paxos-kv", "10ms crash s1 for good; 10ms crash s2 for good", "progress",
			"c1, c2 and c3 have asked in vain and wait for s1 and s2, which crashed at 10ms, and for s3, which has asked for promises in slot 1, ballot 47.3 and waits for s1 and s2, which crashed at 10ms"},
		{"2pc", "1ms crash c for good", "told", "k1 and k2 have asked for a transaction and wait for c, which crashed at 1ms"},
		{"3pc", "3ms crash p1; 3ms crash p2 for good; 3ms crash p3 for good; 3ms crash c for good; 60ms restart p1", "ac5-termination",
			"p1 has recovered, uncertain in T1 and waits for c, p2 and p3, which crashed at 3ms"},
		{"3pc-quorum", "3ms crash p1 for good; 3ms crash p2 for good; 3ms crash c for good", "ac5-termination",
			"p3 is in pre-commit of T1 without a quorum (2 needed, heard p3 only) and waits for p1 and p2, which crashed at 3ms"},
	}
	for _, s := range scenarios() {
		if !slices.ContainsFunc(table, func(c struct{ scenario, plan, property, why string }) bool { return c.scenario == s.Name }) {
			t.Errorf("%s: nobody looks whether it tells what a stall waits for", s.Name)
		}
	}
	for _, c := range table {
		v := stall(t, c.scenario, c.plan)
		if v.Outcome != sim.Stalled || v.Property != c.property || !strings.Contains(v.Why, c.why) {
			t.Errorf("%s: %v %s: %s\nwant %s", c.scenario, v.Outcome, v.Property, v.Why, c.why)
		}
		if tempered := slices.Contains([]string{"paxos", "paxos-kv", "multipaxos"}, c.scenario); tempered != strings.Contains(v.Why, "; no livelock, though ") {
			t.Errorf("%s: with too few left to decide it is no livelock, whatever is tried: %s", c.scenario, v.Why)
		}
		if strings.Contains(v.Why, " 1 times") {
			t.Errorf("%s: %s", c.scenario, v.Why)
		}
	}
}

// stall makes a run of a scenario by a plan.
func stall(t *testing.T, name, text string) *sim.Verdict {
	t.Helper()
	all := scenarios()
	i := slices.IndexFunc(all, func(s *sim.Scenario) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %s", name)
	}
	plan, err := fault.Parse(strings.ReplaceAll(text, "; ", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := all[i].World(sim.Config{Seed: 1, Plan: &plan})
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	return &v
}
