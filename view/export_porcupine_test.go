package view

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"simrun/sim"
)

// A judging property shows its history by telling what it was asked.
type judging struct {
	asks
	err error
}

func (j *judging) Visualize(w io.Writer, title string, last uint64, marks func(mark func(row string, from, to uint64, text, details string))) error {
	if j.err != nil {
		return j.err
	}
	fmt.Fprintf(w, "%s of %d\n", title, last)
	marks(func(row string, from, to uint64, text, details string) {
		fmt.Fprintf(w, "%s %d-%d %s (%s)\n", row, from, to, text, details)
	})
	_, err := io.WriteString(w, "end\n")
	return err
}

// It fails if a fault is not told beside the operations, or not from when to when.
func TestPorcupineMarks(t *testing.T) {
	trace := recorded(t, counting(10), Window{}, eventful)
	trace.judge = &judging{}
	var b bytes.Buffer
	if err := Porcupine(&b, trace); err != nil {
		t.Fatal(err)
	}
	cut := trace.Cuts[0]
	crash, start := find(t, trace, sim.Crashed, "counter", ""), find(t, trace, sim.Started, "counter", "life 2")
	want := fmt.Sprintf(`counting seed 0x7: ok of %d
network %d-%d cut caller | counter idle (cut caller | counter idle from 11.000ms to 25.000ms)
down: counter %d-%d crash (crash at 35.000ms)
faults %[6]d-%[6]d step idle -3ms (step idle -3ms at 60.000ms)
end
`, trace.Len(), cut.From, cut.To, crash, start, find(t, trace, sim.Faulted, "idle", "step"))
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

// It fails if a run that Porcupine has nothing to say of looks like a full disk, or the other way round.
func TestPorcupineErrors(t *testing.T) {
	trace := recorded(t, counting(3), Window{}, "")
	var r *Refusal
	if err := Porcupine(io.Discard, trace); !errors.As(err, &r) || r.Why != "no property of counting has a history that Porcupine judges" || r.Long {
		t.Errorf("a run without a history gives %v", err)
	}
	trace.judge = &judging{err: errors.New("no operations")}
	if err := Porcupine(io.Discard, trace); !errors.As(err, &r) || r.Why != "there is no page of Porcupine's: no operations" {
		t.Errorf("a run without operations gives %v", err)
	}
	trace.judge = &judging{}
	if err := Porcupine(&smallDisk{10}, trace); !errors.Is(err, errNoRoom) || errors.As(err, &r) {
		t.Errorf("a full disk gives %v", err)
	}
}
