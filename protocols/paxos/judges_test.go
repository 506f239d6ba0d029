package paxos

import (
	"fmt"
	"testing"

	"simrun/sim"
)

// What a promise reports was accepted, even if nobody saw it accepted: a proposal must heed it, and it counts towards a choice.
func TestReportsCount(t *testing.T) {
	w := watch()
	w.see(sim.Sent, "a1", Promise{Ballot: b21, Accepted: b12, Value: "B"})
	w.see(sim.Sent, "a2", Promise{Ballot: b21, Accepted: b12, Value: "B"})
	if bad := w.see(sim.Noted, "l1", Learned{0, "B"}); bad != "" {
		t.Errorf("%s complains of a value that a quorum has reported", bad)
	}
	if bad := w.see(sim.Sent, "p1", Accept{0, b21, "A"}); bad != "safe-at" {
		t.Errorf("the report is ignored: complaints by %q", bad)
	}
}

// Integrity alone, as a hunt for it runs it, sees what the others would have entered.
func TestIntegrityAlone(t *testing.T) {
	l := &ledger{acceptors: []sim.NodeID{"a1", "a2", "a3"}, need: 2}
	w := &tape{properties: []sim.Property{l.integrity()}}
	w.see(sim.Sent, "a1", Accepted{0, b11, "A", backing{}})
	w.see(sim.Sent, "a2", Accepted{0, b11, "A", backing{}})
	if bad := w.see(sim.Sent, "p1", Chosen{0, b11, "A"}); bad != "" || w.properties[0].Checks() != 0 {
		t.Errorf("%q complains of a message, %d checks", bad, w.properties[0].Checks())
	}
	if bad := w.see(sim.Noted, "p1", Chosen{0, b11, "A"}); bad != "" || w.properties[0].Checks() != 1 {
		t.Errorf("%q complains, %d checks", bad, w.properties[0].Checks())
	}
}

// A complaint names the node, the ballots, the slot if it is not the first, and who stands in the way.
func TestComplaintsSayWhy(t *testing.T) {
	const slot = 4
	last := func(node sim.NodeID, m any, before ...sim.Event) string {
		l := &ledger{acceptors: []sim.NodeID{"a1", "a2", "a3"}, need: 2}
		for i, e := range append(before, sim.Event{Node: node, Data: m}) {
			e.Seq, e.Kind = uint64(i+1), sim.Sent
			l.enter(&e)
		}
		return fmt.Sprintf("%v|%v|%v", l.conflict, l.unsafety, l.lowered)
	}
	promise := func(node sim.NodeID, b Ballot) sim.Event {
		return sim.Event{Node: node, Data: Promise{Slot: slot, Ballot: b}}
	}
	accepted := func(node sim.NodeID, b Ballot, v Value) sim.Event {
		return sim.Event{Node: node, Data: Accepted{slot, b, v, backing{}}}
	}
	for _, c := range []struct{ got, want string }{
		{last("p2", Accept{slot, b11, "B"}, promise("a1", b11), promise("a2", b11), sim.Event{Node: "p1", Data: Accept{slot, b11, "A"}}),
			"p2 proposes B in ballot 1.1 of slot 4, in which A was proposed before|<nil>|<nil>"},
		{last("p1", Accept{slot, b21, "A"}, accepted("a1", b12, "B"), promise("a1", b21), promise("a2", b21)),
			"<nil>|p1 proposes A in ballot 2.1 of slot 4, which no majority makes safe: a1 has accepted 1.2 B, a2 has accepted nothing below it, a3 has not promised it|<nil>"},
		{last("a1", Refused{slot, b11, b12}, promise("a1", b21)), "<nil>|<nil>|a1 stands by ballot 1.2 of slot 4 after it has promised 2.1"},
		{last("a1", Refused{slot, b11, b21}, promise("a1", b21)), "<nil>|<nil>|<nil>"},
		{last("x9", Refused{slot, b11, b12}, promise("a1", b21)), "<nil>|<nil>|<nil>"},
	} {
		if c.got != c.want {
			t.Errorf("it says %q\nwant    %q", c.got, c.want)
		}
	}
}

// Who is inner and who is outer, and who judges what: a user sees agreement, validity, integrity and that it ends.
func TestPropertiesAreThere(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions(nil)
	if err != nil {
		t.Fatal(err)
	}
	got := ""
	for _, p := range properties(o) {
		x, ok := p.(interface{ Inner() bool })
		got += fmt.Sprintf("%s %v; ", p.Name(), ok && x.Inner())
	}
	want := "one-value-per-ballot true; safe-at true; promise-monotone true; agreement false; validity false; integrity false; termination false; "
	if got != want {
		t.Errorf("the properties are %s\nwant %s", got, want)
	}
}
