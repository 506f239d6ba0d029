package reclog_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

var node = chance.NewWord("n")

// TestCrashes is the contract under a hostile disk: after any crash the log opens, and holds all records synced and a
// prefix of those appended. It would fail if ordinary reordering were called corruption, or if a record could be lost
// or made up.
func TestCrashes(t *testing.T) {
	pick := chance.NewStream("test", "", "", "crashes")
	var more, fewer int
	for seed := range uint64(400) {
		source := chance.Seeded(seed)
		var n uint64
		roll := func(k int) int { n++; return int(source.Below(&pick, n, uint64(k))) }
		d := disk.New()
		var appended []string
		for life := range uint64(4) {
			l, got := open(t, d)
			appended = got
			synced := len(got)
			for range roll(12) {
				p := fmt.Sprintf("%d.%d %s", life, len(appended), bytes.Repeat([]byte("z"), roll(2)*roll(1200)))
				add(t, l, p)
				appended = append(appended, p)
				if roll(3) == 0 {
					sync(t, l, d)
					synced = len(appended)
				}
			}
			d.Happened(d.Issued())
			d.Crash(&source, node, life, disk.Mode(roll(3)))
			_, got = open(t, d)
			if len(got) < synced || len(got) > len(appended) || fmt.Sprint(got) != fmt.Sprint(appended[:len(got)]) {
				t.Fatalf("seed %d: appended %d, synced %d, recovered %d", seed, len(appended), synced, len(got))
			}
			if len(got) > synced {
				more++
			}
			if len(got) < len(appended) {
				fewer++
			}
		}
	}
	if more < 20 || fewer < 20 {
		t.Errorf("too tame: %d crashes kept unsynced records, %d lost some", more, fewer)
	}
}

// TestForgetfulProtocol shows what the log is for: an acceptor that answers before Sync forgets what it answered. It
// would fail if the disk kept unsynced records.
func TestForgetfulProtocol(t *testing.T) {
	for _, careful := range []bool{true, false} {
		d := disk.New()
		l, _ := open(t, d)
		add(t, l, "promised 3")
		if careful {
			sync(t, l, d)
		}
		d.Happened(d.Issued())
		source := chance.Seeded(1)
		d.Crash(&source, node, 1, disk.Lose)
		if _, got := open(t, d); (len(got) == 1) != careful {
			t.Errorf("synced %v: %q", careful, got)
		}
	}
}

// FuzzOpen opens arbitrary bytes. It would fail if Open panicked, returned a record that does not check on its own,
// or did not return the same when it is asked again; or if bytes that follow a good log made it return a record that
// was not appended.
func FuzzOpen(f *testing.F) {
	d := disk.New()
	l, _ := open(f, d)
	add(f, l, "first", "", "third")
	good := image(f, d)
	f.Add([]byte{})
	f.Add(good)
	f.Add(good[:len(good)-1])
	f.Add(good[21:])
	f.Add(append(bytes.Clone(good), make([]byte, 40)...))
	f.Add(bytes.Repeat([]byte{0xff}, 64))
	f.Fuzz(func(t *testing.T, b []byte) {
		d := holding(t, b)
		if _, records, err := reclog.Open(d, "log"); err == nil {
			first := payloads(t, d, records)
			if _, again := open(t, d); fmt.Sprint(again) != fmt.Sprint(first) {
				t.Errorf("opened twice: %q, then %q", first, again)
			}
		} else if !errors.Is(err, reclog.ErrCorrupt) {
			t.Error(err)
		}
		d = holding(t, append(bytes.Clone(good), b...))
		_, records, err := reclog.Open(d, "log")
		if err != nil {
			return
		}
		if got := payloads(t, d, records); len(got) < 3 || got[0] != "first" || got[1] != "" || got[2] != "third" {
			t.Errorf("got %q", got)
		} else if len(got) > 3 && !forged(b, len(good)) {
			t.Errorf("made up %q", got[3:])
		}
	})
}

// forged reports whether b, at that offset behind the good log, begins with what Append would have written: an honest
// fuzzer does not get there, but the check must not call it a mistake.
func forged(b []byte, at int) bool {
	d := disk.New()
	l, _, _ := reclog.Open(d, "log")
	for _, p := range []string{"first", "", "third"} {
		_, _ = l.Append([]byte(p))
	}
	if len(b) < 16 {
		return false
	}
	n := int(b[4]) | int(b[5])<<8 | int(b[6])<<16
	if 16+n > len(b) {
		return false
	}
	_, _ = l.Append(b[16 : 16+n])
	size, _ := d.Size("log")
	written := make([]byte, size)
	_, _ = d.ReadAt("log", written, 0)
	return bytes.HasPrefix(b, written[at:])
}

// BenchmarkAppendSyncCheck is an acceptor's answer: a record, a sync, and the check that it is durable.
func BenchmarkAppendSyncCheck(b *testing.B) {
	d := disk.New()
	p, buf := make([]byte, 40), make([]byte, 0, 128)
	var l *reclog.Log
	for i := 0; b.Loop(); i++ {
		if i%1000 == 0 {
			d.Reset()
			l, _, _ = reclog.Open(d, "log")
		}
		at, _ := l.Append(p)
		_ = l.Sync()
		d.Happened(d.Issued())
		if _, err := reclog.ReadAt(d.Durable(), "log", at, buf); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
}

// BenchmarkOpen is a restart with a hundred records.
func BenchmarkOpen(b *testing.B) {
	d := disk.New()
	l, _, _ := reclog.Open(d, "log")
	for range 100 {
		_, _ = l.Append(make([]byte, 40))
	}
	for b.Loop() {
		_, _, _ = reclog.Open(d, "log")
		d.Happened(d.Issued())
	}
	b.ReportAllocs()
}
