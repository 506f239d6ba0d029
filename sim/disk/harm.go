package disk

import (
	"bytes"
	"slices"

	"simrun/sim/chance"
)

// A harm is what a file has only on a disk that ails.
type harm struct {
	latent []sector
	marks  []mark
	old    bool   // keep older versions
	older  []byte // what was durable before the latest sync that changed it,
	aged   bool   // if there was one
}

// A sector is one of a file that cannot be read, by its place in it.
type sector struct {
	at     int  // in bytes, a multiple of SectorSize
	healed bool // the node has written it anew, which is not durable yet
}

// A mark says which record some bytes of a file belong to.
type mark struct {
	from, to int
	key      string
}

// harmed returns what has befallen a file, to be added to.
func (f *file) harmed() *harm {
	if f.harm == nil {
		f.harm = &harm{}
	}
	return f.harm
}

// watch prepares a new file.
func (a *Ails) watch(f *file) {
	if a.old {
		f.harmed().old = true
	}
}

// keepOld keeps older versions of all files from now on.
func (d *Disk) keepOld() {
	d.ails.old = true
	for i := range d.files {
		d.files[i].harmed().old = true
	}
}

// keepVersion keeps the durable bytes, if the writes before operation n are about to change them.
func (f *file) keepVersion(n uint64) {
	if f.old && f.head < len(f.pending) && f.pending[f.head].n < n {
		f.older, f.aged = append(f.older[:0], f.stable()...), true
	}
}

// outdate replaces what was read by an older version of it, and reports whether there is one that differs.
func (f *file) outdate(p []byte, off int) bool {
	if f.harm == nil {
		return false
	}
	for i, b := range [][]byte{f.stable(), f.older} {
		if i == 1 && !f.aged {
			break
		}
		old := make([]byte, len(p)) // zeros, where there was nothing
		if off < len(b) {
			copy(old, b[off:])
		}
		if !bytes.Equal(old, p) {
			copy(p, old)
			return true
		}
	}
	return false
}

// forsake drops the writes that no sync up to operation n covers: they will never be durable, though the node sees them.
func (f *file) forsake(n uint64) {
	if !f.split {
		f.divide()
	}
	for i := f.head; i < len(f.pending); i++ {
		if f.pending[i].n > n {
			f.pending = f.pending[:i]
			break
		}
	}
	if f.pending, f.head = compact(f.pending, f.head); len(f.pending) == 0 {
		f.arena = f.arena[:0]
	}
}

// pretend shows a write to the node that is nowhere else.
func (f *file) pretend(off int, p []byte) {
	if !f.split {
		f.divide()
	}
	f.count++
	f.cache = place(f.cache, off, p)
	if f.harm != nil {
		f.heal(off, len(p))
	}
}

// misdirect lets the bytes of a write land on another sector, of this file or another, which chance chooses among all that hold
// durable bytes; none may be there, or it may be forbidden. What lies beyond the end of that file is lost.
func (d *Disk) misdirect(k OpKind, f *file, p []byte, off int, keys []string) bool {
	own, choices := -1, 0 // the sector where it should be, among all
	names := d.durable.list()
	for _, name := range names {
		x := &d.files[d.durable.find(name)]
		n := sectorsIn(len(x.stable()))
		if x == f && off/SectorSize < n {
			own = choices + off/SectorSize
		}
		choices += n
	}
	if own >= 0 {
		choices--
	}
	if choices == 0 {
		return false
	}
	s := chance.Combine(wordTo, d.ails.who, noWord, opWords[k])
	to := int(d.ails.source.Below(&s, d.did[k], uint64(choices)))
	if own >= 0 && to >= own {
		to++
	}
	i := 0
	for n := 0; ; i++ {
		if n = sectorsIn(len(d.files[d.durable.find(names[i])].stable())); to < n {
			break
		}
		to -= n
	}
	at := to*SectorSize + off%SectorSize
	if !d.ails.allowed(Misdirected, append(keys, d.KeysAt(names[i], int64(at), len(p))...)...) {
		return false
	}
	d.files[d.durable.find(names[i])].smear(at, p)
	f.pretend(off, p)
	return true
}

var wordTo = chance.NewWord("misdirect-to")

// sectorsIn is how many sectors so many bytes take.
func sectorsIn(n int) int { return (n + SectorSize - 1) / SectorSize }

// smear overwrites durable bytes that were not meant.
func (f *file) smear(off int, p []byte) {
	if !f.split {
		f.divide()
	}
	if off < len(f.image) {
		n := copy(f.image[off:], p)
		if f.harm != nil {
			f.mended(off, off+n)
		}
	}
}

// unreadable returns the place of the first sector in a stretch of bytes that cannot be read, or -1. The node can read
// what it has written anew.
func (f *file) unreadable(off int64, n int, node bool) int {
	first := -1
	for _, s := range f.latent {
		if (!s.healed || !node) && int64(s.at) < off+int64(n) && int64(s.at+SectorSize) > off && (first < 0 || s.at < first) {
			first = s.at
		}
	}
	return first
}

// readable is readAt for the content b of a file, with sectors that cannot be read.
func (f *file) readable(name string, b, p []byte, off int64, node bool) (int, error) {
	if f.harm == nil {
		return readAt(name, b, p, off)
	}
	bad := f.unreadable(off, len(p), node)
	if bad < 0 || bad >= len(b) || off < 0 {
		return readAt(name, b, p, off)
	}
	n := 0
	if int64(bad) > off {
		n = copy(p, b[off:bad])
	}
	return n, fail(ReadOp, name, ErrIO)
}

// covers reports whether a write from one place to another overwrites a sector as a whole, as far as a file of that size has it.
func (s sector) covers(from, to, size int) bool {
	return from <= s.at && to >= min(s.at+SectorSize, size)
}

// heal lets the node read sectors that it has written anew.
func (f *file) heal(off, n int) {
	for i := range f.latent {
		if s := &f.latent[i]; s.covers(off, off+n, len(f.cache)) {
			s.healed = true
		}
	}
}

// healBeyond is heal for what a cut takes away.
func (f *file) healBeyond(size int) {
	for i := range f.latent {
		if s := &f.latent[i]; s.at >= size {
			s.healed = true
		}
	}
}

// unheal forgets at a crash what was not durable.
func (f *file) unheal() {
	for i := range f.latent {
		f.latent[i].healed = false
	}
}

// mended says that durable bytes have been written anew.
func (f *file) mended(from, to int) {
	f.latent = slices.DeleteFunc(f.latent, func(s sector) bool { return s.covers(from, to, len(f.image)) })
}

// mendedBeyond is mended for what a cut takes away.
func (f *file) mendedBeyond(size int) {
	f.latent = slices.DeleteFunc(f.latent, func(s sector) bool { return s.at >= size })
}
