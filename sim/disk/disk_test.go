package disk

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"simrun/sim/chance"
)

var (
	node   = chance.NewWord("n")
	benign = chance.Driven(chance.Benign{})
)

// do fails the test at the first error.
func do(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// content reads a file, or returns "-" if there is none.
func content(t testing.TB, v View, name string) string {
	t.Helper()
	b, ok := dump(t, v)[name]
	if !ok {
		return "-"
	}
	return string(b)
}

// all says that everything issued has happened.
func all(d *Disk) { d.Happened(d.Issued()) }

// scenario makes a disk on which a file f holds "old" durably.
func scenario(t testing.TB) *Disk {
	t.Helper()
	d := New()
	do(t, d.Append("f", []byte("old")), d.Sync("f"), d.SyncDir())
	all(d)
	return d
}

// TestSeenAtOnce would fail if a node did not see its own writes before they happened.
func TestSeenAtOnce(t *testing.T) {
	d := New()
	do(t, d.WriteAt("f", []byte("abc"), 2), d.Append("f", []byte("de")), d.WriteAt("f", []byte("X"), 3))
	if got := content(t, d, "f"); got != "\x00\x00aXcde" {
		t.Errorf("seen %q", got)
	}
	do(t, d.Truncate("f", 3), d.Truncate("f", 5))
	if got := content(t, d, "f"); got != "\x00\x00a\x00\x00" {
		t.Errorf("a file cut and extended shows %q, want zeros behind the cut", got)
	}
	do(t, d.Rename("f", "g"), d.Append("a", nil))
	if names, _ := d.List(); !slices.Equal(names, []string{"a", "g"}) {
		t.Errorf("names %q", names)
	}
}

// TestDurable walks through what it takes to make bytes outlive a crash. Each step would fail if one of Sync, SyncDir
// and Happened were not needed.
func TestDurable(t *testing.T) {
	d := New()
	want := func(step, v string) {
		t.Helper()
		if got := content(t, d.Durable(), "f"); got != v {
			t.Errorf("%s: durable is %q, want %q", step, got, v)
		}
	}
	do(t, d.Append("f", []byte("one")))
	all(d)
	want("written", "-")
	do(t, d.Sync("f"))
	all(d)
	want("synced without its name", "-")
	do(t, d.SyncDir())
	want("SyncDir issued but not happened", "-")
	all(d)
	want("name synced", "one")
	do(t, d.Append("f", []byte("two")), d.Sync("f"), d.Append("f", []byte("three")))
	d.Happened(d.Issued() - 2)
	want("sync not happened", "one")
	d.Happened(d.Issued() - 1)
	want("what was appended after the sync is not covered", "onetwo")
	do(t, d.WriteAt("f", []byte("X"), 0), d.Truncate("f", 2))
	all(d)
	want("overwritten and cut without a sync", "onetwo")
	do(t, d.Sync("f"))
	all(d)
	want("synced", "Xn")
	for _, change := range []func() error{
		func() error { return d.WriteAt("g", []byte("Z"), 1) },
		func() error { return d.Truncate("g", 1) },
	} {
		d = New()
		do(t, d.Append("g", []byte("gg")), d.Sync("g"), d.SyncDir(), change(), d.Append("g", []byte("!")))
		all(d)
		if got := content(t, d.Durable(), "g"); got != "gg" {
			t.Errorf("the last byte changed without a sync: durable is %q", got)
		}
	}
}

// TestDurableNames would fail if Rename or Remove were durable before SyncDir, or if names and bytes were tied
// together.
func TestDurableNames(t *testing.T) {
	d := scenario(t)
	do(t, d.Append("tmp", []byte("new")), d.Rename("tmp", "f"))
	all(d)
	if got := content(t, d.Durable(), "f"); got != "old" {
		t.Errorf("before SyncDir %q", got)
	}
	do(t, d.SyncDir())
	all(d)
	if got := content(t, d.Durable(), "f"); got != "" {
		t.Errorf("a file renamed and not synced must be empty, is %q", got)
	}
	do(t, d.Sync("f"), d.Remove("f"))
	all(d)
	if got := content(t, d.Durable(), "f"); got != "new" {
		t.Errorf("a removal must not be durable before SyncDir: %q", got)
	}
	do(t, d.SyncDir())
	all(d)
	if names, _ := d.Durable().List(); len(names) != 0 {
		t.Errorf("left %q", names)
	}
}

// TestNumbers would fail if an operation that did nothing had a number, or if a crash set the numbers back.
func TestNumbers(t *testing.T) {
	d := scenario(t)
	if d.Issued() != 3 {
		t.Fatal("issued", d.Issued())
	}
	_, _ = d.List()
	_ = d.Sync("none")
	_ = d.WriteAt("f", nil, -1)
	if d.Issued() != 3 {
		t.Error("looking and failing must not be numbered")
	}
	do(t, d.Rename("f", "f"), d.Append("f", nil))
	if d.Issued() != 5 {
		t.Error("what changes nothing is numbered all the same:", d.Issued())
	}
	d.Crash(&benign, node, 1, Lose)
	do(t, d.Append("f", []byte("x")))
	if d.Issued() != 6 {
		t.Error("numbers go on after a crash:", d.Issued())
	}
	d.Happened(2) // old news
	defer func() {
		if recover() == nil {
			t.Error("Happened must refuse what was never issued")
		}
	}()
	d.Happened(7)
}

// TestErrors would fail if misuse went through, or if an error did not name the file.
func TestErrors(t *testing.T) {
	d := scenario(t)
	_, noSize := d.Size("g")
	_, noRead := d.ReadAt("g", nil, 0)
	_, noDurable := d.Durable().ReadAt("g", nil, 0)
	_, noDurableSize := d.Durable().Size("g")
	for i, err := range []error{noSize, noRead, noDurable, noDurableSize, d.Truncate("g", 0), d.Sync("g"), d.Rename("g", "h"), d.Remove("g")} {
		if !errors.Is(err, ErrNotExist) || !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), " g: ") {
			t.Errorf("%d: %v", i, err)
		}
	}
	_, negative := d.ReadAt("f", nil, -1)
	for i, err := range []error{negative, d.WriteAt("f", nil, -1), d.Truncate("f", -1), d.Truncate("f", 1<<40), d.WriteAt("f", nil, 1<<40),
		d.WriteAt("f", []byte("x"), maxSize), d.Append("", nil), d.WriteAt("", nil, 0), d.Rename("f", "")} {
		if err == nil || errors.Is(err, ErrNotExist) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if got := content(t, d, "f"); got != "old" {
		t.Errorf("after the errors %q", got)
	}
}

// TestReadAt would fail if reads at the end differed from those of io.ReaderAt.
func TestReadAt(t *testing.T) {
	d := scenario(t)
	for _, c := range []struct {
		off  int64
		room int
		want string
		err  error
	}{{0, 3, "old", nil}, {1, 5, "ld", io.EOF}, {3, 1, "", io.EOF}, {9, 1, "", io.EOF}, {1, 1, "l", nil}} {
		p := make([]byte, c.room)
		n, err := d.ReadAt("f", p, c.off)
		if string(p[:n]) != c.want || err != c.err {
			t.Errorf("at %d: %q, %v", c.off, p[:n], err)
		}
	}
}

// TestMemoryIsBounded would fail if a program that replaces a file again and again, or writes in place for ever, cost
// more and more.
func TestMemoryIsBounded(t *testing.T) {
	d := scenario(t)
	for i := range 3000 {
		do(t, d.Append("tmp", []byte("new")), d.Sync("tmp"), d.Rename("tmp", "f"), d.SyncDir())
		do(t, d.WriteAt("g", []byte("in place"), 0), d.Sync("g"))
		d.Happened(d.Issued() - uint64(i%3))
	}
	g := &d.files[d.names.find("g")]
	if len(d.files) > 8 || len(d.journal) > 8 || cap(d.syncs) > 512 || cap(g.arena) > 4096 || cap(g.pending) > 512 {
		t.Errorf("%d files, %d changes of names, %d syncs, arena of %d bytes, %d writes pending",
			len(d.files), len(d.journal), cap(d.syncs), cap(g.arena), cap(g.pending))
	}
}

// TestReset would fail if a disk that is used again showed anything of the run before.
func TestReset(t *testing.T) {
	d := scenario(t)
	do(t, d.WriteAt("f", []byte("X"), 0), d.Append("g", bytes.Repeat([]byte("y"), 2000)))
	d.Reset()
	if names, _ := d.List(); len(names) != 0 || d.Issued() != 0 {
		t.Fatal("left", names, d.Issued())
	}
	do(t, d.WriteAt("g", []byte("z"), 4), d.Sync("g"), d.SyncDir())
	all(d)
	if got := content(t, d.Durable(), "g"); got != "\x00\x00\x00\x00z" {
		t.Errorf("got %q", got)
	}
}

// TestLateSyncs keeps syncs waiting, so that the queues of syncs and of pending writes are never empty. It would fail
// if dropping the old end of a queue moved anything else.
func TestLateSyncs(t *testing.T) {
	d := scenario(t)
	do(t, d.Append("g", nil), d.SyncDir())
	all(d)
	const late = 40 // how many rounds a sync waits
	for i := range 2000 {
		do(t, d.WriteAt("f", []byte{byte(i), byte(i >> 8)}, int64(i%5)), d.Sync("f"), d.Append("g", []byte{byte(i)}), d.Sync("g"))
		if i < late {
			continue
		}
		d.Happened(d.Issued() - 4*late)
		done := i - late
		f := make([]byte, 2)
		if _, err := d.Durable().ReadAt("f", f, int64(done%5)); err != nil || f[0] != byte(done) || f[1] != byte(done>>8) {
			t.Fatalf("round %d: durable is %v, %v", i, f, err)
		}
		if size, _ := d.Durable().Size("g"); size != int64(done+1) {
			t.Fatalf("round %d: %d bytes of g are durable", i, size)
		}
	}
	f := &d.files[d.names.find("f")]
	if cap(d.syncs) > 1024 || cap(f.pending) > 512 || cap(f.arena) > 1024 {
		t.Errorf("room for %d syncs, %d writes, %d bytes of writes", cap(d.syncs), cap(f.pending), cap(f.arena))
	}
}

// TestRemovedForGood would fail if a file that was given the memory of a removed one showed anything of it, or took
// over its writes or syncs.
func TestRemovedForGood(t *testing.T) {
	d := scenario(t)
	do(t, d.Append("f", []byte("more")), d.Sync("f"), d.WriteAt("f", []byte("X"), 0), d.Remove("f"), d.SyncDir())
	do(t, d.Append("early", nil)) // issued before f is gone
	all(d)
	do(t, d.Append("late", []byte("l")), d.SyncDir())
	all(d)
	if len(d.files) != 2 {
		t.Errorf("%d files in memory: nothing was used again, so there is nothing to see here", len(d.files))
	}
	if content(t, d, "late") != "l" || content(t, d.Durable(), "late") != "" {
		t.Errorf("seen %q, durable %q, though never synced", content(t, d, "late"), content(t, d.Durable(), "late"))
	}
	if loss := d.Crash(&benign, node, 1, Lose); loss != (Loss{Bytes: 1, Writes: 1}) {
		t.Errorf("the bytes of a removed file cannot be lost: %v", loss)
	}
}
