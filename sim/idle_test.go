package sim_test

import (
	"strings"
	"testing"
	"time"

	"simrun/sim"
	"simrun/sim/fault"
)

// Fails if a line does something after faults have ended, or if one that would have is not said to be idle: a message, an
// operation, an effect or a fact that comes too late.
func TestLinesThatComeWhenFaultsHaveEnded(t *testing.T) {
	s := settling(court(true))
	calm, _ := perform(t, s, 1, "")
	for _, line := range []string{"lose a>b num#150", "delay a>b num#150 500ms", "repeat a>b num#150 500ms", "corrupt a>b num#150", "stale a>b num#150",
		"fail a sync#150", "phantom a append#150", "crash a after effect 900", "after decided#150 crash a", "after a sync#150 pause b", "after decided#60 +50ms crash a"} {
		events, v := perform(t, s, 1, line+"\n")
		v.Faults[fault.Reorders] = 0 // links that may reorder still do: that is no fault of this line
		if v.Faults != (fault.Counts{}) || len(events) != len(calm) && !v.Enabled.Has(fault.Reorders) {
			t.Errorf("%q: %d events, %d without it; counted %v", line, len(events), len(calm), v.Faults)
		}
		if got := strings.Join(v.Idle, "; "); got != line {
			t.Errorf("%q: idle %q", line, got)
		}
		before := strings.NewReplacer("150", "30", "900", "90", "#60", "#30").Replace(line)
		if _, v := perform(t, s, 1, before+"\n60ms crash b\n70ms restart b\n"); len(v.Idle) > 0 {
			t.Errorf("%q: idle %q", before, v.Idle)
		}
	}
}

// Fails if what changes nothing is counted, or makes an event where no link or node is left for it to befall.
func TestNothingIsCounted(t *testing.T) {
	for _, c := range []struct {
		plan, idle string
		counted    fault.Kind
		n          uint64
	}{
		{"10ms step c 0s\n", "", fault.Steps, 0},
		{"always offset c 0s\n", "", fault.Offsets, 0},
		{"10ms cut @num | b\n", "10ms cut @num | b", fault.Cuts, 0}, // b itself
		{"10ms break @num | b 5ms\n", "10ms break @num | b 5ms", fault.Breaks, 0},
		{"10ms flap @num | b 2x 5ms\n", "10ms flap @num | b 2x 5ms", fault.Flaps, 0},
		{"10ms partition isolate @num,b\n", "10ms partition isolate @num,b", fault.Partitions, 0},
		{"10ms partition isolate @num,a\n", "", fault.Partitions, 1},
		{"5ms crash c for good\n10ms loop c 5x 2ms\n", "10ms loop c 5x 2ms", fault.Loops, 0},
	} {
		s := stage(ticker("a", ms, "b"), plays("b", nil, listen), idle("c"))
		_, v := perform(t, s, 1, c.plan)
		if got := strings.Join(v.Idle, "; "); got != c.idle || v.Faults[c.counted] != c.n {
			t.Errorf("%q: idle %q, %v counted %d times; want %q and %d", c.plan, got, c.counted, v.Faults[c.counted], c.idle, c.n)
		}
	}
}

// Fails if a flapping link that was healed, or that flaps when faults end, still asks the budget for room.
func TestHealedFlapsAskForNothing(t *testing.T) {
	for plan, want := range map[string]uint64{
		"always budget zones\n10ms flap a1 | b1 5x 2ms\n11ms heal\n13ms crash c1 for good\n": 0,
		"always budget zones\n99ms flap a1 | b1 90x 2ms\n":                                   0,
		"always budget zones\n10ms flap a1 | b1 3x 2ms\n13ms crash c1 for good\n":            2,
	} {
		if _, v := perform(t, archipelago(), 1, plan); v.Spared != want {
			t.Errorf("%q: %d faults held back, want %d", plan, v.Spared, want)
		}
	}
}

// Fails if to heal a zone that is empty heals all others.
func TestHealingNobody(t *testing.T) {
	s := stage(ticker("a", ms, "b"), plays("b", nil, listen), idle("c"))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Zone("z", "c")
	}
	events, _ := perform(t, s, 1, "always zone y c\n20ms cut a | b\n40ms heal z | b\n")
	for _, e := range of(events, sim.Delivered, "b") {
		if at(e) > 25*time.Millisecond {
			t.Fatal("b hears again though nobody has healed its link")
		}
	}
}

// Fails if a law or a share for links that nobody has any more is not said to be idle.
func TestLinksOfNobody(t *testing.T) {
	s := stage(ticker("a", ms, "b"), plays("b", nil, listen), idle("c"))
	build := s.Build
	s.Build = func(w *sim.World, o sim.Options) {
		build(w, o)
		w.Zone("z", "c")
	}
	for line, idle := range map[string]bool{"20ms loss z>b 50%": true, "20ms loss y>b 50%": false, "20ms loss 50%": false} {
		if _, v := perform(t, s, 1, "always zone y c\n"+line+"\n"); (len(v.Idle) == 1) != idle {
			t.Errorf("%q: idle %q", line, v.Idle)
		}
	}
}

// Fails if what a suspended node had set under way is still held when faults have ended, and the node with it.
func TestSuspendedInTheMiddleWhenFaultsEnd(t *testing.T) {
	events, _ := perform(t, settling(stage(ticker("a", ms, "b"), slowWriter("b"))), 1, "always sync b 5ms\n52ms pause b with clock\n")
	late := 0
	for _, e := range of(events, sim.Noted, "b") {
		if at(e) > settleAt+fault.NetBound {
			late++
		}
	}
	if late < 20 {
		t.Errorf("b noted %d things after faults had ended", late)
	}
}
