package disk

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"simrun/sim/chance"
)

// The second oracle: of a disk that ails. It keeps two whole copies of each file and does to them, write by write, what it is told that
// happened; there are no marks, images in one piece, arenas or epochs in it. What chance decides it works out by itself.
type dumb struct {
	files    []*dumbFile
	names    map[string]*dumbFile // what the node sees
	durable  map[string]*dumbFile
	journal  []dumbName
	syncs    []dumbSync
	issued   uint64
	happened uint64
	clock    int // steps so far, for what is at rest
}

type dumbFile struct {
	seen, platter []byte
	since         []int // of each byte on the platter, when it was synced
	older         []byte
	aged          bool
	dirty         []dumbWrite
	latent        map[int]bool // by sector: whether the node has written it anew
	settled       int          // what was synced before is at rest
}

type dumbWrite struct {
	n      uint64
	issued int // by the clock
	synced int // a sync of it was issued, 0 if none was
	off    int
	data   []byte
	cut    bool
}

type dumbName struct {
	n        uint64
	issued   int
	kind     OpKind
	name, to string
	file     *dumbFile
}

type dumbSync struct {
	n    uint64
	file *dumbFile // nil for the directory
}

func newDumb() *dumb {
	return &dumb{names: map[string]*dumbFile{}, durable: map[string]*dumbFile{}}
}

func (o *dumb) open(name string) *dumbFile {
	f := o.names[name]
	if f == nil {
		f = &dumbFile{latent: map[int]bool{}}
		o.files = append(o.files, f)
		o.names[name] = f
		o.journal = append(o.journal, dumbName{o.issued, o.clock, AppendOp, name, "", f})
	}
	return f
}

func (o *dumb) used() (n int) {
	for _, name := range slices.Sorted(maps.Keys(o.names)) {
		n += len(o.names[name].seen)
	}
	return n
}

// write is a write that reached the page cache; reach says whether it is on its way to the platter as well.
func (o *dumb) write(name string, off int, p []byte, reach bool) {
	o.issued++
	f := o.open(name)
	if len(p) == 0 {
		return
	}
	f.seen = patch(f.seen, off, p)
	for s := range f.latent {
		if off <= s*512 && off+len(p) >= min(s*512+512, len(f.seen)) {
			f.latent[s] = true
		}
	}
	if reach {
		f.dirty = append(f.dirty, dumbWrite{o.issued, o.clock, 0, off, bytes.Clone(p), false})
	}
}

func (o *dumb) truncate(name string, size int) {
	o.issued++
	f := o.names[name]
	f.seen = append(bytes.Clone(f.seen), make([]byte, size)...)[:size]
	for s := range f.latent {
		if s*512 >= size {
			f.latent[s] = true
		}
	}
	f.dirty = append(f.dirty, dumbWrite{o.issued, o.clock, 0, size, nil, true})
}

func (o *dumb) change(kind OpKind, name, to string) {
	o.issued++
	if kind == RenameOp && name == to {
		return
	}
	f := o.names[name]
	delete(o.names, name)
	if kind == RenameOp {
		o.names[to] = f
	}
	o.journal = append(o.journal, dumbName{o.issued, o.clock, kind, name, to, f})
}

// forsake is a sync that fails: of what it covers only what an earlier one covers as well stays dirty.
func (o *dumb) forsake(f *dumbFile) {
	var covered uint64
	for _, s := range o.syncs {
		if s.file == f {
			covered = s.n
		}
	}
	if f == nil {
		o.journal = slices.DeleteFunc(o.journal, func(c dumbName) bool { return c.n > covered })
		return
	}
	f.dirty = slices.DeleteFunc(f.dirty, func(w dumbWrite) bool { return w.n > covered })
}

// sync issues a sync, for which the node waits or does not.
func (o *dumb) sync(f *dumbFile, waits bool) {
	o.issued++
	o.syncs = append(o.syncs, dumbSync{o.issued, f})
	for i := range f.dirty {
		if waits && f.dirty[i].synced == 0 {
			f.dirty[i].synced = o.clock
		}
	}
}

func (o *dumb) happen(n uint64) {
	for o.happened < n {
		o.happened++
		for len(o.syncs) > 0 && o.syncs[0].n == o.happened {
			s := o.syncs[0]
			o.syncs = o.syncs[1:]
			if s.file == nil {
				o.land(s.n)
			} else {
				s.file.land(s.n, o.clock)
			}
		}
	}
}

// land makes the changes of names before operation n durable.
func (o *dumb) land(n uint64) {
	for len(o.journal) > 0 && o.journal[0].n < n {
		c := o.journal[0]
		o.journal = o.journal[1:]
		if c.kind != AppendOp {
			delete(o.durable, c.name)
		}
		switch c.kind {
		case AppendOp:
			o.durable[c.name] = c.file
		case RenameOp:
			o.durable[c.to] = c.file
			c.file.settled = max(c.file.settled, c.issued)
		}
	}
}

// land makes the writes before operation n durable.
func (f *dumbFile) land(n uint64, now int) {
	if len(f.dirty) > 0 && f.dirty[0].n < n {
		f.older, f.aged = bytes.Clone(f.platter), true
	}
	for len(f.dirty) > 0 && f.dirty[0].n < n {
		w := f.dirty[0]
		f.dirty = f.dirty[1:]
		old := len(f.platter)
		if w.cut {
			f.platter = append(f.platter, make([]byte, w.off)...)[:w.off]
		} else {
			f.platter = patch(f.platter, w.off, w.data)
			f.settled = max(f.settled, w.issued)
		}
		f.since = append(f.since, make([]int, len(f.platter))...)[:len(f.platter)]
		for i := range f.since {
			if i >= old || w.cut && w.off < old || !w.cut && i >= w.off && i < w.off+len(w.data) {
				f.since[i] = w.synced
				if w.synced == 0 {
					f.since[i] = now // a crash kept it
				}
			}
		}
		for s := range f.latent {
			if w.cut && s*512 >= w.off || !w.cut && w.off <= s*512 && w.off+len(w.data) >= min(s*512+512, len(f.platter)) {
				delete(f.latent, s)
			}
		}
	}
}

// crash keeps all that has happened, or nothing that was not synced.
func (o *dumb) crash(mode Mode) {
	limit := uint64(0)
	if mode == Keep {
		limit = o.happened + 1
	}
	for _, f := range o.files {
		if len(f.dirty) > 0 && f.dirty[0].n <= o.happened {
			f.older, f.aged = bytes.Clone(f.platter), true
		}
		f.land(limit, o.clock)
		f.seen, f.dirty = bytes.Clone(f.platter), nil
		for s := range f.latent {
			f.latent[s] = false
		}
	}
	o.land(limit)
	o.names, o.journal, o.syncs = maps.Clone(o.durable), nil, nil
	o.happened = o.issued
}

// misdirected says where the bytes of a write should land: the file and the place; nil if nowhere.
func (o *dumb) misdirected(seed, n uint64, k OpKind, at *dumbFile, off int) (*dumbFile, int) {
	var files []*dumbFile
	var places []int
	for _, name := range slices.Sorted(maps.Keys(o.durable)) {
		f := o.durable[name]
		for p := 0; p < len(f.platter); p += 512 {
			if f != at || p != off/512*512 {
				files, places = append(files, f), append(places, p)
			}
		}
	}
	if len(files) == 0 {
		return nil, 0
	}
	s := chance.NewStream("misdirect-to", "n", "", k.String())
	source := chance.Seeded(seed)
	i := source.Below(&s, n, uint64(len(files)))
	return files[i], places[i] + off%512
}

// smear puts bytes on the platter that do not belong there.
func (f *dumbFile) smear(off int, p []byte) {
	if off < len(f.platter) {
		n := copy(f.platter[off:], p)
		for s := range f.latent {
			if off <= s*512 && off+n >= min(s*512+512, len(f.platter)) {
				delete(f.latent, s)
			}
		}
	}
}

// An ailing is a walk of a disk that ails beside the second oracle.
type ailing struct {
	walk
	o      *dumb
	befell []Ailment
	harms  uint64
	struck [ailments]int
	rots   int
	latent int
}

// step does one operation on both, in some cases one that something befalls.
func (w *ailing) step() {
	w.o.clock++
	name := string("abc"[w.pick(3)])
	kind := []OpKind{AppendOp, AppendOp, AppendOp, WriteOp, WriteOp, TruncateOp, SyncOp, SyncOp, SyncOp, RenameOp, RemoveOp, SyncDirOp, ReadOp, ReadOp}[w.pick(14)]
	if w.pick(5) == 0 {
		w.aside()
		return
	}
	hit := Ailment(ailments)
	if w.pick(4) == 0 {
		if x := Ailment(w.pick(4)); x.Befalls(kind) {
			hit = x
			w.d.Hit(x, kind, w.d.Did(kind)+1)
		}
	}
	w.befell = w.befell[:0]
	f := w.o.names[name]
	switch kind {
	case AppendOp, WriteOp:
		w.write(kind, name, hit)
	case ReadOp:
		w.read(name, hit)
	case TruncateOp:
		w.truncate(name, hit)
	case SyncOp:
		sync, waits := w.d.Sync, w.pick(4) > 0
		if !waits {
			sync = w.d.SyncThen
		}
		if w.expect(sync(name), f != nil, hit, name, kind) {
			w.o.sync(f, waits)
		} else if hit == Failing && f != nil {
			w.o.forsake(f)
		}
	case SyncDirOp:
		if w.expect(w.d.SyncDir(), true, hit, "", kind) {
			w.o.issued++
			w.o.syncs = append(w.o.syncs, dumbSync{w.o.issued, nil})
		} else if hit == Failing {
			w.o.forsake(nil)
		}
	case RenameOp, RemoveOp:
		to, err := "", error(nil)
		if kind == RenameOp {
			to = string("abc"[w.pick(3)])
			err = w.d.Rename(name, to)
		} else {
			err = w.d.Remove(name)
		}
		if w.expect(err, f != nil, hit, name, kind) {
			w.o.change(kind, name, to)
		}
	}
}

// expect checks what an operation returned, and reports whether it went well.
func (w *ailing) expect(err error, exists bool, hit Ailment, name string, kind OpKind) bool {
	w.log = append(w.log, fmt.Sprint(w.o.clock, " ", w.d.Issued(), " ", kind, " ", name, " hit by ", hit, ": ", err))
	switch want := error(nil); {
	case !exists:
		if !errors.Is(err, ErrNotExist) {
			w.fail("%v of no file: %v", kind, err)
		}
		return false
	case hit == Failing:
		want = ErrIO
		fallthrough
	default:
		if !errors.Is(err, want) {
			w.fail("%v %s returned %v, want %v", kind, name, err, want)
		}
		for _, x := range w.befell {
			w.struck[x]++
		}
		return err == nil
	}
}

func (w *ailing) write(kind OpKind, name string, hit Ailment) {
	f, size := w.o.names[name], 0
	if f != nil {
		size = len(f.seen)
	}
	off, p := size, make([]byte, []int{0, 1, 60, 512, 700, 1300}[w.pick(6)])
	for i := range p {
		p[i] = byte(1 + (w.n+uint64(i))%250)
	}
	var err error
	if kind == AppendOp {
		err = w.d.Append(name, p)
	} else {
		if off = w.pick(size + 600); w.pick(2) == 0 {
			off -= off % 512
		}
		err = w.d.WriteAt(name, p, int64(off))
	}
	if grows := off + len(p) - size; hit != Failing && grows > 0 && w.d.ails.Capacity > 0 && w.o.used()+grows > int(w.d.ails.Capacity) {
		if !errors.Is(err, ErrNoSpace) || !slices.Equal(w.befell, []Ailment{Full}) {
			w.fail("%v beyond the capacity: %v", kind, err)
		}
		w.struck[Full]++
		return
	}
	if !w.expect(err, true, hit, name, kind) {
		return
	}
	reach := len(p) == 0 || hit != Phantom && hit != Misdirected
	if hit == Misdirected && len(p) > 0 {
		// A file that this very write creates is not durable, so it makes no difference here.
		to, at := w.o.misdirected(w.seed, w.d.Did(kind), kind, f, off)
		if reach = to == nil; !reach {
			to.smear(at, p)
		}
	}
	w.o.write(name, off, p, reach)
}

func (w *ailing) truncate(name string, hit Ailment) {
	f := w.o.names[name]
	size := 0
	if f != nil {
		size = len(f.seen)
	}
	to := w.pick(size + 600)
	err := w.d.Truncate(name, int64(to))
	if f != nil && hit != Failing && to > size && w.d.ails.Capacity > 0 && w.o.used()+to-size > int(w.d.ails.Capacity) {
		if !errors.Is(err, ErrNoSpace) {
			w.fail("truncate beyond the capacity: %v", err)
		}
		return
	}
	if w.expect(err, f != nil, hit, name, TruncateOp) {
		w.o.truncate(name, to)
	}
}

// read reads a stretch, which may be outdated or have a sector in it that cannot be read.
func (w *ailing) read(name string, hit Ailment) {
	f := w.o.names[name]
	if f == nil || len(f.seen) == 0 {
		_, _ = w.d.ReadAt(name, nil, 0) // uses up what it was to be hit by
		return
	}
	off := w.pick(len(f.seen))
	p := make([]byte, 1+w.pick(len(f.seen)-off))
	n, err := w.d.ReadAt(name, p, int64(off))
	want, bad := bytes.Clone(f.seen[off:off+len(p)]), false
	for i := range p {
		if healed, there := f.latent[(off+i)/512]; there && !healed && hit != Failing {
			want, bad = want[:min(len(want), i)], true
		}
	}
	if hit == Failing {
		bad, want = true, nil
	}
	if hit == Outdated {
		for i, b := range [][]byte{f.platter, f.older} {
			if i == 1 && !f.aged {
				break
			}
			old := make([]byte, len(want))
			copy(old, b[min(off, len(b)):])
			if !bytes.Equal(old, want) {
				want = old
				break
			}
		}
	}
	if bad != errors.Is(err, ErrIO) || !bytes.Equal(p[:n], want) {
		w.fail("read %s at %d: %d of %d bytes, %v; want %d, error %v", name, off, n, len(p), err, len(want), bad)
	}
	for _, x := range w.befell {
		w.struck[x]++
	}
}

// aside is what is no operation: time passes, or something is harmed at rest.
func (w *ailing) aside() {
	var f *dumbFile
	name := string("abc"[w.pick(3)])
	if f = w.o.durable[name]; f == nil || len(f.platter) == 0 || w.pick(2) == 0 {
		n := w.d.Issued() - min(w.d.Issued()-w.o.happened, uint64(w.pick(4)))
		w.d.Happened(n)
		w.o.happen(n)
		w.log = append(w.log, fmt.Sprint("happened ", n))
		return
	}
	at := w.pick(len(f.platter))
	source := chance.Seeded(w.seed)
	if w.pick(2) == 0 {
		w.harms++
		w.rots++
		if !w.d.Rot(&source, node, w.harms, name, int64(at)) {
			w.fail("no rot in %s at %d", name, at)
		}
		s := chance.NewStream("rot", "n", "", "")
		bit := byte(1) << source.Below(&s, 2*w.harms+1, 8)
		covered := slices.ContainsFunc(f.dirty, func(x dumbWrite) bool { return at >= x.off && (x.cut || at < x.off+len(x.data)) })
		if at < len(f.seen) && f.seen[at] == f.platter[at] && !covered {
			f.seen[at] ^= bit
		}
		f.platter[at] ^= bit
		w.log = append(w.log, fmt.Sprint("rot ", name, " ", at))
		return
	}
	_, known := f.latent[at/512]
	if w.d.Latent(name, int64(at)) == known {
		w.fail("latent %s at %d: known before: %v", name, at, known)
	}
	if !known {
		f.latent[at/512] = false
		w.latent++
	}
	w.log = append(w.log, fmt.Sprint("latent ", name, " ", at))
}

// check compares all bytes, and what is at rest.
func (w *ailing) check() {
	w.tb.Helper()
	for what, x := range [2]map[string]*dumbFile{w.o.names, w.o.durable} {
		dir := [2]dir{w.d.names, w.d.durable}[what]
		if got := dir.list(); !slices.Equal(got, slices.Sorted(maps.Keys(x))) {
			w.fail("names %d: %v, should be %v", what, got, slices.Sorted(maps.Keys(x)))
		}
		for _, name := range dir.list() {
			f := &w.d.files[dir.find(name)]
			if !bytes.Equal(f.cache, x[name].seen) || !bytes.Equal(f.stable(), x[name].platter) {
				w.fail("%s: seen %d bytes, should be %d; durable %d, should be %d", name, len(f.cache), len(x[name].seen), len(f.stable()), len(x[name].platter))
			}
			f.atRest(func(from, to int) {
				for i := from; i < to; i++ {
					if x[name].since[i] >= x[name].settled {
						w.fail("%s: byte %d counts as at rest, but is durable since step %d, and only what was before %d is", name, i, x[name].since[i], x[name].settled)
					}
				}
			})
		}
	}
}

// TestAilingAgainstOracle would fail if something that befalls a disk changed anything else than it should, at once or
// after a crash, if an ailment did not befall the operation it was to, or if what may still look torn counted as at rest.
func TestAilingAgainstOracle(t *testing.T) {
	d := New()
	var struck [ailments]int
	var rots, latent, rest int
	for seed := range uint64(1500) {
		d.Reset()
		w := ailing{walk: walk{tb: t, c: chance.Seeded(seed), seed: seed, d: d}, o: newDumb()}
		source := chance.Seeded(seed)
		a := d.Ails(&source, node)
		a.Befell = func(x Ailment, _ OpKind) { w.befell = append(w.befell, x) }
		d.Hit(Outdated, ReadOp, 1<<40) // keeps older versions from the start on
		if w.pick(3) == 0 {
			a.Capacity = 2000
		}
		for range 3 {
			for range 4 + w.pick(40) {
				w.step()
				w.check()
			}
			mode := Mode(w.pick(2))
			w.o.clock++
			d.Crash(&source, node, 1, mode)
			w.o.crash(mode)
			w.log = append(w.log, "crash "+mode.String())
			w.check()
			if _, _, ok := d.AtRest(&source, node, 1); ok {
				rest++
			}
		}
		for x := range struck {
			struck[x] += w.struck[x]
		}
		rots, latent = rots+w.rots, latent+w.latent
	}
	for x, n := range struck {
		if n < 200 {
			t.Errorf("%v befell %d operations: too tame", Ailment(x), n)
		}
	}
	if rots < 500 || latent < 500 || rest < 500 {
		t.Errorf("%d bits rotted, %d sectors became latent, something was at rest after %d crashes: too tame", rots, latent, rest)
	}
}
