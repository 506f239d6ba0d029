package main

import (
	"fmt"
	"slices"
	"testing"

	"simrun/sim"
	"simrun/sim/fault"
)

// forced are the profiles that may go outside of a scenario's model, since they are asked to.
var forced = []string{"none", "crash", "partition", "byzantine", "async"}

// Fails if what a profile draws for a scenario does not parse back to itself, is outside the scenario's model though the profile stays inside, or
// makes another run when it is given back.
func TestDrawnPlans(t *testing.T) {
	seeds := uint64(25)
	if testing.Short() {
		seeds = 3
	}
	for _, s := range scenarios() {
		for _, p := range fault.Profiles() {
			for seed := range seeds {
				if err := drawn(s, p, seed); err != nil {
					t.Errorf("scenario %s, profile %s, seed %d: %v", s.Name, p.Name, seed, err)
				}
			}
		}
	}
}

// drawn makes a run by a profile, and again by the plan that it drew.
func drawn(s *sim.Scenario, p fault.Profile, seed uint64) error {
	w, err := s.World(sim.Config{Seed: seed, Faults: p.Name})
	if err != nil {
		return err
	}
	text := w.Plan().String()
	v := w.Run(0)
	again, err := fault.Parse(text)
	if err != nil || again.String() != text {
		return fmt.Errorf("its plan is read as another: %v\n%s", err, text)
	}
	if len(v.Outside) > 0 && !slices.Contains(forced, p.Name) {
		return fmt.Errorf("outside the model: %v", v.Outside)
	}
	if beyond := slices.ContainsFunc(again, func(l fault.Line) bool { return l.Verb == fault.Beyond }); beyond != p.Beyond {
		return fmt.Errorf("beyond every budget: %v", beyond)
	}
	w, err = s.World(sim.Config{Seed: seed, Plan: &again})
	if err != nil {
		return err
	}
	if u := w.Run(0); u.Hash != v.Hash || u.Events != v.Events {
		return fmt.Errorf("the run has hash %x, and by its plan %x\n%s", v.Hash, u.Hash, text)
	}
	return nil
}

// Fails if over many seeds a profile draws for no scenario what the catalogue says that it draws and these scenarios leave room for, or something that the catalogue knows nothing
// of.
func TestProfilesDrawWhatTheySay(t *testing.T) {
	if testing.Short() {
		t.Skip("many plans")
	}
	// What no scenario of this command is built for.
	absent := []fault.Kind{fault.Garbled, fault.Wipes, fault.Swaps, fault.IOErrors, fault.FailedSyncs, fault.LatentSectors, fault.BitRot, fault.Misdirections,
		fault.PhantomWrites, fault.OutdatedReads, fault.FullDisks, fault.TornWrites}
	// What comes with others: with a crash, with a cut, or with an aimed line. An entry for one slow link is counted as what it may reorder, which it
	// cannot where a profile keeps order.
	along := []fault.Kind{fault.Crashes, fault.Restarts, fault.LostBytes, fault.TornWrites, fault.Cuts, fault.CutOff, fault.AimedFaults, fault.Pauses, fault.Resets, fault.Slowness,
		fault.Reorders, fault.Lingering, fault.ZonePower, fault.ZoneNetwork, fault.SlowDisks, fault.Losses}
	for _, p := range fault.Profiles() {
		says := fault.Set(0)
		for _, e := range fault.Catalogue() {
			if slices.Contains(e.Profiles(), p.Name) {
				says.Add(e.Kind)
			}
		}
		var draws fault.Set
		for _, s := range scenarios() {
			for seed := range uint64(250) {
				w, err := s.World(sim.Config{Seed: seed, Faults: p.Name})
				if err != nil {
					t.Fatal(err)
				}
				draws |= w.Plan().Enabled()
				w.Close()
			}
		}
		for k := range fault.Kinds {
			if draws.Has(k) && !says.Has(k) && !slices.Contains(along, k) {
				t.Errorf("%s draws %s, of which the catalogue says nothing", p.Name, k)
			}
			if says.Has(k) && !draws.Has(k) && !slices.Contains(absent, k) && k != fault.Reorders {
				t.Errorf("%s never draws %s", p.Name, k)
			}
		}
	}
}
