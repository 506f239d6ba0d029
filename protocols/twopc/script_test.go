package twopc

import (
	"fmt"
	"slices"
	"testing"

	"simrun/sim"
)

// said lists what was sent and noted in a run, with its times.
func saidIn(t *testing.T, cfg sim.Config, settings ...string) (said []string) {
	t.Helper()
	o, err := Scenario().ParseOptions(settings)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Options = o
	w, err := Scenario().World(cfg)
	if err != nil {
		t.Fatal(err)
	}
	for e := range w.Events(0) {
		if e.Kind == sim.Sent || e.Kind == sim.Noted {
			said = append(said, fmt.Sprintf("%v %v %s>%s %T%v", e.At, e.Kind, e.Node, e.Peer, e.Data, e.Data))
		}
	}
	if v := w.Verdict(); v.Outcome != sim.OK {
		t.Errorf("%v seed %d: %v %s: %s", settings, cfg.Seed, v.Outcome, v.Property, v.Why)
	}
	return said
}

// Where nothing fails and transactions come one after the other, both coordinators say the same to the same at the same
// time. Fails if the tale leaves something out, says it in another order, or waits for something that the handler does
// not wait for.
func TestScriptSaysWhatTheHandlerSays(t *testing.T) {
	for _, settings := range [][]string{{"costs=true"}, {"costs=true", "participants=7"}, {"clients=1", "transactions=8", "variant=mixed"}} {
		for seed := range uint64(5) {
			cfg := sim.Config{Seed: seed, Faults: "none"}
			handler, script := saidIn(t, cfg, settings...), saidIn(t, cfg, append(settings, "script=true")...)
			if len(handler) < 100 {
				t.Errorf("%v seed %d: the handler says only %d things", settings, seed, len(handler))
			}
			for i := range max(len(handler), len(script)) {
				if i >= len(handler) || i >= len(script) || handler[i] != script[i] {
					t.Fatalf("%v seed %d: they part at %q (handler) and %q (script)", settings, seed, handler[min(i, len(handler)-1)], script[min(i, len(script)-1)])
				}
			}
		}
	}
}

// The tale holds under faults, and reaches what is difficult about it. Fails if a transaction is decided twice, hangs, or
// what a restarted coordinator does was never tried.
func TestScriptHolds(t *testing.T) {
	runs := uint64(400)
	if testing.Short() {
		runs = 80
	}
	reached := map[string]int{}
	var memory sim.Memory
	for _, settings := range [][]string{nil, {"variant=basic", "clients=4", "transactions=8"}, {"variant=presumed-commit"}, {"variant=mixed", "cooperative=false"}} {
		o, err := Scenario().ParseOptions(append(slices.Clone(settings), "script=true"))
		if err != nil {
			t.Fatal(err)
		}
		for seed := range runs {
			w, err := Scenario().World(sim.Config{Seed: seed, Options: o, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK {
				t.Errorf("%v seed %d: %v %s: %s", settings, seed, v.Outcome, v.Property, v.Why)
			}
			for _, name := range v.Sometimes {
				reached[name]++
			}
		}
	}
	for _, name := range []string{"Presumed", "Recovered", "Asked", "Refused"} {
		if reached[name] < int(runs)/10 {
			t.Errorf("%s reached in %d runs", name, reached[name])
		}
	}
}

// Fails if settings are taken that do not go together.
func TestSettingsTogether(t *testing.T) {
	for _, c := range []struct {
		scenario *sim.Scenario
		settings []string
		right    bool
	}{
		{Scenario(), []string{"script=true", "recovery=true"}, false},
		{Scenario(), []string{"script=true"}, true},
		{Scenario(), []string{"spare=1", "recovery=true"}, false},
		{Scenario(), []string{"spare=3"}, false},
		{Scenario(), []string{"spare=3", "participants=4"}, true},
		{Scenario(), []string{"costs=true", "votes=yyn"}, false},
		{Scenario(), []string{"costs=true", "transactions=7"}, false},
		{Scenario(), []string{"costs=true", "readers=7"}, false},
		{Scenario(), []string{"costs=true", "participants=7", "recovery=true"}, true},
		{Scenario(), []string{"votes=yyn", "no=3"}, false},
		{Scenario(), []string{"votes=yyn/yyy/n"}, true},
		{Scenario(), []string{"votes=yyn/yyy/n/n"}, false},
		{Scenario(), []string{"votes=yyyn"}, false},
		{Scenario(), []string{"votes=yyyn", "participants=4"}, true},
		{Bank(), []string{"orders=k1: pay a1 a7 5"}, false},
		{Bank(), []string{"orders=k1: audit; pay a7 a1 5"}, false},
		{Bank(), []string{"orders=k1: pay a1 a7 5", "accounts=7"}, true},
		{Bank(), []string{"orders=k1: audit", "transactions=7"}, false},
		{Bank(), []string{"orders=k1: audit"}, true},
		{Bank(), []string{"orders=audit"}, false},
	} {
		if _, err := c.scenario.ParseOptions(c.settings); (err == nil) != c.right {
			t.Errorf("%s %v: %v", c.scenario.Name, c.settings, err)
		}
	}
}
