package steps_test

import (
	"errors"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"simrun/protocols/bracha"
	"simrun/protocols/chandylamport"
	"simrun/protocols/independent"
	"simrun/protocols/kootoueg"
	"simrun/protocols/laiyang"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/twopc"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/steps"
)

// A failure is a run, made small before, that fails by a property; and what its test must have, line by line.
type failure struct {
	spare    string // steps without which it fails all the same
	scenario *sim.Scenario
	property string
	text     string // of its file, without the first lines
	want     []string
}

// failures are of all scenarios, with every kind of line that a shrunk run may have.
func failures() []failure {
	return []failure{
		{"", paxos.Scenario(), "agreement", "set acceptors=1 durable=false learners=0\nplan always unsynced lose\nplan crash a1 after effect 7 for 1ms", []string{
			`w := simtest.Steps(t, paxos.Scenario(), "acceptors=1", "durable=false", "learners=0")`,
			`w.Always("unsynced lose")`, `w.RunUntil("send a1>p2 Promise#1") // Promise{1.2}`, `w.CrashFor("a1", time.Millisecond)`, `w.Holds("agreement")`}},
		{"RunUntil", paxos.Scenario(), "safe-at", "set acceptors=2 learners=0 proposers=1 quorum=1\nplan crash a2 after effect 1 for 5ms", []string{`w.RunUntil("disk a2 size#1")`}},
		{"", paxos.Scenario(), "backed", "set acceptors=1 durable=false learners=0 proposers=1\nplan none", []string{`w.Holds("backed")`}},
		{"", paxos.Scenario(), "termination", "set acceptors=1 learners=0 proposers=1\nfor 2ms\nplan none", []string{`w.Lasts(2 * time.Millisecond)`}},
		{"Crash RunUntil Cut Heal", paxos.Scenario(), "backed", "set acceptors=1 durable=false learners=0\nplan after p1 Proposed#1 crash @Proposed for 1ms\nplan 2ms cut p1 | a1\nplan 3.1ms heal", []string{
			`w.RunUntil("note p1 Proposed#1")`, `w.CrashFor("p1", time.Millisecond)`, `w.Cut("p1 | a1")`, `w.Heal()`}},
		{"", laiyang.Scenario(), "", "set initiators=1 nodes=2 snapshots=1 work=1\nplan crash p1 after effect 4 for 1ms", []string{`w.RunUntil("send p1>p2 Transfer#1") // Transfer{1}`}},
		{"RunUntil", kootoueg.Scenario(), "", "set checkpoints=1 mistake=old-messages nodes=2 work=2\nplan crash p1 after effect 4 for 1ms", nil},
		{"", kootoueg.Scenario(), "backed", "set initiators=1 mistake=tells-first nodes=2 work=1\nplan none", nil},
		{"", independent.Scenario(), "no-orphan", "set incarnations=false nodes=2 rate=2 work=1\nplan crash p1 after effect 5 for 50ms\nplan crash p2 after effect 19 for 2ms", []string{`w.RunUntil("send p2>p1 Ping#1")`}},
		{"", twopc.Scenario(), "", "set clients=1 durable=false participants=1\nplan always unsynced lose\nplan crash c after effect 11 for 1ms", nil},
		{"", twopc.Scenario(), "", "set clients=1 heuristic=true participants=1\nplan crash c after effect 10 for 200ms", nil},
		{"", twopc.Bank(), "serializable", "set clients=1 locks=none \"orders=k1: pay a2 a3 9; k2: pay a3 a2 11\" shards=1\nplan none", []string{"twopc.Bank()"}},
		{"RunUntil", bracha.Scenario(), "validity", "set nodes=3 senders=1\nplan crash p3 after effect 1 for 5ms", nil},
		{"", bracha.Scenario(), "agreement", "set mistake=majority nodes=5 senders=1\nplan always betray p1 equivocate 43.7%\ntape pick p1 betray Echo split# 1=842\n" +
			"tape pick p1 betray Initial split# 1=793\ntape pick p1 betray Ready split# 1=936\ntape pick p1 betray lie# 1=1\ntape pick p1 betray p2 side# 1=1\n" +
			"tape pick p1 betray p4 side# 1=1", []string{`w.Pick("pick p1 betray Echo split#1", 842)`, `w.Always("betray p1 equivocate 43.7%")`}},
		{"", chandylamport.Scenario(), "", "set graph=0 initiators=1 snapshots=1 work=1\nplan lose p1>p4 Transfer#1", []string{`w.Lose("p1", "p4", "Transfer", 1)`}},
		{"RunTo", chandylamport.Scenario(), "", "set initiators=0 mistake=no-incarnation restore=true work=4\nplan 1ms crash p4 for 1ms\nplan crash p3 after effect 11 for 2ms\n" +
			"plan delay p4>p2 Transfer#1 3ms\ntape pick p4 to/2# 4=1", []string{`w.Delay("p4", "p2", "Transfer", 1, 3*time.Millisecond)`}},
	}
}

// spares reports whether a step of the test is not needed.
func (f *failure) spares(line string) bool {
	for _, step := range strings.Fields(f.spare) {
		if strings.HasPrefix(line, "\tw."+step) {
			return true
		}
	}
	return false
}

func (f *failure) spelt(t *testing.T) search.Case {
	t.Helper()
	file, err := seedfile.Parse("simseed v1\nscenario " + f.scenario.Name + "\nseed none\n" + f.text + "\n")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := file.Config(f.scenario)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Only = f.property
	c, v, err := search.Explicit(f.scenario, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if !search.Judge(v, f.property).Failed() {
		t.Fatalf("this does not fail:\n%s", file)
	}
	return c
}

// printed prints the test of a failure, and has a look at it.
func printed(t *testing.T, f *failure, x steps.Test) string {
	t.Helper()
	x.Case, x.Property = f.spelt(t), f.property
	x.Case.Config.Only = "" // as a shrink leaves it
	text, err := x.Source()
	if err != nil {
		t.Fatalf("%s %s: %v", f.scenario.Name, f.property, err)
	}
	for _, want := range f.want {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %s in\n%s", want, text)
		}
	}
	if gofmt, err := format.Source([]byte(text)); err != nil || string(gofmt) != text {
		t.Errorf("this is not as gofmt would have it: %v\n%s", err, text)
	}
	if n := strings.Count(text, "w.Plan("); n > 0 {
		t.Errorf("%d lines of a plan are left:\n%s", n, text)
	}
	return text
}

// Each test that is printed compiles, is clean for vet, and fails by the property and with the sentence of the run that it was printed from. Fails
// too if a printed test passes, or if one of its steps could be left out.
func TestPrintedTestsFail(t *testing.T) {
	all := failures()
	files := make(map[string]string)
	var mutants []string
	for i := range all {
		name := fmt.Sprintf("TestPrinted%d", i)
		text := printed(t, &all[i], steps.Test{Name: name, Package: "printed_test"})
		files[name] = text
		lines := strings.Split(text, "\n")
		for n, line := range lines {
			if strings.HasPrefix(line, "\tw.") && !strings.HasPrefix(line, "\tw.Holds") && !all[i].spares(line) {
				without := strings.Join(slices.Delete(slices.Clone(lines), n, n+1), "\n")
				mutant := fmt.Sprintf("TestMutant%d", len(mutants))
				mutants = append(mutants, fmt.Sprintf("%s without %s", name, line))
				files[mutant] = withTime(strings.Replace(without, name, mutant, 1))
			}
		}
	}
	if testing.Short() {
		return
	}
	out := runAll(t, files)
	for i := range all {
		c := all[i].spelt(t)
		w, err := c.World()
		if err != nil {
			t.Fatal(err)
		}
		j := search.Judge(w.Run(0), all[i].property)
		failed, want := failureOf(out, fmt.Sprintf("TestPrinted%d", i)), fmt.Sprintf("%s: %v %s", all[i].scenario.Name, j.Outcome, j.Property)
		if !strings.Contains(failed, want) {
			t.Errorf("TestPrinted%d should fail by %s, and says:\n%s", i, j.Property, failed)
		}
		for n, what := range mutants {
			if failed := failureOf(out, fmt.Sprintf("TestMutant%d", n)); strings.HasPrefix(what, fmt.Sprintf("TestPrinted%d ", i)) && strings.Contains(failed, want) {
				t.Errorf("%s fails in the same way:\n%s", what, failed)
			}
		}
	}
	if len(mutants) < 20 {
		t.Errorf("only %d steps were left out", len(mutants))
	}
}

// withTime leaves the package time out of a source that does not need it any more.
func withTime(source string) string {
	if !strings.Contains(source, "time.") {
		source = strings.Replace(source, "\t\"time\"\n", "", 1)
	}
	return source
}

// runAll runs the tests of a package inside of this module, and returns what they say.
func runAll(t *testing.T, files map[string]string) string {
	t.Helper()
	if err := os.MkdirAll("testdata", 0o777); err != nil { // which go test ./... and the tests of the root leave alone
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("testdata", "printed")
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove("testdata") // if it is empty
	defer os.RemoveAll(dir)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, strings.ToLower(name)+"_test.go"), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("go", "vet", "./"+dir).CombinedOutput(); err != nil {
		t.Fatalf("go vet: %v\n%s", err, out)
	}
	out, err := exec.Command("go", "test", "./"+dir).CombinedOutput()
	if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Fatalf("go test: %v\n%s", err, out)
	}
	return string(out)
}

// failureOf is what a test says that failed.
func failureOf(out, name string) string {
	_, failed, _ := strings.Cut(out, "--- FAIL: "+name+" ")
	failed, _, _ = strings.Cut(failed, "--- FAIL: ")
	return failed
}

// A run that was not made small can be told too. Fails if what is told is another run.
func TestPrintedLarge(t *testing.T) {
	s := paxos.Scenario()
	o, err := s.ParseOptions([]string{"durable=false"})
	if err != nil {
		t.Fatal(err)
	}
	h := search.Hunt{Scenario: s, Config: sim.Config{Options: o}, From: 33, To: 5000, Property: "agreement", StopAfter: 1, Verify: -1}
	sum, err := h.Run(t.Context())
	if err != nil || len(sum.Failing) == 0 {
		t.Fatal("nothing failed", err)
	}
	c, _, err := search.Explicit(s, sim.Config{Seed: sum.Failing[0], Options: o, Only: "agreement"})
	if err != nil {
		t.Fatal(err)
	}
	text, err := steps.Test{Case: c, Property: "agreement"}.Source()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(text, "w."); n < 40 {
		t.Errorf("only %d steps tell a run of %d lines and %d picks", n, len(*c.Config.Plan), len(c.Tape))
	}
}

// Fails if the name of a package is not that of the files beside a test, or if a file is taken that go test would not run.
func TestPackageOf(t *testing.T) {
	dir := t.TempDir()
	check := func(want string) {
		t.Helper()
		if got, err := steps.PackageOf(filepath.Join(dir, "x_test.go")); err != nil || got != want {
			t.Errorf("got %q %v, want %q", got, err, want)
		}
	}
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	check("")
	write("other_test.go", "package lamps_test\n")
	check("lamps_test")
	write("lamps.go", "package lamps\n")
	check("lamps_test")
	if _, err := steps.PackageOf(filepath.Join(dir, "x.go")); err == nil {
		t.Error("x.go is no file of tests, and was taken")
	}
	if _, err := steps.PackageOf(filepath.Join(dir, "none", "x_test.go")); err == nil {
		t.Error("a folder that is not there was taken")
	}
}

// town is the scenario of this package that a test beside it can make.
func town() *sim.Scenario {
	s := *paxos.Scenario()
	s.Build = func(w *sim.World, o sim.Options) { paxos.Scenario().Build(w, o) }
	return &s
}

// Fails if the source of a test calls another function than the one that makes the scenario, or imports what it should not.
func TestExpressions(t *testing.T) {
	f := failures()[2]
	own := *paxos.Scenario()
	own.Build = func(w *sim.World, o sim.Options) { paxos.Scenario().Build(w, o) } // of this package, which nobody can import
	for _, x := range []struct {
		scenario      *sim.Scenario
		test          steps.Test
		want, without string
	}{
		{f.scenario, steps.Test{}, "package paxos_test", ""},
		{f.scenario, steps.Test{}, `"simrun/protocols/paxos"`, ""},
		{f.scenario, steps.Test{Package: "paxos"}, "simtest.Steps(t, Scenario(),", "simrun/protocols/paxos"},
		{f.scenario, steps.Test{Scenario: `px.Wrong("a", 3)`}, `simtest.Steps(t, px.Wrong("a", 3),`, ""},
		{f.scenario, steps.Test{Scenario: `px.Wrong("a", 3)`}, `	px "simrun/protocols/paxos"`, ""},
		{f.scenario, steps.Test{Name: "TestX"}, "func TestX(t *testing.T)", ""},
		{&own, steps.Test{Scenario: "own()"}, "simtest.Steps(t, own(),", "simrun/steps"},
		{&own, steps.Test{Scenario: "own()", Package: "other"}, "package steps_test", "simrun/steps"},
		{town(), steps.Test{}, "simtest.Steps(t, town(),", "simrun/steps"},
	} {
		g := f
		g.scenario, g.want = x.scenario, nil
		text := printed(t, &g, x.test)
		if !strings.Contains(text, x.want) || x.without != "" && strings.Contains(text, x.without) {
			t.Errorf("want %s and no %q in\n%s", x.want, x.without, text)
		}
	}
	for _, bad := range []string{"Scenario", "a b()", "paxos.Scenario(", "1 + f()"} {
		if text, err := (steps.Test{Case: f.spelt(t), Property: "backed", Scenario: bad}).Source(); err == nil {
			t.Errorf("%q makes\n%s", bad, text)
		}
	}
	own.Name = "own"
	for want, s := range map[string]func() *sim.Scenario{"no function of simrun/steps that a test could call": func() *sim.Scenario { return &own }, "Bank and Scenario make scenarios": func() *sim.Scenario {
		s := *twopc.Bank()
		s.Source = ""
		return &s
	}} {
		c := f.spelt(t)
		c.Scenario = s()
		if _, err := (steps.Test{Case: c}).Source(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "Source") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for want, s := range map[string]*sim.Scenario{"paxoskv.Scenario()": paxoskv.Scenario(), "twopc.Bank()": twopc.Bank(), "independent.Scenario()": independent.Scenario(), "town()": town()} {
		if got, err := steps.Expression(s); got != want {
			t.Errorf("got %s %v, want %s", got, err, want)
		}
	}
	if _, err := (steps.Test{}).Source(); err == nil {
		t.Error("a test of no run was printed")
	}
	c, _, err := search.Explicit(paxos.Scenario(), sim.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (steps.Test{Case: c}).Source(); err == nil || !strings.Contains(err.Error(), "does not fail") {
		t.Errorf("a test of a run that is ok: %v", err)
	}
}
