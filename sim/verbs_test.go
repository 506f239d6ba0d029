package sim_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// reader notes what its clock shows each time it is told to.
func reader(id sim.NodeID) actor {
	return actor{id, func() sim.Node {
		var start time.Duration
		return role{func(env sim.Env) { start = env.Now().Wall(); env.After(20*ms, note{"20ms"}) },
			func(env sim.Env, from sim.NodeID, m sim.Message) {
				env.Note(note{fmt.Sprint(m, " wall ", env.Now().Wall()-start*0)})
			}}
	}}
}

// Fails if a verb has no effect, another one, or is not counted; each line is tried alone.
func TestEveryVerb(t *testing.T) {
	s := stage(ticker("a", ms, "b"), slowWriter("b"), reader("c"))
	calm, quiet := perform(t, s, 1, "")
	if quiet.Faults != (fault.Counts{}) {
		t.Fatalf("faults without a plan: %v", quiet.Faults)
	}
	count := func(events []sim.Event, k sim.Kind, id sim.NodeID) int { return len(of(events, k, id)) }
	for _, test := range []struct {
		plan   string
		counts map[fault.Kind]uint64 // 0 for any number above 0
		effect func(events []sim.Event) bool
	}{
		{"50.2ms crash b\n", map[fault.Kind]uint64{fault.Crashes: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 50 }},
		{"always unsynced lose\n50.2ms crash b\n", map[fault.Kind]uint64{fault.Crashes: 1, fault.LostBytes: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 50 }},
		{"50.2ms crash b\n60ms restart b\n", map[fault.Kind]uint64{fault.Crashes: 1, fault.Restarts: 1}, func(e []sim.Event) bool { return count(e, sim.Started, "b") == 2 }},
		{"10ms crash b\n20ms crash b\n30ms restart a\n", map[fault.Kind]uint64{fault.Crashes: 1}, func(e []sim.Event) bool { return count(e, sim.Started, "") == 3 }},
		{"crash b after effect 9\n", map[fault.Kind]uint64{fault.Crashes: 1}, func(e []sim.Event) bool { return count(e, sim.Crashed, "b") == 1 }},
		{"50ms pause b\n", map[fault.Kind]uint64{fault.Pauses: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 50 }},
		{"50ms pause b\n55ms pause b\n60ms resume b\n", map[fault.Kind]uint64{fault.Pauses: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") > 90 }},
		{"50ms cut a | b one-way\n", map[fault.Kind]uint64{fault.Cuts: 1, fault.CutOff: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") < 50 }},
		{"50ms cut b | a one-way\n", map[fault.Kind]uint64{fault.Cuts: 1, fault.CutOff: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") > 90 }},
		{"50ms cut a | b\n60ms heal a | b\n", map[fault.Kind]uint64{fault.Cuts: 1, fault.CutOff: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") < 92 }},
		{"50ms slow b 10x\n", map[fault.Kind]uint64{fault.Slowness: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 75 }},
		{"10ms step c -5ms\n", map[fault.Kind]uint64{fault.Steps: 1}, says("20ms {{20ms} wall 15ms}")},
		{"10ms freeze c\n", map[fault.Kind]uint64{fault.Freezes: 1}, says("")},
		{"10ms freeze c\n30ms thaw c\n", map[fault.Kind]uint64{fault.Freezes: 1}, says("40ms {{20ms} wall 20ms}")},
		{"always drift c 100000ppm\n", map[fault.Kind]uint64{fault.Drifts: 1}, says("18.181819ms {{20ms} wall 20ms}")},
		{"always offset c 7ms\n", map[fault.Kind]uint64{fault.Offsets: 1}, says("20ms {{20ms} wall 27ms}")},
		{"always sync b 5ms\n", map[fault.Kind]uint64{fault.SlowDisks: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 30 }},
		{"always write b 5ms\n", map[fault.Kind]uint64{fault.SlowDisks: 1}, func(e []sim.Event) bool { return count(e, sim.Noted, "b") < 30 }},
		{"always loss a>b 50%\n", map[fault.Kind]uint64{fault.Losses: 0}, func(e []sim.Event) bool { n := count(e, sim.Delivered, "b"); return n > 20 && n < 80 }},
		{"lose a>b num#3\n", map[fault.Kind]uint64{fault.Losses: 1}, func(e []sim.Event) bool { return of(e, sim.Dropped, "b")[0].Data == num{3} }},
		{"always repeat a>b 100%\n", map[fault.Kind]uint64{fault.Duplicates: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") > 190 }},
		{"repeat a>b num#3 5ms\n", map[fault.Kind]uint64{fault.Duplicates: 1, fault.Reorders: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") == count(calm, sim.Delivered, "b")+1 }},
		{"delay a>b num#3 5.5ms\n", map[fault.Kind]uint64{fault.Lingering: 1, fault.Reorders: 0}, func(e []sim.Event) bool { return of(e, sim.Delivered, "b")[7].Data == num{3} }},
		{"always law a>b newest-first\n", map[fault.Kind]uint64{fault.Lingering: 0, fault.Reorders: 0}, func(e []sim.Event) bool { return true }},
		{"always rate a>b 10000\n", map[fault.Kind]uint64{fault.Lingering: 0}, func(e []sim.Event) bool { return count(e, sim.Delivered, "b") < 12 }},
	} {
		events, v := perform(t, s, 1, test.plan)
		if !test.effect(events) {
			t.Errorf("%q has no effect, or another one: c noted %q, b got %d messages", test.plan, notes(events, "c"), count(events, sim.Delivered, "b"))
		}
		for k := range fault.Kinds {
			want, wanted := test.counts[k]
			if k == fault.Reorders && wanted {
				continue // may be
			}
			if n := v.Faults[k]; wanted != (n > 0) || want > 0 && n != want {
				t.Errorf("%q: %v counted %d times", test.plan, k, n)
			} else if n > 0 && !v.Enabled.Has(k) {
				t.Errorf("%q: %v happened and was not enabled", test.plan, k)
			}
		}
	}
}

// says checks what c noted.
func says(want string) func([]sim.Event) bool {
	return func(events []sim.Event) bool { return strings.Join(notes(events, "c"), "|") == want }
}

// Fails if torn writes never come, or come in another mode than mix.
func TestTornWrites(t *testing.T) {
	s := stage(plays("a", func(env sim.Env) { env.Disk().Append("log", make([]byte, 5000)); env.Disk().SyncDir() }, nil))
	torn := map[string]uint64{}
	for seed := range uint64(20) {
		for _, mode := range []string{"keep", "lose", "mix"} {
			_, v := perform(t, s, seed, "always unsynced "+mode+"\n10ms crash a\n")
			torn[mode] += v.Faults[fault.TornWrites]
		}
	}
	if torn["mix"] < 15 || torn["keep"]+torn["lose"] > 0 {
		t.Errorf("torn writes of 20: %v", torn)
	}
}

// Fails if ties are not shuffled by the seed, or if they are though nobody asked.
func TestTies(t *testing.T) {
	s := stage(burst(5), idle("b"))
	s.Build = withBuild(s.Build, plays("c", nil, nil))
	orders := map[string]int{}
	for seed := range uint64(20) {
		events, _ := perform(t, s, seed, "always ties shuffled\n")
		orders[fmt.Sprint(texts(of(events, sim.Delivered, "b")))]++
		events, _ = perform(t, s, seed, "")
		if got := texts(of(events, sim.Delivered, "b")); !reflect.DeepEqual(got, []string{"2ms {0}", "2ms {1}", "2ms {2}", "2ms {3}", "2ms {4}"}) {
			t.Fatalf("without ties shuffled: %v", got)
		}
	}
	if len(orders) < 10 {
		t.Errorf("only %d orders of five messages at one instant in 20 seeds", len(orders))
	}
}

// Fails if a node's clock does not move with what it does, or goes back within a life.
func TestNowMovesWithTheDisk(t *testing.T) {
	for _, p := range []string{"", "always drift a -90000ppm\n", "1.2ms freeze a\n5ms thaw a\n", "1.2ms freeze a\n1.3ms thaw a\n1.4ms freeze a\n2ms thaw a\n"} {
		var moved, last time.Duration
		s := stage(actor{"a", func() sim.Node {
			return role{func(env sim.Env) { env.After(ms, num{1}) }, func(env sim.Env, _ sim.NodeID, m sim.Message) {
				before := env.Now()
				env.Disk().Append("log", []byte("x"))
				if env.Now() != before {
					t.Error("a write took time")
				}
				env.Disk().Sync("log")
				moved += env.Now().Sub(before)
				if before.Wall() < last {
					t.Errorf("%q: the clock showed %v, and now %v", p, last, before.Wall())
				}
				last = env.Now().Wall()
				env.After(0, m)
			}}
		}})
		perform(t, s, 1, p)
		if moved < 50*ms {
			t.Errorf("%q: syncs moved the clock by %v", p, moved)
		}
	}
}
