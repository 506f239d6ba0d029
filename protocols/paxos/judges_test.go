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

// Each inner property alone, as a hunt for it runs it, complains of what it is about at once, and not of the event after: fails if it leaves it to another to enter what it sees.
func TestInnerAlone(t *testing.T) {
	for _, c := range []struct {
		property string
		before   []any // what a1 and p1 send
		last     any
	}{
		{"one-value-per-ballot", []any{Accept{0, b11, "A"}}, Accept{0, b11, "B"}},
		{"safe-at", []any{Promise{Ballot: b11}}, Accept{0, b11, "A"}},
		{"promise-monotone", []any{Promise{Ballot: b21}}, Promise{Ballot: b11}},
	} {
		for _, p := range InnerProperties([]sim.NodeID{"a1", "a2", "a3"}) {
			if p.Name() != c.property {
				continue
			}
			w := &tape{properties: []sim.Property{p}}
			by := func(m any) sim.NodeID {
				if _, ok := m.(Accept); ok {
					return "p1"
				}
				return "a1"
			}
			for _, m := range c.before {
				if bad := w.see(sim.Sent, by(m), m); bad != "" {
					t.Errorf("%s complains of %v", bad, m)
				}
			}
			if bad := w.see(sim.Sent, by(c.last), c.last); bad != c.property {
				t.Errorf("%s alone: complaints by %q of %v", c.property, bad, c.last)
			}
		}
	}
}

// What nodes say that are no acceptors promises nothing and chooses nothing: fails if one of them is taken for an acceptor.
func TestStrangersCountForNothing(t *testing.T) {
	w := watch()
	for _, m := range []any{Promise{Ballot: b21}, Refused{0, b11, b12}, Accepted{0, b11, "A", backing{}}, Promise{Ballot: b21, Accepted: b11, Value: "A"}} {
		if bad := w.see(sim.Sent, "x9", m); bad != "" {
			t.Errorf("%s complains of %v", bad, m)
		}
	}
	for _, p := range w.properties {
		if p.Checks() != 0 {
			t.Errorf("%s has judged what strangers say", p.Name())
		}
	}
	w.see(sim.Sent, "a1", Accepted{0, b11, "A", backing{}})
	if bad := w.see(sim.Noted, "l1", Learned{0, "A"}); bad != "integrity" {
		t.Errorf("a stranger makes a quorum: complaints by %q", bad)
	}
}

// Slots are kept apart, and so are the two values that a broken proposer and a broken acceptor bring into one ballot. Fails if a promise in one slot binds in another, if what
// was only accepted counts as proposed, or if a value counts as accepted since another one was in its ballot.
func TestLedgerKeepsApart(t *testing.T) {
	w := watch()
	for slot := Slot(4); slot > 0; slot-- {
		if bad := w.see(sim.Sent, "a1", Promise{Slot: slot, Ballot: Ballot{uint32(slot), 1, 1}}); bad != "" {
			t.Errorf("slot %d: %s complains", slot, bad)
		}
	}
	w = watch()
	w.see(sim.Sent, "a1", Accepted{0, b11, "B", backing{}})
	if bad := w.see(sim.Sent, "p1", Accept{0, b11, "A"}); bad != "safe-at" { // since nobody has promised
		t.Errorf("proposed once, and accepted otherwise: complaints by %q", bad)
	}
	w.see(sim.Sent, "a1", Promise{Ballot: b21})
	w.see(sim.Sent, "a2", Promise{Ballot: b21})
	if bad := w.see(sim.Sent, "p1", Accept{0, b21, "A"}); bad != "safe-at" {
		t.Errorf("a1 has accepted B in 1.1, and A is proposed: complaints by %q", bad)
	}
}

// Who knew what was chosen and has crashed knows it no more. Fails if the run may end before he has learnt it again.
func TestTerminationForgets(t *testing.T) {
	p := termination([]sim.NodeID{"p1", "l1"})
	over := func(kind sim.Kind, node sim.NodeID, data any) bool {
		if err := p.Observe(&sim.Event{Kind: kind, Node: node, Data: data}); err != nil {
			t.Fatal(err)
		}
		return p.(interface{ Finished() bool }).Finished()
	}
	for i, over := range []bool{
		over(sim.Noted, "p1", Chosen{0, b11, "A"}), over(sim.Crashed, "p1", nil), over(sim.Noted, "l1", Learned{0, "A"}), over(sim.Noted, "l1", Recovered{1}),
	} {
		if over {
			t.Errorf("after event %d all is known", i)
		}
	}
	if !over(sim.Noted, "p1", Chosen{0, b11, "A"}) {
		t.Error("both know, and it goes on")
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

// A ballot begins with the first Prepare of it that leaves its proposer, whatever others do meanwhile. Fails if one is counted for each acceptor that is asked, or for what
// arrives, and if one that is begun is not counted: in the next slot too, a proposer may begin with the ballot of the last.
func TestBegins(t *testing.T) {
	begins := Begins()
	for i, c := range []struct {
		kind sim.Kind
		m    any
		want bool
	}{
		{sim.Delivered, Prepare{Ballot: b11}, false}, {sim.Sent, Promise{Ballot: b11}, false},
		{sim.Sent, Prepare{Ballot: b11}, true}, {sim.Sent, Prepare{Ballot: b11}, false}, {sim.Delivered, Prepare{Ballot: b11}, false},
		{sim.Sent, Prepare{Ballot: b12}, true}, {sim.Sent, Prepare{Ballot: b11}, false}, {sim.Sent, Prepare{Ballot: b12}, false},
		{sim.Sent, Prepare{Ballot: b21}, true}, {sim.Sent, Prepare{Ballot: b12}, false}, {sim.Sent, Prepare{Ballot: b21}, false},
		{sim.Delivered, Prepare{Ballot: b22}, false}, {sim.Sent, Prepare{Ballot: b22}, true},
		{sim.Sent, Prepare{Slot: 1, Ballot: b22}, true}, {sim.Sent, Prepare{Slot: 1, Ballot: b22}, false}, {sim.Sent, Prepare{Slot: 1, Ballot: b21}, true},
	} {
		if got := begins(&sim.Event{Kind: c.kind, Data: c.m}); got != c.want {
			t.Errorf("event %d, %v: begins %v, want %v", i, c.m, got, c.want)
		}
	}
}

// What cools a run down is a decision, as whoever decides notes it: fails if the news of one counts as another.
func TestDuelsEnd(t *testing.T) {
	d := duels()
	for _, c := range []struct {
		e    sim.Event
		want bool
	}{
		{sim.Event{Kind: sim.Noted, Data: Chosen{0, b11, "A"}}, true}, {sim.Event{Kind: sim.Sent, Data: Chosen{0, b11, "A"}}, false},
		{sim.Event{Kind: sim.Noted, Data: Learned{0, "A"}}, false}, {sim.Event{Kind: sim.Sent, Data: Prepare{Ballot: b11}}, false},
	} {
		if got := d.Decided(&c.e); got != c.want {
			t.Errorf("%v %v: decided %v, want %v", c.e.Kind, c.e.Data, got, c.want)
		}
	}
	if !d.Began(&sim.Event{Kind: sim.Sent, Data: Prepare{Ballot: b11}}) {
		t.Error("no ballot begins")
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
