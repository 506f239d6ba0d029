package fault

import (
	"strings"
	"testing"
)

func plan(t testing.TB, text string) Plan {
	t.Helper()
	p, err := Parse(strings.ReplaceAll(text, "; ", "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Fails if Check lets a node pass that is not there, complains about one that is, or does not name the line.
func TestCheck(t *testing.T) {
	nodes := []string{"a1", "a2", "proposer"}
	fine := plan(t, "1ms crash a1; 1ms cut a1 | a2,proposer; 1s heal; lose a1>a2 X#1; always law *>a2 constant; always sync 1ms; always loss 3%; always drift a1 3ppm; always ties shuffled")
	if err := fine.Check(nodes); err != nil {
		t.Errorf("a good plan: %v", err)
	}
	for text, want := range map[string]string{
		"1ms crash a9":                      "1ms crash a9: there is no node a9; did you mean a1?",
		"crash propser after effect 3":      "crash propser after effect 3: there is no node propser; did you mean proposer?",
		"1ms cut a1,x7 | a2":                "1ms cut a1,x7 | a2: there is no node x7",
		"1s heal a1 | a2,a3 one-way":        "1s heal a1 | a2,a3 one-way: there is no node a3; did you mean a1?",
		"lose a1>learner X#1":               "lose a1>learner X#1: there is no node learner",
		"always loss b1>* 3%":               "always loss b1>* 3%: there is no node b1; did you mean a1?",
		"1ms crash a1; always sync a12 1ms": "always sync a12 1ms: there is no node a12; did you mean a1?",
	} {
		err := plan(t, text).Check(nodes)
		if err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", text, err, want)
		}
	}
	// A line made in code, with nobody to crash.
	if err := (Plan{{Verb: Crash}}).Check(nodes); err == nil || !strings.Contains(err.Error(), "the node is missing") {
		t.Errorf("a crash of nobody: %v", err)
	}
	if err := (Plan{{Verb: Drift}}).Check(nodes); err == nil {
		t.Error("a drift of nobody's clock is let pass")
	}
	if err := (Plan{{Verb: Crash, Node: "a1"}}).Check(nil); err == nil {
		t.Error("a crash in a world without nodes is let pass")
	}
}

// Fails if Outside misses what a model forbids, or forbids more. Each plan is inside the zero model; of the five
// models, outside has what is said under those that forbid it.
func TestOutside(t *testing.T) {
	models := map[string]Model{"bounded": {Bounded: true}, "fifo": {FIFO: true}, "stop": {Crash: FailStop}, "firm": {Crash: NoCrash},
		"whole": {NoLoss: true, NoCut: true, NoDup: true}}
	for _, c := range []struct {
		plan    string
		outside map[string]string
	}{
		{"1ms crash a1", map[string]string{"firm": "crash: the model has no crashes"}},
		{"crash a1 after effect 3", map[string]string{"firm": "crash: the model has no crashes"}},
		{"2ms restart a1", map[string]string{"stop": "restart: the model is fail-stop"}},
		{"2ms cut a1 | a2", map[string]string{"whole": "cut: the model needs every pair of nodes connected"}},
		{"2ms heal", nil},
		{"2ms pause a1; 3ms pause a2; 4ms resume a1", map[string]string{"bounded": "pause: a node stands still, the model needs bounds"}},
		{"2ms slow a1 1x", nil},
		{"2ms slow a1 3x", map[string]string{"bounded": "slow: a node takes 3 times as long, the model needs bounds"}},
		{"2ms step a1 3ms", map[string]string{"bounded": "step: a clock jumps, the model needs bounds"}},
		{"2ms step a1 0s", nil},
		{"2ms freeze a1; 3ms thaw a1", map[string]string{"bounded": "freeze: a clock stands still, the model needs bounds"}},
		{"always loss 3%", map[string]string{"bounded": "loss: the model's links lose nothing", "fifo": "loss: the model's links lose nothing", "whole": "loss: the model's links lose nothing"}},
		{"lose a1>a2 X#1", map[string]string{"bounded": "loss: the model's links lose nothing", "fifo": "loss: the model's links lose nothing", "whole": "loss: the model's links lose nothing"}},
		{"always loss 0%", nil},
		{"always repeat 3%", map[string]string{"fifo": "repeat: the model's links repeat nothing", "whole": "repeat: the model's links repeat nothing"}},
		{"repeat a1>a2 X#1 1ms", map[string]string{"fifo": "repeat: the model's links repeat nothing", "whole": "repeat: the model's links repeat nothing"}},
		{"always law uniform 1ms 20ms", nil},
		{"always law uniform 1ms 20001us", map[string]string{"bounded": "delays: up to 20.001ms, the model needs at most 20ms"}},
		{"always law newest-first", map[string]string{"bounded": "delays: up to 300ms, the model needs at most 20ms"}},
		{"always law a1>a2 constant 1s", map[string]string{"bounded": "delays: up to 1s, the model needs at most 20ms"}},
		{"always law constant 10ms; delay a1>a2 X#1 10ms", nil},
		{"always law constant 10ms; delay a1>a2 X#1 11ms", map[string]string{"bounded": "delays: up to 21ms, the model needs at most 20ms"}},
		{"always rate 1000", map[string]string{"bounded": "rate: messages wait for the wire, the model needs bounds"}},
		{"always drift a1 200ppm; always drift a2 -200ppm; always offset a1 1h", nil},
		{"always drift a1 -201ppm", map[string]string{"bounded": "drift: -201ppm is more than 200ppm, the model needs bounds"}},
		{"always sync 1ms", nil},
		{"always sync a1 1001us", map[string]string{"bounded": "sync: 1.001ms is more than 1ms, the model needs bounds"}},
		{"always unsynced mix; always ties shuffled", nil},
	} {
		p := plan(t, c.plan)
		if o := (Model{}).Outside(p); len(o) != 0 {
			t.Errorf("%s: outside the model that allows everything: %q", c.plan, o)
		}
		for name, m := range models {
			if got := strings.Join(m.Outside(p), "; "); got != c.outside[name] {
				t.Errorf("%s, model %s:\n got %q\nwant %q", c.plan, name, got, c.outside[name])
			}
		}
		if got, want := p.Bounded(), c.outside["bounded"] == ""; got != want {
			t.Errorf("%s: bounded is %v, want %v", c.plan, got, want)
		}
	}
	both := Model{Bounded: true}.Outside(plan(t, "1ms pause a1; 1ms freeze a1; 1ms pause a2"))
	if len(both) != 2 {
		t.Errorf("two things outside are said as %q", both)
	}
}

// Fails if a kind is counted as enabled that cannot happen, or the other way round.
func TestEnabled(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "",
		"1ms crash a1":                 "crash",
		"1ms crash a1; 2ms restart a1": "crash restart",
		"3ms crash a1; 2ms restart a1": "crash",
		"3ms crash a1; 4ms restart a2": "crash",
		"2ms restart a1; crash a1 after effect 3":       "crash restart",
		"1ms crash a1; always unsynced keep":            "crash",
		"1ms crash a1; always unsynced lose":            "crash lost-bytes",
		"1ms crash a1; always unsynced mix":             "crash lost-bytes",
		"always unsynced mix":                           "",
		"1ms cut a1 | a2":                               "cut cut-off",
		"1ms heal":                                      "",
		"1ms pause a1; 2ms resume a1":                   "pause",
		"1ms slow a1 1x":                                "",
		"1ms slow a1 2x":                                "slow",
		"1ms step a1 0s":                                "",
		"1ms step a1 -1s":                               "clock-step",
		"1ms freeze a1; 2ms thaw a1":                    "clock-freeze",
		"always drift a1 0ppm; always offset a1 0s":     "",
		"always drift a1 -1ppm; always offset a1 1s":    "clock-drift clock-offset",
		"always sync 1ms":                               "",
		"always sync a1 2ms":                            "slow-disk",
		"1ms wipe a1":                                   "crash wipe",
		"1ms swap a1 a2; 2ms restart a2":                "crash restart swap",
		"always reset a1; 1ms wipe a2":                  "crash wipe clock-reset",
		"always reset a1; always start a1 5ms":          "late-start clock-reset",
		"always reset a1; always start a1 0s":           "",
		"always loss 0%; always repeat 0%":              "",
		"always loss 1%; always repeat a1>a2 1%":        "loss duplicate",
		"lose a1>a2 X#1; repeat a1>a2 X#1 1ms":          "loss duplicate",
		"repeat a1>a2 X#1 0s; delay a1>a2 X#1 0s":       "",
		"delay a1>a2 X#1 1ms":                           "linger reorder",
		"always law in-order; delay a1>a2 X#1 1ms":      "linger",
		"always law constant; always rate 1000":         "linger",
		"always law constant; 1ms rate 0":               "",
		"always law in-order":                           "",
		"always law uniform":                            "reorder",
		"always law uniform 1ms 1ms":                    "",
		"always law newest-first":                       "linger reorder",
		"always law newest-first 1ms 100ms 0%":          "reorder",
		"always law long-tail":                          "linger reorder",
		"always law long-tail 1ms 2ms":                  "reorder",
		"always law long-tail 0s 1s":                    "",
		"always law exponential":                        "linger reorder",
		"always law constant; always law a1>a2 uniform": "reorder",
	} {
		if got := names(plan(t, text).Enabled()); got != want {
			t.Errorf("%s: enabled %q, want %q", text, got, want)
		}
	}
	// On links that keep order, chance loses, repeats and reorders nothing; a plan still may.
	text := "always loss 1%; always repeat 1%; always law newest-first"
	if got := names(Model{FIFO: true}.Enabled(plan(t, text))); got != "linger" {
		t.Errorf("on ordered links %s enables %q", text, got)
	}
	if got := names(Model{FIFO: true}.Enabled(plan(t, "lose a1>a2 X#1; delay a1>a2 X#2 1s"))); got != "loss linger" {
		t.Errorf("on ordered links a plan enables %q", got)
	}
	// What is damaged there is sent again, and what waits for the wire is kept and late; but nothing notices what is altered.
	strange := "always corrupt 1%; always garble 1%; always stale 1%; always rate 1000; always queue 500"
	if got := names(Model{FIFO: true}.Enabled(plan(t, strange))); got != "linger garble" {
		t.Errorf("on ordered links %s enables %q", strange, got)
	}
}

// names lists the kinds in a set.
func names(s Set) string {
	var list []string
	for k := range Kinds {
		if s.Has(k) {
			list = append(list, k.String())
		}
	}
	return strings.Join(list, " ")
}

// Fails if a word that is nothing like any is explained by one, or a slip of the finger is not.
func TestNearest(t *testing.T) {
	words := []string{"crash", "restart", "cut", "a1", "a2"}
	for s, want := range map[string]string{"crsh": "crash", "carsh": "crash", "restrat": "restart", "cat": "cut", "a3": "a1", "": "", "zebra": "", "b7": "", "cruise": ""} {
		if got := nearest(s, words); got != want {
			t.Errorf("nearest to %q is %q, want %q", s, got, want)
		}
	}
}

func TestCheckName(t *testing.T) {
	for _, s := range []string{"a1", "node-7", "é", "after", "a:1"} {
		if err := CheckName(s); err != nil {
			t.Error(err)
		}
	}
	for _, s := range []string{"", "a b", "a,b", "a|b", "a>b", "#a", "*", `"a`, "a\n", "a\x00"} {
		if CheckName(s) == nil {
			t.Errorf("%q passes as a node's name", s)
		}
	}
}

// A model of steady clocks forbids what makes a monotonic clock wrong, and nothing that befalls the wall clock; one of disks that may be lost allows just
// that. Fails if Outside says otherwise, or a profile draws what the model forbids, or never what it allows.
func TestSteadyAndLosable(t *testing.T) {
	for _, c := range []struct {
		model Model
		plan  string
		want  int // how many phrases
	}{
		{Model{Steady: true}, "2ms freeze a1; 3ms thaw a1", 1},
		{Model{Steady: true}, "2ms pause a1 with clock; 3ms resume a1", 1},
		{Model{Steady: true}, "2ms pause a1; 3ms resume a1; 4ms step a1 1s; always offset a1 1s; always drift a1 200ppm; always law newest-first", 0},
		{Model{Steady: true}, "always drift a1 201ppm", 1},
		{Model{Steady: true, Bounded: true}, "always drift a1 201ppm", 1},
		{Model{}, "2ms wipe a1", 1},
		{Model{Losable: true}, "2ms wipe a1", 0},
		{Model{Losable: true}, "2ms swap a1 a2", 1},
	} {
		if got := c.model.Outside(plan(t, c.plan)); len(got) != c.want {
			t.Errorf("%+v: outside of %q is %q", c.model, c.plan, got)
		}
	}
	drew := 0
	for _, m := range []Model{{Steady: true}, {Losable: true}} {
		for seed := range uint64(300) {
			p := draw(profile(t, "swarm"), seed, cluster(m))
			if out := m.Outside(p); len(out) > 0 {
				t.Fatalf("%+v: swarm draws %q", m, out)
			}
			if m.Losable && m.Enabled(p).Has(Wipes) {
				drew++
			}
		}
	}
	if drew == 0 {
		t.Error("swarm never loses a disk that may be lost")
	}
}
