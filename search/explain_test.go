package search_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/paxos"
	"simrun/protocols/twopc"
	"simrun/search"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// caseOf is a case by its settings and its plan.
func caseOf(t *testing.T, s *sim.Scenario, settings []string, plan string, tape ...chance.Decision) search.Case {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	p, err := fault.Parse(plan)
	if err != nil {
		t.Fatal(err)
	}
	return search.Case{Scenario: s, Config: sim.Config{Options: o, Plan: &p}, Tape: tape}
}

// forgetful is the run in which an acceptor forgets its promise: a crash, between the promise and the sync that should have come first.
func forgetful(t *testing.T, more string, settings ...string) search.Case {
	return caseOf(t, paxos.Scenario(), append([]string{"acceptors=1", "learners=0", "durable=false"}, settings...),
		"always unsynced lose\ncrash a1 after effect 7 for 1ms\n"+more)
}

func explained(t *testing.T, c search.Case, property string, runs int) search.Explanation {
	t.Helper()
	e, err := c.Explain(context.Background(), property, runs)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func sentences(e search.Explanation) (all []string) {
	for _, w := range e.Without {
		all = append(all, w.String())
	}
	return all
}

// The acceptor answers before it syncs at 0.5ms, since messages are quick, and the run goes on until 1.2ms. Where they take their usual time, or one of them is late or lost,
// it does so later. Fails if that counts as right for having had no time to be wrong.
func TestExplainHasTime(t *testing.T) {
	c := caseOf(t, paxos.Scenario(), []string{"acceptors=1", "learners=0", "proposers=1", "durable=false"}, "always law constant 200us")
	c.Config.For = 1200 * time.Microsecond
	e := explained(t, c, "backed", 0)
	if w := e.Without[0]; w.Needed || w.Passes || w.Says != "still fails, though later than at 1.2ms" {
		t.Errorf("%v; needed: %t, passes: %t", w, w.Needed, w.Passes)
	}
	if e.Twin != nil {
		t.Errorf("a run that would fail later is a twin: %s: %s", e.Twin.Differs, e.Twin.Says)
	}
}

// Fails if something that matters is said not to, something that does not is said to, or a complaint of an inner property that was there before is told as news.
func TestExplainWithout(t *testing.T) {
	e := explained(t, forgetful(t, "500ms crash p1"), "agreement", 0)
	want := []string{
		"without always unsynced lose: agreement holds (backed does not, as before)",
		"without crash a1 after effect 7 for 1ms: agreement holds (backed does not, as before)",
		"without 500ms crash p1: still fails",
		"with the usual acceptors=3: agreement holds (promise-monotone and backed do not, as before)",
		"with the usual learners=1: still fails",
		"with the usual durable=true: ok",
	}
	if got := sentences(e); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The run may have been hunted by one property alone: what the others say is told all the same.
	c := forgetful(t, "500ms crash p1")
	c.Config.Only = "agreement"
	if got := sentences(explained(t, c, "agreement", 0)); !slices.Equal(got, want) {
		t.Errorf("judged by agreement alone: got\n%s", strings.Join(got, "\n"))
	}
	for i, w := range e.Without {
		if w.Needed == strings.HasSuffix(w.Says, "still fails") || w.Passes == strings.HasSuffix(w.Says, "still fails") {
			t.Errorf("%d: %+v", i, w)
		}
	}
	if e.Spent || e.Property != "agreement" {
		t.Errorf("spent %v, by %s", e.Spent, e.Property)
	}
}

// lines are the events of a run as text, but for the one that ends it.
func lines(t *testing.T, c search.Case) (all []string) {
	t.Helper()
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		all = append(all, e.At.String()+" "+e.Kind.String()+" "+string(e.Node)+" "+string(e.Peer))
	}
	return all
}

// The nearest run that passes is one in which a message comes a moment later, and not the one without the crash. Fails if the twin does not pass, if it
// differs in more than it says, or from another event on.
func TestTwin(t *testing.T) {
	c := forgetful(t, "")
	e := explained(t, c, "", 0)
	twin := e.Twin
	if twin == nil {
		t.Fatalf("no twin: %s", e.NoTwin)
	}
	if twin.Differs != "with delay p1>a1 Accept#1 100µs" || !twin.Passes || e.NoTwin != "" {
		t.Errorf("%s: %s (passes: %v)", twin.Differs, twin.Says, twin.Passes)
	}
	w, err := twin.Case.World()
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Hash != twin.Verdict.Hash || search.Judge(v, "agreement").Failed() {
		t.Errorf("its case makes another run: %s %s", v.Outcome, v.Why)
	}
	if len(*twin.Case.Config.Plan) != len(*c.Config.Plan)+1 || len(twin.Case.Tape) != 0 {
		t.Errorf("its plan is %v", twin.Case.Config.Plan)
	}
	here, there := lines(t, c), lines(t, twin.Case)
	first := 0
	for here[first] == there[first] {
		first++
	}
	if n := uint64(first + 1); twin.At != [2]uint64{n, n} {
		t.Errorf("they part at event %d, and it says %v", n, twin.At)
	}
}

// Fails if the explanation depends on the number of cores.
func TestExplainIsDeterministic(t *testing.T) {
	c := failing(t, paxos.Scenario(), 100, "agreement", "durable=false")
	had := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(had)
	var want search.Explanation
	for i, cores := range []int{1, 3} {
		runtime.GOMAXPROCS(cores)
		e := explained(t, c, "agreement", 200)
		if i == 0 {
			want = e
			continue
		}
		if !slices.Equal(sentences(e), sentences(want)) || e.Runs != want.Runs || e.NoTwin != want.NoTwin || (e.Twin == nil) != (want.Twin == nil) ||
			e.Twin != nil && (e.Twin.Differs != want.Twin.Differs || e.Twin.At != want.Twin.At) {
			t.Errorf("on %d cores: %v, %+v", cores, sentences(e), e.Twin)
		}
	}
	needed := map[search.Part][2]int{}
	for _, w := range want.Without {
		n := needed[w.Kind]
		if w.Needed {
			n[0]++
		} else {
			n[1]++
		}
		needed[w.Kind] = n
	}
	if f, p := needed[search.Fault], needed[search.Pick]; f[0] == 0 || f[1] == 0 || p[0] == 0 || p[1] == 0 {
		t.Errorf("of the faults %d are needed and %d are not, of the picks %d and %d", f[0], f[1], p[0], p[1])
	}
}

// Fails if a budget is not kept, or if it is not told that it was spent.
func TestExplainWithinABudget(t *testing.T) {
	e := explained(t, failing(t, paxos.Scenario(), 33, "agreement", "durable=false"), "agreement", 40)
	if e.Runs > 40+16 || !e.Spent || len(e.Without) == 0 {
		t.Errorf("%d runs, spent: %v, %d told", e.Runs, e.Spent, len(e.Without))
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	e, err := forgetful(t, "").Explain(ctx, "agreement", 0)
	if err != nil || !e.Spent || e.Twin != nil || !strings.Contains(e.NoTwin, "interrupted") {
		t.Errorf("interrupted at once: %v, spent: %v, %s", err, e.Spent, e.NoTwin)
	}
}

// Fails if a stalled run is not told as what it is, or a fault for good does not part it from its twin.
func TestExplainStall(t *testing.T) {
	c := caseOf(t, twopc.Scenario(), []string{"transactions=1", "participants=2"}, "crash c after effect 3 for good\n300ms crash p1 for 1ms")
	e := explained(t, c, "", 0)
	if e.Twin == nil || !e.Twin.Passes || e.Twin.Verdict.Outcome != sim.OK {
		t.Errorf("no twin: %s", e.NoTwin)
	}
	want := []string{"without crash c after effect 3 for good: ok", "without 300ms crash p1 for 1ms: still fails"}
	if got := sentences(e)[:2]; !slices.Equal(got, want) {
		t.Errorf("got\n%s", strings.Join(sentences(e), "\n"))
	}
}

// Fails if a run is called a twin that does not pass, or nobody says why there is none.
func TestNoTwin(t *testing.T) {
	s := &sim.Scenario{
		Name: "hopeless", Run: 10 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) { w.Add("n1", func() sim.Node { return &hopeless{} }) },
		Properties: func(sim.Options) []sim.Property {
			return []sim.Property{checkers.Always("sense", false, []sim.Kind{sim.Started}, func(*sim.Event) (bool, error) { return true, errors.New("there is none") })}
		},
	}
	e := explained(t, caseOf(t, s, nil, "5ms crash n1"), "", 0)
	if e.Twin != nil || !strings.HasPrefix(e.NoTwin, "none of ") || !strings.HasSuffix(e.NoTwin, " runs with one fault, one pick or one message different passes") {
		t.Errorf("%+v: %s", e.Twin, e.NoTwin)
	}
	if got := sentences(e); !slices.Equal(got, []string{"without 5ms crash n1: still fails"}) {
		t.Error(got)
	}
}

type hopeless struct{}

func (*hopeless) Start(sim.Env)                           {}
func (*hopeless) Handle(sim.Env, sim.NodeID, sim.Message) {}

// Fails if there is an explanation where there was no failure, or no case.
func TestExplainRefuses(t *testing.T) {
	fine, _, err := search.Explicit(paxos.Scenario(), sim.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		c    search.Case
		want string
	}{{search.Case{}, "needs a Case"}, {search.Case{Scenario: fine.Scenario}, "needs a Case"}, {fine, "does not fail"}} {
		if _, err := x.c.Explain(context.Background(), "", 0); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("got %v, want %q", err, x.want)
		}
	}
}

// Fails if a setting is put back that does not go with the others, or one whose default is empty is told in words that end in the air.
func TestExplainSettings(t *testing.T) {
	s := *paxos.Scenario()
	s.Options = append(slices.Clone(s.Options), sim.Option{Name: "note", Default: "", Doc: "nothing"})
	s.Check = func(o sim.Options) error {
		if o.Int("acceptors") > 2 && o.Text("note") != "" {
			return errors.New("no notes among so many")
		}
		return nil
	}
	c := caseOf(t, &s, []string{"acceptors=1", "learners=0", "durable=false", "note=x"}, "always unsynced lose\ncrash a1 after effect 7 for 1ms")
	got := sentences(explained(t, c, "agreement", 0))[2:]
	if want := []string{"with the usual learners=1: still fails", "with the usual durable=true: ok", "with the usual note=\"\": still fails"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Fails if a run that would never end is waited for, or taken for one that passes.
func TestExplainGivesUp(t *testing.T) {
	s := &sim.Scenario{
		Name: "endless", Run: time.Hour,
		Build: func(w *sim.World, _ sim.Options) { w.Add("n1", func() sim.Node { return ticking{} }) },
		Properties: func(sim.Options) []sim.Property {
			return []sim.Property{checkers.Always("up", false, []sim.Kind{sim.Crashed}, func(*sim.Event) (bool, error) { return true, errors.New("it crashed") })}
		},
	}
	e := explained(t, caseOf(t, s, nil, "5ms crash n1 for 1ms"), "", 0)
	if got := sentences(e)[0]; !strings.HasPrefix(got, "without 5ms crash n1 for 1ms: not judged, it goes on for more than 20") || e.Without[0].Passes {
		t.Error(got)
	}
	if e.Twin != nil {
		t.Errorf("a twin: %s: %s", e.Twin.Differs, e.Twin.Says)
	}
}

type ticking struct{}

func (ticking) Start(env sim.Env)                               { env.After(time.Millisecond, tock{}) }
func (ticking) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) { env.After(time.Millisecond, tock{}) }

type tock struct{}

func (tock) AppendHash(b []byte) []byte { return b }

// Fails if a run that was made short stalls without its fault too, for want of time.
func TestExplainAShortStall(t *testing.T) {
	c := caseOf(t, twopc.Scenario(), []string{"transactions=1", "participants=1", "clients=1"}, "crash c after effect 1 for good")
	c.Config.For = 2 * time.Millisecond
	e := explained(t, c, "", 0)
	if got := sentences(e)[0]; got != "without crash c after effect 1 for good: ok" {
		t.Error(got)
	}
	if e.Twin != nil || !strings.HasSuffix(e.NoTwin, "; this one was made to end after 2ms, which may be too short for that") {
		t.Errorf("%+v: %s", e.Twin, e.NoTwin)
	}
}
