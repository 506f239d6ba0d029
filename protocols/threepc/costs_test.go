package threepc

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
)

// The costs are what the formulas say, for 1 to 16 participants and every number of yes votes, with and without the last
// acknowledgements. Fails if a message or a record is sent or written that the formulas do not know, or one is missing.
func TestCosts(t *testing.T) {
	s := Scenario()
	for n := 1; n <= 16; n++ {
		for yes := n; yes >= 0; yes-- {
			votes := strings.Repeat("y", yes) + strings.Repeat("n", n-yes)
			for _, acks := range []bool{true, false} {
				o, err := s.ParseOptions([]string{"costs=true", "transactions=2", fmt.Sprintf("participants=%d", n), "votes=" + votes, fmt.Sprintf("acks=%v", acks)})
				if err != nil {
					t.Fatal(err)
				}
				w, err := s.World(sim.Config{Seed: uint64(n), Options: o})
				if err != nil {
					t.Fatal(err)
				}
				v := w.Run(0)
				if v.Outcome != sim.OK || judged(&v, "costs") != 2 {
					t.Errorf("%s acks %v: %v %s: %s\n%v", votes, acks, v.Outcome, v.Property, v.Why, v.Accounts)
				}
			}
		}
	}
}

// judged returns how often a property has judged.
func judged(v *sim.Verdict, property string) uint64 {
	for _, c := range v.Checks {
		if c.Property == property {
			return c.Checks
		}
	}
	return 0
}

// A chatty participant says PreAck twice.
type chatty struct{ *Participant }

func (p chatty) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	p.Participant.Handle(env, from, m)
	if _, ok := m.(PreCommit); ok {
		p.Participant.Handle(env, from, m)
	}
}

// Fails if a message too many passes for what the formula says.
func TestCostsComplain(t *testing.T) {
	s := scenario(cast{participant: func(p *Participant) sim.Node { return chatty{p} }})
	o, err := s.ParseOptions([]string{"costs=true", "votes=yyy", "transactions=1"})
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Options: o})
	if err != nil {
		t.Fatal(err)
	}
	if v := w.Run(0); v.Property != "costs" || !strings.Contains(v.Why, "21 messages instead of 18") {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
}
