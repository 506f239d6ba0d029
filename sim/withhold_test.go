package sim_test

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// twice is a node that counts what arrives, and decides when it has two.
type twice struct{ n int }

func (*twice) Start(sim.Env) {}

func (c *twice) Handle(env sim.Env, _ sim.NodeID, m sim.Message) {
	c.n++
	if m == (num{9}) { // starts it anew
		c.n = 0
	}
	env.Note(note{"handles"})
}

// counting is a stage where a sends b the numbers 1 to 3 at once, and a 9 at 50 ms; two numbers decide.
func counting(more ...actor) *sim.Scenario {
	a := plays("a", func(env sim.Env) {
		for i := range 3 {
			env.Send("b", num{i + 1})
		}
		env.After(50*ms, num{9})
	}, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Send("b", m) })
	s := stage(append([]actor{a, {"b", func() sim.Node { return &twice{} }}}, more...)...)
	s.Decides = func(sim.Options) sim.Deciding {
		return func(w *sim.World, to sim.NodeID, m sim.Message) bool {
			n, ok := w.Node("b")
			return to == "b" && (!ok || m != num{9} && n.(*twice).n == 1)
		}
	}
	return s
}

// Fails if a message that decides is handled, one that does not is kept, one is kept that no longer decides, two are let go of which the first makes the second
// decide, or a message is lost.
func TestWithhold(t *testing.T) {
	for _, test := range []struct {
		plan string
		want []string // what b handles, and when
	}{
		{"", []string{"1ms {1}", "1ms {2}", "1ms {3}", "51ms {9}"}},
		// The 9 makes b count anew: 2 may arrive, and 3 would decide then, until nothing else is left to happen.
		{"always withhold\n", []string{"1ms {1}", "51ms {9}", "51ms {2}", "51.000001ms {3}"}},
		{"always withhold 30ms\n", []string{"1ms {1}", "30ms {2}", "30ms {3}", "51ms {9}"}},
		// What is under way at once is judged on arrival.
		{"always law constant 10ms\nalways withhold 5ms\n", []string{"10ms {1}", "10ms {2}", "10ms {3}", "60ms {9}"}},
		// A bound that comes later holds of what is kept already.
		{"always withhold\n20ms withhold 10ms\n", []string{"1ms {1}", "20ms {2}", "20ms {3}", "51ms {9}"}},
		{"20ms withhold\n", []string{"1ms {1}", "1ms {2}", "1ms {3}", "51ms {9}"}},
	} {
		events, v := perform(t, counting(), 1, test.plan)
		got := texts(of(events, sim.Delivered, "b"))
		if strings.Join(got, ", ") != strings.Join(test.want, ", ") {
			t.Errorf("plan %q: b handles %v, want %v", test.plan, got, test.want)
		}
		if n := uint64(strings.Count(reasons(events), "withheld")); v.Faults[fault.Withheld] != n || v.Outcome != sim.OK {
			t.Errorf("plan %q: %d withheld, %d events say so; %v %s", test.plan, v.Faults[fault.Withheld], n, v.Outcome, v.Why)
		}
	}
}

// reasons are those that events give.
func reasons(events []sim.Event) (all string) {
	for _, e := range events {
		all += e.Reason + " "
	}
	return all
}

// Fails if what is withheld outlives a crash of its receiver, or is still withheld when faults have ended.
func TestWithholdEnds(t *testing.T) {
	events, _ := perform(t, counting(), 1, "always withhold\n10ms crash b\n20ms restart b\n")
	if got := texts(of(events, sim.Dropped, "b")); strings.Join(got, ", ") != "10ms {2}, 10ms {3}" {
		t.Errorf("dropped at the crash: %v", got)
	}
	s := counting()
	s.Settle = 40 * ms
	events, v := perform(t, s, 1, "always withhold\n")
	if got := texts(of(events, sim.Delivered, "b")); strings.Join(got, ", ") != "1ms {1}, 40.000001ms {2}, 40.000001ms {3}, 52.3735ms {9}" {
		t.Errorf("b handles %v", got)
	}
	if len(v.Accounts) != 1 || !strings.HasPrefix(v.Accounts[0].Text, "withheld 2 of 4 messages, which arrived at most 40ms after they were sent; all arrived") {
		t.Errorf("accounts %q", v.Accounts)
	}
}

// Fails if a node that is busy hears what would decide once it is free: the message is looked at when it is handled, not when it arrives.
func TestWithholdFromTheBusy(t *testing.T) {
	s := counting()
	events, _ := perform(t, s, 1, "always withhold 30ms\n500µs slow b 10x\n")
	got := of(events, sim.Delivered, "b")
	if len(got) != 4 || at(got[0]) != ms || at(got[1]) != 30*ms {
		t.Errorf("b handles %v", texts(got))
	}
}

// Fails if the plan of a run that withholds makes another run, or if the run depends on who watches.
func TestWithholdReplays(t *testing.T) {
	s := counting()
	_, v := perform(t, s, 3, "always law uniform 1ms 9ms\nalways withhold\n")
	w := world(t, s, sim.Config{Seed: 3, Plan: plan(t, "always law uniform 1ms 9ms\nalways withhold\n")})
	if u := w.Run(0); u.Hash != v.Hash || u.Events != v.Events || v.Faults[fault.Withheld] == 0 {
		t.Errorf("hash %x and %x, %d withheld", v.Hash, u.Hash, v.Faults[fault.Withheld])
	}
}

// Fails if a plan withholds in a world in which nothing can be withheld.
func TestWithholdRefused(t *testing.T) {
	deaf, ordered := counting(), counting()
	deaf.Decides = nil
	ordered.Model.FIFO = true
	for want, s := range map[string]*sim.Scenario{
		"always withhold: scenario stage does not say which messages decide, so none can be withheld":             deaf,
		"always withhold: the links of scenario stage keep order: whatever follows would have to be withheld too": ordered,
	} {
		if _, err := s.World(sim.Config{Plan: plan(t, "always withhold\n")}); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	w := world(t, counting(), sim.Config{})
	for range w.Events(0) { // it would make another run of the plan that is printed
		if err := w.Inject(fault.Line{Verb: fault.Withhold, Time: time.Second}); err == nil || !strings.Contains(err.Error(), "before it begins") {
			t.Errorf("injected: %v", err)
		}
		break
	}
}
