package disk

import (
	"slices"

	"simrun/sim/chance"
)

var wordRot = chance.NewWord("rot")

// AtRest draws a byte of those at rest on the disk of node who, for its nth harm: ok is false if there are none. At rest is what was durable
// before the last durable write to its file was issued, or before the file got the name that it durably has: what comes later cannot be told
// from what a crash tore, by a node that has no other copy. The pick of source c is "rot who#2nth".
func (d *Disk) AtRest(c *chance.Source, who chance.Word, nth uint64) (name string, off int64, ok bool) {
	names, total := d.durable.list(), 0
	for _, name := range names {
		d.files[d.durable.find(name)].atRest(func(from, to int) { total += to - from })
	}
	if total == 0 {
		return "", 0, false
	}
	s := chance.Combine(wordRot, who, noWord, noWord)
	k := int(c.Below(&s, 2*nth, uint64(total)))
	for _, n := range names {
		d.files[d.durable.find(n)].atRest(func(from, to int) {
			if !ok && k < to-from {
				name, off, ok = n, int64(from+k), true
			}
			k -= to - from
		})
		if ok {
			break
		}
	}
	return name, off, ok
}

// Rot flips a bit of a byte that is durable, as the nth harm of node who: in what is durable, and where the node has not written that
// byte anew, in what it sees. It reports whether there is such a byte. The pick of source c is "rot who#2nth+1": which bit.
func (d *Disk) Rot(c *chance.Source, who chance.Word, nth uint64, name string, off int64) bool {
	f := d.durableAt(name, off)
	if f == nil {
		return false
	}
	s := chance.Combine(wordRot, who, noWord, noWord)
	bit := byte(1) << c.Below(&s, 2*nth+1, 8)
	at := int(off)
	if !f.split {
		f.cache[at] ^= bit
	} else {
		if at < len(f.cache) && f.cache[at] == f.image[at] && !f.isPending(at) {
			f.cache[at] ^= bit
		}
		f.image[at] ^= bit
	}
	d.damaged = true
	return true
}

// Latent makes the sector unreadable that holds a byte which is durable: a read that touches it returns ErrIO, until it is written anew as
// a whole. It reports whether there is such a byte in a sector that could be read.
func (d *Disk) Latent(name string, off int64) bool {
	f := d.durableAt(name, off)
	if f == nil {
		return false
	}
	if !f.split { // which writes heal it is known only of a file that is
		f.divide()
	}
	at := int(off) - int(off)%SectorSize
	for i := range f.harmed().latent {
		if s := &f.latent[i]; s.at == at {
			return false
		}
	}
	f.latent = append(f.latent, sector{at: at})
	d.damaged = true
	return true
}

// durableAt returns the file of that name on the durable disk, if it has that byte.
func (d *Disk) durableAt(name string, off int64) *file {
	i := d.durable.find(name)
	if i < 0 || off < 0 || off >= int64(len(d.files[i].stable())) {
		return nil
	}
	return &d.files[i]
}

// isPending reports whether a byte has been written by an operation that is not durable.
func (f *file) isPending(at int) bool {
	for _, w := range f.pending[f.head:] {
		if w.cut && w.off <= at || !w.cut && w.off <= at && at < w.off+w.len {
			return true
		}
	}
	return false
}

// mark remembers which record a write belongs to.
func (f *file) mark(off, n int, key string) {
	h := f.harmed()
	h.marks = append(h.marks, mark{off, off + n, key})
}

// pruneMarks drops the marks of what has been overwritten as a whole, once all is durable.
func (f *file) pruneMarks() {
	kept := f.marks[:0]
	for i, m := range f.marks {
		over := func(later mark) bool { return later.from <= m.from && later.to >= m.to }
		if !slices.ContainsFunc(f.marks[i+1:], over) {
			kept = append(kept, m)
		}
	}
	f.marks = kept
}

// KeysAt returns the keys, sorted, of the records that a stretch of bytes of a durable file may hold, as [Ails].Key gave them: also of those
// that were there before, until what overwrote them is durable.
func (d *Disk) KeysAt(name string, off int64, n int) []string {
	i := d.durable.find(name)
	if i < 0 || d.files[i].harm == nil {
		return nil
	}
	var keys []string
	for _, m := range d.files[i].marks {
		if int64(m.from) < off+int64(n) && int64(m.to) > off {
			keys = append(keys, m.key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Keys returns the keys, sorted, of all records on the disk: those that are lost with it.
func (d *Disk) Keys() []string {
	var keys []string
	for _, name := range d.durable.list() {
		keys = append(keys, d.KeysAt(name, 0, maxSize)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// Wipe empties the disk, as if it were replaced by a new one. Numbers and counts go on, and what ails it stays. Its node must be down: what
// has not happened never will.
func (d *Disk) Wipe() {
	d.halt()
	d.names, d.durable = d.names[:0], d.durable[:0]
	d.sweep()
	d.damaged = true
}

// Swap exchanges the contents of two disks whose nodes are down. Numbers, counts and what ails them stay with the nodes.
func (d *Disk) Swap(other *Disk) {
	d.halt()
	other.halt()
	d.files, other.files = other.files, d.files
	d.free, other.free = other.free, d.free
	d.names, other.names = other.names, d.names
	d.durable, other.durable = other.durable, d.durable
	d.damaged, other.damaged = true, true
	for _, x := range [...]*Disk{d, other} {
		if x.ails != nil && x.ails.old {
			x.keepOld()
		}
	}
}

// halt drops what is under way or not durable.
func (d *Disk) halt() {
	for i := range d.files {
		d.files[i].settle()
	}
	d.names = append(d.names[:0], d.durable...)
	d.journal, d.syncs, d.syncHead = d.journal[:0], d.syncs[:0], 0
	d.begun, d.happened = d.issued, d.issued
	d.sweep()
}
