package disk

import (
	"io"
	"slices"
)

// A Disk is a disk in memory. As an [FS] it shows what the node sees: all operations issued so far. The zero Disk is
// empty and ready for use. It is not safe for concurrent use.
//
// Every operation that changes something (Sync and SyncDir among them) gets the next number when it is issued, unless
// it returns an error: then it has done nothing and has no number.
type Disk struct {
	// A file is known by its index here, as an inode is by its number: names come and go. A freed one keeps its memory.
	files    []file
	free     []int32   // files that nothing refers to
	names    dir       // what the node sees
	durable  dir       // what would be there
	journal  []naming  // changes of names that are not durable, in order of issue
	syncs    []barrier // a queue, in order of issue
	syncHead int       // syncs[:syncHead] have happened
	issued   uint64
	begun    uint64
	happened uint64
	did      [opKinds]uint64 // how often each operation was asked for
	ails     *Ails           // nil for a disk on which nothing but a crash goes wrong
	damaged  bool
}

// A barrier is a Sync or SyncDir that was issued and has not happened.
type barrier struct {
	n    uint64
	file int32 // theDirectory if it is a SyncDir
}

const theDirectory = -1

// New returns an empty disk. It costs next to nothing: memory comes with the first file.
func New() *Disk { return &Disk{} }

// Reset empties the disk and starts numbering anew, as if it were new, but keeps the memory for the next run.
func (d *Disk) Reset() {
	d.files, d.free = d.files[:0], d.free[:0]
	d.names, d.durable, d.journal = d.names[:0], d.durable[:0], d.journal[:0]
	d.syncs, d.syncHead = d.syncs[:0], 0
	d.issued, d.begun, d.happened = 0, 0, 0
	d.did, d.ails, d.damaged = [opKinds]uint64{}, nil, false
}

// Issued returns the number of the last operation that changed something, the first being 1. A crash does not set it
// back.
func (d *Disk) Issued() uint64 { return d.issued }

// Begun says that the disk has begun the operations 1 to n: those that have not happened when the node crashes were
// under way. It matters to [Disk.Crash] alone, so it is enough to say so right before. It panics if fewer were issued;
// what has happened has begun.
func (d *Disk) Begun(n uint64) {
	if n > d.issued {
		panic("disk: Begun was told of an operation that was never issued")
	}
	d.begun = max(d.begun, n)
}

// Happened says that the operations 1 to n have happened by now: syncs among them take effect. It panics if fewer were
// issued; numbers that it was told before are no news.
func (d *Disk) Happened(n uint64) {
	if n <= d.happened {
		return
	}
	if n > d.issued {
		panic("disk: Happened was told of an operation that was never issued")
	}
	d.happened = n
	// Writes and changes of names have nothing to do now: that they happened matters only if the node crashes, and
	// Crash tells by their numbers.
	for d.syncHead < len(d.syncs) && d.syncs[d.syncHead].n <= n {
		b := d.syncs[d.syncHead]
		d.syncHead++
		if b.file == theDirectory {
			d.applyNames(b.n)
		} else {
			d.files[b.file].syncBefore(b.n)
		}
	}
	d.syncs, d.syncHead = compact(d.syncs, d.syncHead)
}

// compact drops the first head things of a queue, but only when they are all of it or more than what stays: so each
// thing is moved at most once on average, however long the queue.
func compact[T any](q []T, head int) ([]T, int) {
	switch {
	case head == len(q):
		return q[:0], 0
	case head >= 64 && head > len(q)/2:
		return q[:copy(q, q[head:])], 0
	}
	return q, head
}

// ReadAt implements [FS].
func (d *Disk) ReadAt(name string, p []byte, off int64) (int, error) {
	d.did[ReadOp]++
	i := d.names.find(name)
	if i < 0 {
		return 0, fail(ReadOp, name, ErrNotExist)
	}
	f := &d.files[i]
	if d.ails != nil {
		return d.readAiling(f, name, p, off)
	}
	return f.readable(name, f.cache, p, off, true)
}

// readAt reads from the content b of a file, with the errors that [FS] promises.
func readAt(name string, b, p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fail(ReadOp, name, errNegative)
	}
	if off >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt implements [FS].
func (d *Disk) WriteAt(name string, p []byte, off int64) error {
	d.did[WriteOp]++
	if err := checkWrite(WriteOp, name, off, len(p)); err != nil {
		return err
	}
	if d.ails != nil {
		return d.writeAiling(WriteOp, name, p, int(off))
	}
	d.issued++
	d.open(name).write(d.issued, int(off), p)
	return nil
}

// Append implements [FS].
func (d *Disk) Append(name string, p []byte) error {
	d.did[AppendOp]++
	end := 0
	if i := d.names.find(name); i >= 0 {
		end = len(d.files[i].cache)
	}
	if err := checkWrite(AppendOp, name, int64(end), len(p)); err != nil {
		return err
	}
	if d.ails != nil {
		return d.writeAiling(AppendOp, name, p, end)
	}
	d.issued++
	d.open(name).write(d.issued, end, p)
	return nil
}

// checkWrite refuses what no program means: it is called before the operation gets a number.
func checkWrite(k OpKind, name string, off int64, n int) error {
	switch {
	case name == "":
		return fail(k, name, errNoName)
	case off < 0:
		return fail(k, name, errNegative)
	case off > maxSize || off+int64(n) > maxSize:
		return fail(k, name, errTooLarge)
	}
	return nil
}

// Truncate implements [FS].
func (d *Disk) Truncate(name string, size int64) error {
	d.did[TruncateOp]++
	i := d.names.find(name)
	if i < 0 {
		return fail(TruncateOp, name, ErrNotExist)
	}
	if err := checkWrite(TruncateOp, name, size, 0); err != nil {
		return err
	}
	if d.ails != nil {
		if err := d.room(TruncateOp, name, int(size)-len(d.files[i].cache)); err != nil {
			return err
		}
	}
	d.issued++
	d.files[i].resize(d.issued, int(size))
	return nil
}

// Sync implements [FS]. What it covers is durable once it has happened.
func (d *Disk) Sync(name string) error {
	d.did[SyncOp]++
	i := d.names.find(name)
	if i < 0 {
		return fail(SyncOp, name, ErrNotExist)
	}
	err := d.barrier(SyncOp, name, i)
	if err == nil {
		d.files[i].promise()
	}
	return err
}

// SyncThen is Sync for a node that does not wait for it, and so writes on without knowing what is durable: nothing that it
// writes later can tell that what this sync covers was, see [Disk.AtRest].
func (d *Disk) SyncThen(name string) error {
	d.did[SyncOp]++
	i := d.names.find(name)
	if i < 0 {
		return fail(SyncOp, name, ErrNotExist)
	}
	return d.barrier(SyncOp, name, i)
}

// SyncDir implements [FS]. What it covers is durable once it has happened.
func (d *Disk) SyncDir() error {
	d.did[SyncDirOp]++
	return d.barrier(SyncDirOp, "", theDirectory)
}

// barrier issues a Sync of a file or of the directory.
func (d *Disk) barrier(k OpKind, name string, file int32) error {
	if d.ails != nil {
		if err := d.failing(k, name); err != nil {
			d.forsake(file)
			return err
		}
	}
	d.issued++
	d.syncs = append(d.syncs, barrier{d.issued, file})
	return nil
}

// List implements [FS].
func (d *Disk) List() ([]string, error) {
	d.did[ListOp]++
	if d.ails != nil {
		if err := d.failing(ListOp, ""); err != nil {
			return nil, err
		}
	}
	return d.names.list(), nil
}

// Size implements [FS].
func (d *Disk) Size(name string) (int64, error) {
	d.did[SizeOp]++
	i := d.names.find(name)
	if i < 0 {
		return 0, fail(SizeOp, name, ErrNotExist)
	}
	if d.ails != nil {
		if err := d.failing(SizeOp, name); err != nil {
			return 0, err
		}
	}
	return int64(len(d.files[i].cache)), nil
}

// Durable returns a view of what would be left if the power failed now and everything unsynced were lost. It costs
// nothing and is always that of the present instant: it changes when a sync happens.
func (d *Disk) Durable() View { return (*stable)(d) }

// stable is a Disk seen through what is durable. Being the same memory under another type it costs nothing to make.
type stable Disk

// ReadAt implements [View].
func (s *stable) ReadAt(name string, p []byte, off int64) (int, error) {
	i := s.durable.find(name)
	if i < 0 {
		return 0, fail(ReadOp, name, ErrNotExist)
	}
	f := &s.files[i]
	return f.readable(name, f.stable(), p, off, false)
}

// Peek implements [Peeker].
func (s *stable) Peek(name string, off int64, n int) ([]byte, error) {
	i := s.durable.find(name)
	if i < 0 {
		return nil, fail(ReadOp, name, ErrNotExist)
	}
	f := &s.files[i]
	b := f.stable()
	if f.harm != nil {
		if bad := f.unreadable(off, n, false); bad >= 0 {
			b = b[:bad] // up to there it can be read
		}
	}
	if off < 0 || off >= int64(len(b)) {
		return nil, io.EOF
	}
	end := min(int64(len(b)), off+int64(n))
	return b[off:end:end], nil
}

// List implements [View].
func (s *stable) List() ([]string, error) { return s.durable.list(), nil }

// Size implements [View].
func (s *stable) Size(name string) (int64, error) {
	i := s.durable.find(name)
	if i < 0 {
		return 0, fail(SizeOp, name, ErrNotExist)
	}
	return int64(len(s.files[i].stable())), nil
}

// open returns the file of that name, made by the operation just issued if there was none. The pointer is good until
// the next file is made.
func (d *Disk) open(name string) *file {
	i := d.names.find(name)
	if i < 0 {
		i = d.create(name)
		d.names.set(name, i)
		d.journal = append(d.journal, naming{n: d.issued, kind: created, name: name, file: i})
	}
	return &d.files[i]
}

// create returns the index of an empty file. If there are files that were created under the same name and renamed or
// removed since, it is a twin of theirs, with a number of its own.
func (d *Disk) create(name string) int32 {
	var twin uint64
	for i := range d.files {
		if f := &d.files[i]; f.born == name {
			twin = max(twin, f.twin+1)
		}
	}
	// Take memory that lies idle: of a freed file, else of a file of an earlier run, which is behind the end of the
	// list.
	var i int32
	if last := len(d.free) - 1; last >= 0 {
		i = d.free[last]
		d.free = d.free[:last]
	} else {
		i = int32(len(d.files))
		if int(i) < cap(d.files) {
			d.files = d.files[:i+1]
		} else {
			d.files = slices.Grow(d.files, 2)[:i+1]
		}
	}
	d.files[i].reset(name, twin)
	if d.ails != nil {
		d.ails.watch(&d.files[i])
	}
	return i
}
