package sim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// wallOf is a node that notes what its clock shows whenever it is asked.
func wallOf(id sim.NodeID, what func(clock.Reading) time.Duration) actor {
	return plays(id, nil, func(env sim.Env, _ sim.NodeID, _ sim.Message) { env.Note(note{what(env.Now()).String()}) })
}

// asked is a stage on which c is asked at 11 ms, 21 ms, and so on, what its clock shows.
func asked(what func(clock.Reading) time.Duration) *sim.Scenario {
	return stage(ticker("a", 10*ms, "c"), wallOf("c", what))
}

// shown are the first readings that c noted, without the times.
func shown(events []sim.Event, n int) string {
	var list []string
	for _, e := range of(events, sim.Noted, "c") {
		if len(list) < n {
			list = append(list, e.Data.(note).Text)
		}
	}
	return strings.Join(list, " ")
}

// Fails if a line about a clock has no effect, another one, or is not counted when it happens.
func TestClockVerbs(t *testing.T) {
	wall, mono := clock.Reading.Wall, func(r clock.Reading) time.Duration { return r.Sub(clock.At(0, 0)) }
	for _, test := range []struct {
		plan  string
		what  func(clock.Reading) time.Duration
		shows string
		kind  fault.Kind
		count uint64
	}{
		{"", wall, "11ms 21ms 31ms 41ms 51ms 61ms", fault.Strobes, 0},
		{"20ms strobe c 5ms 10ms 2x\n", wall, "11ms 26ms 31ms 46ms 51ms 61ms", fault.Strobes, 1},
		{"20ms strobe c -50ms 10ms 1x\n", wall, "11ms -29ms 31ms 41ms 51ms 61ms", fault.Strobes, 1},
		{"20ms strobe c 5ms 10ms 2x\n", mono, "11ms 21ms 31ms 41ms 51ms 61ms", fault.Strobes, 1},
		{"20ms strobe c 5ms 100ms 2x\n30ms strobe c 7ms 10ms 1x\n", wall, "11ms 26ms 38ms 41ms 51ms 61ms", fault.Strobes, 2}, // the second takes the place of the first
		{"20ms strobe c 5ms 10ms 9x\n20ms crash c\n45ms restart c\n", wall, "11ms 51ms 66ms", fault.Strobes, 1},
		{"20ms strobe c 5ms 10ms 9x\n20ms freeze c\n40ms thaw c\n", wall, "11ms 25ms 20ms 26ms 31ms 46ms", fault.Strobes, 1},
		{"20ms strobe c 0s 10ms 2x\n", wall, "11ms 21ms 31ms 41ms 51ms 61ms", fault.Strobes, 0},
		{"20ms smear c 10ms 20ms\n", wall, "11ms 21.5ms 36.5ms 51ms 61ms 71ms", fault.Smears, 1},
		{"20ms smear c -10ms 20ms\n", wall, "11ms 20.5ms 25.5ms 31ms 41ms 51ms", fault.Smears, 1},
		{"20ms smear c 10ms 20ms\n", mono, "11ms 21ms 31ms 41ms 51ms 61ms", fault.Smears, 1},
		{"20ms smear c 0s 20ms\n", wall, "11ms 21ms 31ms 41ms 51ms 61ms", fault.Smears, 0},
		{"20ms drift c 500000ppm\n", wall, "11ms 21.5ms 36.5ms 51.5ms 66.5ms 81.5ms", fault.Drifts, 1},
		{"20ms drift c 500000ppm\n40ms drift c 0ppm\n", wall, "11ms 21.5ms 36.5ms 51ms 61ms 71ms", fault.Drifts, 1},
		{"20ms freeze c\n30ms freeze c\n40ms thaw c\n40ms thaw c\n", wall, "11ms 20ms 20ms 21ms 31ms 41ms", fault.Freezes, 2},
		{"always reset c\nalways offset c 3ms\n20ms crash c\n25ms restart c\n", wall, "14ms 9ms 19ms 29ms 39ms", fault.Resets, 1},
		{"always reset c\n20ms step c 3ms\n26ms crash c\n28ms restart c\n30ms step c 1s\n", wall, "11ms 24ms 1.003s 1.013s 1.023s", fault.Resets, 1},
		{"always reset c\nalways start c 15ms\n", wall, "6ms 16ms 26ms 36ms 46ms", fault.Resets, 1},
		{"always reset c\n20ms strobe c 500ms 30ms 1x\n22ms crash c\n25ms restart c\n", wall, "11ms 521ms 6ms 16ms 526ms 536ms", fault.Resets, 1}, // a jump that is gone is not taken back
		{"10.5ms crash c\n20.5ms restart c\n", mono, "500µs 10.5ms 20.5ms", fault.Resets, 0},
		{"always drift c 500000ppm\n10ms crash c\n20ms restart c\n", mono, "1.5ms 16.5ms 31.5ms", fault.Resets, 0},
		{"always start c 10.5ms\n", mono, "500µs 10.5ms", fault.Resets, 0},
	} {
		events, v := perform(t, asked(test.what), 1, test.plan)
		if got := shown(events, len(strings.Fields(test.shows))); got != test.shows {
			t.Errorf("%q: c shows %s, want %s", test.plan, got, test.shows)
		}
		if n := v.Faults[test.kind]; n != test.count {
			t.Errorf("%q: %v counted %d times, want %d", test.plan, test.kind, n, test.count)
		}
		if enabled := plan(t, test.plan).Enabled(); test.count > 0 && !enabled.Has(test.kind) && test.kind != fault.Resets {
			t.Errorf("%q: %v happened and was not enabled", test.plan, test.kind)
		}
	}
}

// Fails if timers do not follow a clock that changes its rate while they are set.
func TestTimersFollowTheDrift(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "50ms {50ms}|80ms {80ms}",
		"20ms drift c 500000ppm\n":  "40ms {50ms}|60ms {80ms}",
		"20ms drift c -500000ppm\n": "80ms {50ms}",
		"20ms drift c 500000ppm\n32ms drift c 0ppm\n":                      "44ms {50ms}|74ms {80ms}",
		"20ms freeze c\n30ms drift c 500000ppm\n40ms thaw c\n":             "60ms {50ms}|80ms {80ms}",
		"20ms freeze c\n22ms drift c 500000ppm\n25ms thaw c\n":             "45ms {50ms}|65ms {80ms}",
		"20ms drift c 500000ppm\n21ms crash c\n22ms restart c\n":           "55.333334ms {50ms}|75.333334ms {80ms}",
		"20ms pause c with clock\n25ms drift c 500000ppm\n30ms resume c\n": "50ms {50ms}|70ms {80ms}",
	} {
		s := stage(plays("c", func(env sim.Env) {
			env.After(80*ms, note{"80ms"})
			env.After(50*ms, note{"50ms"})
		}, func(env sim.Env, _ sim.NodeID, m sim.Message) { env.Note(m) }))
		events, _ := perform(t, s, 1, text)
		if got := strings.Join(notes(events, "c"), "|"); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// bounds is a node that notes the interval of its clock relative to its wall hand, and whether true time is in it.
func bounds(w **sim.World) actor {
	return plays("c", nil, func(env sim.Env, _ sim.NodeID, _ sim.Message) {
		earliest, latest := env.Now().Interval()
		truth := time.Duration((*w).Now())
		env.Note(note{fmt.Sprint((latest-earliest)/2, earliest <= truth && truth <= latest)})
	})
}

// Fails if an interval is not as wide as the plan says, does not hold true time although nothing breaks it, holds it although it is
// broken and the clock is too far off, or if readings that break the promise are not counted.
func TestUncertainty(t *testing.T) {
	for _, test := range []struct {
		plan, shows string
		broken      uint64
	}{
		{"", "4ms true", 0},
		{"always uncertainty 7ms\n", "7ms true", 0},
		{"always uncertainty c 2ms\nalways offset c -3ms\n", "3ms true", 0},
		{"always uncertainty a 2ms\nalways offset c -3ms\n", "4ms true", 0},
		{"5ms uncertainty 0s\n", "0s true", 0},
		{"always offset c 3ms\nalways uncertainty c 2ms broken\n", "2ms false", 9},
		{"always offset c 2ms\nalways uncertainty c 2ms broken\n", "2ms true", 0},
		{"5ms step c 1h\n6ms uncertainty c 2ms broken\n7ms uncertainty c 1ms\n", "1h0m0s true", 0},
		{"5ms smear c 1s 1ms\n", "1s true", 0},
	} {
		var w *sim.World
		s := stage(ticker("a", 10*ms, "c"), bounds(&w))
		w = world(t, s, sim.Config{Seed: 1, Plan: plan(t, test.plan)})
		events, v := record(w)
		if got := shown(events, 1); got != test.shows || v.Faults[fault.BrokenBounds] != test.broken {
			t.Errorf("%q: %s, broken %d times, want %s and %d", test.plan, got, v.Faults[fault.BrokenBounds], test.shows, test.broken)
		}
	}
}

// Fails if a strobe, a smear, a freeze, or a broken promise goes on after faults have ended, or if their end makes a clock jump more
// than back from its last jump.
func TestClocksCalmDown(t *testing.T) {
	for text, off := range map[string]time.Duration{
		"50ms strobe c 5ms 1ms 1000x\n":                   0,
		"50ms strobe c 5ms 49.9ms 1000x\n":                0,
		"50ms smear c 100ms 100ms\n":                      50 * ms,
		"50ms freeze c\n":                                 -50 * ms,
		"50ms pause c with clock\n":                       -50 * ms,
		"50ms pause c with clock\n60ms freeze c\n":        -50 * ms,
		"50ms freeze c\n60ms pause c with clock\n":        -50 * ms,
		"50ms step c 1s\nalways uncertainty 1ms broken\n": time.Second,
		"always reset c\n50ms crash c\n":                  0,
	} {
		var w *sim.World
		var readings []time.Duration
		s := settling(stage(ticker("a", 10*ms, "c"), plays("c", nil, func(env sim.Env, _ sim.NodeID, _ sim.Message) {
			if w.Now() < clock.Time(settleAt) {
				return
			}
			r, truth := env.Now(), time.Duration(w.Now())
			readings = append(readings, r.Wall()-truth)
			if earliest, latest := r.Interval(); truth < earliest || truth > latest {
				t.Errorf("%q: a promise is broken when faults have ended", text)
			}
		})))
		w = world(t, s, sim.Config{Seed: 1, Plan: plan(t, text)})
		w.Run(0)
		for _, d := range readings {
			if d != off {
				t.Fatalf("%q: off by %v when faults have ended, want %v", text, readings, off)
			}
		}
		if len(readings) < 100 {
			t.Errorf("%q: only %d readings", text, len(readings))
		}
	}
}

// Fails if a clock goes back for a node that was busy when it was smeared or changed its rate: what it read for the end
// of a sync it must not be shown again.
func TestBusyNodesReadNoTimeTwice(t *testing.T) {
	for _, fault := range []string{"smear c -1ms 10ms", "drift c -500000ppm", "freeze c", "pause c with clock"} {
		for _, end := range []string{"", "45ms thaw c\n45ms resume c\n"} {
			var last time.Duration
			s := stage(actor{"c", func() sim.Node {
				return role{func(env sim.Env) { env.After(0, num{1}) }, func(env sim.Env, _ sim.NodeID, m sim.Message) {
					env.Disk().Append("log", []byte("x"))
					env.Disk().Sync("log")
					if now := env.Now(); now.Wall() < last {
						t.Errorf("%s: the clock showed %v, and then %v", fault, last, now.Wall())
					}
					last = env.Now().Wall()
					env.After(0, m)
				}}
			}})
			for _, at := range []string{"40ms ", "40.1ms ", "40.25ms "} {
				last = 0
				perform(t, s, 1, "always sync 3ms\n"+at+fault+"\n"+end)
				if last < 35*ms {
					t.Errorf("%s: the node stopped at %v", fault, last)
				}
			}
		}
	}
}
