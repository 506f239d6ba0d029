package threepc

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// planned makes the run of a plan in which nothing else is left to chance.
func planned(t *testing.T, s *sim.Scenario, plan string, settings ...string) sim.Verdict {
	t.Helper()
	p, err := fault.Parse("always law constant 1ms\nalways ties ordered\nalways sync 100µs\n" + plan)
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.ParseOptions(append([]string{"transactions=1", "votes=yyy"}, settings...))
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &p})
	if err != nil {
		t.Fatal(err)
	}
	return w.Run(0)
}

// A patient participant does not elect anybody the first times that its leader is silent.
type patient struct {
	*Participant
	times map[Tx]int
}

func (p patient) Handle(env sim.Env, from sim.NodeID, m sim.Message) {
	if o, ok := m.(overdue); ok {
		if t := p.tx(o.Tx); t.wait == o.Wait && t.phase == following && p.times[o.Tx] > 0 {
			p.times[o.Tx]--
			t.follow(env, t.leader, patience)
			return
		}
	}
	p.Participant.Handle(env, from, m)
}

// The coordinator crashes for good after the votes. Fails if a participant that waits for it for ever passes for one that
// is not blocked, if one that waits too long does, or if the reason does not say who waits for whom.
func TestNonBlockingComplains(t *testing.T) {
	for _, c := range []struct {
		times int
		want  []string
	}{
		{1000, []string{"p1, p2, p3, up since T1 began, are undecided", "p1, p2 and p3 are uncertain in T1 and wait for c, which crashed at 2.15ms"}},
		{8, []string{"up since T1 began, decided it only 1.8", "after the latest crash: more than"}},
		{0, nil},
	} {
		s := scenario(cast{participant: func(p *Participant) sim.Node { return patient{p, map[Tx]int{1: c.times}} }})
		v := planned(t, s, "crash c after effect 12 for good\n")
		if why := v.Why; (v.Outcome == sim.OK) != (c.want == nil) || c.want != nil && v.Property != "non-blocking" {
			t.Errorf("%d times: %v %s: %s", c.times, v.Outcome, v.Property, why)
		}
		for _, x := range v.Checks {
			for _, want := range c.want {
				if x.Property == "non-blocking" && !strings.Contains(x.Why, want) {
					t.Errorf("%d times: %q does not say %q", c.times, x.Why, want)
				}
			}
		}
	}
}

// A participant crashes after its vote and is cut off for good, outside the model. Fails if it is not said whom it waits for, and
// why in vain.
func TestRecoveredComplains(t *testing.T) {
	v := planned(t, Scenario(), "crash p3 after effect 9 for 50ms\n5ms cut p3 | c,p1,p2 for good\n")
	if want := "p3 has recovered, uncertain in T1 and waits for c, p1 and p2, which are cut off from it"; v.Property != "ac5-termination" || v.Why != want {
		t.Errorf("%v %s: %q, want %q", v.Outcome, v.Property, v.Why, want)
	}
}

// Fails if a setting is taken that would be ignored, or one with which transactions begin after the run.
func TestSettingsGoTogether(t *testing.T) {
	s := Scenario()
	for _, c := range []struct {
		settings string
		ok       bool
	}{
		{"stagger=333ms", true},
		{"stagger=334ms", false},
		{"transactions=8 stagger=142ms", true},
		{"transactions=8 stagger=143ms", false},
		{"transactions=1 stagger=1h", true},
		{"votes=yyn", true},
		{"votes=yyyy", false},
		{"votes=yy no=50", true},
		{"votes=yyn no=50", false},
	} {
		if _, err := s.ParseOptions(strings.Fields(c.settings)); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.settings, err)
		}
	}
}

// Fails if the slowest settings leave some transaction undecided at the end of a run.
func TestSlowestSettings(t *testing.T) {
	for _, settings := range [][]string{{"transactions=8", "stagger=142ms"}, {"participants=16", "transactions=2", "stagger=1s"}} {
		for _, faults := range []string{"none", "crash", "swarm"} {
			holds(t, faults, 100, settings...)
		}
	}
}

// All but the last of 16 crash at one instant, when they have voted: it finds out about one after the other. That takes most
// of the time that it is given; fails if it is given less.
func TestSoonestIsNeeded(t *testing.T) {
	var plan strings.Builder
	for i := range 16 {
		name := "c"
		if i > 0 {
			name = fmt.Sprint("p", i)
		}
		fmt.Fprintf(&plan, "3ms crash %s for good\n", name)
	}
	v := planned(t, Scenario(), plan.String(), "participants=16")
	if judged(&v, "non-blocking") != 1 || v.Property == "non-blocking" {
		t.Errorf("%v %s: %s", v.Outcome, v.Property, v.Why)
	}
	waits := patience + 15*roundTrip
	if bound := soonest(16, 1, 0); bound < waits || bound > waits*3/2 {
		t.Errorf("the last of 16 waits %v, and its bound is %v", waits, bound)
	}
}

// A site that does not trust its disk is to the others as one that has crashed, until it starts again. Fails if the observers go on counting
// on it.
func TestHaltedIsDown(t *testing.T) {
	seq := uint64(0)
	l := newLedger(members, 1, time.Second)
	tell := func(kind sim.Kind, node sim.NodeID, fact any) {
		seq++
		l.read(&sim.Event{Seq: seq, Kind: kind, Node: node, Data: fact})
	}
	tell(sim.Noted, "c", Begun{1})
	for _, id := range []sim.NodeID{"p1", "p2", "p3"} {
		tell(sim.Noted, id, Voted{1, true})
	}
	tell(sim.Noted, "p1", Halted{"input/output error"})
	tell(sim.Noted, "p2", Prepared{1, 0})
	tell(sim.Noted, "p3", Prepared{1, 0})
	if tell(sim.Noted, "c", Decided{1, true}); l.unprepared != nil {
		t.Error(l.unprepared)
	}
	if c := &l.cases[1]; !c.interrupted.has(1) || c.interrupted.has(2) || !l.down.has(1) {
		t.Errorf("interrupted %v, down %v", c.interrupted, l.down)
	}
	if tell(sim.Started, "p1", uint64(2)); l.down.has(1) {
		t.Error("it has started again, and is down")
	}
}
