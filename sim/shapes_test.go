package sim_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a world with few nodes, or many, breaks under some profile.
func TestOddSizes(t *testing.T) {
	for _, n := range []int{0, 1, 2, 40} {
		var actors []actor
		var ids []sim.NodeID
		for i := range n {
			id, next := sim.NodeID(fmt.Sprint("n", i)), sim.NodeID(fmt.Sprint("n", (i+1)%n))
			if n == 1 {
				actors = append(actors, worker(id))
			} else {
				actors = append(actors, ticker(id, 5*ms, next))
			}
			ids = append(ids, id)
		}
		for _, p := range fault.Profiles() {
			for seed := range uint64(8) {
				s := stage(actors...)
				s.Settle = 50 * ms
				build := s.Build
				s.Build = func(w *sim.World, o sim.Options) { build(w, o); w.Group(n/2, ids...) }
				w := world(t, s, sim.Config{Seed: seed, Faults: p.Name})
				if !reflect.DeepEqual(w.Nodes(), ids) {
					t.Fatalf("nodes %v", w.Nodes())
				}
				v := w.Run(0)
				again := world(t, s, sim.Config{Seed: seed, Plan: plan(t, w.Plan().String())}).Run(0)
				if v.Outcome != sim.OK || v.Virtual != 100*ms || v.Hash != again.Hash {
					t.Errorf("%d nodes, %s, seed %d: %v %s, hashes %x and %x", n, p.Name, seed, v.Outcome, v.Why, v.Hash, again.Hash)
				}
			}
		}
	}
}

// Fails if a star of a thousand nodes does not fit into a test.
func TestLargeStar(t *testing.T) {
	if testing.Short() {
		t.Skip("a world of many nodes")
	}
	actors := []actor{plays("hub", nil, func(env sim.Env, from sim.NodeID, m sim.Message) { env.Send(from, m) })}
	for i := range 1000 {
		actors = append(actors, plays(sim.NodeID(fmt.Sprint("leaf", i)), func(env sim.Env) { env.Send("hub", num{1}) }, nil))
	}
	v := world(t, stage(actors...), sim.Config{Plan: plan(t, "")}).Run(0)
	if v.Sent != 2000 || v.Virtual != 100*ms {
		t.Errorf("%d messages in %v", v.Sent, v.Virtual)
	}
}

// Fails if misuse is met with anything but a panic that says what is wrong.
func TestMisuse(t *testing.T) {
	boot := func() sim.Node { return role{} }
	build := func(f func(w *sim.World)) func() {
		return func() {
			s := stage(idle("a"))
			s.Build = withBuild(s.Build)
			inner := s.Build
			s.Build = func(w *sim.World, o sim.Options) { inner(w, o); f(w) }
			s.World(sim.Config{})
		}
	}
	refuses(t, "sim: node a added twice", build(func(w *sim.World) { w.Add("a", boot) }))
	refuses(t, `sim: Group names "z", which was not added`, build(func(w *sim.World) { w.Group(1, "a", "z") }))
	for _, id := range []sim.NodeID{"", "a b", "a,b", "a|b", "a>b", "a#b", "*", "a\tb", "a\n", "a\r", "a\"b", "a\u00a0b", "a\x00"} {
		refuses(t, fmt.Sprintf(`sim: %q is not a node's name: one word without any of , | > # * @ "`, id), build(func(w *sim.World) { w.Add(id, boot) }))
	}
	w := world(t, stage(idle("a")), sim.Config{})
	refuses(t, "sim: Add after the world was built: only a scenario's Build adds nodes", func() { w.Add("b", boot) })
	refuses(t, "sim: Group after the world was built: only a scenario's Build makes groups", func() { w.Group(1, "a") })
	refuses(t, `sim: there is no node "z"`, func() { w.Node("z") })
	refuses(t, `sim: there is no node "z"`, func() { w.Up("z") })
	refuses(t, "sim: the boot function of a returned nil", func() {
		world(t, stage(actor{"a", func() sim.Node { return nil }}), sim.Config{}).Run(0)
	})
	late := stage(idle("a"))
	late.Settle = late.Run + 1
	refuses(t, "sim: scenario stage settles at 100.000001ms, after its end at 100ms", func() { late.World(sim.Config{}) })
}

// Fails if a configuration that makes no sense is taken, or refused without a hint.
func TestBadConfig(t *testing.T) {
	s := stage(idle("a"), idle("b"))
	for want, cfg := range map[string]sim.Config{
		`unknown fault profile "swam": one of none, calm, crash, partition, clock, disk, zone, byzantine, async, uniform, swarm, beyond (did you mean swarm?)`: {Faults: "swam"},
		"there is no node c": {Plan: plan(t, "1ms crash c\n")},
		"there is no node d": {Plan: plan(t, "lose a>d x#1\n")},
	} {
		if _, err := s.World(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error %q, got %v", want, err)
		}
	}
}

// Fails if a run of no time does something after its first instant, or a scenario without a length cannot be given one.
func TestNoTime(t *testing.T) {
	s := stage(ticker("a", ms, "b"), idle("b"))
	s.Run = 0
	if v := world(t, s, sim.Config{}).Run(0); v.Virtual != 0 || v.Events != 3 { // two starts and a timer
		t.Errorf("a run of no time: %v, %d events", v.Virtual, v.Events)
	}
	if v := world(t, s, sim.Config{}).Run(10 * ms); v.Virtual != 10*ms || v.Events < 20 {
		t.Errorf("a run of 10ms: %v, %d events", v.Virtual, v.Events)
	}
	if v := world(t, s, sim.Config{For: 10 * ms}).Run(0); v.Virtual != 10*ms {
		t.Errorf("a run for 10ms: %v", v.Virtual)
	}
}

// Fails if the longest timer overflows, a short one is early, or timers at one instant come in another order than
// they were set.
func TestTimers(t *testing.T) {
	events, _ := perform(t, stage(plays("a", func(env sim.Env) {
		env.After(1<<63-1, num{0})
		env.After(ms, num{2})
		env.After(0, num{1})
		env.After(ms, num{3})
		env.Send("a", num{4}) // to itself: After(0)
	}, func(env sim.Env, from sim.NodeID, m sim.Message) { env.Note(m) })), 1, "always loss 100%\n")
	want := []string{"0s {1}", "0s {4}", "1ms {2}", "1ms {3}"}
	if got := notes(events, "a"); !reflect.DeepEqual(got, want) {
		t.Errorf("noted %q, want %q", got, want)
	}
}

// optioned has an option of each type.
var optioned = &sim.Scenario{Name: "optioned", Options: []sim.Option{
	{Name: "nodes", Default: 3, Min: 1, Max: 9},
	{Name: "durable", Default: true},
	{Name: "wait", Default: 30 * time.Millisecond},
	{Name: "mode", Default: "fast", Of: []string{"fast", "slow"}},
	{Name: "ops", Default: "get put"},
}}

// Fails if a setting is read as something else, or a bad one is taken; errors say what would be right.
func TestOptions(t *testing.T) {
	o, err := optioned.ParseOptions([]string{"nodes=5", "durable=false", "wait=1m", "mode=slow", "ops=a=b c", "nodes=9"})
	if err != nil {
		t.Fatal(err)
	}
	if o.Int("nodes") != 9 || o.Bool("durable") || o.Duration("wait") != time.Minute || o.Text("mode") != "slow" || o.Text("ops") != "a=b c" {
		t.Errorf("options %v", o)
	}
	if got := fmt.Sprintf("%q", o.Given()); got != `["durable=false" "mode=slow" "nodes=9" "ops=a=b c" "wait=1m0s"]` {
		t.Errorf("given %s", got)
	}
	again, err := optioned.ParseOptions(o.Given())
	if err != nil || !reflect.DeepEqual(again, o) {
		t.Errorf("what was given, given again: %v, %v", again, err)
	}
	if d, err := optioned.ParseOptions([]string{"nodes=3", "durable=1", "wait=0.03s"}); err != nil || len(d.Given()) != 0 || d.Int("nodes") != 3 {
		t.Errorf("defaults that are given: %q, %v", d.Given(), err)
	}
	for set, want := range map[string]string{
		"nodes":      `setting "nodes" is not of the form name=value`,
		"node=3":     `scenario optioned has no option "node"; it has: nodes, durable, wait, mode, ops`,
		"nodes=0":    "option nodes=0: want a whole number from 1 to 9",
		"nodes=10":   "option nodes=10: want a whole number from 1 to 9",
		"nodes=x":    "option nodes=x: want a whole number from 1 to 9",
		"nodes=":     "option nodes=: want a whole number from 1 to 9",
		"durable=no": "option durable=no: want true or false",
		"wait=3":     "option wait=3: want a duration such as 30ms",
		"wait=-1s":   "option wait=-1s: want a duration such as 30ms",
		"mode=fst":   "option mode=fst: want one of fast, slow",
		"ops=a\nb":   "option ops: want one line of text",
	} {
		if _, err := optioned.ParseOptions([]string{set}); err == nil || err.Error() != want {
			t.Errorf("%q: error %v, want %s", set, err, want)
		}
	}
	refuses(t, `sim: no option "wait" of type int`, func() { o.Int("wait") })
	refuses(t, `sim: no option "none" of type bool`, func() { o.Bool("none") })
}

// Fails if a setting that is taken does not read the same when it is printed and given again.
func FuzzParseOptions(f *testing.F) {
	for _, s := range []string{"nodes=5", "nodes=-1", "durable=T", "wait=1h2m3.5s", "mode=slow", "ops==", "=", "ops=\xff", "nodes=0x3"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, set string) {
		o, err := optioned.ParseOptions([]string{set})
		if err != nil {
			return
		}
		again, err := optioned.ParseOptions(o.Given())
		if err != nil || !reflect.DeepEqual(o, again) {
			t.Errorf("%q is taken as %q, and that again as %q: %v", set, o.Given(), again.Given(), err)
		}
	})
}
