package search

import (
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

func mustPlan(t *testing.T, text string) fault.Plan {
	t.Helper()
	p, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fails if a milder line could not stand in a file, says the same as the line, or leads in a circle: each must print shorter or have a smaller
// figure, and so no chain of them is long.
func TestMilderLinesEnd(t *testing.T) {
	for _, text := range []string{
		"123.4567ms crash a1 for 87ms", "crash a1 after effect 40", "300ms cut a1,a2,a3 | b1,b2 one-way", "always law newest-first 2ms 300ms 25%",
		"delay a1>a2 Accept#17 40.5ms", "lose a1>a2 Accept#9", "always loss 31%", "200ms step a2 -30ms", "200ms strobe a2 40ms 2ms 100x", "always drift a2 -50ppm",
		"after Chosen#3 +7ms crash @Chosen", "150ms slow a2 20x",
	} {
		line := mustPlan(t, text)[0]
		chain := []string{line.String()}
		for len(chain) < 400 {
			list := milder(line)
			for _, m := range list {
				if got := mustPlan(t, m.String()); len(got) != 1 || got[0].String() != m.String() {
					t.Fatalf("%s becomes %s, which is read as %v", line, m, got)
				}
				if m.String() == line.String() {
					t.Fatalf("%s is milder than itself", m)
				}
			}
			if len(list) == 0 {
				break
			}
			line = list[len(list)-1] // the least of steps
			if slices.Contains(chain, line.String()) {
				t.Fatalf("a circle: %s after %v", line, chain)
			}
			chain = append(chain, line.String())
		}
		if len(chain) < 2 && !strings.HasPrefix(text, "always drift") || len(chain) == 400 {
			t.Errorf("%s has a chain of %d", text, len(chain))
		}
	}
}

// Fails if times are not rounded towards fewer digits and smaller values, of both signs.
func TestRounder(t *testing.T) {
	for _, x := range []struct {
		d    time.Duration
		want []time.Duration
	}{
		{123456 * time.Microsecond, []time.Duration{60 * time.Millisecond, 100 * time.Millisecond, 120 * time.Millisecond}},
		{7 * time.Millisecond, []time.Duration{3 * time.Millisecond}},
		{10 * time.Millisecond, []time.Duration{5 * time.Millisecond}},
		{-35 * time.Millisecond, []time.Duration{-10 * time.Millisecond, -30 * time.Millisecond}},
		{1, nil}, {0, nil},
	} {
		if got := rounder(x.d); !slices.Equal(got, x.want) {
			t.Errorf("%v becomes %v, want %v", x.d, got, x.want)
		}
	}
}

// Lists of operations come apart and together again. Fails if an entry loses its owner, or gets another's.
func TestEntries(t *testing.T) {
	for _, text := range []string{"c1: put x 1; get x; c2: cas x 1 2", "yyn/yyy", "a,b,c", "p1: 10 >p2; p2: 15 R", "get x; c2: get x"} {
		sep := separator(text)
		list := entries(text, sep)
		if got := join(list, sep); got != text || len(list) != strings.Count(text, sep)+1 {
			t.Errorf("%q becomes %v and then %q", text, list, got)
		}
	}
	list := entries("c1: put x 1; get x; c2: cas x 1 2", ";")
	if got := join(slices.Delete(list, 0, 1), ";"); got != "c1: get x; c2: cas x 1 2" {
		t.Errorf("without its first entry it is %q", got)
	}
	if separator("put x 1") != "" {
		t.Error("one thing is a list")
	}
}

// Fails if a node that is gone, or has another name, stays anywhere in a plan.
func TestNamesLeavePlans(t *testing.T) {
	p := mustPlan(t, "100ms crash c2\n200ms cut c1,c2 | c3\nlose c2>c1 Request#1\nafter c2 sync#1 crash c1\n300ms swap c1 c2\n400ms partition bridge c1,c2,c3")
	c := Case{}.withPlan(p).rename("c2", "c7")
	if got := c.Config.Plan.String(); strings.Contains(got, "c2") || strings.Count(got, "c7") != 6 {
		t.Errorf("renamed it is\n%s", got)
	}
	if !strings.Contains(p.String(), "cut c1,c2 | c3") {
		t.Errorf("the plan that was given has changed:\n%s", p)
	}
	for _, x := range []struct{ line, want string }{
		{"200ms cut c1,c2 | c3", "200ms cut c1 | c3"}, {"200ms cut c2 | c3", ""}, {"400ms partition isolate c1,c2,c3", "400ms partition isolate c1,c3"}, {"100ms crash c2", ""},
	} {
		l, ok := withoutName(mustPlan(t, x.line)[0], "c2")
		if ok != (x.want != "") || ok && l.String() != x.want {
			t.Errorf("%s without c2 is %v, %t", x.line, l, ok)
		}
	}
}

// counting is a scenario in which one thing fails: three of the faults and two of the picks are needed together, in a node of many.
func counting() *sim.Scenario {
	return &sim.Scenario{
		Name: "counting", Run: 200 * time.Millisecond,
		Options: []sim.Option{{Name: "nodes", Default: 6, Min: 1, Max: 9}, {Name: "noise", Default: 20, Min: 0, Max: 99}},
		Build: func(w *sim.World, o sim.Options) {
			for i := range o.Int("nodes") {
				w.Add(sim.NodeID("n"+string(rune('1'+i))), func() sim.Node { return counted{o.Int("noise")} })
			}
		},
		Properties: func(sim.Options) []sim.Property { return []sim.Property{&both{}} },
	}
}

type counted struct{ noise int }

type mark struct{ What string }

func (mark) AppendHash(b []byte) []byte { return b }

func (n counted) Start(env sim.Env) {
	for range n.noise {
		env.Pick("noise", 100)
	}
	if env.Pick("first", 5) > 2 && env.Pick("second", 7) > 0 {
		env.Note(mark{"both"})
	}
}
func (counted) Handle(sim.Env, sim.NodeID, sim.Message) {}

// both complains when n1 has started three times, and its picks came out in one way.
type both struct{ lives, checks uint64 }

func (*both) Name() string { return "both" }
func (p *both) Observe(e *sim.Event) error {
	p.checks++
	if e.Kind == sim.Started && e.Node == "n1" {
		p.lives++
	}
	if _, ok := e.Data.(mark); ok && e.Kind == sim.Noted && e.Node == "n1" && p.lives == 3 {
		return errMark
	}
	return nil
}
func (p *both) End(*sim.World) (sim.Result, error) { return sim.Holds, nil }
func (p *both) Checks() uint64                     { return p.checks }

var errMark = &fault.Wrong{}

// Of many nodes, faults and picks two faults and two picks remain. Fails if something stays that does not matter, or if a pick is larger than it
// must be.
func TestShrinkKeepsWhatMatters(t *testing.T) {
	s := counting()
	plan := mustPlan(t, "always loss 5%\n5ms crash n2\n10ms crash n1 for 3ms\n12ms pause n3\n30ms cut n1 | n2,n3\n40ms crash n1\n50ms restart n1\n60ms heal\n70ms crash n4 for 2ms")
	var c Case
	for seed := uint64(0); ; seed++ {
		cfg := sim.Config{Seed: seed, Plan: &plan}
		x, v, err := Explicit(s, cfg)
		if err != nil {
			t.Fatal(err)
		}
		if v.Outcome == sim.Violated {
			c = x
			break
		}
	}
	for _, stay := range []bool{true, false} {
		r, err := Shrink{Case: c, Stay: stay, Runs: 4000}.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got := r.File()
		if r.After.Faults != 2 || r.After.Picks != 2 || r.After.Nodes != 1 {
			t.Errorf("stay %t: it came to %v:\n%s", stay, r.After, got.String())
		}
		for _, d := range r.Case.Tape {
			if strings.Contains(d.Key, "first") && d.Outcome != 3 || strings.Contains(d.Key, "second") && d.Outcome != 1 {
				t.Errorf("a larger outcome than it must be: %v", d)
			}
		}
	}
}

// Fails if a driver that draws faults alone decides anything else, or draws other faults than a seed does.
func TestDrawn(t *testing.T) {
	profile, lose := chance.NewStream("profile", "", "", "family"), chance.NewStream("lose", "a1", "a2", "Accept")
	other := 0
	for n := range uint64(50) {
		d := drawn{chance.Seed(n)}
		if d.Draw(&lose, n, chance.Below(1000)) != 0 {
			t.Error("a message is lost by chance")
		}
		if got := d.Draw(&profile, n, chance.Below(1000)); got != chance.Seed(n).Draw(&profile, n, chance.Below(1000)) {
			t.Errorf("another profile: %d", got)
		} else if got != 0 {
			other++
		}
	}
	if other < 40 {
		t.Errorf("only %d picks were not 0", other)
	}
}

// Fails if a size is told wrongly, or if a fault weighs no more than what it leads to.
func TestSize(t *testing.T) {
	s := Size{Faults: 1, Picks: 2, Nodes: 3, Events: 41, Sent: 9, Virtual: 8500 * time.Microsecond}
	if got, want := s.String(), "1 fault, 2 picks, 3 nodes, 9 messages, 41 events, 8.5ms"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	more, longer := s, s
	more.Faults++
	longer.Events, longer.Sent = s.Events+20, s.Sent+4
	if more.weight() <= longer.weight() || longer.weight() <= s.weight() {
		t.Errorf("%d, with a fault more %d, with more events %d", s.weight(), more.weight(), longer.weight())
	}
}

// arrivals lists what was delivered in a run, and how long it took where that was long; a second copy is there, whenever it came.
func arrivals(t *testing.T, c Case) (list []string) {
	t.Helper()
	w, err := c.World()
	if err != nil {
		t.Fatal(err)
	}
	sent, before := map[uint64]time.Duration{}, map[uint64]bool{}
	for e := range w.Events(0) {
		switch e.Kind {
		case sim.Sent:
			sent[e.Seq] = time.Duration(e.At)
		case sim.Delivered:
			late := ""
			if took := time.Duration(e.At) - sent[e.Cause]; before[e.Cause] {
				late = "again"
			} else if took > usual {
				late = took.String()
			}
			before[e.Cause] = true
			list = append(list, strings.Join([]string{string(e.Peer), string(e.Node), sim.StreamOf(e.Data), late}, " "))
		}
	}
	slices.Sort(list)
	return list
}

// What happened to messages by laws, rates and picks happens to them by lines of their own. Fails if one that was lost arrives, if one that was late or
// repeated is not, or not by as much.
func TestMessagesAreSpeltOut(t *testing.T) {
	plan := mustPlan(t, "always law newest-first 2ms 30ms 25%\nalways loss 20%\nalways repeat 20%\nalways ties shuffled")
	kinds := map[fault.Verb]int{}
	unjudged := *beacons
	unjudged.Properties = nil // so that each run goes on to its end
	for seed := range uint64(20) {
		c, _, err := Explicit(&unjudged, sim.Config{Seed: seed, Plan: &plan})
		if err != nil {
			t.Fatal(err)
		}
		lines, err := messages(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range lines {
			kinds[l.Verb]++
		}
		want, got := arrivals(t, c), arrivals(t, c.withPlan(append(lines, plan[3])).withTape(nil))
		if !slices.Equal(got, want) {
			t.Errorf("seed %d: spelt out, these arrive\n%q\nand not\n%q\n%s", seed, got, want, lines)
		}
	}
	if kinds[fault.Lose] < 20 || kinds[fault.Delay] < 20 || kinds[fault.Repeat] < 5 {
		t.Errorf("the test tests little: %v", kinds)
	}
}

// Fails if a violation that ends no run hides another, if one that does hides none, or if a property is hidden by what came after it.
func TestWhatHidesAFailure(t *testing.T) {
	in := func(name string) sim.Violation { return sim.Violation{Property: name, Inner: true} }
	out := func(name string) sim.Violation { return sim.Violation{Property: name} }
	for _, x := range []struct {
		name     string
		seen     []sim.Violation
		property string
		want     bool
	}{
		{"nothing", nil, "wanted", false},
		{"it alone", []sim.Violation{out("wanted")}, "wanted", false},
		{"an outer one before", []sim.Violation{out("other"), out("wanted")}, "wanted", true},
		{"an outer one after", []sim.Violation{out("wanted"), out("other")}, "wanted", false},
		{"an inner one before", []sim.Violation{in("other"), out("wanted")}, "wanted", false},
		{"an inner one and an outer one before", []sim.Violation{in("other"), out("third"), out("wanted")}, "wanted", true},
		{"it is inner itself, and an outer one after", []sim.Violation{in("wanted"), out("other")}, "wanted", false},
		{"inner ones alone, and it stalls", []sim.Violation{in("other")}, "wanted", false},
		{"an outer one, and it stalls", []sim.Violation{in("third"), out("other")}, "wanted", true},
		{"no property is meant", []sim.Violation{out("other")}, "", false},
	} {
		if got := (attempted{verdict: sim.Verdict{Violations: x.seen}}).hidden(x.property); got != x.want {
			t.Errorf("%s: hidden is %t", x.name, got)
		}
	}
}

// Fails if a run is taken that leaves the model in another respect than the given one did, or refused for leaving it in the same with other particulars.
func TestOutsideAsBefore(t *testing.T) {
	for _, x := range []struct {
		was, is []string
		want    bool
	}{
		{nil, nil, true},
		{nil, []string{"loss: 3%"}, false},
		{[]string{"loss: 3%"}, nil, true},
		{[]string{"loss: 3%"}, []string{"loss: 7%"}, true},
		{[]string{"loss: 3%"}, []string{"loss: 3%", "crashes: a1"}, false},
		{[]string{"lossy clocks: a1"}, []string{"loss: 3%"}, false},
	} {
		s := &shrinker{outside: x.was}
		if got := s.asBefore(attempted{verdict: sim.Verdict{Outside: x.is}}); got != x.want {
			t.Errorf("given %q a run with %q is taken: %t", x.was, x.is, got)
		}
	}
}
