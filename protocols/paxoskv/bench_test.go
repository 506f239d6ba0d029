package paxoskv

import (
	"testing"

	"simrun/sim"
)

// A whole run: three servers, three clients, a hundred operations, the default profile, every property.
func BenchmarkRun(b *testing.B) {
	s := Scenario()
	o, err := s.ParseOptions(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	events, seed := uint64(0), uint64(0)
	for b.Loop() {
		w, err := s.World(sim.Config{Seed: seed % 1000, Options: o})
		if err != nil {
			b.Fatal(err)
		}
		events += w.Run(0).Events
		seed++
	}
	b.ReportMetric(float64(events)/float64(b.N), "events/run")
}
