package simtest_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
	"simrun/simtest"
)

// What a test does when it fails can only be seen from outside. So these tests run their own binary
// again, with only TestInner in it, which tests the scenario that the environment names.

func TestInner(t *testing.T) {
	change := broken[os.Getenv("INNER")]
	if change == nil {
		t.Skip("is run by other tests")
	}
	s := printing()
	change(s)
	opts := []simtest.Option{simtest.Command("go run ./cmd/printing"), simtest.Runs(60)}
	if dir := os.Getenv("INNER_SEEDS"); dir != "" {
		opts = append(opts, simtest.Seeds(dir))
	}
	if set := os.Getenv("INNER_SET"); set != "" {
		opts = append(opts, simtest.Set(set))
	}
	if plan := os.Getenv("INNER_PLAN"); plan != "" {
		opts = append(opts, simtest.Plan(plan))
	}
	if name := os.Getenv("INNER_PROPERTY"); name != "" {
		opts = append(opts, simtest.Property(name))
	}
	simtest.Check(t, s, opts...)
}

func FuzzInner(f *testing.F) {
	change := broken[os.Getenv("INNER")]
	if change == nil {
		f.Skip("is run by other tests")
	}
	s := printing()
	change(s)
	simtest.Fuzz(f, s)
}

// inner runs TestInner, or what -test.run names, with these flags and variables, and returns what it prints.
func inner(t *testing.T, scenario string, args ...string) (out string, ok bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestInner$", "-test.v")
	cmd.Env = append(os.Environ(), "INNER="+scenario)
	for _, a := range args {
		if strings.HasPrefix(a, "-") {
			cmd.Args = append(cmd.Args, a) // the last of equal flags wins
		} else {
			cmd.Env = append(cmd.Env, a)
		}
	}
	var b bytes.Buffer
	cmd.Stdout, cmd.Stderr = &b, &b
	err = cmd.Run()
	return b.String(), err == nil
}

// fails expects TestInner to fail and to print all of these.
func fails(t *testing.T, out string, ok bool, want ...string) {
	t.Helper()
	if ok {
		t.Errorf("want it to fail:\n%s", out)
	}
	prints(t, out, want...)
}

func passes(t *testing.T, out string, ok bool, want ...string) {
	t.Helper()
	if !ok {
		t.Errorf("want it to pass:\n%s", out)
	}
	prints(t, out, want...)
}

func prints(t *testing.T, out string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("%q is not in:\n%s", w, out)
		}
	}
}

// find returns what the pattern's first group matches.
func find(t *testing.T, pattern, out string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("%s matches nothing in:\n%s", pattern, out)
	}
	return m[1]
}

// A scenario without a mistake passes, in an ordinary test too.
func TestCheck(t *testing.T) { simtest.Check(t, printing()) }

func FuzzPrinting(f *testing.F) { simtest.Fuzz(f, printing()) }

func BenchmarkPrinting(b *testing.B) { simtest.Benchmark(b, printing()) }

func TestPassing(t *testing.T) {
	out, ok := inner(t, "right")
	passes(t, out, ok, "printing: 60 runs from seed 0x0, 60 ok, 0 violated", "checks      once ", "sometimes   Repeated in ", "NOT REACHED Reprinted")
	if strings.Contains(out, "seed=") {
		t.Errorf("a seed that does not fail has no subtest:\n%s", out)
	}
}

// The failure's own commands make it happen again, alone, and the same.
func TestFailing(t *testing.T) {
	out, ok := inner(t, "twice")
	fails(t, out, ok, "violated once", "is printed twice", "virtual", "made small:\n", "  and is    1 fault, 0 picks, 2 nodes", "seeds failed like this", "=== ATTR  TestInner/seed=")
	pattern := find(t, `again:   go test simrun/simtest -run '(TestInner/seed=0x[0-9a-f]+)'\n`, out)
	token := find(t, `replay:  (go run ./cmd/printing replay s2-\S+)\n`, out)
	once, ok := inner(t, "twice", "-test.run="+pattern)
	fails(t, once, ok, token, "--- FAIL: "+pattern, "is printed twice")
	if strings.Contains(once, "60 runs") {
		t.Errorf("a named seed is run alone:\n%s", once)
	}
	if n := strings.Count(out, "--- FAIL: TestInner/"); n != 1 {
		t.Errorf("one way to fail is shown %d times:\n%s", n, out)
	}
	if n := strings.Count(out, "\n"); n > 60 {
		t.Errorf("a failure takes %d lines, want at most 60:\n%s", n, out)
	}
}

// A failing run is shown as the smallest that fails so, within the budget, and as it is if that is wanted. Fails if a flag is taken and ignored.
func TestShrinking(t *testing.T) {
	out, ok := inner(t, "twice", "-sim.shrink=0")
	fails(t, out, ok, "printing, seed 0x0: violated once\n", "│", "again:   go test simrun/simtest -run 'TestInner/seed=0x0' -sim.shrink=0\n")
	if strings.Contains(out, "made small") {
		t.Errorf("-sim.shrink=0, and the run is made small:\n%s", out)
	}
	out, ok = inner(t, "twice", "SIM_SHRINK=3")
	fails(t, out, ok, " runs; that was the budget: there may be something smaller\n", "-sim.shrink=3\n")
	out, ok = inner(t, "twice", "-test.timeout=3s")
	fails(t, out, ok, "not made small: the time for tests is nearly over")
	// The text is a function of the seed, whatever the machine.
	one, _ := inner(t, "two", "-test.run=TestInner/seed=0x0", "GOMAXPROCS=1")
	four, _ := inner(t, "two", "-test.run=TestInner/seed=0x0", "GOMAXPROCS=4")
	if one, four = seconds.ReplaceAllString(one, ""), seconds.ReplaceAllString(four, ""); one != four {
		t.Errorf("with one worker:\n%s\nwith four:\n%s", one, four)
	}
	// A stall is drawn too; of a long run in which nothing but the end is wrong there are the last events.
	out, ok = inner(t, "stalled")
	fails(t, out, ok, "made small:\n", "printer→sender done{N:0}  n 0 → 1\n")
	out, ok = inner(t, "long", "-sim.runs=1", "-sim.shrink=0")
	fails(t, out, ok, "stalled at end\n", "the last 12 of 120,", " events:\n", "ticker")
}

// A stack does not fill the screen, unless all is wanted. Fails if the report of a panic is too long, or does not show where it was.
func TestPanicIsShort(t *testing.T) {
	out, ok := inner(t, "panics")
	fails(t, out, ok, "deep panicked: too deep\n", "deep.down", " more lines: -sim.v prints all)\n")
	if n := strings.Count(out, "\n"); n > 60 {
		t.Errorf("it takes %d lines:\n%s", n, out)
	}
	out, ok = inner(t, "panics", "-sim.v")
	fails(t, out, ok, "deep.Start")
	if strings.Contains(out, "more lines") {
		t.Errorf("with -sim.v something is left out:\n%s", out)
	}
}

var seconds = regexp.MustCompile(`\(\d+\.\d+s\)| in \S+s\n`)

// A run is made again, and drawn, by flags alone. Fails if it is another run, if a file is left half written, or if what cannot be drawn goes unsaid.
func TestReplayAndDraw(t *testing.T) {
	out, _ := inner(t, "twice")
	token := find(t, ` replay (s2-\S+)\n`, out)
	page := filepath.Join(t.TempDir(), "run.html")
	out, ok := inner(t, "twice", "-sim.replay="+token, "-sim.html="+page)
	fails(t, out, ok, "exact: every event as it was\n", "printing, a run without a seed: violated once\n", "drawn:   "+page+"\n", "replay:  go run ./cmd/printing replay "+token+"\n")
	if strings.Contains(out, "60 runs") || strings.Contains(out, "again:") || strings.Contains(out, "made small") {
		t.Errorf("the run is not made alone and as it is:\n%s", out)
	}
	text, err := os.ReadFile(page)
	if err != nil || !strings.Contains(string(text), "<title>printing no seed: violated once</title>") {
		t.Errorf("%v: the page holds %.300q", err, text)
	}
	out, ok = inner(t, "right", "-sim.replay="+token)
	passes(t, out, ok, "NOT the same run: its hash was ", "printing, a run without a seed: ok, ")
	file := filepath.Join(t.TempDir(), "x.seed")
	if err := os.WriteFile(file, []byte("simseed v1\nscenario elsewhere\nseed 1\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	out, ok = inner(t, "right", "-sim.replay="+file)
	passes(t, out, ok, "-sim.replay is a run of scenario elsewhere, and this is a test of printing: it makes no run\n")
	// A file that somebody has changed, or cut short, says so.
	whole := seedfile.File{Scenario: "printing", Seed: 1, Plan: &fault.Plan{}, Hash: 7, Made: 1}
	if err := os.WriteFile(file, []byte(whole.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	out, ok = inner(t, "right", "-sim.replay="+file)
	passes(t, out, ok, ": the file was changed or cut short since it was written\n")
	for want, args := range map[string][]string{
		"-sim.replay=s2-xxxx: the token is cut off or mistyped":                         {"-sim.replay=s2-xxxx"},
		"SIM_REPLAY=no.seed: no such file":                                              {"SIM_REPLAY=no.seed"},
		"-sim.test=small.go: small.go: a file of tests ends in _test.go":                {"-sim.test=small.go"},
		"-sim.test=simtest_test.go: there is such a file: want the name of a new one\n": {"-sim.test=simtest_test.go"},
		"-sim.shrink=-1: want a whole number from 0":                                    {"-sim.shrink=-1"},
		"is a directory: want the name of a file in it":                                 {"-sim.html=" + t.TempDir()},
		"there is no directory nowhere":                                                 {"-sim.html=nowhere/run.html"},
		"-sim.html: cannot draw the run: write /dev/full: no sp":                        {"-sim.html=/dev/full"},
	} {
		out, ok := inner(t, "twice", args...)
		fails(t, out, ok, want)
	}
}

// The report does not depend on how many runs are made at once.
func TestWorkersChangeNothing(t *testing.T) {
	times := regexp.MustCompile(`\(\d+\.\d+s\)| in \S+s\n`)
	one, _ := inner(t, "many", "-test.parallel=1")
	all, _ := inner(t, "many", "-test.parallel=8", "GOMAXPROCS=4")
	if one, all := times.ReplaceAllString(one, ""), times.ReplaceAllString(all, ""); one != all {
		t.Errorf("with one worker:\n%s\nwith four:\n%s", one, all)
	}
}

// A seed that -run names is run wherever it lies, as it is written, and one that holds passes.
func TestNamedSeeds(t *testing.T) {
	out, ok := inner(t, "right", "-test.run=^TestInner$/seed=0xfffffffff|TestInner/seed=123456")
	passes(t, out, ok, "=== RUN   TestInner/seed=0xfffffffff", "=== RUN   TestInner/seed=123456", "printing, seed 0x1e240: ok, ", "hash ")
	if strings.Contains(out, "60 runs") {
		t.Errorf("named seeds are run alone:\n%s", out)
	}
	out, ok = inner(t, "right", "-test.run=TestInner/seed=99999999999999999999999")
	fails(t, out, ok, "want a whole number from 0 to 2^64-1")
}

func TestFlagsAndEnvironment(t *testing.T) {
	for _, x := range []struct {
		args []string
		ok   bool
		want string
	}{
		{[]string{"-sim.runs=3"}, true, "printing: 3 runs from seed 0x0,"},
		{[]string{"SIM_RUNS=4", "SIM_SEED=0x10"}, true, "printing: 4 runs from seed 0x10,"},
		{[]string{"SIM_RUNS=4", "-sim.runs=5"}, true, "printing: 5 runs "},
		{[]string{"-test.short"}, true, "printing: 12 runs "},
		{[]string{"-test.short", "-sim.runs=30"}, true, "printing: 30 runs "},
		{[]string{"-sim.seed=7", "-sim.runs=1"}, true, "printing: 1 runs from seed 0x7,"},
		{[]string{"-sim.seed=18446744073709551615"}, false, "no seeds from"},
		{[]string{"-sim.for=50ms"}, true, "0 violated"},
		{[]string{"-sim.for=1m", "-sim.runs=7"}, true, "printing: 7 runs "},
		{[]string{"-sim.v"}, true, "faults      loss "},
		{[]string{"SIM_FAULTS=nope"}, false, "SIM_FAULTS=nope: unknown fault profile"},
		{[]string{"-sim.seed=zz"}, false, "-sim.seed=zz: seed \"zz\": want a whole number from 0 to 2^64-1, such as 42 or 0x2a, or random"},
		{[]string{"SIM_SEED=-1"}, false, "SIM_SEED=-1: seed \"-1\": want a whole number"},
		{[]string{"SIM_RUNS=0"}, false, "SIM_RUNS=0: want a whole number from 1"},
		{[]string{"SIM_FOR=30"}, false, "SIM_FOR=30: want a duration such as 30s"},
		{[]string{"SIM_V=loud"}, false, "SIM_V=loud: want true or false"},
		{[]string{"INNER_SET=dedupe=perhaps"}, false, "option dedupe=perhaps: want true or false"},
	} {
		t.Run(strings.Join(x.args, " "), func(t *testing.T) {
			out, ok := inner(t, "right", x.args...)
			if ok != x.ok {
				t.Errorf("passes: %v, want %v", ok, x.ok)
			}
			prints(t, out, x.want)
		})
	}
}

func TestRandomSeed(t *testing.T) {
	out, ok := inner(t, "right", "-sim.seed=random", "-sim.runs=2")
	passes(t, out, ok, "the first seed, drawn at random, is -sim.seed=0x")
	base := find(t, `-sim\.seed=(0x[0-9a-f]+)`, out)
	prints(t, out, "2 runs from seed "+base+",")
	if again, _ := inner(t, "right", "-sim.seed=random", "-sim.runs=2"); strings.Contains(again, base+",") {
		t.Errorf("two random seeds are both %s", base)
	}
}

// A test that runs out of time says so before it is killed, and does not pass for having seen less.
func TestDeadline(t *testing.T) {
	out, ok := inner(t, "right", "-sim.for=1m", "-test.timeout=2s")
	fails(t, out, ok, "stopped after ", "raise -timeout or lower -sim.runs")
	if strings.Contains(out, "panic: test timed out") {
		t.Errorf("the test is killed:\n%s", out)
	}
}

// A profile that a flag names stands in the command that makes the run again.
func TestFaultsAreInTheCommand(t *testing.T) {
	out, ok := inner(t, "right", "-sim.faults=none", "-sim.v")
	passes(t, out, ok)
	if strings.Contains(out, "loss ") {
		t.Errorf("messages are lost under the profile none:\n%s", out)
	}
	out, ok = inner(t, "twice", "-sim.faults=async")
	fails(t, out, ok)
	find(t, `(again:   go test simrun/simtest -run 'TestInner/seed=0x[0-9a-f]+' -sim.faults=async\n)`, out)
}

// lateAlone is a profile under which a page is printed twice only since it was sent twice: the default one lets the network repeat messages,
// too, and what is made small is then one of those.
const lateAlone = "-sim.faults=swarm:repeat=off"

func TestTraceAndReport(t *testing.T) {
	out, _ := inner(t, "twice", lateAlone)
	seed := find(t, `-run '(TestInner/seed=\S+)'`, out)
	out, ok := inner(t, "twice", lateAlone, "-test.run="+seed, "-sim.trace")
	fails(t, out, ok, "     1 ", "start  sender life 1")
	out, ok = inner(t, "twice", lateAlone, "-test.run="+seed, "-sim.v")
	fails(t, out, ok, "  cluster     2 nodes: sender printer", "  properties  once", "plan:\n", "always law", "-sim.trace lists all")
}

// What would be green and has tested nothing, or is not to be trusted, fails.
func TestComplaints(t *testing.T) {
	for name, want := range map[string]string{
		"idle":      "idle never judged in 60 runs: this was not tested",
		"lawless":   "scenario printing has no properties",
		"undecided": "unknown in 60 of 60 runs",
		"stalled":   "stalled at end\n",
		"moody":     "not deterministic: seed 0x0: event ",
		"sharing":   "a copy made by Clone changed when the node went on",
		"many":      "and 2 more ways to fail, such as seed 0x",
	} {
		t.Run(name, func(t *testing.T) {
			out, ok := inner(t, name)
			fails(t, out, ok, want)
		})
	}
	out, ok := inner(t, "undecided")
	fails(t, out, ok, "0 stalled, 60 unknown (100.0 %);")
	out, ok = inner(t, "sharing", "-test.run=TestInner/seed=0x0")
	fails(t, out, ok, "a copy made by Clone changed")
	out, ok = inner(t, "moody", "-test.run=TestInner/seed=0x0")
	fails(t, out, ok, "not deterministic: seed 0x0: event ", "Printed")
}

// Where it began to go wrong is told beside what a user suffers. Fails if the first inner violation is left out, or told twice where it is the one that is judged.
func TestInside(t *testing.T) {
	out, ok := inner(t, "inside", lateAlone, "INNER_PROPERTY=once")
	fails(t, out, ok, "violated once", "is printed twice", "  inside    patient at event ", ": the sender has lost its patience")
	if out, ok = inner(t, "inside", lateAlone, "INNER_PROPERTY=patient"); ok || strings.Contains(out, "  inside    ") {
		t.Errorf("the inner property is the one that is judged, and told once:\n%s", out)
	}
}

// A plan replaces what the profile draws: with one that repeats nothing there is nothing to find, and with one that repeats much there is. Fails
// if it has no say, or if a bad one passes for none.
func TestPlan(t *testing.T) {
	out, ok := inner(t, "twice", "INNER_PLAN=always law uniform 1ms 2ms")
	passes(t, out, ok, "60 ok")
	out, ok = inner(t, "twice", "INNER_PLAN=always repeat 50%", "-sim.shrink=0")
	fails(t, out, ok, "violated once")
	out, ok = inner(t, "right", "INNER_PLAN=always repeat often")
	fails(t, out, ok, "Plan: ", "often")
	out, ok = inner(t, "right", "INNER_PLAN=3ms crash nobody")
	fails(t, out, ok, "nobody")
}

// A property that is named decides alone.
func TestProperty(t *testing.T) {
	out, ok := inner(t, "two", "INNER_PROPERTY=at end", "-sim.faults=none")
	passes(t, out, ok)
	out, ok = inner(t, "two", "INNER_PROPERTY=once")
	fails(t, out, ok, "violated once")
	out, ok = inner(t, "two", "INNER_PROPERTY=nonsense")
	fails(t, out, ok, `no property "nonsense"`)
}

// write makes a folder with one seed file of the scenario printing.
func write(t *testing.T, name, text string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "printing"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "printing", name), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestSeedFiles(t *testing.T) {
	head := "simseed v1\n# the printer is asked again\nscenario printing\nseed 1\n"
	lost := "plan lose printer>sender done#1\n"
	for _, x := range []struct {
		name, text string
		ok         bool
		want       string
	}{
		{"holds", head + lost, true, "--- PASS: TestInner/story.seed"},
		{"expected", head + lost + "set dedupe=false\nexpect violated once\n", true, "--- PASS: TestInner/story.seed"},
		{"unexpected", head + lost + "set dedupe=false\n", false, "story.seed expects: ok"},
		{"not met", head + lost + "expect violated once\n", false, "story.seed expects: violated once"},
		{"stale", head + lost + "hash 0000000000001234\n", true, "is stale: its hash was 0000000000001234"},
		{"older", head + lost + "simver 77\n", true, "is stale: it is of simver 77"},
		{"unknown word", head + "frobnicate 7\n", false, `story.seed: line 5: unknown word "frobnicate"`},
		{"another's", strings.Replace(head, "printing", "paxos", 1), false, "a run of scenario paxos, not of printing"},
		{"unknown node", head + "plan 1ms crash nobody\n", false, "there is no node nobody"},
	} {
		t.Run(x.name, func(t *testing.T) {
			out, ok := inner(t, "right", "INNER_SEEDS="+write(t, "story.seed", x.text), "-sim.runs=5")
			if ok != x.ok {
				t.Errorf("passes: %v, want %v", ok, x.ok)
			}
			prints(t, out, x.want, "5 runs")
		})
	}
	dir := write(t, "story.seed", head+lost)
	out, ok := inner(t, "twice", "INNER_SEEDS="+dir, "-test.run=TestInner/story")
	fails(t, out, ok, "go test simrun/simtest -run 'TestInner/story\\.seed'")
	if strings.Contains(out, "runs from seed") {
		t.Errorf("-run names a file, and seeds are tried all the same:\n%s", out)
	}
	out, ok = inner(t, "right", "INNER_SEEDS="+t.TempDir())
	fails(t, out, ok, "there is no file")
}

// Fails if a recorded file is judged by its seed where that makes another run by now, or if a run by tape is not told as one.
func TestRecordedFiles(t *testing.T) {
	s := printing()
	broken["twice"](s)
	seed := uint64(0)
	var f seedfile.File
	for ; f.Expect != "violated once"; seed++ {
		recorder := &chance.Recorder{Base: chance.Seed(seed)}
		w, err := s.World(sim.Config{Seed: seed, Driver: recorder})
		if err != nil || seed > 1000 {
			t.Fatalf("seed %d: %v", seed, err)
		}
		v := w.Run(0)
		plan := w.Plan()
		f = seedfile.Of(s, sim.Config{Seed: seed, Plan: &plan}, v)
		f.Expect = seedfile.Expected(v)
		f.Record(recorder.Tape, nil)
	}
	f.Seed = seed + 1 // what the seed means has changed
	out, ok := inner(t, "twice", "INNER_SEEDS="+write(t, "taped.seed", f.String()), "-test.run=TestInner/taped")
	passes(t, out, ok)
	prints(t, out, "taped.seed: the seed makes another run by now: this is the run of the tape")
	f.Expect = "ok"
	out, ok = inner(t, "twice", "INNER_SEEDS="+write(t, "taped.seed", f.String()), "-test.run=TestInner/taped")
	fails(t, out, ok, "printing, the tape of ", "violated once", "made small:", "go run ./cmd/printing replay s2-")
	out, ok = inner(t, "twice", "INNER_SEEDS="+write(t, "taped.seed", f.String()), "-test.run=TestInner/taped", "-sim.shrink=0")
	fails(t, out, ok, "printing, the tape of ", "violated once", "go run ./cmd/printing replay /")
}

// The fuzz target finds the mistake with its own first inputs, and does not blame what holds.
func TestFuzz(t *testing.T) {
	out, ok := inner(t, "twice", "-test.run=^FuzzInner$")
	fails(t, out, ok, "printing, the fuzzer's run: violated once", "made small:\n", "replay:  s2-")
	if !strings.Contains(out, "--- PASS: FuzzInner/seed#0") {
		t.Errorf("the empty input is the run in which nothing goes wrong:\n%s", out)
	}
	out, ok = inner(t, "right", "-test.run=^FuzzInner$")
	passes(t, out, ok)
	out, ok = inner(t, "undecided", "-test.run=^FuzzInner$")
	passes(t, out, ok, "unknown: budget spent")
}
