package simtest_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The bugs of somebody else's module: one that can be seen, and one of which the header says that nobody can.
const (
	forgetsPatch = `title:    the primary forgets that it was asked before
story:    An increment that is asked for again gets a number of its own.
breaks:   once each
needs:    loss
scenario: counter
set:      dedupe=true
hint:     What does a client do that hears nothing?

--- a/counter.go
+++ b/counter.go
@@ -40 +40 @@
-		if number == 0 || !p.dedupe {
+		if number >= 0 {
`
	maskedHead = "masked:   it is as it was\n"
)

// Fails if the command of another module cannot do with bugs of its own what simrun does: find one, make its run again, score it, hand
// it to go test; if its cache overlooks that the source has changed; if a patch that is called masked and is none passes quietly; or if a
// run of a program with a bug, among the remembered ones, is made without it.
func TestSomebodyElsesZoo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another module, with and without bugs")
	}
	o := newOutside(t, "counter")
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	o.write("zoo/counter/forgets.patch", forgetsPatch)
	o.write("zoo/counter/hidden.patch", strings.Replace(forgetsPatch, "scenario:", maskedHead+"scenario:", 1))
	if out, code := o.run("go", "build", "-o", "bin/", "./cmd/counter"); code != 0 {
		t.Fatalf("go build ends with %d:\n%s", code, out)
	}
	expect := func(code int, args ...string) string {
		t.Helper()
		out, got := o.run(args...)
		if got != code {
			t.Fatalf("%s ends with %d, want %d:\n%s", strings.Join(args, " "), got, code, out)
		}
		return out
	}
	prints(t, expect(0, "bin/counter", "zoo", "list"), "counter/forgets  the primary forgets", "(masked)")
	prints(t, expect(2, "bin/counter", "hunt", "counter", "--bug", ""), "--bug wants the name of a bug")

	out := expect(1, "bin/counter", "hunt", "--bug", "forgets", "--seeds", "0:50", "--shrink", "0", "--progress", "none", "--", "counter")
	prints(t, out, "violated once each", "\n  bug         counter/forgets\n")
	token := regexp.MustCompile(`s2-\S+`).FindString(out)
	prints(t, expect(1, "bin/counter", "replay", token), "exact: every event as it was\n", "\n  bug         counter/forgets\n")
	prints(t, expect(1, "bin/counter", "replay", token, "--json"), `"bug":"counter/forgets"`)
	test := expect(0, "bin/counter", "shrink", token, "--test", "--out", "forgets.seed", "--progress", "none")
	seed, err := os.ReadFile(filepath.Join(o.dir, "forgets.seed"))
	if err != nil {
		t.Fatal(err)
	}
	o.write("seeds/counter/forgets.seed", string(seed))
	prints(t, strings.ReplaceAll(test, "\n// ", " "), "It is the bug counter/forgets that makes it happen: simrun zoo flags counter/forgets prints")

	out = expect(1, "bin/counter", "zoo", "score", "--bugs", "counter", "--runs", "2", "--budget", "50", "--log", "score.jsonl", "--progress", "none")
	prints(t, out, "once each (it is NOT masked)", "counter/hidden is said to be masked, and is not: once each complains of s2-", "1 of 1 bug is found in more than half of its ranges, of 50 seeds each.", "forgets   none  ")
	before, err1 := os.ReadFile(filepath.Join(o.dir, "score.jsonl"))
	expect(1, "bin/counter", "zoo", "score", "--bugs", "counter", "--runs", "2", "--budget", "50", "--log", "score.jsonl", "--progress", "none")
	if after, err2 := os.ReadFile(filepath.Join(o.dir, "score.jsonl")); errors.Join(err1, err2) != nil || string(after) != string(before) {
		t.Errorf("%v, %v: a score that was done was done again: the log was\n%s and is\n%s", err1, err2, before, after)
	}

	skipped := expect(0, "go", "test", "-v", "-run", "^TestCounterThatRemembers$", ".")
	prints(t, skipped, "--- SKIP: TestCounterThatRemembers/forgets.seed", "seeds/counter/forgets.seed is a run of a program with the bug counter/forgets: simrun zoo flags counter/forgets prints")
	flags := strings.Fields(expect(0, "bin/counter", "zoo", "flags", "forgets"))
	made, code := o.run(append(append([]string{"go", "test", "-v", "-run", "^TestCounterThatRemembers$"}, flags...), ".")...)
	if code != 1 || !strings.Contains(made, "--- PASS: TestCounterThatRemembers/forgets.seed") {
		t.Errorf("with the bug go test ends with %d:\n%s", code, made)
	}

	source, err := os.ReadFile(filepath.Join(o.dir, "counter.go"))
	if err != nil {
		t.Fatal(err)
	}
	o.write("counter.go", strings.Replace(string(source), "number == 0 || !p.dedupe", "number < 1 || !p.dedupe", 1))
	prints(t, expect(2, "bin/counter", "run", "counter", "--bug", "forgets"), `counter.go: hunk 1 (@@ -40): it no longer applies`)
}

// write writes a file of the module.
func (o *outside) write(name, text string) {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
		o.t.Fatal(err)
	}
}
