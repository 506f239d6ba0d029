package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/zoo"
)

// The published scores are a file, zoo/score.json. What is made of it must be current, and it must be of the zoo as it is.

func openScores(t *testing.T) (*zoo.Published, []zoo.Score) {
	t.Helper()
	p, err := zoo.OpenPublished(os.DirFS(rootOfModule))
	if err != nil {
		t.Fatal(err)
	}
	scores, err := p.Scores(openZoo(t))
	if err != nil {
		t.Fatal(err)
	}
	return p, scores
}

// section returns what stands in a section of a page.
func section(t *testing.T, page, name string) string {
	t.Helper()
	text, err := source(page)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- "+name+" -->\n")
	in, _, closed := strings.Cut(rest, "<!-- /"+name+" -->")
	if !ok || !closed {
		t.Fatalf("%s has no section %s", page, name)
	}
	return in
}

// Fails if a table or the picture is not what zoo/score.json and the headers of the patches say.
func TestScorePages(t *testing.T) {
	p, scores := openScores(t)
	for _, x := range []struct {
		page, section string
		write         func(*strings.Builder) error
	}{
		{"docs/zoo.md", "score", func(b *strings.Builder) error { return zoo.Board(b, scores, p.About()) }},
		{"docs/zoo.md", "slowest", func(b *strings.Builder) error { return zoo.Slowest(b, scores, 10) }},
		{"README.md", "score-summary", func(b *strings.Builder) error { return zoo.Summary(b, scores, p.About()) }},
	} {
		var b strings.Builder
		if err := x.write(&b); err != nil {
			t.Fatal(err)
		}
		if section(t, x.page, x.section) != b.String() {
			t.Errorf("section %s of %s is not current: simrun zoo page %s", x.section, x.page, x.page)
		}
	}
	var svg strings.Builder
	if err := zoo.Plot(&svg, scores); err != nil {
		t.Fatal(err)
	}
	if old, err := source("docs/zoo.svg"); err != nil || string(old) != svg.String() {
		t.Errorf("docs/zoo.svg is not current (%v): simrun zoo score --from zoo/score.json --svg docs/zoo.svg", err)
	}
}

// mayDiffer is which part of the zoo may be new or have changed since it was measured. Each such bug is marked in the table.
const mayDiffer = 0.05

// Fails if a bug has no row in the table, or if what was published is of another zoo.
func TestScoreIsOfThisZoo(t *testing.T) {
	_, scores := openScores(t)
	table := section(t, "docs/zoo.md", "score")
	other, bugs := []string{}, 0
	for i := range scores {
		s := &scores[i]
		if i > 0 && scores[i-1].Bug == s.Bug {
			continue
		}
		if bugs++; !strings.Contains(table, "\n| "+s.Bug.Name+" | ") {
			t.Errorf("the table has no row for %s", s.Bug.Name)
		}
		if s.Stale || len(s.Results) == 0 {
			other = append(other, s.Bug.Name)
		}
	}
	if float64(len(other)) > mayDiffer*float64(bugs) {
		t.Errorf("%d of %d bugs have changed since they were measured, or never were: simrun zoo score --save zoo/score.json --bugs %s", len(other), bugs, strings.Join(other, ","))
	}
}

// Fails if a bug was caught by a property that its header does not name, and nobody has said why, or if a patch that is masked was seen.
func TestCatchesAreExplained(t *testing.T) {
	_, scores := openScores(t)
	for i := range scores {
		s := &scores[i]
		if s.Unmasked() != nil {
			t.Errorf("%s is said to be masked, and was seen by %s under %s", s.Bug.Name, s.Unmasked().Property, s.Profile)
		}
		if s.Stale || s.Bug.Masked != "" {
			continue
		}
		for _, c := range s.Caught() {
			if !s.Bug.Expects(c.Property) {
				t.Errorf("%s is to break %s, and under %s %s was the first in %d of %d ranges: correct its line breaks:, or say why in a line also: %s — ...",
					s.Bug.Name, s.Bug.Breaks, s.Profile, c.Property, c.Ranges, len(s.Results), c.Property)
			}
		}
	}
}

// Fails if what was measured is told otherwise by the command than by the file, if something is measured though nothing is to be, or if a contradiction is taken.
func TestScoreFromFile(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles this program")
	}
	program := built(t)
	scores := filepath.Join(t.TempDir(), "scores.json")
	const one = `{"budget":1000,"ranges":2,"bugs":[{"bug":"paxos/counts-messages","mark":"","under":[{"profile":"swarm","budget":1000,"seconds":1,"outer":["7 integrity","9 agreement"],"inner":["-","3 backed"]}]}]}`
	if err := os.WriteFile(scores, []byte(one), 0o666); err != nil {
		t.Fatal(err)
	}
	out, stderr, code := simrunIn(t, program, nil, "zoo", "score", "--from", scores, "--bugs", "paxos/counts-messages,stale-promise")
	if code != 0 || !strings.Contains(out, "2†") || !strings.Contains(out, "not measured yet") || !strings.Contains(out, "1 of 1 bug is found in more than half of its ranges, of 1,000 seeds each.") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	for _, x := range [][]string{
		{"--runs says how to measure, and --from tells what was measured", "--from", scores, "--runs", "3"},
		{"--weaken says how to measure", "--from", scores, "--weaken", "twice-as-old"},
		{"go.mod: it is no file of scores", "--from", "go.mod"},
		{"no such file", "--from", "/nowhere"},
		{"--bugs has no value: give one, or leave it out", "--bugs", ""},
		{"--weaken has no value", "--weaken", ""},
		{"which messages decide", "--strategy", "flp", "--bugs", "2pc"},
		{"the only strategy is flp", "--strategy", "fast"},
		{"the profile swarm is given twice", "--profiles", "swarm,crash,swarm"},
		{"what is there was measured in 2 ranges of 1000 seeds, and this in 20 of 100000; give another file", "--save", scores},
	} {
		_, stderr, code := simrunIn(t, program, nil, append([]string{"zoo", "score"}, x[1:]...)...)
		if want := x[0]; code != 2 || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit code %d, %s", x[1:], code, stderr)
		}
	}
}
