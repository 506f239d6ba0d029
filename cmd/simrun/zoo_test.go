package main

import (
	"flag"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/zoo"
)

var refresh = flag.Bool("zoo.refresh", false, "write the patches of the zoo anew, with the line numbers that they have now")

const rootOfModule = "../.."

func openZoo(t *testing.T) zoo.Zoo {
	t.Helper()
	z, err := zoo.Open(os.DirFS(rootOfModule))
	if err != nil {
		t.Fatal(err)
	}
	if len(z) == 0 {
		t.Fatal("the zoo is empty")
	}
	return z
}

func source(name string) ([]byte, error) { return os.ReadFile(filepath.Join(rootOfModule, name)) }

// Fails if a patch no longer applies, or its header speaks of a scenario, an option, a property or a fault that does not exist.
func TestZooHeaders(t *testing.T) {
	for _, b := range openZoo(t) {
		t.Run(b.Name, func(t *testing.T) {
			if _, err := b.Apply(source); err != nil {
				t.Error(err)
			}
			known(t, b)
			if *refresh {
				rewrite(t, b)
			}
		})
	}
}

// known checks the names in a header.
func known(t *testing.T, b *zoo.Bug) {
	i := slices.IndexFunc(scenarios(), func(s *sim.Scenario) bool { return s.Name == b.Scenario })
	if i < 0 {
		t.Fatalf("there is no scenario %q", b.Scenario)
	}
	s := scenarios()[i]
	o, err := s.ParseOptions(b.Set)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fault.FindProfile(b.Faults); b.Faults != "" && err != nil {
		t.Error(err)
	}
	for _, name := range strings.FieldsFunc(strings.Join(b.Needs, "|"), func(r rune) bool { return r == '|' }) {
		if _, ok := kindOf(name); !ok {
			t.Errorf("it needs %q, which is no kind of fault", name)
		}
	}
	w, err := s.World(sim.Config{Options: o, Faults: "none"})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	inner := map[string]bool{"panic": false} // the world's own, which is among the checks of a run only if a node has panicked
	for _, c := range w.Run(0).Checks {
		inner[c.Property] = c.Inner
	}
	if is, ok := inner[b.Breaks]; !ok || is {
		t.Errorf("breaks %q: the scenario has no such outer property: %v", b.Breaks, inner)
	}
	for _, a := range b.Also {
		if is, ok := inner[a.Property]; !ok || is || a.Property == b.Breaks {
			t.Errorf("also %q: it is no other outer property of the scenario: %v", a.Property, inner)
		}
	}
	for _, name := range b.Inner {
		if is, ok := inner[name]; !ok || !is {
			t.Errorf("%q is no inner property of the scenario: %v", name, inner)
		}
	}
}

// kindOf finds a kind of fault by its name.
func kindOf(name string) (fault.Kind, bool) {
	for k := range fault.Kinds {
		if k.String() == name {
			return k, true
		}
	}
	return 0, false
}

// rewrite writes the patch with the line numbers of now.
func rewrite(t *testing.T, b *zoo.Bug) {
	path := filepath.Join(rootOfModule, zoo.Folder, b.Name+zoo.Suffix)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	diff, err := b.Refresh(source)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.TrimSuffix(string(text), b.Patch)+diff), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Fails if what a patch makes of the source does not compile. Types are checked, here and in one process: with the Go tool it would take a second a bug.
func TestZooCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it asks the Go tool for all packages")
	}
	check := typeChecker(t)
	for _, bug := range openZoo(t) {
		files, err := bug.Apply(source)
		if err != nil {
			t.Error(err)
			continue
		}
		dirs := map[string]bool{}
		for name := range files {
			dirs[path.Dir(name)] = true
		}
		for dir := range dirs {
			if err := check(dir, files); err != nil {
				t.Errorf("%s: %v", bug.Name, err)
			}
		}
	}
	if err := check("zoo", map[string][]byte{"zoo/zoo.go": []byte("package zoo\n\nfunc f() int { return \"\" }\n")}); err == nil {
		t.Error("what does not compile passes")
	}
}

// typeChecker returns a function that checks the types of the package in a folder, with some of its files as they are given. Other packages are as the Go tool
// compiled them.
func typeChecker(t *testing.T) func(dir string, changed map[string][]byte) error {
	cmd := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}", "./...")
	cmd.Dir = rootOfModule
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	export := map[string]string{}
	for line := range strings.Lines(string(out)) {
		if words := strings.Fields(line); len(words) == 2 {
			export[words[0]] = words[1]
		}
	}
	fset := token.NewFileSet()
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(export[path]) })
	return func(dir string, changed map[string][]byte) error {
		pkg, err := build.ImportDir(filepath.Join(rootOfModule, dir), 0)
		if err != nil {
			return err
		}
		var files []*ast.File
		for _, name := range pkg.GoFiles {
			full := path.Join(dir, name)
			text := changed[full]
			if text == nil {
				if text, err = source(full); err != nil {
					return err
				}
			}
			f, err := parser.ParseFile(fset, full, text, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			files = append(files, f)
		}
		_, err = (&types.Config{Importer: imports}).Check("simrun/"+dir, fset, files, nil)
		return err
	}
}

// simrunIn runs the command, as a person would from the root of the module, and returns its exit code.
func simrunIn(t *testing.T, program string, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = rootOfModule
	var out, errs strings.Builder
	cmd.Stdout, cmd.Stderr, cmd.Env = &out, &errs, append(os.Environ(), env...)
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// built builds the command.
func built(t *testing.T) (program string) {
	t.Helper()
	program = filepath.Join(t.TempDir(), "simrun")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// Fails if a hunt with a bug does not find it, if its token does not state the bug, or if a replay of the token makes the run of a
// program without the bug.
func TestBugFromHuntToReplay(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles this program, twice")
	}
	program := built(t)
	env := []string{"XDG_CACHE_HOME=" + t.TempDir(), "GOCACHE=" + goCache(t)}
	out, stderr, code := simrunIn(t, program, env, "hunt", "paxos", "--bug", "promise-in-memory", "--property", "agreement", "--stop-after", "1", "--shrink", "0", "--progress", "none")
	if code != 1 || !strings.Contains(out, "violated agreement") {
		t.Fatalf("exit code %d\n%s%s", code, out, stderr)
	}
	_, token, _ := strings.Cut(out, "simrun replay ")
	token = strings.Fields(token)[0]
	f, err := seedfile.ParseToken(token)
	if err != nil || f.Bug != "paxos/promise-in-memory" {
		t.Fatalf("%v: the token states the bug %q", err, f.Bug)
	}
	out, stderr, code = simrunIn(t, program, env, "replay", token)
	if code != 1 || !strings.Contains(out, "exact: every event as it was\n") || !strings.Contains(out, "replay      "+program+" replay") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
	f.Bug = ""
	if out, stderr, code = simrunIn(t, program, env, "replay", f.Token()); code != 0 || !strings.Contains(out, "diverged") {
		t.Errorf("the same without the bug: exit code %d\n%s%s", code, out, stderr)
	}
	if _, stderr, code = simrunIn(t, program, env, "run", "2pc", "--bug", "promise-in-memory", "--seed", "1"); code != 0 ||
		stderr != "simrun: the bug paxos/promise-in-memory is shown by paxos: 2pc may have nothing of it\n" {
		t.Errorf("in another scenario: exit code %d\n%s", code, stderr)
	}
	for want, args := range map[string][]string{
		`simrun: unknown bug "paxos/promise-in-memry": did you mean paxos/promise-in-memory? see:`: {"run", "paxos", "--bug", "paxos/promise-in-memry"},
		`there is no go command in the PATH`:                                                {"run", "paxos", "--bug", "promise-in-memory"},
		`unknown bug "checkers/twice-as-old"`:                                               {"run", "paxos", "--bug", "checkers/twice-as-old"},
		`--without agrement: there is no such property: did you mean agreement? there are `: {"zoo", "score", "--bugs", "paxos", "--without", "agrement"},
		`--weaken checkers/twice-as-odd: no patch makes a checker weak that is called so: did you mean checkers/twice-as-old? see:`: {"zoo", "score", "--bugs", "paxos", "--weaken", "checkers/twice-as-odd"},
	} {
		_, stderr, code := simrunIn(t, program, append(env, "PATH=/nowhere", "XDG_CACHE_HOME="+t.TempDir()), args...)
		if code != 2 || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: exit code %d, %s", args, code, stderr)
		}
	}
}

// goCache is where the Go tool keeps what it compiled, which a test need not do again.
func goCache(t *testing.T) string {
	out, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// Fails if docs/zoo.md does not tell the stories of the zoo as it is. It is written anew by: simrun zoo page docs/zoo.md.
func TestZooPage(t *testing.T) {
	text, err := source("docs/zoo.md")
	if err != nil {
		t.Fatal(err)
	}
	var stories strings.Builder
	if err := zoo.Stories(&stories, openZoo(t)); err != nil {
		t.Fatal(err)
	}
	if now, ok := zoo.Replace(string(text), "stories", stories.String()); !ok || now != string(text) {
		t.Error("the stories are not current: simrun zoo page docs/zoo.md")
	}
}
