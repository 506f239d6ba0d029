package view

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

type accept struct{ Value string }
type decided struct{ Value string }

func (a accept) String() string  { return "Accept{" + a.Value + "}" }
func (d decided) String() string { return "decided " + d.Value }

// forgotten is a run in which a1 forgets what p1 decided by it, and then accepts another value from p2.
// a3 and p3 have nothing to do with it.
func forgotten() []sim.Event {
	at := func(ms float64) clock.Time { return clock.Time(ms * 1e6) }
	return []sim.Event{
		{Seq: 1, Kind: sim.Started, Node: "p1", Data: uint64(1)},
		{Seq: 2, Kind: sim.Started, Node: "a3", Data: uint64(1)},
		{Seq: 3, Cause: 1, At: at(0), Kind: sim.Sent, Node: "p1", Peer: "a1", Data: accept{"x"}},
		{Seq: 4, Cause: 3, At: at(1), Kind: sim.Delivered, Node: "a1", Peer: "p1", Data: accept{"x"}},
		{Seq: 5, Cause: 4, At: at(1), Kind: sim.DiskDone, Node: "a1", Data: nil},
		{Seq: 6, Cause: 4, At: at(1), Kind: sim.Noted, Node: "a1", Data: decided{"x"}},
		{Seq: 7, At: at(2), Kind: sim.Faulted, Data: fault.Line{Verb: fault.Cut, At: at(2), Sides: [2][]string{{"a1"}, {"p1"}}}},
		{Seq: 8, At: at(3), Kind: sim.Crashed, Node: "a1", Data: &disk.Loss{Bytes: 24, Writes: 1}},
		{Seq: 9, At: at(3.5), Kind: sim.Sent, Node: "p3", Peer: "a3", Data: accept{"z"}},
		{Seq: 10, At: at(4), Kind: sim.Started, Node: "a1", Data: uint64(2)},
		{Seq: 11, Cause: 3, At: at(4.5), Kind: sim.Dropped, Node: "a1", Peer: "p1", Data: accept{"x"}, Reason: "cut"},
		{Seq: 12, Cause: 9, At: at(5), Kind: sim.Delivered, Node: "a3", Peer: "p3", Data: accept{"z"}},
		{Seq: 13, At: at(6), Kind: sim.Sent, Node: "p2", Peer: "a1", Data: accept{"y"}},
		{Seq: 14, Cause: 13, At: at(36), Kind: sim.Delivered, Node: "a1", Peer: "p2", Data: accept{"y"}},
		{Seq: 15, Cause: 14, At: at(36), Kind: sim.Noted, Node: "a1", Data: decided{"y"}},
		{Seq: 16, Cause: 14, At: at(37), Kind: sim.Noted, Node: "a1", Data: decided{"later"}},
	}
}

// witness is a Teller that has seen the events.
func witness(events []sim.Event) *Teller {
	t := NewTeller([]sim.NodeID{"a1", "a2", "a3", "p1", "p2", "p3"})
	for i := range events {
		t.See(&events[i])
	}
	return t
}

func tell(events []sim.Event, end uint64, most int) Story { return witness(events).Story(end, most) }

func drawn(t *testing.T, s Story) string {
	t.Helper()
	var b strings.Builder
	if err := Diagram(&b, s, Hints{Events: "--events prints all"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// It fails if the picture changes: an arrow turned round, a node that is down and does not look it, an
// event that has nothing to do with the end.
func TestDiagramTellsWhatLedToTheEnd(t *testing.T) {
	want := strings.Join([]string{
		"     virtual  a1  p1  p2   event",
		"     1.000ms  ◀───○   │    #4 p1→a1 Accept{x}",
		"     1.000ms  ●   │   │    #6 a1 decided x",
		"     2.000ms  │   │   │    #7 FAULT cut a1 | p1",
		"     3.000ms  ✗   │   │    #8 FAULT crash a1: lost 24 bytes, 1 write",
		"     4.000ms  ●   │   │    #10 a1 starts life 2",
		"    36.000ms  ◀───┼───○    #14 p2→a1 Accept{y} (sent 30ms before)",
		"    36.000ms  ●   │   │    #15 a1 decided y",
		"              (8 other events up to there: --events prints all)",
		"",
	}, "\n")
	if got := drawn(t, tell(forgotten(), 15, 12)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// It fails if there is not room for what matters most however early it
// was: the other decision, and what the crash lost.
func TestShortStoryKeepsTheRivalAndTheLoss(t *testing.T) {
	got := drawn(t, tell(forgotten(), 15, 4))
	for _, want := range []string{"#6 a1 decided x", "#8 FAULT crash a1: lost", "#14 p2→a1", "#15 a1 decided y"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "#"); n != 4 {
		t.Errorf("%d events are told, want 4:\n%s", n, got)
	}
	// While a node is down its lane is dotted.
	if !strings.Contains(drawn(t, tell(forgotten()[:9], 9, 8)), "#") || strings.Contains(got, "┊") {
		t.Errorf("a node that is up again is drawn as down:\n%s", got)
	}
	down := forgotten()
	down[10] = sim.Event{Seq: 10, Cause: 3, Kind: sim.Dropped, Node: "a1", Peer: "p1", Data: accept{"x"}, Reason: "down"}
	s := tell(append(down[:8:8], down[10]), 10, 8)
	if last := s.rows[len(s.rows)-1]; !last.down[0] || !strings.Contains(last.draw(s.Lanes, 4), "✗───○") {
		t.Errorf("a message lost at a node that is down is drawn %q, down %v", last.draw(s.Lanes, 4), last.down)
	}
}

// It fails if the other side of a contradiction is left out because its fact has another type and did
// not lead to the end.
func TestStoryTellsTheFactOfAnotherNode(t *testing.T) {
	events := forgotten()
	events[11] = sim.Event{Seq: 12, At: 5_000_000, Kind: sim.Noted, Node: "a3", Data: promise{9}}
	events[5] = sim.Event{Seq: 6, At: 1_000_000, Kind: sim.Noted, Node: "p1", Data: promise{8}}
	got := drawn(t, tell(events, 15, 8))
	for _, want := range []string{"#6 p1 promise{Ballot:8}", "#12 a3 promise{Ballot:9}"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
}

// It fails if a story of nothing is not empty, or if an end that was never seen breaks it.
func TestStoryOfNothing(t *testing.T) {
	if s := NewTeller(nil).Story(7, 12); len(s.rows) != 0 || len(s.Lanes) != 0 {
		t.Errorf("the story of no events is %+v", s)
	}
	if got := drawn(t, Story{}); !strings.Contains(got, "virtual") {
		t.Errorf("an empty story is drawn as %q", got)
	}
	if s := tell(forgotten(), 1000, 12); s.rows[len(s.rows)-1].seq != 16 {
		t.Error("an end beyond the run is not taken for its last event")
	}
}

// It fails if memory grows with the run, or what is remembered is not the latest.
func TestTellerForgets(t *testing.T) {
	teller := NewTeller([]sim.NodeID{"a"})
	for i := uint64(1); i <= 3*memory+5; i++ {
		teller.See(&sim.Event{Seq: i, Kind: sim.Noted, Node: "a", Data: decided{fmt.Sprint(i)}})
	}
	if len(teller.ring) != memory {
		t.Errorf("%d events are kept, want %d", len(teller.ring), memory)
	}
	s := teller.Story(3*memory+5, 6)
	for i, r := range s.rows {
		if want := uint64(3*memory + i); r.seq != want {
			t.Errorf("row %d is event %d, want %d", i, r.seq, want)
		}
	}
}

// It fails if any story has a line wider than the page, more rows than
// asked for, rows out of order, or a panic in store.
func TestDiagramsFitThePage(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 300 {
		var ids []sim.NodeID
		for i := range 1 + r.Intn(14) {
			ids = append(ids, sim.NodeID(strings.Repeat("n", r.Intn(12))+fmt.Sprint(i)))
		}
		teller := NewTeller(ids)
		n := 1 + r.Intn(60)
		for seq := 1; seq <= n; seq++ {
			e := sim.Event{Seq: uint64(seq), At: clock.Time(r.Int63n(int64(seq) * 1e12)), Kind: sim.Kind(r.Intn(int(sim.Exited) + 1)),
				Node: ids[r.Intn(len(ids))], Peer: ids[r.Intn(len(ids))], Cause: uint64(r.Intn(seq)),
				Data: decided{strings.Repeat("é", r.Intn(100))}, Reason: "loss"}
			teller.See(&e)
		}
		most := 2 + r.Intn(20)
		s := teller.Story(uint64(n), most)
		if len(s.rows) > most || len(s.rows) == 0 {
			t.Fatalf("%d rows, want 1 to %d", len(s.rows), most)
		}
		for i := 1; i < len(s.rows); i++ {
			if s.rows[i].seq <= s.rows[i-1].seq {
				t.Fatalf("event %d stands behind event %d", s.rows[i].seq, s.rows[i-1].seq)
			}
		}
		for line := range strings.Lines(drawn(t, s)) {
			if w := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); w > Width {
				t.Fatalf("a line of %d columns: %s", w, line)
			}
		}
	}
}

// fits fails the test if a line is wider than the page.
func fits(t *testing.T, drawing string) {
	t.Helper()
	for line := range strings.Lines(drawing) {
		if w := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); w > Width {
			t.Fatalf("a line of %d columns: %s", w, line)
		}
	}
}

// It fails if a long text loses a part that has room on a second line, if the lanes end there, or if it takes more lines than it may.
func TestLongLabelsWrap(t *testing.T) {
	got := fold("#7 "+strings.Repeat("word ", 9), 20, 3, 3)
	want := []string{"#7 word word word", "   word word word", "   word word word "}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := fold(strings.Repeat("x", 100), 20, 3, 3); len(got) != 3 || got[0] != strings.Repeat("x", 20) || !strings.HasSuffix(got[2], "…") {
		t.Errorf("a long word is folded into %q", got)
	}
	if got := fold("what changed: two"+noBreak+"words"+noBreak+"together", 22, 2, 3); len(got) != 2 || got[1] != "  two"+noBreak+"words"+noBreak+"together" {
		t.Errorf("what belongs together is folded into %q", got)
	}
	s := tell(forgotten(), 15, 12)
	s.rows[0].data = accept{strings.Repeat("long ", 30)}
	if lines := strings.Split(drawn(t, s), "\n"); !strings.HasPrefix(lines[2], strings.Repeat(" ", 14)+"│   │   │       long") {
		t.Errorf("the lanes do not go on: %q", lines[2])
	}
}
