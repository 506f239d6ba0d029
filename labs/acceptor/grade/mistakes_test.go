package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"simrun/labs/acceptor"
	"simrun/search"
	"simrun/sim"
	"simrun/view"
)

var update = flag.Bool("update", false, "rewrite golden files and the output in the handout")

// Each row is a mistake that a student may make, the points that are left, the first stage that is not
// passed, and what is said of it.
var cases = []struct {
	name   string
	made   mistakes
	points int
	stage  string // "" if all are passed
	why    string // a pattern
}{
	{"none", mistakes{}, 100, "", ""},
	{"none, and silent about what is old", mistakes{quiet: true}, 100, "", ""},
	{"answers no Accept", mistakes{mute: true}, 10, "accept", "^accept: p1 asked a. at .* to accept A in 1.1, and has heard nothing: a. and a. are silent too$"},
	{"promises another ballot", mistakes{wrongBallot: true}, 0, "promise", "^promise: p1 asked a. at .* to promise 1.1, and has heard no answer: .* tells p1 Promise{none}, which nobody has asked for$"},
	{"answers p1, whoever asks", mistakes{answersP1: true}, 0, "promise", "^promise: p2 asked .* no answer: .* tells p1 Promise{1.2, has 1.1 A}, which is for p2, who has asked$"},
	{"refuses the ballot that it has promised", mistakes{strict: true}, 10, "accept", "^accept: .* no answer: .* refuses 1.1 for the sake of 1.1, which is not above it$"},
	{"promises, and does not say what it has accepted", mistakes{forgetsToTell: true}, 20, "report", "^agreement: p. decided . at .*, but p. decided . at "},
	{"says in which ballot it accepted, and not what", mistakes{tellsHalf: true}, 20, "report", "^agreement: "},
	{"accepts below its promise", mistakes{acceptsOld: true}, 40, "refuse", "^agreement: "},
	{"promises below its promise", mistakes{promisesOld: true}, 40, "refuse", "^agreement: "},
	{"compares an Accept with what it has accepted", mistakes{comparesOld: true}, 40, "refuse", "^agreement: "},
	{"accepts without raising its promise", mistakes{acceptsLightly: true}, 40, "refuse", "^promise-kept: a. promises .*, although it accepted in .* at .*[0-9]m?s$"},
	{"never gives up what it accepted first", mistakes{keepsFirst: true}, 20, "report", "^report: a. promises 1.3 and reports 1.1 A, although it accepted A in 1.2 at .*$"},
	{"keeps one ballot for both", mistakes{oneBallot: true}, 40, "refuse", "^report: a. promises .* and reports .*, which nobody has proposed$"},
	{"writes nothing down", mistakes{volatile: true}, 60, "remember", "^agreement: "},
	{"writes, and never reads", mistakes{writesOnly: true}, 60, "remember", "^agreement: "},
	{"reads the first record, not the last", mistakes{readsFirst: true}, 60, "remember", "^agreement: "},
	{"writes no acceptance down", mistakes{savesPromises: true}, 60, "remember", "^agreement: "},
	{"writes no promise down", mistakes{savesAccepted: true}, 60, "remember", "^promise-kept: a. promises .*, although it promised .* at .*, before it crashed$"},
	{"has nothing to say after a crash", mistakes{stays: true}, 60, "remember", "^(promise|accept): p. asked a. at .* and has heard nothing"},
	{"panics when it starts again", mistakes{panics: true}, 60, "remember", "^panic: a. panicked: two votes"},
	{"never syncs", mistakes{neverSyncs: true}, 75, "sync", "^agreement: "},
	{"answers before it syncs", mistakes{syncsLate: true}, 75, "sync", "^agreement: "},
	{"syncs acceptances, and no promises", mistakes{syncsAccepted: true}, 75, "sync", "^promise-kept: a. promises .*, although it promised .* at .*, before it crashed$"},
	{"remembers in a variable of the program", mistakes{global: map[sim.NodeID]acceptor.Vote{}}, 0, "promise", "^not deterministic: "},
	{"wakes itself up for ever", mistakes{forever: true}, 0, "promise", "^time-passes: "},
}

func (m mistakes) scenario() *sim.Scenario {
	return acceptor.ScenarioOf(func() sim.Node { return &student{mistakes: m} })
}

func marksOf(t *testing.T, s *sim.Scenario) []acceptor.Mark {
	t.Helper()
	marks, err := acceptor.Marks(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return marks
}

// missing returns the first stage that is not passed, and what is said of it.
func missing(marks []acceptor.Mark) (m *acceptor.Mark, said string) {
	for i := range marks {
		if m := &marks[i]; !m.Passed {
			return m, m.Property + ": " + m.Why
		}
	}
	return nil, ""
}

// Each mistake costs the points that it should, and is named by its stage. Fails if a stage is passed
// with the mistake that it is there for, or not passed for another.
func TestMistakes(t *testing.T) {
	for _, x := range cases {
		if testing.Short() && x.made.forever {
			continue // millions of events
		}
		t.Run(x.name, func(t *testing.T) {
			marks := marksOf(t, x.made.scenario())
			var b bytes.Buffer
			if earned, all := report(&b, marks); earned != x.points || all != 100 {
				t.Errorf("want %d points of 100:\n%s", x.points, b.String())
			}
			first, said := missing(marks)
			switch {
			case first == nil && x.stage == "":
			case first == nil || first.Stage.Name != x.stage:
				t.Errorf("want %q to be the first stage that is not passed:\n%s", x.stage, b.String())
			case !regexp.MustCompile(x.why).MatchString(said):
				t.Errorf("stage %s says %q, want %s", x.stage, said, x.why)
			}
		})
	}
}

// The grader prints the same on every machine: golden files say what, to the last seed and token. Fails if
// anything of the machine finds its way into a grade, and if a stage was changed.
func TestGolden(t *testing.T) {
	for name, made := range map[string]mistakes{"right": {}, "answers-before-syncing": {syncsLate: true}} {
		var b bytes.Buffer
		report(&b, marksOf(t, made.scenario()))
		golden := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if b.String() != string(want) {
			t.Errorf("%s says\n%s\nbut it prints\n%s\n(-update rewrites it)", golden, want, b.String())
		}
	}
}

// What is shown of a mistake is small, and holds the fault without which it cannot be seen. Fails if a
// story has become too long to be read, or tells of crashes where none are needed.
func TestStories(t *testing.T) {
	if testing.Short() {
		t.Skip("makes runs small, which takes seconds each")
	}
	for _, x := range []struct {
		made    mistakes
		crashes int    // that the plan of the small run has
		events  uint64 // at most
		tells   []string
	}{
		{mistakes{mute: true}, 0, 30, []string{"p1→a1 Accept{1.1 A}", "gave up 1.1"}},
		{mistakes{forgetsToTell: true}, 0, 50, []string{"chosen 1.1 A", "a1→p2 Promise{1.2}", "chosen 1.2 B"}},
		{mistakes{acceptsOld: true}, 0, 50, []string{"a1→p2 Promise{1.2}", "chosen 1.1 A", "chosen 1.2 B"}},
		{mistakes{volatile: true}, 1, 50, []string{"FAULT crash a1", "a1 starts life 2", "chosen 1.1 A", "chosen 1.2 B"}},
		{mistakes{neverSyncs: true}, 1, 55, []string{"FAULT crash a1", "chosen 1.1 A", "chosen 1.2 B"}},
		{mistakes{syncsLate: true}, 1, 60, []string{"FAULT crash a1", "chosen 1.1 A", "chosen 1.2 B"}},
	} {
		t.Run(fmt.Sprintf("%+v", x.made), func(t *testing.T) {
			s := x.made.scenario()
			first, _ := missing(marksOf(t, s))
			small := shrink(t, s, first)
			if small.After.Events > x.events {
				t.Errorf("it is shown by %v, want at most %d events", small.After, x.events)
			}
			plan := small.File().Plan.String()
			if n := strings.Count(plan, "crash "); n != x.crashes {
				t.Errorf("the plan has %d crashes, want %d:\n%s", n, x.crashes, plan)
			}
			story := drawn(t, s, small)
			if rows := strings.Count(story, "\n"); rows > 18 {
				t.Errorf("the story has %d rows", rows)
			}
			for _, want := range x.tells {
				if !strings.Contains(story, want) {
					t.Errorf("%q is not told:\n%s", want, story)
				}
			}
		})
	}
}

// shrink makes the run that a mark shows small.
func shrink(t *testing.T, s *sim.Scenario, m *acceptor.Mark) search.Shrunk {
	t.Helper()
	cfg, err := m.File.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Only = m.Property
	given, _, err := search.Explicit(s, cfg)
	if err != nil {
		t.Fatal(err)
	}
	small, err := search.Shrink{Case: given, Property: m.Property}.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return small
}

// drawn draws a small run.
func drawn(t *testing.T, s *sim.Scenario, small search.Shrunk) string {
	t.Helper()
	file := small.File()
	cfg, err := file.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	var teller *view.Teller
	w, err := view.Watch(s, func(e *sim.Event) { teller.See(e) }).World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	teller = view.NewTeller(w.Nodes())
	v := w.Run(0)
	var b strings.Builder
	if err := view.Diagram(&b, teller.Story(v.Events, 16), view.Hints{}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
