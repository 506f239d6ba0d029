package search

import (
	"testing"

	"simrun/sim"
)

// Fails if what experiments rule out is still called likely, or what they leave open is not: no environment where fresh processes in
// one environment differ, nothing that a package keeps where first runs differ, and no map where each process makes the same two runs.
func TestWhatExperimentsAllow(t *testing.T) {
	for name, c := range map[string]struct {
		trial trial
		want  map[Cause]bool
	}{
		"fresh processes differ":  {trial{fresh: true, again: true}, map[Cause]bool{Environment: false, PackageState: false, MapOrder: true, WallClock: true, Goroutines: true}},
		"environments differ":     {trial{elsewhere: true}, map[Cause]bool{Environment: true, PackageState: false, MapOrder: false, GlobalRandom: false}},
		"each makes the same two": {trial{again: true, alternates: true}, map[Cause]bool{Environment: false, PackageState: true, MapOrder: false, WallClock: false}},
		"this process differs":    {trial{history: true}, map[Cause]bool{Environment: false, PackageState: true, MapOrder: false}},
		"seldom":                  {trial{again: true}, map[Cause]bool{Environment: false, PackageState: true, MapOrder: true, GlobalRandom: true, Addresses: true}},
	} {
		for cause, want := range c.want {
			if c.trial.allows(cause) != want {
				t.Errorf("%s: %s is allowed %v", name, cause, !want)
			}
		}
	}
}

// Fails if an address is not seen in what a node panicked of, which stands in no event.
func TestAddressInAPanic(t *testing.T) {
	d := &Divergence{First: "violated panic: a panicked: at 0xc000010350", Second: "violated panic: a panicked: at 0xc000010358"}
	if suspect(d, &trial{fresh: true, again: true}, nil); d.Cause != Addresses {
		t.Errorf("likely %q", d.Cause)
	}
}

// Fails if runs that differ before what was recorded of them pass for runs that part at its first item.
func TestPartedBeforeTheRecord(t *testing.T) {
	from := func(seq, body uint64) *recording { return &recording{Items: []item{{Seq: seq, Body: body}}} }
	if f := firstFound(from(7, 1), from(7, 2), 100); f != nil {
		t.Errorf("recorded from event 7 on: %v", f)
	}
	if f := firstFound(from(1, 1), from(1, 2), 100); f == nil || f.seq != 1 {
		t.Errorf("recorded from the start: %v", f)
	}
}

// Fails if runs of one hash pass for alike that ended in another way, or by another property, or in which a node asked for something
// that never happened.
func TestAlike(t *testing.T) {
	v := sim.Verdict{Hash: 1, Outcome: sim.Stalled, Property: "p", Why: "x\nstack 1", Checkpoints: []sim.Checkpoint{{Seq: 1, Hash: 2}}}
	same, others := v, [4]sim.Verdict{v, v, v, v}
	same.Why = "x\nstack 2"
	others[0].Outcome, others[1].Property, others[2].Why, others[3].Checkpoints = sim.Violated, "q", "y", []sim.Checkpoint{{Seq: 1, Hash: 3}}
	if !alike(v, same) {
		t.Error("two stacks of one panic are not alike")
	}
	for i, o := range others {
		if alike(v, o) {
			t.Errorf("alike, but for case %d: %+v", i, o)
		}
	}
}
