package view

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/disk"
)

type promise struct{ Ballot int }
type named string

func (n named) String() string { return "named\n " + string(n) }

// It fails if a value is printed with its package, over several lines, or without what is in it.
func TestText(t *testing.T) {
	for _, c := range []struct {
		data any
		want string
	}{
		{nil, ""},
		{promise{3}, "promise{Ballot:3}"},
		{&promise{3}, "promise{Ballot:3}"},
		{struct{}{}, "struct {}"},
		{named("a"), "named a"},
		{"panic: x\n\tstack", "panic: x stack"},
		{uint64(2), "2"},
		{disk.Loss{Bytes: 3}, "lost 3 bytes"},
	} {
		if got := Text(c.data); got != c.want {
			t.Errorf("Text(%#v) = %q, want %q", c.data, got, c.want)
		}
	}
}

// It fails if a line of the log says less than the event, or turns an arrow round.
func TestEventLine(t *testing.T) {
	for _, c := range []struct {
		event sim.Event
		want  string
	}{
		{sim.Event{Seq: 1, Kind: sim.Started, Node: "a1", Data: uint64(2)}, "     1      0.000ms  start  a1 life 2"},
		{sim.Event{Seq: 12, Cause: 1, At: 1_234_567, Kind: sim.Sent, Node: "a1", Peer: "p1", Data: promise{3}},
			"    12      1.235ms  send   a1→p1  promise{Ballot:3}  <- 1"},
		{sim.Event{Seq: 13, Cause: 12, At: 2_000_000, Kind: sim.Dropped, Node: "p1", Peer: "a1", Data: promise{3}, Reason: "cut"},
			"    13      2.000ms  drop   a1→p1  promise{Ballot:3}  (cut)  <- 12"},
		{sim.Event{Seq: 14, At: 3_000_000, Kind: sim.Settled}, "    14      3.000ms  settle"},
	} {
		if got := EventLine(&c.event); got != c.want {
			t.Errorf("got  %q\nwant %q", got, c.want)
		}
	}
}

// It fails if figures lose digits that matter or show ones that do not.
func TestFigures(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999: "999ns", 1234567: "1.235ms", 39743875: "39.74ms", 5 * time.Second: "5s", 6195123456: "6.195s", 90 * time.Minute: "1h30m0s",
	} {
		if got := Duration(d); got != want {
			t.Errorf("Duration(%d) = %s, want %s", d, got, want)
		}
	}
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", 100000: "100,000"} {
		if got := Number(n); got != want {
			t.Errorf("Number(%d) = %s, want %s", n, got, want)
		}
	}
	if got := Instant(clock.Time(12_345_678)); got != "12.346ms" {
		t.Errorf("Instant gives %s, want 12.346ms", got)
	}
}

// It fails if words are lost, a line is longer than it may be, or a token is broken.
func TestWrap(t *testing.T) {
	long := strings.Repeat("x", 100)
	got := Wrap("  head  ", strings.Repeat("four ", 30)+long+" end")
	lines := strings.Split(strings.TrimSuffix(got, "\n"), "\n")
	for i, l := range lines {
		if n := utf8.RuneCountInString(l); n > Width && strings.TrimSpace(l) != long {
			t.Errorf("line %d has %d columns: %q", i, n, l)
		}
		if i > 0 && !strings.HasPrefix(l, "        ") || strings.HasSuffix(l, " ") {
			t.Errorf("line %d is not indented, or ends in a space: %q", i, l)
		}
	}
	if want := 1 + 30 + 1 + 1; len(strings.Fields(got)) != want {
		t.Errorf("%d words, want %d", len(strings.Fields(got)), want)
	}
	if got := Wrap("head", ""); got != "head\n" {
		t.Errorf("nothing to wrap gives %q", got)
	}
	if got := cut("ééééé", 3); got != "éé…" {
		t.Errorf("cut gives %q: it must count runes", got)
	}
	if cut("abc", 3) != "abc" || cut("abc", 0) != "" {
		t.Error("cut touches what fits, or leaves something where nothing does")
	}
}

// A failingWriter takes nothing.
type failingWriter struct{}

var errFull = errors.New("full")

func (failingWriter) Write([]byte) (int, error) { return 0, errFull }

// It fails if a full disk goes unnoticed.
func TestErrorsOfTheWriter(t *testing.T) {
	if err := Diagram(failingWriter{}, Story{}, Hints{}); !errors.Is(err, errFull) {
		t.Errorf("Diagram returns %v", err)
	}
	if err := Report(failingWriter{}, Run{}); !errors.Is(err, errFull) {
		t.Errorf("Report returns %v", err)
	}
}

// It fails if a long time is told in the wrong unit, or is rounded up.
func TestLong(t *testing.T) {
	const hour = time.Hour
	for d, want := range map[time.Duration]string{
		0: "0.0 seconds", 1990 * time.Millisecond: "1.9 seconds", 119 * time.Second: "119.0 seconds", 2 * time.Minute: "2.0 minutes",
		hour: "60.0 minutes", 5*hour + 59*time.Minute: "5.9 hours", 48 * hour: "2.0 days", 2 * 365 * 24 * hour: "2.0 years", math.MaxInt64: "292.4 years",
	} {
		if got := Long(d); got != want {
			t.Errorf("Long(%v) = %s, want %s", d, got, want)
		}
	}
}
