package trial

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
)

// A counter counts to the number that it is given, a step a millisecond, and tells its neighbour.
type counter struct{ to int }

type step struct{ N int }

type counted struct{ N int }

func (c counter) Start(env sim.Env) { env.After(time.Millisecond, step{1}) }

func (c counter) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	n := m.(step).N
	if from != env.ID() || n > c.to {
		return
	}
	env.Note(counted{n})
	env.Send("b", step{n})
	env.After(time.Millisecond, step{n + 1})
}

// A limit complains of a number that is too high.
type limit struct {
	name  string
	inner bool
	at    int
}

func (l limit) Name() string                       { return l.name }
func (l limit) Inner() bool                        { return l.inner }
func (l limit) Checks() uint64                     { return 1 }
func (l limit) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (l limit) Observe(e *sim.Event) error {
	if f, ok := e.Data.(counted); ok && f.N >= l.at {
		return errors.New("too high")
	}
	return nil
}

// counting is a scenario in which "low" complains of 3, which is inner, and "high" of 5.
func counting() *sim.Scenario {
	return &sim.Scenario{
		Name:    "counting",
		Options: []sim.Option{{Name: "to", Default: 9, Min: 0, Max: 9}},
		Build: func(w *sim.World, o sim.Options) {
			w.Add("a", func() sim.Node { return counter{o.Int("to")} })
			w.Add("b", func() sim.Node { return counter{} })
		},
		Properties: func(sim.Options) []sim.Property {
			return []sim.Property{limit{"low", true, 3}, limit{"high", false, 5}}
		},
		Run: 50 * time.Millisecond,
	}
}

// A witness is a test that may fail.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Helper() {}
func (w *witness) Errorf(format string, args ...any) {
	w.said = append(w.said, fmt.Sprintf(format, args...))
}
func (w *witness) Fatal(args ...any) {
	w.said = append(w.said, fmt.Sprint(args...))
	panic(w)
}

// fails runs a part of a test that must end it, and returns what it says.
func fails(f func(t testing.TB)) (said string) {
	w := &witness{}
	defer func() {
		if recover() == nil {
			w.said = append(w.said, "it goes on")
		}
		said = strings.Join(w.said, "; ")
	}()
	f(w)
	return ""
}

// Fails if a wrong setting or plan is taken for a right one: a test would judge something else than it says.
func TestWhatIsWrongEndsTheTest(t *testing.T) {
	s := counting()
	for _, c := range []struct {
		want string
		do   func(t testing.TB)
	}{
		{"two", func(t testing.TB) { Options(t, s, "two=3") }},
		{"dance", func(t testing.TB) { Plan(t, "1ms crash a; 2ms dance") }},
		{"nobody", func(t testing.TB) { World(t, s, sim.Config{Plan: Plan(t, "1ms crash nobody")}) }},
		{"no such file", func(t testing.TB) { Golden(t, filepath.Join("testdata", "nowhere"), "") }},
	} {
		if said := fails(c.do); !strings.Contains(said, c.want) {
			t.Errorf("it says %q, want something of %q", said, c.want)
		}
	}
}

// Fails if a hunt goes on when it has seen enough or ends before, or takes an inner property for an outer one or a later seed for the first.
func TestHunt(t *testing.T) {
	s := counting()
	seeds := map[string]uint64{}
	s.Properties = func(sim.Options) []sim.Property {
		seeds["made"]++
		at := func(seed uint64, n int) int {
			if seeds["made"] < seed {
				return 99
			}
			return n
		}
		return []sim.Property{limit{"low", true, at(3, 3)}, limit{"high", false, at(6, 5)}}
	}
	for _, c := range []struct {
		enough func(*Find) bool
		last   uint64
		made   uint64 // runs
		want   string
	}{
		{Each("low"), 9, 3, "[low] inner 3 outer 0 high 0"},
		{Each("low", "high"), 9, 6, "[low high] inner 3 outer 6 high 6"},
		{InnerAnd("high"), 9, 6, "[low high] inner 3 outer 6 high 6"},
		{Each("high"), 5, 5, "[low] inner 3 outer 0 high 0"},
		{func(*Find) bool { return false }, 9, 9, "[low high] inner 3 outer 6 high 6"},
	} {
		clear(seeds)
		f := Hunt(t, s, sim.Config{Options: Options(t, s), Faults: "none"}, 1, c.last, c.enough)
		if got := fmt.Sprintf("%v inner %d outer %d high %d", f.Seen, f.Inner, f.Outer, f.Of("high")); got != c.want || seeds["made"] != c.made {
			t.Errorf("%d runs: %s, want %d: %s", seeds["made"], got, c.made, c.want)
		}
		if f.All("low", "high") != slices.Contains(f.Seen, "high") || f.All("never") || !f.All() {
			t.Errorf("of %v all have complained: %t", f.Seen, f.All("low", "high"))
		}
	}
}

// Fails if a play tells something twice or in another order, if it leaves chance a part, or if it does not notice that something is violated.
func TestPlay(t *testing.T) {
	s := counting()
	got := Play(t, s, 3500*time.Microsecond, Calm+"lose a>b step#2\n", Told, "to=2")
	want := "0s a start: 1|0s b start: 1|1ms a note: {1}|1ms a>b {1}|2ms a note: {2}|2ms a>b {2}|2ms a>b {2}: planned|"
	var lines strings.Builder
	for line := range strings.Lines(got) {
		lines.WriteString(strings.TrimSpace(line) + "|")
	}
	if lines.String() != want {
		t.Errorf("it is told\n%s\nwant\n%s", lines.String(), want)
	}
	silent := func(*sim.Event) string { return "" }
	w := &witness{TB: t}
	if told := Play(w, s, 0, Calm, silent); told != "" || len(w.said) != 1 || !strings.Contains(w.said[0], "high: too high") {
		t.Errorf("it tells %q, and the test hears %q", told, w.said)
	}
}

// Fails if a text passes for another one.
func TestGolden(t *testing.T) {
	file := filepath.Join(t.TempDir(), "play.txt")
	if err := os.WriteFile(file, []byte("to be\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	w := &witness{TB: t}
	if Golden(w, file, "to be\n"); len(w.said) != 0 {
		t.Errorf("what is the same differs: %q", w.said)
	}
	if Golden(w, file, "or not\n"); len(w.said) != 1 || !strings.Contains(w.said[0], "or not") {
		t.Errorf("what differs is the same: %q", w.said)
	}
	*Update = true
	defer func() { *Update = false }()
	Golden(w, file, "or not\n")
	if text, err := os.ReadFile(file); err != nil || string(text) != "or not\n" || len(w.said) != 1 {
		t.Errorf("written anew it is %q, %v, and the test hears %q", text, err, w.said)
	}
}
