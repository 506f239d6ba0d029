package view

import (
	"fmt"
	"strings"
	"testing"

	"simrun/sim"
)

// It fails if a passage leaves out what happened, tells bookkeeping, goes beyond its window, or does not say that it is a part.
func TestPassage(t *testing.T) {
	trace := recorded(t, careless(), Window{}, crashAfterAnswer+"lose caller>counter count#3\n")
	all := drawn(t, trace.Passage(Window{}))
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		m, told := trace.Event(seq), strings.Contains(all, fmt.Sprintf(" #%d ", seq))
		switch m.Kind {
		case sim.Delivered, sim.Dropped, sim.Noted, sim.Crashed, sim.Started:
			if !told {
				t.Errorf("%+v is missing in\n%s", m, all)
			}
		case sim.DiskDone, sim.TimerSet:
			if told {
				t.Errorf("%+v is told in\n%s", m, all)
			}
		}
	}
	for _, want := range []string{"kept 0 → 1001", "8 bytes unsynced", "forgot kept 1001", "lost (planned):", "other events are bookkeeping"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	part := drawn(t, trace.Passage(Window{8, 13}))
	if !strings.Contains(part, fmt.Sprintf("(these are events 8 to 13 of %d)", trace.Len())) || strings.Contains(part, "#14") || strings.Contains(part, "#7 ") {
		t.Errorf("events 8 to 13 are drawn as\n%s", part)
	}
	if s := new(Trace).Passage(Window{}); len(s.rows) != 0 {
		t.Errorf("a trace of nothing has the passage %+v", s)
	}
}

// It fails if what happened on a node is missing when it is asked for by name, or if what happened on others is told.
func TestPassageOfANode(t *testing.T) {
	trace := recorded(t, careless(), Window{}, crashAfterAnswer)
	got := drawn(t, trace.Passage(Window{}, "counter"))
	for seq := uint64(1); seq <= uint64(trace.Len()); seq++ {
		if m, told := trace.Event(seq), strings.Contains(got, fmt.Sprintf(" #%d ", seq)); told != (m.Node == "counter") {
			t.Errorf("%+v: told is %v", m, told)
		}
	}
	if !strings.Contains(got, "counter disk: append log 8 bytes") {
		t.Errorf("the disk is missing in\n%s", got)
	}
}

// It fails if a message that is still on its way at the end is not told.
func TestPassageTellsWhatNeverArrives(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, "always law constant 900ms\n")
	if got := drawn(t, trace.Passage(Window{})); !strings.Contains(got, "caller→counter is sent: count{N:1}") {
		t.Errorf("a message that is on its way is missing in\n%s", got)
	}
}

// It fails if a state is printed wider than the page, of another node or event, or if nothing says that it is not known.
func TestStates(t *testing.T) {
	trace := recorded(t, counting(40), Window{}, crashAfterAnswer)
	printed := func(seq uint64, nodes ...sim.NodeID) string {
		var b strings.Builder
		if err := States(&b, trace, seq, nodes...); err != nil {
			t.Fatal(err)
		}
		fits(t, b.String())
		return b.String()
	}
	crash := find(t, trace, sim.Crashed, "counter", "")
	if got, want := printed(crash, "counter"), fmt.Sprintf("after #%d, at 5.000ms:\n  counter is down\n", crash); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	all := printed(crash - 1)
	for _, want := range []string{"  counter\n", "    sum   1\n", "    seen  {1:\"by caller\"}\n", "  caller\n    calls  40\n    next   1\n", "  idle\n"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is missing in\n%s", want, all)
		}
	}
	printed(uint64(trace.Len()))
	trace.changes = append(trace.changes, change{uint32(trace.Len()), 1, uint32(len(trace.texts)), uint32(len(trace.texts) + 1)})
	trace.texts = append(trace.texts, strings.Repeat("deep.", 30), strings.Repeat("word ", 60))
	trace.index()
	if got := printed(uint64(trace.Len()), "caller"); !strings.Contains(got, "deep.deep.") || strings.Count(got, "word") < 40 {
		t.Errorf("a long path and a long value are printed as\n%s", got)
	}
	trace = recorded(t, counting(3), Window{5, 6}, "")
	if got := printed(9); !strings.Contains(got, "not known: those after #5 to #6 are") {
		t.Errorf("a state outside of the window is printed as %q", got)
	}
}

// It fails if the heading does not say what went wrong.
func TestHeading(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, "")
	trace.Verdict.Outcome, trace.Verdict.Property, trace.Verdict.Why = sim.Violated, "sum", "it is too small"
	var b strings.Builder
	if err := Heading(&b, trace); err != nil || b.String() != "counting seed 0x7: violated sum\nsum: it is too small\n\n" {
		t.Errorf("%v %q", err, b.String())
	}
}
