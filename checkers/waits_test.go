package checkers

import (
	"fmt"
	"testing"

	"simrun/sim"
	"simrun/sim/clock"
)

// A wreck is a place made by hand: who is down since when, and who cannot reach whom.
type wreck struct {
	down map[sim.NodeID]clock.Time
	cut  map[[2]sim.NodeID]bool
}

func (w wreck) Down(id sim.NodeID) (clock.Time, bool) {
	at, down := w.down[id]
	return at, down
}

func (w wreck) Cut(from, to sim.NodeID) bool { return w.cut[[2]sim.NodeID{from, to}] }

type nodes = []sim.NodeID

// Fails if a sentence names the wrong trouble, or says it in the wrong number.
func TestExplain(t *testing.T) {
	w := wreck{
		down: map[sim.NodeID]clock.Time{"c": 210e6, "r": 210e6, "d": 5e6},
		cut:  map[[2]sim.NodeID]bool{{"p1", "p2"}: true, {"p4", "p2"}: true, {"p2", "x"}: true},
	}
	in := "is prepared in T1"
	for _, c := range []struct {
		name  string
		waits []Wait
		want  string
	}{
		{"crashed, and who knows is cut off", []Wait{{"p2", in, nodes{"c"}, nodes{"p1"}, nil}},
			"p2 is prepared in T1 and waits for c, which crashed at 210ms; p1, who knows, is cut off from it"},
		{"who knows waits for something else", []Wait{{"p2", in, nodes{"c"}, nodes{"p1", "p6"}, nil}, {"p6", "has lost T2", nodes{"d"}, nil, nil}},
			"p2 is prepared in T1 and waits for c, which crashed at 210ms; p1, who knows, is cut off from it; p6, who knows, is up and says nothing. p6 has lost T2 and waits for d, which crashed at 5ms"},
		{"no chain before those who know", []Wait{{"p2", in, nodes{"p6"}, nodes{"p1"}, nil}, {"p6", "has lost T2", nodes{"d"}, nil, nil}},
			"p2 is prepared in T1 and waits for p6, which waits itself; p1, who knows, is cut off from it. p6 has lost T2 and waits for d, which crashed at 5ms"},
		{"a chain that was told is no circle", []Wait{{"a1", "has A1", nodes{"b"}, nil, nil}, {"a2", "has A2", nodes{"b"}, nil, nil}, {"b", "has B", nodes{"m"}, nil, nil}, {"m", "has M", nodes{"d"}, nil, nil}},
			"a1 has A1 and waits for b, which has B and waits for m, which has M and waits for d, which crashed at 5ms. a2 has A2 and waits for b, which waits itself"},
		{"one too many is named too", []Wait{{"p1", in, nodes{"q1", "q2", "q3", "q4", "q5"}, nil, nil}}, "p1 is prepared in T1 and waits for q1, q2, q3, q4 and q5, which are up and say nothing"},
		{"several know", []Wait{{"p2", in, nodes{"c"}, nodes{"p1", "p4", "d"}, nil}},
			"p2 is prepared in T1 and waits for c, which crashed at 210ms; p1 and p4, who know, are cut off from it; d, who knows, crashed at 5ms"},
		{"named twice", []Wait{{"p2", in, nodes{"c", "p3", "c", "p3"}, nodes{"p1", "d", "d"}, nil}},
			"p2 is prepared in T1 and waits for c, which crashed at 210ms, and for p3, which is up and says nothing; p1, who knows, is cut off from it; d, who knows, crashed at 5ms"},
		{"silent", []Wait{{"p1", in, nodes{"p3"}, nil, nil}}, "p1 is prepared in T1 and waits for p3, which is up and says nothing"},
		{"cut in the other direction", []Wait{{"x", in, nodes{"p2"}, nil, nil}}, "x is prepared in T1 and waits for p2, which is cut off from it"},
		{"equal crashes share a place, others do not", []Wait{{"p1", in, nodes{"c", "p3", "r", "d"}, nil, nil}},
			"p1 is prepared in T1 and waits for c and r, which crashed at 210ms, and for p3, which is up and says nothing, and for d, which crashed at 5ms"},
		{"several wait alike", []Wait{{"p1", in, nodes{"c"}, nil, nil}, {"p2", in, nodes{"c"}, nil, nil}, {"p3", in, nodes{"c"}, nil, nil}},
			"p1, p2 and p3 are prepared in T1 and wait for c, which crashed at 210ms"},
		{"alike but for the transaction", []Wait{{"p1", in, nodes{"c"}, nil, nil}, {"p2", "has lost T2", nodes{"c"}, nil, nil}, {"p3", "has lost T2", nodes{"c"}, nil, nil}},
			"p1 is prepared in T1 and waits for c, which crashed at 210ms. p2 and p3 have lost T2 and wait for c, which crashed at 210ms"},
		{"alike but for the cut", []Wait{{"p1", in, nodes{"p2"}, nil, nil}, {"p3", in, nodes{"p2"}, nil, nil}, {"p4", in, nodes{"p2"}, nil, nil}},
			"p1 and p4 are prepared in T1 and wait for p2, which is cut off from them. p3 is prepared in T1 and waits for p2, which is up and says nothing"},
		{"one another", []Wait{{"p1", in, nodes{"c", "p3", "p5"}, nil, nil}, {"p3", in, nodes{"c", "p5", "p1"}, nil, nil}, {"p5", in, nodes{"c", "p1", "p3"}, nil, nil}},
			"p1, p3 and p5 are prepared in T1 and wait for one another, and for c, which crashed at 210ms"},
		{"one another, but for who is cut off", []Wait{{"p3", in, nodes{"p2", "p5"}, nil, nil}, {"p5", in, nodes{"p2", "p3"}, nil, nil}, {"p2", in, nodes{"x"}, nil, nil}},
			"p3 and p5 are prepared in T1 and wait for one another, and for p2, which is prepared in T1 and waits for x, which is cut off from it"},
		{"nobody hears one of those that wait alike", []Wait{{"p1", in, nodes{"p2"}, nil, nil}, {"p2", in, nodes{"p1"}, nil, nil}},
			"p1 is prepared in T1 and waits for p2, which is cut off from it. p2 is prepared in T1 and waits for p1, which is cut off from it"},
		{"one another alone", []Wait{{"p1", in, nodes{"p3"}, nil, nil}, {"p3", in, nodes{"p1"}, nil, nil}}, "p1 and p3 are prepared in T1 and wait for one another"},
		{"locks of all that wait alike", []Wait{{"p1", in, nodes{"c"}, nil, []string{"x1", "y1"}}, {"p2", in, nodes{"c"}, nil, []string{"x2", "x1"}}},
			"p1 and p2 are prepared in T1, with x1, y1 and x2 locked, and wait for c, which crashed at 210ms"},
		{"more locks than are named", []Wait{{"p1", in, nodes{"c"}, nil, []string{"a", "b", "c", "d", "e", "f", "g", "h"}}},
			"p1 is prepared in T1, with a, b, c, d, e, f and 2 more locked, and waits for c, which crashed at 210ms"},
		{"nobody in particular", []Wait{{"p1", "is lost", nil, nil, nil}}, "p1 is lost"},
		{"the same twice", []Wait{{"p1", in, nodes{"c"}, nil, nil}, {"p1", in, nodes{"c"}, nil, nil}}, "p1 is prepared in T1 and waits for c, which crashed at 210ms"},
	} {
		if got := explainWaits(w, c.waits).Error(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
	if err := Explain(nil, nil); err != nil {
		t.Errorf("nobody waits: got %v", err)
	}
}

// Fails if the chain is told out of order, does not end where it closes, or calls a circle what is none.
func TestExplainChains(t *testing.T) {
	w := wreck{down: map[sim.NodeID]clock.Time{"c": 210e6}}
	for _, c := range []struct {
		name  string
		waits []Wait
		want  string
	}{
		{"chain", []Wait{{"p1", "is blocked in T2", nodes{"p2"}, nil, nil}, {"p9", "is idle", nodes{"c"}, nil, nil}, {"p2", "is prepared in T1", nodes{"c"}, nil, nil}},
			"p1 is blocked in T2 and waits for p2, which is prepared in T1 and waits for c, which crashed at 210ms. p9 is idle and waits for c, which crashed at 210ms"},
		{"circle of two", []Wait{{"p1", "is blocked in T2", nodes{"p2"}, nil, nil}, {"p2", "is prepared in T1", nodes{"p1"}, nil, nil}},
			"p1 is blocked in T2 and waits for p2, which is prepared in T1 and waits for p1, which waits for p2 in turn"},
		{"circle of three, entered from outside", []Wait{
			{"p0", "is in T0", nodes{"p1"}, nil, nil}, {"p1", "is in T1", nodes{"p2"}, nil, nil}, {"p2", "is in T2", nodes{"p3"}, nil, nil}, {"p3", "is in T3", nodes{"p1"}, nil, nil}},
			"p0 is in T0 and waits for p1, which is in T1 and waits for p2, which is in T2 and waits for p3, which is in T3 and waits for p1, which waits for p2 in turn"},
		{"whoever is waited for comes later", []Wait{{"s", "has asked", nodes{"c"}, nil, nil}, {"k", "has called", nodes{"s"}, nil, nil}},
			"k has called and waits for s, which has asked and waits for c, which crashed at 210ms"},
		{"what is told in the sentence comes last", []Wait{{"k", "has called", nodes{"s", "c"}, nil, nil}, {"s", "has asked", nodes{"c"}, nil, nil}},
			"k has called and waits for c, which crashed at 210ms, and for s, which has asked and waits for c, which crashed at 210ms"},
		{"others are in the same", []Wait{{"k", "has called", nodes{"s"}, nil, nil}, {"s", "has asked", nodes{"c"}, nil, nil}, {"r", "has asked", nodes{"c"}, nil, nil}},
			"k has called and waits for s, which, like r, has asked and waits for c, which crashed at 210ms"},
		{"one of those who wait for one another", []Wait{{"k", "has called", nodes{"s"}, nil, nil}, {"s", "has asked", nodes{"r"}, nil, nil}, {"r", "has asked", nodes{"s"}, nil, nil}},
			"k has called and waits for s, which waits itself. s and r have asked and wait for one another"},
		{"a chain is not told in one breath", []Wait{{"a", "is a", nodes{"b"}, nil, nil}, {"b", "is b", nodes{"d"}, nil, nil}, {"d", "is d", nodes{"e"}, nil, nil}, {"e", "is e", nodes{"f"}, nil, nil},
			{"f", "is f", nodes{"g"}, nil, nil}, {"g", "is g", nodes{"c"}, nil, nil}},
			"a is a and waits for b, which is b and waits for d, which is d and waits for e, which is e and waits for f, which is f and waits for g, which waits itself. " +
				"g is g and waits for c, which crashed at 210ms"},
		{"two ways to one end are no circle", []Wait{{"p1", "is in T1", nodes{"p2", "p3"}, nil, nil}, {"p2", "is in T2", nodes{"p3"}, nil, nil}, {"p3", "is in T3", nodes{"c"}, nil, nil}},
			"p1 is in T1 and waits for p3, which waits itself, and for p2, which is in T2 and waits for p3, which is in T3 and waits for c, which crashed at 210ms"},
		{"nor is what has been told before", []Wait{{"p1", "is in T1", nodes{"p2"}, nil, nil}, {"p2", "is in T2", nodes{"c"}, nil, nil}, {"p3", "is in T3", nodes{"p2"}, nil, nil}},
			"p1 is in T1 and waits for p2, which is in T2 and waits for c, which crashed at 210ms. p3 is in T3 and waits for p2, which waits itself"},
	} {
		if got := explainWaits(w, c.waits).Error(); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// Fails if those who wait for one another are said to do so though one of them has a trouble of its own: it
// must be told what that is.
func TestExplainOneAnotherApart(t *testing.T) {
	w := wreck{down: map[sim.NodeID]clock.Time{"c": 210e6}, cut: map[[2]sim.NodeID]bool{{"p2", "d"}: true}}
	in := "is prepared"
	got := explainWaits(w, []Wait{{"p1", in, nodes{"d", "p2"}, nil, nil}, {"p2", in, nodes{"d", "p1"}, nil, nil}}).Error()
	want := "p1 is prepared and waits for d, which is up and says nothing, and for p2, which is prepared " +
		"and waits for d, which is cut off from it, and for p1, which waits for p2 in turn"
	if got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

// Fails if a stall of sixteen takes more than a sentence, or many stalls are told in full.
func TestExplainIsShort(t *testing.T) {
	w := wreck{down: map[sim.NodeID]clock.Time{"c": 210e6}}
	var alike, apart []Wait
	for i := range 16 {
		id := sim.NodeID(fmt.Sprint("p", i+1))
		alike = append(alike, Wait{id, "is prepared in T1", nodes{"c"}, nil, nil})
		apart = append(apart, Wait{id, fmt.Sprint("is in T", i+1), nodes{"c"}, nil, nil})
	}
	if got, want := explainWaits(w, alike).Error(), "p1, p2, p3, p4 and 12 more are prepared in T1 and wait for c, which crashed at 210ms"; got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	want := "p1 is in T1 and waits for c, which crashed at 210ms. p2 is in T2 and waits for c, which crashed at 210ms. p3 is in T3 and waits for c, which crashed at 210ms. " +
		"p4 is in T4 and waits for c, which crashed at 210ms. p5 is in T5 and waits for c, which crashed at 210ms. And 11 more wait"
	if got := explainWaits(w, apart).Error(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}
