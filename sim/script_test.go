package sim_test

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// notes returns what a node noted, as text with the time.
func notes(events []sim.Event, id sim.NodeID) []string { return texts(of(events, sim.Noted, id)) }

// sender sends these messages to b, each at its time.
func sender(steps ...any) actor {
	return plays("a", func(env sim.Env) {
		for i := 0; i < len(steps); i += 2 {
			env.After(steps[i].(time.Duration), steps[i+1])
		}
	}, func(env sim.Env, from sim.NodeID, m sim.Message) {
		if from == env.ID() {
			env.Send("b", m)
		}
	})
}

const ms = time.Millisecond

// Fails if a wait returns something else than the oldest message, or ends at another time than that message or its
// limit.
func TestScriptWaits(t *testing.T) {
	story := func(s *sim.Script) {
		from, m := s.Recv()
		s.Note(note{fmt.Sprintf("recv %v from %s", m, from)})
		s.Sleep(10 * ms)
		s.Note(note{"slept"})
		for range 3 {
			from, m, ok := s.RecvFor(5 * ms)
			s.Note(note{fmt.Sprintf("recvfor %v %s %v", m, from, ok)})
		}
		_, m = s.Recv()
		s.Note(note{fmt.Sprint("recv ", m)})
	}
	events, _ := perform(t, stage(sender(1*ms, num{1}, 2*ms, num{2}, 15*ms, num{3}, 30*ms, num{4}), tells("b", story)), 1, "")
	want := []string{
		"2ms {recv {1} from a}", "12ms {slept}", "12ms {recvfor {2} a true}",
		"16ms {recvfor {3} a true}", "21ms {recvfor <nil>  false}", "31ms {recv {4}}",
	}
	if got := notes(events, "b"); !reflect.DeepEqual(got, want) {
		t.Errorf("noted\n%q, want\n%q", got, want)
	}
}

// Fails if a message that comes exactly when the wait ends is lost.
func TestMessageAtTheLimit(t *testing.T) {
	for _, ties := range []string{"ordered", "shuffled"} {
		for seed := range uint64(10) {
			events, _ := perform(t, stage(sender(1*ms, num{1}), tells("b", func(s *sim.Script) {
				_, _, ok := s.RecvFor(2 * ms)
				if !ok { // the limit came first
					_, _, ok = s.RecvFor(1)
				}
				s.Note(note{fmt.Sprint(ok)})
			})), seed, "always ties "+ties+"\n")
			if got := notes(events, "b"); !reflect.DeepEqual(got, []string{"2ms {true}"}) && !reflect.DeepEqual(got, []string{"2.000001ms {true}"}) {
				t.Fatalf("ties %s, seed %d: %q", ties, seed, got)
			}
		}
	}
}

type ask struct{ N int }
type answer struct{ N int }

// server answers requests, each after a time of its own.
func server(delays ...time.Duration) actor {
	return plays("s", nil, func(env sim.Env, from sim.NodeID, m sim.Message) {
		switch m := m.(type) {
		case ask:
			env.After(delays[m.N], answer(m))
		case answer:
			if from == env.ID() {
				env.Send("c", m)
			}
		}
	})
}

// Fails if a call takes an answer to another call for its own, loses what it did not ask for, or waits too long.
func TestCall(t *testing.T) {
	story := func(s *sim.Script) {
		for n := range 3 {
			m, ok := s.Call("s", ask{n}, 10*ms, func(m sim.Message) bool { return m == (answer{n}) })
			s.Note(note{fmt.Sprint(m, ok)})
		}
		for range 2 {
			_, m, ok := s.RecvFor(20 * ms)
			s.Note(note{fmt.Sprint("late ", m, ok)})
		}
	}
	s := stage(server(15*ms, 7*ms, 0), tells("c", story))
	s.Build = withBuild(s.Build, plays("x", func(env sim.Env) { env.Send("c", answer{1}) }, nil)) // not from s: no answer
	events, _ := perform(t, s, 1, "")
	want := []string{"10ms {<nil> false}", "19ms {{1} true}", "21ms {{2} true}", "21ms {late {1} true}", "21ms {late {0} true}"}
	if got := notes(events, "c"); !reflect.DeepEqual(got, want) {
		t.Errorf("noted\n%q, want\n%q", got, want)
	}
}

func withBuild(build func(*sim.World, sim.Options), more ...actor) func(*sim.World, sim.Options) {
	return func(w *sim.World, o sim.Options) {
		build(w, o)
		for _, a := range more {
			w.Add(a.id, a.boot)
		}
	}
}

// Fails if a crash does not run the deferred calls of a waiting script, if what they do has an effect, or if the next
// life does not start from the top.
func TestCrashUnwindsScript(t *testing.T) {
	lives, unwound := 0, 0
	story := func(s *sim.Script) {
		lives++
		defer func() {
			unwound++
			s.Send("a", num{-1})
			s.Note(note{"deferred"})
			s.After(0, num{-2})
			s.SyncThen("log", num{-3})
			if err := s.Disk().Append("log", []byte("x")); err == nil {
				t.Error("a dead script could write")
			}
			if s.ID() != "b" || s.Pick("x", 10) != 0 || s.Now() != (clock.Reading{}) {
				t.Error("the Env of a dead script is not inert")
			}
			s.Recv()
			t.Error("a dead script received")
		}()
		s.Sleep(time.Hour)
	}
	events, v := perform(t, stage(idle("a"), tells("b", story)), 1, "10ms crash b\n20ms restart b\n")
	if lives != 2 || unwound != 2 || len(of(events, sim.Noted, "b"))+len(of(events, sim.Sent, "b")) > 0 || v.Outcome != sim.OK {
		t.Errorf("%d lives, %d unwound, verdict %v %s, events %q", lives, unwound, v.Outcome, v.Why, texts(events))
	}
}

// leaves runs f, and fails if goroutines are left over.
func leaves(t *testing.T, f func()) {
	t.Helper()
	before := runtime.NumGoroutine()
	f()
	for range 2000 { // one that has nothing left to do may still need a moment to be gone
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Errorf("%d goroutines before, %d after", before, runtime.NumGoroutine())
}

// Fails if a coroutine outlives its world, however the run ends.
func TestNoCoroutineIsLeft(t *testing.T) {
	waiter := func(s *sim.Script) {
		s.Note(note{"hello"})
		s.Sleep(10 * ms)
		s.Note(note{"again"})
		s.Recv()
	}
	s := stage(tells("a", waiter), tells("b", waiter), idle("c"))
	watch := func(body func(*sim.World, *sim.Event) bool) func() {
		return func() {
			w := world(t, s, sim.Config{Plan: plan(t, "5ms crash a\n6ms restart a\n")})
			for e := range w.Events(0) {
				if !body(w, e) {
					break
				}
			}
			w.Close()
		}
	}
	for name, f := range map[string]func(){
		"run":           func() { world(t, s, sim.Config{}).Run(0) },
		"events":        watch(func(*sim.World, *sim.Event) bool { return true }),
		"break at once": watch(func(*sim.World, *sim.Event) bool { return false }),
		"break in a script": watch(func(_ *sim.World, e *sim.Event) bool {
			return e.Kind != sim.Noted || at(*e) < 10*ms
		}),
		"close while a script runs": watch(func(w *sim.World, e *sim.Event) bool {
			if e.Kind == sim.Noted {
				w.Close()
			}
			return true
		}),
		"verdict in the loop": watch(func(w *sim.World, e *sim.Event) bool { w.Verdict(); return true }),
		"never run":           func() { world(t, s, sim.Config{}).Verdict() },
		"a loop that panics": func() {
			defer func() { recover() }()
			watch(func(_ *sim.World, e *sim.Event) bool {
				if e.Kind == sim.Noted {
					panic("stop")
				}
				return true
			})()
		},
		"a test that fails in the loop": func() {
			done := make(chan struct{})
			go func() {
				defer close(done)
				watch(func(_ *sim.World, e *sim.Event) bool {
					if e.Kind == sim.Noted {
						runtime.Goexit() // as t.Fatal does
					}
					return true
				})()
			}()
			<-done
		},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { leaves(t, f) })
	}
}

// Fails if the panic of an observer comes out of the world as something else, because a script was running.
func TestObserverPanicPasses(t *testing.T) {
	type mine struct{ n int }
	s := stage(tells("a", func(s *sim.Script) { s.Note(note{"hello"}) }))
	w := world(t, s, sim.Config{})
	defer func() {
		if v := recover(); v != (mine{7}) {
			t.Errorf("recovered %v of type %T", v, v)
		}
	}()
	for e := range w.Events(0) {
		if e.Kind == sim.Noted {
			panic(mine{7})
		}
	}
	t.Error("no panic")
}

func scriptThatBreaks(s *sim.Script) {
	s.Sleep(ms)
	panic("broken heart")
}

// Fails if the stack of a script's panic is that of the world instead of the script's.
func TestScriptPanicKeepsItsStack(t *testing.T) {
	ended := false
	s := stage(tells("a", scriptThatBreaks), tells("b", func(s *sim.Script) {
		defer func() { ended = true }()
		s.Recv()
	}))
	events, v := perform(t, s, 1, "")
	p := of(events, sim.Panicked, "a")
	if len(p) != 1 || at(p[0]) != ms || !strings.Contains(p[0].Data.(string), "scriptThatBreaks") || !strings.Contains(p[0].Data.(string), "broken heart") {
		t.Errorf("events of kind panic: %v", p)
	}
	if v.Outcome != sim.Violated || v.Property != "panic" || v.Virtual != ms || !ended {
		t.Errorf("verdict %v %s after %v; the other script has ended: %v", v.Outcome, v.Property, v.Virtual, ended)
	}
}

// Fails if a run's verdict holds something that differs from run to run, such as an address in a stack.
func TestPanicReadsTheSameEachTime(t *testing.T) {
	for _, s := range []*sim.Scenario{
		stage(tells("a", scriptThatBreaks)),
		stage(plays("a", func(env sim.Env) { panic("at once") }, nil)),
	} {
		a, b := world(t, s, sim.Config{}).Run(0), sim.Verdict{}
		leaves(t, func() { // on another goroutine, with another stack
			done := make(chan struct{})
			go func() { defer close(done); var pad [9000]byte; b = deeper(t, s, len(pad)) }()
			<-done
		})
		if a.Why != b.Why {
			t.Errorf("one run panics so:\n%s\nand the same again so:\n%s", a.Why, b.Why)
		}
	}
}

func deeper(t *testing.T, s *sim.Scenario, n int) sim.Verdict {
	if n > 0 {
		return deeper(t, s, n-3000)
	}
	return world(t, s, sim.Config{}).Run(0)
}

// Fails if a script that has returned leaves no exit, leaves two, or breaks on what it is sent.
func TestScriptExits(t *testing.T) {
	s := stage(sender(1*ms, num{1}, 20*ms, num{2}), tells("b", func(s *sim.Script) { s.Recv() }))
	events, v := perform(t, s, 1, "")
	exits := of(events, sim.Exited, "b")
	if len(exits) != 1 || at(exits[0]) != 2*ms || exits[0].Cause == 0 || v.Outcome != sim.OK || len(of(events, sim.Delivered, "b")) != 2 {
		t.Errorf("exits %v, verdict %v, deliveries %v", exits, v.Outcome, of(events, sim.Delivered, "b"))
	}
}

// Fails (by hanging or by ending the process) if a script that catches its own unwinding is not left alone in the end.
func TestScriptCatchesItsUnwinding(t *testing.T) {
	catches := func(s *sim.Script) {
		for range 3 {
			func() {
				defer func() { recover() }()
				s.Recv()
			}()
		}
	}
	panics := func(s *sim.Script) {
		defer func() { panic("in a deferred call") }()
		s.Recv()
	}
	forever := func(s *sim.Script) {
		for {
			func() {
				defer func() { recover() }()
				s.Sleep(ms)
			}()
		}
	}
	for name, story := range map[string]func(*sim.Script){"catches": catches, "panics": panics, "forever": forever} {
		_, v := perform(t, stage(tells("a", story), tells("b", story)), 1, "10ms crash a\n20ms restart a\n")
		if v.Outcome != sim.OK {
			t.Errorf("%s: %v %s", name, v.Outcome, v.Why)
		}
	}
}

// Fails if what dead code does counts: it panics on the errors that a disk gives to the dead, though it never really
// ran.
func TestDeadCodeMayPanic(t *testing.T) {
	write := func(env sim.Env) {
		for range 3 {
			if err := env.Disk().Append("log", []byte("x")); err != nil {
				panic(err)
			}
		}
	}
	for name, a := range map[string]actor{
		"handler": plays("a", write, nil),
		"script":  tells("a", func(s *sim.Script) { write(s) }),
	} {
		_, v := perform(t, stage(a), 1, "crash a after effect 2\n")
		if v.Outcome != sim.OK || v.Faults[fault.Crashes] != 1 {
			t.Errorf("%s: %v %s", name, v.Outcome, v.Why)
		}
	}
}

// Fails if a boot function that hands out the same script twice goes unnoticed.
func TestScriptIsMadeAnewForEachLife(t *testing.T) {
	node := sim.Scripted(func(s *sim.Script) { s.Recv() })
	s := stage(actor{"a", func() sim.Node { return node }})
	v := world(t, s, sim.Config{Plan: plan(t, "1ms crash a\n2ms restart a\n")}).Run(0)
	if v.Property != "panic" || !strings.Contains(v.Why, "sim: a script is started twice") {
		t.Errorf("verdict %v %s %s", v.Outcome, v.Property, v.Why)
	}
}
