package kootoueg

import (
	"strings"
	"testing"

	"simrun/protocols/apps"
	"simrun/sim"
)

// A deed is an event of a history that is made up.
type deed struct {
	kind sim.Kind
	node sim.NodeID
	data any
}

// told shows a history to a property and returns its first complaint.
func told(p sim.Property, history []deed) error {
	for i, d := range history {
		if err := p.Observe(&sim.Event{Seq: uint64(i + 1), Kind: d.kind, Node: d.node, Data: d.data}); err != nil {
			return err
		}
	}
	return nil
}

// pass is a message from one process to another, sent and received.
func pass(from, to sim.NodeID, label uint64) []deed {
	m := App{Name: Name{from, to, 1, label}, Body: apps.Ping{N: 1}}
	return []deed{{sim.Sent, from, m}, {sim.Delivered, to, m}}
}

// lives are the first lives of the processes.
func lives(ids ...sim.NodeID) (list []deed) {
	for _, id := range ids {
		list = append(list, deed{sim.Started, id, uint64(1)})
	}
	return list
}

func join(parts ...[]deed) (all []deed) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

func note(id sim.NodeID, fact any) []deed { return []deed{{sim.Noted, id, fact}} }

// took is a tentative checkpoint, asked is a request and its answer.
func took(id sim.NodeID) []deed { return note(id, Recorded{c1, id}) }
func asked(from, to sim.NodeID) []deed {
	return []deed{{sim.Sent, from, Request{ID: c1}}, {sim.Sent, to, Willing{ID: c1}}}
}

var decidedC1 = note("p2", Decided{c1, true})

// Each history has exactly one thing wrong with it, or nothing. Fails if a checkpoint that leaves somebody out, takes somebody in, or costs another number of
// messages than the graph has edges is let pass.
func TestMinimalComplains(t *testing.T) {
	start := join(lives("p1", "p2", "p3"), pass("p1", "p2", 1), pass("p3", "p1", 1))
	for _, c := range []struct {
		what    string
		history []deed
		want    string
	}{
		{"all that must", join(took("p2"), asked("p2", "p1"), took("p1"), asked("p1", "p3"), took("p3"), decidedC1), ""},
		{"p3 is left out", join(took("p2"), asked("p2", "p1"), took("p1"), asked("p1", "p3"), decidedC1), "became permanent without p3, on which it depends"},
		{"p1 and so p3", join(took("p2"), asked("p2", "p1"), decidedC1), "without p1"},
		{"a request less", join(took("p2"), asked("p2", "p1"), took("p1"), took("p3"), decidedC1), "1 requests and 1 answers, and the graph has 2 edges"},
		{"a request more", join(took("p2"), asked("p2", "p1"), took("p1"), asked("p1", "p3"), asked("p1", "p3"), took("p3"), decidedC1), "3 requests and 3 answers"},
		{"received later", join(took("p2"), asked("p2", "p1"), took("p1"), asked("p1", "p3"), took("p3"), pass("p3", "p2", 1), decidedC1), ""},
		{"given up", join(took("p2"), note("p2", Decided{c1, false})), ""},
		{"dropped", join([]deed{{sim.Delivered, "p2", money("p3", "p2", 1)}}, note("p2", Discarded{}), took("p2"), asked("p2", "p1"), took("p1"), asked("p1", "p3"), took("p3"), decidedC1), ""},
	} {
		err := told(&minimality{ledger: newLedger([]sim.NodeID{"p1", "p2", "p3"})}, join(start, c.history))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.what, err, c.want)
		}
	}
}

// A checkpoint that became permanent is not needed again: who has received nothing since asks nobody, and takes nobody with it.
func TestRedundantComplains(t *testing.T) {
	first := join(took("p2"), asked("p2", "p1"), took("p1"), decidedC1, note("p2", MadePermanent{c1}), note("p1", MadePermanent{c1}))
	next := ID{false, "p2", 1, 2}
	again := join(note("p2", Recorded{next, "p2"}), note("p1", Recorded{next, "p1"}), note("p2", Decided{next, true}))
	nodes := []sim.NodeID{"p1", "p2"}
	err := told(&minimality{ledger: newLedger(nodes)}, join(lives(nodes...), pass("p1", "p2", 1), first, again))
	if err == nil || !strings.Contains(err.Error(), "made p1 take a checkpoint, on which it does not depend") {
		t.Error(err)
	}
	every := &minimality{ledger: newLedger(nodes), all: true}
	again = join(again[:2], []deed{{sim.Sent, "p2", Request{ID: next}}, {sim.Sent, "p1", Willing{ID: next}}}, again[2:])
	if err := told(every, join(lives(nodes...), pass("p1", "p2", 1), first, again)); err != nil || every.redundant != 1 {
		t.Errorf("%v, %d redundant where everybody is asked", err, every.redundant)
	}
	if table := every.Account(); !strings.Contains(table, "p2 C1.2") || strings.Count(table, "\n") != 2 {
		t.Errorf("the table is\n%s", table)
	}
}

// Fails if a rollback that leaves somebody with what is undone is let pass, one that takes back who need not, or more rollbacks than crashes.
func TestRollbackComplains(t *testing.T) {
	nodes := []sim.NodeID{"p1", "p2", "p3"}
	start := join(lives(nodes...), pass("p2", "p1", 1), pass("p1", "p3", 1), []deed{{sim.Started, "p2", uint64(2)}}, note("p2", Prepared{r2}))
	yes := note("p2", Decided{r2, true})
	for _, c := range []struct {
		what    string
		history []deed
		want    string
	}{
		{"all that must", join(note("p1", Prepared{r2}), note("p3", Prepared{r2}), yes), ""},
		{"p3 is left out", join(note("p1", Prepared{r2}), yes), "leaves out p3"},
		{"p1 need not", join(note("p1", RolledBack{ID{true, "p1", 2, 1}, ID{}, 2}), note("p1", Prepared{r2}), yes), "takes p1 back"},
		{"p1 was back before", join(note("p1", Prepared{r2}), note("p1", RolledBack{ID{true, "p1", 2, 1}, ID{}, 2}), yes), ""},
	} {
		err := told(newLedger(nodes).minimalRollback(), join(start, c.history))
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want %q", c.what, err, c.want)
		}
	}
	alone := join(lives(nodes...), []deed{{sim.Started, "p2", uint64(2)}}, note("p2", Prepared{r2}), note("p1", Prepared{r2}), yes)
	if err := told(newLedger(nodes).minimalRollback(), alone); err == nil || !strings.Contains(err.Error(), "takes p1 back") {
		t.Errorf("one in its first life, that has received nothing: %v", err)
	}
	if err := told(newLedger(nodes).noLivelock(), join(start, yes)); err != nil {
		t.Error(err)
	}
	err := told(newLedger(nodes).noLivelock(), join(start, yes, note("p2", Decided{ID{true, "p2", 2, 2}, true})))
	if err == nil || err.Error() != "p2 has rolled the others back 2 times, and crashed 1 times" {
		t.Error(err)
	}
}

// Fails if what arrives at a process that does not trust its disk is taken for received: it depends on nothing more. When it has started again
// it does.
func TestSilentProcessesReceiveNothing(t *testing.T) {
	nodes := []sim.NodeID{"p1", "p2"}
	l := newLedger(nodes)
	err := told(&minimality{ledger: l}, join(lives(nodes...), pass("p1", "p2", 1), note("p2", Halted{"input/output error"}), pass("p1", "p2", 2)))
	if got := l.books[1].received; err != nil || len(got) != 1 {
		t.Errorf("received %v, %v", got, err)
	}
	l.enter(&sim.Event{Seq: 100, Kind: sim.Started, Node: "p2", Data: uint64(2)})
	l.enter(&sim.Event{Seq: 101, Kind: sim.Delivered, Node: "p2", Data: pass("p1", "p2", 3)[1].data})
	if got := l.books[1].received; len(got) != 2 {
		t.Errorf("after its restart it has received %v", got)
	}
}
