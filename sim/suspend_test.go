package sim

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"simrun/sim/clock"
	"simrun/sim/fault"
)

// A sleeper notes the instants at which its timers go off, a sync ends and what was sent to it is handled.
type sleeper struct{}

type wake struct{ What string }

func (s sleeper) tell(env Env, what string) { env.Note(wake{fmt.Sprint(what, " ", env.Now().Wall())}) }

func (s sleeper) Start(env Env) {
	if env.ID() == "b" {
		for at := 5 * time.Millisecond; at < 100*time.Millisecond; at += 10 * time.Millisecond {
			env.After(at, wake{"go"})
		}
		return
	}
	env.After(10*time.Millisecond, wake{"write"})
	env.After(30*time.Millisecond, wake{"timer"})
}

func (s sleeper) Handle(env Env, from NodeID, m Message) {
	switch what := m.(wake).What; what {
	case "go":
		env.Send("a", wake{"message"})
	case "write":
		env.Disk().Append("log", []byte("x"))
		env.SyncThen("log", wake{"synced"})
		env.Disk().SyncDir()
		s.tell(env, "wrote")
		env.Send("b", wake{"written"})
	default:
		s.tell(env, what)
	}
}

// slept runs a plan on a sleeper, and lists what it noted, with true time.
func slept(t *testing.T, text string) (list []string) {
	t.Helper()
	p, err := fault.Parse("always sync 4ms\nalways law in-order 1ms 1ms\n" + text)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scenario{Name: "sleep", Run: 100 * time.Millisecond, Build: func(w *World, _ Options) {
		w.Add("a", func() Node { return sleeper{} })
		w.Add("b", func() Node { return sleeper{} })
	}}
	w, err := s.World(Config{Seed: 1, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		if e.Kind == Noted && e.Node == "a" && !strings.HasPrefix(e.Data.(wake).What, "message") || e.Kind == Sent && e.Node == "a" {
			list = append(list, fmt.Sprint(e.At, ": ", e.Data.(wake).What))
		}
	}
	return list
}

// Whatever a node had set under way when it was suspended happens later by as long as it was, and its clock knows nothing of it.
// Fails if an effect, a sync or a timer goes on meanwhile, comes in another order, or is late by more or less.
func TestSuspendedNodesAreLate(t *testing.T) {
	calm := slept(t, "")
	if len(calm) != 4 {
		t.Fatalf("without a suspension: %q", calm)
	}
	whole := func(s string) time.Duration {
		d, err := time.ParseDuration(s[:strings.IndexByte(s, ':')])
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for from := 8 * time.Millisecond; from < 32*time.Millisecond; from += 500 * time.Microsecond {
		for _, d := range []time.Duration{100 * time.Microsecond, 3 * time.Millisecond, 40 * time.Millisecond} {
			got := slept(t, fmt.Sprintf("%v pause a with clock\n%v resume a\n", from, from+d))
			if len(got) != len(calm) {
				t.Fatalf("suspended at %v for %v: %q, want as many as in %q", from, d, got, calm)
			}
			for i := range calm {
				want := whole(calm[i])
				if want >= from {
					want += d
				}
				if whole(got[i]) != want || got[i][strings.IndexByte(got[i], ':'):] != calm[i][strings.IndexByte(calm[i], ':'):] {
					t.Fatalf("suspended at %v for %v: %q in the place of %q", from, d, got[i], calm[i])
				}
			}
		}
	}
}

type stride struct{ N int }

// A walker makes two strides and a message in no time, and later the same behind a sync.
type walker struct{}

func (walker) Start(env Env) {
	if env.ID() == "a" {
		env.After(10*time.Millisecond, stride{1})
		env.After(20*time.Millisecond, stride{3})
	}
}

func (walker) Handle(env Env, from NodeID, m Message) {
	if from != env.ID() {
		return
	}
	if n := m.(stride).N; n == 3 {
		env.Disk().Append("log", []byte("x"))
		env.Disk().Sync("log")
	}
	env.Note(m)
	env.Send("b", m)
	env.Note(stride{m.(stride).N + 1})
}

// walked lists the instants of what a walker does but on its disk.
func walked(t *testing.T, text string) (list []time.Duration) {
	t.Helper()
	p, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s := &Scenario{Name: "walk", Run: 100 * time.Millisecond, Build: func(w *World, _ Options) {
		w.Add("a", func() Node { return walker{} })
		w.Add("b", func() Node { return walker{} })
	}}
	w, err := s.World(Config{Seed: 1, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		if e.Kind == Noted || e.Kind == Sent {
			list = append(list, time.Duration(e.At))
		}
	}
	return list
}

// A line that is aimed suspends a node in the middle of what it does. Fails if the rest of that happens before the node is resumed, or
// never.
func TestSuspendedBetweenTwoEffects(t *testing.T) {
	calm := walked(t, "")
	for n, effect := range []int{0, 2, 3, 5} { // the facts among the six effects
		got := walked(t, fmt.Sprintf("after a stride#%d pause a with clock\n50ms resume a\n", n+1))
		if len(calm) != 6 || len(got) != 6 {
			t.Fatalf("%v without a suspension, %v with one after stride %d", calm, got, n+1)
		}
		for i, at := range calm {
			if i > effect {
				at += 50*time.Millisecond - calm[effect]
			}
			if d := got[i] - at; d < 0 || d > 1 {
				t.Errorf("suspended after stride %d: effect %d is at %v, want %v", n+1, i+1, got[i], at)
			}
		}
	}
}

// Fails if a crash of a suspended node leaves something of it behind, or its next life suspended.
func TestSuspendedNodeCrashes(t *testing.T) {
	for _, at := range []string{"9ms", "11ms", "13ms"} {
		got := strings.Join(slept(t, at+" pause a with clock\n40ms crash a\n41ms restart a\n"), "|")
		if strings.Contains(got, "12") || !strings.Contains(got, "timer ") || !strings.Contains(got, "71ms: timer") {
			t.Errorf("suspended at %s: %s", at, got)
		}
	}
}

// A standing is what an oracle knows of one node.
type standing struct {
	up, paused, asleep, stands bool
	broken                     bool
	wall, booted               time.Duration
}

// happens is a second opinion on what a line does to a node, written without regard to how the world does it.
func (s *standing) happens(l *fault.Line, restarts map[time.Duration]bool) {
	switch l.Verb {
	case fault.Crash:
		if s.up && l.Time > 0 && !l.Good {
			restarts[time.Duration(l.At)+l.Time] = true
		}
		s.up, s.paused, s.asleep = false, false, false
		s.broken = s.broken || l.Good
	case fault.Restart:
		s.boots()
	case fault.Pause:
		s.paused = s.up
		s.asleep = s.up && (s.asleep || l.Mode == "clock")
	case fault.Resume:
		s.paused, s.asleep = false, false
	case fault.Freeze:
		s.stands = true
	case fault.Thaw:
		s.stands = false
	case fault.Step:
		s.wall += l.Time
	case fault.Wipe:
		s.up, s.paused, s.asleep = false, false, false
	}
}

func (s *standing) boots() {
	if !s.up && !s.broken {
		s.up, s.booted = true, 0
	}
}

// The verbs about one node and its clock, in any order and number. Fails where two of them, one after another, do something that a
// simple model of them does not.
func TestProcessAndClockVerbsTogether(t *testing.T) {
	lines := []string{"crash a", "crash a for 3ms", "restart a", "restart a", "pause a", "pause a with clock", "resume a", "freeze a", "thaw a", "step a 7ms", "wipe a"}
	compared := 0
	for seed := range int64(400) {
		r := rand.New(rand.NewSource(seed))
		text := "always law in-order 1ms 1ms\n"
		for at := 1 + r.Intn(4); at < 60; at += 1 + r.Intn(4) {
			text += fmt.Sprintf("%dms %s\n", at, lines[r.Intn(len(lines))])
		}
		p, err := fault.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s := &Scenario{Name: "sleep", Run: 70 * time.Millisecond, Build: func(w *World, _ Options) {
			w.Add("a", func() Node { return &quiet{} })
			w.Add("b", func() Node { return &quiet{ticks: true} })
		}}
		w, err := s.World(Config{Seed: 1, Plan: &p})
		if err != nil {
			t.Fatal(err)
		}
		compared += compare(t, w, p, text)
	}
	if compared < 20_000 {
		t.Errorf("only %d comparisons", compared)
	}
}

// compare holds a run against the oracle, half a millisecond after each.
func compare(t *testing.T, w *World, p fault.Plan, text string) (compared int) {
	t.Helper()
	want := standing{up: true}
	restarts := map[time.Duration]bool{}
	next, h := 1, w.host("a")
	for now := range w.halves() {
		if now%time.Millisecond == 0 {
			for ; next < len(p) && time.Duration(p[next].At) == now; next++ {
				want.happens(&p[next], restarts)
			}
			if restarts[now] {
				want.boots()
			}
		} else {
			got := h.clock.Read(clock.Time(now))
			wall, mono := want.wall, want.booted
			if !want.stands && !want.asleep {
				wall, mono = wall+time.Millisecond/2, mono+time.Millisecond/2
			}
			if h.up != want.up || h.paused != want.paused || h.suspended != want.asleep || got.Wall() != wall || want.up && got.Sub(clock.At(0, 0)) != mono {
				t.Fatalf("%sat %v: up %v, paused %v, suspended %v, wall %v, mono %v; want %+v, wall %v, mono %v", text, now, h.up, h.paused, h.suspended, got.Wall(),
					got.Sub(clock.At(0, 0)), want, wall, mono)
			}
			compared++
			if !want.stands && !want.asleep {
				want.wall, want.booted = want.wall+time.Millisecond, want.booted+time.Millisecond
			}
		}
	}
	return compared
}

// quiet does nothing, or sends itself a message every half of a millisecond, so that there is something to see.
type quiet struct{ ticks bool }

func (q *quiet) Start(env Env) {
	if q.ticks {
		env.After(time.Millisecond/2, wake{})
	}
}

func (q *quiet) Handle(env Env, _ NodeID, m Message) { env.After(time.Millisecond/2, m) }

// halves drives a world, and stops once at each half of a millisecond, after all that happened then.
func (w *World) halves() func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for e := range w.Events(0) {
			if e.Kind == TimerSet && e.Node == "b" && e.At > 0 && !yield(time.Duration(e.At)) {
				return
			}
		}
	}
}
