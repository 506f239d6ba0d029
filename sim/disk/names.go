package disk

import "slices"

// A dir maps names to files. A node has a handful of files, so it is a list.
type dir []entry

// An entry is one name.
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

// set makes a name lead to a file, whatever it led to before.
func (x *dir) set(name string, file int32) {
	for i := range *x {
		if (*x)[i].name == name {
			(*x)[i].file = file
			return
		}
	}
	*x = append(*x, entry{name, file})
}

// drop removes a name, if it is there.
func (x *dir) drop(name string) {
	*x = slices.DeleteFunc(*x, func(e entry) bool { return e.name == name })
}

// list returns the names, sorted: their order here depends on history, and nobody should.
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
	n        uint64 // the number of the operation
	kind     namingKind
	name, to string // to is set in a rename only
	file     int32  // which file had the name, or got it
	seen     int32  // of a rename: what of the file was synced when it was issued, as in a write
	split    bool   // and in which terms
}

type namingKind uint8

const (
	created namingKind = iota // by a write to a name that was not there
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

// Rename implements [FS]. The file keeps its identity: syncs under the old name and the new are syncs of the same
// bytes.
func (d *Disk) Rename(from, to string) error {
	d.did[RenameOp]++
	i := d.names.find(from)
	if i < 0 {
		return fail(RenameOp, from, ErrNotExist)
	}
	if to == "" {
		return fail(RenameOp, to, errNoName)
	}
	if d.ails != nil {
		if err := d.failing(RenameOp, from); err != nil {
			return err
		}
	}
	d.issued++
	if from != to { // else POSIX does nothing, successfully
		f := &d.files[i]
		d.change(naming{d.issued, renamed, from, to, i, f.known(), f.split})
	}
	return nil
}

// Remove implements [FS]. The bytes stay until the removal is durable, since a crash may bring the name back.
func (d *Disk) Remove(name string) error {
	d.did[RemoveOp]++
	i := d.names.find(name)
	if i < 0 {
		return fail(RemoveOp, name, ErrNotExist)
	}
	if d.ails != nil {
		if err := d.failing(RemoveOp, name); err != nil {
			return err
		}
	}
	d.issued++
	d.change(naming{n: d.issued, kind: removed, name: name, file: i})
	return nil
}

// change makes the node see a change of names, and remembers it until it is durable.
func (d *Disk) change(c naming) {
	d.names.apply(c)
	d.journal = append(d.journal, c)
}

// applyNames makes durable the changes of names issued before operation n.
func (d *Disk) applyNames(n uint64) {
	done, lost := 0, false // lost: a name no longer leads to its file
	for done < len(d.journal) && d.journal[done].n < n {
		c := d.journal[done]
		lost = lost || c.kind != created
		d.durable.apply(c)
		if c.kind == renamed {
			d.files[c.file].named(&c)
		}
		done++
	}
	d.journal = d.journal[:copy(d.journal, d.journal[done:])]
	if lost {
		d.sweep()
	}
}

// sweep frees the files that no name leads to, now or after any crash. No sync of such a file is waiting: it was
// issued while the file had a name, hence before the removal and the SyncDir that made it unreachable, and they
// happen in that order.
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
	d.free = d.free[:0]
	for i := range d.files {
		if f := &d.files[i]; !f.used {
			f.reset("", 0)
			d.free = append(d.free, int32(i))
		}
	}
}
