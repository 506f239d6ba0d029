package view

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

func drawnBy(t *testing.T, f *Film, head bool, seqs ...uint64) string {
	t.Helper()
	var b strings.Builder
	if err := f.Draw(context.Background(), &b, seqs, head); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// It fails if a row does not say what its event changed in the node or on its disk, if it says so of an event that changed nothing, or if a lane of a node that is
// down goes on.
func TestFilmDraws(t *testing.T) {
	f := filmed(t, counting(10), eventful)
	got := find(t, f.Trace, sim.Delivered, "counter", "N:1")
	crash := find(t, f.Trace, sim.Crashed, "counter", "")
	drawing := drawnBy(t, f, true, 1, got, got+1, crash)
	for _, want := range []string{
		"virtual  caller  counter idle     event\n", "#1 caller starts life 1\n", "○───────▶       │       ", "sum 0 → 1", `seen[1] "by caller"`,
		fmt.Sprintf("#%d counter disk: append log 1 bytes\n", got+1), "✗", "FAULT crash counter",
	} {
		if !strings.Contains(drawing, want) {
			t.Errorf("%q is missing in\n%s", want, drawing)
		}
	}
	if again := drawnBy(t, f, false, crash, crash+1); strings.Contains(again, "virtual") || !strings.Contains(again, "┊") {
		t.Errorf("drawn without names after a crash:\n%s", again)
	}
	for line := range strings.Lines(drawing) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > Width {
			t.Errorf("a line is %d wide: %s", n, line)
		}
	}
}

// It fails if what became durable is not told where it became so.
func TestFilmDrawsDisks(t *testing.T) {
	s := beating(40)
	f := filmed(t, s, "")
	for seq := uint64(1); seq <= uint64(f.Trace.Len()); seq++ {
		diff, err := f.Changes(context.Background(), seq)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range diff {
			if strings.HasPrefix(c.Path, onDisk) {
				if text := drawnBy(t, f, false, seq); !strings.Contains(text, "on disk: log ") {
					t.Errorf("event %d changes %+v, and is drawn as %s", seq, c, text)
				}
				return
			}
		}
	}
	t.Error("nothing becomes durable in this run")
}

// It fails if lanes that have no room are told of in each row, or never.
func TestFilmDrawsManyLanes(t *testing.T) {
	s := &sim.Scenario{Name: "many", Run: 10 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		for i := range 30 {
			w.Add(sim.NodeID(fmt.Sprintf("n%02d", i)), func() sim.Node { return crier{} })
		}
	}}
	f := filmed(t, s, "")
	if head := drawnBy(t, f, true, 1, 2); !strings.Contains(head, "more nodes have no lane") {
		t.Errorf("the lanes without room are not told of:\n%s", head)
	}
	if row := drawnBy(t, f, false, 1, 2); strings.Contains(row, "no lane") || strings.Count(row, "\n") != 2 {
		t.Errorf("two rows are drawn as\n%s", row)
	}
}

// It fails if an event that is not there is drawn, or if what cannot be written passes for written.
func TestFilmDrawErrors(t *testing.T) {
	f := filmed(t, counting(3), "")
	if err := f.Draw(context.Background(), &smallDisk{1000}, []uint64{1}, true); err != nil {
		t.Error(err)
	}
	if err := f.Draw(context.Background(), &smallDisk{1000}, []uint64{1, 9999}, true); err == nil || !strings.Contains(err.Error(), "there is no event 9999") {
		t.Errorf("event 9999: %v", err)
	}
	if err := f.Draw(context.Background(), &smallDisk{5}, []uint64{1}, true); !errors.Is(err, errNoRoom) {
		t.Errorf("without room: %v", err)
	}
}
