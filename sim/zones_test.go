package sim_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
	"simrun/sim/net"
)

// continent is four tickers in three zones of two regions, and a client in none: eu has z1 (a1, a2) and z2 (b), us has z3 (c).
func continent() *sim.Scenario {
	s := stage(ticker("a1", ms, "a2", "b", "c", "client"), ticker("a2", ms, "a1"), ticker("b", ms, "a1"), ticker("c", ms, "a1"), ticker("client", ms, "a1"))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Zone("z1", "a1", "a2")
		w.Zone("z2", "b")
		w.Zone("z3", "c")
		w.Region("eu", "z1", "z2")
		w.Region("us", "z3")
		w.Group(1, "a1", "a2", "b")
	}
	return s
}

// who lists the nodes of events, in order.
func who(events []sim.Event) string {
	var names []string
	for _, e := range events {
		names = append(names, string(e.Node))
	}
	return strings.Join(names, " ")
}

// Fails if a zone or a region in a line means other nodes than those in it, or is not counted as struck.
func TestZonesLosePower(t *testing.T) {
	for _, c := range []struct {
		plan, crashed string
		zones         uint64
	}{
		{"10ms crash z1\n", "a1 a2", 1},
		{"10ms crash eu\n", "a1 a2 b", 2},
		{"10ms crash us\n", "c", 1},
		{"10ms crash b\n", "b", 0},
		{"10ms crash a1\n20ms crash a2\n30ms crash z1\n", "a1 a2", 0},
		{"always zone z1 a1\n10ms crash z1\n", "a1", 1},
		{"always zone z1 a1\n10ms crash eu\n", "a1 b", 2},
		{"always zone z2 b,a1\n10ms crash z1\n", "a2", 1},
		{"always zone z4 c,client\nalways region us z4\n10ms crash us\n", "c client", 1},
		{"always region us z3,z2\n10ms crash eu\n", "a1 a2", 1},
		{"crash z1 after effect 9\n", "a1 a2", 0},
	} {
		events, v := perform(t, continent(), 1, c.plan)
		if got := who(of(events, sim.Crashed, "")); got != c.crashed && got != swapWords(c.crashed) || v.Faults[fault.ZonePower] != c.zones {
			t.Errorf("%q crashes %s and counts %d zones, want %s and %d", c.plan, got, v.Faults[fault.ZonePower], c.crashed, c.zones)
		}
	}
}

// swapWords is the other order of two words.
func swapWords(s string) string {
	a, b, _ := strings.Cut(s, " ")
	return b + " " + a
}

// Fails if what else takes a node does not take a zone.
func TestZonesStandForNodes(t *testing.T) {
	events, v := perform(t, continent(), 1, "always drift eu 50ppm\nalways sync z1 2ms\n5ms slow z1 3x\n10ms pause eu\n20ms resume eu\n30ms crash z1\n40ms restart eu\n")
	if got := who(of(events, sim.Faulted, "")); got != "a1 a2 a1 a2 b a1 a2 b" {
		t.Errorf("faults at %s", got)
	}
	if v.Faults[fault.Drifts] != 3 || v.Faults[fault.Restarts] != 2 || v.Faults[fault.Pauses] != 3 || v.Faults[fault.Slowness] != 2 {
		t.Errorf("counted: %v", v.Faults)
	}
}

// heardAfter is which links carried messages after a time.
func heardAfter(events []sim.Event, from time.Duration) map[string]bool {
	heard := map[string]bool{}
	for _, e := range events {
		if e.Kind == sim.Delivered && at(e) > from {
			heard[string(e.Peer)+">"+string(e.Node)] = true
		}
	}
	return heard
}

// Fails if a cut between zones leaves other links than it says, rest means anybody who is named, or the zones are not counted.
func TestZonesLoseTheirNetwork(t *testing.T) {
	all := []string{"a1>a2", "a1>b", "a1>c", "a1>client", "a2>a1", "b>a1", "c>a1", "client>a1"}
	for _, c := range []struct {
		plan, left string
		zones      uint64
	}{
		{"10ms cut z1 | rest\n", "a1>a2 a2>a1", 1},
		{"10ms cut rest | z1\n", "a1>a2 a2>a1", 1},
		{"10ms cut eu | us\n", "a1>a2 a1>b a1>client a2>a1 b>a1 client>a1", 3},
		{"10ms cut z1 | z2,z3 one-way\n", "a1>a2 a1>client a2>a1 b>a1 c>a1 client>a1", 3},
		{"10ms cut client | eu\n", "a1>a2 a1>b a1>c a2>a1 b>a1 c>a1", 2},
		{"10ms cut a1 | rest\n", "", 0},
		{"10ms cut z1 | rest\n20ms heal z1 | z2\n", "a1>a2 a1>b a2>a1 b>a1", 1},
		{"always zone z1 a1\n10ms cut z1 | rest\n", "", 1},
	} {
		events, v := perform(t, continent(), 1, c.plan)
		heard := heardAfter(events, 22*ms)
		var left []string
		for _, link := range all {
			if heard[link] {
				left = append(left, link)
			}
		}
		if got := strings.Join(left, " "); got != c.left || v.Faults[fault.ZoneNetwork] != c.zones {
			t.Errorf("%q leaves %s and counts %d zones, want %s and %d", c.plan, got, v.Faults[fault.ZoneNetwork], c.left, c.zones)
		}
	}
}

// Fails if a latency is not that of the last line that means the link, plan before scenario.
func TestLatenciesByZone(t *testing.T) {
	law := func(n time.Duration) net.Law { return net.Law{Kind: net.Constant, Least: n * ms} }
	s := continent()
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Latency("eu", "eu", law(2))
		w.Latency("eu", "us", law(30))
		w.Latency("us", "eu", law(20))
		w.Latency("z1", "z1", law(3))
	}
	for plan, want := range map[string]string{
		"": "a1>a2 3ms, a1>b 2ms, a1>c 30ms, a1>client 1ms, b>a1 2ms, c>a1 20ms",
		"always law z1>z1 constant 5ms\nalways law client>* constant 4ms\n": "a1>a2 5ms, a1>b 2ms, a1>c 30ms, a1>client 1ms, b>a1 2ms, c>a1 20ms",
		"always law constant 7ms\nalways law a1>z3 constant 9ms\n":          "a1>a2 7ms, a1>b 7ms, a1>c 9ms, a1>client 7ms, b>a1 7ms, c>a1 7ms",
	} {
		events, v := perform(t, s, 1, plan)
		sent, took := map[uint64]sim.Event{}, map[string]string{}
		for _, e := range events {
			sent[e.Seq] = e
			if e.Kind == sim.Delivered {
				took[string(e.Peer)+">"+string(e.Node)] = fmt.Sprint(at(e) - at(sent[e.Cause]))
			}
		}
		var got []string
		for _, link := range []string{"a1>a2", "a1>b", "a1>c", "a1>client", "b>a1", "c>a1"} {
			got = append(got, link+" "+took[link])
		}
		if s := strings.Join(got, ", "); s != want {
			t.Errorf("%q: %s\nwant %s", plan, s, want)
		}
		if v.Outcome != sim.OK {
			t.Errorf("%q: %v", plan, v.Outcome)
		}
	}
	w := world(t, s, sim.Config{Plan: plan(t, "")})
	if w.Bounded() {
		t.Error("a latency of 30 ms is taken for a bounded one")
	}
}

// Fails if ZoneOf does not say where a node sits.
func TestZoneOf(t *testing.T) {
	w := world(t, continent(), sim.Config{Plan: plan(t, "always zone z9 c\n")})
	for id, want := range map[sim.NodeID]string{"a1": "z1", "a2": "z1", "b": "z2", "c": "z9", "client": ""} {
		if got := w.ZoneOf(id); got != want {
			t.Errorf("%s sits in %q, want %q", id, got, want)
		}
	}
	refuses(t, `sim: there is no node "z1"`, func() { w.ZoneOf("z1") })
	refuses(t, "sim: Zone after the world was built: only a scenario's Build makes zones and regions", func() { w.Zone("z5", "a1") })
	refuses(t, "sim: Latency after the world was built: only a scenario's Build gives latencies", func() { w.Latency("a1", "b", net.Law{}) })
}

// Fails if Build can make zones that plans could not speak of.
func TestZoneMisuse(t *testing.T) {
	for want, more := range map[string]func(w *sim.World){
		"sim: Zone: the name a1 is taken":                                           func(w *sim.World) { w.Zone("a1", "client") },
		"sim: Zone: the name z1 is taken":                                           func(w *sim.World) { w.Zone("z1", "client") },
		"sim: Region: the name eu is taken":                                         func(w *sim.World) { w.Region("eu", "z1") },
		"sim: Zone z5 has nobody in it":                                             func(w *sim.World) { w.Zone("z5") },
		`sim: Zone z5 names "d", which was not added`:                               func(w *sim.World) { w.Zone("z5", "d") },
		"sim: Zone z5 names a1, which sits in a zone already":                       func(w *sim.World) { w.Zone("z5", "client", "a1") },
		"sim: Zone z5 names client, which sits in a zone already":                   func(w *sim.World) { w.Zone("z5", "client", "client") },
		`sim: Region as names "client", which is no zone`:                           func(w *sim.World) { w.Region("as", "client") },
		"sim: Region as names z1, which lies in a region already":                   func(w *sim.World) { w.Region("as", "z1") },
		"sim: node z1 has the name of a zone or a region":                           func(w *sim.World) { w.Add("z1", idle("").boot) },
		`sim: Latency names "mars", which is no node, zone or region`:               func(w *sim.World) { w.Latency("eu", "mars", net.Law{}) },
		`sim: Zone: "rest" is not a node's name: in a plan it means everybody else`: func(w *sim.World) { w.Zone("rest", "client") },
	} {
		s := continent()
		build := s.Build
		s.Build = func(w *sim.World, o sim.Options) { build(w, o); more(w) }
		refuses(t, want, func() { world(t, s, sim.Config{Plan: plan(t, "")}) })
	}
}

// Fails if a plan is taken that cannot be meant where these nodes sit, or if the error does not say which line it is.
func TestZonePlanErrors(t *testing.T) {
	for text, want := range map[string]string{
		"1ms heal\n10ms crash z7\n":                    "1 10ms crash z7: there is no node z7; did you mean z1?",
		"always zone a1 b\n":                           "0 always zone a1 b: a1 is a node: a zone needs a name of its own",
		"always zone eu b\n":                           "0 always zone eu b: eu is a region: a zone needs a name of its own",
		"always zone z4 z1\n":                          "0 always zone z4 z1: z1 is no node: a zone is made of nodes",
		"always region z1 z2\n":                        "0 always region z1 z2: z1 is a zone or a node: a region needs a name of its own",
		"always region as a1\n":                        "0 always region as a1: a1 is no zone: a region is made of zones that lines before it define",
		"always region as z4\nalways zone z4 client\n": "0 always region as z4: z4 is no zone: a region is made of zones that lines before it define",
		"10ms cut z1 | a1\n":                           "0 10ms cut z1 | a1: a1 cannot be cut from itself, and stands on both sides",
		"10ms cut eu,client | z3,z2\n":                 "0 10ms cut eu,client | z3,z2: b cannot be cut from itself, and stands on both sides",
		"lose z1>b num#3\n":                            "0 lose z1>b num#3: z1 is no node: a message has one sender and one receiver",
	} {
		_, err := continent().World(sim.Config{Plan: plan(t, text)})
		var wrong *fault.Wrong
		if !errors.As(err, &wrong) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		} else if got := fmt.Sprint(wrong.Index, " ", err); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	w := world(t, continent(), sim.Config{Plan: plan(t, "")})
	for e := range w.Events(0) {
		if e.Seq == 20 {
			cut := fault.Line{Verb: fault.Cut, Sides: [2][]string{{"z1"}, {"a2"}}}
			if err := w.Inject(cut); err == nil || !strings.Contains(err.Error(), "cannot be cut from itself") {
				t.Errorf("injected: %v", err)
			}
			if err := w.Inject(fault.Line{Verb: fault.Crash, Node: "z1"}); err != nil {
				t.Error(err)
			}
		}
	}
	if v := w.Verdict(); v.Faults[fault.ZonePower] != 1 || v.Faults[fault.Crashes] != 2 {
		t.Errorf("an injected loss of power counts %v", v.Faults)
	}
}

// Fails if what a plan says of a zone is not seen as said of its nodes when the plan is looked at as a whole.
func TestZonesInSurveys(t *testing.T) {
	s := continent()
	s.Settle = 90 * ms
	_, v := perform(t, s, 1, "10ms crash z1 for good\n")
	if got := strings.Join(v.Outside, "; "); got != "crash for good: a1, a2, where a1, a2, b can spare 1" {
		t.Errorf("outside: %s", got)
	}
	_, v = perform(t, s, 1, "10ms crash eu\n20ms restart b\n")
	if !v.Enabled.Has(fault.Restarts) || v.Faults[fault.Restarts] != 1 {
		t.Error("a restart of a node whose region crashed is not enabled")
	}
	for plan, want := range map[string]string{
		"95ms crash z1\n": "zone-power", "95ms cut us | rest\n": "zone-network", "after nothing#1 crash eu\n": "zone-power",
		"95ms crash a1\n": "", "95ms cut a1 | b\n": "", "always drift eu 5ppm\n": "", "crash z1 after effect 9\n": "",
	} {
		s.Settle = 0
		_, v := perform(t, s, 1, plan)
		var got []string
		for _, k := range []fault.Kind{fault.ZonePower, fault.ZoneNetwork} {
			if v.Enabled.Has(k) {
				got = append(got, k.String())
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q enables %q, want %q", plan, got, want)
		}
	}
}
