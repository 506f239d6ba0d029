package figures_test

import (
	"fmt"
	"testing"
	"time"

	"simrun/figures"
	"simrun/protocols/multipaxos"
	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
	"simrun/workload"
)

// quiet is a run in which nothing goes wrong: links follow a law, disks take no time, and s1 is the first to miss a leader.
func quiet(t *testing.T, law string, driver chance.Driver, see func(*sim.Event), settings ...string) figures.Sum {
	t.Helper()
	s, meter := figures.Watch(multipaxos.Scenario(), true)
	o, err := s.ParseOptions(append(settings, "think=0s", "clients=1"))
	if err != nil {
		t.Fatal(err)
	}
	text := "always law " + law + "\nalways ties ordered\nalways sync 0s\n"
	for i := 2; i <= o.Int("servers"); i++ {
		text += fmt.Sprintf("always start s%d %dms\n", i, 5*min(i, 4))
	}
	plan, err := fault.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	w, err := s.World(sim.Config{Seed: 1, Driver: driver, Options: o, Plan: &plan})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	for e := range w.Events(0) {
		see(e)
	}
	if v := w.Verdict(); v.Outcome != sim.OK {
		t.Fatal(v.Property, v.Why)
	}
	var sum figures.Sum
	sum.Add(meter)
	return sum
}

// The figures agree with what one reckons by hand: on links of one millisecond a write takes four one-way delays once somebody leads, a slot costs 2(n-1) messages, and n-1
// more where decisions are told, and phase 1 costs 2(n-1) once; nobody leads until the fact that says so. Fails if a latency is off by a nanosecond or a message is counted twice.
func TestAgreesWithHandCalculation(t *testing.T) {
	const ops = 60
	for _, c := range []struct {
		servers   int
		decisions string
	}{{3, "ride"}, {3, "told"}, {5, "ride"}, {7, "told"}} {
		var led, returned clock.Time
		slots := uint64(0)
		see := func(e *sim.Event) {
			switch e.Data.(type) {
			case multipaxos.Led:
				led = e.At
			case multipaxos.Proposed:
				slots++
			case workload.Returned:
				returned = e.At
			}
		}
		s := quiet(t, "constant 1ms", chance.Benign{}, see, fmt.Sprint("servers=", c.servers), "service=register", "operations=c1: "+writes(ops), "decisions="+c.decisions)
		what := fmt.Sprintf("%d servers, decisions %s", c.servers, c.decisions)
		w := s.Kinds[0].Latency
		if got := w.Quantile(90); got.Round(time.Microsecond) != 4*time.Millisecond || w.Most < time.Duration(led) || s.Answered != ops || s.Asked != ops {
			t.Errorf("%s: 9 of 10 writes within %v, want 4ms; the first in %v, which waits for a leader; %d of %d answered", what, got, w.Most, s.Answered, s.Asked)
		}
		if want := float64(ops) / time.Duration(returned).Seconds(); s.PerSecond() < want*0.999 || s.PerSecond() > want*1.001 {
			t.Errorf("%s: %v answers a second, want %v", what, s.PerSecond(), want)
		}
		if l := s.Leader; l.Without != time.Duration(led) || l.Elected != 1 || l.Longest != l.Without || s.Recovery.Faults != 0 {
			t.Errorf("%s: %+v, want nobody for %v", what, l, led)
		}
		n := uint64(c.servers - 1)
		want := map[string]uint64{"Prepare": n, "Promise": n, "Accept": n * slots, "Accepted": n * slots, "Reply": ops}
		if c.decisions == "told" {
			want["Decided"] = n * slots
		}
		sent := map[string]uint64{}
		for _, m := range s.Sent {
			sent[m.Type] = m.N
		}
		for _, name := range []string{"Prepare", "Promise", "Accept", "Accepted", "Decided", "Reply"} {
			if sent[name] != want[name] {
				t.Errorf("%s: %d %s, want %d", what, sent[name], name, want[name])
			}
		}
		if slots != ops {
			t.Errorf("%s: %d slots", what, slots)
		}
	}
}

// writes is so many writes in words.
func writes(n int) (text string) {
	for i := range n {
		text += fmt.Sprintf("write x %d; ", i)
	}
	return text[:len(text)-2]
}

// Where links take different times, a latency is exactly the delays of the four messages that the answer came by, which are found by going back from
// the answer by cause. Fails if anything else gets into a latency, or something is left out.
func TestLatencyIsTheDelaysOfItsMessages(t *testing.T) {
	type past struct {
		kind  sim.Kind
		cause uint64
		at    clock.Time
	}
	events := []past{{}}
	longest, summed, four := time.Duration(0), 0, 0
	called := map[uint64]clock.Time{}
	s := quiet(t, "uniform 1ms 9ms", nil, func(e *sim.Event) {
		events = append(events, past{e.Kind, e.Cause, e.At})
		switch f := e.Data.(type) {
		case workload.Called:
			called[f.ID.N] = e.At
		case workload.Returned:
			took, hops := time.Duration(0), 0
			for seq := e.Seq; seq > 0 && events[seq].at > called[f.ID.N]; seq = events[seq].cause {
				if x := events[seq]; x.kind == sim.Delivered {
					took += x.at.Sub(events[x.cause].at)
					hops++
				}
			}
			if hops == 4 {
				four++
				if took != e.At.Sub(called[f.ID.N]) {
					t.Errorf("%v: %v for messages that took %v", f.ID, e.At.Sub(called[f.ID.N]), took)
				}
			}
			longest = max(longest, e.At.Sub(called[f.ID.N]))
			summed++
		}
	}, "service=register", "operations=c1: "+writes(60))
	if w := s.Kinds[0].Latency; w.Most != longest || int(w.Count) != summed || four < 50 {
		t.Errorf("longest %v of %d, want %v of %d; %d by four messages", w.Most, w.Count, longest, summed, four)
	}
}
