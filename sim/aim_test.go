package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// Facts of the tests of aimed lines.
type (
	elected struct{ Term int }
	decided struct{ N int }
)

// chief is elected at its start and at each later life; for each order it syncs if it is told to, decides, tells b and c,
// and notes that it has told.
func chief(id sim.NodeID, durable bool) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{
			func(env sim.Env) { env.After(ms, note{"order"}); env.Note(elected{1}) },
			func(env sim.Env, from sim.NodeID, m sim.Message) {
				if m != (note{"order"}) {
					return
				}
				n++
				if durable {
					env.Disk().Append("log", []byte{byte(n)})
					env.Disk().Sync("log")
				}
				env.Note(decided{n})
				env.Send("b", num{n})
				env.Send("c", num{n})
				env.After(ms, m)
			},
		}
	}}
}

// court is a chief and two listeners.
func court(durable bool) *sim.Scenario {
	return stage(chief("a", durable), plays("b", nil, listen), plays("c", nil, listen))
}

func listen(env sim.Env, from sim.NodeID, m sim.Message) { env.Note(m) }

// last prints the last events of a node before it crashed, and the crash.
func lastWords(events []sim.Event, id sim.NodeID, n int) string {
	var words []string
	for _, e := range events {
		if e.Node == id && (e.Kind != sim.Delivered && e.Kind != sim.TimerFired) {
			words = append(words, fmt.Sprint(e.Kind, " ", e.Data))
		}
		if e.Node == id && e.Kind == sim.Crashed {
			words[len(words)-1] = "crash"
			break
		}
	}
	return strings.Join(words[max(0, len(words)-n):], ", ")
}

// Fails if an aimed crash comes later than right after what it is aimed at, when the node is busy or when it is not, or
// does not cancel what is behind it.
func TestAimedCrashes(t *testing.T) {
	for _, c := range []struct {
		plan    string
		durable bool
		want    string
	}{
		{"after decided#2 crash a\n", false, "send {1}, send {1}, set {order}, note {2}, crash"},
		{"after decided#2 crash a\n", true, "set {order}, disk append log 1 bytes, disk sync log, note {2}, crash"},
		{"after a decided#3 crash @decided for 5ms\n", true, "set {order}, disk append log 1 bytes, disk sync log, note {3}, crash"},
		{"after a sync#2 crash a\n", true, "send {1}, set {order}, disk append log 1 bytes, disk sync log, crash"},
		{"after a append#2 crash a\n", true, "send {1}, set {order}, disk append log 1 bytes, crash"},
		{"after elected#1 crash a for 2ms\n", true, "note {1}, crash"},
		{"after b num#2 crash @decided\n", false, "send {3}, set {order}, crash"},
	} {
		events, v := perform(t, court(c.durable), 1, c.plan)
		if c.plan == "after b num#2 crash @decided\n" { // a message takes as long as from one order to the next
			c.want = lastWords(events, "a", 1)
		}
		if got := lastWords(events, "a", strings.Count(c.want, ",")+1); got != c.want {
			t.Errorf("%q: %s\nwant %s", c.plan, got, c.want)
		}
		if v.Faults[fault.AimedFaults] != 1 || v.Faults[fault.Crashes] != 1 || len(v.Idle) != 0 {
			t.Errorf("%q: %d aimed, %d crashes, idle %q: want one that fired once", c.plan, v.Faults[fault.AimedFaults], v.Faults[fault.Crashes], v.Idle)
		}
	}
}

// Fails if an aimed line counts what others note though it is about one node or a zone, or forgets a node's earlier lives.
func TestWhatAnAimCounts(t *testing.T) {
	s := stage(chief("a", false), chief("d", false), plays("b", nil, listen), plays("c", nil, listen))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) { build(w, o); w.Zone("z", "d") }
	for plan, want := range map[string]string{
		"after decided#4 crash @decided\n":                                   "2ms d",
		"after d decided#4 crash @decided\n":                                 "4ms d",
		"after z decided#4 crash @decided\n":                                 "4ms d",
		"after elected#2 crash @elected for 3ms\nafter elected#3 crash a\n":  "0s d, 3ms a",
		"2.5ms crash d for 1ms\nafter d decided#3 crash d\n":                 "2.5ms d, 4.5ms d",
		"after d decided#1 +1.5ms crash d\n":                                 "2.5ms d",
		"after d decided#1 +200ms crash d\n":                                 "",
		"5ms crash @decided\n":                                               "5ms d",
		"4.5ms crash a\nafter @decided decided#9 crash c\n":                  "4.5ms a, 5ms c",
		"after decided#1 crash @elected\nafter decided#1 crash c for good\n": "1ms d, 1ms c",
	} {
		events, _ := perform(t, s, 1, plan)
		var got []string
		for _, e := range of(events, sim.Crashed, "") {
			got = append(got, fmt.Sprint(e.At, " ", e.Node))
		}
		if g := strings.Join(got, ", "); g != want {
			t.Errorf("%q: crashes %s, want %s", plan, g, want)
		}
	}
}

// Fails if an aimed cut, a pause or a restart does not take effect before the next effect of anybody that it concerns, or
// if a node is started in the middle of another's handler.
func TestAimedAtOthers(t *testing.T) {
	events, _ := perform(t, court(false), 1, "after decided#2 cut @decided | c\nafter decided#4 heal\n")
	var heard []int
	for _, e := range of(events, sim.Noted, "c") {
		if n := e.Data.(num).N; n < 8 {
			heard = append(heard, n)
		}
	}
	if !slices.Equal(heard, []int{1, 4, 5, 6, 7}) {
		t.Errorf("c heard of %v: want all but what was decided after the cut, and before the heal", heard)
	}
	events, _ = perform(t, court(true), 1, "1.2ms crash b\nafter decided#3 restart b\n")
	starts := of(events, sim.Started, "b")
	if len(starts) != 2 {
		t.Fatalf("b started %d times", len(starts))
	}
	third := slices.IndexFunc(events, func(e sim.Event) bool { return e.Data == decided{3} })
	if e := events[third]; at(e) != at(starts[1]) {
		t.Errorf("noted at %v, started at %v", e.At, starts[1].At)
	}
	for _, e := range events[third+1:] {
		if e.Seq == starts[1].Seq {
			break
		}
		if e.Node != "a" {
			t.Errorf("before b started: %v of %s", e.Kind, e.Node)
		}
	}
}

// Fails if an operation that does not hold the node up is not seen when it happens, or its node's end is not survived.
func TestAimedAtASyncUnderWay(t *testing.T) {
	s := stage(plays("a", func(env sim.Env) {
		env.Disk().Append("log", []byte("x"))
		env.SyncThen("log", note{"synced"})
	}, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(m) }))
	for plan, want := range map[string]string{"after a sync#1 crash a for 1ms\n": "start 1, disk append log 1 bytes, disk sync log, crash", "after a note#1 crash a\n": "disk sync log, note {synced}, crash"} {
		events, v := perform(t, s, 1, plan)
		if got := lastWords(events, "a", strings.Count(want, ",")+1); got != want || v.Faults[fault.AimedFaults] != 1 {
			t.Errorf("%q: %s, want %s", plan, got, want)
		}
	}
}

// Fails if lines that did nothing are not said to be idle, or others are.
func TestIdleLines(t *testing.T) {
	for plan, want := range map[string]string{
		"after decided#500 crash a":         "after decided#500 crash a",
		"after chosen#1 crash a":            "after chosen#1 crash a",
		"after decided#3 crash @chosen":     "after decided#3 crash @chosen",
		"after decided#3 +1s crash a":       "after decided#3 +1s crash a", // the run is over by then
		"10ms crash @chosen":                "10ms crash @chosen",
		"10ms restart a":                    "10ms restart a",
		"10ms crash a\n20ms crash a":        "20ms crash a",
		"crash a after effect 100000":       "crash a after effect 100000",
		"lose a>b num#3\nlose a>b num#3000": "lose a>b num#3000",
		"lose a>b nun#3":                    "lose a>b nun#3",
		"lose b>a num#3":                    "lose b>a num#3",
		"delay a>c num#3 5ms":               "",
		"after decided#3 crash @decided":    "",
		"after b num#3 +5ms crash b":        "",
		"10ms crash b\n20ms restart b":      "",
		"crash a after effect 10":           "",
		"always loss 1%":                    "",
		"500ms crash b":                     "500ms crash b", // here too
		"100ms pause b":                     "",              // its last instant
		"after @chosen decided#1 crash a":   "after @chosen decided#1 crash a",
	} {
		_, v := perform(t, court(false), 1, plan+"\n")
		if got := strings.Join(v.Idle, "; "); got != want {
			t.Errorf("%q: idle %q, want %q", plan, got, want)
		}
	}
}

// Fails if aimed lines make another run when the plan is given back, in used memory, or through an injected loss of what
// they wait for; or if they fire after faults have ended.
func TestAimedRunsReplay(t *testing.T) {
	s := village()
	var memory sim.Memory
	fired := uint64(0)
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		var p fault.Plan
		for range 1 + r.IntN(6) {
			l := anyLine(r, []sim.NodeID{"a", "b", "c", "d"})
			l.Effect, l.At = 0, 0
			l.After = fault.Trigger{What: "num", N: 1 + r.Uint64N(200)}
			switch r.IntN(3) {
			case 0:
				l.After.Node = "a"
			case 1:
				l.After = fault.Trigger{Node: []string{"a", "b", "c"}[r.IntN(3)], What: []string{"append", "sync"}[r.IntN(2)], N: 1 + r.Uint64N(40)}
			}
			if r.IntN(3) == 0 && l.Node != "" {
				l.Node = "@num"
			}
			p = append(p, l)
		}
		first := world(t, s, sim.Config{Seed: seed, Plan: &p})
		v := first.Run(0)
		back, err := fault.Parse(first.Plan().String())
		if err != nil {
			t.Fatal(err)
		}
		if again := world(t, s, sim.Config{Seed: seed, Plan: &back, Reuse: &memory}).Run(0); again.Hash != v.Hash {
			t.Fatalf("seed %d: the plan given back makes another run:\n%v", seed, p)
		}
		fired += v.Faults[fault.AimedFaults]
		for e := range world(t, s, sim.Config{Seed: seed, Plan: &p}).Events(0) {
			if (e.Kind == sim.Faulted || e.Kind == sim.Crashed) && time.Duration(e.At) > 90*ms {
				t.Fatalf("seed %d: a %v at %v, after faults have ended", seed, e.Kind, e.At)
			}
		}
	}
	if fired < 80 {
		t.Errorf("only %d aimed lines fired", fired)
	}
}

// Fails if memory of an earlier run tells who noted what in this one.
func TestMemoryForgetsWhoNoted(t *testing.T) {
	var memory sim.Memory
	s := court(false)
	world(t, s, sim.Config{Plan: plan(t, ""), Reuse: &memory}).Run(0)
	v := world(t, s, sim.Config{Plan: plan(t, "500µs crash @decided\n"), Reuse: &memory}).Run(0)
	if v.Faults[fault.Crashes] != 0 || len(v.Idle) != 1 {
		t.Error("a node crashed for a decision of an earlier run")
	}
}

// Fails if the operation that a line is aimed at is not the one that a disk calls so.
func TestAimsKnowOperations(t *testing.T) {
	for k := disk.ReadOp; k <= disk.SizeOp; k++ {
		if _, err := fault.ParseLine("after a " + k.String() + "#1 crash a"); err != nil {
			t.Errorf("%v: %v", k, err)
		}
		if _, err := fault.ParseLine("after " + k.String() + "#1 crash a"); err == nil {
			t.Errorf("%v needs no node", k)
		}
	}
}

// Fails if a line that strikes several scripts from the midst of one of them leaves any of them running, or the others not.
func TestAimedAtScripts(t *testing.T) {
	herald := func(id sim.NodeID) actor {
		return tells(id, func(s *sim.Script) {
			for n := 1; ; n++ {
				s.Sleep(ms)
				s.Note(decided{n})
				s.Send("d", num{n})
			}
		})
	}
	s := stage(herald("a"), herald("b"), herald("c"), plays("d", nil, listen))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) { build(w, o); w.Zone("z", "a", "b", "c") }
	events, v := perform(t, s, 1, "after b decided#3 crash z\nafter b decided#3 +5ms restart b\nafter c decided#3 restart a\n")
	if got := who(of(events, sim.Crashed, "")); got != "a b c" || v.Outcome != sim.OK {
		t.Fatalf("crashed: %s, %v %s", got, v.Outcome, v.Why)
	}
	heard := map[sim.NodeID]int{}
	for _, e := range of(events, sim.Delivered, "d") {
		heard[e.Peer]++
	}
	// a has told of its third, b is struck before it tells, c before it decides; b tells 91 more in its second life.
	if heard["a"] != 3 || heard["b"] != 2+91 || heard["c"] != 2 {
		t.Errorf("heard of %v", heard)
	}
}

// Fails if a line injected at whoever noted something last strikes another node than the same line in a plan.
func TestInjectedAtWhoNoted(t *testing.T) {
	for seed := range uint64(20) {
		w := world(t, village(), sim.Config{Seed: seed})
		for e := range w.Events(0) {
			if e.Seq == 100 {
				for _, l := range []fault.Line{{Verb: fault.Crash, Node: "@num", Time: 3 * ms}, {Verb: fault.Cut, Sides: [2][]string{{"@num"}, {"rest"}}}} {
					if err := w.Inject(l); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		v := w.Verdict()
		p := append(fault.Plan{}, w.Plan()...)
		if again := world(t, village(), sim.Config{Seed: seed, Plan: &p}).Run(0); again.Hash != v.Hash || v.Faults[fault.Crashes] == 0 {
			t.Fatalf("seed %d: the plan given back makes another run", seed)
		}
	}
}
