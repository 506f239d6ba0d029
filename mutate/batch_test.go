package mutate

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const twoBodies = `package p

func f(a int) bool {
	return a > b
}

func g() { h() }

const n = 1
`

// woven returns a weaving of all mutants of a file that can be in one, and the file.
func woven(t *testing.T, source string) (*weaving, string) {
	t.Helper()
	list, err := mutants("f.go", []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(m *Mutant) bool { return !m.switchable })
	w := &weaving{list: list, lines: make(map[string][]owner)}
	files := w.files(&pkg{Name: "p", sources: map[string][]byte{"f.go": []byte(source), "other.go": []byte("package p\n")}})
	if len(files) != 2 || !strings.Contains(string(files[switcher]), "package p\n") {
		t.Errorf("the changed files are %q", files)
	}
	return w, string(files["f.go"])
}

// Fails if a copy of a body says something else than the mutant's file would, if code that is no mutant is lost, or if a constant of the package is put into a switch.
func TestWeave(t *testing.T) {
	w, text := woven(t, twoBodies)
	const want = `package p

func f(a int) bool {
switch mutateChosenByTheSwitch {
case 1:

	return a <= b

case 2:

	return a >= b

default:

	return a > b

}
}

func g() {
switch mutateChosenByTheSwitch {
case 3:
 if false { h() } 
default:
 h() 
}
}

const n = 1
`
	if text != want {
		t.Errorf("it becomes\n%s\nwant\n%s", text, want)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "f.go", text, 0); err != nil {
		t.Error(err)
	}
	for i, l := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		var whose []int
		for m, bad := range w.blamed(fmt.Appendf(nil, "# p\n../x/f.go:%d:2: bad\n", i+1)) {
			if bad {
				whose = append(whose, slices.Index(w.list, m)+1)
			}
		}
		slices.Sort(whose)
		want := "[1 2]"
		switch {
		case i < 2:
			want = "[1 2 3]" // it is above all
		case i > 18:
			want = "[3]"
		case strings.Contains(l, "a <= b"):
			want = "[1]"
		case strings.Contains(l, "a >= b"):
			want = "[2]"
		}
		if got := fmt.Sprint(whose); got != want && l != "" {
			t.Errorf("a fault in line %d, %q, is that of %s, want %s", i+1, l, got, want)
		}
	}
	if bad := w.blamed([]byte("# p\nno space left\n../x/other.go:1:1: bad\n")); len(bad) != 0 {
		t.Errorf("%v are blamed for what is not in their file", bad)
	}
}

// Two files may have bodies at the same place, and mutants come in any order: fails if they are mixed up.
func TestWeaveFiles(t *testing.T) {
	sources := map[string][]byte{"f.go": []byte("package p\n\nfunc f() { a() }\n\nfunc k() { b() }\n"), "g.go": []byte("package p\n\nfunc g() { c() }\n")}
	var list []*Mutant
	for _, name := range []string{"g.go", "f.go"} {
		of, err := mutants(name, sources[name])
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, of...)
	}
	list[1], list[2] = list[2], list[1] // k before f
	w := &weaving{list: list, lines: make(map[string][]owner)}
	files := w.files(&pkg{Name: "p", sources: sources})
	for name, want := range map[string]string{
		"f.go": "package p func f() { switch mutateChosenByTheSwitch { case 3: if false { a() } default: a() } } func k() { switch mutateChosenByTheSwitch { case 2: if false { b() } default: b() } }",
		"g.go": "package p func g() { switch mutateChosenByTheSwitch { case 1: if false { c() } default: c() } }",
	} {
		if got := strings.Join(strings.Fields(string(files[name])), " "); got != want {
			t.Errorf("%s becomes\n%s\nwant\n%s", name, got, want)
		}
	}
	if bad := w.blamed([]byte("./g.go:1:1: bad\n./f.go:1:1: bad\n")); !bad[list[0]] || !bad[list[1]] || !bad[list[2]] || len(bad) != 3 {
		t.Errorf("%d are blamed for the first lines of both files", len(bad))
	}
	if bad := w.blamed([]byte("./g.go:0:1: bad\n")); len(bad) != 1 || !bad[list[0]] {
		t.Errorf("%d are blamed for no line of a file", len(bad))
	}
}

// Fails if a body that would mean something else in a block of its own, or cannot be there twice, is put into a switch.
func TestCanBeCopied(t *testing.T) {
	for source, want := range map[string]bool{
		"func f(a int) { a = 1 }":                                  true,
		"func f(a int) { b := a; b++ }":                            true,
		"func f() (err error) { x, err := g(); h(x); return err }": false,
		"func f(a int) { x, a := g(); h(x) }":                      false,
		"func (a T) f() { x, a := g(); h(x) }":                     false,
		"func f(_ int) { x, _ := g(); h(x) }":                      true,
		"func f(a int) { if b { x, a := g(); h(x, a) } }":          true,
		"func f(a int) { b.a, c[a] = 1, 2 }":                       true,
		"func f() { all: for { for { break all } } }":              false,
		"func f(list []int) { for _, x := range list { g(x) } }":   true,
	} {
		list, err := mutants("f.go", []byte("package p\n\n"+source+"\n"))
		if err != nil || len(list) == 0 {
			t.Fatal(source, list, err)
		}
		for _, m := range list {
			if m.switchable != want {
				t.Errorf("%s\nis put into a switch: %v, want %v", source, m.switchable, want)
			}
		}
	}
	list, err := mutants("f.go", []byte("package p\n\nvar n = 1\n\nfunc f(a [2]int) {}\n"))
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	for _, m := range list {
		if m.switchable {
			t.Errorf("%s is not in a body, and is put into a switch", m.name())
		}
	}
}

// A program in which a test fails though no mutant is in force says nothing of mutants. Fails if it is believed, or if a sound one is not; and if it is asked
// more than once.
func TestBatchIsChecked(t *testing.T) {
	x, y := &test{name: "TestX"}, &test{name: "TestY"}
	tr := &trial{pkg: &pkg{Dir: t.TempDir()}, suite: &suite{tests: []*test{y, x}}, config: &Config{patience: 10 * time.Second}}
	stages := []stage{{short: true, names: []string{"TestY", "TestX"}}, {names: []string{"TestX"}}}
	for script, want := range map[string]bool{
		`echo $SIMRUN_MUTANT $1 $2 >> asked; echo "--- FAIL: TestX/a"; exit 1`:                                            false,
		`echo $SIMRUN_MUTANT $1 $2 >> asked; if [ $SIMRUN_MUTANT != 0 ]; then echo "--- FAIL: TestX (0.00s)"; exit 1; fi`: true,
	} {
		bin := filepath.Join(t.TempDir(), "batch.test")
		if err := os.WriteFile(bin, []byte("#!/bin/sh\n"+script+"\n"), 0o777); err != nil {
			t.Fatal(err)
		}
		m, n := &Mutant{}, &Mutant{}
		b := &batch{bin: bin, numbers: map[*Mutant]int{m: 3, n: 4}, sound: make(map[string]bool)}
		for _, m := range []*Mutant{m, n} {
			r := &Result{Mutant: m}
			if ended, err := b.try(context.Background(), tr, stages, r); err != nil || ended != want || r.Outcome != Killed {
				t.Errorf("%s\nis believed: %v, %v, %s", script, ended, err, r.Outcome)
			}
		}
		asked := filepath.Join(tr.Dir, "asked")
		const both, one = " -test.run=^(TestY|TestX)$ -test.short=true\n", " -test.run=^(TestX)$ -test.short=true\n"
		if text, err := os.ReadFile(asked); err != nil || string(text) != "3"+both+"0"+one+"4"+both {
			t.Errorf("%s\nruns with mutants %q, %v", script, text, err)
		}
		if err := os.Remove(asked); err != nil {
			t.Fatal(err)
		}
	}
	// A mutant that lives has to be compiled alone.
	bin := filepath.Join(t.TempDir(), "batch.test")
	if err := os.WriteFile(bin, []byte("#!/bin/sh\nif [ $2 != -test.short=true ]; then exit 1; fi\n"), 0o777); err != nil {
		t.Fatal(err)
	}
	m := &Mutant{}
	b := &batch{bin: bin, numbers: map[*Mutant]int{m: 1}, sound: make(map[string]bool)}
	if ended, err := b.try(context.Background(), tr, stages, &Result{Mutant: m}); ended || err != nil {
		t.Errorf("a mutant that lives in its batch is judged by that: %v, %v", ended, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := b.try(ctx, tr, stages, &Result{Mutant: m}); !errors.Is(err, context.Canceled) {
		t.Errorf("an interrupt is %v", err)
	}
}

// Fails if a batch of a real package has not all that it could, or one that does not build spoils it.
func TestBatchLeavesOutWhatDoesNotBuild(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles some programs")
	}
	p, err := load(context.Background(), "testdata", "./account")
	if err != nil {
		t.Fatal(err)
	}
	all, err := p.mutants()
	if err != nil {
		t.Fatal(err)
	}
	tr := &trial{pkg: p, tmp: t.TempDir()}
	b, err := tr.batch(context.Background(), all)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		in, builds := b.numbers[m] > 0, !(m.Line == 58 && m.Kind == Arithmetic)
		if want := m.switchable && builds; in != want {
			t.Errorf("line %d, %s: in the batch %v, want %v", m.Line, m.Kind, in, want)
		}
	}
	if len(b.numbers) < 20 {
		t.Errorf("only %d of %d mutants are in the batch", len(b.numbers), len(all))
	}
}
