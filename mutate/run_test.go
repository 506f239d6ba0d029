package mutate

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// every is what must become of each mutant of the package account.
var every = []string{
	"19 comparison: killed: TestWithdraw",
	"19 boundary: survived: ",
	"20 statement: killed: TestWithdraw",
	"21 statement: killed: TestWithdraw",
	"23 statement: killed: TestWithdraw",
	"23 arithmetic: killed: TestWithdraw",
	"24 statement: killed: TestWithdraw",
	"25 sync: survived: ",
	"25 comparison: killed: TestWithdraw",
	"26 statement: not covered: ",
	"28 statement: killed: TestWithdraw",
	"33 comparison: killed: TestLarger",
	"33 boundary: equivalent: of two that are equal it returns either",
	"41 comparison: killed: TestEmpty",
	"41 constant: killed: TestEmpty",
	"42 statement: timeout: ",
	"42 arithmetic: timeout: ",
	"49 statement: not covered: ",
	"53 constant: killed: TestGreet",
	"58 statement: killed: TestGreet",
	"58 arithmetic: does not build: invalid operation: operator - not defined on greeting (variable of type string)",
	"59 guard: killed: TestGreet",
	"59 guard: equivalent: nothing is loud",
	"59 comparison: equivalent: " + SameCode,
	"59 boundary: equivalent: " + SameCode,
	"59 constant: equivalent: " + SameCode,
	"59 constant: equivalent: " + SameCode,
	"60 statement: not covered: ",
	"62 statement: killed: TestGreet",
}

// try runs the mutants of a package under testdata.
func try(t *testing.T, ctx context.Context, c Config) *Report {
	t.Helper()
	c.Dir, c.patience = "testdata", 4*time.Second
	r, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// told is what became of each mutant, a line each.
func told(r *Report) (list []string) {
	for _, m := range r.Results {
		why := m.Why
		if m.Outcome == TimedOut {
			why, _, _ = strings.Cut(why, "still running after ") // how long depends on how busy the machine was before
		}
		list = append(list, fmt.Sprintf("%d %s: %s: %s", m.Line, m.Kind, m.Outcome, why))
	}
	return list
}

// It fails if any mutant of a small package comes to another end than a person would say, if progress does not come to its end,
// or if a source file is changed.
func TestEveryMutantOfAPackage(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles two dozen programs")
	}
	file := filepath.Join("testdata", "account", "account.go")
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var last Progress
	steps := 0
	r := try(t, context.Background(), Config{Package: "./account", Progress: func(p Progress) { last = p; steps++ }})
	if got := told(r); !slices.Equal(got, every) {
		t.Errorf("the mutants end as\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(every, "\n"))
	}
	if killed, of := r.Score(); killed != 17 || of != 22 || r.Found != len(every) || r.Tests != 4 || len(r.Stale) > 0 || r.Interrupted {
		t.Errorf("killed %d of %d; %d found, %d tests, stale %q", killed, of, r.Found, r.Tests, r.Stale)
	}
	if steps != len(every) || last.Done != steps || last.Total != steps || last.Survived != 5 || last.Last == nil || last.Prepared <= 0 || last.Prepared >= last.Elapsed {
		t.Errorf("after %d steps the progress is %+v", steps, last)
	}
	if after, err := os.ReadFile(file); err != nil || string(after) != string(before) {
		t.Errorf("%s was changed: %v", file, err)
	}
}

// A sample is the seed's, of those mutants alone, and whatever the workers. What only a test without
// -short notices survives with -short, and tests that are left out kill nothing.
func TestSample(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a dozen programs")
	}
	c := Config{Package: "./account", Mutants: 6, Seed: 3, Short: true, Skip: "Empty|Larger", Workers: 1}
	first := told(try(t, context.Background(), c))
	c.Workers = 3
	if again := told(try(t, context.Background(), c)); len(first) != 6 || !slices.Equal(first, again) {
		t.Errorf("one worker finds\n%s\nand three\n%s", strings.Join(first, "\n"), strings.Join(again, "\n"))
	}
	for _, l := range first {
		line, _, _ := strings.Cut(l, " ")
		switch outcome := strings.Split(l, ": ")[1]; line {
		case "33", "41", "42":
			if outcome != "not covered" && outcome != "equivalent" {
				t.Errorf("%s, though the tests of that line are left out", l)
			}
		case "53", "58", "59", "60", "62":
			if outcome == "killed" {
				t.Errorf("%s, though TestGreet only looks without -short", l)
			}
		}
	}
}

// What was asked for and makes no sense is one line, of a kind that says whose fault it is.
func TestBadInput(t *testing.T) {
	t.Setenv("CGO_ENABLED", "1") // nothing is compiled by it
	for _, c := range []struct {
		config Config
		want   string
	}{
		{Config{Package: "./nowhere"}, "./nowhere: "},
		{Config{Package: ""}, `"" names no package`},
		{Config{Package: "-x"}, `"-x" names no package`},
		{Config{Package: "./..."}, "./... is 7 packages, "},
		{Config{Package: "account/account.go"}, "account/account.go is a file: name its package"},
		{Config{Package: "./tagged"}, "simrun/mutate/testdata/tagged has no tests: nothing could kill a mutant; tagged_test.go is left out by its build constraints"},
		{Config{Package: "./foreign"}, "simrun/mutate/testdata/foreign has nothing but files that use cgo"},
		{Config{Package: "./untested"}, "simrun/mutate/testdata/untested has no tests"},
		{Config{Package: "./failing"}, "TestOne fails without any mutant"},
		{Config{Package: "./broken"}, "the tests of simrun/mutate/testdata/broken do not compile: broken/broken.go:"},
		{Config{Package: "./plain"}, "simrun/mutate/testdata/plain has nothing that could be changed"},
		{Config{Package: "./failing", Run: "Two"}, "simrun/mutate/testdata/failing has no tests of such names"},
		{Config{Package: "./account", At: "account.go:19,account.go:1"}, "no mutant is at account.go:1: want a file of the package, or a line of it, such as account.go:19"},
		{Config{Package: "./failing", Skip: "["}, "not a regular expression: "},
	} {
		c.config.Dir = "testdata"
		_, err := Run(context.Background(), c.config)
		var bad *BadInput
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Text, c.want) || strings.Contains(bad.Text, "\n") {
			t.Errorf("%+v: %v, want %q", c.config, err, c.want)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := Run(context.Background(), Config{Package: "./testdata/account"}); err == nil || !strings.HasPrefix(err.Error(), "there is no Go tool in the PATH") {
		t.Errorf("without a Go tool: %v", err)
	}
}

// An interrupt keeps what was found; one before the first mutant is an error. A budget of time leaves mutants untried, and one line has its own alone.
func TestEndedEarly(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles some programs")
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := try(t, ctx, Config{Package: "./account", Run: "Withdraw", Short: true, Workers: 1, Progress: func(p Progress) {
		if p.Done == 2 {
			cancel()
		}
	}})
	if n := len(r.Results) - r.Count(Untried); n != 2 || !r.Interrupted {
		t.Errorf("interrupted after 2, there are %d results, %v", n, r.Interrupted)
	}
	if _, err := Run(ctx, Config{Package: "./testdata/account"}); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted at once: %v", err)
	}
	r = try(t, context.Background(), Config{Package: "./account", Run: "Withdraw", Short: true, At: "account.go:23"})
	if got := told(r); !slices.Equal(got, every[4:6]) {
		t.Errorf("the mutants of one line end as %q", got)
	}
	r = try(t, context.Background(), Config{Package: "./account", Run: "Withdraw", Short: true, For: 1})
	if n := r.Count(Untried); n != len(r.Results) || r.Interrupted {
		t.Errorf("no time was given, and %d of %d are not tried", n, len(r.Results))
	}
}

// It fails if a process that goes on, or that takes all memory, is not ended, or what it says is lost.
func TestChild(t *testing.T) {
	e, err := child(context.Background(), ".", setting{time: 300 * time.Millisecond}, "sh", "-c", "echo said; sleep 60 & sleep 60")
	if err != nil || e.ok || !e.late || string(e.output) != "said\n" || e.took > 30*time.Second {
		t.Errorf("%+v, %v", e, err)
	}
	// A process that works for ever is ended by its work, however long that takes on a busy machine.
	if runtime.GOOS == "linux" {
		e, err = child(context.Background(), ".", setting{busy: time.Second}, "sh", "-c", "while :; do :; done")
		if err != nil || e.ok || !e.late || e.busy > 5*time.Second {
			t.Errorf("%+v, %v", e, err)
		}
		if e, err = child(context.Background(), ".", setting{busy: time.Minute}, "sh", "-c", "exit 3"); err != nil || e.ok || e.late {
			t.Errorf("%+v, %v", e, err)
		}
	}
	if e, err = child(context.Background(), ".", setting{}, "sh", "-c", "exit 3"); err != nil || e.ok || e.late {
		t.Errorf("%+v, %v", e, err)
	}
	var h head
	for range 3 {
		if n, err := h.Write(make([]byte, mostOutput/2+1)); n != mostOutput/2+1 || err != nil {
			t.Fatal(n, err)
		}
	}
	if h.Len() != mostOutput {
		t.Errorf("%d bytes are kept, want %d", h.Len(), mostOutput)
	}
}

// Quick tests go together and before others, slow ones alone and the slowest last, and each way only those that reach the line. Fails if a mutant meets a test in
// vain, or waits for a slow one although a quick one could kill it.
func TestStages(t *testing.T) {
	here, there := block{"f.go", spot{1, 1}, spot{9, 9}}, block{"f.go", spot{10, 1}, spot{19, 9}}
	run := func(ms int, reaches ...block) (p pass) {
		p = pass{took: time.Duration(2*ms) * time.Millisecond, busy: time.Duration(ms) * time.Millisecond, reaches: map[block]bool{}}
		for _, b := range []block{here, there} {
			p.reaches[b] = slices.Contains(reaches, b)
		}
		return p
	}
	s := &suite{tests: []*test{
		{"Slow", run(900, here), run(9000, here)}, {"Slower", run(1000, here, there), pass{}}, {"Fine", run(10, here), run(20, here)},
		{"Elsewhere", run(1, there), run(1, there)}, {"Small", run(1, here), run(150, here)}, {"Late", run(5), run(400, here)},
	}}
	s.collect()
	say := func(m *Mutant) string {
		var list []string
		for _, st := range s.stages(m) {
			list = append(list, fmt.Sprintf("%v %v %v", st.names, st.short, st.busy))
			if st.took != 2*st.busy {
				t.Errorf("%v took %v without a mutant, and had a core for %v", st.names, st.took, st.busy)
			}
		}
		return strings.Join(list, "; ")
	}
	if got, want := say(&Mutant{File: "f.go", Line: 5, Column: 1}),
		"[Small Fine] true 11ms; [Slow] true 900ms; [Slower] true 1s; [Fine] false 20ms; [Small] false 150ms; [Late] false 400ms; [Slow] false 9s"; got != want {
		t.Errorf("in a function:\n%s\nwant\n%s", got, want)
	}
	if got, want := say(&Mutant{File: "f.go", Line: 10, Column: 2}), "[Elsewhere] true 1ms; [Slower] true 1s; [Elsewhere] false 1ms"; got != want {
		t.Errorf("in the other:\n%s\nwant\n%s", got, want)
	}
	if got, want := say(&Mutant{File: "f.go", Line: 30, Column: 1}),
		"[Elsewhere Small Late Fine] true 17ms; [Slow] true 900ms; [Slower] true 1s; [Elsewhere Fine] false 21ms; [Small] false 150ms; [Late] false 400ms; [Slow] false 9s"; got != want {
		t.Errorf("outside of any function:\n%s\nwant\n%s", got, want)
	}
}

func TestKiller(t *testing.T) {
	if got := killer([]byte("x\n    --- FAIL: TestA/b (0.00s)\n--- FAIL: TestA (0.00s)\n")); got != "TestA/b" {
		t.Errorf("killed by %s", got)
	}
	if got := killer([]byte("fatal error: out of memory")); got != "the process of the tests ended badly" {
		t.Errorf("killed by %s", got)
	}
}

// A failure of the compiler is the mutant's if it is about a place in a file, else the machine's.
func TestFirstComplaint(t *testing.T) {
	if why, found := firstComplaint([]byte("# a/b [a/b.test]\n../x/f.go:46:57: invalid argument: index 7\nf.go:1: y\n")); !found || why != "invalid argument: index 7" {
		t.Errorf("%q, %v", why, found)
	}
	if _, found := firstComplaint([]byte("# a/b\nwrite $WORK/b.a: no space left on device\n")); found {
		t.Error("a full disk is the mutant's fault")
	}
	if got, want := whyNot([]byte("# a/b [a/b.test]\n./f.go:46:57: invalid argument:\n\tindex 7\n./g.go:1: y\n")), "./f.go:46:57: invalid argument:"; got != want {
		t.Errorf("it does not compile since %q, want %q", got, want)
	}
	if got, want := whyNot([]byte("# a/b\nwrite $WORK/b.a: no space\n")), "# a/b write $WORK/b.a: no space"; got != want {
		t.Errorf("it does not compile since %q, want %q", got, want)
	}
}
