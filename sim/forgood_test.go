package sim_test

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a node that crashed for good comes back, by a line or when faults end, or if the group then loses more than it
// can spare.
func TestCrashForGood(t *testing.T) {
	for _, crash := range []string{"10ms crash a for good", "crash a after effect 7 for good", "10ms crash a\n20ms crash a for good", "crash a after effect 7 for 20ms\n20ms crash a for good"} {
		for seed := range uint64(20) {
			s := settling(stage(ticker("a", ms, "d"), ticker("b", ms, "d"), ticker("c", ms, "d"), idle("d")), []sim.NodeID{"a", "b", "c"})
			s.Run = 400 * ms
			state, events := stateOf(t, s, seed, crash+"\n30ms restart a\n40ms crash b\n50ms crash c\n")
			if n := len(of(events, sim.Started, "a")); n != 1 || state["a"] != "down" {
				t.Fatalf("%s: a is %s after %d starts, want down after 1", crash, state["a"], n)
			}
			if state["b"] != "healed" || state["c"] != "healed" {
				t.Fatalf("%s: b is %s and c %s, but one is all that the group can spare", crash, state["b"], state["c"])
			}
		}
	}
}

// Fails if a cut for good is healed, by a line or when faults end, or cuts more than it says.
func TestCutForGood(t *testing.T) {
	s := settling(stage(ticker("a", ms, "b", "c"), ticker("b", ms, "a"), idle("c")))
	s.Run = 400 * ms
	w := world(t, s, sim.Config{Seed: 1, Plan: plan(t, "10ms cut a | b one-way for good\n15ms cut a | c\n20ms heal\n30ms heal a | b\n")})
	heard := map[string]int{}
	for e := range w.Events(0) {
		if e.Kind == sim.Delivered && at(keep(e)) > 21*ms {
			heard[string(e.Peer+">"+e.Node)]++
		}
	}
	if heard["a>b"] != 0 || heard["b>a"] < 300 || heard["a>c"] < 300 {
		t.Errorf("heard after the heal: %v, want nothing from a to b and all else", heard)
	}
	if !w.Cut("a", "b") || w.Cut("b", "a") || w.Cut("a", "c") || w.Cut("a", "a") {
		t.Error("Cut does not say which links are cut")
	}
}

// Fails if a verdict is silent about a plan that takes more of a group for good than it can spare, or complains of one that does not.
func TestForGoodBeyondTheSpare(t *testing.T) {
	s := settling(stage(idle("a"), idle("b"), idle("c")), []sim.NodeID{"a", "b"})
	for text, want := range map[string]string{
		"1ms crash a for good\n":                                  "",
		"1ms crash a for good\n2ms crash b for 1ms\n":             "",
		"1ms crash a for good\n2ms crash c for good\n":            "",
		"1ms crash a for good\ncrash b after effect 3 for good\n": "crash for good: a, b, where a, b can spare 1",
	} {
		p, err := fault.Parse(strings.Replace(text, " for 1ms", "", 1))
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(world(t, s, sim.Config{Plan: &p}).Run(0).Outside, "; "); got != want {
			t.Errorf("%q is outside the model by %q, want %q", text, got, want)
		}
	}
}

// Fails if Down does not say who is down and since when.
func TestDown(t *testing.T) {
	s := stage(idle("a"), ticker("b", ms))
	w := world(t, s, sim.Config{Plan: plan(t, "10ms crash a\n20ms restart a\n30ms crash a\n")})
	for e := range w.Events(40 * ms) {
		since, down := w.Down("a")
		now := at(keep(e))
		if want := now > 0 && e.Kind != sim.Started && (now >= 10*ms && now < 20*ms || now >= 30*ms); down != want && now != 10*ms && now != 20*ms && now != 30*ms {
			t.Errorf("%v: down is %v", now, down)
		}
		if down && time.Duration(since) != 10*ms && time.Duration(since) != 30*ms {
			t.Errorf("%v: down since %v", now, since)
		}
	}
	if _, down := w.Down("b"); down {
		t.Error("b is down")
	}
}

// Fails if Undisturbed overlooks a fault, or takes a calm run for a disturbed one.
func TestUndisturbed(t *testing.T) {
	for text, want := range map[string]bool{
		"": true,
		"always law in-order 1ms 15ms\nalways drift a 50ppm\nalways offset a 3s\n": true,
		"always law uniform 1ms 20ms\n":                                            true,
		"always drift a 5000ppm\n":                                                 false,
		"always law uniform 1ms 300ms\n":                                           false,
		"10ms crash b\n":                                                           false,
		"lose a>b num#3\n":                                                         false,
		"10ms cut a | b\n":                                                         false,
		"10ms pause b\n":                                                           false,
	} {
		w := world(t, stage(ticker("a", ms, "b"), idle("b")), sim.Config{Seed: 3, Plan: plan(t, text)})
		if w.Run(100 * ms); w.Undisturbed() != want {
			t.Errorf("%q: undisturbed is %v", text, !want)
		}
	}
}

// Fails if the profile, or what is said of the plan, goes by Model where ModelFor says something else.
func TestModelFor(t *testing.T) {
	s := settling(stage(ticker("a", ms, "b"), ticker("b", ms, "a")), []sim.NodeID{"a", "b"})
	s.Options = []sim.Option{{Name: "calm", Default: false}}
	s.ModelFor = func(o sim.Options) fault.Model {
		if o.Bool("calm") {
			return fault.Model{Crash: fault.NoCrash, NoCut: true, Bounded: true, FIFO: true}
		}
		return s.Model
	}
	calm, err := s.ParseOptions([]string{"calm=true"})
	if err != nil {
		t.Fatal(err)
	}
	disturbed := 0
	for seed := range uint64(10) {
		w := world(t, s, sim.Config{Seed: seed, Options: calm})
		if w.Run(0); !w.Undisturbed() {
			t.Errorf("seed %d: the plan disturbs a system that is built for nothing:\n%v", seed, w.Plan())
		}
		w = world(t, s, sim.Config{Seed: seed})
		if w.Run(0); !w.Undisturbed() {
			disturbed++
		}
	}
	if disturbed < 5 {
		t.Errorf("%d runs of 10 are disturbed without the option", disturbed)
	}
	if v := world(t, s, sim.Config{Options: calm, Plan: plan(t, "1ms crash a\n")}).Run(0); len(v.Outside) != 1 {
		t.Errorf("a crash is outside the model by %q", v.Outside)
	}
}

// An accountant has something to tell.
type accountant struct {
	opinion
	text string
}

func (a *accountant) Account() string { return a.text }

// Fails if a verdict lacks what a property tells, or has an entry where there is nothing to tell.
func TestAccounts(t *testing.T) {
	v := world(t, judged(&accountant{opinion{name: "costs"}, "a\nb\n"}, &accountant{opinion{name: "silent"}, ""}), sim.Config{}).Run(0)
	if len(v.Accounts) != 1 || v.Accounts[0] != (sim.Account{Property: "costs", Text: "a\nb\n"}) {
		t.Errorf("accounts: %q", v.Accounts)
	}
}
