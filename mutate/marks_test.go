package mutate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParseMarks(t *testing.T) {
	list, err := parseMarks("# all of them\n\nf.go T.M\n- a\n- \tb\n+ c\n# no part of it\nfor a reason\n- of two lines\n\n\ng.go\n- x\nit is gone\n")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	if k := list[0]; k.line != 3 || k.text != "f.go T.M\n- a\n- \tb\n+ c" || k.reason != "for a reason - of two lines" {
		t.Errorf("the first is %+v", *k)
	}
	if k := list[1]; k.line != 12 || k.text != "g.go\n- x" || k.reason != "it is gone" {
		t.Errorf("the second is %+v", *k)
	}
}

// It fails if a mark without a reason, or a reason without a mutant, is taken.
func TestParseMarksComplains(t *testing.T) {
	for _, text := range []string{"f.go T.M\n- a\n+ b\n", "f.go T.M\nfor a reason\n", "f.go\n", "f.go\n- a\n+ b\n\nfor a reason\n"} {
		if _, err := parseMarks("\n" + text); err == nil || !strings.HasPrefix(err.Error(), Marks+":2: want ") && !strings.HasPrefix(err.Error(), Marks+":6: want ") {
			t.Errorf("%q: %v", text, err)
		}
	}
	if err := os.Mkdir(t.TempDir()+"/"+Marks, 0o777); err != nil {
		t.Fatal(err)
	}
	if list, err := readMarks(t.TempDir()); list != nil || err != nil {
		t.Errorf("no file of marks: %v, %v", list, err)
	}
}

// What is shown of a mutant, with a reason below, marks it and no other; and a mark of one that does not survive is wrong.
func TestMarksFit(t *testing.T) {
	list := of(t, "if a > b {\n\tsend(0)\n}")
	for _, m := range list {
		marks, err := parseMarks(m.place() + "\n" + m.Diff() + "since it is so\n")
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range list {
			if k := marked(marks, other); (k != nil) != (other == m) {
				t.Errorf("the mark of\n%s fits\n%s: %v", m.name(), other.name(), k != nil)
			}
		}
		for outcome, want := range map[Outcome]string{Survived: "", Uncovered: "", Killed: "TestX kills it", TimedOut: "do not end", Uncompiled: "does not build", Equivalent: "", Untried: ""} {
			r := Result{Mutant: m, Outcome: outcome, Why: "TestX"}
			r.judge(marks[0])
			if (want == "") != (r.Stale == "") || !strings.Contains(r.Stale, want) {
				t.Errorf("%s and marked: %q, want %q", outcome, r.Stale, want)
			}
			if alive := outcome == Survived || outcome == Uncovered; alive != (r.Outcome == Equivalent && r.Why == "since it is so") {
				t.Errorf("%s and marked: %s, %s", outcome, r.Outcome, r.Why)
			}
		}
	}
}

// The marks of this repository fit mutants that there are: nothing is compiled, so that a change of a marked line shows at once.
func TestMarksOfThisRepository(t *testing.T) {
	files, err := filepath.Glob("../*/*/" + Marks)
	if err != nil || len(files) < 1 {
		t.Fatal(files, err)
	}
	for _, name := range files {
		dir := filepath.Dir(name)
		p, err := load(context.Background(), ".", "./"+dir)
		if err != nil {
			t.Fatal(err)
		}
		marks, err := readMarks(dir)
		if err != nil || len(marks) == 0 {
			t.Errorf("%s: %d marks, %v", name, len(marks), err)
		}
		all, err := p.mutants()
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range all {
			if k := marked(marks, m); k != nil {
				k.fits = true
			}
		}
		for _, k := range marks {
			if !k.fits {
				t.Errorf("%s: %s", dir, k.stale("no mutant reads so any more:\n%s", k.text))
			}
		}
	}
}
