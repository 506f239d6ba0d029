package sim_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/fault"
)

// A claim can be altered. An oath cannot.
type (
	claim struct{ N, M int }
	oath  struct{ N int }
)

func (m claim) Alter(pick func(int) int) sim.Message { return sim.AlterFields(m, pick) }

// crier tells everybody something each millisecond, notes that, and writes it down.
func crier(say func(int) sim.Message, to ...sim.NodeID) sim.Node {
	n := 0
	return role{func(env sim.Env) { env.After(ms, num{}) }, func(env sim.Env, from sim.NodeID, m sim.Message) {
		if from != env.ID() {
			return
		}
		n++
		for _, id := range to {
			env.Send(id, say(n))
		}
		env.Disk().Append("log", []byte{byte(n)})
		env.Note(num{n})
		env.After(ms, num{})
	}}
}

func claims(n int) sim.Message { return claim{n, -n} }
func oaths(n int) sim.Message  { return oath{n} }

// square is a scenario of one who cries, as he is made, and of listeners.
func square(boot func() sim.Node, to ...sim.NodeID) *sim.Scenario {
	s := stage(actor{"a", boot})
	for _, id := range to {
		s.Build = withBuild(s.Build, idle(id))
	}
	return s
}

func traitor(mode string, share int64, say func(int) sim.Message, to ...sim.NodeID) *sim.Scenario {
	return square(func() sim.Node { return sim.Byzantine(crier(say, to...), mode, share) }, to...)
}

// heard returns what a node was told, by the number that it should have had: a claim's numbers are each other's negatives, so that one
// altered field leaves the other.
func heard(events []sim.Event, id sim.NodeID) (got []sim.Message) {
	for _, e := range of(events, sim.Delivered, id) {
		got = append(got, e.Data)
	}
	return got
}

const always, calm = 1_000_000, ""

// Fails if a mode does something else than its comment says, or to some other thing than what is sent to others.
func TestByzantineModes(t *testing.T) {
	honest, _ := perform(t, traitor("drop", 0, claims, "b"), 1, calm)
	for mode, judge := range map[string]func(said int, got []sim.Message, sent []sim.Event) bool{
		"drop":   func(said int, got []sim.Message, _ []sim.Event) bool { return len(got) == 0 },
		"repeat": func(said int, got []sim.Message, _ []sim.Event) bool { return len(got) > 2*said-4 && got[0] == got[1] },
		"delay": func(said int, got []sim.Message, sent []sim.Event) bool {
			late := map[time.Duration]bool{}
			for _, e := range sent {
				d := at(e) - time.Duration(e.Data.(claim).N)*ms
				if late[d] = true; d < ms || d > 64*ms || d%ms != 0 || d/ms&(d/ms-1) != 0 {
					return false
				}
			}
			return len(got) > said/2 && len(late) > 4
		},
		"alter": func(said int, got []sim.Message, _ []sim.Event) bool {
			for i, m := range got {
				if m == claims(i+1) {
					return false
				}
			}
			return len(got) > said-2
		},
	} {
		events, v := perform(t, traitor(mode, always, claims, "b"), 1, calm)
		said := len(of(events, sim.Noted, "a"))
		if got := heard(events, "b"); !judge(said, got, of(events, sim.Sent, "a")) {
			t.Errorf("%s: %v", mode, got)
		}
		if v.Faults[fault.Betrayals] < uint64(said)-2 || said != len(of(honest, sim.Noted, "a")) || len(of(events, sim.DiskDone, "a")) != said {
			t.Errorf("%s: %d betrayals, %d facts, %d writes", mode, v.Faults[fault.Betrayals], said, len(of(events, sim.DiskDone, "a")))
		}
	}
	if got := heard(honest, "b"); len(got) < 90 || got[9] != claims(10) {
		t.Errorf("a share of 0: %v", got)
	}
}

// Fails if two that are lied to in one call hear two lies, if all hear the truth, or if never some hear a lie and others the truth.
func TestByzantineEquivocates(t *testing.T) {
	to := []sim.NodeID{"b", "c", "d", "e"}
	split := 0
	for seed := range uint64(20) {
		lies := uint64(0)
		events, v := perform(t, traitor("equivocate", always, claims, to...), seed, calm)
		victims := map[sim.NodeID]bool{}
		lie := "" // about what
		for n := 1; n <= 90; n++ {
			versions := map[sim.Message]int{}
			for _, e := range of(events, sim.Sent, "a")[4*(n-1) : 4*n] {
				versions[e.Data]++
				if false_ := e.Data != claims(n); n > 1 && false_ != victims[e.Peer] {
					t.Fatalf("seed %d: claim %d: %s has changed sides", seed, n, e.Peer)
				} else if victims[e.Peer] = false_; false_ {
					field := "M"
					if e.Data.(claim).N != n {
						field = "N"
					}
					if lie != "" && lie != field {
						t.Fatalf("seed %d: claim %d: a lie about %s, after one about %s", seed, n, field, lie)
					}
					lie = field
				}
			}
			true_ := versions[claims(n)]
			if lies += uint64(4 - true_); len(versions) > 2 || len(versions) == 2 && true_ == 0 {
				t.Fatalf("seed %d: claim %d was sent as %v", seed, n, versions)
			} else if len(versions) == 2 {
				split++
			}
		}
		if got := v.Faults[fault.Betrayals]; got < lies || got > lies+40 { // the last are not looked at
			t.Errorf("%d lies, %d counted", lies, got)
		}
	}
	if split < 900 || split > 1800-90 {
		t.Errorf("split %d of 1800", split)
	}
}

// Fails if the share is not kept, or a message that has no method Alter is altered.
func TestByzantineShare(t *testing.T) {
	for _, mode := range []string{"drop", "repeat", "alter", "any"} {
		said, lies := 0, uint64(0)
		for seed := range uint64(40) {
			events, v := perform(t, traitor(mode, 200_000, claims, "b"), seed, calm)
			said, lies = said+len(of(events, sim.Noted, "a")), lies+v.Faults[fault.Betrayals]
		}
		if per := 1000 * int(lies) / said; per < 170 && mode != "any" || per < 130 || per > 230 { // half of what any makes of equivocation is true
			t.Errorf("%s: %d of a thousand messages, want 200", mode, per)
		}
	}
	for _, mode := range []string{"alter", "equivocate", "any"} {
		events, v := perform(t, traitor(mode, always, oaths, "b"), 1, calm)
		for _, e := range of(events, sim.Sent, "a") {
			if at(e) == time.Duration(e.Data.(oath).N)*ms && mode != "any" {
				continue
			} else if mode != "any" || e.Data.(oath).N > 100 {
				t.Errorf("%s: sent %v at %v", mode, e.Data, e.At)
			}
		}
		if some := v.Faults[fault.Betrayals] > 0; some != (mode == "any") {
			t.Errorf("%s: %d betrayals with messages that cannot be altered", mode, v.Faults[fault.Betrayals])
		}
	}
}

// Fails if "any" lacks a mode.
func TestByzantineAny(t *testing.T) {
	to := []sim.NodeID{"b", "c", "d"}
	kinds := map[string]int{}
	events, _ := perform(t, traitor("any", always, claims, to...), 3, calm)
	for n := 1; n <= 90; n++ {
		sent, lies, late := 0, 0, 0
		for _, e := range of(events, sim.Sent, "a") {
			switch c := e.Data.(claim); {
			case at(e) == time.Duration(n)*ms && c != claims(n) && (c.N == n || c.M == -n):
				sent, lies = sent+1, lies+1
			case c == claims(n) && at(e) > time.Duration(n)*ms:
				late++
			case c == claims(n):
				sent++
			}
		}
		kinds[fmt.Sprintf("%d sent, %d lies, late %v", sent, lies, late > 0)]++
	}
	for _, want := range []string{"0 sent, 0 lies, late false", "6 sent, 0 lies, late false", "0 sent, 0 lies, late true", "3 sent, 3 lies, late false", "3 sent, 1 lies, late false"} {
		if kinds[want] == 0 {
			t.Errorf("never %q: %v", want, kinds)
		}
	}
}

// Fails if what a traitor does to one depends on whom else he deceives, or if zeros are not benign.
func TestByzantinePicksAreKeyed(t *testing.T) {
	for _, mode := range []string{"drop", "repeat", "delay", "alter"} {
		one, _ := perform(t, traitor(mode, 300_000, claims, "b"), 7, calm)
		two, _ := perform(t, traitor(mode, 300_000, claims, "c", "b"), 7, calm)
		if a, b := heard(one, "b"), heard(two, "b"); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: b hears %v alone and %v beside c", mode, a, b)
		}
	}
	for _, mode := range []string{"any", "alter", "equivocate"} {
		p := plan(t, calm)
		w := world(t, traitor(mode, 300_000, claims, "b", "c"), sim.Config{Driver: chance.Benign{}, Plan: p})
		if v := w.Run(0); v.Faults[fault.Betrayals] > 0 {
			t.Errorf("%s: %d betrayals with zeros", mode, v.Faults[fault.Betrayals])
		}
	}
}

// A boast is never backed.
type boast struct{ N int }

func (boast) Backed(disk.View) error { return errors.New("never") }

// hears counts the facts that a property is shown.
type hears struct{ facts map[sim.NodeID]int }

func (x *hears) Name() string                       { return "hears" }
func (x *hears) Checks() uint64                     { return 1 }
func (x *hears) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (x *hears) Observe(e *sim.Event) error {
	if e.Kind == sim.Noted {
		x.facts[e.Node]++
	}
	return nil
}

// crooked is a node whose invariant never holds.
type crooked struct{ sim.Node }

func (crooked) Invariant() error { return errors.New("never holds") }

// Fails if a property hears a Byzantine node, if it is judged by what it sends or holds, or if nobody can see what it notes.
func TestByzantineIsNoWitness(t *testing.T) {
	boasts := func(n int) sim.Message { return boast{n} }
	for _, byzantine := range []bool{true, false} {
		x := &hears{map[sim.NodeID]int{}}
		s := square(func() sim.Node {
			if byzantine {
				return sim.Byzantine(crooked{crier(boasts, "b")}, "drop", 500_000)
			}
			return crooked{crier(boasts, "b")}
		}, "b")
		s.Properties = func(sim.Options) []sim.Property { return []sim.Property{x} }
		s.Sometimes = []string{"num"}
		w := world(t, s, sim.Config{Plan: plan(t, calm)})
		marked, sent := 0, 0
		for e := range w.Events(0) {
			if e.Kind == sim.Noted && e.Reason == "byzantine" {
				marked++
			} else if e.Kind == sim.Sent && e.Reason == "byzantine" {
				sent++
			}
			if n, ok := w.Node("a"); ok && reflect.TypeOf(n) != reflect.TypeFor[crooked]() {
				t.Fatalf("observers see a %T", n)
			}
		}
		v := w.Verdict()
		if byzantine != (x.facts["a"] == 0) || byzantine != (marked > 90) || byzantine != (sent > 20) || byzantine != (len(v.Sometimes) == 0) {
			t.Errorf("byzantine %v: %d facts shown, %d facts and %d messages marked, reached %v", byzantine, x.facts["a"], marked, sent, v.Sometimes)
		}
		if byzantine != (v.Outcome == sim.OK) || w.Byzantine("a") != byzantine || w.Healed("a") == byzantine || w.Byzantine("b") || !w.Healed("b") {
			t.Errorf("byzantine %v: %v %s", byzantine, v.Outcome, v.Why)
		}
	}
}

// Fails if a wrapper loses what a node is: a script, one that can be copied, one within another; or cannot do without a world.
func TestByzantineWrapsAnyNode(t *testing.T) {
	story := func(s *sim.Script) {
		for n := 1; ; n++ {
			s.Sleep(ms)
			s.Send("b", claims(n))
			s.Note(num{n})
		}
	}
	for name, boot := range map[string]func() sim.Node{
		"script":  func() sim.Node { return sim.Byzantine(sim.Scripted(story), "repeat", always) },
		"inside":  func() sim.Node { return relay{sim.Byzantine(crier(claims, "b"), "repeat", always)} },
		"between": func() sim.Node { return sim.Byzantine(relay{crier(claims, "b")}, "repeat", always) },
	} {
		leaves(t, func() {
			w := world(t, square(boot, "b"), sim.Config{Plan: plan(t, "40ms crash a\n41ms restart a\n")})
			events, v := record(w)
			if got := heard(events, "b"); len(got) < 180 || got[0] != got[1] || !w.Byzantine("a") || v.Outcome != sim.OK {
				t.Errorf("%s: heard %v, %v %s", name, got, v.Outcome, v.Why)
			}
		})
	}
	twice, _ := perform(t, square(func() sim.Node {
		return sim.Byzantine(sim.Byzantine(crier(claims, "b"), "repeat", always), "repeat", always)
	}, "b"), 1, calm)
	if got := heard(twice, "b"); len(got) < 300 || got[0] != got[3] {
		t.Errorf("twice: %v", got)
	}
	deep := func() sim.Node {
		n := sim.Byzantine(crier(claims, "b"), "drop", always)
		return sim.Byzantine(sim.Byzantine(sim.Byzantine(n, "alter", 0), "alter", 0), "alter", 0)
	}
	if events, v := perform(t, square(deep, "b"), 1, calm); v.Faults[fault.Betrayals] < 90 || len(heard(events, "b")) > 0 {
		t.Errorf("four times: %d betrayals, heard %v", v.Faults[fault.Betrayals], heard(events, "b"))
	}
	env := &fakeEnv{}
	n := sim.Byzantine(crier(claims, "b"), "repeat", always)
	n.Start(env)
	n.Handle(env, "a", num{})
	if want := []sim.Message{claims(1), claims(1)}; !reflect.DeepEqual(env.sent, want) {
		t.Errorf("with another Env: sent %v, want %v", env.sent, want)
	}
}

// relay is middleware: a node around a node.
type relay struct{ sim.Node }

// fakeEnv is an Env that is no world's.
type fakeEnv struct {
	sim.Env
	sent []sim.Message
}

func (*fakeEnv) ID() sim.NodeID                     { return "a" }
func (x *fakeEnv) Send(_ sim.NodeID, m sim.Message) { x.sent = append(x.sent, m) }
func (*fakeEnv) After(time.Duration, sim.Message)   {}
func (*fakeEnv) Note(any)                           {}
func (*fakeEnv) Disk() disk.FS                      { return disk.New() }

// Fails if a group loses more than it can spare beside its Byzantine node when faults end, or if no group ever loses one without.
func TestByzantineCountsAmongTheSpare(t *testing.T) {
	ids := []sim.NodeID{"a", "b", "c", "d"}
	for _, byzantine := range []bool{true, false} {
		share, broken := int64(0), 0
		if byzantine {
			share = always
		}
		for seed := range uint64(100) {
			s := square(func() sim.Node {
				if !byzantine {
					return crier(claims, "b")
				}
				return sim.Byzantine(crier(claims, "b"), "drop", share)
			}, ids[1:]...)
			s = settling(s, ids)
			s.Run, s.Settle = 60*ms, 40*ms
			w := world(t, s, sim.Config{Seed: seed, Plan: plan(t, "10ms crash b\n20ms restart b\n")})
			w.Run(0)
			for _, id := range ids {
				if !w.Healed(id) {
					broken++
				}
			}
		}
		if byzantine && broken != 100 || !byzantine && (broken < 20 || broken > 80) {
			t.Errorf("byzantine %v: %d nodes broken in 100 runs of a group that spares one", byzantine, broken)
		}
	}
}

// Fails if checking copies, or used memory, makes another run of a Byzantine node.
func TestByzantineRunsAgain(t *testing.T) {
	var m sim.Memory
	for seed := range uint64(10) {
		s := traitor("any", 500_000, claims, "b", "c")
		want := world(t, s, sim.Config{Seed: seed, Plan: plan(t, calm)}).Run(0)
		got := world(t, s, sim.Config{Seed: seed, Plan: plan(t, calm), CheckClones: true, Reuse: &m}).Run(0)
		if got.Hash != want.Hash {
			t.Fatalf("seed %d: %x and %x", seed, want.Hash, got.Hash)
		}
		loyal := world(t, square(func() sim.Node { return crier(claims, "b") }, "b"), sim.Config{Seed: seed, Reuse: &m})
		if loyal.Run(0); loyal.Byzantine("a") {
			t.Fatal("the memory of a run betrays the next")
		}
	}
}

// Fails if nonsense is taken for a way to misbehave.
func TestByzantineRefuses(t *testing.T) {
	for _, bad := range []func(){
		func() { sim.Byzantine(role{}, "lie", 1) }, func() { sim.Byzantine(role{}, "", 1) },
		func() { sim.Byzantine(role{}, "any", -1) }, func() { sim.Byzantine(role{}, "any", always+1) },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.HasPrefix(fmt.Sprint(v), "sim: Byzantine with ") {
					t.Errorf("%v", v)
				}
			}()
			bad()
		}()
	}
}

// Fails if a line of a plan betrays another node than it names, or sooner or later than it says; if 0% goes on, or makes the node a witness again.
func TestPlanBetrays(t *testing.T) {
	s := square(func() sim.Node { return crier(claims, "b") }, "b")
	for p, want := range map[string][3]int{ // messages heard that were said by 30 ms, by 60 ms and later
		"always betray a drop 100%\n":                                           {0, 0, 0},
		"30.5ms betray a drop 100%\n":                                           {30, 0, 0},
		"30.5ms betray a drop 100%\n60.5ms betray a drop 0%\n":                  {30, 0, 39},
		"always betray b drop 100%\n":                                           {30, 30, 39},
		"30.5ms betray a drop 0%\n":                                             {30, 30, 39},
		"30.5ms betray a drop 100%\n60.5ms betray a repeat 100%\n":              {30, 0, 78},
		"after a num#30 betray a drop 100%\nafter num#60 betray @num drop 0%\n": {30, 0, 39},
		"20ms crash a\n25ms betray a drop 100%\n30.5ms restart a\n":             {19, 0, 0},
	} {
		w := world(t, s, sim.Config{Plan: plan(t, p)})
		var got [3]int
		marked := 0
		for e := range w.Events(0) {
			if e.Kind == sim.Delivered && e.Node == "b" {
				if said := at(*e) - ms; said <= 30*ms {
					got[0]++
				} else if said <= 60*ms {
					got[1]++
				} else {
					got[2]++
				}
			} else if e.Reason == "byzantine" && e.Kind == sim.Noted {
				marked++
			}
		}
		v := w.Verdict()
		if got != want {
			t.Errorf("%s: heard %v, want %v", p, got, want)
		}
		loyal := strings.HasPrefix(p, "always betray b") || strings.HasPrefix(p, "30.5ms betray a drop 0%")
		if w.Byzantine("a") == loyal || (v.Faults[fault.Betrayals] > 0) == loyal || !v.Enabled.Has(fault.Betrayals) && !loyal || (marked > 0) == loyal {
			t.Errorf("%s: byzantine %v, %d betrayals, %d facts marked", p, w.Byzantine("a"), v.Faults[fault.Betrayals], marked)
		}
	}
}

// Fails if a plan with more traitors than a group can spare is called inside a model with Byzantine nodes, or one with no more outside.
func TestTraitorsBeyondTheSpare(t *testing.T) {
	ids := []sim.NodeID{"a", "b", "c", "d"}
	for _, c := range []struct {
		plan, want string
		byzantine  bool
	}{
		{"always betray a drop 1%\n5ms betray a alter 2%\n", "[]", true},
		{"always betray a drop 1%\n", "[betray: the model's nodes are honest]", false},
		{"always betray a drop 1%\n5ms betray b drop 1%\n6ms betray c drop 0%\n", "[betray: a, b, where a, b, c, d can spare 1]", true},
		{"always betray a drop 1%\n5ms crash d for good\n", "[betray: d, a, where a, b, c, d can spare 1]", true},
		{"always betray a drop 1%\n5ms crash a for good\n", "[]", true},
		{"always zone z a,c\nalways betray z drop 1%\n", "[betray: a, c, where a, b, c, d can spare 1]", true},
		{"after num#3 betray @num drop 1%\n", "[]", true},
		{"always betray x drop 1%\n", "[betray: x, of no group that can spare it]", true},
	} {
		s := settling(square(func() sim.Node { return crier(claims, "b") }, "b", "c", "d", "x"), ids)
		s.Model.Byzantine = c.byzantine
		if v := world(t, s, sim.Config{Plan: plan(t, c.plan)}).Run(0); fmt.Sprint(v.Outside) != c.want {
			t.Errorf("%s: %v, want %s", c.plan, v.Outside, c.want)
		}
	}
}

// A line is one of a stream.
type lineOf struct {
	Name string
	N    int
}

func (m lineOf) Stream() string { return m.Name }

// Fails if what befalls one stream depends on how much of another there is, or if a node's messages to itself are touched.
func TestByzantineStreams(t *testing.T) {
	talks := func(names ...string) *sim.Scenario {
		return square(func() sim.Node {
			return sim.Byzantine(role{func(env sim.Env) { env.Send(env.ID(), num{1}) }, func(env sim.Env, from sim.NodeID, m sim.Message) {
				if n, ok := m.(num); ok && from == env.ID() && n.N < 90 {
					for _, name := range names {
						env.Send("b", lineOf{name, n.N})
					}
					env.Note(n)
					env.Send(env.ID(), num{n.N + 1})
				}
			}}, "drop", 500_000)
		}, "b")
	}
	only := func(events []sim.Event) (got []sim.Message) {
		for _, m := range heard(events, "b") {
			if m.(lineOf).Name == "x" {
				got = append(got, m)
			}
		}
		return got
	}
	one, _ := perform(t, talks("x"), 1, calm)
	two, _ := perform(t, talks("y", "x", "y"), 1, calm)
	if a, b := only(one), only(two); !reflect.DeepEqual(a, b) || len(a) < 20 || len(a) > 70 {
		t.Errorf("of x alone b hears %v, and beside y %v", a, b)
	}
	if n := len(of(one, sim.Noted, "a")); n != 89 {
		t.Errorf("%d of 89 messages to itself arrived", n)
	}
}
