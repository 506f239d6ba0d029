package disk

import "slices"

// A dir maps names to files. A node has a handful of files, so it is a list.
type dir []entry

type entry struct {
	name string
	file int32
}

// find returns the index of the file, or -1.
func (x dir) find(name string) int32 {
	for i := range x {
		if x[i].name == name {
			return x[i].file
		}
	}
	return -1
}

func (x *dir) set(name string, file int32) {
	for i := range *x {
		if (*x)[i].name == name {
			(*x)[i].file = file
			return
		}
	}
	*x = append(*x, entry{name, file})
}

func (x *dir) drop(name string) {
	*x = slices.DeleteFunc(*x, func(e entry) bool { return e.name == name })
}

func (x dir) list() []string {
	names := make([]string, 0, len(x))
	for _, e := range x {
		names = append(names, e.name)
	}
	slices.Sort(names)
	return names
}

// A naming is a change of names: the unit that a crash keeps or loses as a whole.
type naming struct {
	n        uint64
	kind     namingKind
	name, to string
	file     int32
}

type namingKind uint8

const (
	created namingKind = iota
	renamed
	removed
)

// apply makes the change in a directory, where changes before it may have been lost. So it goes by name: a
// rename puts the file under the new name even if the old one never became durable.
func (x *dir) apply(c naming) {
	switch c.kind {
	case created:
		x.set(c.name, c.file)
	case renamed:
		x.drop(c.name)
		x.set(c.to, c.file)
	case removed:
		x.drop(c.name)
	}
}

// Rename implements [FS].
func (d *Disk) Rename(from, to string) error {
	i := d.names.find(from)
	if i < 0 {
		return fail(RenameOp, from, ErrNotExist)
	}
	if to == "" {
		return fail(RenameOp, to, errNoName)
	}
	d.issued++
	if from != to {
		d.change(naming{d.issued, renamed, from, to, i})
	}
	return nil
}

// Remove implements [FS].
func (d *Disk) Remove(name string) error {
	i := d.names.find(name)
	if i < 0 {
		return fail(RemoveOp, name, ErrNotExist)
	}
	d.issued++
	d.change(naming{d.issued, removed, name, "", i})
	return nil
}

func (d *Disk) change(c naming) {
	d.names.apply(c)
	d.journal = append(d.journal, c)
}

// applyNames makes durable the changes of names issued before operation n.
func (d *Disk) applyNames(n uint64) {
	done, lost := 0, false
	for done < len(d.journal) && d.journal[done].n < n {
		c := d.journal[done]
		lost = lost || c.kind != created
		d.durable.apply(c)
		done++
	}
	d.journal = d.journal[:copy(d.journal, d.journal[done:])]
	if lost {
		d.sweep()
	}
}

// sweep frees the files that no name leads to, now or after any crash.
func (d *Disk) sweep() {
	for i := range d.files {
		d.files[i].used = false
	}
	for _, e := range d.names {
		d.files[e.file].used = true
	}
	for _, e := range d.durable {
		d.files[e.file].used = true
	}
	for _, c := range d.journal {
		d.files[c.file].used = true
	}
	for i := d.syncHead; i < len(d.syncs); i++ {
		if b := &d.syncs[i]; b.file >= 0 && !d.files[b.file].used {
			b.file = nothing
		}
	}
	d.free = d.free[:0]
	for i := range d.files {
		if f := &d.files[i]; !f.used {
			f.reset("", 0)
			d.free = append(d.free, int32(i))
		}
	}
}
