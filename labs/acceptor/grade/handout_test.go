package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"simrun/labs/acceptor"
	"simrun/seedfile"
)

// The handout, and the page for teachers.
const (
	handout  = "../README.md"
	teachers = "../../README.md"
)

// in runs a command in the root of the repository and returns what it prints, without what differs from
// one time and one build to the next.
func in(t *testing.T, command string) (out string, code int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", command)
	cmd.Dir = "../../.."
	var b bytes.Buffer
	cmd.Stdout = &b
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s: %v", command, err)
	}
	return steady(b.String()), cmd.ProcessState.ExitCode()
}

var (
	token = regexp.MustCompile(`\bs2-[A-Za-z0-9_-]+`)
	took  = regexp.MustCompile(`\(\d+\.\d\ds\)|\t\d+\.\d+s\b|events in [0-9.]+m?s\b`)
)

// steady leaves the time that a test took and the fingerprint of the program out of a text.
func steady(text string) string {
	text = token.ReplaceAllStringFunc(text, func(token string) string {
		f, err := seedfile.ParseToken(token)
		if err != nil {
			return token
		}
		f.Build = 0
		return f.Token()
	})
	return took.ReplaceAllStringFunc(text, func(s string) string {
		switch s[0] {
		case '(':
			return "(0.1s)"
		case '\t':
			return "\t0.1s"
		}
		return "events in 10ms"
	})
}

// Every command of the handout prints what is shown there, and so do those for teachers. Fails if the
// skeleton does not fail as students are told that it does, or if the solution does not earn all points.
func TestHandout(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the lab")
	}
	console(t, handout, 2, 1)
	console(t, teachers, 1, 0)
}

// console runs the commands of a page, so many, and expects all to exit with that code.
func console(t *testing.T, page string, many, exit int) {
	raw, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	doc, n := string(raw), 0
	doc = regexp.MustCompile("(?ms)^```console\n\\$ (.*?)\n(.*?)^```$").ReplaceAllStringFunc(doc, func(block string) string {
		n++
		command, shown, _ := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(block, "```console\n$ "), "```"), "\n")
		got, code := in(t, command)
		if code != exit {
			t.Errorf("%s exits %d, want %d", command, code, exit)
		}
		if got != shown && !*update {
			t.Errorf("%s shows for %q\n%s\nbut it prints\n%s\n(-update rewrites it)", page, command, shown, got)
		}
		return "```console\n$ " + command + "\n" + got + "```"
	})
	if n != many {
		t.Errorf("found %d commands in %s, want %d", n, page, many)
	}
	if *update {
		if err := os.WriteFile(page, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if lines := strings.Count(doc, "\n"); lines > 130 {
		t.Errorf("%s has %d lines: it should be one page", page, lines)
	}
}

// The lines that the test ends with make the same run fail again. Fails if they name a test that is not
// there, as they would without the tag that the lab is built with.
func TestPastedLines(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the lab")
	}
	out, _ := in(t, "go test -tags lab ./labs/acceptor")
	for _, head := range []string{"replay:", "again:"} {
		m := regexp.MustCompile(head + `\s+(go .*)\n`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("there is no line %s in\n%s", head, out)
		}
		again, code := in(t, m[1])
		if code != 1 || !strings.Contains(again, "to promise 1.1, and has heard nothing") {
			t.Errorf("%s exits %d and prints\n%s", m[1], code, again)
		}
	}
}

// attempt builds the lab with another acceptor in the place of the skeleton: the solution with some of its
// lines replaced. It returns the flags that do so.
func attempt(t *testing.T, replace ...string) string {
	t.Helper()
	solution, err := os.ReadFile("../solution.go")
	if err != nil {
		t.Fatal(err)
	}
	text := string(solution)
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(text, replace[i]) {
			t.Fatalf("the solution does not say\n%s", replace[i])
		}
		text = strings.ReplaceAll(text, replace[i], replace[i+1])
	}
	skeleton, err := filepath.Abs("../acceptor.go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mine, overlay := filepath.Join(dir, "acceptor.go"), filepath.Join(dir, "overlay.json")
	instead, err := json.Marshal(map[string]any{"Replace": map[string]string{skeleton: mine}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{mine: []byte(strings.Replace(text, "//go:build solution", "//go:build !solution", 1)), overlay: instead} {
		if err := os.WriteFile(name, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return "-overlay=" + overlay + " -tags=lab ./labs/acceptor"
}

// Who does what the handout asks for in the end sees the crash that tells the two orders apart, within a
// screen, and can keep the run as a test of a few lines. Fails if the stages before find it already, so that
// nothing is learnt of crashes, or if the story does not show what was on no disk.
func TestThenBreakIt(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the lab")
	}
	const writePromise, writeAcceptance = "		a.write(Vote{m.Ballot, a.vote.Accepted, a.vote.Value})\n", "		a.write(Vote{m.Ballot, m.Ballot, m.Value}) // to accept is also to promise\n"
	const promise, accepted = "		env.Send(from, Promise{m.Ballot, a.vote.Accepted, a.vote.Value})\n", "		env.Send(from, Accepted(m))\n"
	for _, x := range []struct {
		name    string
		replace []string
		story   []string
		test    []string
	}{
		{"answers first", []string{writePromise + promise, promise + writePromise, writeAcceptance + accepted, accepted + writeAcceptance},
			[]string{"violated agreement", "FAULT crash a1", "a1 starts life 2", "chosen 1.1 A", "chosen 1.2 B"},
			[]string{`w.CrashFor("a1", `, `w.Holds("agreement")`}},
		{"syncs acceptances alone", []string{"	if err := a.log.Sync(); err != nil {", "	if v.Accepted != v.Promised {\n		a.vote = v\n		return\n	}\n	if err := a.log.Sync(); err != nil {"},
			[]string{"violated promise-kept", "before it crashed", "is sent: Promise{1.2}  20 bytes unsynced", "FAULT crash a1: lost", "a1 starts life 2"},
			[]string{`w.Always("unsynced lose")`, `w.CrashFor("a1", `, `w.Holds("promise-kept")`}},
	} {
		t.Run(x.name, func(t *testing.T) {
			build := attempt(t, x.replace...)
			out, code := in(t, "go test "+build)
			for _, want := range append(x.story, "5 of 7 stages passed. Missing next: sync.") {
				if code != 1 || !strings.Contains(out, want) {
					t.Errorf("it exits %d, and %q is not in\n%s", code, want, out)
				}
			}
			if lines := strings.Count(out, "\n"); lines > 70 {
				t.Errorf("it prints %d lines", lines)
			}
			replay := regexp.MustCompile(`test: .* (-run .*) -sim.test=`).FindStringSubmatch(out)
			if replay == nil {
				t.Fatalf("there is no line test: in\n%s", out)
			}
			kept := filepath.Join(t.TempDir(), "kept_test.go")
			out, _ = in(t, "go test "+build+" "+replay[1]+" -sim.test="+kept)
			test, err := os.ReadFile(kept)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			for _, want := range x.test {
				if !strings.Contains(string(test), want) {
					t.Errorf("%q is not in\n%s", want, test)
				}
			}
		})
	}
}

// The handout lists the stages and points that there are, and every stage has a task.
func TestStagesInHandout(t *testing.T) {
	raw, err := os.ReadFile(handout)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for _, m := range regexp.MustCompile(`(?m)^\| (\w+) \| (\d+) \| .+ \|$`).FindAllStringSubmatch(string(raw), -1) {
		rows = append(rows, m[1:])
	}
	stages, all := acceptor.Stages(), 0
	if len(rows) != len(stages) {
		t.Fatalf("the handout has %d stages, and the lab %d", len(rows), len(stages))
	}
	for i, s := range stages {
		all += s.Points
		if got := strings.Join(rows[i], " "); got != s.Name+" "+strconv.Itoa(s.Points) {
			t.Errorf("row %d says %q, and the stage is %s for %d points", i+1, got, s.Name, s.Points)
		}
		if s.Task == "" || len(s.Properties) == 0 || (s.Plan == "") == (s.Faults == "") {
			t.Errorf("stage %s lacks something: %+v", s.Name, s)
		}
	}
	if all != 100 {
		t.Errorf("there are %d points, want 100", all)
	}
}

// The solution passes all stages; that it earns all points is shown to teachers. An acceptor that never returns from a call has no grade, and says so.
func TestSolutionAndNone(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the lab")
	}
	if out, code := in(t, "go test -tags solution ./labs/acceptor"); code != 0 {
		t.Errorf("the test of the solution exits %d:\n%s", code, out)
	}
	grader := filepath.Join(t.TempDir(), "grade")
	flags, _, _ := strings.Cut(attempt(t, "	case Prepare:\n", "	case Prepare:\n		for a != nil {\n		}\n"), " -tags")
	in(t, "go build "+flags+" -o "+grader+" ./labs/acceptor/grade")
	for args, want := range map[string]string{" -most 1s": "grade: no grade after 1s", " now": "grade: want no arguments", " -most 0s": "grade: want no arguments"} {
		if out, code := in(t, grader+args+" 2>&1"); code != map[bool]int{true: 4, false: 2}[args == " -most 1s"] || !strings.HasPrefix(out, want) {
			t.Errorf("%s exits %d and prints %q, want %q", args, code, out, want)
		}
	}
}
