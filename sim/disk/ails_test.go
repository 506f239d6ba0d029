package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"simrun/sim/chance"
)

// hurting makes a disk with a durable file f of three sectors, "1...", "2..." and "3...", that can ail. What befalls it is counted.
func hurting(t testing.TB) (*Disk, *[ailments]int) {
	t.Helper()
	d := New()
	for _, c := range "123" {
		do(t, d.Append("f", bytes.Repeat([]byte{byte(c)}, SectorSize)))
	}
	do(t, d.Sync("f"), d.SyncDir())
	all(d)
	counts := &[ailments]int{}
	source := chance.Seeded(1)
	d.Ails(&source, node).Befell = func(x Ailment, _ OpKind) { counts[x]++ }
	return d, counts
}

// sketch writes a file of sectors as one character each.
func sketch(t testing.TB, v View, name string) string {
	t.Helper()
	b := content(t, v, name)
	if len(b)%SectorSize != 0 {
		return fmt.Sprintf("%d bytes", len(b))
	}
	var s string
	for ; len(b) > 0; b = b[SectorSize:] {
		s += b[:1]
	}
	return strings.ReplaceAll(s, "\x00", "_")
}

// block is a sector full of one character.
func block(c byte) []byte { return bytes.Repeat([]byte{c}, SectorSize) }

// TestFailedSync is what PostgreSQL and others met in 2018: a sync fails once, the next returns nil, and the data is gone. It would fail if
// the second sync made it durable, if the node noticed before a crash, or if what came later were lost with it.
func TestFailedSync(t *testing.T) {
	d, counts := hurting(t)
	d.Hit(Failing, SyncOp, 2)
	do(t, d.WriteAt("f", block('x'), 0), d.Append("f", block('4')))
	if err := d.Sync("f"); !errors.Is(err, ErrIO) || counts[Failing] != 1 {
		t.Fatal(err, counts)
	}
	do(t, d.Sync("f"), d.Append("f", block('5')), d.Sync("f"))
	all(d)
	if seen, durable := sketch(t, d, "f"), sketch(t, d.Durable(), "f"); seen != "x2345" || durable != "123_5" {
		t.Errorf("seen %s, durable %s", seen, durable)
	}
	d.Crash(&benign, node, 1, Keep)
	if got := sketch(t, d, "f"); got != "123_5" || d.Damaged() {
		t.Errorf("after a crash: %s, damaged %v", got, d.Damaged())
	}
}

// TestFailedSyncBehindAnother would fail if a failed sync took away what an earlier one, still under way, is to make durable.
func TestFailedSyncBehindAnother(t *testing.T) {
	d, _ := hurting(t)
	d.Hit(Failing, SyncOp, 3)
	do(t, d.Append("f", block('4')), d.Sync("f"), d.Append("f", block('5')))
	if err := d.Sync("f"); err == nil {
		t.Fatal("the sync did not fail")
	}
	all(d)
	if got := sketch(t, d.Durable(), "f"); got != "1234" {
		t.Errorf("durable: %s", got)
	}
}

// TestFailedSyncDir would fail if names outlived a crash after a SyncDir that failed, whatever came after it.
func TestFailedSyncDir(t *testing.T) {
	d, _ := hurting(t)
	d.Hit(Failing, SyncDirOp, 2)
	do(t, d.Rename("f", "g"), d.Append("new", nil))
	if err := d.SyncDir(); !errors.Is(err, ErrIO) {
		t.Fatal(err)
	}
	do(t, d.SyncDir(), d.Append("later", nil), d.SyncDir())
	all(d)
	d.Crash(&benign, node, 1, Keep)
	if names, _ := d.List(); !slices.Equal(names, []string{"f", "later"}) {
		t.Errorf("names %q", names)
	}
}

// TestFailing would fail if an operation that fails did anything, had a number, or did not say what it was.
func TestFailing(t *testing.T) {
	d, counts := hurting(t)
	for k := range opKinds {
		d.Rate(Failing, k, 1_000_000)
	}
	before := d.Issued()
	_, read := d.ReadAt("f", make([]byte, 9), 0)
	_, list := d.List()
	_, size := d.Size("f")
	errs := []error{read, d.WriteAt("f", block('x'), 0), d.Append("f", block('x')), d.Truncate("f", 9), d.Sync("f"), d.Rename("f", "g"),
		d.Remove("f"), d.SyncDir(), list, size}
	for k, err := range errs {
		var path *fs.PathError
		if !errors.Is(err, ErrIO) || !errors.As(err, &path) || path.Op != OpKind(k).String() {
			t.Errorf("%v: %v", OpKind(k), err)
		}
		d.Rate(Failing, OpKind(k), 0)
	}
	if d.Issued() != before || counts[Failing] != int(opKinds) || sketch(t, d, "f") != "123" {
		t.Errorf("%d operations issued, %v, %s", d.Issued()-before, counts, sketch(t, d, "f"))
	}
}

// TestCapacity would fail if a full disk took more, refused what needs no room, or did not get room back.
func TestCapacity(t *testing.T) {
	d, counts := hurting(t)
	d.Ails(&benign, node).Capacity = 4 * SectorSize
	do(t, d.Append("f", block('4')), d.WriteAt("f", block('x'), 0), d.Append("empty", nil))
	for _, err := range []error{d.Append("f", []byte("5")), d.Append("g", []byte("5")), d.WriteAt("f", []byte("55"), 4*SectorSize-1), d.Truncate("f", 5*SectorSize)} {
		if !errors.Is(err, ErrNoSpace) {
			t.Error(err)
		}
	}
	if counts[Full] != 4 || sketch(t, d, "f") != "x234" || content(t, d, "g") != "-" {
		t.Error(counts, sketch(t, d, "f"), content(t, d, "g"))
	}
	do(t, d.Truncate("f", SectorSize), d.Append("g", block('y')), d.Remove("f"), d.Append("g", bytes.Repeat(block('y'), 3)))
}

// TestPhantom would fail if the node noticed a write that was never done before it crashed, or found it after.
func TestPhantom(t *testing.T) {
	d, counts := hurting(t)
	d.Hit(Phantom, WriteOp, 1)
	d.Hit(Phantom, AppendOp, 4)
	do(t, d.WriteAt("f", block('x'), 0), d.WriteAt("f", block('y'), SectorSize), d.Append("f", block('4')), d.Append("f", block('5')), d.Sync("f"))
	all(d)
	if seen, durable := sketch(t, d, "f"), sketch(t, d.Durable(), "f"); seen != "xy345" || durable != "1y3_5" || counts[Phantom] != 2 || !d.Damaged() {
		t.Errorf("seen %s, durable %s, %v", seen, durable, counts)
	}
}

// TestMisdirected would fail if the bytes did not land on another sector, if the place they were meant for changed, or if the node saw any of
// it before it crashed. On a disk with no other sector nothing can go astray.
func TestMisdirected(t *testing.T) {
	outcomes := map[string]int{}
	for seed := range uint64(40) {
		d, counts := hurting(t)
		source := chance.Seeded(seed)
		*d.Ails(&benign, node) = Ails{source: &source, who: node, Befell: d.ails.Befell}
		d.Hit(Misdirected, WriteOp, 1)
		do(t, d.WriteAt("f", block('x'), SectorSize), d.Sync("f"))
		all(d)
		if got := sketch(t, d, "f"); got != "1x3" || counts[Misdirected] != 1 {
			t.Fatal(got, counts)
		}
		d.Crash(&benign, node, 1, Keep)
		outcomes[sketch(t, d, "f")]++
	}
	if len(outcomes) != 2 || outcomes["x23"] == 0 || outcomes["12x"] == 0 {
		t.Error(outcomes)
	}
	d := New()
	source := chance.Seeded(1)
	d.Ails(&source, node)
	d.Rate(Misdirected, AppendOp, 1_000_000)
	do(t, d.Append("f", []byte("there")), d.Sync("f"), d.SyncDir())
	all(d)
	if got := content(t, d.Durable(), "f"); got != "there" || d.Damaged() {
		t.Errorf("%q", got)
	}
}

// TestOutdated would fail if an outdated read returned anything but the durable version, or where that is the same, the one before; or if
// what it returned stayed.
func TestOutdated(t *testing.T) {
	d, counts := hurting(t)
	read := func() string {
		p := make([]byte, 1)
		_, err := d.ReadAt("f", p, 0)
		do(t, err)
		return string(p)
	}
	d.Rate(Outdated, ReadOp, 1_000_000)
	if got := read(); got != "1" || counts[Outdated] != 0 {
		t.Errorf("nothing older is known: %s, %v", got, counts)
	}
	do(t, d.WriteAt("f", block('x'), 0))
	if got := read(); got != "1" {
		t.Errorf("before the sync: %s", got)
	}
	do(t, d.Sync("f"))
	all(d)
	if got := read(); got != "1" || counts[Outdated] != 2 {
		t.Errorf("after the sync: %s, %v", got, counts)
	}
	d.Rate(Outdated, ReadOp, 0)
	if got := read(); got != "x" {
		t.Errorf("afterwards: %s", got)
	}
}

// TestLatent would fail if a sector that cannot be read were read, by the node or in the durable view, if a write of a part of it or one
// that a crash took back mended it, or if a whole one did not.
func TestLatent(t *testing.T) {
	readable := func(d *Disk) (s string) {
		for i := range int64(3) {
			p := make([]byte, 4)
			n, err := d.ReadAt("f", p, i*SectorSize-2*(i%2))
			s += map[bool]string{true: "y", false: "n"}[err == nil]
			if err != nil && (!errors.Is(err, ErrIO) || i == 1 && n != 2) {
				t.Fatal(n, err)
			}
		}
		return s
	}
	d, _ := hurting(t)
	if !d.Latent("f", SectorSize+5) || d.Latent("f", SectorSize) || d.Latent("f", 3*SectorSize) || d.Latent("g", 0) {
		t.Fatal("want one sector, once")
	}
	if got := readable(d); got != "yny" { // the second read begins two bytes before its sector
		t.Errorf("latent: %s", got)
	}
	if _, err := d.Durable().ReadAt("f", make([]byte, 3*SectorSize), 0); !errors.Is(err, ErrIO) {
		t.Errorf("durable view: %v", err)
	}
	if p, err := d.Durable().(Peeker).Peek("f", 0, 3*SectorSize); err != nil || len(p) != SectorSize {
		t.Errorf("peeked at %d bytes, %v", len(p), err)
	}
	do(t, d.WriteAt("f", block('x')[1:], SectorSize))
	if got := readable(d); got != "yny" {
		t.Errorf("written in part: %s", got)
	}
	do(t, d.WriteAt("f", block('x'), SectorSize))
	if got := readable(d); got != "yyy" {
		t.Errorf("written as a whole: %s", got)
	}
	all(d)
	d.Crash(&benign, node, 1, Lose)
	if got := readable(d); got != "yny" {
		t.Errorf("after a crash that took the write back: %s", got)
	}
	do(t, d.WriteAt("f", block('x'), SectorSize), d.Sync("f"))
	all(d)
	d.Crash(&benign, node, 2, Lose)
	if got := readable(d); got != "yyy" {
		t.Errorf("after a crash that did not: %s", got)
	}
}

// TestRot would fail if more or less than one bit changed, or not both in what the node sees and in what is durable.
func TestRot(t *testing.T) {
	for _, split := range []bool{false, true} {
		d, _ := hurting(t)
		if split {
			do(t, d.WriteAt("f", block('x'), SectorSize))
		}
		source := chance.Seeded(3)
		for nth, off := range []int64{7, SectorSize + 7} {
			if !d.Rot(&source, node, uint64(nth), "f", off) {
				t.Fatal("nothing rotted")
			}
		}
		clean, _ := hurting(t)
		flipped := func(v View, w View) (n int) {
			a, b := content(t, v, "f"), content(t, w, "f")
			for i := range a {
				for x := a[i] ^ b[i]; x != 0; x &= x - 1 {
					n++
				}
			}
			return n
		}
		if n := flipped(d.Durable(), clean.Durable()); n != 2 || !d.Damaged() {
			t.Errorf("split %v: %d bits flipped", split, n)
		}
		if got := content(t, d, "f"); split && got[SectorSize+7] != 'x' || got[7] == '1' || !split && got[SectorSize+7] == '2' {
			t.Errorf("split %v: seen %q", split, got[:8])
		}
		if d.Rot(&source, node, 1, "f", 3*SectorSize) || d.Rot(&source, node, 1, "f", -1) || d.Rot(&source, node, 1, "none", 0) {
			t.Error("something rotted that is not there")
		}
	}
}

// TestAtRest says what is at rest, step by step. It would fail if what may still look torn counted, or what cannot did not.
func TestAtRest(t *testing.T) {
	d := New()
	resting := func(want string) {
		t.Helper()
		var got string
		for _, name := range d.durable.list() {
			d.files[d.durable.find(name)].atRest(func(from, to int) { got += fmt.Sprintf("%s %d-%d ", name, from, to) })
		}
		if got = strings.TrimSpace(got); got != want {
			t.Errorf("at rest: %q, want %q", got, want)
		}
		_, _, ok := d.AtRest(&benign, node, 1)
		if ok != (want != "") {
			t.Errorf("a place at rest: %v", ok)
		}
	}
	step := func(errs ...error) { t.Helper(); do(t, errs...); all(d) }
	step(d.Append("f", []byte("one")), d.Sync("f"), d.SyncDir())
	resting("") // the only record may be torn
	step(d.Append("f", []byte("two")))
	resting("") // what is behind it is not durable
	step(d.Sync("f"))
	resting("f 0-3")
	step(d.Append("f", []byte("3")), d.Append("f", []byte("4")), d.Sync("f"))
	resting("f 0-6") // neither 3 nor 4 was durable when 4 was issued
	d.Crash(&benign, node, 1, Lose)
	resting("f 0-6")
	step(d.WriteAt("f", []byte("T"), 4), d.Sync("f"))
	resting("f 0-4 f 5-8")
	step(d.Truncate("f", 6), d.Sync("f"))
	resting("") // the end is the last record again
	step(d.Append("f", []byte("3")), d.Sync("f"))
	resting("f 0-6")
	step(d.Append("tmp", []byte("new")), d.Sync("tmp"), d.Rename("tmp", "f"))
	resting("f 0-6")
	step(d.SyncDir())
	resting("f 0-3") // found under this name it was whole
	step(d.Append("tmp", []byte("new")), d.Rename("tmp", "f"), d.Sync("f"), d.SyncDir())
	resting("") // renamed before it was synced
}

// TestTornTakesRestAway would fail if something were at rest whose evidence a crash tore.
func TestTornTakesRestAway(t *testing.T) {
	d := New()
	do(t, d.Append("f", block('1')), d.Sync("f"), d.SyncDir())
	all(d)
	do(t, d.Append("f", block('2')), d.Sync("f"))
	all(d)
	if _, _, ok := d.AtRest(&benign, node, 1); !ok {
		t.Fatal("nothing is at rest")
	}
	do(t, d.Append("f", append(block('3'), '4')))
	all(d)
	source := lose("unsynced n f#17592188141569") // the write's second sector
	if loss := d.Crash(&source, node, 1, Mix); loss.Torn != 1 {
		t.Fatal(loss)
	}
	if name, off, ok := d.AtRest(&benign, node, 1); ok {
		t.Errorf("at rest: %s at %d", name, off)
	}
}

// TestRatesAreKeyed would fail if what befalls one kind of operation depended on the others.
func TestRatesAreKeyed(t *testing.T) {
	run := func(reads bool) (failed []int) {
		d, _ := hurting(t)
		source := chance.Seeded(5)
		*d.ails = Ails{source: &source, who: node}
		d.Rate(Failing, SyncOp, 300_000)
		d.Rate(Failing, ReadOp, 300_000)
		for i := range 50 {
			if reads {
				_, _ = d.ReadAt("f", make([]byte, 1), 0)
			}
			if d.Sync("f") != nil {
				failed = append(failed, i)
			}
		}
		return failed
	}
	if with, without := run(true), run(false); !slices.Equal(with, without) || len(with) < 5 {
		t.Errorf("with reads %v, without %v", with, without)
	}
}

// TestKeys would fail if a place did not know whose record is there, or forgot what it may still durably hold.
func TestKeys(t *testing.T) {
	d := New()
	d.Ails(&benign, node).Key = func(_ string, p []byte) string { return strings.TrimRight(string(p), ".") }
	do(t, d.Append("f", []byte("a....")), d.Append("f", []byte("b....")), d.Append("f", []byte(".....")), d.Sync("f"), d.SyncDir())
	all(d)
	keys := func(off int64, n int) string { return strings.Join(d.KeysAt("f", off, n), " ") }
	if got := []string{keys(0, 1), keys(4, 2), keys(10, 5), keys(15, 9)}; !slices.Equal(got, []string{"a", "a b", "", ""}) {
		t.Errorf("%q", got)
	}
	do(t, d.WriteAt("f", []byte("c...."), 5))
	if got := keys(5, 1); got != "b c" {
		t.Errorf("before the sync: %s", got)
	}
	do(t, d.Sync("f"))
	all(d)
	if got, whole := keys(5, 1), strings.Join(d.Keys(), " "); got != "c" || whole != "a c" {
		t.Errorf("after the sync: %s; all: %s", got, whole)
	}
}

// TestWipeAndSwap would fail if a disk kept anything when it was replaced, if numbers began anew, or if an exchange lost or mixed up a byte.
func TestWipeAndSwap(t *testing.T) {
	a, _ := hurting(t)
	b := scenario(t)
	do(t, b.Append("f", []byte("unsynced")))
	was := [2]uint64{a.Issued(), b.Issued()}
	a.Swap(b)
	if content(t, a, "f") != "old" || sketch(t, b, "f") != "123" || a.Issued() != was[0] || b.Issued() != was[1] || !a.Damaged() || !b.Damaged() {
		t.Errorf("%q %q, issued %d %d, were %v", content(t, a, "f"), sketch(t, b, "f"), a.Issued(), b.Issued(), was)
	}
	b.Wipe()
	if names, _ := b.List(); len(names) > 0 || len(dump(t, b.Durable())) > 0 || b.Issued() != was[1] || !b.Damaged() {
		t.Errorf("names %q, issued %d", names, b.Issued())
	}
	do(t, b.Append("g", []byte("x")), b.Sync("g"), b.SyncDir(), a.Append("f", []byte("+")), a.Sync("f"))
	all(a)
	all(b)
	if content(t, b.Durable(), "g") != "x" || content(t, a.Durable(), "f") != "old+" {
		t.Error("the disks do not work any more")
	}
}

// TestAilmentWords would fail if a word changed, by which picks are keyed, or if nonsense could be asked for.
func TestAilmentWords(t *testing.T) {
	for x, want := range []string{"fail", "phantom", "misdirect", "outdated", "full", "nothing"} {
		if got := Ailment(x).String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	for k := range opKinds {
		if back, err := ParseOpKind(k.String()); back != k || err != nil {
			t.Error(k, back, err)
		}
	}
	if _, err := ParseOpKind("fsync"); err == nil || !strings.Contains(err.Error(), "syncdir") {
		t.Error(err)
	}
	for _, c := range []struct {
		x Ailment
		k OpKind
	}{{Full, WriteOp}, {Phantom, ReadOp}, {Misdirected, SyncOp}, {Outdated, WriteOp}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%v may befall %v", c.x, c.k)
				}
			}()
			d, _ := hurting(t)
			d.Hit(c.x, c.k, 1)
		}()
	}
}
