package reclog_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"simrun/sim/chance"
	"simrun/sim/disk"
	"simrun/sim/disk/reclog"
)

// A history is what a node did to its log: "a700" appends a record of that many bytes, "s" syncs, "o" is a crash that keeps all and a new life.
type history []string

var histories = []history{
	{"a3", "s", "a5", "s", "a0", "s"},
	{"a700", "s", "a40", "a600", "s"},
	{"a20", "a20", "a20", "s", "a20", "a20", "s", "a1"},
	{"a510", "s", "a510", "s", "a510", "s"},
	{"a40", "a600", "o", "a30", "s", "a9"},
	{"a40", "s", "a1100", "o", "a30", "s"},
}

// play does the first steps of a history; all but the last few operations have happened, and one may be under way. It returns how many
// records were appended, and how many of those synced.
func (h history) play(t *testing.T, d *disk.Disk, late, begun uint64) (appended, synced int) {
	t.Helper()
	l, _ := open(t, d)
	for i, step := range h {
		switch step[0] {
		case 'a':
			var n int
			fmt.Sscan(step[1:], &n)
			if _, err := l.Append([]byte(strings.Repeat(string(rune('a'+i)), n))); err != nil {
				t.Fatal(err)
			}
			appended++
		case 's':
			if err := l.Sync(); err != nil {
				t.Fatal(err)
			}
			if d.Issued()+late <= h.issues(t) {
				synced = appended
			}
		case 'o':
			d.Happened(d.Issued())
			source := chance.Driven(chance.Benign{})
			d.Crash(&source, node, uint64(i), disk.Keep)
			l, _ = open(t, d)
			synced = appended
		}
	}
	d.Happened(d.Issued() - late)
	d.Begun(d.Issued() - late + begun)
	return appended, synced
}

// issues is how many operations the history has.
func (h history) issues(t *testing.T) uint64 {
	if counted[&h[0]] == 0 {
		counted[&h[0]] = 1 << 40
		d := disk.New()
		h.play(t, d, 0, 0)
		counted[&h[0]] = d.Issued()
	}
	return counted[&h[0]]
}

var counted = map[*string]uint64{}

// A place is a driver that chooses one outcome, and remembers of how many.
type place struct{ k, of uint64 }

func (p *place) Draw(_ *chance.Stream, _ uint64, d chance.Dist) uint64 {
	p.of = d.Bound()
	return min(p.k, p.of-1)
}

// atRest lists the bytes of the log that are at rest.
func atRest(t *testing.T, d *disk.Disk) (places []int64) {
	t.Helper()
	p := &place{}
	for p.of = 1; p.k < p.of; p.k++ {
		source := chance.Driven(p)
		name, off, ok := d.AtRest(&source, node, 1)
		if !ok {
			return nil
		}
		if name != "log" {
			t.Fatal(name)
		}
		if places = append(places, off); len(places) == 1 && p.of == 1 {
			break // a single one is not asked for
		}
	}
	return places
}

// TestRecoversOrRefuses is what a log owes, over every crash of every history above, each sector of each write kept or lost, and one
// operation under way or none: it recovers all that was synced and nothing that was not appended; and with any single byte at rest changed
// it says that it is corrupt, and never returns less. It would fail if a torn tail were called corrupt, or damage a torn tail.
func TestRecoversOrRefuses(t *testing.T) {
	var crashes, flips, torn int
	for i, h := range histories {
		most := uint64(len(h))
		if testing.Short() {
			most = 3
		}
		known := map[string]bool{}
		for late := range most {
			for begun := range min(late, 1) + 1 {
				for outcome := range chance.Every() {
					d := disk.New()
					appended, synced := h.play(t, d, late, begun)
					source := chance.Driven(outcome)
					if d.Crash(&source, node, 9, disk.Mix).Torn > 0 {
						torn++
					}
					crashes++
					resting := atRest(t, d)
					b := image(t, d)
					if key := fmt.Sprint(b, len(resting), synced); known[key] {
						continue
					} else {
						known[key] = true
					}
					flips += refuses(t, b, resting)
					_, records, err := reclog.Open(d, "log")
					if err != nil || len(records) < synced || len(records) > appended {
						t.Fatalf("history %d, %d late: %d records of %d appended and %d synced, %v", i, late, len(records), appended, synced, err)
					}
				}
			}
		}
	}
	if torn == 0 || flips < 1000 {
		t.Errorf("%d crashes, %d tore a write; %d bytes changed at rest: too tame", crashes, torn, flips)
	}
}

// refuses checks that the log in b is not opened with any of these bytes changed.
func refuses(t *testing.T, b []byte, at []int64) int {
	t.Helper()
	for _, off := range at {
		bad := bytes.Clone(b)
		bad[off] ^= 1 << (off % 8)
		if _, records, err := reclog.Open(holding(t, bad), "log"); !errors.Is(err, reclog.ErrCorrupt) {
			t.Fatalf("byte %d of %d changed: %d records, %v", off, len(b), len(records), err)
		}
	}
	return len(at)
}

// TestEveryBit is the same for every bit of every record at rest of a log whose records were synced one by one.
func TestEveryBit(t *testing.T) {
	d := disk.New()
	l, _ := open(t, d)
	for _, p := range []string{"first", "", "third", strings.Repeat("4", 40), "last"} {
		add(t, l, p)
		sync(t, l, d)
	}
	b, resting := image(t, d), atRest(t, d)
	if want := len(b) - 16 - len("last"); len(resting) != want {
		t.Fatalf("%d bytes at rest of %d, want %d", len(resting), len(b), want)
	}
	for _, off := range resting {
		for bit := range 8 {
			bad := bytes.Clone(b)
			bad[off] ^= 1 << bit
			if _, records, err := reclog.Open(holding(t, bad), "log"); !errors.Is(err, reclog.ErrCorrupt) {
				t.Errorf("bit %d of byte %d changed: %d records, %v", bit, off, len(records), err)
			}
		}
	}
}

// TestUnreadable would fail if a log with a sector that cannot be read were opened, cut, or called anything but what it is.
func TestUnreadable(t *testing.T) {
	for off := int64(0); off < 2000; off += 100 {
		d := disk.New()
		l, _ := open(t, d)
		for range 4 {
			add(t, l, strings.Repeat("x", 600))
			sync(t, l, d)
		}
		size, _ := d.Size("log")
		if !d.Latent("log", off) {
			t.Fatal("nothing happened to the sector")
		}
		if _, records, err := reclog.Open(d, "log"); !errors.Is(err, disk.ErrIO) {
			t.Errorf("sector of byte %d: %d records, %v", off, len(records), err)
		}
		if after, _ := d.Size("log"); after != size {
			t.Errorf("sector of byte %d: %d bytes left of %d", off, after, size)
		}
	}
}

// TestNothingAfterAnError would fail if a log went on after its disk had failed: what it says is durable would not be.
func TestNothingAfterAnError(t *testing.T) {
	for _, c := range []struct {
		kind disk.OpKind
		err  error
	}{{disk.SyncOp, disk.ErrIO}, {disk.AppendOp, disk.ErrIO}, {disk.AppendOp, disk.ErrNoSpace}} {
		d := disk.New()
		source := chance.Seeded(1)
		l, _ := open(t, d)
		add(t, l, "one")
		sync(t, l, d)
		if a := d.Ails(&source, node); c.err == disk.ErrNoSpace {
			a.Capacity = 20
		} else {
			d.Hit(disk.Failing, c.kind, d.Did(c.kind)+1)
		}
		_, err := l.Append([]byte("two"))
		if err == nil {
			err = l.Sync()
		}
		d.Ails(&source, node).Calm()
		_, again := l.Append([]byte("three"))
		if !errors.Is(err, c.err) || !errors.Is(again, c.err) || !errors.Is(l.Sync(), c.err) {
			t.Errorf("%v: %v, then %v", c.kind, err, again)
		}
		d.Happened(d.Issued())
		d.Crash(&source, node, 1, disk.Keep)
		if _, got := open(t, d); len(got) != 1 || got[0] != "one" {
			t.Errorf("%v: found %q", c.kind, got)
		}
	}
}
