package sim

import (
	"strings"
	"testing"
	"time"

	"simrun/sim/clock"
	"simrun/sim/fault"
)

// passing is a run made by hand: events of messages, each at its time.
func passing(t *testing.T, events ...Event) *fairness {
	t.Helper()
	f := &fairness{}
	for i := range events {
		if err := f.Observe(&events[i]); err != nil {
			t.Fatal(err)
		}
	}
	return f
}

func at(d time.Duration) clock.Time { return clock.Time(0).Add(d) }

// Fails if a message that never arrives is no violation, or one that has had no time is one; if what another fault may have taken is
// blamed on who withholds; or if a run that ends before faults do is taken for more than unknown.
func TestFairness(t *testing.T) {
	const s = time.Second
	sent := Event{Seq: 3, Kind: Sent, Node: "a", Peer: "b", Data: "m", At: at(s)}
	got := Event{Seq: 9, Cause: 3, Kind: Delivered, Reason: "withheld", At: at(4 * s)}
	lost := Event{Seq: 8, Cause: 3, Kind: Dropped, Reason: "down", At: at(4 * s)}
	late := Event{Seq: 7, Kind: Sent, Node: "b", Peer: "a", At: at(10*s - 40*time.Millisecond)}
	over := World{now: at(10 * s), settled: true, enabled: 1 << fault.Withheld}
	lossy, short := over, over
	lossy.enabled |= 1 << fault.Losses
	short.settled = false
	shuffled := over
	shuffled.enabled |= 1<<fault.Reorders | 1<<fault.Lingering
	second := Event{Seq: 5, Kind: Sent, Node: "b", Peer: "a", Data: "n", At: at(2 * s)}
	const why = "the m that a sent to b at 1s has not arrived by the end of the run"
	for name, test := range map[string]struct {
		events []Event
		w      World
		want   Result
		why    string
		checks uint64
	}{
		"arrives":                     {[]Event{sent, got}, over, Holds, "", 1},
		"arrives twice":               {[]Event{sent, got, got}, over, Holds, "", 1},
		"is lost":                     {[]Event{sent, lost}, over, Holds, "", 1},
		"never arrives":               {[]Event{sent}, over, Holds, why, 0},
		"never arrives, others do":    {[]Event{sent, late, {Cause: 7, Kind: Delivered}}, over, Holds, why, 1},
		"two never arrive":            {[]Event{sent, second}, over, Holds, why, 0},
		"never arrives, late or not":  {[]Event{sent}, shuffled, Holds, why, 0},
		"is under way":                {[]Event{late}, over, Holds, "", 0},
		"may be lost":                 {[]Event{sent}, lossy, Holds, "", 0},
		"the run ends while it is on": {[]Event{sent}, short, Unknown, why + ", which came while messages were withheld", 0},
	} {
		f := passing(t, test.events...)
		r, err := f.End(&test.w)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if r != test.want || text != test.why || f.Checks() != test.checks {
			t.Errorf("%s: %v %q, %d checks; want %v %q, %d", name, r, text, f.Checks(), test.want, test.why, test.checks)
		}
	}
	f := passing(t, sent, got, late)
	if text := f.Account(); text != "withheld 1 of 2 messages, which arrived at most 3s after they were sent; 1 arrived, 1 under way at the end" {
		t.Errorf("account %q", text)
	}
	if text := passing(t, sent, lost).Account(); !strings.Contains(text, "0 arrived, other faults took 1") {
		t.Errorf("account %q", text)
	}
}
