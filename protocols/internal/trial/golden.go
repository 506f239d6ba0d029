package trial

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
)

// Update is set where golden files are to be written anew, for review.
var Update = flag.Bool("update", false, "write the golden files anew")

// Golden compares a text with a file of the package under test, such as "testdata/alone.txt", or makes the text the file's if -update is given.
func Golden(t testing.TB, file, got string) {
	t.Helper()
	if *Update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("this differs from %s (-update writes it anew):\n%s", file, got)
	}
}

// Calm is the network and the disks of a play, to which a test adds what goes wrong: links take a millisecond, syncs a tenth of one.
const Calm = "always law constant 1ms\nalways ties ordered\nalways sync 100µs\n"

// A Telling says what a play tells of an event: a line without its time, "" for nothing.
type Telling func(*sim.Event) string

// Play makes the first part of the run of a plan in which nothing else is left to chance, and returns what is told of it: the lines of its events, each behind its time.
// Nothing may be violated.
func Play(t testing.TB, s *sim.Scenario, d time.Duration, plan string, tell Telling, set ...string) string {
	t.Helper()
	w := World(t, s, sim.Config{Driver: chance.Benign{}, Options: Options(t, s, set...), Plan: Plan(t, plan)})
	defer w.Close()
	var b strings.Builder
	for e := range w.Events(d) {
		if line := tell(e); line != "" {
			fmt.Fprintf(&b, "%9v %s\n", e.At, line)
		}
	}
	if v := w.Verdict(); v.Outcome == sim.Violated {
		t.Errorf("%s: %s", v.Property, v.Why)
	}
	return b.String()
}

// Told is what most plays tell: what is sent and lost, the facts, and when nodes start and crash.
func Told(e *sim.Event) string {
	switch e.Kind {
	case sim.Sent:
		return fmt.Sprintf("%s>%s %v", e.Node, e.Peer, e.Data)
	case sim.Dropped:
		return fmt.Sprintf("%s>%s %v: %s", e.Peer, e.Node, e.Data, e.Reason)
	case sim.Noted, sim.Crashed, sim.Started:
		return fmt.Sprintf("%s %v: %v", e.Node, e.Kind, e.Data)
	}
	return ""
}
