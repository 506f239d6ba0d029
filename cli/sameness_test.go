package cli

import (
	"strings"
	"testing"

	"simrun/seedfile"
	"simrun/sim"
)

// Fails if what is known of the place where two runs part is told wrongly, or if more is told than is known.
func TestWhereRunsPart(t *testing.T) {
	for want, s := range map[string]sameness{
		"diverged":                                        {},
		"diverged by event 1,024":                         {before: 1024},
		"diverged after event 4,096":                      {after: 4096},
		"diverged between events 1,024 and 2,048":         {after: 1024, before: 2048},
		"diverged at event 1,500, which is now 7s start":  {after: 1024, before: 2048, at: 1500, now: "7s start"},
		"diverged at event 1,500, where the run now ends": {at: 1500},
	} {
		if got := s.where(); got != want {
			t.Errorf("%+v is told as %q, want %q", s, got, want)
		}
	}
}

// Fails if any combination of hash, build and meaning of seeds gets another status than documented: above all, if changed code is
// called nondeterminism, or the other way round.
func TestStatusOfAReplay(t *testing.T) {
	v := sim.Verdict{Hash: 5}
	for _, c := range []struct {
		hash       uint64
		was, is    uint32
		simver     int
		want, text string
	}{
		{5, 0, 7, sim.Version, isExact, "exact: every event as it was"},
		{5, 7, 7, sim.Version, isExact, "exact: every event as it was"},
		{5, 7, 0, sim.Version, isExact, "exact: every event as it was"},
		{5, 8, 7, sim.Version, isMatching, "though the program is another build"},
		{6, 8, 7, sim.Version, isDiverged, "the code has changed since"},
		{6, 0, 7, sim.Version, isDiverged, "the code has changed since"},
		{6, 7, 0, sim.Version, isDiverged, "the code has changed since"},
		{6, 7, 7, sim.Version, isRandom, "of the very same build: something decides the run that is not in the seed"},
		{6, 7, 7, 0, isRandom, "of the very same build"},
		{6, 7, 7, sim.Version + 1, isDiverged, "where it may mean another run"},
		{0, 7, 7, sim.Version, isUnknown, "no hash was written down"},
	} {
		f := seedfile.File{Hash: c.hash, Build: c.was, Simver: c.simver}
		if s := compareWith(&f, &v, nil, c.is); s.status != c.want || !strings.Contains(s.text(), c.text) {
			t.Errorf("%+v: %s, %q", c, s.status, s.text())
		}
	}
}

// Fails if a file that somebody has changed is taken for a sign of changed code, or of a run that something beside its seed decides.
func TestStatusOfAChangedFile(t *testing.T) {
	f := seedfile.Of(&sim.Scenario{Name: "counter"}, sim.Config{Seed: 1}, sim.Verdict{Hash: 6})
	f.Build, f.Seed = 7, 2
	for build, v := range map[uint32]sim.Verdict{7: {Hash: 5}, 8: {Hash: 5}} {
		s := compareWith(&f, &v, nil, build)
		if s.status != isDiverged || !strings.HasSuffix(s.text(), "is 0000000000000005: the file was changed, or cut short, since it was written") {
			t.Errorf("by build %d: %s, %s", build, s.status, s.text())
		}
	}
	if s := compareWith(&f, &sim.Verdict{Hash: 6}, nil, 7); s.status != isExact {
		t.Errorf("changed, and the same run: %s", s.status)
	}
	f.Hash = 0
	if s := compareWith(&f, &sim.Verdict{Hash: 6}, nil, 7); s.status != isUnknown || !strings.Contains(s.text(), "changed, or cut short") {
		t.Errorf("without a hash: %s, %s", s.status, s.text())
	}
}

// Fails if the first event that leaves the trail is not the one that is shown, or if one is shown where none left it.
func TestWatchedTrail(t *testing.T) {
	events := []sim.Event{{Seq: 1, Kind: sim.Started, Node: "a"}, {Seq: 2, Kind: sim.Started, Node: "b"}, {Seq: 3, Kind: sim.Started, Node: "c"}}
	var trail seedfile.Trail
	for i := range events {
		trail.See(&events[i])
	}
	for n, want := range []string{"1 ", "2 ", "3 ", ""} {
		w := watched{other: trail[:n]}
		for i := range events {
			w.see(&events[i])
		}
		if n == 3 && w.now != "" || n < 3 && !strings.HasPrefix(w.now, want) {
			t.Errorf("of a trail of %d events the next is %q", n, w.now)
		}
	}
	w := watched{other: trail}
	for _, i := range []int{0, 2, 1} {
		w.see(&events[i])
	}
	if !strings.HasPrefix(w.now, "3 ") {
		t.Errorf("the first that is out of place is %q", w.now)
	}
}
