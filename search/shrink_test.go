package search_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/checkers"
	"simrun/protocols/e3pc"
	"simrun/protocols/laiyang"
	"simrun/protocols/paxos"
	"simrun/protocols/paxoskv"
	"simrun/protocols/threepc"
	"simrun/protocols/twopc"
	"simrun/search"
	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/fault"
)

// failing is the first run of a scenario with these settings, from a seed on, that fails; spelt out.
func failing(t *testing.T, s *sim.Scenario, from uint64, property string, settings ...string) search.Case {
	t.Helper()
	o, err := s.ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	h := search.Hunt{Scenario: s, Config: sim.Config{Options: o}, From: from, To: from + 5000, Property: property, StopAfter: 1, Verify: -1}
	sum, err := h.Run(t.Context())
	if err != nil || len(sum.Failing) == 0 {
		t.Fatalf("no run of %s with %v fails in 5000 seeds from %d: %v", s.Name, settings, from, err)
	}
	c, v, err := search.Explicit(s, sim.Config{Seed: sum.Failing[0], Options: o, Only: property})
	if err != nil {
		t.Fatal(err)
	}
	if !search.Judge(v, property).Failed() {
		t.Fatalf("seed %d of %s with %v fails in a hunt and not by itself", sum.Failing[0], s.Name, settings)
	}
	return c
}

func shrunk(t *testing.T, s search.Shrink) search.Shrunk {
	t.Helper()
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// replayed makes the run of a file, as a person would who has nothing but its text.
func replayed(t *testing.T, s *sim.Scenario, text string) sim.Verdict {
	t.Helper()
	f, err := seedfile.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := f.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	if v.Hash != f.Hash || !f.Meets(v) {
		t.Errorf("the file makes another run, %v %s with the hash %x:\n%s", v.Outcome, v.Property, v.Hash, text)
	}
	return v
}

// caller sends two messages at once, one of each kind.
type caller struct{}

type (
	knock struct{}
	shout struct{}
)

func (caller) Start(env sim.Env) {
	if env.ID() == "a" {
		env.Send("b", knock{})
		env.Send("b", shout{})
	}
}

func (caller) Handle(sim.Env, sim.NodeID, sim.Message) {}

// A run that is judged by one property alone goes on though another is violated before; whoever replays what was written down judges by all. Fails if
// the fault is left out without which it is the other one that ends the run; and if a run that is hidden from the start is not made smaller for that.
func TestShrinkIsSeenByAll(t *testing.T) {
	never := func(name string, arrives sim.Message) sim.Property {
		return checkers.Always(name, false, []sim.Kind{sim.Delivered}, func(e *sim.Event) (bool, error) {
			if e.Data == arrives {
				return true, fmt.Errorf("%T has arrived", arrives)
			}
			return true, nil
		})
	}
	s := &sim.Scenario{
		Name: "calls",
		Doc:  "two messages that must not arrive",
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("a", func() sim.Node { return caller{} })
			w.Add("b", func() sim.Node { return caller{} })
		},
		Properties: func(sim.Options) []sim.Property {
			return []sim.Property{never("no-knock", knock{}), never("no-shout", shout{})}
		},
		Run: time.Second,
	}
	for text, want := range map[string]string{"lose a>b knock#1\n500ms crash b\n": "lose a>b knock#1\n", "": "", "500ms crash b\n": ""} {
		plan, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		given, _, err := search.Explicit(s, sim.Config{Plan: &plan, Only: "no-shout"})
		if err != nil {
			t.Fatal(err)
		}
		small := shrunk(t, search.Shrink{Case: given, Property: "no-shout", Runs: 200})
		if got := small.Case.Config.Plan.String(); got != want {
			t.Errorf("from %q it comes to %q, want %q", text, got, want)
		}
		if v := replayed(t, s, small.File().String()); want != "" && v.Property != "no-shout" {
			t.Errorf("it fails by %s when it is judged by all", v.Property)
		}
	}
}

// An acceptor that answers before it syncs loses an agreement by one crash that loses what was not synced: nothing else is left of some
// fifty faults. Fails if more is left, if what is left fails in another way, or if it would fail with a right acceptor too.
func TestShrinkToOneCrash(t *testing.T) {
	s := paxos.Scenario()
	c := failing(t, s, 33, "agreement", "durable=false")
	r := shrunk(t, search.Shrink{Case: c, Property: "agreement"})
	if r.Before.Faults < 20 || r.Before.Picks < 20 {
		t.Errorf("this was small before: %v", r.Before)
	}
	text := r.File()
	if r.After.Faults > 2 || r.After.Picks > 0 || r.After.Nodes > 3 {
		t.Errorf("it came to %v:\n%s", r.After, text.String())
	}
	v := replayed(t, s, text.String())
	was, is := search.Judge(v, "agreement"), search.Judge(r.Verdict, "agreement")
	if was.Signature() != is.Signature() || !strings.HasPrefix(is.Signature(), "agreement: ") {
		t.Errorf("it fails by %q", is.Signature())
	}
	text.Set = append(text.Set[:0:0], "acceptors=1", "learners=0")
	right, err := text.Config(s)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(right)
	if err != nil {
		t.Fatal(err)
	}
	if v := w.Run(0); v.Outcome == sim.Violated {
		t.Errorf("an acceptor that syncs first fails too: %s", v.Why)
	}
}

// Operations that were drawn are put into words, and those that do not matter are left out. Fails if the hook of the scenario is not asked, or
// if its words cannot be left out.
func TestShrinkOperations(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	s := paxoskv.Scenario()
	r := shrunk(t, search.Shrink{Case: failing(t, s, 9, "agreement", "durable=false"), Property: "agreement", Stay: true, Runs: 3000})
	text := r.File()
	operations := r.Case.Config.Options.Text("operations")
	if n := strings.Count(operations, ";") + 1; operations == "" || n > 20 {
		t.Errorf("of 100 operations these are left: %s\n%s", operations, text.String())
	}
	replayed(t, s, text.String())
}

// Fails if the result of a shrink depends on how many workers there are, or on when they come back.
func TestShrinkIsDeterministic(t *testing.T) {
	c := failing(t, paxos.Scenario(), 30, "agreement", "acceptors=4", "quorum=2")
	var want string
	var runs int
	for _, workers := range []int{1, 2, 5} {
		r := shrunk(t, search.Shrink{Case: c, Property: "agreement", Runs: 1500, Workers: workers})
		f := r.File()
		if got := f.String(); want == "" {
			want, runs = got, r.Runs
		} else if got != want || r.Runs != runs {
			t.Errorf("%d workers came in %d runs to\n%s\nand one in %d to\n%s", workers, r.Runs, got, runs, want)
		}
	}
}

// Fails if a budget is not kept, if what was found within it is thrown away, or if nobody is told that there may be something smaller.
func TestShrinkWithinABudget(t *testing.T) {
	c := failing(t, paxos.Scenario(), 33, "agreement", "durable=false")
	last := 1 << 62
	for _, budget := range []int{1, 100, 1000} {
		told := 0
		r := shrunk(t, search.Shrink{Case: c, Property: "agreement", Runs: budget, Stay: true, Progress: func(s search.Shrunk) { told = s.Runs }})
		if r.Runs > budget || !r.Spent && budget < 100 || told != r.Runs {
			t.Errorf("with a budget of %d it made %d runs, told %d; spent: %t", budget, r.Runs, told, r.Spent)
		}
		if r.After.Faults+r.After.Picks > last || !search.Judge(r.Verdict, "agreement").Failed() {
			t.Errorf("with a budget of %d it came to %v, %v", budget, r.After, r.Verdict.Outcome)
		}
		last = r.After.Faults + r.After.Picks
	}
	if last > 60 {
		t.Errorf("1000 runs left %d faults and picks", last)
	}
}

// Fails if an interrupt loses the run, or is not obeyed.
func TestShrinkInterrupted(t *testing.T) {
	c := failing(t, paxos.Scenario(), 33, "agreement", "durable=false")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := search.Shrink{Case: c, Property: "agreement"}.Run(ctx)
	if err != nil || r.After != r.Before || !r.Spent || r.Runs > 32 {
		t.Errorf("interrupted at once it made %d runs and came from %v to %v: %v", r.Runs, r.Before, r.After, err)
	}
	ctx, cancel = context.WithCancel(context.Background())
	stopped := 0
	r, err = search.Shrink{Case: c, Property: "agreement", Progress: func(s search.Shrunk) {
		if s.After.Faults < s.Before.Faults && stopped == 0 {
			stopped = s.Runs
			cancel()
		}
	}}.Run(ctx)
	if err != nil || r.Runs > stopped+32 || r.After.Faults >= r.Before.Faults {
		t.Errorf("interrupted after %d runs it made %d and came to %v: %v", stopped, r.Runs, r.After, err)
	}
}

// Acceptors that are down for good are why nothing is chosen. Fails if the run is made so short instead that nobody has the time to choose.
func TestShrinkStall(t *testing.T) {
	c := caseOf(t, paxos.Scenario(), nil, "5ms crash a1 for good\n6ms crash a2 for good\n7ms crash a3 for good\n")
	r := shrunk(t, search.Shrink{Case: c, Runs: 1500})
	text := r.File()
	if plan := r.Case.Config.Plan.String(); r.Case.Config.For != 0 || !strings.Contains(plan, "for good") || r.Verdict.Outcome != sim.Stalled {
		t.Errorf("it came to\n%s", text.String())
	}
	if right := caseOf(t, paxos.Scenario(), text.Set, ""); verdictOf(t, right).Outcome != sim.OK {
		t.Errorf("without its faults this stalls too:\n%s", text.String())
	}
	replayed(t, paxos.Scenario(), text.String())
}

func verdictOf(t *testing.T, c search.Case) sim.Verdict {
	t.Helper()
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// Nodes of Lai and Yang's algorithm do not crash, and a snapshot is wrong after a crash whatever the algorithm does. Fails if a run comes to be outside of
// the model while it is made small; and if one that is outside of it already can no more be made small.
func TestShrinkWithinTheModel(t *testing.T) {
	r := shrunk(t, search.Shrink{Case: failing(t, laiyang.Scenario(), 2, "", "mistake=late-record")})
	if text := r.File(); len(r.Verdict.Outside) > 0 {
		t.Errorf("it came to a run with %s:\n%s", strings.Join(r.Verdict.Outside, "; "), text.String())
	}
	c := caseOf(t, laiyang.Scenario(), []string{"initiators=1", "mistake=late-record", "nodes=2", "snapshots=1", "work=1"},
		"crash p1 after effect 4 for 1ms\n200ms pause p2\n300ms resume p2\n")
	if r := shrunk(t, search.Shrink{Case: c, Runs: 1500}); r.After.Faults > 1 {
		t.Errorf("with a crash it came from %v to %v only", r.Before, r.After)
	}
}

// Fails if there is a result where there was no failure, or no case.
func TestShrinkRefuses(t *testing.T) {
	c, _, err := search.Explicit(paxos.Scenario(), sim.Config{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		c    search.Case
		want string
	}{{search.Case{}, "needs a Case"}, {search.Case{Scenario: c.Scenario}, "needs a Case"}, {c, "does not fail"}} {
		if _, err := (search.Shrink{Case: x.c}).Run(context.Background()); err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("got %v, want %q", err, x.want)
		}
	}
}

// Votes that are put into words make the same run. Fails if a vote is left out, or is that of somebody else.
func TestSpeltVotesMakeTheSameRun(t *testing.T) {
	for _, s := range []*sim.Scenario{twopc.Scenario(), threepc.Scenario(), e3pc.Scenario()} {
		noes := 0
		for seed := range uint64(12) {
			run := func(settings ...string) *sim.World {
				o, err := s.ParseOptions(settings)
				if err != nil {
					t.Fatal(err)
				}
				w, err := s.World(sim.Config{Seed: seed, Options: o, Faults: "none"})
				if err != nil {
					t.Fatal(err)
				}
				return w
			}
			const one = "transactions=1" // what 3pc can say
			spelt := s.Spelt(run(one, "no=40"))
			if len(spelt) != 2 || !strings.HasPrefix(spelt[0], "votes=") || spelt[1] != "no" {
				t.Fatalf("%s seed %d: spelt %q", s.Name, seed, spelt)
			}
			noes += strings.Count(spelt[0], "n")
			want, got := run(one, "no=40").Run(0), run(one, spelt[0]).Run(0)
			if got.Hash != want.Hash || got.Events != want.Events {
				t.Errorf("%s seed %d: spelt as %s it has %d events with the hash %x, and had %d with %x", s.Name, seed, spelt[0], got.Events, got.Hash, want.Events, want.Hash)
			}
		}
		if noes == 0 {
			t.Errorf("%s: no vote was no: take more seeds", s.Name)
		}
	}
}
