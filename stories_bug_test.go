package simrun

import (
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/zoo"
)

// A story about a bug of the zoo is told by another program: this test, compiled with the patch. It is asked to tell one run, and writes
// what it saw beside the seed file.

var tellFile = flag.String("tell", "", "tell the run of this seed file to a file beside it; the test of stories asks itself for that")

// A told is a tale on its way between two programs.
type told struct {
	Lines     [][3]string
	Outcome   sim.Outcome
	Property  string
	Why       string
	Hash      uint64
	Sometimes []string
}

// Not a test: with -tell, what a program with a bug does for this one.
func TestTell(t *testing.T) {
	if *tellFile == "" {
		t.Skip("it is for programs with a bug: see -tell")
	}
	text, err := os.ReadFile(*tellFile)
	if err != nil {
		t.Fatal(err)
	}
	f, err := seedfile.Parse(string(text))
	if err != nil {
		t.Fatal(err)
	}
	if f.Bug != seedfile.Bug() {
		t.Fatalf("this program has the bug %q, and not %q", seedfile.Bug(), f.Bug)
	}
	here := tell(t, f)
	v := here.verdict
	out := told{Outcome: v.Outcome, Property: v.Property, Why: v.Why, Hash: v.Hash, Sometimes: v.Sometimes}
	for _, l := range here.lines {
		out.Lines = append(out.Lines, [3]string{l.node, l.kind, l.text})
	}
	b, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*tellFile+".json", b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// tellers are the programs that were compiled, by their bugs.
var tellers = map[string]string{}

// teller returns this test as a program with a bug. Whoever is in a hurry does not wait for it.
func teller(t *testing.T, name string) string {
	t.Helper()
	if program := tellers[name]; program != "" {
		return program
	}
	if testing.Short() {
		t.Skipf("it compiles this test with the bug %s", name)
	}
	z, err := zoo.Open(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	bug, ok := z.Find(name)
	if !ok {
		t.Fatalf("there is no bug %q", name)
	}
	dir, err := os.MkdirTemp("", "simrun-stories") // it outlives the subtest
	if err != nil {
		t.Fatal(err)
	}
	b := zoo.Builder{Root: ".", Program: "simrun", Named: seedfile.BugVariable, Cache: dir}
	flags, err := b.Flags(bug)
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "stories.test")
	if out, err := exec.Command("go", append([]string{"test", "-c", "-vet=off", "-o", program}, append(flags, ".")...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	tellers[name] = program
	return program
}

// tellWithBug makes the run of a seed file in a program that has its bug.
func tellWithBug(t *testing.T, f seedfile.File) (out tale) {
	t.Helper()
	program, file := teller(t, f.Bug), filepath.Join(t.TempDir(), "story.seed")
	if err := os.WriteFile(file, []byte(f.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(program, "-test.run=^TestTell$", "-tell="+file).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(file + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var in told
	if err := json.Unmarshal(text, &in); err != nil {
		t.Fatal(err)
	}
	out.verdict = sim.Verdict{Outcome: in.Outcome, Property: in.Property, Why: in.Why, Hash: in.Hash, Sometimes: in.Sometimes}
	for _, l := range in.Lines {
		out.lines = append(out.lines, line{l[0], l[1], l[2]})
	}
	return out
}

// Programs with bugs are thrown away when all tests have ended.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, program := range tellers {
		os.RemoveAll(filepath.Dir(program))
	}
	os.Exit(code)
}
