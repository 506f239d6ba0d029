package cli_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"simrun/cli"
	"simrun/sim"
)

func scenarios() []*sim.Scenario {
	return []*sim.Scenario{counter(), idler(), flaky(), dithering(), broken(), forked(), shop()}
}

// TestMain makes this test binary the command simrun when a script calls it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"simrun": func() { cli.Main(scenarios()...) }})
}

// TestScripts runs the scripts in testdata/script: what each command prints, where, and the exit code. A
// script fails if any of that changes.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"paste":   paste,
			"oneline": oneLine,
			"fits":    fits,
		},
	})
}

// exits CODE COMMAND... runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND ARG...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	checkExit(ts, want, ts.Exec(args[1], args[2:]...))
}

func checkExit(ts *testscript.TestScript, want int, err error) {
	got := 0
	var e *exec.ExitError
	switch {
	case errors.As(err, &e):
		got = e.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d; stderr:\n%s", got, want, ts.ReadFile("stderr"))
	}
}

var replayLine = regexp.MustCompile(`(?m)^  replay +(.*)$`)

// paste CODE runs the first replay line of the last command's output, as a person would paste it.
func paste(ts *testscript.TestScript, neg bool, args []string) {
	m := replayLine.FindStringSubmatch(ts.ReadFile("stdout"))
	if neg || len(args) == 0 || m == nil {
		ts.Fatalf("usage: paste CODE ARG..., after a command that prints a replay line")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	words := append(strings.Fields(m[1]), args[1:]...)
	checkExit(ts, want, ts.Exec(words[0], words[1:]...))
}

// oneline checks that the last command said exactly one line on standard
// error, and nothing on standard output.
func oneLine(ts *testscript.TestScript, _ bool, _ []string) {
	stderr := ts.ReadFile("stderr")
	if strings.Count(stderr, "\n") != 1 || !strings.HasPrefix(stderr, "simrun: ") || ts.ReadFile("stdout") != "" {
		ts.Fatalf("want one line on stderr that starts with simrun: and nothing on stdout; stderr:\n%sstdout:\n%s", stderr, ts.ReadFile("stdout"))
	}
}

// fits checks that the last output is a page: at most 40 lines of 80 columns, but for replay lines.
func fits(ts *testscript.TestScript, _ bool, _ []string) {
	lines := strings.Split(strings.TrimRight(ts.ReadFile("stdout"), "\n"), "\n")
	if len(lines) > 40 {
		ts.Fatalf("%d lines, want at most 40", len(lines))
	}
	for _, l := range lines {
		if n := len([]rune(l)); n > 80 && !strings.HasPrefix(l, "  replay ") {
			ts.Fatalf("%d columns, want at most 80: %s", n, l)
		}
	}
}

// call runs the command in this process.
func call(ctx context.Context, args ...string) (code int, stdout, stderr string) {
	var out, err strings.Builder
	code = cli.Run(ctx, args, &out, &err, scenarios()...)
	return code, out.String(), err.String()
}

// It fails if an interrupt loses what a hunt has found, or if the exit code hides it.
func TestInterruptedHuntReports(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var out strings.Builder
	w := &tripwire{after: "seed ", trip: cancel}
	code := cli.Run(ctx, []string{"hunt", "counter", "--set", "dedupe=false", "--for", "1h", "--progress", "plain"}, &out, w, scenarios()...)
	if code != 130 {
		t.Errorf("exit code %d, want 130", code)
	}
	if s := out.String(); !strings.Contains(s, "violated exactly-once") || !strings.Contains(s, " replay s2-") || !strings.Contains(s, "runs in") {
		t.Errorf("what was found is missing:\n%s", s)
	}
	if s := w.text.String(); !strings.Contains(s, "simrun: interrupted after ") {
		t.Errorf("stderr does not say that the hunt was interrupted:\n%s", s)
	}
}

// A tripwire is a writer that calls trip once it has seen a text.
type tripwire struct {
	text  strings.Builder
	after string
	trip  func()
}

func (w *tripwire) Write(p []byte) (int, error) {
	w.text.Write(p)
	if strings.Contains(w.text.String(), w.after) {
		w.trip()
	}
	return len(p), nil
}

// It fails if a run cannot be interrupted, or looks green when it was.
func TestInterruptedRun(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	code, stdout, stderr := call(ctx, "run", "counter", "--set", "adds=1000000", "--for", "1h")
	if code != 130 || stdout != "" || stderr != "simrun: interrupted\n" {
		t.Errorf("exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

// It fails if an interrupted shrink does not print what it has come to, as it promises: also if that is a long run, which looks now and then whether it is interrupted.
func TestInterruptedShrink(t *testing.T) {
	plan := filepath.Join(t.TempDir(), "a.plan")
	if err := os.WriteFile(plan, []byte("repeat client>server add#1200 1ms\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	code, found, stderr := call(t.Context(), "run", "counter", "--set", "dedupe=false", "--set", "adds=2000", "--for", "10s", "--plan", plan)
	_, token, ok := strings.Cut(found, " replay s2-")
	if code != 1 || !ok {
		t.Fatalf("exit code %d, stderr %q\n%s", code, stderr, found)
	}
	token, _, _ = strings.Cut("s2-"+token, "\n")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	code, out, stderr := call(ctx, "shrink", token)
	if code != 130 || !strings.HasPrefix(stderr, "simrun: interrupted after ") || strings.Count(stderr, "\n") != 1 {
		t.Errorf("exit code %d, want 130; stderr %q", code, stderr)
	}
	for _, want := range []string{"violated exactly-once", " replay s2-", "  and is ", "; it was interrupted, so ", "\nplan     repeat client>server add#1200 1ms\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is missing in what was found:\n%s", want, out)
		}
	}
	if !regexp.MustCompile(`[5-9]\d\d\d events, `).MatchString(out) {
		t.Errorf("the run is too short to look whether it is interrupted:\n%s", out)
	}
}

// It fails if output that cannot be written goes unnoticed: a full disk must not look green.
func TestFullDisk(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	var stderr strings.Builder
	code := cli.Run(context.Background(), []string{"run", "counter"}, full, &stderr, scenarios()...)
	if code != 4 || !strings.Contains(stderr.String(), "no space") {
		t.Errorf("exit code %d, stderr %q", code, stderr.String())
	}
}

// It fails if two scenarios can have one name: a replay would make a run of the wrong one.
func TestScenariosNeedTheirOwnNames(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("two scenarios of one name were accepted")
		}
	}()
	cli.Run(context.Background(), []string{"list"}, os.Stdout, os.Stderr, counter(), counter())
}

// It fails if the result of a hunt depends on the number of workers.
func TestHuntIsTheSameOnAnyNumberOfWorkers(t *testing.T) {
	timed := regexp.MustCompile(`"(elapsed_s|runs_per_s)":[0-9.e+-]+`)
	var first string
	for _, workers := range []string{"1", "2", "5"} {
		code, out, stderr := call(context.Background(), "hunt", "counter", "--set", "dedupe=false", "--seeds", "0:60", "--stop-after", "7",
			"--json", "--progress", "none", "--workers", workers)
		if code != 1 || stderr != "" {
			t.Fatalf("exit code %d, stderr %q", code, stderr)
		}
		out = timed.ReplaceAllString(out, "")
		if first == "" {
			first = out
		}
		if out != first {
			t.Errorf("with %s workers:\n%s\nwith 1:\n%s", workers, out, first)
		}
	}
}

// It fails if the plan that a run prints is not complete: given back,
// with the seed, it must make the same run.
func TestPrintedPlanMakesTheSameRun(t *testing.T) {
	type run struct{ Hash, Plan, Profile string }
	of := func(args ...string) (r run) {
		t.Helper()
		code, out, stderr := call(context.Background(), append([]string{"run", "counter", "--json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &r); err != nil || code != 0 {
			t.Fatalf("%v, exit code %d: %s%s", err, code, out, stderr)
		}
		return r
	}
	file := filepath.Join(t.TempDir(), "some.plan")
	for seed := range 20 {
		drawn := of("--seed", strconv.Itoa(seed))
		if err := os.WriteFile(file, []byte(drawn.Plan), 0o666); err != nil {
			t.Fatal(err)
		}
		given := of("--seed", strconv.Itoa(seed), "--plan", file)
		if given.Hash != drawn.Hash || given.Plan != drawn.Plan || given.Profile != "plan" {
			t.Errorf("seed %d: the plan\n%s\nof the run %s makes the run %s of profile %s", seed, drawn.Plan, drawn.Hash, given.Hash, given.Profile)
		}
	}
}

// It fails if an interrupted hunt puts a run that it had no time to make small in the place of a small one, saves nothing where there is none, or does not say so.
func TestInterruptedHuntKeepsSmallRuns(t *testing.T) {
	dir := t.TempDir()
	args := []string{"hunt", "counter", "--set", "dedupe=false", "--seeds", "0:30", "--stop-after", "1", "--progress", "tty", "--save", dir}
	code, _, stderr := call(t.Context(), args...)
	files, err := filepath.Glob(filepath.Join(dir, "counter", "*.seed"))
	if code != 1 || err != nil || len(files) != 1 {
		t.Fatalf("exit code %d, %v, %q, stderr:\n%s", code, err, files, stderr)
	}
	small, _ := os.ReadFile(files[0])
	for _, there := range []bool{true, false} {
		ctx, cancel := context.WithCancel(context.Background())
		var out strings.Builder
		w := &tripwire{after: "failure 1 of 1", trip: cancel}
		if code := cli.Run(ctx, args, &out, w, scenarios()...); code != 130 || !strings.Contains(out.String(), "made small? no: interrupted") {
			t.Fatalf("it was not interrupted while it made a run small: exit code %d\n%s", code, out.String())
		}
		now, err := os.ReadFile(files[0])
		told := strings.Contains(w.text.String(), files[0]+" stays as it was: ")
		if err != nil || there != (string(now) == string(small)) || told != there {
			t.Errorf("a small one was there: %t; %v, told %t\n%s", there, err, told, now)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
	}
}

// It fails if an interrupt while failures are made small loses what the hunt has found, or looks like an end in good order.
func TestInterruptedWhileMakingSmall(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	var out strings.Builder
	w := &tripwire{after: "failure 1 of 1", trip: cancel}
	code := cli.Run(ctx, []string{"hunt", "counter", "--set", "dedupe=false", "--seeds", "0:30", "--progress", "tty"}, &out, w, scenarios()...)
	if code != 130 || !strings.Contains(w.text.String(), "simrun: interrupted while failures were made small") {
		t.Errorf("exit code %d, want 130; stderr:\n%q", code, w.text.String())
	}
	if s := out.String(); !strings.Contains(s, "violated exactly-once") || !strings.Contains(s, " replay s2-") || !strings.Contains(s, "30 runs in") ||
		!strings.Contains(s, "made small? no: interrupted") && !strings.Contains(s, "made small, in ") {
		t.Errorf("what was found is missing:\n%s", s)
	}
}
