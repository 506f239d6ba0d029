package search

import (
	"context"
	"encoding/binary"
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"simrun/seedfile"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

type benign = chance.Benign

// A beacon counts, and tells its peers; a peer notes what it hears. The messages can be lost, so that
// hearing all is too much to ask.
type beacon struct{ peers []sim.NodeID }

type tick struct{ N int }
type heard struct {
	Peer sim.NodeID
	N    int
}

func (m tick) AppendHash(b []byte) []byte { return binary.AppendVarint(b, int64(m.N)) }

func (x beacon) Start(env sim.Env) { env.After(time.Millisecond, tick{1}) }

func (x beacon) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	n := m.(tick).N
	for _, p := range x.peers {
		env.Send(p, tick{n})
	}
	if n < 5 {
		env.After(3*time.Millisecond, tick{n + 1})
	}
}

type peer struct{}

func (peer) Start(sim.Env) {}
func (peer) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	env.Note(heard{env.ID(), m.(tick).N + skew(env)})
}

// skew is 0 but in tests that plant a dependency on something outside the world.
var skew = func(sim.Env) int { return 0 }

// inSequence complains when a peer does not hear 1, 2, 3, ...
type inSequence struct {
	last   map[sim.NodeID]int
	checks uint64
}

func (p *inSequence) Name() string { return "in sequence" }
func (p *inSequence) Observe(e *sim.Event) error {
	f, ok := e.Data.(heard)
	if e.Kind != sim.Noted || !ok {
		return nil
	}
	p.checks++
	if f.N != p.last[f.Peer]+1 {
		return fmt.Errorf("%s heard %d after %d", f.Peer, f.N, p.last[f.Peer])
	}
	p.last[f.Peer] = f.N
	return nil
}
func (p *inSequence) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (p *inSequence) Checks() uint64                     { return p.checks }

var beacons = &sim.Scenario{
	Name: "beacons",
	Build: func(w *sim.World, _ sim.Options) {
		w.Add("b", func() sim.Node { return beacon{[]sim.NodeID{"p1", "p2"}} })
		w.Add("p1", func() sim.Node { return peer{} })
		w.Add("p2", func() sim.Node { return peer{} })
		w.Group(1, "p1", "p2")
	},
	Properties: func(sim.Options) []sim.Property { return []sim.Property{&inSequence{last: make(map[sim.NodeID]int)}} },
	Sometimes:  []string{"heard"},
	Run:        100 * time.Millisecond,
}

// Fails if worlds that run at the same time disturb one another, or if a
// summary of real runs depends on the workers.
func TestHuntInWorlds(t *testing.T) {
	h := Hunt{Scenario: beacons, To: 300, Workers: 1, Verify: 10}
	want := hunt(t, h)
	if want.Violated == 0 || want.OK == 0 || want.FirstOuter == nil || want.Faults[fault.Losses] == 0 || want.Sometimes[0].Runs == 0 {
		t.Fatalf("the test tests nothing: %+v", want)
	}
	if len(want.Diverged) > 0 {
		t.Fatalf("not deterministic: %v", want.Diverged)
	}
	for _, workers := range []int{2, 5} {
		h.Workers = workers
		if got := hunt(t, h); !reflect.DeepEqual(got, want) {
			t.Errorf("%d workers:\ngot  %+v\nwant %+v", workers, got, want)
		}
	}
}

// Fails if a failure does not replay: from its token, and from its complete plan.
func TestFailuresReplay(t *testing.T) {
	sum := hunt(t, Hunt{Scenario: beacons, To: 300})
	for _, f := range sum.Failures {
		complete := f.File
		complete.Plan = &f.Plan
		for _, file := range []seedfile.File{f.File, complete} {
			again, err := seedfile.ParseToken(file.Token())
			if err != nil {
				t.Fatal(err)
			}
			cfg, err := again.Config(beacons)
			if err != nil {
				t.Fatal(err)
			}
			w, err := beacons.World(cfg)
			if err != nil {
				t.Fatal(err)
			}
			if v := w.Run(0); v.Hash != again.Hash || !file.Meets(v) || v.Why != f.Why {
				t.Errorf("seed %d: %s (hash %x) became %s (hash %x)\n%s", f.Seed, f.Why, again.Hash, v.Why, v.Hash, file)
			}
		}
	}
}

// Fails if a run that depends on a variable outside the world is not
// found, or not told by the first event that differs.
func TestDivergenceIsFoundAndTold(t *testing.T) {
	var outside atomic.Int64
	skew = func(sim.Env) int { return int(outside.Add(1)) * 1000 }
	defer func() { skew = func(sim.Env) int { return 0 } }()
	s := *beacons
	s.Properties = nil // so that runs go on
	h := Hunt{Scenario: &s, To: 20, Workers: 2, Verify: 5}
	h.Config.Faults = "none"
	sum := hunt(t, h)
	if len(sum.Diverged) == 0 {
		t.Fatal("found nothing")
	}
	if d := sum.Diverged[0]; d.Node != "p1" || d.Handler.Func != "search.peer.Handle" || d.Cause == "" {
		t.Errorf("nobody has looked into the first: %+v", d)
	}
	for i, d := range sum.Diverged {
		note := "note p"
		if i == 0 { // told by the effect
			note = "p1 notes"
		}
		if d.Hashes[0] == d.Hashes[1] || d.Seq == 0 || !strings.Contains(d.First, note) || d.First == d.Second {
			t.Errorf("%+v", d)
		}
		if text := d.String(); strings.Contains(text, "\n") || !strings.Contains(text, fmt.Sprintf("seed %#x: event %d differs", d.Seed, d.Seq)) {
			t.Errorf("told as %s", text)
		}
	}
}

// Fails if Compare finds a difference where there is none.
func TestCompareOfEqualRuns(t *testing.T) {
	for seed := range uint64(50) {
		if d, err := Compare(beacons, sim.Config{Seed: seed, Faults: "swarm"}); d != nil || err != nil {
			t.Fatalf("seed %d: %v, %v", seed, d, err)
		}
	}
}

// Fails if a run that is longer than the other, with all events before that equal, passes for the same.
func TestCompareOfRunsThatEndApart(t *testing.T) {
	var worlds atomic.Int64
	s := *beacons
	s.Properties = nil
	s.Build = func(w *sim.World, o sim.Options) {
		beacons.Build(w, o)
		if worlds.Add(1)%2 == 0 {
			w.Add("late", func() sim.Node { return lateNode{} })
		}
	}
	d, err := Compare(&s, sim.Config{Faults: "none"})
	if err != nil || d == nil || d.Seq == 0 {
		t.Fatalf("%v, %v", d, err)
	}
}

type lateNode struct{}

func (lateNode) Start(env sim.Env)                               { env.After(99*time.Millisecond, tick{9}) }
func (lateNode) Handle(env sim.Env, _ sim.NodeID, _ sim.Message) { env.Note(tick{9}) }

// Fails if a panic of the scenario's own code, or a refused configuration, escapes or loses its seed.
func TestCompareErrors(t *testing.T) {
	s := *beacons
	s.Build = func(*sim.World, sim.Options) { panic("no quorum of none") }
	if _, err := Compare(&s, sim.Config{Seed: 42}); err == nil || !strings.HasPrefix(err.Error(), "search: seed 0x2a: panic: no quorum of none\n") {
		t.Errorf("a panic: %v", err)
	}
	if _, err := (Hunt{Scenario: &s, From: 42, To: 50}).Run(context.Background()); err == nil || !strings.HasPrefix(err.Error(), "search: seed 0x2a: panic: no quorum of none\n") {
		t.Errorf("a panic in a hunt: %v", err)
	}
	if _, err := Compare(beacons, sim.Config{Faults: "swrm"}); err == nil {
		t.Error("an unknown profile: no error")
	}
}

// Fails if a divergence of which nothing more is known is told as if an event had differed.
func TestDivergenceText(t *testing.T) {
	d := Divergence{Seed: 42, Hashes: [2]uint64{1, 2}}
	if got := d.String(); got != "seed 0x2a: two runs gave the hashes 0000000000000001 and 0000000000000002; made again side by side they did not differ" {
		t.Error(got)
	}
	d.Seq, d.First = 7, "1ms note p1"
	if got := d.String(); got != "seed 0x2a: event 7 differs between two runs: 1ms note p1 / the end of the run" {
		t.Error(got)
	}
}

// fickle is a property that holds or not by something outside the world.
type fickle struct {
	inSequence
	hold bool
}

func (p *fickle) Observe(*sim.Event) error { return nil }
func (p *fickle) End(*sim.World) (sim.Result, error) {
	if p.hold {
		return sim.Holds, nil
	}
	return sim.Holds, fmt.Errorf("not today")
}

// Fails if two runs with the same events and different verdicts pass for the same.
func TestCompareOfVerdicts(t *testing.T) {
	var n atomic.Int64
	s := *beacons
	s.Properties = func(sim.Options) []sim.Property { return []sim.Property{&fickle{hold: n.Add(1)%2 == 0}} }
	d, err := Compare(&s, sim.Config{Faults: "none"})
	if err != nil || d == nil || d.Hashes[0] != d.Hashes[1] || !strings.HasPrefix(d.First, "violated in sequence: not today") || !strings.HasPrefix(d.Second, "ok") {
		t.Errorf("%+v, %v", d, err)
	}
}
