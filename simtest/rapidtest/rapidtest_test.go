package rapidtest_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"simrun/checkers"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
	"simrun/simtest"
	"simrun/simtest/rapidtest"
)

// The system of these tests: a sender hands pages to a printer, one a time, and repeats a page until the
// printer confirms it. A printer that does not know a page again prints it twice.

type page struct{ N int }
type done struct{ N int }
type again struct{ N int }
type Printed struct{ N int }

type sender struct{ n, pages int }

func (s *sender) Start(env sim.Env) { s.send(env) }

func (s *sender) send(env sim.Env) {
	if s.n < s.pages {
		env.Send("printer", page{s.n})
		env.After(20*time.Millisecond, again{s.n})
	}
}

func (s *sender) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	switch m := m.(type) {
	case done:
		if m.N == s.n {
			s.n++
			s.send(env)
		}
	case again:
		if m.N == s.n {
			s.send(env)
		}
	}
}

type printer struct {
	dedupe bool
	next   int
}

func (p *printer) Start(sim.Env) {}

func (p *printer) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	x := m.(page)
	if x.N == p.next || x.N < p.next && !p.dedupe {
		p.next = x.N + 1
		env.Note(Printed(x))
	}
	env.Send(from, done(x))
}

func printing(model fault.Model) *sim.Scenario {
	return &sim.Scenario{
		Name: "printing",
		Options: []sim.Option{
			{Name: "pages", Default: 6, Min: 1, Max: 1_000_000},
			{Name: "dedupe", Default: true},
			{Name: "colour", Default: "black", Of: []string{"black", "blue"}},
			{Name: "pause", Default: time.Duration(0)},
		},
		Model: model,
		Build: func(w *sim.World, o sim.Options) {
			w.Add("sender", func() sim.Node { return &sender{pages: o.Int("pages")} })
			w.Add("printer", func() sim.Node { return &printer{dedupe: o.Bool("dedupe")} })
			w.Add("idler", func() sim.Node { return sim.Scripted(func(s *sim.Script) { s.Recv() }) })
		},
		Properties: func(o sim.Options) []sim.Property {
			seen := make(map[int]bool)
			return []sim.Property{checkers.Always("once", false, []sim.Kind{sim.Noted}, func(e *sim.Event) (bool, error) {
				n := e.Data.(Printed).N
				if seen[n] {
					return true, fmt.Errorf("page %d is printed twice", n)
				}
				seen[n] = true
				return true, nil
			})}
		},
		Run: 2 * time.Second, Settle: time.Second,
	}
}

// A witness stands in for a test and keeps what it is told.
type witness struct {
	rapid.TB
	text   strings.Builder
	failed bool
}

func (w *witness) Helper()                   {}
func (w *witness) Name() string              { return "TestPrinting" }
func (w *witness) Failed() bool              { return w.failed }
func (w *witness) Logf(f string, a ...any)   { fmt.Fprintf(&w.text, f+"\n", a...) }
func (w *witness) Log(a ...any)              { fmt.Fprintln(&w.text, a...) }
func (w *witness) Fail()                     { w.failed = true }
func (w *witness) Errorf(f string, a ...any) { w.Logf(f, a...); w.failed = true }
func (w *witness) Error(a ...any)            { w.Log(a...); w.failed = true }
func (w *witness) FailNow()                  { w.failed = true; runtime.Goexit() }
func (w *witness) Fatalf(f string, a ...any) { w.Errorf(f, a...); w.FailNow() }
func (w *witness) Fatal(a ...any)            { w.Error(a...); w.FailNow() }

// check calls rapidtest.Check as a test would, and returns what it says.
func check(t *testing.T, s *sim.Scenario, opts ...simtest.Option) (text string, failed bool) {
	t.Helper()
	if err := flag.Set("rapid.nofailfile", "true"); err != nil {
		t.Fatal(err)
	}
	w := &witness{}
	end := make(chan struct{})
	go func() {
		defer close(end)
		rapidtest.Check(w, s, opts...)
	}()
	<-end
	return w.text.String(), w.failed
}

// fileIn takes the seed file out of a report.
func fileIn(t *testing.T, text string) seedfile.File {
	t.Helper()
	_, rest, ok := strings.Cut(text, "simseed v1\n")
	body, _, ok2 := strings.Cut(rest, "\n\n")
	if !ok || !ok2 {
		t.Fatalf("no seed file in:\n%s", text)
	}
	f, err := seedfile.Parse("simseed v1\n" + body)
	if err != nil {
		t.Fatalf("%v in:\n%s", err, text)
	}
	return f
}

// The planted bug is found and shrunk to the fault or two that it takes, with all else at its simplest.
// It fails if shrinking is switched off by a text that varies, or if faults do not shrink one by one.
func TestShrinks(t *testing.T) {
	text, failed := check(t, printing(fault.Model{Crash: fault.NoCrash}), simtest.Set("dedupe=false"), simtest.Command("go run ."))
	if !failed {
		t.Fatalf("the bug was not found:\n%s", text)
	}
	f := fileIn(t, text)
	if f.Plan == nil || len(*f.Plan) == 0 || len(*f.Plan) > 3 {
		t.Errorf("want a plan of one to three lines:\n%s", text)
	}
	if f.Seed != 0 || len(f.Set) != 1 || f.Set[0] != "dedupe=false" {
		t.Errorf("want seed 0 and no other setting:\n%s", text)
	}
	for _, want := range []string{"violated once: page", "replay:  go run . replay s2-", "-rapid.seed=1"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in:\n%s", want, text)
		}
	}
	if strings.Contains(text, "flaky") {
		t.Errorf("rapid takes the test for a flaky one:\n%s", text)
	}
	cfg, err := f.Config(printing(fault.Model{Crash: fault.NoCrash}))
	if err != nil {
		t.Fatal(err)
	}
	w, err := printing(fault.Model{Crash: fault.NoCrash}).World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	if v := w.Run(0); v.Hash != f.Hash || !f.Meets(v) {
		t.Errorf("the file does not make the run again: %v %016x\n%s", v.Outcome, v.Hash, f)
	}
	if os.Getenv("SHOW") != "" {
		t.Log(text)
	}
}

// The system without the bug passes, and what was tested is said.
func TestPasses(t *testing.T) {
	text, failed := check(t, printing(fault.Model{Crash: fault.NoCrash}), simtest.Set("dedupe=true"))
	if failed || !strings.Contains(text, "runs; checks: once ") {
		t.Errorf("want it to pass and to count checks:\n%s", text)
	}
}

// A *testing.T will do, too.
func TestCheckInATest(t *testing.T) {
	rapidtest.Check(t, printing(fault.Model{Crash: fault.NoCrash}), simtest.Set("dedupe=true", "pages=2"))
}

// A smaller run that fails otherwise does not count: here few lost messages are another failure than
// many. It fails if shrinking slips from many to few, since then no report is about many.
func TestShrinkingKeepsTheFailure(t *testing.T) {
	s := printing(fault.Model{Crash: fault.NoCrash})
	s.Properties = func(sim.Options) []sim.Property {
		lost := 0
		count := checkers.Always("count", false, []sim.Kind{sim.Dropped}, func(*sim.Event) (bool, error) { lost++; return true, nil })
		return []sim.Property{count, atEnd{func() error {
			switch {
			case lost > 2:
				return errors.New("many are lost")
			case lost > 0:
				return errors.New("few are lost")
			}
			return nil
		}}}
	}
	defer flag.Set("rapid.seed", flag.Lookup("rapid.seed").Value.String())
	for seed := range 20 {
		flag.Set("rapid.seed", fmt.Sprint(seed+1))
		if text, _ := check(t, s); strings.Contains(text, "many are lost") {
			if f := fileIn(t, text); f.Plan == nil || len(*f.Plan) > 3 {
				t.Errorf("want many losses by at most three faults:\n%s", text)
			}
			return
		}
	}
	t.Error("nothing was found or kept but that few messages are lost")
}

// The stack of a panic has addresses that vary; a text with them would look flaky.
func TestPanicShrinks(t *testing.T) {
	s := printing(fault.Model{Crash: fault.NoCrash})
	s.Build = func(w *sim.World, o sim.Options) {
		w.Add("sender", func() sim.Node { return &sender{pages: 3} })
		w.Add("printer", func() sim.Node { return fragile{&printer{}} })
	}
	text, failed := check(t, s)
	if f := fileIn(t, text); !failed || len(*f.Plan) > 2 || strings.Contains(text, "flaky") || !strings.Contains(text, "violated panic: printer panicked: jam") {
		t.Errorf("want a panic by at most two faults:\n%s", text)
	}
}

// A fragile printer panics when it is given a page again.
type fragile struct{ *printer }

func (p fragile) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if m.(page).N < p.next {
		panic("jam")
	}
	p.printer.Handle(env, from, m)
}

// atEnd is a property that judges once.
type atEnd struct{ check func() error }

func (atEnd) Name() string                         { return "at end" }
func (atEnd) Observe(*sim.Event) error             { return nil }
func (atEnd) Checks() uint64                       { return 1 }
func (p atEnd) End(*sim.World) (sim.Result, error) { return sim.Holds, p.check() }

// What would be green and has tested nothing is an error.
func TestComplaints(t *testing.T) {
	model := fault.Model{Crash: fault.NoCrash}
	for _, x := range []struct {
		name   string
		change func(*sim.Scenario)
		opts   []simtest.Option
		want   string
	}{
		{"no properties", func(s *sim.Scenario) { s.Properties = nil }, nil, "has no properties"},
		{"never judged", func(s *sim.Scenario) {
			s.Properties = func(sim.Options) []sim.Property {
				return []sim.Property{checkers.Always("idle", false, nil, func(*sim.Event) (bool, error) { return false, nil })}
			}
		}, nil, "idle never judged in 100 runs"},
		{"unknown", func(s *sim.Scenario) {
			s.Properties = func(sim.Options) []sim.Property { return []sim.Property{undecided{}} }
		}, nil, "unknown in 100 of 100 runs"},
		{"profile", nil, []simtest.Option{simtest.Faults("swarm")}, "drawn line by line"},
		{"setting", nil, []simtest.Option{simtest.Set("pages=0")}, "option pages=0: want a whole number from 1"},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := printing(model)
			if x.change != nil {
				x.change(s)
			}
			text, failed := check(t, s, append(x.opts, simtest.Set("dedupe=true"))...)
			if want := x.want; !failed || !strings.Contains(text, inShort(want)) {
				t.Errorf("want %q in:\n%s", want, text)
			}
		})
	}
}

// inShort is the text with the number of runs that -short makes.
func inShort(text string) string {
	if testing.Short() {
		return strings.ReplaceAll(text, "100", "20")
	}
	return text
}

// undecided is a property whose budget is always spent.
type undecided struct{}

func (undecided) Name() string                       { return "undecided" }
func (undecided) Observe(*sim.Event) error           { return nil }
func (undecided) Checks() uint64                     { return 1 }
func (undecided) End(*sim.World) (sim.Result, error) { return sim.Unknown, errors.New("budget spent") }

// With a property named, failures of others do not count.
func TestProperty(t *testing.T) {
	s := printing(fault.Model{Crash: fault.NoCrash})
	once := s.Properties
	s.Properties = func(o sim.Options) []sim.Property {
		return append(once(o), atEnd{func() error { return nil }})
	}
	if text, failed := check(t, s, simtest.Property("onec")); !failed || !strings.Contains(text, `has no property "onec"`) {
		t.Errorf("a misspelt property: failed is %t:\n%s", failed, text)
	}
	text, failed := check(t, s, simtest.Set("dedupe=false"), simtest.Property("at end"))
	if failed {
		t.Errorf("fails by another property than the one that was named:\n%s", text)
	}
	if text, failed = check(t, s, simtest.Set("dedupe=false"), simtest.Property("once")); !failed {
		t.Errorf("does not fail by the property that was named:\n%s", text)
	}
}
