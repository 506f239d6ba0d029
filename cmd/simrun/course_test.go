package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"simrun/cli"
	"simrun/protocols/chandylamport"
	"simrun/protocols/chandylamport/course"
)

// The cases of the course format are run as a teacher would, from their files.
const courseCases = "../../protocols/chandylamport/course/testdata/"

// snapshots runs simrun run chandy-lamport with these arguments.
func snapshots(args ...string) (code int, stdout, stderr string) {
	var out, err strings.Builder
	args = append([]string{"run", "chandy-lamport"}, args...)
	code = cli.Run(context.Background(), args, &out, &err, course.Extend(chandylamport.Scenario()))
	return code, out.String(), err.String()
}

// files are the arguments for a case.
func files(name string, more ...string) []string {
	return append([]string{"--topology", courseCases + name + ".top", "--script", courseCases + name + ".events"}, more...)
}

// written writes a file and returns its path.
func written(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// read returns the text of a file of a case.
func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(courseCases + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Without --expect the output is the snapshots, and can be saved as files that --expect takes.
func TestCoursePrintsSnapshots(t *testing.T) {
	code, out, stderr := snapshots(files("two-on-its-way", "--delays", courseCases+"two-on-its-way.delays")...)
	if code != 0 || stderr != "" || out != read(t, "two-on-its-way.0.snap") {
		t.Fatalf("code %d, printed\n%s%s", code, out, stderr)
	}
	_, some, _ := snapshots(files("eight-concurrent", "--seed", "1")...)
	_, others, _ := snapshots(files("eight-concurrent", "--seed", "2")...)
	if some == others {
		t.Error("two seeds give the same snapshots")
	}
}

// With --expect, which repeats, the exit code says whether they are equal, and a difference is shown side by side.
func TestCourseExpects(t *testing.T) {
	args := files("ten-overlapping", "--delays", courseCases+"ten-overlapping.delays")
	for n := range 10 {
		args = append(args, "--expect", courseCases+"ten-overlapping."+string(rune('0'+n))+".snap")
	}
	code, out, stderr := snapshots(args...)
	if code != 0 || stderr != "" || strings.Count(out, ": as expected\n") != 10 || !strings.Contains(out, "replay") {
		t.Fatalf("code %d, printed\n%s%s", code, out, stderr)
	}
	wrong := written(t, "wrong.snap", strings.Replace(read(t, "two-on-its-way.0.snap"), "token(1)", "token(3)", 1))
	code, out, _ = snapshots(files("two-on-its-way", "--delays", courseCases+"two-on-its-way.delays", "--expect", wrong)...)
	if code != 1 || !strings.Contains(out, "\n  N1 N2 token(3) | N1 N2 token(1)\n  N1 N2 token(2)   N1 N2 token(2)\n") {
		t.Errorf("code %d, printed\n%s", code, out)
	}
}

// A run from files is a run like any other: --events lists it, --json has it all, and its token makes it again.
func TestCourseRunsAreRuns(t *testing.T) {
	code, out, _ := snapshots(files("three-ring", "--seed", "5", "--json")...)
	var r struct {
		Verdict, Hash, Token string
		Accounts             map[string]string
	}
	if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 || r.Verdict != "ok" || !strings.HasPrefix(r.Accounts["snapshots"], "0\nN1 ") {
		t.Fatalf("code %d, %v, printed\n%s", code, err, out)
	}
	var again strings.Builder
	if code := cli.Run(context.Background(), []string{"replay", r.Token}, &again, &again, course.Extend(chandylamport.Scenario())); code != 0 || !strings.Contains(again.String(), "exact") {
		t.Errorf("code %d, printed\n%s", code, again.String())
	}
	code, out, _ = snapshots(files("three-ring", "--seed", "5", "--events")...)
	for _, want := range []string{"send N1 N2 1", "note   N3  began N3#1", "Marker{N3#1}", "recv   N1→N2  token(1)", "\n0\nN1 "} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("code %d, %q is not in\n%s", code, want, out)
		}
	}
}

// What is wrong is one line, with file, line and what was expected, and exit code 2.
func TestCourseRefuses(t *testing.T) {
	bad := written(t, "bad.events", "tick\n\nsend N1 N2 99\n")
	for _, x := range []struct {
		args []string
		want string
	}{
		{[]string{"--topology", courseCases + "three-ring.top", "--script", bad}, "bad.events:3: send N1 N2 99: N1 has at most 4 by then: want no more than it has"},
		{[]string{"--topology", bad, "--script", bad}, `bad.events:1: "tick": want the number of nodes`},
		{[]string{"--topology", bad}, "--topology needs --script as well"},
		{files("three-ring", "--faults", "swarm"), `fault profile "swarm" does not apply to a network in tick mode`},
		{files("three-ring", "--plan", written(t, "f.plan", "1ms crash N1\n")), "a plan of faults does not apply to a network in tick mode"},
		{files("three-ring", "--set", "app=ring"), "--set app=ring does not go with a case from files"},
	} {
		code, out, stderr := snapshots(x.args...)
		if code != 2 || out != "" || !strings.Contains(stderr, x.want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%v: code %d, %s%s", x.args, code, out, stderr)
		}
	}
}
