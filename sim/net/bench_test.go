package net

import (
	"testing"

	"simrun/sim/chance"
	"simrun/sim/clock"
)

func benchmarkSend(b *testing.B, l Link) {
	c, f, now := chance.Seeded(7), network(l).Flow(0, 1, accept), clock.Time(0)
	b.ReportAllocs()
	for b.Loop() {
		now += ms
		f.Send(&c, now, 100)
	}
}

func BenchmarkSendUniform(b *testing.B) { benchmarkSend(b, Link{Law: law(b, "uniform")}) }

func BenchmarkSendHostile(b *testing.B) {
	benchmarkSend(b, Link{Law: law(b, "newest-first"), Loss: 30_000, Repeat: 30_000, Rate: 1_000_000})
}
