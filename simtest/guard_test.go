package simtest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"simrun/sim"
	"simrun/simtest"
)

// The systems of package search/internal/leaks, in a module of their own, so that the guard is tried as its users meet it:
// through go test and through a command, each of which has to start itself again.

// leak is one of the systems, as package leaks lists it.
type leak struct{ name, handler, cause string }

// newLeaky makes the module, and reads the list of systems from its source.
func newLeaky(t *testing.T) (*outside, []leak) {
	o := newOutside(t, "leaky")
	text, err := os.ReadFile(filepath.Join("..", "search", "internal", "leaks", "leaks.go"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.dir, "leaks.go"), text, 0o666); err != nil {
		t.Fatal(err)
	}
	var list []leak
	for _, m := range regexp.MustCompile(`\{system\("([a-z-]+)", .*\), "(.*)", "(.*)"\},`).FindAllStringSubmatch(string(text), -1) {
		list = append(list, leak{m[1], m[2], m[3]})
	}
	if len(list) != 9 || list[0].name != "orderly" {
		t.Fatalf("the list of leaks has another form: %v", list)
	}
	return o, list
}

// Fails if a planted leak gets through go test or the command, if it is told without its handler or with another cause, if
// the exit code is not 3, or if the system that does not leak is complained of.
func TestPlantedLeaks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds another module, and runs it many times")
	}
	o, list := newLeaky(t)
	if out, code := o.run("go", "build", "-o", "bin/", "./cmd/leaky"); code != 0 {
		t.Fatalf("go build ends with %d:\n%s", code, out)
	}
	out, code := o.run("go", "test", ".", "-sim.verify=10")
	if code != 1 {
		t.Fatalf("go test ends with %d, want 1:\n%s", code, out)
	}
	parts := strings.Split(out, "--- FAIL: TestLeaks/")
	for _, l := range list {
		o.t = t
		if l.cause == "" {
			if strings.Contains(out, "TestLeaks/"+l.name) {
				t.Errorf("%s does not leak:\n%s", l.name, out)
			}
			for _, args := range []string{"run --verify", "hunt --seeds 0:20 --verify 10"} {
				o.leaky(l, args, 0, "verified    ")
			}
			continue
		}
		told := ""
		for _, p := range parts[1:] {
			if strings.HasPrefix(p, l.name+"/seed=") && told == "" { // of the first seed the reasons are told
				told = p
			}
		}
		prints(t, told, "handler   "+l.handler+" (leaks.go:", "likely    "+l.cause+"\n")
		o.leaky(l, "run --verify", 3, "NOT DETERMINISTIC", "handler   "+l.handler+" (leaks.go:", "likely    "+l.cause+"\n")
	}
	o.leaky(list[1], "hunt --seeds 0:20 --verify 10", 3, "NOT DETERMINISTIC", list[1].handler, list[1].cause)
	o.leaky(list[1], "run --verify --json", 3, `"handler":"`+list[1].handler+`"`, `"likely_cause":"`+list[1].cause+`"`)
	// What shows in another environment only, a hunt sees without being asked.
	o.leaky(list[8], "hunt --seeds 0:20", 3, list[8].handler, list[8].cause)
}

// leaky runs the command with the name of a system after the first word.
func (o *outside) leaky(l leak, args string, want int, texts ...string) {
	o.t.Helper()
	words := strings.Fields(args)
	out, code := o.run(append([]string{"bin/leaky", words[0], l.name}, words[1:]...)...)
	if code != want {
		o.t.Errorf("leaky %s of %s ends with %d, want %d:\n%s", args, l.name, code, want, out)
	}
	prints(o.t, out, texts...)
}

// Fails if -sim.verify does not run the seeds that it says, here and elsewhere, or takes a word that is no number.
func TestVerifyFlag(t *testing.T) {
	out, ok := inner(t, "right", "-sim.verify=20")
	passes(t, out, ok, "3 seeds run twice, 3 of them in another process too")
	out, ok = inner(t, "right", "SIM_VERIFY=some")
	fails(t, out, ok, "SIM_VERIFY=some: want a whole number from 0")
	out, ok = inner(t, "moody", "-sim.verify=0", "-test.run=^TestInner$")
	if strings.Contains(out, "two runs differ") || strings.Contains(out, "in another process") {
		t.Errorf("seeds are run again though nobody wants it (passes: %v):\n%s", ok, out)
	}
}

// housed is a node that, if it looks, says where its home is.
type housed struct{ looks bool }

type at struct{ Home string }

func (x housed) Start(env sim.Env) {
	if x.looks {
		env.Note(at{os.Getenv("HOME")})
	}
	env.Note(at{"here"})
}

func (housed) Handle(sim.Env, sim.NodeID, sim.Message) {}

// It is run by TestCallsAreToldApart: two scenarios of one name, of which the second leaks.
func TestInnerCalls(t *testing.T) {
	if os.Getenv("INNER") != "calls" {
		t.Skip("is run by other tests")
	}
	for _, looks := range []bool{false, true} {
		s := printing()
		s.Build = func(w *sim.World, _ sim.Options) { w.Add("n", func() sim.Node { return housed{looks} }) }
		simtest.Check(t, s, simtest.Runs(1))
	}
}

// Fails if the other process makes the run of another call of Check than that which started it: then the leak of the second
// is not seen, or the first is blamed for it.
func TestCallsAreToldApart(t *testing.T) {
	out, ok := inner(t, "calls", "-test.run=^TestInnerCalls$")
	fails(t, out, ok, "handler   simtest_test.housed.Start (guard_test.go:", "likely    an environment variable", "the run changes with HOME")
	if n := strings.Count(out, "not deterministic"); n != 1 {
		t.Errorf("%d of two calls are blamed:\n%s", n, out)
	}
}
