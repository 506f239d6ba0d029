package steps_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/bracha"
	"simrun/protocols/paxos"
	"simrun/protocols/twopc"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/simtest"
	"simrun/steps"
)

const ms = time.Millisecond

// A fake is a test whose end is looked at.
type fake struct {
	said     string
	cleanups []func()
}

type ended struct{}

func (f *fake) Helper()                      {}
func (f *fake) Failed() bool                 { return f.said != "" }
func (f *fake) Errorf(text string, a ...any) { f.said += fmt.Sprintf(text, a...) }
func (f *fake) Fatalf(text string, a ...any) { f.Errorf(text, a...); panic(ended{}) }
func (f *fake) Cleanup(g func())             { f.cleanups = append(f.cleanups, g) }
func (f *fake) run(test func()) (said string) {
	func() {
		defer func() {
			if v := recover(); v != nil && v != any(ended{}) {
				panic(v)
			}
		}()
		test()
	}()
	for _, g := range f.cleanups {
		g()
	}
	return f.said
}

// says runs a test that takes steps, and returns what it fails with; "" if it passes.
func says(s *sim.Scenario, settings []string, test func(w *steps.Run)) string {
	var f fake
	return f.run(func() { test(steps.New(&f, s, settings...)) })
}

var wrong = []string{"acceptors=1", "durable=false", "learners=0"}

// forgets is the story of an acceptor that answers before it syncs.
func forgets(w *steps.Run) {
	w.Always("unsynced lose")
	w.RunUntil("send a1>p2 Promise#1")
	w.CrashFor("a1", ms)
}

// The story is told by hand. Fails if a crash comes at another place than between the promise and its sync, or if the steps would fail a right
// acceptor too.
func TestForgottenPromise(t *testing.T) {
	w := simtest.Steps(t, paxos.Scenario(), wrong...)
	forgets(w)
	w.Violates("agreement")

	// A right acceptor has synced by then, and goes on.
	w = simtest.Steps(t, paxos.Scenario(), "acceptors=1", "learners=0")
	forgets(w)
	w.Holds()
}

// Fails if what Holds says about a failure lacks the sentence, the picture or a token, or is longer than a screen or two.
func TestHoldsReports(t *testing.T) {
	said := says(paxos.Scenario(), wrong, func(w *steps.Run) { forgets(w); w.Holds() })
	for _, want := range []string{"paxos: violated agreement", "p2 decided B", "crash a1", "replay s2-"} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in:\n%s", want, said)
		}
	}
	if n := strings.Count(said, "\n"); n > 60 {
		t.Errorf("it has %d lines", n)
	}
	token := said[strings.Index(said, "s2-"):]
	f, err := seedfile.ParseToken(strings.TrimSpace(token))
	if err != nil {
		t.Fatal(err)
	}
	if v := replay(t, paxos.Scenario(), f); v.Property != "agreement" {
		t.Errorf("the token makes a run that is %v %s", v.Outcome, v.Property)
	}
}

// A file is judged by all properties when it is read again, whatever the test has asked for. Fails if it says what only a run does that goes on for one of
// them: it would be taken for the run of other code.
func TestFileIsJudgedByAll(t *testing.T) {
	never := func(name string, kind sim.Kind) sim.Property {
		return checkers.Always(name, false, []sim.Kind{kind}, func(e *sim.Event) (bool, error) { return true, errors.New("it has come to that") })
	}
	s := paxos.Scenario()
	s.Properties = func(sim.Options) []sim.Property {
		return []sim.Property{never("nothing-sent", sim.Sent), never("nothing-arrives", sim.Delivered)}
	}
	said := says(s, nil, func(w *steps.Run) {
		w.Only("nothing-arrives")
		f := w.File()
		if v := replay(t, s, f); v.Property != "nothing-sent" || f.Expect != "violated nothing-sent" {
			t.Errorf("the file makes a run that is %v %s, and expects %q", v.Outcome, v.Property, f.Expect)
		}
		w.Holds("nothing-arrives")
	})
	for _, want := range []string{"paxos: violated nothing-arrives", "which ends before: violated nothing-sent"} {
		if !strings.Contains(said, want) {
			t.Errorf("there is no %q in:\n%s", want, said)
		}
	}
	f, err := seedfile.ParseToken(regexp.MustCompile("s2-[A-Za-z0-9_-]+").FindString(said))
	if err != nil {
		t.Fatal(err)
	}
	replay(t, s, f)
}

func replay(t *testing.T, s *sim.Scenario, f seedfile.File) sim.Verdict {
	t.Helper()
	cfg, err := f.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Hash != f.Hash {
		t.Errorf("the file makes another run:\n%v", f)
	}
	return v
}

// Each step writes the line into the plan that it means, at the time at which the run stands. Fails if one writes another.
func TestStepsArePlans(t *testing.T) {
	w := simtest.Steps(t, paxos.Scenario())
	w.Always("loss p1>a1 3%")
	w.Lose("p1", "a2", "Prepare", 1)
	w.Delay("p1", "a3", "Prepare", 1, 5*ms)
	w.Repeat("p2", "a1", "Prepare", 1, ms)
	w.Pick("pick p1 start#1", 3)
	w.RunTo(2 * ms)
	w.Crash("a1")
	w.Cut("a2 a3 | rest")
	w.RunFor(ms)
	if w.Now() != clock.Time(3*ms) {
		t.Errorf("the run stands at %v", w.Now())
	}
	w.Restart("a1")
	w.Heal("a2,a3 | rest")
	w.Pause("a3")
	w.RunFor(ms)
	w.Resume("a3")
	w.CutOneWay("p1|a1")
	w.Heal()
	w.CrashFor("p2", 3*ms)
	w.Do("step a2 -30ms")
	w.Plan("after Chosen#1 pause @Chosen")
	w.CrashForGood("l1")
	want := `always loss p1>a1 3%
lose p1>a2 Prepare#1
delay p1>a3 Prepare#1 5ms
repeat p2>a1 Prepare#1 1ms
2ms crash a1
2ms cut a2,a3 | rest
3ms restart a1
3ms heal a2,a3 | rest
3ms pause a3
4ms resume a3
4ms cut p1 | a1 one-way
4ms heal
4ms crash p2 for 3ms
4ms step a2 -30ms
after Chosen#1 pause @Chosen
4ms crash l1 for good
`
	if got := w.Faults().String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	f := w.File()
	replay(t, paxos.Scenario(), f)
	if len(f.Tape) != 1 {
		t.Errorf("the tape is %v", f.Tape)
	}
	w.Holds("agreement")
}

// Fails if a fault after RunUntil does not come right there: at an event of another node a nanosecond later, at an effect of the node itself before the
// next one.
func TestWhereARunStands(t *testing.T) {
	for event, want := range map[string]string{
		"send a1>p1 Promise#1": "crash a1 after effect 6\n", // behind size, append, sync of the file and of the folder, note
		"a1 sync#1":            "crash a1 after effect 5\n",
		"recv p1>a1 Prepare#1": "1.300001ms crash a1\n",
		"send p1>a2 Prepare":   "300.001µs crash a1\n", // the proposer has synced its life
		"start a3":             "1ns crash a1\n",
		"#1":                   "1ns crash a1\n",
		"set p2#1":             "300.001µs crash a1\n",
	} {
		w := simtest.Steps(t, paxos.Scenario(), "stagger=1ms")
		w.RunUntil(event)
		w.Crash("a1")
		if got := w.Faults().String(); got != want && want != "" {
			t.Errorf("%s: got %swant %s", event, got, want)
		}
		w.Holds("agreement")
	}
}

// Fails if a mistake in a test goes unnoticed, or is not told in one clear line.
func TestMisuse(t *testing.T) {
	for name, x := range map[string]struct {
		want string
		test func(w *steps.Run)
	}{
		"nothing judged":   {"nothing was judged", func(w *steps.Run) { w.RunTo(ms) }},
		"no node":          {`there is no node "a9"; there are a1, a2`, func(w *steps.Run) { w.RunUntil("note a9 Promised") }},
		"no node to crash": {`Crash: "crash a9": 1ms crash a9: there is no node a9; did you mean a1?`, func(w *steps.Run) { w.RunTo(ms); w.Crash("a9") }},
		"no node to see":   {`there is no node "a9"`, func(w *steps.Run) { w.Node("a9") }},
		"no name":          {"want the name of an event", func(w *steps.Run) { w.RunUntil("") }},
		"too many words":   {"is not the name of an event", func(w *steps.Run) { w.RunUntil("note a1 Promised twice") }},
		"no number":        {"counts from 1", func(w *steps.Run) { w.RunUntil("note a1 Promised#0") }},
		"never":            {"the run ends before that: ok after", func(w *steps.Run) { w.RunUntil("note a1 Promized") }},
		"heard":            {"until then were noted: ", func(w *steps.Run) { w.RunUntil("note a1 Promized") }},
		"past":             {"that has happened already, as event 1;", func(w *steps.Run) { w.RunTo(3 * ms); w.RunUntil("start a1#1") }},
		"back":             {"the run stands at 3ms already", func(w *steps.Run) { w.RunTo(3 * ms); w.RunTo(2 * ms) }},
		"no time":          {"want a time above 0", func(w *steps.Run) { w.RunFor(0) }},
		"beyond":           {"the run ends before that", func(w *steps.Run) { w.RunTo(time.Hour) }},
		"settled":          {"faults end at", func(w *steps.Run) { w.Lasts(5 * ms); w.RunUntil("settle"); w.Crash("a1") }},
		"too late":         {"must come first", func(w *steps.Run) { w.RunTo(ms); w.Always("unsynced lose") }},
		"sent":             {"that message is sent already", func(w *steps.Run) { w.RunUntil("recv a1 Prepare"); w.Lose("p1", "a1", "Prepare", 1) }},
		"past line":        {"that is past", func(w *steps.Run) { w.RunTo(3 * ms); w.Plan("2ms crash a1") }},
		"late pick":        {"it would change event", func(w *steps.Run) { w.RunTo(5 * ms); w.Pick("sync a1#2", 5) }},
		"picked twice":     {"decided already", func(w *steps.Run) { w.Pick("sync a1#1", 5); w.Pick("sync a1#1", 6) }},
		"no fault":         {"jump", func(w *steps.Run) { w.Do("jump a1") }},
		"no rule":          {"sometimes", func(w *steps.Run) { w.Always("unsynced sometimes") }},
		"no property":      {"agreemint", func(w *steps.Run) { w.Violates("agreemint") }},
		"holds":            {"the run is ok, after", func(w *steps.Run) { w.Violates("agreement") }},
		"does not stall":   {"the run is ok, after", func(w *steps.Run) { w.Stalls("termination") }},
		"judged twice":     {"judged already", func(w *steps.Run) { w.Holds(); w.Holds() }},
		"judged before":    {"judged already", func(w *steps.Run) { w.Holds(); w.Crash("a1") }},
		"idle":             {"nothing came of 1ms restart a1", func(w *steps.Run) { w.RunTo(ms); w.Restart("a1"); w.Holds() }},
		"two sides":        {"one text", func(w *steps.Run) { w.Heal("a1", "a2") }},
		"for ever":         {"want a time above 0", func(w *steps.Run) { w.Lasts(0) }},
		"found never":      {"the run ends before that", func(w *steps.Run) { w.RunUntilFunc(func(*sim.Event) bool { return false }) }},
	} {
		got := says(paxos.Scenario(), nil, x.test)
		if !strings.Contains(got, x.want) || strings.Count(strings.TrimSpace(got), "\n") > 0 || strings.Contains(got, "nothing was judged") != (name == "nothing judged") {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
	for settings, want := range map[string]string{"acceptor=3": "acceptor", "acceptors=300": "300"} {
		if got := says(paxos.Scenario(), []string{settings}, func(*steps.Run) {}); !strings.Contains(got, want) {
			t.Errorf("%s: %q", settings, got)
		}
	}
}

// Fails if a test cannot look at what it runs until.
func TestRunUntilFunc(t *testing.T) {
	w := simtest.Steps(t, paxos.Scenario())
	n := 0
	w.RunUntilFunc(func(e *sim.Event) bool {
		if e.Kind == sim.Delivered && sim.StreamOf(e.Data) == "Accept" {
			n++
		}
		return n == 2
	})
	w.Crash("a1")
	if w.Node("a2") == nil {
		t.Error("a2 is down")
	}
	w.RunFor(time.Microsecond)
	if w.Node("a1") != nil {
		t.Error("a1 is up after its crash")
	}
	w.Holds()
}

// Fails if a stall, or a property that is not the one that the verdict is named after, cannot be told.
func TestOtherVerdicts(t *testing.T) {
	w := simtest.Steps(t, paxos.Scenario(), "acceptors=1", "learners=0", "proposers=1")
	w.Lasts(2 * ms)
	w.Stalls("termination")

	w = simtest.Steps(t, paxos.Scenario(), wrong...)
	w.Violates("backed")

	w = simtest.Steps(t, paxos.Scenario(), wrong...)
	w.Only("agreement")
	w.RunUntil("send a1>p2 Promise#1")
	w.Holds("agreement")

	w = simtest.Steps(t, twopc.Scenario(), "clients=1", "durable=false", "participants=1")
	w.Always("unsynced lose")
	w.Plan("crash c after effect 11 for 1ms")
	w.Violates("ac1-agreement")
}

// What a Byzantine node notes is an event like any other. Fails if it is not counted.
func TestAmongLiars(t *testing.T) {
	w := simtest.Steps(t, bracha.Scenario())
	w.Always("betray p1 drop 100%")
	w.RunUntil("#20")
	w.RunUntilFunc(func(e *sim.Event) bool { return e.Seq == 40 })
	w.RunFor(ms)
	w.Crash("p3")
	f := w.File()
	if v := replay(t, bracha.Scenario(), f); v.Faults[fault.Crashes] != 1 {
		t.Errorf("the run is %v", f)
	}
	w.Holds("agreement")
}
