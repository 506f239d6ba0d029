package multipaxos

import (
	"testing"

	"simrun/sim"
)

// A whole checked run: five servers, five clients, 200 operations, the default profile, every property; one after another in the same memory, as a hunt
// does it. Beside runs a second it tells how much virtual time goes by in a second of real time.
func BenchmarkRun(b *testing.B) {
	s := Scenario()
	o, err := s.ParseOptions([]string{"servers=5", "clients=5", "ops=200"})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var memory sim.Memory
	events, virtual, seed := uint64(0), 0.0, uint64(0)
	for b.Loop() {
		w, err := s.World(sim.Config{Seed: seed % 1000, Options: o, Reuse: &memory})
		if err != nil {
			b.Fatal(err)
		}
		events += w.Run(0).Events
		virtual += w.Now().Sub(0).Seconds()
		seed++
	}
	b.ReportMetric(float64(events)/float64(b.N), "events/run")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "runs/s")
	b.ReportMetric(virtual/b.Elapsed().Seconds(), "virtual-s/s")
}
