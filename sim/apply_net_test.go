package sim_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// vote is a message that can be altered.
type vote struct{ N int }

func (v vote) Alter(pick func(n int) int) sim.Message { return vote{v.N + 100 + pick(10)} }

// voter sends a numbered vote to b each millisecond.
func voter(id sim.NodeID) actor {
	return actor{id, func() sim.Node {
		n := 0
		return role{
			func(env sim.Env) { env.After(ms, note{"tick"}) },
			func(env sim.Env, _ sim.NodeID, _ sim.Message) {
				n++
				env.Send("b", vote{n})
				env.After(ms, note{"tick"})
			},
		}
	}}
}

// Fails if a verb of the network has no effect, another one, or is not counted as what it is; each is tried alone.
func TestNetworkVerbs(t *testing.T) {
	s := stage(voter("a"), idle("b"), ticker("c", ms, "b"))
	heard := func(e []sim.Event, from sim.NodeID) (n int) {
		for _, x := range of(e, sim.Delivered, "b") {
			if x.Peer == from {
				n++
			}
		}
		return n
	}
	reasons := func(e []sim.Event, reason string) (n int) {
		for _, x := range e {
			if x.Reason == reason && (x.Kind == sim.Dropped || x.Kind == sim.Delivered) {
				n++
			}
		}
		return n
	}
	for _, test := range []struct {
		plan   string
		kinds  []fault.Kind
		effect func(e []sim.Event, v sim.Verdict) bool
	}{
		{"30ms loss a>b 100%\n60ms loss a>b 0%\n", []fault.Kind{fault.Losses}, func(e []sim.Event, v sim.Verdict) bool {
			return reasons(e, "loss") == 30 && v.Faults[fault.Losses] == 30 && heard(e, "c") == 99
		}},
		{"50ms repeat 100%\n", []fault.Kind{fault.Duplicates}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 99+49 }},
		{"50ms law a>b constant 20ms\n", nil, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 80 && heard(e, "c") == 99 }},
		{"always corrupt a>b 50%\n", []fault.Kind{fault.Corruptions}, func(e []sim.Event, v sim.Verdict) bool {
			n := reasons(e, "corrupt")
			return n > 25 && n < 75 && (heard(e, "a")+n == 99 || heard(e, "a")+n == 100) && v.Faults[fault.Corruptions] == uint64(n)
		}},
		{"50ms corrupt a>b 100%\n", []fault.Kind{fault.Corruptions}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 49 }},
		{"corrupt a>b vote#7\n", []fault.Kind{fault.Corruptions}, func(e []sim.Event, v sim.Verdict) bool {
			d := of(e, sim.Dropped, "b")
			return len(d) == 1 && d[0].Data == vote{7} && d[0].Reason == "corrupt"
		}},
		{"always garble a>b 50%\n", []fault.Kind{fault.Garbled}, func(e []sim.Event, v sim.Verdict) bool {
			n, by := reasons(e, "garbled"), map[int]bool{}
			for _, x := range e {
				if x.Reason == "garbled" {
					by[x.Data.(vote).N-e[x.Cause-1].Data.(vote).N] = true
				}
			}
			return n > 25 && n < 75 && heard(e, "a") == 99 && v.Faults[fault.Garbled] == uint64(n) && len(by) > 5
		}},
		{"garble a>b vote#7\n", []fault.Kind{fault.Garbled}, func(e []sim.Event, v sim.Verdict) bool {
			x := of(e, sim.Delivered, "b")
			i := slices.IndexFunc(x, func(e sim.Event) bool { return e.Reason == "garbled" })
			return reasons(e, "garbled") == 1 && x[i].Data.(vote).N >= 107 && x[i].Data.(vote).N < 117 && of(e, sim.Sent, "a")[6].Data == vote{7}
		}},
		{"garble c>b num#7\n", []fault.Kind{fault.Corruptions}, func(e []sim.Event, v sim.Verdict) bool { return reasons(e, "corrupt") == 1 }}, // no Alter
		{"always rate a>b 10000\nalways queue a>b 500\n", []fault.Kind{fault.Overflows}, func(e []sim.Event, v sim.Verdict) bool {
			n := reasons(e, "overflow")
			return n > 80 && v.Faults[fault.Overflows] == uint64(n) && reasons(e, "loss") == 0
		}},
		{"50ms rate a>b 10000\n50ms queue a>b 500\n", []fault.Kind{fault.Overflows}, func(e []sim.Event, v sim.Verdict) bool { n := reasons(e, "overflow"); return n > 30 && n < 50 }},
		{"50ms partition isolate b,a\n60ms heal\n", []fault.Kind{fault.Partitions, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool {
			return heard(e, "a") == 88 && heard(e, "c") == 99 && v.Faults[fault.Partitions] == 1
		}},
		{"50ms partition bridge a,c,b\n", []fault.Kind{fault.Partitions, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 48 && heard(e, "c") == 99 }},
		{"30.5ms flap a | b 3x 10ms\n", []fault.Kind{fault.Flaps, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool {
			return v.Faults[fault.Flaps] == 3 && heard(e, "c") == 99 && fmt.Sprint(gaps(e, "a")) == "[29-41 49-61 69-81]"
		}},
		{"30.5ms flap b | a one-way 3x 10ms\n", []fault.Kind{fault.Flaps}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 99 }},
		{"30.5ms flap a | b 3x 10ms\n45ms heal a | b\n", []fault.Kind{fault.Flaps, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool {
			return v.Faults[fault.Flaps] == 1 && fmt.Sprint(gaps(e, "a")) == "[29-41]"
		}},
		{"30.5ms flap a | b 3x 10ms\n34ms heal\n", []fault.Kind{fault.Flaps, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool {
			return v.Faults[fault.Flaps] == 1 && fmt.Sprint(gaps(e, "a")) == "[29-34]"
		}},
		{"20ms cut a | b\n30.5ms flap a | b 1x 10ms\n", []fault.Kind{fault.Flaps, fault.Cuts, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 18 }},
		{"20ms cut a | b\n30.5ms break a | b 10ms\n", []fault.Kind{fault.Cuts, fault.CutOff}, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 18 }},
		{"30.5ms break a | b 5ms\n", []fault.Kind{fault.Breaks}, func(e []sim.Event, v sim.Verdict) bool {
			return v.Faults[fault.Breaks] == 6 && reasons(e, "broken") == 6 && fmt.Sprint(gaps(e, "a")) == "[29-36]"
		}},
		{"30.5ms break b | a one-way 5ms\n", nil, func(e []sim.Event, v sim.Verdict) bool { return heard(e, "a") == 99 }},
		{"always law a>b constant 10ms\n30.5ms break a | b 1ms\n", []fault.Kind{fault.Breaks}, func(e []sim.Event, v sim.Verdict) bool {
			return v.Faults[fault.Breaks] == 11 && fmt.Sprint(gaps(e, "a")) == "[20-32]" // ten were in flight, and one was sent meanwhile
		}},
		{"30.5ms break a | b 5ms\n32ms heal\n", []fault.Kind{fault.Breaks}, func(e []sim.Event, v sim.Verdict) bool { return fmt.Sprint(gaps(e, "a")) == "[29-32]" }},
	} {
		events, v := perform(t, s, 1, test.plan)
		if !test.effect(events, v) {
			t.Errorf("%q has no effect, or another one: from a %d, from c %d, gaps %v, %v", test.plan, heard(events, "a"), heard(events, "c"), gaps(events, "a"), counted(v))
		}
		for k := range fault.Kinds {
			if k == fault.Reorders || k == fault.Lingering {
				continue // may be
			}
			if n := v.Faults[k]; slices.Contains(test.kinds, k) != (n > 0) {
				t.Errorf("%q: %v counted %d times", test.plan, k, n)
			} else if n > 0 && !v.Enabled.Has(k) && !strings.Contains(test.plan, "garble c") {
				t.Errorf("%q: %v happened and was not enabled", test.plan, k)
			}
		}
	}
}

// gaps lists the numbers of the votes from a that b heard last before and first after some that it did not, as "29-41".
func gaps(events []sim.Event, from sim.NodeID) (list []string) {
	last := 0
	for _, e := range of(events, sim.Delivered, "b") {
		if v, ok := e.Data.(vote); ok && e.Peer == from {
			if v.N > last+1 {
				list = append(list, fmt.Sprintf("%d-%d", last, v.N))
			}
			last = max(last, v.N)
		}
	}
	return list
}

// counted lists what was counted.
func counted(v sim.Verdict) (list []string) {
	for k, n := range v.Faults {
		if n > 0 {
			list = append(list, fmt.Sprint(fault.Kind(k), " ", n))
		}
	}
	return list
}

// What is held back arrives within 5 ms of its receiver's next start, once. Fails if it arrives before, twice, or never.
func TestStale(t *testing.T) {
	for seed := range uint64(30) {
		s := stage(voter("a"), idle("b"))
		events, v := perform(t, s, seed, "stale a>b vote#7\n30.5ms crash b\n50.5ms restart b\n60.5ms crash b\n70.5ms restart b\n")
		var when []time.Duration
		for _, e := range of(events, sim.Delivered, "b") {
			if e.Data == (vote{7}) {
				when = append(when, at(e))
				if e.Reason != "stale" || events[e.Cause-1].Kind != sim.Sent {
					t.Errorf("seed %d: delivered for %q, caused by %v", seed, e.Reason, events[e.Cause-1].Kind)
				}
			}
		}
		if len(when) != 1 || when[0] <= 50500*time.Microsecond || when[0] > 55500*time.Microsecond {
			t.Errorf("seed %d: it arrives at %v, want once, within 5ms of 50.5ms", seed, when)
		}
		if v.Faults[fault.StaleMessages] != 1 {
			t.Errorf("seed %d: counted %v", seed, counted(v))
		}
	}
}

// If the receiver does not start again, what is held back arrives within the bound when faults end, or never, each in some
// seeds; where links lose nothing it always does. Nothing is held back after that.
func TestStaleWhenFaultsEnd(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		arrived := 0
		for seed := range uint64(40) {
			s := settling(stage(voter("a"), idle("b")))
			s.Model.NoLoss = reliable
			events, v := perform(t, s, seed, "stale a>b vote#7\nstale a>b vote#300\n")
			n := 0
			for _, e := range of(events, sim.Delivered, "b") {
				switch {
				case e.Data == vote{7}:
					n++
					if at(e) <= settleAt || at(e) > settleAt+fault.NetBound {
						t.Errorf("seed %d: arrives at %v", seed, e.At)
					}
				case e.Data == vote{300} && e.Reason != "":
					t.Errorf("seed %d: %s after faults have ended", seed, e.Reason)
				}
			}
			if n > 1 || uint64(n) != v.Faults[fault.StaleMessages] || len(gaps(events, "a")) != 1 {
				t.Errorf("seed %d: arrives %d times, counted %v, gaps %v", seed, n, counted(v), gaps(events, "a"))
			}
			arrived += n
		}
		if reliable && arrived != 40 || !reliable && (arrived < 8 || arrived > 32) {
			t.Errorf("reliable %t: it arrives in %d of 40 seeds", reliable, arrived)
		}
	}
}

// When faults end so do all that a plan says of links: rates, queues, flapping and broken links.
func TestNetworkIsCalmWhenFaultsEnd(t *testing.T) {
	for _, p := range []string{"always corrupt 50%\n", "always garble 50%\n", "always stale 50%\n", "always rate 10000\nalways queue 300\n",
		"10ms partition halves a,b\n", "90ms flap a | b 10000x 3ms\n", "95ms break a | b 10s\n", "99ms law long-tail\n"} {
		s := settling(stage(voter("a"), idle("b")))
		events, _ := perform(t, s, 3, p)
		next := 0
		for _, e := range events {
			if at(e) <= settleAt {
				next = 100
			} else if x, ok := e.Data.(vote); ok && e.Kind == sim.Delivered && x.N > 100 && e.Reason == "" {
				if next++; at(e) > max(time.Duration(x.N)*ms+5*ms, settleAt+fault.NetBound) {
					t.Errorf("%q: vote %d arrives at %v", p, x.N, e.At)
				}
			}
		}
		if next < 1990 {
			t.Errorf("%q: %d votes sent after faults ended have arrived, want all 1900", p, next-100)
		}
	}
}

// A message that is altered is hashed as what it has become, so nobody is accused of having changed it. The copy of one that
// is repeated is whole.
func TestGarbledIsHashedAnew(t *testing.T) {
	events, v := perform(t, stage(voter("a"), idle("b")), 1, "garble a>b vote#7\nrepeat a>b vote#7 5ms\n")
	if v.Outcome != sim.OK {
		t.Fatalf("%v: %v", v.Outcome, v.Why)
	}
	var got []sim.Event
	for _, e := range of(events, sim.Delivered, "b") {
		if x := e.Data.(vote).N; x == 7 || x > 100 {
			got = append(got, e)
		}
	}
	if len(got) != 2 || got[0].Reason != "garbled" || got[1].Data != (vote{7}) || got[1].Reason != "" {
		t.Errorf("arrived %v", got)
	}
	for seed := range uint64(20) {
		other, _ := perform(t, stage(voter("a"), idle("b")), seed, "garble a>b vote#7\nrepeat a>b vote#7 5ms\n")
		if !slices.Equal(texts(of(events, sim.Delivered, "b")), texts(of(other, sim.Delivered, "b"))) {
			return
		}
	}
	t.Error("seeds do not decide how a message is altered")
}

// The plan of a run with faults of the network makes the same run, in used memory too, and leaving out one of them changes
// nothing of what another one does. Fails for picks that are made in sequence.
func TestNetworkFaultsAreKeyed(t *testing.T) {
	const p = "always corrupt c>b 20%\nalways garble a>b 20%\nalways stale a>b 10%\n20ms crash b for 5ms\n40ms crash b for 5ms\n"
	s := stage(voter("a"), idle("b"), ticker("c", ms, "b"))
	var used sim.Memory
	for seed := range uint64(10) {
		events, v := perform(t, s, seed, p)
		if again := world(t, s, sim.Config{Seed: seed, Plan: plan(t, p), Reuse: &used}).Run(0); again.Hash != v.Hash {
			t.Errorf("seed %d: another hash in used memory", seed)
		}
		less, _ := perform(t, s, seed, strings.Replace(p, "always corrupt c>b 20%\n", "", 1))
		fromA := func(events []sim.Event) (list []string) {
			for _, e := range of(events, sim.Delivered, "b") {
				if e.Peer == "a" {
					list = append(list, fmt.Sprint(e.At, e.Data, e.Reason))
				}
			}
			return list
		}
		if !slices.Equal(fromA(events), fromA(less)) {
			t.Errorf("seed %d: what is corrupt from c changes what arrives from a", seed)
		}
	}
}

// A partition can be of zones, and a budget of zones holds it back as it does a cut. Fails if a budget does not see its
// pairs, or if the nodes of a zone are not all meant.
func TestPartitionOfZones(t *testing.T) {
	s := stage(voter("a"), idle("b"), ticker("c", ms, "b"), idle("d"), idle("e"))
	const zones = "always zone z1 a\nalways zone z2 b\nalways zone z3 c,d\n"
	for _, x := range []struct {
		plan         string
		fromA, fromC int
	}{
		{"50ms partition isolate z1,z2,z3\n", 48, 99},
		{"50ms partition isolate z3,z1,z2\n", 99, 48},
		{"50ms partition majority z1,z2,z3\n", 99, 99}, // a, b and c
		{"50ms partition halves z1,z2,z3\n", 99, 48},
		{"always budget zones 1\n50ms partition halves z1,z2,z3\n", 99, 48}, // it is all the third zone's fault
		{"always zone z4 e\nalways budget zones 1\n50ms partition halves z1,z2,z3,z4\n", 99, 99},
		{"always zone z4 e\nalways budget zones 2\n50ms partition halves z1,z2,z3,z4\n", 99, 48},
	} {
		events, v := perform(t, s, 1, zones+x.plan)
		var got [2]int
		for _, e := range of(events, sim.Delivered, "b") {
			got[map[sim.NodeID]int{"c": 1}[e.Peer]]++
		}
		if got != [2]int{x.fromA, x.fromC} {
			t.Errorf("%q: b hears %v, want %d and %d; counted %v", x.plan, got, x.fromA, x.fromC, counted(v))
		}
	}
}

// A connection that breaks between two effects of a handler loses what was sent before and what is sent after, at the same
// instant; once it is whole again all arrives. Fails if only what was sent at an earlier instant counts as in flight.
func TestBreakBetweenTwoEffects(t *testing.T) {
	s := stage(plays("a", func(env sim.Env) { env.After(10*ms, num{0}); env.After(20*ms, num{3}) }, func(env sim.Env, _ sim.NodeID, m sim.Message) {
		env.Send("b", num{m.(num).N + 1})
		env.Note(note{"between"})
		env.Send("b", num{m.(num).N + 2})
	}), idle("b"))
	events, v := perform(t, s, 1, "always law constant 8ms\nafter a note#1 break a | b 5ms\n")
	if got := fmt.Sprint(texts(of(events, sim.Delivered, "b"))); got != "[28ms {4} 28ms {5}]" || v.Faults[fault.Breaks] != 2 {
		t.Errorf("arrived %s, counted %v", got, counted(v))
	}
}

// A partition can be aimed: whoever noted something last is the one that is alone.
func TestPartitionOfWhoeverNoted(t *testing.T) {
	s := stage(voter("a"), idle("b"), ticker("c", ms, "b"), plays("d", func(env sim.Env) { env.After(20*ms, num{0}) },
		func(env sim.Env, _ sim.NodeID, _ sim.Message) { env.Note(note{"mine"}) }))
	_, v := perform(t, s, 1, "50ms partition isolate @note,a,b,c,d\n")
	if v.Faults[fault.Partitions] != 1 || v.Faults[fault.CutOff] != 0 {
		t.Errorf("alone is d, to whom nobody speaks: counted %v", counted(v))
	}
	_, v = perform(t, s, 1, "10ms partition isolate @note,a,b,c,d\n")
	if v.Faults[fault.Partitions] != 0 || v.Faults[fault.CutOff] != 0 {
		t.Errorf("nobody has noted anything yet: counted %v", counted(v))
	}
}

// Observers see links that are down as cut, for as long as they are, and a run in which something has befallen a message is
// no longer undisturbed.
func TestOutagesAsObserversSeeThem(t *testing.T) {
	for _, p := range []string{"30.5ms flap a | b one-way 1x 10ms\n", "30.5ms break a | b one-way 10ms\n"} {
		w := world(t, stage(voter("a"), idle("b")), sim.Config{Plan: plan(t, p)})
		for e := range w.Events(0) {
			now := at(*e)
			if want := now >= 30500*time.Microsecond && now < 40500*time.Microsecond; w.Cut("a", "b") != want || w.Cut("b", "a") {
				t.Fatalf("%q: at %v cut is %t, and back %t", p, now, w.Cut("a", "b"), w.Cut("b", "a"))
			}
			if now < 30*ms != w.Undisturbed() && (now < 30*ms || now > 32*ms) {
				t.Fatalf("%q: at %v undisturbed is %t", p, now, w.Undisturbed())
			}
		}
	}
	for _, p := range []string{"50ms corrupt a>b 100%\n", "garble a>b vote#50\n", "stale a>b vote#50\n", "always rate 10000\nalways queue 200\n"} {
		w := world(t, stage(voter("a"), idle("b")), sim.Config{Plan: plan(t, p)})
		if w.Run(0); w.Undisturbed() {
			t.Errorf("%q leaves the run undisturbed", p)
		}
	}
}

// names is a message whose memory its sender, its receivers and the network share.
type names struct{ List []int }

func (n names) Alter(pick func(int) int) sim.Message { return sim.AlterFields(n, pick) }

// Of a message with shared memory only the copy on the wire is altered. Fails if the sender, or a copy that is repeated,
// sees the change, or if the world takes it for one that a node has made.
func TestGarblingSharesNoMemory(t *testing.T) {
	for seed := range uint64(20) {
		mine := names{[]int{1, 2, 3}}
		s := stage(plays("a", func(env sim.Env) { env.Send("b", mine); env.Send("c", mine) }, nil), idle("b"), idle("c"))
		events, v := perform(t, s, seed, "garble a>b names#1\nrepeat a>b names#1 5ms\n")
		if v.Outcome != sim.OK {
			t.Fatalf("seed %d: %v %s: %v", seed, v.Outcome, v.Property, v.Why)
		}
		whole, altered := 0, 0
		for _, e := range of(events, sim.Delivered, "") {
			if fmt.Sprint(e.Data) == "{[1 2 3]}" {
				whole++
			} else if e.Reason == "garbled" {
				altered++
			}
		}
		if whole != 2 || altered != 1 || !slices.Equal(mine.List, []int{1, 2, 3}) {
			t.Errorf("seed %d: %d whole and %d altered arrive, and the sender has %v", seed, whole, altered, mine.List)
		}
	}
}
