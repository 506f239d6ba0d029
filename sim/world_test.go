package sim_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// ball goes back and forth between players.
type ball struct{ Hits uint64 }

func (b ball) AppendHash(p []byte) []byte { return binary.AppendUvarint(p, b.Hits) }
func (b ball) String() string             { return fmt.Sprint(b.Hits) }

type player struct {
	peer sim.NodeID
	hits uint64
}

type served struct{ By sim.NodeID }

func (p *player) Start(env sim.Env) {
	env.Note(served{env.ID()})
	env.Send(p.peer, ball{1})
}

func (p *player) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if p.hits++; p.hits < 300 { // balls may be doubled
		env.Send(from, ball{m.(ball).Hits + 1})
	}
}

// pair is a scenario of two players.
func pair(change func(*sim.Scenario)) *sim.Scenario {
	s := &sim.Scenario{
		Name: "pair",
		Run:  100 * time.Millisecond,
		Build: func(w *sim.World, _ sim.Options) {
			w.Add("a", func() sim.Node { return &player{peer: "b"} })
			w.Add("b", func() sim.Node { return &player{peer: "a"} })
			w.Group(1, "a", "b")
		},
	}
	if change != nil {
		change(s)
	}
	return s
}

func world(t testing.TB, s *sim.Scenario, cfg sim.Config) *sim.World {
	t.Helper()
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func plan(t testing.TB, text string) *fault.Plan {
	t.Helper()
	p, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

// log runs a scenario under a plan and returns its events, one line each.
func log(t testing.TB, s *sim.Scenario, seed uint64, p string) (lines []string, v sim.Verdict) {
	t.Helper()
	w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, p)})
	for e := range w.Events(0) {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%v %v %s %s %v %s", e.At, e.Kind, e.Node, e.Peer, e.Data, e.Reason)))
	}
	return lines, w.Verdict()
}

func TestSameSeedSameRun(t *testing.T) {
	hashes := make(map[uint64]uint64)
	for seed := range uint64(50) {
		a := world(t, pair(nil), sim.Config{Seed: seed}).Run(0)
		b := world(t, pair(nil), sim.Config{Seed: seed}).Run(0)
		if a.Hash != b.Hash || a.Events != b.Events {
			t.Fatalf("seed %d: %x after %d events, then %x after %d", seed, a.Hash, a.Events, b.Hash, b.Events)
		}
		hashes[a.Hash]++
	}
	if len(hashes) < 45 {
		t.Errorf("50 seeds made only %d different runs", len(hashes))
	}
}

// A run watched through Events is the run that Run makes.
func TestWatchingChangesNothing(t *testing.T) {
	for seed := range uint64(20) {
		quiet := world(t, pair(nil), sim.Config{Seed: seed}).Run(0)
		w := world(t, pair(nil), sim.Config{Seed: seed})
		var n, last uint64
		for e := range w.Events(0) {
			n++
			if e.Seq != last+1 || e.Cause >= e.Seq {
				t.Fatalf("event %d has cause %d and follows %d", e.Seq, e.Cause, last)
			}
			last = e.Seq
		}
		if v := w.Verdict(); v.Hash != quiet.Hash || n != quiet.Events {
			t.Fatalf("seed %d: watched %x, quiet %x", seed, v.Hash, quiet.Hash)
		}
	}
}

// The plan that a run prints, given back, makes the same run without its profile.
func TestPlanIsComplete(t *testing.T) {
	for _, profile := range []string{"none", "crash", "partition", "async", "swarm"} {
		for seed := range uint64(60) {
			w := world(t, pair(nil), sim.Config{Seed: seed, Faults: profile})
			text := w.Plan().String()
			v := w.Run(0)
			again := world(t, pair(nil), sim.Config{Seed: seed, Plan: plan(t, text)}).Run(0)
			if v.Hash != again.Hash {
				t.Fatalf("%s, seed %d: the plan\n%smakes another run", profile, seed, text)
			}
		}
	}
}

// crasher sends three messages after a write and a sync.
type crasher struct{}

type note struct{ Text string }

func (crasher) Start(env sim.Env) {
	if env.ID() != "a" {
		return
	}
	if _, err := env.Disk().Size("log"); err == nil {
		p := make([]byte, 5)
		n, _ := env.Disk().ReadAt("log", p, 0)
		env.Note(note{"found " + string(p[:n])})
		return
	}
	env.Note(note{"new"})
	env.After(time.Millisecond, note{"go"})
}

func (crasher) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if env.ID() != "a" {
		return
	}
	d := env.Disk()                                                                             // the effects before: note, timer
	for _, err := range []error{d.Append("log", []byte("hello")), d.Sync("log"), d.SyncDir()} { // 3, 4 and 5; Size was 1
		if err != nil && !strings.Contains(err.Error(), "crashed") {
			panic(err)
		}
	}
	env.Send("b", note{"one"})
	env.Send("c", note{"two"})
	env.Send("b", note{"three"})
}

func crashing() *sim.Scenario {
	return pair(func(s *sim.Scenario) {
		s.Build = func(w *sim.World, _ sim.Options) {
			for _, id := range []sim.NodeID{"a", "b", "c"} {
				w.Add(id, func() sim.Node { return crasher{} })
			}
			w.Group(1, "a")
		}
	})
}

// A crash falls between any two effects: what was before it has happened, what is behind it never does.
func TestCrashAfterEffect(t *testing.T) {
	for _, test := range []struct {
		effect   int
		sent     int
		recovers string
	}{
		{4, 0, "new"}, // appended, nothing synced: not even the name is there
		{5, 0, "new"}, // the data is synced, the name is not
		{6, 0, "found hello"},
		{7, 1, "found hello"},
		{8, 2, "found hello"},
		{9, 3, "found hello"},
	} {
		p := fmt.Sprintf("always unsynced lose\ncrash a after effect %d\n50ms restart a\n", test.effect)
		events, _ := log(t, crashing(), 1, p)
		var sent int
		var crashed bool
		for _, e := range events {
			crashed = crashed || strings.Contains(e, " crash a")
			if strings.Contains(e, "send a") && !crashed {
				sent++
			} else if strings.Contains(e, "send a") && strings.HasPrefix(e, "1ms") {
				t.Errorf("effect %d: sent after the crash: %s", test.effect, e)
			}
		}
		text := strings.Join(events, "\n")
		if sent != test.sent || !strings.Contains(text, "note a  {"+test.recovers+"}") || !crashed {
			t.Errorf("crash after effect %d: sent %d messages, want %d and then %q:\n%s", test.effect, sent, test.sent, test.recovers, text)
		}
	}
}

// Effects behind a sync happen when it is over, and are cancelled by a crash at an instant before.
func TestCrashDuringSync(t *testing.T) {
	events, v := log(t, crashing(), 1, "always unsynced lose\n1.01ms crash a\n")
	for _, e := range events {
		if strings.Contains(e, "send a") {
			t.Errorf("the message was sent though its sync had not ended: %s", e)
		}
	}
	if v.Faults[fault.LostBytes] != 1 {
		t.Errorf("the crash lost %v bytes counted %d times, want once", v.Faults, v.Faults[fault.LostBytes])
	}
}

func TestDelaysLossAndCuts(t *testing.T) {
	for _, test := range []struct{ plan, want string }{
		{"lose a>b note#1\n", "drop b a {one} planned"},
		{"always loss 100%\n", "drop b a {one} loss"},
		{"0s cut a | b\n", "drop b a {one} cut"},
		{"2.1ms cut a | b one-way\n", "drop b a {one} cut"}, // under way
		{"0s crash b\n", "drop b a {one} down"},
	} {
		events, _ := log(t, crashing(), 1, test.plan)
		if text := strings.Join(events, "\n"); !strings.Contains(text, test.want) {
			t.Errorf("under %q: no event %q in\n%s", test.plan, test.want, text)
		}
	}
}

// liar promises what is not on its disk.
type liar struct{ crasher }

type promise struct{ Size int64 }

func (p promise) Backed(v disk.View) error {
	if n, err := v.Size("log"); err != nil || n < p.Size {
		return errors.New("the log is too short")
	}
	return nil
}

func (liar) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	if _, timer := m.(note); !timer || env.ID() != "a" {
		return
	}
	env.Disk().Append("log", []byte("hello"))
	if m.(note).Text == "go" {
		env.Disk().SyncDir()
		env.Send("b", promise{5})
	}
}

func TestBacked(t *testing.T) {
	s := crashing()
	s.Build = func(w *sim.World, _ sim.Options) {
		w.Add("a", func() sim.Node { return liar{} })
		w.Add("b", func() sim.Node { return liar{} })
	}
	v := world(t, s, sim.Config{Plan: &fault.Plan{}}).Run(0)
	if v.Outcome != sim.Violated || v.Property != "backed" || !v.Violations[0].Inner {
		t.Errorf("a message that its sender's disk does not bear out: %v %s %s", v.Outcome, v.Property, v.Why)
	}
}

// mutable is a message that shares memory with its sender.
type mutable struct{ Words []string }

type meddler struct{ words []string }

func (x *meddler) Start(env sim.Env) {
	x.words = []string{"first"}
	if env.ID() == "a" {
		env.Send("b", mutable{x.words})
		x.words[0] = "second"
	}
}
func (x *meddler) Handle(sim.Env, sim.NodeID, sim.Message) {}

func TestMutationIsCaught(t *testing.T) {
	s := pair(func(s *sim.Scenario) {
		s.Build = func(w *sim.World, _ sim.Options) {
			w.Add("a", func() sim.Node { return &meddler{} })
			w.Add("b", func() sim.Node { return &meddler{} })
		}
	})
	v := world(t, s, sim.Config{Plan: &fault.Plan{}}).Run(0)
	if v.Outcome != sim.Violated || v.Property != "immutable" {
		t.Errorf("a message changed after it was sent: %v %s", v.Outcome, v.Why)
	}
}

type panicker struct{}

func (panicker) Start(env sim.Env) { env.After(time.Millisecond, note{"boom"}) }
func (panicker) Handle(sim.Env, sim.NodeID, sim.Message) {
	m := map[string]int{}
	for range 1 {
		m = nil
	}
	m["x"] = 1
}

func TestPanicIsAnEvent(t *testing.T) {
	s := pair(func(s *sim.Scenario) {
		s.Build = func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return panicker{} }) }
	})
	w := world(t, s, sim.Config{})
	var seen bool
	for e := range w.Events(0) {
		seen = seen || e.Kind == sim.Panicked && strings.Contains(e.Data.(string), "panicker")
	}
	v := w.Verdict()
	if !seen || v.Property != "panic" || !strings.Contains(v.Why, "nil map") || !strings.Contains(v.Why, "panicker") {
		t.Errorf("a node's panic: event %v, verdict %v %s %s", seen, v.Outcome, v.Property, v.Why)
	}
}

// restless wakes itself again and again in no time.
type restless struct{}

func (restless) Start(env sim.Env) { env.After(time.Millisecond, note{"go"}) }
func (restless) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	env.After(0, m)
}

// Without the check the run would never end.
func TestTimePasses(t *testing.T) {
	s := pair(func(s *sim.Scenario) {
		s.Build = func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { return restless{} }) }
	})
	v := world(t, s, sim.Config{Plan: &fault.Plan{}}).Run(0)
	if v.Outcome != sim.Violated || v.Property != "time-passes" || !strings.Contains(v.Why, "at 1ms") {
		t.Errorf("a node that never lets time pass: %v %s %s", v.Outcome, v.Property, v.Why)
	}
}

// A boot function that panics is the node's fault: an event, and the end of the run.
func TestBootPanics(t *testing.T) {
	s := pair(func(s *sim.Scenario) {
		s.Build = func(w *sim.World, _ sim.Options) { w.Add("a", func() sim.Node { panic("no boots") }) }
	})
	v := world(t, s, sim.Config{Plan: &fault.Plan{}}).Run(0)
	if v.Property != "panic" || !strings.Contains(v.Why, "a panicked: no boots") {
		t.Errorf("a boot function that panics: %v %s %s", v.Outcome, v.Property, v.Why)
	}
}
