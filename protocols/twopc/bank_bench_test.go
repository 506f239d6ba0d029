package twopc

import (
	"testing"

	"simrun/sim"
)

// A whole run of the bank: three shards, three tellers, twelve orders, the default profile, every property; one after
// another in the same memory, as a hunt does it.
func BenchmarkBank(b *testing.B) {
	s := Bank()
	o, err := s.ParseOptions(nil)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	var memory sim.Memory
	events, seed := uint64(0), uint64(0)
	for b.Loop() {
		w, err := s.World(sim.Config{Seed: seed % 1000, Options: o, Reuse: &memory})
		if err != nil {
			b.Fatal(err)
		}
		events += w.Run(0).Events
		seed++
	}
	b.ReportMetric(float64(events)/float64(b.N), "events/run")
}
