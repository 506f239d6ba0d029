package main

import (
	"os"
	"os/exec"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"

	"simrun/zoo"
)

func openWeak(t *testing.T) zoo.Zoo {
	t.Helper()
	_, weak, err := zoo.OpenAll(os.DirFS(rootOfModule))
	if err != nil {
		t.Fatal(err)
	}
	if len(weak) == 0 {
		t.Fatal("the zoo has no checkers that are made weak")
	}
	return weak
}

// Fails if a patch that makes a checker weak no longer applies, makes something that does not compile, or changes something that is no checker.
func TestWeakCheckersApply(t *testing.T) {
	if testing.Short() {
		t.Skip("it asks the Go tool for all packages")
	}
	check := typeChecker(t)
	for _, w := range openWeak(t) {
		files, err := w.Apply(source)
		if err != nil {
			t.Error(err)
			continue
		}
		for name := range files {
			if path.Dir(name) != "checkers" {
				t.Errorf("%s changes %s", w.Name, name)
			}
		}
		if err := check("checkers", files); err != nil {
			t.Errorf("%s: %v", w.Name, err)
		}
		if *refresh {
			rewrite(t, w)
		}
	}
}

// Fails if the tests of the checkers do not notice that one is weak, or if the bug that it was known to hide is found as soon as ever: then the patch weakens nothing.
func TestWeakCheckersAreNoticed(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles programs and tests with weak checkers")
	}
	z, weak := openZoo(t), openWeak(t)
	for _, x := range weaknesses {
		w, ok := weak.Find(x.patch)
		if !ok {
			t.Errorf("there is no %s", x.patch)
			continue
		}
		if !*everyWorth && !x.sample {
			continue
		}
		t.Run(strings.TrimSuffix(w.Name+"/"+x.property, "/"), func(t *testing.T) {
			noticed(t, w, x.test)
			if x.bug != "" {
				foundLater(t, z, w, x)
			}
		})
	}
}

// foundLater looks for a bug with a checker as it is, and with what a patch makes of it. It must be found, and with the weak one later.
func foundLater(t *testing.T, z zoo.Zoo, w *zoo.Bug, x weakness) {
	t.Helper()
	bug := x.in(t, z)
	both, err := bug.With(w)
	if err != nil {
		t.Fatal(err)
	}
	inner := isInner(t, bug, x.property)
	var beside []string
	if x.beside != "" {
		beside = []string{"--without", x.beside}
	}
	with, found := seedsTo(t, compiled(t, bug), bug, x.budget, inner, beside...)
	without, _ := seedsTo(t, compiled(t, both), bug, x.budget, inner, beside...)
	t.Logf("%s: %d seeds in %d ranges with it, %d when it is weak", x.property, with, worthRanges, without)
	if found < 2 || without < 2*with {
		t.Errorf("%s: found in %d of %d ranges of %d seeds, after %d seeds in all, and with the weak checker after %d", x.bug, found, worthRanges, x.budget, with, without)
	}
}

// in finds the bug, with the settings that it is tried with.
func (x *weakness) in(t *testing.T, z zoo.Zoo) *zoo.Bug {
	t.Helper()
	bug, ok := z.Find(x.bug)
	if !ok {
		t.Fatalf("the zoo has no %s", x.bug)
	}
	set := *bug
	set.Set = append(slices.Clone(bug.Set), x.set...)
	return &set
}

// Fails if nobody says what a patch to a checker does to the score, or both that a bug is found later and why none is; if a patch does not say what it weakens; or if a
// checker that judges bugs is made weak by no patch with which one of them is found later.
func TestEveryCheckerIsMadeWeak(t *testing.T) {
	z, weak := openZoo(t), openWeak(t)
	shown := map[string]bool{}
	for _, x := range weaknesses {
		if (x.bug == "") == (x.why == "") {
			t.Errorf("%s: either a bug is found later with it, or there is a reason why none is", x.patch)
		}
		w, ok := weak.Find(x.patch)
		if !ok || x.bug == "" {
			continue
		}
		if !slices.Contains(strings.Split(w.Weakens, ", "), x.property) {
			t.Errorf("%s is to weaken %s, and says that it is %s", x.patch, x.property, w.Weakens)
		}
		kind, ok := checkersOf(t, x.in(t, z))[x.property]
		if !ok {
			t.Errorf("%s: no checker called %s judges the runs of %s", x.patch, x.property, x.bug)
		}
		shown[kind] = true
	}
	for _, w := range weak {
		if !slices.ContainsFunc(weaknesses, func(x weakness) bool { return x.patch == w.Name }) {
			t.Errorf("nobody says what %s does to the score", w.Name)
		}
	}
	used := map[string]bool{}
	for _, b := range z {
		for name, kind := range checkersOf(t, b) {
			used[kind] = true
			if _, listed := unweakened[kind]; !shown[kind] && !listed {
				t.Errorf("%s judges %s, and no patch shows what a weak one misses: it is a %s", name, b.Name, kind)
			}
		}
	}
	for kind, why := range unweakened {
		if shown[kind] || !used[kind] || why == "" {
			t.Errorf("%s stands among those that nothing weakens: shown %v, used %v, %q", kind, shown[kind], used[kind], why)
		}
	}
}

// checkersOf lists the judges from package checkers that judge the runs of a bug, by the names of their properties, and which types they are. Several promises share the
// type weaker: these go by their names.
func checkersOf(t *testing.T, b *zoo.Bug) map[string]string {
	t.Helper()
	s, o := scenarioOf(t, b)
	kinds := map[string]string{}
	for _, p := range s.Properties(o) {
		switch kind := checkerIn(reflect.ValueOf(p)); kind {
		case "":
		case "weaker":
			kinds[p.Name()] = p.Name()
		default:
			kinds[p.Name()] = kind
		}
	}
	return kinds
}

// checkerIn is the type of package checkers that a property is, or that stands in it: scenarios wrap some, and so does the package itself.
func checkerIn(v reflect.Value) string {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return ""
	}
	if inner := v.FieldByName("Property"); inner.IsValid() {
		return checkerIn(inner)
	}
	if v.Type().PkgPath() != "simrun/checkers" {
		return ""
	}
	return v.Type().Name()
}

// noticed runs a test of the checkers with one of them weak. It must fail, and by what it asserts.
func noticed(t *testing.T, w *zoo.Bug, test string) {
	t.Helper()
	b := zoo.Builder{Root: rootOfModule, Program: "simrun/cmd/simrun", Named: "main.unnamed", Cache: t.TempDir()}
	flags, err := b.Flags(w)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"test"}, flags...), "-run", "^"+test+"$", "./checkers")...)
	cmd.Dir = rootOfModule
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: "+test) {
		t.Errorf("%s does not notice: %v\n%s", test, err, out)
	}
}

// A weakness is a patch to a checker, and how it shows.
type weakness struct {
	patch    string
	test     string   // of package checkers, that fails with it
	property string   // by which the bug is found
	bug      string   // that is found later with it; "": none of the zoo is
	set      []string // settings of the scenario, besides those of the bug
	beside   string   // properties that see the same in the same runs: they are not heard
	budget   uint64   // seeds in a range
	why      string   // no bug of the zoo is found later
	sample   bool     // a plain go test tries it too
}

// Fails if checkers that are made weak are listed among the bugs, or not at all, or if nobody can read one.
func TestWeakCheckersAreListed(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles this program")
	}
	program := path.Join(t.TempDir(), "simrun")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, _, code := simrunIn(t, program, nil, "zoo", "list")
	bugs, weak, apart := strings.Cut(out, "\n\nno bugs, but checkers that are made weak")
	if code != 0 || !apart || strings.Contains(bugs, "checkers/") || !strings.Contains(weak, "\ncheckers/twice-as-old ") || strings.Contains(weak, "\npaxos/") {
		t.Errorf("code %d:\n%s", code, out)
	}
	out, _, code = simrunIn(t, program, nil, "zoo", "show", "twice-as-old")
	if code != 0 || !strings.Contains(out, "\n  weakens     staleness\n") || strings.Contains(out, "needs") || strings.Contains(out, "find it") {
		t.Errorf("code %d:\n%s", code, out)
	}
	if out, _, code = simrunIn(t, program, nil, "zoo", "diff", "twice-as-old"); code != 0 || !strings.Contains(out, "+++ b/checkers/weaker.go\n") {
		t.Errorf("code %d:\n%s", code, out)
	}
}
