package simtest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Somebody else's system, in a module of its own, gets all of this: a go test that finds its bug and
// says how to have it again, and a command that lists, runs, hunts and replays. The module is
// testdata/counter, copied to where nothing of this repository is near.

// An outside is a module that uses this one from elsewhere.
type outside struct {
	t   *testing.T
	dir string
}

// newOutside copies a module of testdata and points it at this repository.
func newOutside(t *testing.T, module string) *outside {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	o := &outside{t, filepath.Join(t.TempDir(), module)}
	if err := os.CopyFS(o.dir, os.DirFS(filepath.Join("testdata", module))); err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(o.dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	mod = fmt.Appendf(mod, "\nreplace simrun => %s\n", root)
	for name, text := range map[string][]byte{"go.sum": sums, "go.mod": mod} {
		if err := os.WriteFile(filepath.Join(o.dir, name), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// run runs a command in the module, and returns what it prints and its exit code.
func (o *outside) run(command ...string) (out string, code int) {
	o.t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = o.dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		o.t.Fatalf("%q: %v\n%s", command, err, b.String())
	}
	return b.String(), cmd.ProcessState.ExitCode()
}

// paste runs a line as a shell would.
func (o *outside) paste(line string) (out string, code int) {
	o.t.Helper()
	return o.run("sh", "-c", line)
}

func TestSomebodyElsesSystem(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another module")
	}
	o := newOutside(t, "counter")
	if out, code := o.run("go", "vet", "./..."); code != 0 {
		t.Fatalf("go vet ends with %d:\n%s", code, out)
	}
	t.Run("go test", func(t *testing.T) { o.t = t; o.goTest() })
	t.Run("command", func(t *testing.T) { o.t = t; o.command() })
}

// goTest expects go test to find the planted bug, and the lines that it prints to do what they say.
func (o *outside) goTest() {
	t := o.t
	out, code := o.run("go", "test", "./...")
	if code != 1 || strings.Contains(out, "build failed") {
		t.Fatalf("go test ends with %d, want 1:\n%s", code, out)
	}
	prints(t, out, "--- FAIL: TestCounter/seed=0x", "violated once each", "when clients have asked for")
	if strings.Contains(out, "TestCounterThatRemembers") {
		t.Errorf("the primary that knows requests again is right, and its test fails:\n%s", out)
	}
	again := find(t, `again:   (go test example\.com/counter -run 'TestCounter/seed=\S+')\n`, out)
	why := find(t, `(c\d is told a total.*)\n`, out)
	once, code := o.paste(again)
	if code != 1 {
		t.Errorf("%s ends with %d, want 1:\n%s", again, code, once)
	}
	prints(t, once, why)
	replay := find(t, `replay:  (go run \S+ replay s2-\S+)\n`, out)
	small := find(t, `made small:\n +(c\d is told a total.*)\n`, out)
	same, code := o.paste(replay)
	if code != 1 {
		t.Errorf("%s ends with %d, want 1:\n%s", replay, code, same)
	}
	prints(t, same, small, "exact: every event as it was")
	look := find(t, `look:    (go run \S+ show s2-\S+ --out run\.html)\n`, out)
	if out, code := o.paste(look); code != 0 {
		t.Errorf("%s ends with %d, want 0:\n%s", look, code, out)
	}
	o.isPage("run.html")
	o.keeps(out, small)
	o.withoutCommand()
}

// keeps pastes the line that keeps a failure as a test, and expects that test to fail for the same reason.
func (o *outside) keeps(out, why string) {
	t := o.t
	line := find(t, `test:    (go test example\.com/counter -run '\^Test\w+\$' -sim\.replay=s2-\S+ -sim\.test=counter_once_each_fails_test\.go)\n`, out)
	if out, code := o.paste(line); code != 1 || !strings.Contains(out, "written: ") {
		t.Errorf("%s ends with %d, want 1:\n%s", line, code, out)
	}
	file := filepath.Join(o.dir, "counter_once_each_fails_test.go")
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if out, code := o.run("go", "vet", "."); code != 0 {
		t.Errorf("go vet ends with %d:\n%s\n%s", code, out, source)
	}
	name := find(t, `\nfunc (Test\w+)\(`, string(source))
	out, code := o.run("go", "test", "-v", "-run", "^"+name+"$", ".")
	if code != 0 && !strings.Contains(out, why) || strings.Contains(out, "no tests to run") {
		t.Errorf("the test that was written ends with %d:\n%s\n%s", code, out, source)
	}
	if again, code := o.paste(line); code == 0 || !strings.Contains(again, "there is such a file") {
		t.Errorf("a test that is there is written over; the line ends with %d:\n%s", code, again)
	}
	os.Remove(file)
}

// isPage expects a file of the module to be the page of a run, and removes it.
func (o *outside) isPage(name string) {
	o.t.Helper()
	text, err := os.ReadFile(filepath.Join(o.dir, name))
	if err != nil || !bytes.Contains(text, []byte("<title>counter no seed: violated once each</title>")) {
		o.t.Errorf("%v: the page holds %.300q", err, text)
	}
	os.Remove(filepath.Join(o.dir, name))
}

// withoutCommand expects a test that knows of no command to print lines for go test that do as much.
func (o *outside) withoutCommand() {
	t := o.t
	const plain = `package counter_test

import (
	"testing"

	"example.com/counter"
	"simrun/simtest"
)

func TestPlain(t *testing.T) { simtest.Check(t, counter.Scenario()) }
`
	if err := os.WriteFile(filepath.Join(o.dir, "plain_test.go"), []byte(plain), 0o666); err != nil {
		t.Fatal(err)
	}
	out, code := o.run("go", "test", "-run", "TestPlain", ".")
	if n := strings.Count(out, "\n"); code != 1 || n > 60 {
		t.Errorf("go test ends with %d, want 1, and prints %d lines, want at most 60:\n%s", code, n, out)
	}
	small := find(t, `made small:\n +(c\d is told a total.*)\n`, out)
	for what, want := range map[string]string{"replay": "exact: every event as it was", "look": "drawn:   "} {
		line := find(t, what+`: +(go test example\.com/counter -run '\^TestPlain\$' -sim\.replay=s2-.*)\n`, out)
		again, code := o.paste(line)
		if code != 1 {
			t.Errorf("%s ends with %d, want 1:\n%s", line, code, again)
		}
		prints(t, again, small, want)
	}
	o.isPage("run.html")
	o.keeps(out, small)
}

// command expects the command of three lines to do what simrun does.
func (o *outside) command() {
	t := o.t
	if out, code := o.run("go", "build", "-o", "bin/", "./cmd/counter"); code != 0 {
		t.Fatalf("go build ends with %d:\n%s", code, out)
	}
	expect := func(code int, want string, args ...string) string {
		t.Helper()
		out, got := o.run(append([]string{"bin/counter"}, args...)...)
		if got != code {
			t.Errorf("counter %s ends with %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
		}
		prints(t, out, want)
		return out
	}
	expect(0, "dedupe", "list")
	expect(0, "once each", "run", "counter", "--seed", "7", "--set", "dedupe=true")
	expect(0, "", "hunt", "counter", "--seeds", "0:200", "--set", "dedupe=true")
	out := expect(1, "once each", "hunt", "counter", "--seeds", "0:200", "--json", "--progress", "none")
	var first struct{ Seed, Property, Token, Hash any }
	if err := json.NewDecoder(strings.NewReader(out)).Decode(&first); err != nil {
		t.Fatalf("%v in:\n%s", err, out)
	}
	token, _ := first.Token.(string)
	expect(1, first.Hash.(string), "replay", token)
	expect(2, "token", "replay", token[:len(token)/2])
	// The smallest run, as a test of this module.
	out = expect(0, "go test . -run '^TestCountsTwice$'", "shrink", token, "--test=counts_twice_test.go", "--progress", "none")
	line := find(t, `test +(go test \. -run \S+)\n`, out)
	if out, code := o.paste(line); code != 1 || !strings.Contains(out, "counts_twice_test.go") || !strings.Contains(out, "counter: violated once each") {
		t.Errorf("%s ends with %d, want 1:\n%s", line, code, out)
	}
	// What hunt prints for people can be pasted, too.
	out = expect(1, "replay", "hunt", "counter", "--seeds", "0:20", "--progress", "none")
	line = regexp.MustCompile(`(\S*counter replay s2-\S+)`).FindString(out)
	if same, code := o.paste(line); code != 1 {
		t.Errorf("%s ends with %d, want 1:\n%s", line, code, same)
	}
}
