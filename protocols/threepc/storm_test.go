package threepc

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"simrun/sim"
	"simrun/sim/chance"
	"simrun/sim/fault"
)

// storm makes runs of one transaction in which every site crashes once, twice or three times, most often while it
// matters, and is back after a while. So total failures are common, which profiles seldom draw. It returns how many runs
// violated agreement, what else was complained of, and in how many runs sites that had recovered ended the transaction.
func storm(t *testing.T, s *sim.Scenario, runs int) (violated, other, repaired int) {
	t.Helper()
	o, err := s.ParseOptions([]string{"transactions=1", "votes=yyy"})
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(3, 1))
	var memory sim.Memory
	for seed := range runs {
		plan := fault.Plan{}
		for _, id := range []string{"c", "p1", "p2", "p3"} {
			least, most := 8, 24
			if id == "c" {
				least, most = 14, 17 // from its pre-commit to the last PreCommit
			}
			for range 1 + r.IntN(3) {
				line, err := fault.ParseLine(fmt.Sprintf("crash %s after effect %d for %dms", id, least+r.IntN(most-least), 1+r.IntN(500)))
				if err != nil {
					t.Fatal(err)
				}
				plan = append(plan, line)
				least, most = most, most+15
			}
		}
		w, err := s.World(sim.Config{Seed: uint64(seed), Options: o, Plan: &plan, Reuse: &memory})
		if err != nil {
			t.Fatal(err)
		}
		v := w.Run(0)
		switch {
		case v.Property == "ac1-agreement":
			violated++
		case v.Outcome != sim.OK:
			other++
		}
		for _, name := range v.Sometimes {
			if name == "Repaired" {
				repaired++
			}
		}
	}
	return violated, other, repaired
}

// Fails if a total failure is ended in two ways, or not at all, or if there are too few for that to mean anything; and if
// those who trust the states of the dead do no harm.
func TestStorm(t *testing.T) {
	runs := 10_000
	if testing.Short() {
		runs = 1000
	}
	violated, other, repaired := storm(t, Scenario(), runs)
	t.Logf("%d runs, %d repaired", runs, repaired)
	if violated+other > 0 || repaired < runs/10 {
		t.Errorf("of %d runs %d violated agreement, %d ended badly otherwise, %d were repaired", runs, violated, other, repaired)
	}
	for _, x := range []struct {
		mistake string
		play    func(*Participant) sim.Node
		runs    int
	}{
		{"the first to recover decides alone", func(p *Participant) sim.Node { return lonely{p} }, 1000},
		{"the states of the dead count", func(p *Participant) sim.Node { return credulous{p} }, runs},
	} {
		violated, _, _ := storm(t, scenario(cast{participant: x.play}), x.runs)
		t.Logf("%s: %d of %d runs violated agreement", x.mistake, violated, x.runs)
		if violated == 0 && !testing.Short() {
			t.Errorf("%s: no two decided differently in %d runs", x.mistake, x.runs)
		}
	}
}

// The slowest world that the model allows, and the most that a site can have to do at once: every message takes as long as
// it may, every record two milliseconds, clocks drift apart as far as they may, and the coordinator and then the backup crash at
// some moment of eight transactions that began together. Fails if what waits for a disk makes a message late, or anything else
// is complained of.
func TestSlowestWorld(t *testing.T) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"participants=16", "transactions=8", "stagger=0s", "no=0"})
	if err != nil {
		t.Fatal(err)
	}
	var memory sim.Memory
	elected := 0
	for c := 10; c <= 120; c += 5 {
		for _, p1 := range []int{230, 300, 390} {
			plan, err := fault.Parse(fmt.Sprintf("always law constant 20ms\nalways sync 1ms\nalways write 1ms\nalways read 1ms\n"+
				"always drift c -200ppm\nalways drift p1 200ppm\nalways drift p2 -200ppm\nalways drift p3 200ppm\n"+
				"%dms crash c\n%dms crash p1\n%dms restart c\n%dms restart p1\n", c, p1, p1+c, p1+2*c))
			if err != nil {
				t.Fatal(err)
			}
			w, err := s.World(sim.Config{Driver: chance.Benign{}, Options: o, Plan: &plan, Reuse: &memory})
			if err != nil {
				t.Fatal(err)
			}
			v := w.Run(0)
			if v.Outcome != sim.OK || v.Late > 0 || len(v.Outside) > 0 {
				t.Errorf("c crashes at %dms, p1 at %dms: %v %s: %s (%d messages late, outside the model: %v)", c, p1, v.Outcome, v.Property, v.Why, v.Late, v.Outside)
			}
			if slices.Contains(v.Sometimes, "Elected") {
				elected++
			}
		}
	}
	if elected < 30 {
		t.Errorf("backups were elected in %d runs only", elected)
	}
}
