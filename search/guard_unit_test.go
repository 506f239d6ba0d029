package search

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"simrun/search/internal/leaks"
	"simrun/sim"
	"simrun/sim/fault"
)

// planted returns a system of package leaks.
func planted(t *testing.T, name string) *sim.Scenario {
	t.Helper()
	for _, l := range leaks.All() {
		if l.Scenario.Name == name {
			return l.Scenario
		}
	}
	t.Fatalf("no system %s", name)
	return nil
}

// Fails if checkpoints at different distances, or the shorter of two lists, are compared wrongly.
func TestPartedAt(t *testing.T) {
	list := func(pairs ...uint64) (l []sim.Checkpoint) {
		for i := 0; i < len(pairs); i += 2 {
			l = append(l, sim.Checkpoint{Seq: pairs[i], Hash: pairs[i+1]})
		}
		return l
	}
	for i, c := range []struct {
		a, b        []sim.Checkpoint
		same, other uint64
	}{
		{nil, nil, 0, 0},
		{list(1, 7, 2, 8), list(1, 7, 2, 8), 2, 0},
		{list(1, 7, 2, 8), list(1, 6, 2, 8), 0, 1},
		{list(1, 7, 2, 8, 3, 9), list(1, 7, 2, 8, 3, 10), 2, 3},
		{list(1, 7, 2, 8, 3, 9), list(2, 8, 4, 11), 2, 4},
		{list(2, 8, 4, 10, 6, 12, 7, 13), list(4, 10, 8, 14), 4, 8},
		{list(2, 8, 4, 10), list(2, 8, 4, 10, 5, 11), 4, 0}, // the hashes of the whole tell, and same asks for as many
		{list(1, 1, 2, 2, 3, 3), list(2, 2, 3, 4), 2, 3},
	} {
		if same, other := partedAt(c.a, c.b); same != c.same || other != c.other {
			t.Errorf("%d: %d, %d: want %d, %d", i, same, other, c.same, c.other)
		}
		if same, other := partedAt(c.b, c.a); same != c.same || other != c.other {
			t.Errorf("%d, the other way: %d, %d: want %d, %d", i, same, other, c.same, c.other)
		}
	}
	a, b := recording{Checkpoints: list(1, 1)}, recording{Checkpoints: list(1, 1, 2, 2)}
	if a.same(&b) {
		t.Error("a run and a longer one pass for the same")
	}
}

// late is a node that behaves until an event far into the run, and then does what a counter in the test says.
type late struct {
	after int
	runs  *atomic.Int64
}

func (x late) Start(env sim.Env) { env.After(time.Microsecond, tick{1}) }
func (x late) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := m.(tick).N
	if n == x.after {
		env.Note(heard{"x", int(x.runs.Add(1))})
	}
	env.After(time.Microsecond, tick{n + 1})
}

// Fails if a difference is not found that lies behind what is recorded at once: the checkpoints must lead there.
func TestDifferenceFarIntoARun(t *testing.T) {
	for _, after := range []int{3, 700, 2490} {
		var runs atomic.Int64
		s := &sim.Scenario{Name: "late", Run: 2500 * time.Microsecond, Build: func(w *sim.World, _ sim.Options) {
			w.Add("n", func() sim.Node { return late{after, &runs} })
		}}
		d, err := Guard{Scenario: s, window: 300}.Check(t.Context(), sim.Config{Faults: "none"})
		if err != nil || d == nil {
			t.Fatal(d, err)
		}
		if want := uint64(2 + 2*(after-1) + 2); d.Seq != want || !strings.Contains(d.First, "n notes search.heard") || d.Handler.Func != "search.late.Handle" {
			t.Errorf("event %d, %q in %v: want event %d", d.Seq, d.First, d.Handler, want)
		}
	}
}

// Fails if what happened before in this process is taken for something else, or not seen: the runs made now agree with one
// another, and only a fresh process shows that there was another.
func TestWhatAnEarlierRunLeft(t *testing.T) {
	s := planted(t, "package-variable")
	cfg := sim.Config{Seed: 4}
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	v := w.Run(0)
	d, err := Guard{Scenario: s, Process: self(t)}.Elsewhere(t.Context(), cfg, v)
	if err != nil || d == nil || d.Where != hereAndThere {
		t.Fatalf("%v, %v: want a difference", d, err)
	}
	if (Guard{Scenario: s, Process: self(t)}).Explain(t.Context(), d, cfg); d.Cause != PackageState || d.Handler.Func != "leaks.counter.Handle" {
		t.Errorf("%v\n%s", err, d.Report())
	}
}

// Fails if the guard needs another process for what two runs in one show.
func TestGuardInOneProcess(t *testing.T) {
	for name, want := range map[string]Cause{
		"map-range": MapOrder, "time-now": WallClock, "global-rand": GlobalRandom, "pointer": Addresses, "package-variable": PackageState, "alias": ChangedMessage,
		"environment": "", "orderly": "",
	} {
		d, err := Guard{Scenario: planted(t, name)}.Check(t.Context(), sim.Config{Seed: 2})
		if err != nil {
			t.Fatal(err)
		}
		if want == "" && d != nil || want != "" && (d == nil || d.Cause != want) {
			t.Errorf("%s: want %q, got %v", name, want, d)
		}
	}
}

// hoarder keeps a list that its scenario gave to several, and adds to it.
type hoarder struct {
	list *[]int
	adds bool
	own  int // what it counts for itself, anew in each life
}

func (x *hoarder) Start(env sim.Env) { env.After(time.Millisecond, tick{1}) }
func (x *hoarder) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x.own++
	if x.adds {
		*x.list = append(*x.list, m.(tick).N)
	}
	env.After(time.Millisecond, tick{m.(tick).N + 1})
}

// A ballot says what it is by a map, in whatever order that comes.
type ballot struct{ votes map[string]int }

func (m ballot) AppendHash(b []byte) []byte {
	for name := range m.votes {
		b = append(b, name...)
	}
	return b
}

// Fails if a message that encodes itself in another way each time is blamed on the node, or not found.
func TestMessageThatEncodesItselfByChance(t *testing.T) {
	votes := map[string]int{"a": 1, "b": 2, "c": 3, "d": 4}
	s := &sim.Scenario{Name: "vote", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		w.Add("n", func() sim.Node {
			return sim.Scripted(func(s *sim.Script) {
				for range 50 { // so often that the order is never the same by luck
					s.Note(ballot{votes})
				}
			})
		})
	}}
	d, err := Guard{Scenario: s}.Check(t.Context(), sim.Config{Faults: "none"})
	if err != nil || d == nil {
		t.Fatal(d, err)
	}
	if d.Cause != MapOrder || d.First != d.Second || !strings.Contains(d.Evidence[0], "(ballot).AppendHash: range over the map m.votes") || !strings.Contains(d.Report(), "  both ") {
		t.Errorf("%s", d.Report())
	}
}

// Fails if a difference for which no node's code is to blame is put on one, or if it is not said where to look.
func TestScenarioThatDiffers(t *testing.T) {
	var worlds atomic.Int64
	s := *beacons
	s.Properties = nil
	s.Build = func(w *sim.World, o sim.Options) {
		if worlds.Add(1)%2 == 0 {
			w.Add("more", func() sim.Node { return peer{} })
		}
		beacons.Build(w, o)
	}
	d, err := Guard{Scenario: &s}.Check(t.Context(), sim.Config{Faults: "none"})
	if err != nil || d == nil || d.Handler.Func != "" || d.Seq != 1 || !strings.Contains(strings.Join(d.Evidence, "\n"), "the scenario's own code") {
		t.Errorf("%v %v", d, err)
	}
}

// Fails if two variables that make a difference only together escape, since neither half of the changes shows it.
func TestTwoVariables(t *testing.T) {
	t.Setenv("AA_GUARD", "1")
	t.Setenv("ZZ_GUARD", "1")
	d, err := Guard{Scenario: pair, Process: self(t)}.Check(t.Context(), sim.Config{Faults: "none"})
	if err != nil || d == nil || d.Cause != Environment || d.Node != "n" || !strings.HasPrefix(d.Evidence[0], "the run changes with ") {
		t.Errorf("%v %v", d, err)
	}
}

// pair is a scenario that two variables decide together.
var pair = &sim.Scenario{Name: "pair", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
	w.Add("n", func() sim.Node {
		return sim.Scripted(func(s *sim.Script) {
			if os.Getenv("AA_GUARD") == "" && os.Getenv("ZZ_GUARD") == "" {
				s.Note(tick{1})
			}
			s.Note(tick{2})
		})
	})
}}

// Fails if what people are told of a divergence loses or invents something.
func TestReport(t *testing.T) {
	d := Divergence{
		Seed: 42, Hashes: [2]uint64{1, 2}, Where: twiceHere, Seq: 7, Node: "n1", Handler: Frame{"p.(*node).Handle", "/src/p/node.go", 12},
		Place: Frame{"p.spread", "/src/p/spread.go", 3}, First: "n1 sends to n2 x", Cause: MapOrder, Evidence: []string{"one", "two"},
	}
	want := `the run of seed 0x2a is not decided by its seed alone
  compared  two runs in one process
  hashes    0000000000000001 and 0000000000000002
  event     7 is the first that differs
  node      n1
  handler   p.(*node).Handle (node.go:12)
  at        p.spread (spread.go:3)
  first     n1 sends to n2 x
  second    the end of the run
  likely    map order
            - one
            - two
`
	if got := d.Report(); got != want {
		t.Errorf("got\n%s", got)
	}
	const line = "seed 0x2a: event 7 differs between two runs: n1 sends to n2 x / the end of the run; node n1 in p.(*node).Handle (node.go:12); likely: map order"
	if d.String() != line {
		t.Errorf("got %s", d)
	}
	d.Cause, d.Second = ChangedMessage, "n1 sends to n2 y"
	if text := d.Report(); strings.Contains(text, "differs") || !strings.Contains(text, "  sent      n1 sends to n2 x\n  now       n1 sends to n2 y\n") {
		t.Errorf("got\n%s", text)
	}
}

// Fails if memory that nodes share and change is not seen, if the wrong node is blamed, or if memory that they share and
// leave alone is called a leak.
func TestSharedMemory(t *testing.T) {
	build := func(adds string) *sim.Scenario {
		return &sim.Scenario{Name: "hoard", Run: 300 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
			all := []int{0}
			for _, id := range []sim.NodeID{"a", "b", "c"} {
				w.Add(id, func() sim.Node { return &hoarder{list: &all, adds: string(id) == adds} })
			}
			w.Add("other", func() sim.Node { return &hoarder{list: &[]int{}, adds: true} })
		}}
	}
	crash, err := fault.Parse("50.5ms crash b for 100us\n60.5ms crash a for 20.3ms\n") // what is a node's own changes, and is lost
	if err != nil {
		t.Fatal(err)
	}
	if d, err := (Guard{Scenario: build("nobody")}).Check(t.Context(), sim.Config{Plan: &crash}); d != nil || err != nil {
		t.Errorf("nobody changes the list, and yet: %v %v", d, err)
	}
	for _, id := range []string{"a", "b", "c"} {
		d, err := Guard{Scenario: build(id)}.Check(t.Context(), sim.Config{Faults: "none"})
		if err != nil || d == nil || d.Cause != SharedMemory || d.Node != sim.NodeID(id) || d.Handler.Func != "search.(*hoarder).Handle" {
			t.Errorf("%s adds to the list of all: %v %v", id, d, err)
		}
	}
}

// reviser keeps a message that it got, and corrects it: the copy that comes later says something else, and so does the
// sender's own.
type reviser struct{ got []int }
type numerals struct{ List []int }

func (x *reviser) Start(sim.Env) {}
func (x *reviser) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	x.got = m.(numerals).List
	x.got[0]++
	env.Note(tick{1})
}

// Fails if a receiver that writes into a message is not blamed, or its sender is.
func TestReceiverChangesAMessage(t *testing.T) {
	s := &sim.Scenario{Name: "revise", Run: 20 * time.Millisecond, Build: func(w *sim.World, _ sim.Options) {
		w.Add("r", func() sim.Node { return &reviser{} })
		w.Add("s", func() sim.Node {
			return sim.Scripted(func(s *sim.Script) { s.Send("r", numerals{[]int{1}}); s.Sleep(15 * time.Millisecond) })
		})
	}}
	d, err := Guard{Scenario: s}.Check(t.Context(), sim.Config{Faults: "none"})
	if err != nil || d == nil || d.Cause != ChangedMessage || d.Node != "r" || d.Handler.Func != "search.(*reviser).Handle" {
		t.Errorf("%v %v", d, err)
	}
}

// Fails if an order that cannot be served, or a process that makes no run, passes for runs that agree.
func TestProcessThatMakesNoRun(t *testing.T) {
	p := self(t)
	unknown := *beacons
	unknown.Name = "nowhere"
	if d, err := (Guard{Scenario: &unknown, Process: p}).Check(t.Context(), sim.Config{Faults: "none"}); err == nil || !strings.Contains(err.Error(), "it has not come by the scenario") {
		t.Errorf("a scenario that the other process does not have: %v, %v", d, err)
	}
	if d, err := (Guard{Scenario: beacons, Process: &Process{Path: filepath.Join(t.TempDir(), "none")}}).Check(t.Context(), sim.Config{Faults: "none"}); err == nil {
		t.Errorf("a program that is not there: %v, %v", d, err)
	}
	if _, err := p.make(t.Context(), beacons, sim.Config{Driver: benign{}}, 1, part{}, nil); err == nil || !strings.Contains(err.Error(), "driver") {
		t.Errorf("a driver: %v", err)
	}
	if _, err := (Guard{Scenario: beacons}).Elsewhere(t.Context(), sim.Config{}, sim.Verdict{}); err == nil {
		t.Error("elsewhere is nowhere, and it is no error")
	}
	broken := *beacons
	broken.Build = func(*sim.World, sim.Options) { panic("no quorum of none") }
	if _, err := (Guard{Scenario: &broken}).Check(t.Context(), sim.Config{Seed: 42}); err == nil || !strings.HasPrefix(err.Error(), "search: seed 0x2a: panic: no quorum of none\n") {
		t.Errorf("a panic: %v", err)
	}
	h := Hunt{Scenario: &unknown, To: 3, Process: p}
	if sum := hunt(t, h); sum.NotElsewhere == nil || sum.Elsewhere != 0 || sum.Runs != 3 {
		t.Errorf("a hunt: %v, %d elsewhere, %d runs", sum.NotElsewhere, sum.Elsewhere, sum.Runs)
	}
}

// Fails if a hunt runs other seeds elsewhere than it says, or none.
func TestHuntsElsewhere(t *testing.T) {
	h := Hunt{Scenario: planted(t, "orderly"), To: 40, Process: self(t), Verify: -1, Elsewhere: 20}
	if sum := hunt(t, h); sum.Elsewhere != 2 || sum.Twice != 0 || sum.NotElsewhere != nil || len(sum.Diverged) != 0 {
		t.Errorf("%d elsewhere, %d twice, %v", sum.Elsewhere, sum.Twice, sum.NotElsewhere)
	}
	h.Elsewhere, h.Guard = -1, 10
	if sum := hunt(t, h); sum.Elsewhere != 4 || sum.Twice != 4 || len(sum.Diverged) != 0 {
		t.Errorf("guarded: %d elsewhere, %d twice, %v", sum.Elsewhere, sum.Twice, sum.Diverged)
	}
	h.Scenario = planted(t, "environment")
	sum := hunt(t, h)
	if len(sum.Diverged) != 4 || sum.Diverged[0].Cause != Environment || sum.Diverged[1].Cause != "" || sum.Diverged[0].Seed != 0 {
		t.Errorf("%v", sum.Diverged)
	}
	if sum := hunt(t, Hunt{Scenario: planted(t, "alias"), To: 2, Guard: 1}); len(sum.Diverged) != 2 || sum.Diverged[1].Cause != ChangedMessage {
		t.Errorf("a message that changes: %v", sum.Diverged)
	}
}

// Fails if a change of the environment changes something else, or not what it should.
func TestChangedEnvironment(t *testing.T) {
	env := []string{"A=1", "B=2=2", "AB=3"}
	got := changed(env, []string{"A", "B=4", "C=5", "D"})
	if want := []string{"AB=3", "B=4", "C=5"}; !slices.Equal(got, want) || env[0] != "A=1" || len(env) != 3 {
		t.Errorf("got %v, want %v; it was %v", got, want, env)
	}
	t.Setenv("GUARD_TEST_SECRET", "x")
	list := perturbation()
	if !slices.Contains(list, "GUARD_TEST_SECRET") || slices.Contains(list, "PATH") || !slices.Contains(list, "HOME=/nonexistent") || slices.Contains(list, "HOME") {
		t.Errorf("%v", list)
	}
	if got := variables([]string{"HOME=/secret", "X"}); got != "HOME, X" {
		t.Errorf("told as %q", got)
	}
}

// Fails if values are taken for what they are not.
func TestWhatValuesLookLike(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	for word, want := range map[string][2]bool{
		"0xc000123456": {true, false}, "0x2a": {false, false}, "0x1c0ac02c6200": {true, false}, "824634433536": {true, false}, "824634433537": {false, false},
		"42": {false, false}, "hello": {false, false}, "1800000042": {false, true}, "1800000042123": {false, true}, "1800000042123456789": {false, true},
		"1700000000": {false, false}, "18000000": {false, false},
	} {
		if got := [2]bool{isAddress(word), isInstant(word, now)}; got != want {
			t.Errorf("%s: address, instant: %v, want %v", word, got, want)
		}
	}
}

// Fails if long texts hide where they differ.
func TestDifferingShowsTheDifference(t *testing.T) {
	long := strings.Repeat("ä", 500)
	for _, c := range [][2]string{{"a", "b"}, {long + "1" + long, long + "2" + long}, {"x" + long, "y" + long}, {long, long + "1"}} {
		a, b := differing(c[0], c[1])
		if a == b || len([]rune(a)) > 220 || len([]rune(b)) > 220 {
			t.Errorf("%q and %q", a, b)
		}
	}
}

// Fails if a goroutine's creator is misread, or one of Go's or of the simulator's is taken for a node's.
func TestCreators(t *testing.T) {
	dump := `goroutine 7 [running]:
example.com/x.(*node).Handle.func1()
	/src/x/node.go:12 +0x20
created by example.com/x.(*node).Handle in goroutine 1
	/src/x/node.go:11 +0x8c

goroutine 8 [coroutine]:
created by iter.Pull[...] in goroutine 1
	/go/src/iter/iter.go:10 +0x8c

goroutine 9 [select]:
created by simrun/search.(*Hunt).crew in goroutine 1
	/src/search/drive.go:88 +0x1

goroutine 10 [select]:
created by os/signal.Notify.func1.1 in goroutine 1
	/go/src/os/signal/signal.go:157 +0x1f
`
	want := []Frame{{"x.(*node).Handle", "/src/x/node.go", 11}}
	if got := creators(dump); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Fails if the source of a handler is misread: each line that lets something in must be named with its cause, and none else.
func TestSourceHints(t *testing.T) {
	const text = `package p

import (
	"math/rand"
	"os"
	"time"
)

var total, fixed int

type node struct{ m map[string]int; l []int }

func (n *node) Handle() {
	for range n.l { println(fixed) }
	n.deeper()
	r := rand.New(rand.NewSource(1))
	_ = r.Intn(3)
}

func (n *node) deeper() {
	for range n.m { } // 21 map
	_ = time.Now() // 22 clock
	_ = time.Second
	_ = rand.Intn(3) // 24 random
	go println() // 25 goroutine
	total++ // 26 package
	_ = os.Getenv("X") // 27 environment
	println("%p") // 28 pointer
}

func unrelated() { _ = time.Now(); total++ }
`
	path := filepath.Join(t.TempDir(), "p.go")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var x docket
	x.source([]Frame{{"p.(*node).Handle", path, 15}, {"p.gone", filepath.Join(t.TempDir(), "gone.go"), 3}})
	got := make(map[Cause]string)
	for _, c := range x.charges {
		got[c.cause] = strings.Join(c.evidence, "|")
	}
	want := map[Cause]string{}
	for cause, line := range map[Cause]int{MapOrder: 21, WallClock: 22, GlobalRandom: 24, Goroutines: 25, PackageState: 26, Environment: 27, Addresses: 28} {
		want[cause] = fmt.Sprintf("p.go:%d in (*node).deeper: ", line)
	}
	for cause, prefix := range want {
		if !strings.HasPrefix(got[cause], prefix) || strings.Contains(got[cause], "|") {
			t.Errorf("%s: %q, want %q", cause, got[cause], prefix)
		}
	}
	if len(got) != len(want) {
		t.Errorf("causes %v", got)
	}
}
