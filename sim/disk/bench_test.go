package disk

import (
	"testing"

	"simrun/sim/chance"
)

// BenchmarkAppendSyncRead is what an acceptor does for each answer, and what the world does to check it.
func BenchmarkAppendSyncRead(b *testing.B) {
	d := New()
	p, buf := make([]byte, 80), make([]byte, 80)
	var off int64
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			d.Reset()
			_ = d.Append("log", nil)
			_ = d.SyncDir()
			off = 0
		}
		_ = d.Append("log", p)
		_ = d.Sync("log")
		d.Happened(d.Issued())
		if n, err := d.Durable().ReadAt("log", buf, off); n != len(buf) || err != nil {
			b.Fatal(n, err)
		}
		off += int64(len(p))
	}
	b.ReportAllocs()
}

// BenchmarkInPlace overwrites a small file and syncs it.
func BenchmarkInPlace(b *testing.B) {
	d := New()
	p := make([]byte, 80)
	for b.Loop() {
		_ = d.WriteAt("state", p, 0)
		_ = d.Sync("state")
		d.Happened(d.Issued())
	}
	b.ReportAllocs()
}

// BenchmarkRun is the disk's share of a small run: a hundred appends, half of them synced, and a crash.
func BenchmarkRun(b *testing.B) {
	d := New()
	p := make([]byte, 80)
	source := chance.Seeded(1)
	for b.Loop() {
		d.Reset()
		_ = d.SyncDir()
		for i := range 100 {
			_ = d.Append("log", p)
			if i%2 == 0 {
				_ = d.Sync("log")
				d.Happened(d.Issued())
			}
		}
		d.Crash(&source, node, 1, Mix)
	}
	b.ReportAllocs()
}

// BenchmarkNew is a new disk with its first write.
func BenchmarkNew(b *testing.B) {
	p := make([]byte, 80)
	for b.Loop() {
		_ = New().Append("log", p)
	}
	b.ReportAllocs()
}
