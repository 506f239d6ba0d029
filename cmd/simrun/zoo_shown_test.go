package main

import (
	"flag"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"simrun/seedfile"
	"simrun/zoo"
)

var allBugs = flag.Bool("zoo.all", false, "compile every bug that a protocol's test shows, and not only some")

// someBugs are compiled each time: a client that stays with one server, a disk that rots, what only an inner property sees, and a crash at the wrong moment.
var someBugs = []string{"multipaxos/reads-without-asking", "multipaxos/cuts-at-damage", "multipaxos/counts-reports", "independent/rollback-unrecorded"}

// shownIn finds the rows in the tests of protocols that show a bug of the zoo.
var shownIn = regexp.MustCompile(`\{Name: "([a-z0-9-]+/[a-z0-9-]+)"`)

// Each bug that a protocol's own test knows how to show is caught there, by runs with known plans and seeds. Fails if a property has become blind to one of them. That these runs show nothing
// without the bug, the same test says in its package.
func TestShownBugsAreCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles tests with bugs")
	}
	z, judged := openZoo(t), map[string]bool{}
	b := zoo.Builder{Root: rootOfModule, Program: "simrun/cmd/simrun", Named: seedfile.BugVariable, Cache: t.TempDir()}
	tests, err := filepath.Glob(rootOfModule + "/protocols/*/bugs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range tests {
		text, err := source(strings.TrimPrefix(filepath.ToSlash(file), rootOfModule+"/"))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range shownIn.FindAllStringSubmatch(string(text), -1) {
			name := m[1]
			if judged[name] || !*allBugs && !slices.Contains(someBugs, name) {
				continue
			}
			judged[name] = true
			t.Run(name, func(t *testing.T) { shows(t, &b, z, name, filepath.Dir(file)) })
		}
	}
	for _, name := range someBugs {
		if !judged[name] {
			t.Errorf("no test shows %s", name)
		}
	}
}

// shows runs the test of a protocol that shows a bug, with the bug.
func shows(t *testing.T, b *zoo.Builder, z zoo.Zoo, name, folder string) {
	bug, ok := z.Find(name)
	if !ok {
		t.Fatal("the zoo does not have it")
	}
	flags, err := b.Flags(bug)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", slices.Concat([]string{"test", "-vet=off", "-v", "-run", "^TestBugs$"}, flags, []string{"."})...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), " complains at seed ") {
		t.Fatalf("%v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if _, row, ok := strings.Cut(line, name); ok && strings.Contains(row, " complains at seed ") {
			t.Log(strings.TrimSpace(row))
		}
	}
}
