package sim_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// A step is a timer that stands for a line of a script: what the node does then.
type step int

func (s step) AppendHash(b []byte) []byte { return binary.AppendVarint(b, int64(s)) }

// A pass is a message.
type pass int

func (x pass) AppendHash(b []byte) []byte { return binary.AppendVarint(b, int64(x)) }

// tickTime is a timer at tick n, line k between it and the next.
func tickTime(n, k int) time.Duration { return time.Duration(n)*sim.Tick + time.Duration(k) }

// ticked is a stage in tick mode.
func ticked(last int64, delays []uint8, actors ...actor) *sim.Scenario {
	s := stage(actors...)
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Ticks(last, delays, nil)
	}
	s.Settle = 50 * time.Millisecond
	return s
}

// passers are three nodes: a sends passes 1 and 2 to c and 3 to b at tick 0, and 4 to b at tick 1; b passes on to c what it gets.
func passers() []actor {
	a := plays("a", func(env sim.Env) {
		env.After(tickTime(1, 1), step(1))
		env.After(tickTime(0, 1), step(0))
	}, func(env sim.Env, _ sim.NodeID, m sim.Message) {
		if m == step(1) {
			env.Send("b", pass(4))
			return
		}
		env.Send("c", pass(1))
		env.Send("c", pass(2))
		env.Send("b", pass(3))
	})
	b := plays("b", nil, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Send("c", 10*m.(pass)) })
	return []actor{a, b, idle("c")}
}

// received lists what arrived: "1ms b 3".
func received(t *testing.T, w *sim.World) string {
	t.Helper()
	var all []string
	for e := range w.Events(0) {
		if e.Kind == sim.Delivered {
			all = append(all, fmt.Sprintf("%v %s %v", e.At, e.Node, e.Data))
		}
	}
	return strings.Join(all, ", ")
}

func worldOf(t *testing.T, s *sim.Scenario, cfg sim.Config) *sim.World {
	t.Helper()
	w, err := s.World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// At tick 1 node a has two heads due, and b's link comes first; at tick 2 it is b's line again, before c's; those to c
// follow one a tick. Fails if a source lets go more than one message a tick, if sends of a tick are not at its time, or if delays are
// taken in another order than that of the sends.
func TestTicks(t *testing.T) {
	w := worldOf(t, ticked(20, make([]uint8, 6), passers()...), sim.Config{})
	want := "1ms b 3, 2ms b 4, 2ms c 30, 3ms c 1, 3ms c 40, 4ms c 2"
	if got := received(t, w); got != want {
		t.Errorf("received %s, want %s", got, want)
	}
	if v := w.Verdict(); v.Outcome != sim.OK || v.Virtual != 20*sim.Tick || v.Sent != 6 {
		t.Errorf("verdict %+v, want ok after 20 ticks and 6 messages", v)
	}
	// sends: 1, 2 and 3 at tick 0, 4 at tick 1, then what b passes on
	w = worldOf(t, ticked(20, []uint8{0, 0, 3, 0, 2, 4}, passers()...), sim.Config{})
	want = "1ms c 1, 2ms c 2, 4ms b 3, 5ms b 4, 7ms c 30, 10ms c 40"
	if got := received(t, w); got != want {
		t.Errorf("with delays: received %s, want %s", got, want)
	}
}

// A timer at tick 1 itself, set before anything was sent, finds what has arrived at tick 1.
func TestTickComesFirst(t *testing.T) {
	got := -1
	count := 0
	b := plays("b", func(env sim.Env) { env.After(tickTime(1, 0), step(0)) }, func(_ sim.Env, _ sim.NodeID, m sim.Message) {
		if _, ok := m.(step); ok {
			got = count
		}
		count++
	})
	a := plays("a", func(env sim.Env) { env.Send("b", pass(1)) }, nil)
	worldOf(t, ticked(5, []uint8{0}, a, b), sim.Config{}).Run(0)
	if got != 1 {
		t.Errorf("at its timer the node had handled %d messages, want 1", got)
	}
}

// The seed picks the delays that are not given, and makes the same run again; another seed makes another.
func TestTicksOfASeed(t *testing.T) {
	run := func(seed uint64) (string, uint64) {
		w := worldOf(t, ticked(30, nil, passers()...), sim.Config{Seed: seed})
		return received(t, w), w.Verdict().Hash
	}
	seen := map[string]bool{}
	for seed := range uint64(20) {
		got, hash := run(seed)
		if again, hashAgain := run(seed); got != again || hash != hashAgain {
			t.Errorf("seed %d: %s and then %s", seed, got, again)
		}
		seen[got] = true
	}
	if len(seen) < 10 {
		t.Errorf("20 seeds gave only %d different runs", len(seen))
	}
}

// What arrives has been sent, by the event that its cause names, a tick to five earlier if nothing was before it.
func TestTickCauses(t *testing.T) {
	sent := map[uint64]sim.Event{}
	judged := 0
	for e := range worldOf(t, ticked(30, nil, passers()...), sim.Config{Seed: 3}).Events(0) {
		switch e.Kind {
		case sim.Sent:
			sent[e.Seq] = *e
		case sim.Delivered:
			s, ok := sent[e.Cause]
			if !ok || s.Data != e.Data || s.Node != e.Peer || s.Peer != e.Node || e.At <= s.At {
				t.Errorf("%v was caused by %v", *e, s)
			}
			judged++
		case sim.Settled:
			t.Error("faults have ended in a world without any")
		}
	}
	if judged != 6 {
		t.Errorf("%d messages arrived, want 6", judged)
	}
}

// Nothing goes wrong in tick mode, and whoever asks for faults is told.
func TestTicksHaveNoFaults(t *testing.T) {
	plan, err := fault.Parse("1ms crash a")
	if err != nil {
		t.Fatal(err)
	}
	for _, cfg := range []sim.Config{{Plan: &plan}, {Faults: "swarm"}, {Faults: "crash"}} {
		if _, err := ticked(5, nil, passers()...).World(cfg); err == nil || !strings.Contains(err.Error(), "tick mode") {
			t.Errorf("%+v: error %v, want one about tick mode", cfg, err)
		}
	}
	for _, cfg := range []sim.Config{{}, {Faults: "none"}, {Plan: &fault.Plan{}}} {
		w := worldOf(t, ticked(5, nil, passers()...), cfg)
		var refused error
		for range w.Events(0) {
			refused = w.Inject(plan[0])
		}
		if refused == nil || !strings.Contains(refused.Error(), "tick mode") {
			t.Errorf("a fault was injected: %v", refused)
		}
		if v := w.Verdict(); v.Enabled != (fault.Set(0)) || v.Faults != (fault.Counts{}) {
			t.Errorf("faults %v of %v", v.Faults, v.Enabled)
		}
	}
}

// Config.For and Run(d) end a run in tick mode as they do any other.
func TestTicksEnd(t *testing.T) {
	if v := worldOf(t, ticked(20, nil, passers()...), sim.Config{For: 3 * time.Millisecond}).Run(0); v.Virtual != 3*sim.Tick {
		t.Errorf("the run took %v, want 3 ticks", v.Virtual)
	}
	if v := worldOf(t, ticked(20, nil, passers()...), sim.Config{}).Run(4 * time.Millisecond); v.Virtual != 4*sim.Tick {
		t.Errorf("the run took %v, want 4 ticks", v.Virtual)
	}
}

func TestTicksRefuse(t *testing.T) {
	panics := func(what string, f func()) {
		t.Helper()
		defer func() {
			if v := recover(); v == nil || !strings.HasPrefix(fmt.Sprint(v), "sim: Ticks") {
				t.Errorf("%s: panic %v, want one of sim's", what, v)
			}
		}()
		f()
	}
	panics("a delay of 5", func() { _, _ = ticked(5, []uint8{0, 5}, idle("a")).World(sim.Config{}) })
	w := worldOf(t, stage(idle("a")), sim.Config{})
	panics("a world that was built", func() { w.Ticks(5, nil, nil) })
}

// A disk takes no time, so that a node which writes down what it gets is free for the next message of the tick.
func TestTickDisks(t *testing.T) {
	var times []string
	b := plays("b", nil, func(env sim.Env, _ sim.NodeID, m sim.Message) {
		if env.Disk().Append("log", []byte{1}) != nil || env.Disk().Sync("log") != nil {
			t.Error("the disk failed")
		}
		env.Note(fmt.Sprint(m))
	})
	from := func(id sim.NodeID) actor { return plays(id, func(env sim.Env) { env.Send("b", pass(1)) }, nil) }
	for e := range worldOf(t, ticked(5, make([]uint8, 2), from("a"), b, from("c")), sim.Config{}).Events(0) {
		if e.Kind == sim.Noted {
			times = append(times, e.At.String())
		}
	}
	if want := []string{"1ms", "1ms"}; !slices.Equal(times, want) {
		t.Errorf("noted at %v, want %v", times, want)
	}
}

// Messages that go aside arrive at once, and before or after others change none of their times.
func TestTicksAside(t *testing.T) {
	actors := passers()
	loud := actors[0].boot
	actors[0].boot = func() sim.Node {
		n := loud()
		return role{n.Start, func(env sim.Env, from sim.NodeID, m sim.Message) {
			env.Send("c", step(7))
			n.Handle(env, from, m)
		}}
	}
	s := ticked(20, nil, actors...)
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Ticks(20, []uint8{0, 0, 3, 0, 2, 4}, func(m sim.Message) bool { _, ok := m.(step); return ok })
	}
	want := "1ns c 7, 1ms c 1, 1.000001ms c 7, 2ms c 2, 4ms b 3, 5ms b 4, 7ms c 30, 10ms c 40"
	if got := received(t, worldOf(t, s, sim.Config{})); got != want {
		t.Errorf("received %s, want %s", got, want)
	}
}
