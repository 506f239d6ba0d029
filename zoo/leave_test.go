package zoo

import (
	"os"
	"strings"
	"testing"
	"time"

	"simrun/sim/chance"
	"simrun/sim/clock"
	"simrun/sim/fault"
)

// enabled are the kinds of faults that plans of a profile may make happen, in a world that has room for all.
func enabled(t *testing.T, profile string, seeds uint64) (all fault.Set) {
	t.Helper()
	p, err := fault.FindProfile(profile)
	if err != nil {
		t.Fatal(err)
	}
	nodes := []string{"a1", "a2", "a3", "a4", "a5", "a6", "a7"}
	for seed := range seeds {
		for _, m := range []fault.Model{{}, {Disk: fault.Lying}, {Byzantine: true, Garbled: true}} {
			c := chance.Seeded(seed)
			plan := p.Draw(&c, fault.Space{Nodes: append(nodes, "c1"), Until: clock.Time(3 * time.Second), Targets: []string{"Chosen"},
				Groups: []fault.Group{{Nodes: nodes, Spare: 3}}, Model: m})
			all |= m.Enabled(plan)
		}
	}
	return all
}

// Fails if a profile without a kind of fault draws it after all, so that a bug seems not to need it; or if another kind than those that go with it is
// gone too, so that a bug seems to need what it does not. Swarm and uniform have all kinds but those that only plans ask for.
func TestWithoutAKind(t *testing.T) {
	seeds := map[string]uint64{"swarm": 300, "uniform": 40} // a swarm has each only now and then
	with := map[string]fault.Set{"swarm": enabled(t, "swarm", 300), "uniform": enabled(t, "uniform", 40)}
	along := map[string]string{ // what is gone with it
		"crash": "restart lost-bytes crash-loop wipe swap zone-power aimed stale clock-reset", "loss": "corrupt overflow break send-omission receive-omission", "linger": "stale overflow",
		"reorder": "linger stale overflow zone-power zone-network", "cut": "cut-off partition flap zone-network aimed", "pause": "suspend aimed", "slow-disk": "disk-stall throttle",
		"send-omission": "receive-omission", "io-error": "failed-sync", "torn-write": "lost-bytes",
	}
	for i, k := range []string{"restart", "cut-off", "receive-omission", "failed-sync"} { // others by the same settings
		along[k] = []string{along["crash"] + " crash", along["cut"] + " cut", "send-omission", "io-error"}[i]
	}
	for k := range fault.Kinds {
		name := k.String()
		if _, ok := leaveOut[name]; !ok {
			if k != fault.Withheld && k != fault.BrokenBounds {
				t.Errorf("nobody can leave out %s", name)
			}
			continue
		}
		g, err := groupOf([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		for base, all := range with {
			if base == "swarm" && len(g.off) == 1 && name != "aimed" { // one family, of which uniform tells as much
				continue
			}
			without, err := g.Without(base)
			if err != nil {
				t.Fatal(err)
			}
			left := enabled(t, without, seeds[base])
			if left.Has(k) || all.Has(k) && without == base {
				t.Errorf("%s without %s is %s, and draws it", base, name, without)
			}
			for other := range fault.Kinds {
				if all.Has(other) && !left.Has(other) && other != k && !strings.Contains(" "+along[name]+" ", " "+other.String()+" ") {
					t.Errorf("%s without %s draws no %s either", base, name, other)
				}
			}
		}
	}
}

// Fails if a setting that is there already stands in the way of another, if a profile that draws nothing of a group gets settings, or if one that cannot be meant is taken.
func TestWithoutComposed(t *testing.T) {
	for name, want := range map[string]string{"swarm:crash=2,cut=off": "swarm:cut=off,crash.loses=0%,crash=2", "none": "none", "": "swarm:crash.loses=0%", "crash": "crash:crash.loses=0%",
		"swarm:crash.loses=50%": "swarm:crash.loses=0%", "clock+disk": "clock+disk:crash.loses=0%"} {
		g, _ := groupOf([]string{"lost-bytes"})
		got, err := g.Without(name)
		a, _ := fault.FindProfile(got)
		b, e := fault.FindProfile(want)
		if err != nil || e != nil || a.Name != b.Name || got != a.Name {
			t.Errorf("%s without what is not synced is %s, %v; want %s, %v", name, got, err, want, e)
		}
	}
	g, _ := groupOf([]string{"crash"})
	if got, err := g.Without("swarm:crash=2"); err != nil || strings.Contains(got, "crash=2") || !strings.Contains(got, "crash=off") {
		t.Errorf("what was set stays: %s, %v", got, err)
	}
	if _, err := g.Without("swam"); err == nil {
		t.Error("an unknown profile is taken")
	}
	if _, err := groupOf([]string{"crash", "thirst"}); err == nil || !strings.Contains(err.Error(), `"thirst"`) {
		t.Errorf("thirst: %v", err)
	}
}

// Fails if the header of a bug that is here names a kind of fault that cannot be left out, so that nobody could check it.
func TestHeadersCanBeChecked(t *testing.T) {
	z, err := Open(os.DirFS(".."))
	if err != nil || len(z) == 0 {
		t.Fatalf("%d bugs, %v", len(z), err)
	}
	for _, b := range z {
		if err := (&Needs{Bug: b, Profile: orDefault(b.Faults)}).plan(); err != nil {
			t.Errorf("%s: %v", b.Name, err)
		}
	}
}

// Fails if something that counts as a fault is drawn where any fault is left out, so that a bug which needs it seems to need concurrency alone; or if no message is late there.
func TestWithoutAnyFault(t *testing.T) {
	groups := Groups()
	g := groups[len(groups)-1]
	name, err := g.Without("swarm")
	if err != nil || g.Name != anyFault {
		t.Fatalf("%s: %v", g.Name, err)
	}
	left := enabled(t, name, 300)
	for k := range fault.Kinds {
		if delay := k == fault.Lingering || k == fault.Reorders || k == fault.StaleMessages; left.Has(k) != delay {
			t.Errorf("%s: %s is drawn: %v", name, k, left.Has(k))
		}
	}
}
