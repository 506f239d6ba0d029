package reclog_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

func open(t testing.TB, fs disk.FS) (*reclog.Log, []string) {
	t.Helper()
	l, records, err := reclog.Open(fs, "log")
	if err != nil {
		t.Fatal(err)
	}
	return l, payloads(t, fs, records)
}

// payloads returns what the records say, and checks each by ReadAt.
func payloads(t testing.TB, v disk.View, records []reclog.Record) (all []string) {
	t.Helper()
	for _, r := range records {
		p, err := reclog.ReadAt(v, "log", r.At, nil)
		if err != nil || !bytes.Equal(p, r.Payload) {
			t.Fatalf("record at %d: Open says %q, ReadAt %q, %v", r.At, r.Payload, p, err)
		}
		all = append(all, string(r.Payload))
	}
	return all
}

func add(t testing.TB, l *reclog.Log, payloads ...string) (at []int64) {
	t.Helper()
	for _, p := range payloads {
		i, err := l.Append([]byte(p))
		if err != nil {
			t.Fatal(err)
		}
		at = append(at, i)
	}
	return at
}

func sync(t testing.TB, l *reclog.Log, d *disk.Disk) {
	t.Helper()
	if err := l.Sync(); err != nil {
		t.Fatal(err)
	}
	d.Happened(d.Issued())
}

// image returns the bytes of the log.
func image(t testing.TB, v disk.View) []byte {
	t.Helper()
	size, err := v.Size("log")
	if err != nil {
		t.Fatal(err)
	}
	b := make([]byte, size)
	if n, err := v.ReadAt("log", b, 0); n < len(b) {
		t.Fatal(n, err)
	}
	return b
}

// holding returns a disk on which the log has these bytes.
func holding(t testing.TB, b []byte) *disk.Disk {
	t.Helper()
	d := disk.New()
	if err := d.Append("log", b); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestRoundTrip would fail if a record were lost, changed or reordered by closing and opening the log, or if new ones
// did not continue the chain.
func TestRoundTrip(t *testing.T) {
	d := disk.New()
	var want []string
	for life := range 4 {
		l, got := open(t, d)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("life %d: %q, want %q", life, got, want)
		}
		for i := range 5 {
			p := string(bytes.Repeat([]byte{byte(life)}, i*i*20))
			add(t, l, p)
			want = append(want, p)
		}
	}
}

// TestFormat pins the bytes of a log, which later versions must be able to read.
func TestFormat(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	add(t, l, "a")
	add(t, l, "")
	sync(t, l, d)
	add(t, l, "bc")
	const want = "f03a7694" + "01000000" + "6c636572" + "00000000" + "61" + // crc, length, prev, loose
		"8bae058c" + "00000000" + "f03a7694" + "11000000" + // 17 bytes before it were not synced
		"77347f2e" + "02000000" + "8bae058c" + "00000000" + "6263"
	if got := hex.EncodeToString(image(t, d)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestDurable would fail if Open left the name of the file to chance, or if a record counted as durable before Sync.
func TestDurable(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	at := add(t, l, "one")
	d.Happened(d.Issued())
	if _, err := reclog.ReadAt(d.Durable(), "log", at[0], nil); !errors.Is(err, reclog.ErrCorrupt) {
		t.Errorf("the file is durable, its record is not: %v", err)
	}
	sync(t, l, d)
	if p, err := reclog.ReadAt(d.Durable(), "log", at[0], nil); string(p) != "one" || err != nil {
		t.Errorf("%q, %v", p, err)
	}
	// A process that died left records that it had not synced. The next life may act on what it finds, so Open syncs.
	add(t, l, "two")
	open(t, d)
	d.Happened(d.Issued())
	if got := image(t, d.Durable()); !bytes.Equal(got, image(t, d)) {
		t.Errorf("what Open returned is not durable: %d bytes", len(got))
	}
}

// TestTornTail cuts a log at every byte. It would fail if a whole record were thrown away, or a part of one kept, or
// if a record could not be appended afterwards.
func TestTornTail(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	at := add(t, l, "first", "", "third")
	b := image(t, d)
	ends := append(at[1:], int64(len(b)))
	for cut := range len(b) + 1 {
		d := holding(t, b[:cut])
		l, got := open(t, d)
		whole := 0
		for _, e := range ends {
			if e <= int64(cut) {
				whole++
			}
		}
		if len(got) != whole {
			t.Fatalf("cut at %d: %q", cut, got)
		}
		add(t, l, "more")
		if _, got = open(t, d); len(got) != whole+1 || got[whole] != "more" {
			t.Fatalf("cut at %d and appended: %q", cut, got)
		}
	}
}

// TestDamage flips every bit of a log whose records were each synced. It would fail if a damaged record were
// returned, or if damage before the last record were taken for a torn tail.
func TestDamage(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	var at []int64
	for _, p := range []string{"first", "second", "third"} {
		at = append(at, add(t, l, p)...)
		sync(t, l, d)
	}
	b := image(t, d)
	for bit := range len(b) * 8 {
		b[bit/8] ^= 1 << (bit % 8)
		_, records, err := reclog.Open(holding(t, b), "log")
		b[bit/8] ^= 1 << (bit % 8)
		if last := int64(bit/8) >= at[2]; last && (err != nil || len(records) != 2) {
			t.Fatalf("bit %d: damage to the last record looks like a torn tail: %d records, %v", bit, len(records), err)
		} else if !last && !errors.Is(err, reclog.ErrCorrupt) {
			t.Fatalf("bit %d: %d records, %v, want corruption", bit, len(records), err)
		}
	}
}

// TestLooseRecords is why a valid record behind an invalid one is not always corruption: two are appended, the disk
// writes the second first, and the power fails. It would fail if the node could not start again.
func TestLooseRecords(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	at := add(t, l, "safe")
	sync(t, l, d)
	at = append(at, add(t, l, "lost", "kept")...)
	b := image(t, d)
	clear(b[at[1]:at[2]])
	l, got := open(t, holding(t, b))
	if len(got) != 1 || got[0] != "safe" {
		t.Errorf("got %q", got)
	}
	if next := add(t, l, "next"); next[0] != at[1] {
		t.Errorf("the next record is at %d, want %d", next[0], at[1])
	}
	clear(b[:4])
	if _, _, err := reclog.Open(holding(t, b), "log"); !errors.Is(err, reclog.ErrCorrupt) {
		t.Errorf("the first record had been synced before the third was appended: %v", err)
	}
}

// TestStaleTail would fail without the chain: records of an earlier history lie behind a new one, at the right place
// and valid in themselves.
func TestStaleTail(t *testing.T) {
	old, d := disk.New(), disk.New()
	l, _ := open(t, old)
	add(t, l, "aaaa", "bbbb")
	m, _ := open(t, d)
	add(t, m, "cccc")
	b := append(image(t, d), image(t, old)[20:]...)
	if p, err := reclog.ReadAt(holding(t, b), "log", 20, nil); string(p) != "bbbb" || err != nil {
		t.Fatalf("the stale record is valid in itself: %q, %v", p, err)
	}
	if _, got := open(t, holding(t, b)); len(got) != 1 || got[0] != "cccc" {
		t.Errorf("got %q", got)
	}
}

// TestImageInPayload would fail if a payload which holds a copy of a log could be taken for records.
func TestImageInPayload(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	add(t, l, "x")
	sync(t, l, d)
	add(t, l, "y")
	copied := image(t, d)
	at := add(t, l, string(copied))
	for off := range len(copied) {
		if p, err := reclog.ReadAt(d, "log", at[0]+16+int64(off), nil); err == nil {
			t.Errorf("the copy at %d passes for %q", off, p)
		}
	}
}

// TestReadAt would fail if it returned anything but whole, valid records at their own offsets, or made memory it has
// no need of.
func TestReadAt(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	big := string(bytes.Repeat([]byte("b"), 5000))
	want := []string{"", "small", big, "last"}
	at := add(t, l, want...)
	size := int64(len(image(t, d)))
	for off := int64(0); off < size+3; off++ {
		p, err := reclog.ReadAt(d, "log", off, nil)
		if i := index(at, off); i >= 0 && (err != nil || string(p) != want[i]) {
			t.Errorf("at %d: %q, %v", off, p, err)
		} else if i < 0 && !errors.Is(err, reclog.ErrCorrupt) {
			t.Errorf("at %d: %q, %v, want ErrCorrupt", off, p, err)
		}
	}
	if _, err := reclog.ReadAt(d, "none", 0, nil); !errors.Is(err, disk.ErrNotExist) {
		t.Error("no file:", err)
	}
	if _, err := reclog.ReadAt(d, "log", -1, nil); err == nil || errors.Is(err, reclog.ErrCorrupt) {
		t.Error("a negative offset is a mistake, not corruption:", err)
	}
	for _, room := range []int{0, 15, 16, 20, 21, 64, 129, 6000} {
		for i, off := range at {
			buf := make([]byte, room)
			if p, err := reclog.ReadAt(d, "log", off, buf); err != nil || string(p) != want[i] {
				t.Errorf("record %d with room for %d: %d bytes, %v", i, room, len(p), err)
			}
		}
	}
	if n := testing.AllocsPerRun(100, func() { _, _ = reclog.ReadAt(d, "log", at[1], make([]byte, 64)) }); n > 1 {
		t.Errorf("%v allocations", n)
	}
}

func index(at []int64, off int64) int {
	for i := range at {
		if at[i] == off {
			return i
		}
	}
	return -1
}

// TestAppendKeepsNothing would fail if a caller that uses its buffer again changed the log, or if appending made
// garbage.
func TestAppendKeepsNothing(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	p := []byte("before")
	at, err := l.Append(p)
	copy(p, "AFTER!")
	if got, _ := reclog.ReadAt(d, "log", at, nil); string(got) != "before" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	still := &disk.Faulty{FS: quiet{d}, Fail: func(disk.Op) error { return nil }}
	l, _, _ = reclog.Open(still, "log")
	if n := testing.AllocsPerRun(100, func() { _, _ = l.Append(p) }); n > 0 {
		t.Errorf("%v allocations an append", n)
	}
	if _, err := l.Append(make([]byte, reclog.MaxPayload+1)); err == nil {
		t.Error("a payload beyond the bound must be refused")
	}
	if _, err := l.Append(p); err != nil {
		t.Error("a refused payload does no harm to the log:", err)
	}
}

// quiet is a disk that ignores appends, so that only the log's own allocations count.
type quiet struct{ disk.FS }

func (quiet) Append(string, []byte) error { return nil }

// TestErrors would fail if an error of the disk got lost anywhere, or if the log went on after one.
func TestErrors(t *testing.T) {
	broken := errors.New("broken")
	for k := disk.OpKind(0); k <= disk.SizeOp; k++ {
		d := disk.New()
		l, _ := open(t, d)
		add(t, l, "whole")
		_ = d.Append("log", []byte("torn"))
		bad := &disk.Faulty{FS: d, Fail: func(o disk.Op) error {
			if o.Kind == k {
				return broken
			}
			return nil
		}}
		used := k == disk.SizeOp || k == disk.ReadOp || k == disk.TruncateOp || k == disk.SyncOp || k == disk.SyncDirOp
		if _, _, err := reclog.Open(bad, "log"); errors.Is(err, broken) != used {
			t.Errorf("%v fails, Open returns %v", k, err)
		}
	}
	for _, k := range []disk.OpKind{disk.AppendOp, disk.SyncOp} {
		fails := 0
		d := &disk.Faulty{FS: disk.New(), Fail: func(o disk.Op) error {
			if o.Kind == k && fails > 0 {
				fails--
				return broken
			}
			return nil
		}}
		l, _ := open(t, d)
		fails = 1
		_, first := l.Append([]byte("x"))
		if first == nil {
			first = l.Sync()
		}
		_, again := l.Append([]byte("y"))
		if !errors.Is(first, broken) || !errors.Is(again, broken) || !errors.Is(l.Sync(), broken) {
			t.Errorf("%v failed once: %v, then %v: a log must not trust the disk again", k, first, again)
		}
	}
}

// Fails if Peek sees anything else than ReadAt: on a durable view, on a plain one, off a record's start and past the
// end.
func TestPeekIsReadAt(t *testing.T) {
	d := disk.New()
	l, _, err := reclog.Open(d, "log")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 20 {
		if _, err := l.Append([]byte(strings.Repeat("x", 7*i))); err != nil {
			t.Fatal(err)
		}
		if i == 15 {
			if err := l.Sync(); err != nil {
				t.Fatal(err)
			}
		}
	}
	d.Happened(d.Issued())
	found := 0
	for _, v := range []disk.View{d.Durable(), d, struct{ disk.View }{d.Durable()}} {
		for at := int64(0); at < 2000; at++ {
			a, errA := reclog.ReadAt(v, "log", at, nil)
			b, errB := reclog.Peek(v, "log", at)
			if string(a) != string(b) || (errA == nil) != (errB == nil) {
				t.Fatalf("at %d: ReadAt gives %q, %v; Peek gives %q, %v", at, a, errA, b, errB)
			}
			if errB == nil {
				found++
			}
		}
	}
	if found != 16+20+16 {
		t.Errorf("found %d records, want 52: 16 are durable", found)
	}
}

// Fails if a watcher cannot tell a record from other bytes, or takes a part of one for the whole.
func TestPayload(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	add(t, l, "promised 3", "")
	b := image(t, d)
	for _, c := range []struct {
		written []byte
		want    string
		ok      bool
	}{{b[:26], "promised 3", true}, {b[26:], "", true}, {b, "", false}, {b[:25], "", false}, {b[:15], "", false}, {nil, "", false}} {
		if p, ok := reclog.Payload(c.written); string(p) != c.want || ok != c.ok {
			t.Errorf("%d bytes: got %q, %v, want %q, %v", len(c.written), p, ok, c.want, c.ok)
		}
	}
}
